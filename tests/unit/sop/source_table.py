"""What the tests of the shipped mappings share: a procedure read back as the table that its source prints."""

from __future__ import annotations

from pathlib import Path

from connector.sop.blueprint import status_names
from connector.sop.keys import slug
from connector.sop.loader import load
from connector.sop.model import Basis, Catalogue, OutputKind, Procedure, Step

MAPPINGS = Path(__file__).resolve().parents[3] / "sop_mappings"
#: Names in Redmine's Indonesian default data.
TAKEN = {"baru", "dalam-proses", "resolved", "umpan-balik", "ditutup", "ditolak"}

#: no, roles, time, where it may go on to (step numbers and ends; the number of a form step is back to the requester)
Row = tuple[str, tuple[str, ...], str | None, set[str]]


def shipped(profile: str) -> Catalogue:
    return load(MAPPINGS, (profile,))


def find(catalogue: Catalogue, key: str) -> Procedure:
    found = catalogue.by_key(key)
    assert found is not None
    return found


def rows(procedure: Procedure) -> list[Row]:
    numbers = {step.id: step.no for step in procedure.steps}
    return [
        (
            step.no,
            step.roles,
            _time(step),
            {numbers.get(outcome.to, outcome.to) for outcome in step.outcomes.values()},
        )
        for step in procedure.steps
    ]


def _time(step: Step) -> str | None:
    return f"setiap {step.every}" if step.every else str(step.limit) if step.limit else None


def by_number(procedure: Procedure, no: str) -> Step:
    return next(step for step in procedure.steps if step.no == no)


def needs(procedure: Procedure) -> dict[str, set[str]]:
    return {step.no: {need.field for need in step.needs} for step in procedure.steps}


def outputs(procedure: Procedure, kind: OutputKind) -> dict[str, set[str]]:
    found = {step.no: {each.id for each in step.outputs if each.kind is kind} for step in procedure.steps}
    return {no: ids for no, ids in found.items() if ids}


def marked(procedure: Procedure, fact: str, basis: Basis) -> set[str]:
    """The numbers of the steps whose role, limit or outcomes have this basis."""
    return {step.no for step in procedure.steps if getattr(step.basis, fact) is basis}


def told(procedure: Procedure) -> set[tuple[str, str]]:
    """(step, role) of everybody who is told of something in a step or on a way out of it."""
    return {
        (step.no, role)
        for step in procedure.steps
        for tells in (step.tell, *(outcome.tell for outcome in step.outcomes.values()))
        for tell in tells
        for role in tell.to
    }


def told_at(procedure: Procedure, no: str) -> set[str]:
    """Who is told of something in a step or on a way out of it."""
    return {role for step, role in told(procedure) if step == no}


def told_of(procedure: Procedure, end_id: str) -> set[str]:
    """Who is told of an end."""
    return {role for end in procedure.ends if end.id == end_id for tell in end.tell for role in tell.to}


def left(procedure: Procedure, no: str) -> set[str]:
    """What a step leaves."""
    return {output.id for output in by_number(procedure, no).outputs}


def end_needs(procedure: Procedure) -> dict[str, list[str]]:
    return {end.id: [need.field for need in end.needs] for end in procedure.ends}


def without_status(procedure: Procedure) -> list[str]:
    """The numbers of the steps in which no ticket stands."""
    return [step.no for step in procedure.steps if step.status is None]


def words(procedure: Procedure) -> str:
    """What people read in the names, labels and choices of the fields."""
    return "\n".join(
        text for field in procedure.fields for text in (field.id, field.name, field.label, *field.choices)
    )


def head_counts(procedure: Procedure) -> dict[str, int]:
    names = ("legal_basis", "qualifications", "related", "equipment", "indicators")
    return {name: len(getattr(procedure.header, name)) for name in names}


def check_names(procedure: Procedure, statuses: int) -> None:
    """Names fit Redmine and are not those of its default data; there are so many statuses, all told."""
    keys = [slug(name) for name, _ in status_names(procedure)]
    assert len(set(keys)) == len(keys) == statuses
    assert not set(keys) & TAKEN
    names = [name for name, _ in status_names(procedure)] + [field.name for field in procedure.fields]
    assert all(len(name) <= 30 for name in (*names, procedure.tracker))
    assert not any("." in field.name for field in procedure.fields)
    # Redmine's message for an empty field writes only the first letter large, so only such names are recognized there
    needed = {name for ids in needs(procedure).values() for name in ids}
    needed |= {need.field for end in procedure.ends for need in end.needs}
    assert [f.name for f in procedure.fields if f.id in needed and f.name != f.name.capitalize()] == []


def check_ends(procedure: Procedure, expected: dict[str, list[str]]) -> None:
    """Every end tells the requester, and needs what is expected; so does a return."""
    assert end_needs(procedure) == expected
    assert all(end.tell and tell.to == ("pemohon",) for end in procedure.ends for tell in end.tell)
    assert procedure.waiting.reason == "permintaan_perbaikan"
    assert procedure.withdrawn == "dibatalkan"
