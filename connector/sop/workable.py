"""Whether people can do what a procedure asks: every need can be met, every role can act, every way leads to an end.

These checks follow the moves, so they are asked only of a procedure whose names and targets are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from connector.sop.access import given_on_entering
from connector.sop.alerts import check_alerts
from connector.sop.document import Finding, Where
from connector.sop.model import End, FieldType, Need, Organization, OutputKind, Procedure, RoleKind, Step
from connector.sop.table import Move, MoveKind, actors, is_requesters, moves

Check = Callable[[Procedure, Organization], Iterator[Finding]]


def check_workable(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Every finding of every check."""
    return chain.from_iterable(each(procedure, organization) for each in CHECKS)


def _accounts(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Who acts in Redmine needs a role there; a requester has none, who is only told has no hand in it."""
    kinds = {role.id: role.kind for role in organization.roles}
    for name in ("registrars", "on_behalf"):
        for i, role in enumerate(getattr(procedure, name)):
            if kinds[role] not in (RoleKind.STAFF, RoleKind.OVERRIDE):
                yield (name, i), f"peran «{role}» tidak mempunyai akun Redmine, jadi tidak dapat bertindak"
    for i, end in enumerate(procedure.ends):
        for j, role in enumerate(end.reopen.roles if end.reopen else ()):
            if kinds[role] not in (RoleKind.STAFF, RoleKind.OVERRIDE):
                where = ("ends", i, "reopen", "roles", j)
                yield where, f"peran «{role}» tidak mempunyai akun Redmine, jadi tidak dapat bertindak"
    for i, step in enumerate(procedure.steps):
        for j, role in enumerate(step.roles):
            if kinds[role] is RoleKind.TOLD:
                yield (
                    ("steps", i, "roles", j),
                    f"peran «{role}» hanya diberi tahu, jadi tidak dapat menjalankan langkah",
                )


def _dead_ends(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    ahead = {step.id: {outcome.to for outcome in step.outcomes.values()} for step in procedure.active_steps}
    ending = {end.id for end in procedure.ends}
    grew = True
    while grew:
        more = {step for step, targets in ahead.items() if targets & ending} - ending
        ending |= more
        grew = bool(more)
    for i, step in enumerate(procedure.steps):
        if step.id in ahead and step.id not in ending:
            yield ("steps", i), f"dari langkah «{step.id}» tidak ada jalan ke akhir mana pun"


def _form(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """The first step begins with what the requester sent, so the form must have asked for all of its needs."""
    if procedure.form is None:
        return
    index = procedure.steps.index(procedure.first_step)
    for j, need in enumerate(procedure.first_step.needs):
        where: Where = ("steps", index, "needs", j)
        field = procedure.field(need.field)
        if need.field not in procedure.form.fields:
            yield where, f"kelengkapan «{need.field}» dari langkah pertama tidak ditanyakan pada formulir"
        elif need.field in procedure.form.when and not need.when:
            yield (
                where,
                f"kelengkapan «{need.field}» dari langkah pertama hanya ditanyakan bila syaratnya terpenuhi",
            )
        elif need.field in procedure.form.optional_at_desk:
            yield where, f"kelengkapan «{need.field}» dari langkah pertama boleh dikosongkan petugas"
        elif field and not field.required and not need.when and field.type is not FieldType.CONSENT:
            yield where, f"kelengkapan «{need.field}» dari langkah pertama boleh kosong pada formulir"


def _places(procedure: Procedure) -> Iterator[tuple[Where, Step | End]]:
    yield from ((("steps", i), step) for i, step in enumerate(procedure.steps) if step.status is not None)
    yield from ((("ends", i), end) for i, end in enumerate(procedure.ends))


def _supply(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    given = given_on_entering(procedure)
    ways = [move for move in moves(procedure) if move.kind is MoveKind.OUTCOME]
    for at, place in _places(procedure):
        for j, need in enumerate(place.needs):
            for move in ways:
                step = procedure.step(move.step or "")
                if move.to != place.id or step is None:
                    continue
                why = _lacking(procedure, step, move, need, given[step.id])
                if why:
                    yield (*at, "needs", j), why
                    break


def _lacking(procedure: Procedure, step: Step, move: Move, need: Need, given: frozenset[str]) -> str | None:
    """Why a need cannot be met on a move out of `step`; None if it can."""
    name = need.field
    made = {output.id for output in step.outputs if not output.after or move.outcome in output.after}
    if name in given:
        return None
    if name in _documents(procedure):
        if name in made:
            return None
        return f"dokumen «{name}» belum tentu dibuat sebelum ini (dari langkah «{step.id}»)"
    if is_requesters(procedure, step) and name not in made and not need.when:
        return f"kelengkapan «{name}» tidak ditanyakan kepada pemohon pada langkah «{step.id}»"
    field = procedure.field(name)
    if field and field.visible_to is not None and not set(move.roles) & set(field.visible_to):
        acting = ", ".join(actors(procedure, step))
        return f"kelengkapan «{name}» tidak terlihat oleh pelaku langkah «{step.id}» ({acting})"
    return None


def _documents(procedure: Procedure) -> set[str]:
    return {
        output.id for step in procedure.steps for output in step.outputs if output.kind is OutputKind.DOCUMENT
    }


CHECKS: tuple[Check, ...] = (_accounts, _dead_ends, _form, _supply, check_alerts)
