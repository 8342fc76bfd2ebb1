"""Letter numbers: what a pattern may hold, and that no two registers write the same one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sop.letters import check_letters, letter_number, pattern_faults
from connector.sop.model import Letter
from tests.world import catalogue

DAY = dt.date(2026, 11, 3)


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("{urut}/UN39.17/ST/{bulan_romawi}/{tahun}", "7/UN39.17/ST/XI/2026"),
        ("{urut:03}/{hari:02}{bulan:02}/{tahun}", "007/0311/2026"),
        ("ST-{tahun}.{bulan}.{hari}-{urut}", "ST-2026.11.3-7"),
    ],
)
def test_a_number_is_written_by_its_pattern(pattern: str, number: str) -> None:
    assert list(pattern_faults(pattern)) == []
    assert letter_number(pattern, 7, DAY) == number


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("{urut}/ST", "memerlukan {tahun}"),
        ("ST/{tahun}", "memerlukan {urut}"),
        ("{urut}/{urut}/{tahun}", "tepat satu kali"),
        ("{urt}/{urut}/{tahun}", "mungkin maksud Anda «urut»"),
        ("{urut/{tahun}", "tidak berpasangan"),
        ("{}/{urut}/{tahun}", "tidak ada"),
        ("{urut.real}/{tahun}/{urut}", "tidak ada"),
        ("{urut:>3}/{tahun}", "lebar ditulis"),
        ("{urut}/{tahun:02}", "lebar ditulis"),
        ("{urut!r}/{tahun}", "lebar ditulis"),
    ],
)
def test_a_pattern_that_would_not_do_is_refused_with_its_reason(pattern: str, fault: str) -> None:
    found = list(pattern_faults(pattern))
    assert any(fault in each for each in found), found


def test_two_registers_never_write_the_same_number() -> None:
    same = {"a": ("{urut}/X/{tahun}", "a"), "b": ("{urut:03}/X/{tahun}", "b")}
    [(where, message)] = check_letters(same)
    assert where == ("letters", "b", "pattern")
    assert "register yang sama" in message
    shared = {kind: (pattern, "surat") for kind, (pattern, _) in same.items()}
    assert list(check_letters(shared)) == []
    assert list(check_letters({"a": same["a"], "b": ("{urut}/Y/{tahun}", "b")})) == []


@given(st.integers(1, 99_999), st.dates(dt.date(2020, 1, 1), dt.date(2100, 1, 1)))
def test_numbers_of_one_year_and_register_differ(sequence: int, day: dt.date) -> None:
    for profile in ("unj", "jabar", "bunghatta"):
        organization = catalogue(profile).organizations[0]
        assert organization.letters
        for letter in organization.letters.values():
            number = letter_number(letter.pattern, sequence, day)
            later = dt.date(day.year, 12, 31)
            assert number != letter_number(letter.pattern, sequence + 1, later)
            assert str(day.year) in number


def test_a_pattern_alone_is_a_letter() -> None:
    assert Letter.model_validate("{urut}/{tahun}") == Letter.model_validate({"pattern": "{urut}/{tahun}"})
