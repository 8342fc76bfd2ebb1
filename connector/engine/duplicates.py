"""A ticket that repeats another one: Redmine's relation says which, and both tickets say so."""

from __future__ import annotations

from connector.engine.effects import AddNote, Effect, LookAt
from connector.engine.progress import Walk, original
from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState


def announced(snapshot: Snapshot, walk: Walk) -> tuple[Effect, ...]:
    """A ticket that has just been closed as a duplicate: let the one it repeats take note."""
    other = original(snapshot)
    if not walk.taken or not walk.state.duplicate_of or other is None:
        return ()
    return (LookAt(issue=other.issue),)


def noticed(snapshot: Snapshot, state: TicketState) -> tuple[TicketState, tuple[Effect, ...]]:
    """The notes about tickets that were closed as duplicates of this one, each once."""
    fresh = [
        other
        for other in snapshot.duplicated
        if other.duplicate_of == state.number and other.number not in state.duplicated_by
    ]
    numbers = (*state.duplicated_by, *(other.number for other in fresh))
    effects = tuple(
        AddNote(template="duplikat", data={"number": other.number, "issue": other.issue}) for other in fresh
    )
    return (state.model_copy(update={"duplicated_by": numbers}) if fresh else state), effects
