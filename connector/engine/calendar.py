"""Working time: when an office is open, and when a limit that began at some instant runs out.

Pure: the free days come in by name, from whoever knows them (`connector.calendars`). Instants are aware; the
office's own time zone decides which day and hour they are. Inside, time is whole seconds since the first midnight
known, and office hours are stretches of them with sums of what was worked before each, so that adding, subtracting and
the N-th working day are each one look-up by bisection.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from zoneinfo import ZoneInfo

from connector.errors import PermanentError
from connector.sop.model import WEEKDAYS, CalendarDef, Hours, Limit, Unit

#: Why time is not counted, where no free day says it.
CLOSED = "di luar jam kerja"
BREAK = "istirahat"
WEEKEND = "akhir pekan"
NOT_WORKED = "bukan hari kerja"

SATURDAY = 5
DAY = 24 * 60 * 60
SECOND = dt.timedelta(seconds=1)


class CalendarRangeError(PermanentError):
    """The calendar does not reach that far."""


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


class WorkCalendar:
    """The working time of one office from 1 January of `first_year` to 31 December of `last_year`.

    `free` maps each day off to its name; days in `definition.opened` are worked all the same. Every method raises
    `CalendarRangeError` where the known years do not reach.
    """

    def __init__(
        self, definition: CalendarDef, free: Mapping[dt.date, str], *, first_year: int, last_year: int
    ) -> None:
        self.zone = ZoneInfo(definition.timezone)
        self._definition = definition
        self._free = {day: name for day, name in free.items() if day not in definition.opened}
        self._free |= {day: closure.name for closure in definition.closures for day in closure.days}
        self._first = dt.date(first_year, 1, 1)
        self._last = dt.date(last_year, 12, 31)
        self._origin = dt.datetime.combine(self._first, dt.time(), self.zone)
        days = ((number, self.hours(self._day(number))) for number in range(self._number(self._last) + 1))
        worked = [(number, hours) for number, hours in days if hours]
        #: the numbers of the days that are worked, from 0 for the first day known
        self._worked = [number for number, _ in worked]
        stretches = chain.from_iterable(((number, each) for each in hours) for number, hours in worked)
        edges = [_edges(number, each) for number, each in stretches]
        #: when each stretch of office hours begins and ends, and how much was worked before it; then all that is
        self._opens = [begin for begin, _ in edges]
        self._closes = [end for _, end in edges]
        self._before = list(accumulate((end - begin for begin, end in edges), initial=0))

    # days ---------------------------------------------------------------------------------------------------

    def free_day(self, day: dt.date) -> str | None:
        """Why the office is closed on a day that would else be worked; None if it is not."""
        return self._free.get(day)

    def hours(self, day: dt.date) -> tuple[Hours, ...]:
        """The office hours of a day; none on a day off."""
        return () if day in self._free else self._usual(day)

    def closing(self, day: dt.date) -> dt.datetime:
        """When the office closes on this day, or on the next one that is worked."""
        return self._close(bisect_left(self._worked, self._number(day)))

    # instants -----------------------------------------------------------------------------------------------

    def due(self, start: dt.datetime, limit: Limit) -> dt.datetime:
        """When `limit` runs out that began at `start`; in the office's time zone.

        Minutes and hours are working time. N (working) days leave the day of `start` out and end at the close of the
        N-th working day after it. Weeks and months end at the close of the same weekday or day of the month; where
        that is a day off, of the next working day. (DESIGN, decision 8; docs/satuan-waktu.md.)
        """
        day = start.astimezone(self.zone).date()
        match limit.unit:
            case Unit.MINUTE:
                return self.add(start, dt.timedelta(minutes=limit.amount))
            case Unit.HOUR:
                return self.add(start, dt.timedelta(hours=limit.amount))
            case Unit.WORKING_DAY | Unit.DAY:
                return self._close(bisect_right(self._worked, self._number(day)) + limit.amount - 1)
            case Unit.WEEK:
                return self.closing(day + dt.timedelta(weeks=limit.amount))
            case Unit.MONTH:
                return self.closing(_months_later(day, limit.amount))

    def add(self, start: dt.datetime, work: dt.timedelta) -> dt.datetime:
        """`work` of working time after `start`, or before it if negative; whole seconds.

        Of a closing time and the next opening, the closing time.
        """
        if not work:
            return start.astimezone(self.zone)
        target = self._seconds(start) + work // SECOND
        if not 0 <= target <= self._before[-1]:
            raise self._beyond()
        stretch = max(bisect_left(self._before, target) - 1, 0)
        return self._at(self._opens[stretch] + target - self._before[stretch])

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """The working time from `start` to `end`, in whole seconds; negative if `end` is earlier."""
        return dt.timedelta(seconds=self._seconds(end) - self._seconds(start))

    def next_opening(self, instant: dt.datetime) -> dt.datetime:
        """The first instant from `instant` on at which the office is open: `instant` itself while it is."""
        stretch = bisect_right(self._closes, self._since(instant))
        if stretch == len(self._opens):
            raise self._beyond()
        return max(instant.astimezone(self.zone), self._at(self._opens[stretch]))

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

    # seconds ------------------------------------------------------------------------------------------------

    def _number(self, day: dt.date) -> int:
        if not self._first <= day <= self._last:
            raise self._beyond(day)
        return (day - self._first).days

    def _day(self, number: int) -> dt.date:
        return self._first + dt.timedelta(number)

    def _at(self, seconds: int) -> dt.datetime:
        return self._origin + dt.timedelta(seconds=seconds)

    def _since(self, instant: dt.datetime) -> int:
        """Seconds from the first midnight; of fractions only what is full."""
        seconds = (instant - self._origin) // SECOND
        if not 0 <= seconds < (self._last - self._first).days * DAY + DAY:
            raise self._beyond(instant.astimezone(self.zone).date())
        return seconds

    def _seconds(self, instant: dt.datetime) -> int:
        """Working seconds from the first midnight to this instant."""
        since = self._since(instant)
        stretch = bisect_right(self._opens, since) - 1
        if stretch < 0:
            return 0
        return self._before[stretch] + min(since, self._closes[stretch]) - self._opens[stretch]

    def _close(self, nth: int) -> dt.datetime:
        """When the n-th of the worked days closes."""
        if nth >= len(self._worked):
            raise self._beyond()
        # the last stretch that begins before the next midnight
        return self._at(self._closes[bisect_left(self._opens, (self._worked[nth] + 1) * DAY) - 1])

    def _beyond(self, day: dt.date | None = None) -> CalendarRangeError:
        known = f"kalender kerja hanya dari {self._first} sampai {self._last}"
        return CalendarRangeError(f"{known}, bukan {day}" if day else known)

    # stretches of a day -------------------------------------------------------------------------------------

    def _usual(self, day: dt.date) -> tuple[Hours, ...]:
        """The office hours of a day if it is no day off."""
        return self._definition.week(day).get(WEEKDAYS[day.weekday()], ())

    def _pieces(self, start: dt.datetime, end: dt.datetime) -> Iterator[CalendarSpan]:
        """Between two local instants every stretch of every day."""
        day = start.date()
        while start < end:
            for until, counted, reason in self._stretches(day):
                if start < until and start < end:
                    yield CalendarSpan(start, min(until, end), counted, reason)
                    start = min(until, end)
            day += dt.timedelta(1)

    def _stretches(self, day: dt.date) -> Iterator[tuple[dt.datetime, bool, str]]:
        """A day from midnight to midnight: until when, whether it counts, and why not."""
        number, hours = self._number(day), self.hours(day)
        reason = CLOSED
        for begin, end in (_edges(number, each) for each in hours):
            yield self._at(begin), False, reason
            yield self._at(end), True, ""
            reason = BREAK
        yield self._at((number + 1) * DAY), False, CLOSED if hours else self._why_free(day)

    def _why_free(self, day: dt.date) -> str:
        if self._usual(day):
            return self._free[day]
        return WEEKEND if day.weekday() >= SATURDAY else NOT_WORKED


def _edges(number: int, hours: Hours) -> tuple[int, int]:
    """When a stretch of the day of this number begins and ends, in seconds from the first midnight."""
    return number * DAY + _of_day(hours.start), number * DAY + _of_day(hours.end)


def _of_day(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(day.day - 1), following - dt.timedelta(1))
