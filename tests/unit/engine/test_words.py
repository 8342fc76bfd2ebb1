"""Working time in words."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.words import work_words
from tests.small import MONDAY, RULES
from tests.unit.supervision.sample import SERVICE, at
from tests.world import rules_of_all

CALENDAR = rules_of_all("unj")[SERVICE].calendar


@pytest.mark.parametrize(
    ("days", "hour", "minute", "words"),
    [
        (0, 9, 0, ""),
        (0, 9, 1, "1 menit"),
        (0, 11, 20, "2 jam 20 menit"),
        (0, 14, 0, "4 jam"),  # the break does not count
        (0, 20, 0, "6 jam"),
        (1, 8, 59, "6 jam 59 menit"),
        (1, 9, 0, "1 hari kerja"),
        (1, 10, 30, "1 hari kerja 1 jam"),
        (7, 9, 0, "5 hari kerja"),  # a week later
    ],
)
def test_a_working_day_is_over_at_the_same_hour(days: int, hour: int, minute: int, words: str) -> None:
    end = MONDAY.replace(hour=hour, minute=minute) + dt.timedelta(days)
    assert work_words(RULES.calendar, MONDAY, end) == words


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
