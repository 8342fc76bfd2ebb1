"""A ticket that waits for its requester: he is reminded, and who does not answer in time loses it. Pure.

The instants decide, not when the connector looks. What a requester sends up to the last instant counts; what he sends
later is kept on the closed ticket. What staff do counts as long as Redmine still has the ticket waiting. Nobody loses
his ticket without the last reminder: where the service was away when it was due, the end is put off by a working day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from connector.engine.arrival import requester_address
from connector.engine.clocks import Clock, ClockKind, Rung, clocks, rungs
from connector.engine.effects import AddNote, Effect, NotifyStaff, RecallMail, SendMail
from connector.engine.progress import Rules, Taken, Walk, moved, place, with_stay
from connector.engine.state import TicketState
from connector.engine.words import instant_words
from connector.sop.model import Limit, Unit
from connector.sop.table import Move, MoveKind, expiry, lapse

#: What stands in the key of a reminder, between the ticket's number and its rung.
REMINDER = "ingat"
#: How long a requester has after a reminder that came late.
GRACE = Limit(amount=1, unit=Unit.WORKING_DAY)
#: A reminder is not late because the service was restarted.
SOON = dt.timedelta(hours=1)


def expired(rules: Rules, state: TicketState, at: dt.datetime) -> bool:
    """Whether the wait was over at `at`: its instant had passed, and no reminder was still to be sent before."""
    clock = _clock(rules, state)
    return clock is not None and at > clock.due and not _unsent(rules, clock, state)


def close_if_expired(
    rules: Rules,
    walk: Walk,
    now: dt.datetime,
    at: dt.datetime | None = None,
    *,
    given: dict[str, str] | None = None,
) -> Walk:
    """The wait ends now if it is over; with `at`, if it was when the requester answered.

    Of a return that is the end of the ticket, of a step of his own what the mapping says of his silence.
    """
    state = walk.state
    move = _move(rules, state)
    until = state.expires or _silent_until(rules, state)
    if move is None or until is None or not expired(rules, state, at or now):
        return walk
    mark = f"habis-{until.astimezone(dt.UTC):%Y%m%dT%H%M%S}"
    taken = Taken(
        kind=move.kind, mark=mark, before=state, step=move.step, to=move.to, answered=at is not None
    )
    state = moved(rules, state, move, now, given=given or {}, journal=0, by=None)
    return replace(walk, state=state, at=place(rules.procedure, state), taken=(*walk.taken, taken))


def lapsed(rules: Rules, walk: Walk) -> tuple[Effect, ...]:
    """A note for staff that a step of the requester's is over without a word of his."""
    return tuple(
        AddNote(
            template="dianggap-selesai",
            data={
                "until": instant_words(until, rules.calendar.zone),
                "label": step.unanswered.label,
            },
        )
        for taken in walk.taken
        if taken.kind is MoveKind.EXPIRE
        and (step := rules.procedure.step(taken.step or "")) is not None
        and step.unanswered is not None
        and (until := _silent_until(rules, taken.before)) is not None
    )


def _move(rules: Rules, state: TicketState) -> Move | None:
    """The connector's own move out of where the ticket waits."""
    if state.stay is None:
        return None
    return expiry(rules.procedure) if state.stay.paused else lapse(rules.procedure, state.stay.step)


def _silent_until(rules: Rules, state: TicketState) -> dt.datetime | None:
    """Until when a step of the requester's own may be left unanswered, if he is in one."""
    clock = _clock(rules, state)
    return clock.due if clock is not None and state.expires is None else None


def remind(
    rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime
) -> tuple[TicketState, tuple[Effect, ...]]:
    """The state with every reminder that was due by `now`, and the latest of them where it was not sent before."""
    clock = _clock(rules, state)
    passed = [rung for rung in rungs(rules, clock) if now > rung.at] if clock else []
    new = [rung.key for rung in passed if rung.key not in state.rungs]
    if clock is None or not new:
        return state, ()
    state = state.model_copy(update={"rungs": (*state.rungs, *new)})
    rung = passed[-1]
    if rung.key not in new:
        return state, ()
    put_off = False
    if rung == rungs(rules, clock)[-1]:
        before = state
        state = _with_grace(rules, state, clock, rung, now)
        put_off = state is not before
    return _told(state, clock), tuple(_reminder(rules, state, given, rung, put_off=put_off))


def _told(state: TicketState, clock: Clock) -> TicketState:
    """The state with the instant that his reminder names: his own step does not lapse before."""
    stay = state.stay
    if stay is None or stay.paused or stay.lapses is not None:
        return state
    return with_stay(state, stay.model_copy(update={"lapses": clock.due}))


def recalled(rules: Rules, walk: Walk) -> tuple[Effect, ...]:
    """A reminder that was not sent yet is not sent any more once the wait is over."""
    before = [taken.before for taken in walk.taken]
    known = tuple(key for key in walk.state.notices if f":{REMINDER}:" in key)
    waited = any(each.stay is not None and (each.stay.paused or _move(rules, each)) for each in before)
    return (RecallMail(keys=known),) if known and waited else ()


# inside -------------------------------------------------------------------------------------------------------


def _clock(rules: Rules, state: TicketState) -> Clock | None:
    return next((clock for clock in clocks(rules, state) if clock.kind is ClockKind.ANSWER), None)


def _unsent(rules: Rules, clock: Clock, state: TicketState) -> bool:
    last = rungs(rules, clock)[-1:]
    return any(rung.key not in state.rungs for rung in last)


def _with_grace(rules: Rules, state: TicketState, clock: Clock, rung: Rung, now: dt.datetime) -> TicketState:
    """The end put off if the last reminder comes so late that less than a working day would be left after it."""
    later = rules.calendar.due(now, GRACE)
    stay = state.stay
    if stay is None or now <= rung.at + SOON or later <= clock.due:
        return state
    if not stay.paused:
        return with_stay(state, stay.model_copy(update={"lapses": later}))
    last = stay.pauses[-1].model_copy(update={"expires": later})
    return with_stay(state, stay.model_copy(update={"pauses": (*stay.pauses[:-1], last)}))


def _reminder(
    rules: Rules, state: TicketState, given: dict[str, str], rung: Rung, *, put_off: bool
) -> Iterator[Effect]:
    """To the requester; where he left no address staff must call him."""
    procedure = rules.procedure
    address = requester_address(procedure, given)
    ends = state.expires or _silent_until(rules, state)
    until = instant_words(ends, rules.calendar.zone) if ends else ""
    step = procedure.step(state.stay.step) if state.stay and not state.stay.paused else None
    silence = step.unanswered.label if step and step.unanswered else ""
    yield AddNote(
        template="pengingat",
        data={"until": until, "put_off": put_off, "mailed": bool(address), "silence": silence},
    )
    if not address:
        yield NotifyStaff()
        return
    yield SendMail(
        key=f"{state.number}:{REMINDER}:{rung.key}",
        to=address,
        template="pengingat",
        data={
            "number": state.number,
            "service": procedure.title,
            "until": until,
            "put_off": put_off,
            "silence": silence,
            "label": next(
                (field.label for field in procedure.fields if field.id == procedure.waiting.reason), ""
            ),
            "request": "" if step else given.get(procedure.waiting.reason, ""),
        },
    )
