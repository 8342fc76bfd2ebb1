"""Work calendars with Indonesia's free days filled in: by the library `holidays`, or as a decree is written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import holidays
from holidays.constants import GOVERNMENT, PUBLIC

from connector.engine.calendar import WorkCalendar
from connector.sop.model import FIRST_YEAR, LAST_YEAR, CalendarDef, Closure

#: What the library writes behind the name of a feast whose date is not official yet.
ESTIMATED = " (perkiraan)"

Named = Mapping[dt.date, str]


@dataclass(frozen=True)
class FreeDays:
    """What an office knows of a year's free days. `collective` is None until there is a decree of cuti bersama."""

    public: Named
    collective: Named | None

    @property
    def estimated(self) -> tuple[tuple[dt.date, str], ...]:
        """The feasts whose date is not official yet."""
        days = sorted(self.public.items())
        return tuple((day, name.removesuffix(ESTIMATED)) for day, name in days if name.endswith(ESTIMATED))


def free_days(definition: CalendarDef, year: int) -> FreeDays:
    """The national holidays and the cuti bersama (collective leave) of a year; none of them beyond the known years."""
    decree = definition.decree(year)
    public, collective = _library(PUBLIC, year), _library(GOVERNMENT, year) or None
    if decree is not None and decree.national_holidays is not None:
        public = _decreed(decree.national_holidays, decree.name)
    if decree is not None and decree.cuti_bersama is not None:
        collective = _decreed(decree.cuti_bersama, decree.name)
    return FreeDays(public, collective)


def work_calendar(definition: CalendarDef) -> WorkCalendar:
    """The calendar of an office, over all the years that are known."""
    free: dict[dt.date, str] = {}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        known = free_days(definition, year)
        if definition.cuti_bersama:
            free |= known.collective or {}
        if definition.national_holidays:
            free |= known.public
    return WorkCalendar(definition, free, first_year=FIRST_YEAR, last_year=LAST_YEAR)


@cache
def _library(category: str, year: int) -> Named:
    """What the library knows; its `government` days are the cuti bersama."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return {}
    return dict(holidays.country_holidays("ID", categories={category}, years=year, language="id"))


def _decreed(closures: tuple[Closure, ...], decree: str) -> Named:
    return {day: f"{closure.name} ({decree})" for closure in closures for day in closure.days}
