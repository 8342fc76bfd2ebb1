from __future__ import annotations

import datetime as dt

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from connector.documents.indonesian import LARGEST, date_short, date_spelled, spelled
from connector.engine.words import date_long, zone_name

WORDS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
DIGITS = {word: digit for digit, word in enumerate(WORDS)}
SCALES = {"puluh": 10, "ratus": 100, "ribu": 1_000, "juta": 10**6, "miliar": 10**9}
ONES = {"sepuluh": "satu puluh", "sebelas": "satu belas", "seratus": "satu ratus", "seribu": "satu ribu"}


def read(words: str) -> int:
    """The number that Indonesian words name: the way back, written independently."""
    total = group = digit = 0
    for word in " ".join(ONES.get(each, each) for each in words.split()).split():
        if word in DIGITS:
            group, digit = group + digit, DIGITS[word]
        elif word == "belas":
            digit += 10
        elif SCALES[word] < 1_000:
            group, digit = group + digit * SCALES[word], 0
        else:
            total, group, digit = total + (group + digit) * SCALES[word], 0, 0
    return total + group + digit


@given(st.integers(0, LARGEST))
def test_a_number_in_words_is_that_number(number: int) -> None:
    assert read(spelled(number)) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "nol"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (21, "dua puluh satu"),
        (31, "tiga puluh satu"),
        (100, "seratus"),
        (111, "seratus sebelas"),
        (1000, "seribu"),
        (1017, "seribu tujuh belas"),
        (2026, "dua ribu dua puluh enam"),
        (11_000, "sebelas ribu"),
        (101_000, "seratus satu ribu"),
        (1_000_000, "satu juta"),
    ],
)
def test_a_number_as_it_is_written(number: int, words: str) -> None:
    assert spelled(number) == words


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_number_without_words_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="di luar"):
        spelled(number)


def test_a_date() -> None:
    day = dt.date(2026, 11, 21)
    assert date_spelled(day) == "dua puluh satu bulan November tahun dua ribu dua puluh enam"
    assert date_long(day) == "21 November 2026"
    assert date_short(day) == "21-11-2026"


@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_named_as_the_unicode_locale_data_names_them(month: int) -> None:
    day = dt.date(2026, month, 5)
    assert date_long(day) == format_date(day, "d MMMM y", locale="id")


@pytest.mark.parametrize(("hours", "name"), [(7, "WIB"), (8, "WITA"), (9, "WIT"), (2, "UTC+02:00")])
def test_a_time_zone(hours: int, name: str) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    assert zone_name(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), zone) == name
