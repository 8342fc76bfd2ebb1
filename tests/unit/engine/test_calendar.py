"""Working time, against examples from the design and against counting minute by minute."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.calendars import work_calendar
from connector.engine.calendar import CalendarRangeError, WorkCalendar
from connector.sop.model import WEEKDAYS, CalendarDef, Limit, Unit

JAKARTA = dt.timezone(dt.timedelta(hours=7))
HOURS = [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "16:00"}]
OFFICE = CalendarDef.model_validate(
    {
        "hours": dict.fromkeys(WEEKDAYS[:5], HOURS),
        "closures": [{"date": "2026-11-27", "name": "Dies natalis"}],
        "opened": ["2026-12-24"],
        "special_hours": [
            {
                "name": "Ramadan",
                "first": "2026-02-18",
                "last": "2026-03-17",
                "hours": {day: [{"start": "08:00", "end": "14:00"}] for day in WEEKDAYS[:5]},
            }
        ],
    }
)
CALENDAR = work_calendar(OFFICE)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        # DESIGN, decision 8: 1 hari kerja from Friday 15:59, Friday night and Saturday is Monday at closing time
        ("2026-11-20T15:59", 1, "hari_kerja", "2026-11-23T16:00"),
        ("2026-11-20T23:00", 1, "hari_kerja", "2026-11-23T16:00"),
        ("2026-11-21T10:00", 1, "hari_kerja", "2026-11-23T16:00"),
        # a bare «hari» counts as working days
        ("2026-11-20T15:59", 3, "hari", "2026-11-25T16:00"),
        # over the closure of the 27th and the weekend
        ("2026-11-26T09:00", 1, "hari_kerja", "2026-11-30T16:00"),
        # Christmas is free, the 24th is worked here although it is cuti bersama
        ("2026-12-23T09:00", 1, "hari_kerja", "2026-12-24T16:00"),
        ("2026-12-24T09:00", 1, "hari_kerja", "2026-12-28T16:00"),
        # working minutes go round the break and the night; of closing and next opening the closing
        ("2026-11-23T11:45", 30, "menit", "2026-11-23T13:15"),
        ("2026-11-23T15:30", 30, "menit", "2026-11-23T16:00"),
        ("2026-11-23T15:30", 31, "menit", "2026-11-24T08:01"),
        ("2026-11-23T08:00", 4, "jam", "2026-11-23T12:00"),
        ("2026-11-22T08:00", 1, "menit", "2026-11-23T08:01"),
        # Ramadan hours
        ("2026-02-18T13:30", 1, "jam", "2026-02-19T08:30"),
        ("2026-02-18T13:30", 1, "hari_kerja", "2026-02-19T14:00"),
        # weeks and months: the same day, at closing time; where that is free, the next worked day
        ("2026-11-20T09:00", 1, "minggu", "2026-11-30T16:00"),
        ("2026-11-23T09:00", 1, "minggu", "2026-11-30T16:00"),
        ("2026-10-20T09:00", 1, "bulan", "2026-11-20T16:00"),
        ("2026-01-30T09:00", 1, "bulan", "2026-03-02T14:00"),
        ("2026-12-30T09:00", 1, "bulan", "2027-02-01T16:00"),
    ],
)
def test_due(start: str, amount: int, unit: str, due: str) -> None:
    assert CALENDAR.due(at(start), Limit(amount=amount, unit=Unit(unit))) == at(due)


def test_the_answer_is_in_the_offices_time_zone() -> None:
    due = CALENDAR.due(
        dt.datetime(2026, 11, 20, 8, 59, tzinfo=dt.UTC), Limit(amount=1, unit=Unit.WORKING_DAY)
    )
    assert due.isoformat() == "2026-11-23T16:00:00+07:00"


def test_why_a_day_is_free() -> None:
    assert CALENDAR.free_day(dt.date(2026, 8, 17)) == "Hari Kemerdekaan Republik Indonesia"
    assert CALENDAR.free_day(dt.date(2026, 11, 27)) == "Dies natalis"
    assert CALENDAR.free_day(dt.date(2026, 12, 24)) is None
    assert CALENDAR.hours(dt.date(2026, 12, 24))
    assert not CALENDAR.hours(dt.date(2026, 11, 22))


def test_beyond_the_known_years_there_is_an_error_and_no_guess() -> None:
    short = WorkCalendar(OFFICE, {}, first_year=2026, last_year=2026)
    with pytest.raises(CalendarRangeError, match="2026-12-31"):
        short.due(at("2026-12-31T09:00"), Limit(amount=1, unit=Unit.WORKING_DAY))
    with pytest.raises(CalendarRangeError):
        short.add(at("2026-12-31T15:00"), dt.timedelta(hours=9))


def stretches(start: str, end: str) -> list[tuple[str, str]]:
    """Where each span ends, and why it does not count."""
    return [(f"{each.end:%d %H:%M}", each.reason) for each in CALENDAR.spans(at(start), at(end))]


def test_spans_name_breaks_nights_weekends_and_free_days() -> None:
    assert stretches("2026-11-26T09:00", "2026-11-30T09:00") == [
        ("26 12:00", ""),
        ("26 13:00", "istirahat"),
        ("26 16:00", ""),
        ("27 00:00", "di luar jam kerja"),
        ("28 00:00", "Dies natalis"),
        ("30 00:00", "akhir pekan"),
        ("30 08:00", "di luar jam kerja"),
        ("30 09:00", ""),
    ]


def test_a_night_is_one_span_and_so_is_a_moment() -> None:
    assert stretches("2026-11-23T15:00", "2026-11-24T08:00") == [
        ("23 16:00", ""),
        ("24 08:00", "di luar jam kerja"),
    ]
    assert stretches("2026-11-23T12:30", "2026-11-23T12:31") == [("23 12:31", "istirahat")]
    assert stretches("2026-11-23T15:00", "2026-11-23T15:00") == []
    assert stretches("2026-11-23T15:00", "2026-11-22T15:00") == []


def test_a_free_day_on_a_weekend_is_the_weekend() -> None:
    assert CALENDAR.free_day(dt.date(2026, 3, 21)) is not None
    assert stretches("2026-03-21T00:00", "2026-03-22T00:00") == [("22 00:00", "akhir pekan")]


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T10:30", "2026-11-23T10:30"),
        ("2026-11-23T12:00", "2026-11-23T13:00"),
        ("2026-11-23T16:00", "2026-11-24T08:00"),
        ("2026-11-26T16:00", "2026-11-30T08:00"),
        ("2026-11-21T10:00", "2026-11-23T08:00"),
    ],
)
def test_next_opening(instant: str, opening: str) -> None:
    assert CALENDAR.next_opening(at(instant)) == at(opening)


def test_what_is_special_between_two_instants() -> None:
    ordinary = CALENDAR.special(at("2026-11-02T08:00"), at("2026-11-26T16:00"))
    assert (ordinary.free, ordinary.hours) == ((), ())
    there = CALENDAR.special(at("2026-03-16T08:00"), at("2026-03-25T08:00"))
    assert there.hours == ((dt.date(2026, 2, 18), dt.date(2026, 3, 17), "Ramadan"),)
    # the 21st and 22nd are a weekend, so that nobody loses a working day by them
    assert [day.day for day, _ in there.free] == [18, 19, 20, 23, 24]
    assert there.free[1][1].startswith("Hari Suci Nyepi")


minutes = st.integers(0, 60 * 24 * 30)
instants = minutes.map(lambda each: at("2026-11-01T00:00") + dt.timedelta(minutes=each))


def slowly(start: dt.datetime, work: int) -> dt.datetime:
    """Working minutes counted one by one."""
    while work:
        local = start.astimezone(JAKARTA)
        open_now = any(each.start <= local.time() < each.end for each in CALENDAR.hours(local.date()))
        start += dt.timedelta(minutes=1)
        work -= open_now
    return start


@settings(max_examples=60, deadline=None)
@given(instants, st.integers(1, 900))
def test_adding_is_counting(start: dt.datetime, work: int) -> None:
    assert CALENDAR.add(start, dt.timedelta(minutes=work)) == slowly(start, work)


@settings(deadline=None)
@given(instants, st.integers(0, 5000))
def test_what_was_added_is_between(start: dt.datetime, work: int) -> None:
    added = CALENDAR.add(start, dt.timedelta(minutes=work))
    assert CALENDAR.between(start, added) == dt.timedelta(minutes=work)
    assert CALENDAR.between(added, start) == -dt.timedelta(minutes=work)


@settings(deadline=None)
@given(instants, instants, st.integers(1, 20), st.sampled_from(list(Unit)))
def test_who_begins_later_is_never_due_earlier(
    one: dt.datetime, other: dt.datetime, amount: int, unit: Unit
) -> None:
    limit = Limit(amount=amount, unit=unit)
    first, second = sorted((one, other))
    assert CALENDAR.due(first, limit) <= CALENDAR.due(second, limit)
    assert CALENDAR.due(first, limit) > first


@settings(deadline=None)
@given(instants, instants)
def test_the_counted_spans_are_the_time_between(one: dt.datetime, other: dt.datetime) -> None:
    start, end = sorted((one, other))
    spans = list(CALENDAR.spans(start, end))
    if not spans:
        assert start == end
        return
    assert (spans[0].start, spans[-1].end) == (start, end)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert sum((each.end - each.start for each in spans if each.counted), dt.timedelta()) == CALENDAR.between(
        start, end
    )
    assert all(each.counted != bool(each.reason) for each in spans)
