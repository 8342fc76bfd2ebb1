"""Which documents are issued once more because somebody signed them, and what counts as a signature. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from connector.engine.snapshot import RequesterAction
from connector.engine.state import Countersigned, Issued, Stay, TicketState
from connector.sop.model import Outcome, Procedure, Step
from connector.sop.papers import DocumentDef, SignBy


def current(state: TicketState, document: str) -> Issued | None:
    """The document that is valid now."""
    return next(
        (
            each
            for each in reversed(state.documents)
            if each.field == document and not (each.void or each.replaced_by)
        ),
        None,
    )


def maker(procedure: Procedure, state: TicketState, document: str) -> int:
    """The place, among the stays of the ticket, of the last one whose step made the document; -1: none did."""
    for place in reversed(range(len(state.stays))):
        stay = state.stays[place]
        step = procedure.step(stay.step)
        for output in step.outputs if step else ():
            if output.id == document and (not output.after or stay.outcome in output.after):
                return place
    return -1


def approval(procedure: Procedure, state: TicketState, document: str, step: Step) -> Stay | None:
    """The stay by whose end the document was signed; None: it was not, or not since it was made.

    Going back is no signature, nor is a move outside the table. What a step before had said counts for what is made
    later; what a later step had said counts only if the document was there.
    """
    made = maker(procedure, state, document)
    steps = [each.id for each in procedure.steps]
    since = made if made >= 0 and steps.index(step.id) >= _index(steps, state.stays[made].step) else 0
    last = next((stay for stay in reversed(state.stays[since:]) if stay.step == step.id), None)
    return last if last is not None and signs(procedure, step, last, document) else None


def signs(procedure: Procedure, step: Step, stay: Stay, document: str) -> bool:
    """Whether the end of a stay says yes to a document."""
    outcome = step.outcomes.get(stay.outcome or "")
    if stay.left is None or outcome is None:
        return False
    if any(output.id == document and stay.outcome in output.after for output in step.outputs):
        return True
    end = procedure.end(outcome.to)
    steps = [each.id for each in procedure.steps]
    return end.success if end is not None else _index(steps, outcome.to) > _index(steps, step.id)


def _index(steps: list[str], name: str) -> int:
    return steps.index(name) if name in steps else -1


def again(
    procedure: Procedure, known: tuple[Stay, ...], state: TicketState
) -> Iterator[tuple[int, DocumentDef]]:
    """The documents that were there and are signed now, each with the place of the stay that ended."""
    for place, stay in enumerate(state.stays):
        new = stay.left is not None and (place >= len(known) or known[place].left is None)
        step = procedure.step(stay.step)
        if not new or step is None:
            continue
        for document in procedure.documents:
            there = current(state, document.id) or any(e.field == document.id for e in state.unmade)
            if step.id in document.again_after and there and signs(procedure, step, stay, document.id):
                yield place, document


def countersigned(state: TicketState, document: str, since: int) -> Countersigned | None:
    """The requester's last signature of a document, from the stay `since` (counted through the ticket's life) on."""
    return next(
        (each for each in reversed(state.countersigned) if each.document == document and each.stay >= since),
        None,
    )


def signatures(
    state: TicketState, outcome: Outcome, action: RequesterAction
) -> tuple[Countersigned, ...] | None:
    """What a requester signs by his action; None: not in this way, or no longer what he had before him."""
    sign, proof = outcome.countersign, action.proof
    if proof is None:
        return () if sign is None or SignBy.SCAN in sign.by else None
    if sign is None or SignBy.CODE not in sign.by:
        return None
    found = []
    for name, into in sign.documents.items():
        document = current(state, name)
        if document is None or document.number != proof.documents.get(name):
            return None
        found.append(
            Countersigned(
                document=name,
                number=document.number,
                into=into,
                stay=state.position,
                name=proof.name,
                address=proof.address,
                at=action.at,
            )
        )
    return tuple(found)
