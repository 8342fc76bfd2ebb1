"""Who is warned of limits that come near or have passed. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from connector.engine.arrival import HEAD_TEMPLATE, holder_of
from connector.engine.clocks import Clock, ClockKind, Rung, clocks, rungs
from connector.engine.effects import Addressee, AssignGroup, ClearAssignee, Effect, SendMail, Warn
from connector.engine.progress import Rules
from connector.engine.snapshot import Assignee, Snapshot
from connector.engine.state import TicketState
from connector.engine.words import instant_words
from connector.sop.model import HOLDER
from connector.sop.units import heads_of, unit_role


def escalate(
    rules: Rules,
    snapshot: Snapshot,
    state: TicketState,
    given: Mapping[str, str],
    now: dt.datetime,
    planned: tuple[Effect, ...] = (),
) -> tuple[TicketState, tuple[Effect, ...]]:
    """The state with every rung that has passed by `now`, and a warning for the highest of those that are new.

    Where several were missed the lower ones are only recorded: nobody is told twice of one ticket. `planned` are the
    effects that the plan has so far; they may give the ticket to somebody else.
    """
    given_away = any(isinstance(effect, AssignGroup | ClearAssignee) for effect in planned)
    who = None if given_away else snapshot.assignee
    warnings: list[Effect] = []
    for clock in clocks(rules, state):
        passed = [rung for rung in rungs(rules, clock) if now > rung.at]
        new = [rung.key for rung in passed if rung.key not in state.rungs]
        if not new:
            continue
        state = state.model_copy(update={"rungs": (*state.rungs, *new)})
        if passed[-1].key in new:
            people = addressees(rules, clock, passed[-1], who, given)
            warnings += [Warn(rung=passed[-1].key, to=people)] if people else []
            warnings += _to_heads(rules, state, clock, passed[-1], given, now)
    return state, tuple(warnings)


def addressees(
    rules: Rules, clock: Clock, rung: Rung, who: Assignee | None, given: Mapping[str, str]
) -> tuple[Addressee, ...]:
    """Who is warned on a rung, as the ticket stands: the holder is the person who took it, else the step's role."""
    return tuple(_addressees(rules, clock, rung, who, given))


def _addressees(
    rules: Rules, clock: Clock, rung: Rung, who: Assignee | None, given: Mapping[str, str]
) -> Iterator[Addressee]:
    step = rules.procedure.step(clock.step)
    role = holder_of(rules.procedure, step, dict(given)) if step else None
    if role is not None and unit_role(rules.organization, role) is not None:
        role, who = None, None  # the others who have it are the heads of other units
    for name in rung.to:
        if name != HOLDER:
            yield Addressee(role=name)
        elif who is not None and not who.is_group and (clock.kind is ClockKind.STEP or role in who.roles):
            yield Addressee(role=role, person=who.id, roles=tuple(sorted(who.roles)))
        elif role is not None:
            yield Addressee(role=role)


def _to_heads(
    rules: Rules,
    state: TicketState,
    clock: Clock,
    rung: Rung,
    given: Mapping[str, str],
    now: dt.datetime,
) -> Iterator[SendMail]:
    """The head of the ticket's unit is warned at his official address, where the step is his."""
    step = rules.procedure.step(clock.step)
    role = (
        unit_role(rules.organization, holder_of(rules.procedure, step, dict(given)) or "") if step else None
    )
    if step is None or role is None or HOLDER not in rung.to:
        return
    late = "sudah melewati batas waktunya" if now > clock.due else "mendekati batas waktunya"
    data = {
        "number": state.number,
        "service": rules.procedure.title,
        "title": step.title,
        "text": f"Keputusan Anda atas permohonan ini masih ditunggu dan {late}.",
        "details": [],
        "step_title": step.title,
        "due": instant_words(clock.due, rules.calendar.zone),
        "unit": given.get(role.unit or "", ""),
        "acts": True,
    }
    for nth, address in enumerate(heads_of(rules.organization, role.id, given)):
        key = f"{state.number}:tegur:{rung.key}:{nth}"
        yield SendMail(key=key, to=address, template=HEAD_TEMPLATE, data=data, for_head=True)
