"""Working time in words."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.engine.words import work_words
from tests.small import MONDAY, RULES


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
