"""A line of the ledger in words: when the ticket came and went, and day by day what counted. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from connector.engine.calendar import BREAK, CLOSED, CalendarSpan
from connector.engine.ledger import ENDED, WAITING, Entry, Place
from connector.engine.progress import Rules
from connector.engine.state import Stay
from connector.engine.words import duration_words, moment_words, short_date_words
from connector.sop.table import MoveKind

#: These follow from the hours that are told.
PLAIN = (CLOSED, BREAK)
NOT_COUNTED = "tidak dihitung"
#: Ways out of a step that are no outcome of it.
OUTCOMES = {
    "diatur": "dipindahkan pengelola SOP",
    "dipindahkan": "dipindahkan ke tempat lain",
    MoveKind.WITHDRAW.value: "ditarik pemohon",
    MoveKind.EXPIRE.value: "berakhir tanpa jawaban pemohon",
}


@dataclass(frozen=True)
class Row:
    """A day that counted with its hours, or a stretch that did not with its reason."""

    when: str
    text: str
    minutes: int = 0
    first: dt.date | None = None
    """Of a day that counted."""


def entry_lines(rules: Rules, entry: Entry) -> Iterator[str]:
    """The head of an entry, when it was, and its days where there is more to say than its sum."""
    zone = rules.calendar.zone
    yield f"  {_title(rules, entry)}"
    yield f"      {_period(entry, zone)}"
    found = rows(entry.spans, zone)
    if len(found) == 1 and found[0].first and entry.stay is not None:
        return
    for row in found:
        used = duration_words(row.minutes) if row.first else NOT_COUNTED
        yield f"        {row.when:<47}  {row.text:<34}  {used}"


def _title(rules: Rules, entry: Entry) -> str:
    role = rules.organization.role(entry.unit)
    name = f"{entry.no}. {entry.title}" if entry.no else entry.title
    former = f"dalam POS {entry.procedure}" if entry.procedure else ""
    return " · ".join(part for part in (name, role.title if role else "", former, _result(entry)) if part)


def _result(entry: Entry) -> str:
    stay = entry.stay
    if entry.place is Place.ENDED:
        return "berakhir, lalu dibuka kembali"
    if stay is None:
        return "sebelum lengkap, tanpa batas waktu"
    if entry.current:
        return WAITING if stay.paused else "berjalan"
    outcome = OUTCOMES.get(stay.outcome or "", stay.outcome or "")
    if stay.late is None:
        return f"tanpa batas waktu ({outcome})"
    return f"{'LEWAT BATAS' if stay.late else 'tepat waktu'} ({outcome})"


def _period(entry: Entry, zone: ZoneInfo) -> str:
    start, end = entry.start.astimezone(zone), entry.end.astimezone(zone)
    until = moment_words(end, zone) if start.date() != end.date() else f"{end:%H.%M}"
    text = f"{moment_words(start, zone)} sampai {'sekarang' if entry.current else until}"
    return text + (_limit(entry, entry.stay, zone) if entry.stay else "")


def _limit(entry: Entry, stay: Stay, zone: ZoneInfo) -> str:
    used = f" · terpakai {duration_words(entry.used)}"
    if stay.limit is None:
        return used
    rest = f" (sisa {duration_words(stay.budget)})" if stay.budget is not None else ""
    due = stay.projected if not stay.paused else None
    until = f", habis {moment_words(due, zone)}" if due else ""
    return f" · batas {stay.limit}{rest}{until}{used}"


# day by day ---------------------------------------------------------------------------------------------------


def rows(spans: Iterable[CalendarSpan], zone: ZoneInfo) -> list[Row]:
    """The spans day by day; neighbouring days with the same hours are one row."""
    told = tuple(spans)
    if not any(span.counted or span.reason not in PLAIN for span in told):
        return [_stretch(span, zone) for span in told]
    found: list[Row] = []
    day: list[CalendarSpan] = []
    for span in told:
        if span.reason in PLAIN:
            continue
        if day and not (span.counted and _date(span, zone) == _date(day[0], zone)):
            _add(found, _worked(day, zone))
            day = []
        if span.counted:
            day.append(span)
        else:
            found.append(_stretch(span, zone))
    if day:
        _add(found, _worked(day, zone))
    return found


def _add(found: list[Row], row: Row) -> None:
    """A day that was worked like the one before it joins that."""
    last = found[-1] if found else None
    if last is None or last.first is None or last.text != row.text:
        found.append(row)
        return
    first = short_date_words(last.first).rpartition(" ")[0]
    found[-1] = replace(last, when=f"{first} – {row.when}", minutes=last.minutes + row.minutes)


def _worked(spans: list[CalendarSpan], zone: ZoneInfo) -> Row:
    day = _date(spans[0], zone)
    seconds = sum((span.end - span.start).total_seconds() for span in spans)
    text = ", ".join(f"{_clock(span.start, zone)}–{_clock(span.end, zone)}" for span in spans)
    return Row(short_date_words(day), text, int(seconds // 60), day)


def _stretch(span: CalendarSpan, zone: ZoneInfo) -> Row:
    """A time that did not count: days of the calendar by their dates, what happened to the ticket by the clock."""
    first, last = span.start.astimezone(zone), span.end.astimezone(zone)
    if span.reason in (WAITING, ENDED, *PLAIN):
        until = f"{last:%H.%M}" if last.date() == first.date() else moment_words(last, zone)
        return Row(f"{moment_words(first, zone)} – {until}", span.reason)
    last -= dt.timedelta.resolution
    until = "" if last.date() == first.date() else f" – {short_date_words(last.date())}"
    return Row(f"{short_date_words(first.date())}{until}", span.reason)


def _date(span: CalendarSpan, zone: ZoneInfo) -> dt.date:
    return span.start.astimezone(zone).date()


def _clock(instant: dt.datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H.%M}"
