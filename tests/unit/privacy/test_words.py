"""The words of a person are found wherever they stand, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.privacy.words import MARK, NAME_MARK, Words

BUDI = Words(("Budi Santoso", "budi@contoh.id", "+6281234567890", "1313600001"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Kata Budi Santoso: tolong", f"Kata {MARK}: tolong"),
        ("BUDI  SANTOSO\nhadir", f"{MARK}\nhadir"),
        ("balas ke budi@contoh.id.", f"balas ke {MARK}."),
        ("telepon 0812-3456-7890 atau +62 812 3456 7890", f"telepon {MARK} atau {MARK}"),
        ("(6281234567890)", f"({MARK})"),
        ("NIM 1313600001 aktif; 13136000012 bukan", f"NIM {MARK} aktif; 13136000012 bukan"),
        ("Pak Budi dan Santosowati", "Pak Budi dan Santosowati"),
    ],
)
def test_a_person_is_taken_out(text: str, left: str) -> None:
    assert BUDI.out_of(text) == left


def test_the_names_of_files_are_not_broken() -> None:
    assert BUDI.out_of("KTP_Budi_Santoso-2026.pdf", mark=NAME_MARK) == "KTP_dianonimkan-2026.pdf"


@pytest.mark.parametrize(
    "text",
    ["tulis ke siti@kantor.go.id", "NIK 3174011505900001.", "NIP 19900515 201403 1 002", "HP 0813-2222-1111"],
)
def test_in_free_text_also_what_looks_personal(text: str) -> None:
    assert Words(()).out_of(text, free=True).endswith((MARK, f"{MARK}."))
    assert Words(()).out_of(text) == text


def test_ordinary_text_stays() -> None:
    text = "Tiket UNJ-2026-000123, 15 menit, Rp1.250.000, pukul 08.00, versi 10.2.3, 2026-11-21 14:57"
    assert BUDI.out_of(text, free=True) == text


def test_what_is_too_short_or_marked_already_is_not_looked_for() -> None:
    assert Words(("-", "ya", MARK, "")).out_of(f"ya - {MARK}") == f"ya - {MARK}"


@given(
    name=st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=3, max_size=30),
    before=st.sampled_from(("", "Yth. ", "(", "«", "_")),
    after=st.sampled_from(("", ".", ", dan", ")", "_2.pdf")),
)
def test_whatever_the_name_is_it_is_gone_and_stays_gone(name: str, before: str, after: str) -> None:
    words = Words((name,))
    once = words.out_of(f"{before}{name}{after}")
    assert once == f"{before}{MARK}{after}" or name.casefold() in MARK
    assert words.out_of(once) == once or name.casefold() in MARK
