"""When digests go out."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.calendars import work_calendar
from connector.sop.model import CalendarDef, Digests
from connector.supervision.slots import Timetable
from tests.world import JAKARTA, catalogue


@cache
def timetable(weekly: str = "senin", at: str = "08:00") -> Timetable:
    [organization] = catalogue("unj").organizations
    digests = Digests.model_validate(
        {"at": at, "weekly": weekly, "readers": [{"roles": ["kepala-pustikom"]}]}
    )
    return Timetable(digests, work_calendar(organization.calendar))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-25 08:00", "2026-11-25 08:00"),
        ("2026-11-25 07:59", "2026-11-24 08:00"),
        ("2026-11-23 07:59", "2026-11-20 08:00"),  # Monday before the hour: Friday's
        ("2026-11-22 12:00", "2026-11-20 08:00"),
        ("2026-08-17 09:00", "2026-08-14 08:00"),  # Independence Day is a Monday
        ("2026-03-24 09:00", "2026-03-17 08:00"),  # Nyepi, Idul Fitri and the collective leave around them
        ("2026-03-25 09:00", "2026-03-25 08:00"),
    ],
)
def test_the_last_slot_is_on_a_working_day(now: str, slot: str) -> None:
    assert timetable().latest(at(now)) == at(slot)


RAMADAN = {
    "name": "Ramadan",
    "first": "2026-02-18",
    "last": "2026-03-19",
    "hours": {day: ["09:00-12:00", "12:30-15:00"] for day in ("senin", "selasa", "rabu", "kamis", "jumat")},
}


@pytest.mark.parametrize(
    ("hour", "slot"),
    [
        ("08:00", "2026-03-02 09:00"),
        ("09:00", "2026-03-02 09:00"),
        ("12:15", "2026-03-02 12:30"),  # the break
        ("15:00", "2026-03-02 09:00"),  # the office closes before that hour: that day's opening
    ],
)
def test_a_digest_goes_while_the_office_is_open_under_other_hours_too(hour: str, slot: str) -> None:
    [organization] = catalogue("unj").organizations
    definition = organization.calendar.model_dump(mode="json") | {"special_hours": [RAMADAN]}
    ramadan = Timetable(timetable(at=hour).digests, work_calendar(CalendarDef.model_validate(definition)))
    assert ramadan.latest(at("2026-03-02 15:30")) == at(slot)
    assert ramadan.latest(at(slot) - dt.timedelta(minutes=1)) < at("2026-03-02 00:00")
    assert ramadan.following(at("2026-02-27 09:00")) == at(slot)


@pytest.mark.parametrize(
    ("now", "slot", "first", "last"),
    [
        ("2026-11-25 09:00", "2026-11-23 08:00", "2026-11-16", "2026-11-22"),
        ("2026-11-23 08:00", "2026-11-23 08:00", "2026-11-16", "2026-11-22"),
        ("2026-11-23 07:59", "2026-11-16 08:00", "2026-11-09", "2026-11-15"),
        # Monday 17 August is free: on Tuesday, the same week
        ("2026-08-17 12:00", "2026-08-10 08:00", "2026-08-03", "2026-08-09"),
        ("2026-08-18 08:00", "2026-08-18 08:00", "2026-08-10", "2026-08-16"),
    ],
)
def test_the_weekly_slot_and_its_week(now: str, slot: str, first: str, last: str) -> None:
    found = timetable().weekly(at(now))
    assert found == at(slot)
    assert timetable().week(found) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_weeks_that_a_long_holiday_joins_come_together() -> None:
    """Wednesday 18 March 2026 is the first of the days off, Wednesday 25 the first day of work: both are told then."""
    table = timetable("rabu")
    slot = table.weekly(at("2026-03-25 09:00"))
    assert slot == at("2026-03-25 08:00")
    assert table.week(slot) == (dt.date(2026, 3, 11), dt.date(2026, 3, 24))
    assert table.week(table.weekly(at("2026-03-13 09:00"))) == (dt.date(2026, 3, 4), dt.date(2026, 3, 10))


def test_the_slots_between_two() -> None:
    found = list(timetable().between(at("2026-11-19 08:00"), at("2026-11-24 08:00")))
    assert found == [at("2026-11-20 08:00"), at("2026-11-23 08:00")]
    assert list(timetable().between(at("2026-11-23 08:00"), at("2026-11-24 08:00"))) == []


@given(
    st.integers(0, 60 * 24 * 720),
    st.sampled_from(["senin", "rabu", "jumat"]),
    st.sampled_from(["08:00", "10:00", "15:30"]),
)
def test_slots_of_any_instant(minutes: int, weekly: str, hour: str) -> None:
    table, now = timetable(weekly, hour), at("2026-01-05 00:00") + dt.timedelta(minutes=minutes)
    slot = table.latest(now)
    assert slot <= now < table.following(slot)
    assert table.calendar.hours(slot.date())
    assert (slot.hour, slot.minute) == (int(hour[:2]), int(hour[3:]))
    of_week = table.weekly(now)
    assert of_week <= slot
    assert of_week == table.latest(of_week)
    first, last = table.week(of_week)
    assert (last - first).days % 7 == 6
    assert last < of_week.date()
    # what follows begins where this ends: no day is in two weeks, none is left out
    later = next(
        each for each in (table.weekly(now + dt.timedelta(days)) for days in range(1, 40)) if each > of_week
    )
    assert table.week(later)[0] == last + dt.timedelta(1)
