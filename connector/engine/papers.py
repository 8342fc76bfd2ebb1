"""Documents of a ticket that were begun and are not wanted any more: void, with a reason, and never forgotten."""

from __future__ import annotations

from connector.engine.effects import AddNote, Effect, MakeDocument
from connector.engine.snapshot import Allotted, Snapshot
from connector.engine.state import Issued, TicketState

#: The plan that had wanted it was overtaken.
OVERTAKEN = "keadaan tiket berubah sebelum dokumen terbit"


def settled(
    snapshot: Snapshot, state: TicketState, effects: tuple[Effect, ...]
) -> tuple[TicketState, tuple[Effect, ...]]:
    """The state with every number that was given out in vain, and the notes that say so."""
    wanted = {effect.key for effect in effects if isinstance(effect, MakeDocument)}
    known = {document.code for document in state.documents}
    vain = [each for each in snapshot.allotted if each.key not in wanted and each.code not in known]
    if not vain:
        return state, ()
    void = tuple(_void(each, OVERTAKEN) for each in vain)
    notes = (
        AddNote(template="dokumen-batal", data={"number": each.number, "reason": each.void}) for each in void
    )
    return state.model_copy(update={"documents": (*state.documents, *void)}), tuple(notes)


def _void(allotted: Allotted, reason: str) -> Issued:
    return Issued(**allotted.model_dump(), sha256="", attachment=None, void=reason)


def issued(state: TicketState, document: Issued) -> tuple[TicketState, tuple[str, ...]]:
    """The state with one more document, and the numbers of those that it replaces: the earlier ones of its field."""
    replaced = [
        each
        for each in state.documents
        if each.field == document.field and not (each.replaced_by or each.void)
    ]
    documents = tuple(
        each.model_copy(update={"replaced_by": document.number}) if each in replaced else each
        for each in state.documents
    )
    numbers = tuple(each.number for each in replaced)
    return state.model_copy(update={"documents": (*documents, document)}), numbers
