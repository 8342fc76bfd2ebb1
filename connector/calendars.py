"""Work calendars with Indonesia's free days filled in by the library `holidays`."""

from __future__ import annotations

import holidays
from holidays.constants import GOVERNMENT, PUBLIC

from connector.engine.calendar import WorkCalendar
from connector.sop.model import CalendarDef

FIRST_YEAR = 2020
LAST_YEAR = 2045


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
