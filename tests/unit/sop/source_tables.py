"""A procedure in the form in which the tests write its source down a second time, and what holds for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from connector.sop.keys import slug
from connector.sop.model import Basis, Procedure

MAPPINGS = Path(__file__).resolve().parents[3] / "sop_mappings"
#: Names in Redmine's Indonesian default data.
TAKEN = {"baru", "dalam-proses", "resolved", "umpan-balik", "ditutup", "ditolak"}

#: number, roles, time, where it may go on to (step numbers and ends)
Row = tuple[str, tuple[str, ...], str | None, set[str]]


def table(procedure: Procedure) -> list[Row]:
    """The steps as a table of the source."""
    numbers = {step.id: step.no for step in procedure.steps}
    return [
        (
            step.no,
            step.roles,
            str(step.limit) if step.limit else None,
            {numbers.get(outcome.to, outcome.to) for outcome in step.outcomes.values()},
        )
        for step in procedure.steps
    ]


def needs(procedure: Procedure, no: str) -> set[str]:
    """What a step needs."""
    step = next(step for step in procedure.steps if step.no == no)
    return {need.field for need in step.needs}


def outputs(procedure: Procedure, no: str) -> set[str]:
    """What a step leaves."""
    step = next(step for step in procedure.steps if step.no == no)
    return {output.id for output in step.outputs}


def without_status(procedure: Procedure) -> list[str]:
    """The numbers of the steps in which no ticket stands."""
    return [step.no for step in procedure.steps if step.status is None]


def marked(procedure: Procedure, what: str, *marks: Basis) -> set[str]:
    """The numbers of the steps whose `role`, `limit` or `outcomes` carries one of these marks."""
    return {step.no for step in procedure.steps if getattr(step.basis, what) in marks}


def told(procedure: Procedure) -> dict[str, set[str]]:
    """Who is told at each step (on the way out of it, or on coming there) and at each end."""
    found: dict[str, set[str]] = {}
    for step in procedure.steps:
        for tell in (*step.tell, *(each for outcome in step.outcomes.values() for each in outcome.tell)):
            found.setdefault(step.no, set()).update(tell.to)
    for end in procedure.ends:
        for tell in end.tell:
            found.setdefault(end.id, set()).update(tell.to)
    return found


def end_needs(procedure: Procedure) -> Mapping[str, list[str]]:
    """What each end needs."""
    return {end.id: [need.field for need in end.needs] for end in procedure.ends}


def assert_fits_redmine(procedure: Procedure) -> None:
    """Names are short enough, unique in the procedure, and not those of Redmine's default data."""
    names = [procedure.intake, procedure.waiting.status, procedure.waiting.resumed]
    names += [step.status or "" for step in procedure.active_steps] + [end.status for end in procedure.ends]
    keys = [slug(name) for name in names]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & TAKEN
    assert all(len(name) <= 30 for name in names)
    assert all(len(field.name) <= 30 and "." not in field.name for field in procedure.fields)


def words(procedure: Procedure, field_ids: Iterable[str] | None = None) -> str:
    """What people read in the names, labels and choices of the fields."""
    chosen = None if field_ids is None else set(field_ids)
    fields = [field for field in procedure.fields if chosen is None or field.id in chosen]
    return "\n".join(text for field in fields for text in (field.id, field.name, field.label, *field.choices))
