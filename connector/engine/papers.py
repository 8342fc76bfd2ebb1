"""Documents of a ticket that were begun: tried again until they are there, or void, and never forgotten."""

from __future__ import annotations

import datetime as dt

from connector.engine.effects import AddNote, Effect, MakeDocument
from connector.engine.snapshot import Allotted, Snapshot
from connector.engine.state import Issued, TicketState, Unmade
from connector.sop.model import Procedure

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


# what could not be made ----------------------------------------------------------------------------------------


def again(
    procedure: Procedure, state: TicketState, effects: tuple[Effect, ...]
) -> tuple[TicketState, tuple[Effect, ...]]:
    """Order once more what could not be made, unless its field gets a newer document, or the mapping has it no more."""
    ordered = {effect.field_id for effect in effects if isinstance(effect, MakeDocument)}
    left = tuple(
        each
        for each in state.unmade
        if each.field not in ordered and procedure.document(each.field) is not None
    )
    wanted = tuple(
        MakeDocument(
            template=each.template,
            field=field.key,
            field_id=each.field,
            kind=each.kind,
            key=each.key,
            number=each.number,
            into=each.into,
        )
        for each in left
        if (field := procedure.field(each.into or each.field)) is not None
    )
    return state.model_copy(update={"unmade": left}) if left != state.unmade else state, wanted


def failed(
    state: TicketState, effect: MakeDocument, reason: str, at: dt.datetime
) -> tuple[TicketState, bool]:
    """The state with a document that could not be made, and whether this reason is a new one."""
    known = next((each for each in state.unmade if each.field == effect.field_id), None)
    if known is not None and (known.key, known.reason) == (effect.key, reason):
        return state, False
    entry = Unmade(
        template=effect.template,
        field=effect.field_id,
        kind=effect.kind,
        key=effect.key,
        number=effect.number,
        since=known.since if known is not None and known.key == effect.key else at,
        reason=reason,
        into=effect.into,
    )
    others = tuple(each for each in state.unmade if each.field != effect.field_id)
    return state.model_copy(update={"unmade": (*others, entry)}), True


def made(state: TicketState, field: str) -> TicketState:
    """The state once a field has its document."""
    left = tuple(each for each in state.unmade if each.field != field)
    return state.model_copy(update={"unmade": left}) if left != state.unmade else state
