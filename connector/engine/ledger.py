"""Where a ticket's time went: every stay as spans that counted or did not, and the clocks that follow. Pure.

It is worked out from the ticket's state each time it is asked for, so nothing of it can be lost. The working time of
stays that are over is that of today's calendar; whether they were late was settled when they ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.engine import sla
from connector.engine.arrival import role_of
from connector.engine.calendar import CalendarSpan, WorkCalendar
from connector.engine.progress import Rules
from connector.engine.state import Stay, TicketState
from connector.sop.model import Limit, Step
from connector.sop.table import ahead

#: Why a clock stood still, beside what the calendar says.
WAITING = "menunggu pemohon"
ENDED = "ditangguhkan: tiket sudah berakhir"


class Place(StrEnum):
    """Where a ticket was: not yet in the first step, in a step, or at an end that was taken back."""

    INTAKE = "masuk"
    STEP = "langkah"
    ENDED = "berakhir"


@dataclass(frozen=True)
class Entry:
    """One line: the ticket's time in one place, as spans without gap or overlap.

    `unit` is the role that had it. `norm`: the working minutes of its limit. While it goes on (`current`) `end` is now.
    `procedure` is the title of the procedure where that is not the ticket's own any more.
    """

    place: Place
    title: str
    start: dt.datetime
    end: dt.datetime
    spans: tuple[CalendarSpan, ...]
    no: str = ""
    unit: str = ""
    stay: Stay | None = None
    norm: int | None = None
    current: bool = False
    procedure: str = ""

    @property
    def used(self) -> int:
        """The minutes that counted."""
        return _minutes(span for span in self.spans if span.counted)


@dataclass(frozen=True)
class Tally:
    """Working minutes used, and those that the limits allow; None where no limit is known."""

    used: int
    norm: int | None


@dataclass(frozen=True)
class Waited:
    """How often and how long the ticket waited for its requester: by the clock, and in working minutes."""

    times: int = 0
    elapsed: dt.timedelta = dt.timedelta()
    minutes: int = 0


@dataclass(frozen=True)
class Expected:
    """A step that lies ahead, with the limit that it will have.

    `due` is when it ends if everybody takes as long as he may; None where that depends on somebody's answer.
    """

    step: Step
    unit: str
    limit: Limit | None
    norm: int | None
    due: dt.datetime | None


@dataclass(frozen=True)
class Ledger:
    """All lines in order, what lies ahead, and the clocks.

    A unit's and the ticket's norm is the sum of the limits on the way that was taken and is still ahead. Apart are
    the time before the first step (`intake`, in working minutes) and that spent waiting for the requester.
    """

    entries: tuple[Entry, ...]
    expected: tuple[Expected, ...]
    step: Tally | None
    units: Mapping[str, Tally]
    ticket: Tally
    waited: Waited
    intake: int = 0


@dataclass(frozen=True)
class _Chapter:
    """The ticket's time in one procedure. `rules` are None where nobody knows that procedure any more."""

    rules: Rules | None
    stays: tuple[Stay, ...]
    start: dt.datetime
    end: dt.datetime
    given: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    running: bool = False


def ledger(
    rules: Rules,
    state: TicketState,
    given: Mapping[str, str],
    now: dt.datetime,
    others: Mapping[str, Rules] | None = None,
) -> Ledger:
    """The ledger of a ticket at `now`.

    `given` are its values by field id; `others` the rules of the procedures that it may have been in before, by key.
    """
    now = max(now, state.latest)
    entries = tuple(
        entry
        for chapter in _chapters(rules, state, given, now, others or {})
        for entry in _entries(chapter, rules.calendar)
    )
    coming = tuple(expected(rules, state, given, now))
    own = [entry for entry in entries if entry.place is Place.STEP]
    units = dict.fromkeys((*(each.unit for each in own), *(each.unit for each in coming)))
    return Ledger(
        entries=entries,
        expected=coming,
        step=next((_tally([entry], ()) for entry in own if entry.current), None),
        units={
            unit: _tally(
                [entry for entry in own if entry.unit == unit],
                [each for each in coming if each.unit == unit],
            )
            for unit in units
            if unit
        },
        ticket=_tally(own, coming),
        waited=_waited(own, rules.calendar),
        intake=sum(entry.used for entry in entries if entry.place is Place.INTAKE),
    )


def expected(
    rules: Rules, state: TicketState, given: Mapping[str, str], now: dt.datetime
) -> Iterator[Expected]:
    """The steps ahead if all goes well, each beginning when the limit of the one before it runs out."""
    procedure, stay, values = rules.procedure, state.stay, dict(given)
    if state.ended is not None:
        return
    known = stay is not None and stay.due is not None
    at = max(now, stay.due) if stay is not None and stay.due is not None else now
    here = stay.step if stay else procedure.first_step.id
    coming = ahead(procedure, here)
    for step in coming if stay else (procedure.first_step, *coming):
        stays = state.stays
        begun = sla.begin(procedure, step, at, 0, values=values, calendar=rules.calendar, earlier=stays)
        known = known and begun.due is not None
        undecided = step.assignee_by is not None and not given.get(step.assignee_by.field)
        yield Expected(
            step=step,
            unit="" if undecided else role_of(step, values) or "",
            limit=begun.limit,
            norm=_norm(begun, rules.calendar),
            due=begun.due if known else None,
        )
        at = begun.due or at


def spans(calendar: WorkCalendar, stay: Stay, until: dt.datetime) -> Iterator[CalendarSpan]:
    """The time of a stay, up to `until` where it is not over. The time with the requester is one span each."""
    at, end = stay.entered, stay.left or until
    for pause in stay.pauses:
        yield from calendar.spans(at, pause.since)
        at = pause.until or end
        if pause.since < at:
            yield CalendarSpan(
                pause.since.astimezone(calendar.zone), at.astimezone(calendar.zone), False, WAITING
            )
    yield from calendar.spans(at, end)


# lines --------------------------------------------------------------------------------------------------------


def _chapters(
    rules: Rules, state: TicketState, given: Mapping[str, str], now: dt.datetime, others: Mapping[str, Rules]
) -> Iterator[_Chapter]:
    at = state.received
    for former in state.former:
        title = former.title if former.procedure != rules.procedure.key else ""
        yield _Chapter(others.get(former.procedure), former.stays, at, former.at, title=title)
        at = former.at
    end = state.ended_at if state.ended_at is not None else now
    yield _Chapter(rules, state.stays, at, max(at, end), given=given, running=state.ended is None)


def _entries(chapter: _Chapter, calendar: WorkCalendar) -> Iterator[Entry]:
    """The lines of one procedure: from `start` to `end` without a gap."""
    at = chapter.start
    for position, stay in enumerate(chapter.stays):
        yield from _before(chapter, calendar, at, stay.entered, chapter.stays[:position])
        at = max(stay.entered, stay.left or chapter.end)
        yield _of_stay(chapter, calendar, stay, at)
    yield from _before(chapter, calendar, at, chapter.end, chapter.stays)


def _before(
    chapter: _Chapter, calendar: WorkCalendar, start: dt.datetime, end: dt.datetime, done: tuple[Stay, ...]
) -> Iterator[Entry]:
    """What lies between two stays, or around all: the intake, or an end that was taken back."""
    if end <= start:
        return
    if not done:
        title = chapter.rules.procedure.intake if chapter.rules else ""
        counted = tuple(calendar.spans(start, end))
        current = chapter.running and not chapter.stays
        yield Entry(Place.INTAKE, title, start, end, counted, current=current, procedure=chapter.title)
        return
    stood = CalendarSpan(start.astimezone(calendar.zone), end.astimezone(calendar.zone), False, ENDED)
    yield Entry(Place.ENDED, _end_of(chapter, done[-1]), start, end, (stood,), procedure=chapter.title)


def _end_of(chapter: _Chapter, last: Stay) -> str:
    """The title of the end that a stay led to."""
    procedure = chapter.rules.procedure if chapter.rules else None
    step = procedure.step(last.step) if procedure else None
    outcome = step.outcomes.get(last.outcome or "") if step else None
    end = procedure.end(outcome.to) if procedure and outcome else None
    return end.title if end else ""


def _of_stay(chapter: _Chapter, calendar: WorkCalendar, stay: Stay, end: dt.datetime) -> Entry:
    step = chapter.rules.procedure.step(stay.step) if chapter.rules else None
    return Entry(
        place=Place.STEP,
        title=step.title if step else stay.step,
        start=stay.entered,
        end=end,
        spans=tuple(spans(calendar, stay, end)),
        no=step.no if step else "",
        unit=(role_of(step, dict(chapter.given)) or "") if step else "",
        stay=stay,
        norm=_norm(stay, calendar),
        current=chapter.running and stay.left is None,
        procedure=chapter.title,
    )


# clocks -------------------------------------------------------------------------------------------------------


def _tally(entries: Iterable[Entry], coming: Iterable[Expected]) -> Tally:
    entries = tuple(entries)
    norms = [
        norm
        for norm in (*(each.norm for each in entries), *(each.norm for each in coming))
        if norm is not None
    ]
    return Tally(sum(entry.used for entry in entries), sum(norms) if norms else None)


def _norm(stay: Stay, calendar: WorkCalendar) -> int | None:
    """The working minutes of a stay's limit."""
    due = sla.first_due(stay, calendar)
    return sla.minutes_left(calendar, stay.entered, due) if due else None


def _waited(entries: Iterable[Entry], calendar: WorkCalendar) -> Waited:
    pauses = [
        (pause, entry.end) for entry in entries if entry.stay is not None for pause in entry.stay.pauses
    ]
    waits = [(pause.since, pause.until or end) for pause, end in pauses]
    return Waited(
        sum(pause.asked is None for pause, _ in pauses),
        sum((until - since for since, until in waits), dt.timedelta()),
        sum(int(calendar.between(since, until).total_seconds() // 60) for since, until in waits),
    )


def _minutes(found: Iterable[CalendarSpan]) -> int:
    return int(sum((span.end - span.start for span in found), dt.timedelta()).total_seconds() // 60)
