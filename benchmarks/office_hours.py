"""Adding working time: our calendar against businesstimedelta, on the same instants of the same office."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from itertools import cycle

import businesstimedelta as peer
import pytz

from connector.calendars import free_days, work_calendar
from connector.sop.loader import load
from connector.sop.model import WEEKDAYS, CalendarDef
from devtools.stack import ROOT

#: A day's work, so that most additions go over a break and a night, some over a holiday.
WORK = dt.timedelta(minutes=450)
STARTS = 500

Addition = Callable[[], dt.datetime]


def additions() -> tuple[Addition, Addition]:
    """Our addition and the peer's, each to the next of the same instants; they have given the same answers to all."""
    organization = load(ROOT / "sop_mappings", ("unj",)).organizations[0]
    calendar, other = work_calendar(organization.calendar), _peer(organization.calendar)
    work = peer.BusinessTimeDelta(other, timedelta=WORK)
    chance = random.Random(2026)
    year = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    starts = [year + dt.timedelta(minutes=chance.randrange(525_600)) for _ in range(STARTS)]
    for start in starts:
        assert calendar.add(start, WORK) == start + work, start
    ours, theirs = cycle(starts), cycle(starts)
    return lambda: calendar.add(next(ours), WORK), lambda: next(theirs) + work


def _peer(definition: CalendarDef) -> peer.Rules:
    """The same office, each stretch of its hours a rule of its own."""
    zone = pytz.timezone(definition.timezone)
    weekdays: dict[tuple[dt.time, dt.time], list[int]] = {}
    for weekday, hours in definition.hours.items():
        for each in hours:
            weekdays.setdefault((each.start, each.end), []).append(WEEKDAYS.index(weekday))
    free: dict[dt.date, str] = {}
    for year in (2026, 2027):
        known = free_days(definition, year)
        free |= {**known.public, **(known.collective or {})}
    return peer.Rules(
        [
            *(peer.WorkDayRule(begin, end, days, tz=zone) for (begin, end), days in weekdays.items()),
            peer.HolidayRule(free, tz=zone),
        ]
    )
