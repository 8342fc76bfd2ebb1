"""What types cannot say about an office's calendar: that its hours and free days do not contradict each other.

Each check yields (where below `calendar`, message), like those of `connector.sop.checks`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import chain, pairwise

from connector.sop.document import Where
from connector.sop.model import (
    FIRST_YEAR,
    LAST_YEAR,
    WEEKDAYS,
    CalendarDef,
    Closure,
    Decree,
    SpecialHours,
    Week,
)

Finding = tuple[Where, str]
Check = Callable[[CalendarDef], Iterator[Finding]]


def check_calendar(calendar: CalendarDef) -> Iterator[Finding]:
    """Every finding of every check."""
    return chain.from_iterable(each(calendar) for each in CHECKS)


def _hours(calendar: CalendarDef) -> Iterator[Finding]:
    if not any(calendar.hours.values()):
        yield ("hours",), "tidak ada satu hari pun yang mempunyai jam kerja"
    yield from _week(calendar.hours, ("hours",))
    for i, special in enumerate(calendar.special_hours):
        yield from _week(special.hours, ("special_hours", i, "hours"))


def _week(week: Week, at: Where) -> Iterator[Finding]:
    for weekday, hours in week.items():
        for i, (before, after) in enumerate(pairwise(hours)):
            if after.end <= before.start:
                yield (*at, weekday, i + 1), f"jam «{after}» harus ditulis sebelum «{before}»"
            elif after.start < before.end:
                yield (*at, weekday, i + 1), f"jam «{after}» bertumpang tindih dengan «{before}»"


def _special(calendar: CalendarDef) -> Iterator[Finding]:
    for i, special in enumerate(calendar.special_hours):
        at: Where = ("special_hours", i)
        yield from _period((*at, "last"), special.first, special.last)
        for other in calendar.special_hours[:i]:
            if special.first <= other.last and other.first <= special.last:
                yield at, f"«{special.name}» bertumpang tindih dengan «{other.name}» ({_dates(other)})"


def _dates(special: SpecialHours) -> str:
    return f"{special.first} sampai {special.last}"


def _closures(calendar: CalendarDef) -> Iterator[Finding]:
    yield from _free(calendar.closures, ("closures",))


def _free(closures: tuple[Closure, ...], at: Where) -> Iterator[Finding]:
    """No day is off twice in one list."""
    seen: dict[dt.date, str] = {}
    for i, closure in enumerate(closures):
        wrong = list(_period((*at, i, "last"), closure.date, closure.last or closure.date))
        yield from wrong
        double = None if wrong else next((day for day in closure.days if day in seen), None)
        if double is not None:
            yield (*at, i), f"{double} sudah ditulis sebagai «{seen[double]}»"
        if not wrong:
            seen.update(dict.fromkeys(closure.days, closure.name))


def _period(at: Where, first: dt.date, last: dt.date) -> Iterator[Finding]:
    if last < first:
        yield at, f"hari terakhir, {last}, lebih awal dari hari pertama, {first}"
    for day in dict.fromkeys((first, last)):
        yield from _year(at[:-1], day.year, str(day))


def _year(at: Where, year: int, written: str) -> Iterator[Finding]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        yield at, f"«{written}» di luar kalender, yang dari tahun {FIRST_YEAR} sampai {LAST_YEAR}"


def _opened(calendar: CalendarDef) -> Iterator[Finding]:
    closed = {day: each.name for each in calendar.closures for day in each.days}
    for i, day in enumerate(calendar.opened):
        at: Where = ("opened", i)
        if day in calendar.opened[:i]:
            yield at, f"{day} ditulis dua kali"
        if day in closed:
            yield at, f"{day} juga ditulis di closures, sebagai «{closed[day]}»"
        weekday = WEEKDAYS[day.weekday()]
        if not calendar.week(day).get(weekday):
            yield at, f"{day} hari {weekday}, yang tidak mempunyai jam kerja; tulis jamnya di special_hours"


def _decrees(calendar: CalendarDef) -> Iterator[Finding]:
    for i, decree in enumerate(calendar.decrees):
        at: Where = ("decrees", i)
        yield from _year((*at, "year"), decree.year, str(decree.year))
        if decree.year in (each.year for each in calendar.decrees[:i]):
            yield (*at, "year"), f"tahun {decree.year} ditulis dua kali"
        yield from _decreed(calendar, decree, at)


def _decreed(calendar: CalendarDef, decree: Decree, at: Where) -> Iterator[Finding]:
    lists = {"national_holidays": decree.national_holidays, "cuti_bersama": decree.cuti_bersama}
    if all(days is None for days in lists.values()):
        yield at, "tulis national_holidays, cuti_bersama, atau keduanya"
    for key, days in lists.items():
        if days is not None and not getattr(calendar, key):
            yield (*at, key), f"tidak berlaku, karena {key} kalender ini false"
        yield from _free(days or (), (*at, key))
        for j, closure in enumerate(days or ()):
            if {closure.date.year, (closure.last or closure.date).year} != {decree.year}:
                yield (*at, key, j), f"«{closure.name}» bukan dari tahun {decree.year}"


CHECKS: tuple[Check, ...] = (_hours, _special, _closures, _opened, _decrees)
