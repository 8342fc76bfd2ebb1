"""The clock of a stay: begun, paused, resumed, ended. Pure, on `WorkCalendar`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from connector.engine.calendar import WorkCalendar
from connector.engine.state import Pause, Stay
from connector.sop.model import Limit, LimitAgain, Procedure, Step


def limit_of(step: Step, values: dict[str, str]) -> Limit | None:
    """The limit of a step; where a field chooses it, by the field's value (by field id)."""
    if step.limit_by is not None:
        return step.limit_by.limits.get(values.get(step.limit_by.field, ""), step.limit)
    return step.limit


def begin(
    procedure: Procedure,
    step: Step,
    at: dt.datetime,
    journal: int,
    *,
    values: dict[str, str],
    calendar: WorkCalendar,
    earlier: Iterable[Stay] = (),
) -> Stay:
    """A stay that begins at `at`; its limit and version are fixed now. (DESIGN, decision 8.)

    `earlier` are the ticket's stays so far: where the step says so, it goes on with what the last of them there left.
    """
    limit = limit_of(step, values)
    budget = _left_over(step, limit, earlier, calendar)
    stay = Stay(
        step=step.id, entered=at, journal=journal, version=procedure.version, limit=limit, budget=budget
    )
    return projected(stay, calendar)


def pause(stay: Stay, at: dt.datetime, calendar: WorkCalendar, patience: Limit | None = None) -> Stay:
    """The clock stands still from `at`: no due time, and the working minutes that were left are kept.

    `patience` is how long the requester may take to answer. That instant is told to him, so it never moves.
    """
    expires = calendar.due(at, patience) if patience else None
    begun = Pause(since=at, remaining=None, expires=expires)
    return projected(stay.model_copy(update={"pauses": (*stay.pauses, begun)}), calendar)


def resume(stay: Stay, at: dt.datetime, calendar: WorkCalendar) -> Stay:
    """The clock goes on at `at` with what was left. A stay that was late already stays late."""
    ended = stay.pauses[-1].model_copy(update={"until": at})
    return projected(stay.model_copy(update={"pauses": (*stay.pauses[:-1], ended)}), calendar)


def end(stay: Stay, at: dt.datetime, outcome: str, by: int | None) -> Stay:
    """The ticket leaves the step. From now on its result is what it is."""
    pauses = stay.pauses
    if stay.paused:
        pauses = (*pauses[:-1], pauses[-1].model_copy(update={"until": at}))
    return stay.model_copy(update={"left": at, "outcome": outcome, "by": by, "pauses": pauses, "known": None})


def projected(stay: Stay, calendar: WorkCalendar) -> Stay:
    """An open stay with its limit worked out by this calendar from what is certain: its beginning, limit and pauses."""
    due = first_due(stay, calendar)
    pauses = []
    for each in stay.pauses:
        left = minutes_left(calendar, each.since, due) if due else None
        pauses.append(each.model_copy(update={"remaining": left, "due": due}))
        if due and left and left > 0 and each.until is not None:
            due = calendar.add(each.until, dt.timedelta(minutes=left))
    known = calendar.special(stay.entered, due) if due else None
    due = None if stay.paused else due
    return stay.model_copy(update={"due": due, "pauses": tuple(pauses), "known": known})


def first_due(stay: Stay, calendar: WorkCalendar) -> dt.datetime | None:
    """When the limit of a stay runs out if its clock never stands still."""
    if stay.budget is not None:
        return calendar.add(stay.entered, dt.timedelta(minutes=stay.budget))
    return calendar.due(stay.entered, stay.limit) if stay.limit else None


def minutes_left(calendar: WorkCalendar, at: dt.datetime, due: dt.datetime) -> int:
    """The working minutes from `at` to `due`, one that has begun counted whole; 0 or less once it has passed."""
    return -int(-calendar.between(at, due).total_seconds() // 60)


def _left_over(
    step: Step, limit: Limit | None, earlier: Iterable[Stay], calendar: WorkCalendar
) -> int | None:
    """The working minutes that the last stay in the step left. None: the whole limit counts.

    A stay with another limit (of another class, or of an earlier mapping) leaves nothing that could be compared.
    """
    if step.limit_again is not LimitAgain.REST:
        return None
    last = next((stay for stay in reversed(tuple(earlier)) if stay.step == step.id), None)
    if last is None or last.limit != limit or last.projected is None or last.left is None:
        return None
    stopped = last.pauses[-1].since if last.due is None else last.left
    return max(minutes_left(calendar, stopped, last.projected), 0)
