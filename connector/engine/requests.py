"""What a requester asked for on the tracking page, applied to where his ticket stands now."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from connector.engine.attached import attached
from connector.engine.effects import AddNote, Effect, NotifyStaff, SetField
from connector.engine.progress import Rules, Taken, Walk, missing, moved, place, values
from connector.engine.signing import signatures
from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.waiting import close_if_expired
from connector.engine.words import instant_words
from connector.sop.model import OutputKind
from connector.sop.table import Move, MoveKind, is_on_portal, is_return, moves

#: The kind of the monitoring's actions, and their outcomes.
ALERT, FIRING, RESOLVED = "alert", "firing", "resolved"

Applied = tuple[Walk, tuple[Effect, ...]]


def apply(
    rules: Rules, snapshot: Snapshot, walk: Walk, now: dt.datetime
) -> tuple[Walk, tuple[Effect, ...], tuple[str, ...]]:
    """Apply the pending actions in order; one that no longer fits is dropped. Gives walk, effects and keys done."""
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
        walk, more = applied
        state = walk.state.model_copy(update={"actions": (*walk.state.actions, action.key)})
        walk = Walk(state=state, at=walk.at, taken=walk.taken, fault=walk.fault)
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


def _outcome(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | None:
    """The requester takes an outcome of his own step, and fills in what that step leaves behind."""
    procedure, stay = rules.procedure, walk.state.stay
    step = procedure.step(action.step or "")
    if (
        step is None
        or stay is None
        or stay.paused
        or stay.step != step.id
        or not is_on_portal(procedure, step)
        or _late(walk, action, step.id)
    ):
        return None
    move = next(
        (each for each in moves(procedure) if (each.step, each.outcome) == (step.id, action.outcome)), None
    )
    if move is None or is_return(procedure, move.to or ""):
        return None
    allowed = frozenset(output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT)
    outcome = step.outcomes[move.outcome or ""]
    signed = signatures(walk.state, outcome, action)
    if signed is None:
        return None
    given = values(procedure, snapshot) | _answers(action, allowed)
    given |= {each.into: each.number for each in signed}
    if missing(procedure, procedure.step(move.to or "") or procedure.end(move.to or ""), given):
        return None
    gone = _go(rules, snapshot, walk, action, move, given)
    state = gone.state.model_copy(update={"countersigned": (*gone.state.countersigned, *signed)})
    effects = (*_content(rules, action, allowed), *_said(action, outcome.label))
    return replace(gone, state=state), effects


def _correction(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | None:
    """What was asked for is here: the clock goes on, in the step the ticket came from."""
    move, form = _move(rules, walk, MoveKind.RESUME), rules.procedure.form
    if form is None:
        return None
    allowed = frozenset(form.fields)
    if walk.taken and walk.taken[-1].answered:
        return walk, (*_content(rules, action, allowed), *_said(action, "perbaikan", late=True))
    if move is None or _late(walk, action, None):
        return None
    given = values(rules.procedure, snapshot) | _answers(action, allowed)
    effects = (*_content(rules, action, allowed), *_said(action, "perbaikan"))
    return _go(rules, snapshot, walk, action, move, given), effects


def _withdraw(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | None:
    """The requester does not want it any more."""
    move = _move(rules, walk, MoveKind.WITHDRAW)
    if move is None:
        return None
    given = values(rules.procedure, snapshot)
    return _go(rules, snapshot, walk, action, move, given), _said(action, "penarikan")


def _alert(rules: Rules, _: Snapshot, walk: Walk, action: RequesterAction) -> Applied | None:
    """The monitoring sees the fault gone, or back again. Whether it is settled is for staff to say."""
    if walk.state.ended is not None:
        return None
    data = {"firing": action.outcome == FIRING, "at": instant_words(action.at, rules.calendar.zone)}
    return walk, (AddNote(template="pemantauan", data=data), NotifyStaff())


_HANDLERS = {"outcome": _outcome, "correction": _correction, "withdraw": _withdraw, ALERT: _alert}


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


def _go(
    rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction, move: Move, given: dict[str, str]
) -> Walk:
    state = moved(rules, walk.state, move, action.at, given=given, journal=snapshot.last_journal, by=None)
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


def _said(action: RequesterAction, what: str, *, late: bool = False) -> tuple[Effect, ...]:
    """A note, and Redmine's own notification: staff do not make this move, so nobody else tells them."""
    data = {"kind": action.kind, "what": what, "remark": action.remark, "late": late}
    return (AddNote(template="pemohon", data=data), NotifyStaff())
