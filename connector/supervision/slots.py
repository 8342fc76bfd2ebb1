"""When digests go out: on working days at the configured time, once a week with the week's figures. Pure.

Where the office is closed at that time, in a break or under other hours (Ramadan), at its next opening of the day.

A digest belongs to its day. One that cannot go out before the day ends is missed, and the next one says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from connector.engine.calendar import WorkCalendar
from connector.sop.model import WEEKDAYS, Digests

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class Timetable:
    """The slots of one organization's digests. Slots are instants in the office's time zone."""

    digests: Digests
    calendar: WorkCalendar

    def latest(self, now: dt.datetime) -> dt.datetime:
        """The last slot that is not after `now`."""
        day = self.day(now)
        while not self.calendar.hours(day) or self._at(day) > now:
            day -= DAY
        return self._at(day)

    def following(self, slot: dt.datetime) -> dt.datetime:
        """The next slot."""
        return self._first_from(self.day(slot) + DAY)

    def between(self, after: dt.datetime, before: dt.datetime) -> Iterator[dt.datetime]:
        """Every slot after one instant and before another, in order."""
        slot = self.following(self.latest(after))
        while slot < before:
            yield slot
            slot = self.following(slot)

    def weekly(self, now: dt.datetime) -> dt.datetime:
        """The last weekly slot that is not after `now`: on the weekday named, or on the next working day."""
        named = self._named(self.day(now))
        while self._first_from(named) > now:
            named -= WEEK
        return self._first_from(named)

    def week(self, slot: dt.datetime) -> tuple[dt.date, dt.date]:
        """The first and the last day of the weeks whose figures a weekly slot brings; several after long holidays."""
        last = self._named(self.day(slot))
        first = last
        while self._first_from(first - WEEK) == self._first_from(last):
            first -= WEEK
        return first - WEEK, last - DAY

    def day(self, instant: dt.datetime) -> dt.date:
        """The office's day."""
        return instant.astimezone(self.calendar.zone).date()

    def midnight(self, day: dt.date) -> dt.datetime:
        """When a day begins in the office's time zone."""
        return dt.datetime.combine(day, dt.time(), self.calendar.zone)

    def _named(self, day: dt.date) -> dt.date:
        """The last day of the weekly digest's weekday that is not after `day`."""
        return day - dt.timedelta((day.weekday() - WEEKDAYS.index(self.digests.weekly)) % 7)

    def _first_from(self, day: dt.date) -> dt.datetime:
        while not self.calendar.hours(day):
            day += DAY
        return self._at(day)

    def _at(self, day: dt.date) -> dt.datetime:
        hours, at = self.calendar.hours(day), self.digests.at
        # on a day that closes earlier it goes at its opening: each working day has its digest
        opens = next((max(each.start, at) for each in hours if at < each.end), hours[0].start)
        return dt.datetime.combine(day, opens, self.calendar.zone)
