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
from connector.engine.snapshot import Actor, Journal, Snapshot
from connector.engine.state import Override, Stay, TicketState
from connector.sop.keys import status_key
from connector.sop.model import End, FieldDef, Need, Organization, Procedure, RoleKind, Step
from connector.sop.table import Move, MoveKind, moves, status_of


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
    NEEDS = "kelengkapan"
    NO_REASON = "tanpa-alasan"
    UNSEEN = "tanpa-jejak"


@dataclass(frozen=True)
class Fault:
    """A move that went round the procedure."""

    reason: Reason
    found: str
    journal: int
    by: Actor | None = None
    missing: tuple[FieldDef, ...] = ()


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
    walk = _without_missing(rules, snapshot, walk)
    seen = {walk.at, status_key(rules.procedure.waiting.resumed)}
    if walk.fault is None and snapshot.status not in seen:
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
    move = next((each for each in table if (each.origin, each.target) == (walk.at, new)), None)
    if move is not None and old == walk.at:
        if overriding or _may(move, journal.by):
            return _take(rules, snapshot, walk, journal, move)
        reason = Reason.ROLE
    elif overriding and journal.notes.strip():
        return _override(rules, snapshot, walk, journal, new)
    else:
        reason = Reason.NO_REASON if overriding else Reason.ORDER
    if walk.fault is not None:
        return replace(walk, fault=replace(walk.fault, found=new))
    return replace(walk, fault=Fault(reason=reason, found=new, journal=journal.id, by=journal.by))


def _may(move: Move, actor: Actor) -> bool:
    """Roles are those of today: who has none any more may have had one, and administrators act for anybody."""
    return actor.connector or actor.admin or not actor.roles or bool(actor.roles & set(move.roles))


def _take(rules: Rules, snapshot: Snapshot, walk: Walk, journal: Journal, move: Move) -> Walk:
    state = moved(rules, snapshot, walk.state, move, journal.at, journal=journal.id, by=journal.by.id)
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


def moved(
    rules: Rules,
    snapshot: Snapshot,
    state: TicketState,
    move: Move,
    at: dt.datetime,
    *,
    journal: int,
    by: int | None,
) -> TicketState:
    """The state after a move of the table."""
    if move.kind is MoveKind.RETURN and state.stay is not None:
        return with_stay(state, sla.pause(state.stay, at, rules.calendar))
    if move.kind is MoveKind.RESUME and state.stay is not None:
        return with_stay(state, sla.resume(state.stay, at, rules.calendar))
    if state.stay is not None:
        state = with_stay(state, sla.end(state.stay, at, move.outcome or move.kind.value, by))
    end = rules.procedure.end(move.to or "")
    if end is not None:
        return state.model_copy(update={"ended": end.id, "ended_at": at})
    return entered(rules, snapshot, state, move.to or "", at, journal)


def entered(
    rules: Rules, snapshot: Snapshot, state: TicketState, step_id: str, at: dt.datetime, journal: int
) -> TicketState:
    """The state with a new stay in a step."""
    step = rules.procedure.step(step_id)
    if step is None:
        raise KeyError(step_id)
    given = values(rules.procedure, snapshot)
    stay = sla.begin(rules.procedure, step, at, journal, values=given, calendar=rules.calendar)
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
    done = Override(at=journal.at, by=journal.by.id, origin=walk.at, target=new, reason=journal.notes.strip())
    state = walk.state.model_copy(
        update={"overrides": (*walk.state.overrides, done), "ended": None, "ended_at": None}
    )
    target = step.id if step else end.id if end else ""
    move = Move(kind=MoveKind.OUTCOME, origin=walk.at, target=new, roles=(), outcome="diatur", to=target)
    state = moved(rules, snapshot, state, move, journal.at, journal=journal.id, by=journal.by.id)
    taken = Taken(kind=MoveKind.OUTCOME, mark=f"j{journal.id}", before=walk.state, to=target, by=journal.by)
    return Walk(state=state, at=place(procedure, state), taken=(*walk.taken, taken))


def _without_missing(rules: Rules, snapshot: Snapshot, walk: Walk) -> Walk:
    """Take the last move back if its needs are not there: Redmine's rules were switched off, or cannot say it."""
    if walk.fault is not None or not walk.taken:
        return walk
    last = walk.taken[-1]
    procedure = rules.procedure
    if last.to is None or last.kind is MoveKind.RETURN:
        return walk
    target = procedure.step(last.to) or procedure.end(last.to)
    absent = missing(procedure, target, values(procedure, snapshot))
    if not absent:
        return walk
    fault = Fault(reason=Reason.NEEDS, found=walk.at, journal=0, by=last.by, missing=absent)
    return Walk(state=last.before, at=place(procedure, last.before), taken=walk.taken[:-1], fault=fault)
