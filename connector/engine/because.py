"""Why a limit is what it is, in sentences with dates, for those who look after the service. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from connector.engine import sla
from connector.engine.calendar import WEEKEND, WorkCalendar
from connector.engine.state import Pause, Stay
from connector.engine.words import date_long, date_words, duration_words, instant_words
from connector.sop.model import Limit, Unit

#: So many working days are told one by one.
TOLD = 5


def because(calendar: WorkCalendar, stay: Stay) -> tuple[str, ...]:
    """How the limit of a stay comes about: its rule with the days it fell on, what stopped it, and what moved it."""
    if stay.limit is None:
        return ("Langkah ini tidak mempunyai batas waktu.",)
    return (*_rule(calendar, stay, stay.limit), *_pauses(calendar, stay), *moved(calendar, stay))


def moved(calendar: WorkCalendar, stay: Stay) -> Iterator[str]:
    """What a changed calendar did to it."""
    for each in stay.moves:
        old, new = instant_words(each.old, calendar.zone), instant_words(each.new, calendar.zone)
        seen = instant_words(each.at, calendar.zone)
        yield f"Bergeser dari {old} ke {new}, karena {each.reason} (dihitung ulang {seen})."


def _rule(calendar: WorkCalendar, stay: Stay, limit: Limit) -> Iterator[str]:
    due = sla.first_due(stay, calendar)
    if due is None:
        return
    if stay.budget is not None:
        yield (
            f"Langkah ini sudah pernah dijalani; dari batas {limit} tersisa {duration_words(stay.budget)} waktu kerja."
        )
    if stay.budget is not None or limit.unit in (Unit.MINUTE, Unit.HOUR):
        yield from _working_time(calendar, stay, limit, due)
    elif limit.unit in (Unit.WORKING_DAY, Unit.DAY):
        yield _working_days(calendar, stay.entered, limit, due)
    else:
        yield _same_day(calendar, stay.entered, limit, due)


def _working_time(calendar: WorkCalendar, stay: Stay, limit: Limit, due: dt.datetime) -> Iterator[str]:
    """Minutes and hours: where counting began, and what lay between."""
    opening = calendar.next_opening(stay.entered)
    since = instant_words(opening, calendar.zone)
    if opening > stay.entered:
        entered = next(iter(calendar.spans(stay.entered, opening)))
        since = f"kantor buka, {since}, karena masuk pada waktu yang tidak dihitung ({entered.reason})"
    what = f"{limit} waktu kerja" if stay.budget is None else "Sisa itu"
    yield f"{what} dihitung sejak {since}; habis {instant_words(due, calendar.zone)}.{_skipped(calendar, opening, due)}"


def _working_days(calendar: WorkCalendar, start: dt.datetime, limit: Limit, due: dt.datetime) -> str:
    """The day of receipt left out, the N-th working day after it, its closing time."""
    first = start.astimezone(calendar.zone).date()
    days: list[dt.date] = []
    while len(days) < limit.amount:
        days.append(calendar.closing((days[-1] if days else first) + dt.timedelta(1)).date())
    counted = [f"ke-{number} {date_words(each)}" for number, each in enumerate(days, 1)]
    if len(counted) > TOLD:
        counted = [counted[0], "…", counted[-1]]
    after = dt.datetime.combine(first + dt.timedelta(1), dt.time(), calendar.zone)
    return (
        f"{limit}: hari masuk ({date_words(first)}) tidak dihitung; hari kerja {', '.join(counted)}. "
        f"Habis pada jam tutup hari terakhir, pukul {due:%H.%M}.{_skipped(calendar, after, due)}"
    )


def _same_day(calendar: WorkCalendar, start: dt.datetime, limit: Limit, due: dt.datetime) -> str:
    """Weeks and months: the same day later, or the next that is worked."""
    first, same = date_words(start.astimezone(calendar.zone).date()), limit.unit.value
    return (
        f"{limit} sejak {first}: hari yang sama pada {same} itu, atau hari kerja berikutnya bila libur. "
        f"Habis pada jam tutup {date_words(due.date())}, pukul {due:%H.%M}."
    )


def _skipped(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> str:
    """The days between that did not count, and the hours that were not the ordinary ones."""
    special = calendar.special(start, end)
    days = [f"{name} ({date_words(day)})" for day, name in special.free]
    if any(span.reason == WEEKEND for span in calendar.spans(start, end)):
        days.append(WEEKEND)
    hours = [f"{name} ({date_long(first)} sampai {date_long(last)})" for first, last, name in special.hours]
    return "".join(
        (
            f" Tidak dihitung: {', '.join(days)}." if days else "",
            f" Jam kerja: {', '.join(hours)}." if hours else "",
        )
    )


def _pauses(calendar: WorkCalendar, stay: Stay) -> Iterator[str]:
    for pause in stay.pauses:
        since = instant_words(pause.began, calendar.zone)
        yield f"Diserahkan kepada pemohon {since}, {_left(pause)}; sejak itu waktu berhenti."
        if pause.until is not None and stay.left != pause.until:
            until = instant_words(pause.until, calendar.zone)
            yield f"Pemohon menjawab {until}; {_goes_on(pause)}."


def _left(pause: Pause) -> str:
    if pause.remaining is None:
        return "tanpa batas waktu"
    if pause.remaining <= 0:
        return "ketika batasnya sudah lewat"
    return f"ketika tersisa {duration_words(pause.remaining)} waktu kerja"


def _goes_on(pause: Pause) -> str:
    if pause.remaining is None or pause.remaining <= 0:
        return "batasnya tidak berubah"
    return "sisanya dihitung lagi sejak itu"
