"""A week in figures: what came in, what was finished, how much of it late, and how long it took. Pure.

Who sees whole tickets gets figures of tickets, who sees units only figures of the steps that these units had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from connector.engine.calendar import WorkCalendar
from connector.engine.ledger import spans
from connector.engine.progress import Rules
from connector.engine.state import Stay, TicketState
from connector.ports import StateRow
from connector.sop.model import Procedure
from connector.sop.table import is_requesters
from connector.supervision.digest import Scope

Period = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Figures:
    """One procedure's. `typical` is the median of the working time, the requester's waiting not counted."""

    procedure: str
    received: int
    finished: int
    late: int
    typical: dt.timedelta | None


@dataclass(frozen=True)
class Week:
    """The figures from `first` to `last`, both included. `steps`: of steps instead of tickets."""

    first: dt.date
    last: dt.date
    steps: bool
    figures: tuple[Figures, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing came in and nothing was finished."""
        return not any(each.received or each.finished for each in self.figures)

    @property
    def total(self) -> tuple[int, int, int]:
        """Received, finished, late."""
        rows = [(each.received, each.finished, each.late) for each in self.figures]
        return sum(a for a, _, _ in rows), sum(b for _, b, _ in rows), sum(c for _, _, c in rows)


@dataclass(frozen=True)
class _Course:
    """A ticket, or one stay in a step: when it began, and if it is over how it went."""

    begun: dt.datetime
    ended: dt.datetime | None
    late: bool
    work: dt.timedelta


def week(
    rulebook: Mapping[str, Rules],
    scope: Scope,
    rows: Iterable[StateRow],
    days: tuple[dt.date, dt.date],
    period: Period,
) -> Week:
    """The figures of the days `days`, which are the instants of `period` (its end not included)."""
    found: dict[str, list[_Course]] = {key: [] for key in rulebook}
    for row in rows:
        rules = rulebook.get(row.state.procedure)
        if rules is not None:
            courses = _steps if scope.by_unit else _ticket
            found[rules.procedure.key] += courses(rules, scope, row.state)
    figures = (_figures(key, courses, period) for key, courses in found.items())
    return Week(*days, scope.by_unit, tuple(each for each in figures if each.received or each.finished))


def worked(calendar: WorkCalendar, stay: Stay) -> dt.timedelta:
    """The working time of a stay that is over, without its pauses."""
    if stay.left is None:
        raise ValueError("the stay is not over")
    counted = (span.end - span.start for span in spans(calendar, stay, stay.left) if span.counted)
    return sum(counted, dt.timedelta(0))


def _ticket(rules: Rules, scope: Scope, state: TicketState) -> Iterator[_Course]:
    if not scope.sees(rules.procedure.id, ()):
        return
    stays = [stay for stay in (*(s for each in state.former for s in each.stays), *state.stays) if stay.left]
    work = sum((worked(rules.calendar, stay) for stay in stays), dt.timedelta(0))
    yield _Course(state.received, state.ended_at, any(stay.late for stay in stays), work)


def _steps(rules: Rules, scope: Scope, state: TicketState) -> Iterator[_Course]:
    for stay in state.stays:
        step = rules.procedure.step(stay.step)
        if step is None or not scope.sees(
            rules.procedure.id, (*step.roles, *_keepers(rules.procedure, stay))
        ):
            continue
        work = worked(rules.calendar, stay) if stay.left else dt.timedelta(0)
        yield _Course(stay.entered, stay.left, bool(stay.late), work)


def _keepers(procedure: Procedure, stay: Stay) -> tuple[str, ...]:
    """Who keeps a requester's own step in sight."""
    step = procedure.step(stay.step)
    return procedure.on_behalf[:1] if step is not None and is_requesters(procedure, step) else ()


def _figures(procedure: str, courses: Iterable[_Course], period: Period) -> Figures:
    courses = list(courses)
    over = [each for each in courses if each.ended is not None and _within(each.ended, period)]
    return Figures(
        procedure=procedure,
        received=sum(_within(each.begun, period) for each in courses),
        finished=len(over),
        late=sum(each.late for each in over),
        typical=dt.timedelta(seconds=median(each.work.total_seconds() for each in over)) if over else None,
    )


def _within(instant: dt.datetime, period: Period) -> bool:
    return period[0] <= instant < period[1]
