"""What a requester asked for on the tracking page, applied to where his ticket stands now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from connector.engine import survey
from connector.engine.arrival import requester_address
from connector.engine.attached import attached
from connector.engine.effects import AddNote, AttachMore, Effect, NotifyStaff, SendMail, SetField
from connector.engine.progress import Rules, Taken, Walk, missing, moved, place, values, with_stay
from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.state import Unfit
from connector.engine.waiting import close_if_expired
from connector.engine.words import instant_words
from connector.sop.model import OutputKind, Step
from connector.sop.table import Move, MoveKind, is_on_portal, is_return, moves
from connector.sop.units import is_head

#: The kind of the monitoring's actions, and their outcomes.
ALERT, FIRING, RESOLVED = "alert", "firing", "resolved"

Applied = tuple[Walk, tuple[Effect, ...]]


class Why(StrEnum):
    """Why what somebody sent is not carried out any more."""

    ENDED = "berakhir"
    GONE_ON = "berpindah"
    NEEDS = "kelengkapan"
    NOT_HEAD = "bukan-pimpinan"
    ONCE = "sudah"


@dataclass(frozen=True)
class NotDone:
    """It no longer fits; nothing of it is lost, and who sent it is told."""

    why: Why
    missing: tuple[str, ...] = ()


def apply(
    rules: Rules, snapshot: Snapshot, walk: Walk, now: dt.datetime
) -> tuple[Walk, tuple[Effect, ...], tuple[str, ...]]:
    """Apply the pending actions in order. Of one that no longer fits, sender and staff are told, and the ticket keeps
    what was sent. Gives walk, effects and keys done."""
    effects: tuple[Effect, ...] = ()
    done: tuple[str, ...] = ()
    for action in snapshot.actions:
        done = (*done, action.key)
        if action.key in walk.state.actions:
            continue
        if action.kind == "correction":
            walk = close_if_expired(rules, walk, now, action.at)
        applied = _HANDLERS[action.kind](rules, snapshot, walk, action)
        if applied is None:
            continue
        if isinstance(applied, NotDone):
            walk, more = _not_done(rules, snapshot, walk, action, applied)
        else:
            walk, more = applied
        state = walk.state.model_copy(update={"actions": (*walk.state.actions, action.key)})
        walk = replace(walk, state=state)
        effects = (*effects, *more)
    return walk, effects, done


def written(rules: Rules, effects: tuple[Effect, ...]) -> dict[str, str]:
    """The values by field id that these effects write."""
    ids = {field.key: field.id for field in rules.procedure.fields}
    return {
        ids[effect.field]: effect.value
        for effect in effects
        if isinstance(effect, SetField) and effect.field in ids
    }


def _outcome(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | NotDone:
    """Somebody takes an outcome of his own step, and fills in what that step leaves behind."""
    procedure, stay = rules.procedure, walk.state.stay
    step = procedure.step(action.step or "")
    if walk.state.ended is not None:
        return NotDone(Why.ENDED)
    if step is None or stay is None or stay.paused or stay.step != step.id or _late(walk, action, step.id):
        return NotDone(Why.GONE_ON)
    if not _is_his(rules, snapshot, step, action):
        return NotDone(Why.NOT_HEAD if action.role else Why.GONE_ON)
    move = next(
        (each for each in moves(procedure) if (each.step, each.outcome) == (step.id, action.outcome)), None
    )
    if move is None or is_return(procedure, move.to or ""):
        return NotDone(Why.GONE_ON)
    allowed = frozenset(output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT)
    given = values(procedure, snapshot) | _answers(action, allowed)
    absent = missing(procedure, procedure.step(move.to or "") or procedure.end(move.to or ""), given)
    if absent:
        return NotDone(Why.NEEDS, tuple(field.label for field in absent))
    label = step.outcomes[move.outcome or ""].label
    effects = (*_content(rules, action, allowed), *_said(rules, action, label))
    return _go(rules, snapshot, walk, action, move, given), effects


def _is_his(rules: Rules, snapshot: Snapshot, step: Step, action: RequesterAction) -> bool:
    """Whether the step is that of who acts: the requester, or the head of the ticket's unit as it is known today."""
    if not action.role:
        return is_on_portal(rules.procedure, step)
    given = values(rules.procedure, snapshot)
    return action.role in step.roles and is_head(rules.organization, action.role, given, action.address)


def _correction(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | NotDone:
    """What was asked for is here: the clock goes on, in the step the ticket came from."""
    move, form = _move(rules, walk, MoveKind.RESUME), rules.procedure.form
    if form is None:
        return NotDone(Why.GONE_ON)
    allowed = frozenset(form.fields)
    if walk.taken and walk.taken[-1].answered:
        return walk, (*_content(rules, action, allowed), *_said(rules, action, "perbaikan", late=True))
    if move is None or _late(walk, action, None):
        return NotDone(Why.ENDED if walk.state.ended is not None else Why.GONE_ON)
    given = values(rules.procedure, snapshot) | _answers(action, allowed)
    effects = (*_content(rules, action, allowed), *_said(rules, action, "perbaikan"))
    return _go(rules, snapshot, walk, action, move, given), effects


def _withdraw(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | NotDone:
    """The requester does not want it any more."""
    move = _move(rules, walk, MoveKind.WITHDRAW)
    if move is None:
        return NotDone(Why.ENDED if walk.state.ended is not None else Why.GONE_ON)
    given = values(rules.procedure, snapshot)
    return _go(rules, snapshot, walk, action, move, given), _said(rules, action, "penarikan")


def _message(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | NotDone:
    """Somebody asks or tells something; the ticket stays where it is."""
    if action.role and not is_head(
        rules.organization, action.role, values(rules.procedure, snapshot), action.address
    ):
        return NotDone(Why.NOT_HEAD)
    data = {"role": action.role, "remark": action.remark}
    return walk, (AddNote(template="pesan", data=data), NotifyStaff())


def _survey(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | NotDone:
    """The requester rates the service, once."""
    if walk.state.survey is not None:
        return NotDone(Why.ONCE)
    if not survey.is_open(rules, walk.state, values(rules.procedure, snapshot), action.at):
        return NotDone(Why.GONE_ON)
    found = survey.answered(rules.procedure, action.fields, action.at)
    state = walk.state.model_copy(update={"survey": found})
    return replace(walk, state=state), (AddNote(template="survei", data=survey.note_data(found)),)


def _alert(rules: Rules, _: Snapshot, walk: Walk, action: RequesterAction) -> Applied | NotDone | None:
    """The monitoring sees the fault gone, or back again. Whether it is settled is for staff to say."""
    if walk.state.ended is not None:
        return None
    data = {"firing": action.outcome == FIRING, "at": instant_words(action.at, rules.calendar.zone)}
    return walk, (AddNote(template="pemantauan", data=data), NotifyStaff())


Handler = Callable[[Rules, Snapshot, Walk, RequesterAction], "Applied | NotDone | None"]
_HANDLERS: Mapping[str, Handler] = {
    "outcome": _outcome,
    "correction": _correction,
    "message": _message,
    "survey": _survey,
    "withdraw": _withdraw,
    ALERT: _alert,
}


def _move(rules: Rules, walk: Walk, kind: MoveKind) -> Move | None:
    """The move of this kind from where the ticket stands."""
    return next((m for m in moves(rules.procedure) if (m.kind, m.origin) == (kind, walk.at)), None)


def _late(walk: Walk, action: RequesterAction, step: str | None) -> bool:
    """Whether it was meant for an earlier stay in this step (None: for an earlier return), which is over."""
    stays = walk.state.stays
    if step is None:
        over = [(pause.since, pause.until) for stay in stays for pause in stay.pauses]
    else:
        over = [(stay.entered, stay.left) for stay in stays if stay.step == step]
    return any(end is not None and begin <= action.at <= end for begin, end in over)


def _not_done(
    rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction, found: NotDone
) -> tuple[Walk, tuple[Effect, ...]]:
    """The ticket keeps what was sent, as a note and attachments; its sender is told why nothing follows from it."""
    labels = {field.id: field.label for field in rules.procedure.fields}
    data: dict[str, object] = {
        "kind": action.kind,
        "role": action.role,
        "why": found.why.value,
        "missing": list(found.missing),
        "written": [
            {"label": labels[name], "value": value}
            for name, value in action.fields.items()
            if name in labels and value
        ],
        "files": [file.name for file in action.files],
        "remark": action.remark,
    }
    effects: list[Effect] = [AddNote(template="tidak-dijalankan", data=data), NotifyStaff()]
    effects += [AttachMore(label=labels.get(file.field, file.field), file=file) for file in action.files]
    address = action.address or requester_address(rules.procedure, values(rules.procedure, snapshot))
    if address:
        effects.append(
            SendMail(
                key=f"{walk.state.number}:tidak-dijalankan:{action.key}",
                to=address,
                template="tidak-dijalankan",
                data=data | {"number": walk.state.number, "service": rules.procedure.title},
                for_head=bool(action.role),
            )
        )
    entry = Unfit(
        key=action.key,
        kind=action.kind,
        at=action.at,
        why=found.why.value,
        missing=found.missing,
        role=action.role,
    )
    state = walk.state.model_copy(update={"unfit": (*walk.state.unfit, entry)})
    return replace(walk, state=state), tuple(effects)


def _go(
    rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction, move: Move, given: dict[str, str]
) -> Walk:
    before = walk.state
    if action.role and before.stay is not None:
        before = with_stay(before, before.stay.model_copy(update={"role": action.role}))
    state = moved(rules, before, move, action.at, given=given, journal=snapshot.last_journal, by=None)
    state = survey.noticed(rules.procedure, state, action)
    taken = Taken(
        kind=move.kind,
        mark=f"a{action.key}",
        before=walk.state,
        step=move.step,
        outcome=move.outcome,
        to=move.to,
    )
    return Walk(state=state, at=place(rules.procedure, state), taken=(*walk.taken, taken))


def _answers(action: RequesterAction, allowed: frozenset[str]) -> dict[str, str]:
    """What he wrote and sent, by field id; only where he may."""
    sent = dict(action.fields) | {file.field: file.ref for file in action.files}
    return {name: value for name, value in sent.items() if name in allowed}


def _content(rules: Rules, action: RequesterAction, allowed: frozenset[str]) -> tuple[Effect, ...]:
    fields = tuple(field for field in rules.procedure.fields if field.id in allowed)
    keys = {field.id: field.key for field in fields}
    return (
        *(SetField(field=keys[name], value=value) for name, value in action.fields.items() if name in keys),
        *attached(fields, action.files),
    )


def _said(rules: Rules, action: RequesterAction, what: str, *, late: bool = False) -> tuple[Effect, ...]:
    """A note, and Redmine's own notification: staff do not make this move, so nobody else tells them."""
    role = rules.organization.role(action.role)
    data = {
        "kind": action.kind,
        "what": what,
        "remark": action.remark,
        "late": late,
        "role": role.title if role else "",
        "by": action.address,
    }
    return (AddNote(template="pemohon", data=data), NotifyStaff())
