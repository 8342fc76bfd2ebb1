"""A ticket that came by e-mail: its sender is the requester, and what he wrote is what he asks for."""

from __future__ import annotations

import re

from connector.engine.effects import SetField
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot
from connector.sop.model import FieldDef, FieldType, Procedure

#: The shared field for the requester's name (sop_mappings/bersama.yaml).
NAME = "nama_pemohon"
#: As Redmine checks it; whatever else a mail gives as its sender is not an address to write to.
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def is_by_mail(rules: Rules, snapshot: Snapshot) -> bool:
    """Whether a requester's mail made this ticket. Who registers tickets only passes on what others told him."""
    return snapshot.sender is not None and not snapshot.author.roles & set(rules.procedure.registrars)


def filled(rules: Rules, snapshot: Snapshot) -> tuple[Snapshot, tuple[SetField, ...]]:
    """A new ticket with what its mail says in those fields that are empty, and the effects that write them."""
    if snapshot.state is not None or not is_by_mail(rules, snapshot):
        return snapshot, ()
    values = {
        field.key: value
        for field, value in _said(rules.procedure, snapshot)
        if value and not snapshot.fields.get(field.key)
    }
    effects = tuple(SetField(field=key, value=value) for key, value in values.items())
    return snapshot.model_copy(update={"fields": {**snapshot.fields, **values}}), effects


def _said(procedure: Procedure, snapshot: Snapshot) -> list[tuple[FieldDef, str]]:
    sender = snapshot.sender
    asked = procedure.form.fields if procedure.form else ()
    address = next(
        (each.id for each in procedure.fields if each.type is FieldType.EMAIL and each.id in asked), ""
    )
    if sender is None:
        return []
    said = {
        address: sender.mail if ADDRESS.fullmatch(sender.mail) else "",
        NAME: sender.name,
        procedure.by_mail.subject: snapshot.subject,
        procedure.by_mail.text: snapshot.description,
    }
    return [(field, _fitting(field, said[field.id])) for field in procedure.fields if field.id in said]


def _fitting(field: FieldDef, text: str) -> str:
    """What the field can hold; the whole of it stays in the ticket's description."""
    if field.type is not FieldType.PARAGRAPH:
        text = " ".join(text.split())
    return text.strip()[: field.max_length]
