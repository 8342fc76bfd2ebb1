"""Working time as a supervisor reads it."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.supervision.words import days_words, hours_words, moment_words, work_words
from tests.unit.supervision.sample import SERVICE, at
from tests.world import rules_of_all

CALENDAR = rules_of_all("unj")[SERVICE].calendar


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (at(23, 16), at(24, 8), ""),
        (at(23, 16), at(24, 8, 1), "1 menit"),
        (at(23, 15, 59), at(24, 8, 30), "31 menit"),
        (at(23, 10), at(23, 15), "4 jam"),
        (at(23, 10), at(23, 15, 5), "4 jam 5 menit"),
        (at(20, 16), at(23, 15, 59), "6 jam 59 menit"),
        (at(20, 16), at(23, 16), "1 hari kerja"),  # Friday to Monday
        (at(19, 16), at(23, 16), "2 hari kerja"),  # the shorter Friday is a day as well
        (at(19, 16), at(24, 9, 30), "2 hari kerja 1 jam"),
        (at(23, 10, 30), at(25, 9), "1 hari kerja 5 jam"),
    ],
)
def test_working_time_in_words(start: dt.datetime, end: dt.datetime, words: str) -> None:
    assert work_words(CALENDAR, start, end) == words


@given(st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 40))
def test_what_is_longer_is_not_said_to_be_shorter(one: int, other: int) -> None:
    start = at(2, 8)

    def order(minutes: int) -> tuple[int, int]:
        parts = work_words(CALENDAR, start, start + dt.timedelta(minutes=minutes)).split()
        found = {unit: int(amount) for amount, unit in itertools.pairwise(parts) if amount.isdigit()}
        return found.get("hari", 0), found.get("jam", 0) * 60 + found.get("menit", 0)

    earlier, later = sorted((one, other))
    assert order(earlier) <= order(later)


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
