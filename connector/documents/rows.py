"""Labelled rows of a document, filled from a ticket. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.documents.values import Values
from connector.sop.model import FieldDef, FieldType
from connector.sop.papers import Row

#: A row as JSON: `label`, `value`, and for a choice with boxes `choices`, of which `value` is one.
Json = dict[str, object]


def rows(wanted: Iterable[Row], values: Values) -> list[Json]:
    """Every row that has something to say, or room for it."""
    return [row for each in wanted for row in _row(each, values)]


def _row(row: Row, values: Values) -> Iterator[Json]:
    field = values.first(row.fields)
    if row.checks:
        field = field or next((found for name in row.fields if (found := values.field(name))), None)
        if field is not None:
            yield {"label": row.label, "value": values.shown(field), "choices": list(field.choices)}
        return
    parts = (_outcome(row, values), values.shown(field) if field else "", values.filled(row.text))
    value = "\n".join(part for part in parts if part)
    if value or row.blank:
        yield {"label": row.label, "value": value}


def _outcome(row: Row, values: Values) -> str:
    """How the last stay in one of the row's steps ended, in the mapping's words."""
    ended = [stay for stay in values.order.state.stays if stay.step in row.outcomes_of and stay.outcome]
    step = values.order.procedure.step(ended[-1].step) if ended else None
    outcome = step.outcomes.get(ended[-1].outcome or "") if step else None
    text = outcome.label if outcome else ""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def form_rows(values: Values) -> list[tuple[str, list[Json]]]:
    """All that the form asks for, as headed groups: about the person, then about what he asks for."""
    form = values.order.procedure.form
    asked = [found for name in form.fields if (found := values.field(name))] if form else []
    cut = _end_of_person(asked)
    groups = (("Data pemohon", asked[:cut]), ("Isi permohonan", asked[cut:]))
    return [(title, [_asked(field, values) for field in fields]) for title, fields in groups if fields]


def _end_of_person(asked: list[FieldDef]) -> int:
    """Where the questions about the person end: with his telephone number, or else with the last that is personal."""
    phones = [place + 1 for place, field in enumerate(asked) if field.type is FieldType.PHONE]
    return (
        phones[0]
        if phones
        else max((place + 1 for place, field in enumerate(asked) if field.personal), default=0)
    )


def _asked(field: FieldDef, values: Values) -> Json:
    """A question of the form with its answer; an empty one is a line to write on."""
    row: Json = {"label": field.label.rstrip("?"), "value": values.shown(field)}
    return row | ({"choices": list(field.choices)} if field.choices else {})
