"""What a ticket's history says of its standing duties, and which fields are emptied for the next report. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from connector.engine.duties import asked, courses, stale, upcoming
from connector.engine.effects import AddNote, Effect, SetField
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot
from connector.engine.state import Period, TicketState
from connector.engine.words import instant_words
from connector.sop.model import FieldDef, FieldType, Step

#: What nobody can write markup into.
PLAIN = (FieldType.NUMBER, FieldType.CHOICE, FieldType.DATE)


def effects(
    rules: Rules, snapshot: Snapshot, base: TicketState | None, state: TicketState
) -> tuple[Effect, ...]:
    """A note for each report that was made since `base`, and for each limit that passed without one.

    Then the fields that the next report must give anew are emptied: when the reported period is over, of a late report
    at once. So what is empty is what is owed. What they held is in the note; files stay as attachments.
    """
    notes = tuple(_notes(rules, snapshot, base, state))
    emptied = (SetField(field=field.key, value="") for field in stale(rules, snapshot, state))
    return (*notes, *emptied)


def _notes(
    rules: Rules, snapshot: Snapshot, base: TicketState | None, state: TicketState
) -> Iterator[AddNote]:
    before = {(each.stay, each.step, each.no): each for each in (base.duties if base else ())}
    ran, runs = _running(base), _running(state)
    for each in state.duties:
        known = before.get((each.stay, each.step, each.no))
        duty = rules.procedure.step(each.step)
        if duty is None:
            continue
        if each.reported is not None and (known is None or known.reported is None):
            yield AddNote(template="laporan", data=_report(rules, snapshot, state, duty, each))
        elif each.reported is None and each not in runs and (known is None or known in ran):
            yield AddNote(template="laporan-belum-ada", data=_data(rules, state, duty, each))


def _running(state: TicketState | None) -> tuple[Period, ...]:
    """The periods that are not over."""
    return tuple(course[-1] for course in courses(state).values()) if state else ()


def _data(rules: Rules, state: TicketState, duty: Step, period: Period) -> dict[str, object]:
    zone = rules.calendar.zone
    course = courses(state).get(period.step, ()) if period.stay == state.position else ()
    following = upcoming(rules, state, duty) if period in course[-2:] else None
    return {
        "title": duty.title,
        "no": period.no,
        "due": instant_words(period.due, zone) if period.due else "",
        "late": period.late,
        "next": instant_words(following, zone) if following else "",
    }


def _report(
    rules: Rules, snapshot: Snapshot, state: TicketState, duty: Step, period: Period
) -> dict[str, object]:
    then = snapshot.as_of(period.journal or 0)
    answers = [
        {"name": field.name, "value": _value(snapshot, then, field), "plain": field.type in PLAIN}
        for field in asked(rules.procedure, duty)
        if then.value(field)
    ]
    renewed = any(field.renew for field in asked(rules.procedure, duty))
    return {**_data(rules, state, duty, period), "answers": answers, "renewed": renewed}


def _value(snapshot: Snapshot, then: Snapshot, field: FieldDef) -> str:
    """A field's value as the report had it; of a file its name, wherever it is kept now."""
    value = then.value(field)
    if field.type is not FieldType.FILE:
        return value
    kept = (*snapshot.files.values(), *snapshot.attachments)
    return next((file.name for file in kept if str(file.id) == value), value)
