"""Work calendars with Indonesia's free days filled in by the library `holidays`."""

from __future__ import annotations

from dataclasses import dataclass

import holidays
from holidays.constants import GOVERNMENT, PUBLIC

from connector.engine.calendar import WorkCalendar
from connector.sop.model import CalendarDef

FIRST_YEAR = 2020
LAST_YEAR = 2045
#: What the library writes behind the name of a feast whose date is not official yet.
ESTIMATED = " (perkiraan)"


@dataclass(frozen=True)
class FreeDays:
    """What is known of a year's free days."""

    public: int
    collective: int
    estimated: tuple[str, ...]


def free_days(year: int) -> FreeDays:
    """How much is known of a year: collective leave comes with a decree, some feasts are only estimated before it."""
    found = {
        category: holidays.country_holidays("ID", categories={category}, years=year, language="id")
        for category in (PUBLIC, GOVERNMENT)
    }
    days = sorted(found[PUBLIC].items())
    estimated = tuple(name.removesuffix(ESTIMATED) for _, name in days if name.endswith(ESTIMATED))
    known = FIRST_YEAR <= year <= LAST_YEAR
    return FreeDays(len(days) if known else 0, len(found[GOVERNMENT]), estimated)


def work_calendar(definition: CalendarDef) -> WorkCalendar:
    """The calendar of an office. `government` days of the library are the cuti bersama (collective leave)."""
    categories = {
        name
        for name, wanted in (
            (PUBLIC, definition.national_holidays),
            (GOVERNMENT, definition.cuti_bersama),
        )
        if wanted
    }
    free = (
        holidays.country_holidays(
            "ID", categories=categories, years=range(FIRST_YEAR, LAST_YEAR + 1), language="id"
        )
        if categories
        else {}
    )
    return WorkCalendar(definition, dict(free), first_year=FIRST_YEAR, last_year=LAST_YEAR)
