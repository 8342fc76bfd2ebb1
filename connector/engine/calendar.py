"""Working time: when an office is open, and when a limit that began at some instant runs out.

Pure: the free days come in by name, from whoever knows them (`connector.calendars`). Instants are aware; the
office's own time zone decides which day and hour they are. Inside, time is counted in working seconds since the
first day known, so that adding and subtracting are a look-up in sums.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from zoneinfo import ZoneInfo

from connector.errors import PermanentError
from connector.sop.model import WEEKDAYS, CalendarDef, Hours, Limit, Unit

#: Why time is not counted, where no free day says it.
CLOSED = "di luar jam kerja"
BREAK = "istirahat"
WEEKEND = "akhir pekan"
NOT_WORKED = "bukan hari kerja"
SATURDAY = 5


@dataclass(frozen=True)
class CalendarSpan:
    """A stretch of time that counts as working time, or does not, and then why; in the office's time zone."""

    start: dt.datetime
    end: dt.datetime
    counted: bool
    reason: str = ""


@dataclass(frozen=True)
class Special:
    """What sets a stretch of time apart from an ordinary week.

    `free` are days off that would else be worked, with their names; `hours` the first day, last day and name of other
    office hours.
    """

    free: tuple[tuple[dt.date, str], ...] = ()
    hours: tuple[tuple[dt.date, dt.date, str], ...] = ()


class CalendarRangeError(PermanentError):
    """The calendar does not reach that far."""


class WorkCalendar:
    """The working time of one office from 1 January of `first_year` to 31 December of `last_year`.

    `free` maps each day off to its name; days in `definition.opened` are worked all the same.
    """

    def __init__(
        self, definition: CalendarDef, free: Mapping[dt.date, str], *, first_year: int, last_year: int
    ) -> None:
        self.zone = ZoneInfo(definition.timezone)
        self._definition = definition
        self._free = {day: name for day, name in free.items() if day not in definition.opened}
        self._free |= {closure.date: closure.name for closure in definition.closures}
        self._first = dt.date(first_year, 1, 1)
        days = (dt.date(last_year, 12, 31) - self._first).days + 1
        lengths = (self._length(self._first + dt.timedelta(day)) for day in range(days))
        #: working seconds before day i; one entry more than there are days
        self._before = list(accumulate(lengths, initial=0))

    # days ---------------------------------------------------------------------------------------------------

    def free_day(self, day: dt.date) -> str | None:
        """Why the office is closed on a day that would else be worked; None if it is not."""
        return self._free.get(day)

    def hours(self, day: dt.date) -> tuple[Hours, ...]:
        """The office hours of a day; none on a day off."""
        return () if day in self._free else self._usual(day)

    def closing(self, day: dt.date) -> dt.datetime:
        """When the office closes on this day, or on the next one that is worked."""
        self._index(day)
        while not self.hours(day):
            day += dt.timedelta(1)
            self._index(day)
        return self._at(day, self.hours(day)[-1].end)

    # instants -----------------------------------------------------------------------------------------------

    def due(self, start: dt.datetime, limit: Limit) -> dt.datetime:
        """When `limit` runs out that began at `start`; in the office's time zone.

        Minutes and hours are working time. N (working) days leave the day of `start` out and end at the close of the
        N-th working day after it. Weeks and months end at the close of the same weekday or day of the month; where
        that is a day off, of the next working day. (DESIGN, decision 8.)
        """
        day = start.astimezone(self.zone).date()
        match limit.unit:
            case Unit.MINUTE:
                return self.add(start, dt.timedelta(minutes=limit.amount))
            case Unit.HOUR:
                return self.add(start, dt.timedelta(hours=limit.amount))
            case Unit.WORKING_DAY | Unit.DAY:
                for _ in range(limit.amount):
                    day = self.closing(day + dt.timedelta(1)).date()
                return self.closing(day)
            case Unit.WEEK:
                return self.closing(day + dt.timedelta(weeks=limit.amount))
            case Unit.MONTH:
                return self.closing(_months_later(day, limit.amount))

    def add(self, start: dt.datetime, work: dt.timedelta) -> dt.datetime:
        """`work` of working time after `start`. Of a closing time and the next opening, the closing time."""
        if work <= dt.timedelta(0):
            return start.astimezone(self.zone)
        target = self._seconds(start) + int(work.total_seconds())
        if target > self._before[-1]:
            raise CalendarRangeError(f"kalender kerja hanya sampai {self._last}")
        index = bisect_left(self._before, target) - 1
        day = self._first + dt.timedelta(index)
        rest = target - self._before[index]
        for hours in self.hours(day):
            if rest <= _seconds(hours):
                return self._at(day, hours.start) + dt.timedelta(seconds=rest)
            rest -= _seconds(hours)
        raise AssertionError("the sums and the hours of a day agree")

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """The working time from `start` to `end`; negative if `end` is earlier."""
        return dt.timedelta(seconds=self._seconds(end) - self._seconds(start))

    def next_opening(self, instant: dt.datetime) -> dt.datetime:
        """The first instant from `instant` on at which the office is open: `instant` itself while it is."""
        local = instant.astimezone(self.zone)
        day = local.date()
        self._index(day)
        while True:
            for hours in self.hours(day):
                if local < self._at(day, hours.end):
                    return max(local, self._at(day, hours.start))
            day = self.closing(day + dt.timedelta(1)).date()

    def spans(self, start: dt.datetime, end: dt.datetime) -> Iterator[CalendarSpan]:
        """All the time from `start` to `end` without a gap, in order; neighbours differ. None if `end` is not later."""
        last: CalendarSpan | None = None
        for each in self._pieces(start.astimezone(self.zone), end.astimezone(self.zone)):
            if last is None:
                last = each
            elif (last.counted, last.reason) == (each.counted, each.reason):
                last = replace(last, end=each.end)
            else:
                yield last
                last = each
        if last is not None:
            yield last

    def special(self, start: dt.datetime, end: dt.datetime) -> Special:
        """What is special on the days from `start` to `end`, both included: what a changed calendar is compared by."""
        first, last = (instant.astimezone(self.zone).date() for instant in (start, end))
        free = sorted((day, name) for day, name in self._free.items() if first <= day <= last)
        hours = ((each.first, each.last, each.name) for each in self._definition.special_hours)
        return Special(
            tuple((day, name) for day, name in free if self._usual(day)),
            tuple(sorted(each for each in hours if each[0] <= last and first <= each[1])),
        )

    # inside -------------------------------------------------------------------------------------------------

    @property
    def _last(self) -> dt.date:
        return self._first + dt.timedelta(len(self._before) - 2)

    def _index(self, day: dt.date) -> int:
        index = (day - self._first).days
        if not 0 <= index < len(self._before) - 1:
            raise CalendarRangeError(
                f"kalender kerja hanya dari {self._first} sampai {self._last}, bukan {day}"
            )
        return index

    def _usual(self, day: dt.date) -> tuple[Hours, ...]:
        """The office hours of a day if it is no day off."""
        special = (each for each in self._definition.special_hours if each.first <= day <= each.last)
        week = next((each.hours for each in special), self._definition.hours)
        return week.get(WEEKDAYS[day.weekday()], ())

    def _pieces(self, start: dt.datetime, end: dt.datetime) -> Iterator[CalendarSpan]:
        """Between two local instants every stretch of every day."""
        day = start.date()
        while start < end:
            self._index(day)
            for until, counted, reason in self._stretches(day):
                if start < until and start < end:
                    yield CalendarSpan(start, min(until, end), counted, reason)
                    start = min(until, end)
            day += dt.timedelta(1)

    def _stretches(self, day: dt.date) -> Iterator[tuple[dt.datetime, bool, str]]:
        """A day from midnight to midnight: until when, whether it counts, and why not."""
        hours = self.hours(day)
        reason = CLOSED
        for each in hours:
            yield self._at(day, each.start), False, reason
            yield self._at(day, each.end), True, ""
            reason = BREAK
        yield self._at(day + dt.timedelta(1), dt.time()), False, CLOSED if hours else self._why_free(day)

    def _why_free(self, day: dt.date) -> str:
        if self._usual(day):
            return self._free[day]
        return WEEKEND if day.weekday() >= SATURDAY else NOT_WORKED

    def _length(self, day: dt.date) -> int:
        return sum(_seconds(hours) for hours in self.hours(day))

    def _seconds(self, instant: dt.datetime) -> int:
        """Working seconds from the first day to this instant."""
        local = instant.astimezone(self.zone)
        done = self._before[self._index(local.date())]
        for hours in self.hours(local.date()):
            since = (local - self._at(local.date(), hours.start)).total_seconds()
            done += int(min(max(since, 0), _seconds(hours)))
        return done

    def _at(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self.zone)


def _seconds(hours: Hours) -> int:
    start = dt.timedelta(hours=hours.start.hour, minutes=hours.start.minute)
    end = dt.timedelta(hours=hours.end.hour, minutes=hours.end.minute)
    return int((end - start).total_seconds())


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(day.day - 1), following - dt.timedelta(1))
