"""A calendar that changes while clocks run: their limits are worked out anew, and what moved them is kept. Pure.

Stays that are over keep the result they had. A changed mapping moves nothing: its limits count from the next stay on.
(DESIGN, decision 8.)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from connector.engine import sla
from connector.engine.calendar import Special, WorkCalendar
from connector.engine.clocks import ClockKind, clocks, rungs, step_key
from connector.engine.progress import Rules, with_stay
from connector.engine.state import Moved, Stay, TicketState
from connector.engine.words import date_long, date_words

#: The reason where no day or period says it: the ordinary week was changed.
HOURS_CHANGED = "jam kerja kantor diubah"


def reproject(rules: Rules, state: TicketState, now: dt.datetime) -> TicketState:
    """The state with the limit of its open stay as today's calendar has it; itself if nothing moves.

    A stay whose clock stands still is projected too: what is left of it is counted up to that limit.
    """
    stay = state.stay
    if stay is None or stay.projected is None:
        return state
    fresh = sla.projected(stay, rules.calendar)
    if fresh.projected is None or fresh.projected == stay.projected:
        return state
    zone = rules.calendar.zone
    moved = Moved(
        at=now,
        old=stay.projected.astimezone(zone),
        new=fresh.projected.astimezone(zone),
        reason=changed(rules.calendar, stay),
    )
    fresh = fresh.model_copy(update={"moves": (*stay.moves, moved)})
    return _with_rungs(rules, with_stay(state, fresh), stay, now)


def _with_rungs(rules: Rules, state: TicketState, before: Stay, now: dt.datetime) -> TicketState:
    """Nobody is warned anew because the calendar changed. Only of a limit that is ahead again people are told once it
    has passed, whatever they were told of the one `before`."""
    stay = state.stays[-1]
    was, new = (f"{step_key(state.position, each)}:" for each in (before, stay))
    ahead = {
        rung.key
        for clock in clocks(rules, state)
        if clock.kind is ClockKind.STEP
        for rung in rungs(rules, clock)
        if rung.at > now and rung.at >= clock.due
    }
    told = (new + key.removeprefix(was) for key in state.rungs if key.startswith(was))
    return state.model_copy(update={"rungs": (*state.rungs, *(key for key in told if key not in ahead))})


def moves(rules: Rules, state: TicketState) -> bool:
    """Whether the limit of a ticket's open stay is no longer what the calendar says.

    A ticket in a step that is gone waits for a mapping: its limit follows then.
    """
    stay = state.stay
    if stay is None or rules.procedure.step(stay.step) is None:
        return False
    return reproject(rules, state, stay.entered) is not state


def changed(calendar: WorkCalendar, stay: Stay) -> str:
    """What the calendar says now and did not say when the limit was worked out, to be read after «karena»."""
    if stay.known is None or stay.projected is None:
        return HOURS_CHANGED
    now = calendar.special(stay.entered, stay.projected)
    return "; ".join(differences(stay.known, now)) or HOURS_CHANGED


def differences(before: Special, now: Special) -> Iterator[str]:
    """What is special now and was not, then what was and is not any more. Another name alone is neither."""
    had, has = {day for day, _ in before.free}, {day for day, _ in now.free}
    for name, days in _by_name(each for each in now.free if each[0] not in had):
        yield f"libur {name} pada {_days(days)}"
    for name, days in _by_name(each for each in before.free if each[0] not in has):
        yield f"{_days(days)} tidak jadi libur ({name})"
    yield from (f"jam kerja {_period(each)}" for each in now.hours if each not in before.hours)
    yield from (
        f"jam kerja {_period(each)} tidak berlaku lagi" for each in before.hours if each not in now.hours
    )


def _by_name(free: Iterable[tuple[dt.date, str]]) -> Iterable[tuple[str, list[dt.date]]]:
    found: dict[str, list[dt.date]] = {}
    for day, name in free:
        found.setdefault(name, []).append(day)
    return found.items()


def _days(days: list[dt.date]) -> str:
    if len(days) == 1:
        return date_words(days[0])
    *others, last = (date_long(day) for day in days)
    return f"{', '.join(others)} dan {last}"


def _period(hours: tuple[dt.date, dt.date, str]) -> str:
    first, last, name = hours
    return f"{name} ({date_long(first)} sampai {date_long(last)})"
