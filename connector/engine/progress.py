"""What happened since the last look: the issue's new journals, judged by the procedure's table.

A move that is in the table and made by one of its roles is taken. Anything else is a fault: what came after it counts
for nothing, until the ticket stands again where it stood before. Holders of the override role may make any move if they
write why. (DESIGN, decisions 3 and 11.)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from connector.engine import sla
from connector.engine.calendar import WorkCalendar
from connector.engine.snapshot import Actor, Journal, Related, Snapshot
from connector.engine.state import Override, Stay, TicketState
from connector.sop.access import brought
from connector.sop.keys import status_key
from connector.sop.model import End, FieldDef, Need, Organization, Procedure, RoleKind, Step
from connector.sop.table import Move, MoveKind, expiry, moves, status_of
from connector.sop.units import is_head, unit_role


@dataclass(frozen=True)
class Rules:
    """What a ticket is judged by: its procedure, the organization it belongs to, and when that works."""

    procedure: Procedure
    organization: Organization
    calendar: WorkCalendar

    @property
    def override_roles(self) -> frozenset[str]:
        """Roles that may leave the table."""
        return frozenset(role.id for role in self.organization.roles if role.kind is RoleKind.OVERRIDE)


class Reason(StrEnum):
    """Why a move is not taken."""

    ORDER = "urutan"
    ROLE = "peran"
    UNIT = "unit"
    NEEDS = "kelengkapan"
    LATE = "terlambat"
    UNLINKED = "tanpa-rujukan"
    NO_REASON = "tanpa-alasan"
    UNSEEN = "tanpa-jejak"
    TRACKER = "pelacak"


@dataclass(frozen=True)
class Fault:
    """A move that went round the procedure."""

    reason: Reason
    found: str
    journal: int
    by: Actor | None = None
    missing: tuple[FieldDef, ...] = ()
    until: dt.datetime | None = None
    """Of a move that came too late: until when it could be made."""


@dataclass(frozen=True)
class Taken:
    """A move that was taken. `mark` names what made it (a journal or an action) and is unique for the ticket."""

    kind: MoveKind
    mark: str
    before: TicketState
    step: str | None = None
    outcome: str | None = None
    to: str | None = None
    by: Actor | None = None
    answered: bool = False
    """Of the end of a wait: whether an answer came afterwards."""


@dataclass(frozen=True)
class Walk:
    """Where a ticket is: its state after every move that was taken, and the fault that is still there."""

    state: TicketState
    at: str
    taken: tuple[Taken, ...] = ()
    fault: Fault | None = None


def place(procedure: Procedure, state: TicketState) -> str:
    """The status key where a ticket in this state belongs."""
    if state.ended is not None:
        return status_of(procedure, state.ended)
    if state.stay is None:
        return status_key(procedure.intake)
    if state.stay.paused:
        return status_key(procedure.waiting.status)
    return status_of(procedure, state.stay.step)


def values(procedure: Procedure, snapshot: Snapshot) -> dict[str, str]:
    """The ticket's values by field id."""
    return {field.id: snapshot.value(field) for field in procedure.fields}


def applies(need: Need, given: dict[str, str]) -> bool:
    """Whether a need is one in this case."""
    return all(given.get(field, "") == value for field, value in need.when.items())


def missing(procedure: Procedure, target: Step | End | None, given: dict[str, str]) -> tuple[FieldDef, ...]:
    """What a step or an end needs and the ticket does not have."""
    needs = target.needs if target else ()
    absent = [need.field for need in needs if applies(need, given) and not given.get(need.field, "").strip()]
    return tuple(field for field in procedure.fields if field.id in absent)


def follow(rules: Rules, snapshot: Snapshot, state: TicketState) -> Walk:
    """Judge the journals that no plan has seen."""
    walk = Walk(state=state, at=place(rules.procedure, state))
    table = moves(rules.procedure)
    for journal in snapshot.new_journals():
        for change in journal.changes:
            if change.what == "status" and change.new is not None:
                walk = _judge(rules, snapshot, table, walk, journal, change.old, change.new)
    # a status that is in no move is one of an earlier mapping, and nobody's doing: it is set right without a word
    own = expiry(rules.procedure)
    known = (*table, own) if own else table
    astray = {status for move in known for status in (move.origin, move.target)} - {
        walk.at,
        status_key(rules.procedure.waiting.resumed),
    }
    if walk.fault is None and snapshot.status in astray:
        return replace(walk, fault=Fault(reason=Reason.UNSEEN, found=snapshot.status, journal=0))
    return walk


def _judge(
    rules: Rules,
    snapshot: Snapshot,
    table: tuple[Move, ...],
    walk: Walk,
    journal: Journal,
    old: str | None,
    new: str,
) -> Walk:
    """One change of status."""
    if new == walk.at:
        return replace(walk, fault=None)
    overriding = bool(journal.by.roles & rules.override_roles)
    here = [each for each in table if each.origin == walk.at == old]
    move = next((each for each in here if each.target == new), None)
    absent = _absent(rules.procedure, snapshot, journal, move)
    until = _until(rules, walk.state, move)
    reason = _not_his(rules, snapshot, journal, move)
    if move is not None and reason is None:
        late = until is not None and journal.at > until
        unlinked = _repeats(rules.procedure, move) and original(snapshot) is None
        if not (absent or late or unlinked):
            return _take(rules, snapshot, walk, journal, move)
        reason = Reason.NEEDS if absent else Reason.LATE if late else Reason.UNLINKED
    if overriding and reason_of(snapshot, journal):
        return _override(rules, snapshot, walk, journal, new)
    if walk.fault is not None:
        return replace(walk, fault=replace(walk.fault, found=new))
    fault = Fault(
        reason=reason or Reason.ORDER,
        found=new,
        journal=journal.id,
        by=journal.by,
        missing=absent,
        until=until,
    )
    return replace(walk, fault=fault)


def _not_his(rules: Rules, snapshot: Snapshot, journal: Journal, move: Move | None) -> Reason | None:
    """Why a move is not this person's to make, whatever the ticket has; None if it is."""
    overriding = bool(journal.by.roles & rules.override_roles)
    if move is None:
        return Reason.NO_REASON if overriding else Reason.ORDER
    if overriding:
        return None
    if not _may(move, journal.by):
        return Reason.ROLE
    return None if _for_unit(rules, snapshot, move, journal) else Reason.UNIT


def _until(rules: Rules, state: TicketState, move: Move | None) -> dt.datetime | None:
    """Until when a move may be made; None if at any time."""
    return reopen_until(rules, state) if move is not None and move.kind is MoveKind.REOPEN else None


def _repeats(procedure: Procedure, move: Move) -> bool:
    """Whether a move closes the ticket as a duplicate."""
    end = procedure.end(move.to or "")
    return end is not None and end.duplicate


def original(snapshot: Snapshot) -> Related | None:
    """The ticket that this one repeats, as Redmine's relation says."""
    return next((other for other in snapshot.duplicates if other.number), None)


def reopen_until(rules: Rules, state: TicketState) -> dt.datetime | None:
    """Until when a ticket that has ended may be taken back; None if never."""
    end = rules.procedure.end(state.ended or "")
    if end is None or end.reopen is None or state.ended_at is None:
        return None
    return rules.calendar.due(state.ended_at, end.reopen.within)


def _absent(
    procedure: Procedure, snapshot: Snapshot, journal: Journal, move: Move | None
) -> tuple[FieldDef, ...]:
    """What a move needed, did not have and still has not: Redmine's rules were switched off, or cannot say it."""
    if move is None or move.to is None or move.kind is MoveKind.RETURN:
        return ()
    target = procedure.step(move.to) or procedure.end(move.to)
    then = missing(procedure, target, values(procedure, snapshot.as_of(journal.id)))
    now = missing(procedure, target, values(procedure, snapshot))
    made = brought(procedure, move.to)
    return tuple(field for field in then if field in now and field.id not in made)


def reason_of(snapshot: Snapshot, journal: Journal) -> str:
    """The words written with a move. Redmine makes private ones a journal of their own, with the same instant."""
    if journal.notes.strip():
        return journal.notes.strip()
    beside = (
        each.notes.strip()
        for each in snapshot.journals
        if each.private and not each.changes and (each.by.id, each.at) == (journal.by.id, journal.at)
    )
    return next(beside, "")


def _may(move: Move, actor: Actor) -> bool:
    """Roles are those of today: who has none any more may have had one, and administrators act for anybody."""
    return actor.connector or actor.admin or not actor.roles or bool(actor.roles & set(move.roles))


def _for_unit(rules: Rules, snapshot: Snapshot, move: Move, journal: Journal) -> bool:
    """Whether somebody who may act only for his unit does so; true of everybody else."""
    actor = journal.by
    mine = actor.roles & set(move.roles)
    if actor.connector or actor.admin or any(unit_role(rules.organization, each) is None for each in mine):
        return True
    given = values(rules.procedure, snapshot.as_of(journal.id))
    return not mine or any(is_head(rules.organization, each, given, actor.mail) for each in mine)


def _take(rules: Rules, snapshot: Snapshot, walk: Walk, journal: Journal, move: Move) -> Walk:
    state = _moved_by(rules, snapshot, walk.state, move, journal)
    taken = Taken(
        kind=move.kind,
        mark=f"j{journal.id}",
        before=walk.state,
        step=move.step,
        outcome=move.outcome,
        to=move.to,
        by=journal.by,
    )
    return Walk(state=state, at=place(rules.procedure, state), taken=(*walk.taken, taken))


def _moved_by(
    rules: Rules, snapshot: Snapshot, state: TicketState, move: Move, journal: Journal
) -> TicketState:
    given = values(rules.procedure, snapshot.as_of(journal.id))
    state = moved(rules, state, move, journal.at, given=given, journal=journal.id, by=journal.by.id)
    other = original(snapshot) if _repeats(rules.procedure, move) else None
    return state.model_copy(update={"duplicate_of": other.number if other else ""})


def moved(
    rules: Rules,
    state: TicketState,
    move: Move,
    at: dt.datetime,
    *,
    given: dict[str, str],
    journal: int,
    by: int | None,
) -> TicketState:
    """The state after a move of the table, made when the fields were as `given`.

    Two machines' clocks differ, and a requester's action may be read late: no move is earlier than what it follows.
    """
    at = max(at, state.latest)
    if move.kind is MoveKind.RETURN and state.stay is not None:
        patience = rules.procedure.waiting.limit
        return with_stay(state, sla.pause(state.stay, at, rules.calendar, patience))
    if move.kind is MoveKind.RESUME and state.stay is not None:
        return with_stay(state, sla.resume(state.stay, at, rules.calendar))
    if state.stay is not None:
        state = with_stay(state, sla.end(state.stay, at, move.outcome or move.kind.value, by))
    end = rules.procedure.end(move.to or "")
    if end is not None:
        return state.model_copy(update={"ended": end.id, "ended_at": at})
    state = state.model_copy(update={"ended": None, "ended_at": None})
    return entered(rules, state, move.to or "", at, given=given, journal=journal)


def entered(
    rules: Rules, state: TicketState, step_id: str, at: dt.datetime, *, given: dict[str, str], journal: int
) -> TicketState:
    """The state with a new stay in a step."""
    step = rules.procedure.step(step_id)
    if step is None:
        raise KeyError(step_id)
    stay = sla.begin(
        rules.procedure,
        step,
        at,
        journal,
        values=given,
        calendar=rules.calendar,
        earlier=state.stays,
    )
    return state.model_copy(update={"stays": (*state.stays, stay)})


def with_stay(state: TicketState, stay: Stay) -> TicketState:
    """The state with its last stay replaced."""
    return state.model_copy(update={"stays": (*state.stays[:-1], stay)})


def _override(rules: Rules, snapshot: Snapshot, walk: Walk, journal: Journal, new: str) -> Walk:
    procedure = rules.procedure
    step = next((each for each in procedure.active_steps if status_key(each.status or "") == new), None)
    end = next((each for each in procedure.ends if status_key(each.status) == new), None)
    if step is None and end is None:
        return replace(walk, fault=Fault(reason=Reason.ORDER, found=new, journal=journal.id, by=journal.by))
    done = Override(
        at=journal.at, by=journal.by.id, origin=walk.at, target=new, reason=reason_of(snapshot, journal)
    )
    state = walk.state.model_copy(
        update={"overrides": (*walk.state.overrides, done), "ended": None, "ended_at": None}
    )
    target = step.id if step else end.id if end else ""
    move = Move(kind=MoveKind.OUTCOME, origin=walk.at, target=new, roles=(), outcome="diatur", to=target)
    state = _moved_by(rules, snapshot, state, move, journal)
    taken = Taken(kind=MoveKind.OUTCOME, mark=f"j{journal.id}", before=walk.state, to=target, by=journal.by)
    return Walk(state=state, at=place(procedure, state), taken=(*walk.taken, taken))
