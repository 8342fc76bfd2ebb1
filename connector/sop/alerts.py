"""Which procedure an alert of the monitoring belongs to, and what its ticket says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from connector.sop.access import form_needs, needs_of
from connector.sop.document import Where
from connector.sop.model import Alerts, FieldType, Organization, Procedure

#: What an alert can say about itself; `{labels.instance}`.
PLACE = re.compile(r"\{(labels|annotations)\.([A-Za-z_][A-Za-z0-9_]*)\}")
TEXTS = (FieldType.TEXT, FieldType.PARAGRAPH)


def procedure_for(procedures: Iterable[Procedure], labels: Mapping[str, str]) -> Procedure | None:
    """The procedure that an alert belongs to. The loader sees to it that there is one at most."""
    for each in procedures:
        if each.alerts is not None and all(
            labels.get(name) == is_ for name, is_ in each.alerts.match.items()
        ):
            return each
    return None


def filled(procedure: Procedure, labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, str]:
    """The values by field id. Where the alert does not say what is asked for, its labels stand instead."""
    alerts = procedure.alerts
    said = {"labels": labels, "annotations": annotations}
    found: dict[str, str] = {}
    for name, text in alerts.fields.items() if alerts else ():
        field = procedure.field(name)
        value = PLACE.sub(lambda place: said[place[1]].get(place[2], ""), text).strip()
        value = value or ", ".join(f"{label}: {value}" for label, value in sorted(labels.items()))
        if field is not None and field.type is FieldType.TEXT:
            value = " ".join(value.split())
        found[name] = value[: field.max_length] if field is not None else value
    return found


def disjoint(one: Alerts, other: Alerts) -> bool:
    """Whether no alert can belong to both."""
    return any(other.match.get(name, value) != value for name, value in one.match.items())


# for the author of a mapping --------------------------------------------------------------------------------------


def check_alerts(procedure: Procedure, _: Organization) -> Iterator[tuple[Where, str]]:
    """An alert must fill what the first step needs, and nobody is there to be asked."""
    alerts = procedure.alerts
    if alerts is None:
        return
    for name, text in alerts.fields.items():
        where: Where = ("alerts", "fields", name)
        field = procedure.field(name)
        if field is None:
            continue
        if field.type is FieldType.CHOICE:
            if text not in field.choices:
                yield where, f"«{text}» bukan pilihan isian «{name}»; pilihannya: {', '.join(field.choices)}"
        elif field.type not in TEXTS:
            yield (
                where,
                f"isian «{name}» tidak dapat diisi dari peringatan; hanya type text, paragraph, atau choice",
            )
        elif re.search(r"[{}]", PLACE.sub("", text)):
            yield where, f"«{text}» memakai kurung kurawal selain {{labels.NAMA}} dan {{annotations.NAMA}}"
    for name in sorted(
        (form_needs(procedure) | needs_of(procedure, procedure.first_step.id)) - set(alerts.fields)
    ):
        yield (
            ("alerts", "fields"),
            f"isian «{name}» diperlukan langkah pertama, jadi harus diisi dari peringatan",
        )
