"""Instants and lengths as a supervisor reads them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from connector.supervision.words import days_words, hours_words, moment_words
from tests.unit.supervision.sample import at


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (dt.timedelta(minutes=40), "40 menit"),
        (dt.timedelta(0), "0 menit"),
        (dt.timedelta(hours=6), "6 jam"),
        (dt.timedelta(hours=13, minutes=30), "13,5 jam"),
    ],
)
def test_a_length_in_words(work: dt.timedelta, words: str) -> None:
    assert hours_words(work) == words


def test_moments_and_days() -> None:
    zone = ZoneInfo("Asia/Makassar")
    assert moment_words(at(23, 16), zone, at(25)) == "Senin 23 Nov pukul 17.00 WITA"
    assert moment_words(at(23, 16), zone, at(25) + dt.timedelta(60)) == "Senin 23 Nov 2026 pukul 17.00 WITA"
    days = [dt.date(2026, 11, day) for day in (23, 24, 25)]
    assert days_words(days[:1]) == "Senin, 23 November 2026"
    assert days_words(days[:2]) == "Senin, 23 November 2026 dan Selasa, 24 November 2026"
    assert days_words(days) == "Senin, 23 November 2026 sampai Rabu, 25 November 2026 (3 kali)"
