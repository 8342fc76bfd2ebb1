"""Working time counted minute by minute, as one would on paper: nothing here knows how the calendar is made.

An office is drawn by hypothesis as plain numbers; from them come both the calendar that is tried and a row of minutes,
1 where the office is open, which is all that the count looks at.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from connector.engine.calendar import WorkCalendar
from connector.sop.model import WEEKDAYS, CalendarDef

Day = tuple[tuple[int, int], ...]  # minutes from midnight

#: Ramadan, Nyepi and Idul Fitri 1447, with the weeks around them; Monday to Sunday.
FIRST = dt.date(2026, 2, 16)
DAYS = 70
MINUTES = DAYS * 1440
RAMADAN = (dt.date(2026, 2, 18), dt.date(2026, 3, 20))
#: SKB 2026, in this time.
HOLIDAYS = {
    dt.date(2026, month, day): name
    for month, day, name in (
        (2, 16, "Cuti bersama Imlek"),
        (2, 17, "Imlek"),
        (3, 18, "Cuti bersama Nyepi"),
        (3, 19, "Nyepi"),
        (3, 20, "Cuti bersama Idul Fitri"),
        (3, 21, "Idul Fitri"),
        (3, 22, "Idul Fitri, hari kedua"),
        (3, 23, "Cuti bersama Idul Fitri"),
        (3, 24, "Cuti bersama Idul Fitri"),
        (4, 3, "Wafat Yesus Kristus"),
        (4, 5, "Paskah"),
    )
}
ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}


@dataclass(frozen=True)
class Office:
    """An office as plain numbers."""

    zone: str
    week: tuple[Day, ...]
    ramadan: tuple[Day | None, ...]
    closed: frozenset[dt.date]
    opened: frozenset[dt.date]

    @property
    def tz(self) -> dt.timezone:
        return dt.timezone(dt.timedelta(hours=ZONES[self.zone]))

    def calendar(self) -> WorkCalendar:
        """The calendar that is tried."""
        special = {
            "name": "Ramadan",
            "first": RAMADAN[0],
            "last": RAMADAN[1],
            "hours": {WEEKDAYS[i]: _written(day) for i, day in enumerate(self.ramadan) if day is not None},
        }
        definition = CalendarDef.model_validate(
            {
                "timezone": self.zone,
                "hours": {WEEKDAYS[i]: _written(day) for i, day in enumerate(self.week)},
                "special_hours": [special] if special["hours"] else [],
                "closures": [{"date": day, "name": "Libur setempat"} for day in sorted(self.closed)],
                "opened": sorted(self.opened),
            }
        )
        return WorkCalendar(definition, HOLIDAYS, first_year=2026, last_year=2026)

    def row(self) -> bytearray:
        """One byte a minute of the window: 1 while the office is open."""
        row = bytearray(MINUTES)
        for number in range(DAYS):
            day = FIRST + dt.timedelta(number)
            if day in self.closed or (day in HOLIDAYS and day not in self.opened):
                continue
            stretches = self.week[number % 7]
            other = self.ramadan[number % 7]
            if RAMADAN[0] <= day <= RAMADAN[1] and other is not None:
                stretches = other
            for begin, end in stretches:
                minutes = range(number * 1440 + begin, number * 1440 + end)
                row[minutes.start : minutes.stop] = bytes([1]) * len(minutes)
        return row

    def at(self, minute: int) -> dt.datetime:
        """The instant of a minute of the row."""
        return dt.datetime.combine(FIRST, dt.time(), self.tz) + dt.timedelta(minutes=minute)


def _written(day: Day) -> list[dict[str, Any]]:
    return [{"start": _time(begin), "end": _time(end)} for begin, end in day]


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


# counting -----------------------------------------------------------------------------------------------------


def later(row: bytearray, start: int, work: int) -> int | None:
    """The minute at which `work` working minutes have gone by; None beyond the window."""
    minute = start
    while work and minute < MINUTES:
        work -= row[minute]
        minute += 1
    return None if work else minute


def earlier(row: bytearray, start: int, work: int) -> int | None:
    """The minute from which on `work` working minutes go by until `start`; of a night its first."""
    minute = start
    while work and minute > 0:
        minute -= 1
        work -= row[minute]
    while minute > 0 and not row[minute - 1]:
        minute -= 1
    return minute if minute and not work else None


def opening(row: bytearray, start: int) -> int | None:
    """The first open minute from `start` on."""
    return next((minute for minute in range(start, MINUTES) if row[minute]), None)


def closes(row: bytearray) -> list[int | None]:
    """When each day of the window closes, if it is worked."""
    nights = (row.rfind(1, day * 1440, day * 1440 + 1440) for day in range(DAYS))
    return [None if last < 0 else last + 1 for last in nights]


# drawing ------------------------------------------------------------------------------------------------------


def _day(edges: list[int]) -> Day:
    """Every other pair of the edges is worked: any number of breaks at any minute, or a day off."""
    return tuple(pair for i, pair in enumerate(pairwise(sorted(set(edges)))) if i % 2 == 0)


USUAL: Day = ((480, 720), (780, 960))
FRIDAY: Day = ((480, 690), (780, 960))
FASTING: Day = ((480, 720), (750, 900))
workdays = st.one_of(
    st.sampled_from((USUAL, FRIDAY, FASTING)), st.lists(st.integers(0, 1439), max_size=8).map(_day)
)
window_days = st.integers(0, DAYS - 1).map(lambda number: FIRST + dt.timedelta(number))


@st.composite
def offices(draw: st.DrawFn) -> Office:
    """Any office: most work from Monday to Friday, some on Saturdays, some less in Ramadan."""
    usual, friday, saturday = draw(workdays), draw(workdays), draw(st.one_of(st.just(()), workdays))
    fasting, fasting_friday = draw(st.one_of(st.none(), workdays)), draw(st.one_of(st.none(), workdays))
    closed = frozenset(draw(st.lists(window_days, max_size=3)))
    opened = frozenset(draw(st.lists(st.sampled_from(sorted(HOLIDAYS)), max_size=2)))
    return Office(
        zone=draw(st.sampled_from(sorted(ZONES))),
        week=(usual, usual, usual, usual, friday, saturday, ()),
        ramadan=(fasting, fasting, fasting, fasting, fasting_friday, None, None),
        closed=closed,
        opened=opened - closed,
    )
