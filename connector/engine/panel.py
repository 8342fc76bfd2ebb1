"""What the issue page shows of a ticket's way, as plain JSON (docs/plugin-api.md, «panel»).

Only what the mapping knows and the page cannot. It depends on no moment and on no person: how much time is left and
what is still missing is worked out by the page, people are Redmine's ids. So it changes only when the ticket does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from connector.engine.duties import courses, upcoming
from connector.engine.progress import Rules, place, reopen_until
from connector.engine.sla import limit_of
from connector.engine.state import Pause, Period, Stay, TicketState
from connector.sop.access import brought, form_needs
from connector.sop.model import Need, OutputKind, Procedure, Step, StepKind
from connector.sop.table import Move, MoveKind, actors, ahead, duties, is_requesters, moves

#: Raised when a page of an older plugin could not read it any more.
FORMAT = 1
#: So many reports of a duty are shown.
LATEST = 8
#: Ways out of a step that are no outcome of it, and what the page calls them.
HOW = {"diatur": "override", MoveKind.WITHDRAW.value: "withdraw", MoveKind.EXPIRE.value: "expire"}

Json = dict[str, object]


def panel(rules: Rules, state: TicketState, given: Mapping[str, str]) -> Json:
    """The panel of a ticket in this state; `given` are its values by field id. Empty entries are left out."""
    procedure = rules.procedure
    at = place(procedure, state)
    legal = [move for move in moves(procedure) if move.origin == at]
    fields, others = _fields(procedure)
    return _filled(
        format=FORMAT,
        title=procedure.title,
        code=procedure.code,
        tracker=procedure.tracker_key,
        zone=rules.calendar.zone.key,
        status=at,
        mood=_mood(state),
        stopped=state.stopped,
        received=_instant(state.received),
        now=_now(rules, state, given),
        end=_end(procedure, state),
        moves=[_move(rules, state, move) for move in legal],
        here=_here(procedure, state, legal),
        others=others,
        steps=list(_steps(rules, state, given, fields)),
    )


def _filled(**entries: object) -> Json:
    """Without what is empty; a number never is."""
    return {name: value for name, value in entries.items() if value or type(value) is int}


def _instant(at: dt.datetime | None) -> int | None:
    """Unix seconds: the page reads dozens of them, and takes long over text."""
    return int(at.timestamp()) if at else None


def _mood(state: TicketState) -> str:
    if state.ended is not None:
        return "ended"
    if state.stay is None:
        return "intake"
    return "waiting" if state.stay.paused else "step"


# now --------------------------------------------------------------------------------------------------------------


def _now(rules: Rules, state: TicketState, given: Mapping[str, str]) -> Json | None:
    procedure, stay = rules.procedure, state.stay
    if state.ended is not None:
        return None
    if stay is None:
        return _filled(
            title=procedure.intake,
            since=_instant(state.received),
            roles=_titles(rules, procedure.registrars),
            role_keys=_keys(rules, procedure.registrars),
        )
    step = procedure.step(stay.step)
    if step is None:
        return None
    pause = stay.pauses[-1] if stay.paused else None
    held = _holders(step, given)
    acting = actors(procedure, step) if is_requesters(procedure, step) else held
    return _filled(
        no=step.no,
        of=procedure.last_no,
        title=step.title,
        about=step.description,
        roles=_titles(rules, held),
        role_keys=_keys(rules, acting),
        since=_instant(stay.entered),
        limit=stay.limit.model_dump(mode="json") if stay.limit else None,
        budget=stay.budget,
        due=_instant(stay.due),
        moved=_moved(stay),
        paused=_paused(pause) if pause else None,
        duties=[_duty(rules, state, each) for each in duties(procedure, step)],
    )


def _moved(stay: Stay) -> Json | None:
    """From where a changed calendar moved the limit, and every reason."""
    if not stay.moves:
        return None
    reasons = dict.fromkeys(each.reason for each in stay.moves)
    return _filled(old=_instant(stay.moves[0].old), why="; ".join(reasons))


def _paused(pause: Pause) -> Json:
    """`minutes` of working time were left; the requester's answer is awaited until `answer_by`."""
    return _filled(since=_instant(pause.began), minutes=pause.remaining, answer_by=_instant(pause.expires))


def _duty(rules: Rules, state: TicketState, duty: Step) -> Json:
    """A duty of the step: until when the next report is due, when the last one was made, how many are missing."""
    course = courses(state).get(duty.id, ())
    made = [each.reported for each in course if each.reported is not None]
    missing = [each for each in course[:-1] if each.reported is None]
    owed = missing[-1] if missing and missing[-1] is course[-2] else None
    return _filled(
        title=duty.title,
        due=_instant(owed.due if owed else upcoming(rules, state, duty)),
        last=_instant(made[-1]) if made else None,
        missed=len(missing) or None,
    )


def _end(procedure: Procedure, state: TicketState) -> Json | None:
    end = procedure.end(state.ended or "")
    if end is None:
        return None
    return _filled(title=end.title, at=_instant(state.ended_at), success=end.success)


def _holders(step: Step, given: Mapping[str, str]) -> tuple[str, ...]:
    """The roles that have a step; where a field chooses among them and has not yet, all of them."""
    by = step.assignee_by
    chosen = by.roles.get(given.get(by.field, "")) if by else None
    return (chosen,) if chosen else step.roles


def _titles(rules: Rules, roles: Iterable[str]) -> list[str]:
    found = (rules.organization.role(role) for role in roles)
    return [role.title for role in found if role]


def _keys(rules: Rules, roles: Iterable[str]) -> list[str]:
    """The keys of those that are roles in Redmine too."""
    found = (rules.organization.role(role) for role in roles)
    return [role.key for role in found if role and role.has_account]


# where it can go --------------------------------------------------------------------------------------------------


def _move(rules: Rules, state: TicketState, move: Move) -> Json:
    procedure = rules.procedure
    until = reopen_until(rules, state) if move.kind is MoveKind.REOPEN else None
    step = procedure.step(move.step or "")
    outcome = step.outcomes.get(move.outcome or "") if step else None
    return _filled(
        kind=move.kind.value,
        status=_status_name(procedure, move),
        label=outcome.label if outcome else None,
        until=_instant(until),
        needs=[_need(procedure, need) for need in _needs(procedure, move)],
    )


def _status_name(procedure: Procedure, move: Move) -> str:
    if move.kind is MoveKind.RETURN:
        return procedure.waiting.status
    if move.kind is MoveKind.RESUME:
        return procedure.waiting.resumed
    target = procedure.step(move.to or "") or procedure.end(move.to or "")
    return (target.status if target else None) or ""


def _needs(procedure: Procedure, move: Move) -> tuple[Need, ...]:
    if move.kind is MoveKind.RETURN:
        return (Need(field=procedure.waiting.reason),)
    target = procedure.step(move.to or "") or procedure.end(move.to or "")
    made = brought(procedure, move.to or "")
    needs = tuple(need for need in target.needs if need.field not in made) if target else ()
    if move.kind is MoveKind.REGISTER:
        named = {need.field for need in needs}
        asked = form_needs(procedure) - named
        needs = (*(Need(field=field.id) for field in procedure.fields if field.id in asked), *needs)
    return needs


def _need(procedure: Procedure, need: Need) -> Json:
    keys = {field.id: field.key for field in procedure.fields}
    return _filled(field=keys[need.field], when={keys[name]: value for name, value in need.when.items()})


def _here(procedure: Procedure, state: TicketState, legal: Iterable[Move]) -> list[str]:
    """The fields that matter now: what the step and its duties leave, and what its ways out need."""
    wanted: set[str] = set()
    for move in legal:
        for need in _needs(procedure, move):
            wanted |= {need.field, *need.when}
    step = procedure.step(state.stay.step) if state.stay else None
    if step is not None:
        for each in (step, *duties(procedure, step)):
            wanted |= {output.id for output in each.outputs if output.kind is not OutputKind.DOCUMENT}
    if _mood(state) in ("intake", "waiting") and procedure.form:
        wanted |= set(procedure.form.fields)
    return [field.key for field in procedure.fields if field.id in wanted]


# the whole way ----------------------------------------------------------------------------------------------------


def _steps(
    rules: Rules, state: TicketState, given: Mapping[str, str], fields: Mapping[str, list[str]]
) -> Iterator[Json]:
    procedure = rules.procedure
    course = _course(procedure, state)
    values = dict(given)
    for step in procedure.steps:
        limit = limit_of(step, values) if course[step.id] in ("ahead", "again", "maybe") else None
        yield _filled(
            no=step.no,
            title=step.title,
            kind=step.kind.value if step.kind is not StepKind.STEP else None,
            state=course[step.id],
            roles=_titles(rules, _holders(step, given)),
            limit=limit.model_dump(mode="json") if limit else None,
            every=step.every.model_dump(mode="json") if step.every else None,
            fields=fields[step.id],
            visits=_visits(procedure, step, state),
        )


def _fields(procedure: Procedure) -> tuple[dict[str, list[str]], list[str]]:
    """The fields that each step leaves, every field at one step at most, and those that belong to none."""
    rest = {field.id: field.key for field in procedure.fields}
    form = procedure.form.fields if procedure.form else ()
    found: dict[str, list[str]] = {}
    for step in procedure.steps:
        named = [output.id for output in step.outputs]
        named = [*form, *named] if _sent(procedure, step) else named
        found[step.id] = [rest.pop(name) for name in named if name in rest]
    return found, list(rest.values())


def _sent(procedure: Procedure, step: Step) -> bool:
    """Whether the step was fulfilled by sending what became the ticket."""
    before = procedure.steps.index(step) < procedure.steps.index(procedure.first_step)
    return before and bool(step.roles)


def _course(procedure: Procedure, state: TicketState) -> dict[str, str]:
    """What became of every step: done, now, ahead, again (done, and once more to come), maybe (on another way that is
    still open) or skipped."""
    been = {stay.step for stay in state.stays}
    here = state.stay.step if state.stay else None
    coming: list[str] = []
    if state.ended is None:
        start = here or procedure.first_step.id
        coming = [step.id for step in ahead(procedure, start)] + ([] if here else [start])
    # A branch that was left behind is not open any more, although a return might lead there again.
    open_to = _reachable(procedure, {*coming, *([here] if here else [])}, closed=been - {*coming, here or ""})
    found: dict[str, str] = {}
    before = "done"
    for step in procedure.steps:
        if step.status is None:
            found[step.id] = "ahead" if before == "now" and step.kind is StepKind.MILESTONE else before
            continue
        if step.id == here:
            before = "now"
        elif step.id in coming:
            before = "again" if step.id in been else "ahead"
        elif step.id in been:
            before = "done"
        else:
            before = "maybe" if step.id in open_to else "skipped"
        found[step.id] = before
    return found


def _reachable(procedure: Procedure, starts: set[str], *, closed: set[str]) -> set[str]:
    """The steps that some outcome leads to, never through one of `closed`."""
    found = set(starts)
    waiting = list(starts)
    while waiting:
        step = procedure.step(waiting.pop())
        targets = {outcome.to for outcome in step.outcomes.values()} if step else set()
        new = targets - found - closed
        found |= new
        waiting += new
    return found


def _visits(procedure: Procedure, step: Step, state: TicketState) -> list[Json]:
    if step.kind is StepKind.DUTY:
        over = [each for each in state.duties if each.step == step.id and _settled(state, each)]
        return [_reported(each) for each in over[-LATEST:]]
    if step.status is None:
        return [_filled(left=_instant(state.received))] if _sent(procedure, step) else []
    return [_visit(step, stay) for stay in state.stays if stay.step == step.id]


def _settled(state: TicketState, period: Period) -> bool:
    """Whether a report was made, or its time is over."""
    return period.reported is not None or period not in [course[-1] for course in courses(state).values()]


def _reported(period: Period) -> Json:
    return _filled(
        left=_instant(period.reported or period.due),
        outcome=f"ke-{period.no}",
        how=None if period.reported else "missed",
        by=period.by,
        late=period.late or period.reported is None,
    )


def _visit(step: Step, stay: Stay) -> Json:
    outcome = step.outcomes.get(stay.outcome or "")
    how = HOW.get(stay.outcome or "")
    silent = step.unanswered.label if step.unanswered and stay.outcome == MoveKind.EXPIRE.value else None
    return _filled(
        entered=_instant(stay.entered),
        left=_instant(stay.left),
        outcome=(outcome.label or stay.outcome) if outcome else silent,
        how=how if outcome is None and silent is None else None,
        by=stay.by,
        late=stay.late,
        pauses=[_pause(pause) for pause in stay.pauses],
    )


def _pause(pause: Pause) -> Json:
    return _filled(since=_instant(pause.since), until=_instant(pause.until))
