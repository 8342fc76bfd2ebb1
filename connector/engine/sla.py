"""The clock of a stay: begun, paused, resumed, ended. Pure, on `WorkCalendar`."""

from __future__ import annotations

import datetime as dt

from connector.engine.calendar import WorkCalendar
from connector.engine.state import Pause, Stay
from connector.sop.model import Limit, Procedure, Step


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
) -> Stay:
    """A stay that begins at `at`; its limit and version are fixed now. (DESIGN, decision 8.)"""
    limit = limit_of(step, values)
    due = calendar.due(at, limit) if limit else None
    return Stay(step=step.id, entered=at, journal=journal, version=procedure.version, limit=limit, due=due)


def pause(stay: Stay, at: dt.datetime, calendar: WorkCalendar, patience: Limit | None = None) -> Stay:
    """The clock stands still from `at`: no due time, and the working minutes that were left are kept.

    `patience` is how long the requester may take to answer.
    """
    left = None
    if stay.due is not None:
        left = -int(-calendar.between(at, stay.due).total_seconds() // 60)
    expires = calendar.due(at, patience) if patience else None
    begun = Pause(since=at, remaining=left, due=stay.due, expires=expires)
    return stay.model_copy(update={"due": None, "pauses": (*stay.pauses, begun)})


def resume(stay: Stay, at: dt.datetime, calendar: WorkCalendar) -> Stay:
    """The clock goes on at `at` with what was left. A stay that was late already stays late."""
    last = stay.pauses[-1]
    due = last.due
    if due is not None and last.remaining is not None and last.remaining > 0:
        due = calendar.add(at, dt.timedelta(minutes=last.remaining))
    ended = last.model_copy(update={"until": at})
    return stay.model_copy(update={"due": due, "pauses": (*stay.pauses[:-1], ended)})


def end(stay: Stay, at: dt.datetime, outcome: str, by: int | None) -> Stay:
    """The ticket leaves the step."""
    pauses = stay.pauses
    if stay.paused:
        pauses = (*pauses[:-1], pauses[-1].model_copy(update={"until": at}))
    return stay.model_copy(update={"left": at, "outcome": outcome, "by": by, "pauses": pauses})
