"""What a requester asked for on the tracking page, applied to where his ticket stands now."""

from __future__ import annotations

from connector.engine import sla
from connector.engine.effects import AddNote, AttachFile, Effect, SetField
from connector.engine.progress import Rules, Taken, Walk, missing, moved, place, values, with_stay
from connector.engine.snapshot import RequesterAction, Snapshot
from connector.sop.table import Move, MoveKind, is_on_portal, is_return, moves

Applied = tuple[Walk, tuple[Effect, ...]]


def apply(rules: Rules, snapshot: Snapshot, walk: Walk) -> tuple[Walk, tuple[Effect, ...], tuple[str, ...]]:
    """Apply the pending actions in order; one that no longer fits is dropped. Gives walk, effects and keys done."""
    effects: tuple[Effect, ...] = ()
    done: tuple[str, ...] = ()
    for action in snapshot.actions:
        done = (*done, action.key)
        if action.key in walk.state.actions:
            continue
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
    ):
        return None
    move = next(
        (each for each in moves(procedure) if (each.step, each.outcome) == (step.id, action.outcome)), None
    )
    if move is None or is_return(procedure, move.to or ""):
        return None
    given = values(procedure, snapshot) | dict(action.fields)
    given |= {file.field: file.ref for file in action.files}
    if missing(procedure, procedure.step(move.to or "") or procedure.end(move.to or ""), given):
        return None
    effects = (
        *_content(rules, action, frozenset(output.id for output in step.outputs)),
        _note(action, step.outcomes[move.outcome or ""].label),
    )
    return _go(rules, snapshot, walk, action, move), effects


def _correction(rules: Rules, _: Snapshot, walk: Walk, action: RequesterAction) -> Applied | None:
    """What was asked for is here: the clock goes on, in the step the ticket came from."""
    stay, form = walk.state.stay, rules.procedure.form
    if stay is None or not stay.paused or form is None:
        return None
    state = with_stay(walk.state, sla.resume(stay, action.at, rules.calendar))
    taken = Taken(kind=MoveKind.RESUME, mark=f"a{action.key}", before=walk.state, step=stay.step)
    effects = (*_content(rules, action, frozenset(form.fields)), _note(action, "perbaikan"))
    return Walk(state=state, at=place(rules.procedure, state), taken=(*walk.taken, taken)), effects


def _withdraw(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction) -> Applied | None:
    """The requester does not want it any more."""
    move = next(
        (
            each
            for each in moves(rules.procedure)
            if each.kind is MoveKind.WITHDRAW and each.origin == walk.at
        ),
        None,
    )
    if move is None:
        return None
    return _go(rules, snapshot, walk, action, move), (_note(action, "penarikan"),)


_HANDLERS = {"outcome": _outcome, "correction": _correction, "withdraw": _withdraw}


def _go(rules: Rules, snapshot: Snapshot, walk: Walk, action: RequesterAction, move: Move) -> Walk:
    state = moved(rules, snapshot, walk.state, move, action.at, journal=snapshot.last_journal, by=None)
    taken = Taken(
        kind=move.kind,
        mark=f"a{action.key}",
        before=walk.state,
        step=move.step,
        outcome=move.outcome,
        to=move.to,
    )
    return Walk(state=state, at=place(rules.procedure, state), taken=(*walk.taken, taken))


def _content(rules: Rules, action: RequesterAction, allowed: frozenset[str]) -> tuple[Effect, ...]:
    keys = {field.id: field.key for field in rules.procedure.fields if field.id in allowed}
    return (
        *(SetField(field=keys[name], value=value) for name, value in action.fields.items() if name in keys),
        *(AttachFile(field=keys[file.field], file=file) for file in action.files if file.field in keys),
    )


def _note(action: RequesterAction, what: str) -> AddNote:
    return AddNote(template="pemohon", data={"kind": action.kind, "what": what, "remark": action.remark})
