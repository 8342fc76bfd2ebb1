"""The satisfaction survey: asked once a ticket has ended well, rated once, reminded of once. Pure.

The elements are those of the mapping; by default the nine (unsur) of Permenpan RB 14/2017, each marked from 1 to 4.
Where a step of the requester asks for them (POS 100r, step 17), that answer is the ticket's survey.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from connector.engine.arrival import requester_address
from connector.engine.effects import Effect, SendMail
from connector.engine.progress import Rules
from connector.engine.snapshot import RequesterAction
from connector.engine.state import Survey, TicketState
from connector.engine.words import instant_words
from connector.sop.marks import BEST_MARK, mark_of
from connector.sop.model import FieldDef, Procedure

#: The index (IKM) of a service whose every mark is the best; the lowest is 25.
HIGHEST = 100


def questions(procedure: Procedure) -> tuple[FieldDef, ...]:
    """What is asked: the elements, and the requester's own words."""
    return procedure.survey.questions if procedure.survey is not None else ()


def is_open(rules: Rules, state: TicketState, given: Mapping[str, str], at: dt.datetime) -> bool:
    """Whether the requester may rate the service at this instant."""
    until = closes(rules, state)
    return until is not None and at <= until and not _rated(rules.procedure, state, given)


def closes(rules: Rules, state: TicketState) -> dt.datetime | None:
    """Until when the service may be rated; None while it did not end well, or if nothing is asked."""
    definition, end = rules.procedure.survey, rules.procedure.end(state.ended or "")
    if definition is None or not definition.elements or end is None or not end.success:
        return None
    return rules.calendar.due(state.ended_at, definition.within) if state.ended_at else None


def answered(procedure: Procedure, fields: Mapping[str, str], at: dt.datetime) -> Survey:
    """The answers as the ticket keeps them."""
    definition = procedure.survey
    elements = definition.elements if definition is not None else ()
    marks = {name: mark for name in elements if (mark := mark_of(fields.get(name, "")))}
    words = fields.get(definition.remark, "") if definition is not None and definition.remark else ""
    return Survey(at=at, marks=marks, remark=words.strip())


def noticed(procedure: Procedure, state: TicketState, action: RequesterAction) -> TicketState:
    """The state with the survey that a step of the requester asked for."""
    found = answered(procedure, action.fields, action.at)
    return state.model_copy(update={"survey": found}) if found.marks else state


def note_data(found: Survey) -> dict[str, object]:
    """What staff read of it: the index of this one survey."""
    index = ikm([found.marks])
    return {"index": f"{index:.2f}".replace(".", ",") if index else "", "remark": found.remark}


def ikm(surveys: Iterable[Mapping[str, int]]) -> float | None:
    """The index (Indeks Kepuasan Masyarakat, 25 to 100) of surveys: the mean of the elements' means, times 25."""
    sums: dict[str, list[int]] = {}
    for marks in surveys:
        for name, mark in marks.items():
            sums.setdefault(name, []).append(mark)
    if not sums:
        return None
    means = [sum(each) / len(each) for each in sums.values()]
    return sum(means) / len(means) * HIGHEST / BEST_MARK


# the reminder -------------------------------------------------------------------------------------------------


def remind_at(rules: Rules, state: TicketState, now: dt.datetime) -> dt.datetime | None:
    """When the requester is to be reminded; None if he was, need not be, or could not answer any more at `now`."""
    definition, until = rules.procedure.survey, closes(rules, state)
    if until is None or now > until or definition is None or definition.remind is None:
        return None
    if state.survey is not None or state.ended_at is None or _rung(state) in state.rungs:
        return None
    return rules.calendar.due(state.ended_at, definition.remind)


def remind(
    rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime
) -> tuple[TicketState, tuple[Effect, ...]]:
    """The state with the reminder that was due by `now`, and its message if he can still answer."""
    at, until = remind_at(rules, state, now), closes(rules, state)
    if at is None or until is None or now <= at:
        return state, ()
    address = requester_address(rules.procedure, given)
    open_still = is_open(rules, state, given, now)
    state = state.model_copy(update={"rungs": (*state.rungs, _rung(state))})
    if not address or not open_still:
        return state, ()
    data = {
        "number": state.number,
        "service": rules.procedure.title,
        "until": instant_words(until, rules.calendar.zone),
        "count": len(rules.procedure.survey.elements) if rules.procedure.survey else 0,
    }
    key = f"{state.number}:survei:{_rung(state)}"
    return state, (SendMail(key=key, to=address, template="survei", data=data),)


def _rung(state: TicketState) -> str:
    ended = state.ended_at.astimezone(dt.UTC) if state.ended_at else None
    return f"SURVEI:{ended:%Y%m%dT%H%M%S}" if ended else ""


def _rated(procedure: Procedure, state: TicketState, given: Mapping[str, str]) -> bool:
    """Whether the ticket has its survey already: here, or in its fields, where staff wrote it for him."""
    elements = procedure.survey.elements if procedure.survey is not None else ()
    return state.survey is not None or any(given.get(name) for name in elements)
