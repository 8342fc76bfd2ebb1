"""Numbers of persons: those that can be, and those that cannot."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.portal.identity import accepts, digits_of, is_nik, is_nip
from connector.sop.model import NIK, NIP, Identity

DAYS = st.dates(dt.date(1930, 1, 1), dt.date(2009, 12, 31))


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("3171012512900001", True),
        ("3171016512900001", True),  # a woman, born on the 25th
        ("3171013002900001", False),  # 30 February
        ("3171017102900001", False),  # a woman, 31 February
        ("3171012902000001", True),  # 29 February 2000
        ("3171012902010001", False),  # no 29 February in 1901 and 2001
        ("3171010012900001", False),
        ("3171014013900001", False),
        ("3171012513900001", False),
        ("0171012512900001", False),
        ("3171012512900000", False),
        ("317101251290001", False),
        ("31710125129000011", False),
        ("317101251290000a", False),
        ("\u0663171012512900001", False),
    ],
)
def test_nik(number: str, *, good: bool) -> None:
    assert is_nik(number) is good


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("198609262015051001", True),  # https://tekno.tempo.co/amp/1511377
        ("196804111993031009", True),
        ("199001012022211001", True),  # a PPPK: the count of his appointment stands for the month
        ("198609262015053001", False),
        ("198609262015050001", False),
        ("198613262015051001", False),
        ("198609312015051001", False),
        ("198609262015131001", False),
        ("198609261990051001", False),  # appointed at four
        ("198609262015051000", False),
        ("19860926201505100", False),
        ("198609262015051a01", False),
    ],
)
def test_nip(number: str, *, good: bool) -> None:
    assert is_nip(number) is good


@given(DAYS, st.booleans(), st.integers(1, 9999), st.integers(110000, 969999))
def test_every_birthday_makes_a_nik(born: dt.date, female: bool, serial: int, place: int) -> None:
    day = born.day + (40 if female else 0)
    assert is_nik(f"{place}{day:02}{born:%m%y}{serial:04}")


@given(DAYS, st.integers(16, 50), st.integers(1, 12), st.sampled_from("12"), st.integers(1, 999))
def test_every_civil_servant_has_a_nip(born: dt.date, age: int, month: int, sex: str, serial: int) -> None:
    assert is_nip(f"{born:%Y%m%d}{born.year + age}{month:02}{sex}{serial:03}")


@given(st.text(max_size=40))
def test_anything_typed_is_judged(typed: str) -> None:
    assert accepts((NIK, NIP), digits_of(typed)) in (True, False)


def test_an_organization_has_numbers_of_its_own() -> None:
    nim = Identity(id="nim", name="NIM", pattern="[0-9]{10}")
    assert accepts((nim,), "1301619001")
    assert not accepts((nim,), "13016190012")
    assert not accepts((NIP, NIK), "1301619001")
    assert not accepts((), "1301619001")
