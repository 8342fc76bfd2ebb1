"""What a form asks: conditions that can be met, keys where they mean something, choices where they are chosen from.

As in `checks`, each check is a function that yields (where, message).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from connector.sop.checks import Check
from connector.sop.document import Finding, Where, unknown
from connector.sop.model import NIK, NIP, FieldType, Organization, Procedure


def check_form(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Every finding of every check."""
    return chain.from_iterable(each(procedure, organization) for each in CHECKS)


def _desk(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    form = procedure.form
    for i, name in enumerate(form.optional_at_desk if form else ()):
        if form and name not in form.fields:
            where = ("form", "optional_at_desk", i)
            yield where, unknown("isian formulir", name, form.fields)


def _asked_when(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """A condition is on an answer that was chosen before: else it could not be met when the question comes."""
    form = procedure.form
    for name, condition in form.when.items() if form else ():
        where: Where = ("form", "when", name)
        if form and name not in form.fields:
            yield where, unknown("isian formulir", name, form.fields)
            continue
        for other, values in condition.items():
            yield from _condition(procedure, (*where, other), name, other, values)


def _condition(
    procedure: Procedure, where: Where, name: str, other: str, values: Iterable[str]
) -> Iterator[Finding]:
    fields = procedure.form.fields if procedure.form else ()
    chosen = procedure.field(other)
    if chosen is None or other not in fields or fields.index(other) > fields.index(name):
        yield where, f"isian «{other}» tidak ditanyakan sebelum «{name}» pada formulir ini"
    elif chosen.type is not FieldType.CHOICE:
        yield where, f"isian «{other}» bukan type choice, jadi tidak dapat menjadi syarat"
    else:
        for value in values:
            if value not in chosen.choices:
                yield where, unknown(f"pilihan isian «{other}»", value, chosen.choices)


def _requester_mail(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """What is asked of the requester's address needs a form that asks for one."""
    form = procedure.form
    if form is None:
        return
    addresses = [f for f in procedure.fields if f.id in form.fields and f.type is FieldType.EMAIL]
    for key in ("email_domains", "verify_email"):
        if getattr(form, key) and not addresses:
            yield ("form", key), f"{key} memerlukan isian type email pada formulir"
        elif getattr(form, key) and (not addresses[0].required or addresses[0].id in form.when):
            yield ("form", key), f"{key} memerlukan isian email yang wajib; «{addresses[0].id}» boleh kosong"


def _kinds(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Keys that make sense for one type of field only."""
    known = [*(each.id for each in organization.identities), NIP.id, NIK.id]
    for i, field in enumerate(procedure.fields):
        for key in ("accept", "max_mb"):
            if getattr(field, key) and field.type is not FieldType.FILE:
                yield ("fields", i, key), f"isian «{field.id}»: {key} hanya untuk type file"
        if field.max_files > 1 and field.type is not FieldType.FILE:
            yield ("fields", i, "max_files"), f"isian «{field.id}»: max_files hanya untuk type file"
        if field.identities and field.type is not FieldType.IDENTITY:
            yield ("fields", i, "identities"), f"isian «{field.id}»: identities hanya untuk type identity"
        for j, name in enumerate(field.identities):
            if name not in known:
                yield ("fields", i, "identities", j), unknown("jenis nomor identitas", name, known)


def _choices(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for i, field in enumerate(procedure.fields):
        if (field.type is FieldType.CHOICE) != bool(field.choices):
            yield (
                ("fields", i, "choices"),
                f"isian «{field.id}»: choices ditulis untuk type choice, dan hanya untuk itu",
            )


CHECKS: tuple[Check, ...] = (_desk, _asked_when, _requester_mail, _kinds, _choices)
