"""A ticket whose tracker somebody changed to that of another procedure.

Who may override, and says why, moves it there: it begins anew, with its number, its receipt and its requester. Anybody
else's change is put back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.engine import sla
from connector.engine.duties import followed
from connector.engine.effects import AddNote, Effect, SetField, SetStatus, SetTracker
from connector.engine.progress import Fault, Reason, Rules, Taken, Walk, follow, place, reason_of, with_stay
from connector.engine.snapshot import Journal, Snapshot
from connector.engine.state import Former, Override, TicketState
from connector.sop.model import FieldType
from connector.sop.table import MoveKind

#: How a stay ended that was broken off.
OUTCOME = "dipindahkan"


@dataclass(frozen=True)
class Transfer:
    """By which rules the ticket is judged from now on, and where it stands; `effects` come before all others.

    `moved` are those of a ticket whose step the mapping took away.
    """

    rules: Rules
    snapshot: Snapshot
    base: TicketState
    walk: Walk
    effects: tuple[Effect, ...]
    moved: tuple[Effect, ...] = ()


def transfer(former: Rules, rules: Rules, snapshot: Snapshot, base: TicketState) -> Transfer:
    """Judge the change of tracker from `former` to `rules`, after what had happened before it."""
    sent = _sent(snapshot)
    before = [each for each in snapshot.journals if sent is not None and each.id < sent.id]
    walk = follow(former, snapshot.model_copy(update={"journals": tuple(before)}), base)
    walk = replace(walk, fault=None)  # what went wrong there is over, either way
    if sent is None or not _may(former, rules, snapshot, sent):
        return _put_back(former, rules, snapshot, base, walk, sent)
    state = _begun(former, rules, snapshot, base, walk.state, sent)
    carried = _carried(former, rules, snapshot, sent)
    seen = snapshot.model_copy(update={"cursor": sent.id, "fields": {**snapshot.fields, **carried}})
    taken = Taken(kind=MoveKind.TRANSFER, mark=f"j{sent.id}", before=walk.state, by=sent.by)
    after = follow(rules, seen, state)
    # the status is what Redmine made of it: it is set right without a word
    walk = replace(after, taken=(taken, *after.taken), fault=None)
    data = {
        "old": former.procedure.title,
        "new": rules.procedure.title,
        "by": sent.by.name,
        "reason": reason_of(snapshot, sent),
    }
    fields = tuple(SetField(field=name, value=value) for name, value in carried.items())
    return Transfer(rules, seen, state, walk, (*fields, AddNote(template="pindah-pos", data=data)))


def _sent(snapshot: Snapshot) -> Journal | None:
    """The journal that brought the ticket to the tracker it has now."""
    changed = (
        journal
        for journal in reversed(snapshot.new_journals())
        if any(change.what == "tracker" for change in journal.changes)
    )
    return next(changed, None)


def _may(former: Rules, rules: Rules, snapshot: Snapshot, sent: Journal) -> bool:
    same = former.organization.id == rules.organization.id
    return same and bool(sent.by.roles & former.override_roles) and bool(reason_of(snapshot, sent))


def _carried(former: Rules, rules: Rules, snapshot: Snapshot, sent: Journal) -> dict[str, str]:
    """What both procedures ask for, each in a field of its own: above all the requester's name and address."""
    lost = _lost(former, sent)
    return {
        field.key: lost[field.id]
        for field in rules.procedure.fields
        if field.id in lost
        and not snapshot.value(field)
        and field.type in {each.type for each in former.procedure.fields if each.id == field.id}
        and (not field.choices or lost[field.id] in field.choices)
    }


def _lost(former: Rules, sent: Journal) -> dict[str, str]:
    """The values that went with the tracker, by field id. Files stay on the ticket, as attachments."""
    ids = {field.key: field.id for field in former.procedure.fields if field.type is not FieldType.FILE}
    return {
        ids[change.what]: change.old
        for change in sent.changes
        if change.what in ids and change.old and not change.new
    }


def _begun(
    former: Rules, rules: Rules, snapshot: Snapshot, base: TicketState, state: TicketState, sent: Journal
) -> TicketState:
    """The state in the new procedure, before its first step."""
    at, reason = max(sent.at, state.latest), reason_of(snapshot, sent)
    if state.stay is not None:
        state = with_stay(state, sla.end(state.stay, at, OUTCOME, sent.by.id))
    state = followed(former, snapshot, base, state, at)
    history = Former(
        procedure=former.procedure.key,
        title=former.procedure.title,
        stays=state.stays,
        duties=state.duties,
        at=at,
        by=sent.by.id,
        reason=reason,
    )
    override = Override(
        at=sent.at,
        by=sent.by.id,
        origin=former.procedure.tracker_key,
        target=rules.procedure.tracker_key,
        reason=reason,
    )
    return state.model_copy(
        update={
            "procedure": rules.procedure.key,
            "stays": (),
            "duties": (),
            "former": (*state.former, history),
            "overrides": (*state.overrides, override),
            "ended": None,
            "ended_at": None,
            "duplicate_of": "",
            "missing_told": (),
            "stopped": False,
        }
    )


def _put_back(
    former: Rules,
    rules: Rules,
    snapshot: Snapshot,
    base: TicketState,
    walk: Walk,
    sent: Journal | None,
) -> Transfer:
    fault = Fault(
        reason=Reason.TRACKER,
        found=rules.procedure.tracker,
        journal=sent.id if sent else 0,
        by=sent.by if sent else None,
    )
    effects: tuple[Effect, ...] = (
        SetTracker(tracker=former.procedure.tracker_key),
        SetStatus(status=place(former.procedure, walk.state)),
        *(_restored(former, sent) if sent else ()),
    )
    return Transfer(former, snapshot, base, replace(walk, fault=fault), effects)


def _restored(former: Rules, sent: Journal) -> tuple[Effect, ...]:
    keys = {field.id: field.key for field in former.procedure.fields}
    return tuple(SetField(field=keys[name], value=value) for name, value in _lost(former, sent).items())
