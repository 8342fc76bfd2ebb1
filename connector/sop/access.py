"""Who may write which field in which status, and what each status requires. Redmine's field rules come from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from connector.sop.keys import status_key
from connector.sop.model import FieldType, OutputKind, Procedure, Step
from connector.sop.table import MoveKind, actors, duties, is_requesters, is_return, moves


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
    form = procedure.form
    asked = set(form.fields) - set(form.optional_at_desk) if form else set()
    return frozenset(
        field.id
        for field in procedure.fields
        if field.id in asked and field.required and field.type is not FieldType.CONSENT
    )


def needs_of(procedure: Procedure, target: str) -> frozenset[str]:
    """The unconditional needs of a step or end: what Redmine itself can ask for."""
    return _unconditional(procedure, target) - brought(procedure, target)


def brought(procedure: Procedure, target: str) -> frozenset[str]:
    """The documents that a move to a step or end itself makes: nobody can have them before."""
    return frozenset(
        output.id
        for step in procedure.active_steps
        for output in step.outputs
        if any(step.outcomes[name].to == target for name in output.after if name in step.outcomes)
    )


def _unconditional(procedure: Procedure, target: str) -> frozenset[str]:
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
    corrected = (
        procedure.intake,
        procedure.first_step.status or "",
        procedure.waiting.status,
        procedure.waiting.resumed,
    )
    for role in procedure.registrars:
        for name in corrected:
            writable[status_key(name), role] |= form
        writable[status_key(procedure.intake), role] |= needs_of(procedure, procedure.first_step.id)
    _filled_in_place(procedure, writable)
    _filled_while_moving(procedure, writable)
    if procedure.withdrawn is not None:
        reasons = needs_of(procedure, procedure.withdrawn)
        for move in moves(procedure):
            if move.kind is MoveKind.WITHDRAW:
                for role in move.roles:
                    writable[move.origin, role] |= reasons
    return writable


def _filled_in_place(procedure: Procedure, writable: dict[tuple[str, str], set[str]]) -> None:
    given = given_on_entering(procedure)
    for step in procedure.active_steps:
        status = status_key(step.status or "")
        for role in actors(procedure, step):
            writable[status, role] |= _leaves(procedure, step, given[step.id])
        for duty in duties(procedure, step):
            for role in duty.roles:
                writable[status, role] |= {output.id for output in duty.outputs}


def _filled_while_moving(procedure: Procedure, writable: dict[tuple[str, str], set[str]]) -> None:
    """Let what a step leaves be filled in together with the move out of it.

    Redmine asks at the target, and drops a read-only value without a word: the report of a trial that failed would be
    lost, and so would a duty's last one. A requester's own step is left out: nobody may touch his answers in the survey
    afterwards.
    """
    closed = {status_key(end.status) for end in procedure.ends}
    for move in moves(procedure):
        step = procedure.step(move.step) if move.step else None
        if step is None or is_requesters(procedure, step) or move.target in closed:
            continue
        for role in move.roles:
            for each in (step, *(duty for duty in duties(procedure, step) if role in duty.roles)):
                writable[move.target, role] |= {output.id for output in each.outputs}


def given_on_entering(procedure: Procedure) -> dict[str, frozenset[str]]:
    """For each step what is surely there already when it begins, on whichever way it was reached.

    It came from the requester or from an earlier step, so whoever acts now has no business changing it. A field that
    must be given again (`renew`) is never sure to be there.
    """
    again = {field.id for field in procedure.fields if field.renew}
    start = (form_needs(procedure) | needs_of(procedure, procedure.first_step.id)) - again
    everything = frozenset(field.id for field in procedure.fields) - again
    given = {step.id: everything for step in procedure.active_steps}
    ways = [(move.step, move.to) for move in moves(procedure) if move.kind is MoveKind.OUTCOME]
    changed = True
    while changed:
        changed = False
        for step in procedure.active_steps:
            before = [given[origin] for origin, target in ways if target == step.id and origin]
            before += [start] if step.id == procedure.first_step.id else []
            found = (frozenset.intersection(*before) if before else everything) | (
                _unconditional(procedure, step.id) - again
            )
            changed = changed or found != given[step.id]
            given[step.id] = found
    return given


def _leaves(procedure: Procedure, step: Step, given: frozenset[str]) -> set[str]:
    """What may be written in a step: what it leaves, and what its ways out need (on conditions too) and lack so far."""
    fields: set[str] = set()
    for outcome in step.outcomes.values():
        if is_return(procedure, outcome.to):
            fields.add(procedure.waiting.reason)
            continue
        place = procedure.step(outcome.to) or procedure.end(outcome.to)
        for need in place.needs if place else ():
            fields |= {need.field, *need.when}
    return (fields - given) | {output.id for output in step.outputs}
