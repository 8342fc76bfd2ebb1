"""How long personal data is kept, in the words of a mapping."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from connector.sop.privacy import Age

NEW_YEAR = dt.datetime(2027, 12, 31, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("90 hari", (2028, 3, 30)),
        ("2 bulan", (2028, 2, 29)),
        ("14 bulan", (2029, 2, 28)),
        ("2 tahun", (2029, 12, 31)),
    ],
)
def test_it_is_counted_by_the_calendar(said: str, day: tuple[int, int, int]) -> None:
    age = Age.model_validate(said)
    assert age.after(NEW_YEAR) == dt.datetime(*day, 9, tzinfo=dt.UTC)
    assert str(age) == said


@pytest.mark.parametrize("said", ["2", "dua tahun", "0 tahun", "2 hari kerja", "2tahun"])
def test_anything_else_is_refused(said: str) -> None:
    with pytest.raises(ValidationError):
        Age.model_validate(said)
