"""The decision: what is to be done with one ticket, from its snapshot alone.

`plan` looks at an issue, `plan_submission` at a request that is not in Redmine yet. Both are pure; everything that a
person could ask "why?" about is decided here and in `progress`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from connector.engine import arrival, by_mail, duties, reporting, requests, survey, talk
from connector.engine.attached import attached
from connector.engine.clocks import sla_status
from connector.engine.duplicates import announced, noticed
from connector.engine.effects import (
    AddNote,
    AssignGroup,
    Effect,
    NotifyStaff,
    Plan,
    SendMail,
    SetField,
    SetStatus,
)
from connector.engine.escalation import escalate
from connector.engine.panel import panel
from connector.engine.papers import again, settled
from connector.engine.progress import (
    Fault,
    Reason,
    Rules,
    Taken,
    Walk,
    entered,
    follow,
    missing,
    place,
    values,
)
from connector.engine.projection import reproject
from connector.engine.relocation import relocated
from connector.engine.snapshot import Actor, Snapshot, StoredFile, Submission
from connector.engine.state import MAIL, PORTAL, REDMINE, TicketState
from connector.engine.transfer import Transfer, transfer
from connector.engine.waiting import close_if_expired, lapsed, recalled, remind
from connector.engine.words import instant_words
from connector.errors import PermanentError
from connector.sop.access import form_needs
from connector.sop.keys import status_key
from connector.sop.model import FieldDef, Frozen, RoleKind
from connector.sop.table import MoveKind

#: A ticket is put back once; the second time somebody is in earnest and a person must look.
REPAIRS = 1


class Fresh(Frozen):
    """What chance gives to a ticket that has no state yet."""

    number: str
    token_hash: str


def plan(
    rules: Rules,
    snapshot: Snapshot,
    now: dt.datetime,
    fresh: Fresh | None = None,
    former: Rules | None = None,
) -> Plan:
    """What to do with an issue as it stands at `now`. Planning again afterwards gives nothing.

    `fresh` must be given when the snapshot has no state; `former`, the rules that the state was made by, when these
    are no longer those of the issue's tracker.
    """
    base = snapshot.state or _adopted(rules, snapshot, fresh)
    if base.procedure != rules.procedure.key:
        if former is None:
            raise ValueError("a ticket from another procedure needs that procedure's rules")
        _check(former, base)
        return _decided(transfer(former, rules, snapshot, reproject(former, base, now)), now)
    base = reproject(rules, base, now)
    snapshot, said = by_mail.filled(rules, snapshot)
    here, moved = relocated(rules, snapshot, base)
    _check(rules, here)
    walk = follow(rules, snapshot, here)
    if moved and walk.fault is not None and walk.fault.reason is Reason.UNSEEN:
        walk = replace(walk, fault=None)  # the lost step's status is another's now
    return _decided(Transfer(rules, snapshot, base, walk, said, moved), now)


def _decided(found: Transfer, now: dt.datetime) -> Plan:
    """What follows from where the ticket stands."""
    rules, snapshot, base, walk = found.rules, found.snapshot, found.base, found.walk
    if walk.fault is not None and base.stopped:
        return _halted(found, (), now)
    walk = replace(walk, state=walk.state.model_copy(update={"stopped": False}))
    walk, repairs = _repair(rules, walk)
    if walk.state.stopped:
        return _halted(replace(found, walk=walk), repairs, now)
    walk, registered = _register(rules, snapshot, walk)
    walk, acted, done = requests.apply(rules, snapshot, walk, now)
    after = values(rules.procedure, snapshot) | requests.written(rules, acted)
    walk = close_if_expired(rules, walk, now, given=after)
    state, reminded = remind(rules, walk.state, after, now)
    state, asked = survey.remind(rules, state, after, now)
    state, heard = noticed(snapshot, state)
    state = duties.followed(rules, snapshot, base, state, now)
    walk = replace(walk, state=state.model_copy(update={"sla": sla_status(rules, state, now)}))
    effects = (
        *found.effects,
        *_status(snapshot, walk),
        *_answered(rules, walk, after),
        *found.moved,
        *reporting.effects(rules, snapshot, base, walk.state),
        *arrival.effects(
            rules,
            snapshot,
            base,
            walk,
            after,
            repaired=bool(repairs) or base.stopped,
            relocated=bool(found.moved),
        ),
        *repairs,
        *registered,
        *acted,
        *heard,
        *reminded,
        *asked,
        *lapsed(rules, walk),
        *recalled(rules, walk),
        *talk.answers(rules, snapshot, walk.state, after),
        *announced(snapshot, walk),
        *arrival.tells(rules, walk, after),
        *arrival.derived(rules, snapshot, walk.state),
    )
    effects += _welcome(rules, walk.state, after)
    state, warnings = escalate(rules, snapshot, walk.state, after, now, effects)
    return _finish(rules, snapshot, state, after, (*effects, *warnings), done)


def _halted(found: Transfer, repairs: tuple[Effect, ...], now: dt.datetime) -> Plan:
    """What follows for a stopped ticket: its time runs on, so the fields that show it do, people are warned, and what
    staff answer is told.

    Where that changes nothing of what is known of it nothing is done, whatever its fields say: another tracker may not
    keep them, and each writing would bring the next look.
    """
    rules, snapshot, base, walk = found.rules, found.snapshot, found.base, found.walk
    given = values(rules.procedure, snapshot)
    state = duties.followed(rules, snapshot, base, walk.state, now)
    state = state.model_copy(update={"sla": sla_status(rules, state, now)})
    state, warnings = escalate(rules, snapshot, state, given, now)
    said = talk.answers(rules, snapshot, state, given)
    if state == snapshot.state and not said:
        return Plan()
    effects = (
        *arrival.documents(rules, base, state),
        *arrival.tells(rules, walk, given),
        *found.moved,
        *reporting.effects(rules, snapshot, base, state),
        *said,
        *repairs,
        *arrival.timed(rules, snapshot, state),
        *warnings,
    )
    return _finish(rules, snapshot, state, given, effects)


def plan_submission(rules: Rules, submission: Submission) -> Plan:
    """The effects that make the issue of a submission, and its first state. Time counts from the receipt."""
    procedure = rules.procedure
    state = TicketState(
        procedure=procedure.key,
        number=submission.number,
        received=submission.received,
        origin=submission.origin,
        submission=submission.id,
        token_hash=submission.token_hash,
    )
    snapshot = unborn(rules, submission)
    given = values(procedure, snapshot) | dict(submission.fields)
    state = entered(rules, state, procedure.first_step.id, submission.received, given=given, journal=0)
    # by the receipt; a submission that waited long is looked at once it is an issue
    state = state.model_copy(update={"sla": sla_status(rules, state, submission.received)})
    first = Taken(kind=MoveKind.REGISTER, mark="awal", before=state, to=procedure.first_step.id)
    state = duties.followed(rules, snapshot, None, state, submission.received)
    walk = Walk(state=state, at=place(procedure, state), taken=(first,))
    fields = {field.id: field for field in procedure.fields}
    effects: tuple[Effect, ...] = (
        SetStatus(status=walk.at),
        *(
            SetField(field=fields[name].key, value=value)
            for name, value in submission.fields.items()
            if name in fields and value
        ),
        *attached(procedure.fields, submission.files),
        *arrival.effects(rules, snapshot, None, walk, given, repaired=False),
        *arrival.tells(rules, walk, given),
        *arrival.derived(rules, snapshot, state),
    )
    return _finish(rules, snapshot, state, given, effects)


def _adopted(rules: Rules, snapshot: Snapshot, fresh: Fresh | None) -> TicketState:
    """The first state of a ticket that was entered in Redmine itself."""
    if fresh is None:
        raise ValueError("a ticket without a state needs a number")
    return TicketState(
        procedure=rules.procedure.key,
        number=fresh.number,
        received=snapshot.created,
        origin=MAIL if by_mail.is_by_mail(rules, snapshot) else REDMINE,
        token_hash=fresh.token_hash,
    )


def _check(rules: Rules, state: TicketState) -> None:
    """A ticket that stands where the mapping no longer has anything can only be left alone, by name."""
    procedure, stay = rules.procedure, state.stay
    known = {*(step.id for step in procedure.active_steps), *(end.id for end in procedure.ends)}
    here = stay.step if stay is not None else state.ended
    if here is not None and here not in known:
        raise PermanentError(
            f"tiket {state.number} berada pada «{here}», yang tidak ada lagi dalam POS {procedure.key}; "
            "tulis moved_to pada POS itu, atau kembalikan langkahnya sampai tiketnya selesai"
        )


def unborn(rules: Rules, submission: Submission) -> Snapshot:
    """A submission seen as an issue, so that the same rules give its first effects."""
    keys = {field.id: field.key for field in rules.procedure.fields}
    return Snapshot(
        issue=0,
        procedure=rules.procedure.key,
        project=rules.organization.id,
        status="",
        subject="",
        description="",
        author=Actor(id=0, name="", connector=True),
        created=submission.received,
        fields={
            field.key: submission.fields[field.id]
            for field in rules.procedure.fields
            if submission.fields.get(field.id)
        },
        files={
            keys[file.field]: StoredFile(
                id=0,
                name=file.name,
                size=file.size,
                content_type=file.content_type,
                digest=file.sha256,
                author=0,
            )
            for file in submission.files
            if file.field in keys
        },
    )


def _finish(
    rules: Rules,
    snapshot: Snapshot,
    state: TicketState,
    given: Mapping[str, str],
    effects: tuple[Effect, ...],
    done: tuple[str, ...] = (),
) -> Plan:
    state, retried = again(rules.procedure, state, effects)
    effects += retried
    state, void = settled(snapshot, state, effects)
    effects += void
    sent = tuple(effect.key for effect in effects if isinstance(effect, SendMail))
    if state.ended is not None and state == snapshot.state and not effects:
        return Plan(actions_done=done)  # an ended ticket keeps its panel, whatever becomes of the mapping
    state = state.model_copy(update={"notices": (*state.notices, *sent), "panel": panel(rules, state, given)})
    if state == snapshot.state and not effects:
        return Plan(actions_done=done)
    return Plan(effects=effects, state=state, actions_done=done)


def _status(snapshot: Snapshot, walk: Walk) -> tuple[Effect, ...]:
    return (SetStatus(status=walk.at),) if snapshot.status != walk.at else ()


def _answered(rules: Rules, walk: Walk, given: dict[str, str]) -> tuple[Effect, ...]:
    """What was asked of the requester is answered: the next return must say anew what it asks for."""
    reason = rules.procedure.field(rules.procedure.waiting.reason)
    resumed = any(taken.kind is MoveKind.RESUME for taken in walk.taken)
    waiting = walk.state.stay is not None and walk.state.stay.paused
    if reason is None or not resumed or waiting or not given.get(reason.id):
        return ()
    return (SetField(field=reason.key, value=""),)


# what went round the procedure --------------------------------------------------------------------------------


def _repair(rules: Rules, walk: Walk) -> tuple[Walk, tuple[Effect, ...]]:
    """Put the ticket back, with a note that says why; the second time stop and tell those who may override."""
    fault = walk.fault
    if fault is None:
        return walk, ()
    data = _fault_data(rules, walk, fault)
    state = walk.state
    if state.repairs < REPAIRS:
        state = state.model_copy(update={"repairs": state.repairs + 1})
        return replace(walk, state=state), (AddNote(template="dikembalikan", data=data), NotifyStaff())
    state = state.model_copy(update={"stopped": True})
    mails = tuple(
        SendMail(
            key=f"{state.number}:berhenti:{len(state.notices)}",
            to=f"role:{role.id}",
            template="peringatan-admin",
            data=data | {"number": state.number},
        )
        for role in rules.organization.roles
        if role.kind is RoleKind.OVERRIDE
    )
    return replace(walk, state=state), (AddNote(template="berhenti", data=data), *mails)


def _fault_data(rules: Rules, walk: Walk, fault: Fault) -> dict[str, object]:
    names = {status_key(name): name for name in arrival.status_names(rules.procedure)}
    return {
        "reason": fault.reason.value,
        "from": names.get(walk.at, walk.at),
        "found": names.get(fault.found, fault.found),
        "by": fault.by.name if fault.by and fault.reason is not Reason.UNSEEN else "",
        "missing": [field.name for field in fault.missing],
        "until": instant_words(fault.until, rules.calendar.zone) if fault.until else "",
        "allowed": [names.get(target, target) for target in arrival.next_statuses(rules.procedure, walk.at)],
    }


# intake -------------------------------------------------------------------------------------------------------


def _register(rules: Rules, snapshot: Snapshot, walk: Walk) -> tuple[Walk, tuple[Effect, ...]]:
    """Move a complete new ticket to the first step; give an incomplete one to the registrars, once.

    Time counts from the receipt; for a ticket that was not complete, from the change that made it so.
    """
    state, procedure = walk.state, rules.procedure
    if state.stays or state.ended:
        return walk, ()
    absent = _unfilled(rules, snapshot)
    if absent:
        named = tuple(field.id for field in absent)
        if state.missing_told:
            return walk, ()
        state = state.model_copy(update={"missing_told": named})
        note = AddNote(template="belum-lengkap", data={"missing": [field.name for field in absent]})
        group = arrival.group_of(rules, procedure.registrars[0]) if procedure.registrars else None
        free = snapshot.assignee is None or bool(state.former)  # who had it had it in the other procedure
        desk = (AssignGroup(group=group), NotifyStaff()) if group and free else ()
        return replace(walk, state=state), (note, *desk)
    first = procedure.first_step
    taken = Taken(kind=MoveKind.REGISTER, mark="masuk", before=state, to=first.id)
    given = values(procedure, snapshot)
    since = max(_complete_since(rules, snapshot, state), state.latest)
    state = entered(rules, state, first.id, since, given=given, journal=snapshot.last_journal)
    return Walk(state=state, at=place(procedure, state), taken=(*walk.taken, taken)), ()


def _complete_since(rules: Rules, snapshot: Snapshot, state: TicketState) -> dt.datetime:
    """When the last thing came in that was missing; the receipt if nothing was."""
    for journal in reversed(snapshot.journals):
        if _unfilled(rules, snapshot.as_of(journal.id - 1)):
            return max(journal.at, state.received)
    return state.received


def _unfilled(rules: Rules, snapshot: Snapshot) -> tuple[FieldDef, ...]:
    """What the form would have asked for and the first step needs, and the ticket does not have.

    Consent is given on the form only: who comes to the desk gives it there.
    """
    procedure = rules.procedure
    given = values(procedure, snapshot)
    wanted = {field.id for field in missing(procedure, procedure.first_step, given)}
    wanted |= {name for name in form_needs(procedure) if not given[name].strip()}
    return tuple(field for field in procedure.fields if field.id in wanted)


def _welcome(rules: Rules, state: TicketState, given: dict[str, str]) -> tuple[Effect, ...]:
    """The receipt for a requester whose ticket was entered in Redmine, once his address is known.

    The form sends its own.
    """
    key = f"{state.number}:diterima"
    address = arrival.requester_address(rules.procedure, given)
    if state.origin == PORTAL or state.ended is not None or key in state.notices or not address:
        return ()
    data: dict[str, object] = {
        "number": state.number,
        "service": rules.procedure.title,
        "text": arrival.receipt_words(rules.procedure),
    }
    return (SendMail(key=key, to=address, template="diterima", data=data),)
