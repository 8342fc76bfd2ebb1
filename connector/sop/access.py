"""Who may write which field in which status, and what each status requires. Redmine's field rules come from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from connector.sop.keys import status_key
from connector.sop.model import FieldType, OutputKind, Procedure, Step
from connector.sop.table import MoveKind, actors, is_return, moves


@dataclass(frozen=True)
class Access:
    """The rules of one procedure, by status key, role id and field id."""

    overriding: frozenset[str]
    _required: dict[str, frozenset[str]]
    _writable: dict[tuple[str, str], frozenset[str]]
    _generated: frozenset[str]

    def required(self, status: str) -> frozenset[str]:
        """What must be there to enter a status."""
        return self._required.get(status, frozenset())

    def writable(self, status: str, role: str, field: str) -> bool:
        """Whether a role may write a field while the ticket is in a status. Documents are written by nobody."""
        if field in self._generated:
            return False
        return role in self.overriding or field in self._writable.get((status, role), frozenset())


def access_of(procedure: Procedure, overriding: Iterable[str]) -> Access:
    """The rules of a procedure; holders of `overriding` roles may write everything but documents."""
    generated = {
        output.id for step in procedure.steps for output in step.outputs if output.kind is OutputKind.DOCUMENT
    }
    return Access(
        overriding=frozenset(overriding),
        _required={status: frozenset(fields) for status, fields in _requirements(procedure).items()},
        _writable={place: frozenset(fields) for place, fields in _writers(procedure).items()},
        _generated=frozenset(generated),
    )


def form_needs(procedure: Procedure) -> frozenset[str]:
    """What a ticket must have to be in the first step. Consent is given on the form, or at the desk by word."""
    asked = procedure.form.fields if procedure.form else ()
    return frozenset(
        field.id
        for field in procedure.fields
        if field.id in asked and field.required and field.type is not FieldType.CONSENT
    )


def needs_of(procedure: Procedure, target: str) -> frozenset[str]:
    """The unconditional needs of a step or end: what Redmine itself can ask for."""
    place = procedure.step(target) or procedure.end(target)
    return frozenset(need.field for need in place.needs if not need.when) if place else frozenset()


def _requirements(procedure: Procedure) -> dict[str, set[str]]:
    required: dict[str, set[str]] = defaultdict(set)
    for move in moves(procedure):
        if move.kind is MoveKind.RETURN:
            required[move.target].add(procedure.waiting.reason)
        elif move.to is not None:
            required[move.target] |= needs_of(procedure, move.to)
        if move.kind is MoveKind.REGISTER:
            required[move.target] |= form_needs(procedure)
    return required


def _writers(procedure: Procedure) -> dict[tuple[str, str], set[str]]:
    writable: dict[tuple[str, str], set[str]] = defaultdict(set)
    form = set(procedure.form.fields) if procedure.form else set()
    corrected = (procedure.intake, procedure.first_step.status or "", procedure.waiting.status)
    for role in procedure.registrars:
        for name in corrected:
            writable[status_key(name), role] |= form
        writable[status_key(procedure.intake), role] |= needs_of(procedure, procedure.first_step.id)
    for step in procedure.active_steps:
        status = status_key(step.status or "")
        for role in actors(procedure, step):
            writable[status, role] |= _leaves(procedure, step)
    if procedure.withdrawn is not None:
        reasons = needs_of(procedure, procedure.withdrawn)
        for move in moves(procedure):
            if move.kind is MoveKind.WITHDRAW:
                for role in move.roles:
                    writable[move.origin, role] |= reasons
    return writable


def _leaves(procedure: Procedure, step: Step) -> set[str]:
    """What may be written in a step: what it leaves, and what each of its ways out needs, on conditions too."""
    fields = {output.id for output in step.outputs}
    for outcome in step.outcomes.values():
        if is_return(procedure, outcome.to):
            fields.add(procedure.waiting.reason)
        place = procedure.step(outcome.to) or procedure.end(outcome.to)
        fields |= (
            {need.field for need in place.needs} | {n for need in place.needs for n in need.when}
            if place
            else set()
        )
    return fields
