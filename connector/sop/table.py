"""The order of a procedure as a table: every move there is, and who may make it.

Redmine's workflow, the judgement of what happened and the diagrams all come from it.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import takewhile

from connector.sop.keys import status_key
from connector.sop.model import End, Frozen, Procedure, Step, StepKind
from connector.sop.papers import Signer


class MoveKind(StrEnum):
    """What a move is."""

    REGISTER = "register"
    OUTCOME = "outcome"
    RETURN = "return"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    EXPIRE = "expire"
    TRANSFER = "transfer"


class Move(Frozen):
    """One legal move between two statuses (keys). `step` is the step that is left, `to` a step or an end."""

    kind: MoveKind
    origin: str
    target: str
    roles: tuple[str, ...]
    step: str | None = None
    outcome: str | None = None
    to: str | None = None


def moves(procedure: Procedure) -> tuple[Move, ...]:
    """Every move that people may make. The connector's own are not among them: `expiry`, and the step back from
    «Dilanjutkan»."""
    return (
        *_register(procedure),
        *_outcomes(procedure),
        *_resume(procedure),
        *_withdraw(procedure),
        *_reopen(procedure),
    )


def expiry(procedure: Procedure) -> Move | None:
    """The end of a ticket whose requester does not answer in time: nobody makes that move but the connector."""
    waiting = procedure.waiting
    if waiting.expires is None:
        return None
    return Move(
        kind=MoveKind.EXPIRE,
        origin=status_key(waiting.status),
        target=status_of(procedure, waiting.expires),
        roles=(),
        to=waiting.expires,
    )


def lapse(procedure: Procedure, step_id: str) -> Move | None:
    """What follows from a requester's silence in a step of his own: nobody makes that move but the connector."""
    step = procedure.step(step_id)
    if step is None or step.unanswered is None:
        return None
    return Move(
        kind=MoveKind.EXPIRE,
        origin=status_of(procedure, step.id),
        target=status_of(procedure, step.unanswered.to),
        roles=(),
        step=step.id,
        to=step.unanswered.to,
    )


def is_return(procedure: Procedure, target: str) -> bool:
    """Whether an outcome to `target` gives the ticket back to the requester: a step of his before the ticket was."""
    step = procedure.step(target)
    return step is not None and step.status is None


def actors(procedure: Procedure, step: Step) -> tuple[str, ...]:
    """Roles that may take a step's outcomes in Redmine; for the requester's own steps those who act on his behalf."""
    extra = procedure.on_behalf if is_requesters(procedure, step) else ()
    return tuple(dict.fromkeys((*step.roles, *extra)))


def is_requesters(procedure: Procedure, step: Step) -> bool:
    """Whether the step is the requester's own."""
    return bool(set(step.roles) & set(procedure.requesters))


def duties(procedure: Procedure, step: Step) -> tuple[Step, ...]:
    """The duties that come round while a ticket is in a step: those listed right after it."""
    after = procedure.steps[procedure.steps.index(step) + 1 :]
    return tuple(takewhile(lambda each: each.kind is StepKind.DUTY, after))


def requesting(procedure: Procedure) -> frozenset[str]:
    """Who asks: requesters, and whoever takes the first step (a head of unit has an account, and asks)."""
    first = next((step.roles for step in procedure.steps if step.roles), ())
    return frozenset(procedure.requesters) | frozenset(first)


def signing_step(procedure: Procedure, document_id: str, signer: Signer) -> Step | None:
    """The step by whose end somebody signs a document: the one that is named, or his own whose end makes the document.

    None: he signs by hand.
    """
    if signer.step is not None:
        return procedure.step(signer.step)
    roles = requesting(procedure) if signer.role is None else {signer.role}
    making = (
        step
        for step in procedure.active_steps
        if any(output.id == document_id and output.after for output in step.outputs)
    )
    return next((step for step in making if roles & set(step.roles)), None)


def is_on_portal(procedure: Procedure, step: Step) -> bool:
    """Whether the requester himself takes the step's outcomes, on his page."""
    return is_requesters(procedure, step) and not step.in_person


def ahead(procedure: Procedure, here: str) -> list[Step]:
    """The steps that follow if everything goes well: always the first outcome."""
    found: list[Step] = []
    step = procedure.step(here)
    while step is not None and step.outcomes:
        target = procedure.step(next(iter(step.outcomes.values())).to)
        if target is None or target in found or target.id == here:
            break
        found.append(target)
        step = target
    return found


def status_of(procedure: Procedure, target: str) -> str:
    """The status key of a step or an end."""
    place: Step | End | None = procedure.step(target) or procedure.end(target)
    if place is None or place.status is None:
        raise KeyError(target)
    return status_key(place.status)


def _register(procedure: Procedure) -> tuple[Move, ...]:
    first = procedure.first_step
    return (
        Move(
            kind=MoveKind.REGISTER,
            origin=status_key(procedure.intake),
            target=status_of(procedure, first.id),
            roles=procedure.registrars,
            to=first.id,
        ),
    )


def _outcomes(procedure: Procedure) -> tuple[Move, ...]:
    found = []
    for step in procedure.active_steps:
        for name, outcome in step.outcomes.items():
            back = is_return(procedure, outcome.to)
            found.append(
                Move(
                    kind=MoveKind.RETURN if back else MoveKind.OUTCOME,
                    origin=status_of(procedure, step.id),
                    target=status_key(procedure.waiting.status) if back else status_of(procedure, outcome.to),
                    roles=actors(procedure, step),
                    step=step.id,
                    outcome=name,
                    to=outcome.to,
                )
            )
    return tuple(found)


def _resume(procedure: Procedure) -> tuple[Move, ...]:
    returning = [
        step
        for step in procedure.active_steps
        if any(is_return(procedure, outcome.to) for outcome in step.outcomes.values())
    ]
    if not returning:
        return ()
    roles = [role for step in returning for role in actors(procedure, step)]
    return (
        Move(
            kind=MoveKind.RESUME,
            origin=status_key(procedure.waiting.status),
            target=status_key(procedure.waiting.resumed),
            roles=tuple(dict.fromkeys((*roles, *procedure.registrars))),
        ),
    )


def _withdraw(procedure: Procedure) -> tuple[Move, ...]:
    if procedure.withdrawn is None:
        return ()
    origins = [
        status_key(procedure.intake),
        *(status_of(procedure, step.id) for step in procedure.active_steps),
    ]
    origins += [move.origin for move in _resume(procedure)]
    return tuple(
        Move(
            kind=MoveKind.WITHDRAW,
            origin=origin,
            target=status_of(procedure, procedure.withdrawn),
            roles=procedure.registrars,
            to=procedure.withdrawn,
        )
        for origin in origins
    )


def _reopen(procedure: Procedure) -> tuple[Move, ...]:
    return tuple(
        Move(
            kind=MoveKind.REOPEN,
            origin=status_key(end.status),
            target=status_of(procedure, end.reopen.to),
            roles=end.reopen.roles,
            to=end.reopen.to,
        )
        for end in procedure.ends
        if end.reopen is not None
    )
