"""Moves round the procedure that led nowhere. The ledger knows nothing of them, for no clock stops for one. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from connector.engine.snapshot import Actor, Snapshot
from connector.engine.state import TicketState


@dataclass(frozen=True)
class Detour:
    """A time in which the ticket had a status (key) where it did not belong; without `end` it still has."""

    start: dt.datetime
    end: dt.datetime | None
    status: str
    by: Actor


def detours(snapshot: Snapshot) -> tuple[Detour, ...]:
    """The moves of people that no plan took and that were undone: told from the journals by what the state recorded."""
    return tuple(_found(snapshot, snapshot.state)) if snapshot.state is not None else ()


def _found(snapshot: Snapshot, state: TicketState) -> Iterator[Detour]:
    taken = _recorded(state)
    changes = [
        (journal, change)
        for journal in snapshot.journals
        if journal.id <= snapshot.cursor
        for change in journal.changes
        if change.what == "status"
    ]
    position = 0
    while position < len(changes):
        journal, change = changes[position]
        position += 1
        if journal.by.connector or journal.at in taken:
            continue
        later = range(position, len(changes))
        back = next((each for each in later if changes[each][1].new == change.old), None)
        if back is not None and not any(each.at in taken for each, _ in changes[position:back]):
            yield Detour(journal.at, changes[back][0].at, change.new or "", journal.by)
            position = back + 1
        elif back is None and state.stopped:
            yield Detour(journal.at, None, change.new or "", journal.by)
            return


def _recorded(state: TicketState) -> frozenset[dt.datetime | None]:
    """Every instant at which a move was taken."""
    stays = [*state.stays, *(stay for former in state.former for stay in former.stays)]
    pauses = [pause for stay in stays for pause in stay.pauses]
    return frozenset(
        (
            state.ended_at,
            *(former.at for former in state.former),
            *(instant for stay in stays for instant in (stay.entered, stay.left)),
            *(instant for pause in pauses for instant in (pause.since, pause.until)),
        )
    )
