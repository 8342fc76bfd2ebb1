"""Tours through a procedure's table: walks from its first step to an end that together take every outcome. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from connector.sop.model import Procedure, Step
from connector.sop.table import is_return

#: A step's id and the name of one of its outcomes.
Edge = tuple[str, str]


def tours(procedure: Procedure) -> list[list[Edge]]:
    """Walks, each ending in an end, in which every outcome of every step is taken at least once.

    A return to the requester goes on in the step it came from.
    """
    left = {(step.id, name) for step in procedure.active_steps for name in step.outcomes}
    found = []
    while left:
        tour = _tour(procedure, left)
        if not left & set(tour):
            raise ValueError(f"{procedure.key}: no way to {sorted(left)}")
        found.append(tour)
        left -= set(tour)
    return found


def _tour(procedure: Procedure, left: set[Edge]) -> list[Edge]:
    """One walk that takes as many of those that are left as it comes by, loops first and an end last."""
    left = set(left)
    tour: list[Edge] = []
    here: str | None = procedure.first_step.id
    while here is not None:
        way = _way(procedure, here, left, ending=False) or _way(procedure, here, left, ending=True)
        if not way:
            break
        tour += way
        left -= set(way)
        here = goes_to(procedure, *way[-1])
    return tour if here is None else tour + _home(procedure, here)


def _way(procedure: Procedure, here: str, wanted: set[Edge], *, ending: bool) -> list[Edge]:
    """The shortest way to take one of the wanted that ends the ticket, or that does not."""
    good = {edge for edge in wanted if (goes_to(procedure, *edge) is None) is ending}
    return _search(procedure, here, good)


def _home(procedure: Procedure, here: str) -> list[Edge]:
    ends = {edge for edge in _edges(procedure) if goes_to(procedure, *edge) is None}
    return _search(procedure, here, ends)


def _search(procedure: Procedure, here: str, wanted: set[Edge]) -> list[Edge]:
    queue: deque[tuple[str, list[Edge]]] = deque([(here, [])])
    seen = {here}
    while queue:
        at, way = queue.popleft()
        step = procedure.step(at)
        for name in step.outcomes if step else ():
            edge = (at, name)
            if edge in wanted:
                return [*way, edge]
            target = goes_to(procedure, *edge)
            if target is not None and target not in seen:
                seen.add(target)
                queue.append((target, [*way, edge]))
    return []


def goes_to(procedure: Procedure, step_id: str, outcome: str) -> str | None:
    """The step where an outcome leads in the end; None if the ticket has ended."""
    step = _step(procedure, step_id)
    to = step.outcomes[outcome].to
    if is_return(procedure, to):
        return step_id
    return to if procedure.step(to) is not None else None


def _edges(procedure: Procedure) -> Iterator[Edge]:
    return ((step.id, name) for step in procedure.active_steps for name in step.outcomes)


def _step(procedure: Procedure, step_id: str) -> Step:
    found = procedure.step(step_id)
    if found is None:
        raise KeyError(step_id)
    return found
