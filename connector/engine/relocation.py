"""A ticket that stands in a step that its procedure no longer has goes where the mapping says (`moved_to`)."""

from __future__ import annotations

import datetime as dt

from connector.engine import sla
from connector.engine.clocks import answer_key
from connector.engine.effects import AddNote
from connector.engine.progress import Rules, entered, values, with_stay
from connector.engine.snapshot import Snapshot
from connector.engine.state import Stay, TicketState
from connector.engine.words import instant_words

OUTCOME = "dipindahkan"


def relocated(
    rules: Rules, snapshot: Snapshot, state: TicketState
) -> tuple[TicketState, tuple[AddNote, ...]]:
    """The state in the step that took the lost one's place, and the note that says so; both as they were if none did.

    The old stay keeps what it was; the new one has its own limit. Who is waited for is waited for there.
    """
    old, procedure = state.stay, rules.procedure
    step = procedure.step(procedure.moved_to.get(old.step, "")) if old else None
    if old is None or step is None:
        return state, ()
    at = max(snapshot.now or state.latest, state.latest)
    moved = entered(
        rules,
        with_stay(state, sla.end(old, at, OUTCOME, None)),
        step.id,
        at,
        given=values(procedure, snapshot),
        journal=snapshot.last_journal,
    )
    due = moved.stays[-1].due
    if old.paused:
        moved = _waiting_on(rules, moved, state.position, old, at)
    data = {
        "old": _title(state, old.step),
        "title": step.title,
        "waiting": old.paused,
        "due": "" if old.paused or due is None else instant_words(due, rules.calendar.zone),
    }
    return moved, (AddNote(template=OUTCOME, data=data),)


def _waiting_on(rules: Rules, moved: TicketState, position: int, old: Stay, at: dt.datetime) -> TicketState:
    """The new stay waits as the old one at `position` did: until the instant that the requester was told, and of what
    he was reminded he is not reminded anew."""
    stay, before = sla.pause(moved.stays[-1], at, rules.calendar), old.pauses[-1]
    kept = {"expires": before.expires, "asked": before.began}
    stay = stay.model_copy(update={"pauses": (stay.pauses[-1].model_copy(update=kept),)})
    was, now = f"{answer_key(position, old)}:", f"{answer_key(moved.position, stay)}:"
    known = (now + key.removeprefix(was) for key in moved.rungs if key.startswith(was))
    return with_stay(moved, stay).model_copy(update={"rungs": (*moved.rungs, *known)})


def _title(state: TicketState, step: str) -> str:
    """What the lost step was called: the mapping has forgotten it, the ticket's panel has not."""
    now = state.panel.get("now")
    title = now.get("title") if isinstance(now, dict) else None
    return str(title or step)
