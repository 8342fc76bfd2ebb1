from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.documents.codes import ALPHABET, normalized_code, qr_matrix, verification_code

KEY = b"kunci"
GIVEN = ("UNJ-2026-000123", "berita-acara", "BA-UNJ-2026-000123")


def test_the_code_never_changes() -> None:
    # Printed on paper: another value here makes every document already issued fail its check.
    assert verification_code(KEY, *GIVEN) == "23J3-G5FT-YVT4"


@pytest.mark.parametrize(
    "other",
    [
        ("UNJ-2026-000124", "berita-acara", "BA-UNJ-2026-000123"),
        ("UNJ-2026-000123", "laporan", "BA-UNJ-2026-000123"),
        ("UNJ-2026-000123", "berita-acara", "BA-UNJ-2026-000123-2"),
        ("UNJ-2026-000123b", "erita-acara", "BA-UNJ-2026-000123"),
    ],
)
def test_another_document_has_another_code(other: tuple[str, str, str]) -> None:
    assert verification_code(KEY, *other) != verification_code(KEY, *GIVEN)


def test_another_key_makes_another_code() -> None:
    assert verification_code(b"lain", *GIVEN) != verification_code(KEY, *GIVEN)


def test_without_a_key_there_is_no_code() -> None:
    with pytest.raises(ValueError, match="kunci"):
        verification_code(b"", *GIVEN)


@given(st.text(), st.text(), st.text())
def test_a_code_is_three_groups_without_letters_that_are_mistaken(a: str, b: str, c: str) -> None:
    code = verification_code(KEY, *(part.encode(errors="replace").decode() for part in (a, b, c)))
    assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{2}}[{ALPHABET}]{{4}}", code)
    assert not set(code) & set("ILOU")
    assert normalized_code(code) == code


@pytest.mark.parametrize(
    "typed", ["0123-4567-89AB", "0123456789ab", " o123 4567 89ab ", "OI23-4567-89AB", "0l23-4567-89ab"]
)
def test_a_typed_code_is_understood(typed: str) -> None:
    assert normalized_code(typed) == "0123-4567-89AB"


@pytest.mark.parametrize(
    "typed", ["", "0123-4567-89A", "0123-4567-89ABC", "0123-4567-89AU", "0123/4567/89AB"]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert normalized_code(typed) is None


def test_a_qr_code_is_a_square_with_its_three_corners() -> None:
    matrix = qr_matrix("https://layanan.contoh.ac.id/verifikasi/0123-4567-89AB")
    assert {len(row) for row in matrix} == {len(matrix)}
    assert {module for row in matrix for module in row} == {0, 1}
    for row in (matrix[0][:7], matrix[0][-7:], matrix[-1][:7]):
        assert row == [1] * 7
