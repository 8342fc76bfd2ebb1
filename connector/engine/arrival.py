"""What a ticket gets where it arrives: who has it, until when, its note, its document, and who is told."""

from __future__ import annotations

from collections.abc import Iterator

from connector.engine import signing
from connector.engine.effects import (
    AddNote,
    AssignGroup,
    ClearAssignee,
    Effect,
    MakeDocument,
    NotifyStaff,
    SendMail,
    SetDueDate,
    SetField,
    SetProgress,
)
from connector.engine.progress import Rules, Taken, Walk, applies, reopen_until, values
from connector.engine.snapshot import Snapshot
from connector.engine.state import Stay, TicketState
from connector.engine.words import instant_words
from connector.sop.access import brought
from connector.sop.keys import LIMIT_FIELD, NUMBER_FIELD, SLA_FIELD, STEP_FIELD
from connector.sop.model import End, FieldDef, FieldType, Output, OutputKind, Procedure, RoleKind, Step, Tell
from connector.sop.table import MoveKind, duties, is_on_portal, is_requesters, is_return, moves
from connector.sop.units import heads_of, unit_role, unit_roles

#: The message for the head of a unit, with his own link.
HEAD_TEMPLATE = "pimpinan"

# assignee, note, document ---------------------------------------------------------------------------------------


def effects(
    rules: Rules,
    snapshot: Snapshot,
    base: TicketState | None,
    walk: Walk,
    given: dict[str, str],
    *,
    repaired: bool,
    relocated: bool = False,
) -> tuple[Effect, ...]:
    """What the step gets in which the ticket now stands, if it has just come there (or was put back there)."""
    state = walk.state
    left = documents(rules, base, state)
    if state.ended is not None:
        return (*_ended_note(rules, walk), *left) if walk.taken else ()
    if state.stay is None or not (walk.taken or repaired or relocated):
        return ()
    step = _step(rules.procedure, state.stay.step)
    assigned = _assignment(rules, snapshot, step, given)
    if state.stay.paused:
        return (*assigned, *_waiting_note(rules, state, given), *left) if walk.taken else ()
    found: tuple[Effect, ...] = (*assigned, *((NotifyStaff(),) if assigned else ()))
    found += _reopened_note(rules, walk)
    if walk.taken or relocated:
        found += (AddNote(template="langkah", data=_note_data(rules, state, step, given)),)
        found += _unknown_unit(rules, step, given)
    return (*found, *left, *_renewed(rules, snapshot, base, state, given))


def _renewed(
    rules: Rules, snapshot: Snapshot, base: TicketState | None, state: TicketState, given: dict[str, str]
) -> tuple[Effect, ...]:
    """Clear what a step that begins anew, or a duty beside it, must leave anew: what was there before, and nobody has
    touched since."""
    stay = state.stay
    if stay is None or len(state.stays) <= len(base.stays if base else ()):
        return ()
    if all(each.step != stay.step for each in state.stays[:-1]):
        return ()
    step = _step(rules.procedure, stay.step)
    outputs = {output.id for each in (step, *duties(rules.procedure, step)) for output in each.outputs}
    before = values(rules.procedure, snapshot.as_of(stay.journal - 1))
    return tuple(
        SetField(field=field.key, value="")
        for field in rules.procedure.fields
        if field.renew
        and field.id in outputs
        and given.get(field.id)
        and given[field.id] == before.get(field.id)
    )


def role_of(step: Step, given: dict[str, str]) -> str | None:
    """The role that has the step: chosen by a field where the procedure says so, else its first."""
    by = step.assignee_by
    if by is not None and given.get(by.field) in by.roles:
        return by.roles[given[by.field]]
    return step.roles[0] if step.roles else None


def holder_of(procedure: Procedure, step: Step, given: dict[str, str]) -> str | None:
    """The role that has the step in Redmine: of a requester's own step the first that may act on his behalf."""
    if is_requesters(procedure, step):
        return procedure.on_behalf[0] if procedure.on_behalf else None
    return role_of(step, given)


def group_of(rules: Rules, role_id: str) -> str | None:
    """The key of a role's group; None for those who have no account."""
    role = rules.organization.role(role_id)
    return role.group_key if role is not None and role.kind is RoleKind.STAFF else None


def _assignment(rules: Rules, snapshot: Snapshot, step: Step, given: dict[str, str]) -> tuple[Effect, ...]:
    """Keep the person whom staff chose if he has the role, else give the step to the role's group.

    The requester's own step is kept in sight by the group that may act on his behalf.
    """
    role = holder_of(rules.procedure, step, given)
    group = group_of(rules, role) if role else None
    if role is None or group is None:
        return (ClearAssignee(),) if snapshot.assignee else ()
    who = snapshot.assignee
    if who is not None and role in who.roles:
        return ()
    return (AssignGroup(group=group),)


def _note_data(rules: Rules, state: TicketState, step: Step, given: dict[str, str]) -> dict[str, object]:
    role = rules.organization.role(role_of(step, given) or "")
    due = state.stay.due if state.stay else None
    limit = state.stay.limit if state.stay else None
    return {
        "no": step.no,
        "of": rules.procedure.last_no,
        "title": step.title,
        "description": step.description,
        "role": role.title if role else "",
        "limit": str(limit) if limit else "",
        "due": instant_words(due, rules.calendar.zone) if due else "",
        "outcomes": list(_ways(rules.procedure, step, given)),
    }


def _unknown_unit(rules: Rules, step: Step, given: dict[str, str]) -> tuple[Effect, ...]:
    """A step that is a unit head's, of a unit that the directory does not know: somebody must mend one of the two."""
    roles = [unit_role(rules.organization, each) for each in unit_roles(rules.organization, step)]
    lost = [each for each in roles if each and not heads_of(rules.organization, each.id, given)]
    return tuple(
        effect
        for role in lost
        for effect in (
            AddNote(
                template="unit-tidak-dikenal",
                data={"role": role.title, "unit": given.get(role.unit or "", "")},
            ),
            NotifyStaff(),
        )
    )


def _ways(procedure: Procedure, step: Step, given: dict[str, str]) -> Iterator[dict[str, object]]:
    """Every way out of a step in Redmine's words, with the fields that are still to be filled for it."""
    for outcome in step.outcomes.values():
        if is_return(procedure, outcome.to):
            name, needs = procedure.waiting.status, [procedure.waiting.reason]
        else:
            target = procedure.step(outcome.to) or procedure.end(outcome.to)
            if target is None or target.status is None:
                continue
            name, made = target.status, brought(procedure, target.id)
            needs = [need.field for need in target.needs if applies(need, given) and need.field not in made]
        empty = [field.name for field in procedure.fields if field.id in needs and not given.get(field.id)]
        yield {"label": outcome.label, "status": name, "missing": empty}


def _waiting_note(rules: Rules, state: TicketState, given: dict[str, str]) -> tuple[Effect, ...]:
    step = _step(rules.procedure, state.stay.step if state.stay else "")
    data = {
        "title": step.title,
        "resumed": rules.procedure.waiting.resumed,
        "request": given.get(rules.procedure.waiting.reason, ""),
        "expires": instant_words(state.expires, rules.calendar.zone) if state.expires else "",
    }
    return (AddNote(template="menunggu", data=data),)


def _ended_note(rules: Rules, walk: Walk) -> tuple[Effect, ...]:
    end = _end(rules.procedure, walk.state.ended or "")
    last = walk.taken[-1]
    until = last.before.expires if last.kind is MoveKind.EXPIRE else None
    data = {
        "title": end.title,
        "success": end.success,
        "original": walk.state.duplicate_of,
        "unanswered": instant_words(until, rules.calendar.zone) if until else "",
    }
    note = AddNote(template="berakhir", data=data)
    return (note, NotifyStaff()) if until else (note,)  # nobody made this move, so nobody else tells staff


def _reopened_note(rules: Rules, walk: Walk) -> tuple[Effect, ...]:
    """That a ticket which had ended goes on, and by whom."""
    return tuple(
        AddNote(
            template="dibuka-kembali",
            data={
                "title": _end(rules.procedure, taken.before.ended or "").title,
                "by": taken.by.name if taken.by else "",
            },
        )
        for taken in walk.taken
        if taken.kind is MoveKind.REOPEN
    )


def documents(rules: Rules, base: TicketState | None, state: TicketState) -> tuple[Effect, ...]:
    """The documents of every step that was entered or left since `base`, also if more happened afterwards."""
    first = state.position - len(state.stays) + 1
    known = base.stays if base else ()
    made: dict[str, MakeDocument | None] = {}
    for index, output in _due_outputs(rules.procedure, known, state.stays):
        made[output.id] = _document(rules.procedure, state, output.id, f"{first + index}")
    for index, document in signing.again(rules.procedure, known, state):
        made[document.id] = _document(rules.procedure, state, document.id, f"{first + index}:sah")
    for each in state.countersigned[len(base.countersigned) if base else 0 :]:
        place = f"{each.stay}:balas"
        made[each.document] = _document(rules.procedure, state, each.document, place, each.into)
    return tuple(each for each in made.values() if each is not None)


def _document(
    procedure: Procedure, state: TicketState, name: str, place: str, into: str = ""
) -> MakeDocument | None:
    """A document to be made; `place` tells it from those that were made before it."""
    field, document = procedure.field(into or name), procedure.document(name)
    if field is None or document is None:
        return None
    return MakeDocument(
        template=document.template,
        field=field.key,
        field_id=name,
        kind=document.kind,
        key=f"{state.number}:{name}:{place}",
        number=f"{_initials(document.kind)}-{state.number}",
        into=into if into != name else "",
    )


def _due_outputs(
    procedure: Procedure, known: tuple[Stay, ...], stays: tuple[Stay, ...]
) -> Iterator[tuple[int, Output]]:
    """What is to be made now that a ticket with these stays was known with those, each with its stay's place."""
    for position, stay in enumerate(stays):
        entered = position >= len(known)
        left = stay.left is not None and (entered or known[position].left is None)
        step = procedure.step(stay.step)
        if position == 0 and entered:
            yield from ((0, output) for each in _before_the_ticket(procedure) for output in each.outputs)
        for output in step.outputs if step else ():
            if output.kind is OutputKind.DOCUMENT and (
                stay.outcome in output.after if left and output.after else entered and not output.after
            ):
                yield position, output


def _before_the_ticket(procedure: Procedure) -> tuple[Step, ...]:
    """The steps that are done when a ticket comes to its first one."""
    return procedure.steps[: procedure.steps.index(procedure.first_step)]


def _initials(kind: str) -> str:
    """`berita-acara` -> `BA`, `laporan` -> `LAP`."""
    words = kind.split("-")
    return "".join(word[0] for word in words).upper() if len(words) > 1 else kind[:3].upper()


# what follows from the state alone --------------------------------------------------------------------------------


def derived(rules: Rules, snapshot: Snapshot, state: TicketState) -> tuple[Effect, ...]:
    """The fields that show the state in Redmine; only those that differ from it."""
    procedure = rules.procedure
    named = {NUMBER_FIELD: state.number, STEP_FIELD: _step_words(procedure, state)}
    percent = _percent(procedure, state, snapshot.done_ratio)
    progress = (SetProgress(percent=percent),) if snapshot.done_ratio != percent else ()
    return (*_differing(snapshot, named), *timed(rules, snapshot, state), *progress)


def timed(rules: Rules, snapshot: Snapshot, state: TicketState) -> tuple[Effect, ...]:
    """Those of them that show its time."""
    stay = state.stay
    due = stay.due.astimezone(rules.calendar.zone) if stay is not None and stay.due is not None else None
    named = {LIMIT_FIELD: instant_words(due, rules.calendar.zone) if due else "", SLA_FIELD: state.sla}
    date = due.date() if due else None
    dated = (SetDueDate(date=date),) if snapshot.due_date != date else ()
    return (*_differing(snapshot, named), *dated)


def _differing(snapshot: Snapshot, wanted: dict[str, str]) -> Iterator[Effect]:
    for key, value in wanted.items():
        if snapshot.fields.get(key, "") != value:
            yield SetField(field=key, value=value)


def _step_words(procedure: Procedure, state: TicketState) -> str:
    if state.ended is not None:
        return _end(procedure, state.ended).title
    if state.stay is None:
        return procedure.intake
    step = _step(procedure, state.stay.step)
    return f"{step.no} dari {procedure.last_no}: {step.title}"


def _short_words(procedure: Procedure, state: TicketState) -> str:
    """Where the ticket stands, for a subject line."""
    if state.ended is not None:
        return _end(procedure, state.ended).title
    if state.stay is None:
        return procedure.intake
    return procedure.waiting.status if state.stay.paused else _step(procedure, state.stay.step).title


def _percent(procedure: Procedure, state: TicketState, before: int) -> int:
    """How many of the procedure's steps lie behind, in tens of percent; a ticket that failed keeps what it had."""
    if state.ended is not None and _end(procedure, state.ended).success:
        return 100
    last = state.stays[-1] if state.stays else None
    if last is None:
        return 0
    ids = [step.id for step in procedure.steps]
    if last.step not in ids:  # it ended there, and the mapping has changed since
        return before
    return ids.index(last.step) * 10 // len(ids) * 10


# who is told ------------------------------------------------------------------------------------------------------


def tells(rules: Rules, walk: Walk, given: dict[str, str]) -> tuple[Effect, ...]:
    """The messages of every move that was taken."""
    return tuple(mail for taken in walk.taken for mail in _tells_of(rules, walk, taken, given))


def _tells_of(rules: Rules, walk: Walk, taken: Taken, given: dict[str, str]) -> Iterator[SendMail]:
    procedure = rules.procedure
    left = procedure.step(taken.step or "")
    outcome = left.outcomes.get(taken.outcome or "") if left else None
    told: list[Tell] = list(outcome.tell) if outcome else []
    if taken.kind is MoveKind.EXPIRE and left is not None and left.unanswered is not None:
        told += left.unanswered.tell
    if taken.kind is MoveKind.REGISTER:
        # the requester has his receipt
        requesters = set(procedure.requesters)
        told += [tell for tell in procedure.received if not set(tell.to) & requesters]
    details: list[str] = []
    if taken.kind is MoveKind.TRANSFER:
        text = f"Permohonan Anda kami lanjutkan sebagai layanan «{procedure.title}», dengan nomor yang sama."
        told.append(Tell(to=procedure.requesters[:1], text=text))
    elif taken.kind is MoveKind.RETURN:
        details = [procedure.waiting.reason]
    else:
        ended = procedure.end(taken.before.ended or "") if taken.kind is MoveKind.REOPEN else None
        told += ended.reopen.tell if ended and ended.reopen else ()
        reached = procedure.step(taken.to or "") or procedure.end(taken.to or "")
        told += reached.tell if reached else ()
        refusal = reached if isinstance(reached, End) and not reached.success else None
        details = [need.field for need in refusal.needs] if refusal else []
    for position, tell in enumerate(told):
        shown = {*details, *tell.details}
        fields = [field for field in procedure.fields if field.id in shown and given.get(field.id)]
        for to in tell.to:
            for nth, (address, template) in enumerate(_addresses(rules, to, given)):
                yield SendMail(
                    key=f"{walk.state.number}:{taken.mark}:{position}:{to}" + (f":{nth}" if nth else ""),
                    to=address,
                    template=template,
                    data={
                        **_tell_data(rules, walk.state, tell, fields, given),
                        **_again(rules, walk, taken),
                        **_as_head(rules, walk.state, to, given),
                    },
                    for_head=template == HEAD_TEMPLATE,
                )


def _tell_data(
    rules: Rules, state: TicketState, tell: Tell, fields: list[FieldDef], given: dict[str, str]
) -> dict[str, object]:
    stay = state.stay
    step = rules.procedure.step(stay.step) if stay else None
    due = state.expires or (stay.due if stay else None)
    return {
        "number": state.number,
        "service": rules.procedure.title,
        "title": _short_words(rules.procedure, state),
        "text": tell.text,
        "details": [{"label": field.label, "value": given[field.id]} for field in fields],
        "step_title": step.title if step else "",
        "due": instant_words(due, rules.calendar.zone) if due else "",
        "expires": state.expires is not None,
        "original": state.duplicate_of,
        "ended": state.ended is not None,
        "asked": bool(stay and (stay.paused or (step and is_on_portal(rules.procedure, step)))),
    }


def _again(rules: Rules, walk: Walk, taken: Taken) -> dict[str, object]:
    """How somebody goes on whose ticket was closed because he did not answer."""
    expired = taken.kind is MoveKind.EXPIRE and taken.step is None
    until = reopen_until(rules, walk.state) if expired else None
    return {
        "again": expired and rules.procedure.form is not None,
        "reopen": instant_words(until, rules.calendar.zone) if until else "",
        "answered": taken.answered,
    }


def _as_head(rules: Rules, state: TicketState, role_id: str, given: dict[str, str]) -> dict[str, object]:
    """What a unit's head must know besides: whose head he is to this ticket, and whether it waits for him."""
    role = unit_role(rules.organization, role_id)
    if role is None:
        return {}
    step = rules.procedure.step(state.stay.step) if state.stay and not state.stay.paused else None
    return {
        "role": role.title,
        "unit": given.get(role.unit or "", ""),
        "acts": step is not None and role_id in step.roles,
    }


def _addresses(rules: Rules, role_id: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Where a role is told, each with its template; staff as `role:ID`.

    Only the requester gets the secret link, only a unit's head his own, only staff a link to Redmine.
    """
    role = rules.organization.role(role_id)
    if role is not None and role.unit is not None:
        yield from ((each, HEAD_TEMPLATE) for each in heads_of(rules.organization, role_id, given))
    elif role is not None and role.kind is RoleKind.REQUESTER:
        address = requester_address(rules.procedure, given)
        yield from ((address, "kabar"),) if address else ()
    elif role is not None and role.address is not None:
        named = (each.strip() for each in given.get(role.address, "").split(","))
        yield from ((each, "kontak") for each in dict.fromkeys(named) if each)
    else:
        yield f"role:{role_id}", "staf"


def requester_address(procedure: Procedure, given: dict[str, str]) -> str:
    """The requester's address: the first e-mail field that has one."""
    mails = (field.id for field in procedure.fields if field.type is FieldType.EMAIL)
    return next((given[name] for name in mails if given.get(name)), "")


def receipt_words(procedure: Procedure) -> str:
    """What the mapping says to the requester with his number, below the headline of the receipt."""
    texts = (tell.text for tell in procedure.received if set(tell.to) & set(procedure.requesters))
    return next(texts, f"Permohonan Anda untuk {procedure.title} sudah kami terima.")


# names --------------------------------------------------------------------------------------------------------------


def status_names(procedure: Procedure) -> tuple[str, ...]:
    """Every status of the procedure."""
    steps = [step.status for step in procedure.active_steps if step.status]
    ends = [end.status for end in procedure.ends]
    return (procedure.intake, *steps, procedure.waiting.status, procedure.waiting.resumed, *ends)


def next_statuses(procedure: Procedure, origin: str) -> tuple[str, ...]:
    """The status keys that are one move away."""
    return tuple(
        dict.fromkeys(
            move.target
            for move in moves(procedure)
            if move.origin == origin and move.kind not in (MoveKind.WITHDRAW, MoveKind.REOPEN)
        )
    )


def _step(procedure: Procedure, step_id: str) -> Step:
    step = procedure.step(step_id)
    if step is None:
        raise KeyError(step_id)
    return step


def _end(procedure: Procedure, end_id: str) -> End:
    end = procedure.end(end_id)
    if end is None:
        raise KeyError(end_id)
    return end
