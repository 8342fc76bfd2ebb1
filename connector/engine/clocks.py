"""The clocks that run for a ticket, the rungs on which people are warned, and when time alone changes something. Pure.

An instant has passed when it is over: on the limit itself a ticket is still in time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum

from pydantic import AwareDatetime

from connector.engine.calendar import WorkCalendar
from connector.engine.duties import owed, turns
from connector.engine.progress import Rules
from connector.engine.state import Stay, TicketState
from connector.engine.survey import remind_at
from connector.sop.model import (
    DUTY_ESCALATION,
    Escalation,
    Frozen,
    Limit,
    Offset,
    Procedure,
    SlaStatus,
    Unit,
)
from connector.sop.table import expiry, lapse

#: An instant is over this much later.
MOMENT = dt.timedelta(microseconds=1)
NOTHING = dt.timedelta()
#: Who was asked for something is not reminded of it sooner.
HEARD = dt.timedelta(days=1)
#: So much of the time is used when a limit is near.
NEAR = Offset(used=75)


class ClockKind(StrEnum):
    """What a clock runs for: a step, the requester's answer, or a duty that comes round."""

    STEP = "STEP"
    ANSWER = "ANSWER"
    DUTY = "DUTY"


class Clock(Frozen):
    """A clock that runs. `key` is unique in the ticket for ever; `step` the step (or duty) that it runs for.

    `pauses` are the times from `since` on in which it stood still; `no` is which of a duty's periods it is.
    """

    key: str
    kind: ClockKind
    step: str
    since: AwareDatetime
    due: AwareDatetime
    pauses: tuple[tuple[AwareDatetime, AwareDatetime], ...] = ()
    no: int = 0


class Rung(Frozen):
    """An instant at which roles are warned of a clock's limit. `key` is unique in the ticket."""

    key: str
    at: AwareDatetime
    offset: Offset
    to: tuple[str, ...]


def clocks(rules: Rules, state: TicketState) -> tuple[Clock, ...]:
    """The clocks that run now. A ticket that has ended has none, one that was stopped that of its step: nobody closes
    it or asks for reports."""
    if state.ended is not None:
        return ()
    if state.stopped:
        return tuple(_step(state))
    return (*_step(state), *_answer(rules, state), *_duty(state))


def rungs(rules: Rules, clock: Clock) -> tuple[Rung, ...]:
    """The rungs of a clock, lowest first. What would lie before the clock's beginning is left out."""
    found = []
    for each in _escalation(rules, clock):
        at = instant(rules.calendar, clock, each.at)
        if at > clock.since + (HEARD if clock.kind is ClockKind.ANSWER else NOTHING):
            key = f"{clock.key}:{str(each.at).replace(' ', '-')}"
            found.append(Rung(key=key, at=at, offset=each.at, to=each.to))
    return tuple(sorted(found, key=lambda rung: rung.at))


def sla_status(rules: Rules, state: TicketState, now: dt.datetime) -> str:
    """What «Status SLA» says at `now`. Empty as long as no step had a limit; of an ended ticket the result."""
    if state.ended is None and state.stay is not None and state.stay.paused:
        return SlaStatus.PAUSED
    stays = (*(stay for each in state.former for stay in each.stays), *state.stays)
    if all(stay.limit is None for stay in stays):
        return ""
    if state.ended is not None:
        return SlaStatus.LATE if any(stay.late for stay in stays) else SlaStatus.IN_TIME
    for clock in _step(state):
        if now > clock.due:
            return SlaStatus.LATE
        if now > instant(rules.calendar, clock, NEAR):
            return SlaStatus.NEAR
    return SlaStatus.IN_TIME


def wake(rules: Rules, state: TicketState, now: dt.datetime) -> dt.datetime | None:
    """When the ticket must be looked at although nobody does anything; not after `now` if it should have been already.

    It follows from the state alone, so the sweep finds what was missed.
    """
    running = clocks(rules, state)
    instants = [rung.at for clock in running for rung in rungs(rules, clock) if rung.key not in state.rungs]
    for clock in running:
        if clock.kind is ClockKind.ANSWER:
            instants.append(clock.due)
        if clock.kind is ClockKind.STEP:
            instants += [at for at in (instant(rules.calendar, clock, NEAR), clock.due) if at >= now]
    if not state.stopped:
        instants += turns(rules, state)
        survey = remind_at(rules, state, now)
        instants += [survey] if survey is not None else []
    if running and sla_status(rules, state, now) != state.sla:
        return now
    return min(instants) + MOMENT if instants else None


# the clocks -------------------------------------------------------------------------------------------------------


def _step(state: TicketState) -> Iterator[Clock]:
    stay = state.stay
    if stay is None or stay.paused or stay.due is None:
        return
    pauses = tuple((pause.since, pause.until) for pause in stay.pauses if pause.until is not None)
    yield Clock(
        key=step_key(state.position, stay),
        kind=ClockKind.STEP,
        step=stay.step,
        since=stay.entered,
        due=stay.due,
        pauses=pauses,
    )


def step_key(position: int, stay: Stay) -> str:
    """The key of the clock of the stay at `position`: another one after each time the calendar moved its limit."""
    return f"{ClockKind.STEP}:{position}" + (f".{len(stay.moves)}" if stay.moves else "")


def _answer(rules: Rules, state: TicketState) -> Iterator[Clock]:
    """Only where time alone ends the requester's silence: else nothing follows from it."""
    stay = state.stay
    if stay is None:
        return
    if stay.paused:
        if state.expires is not None and expiry(rules.procedure) is not None:
            pause = stay.pauses[-1]
            yield Clock(
                key=answer_key(state.position, stay),
                kind=ClockKind.ANSWER,
                step=stay.step,
                since=pause.began,
                due=state.expires,
            )
        return
    # what he was told last, or the limit where that was moved on since
    until = [each for each in (stay.lapses, stay.due) if each is not None]
    if until and lapse(rules.procedure, stay.step) is not None:
        yield Clock(
            key=f"{ClockKind.ANSWER}:{state.position}",
            kind=ClockKind.ANSWER,
            step=stay.step,
            since=stay.entered,
            due=max(until),
        )


def answer_key(position: int, stay: Stay) -> str:
    """The key of the clock that runs while the ticket's stay at `position` waits for the requester."""
    return f"{ClockKind.ANSWER}:{position}.{len(stay.pauses)}"


def _duty(state: TicketState) -> Iterator[Clock]:
    """One for each report that is wanted: of the period that runs, and of the one before it if that is over."""
    stay = state.stay
    for period in owed(state):
        if stay is None or period.due is None:
            continue
        between = ((each.since, each.until) for each in stay.pauses if each.since >= period.since)
        yield Clock(
            key=f"{ClockKind.DUTY}:{period.step}:{period.stay}.{period.no}",
            kind=ClockKind.DUTY,
            step=period.step,
            no=period.no,
            since=period.since,
            due=period.due,
            pauses=tuple((since, until) for since, until in between if until is not None),
        )


# the rungs --------------------------------------------------------------------------------------------------------


def _escalation(rules: Rules, clock: Clock) -> tuple[Escalation, ...]:
    """Who is warned: as the step says, else the procedure, else the organization; of a duty, as it says itself.

    A requester is reminded of what is awaited from him.
    """
    procedure = rules.procedure
    if clock.kind is ClockKind.ANSWER:
        before = _reminders(procedure, clock) if procedure.requesters else ()
        return tuple(Escalation(at=Offset(before=each), to=procedure.requesters) for each in before)
    step = procedure.step(clock.step)
    if clock.kind is ClockKind.DUTY:
        return DUTY_ESCALATION if step is None or step.escalation is None else step.escalation
    said = (step.escalation if step else None, rules.procedure.escalation)
    return next((each for each in said if each is not None), rules.organization.escalation)


def _reminders(procedure: Procedure, clock: Clock) -> tuple[Limit, ...]:
    """How long before the end a requester is reminded: of his own step, or of what he was asked for in a return."""
    step = procedure.step(clock.step)
    own = step.unanswered if step is not None and "." not in clock.key else None
    return own.remind if own is not None else procedure.waiting.remind


def instant(calendar: WorkCalendar, clock: Clock, offset: Offset) -> dt.datetime:
    """When an offset of a clock's limit is reached; the clock's beginning for what would lie before it.

    Days before or after a limit are whole working days, as limits themselves are; what stood still does not count.
    """
    if offset.after is not None:
        return _after(calendar, clock, offset.after)
    total = sum((calendar.between(*span) for span in _spans(clock)), dt.timedelta(0))
    if offset.used is not None:
        return _reached(calendar, clock, total * offset.used / 100)
    if offset.before is None:
        return clock.due
    left = _left(calendar, clock, offset.before)
    return _reached(calendar, clock, total - left) if left < total else clock.since


def _spans(clock: Clock) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The times in which the clock ran, up to its limit."""
    start = clock.since
    for since, until in clock.pauses:
        if since >= clock.due:
            break
        yield start, since
        start = until
    yield start, max(start, clock.due)


def _reached(calendar: WorkCalendar, clock: Clock, work: dt.timedelta) -> dt.datetime:
    """When the clock has run for so much working time."""
    for start, end in _spans(clock):
        ran = calendar.between(start, end)
        if work <= ran:
            return min(calendar.add(start, work), end)
        work -= ran
    return clock.due


def _left(calendar: WorkCalendar, clock: Clock, before: Limit) -> dt.timedelta:
    """The working time between an instant before the limit and the limit: for days, from the same hour of that day."""
    match before.unit:
        case Unit.MINUTE:
            return dt.timedelta(minutes=before.amount)
        case Unit.HOUR:
            return dt.timedelta(hours=before.amount)
        case Unit.WORKING_DAY | Unit.DAY:
            earlier = clock.due.astimezone(calendar.zone)
            for _ in range(before.amount):
                earlier -= dt.timedelta(1)
                while not calendar.hours(earlier.date()):
                    earlier -= dt.timedelta(1)
        case Unit.WEEK | Unit.MONTH:  # a mapping has no months here
            earlier = clock.due.astimezone(calendar.zone) - dt.timedelta(weeks=before.amount)
    return calendar.between(max(earlier, clock.since), clock.due)


def _after(calendar: WorkCalendar, clock: Clock, after: Limit) -> dt.datetime:
    """So long after the limit; a pause that began after the limit puts it off."""
    at = calendar.due(clock.due, after)
    for since, until in clock.pauses:
        if clock.due <= since < at:
            at = calendar.add(until, calendar.between(since, at))
    return at
