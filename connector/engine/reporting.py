"""What is said of standing duties, to who asks and in the history; what is emptied for the next report. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from connector.engine.duties import asked, courses, missed, owed, stale, upcoming
from connector.engine.effects import AddNote, Effect, SetField
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot
from connector.engine.state import Period, TicketState
from connector.engine.words import instant_words, moment_words
from connector.sop.model import FieldDef, FieldType, Frozen, Step

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


# to who asks ----------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What came of a period, as people read it."""

    IN_TIME = "tepat waktu"
    LATE = "terlambat"
    MISSED = "tidak ada"
    OVERDUE = "belum ada, batasnya sudah lewat"
    OPEN = "ditunggu"
    WAITING = "tidak ditagih selama menunggu pemohon"


class Reported(Frozen):
    """One period of a duty. `title` is the duty's, or its id where the mapping has none any more."""

    step: str
    title: str
    no: int
    verdict: Verdict
    due: AwareDatetime | None
    at: AwareDatetime | None


def record(rules: Rules, state: TicketState, now: dt.datetime) -> tuple[Reported, ...]:
    """Every period of the ticket's whole life, in order, as it stands at `now`."""
    every = (*(each for former in state.former for each in former.duties), *state.duties)
    open_to = owed(state)
    gone = missed(state, now)
    found = []
    for each in every:
        duty = rules.procedure.step(each.step)
        verdict = _verdict(each, is_missed=each in gone, is_owed=each in open_to)
        title = duty.title if duty else each.step
        found.append(
            Reported(step=each.step, title=title, no=each.no, verdict=verdict, due=each.due, at=each.reported)
        )
    return tuple(found)


def _verdict(period: Period, *, is_missed: bool, is_owed: bool) -> Verdict:
    if period.reported is not None:
        return Verdict.LATE if period.late else Verdict.IN_TIME
    if is_missed:
        return Verdict.OVERDUE if is_owed else Verdict.MISSED
    return Verdict.OPEN if is_owed else Verdict.WAITING


def record_words(zone: ZoneInfo, each: Reported) -> str:
    """`Pelaporan progres ke-2, batas Sen, 7 Des 2026 16.00: terlambat, Sel, 8 Des 2026 10.00`."""
    due = f", batas {moment_words(each.due, zone)}" if each.due else ""
    at = f", {moment_words(each.at, zone)}" if each.at else ""
    return f"{each.title} ke-{each.no}{due}: {each.verdict}{at}"


# in the ticket's history ------------------------------------------------------------------------------------------


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
