"""Rows of a document, filled from a ticket's fields. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.engine.words import date_long, instant_words
from connector.sop.model import FieldDef, FieldType, Procedure


@dataclass(frozen=True)
class Row:
    """A row: the ids of the fields it may be filled from, or else a type; and steps whose last outcome heads it."""

    label: str
    fields: tuple[str, ...]
    kind: FieldType | None = None
    outcomes_of: tuple[str, ...] = ()


def facts(
    rows: Iterable[Row], procedure: Procedure, snapshot: Snapshot, state: TicketState, zone: ZoneInfo
) -> list[tuple[str, str]]:
    """(label, text) of every row that has something to say."""
    found = []
    for row in rows:
        field = _field(row, procedure, snapshot)
        parts = [_outcome(row, procedure, state), _shown(field, snapshot, zone) if field else ""]
        text = "\n".join(part for part in parts if part)
        if text:
            found.append((row.label, text))
    return found


def _field(row: Row, procedure: Procedure, snapshot: Snapshot) -> FieldDef | None:
    """The first field with a value: by id, then, among those the form asks for, by type."""
    fields = {field.id: field for field in procedure.fields}
    asked = procedure.form.fields if procedure.form else ()
    named = [fields[each] for each in row.fields if each in fields]
    typed = [fields[each] for each in asked if each in fields and fields[each].type is row.kind]
    # A choice about the person (`status`) is not what was asked for.
    typed = [field for field in typed if row.kind is FieldType.IDENTITY or not _about_person(field)]
    return next((field for field in [*named, *typed] if snapshot.value(field)), None)


def _about_person(field: FieldDef) -> bool:
    return field.personal or field.id.endswith("_pemohon")


def _shown(field: FieldDef, snapshot: Snapshot, zone: ZoneInfo) -> str:
    if field.key in snapshot.files:
        return f"Berkas {snapshot.files[field.key].name}"
    value = snapshot.value(field).strip()
    if field.type is FieldType.DATE:
        return _date(value, zone)
    return value


def _date(value: str, zone: ZoneInfo) -> str:
    """A date as Redmine keeps it, in words; what is none stays as it is."""
    try:
        return date_long(dt.date.fromisoformat(value))
    except ValueError:
        pass
    try:
        return instant_words(dt.datetime.fromisoformat(value), zone)
    except ValueError:
        return value


def _outcome(row: Row, procedure: Procedure, state: TicketState) -> str:
    """How the last stay in one of the row's steps ended, in the mapping's words."""
    for step_id in row.outcomes_of:
        step = procedure.step(step_id)
        ended = [stay for stay in state.stays if stay.step == step_id and stay.outcome]
        if step is None or not ended:
            continue
        outcome = step.outcomes.get(ended[-1].outcome or "")
        text = outcome.label if outcome else ""
        return f"{text[:1].upper()}{text[1:]}" + "." if text else ""
    return ""
