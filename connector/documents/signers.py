"""Who signs a document, and how: by hand, or by what he did on the ticket. Pure."""

from __future__ import annotations

import datetime as dt

from connector.documents.values import Values
from connector.engine.state import PORTAL
from connector.sop.model import Organization, Procedure, RoleKind, Signatory, Step
from connector.sop.papers import Signer
from connector.sop.table import requesting, signing_step

Json = dict[str, object]

#: More of a name would not fit below a signature; the rows of the document have all of it.
LONGEST = 90


def signers(values: Values, wanted: tuple[Signer, ...]) -> list[Json]:
    """A block for each who signs; an empty name or number is a line to write on."""
    return [_block(values, each) for each in wanted]


def official_rows(values: Values, role: str) -> list[Json]:
    """Who holds a role for the office; what is not configured is a line to write on."""
    organization = values.order.organization
    found = signatory(organization, role, values.day)
    facts = (
        ("Nama", found.name),
        ("NIP", found.number),
        ("Jabatan", found.office),
        ("Unit", f"{organization.office}, {organization.name}"),
    )
    return [{"label": label, "value": value} for label, value in facts]


def signatory(organization: Organization, role_id: str, day: dt.date) -> Signatory:
    """Whom the organization names for a role on the day of the document; else the role without a name."""
    found = next((each for each in organization.signatories if each.role == role_id), None)
    return found.on(day) if found else Signatory(role=role_id, office=role_words(organization, role_id))


def role_words(organization: Organization, role_id: str) -> str:
    """A role's title without what it explains in brackets: blocks and columns are narrow."""
    role = organization.role(role_id)
    return role.title.partition(" (")[0] if role else role_id


def _block(values: Values, signer: Signer) -> Json:
    order = values.order
    roles = requesting(order.procedure) if signer.role is None else frozenset({signer.role})
    own = signatory(order.organization, signer.role, values.day) if signer.role else None
    signed = next((each for each in order.signatures if each.role in roles), None)
    name = _of(values, signer.name) or (signed.name if signed else "") or (own.name if own else "")
    number = _of(values, signer.number) or (own.number if own else "")
    numbered = own is not None or signer.number is not None
    return {
        "words": signer.words,
        "office": own.office if own else _requesters_words(order.organization, order.procedure),
        "name": _shortened(name),
        "number_label": signer.number_label if numbered else "",
        "number": _shortened(number),
        "note": signed.words if signed else _how(values, signer, roles),
    }


def _requesters_words(organization: Organization, procedure: Procedure) -> str:
    """Who asks in this procedure, by the titles of the roles."""
    first = next((step.roles for step in procedure.steps if step.roles), ())
    named = [role for role in first if role in procedure.requesters] or list(first)
    return " / ".join(role_words(organization, role) for role in named) or "Pemohon"


def _of(values: Values, field_id: str | None) -> str:
    field = values.field(field_id or "")
    return " ".join(values.shown(field).split()) if field else ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _how(values: Values, signer: Signer, roles: frozenset[str]) -> str:
    """By what he signs: by sending the form, or by leaving a step, which he has done or will do. Empty: by hand."""
    order = values.order
    if signer.requester and _of_the_form(values) and order.state.origin == PORTAL:
        return f"disampaikan secara elektronik melalui formulir daring pada {values.facts['diterima']}"
    step = signing_step(order.procedure, order.field, signer)
    if step is None:
        return ""
    left = _left_for_this(values, step)
    when = f" pada {values.instant(left)}" if left else ""
    return f"disahkan secara elektronik{when} melalui {_where(values, step, roles)}"


def _of_the_form(values: Values) -> bool:
    """Whether the document was left by what came before the ticket."""
    procedure = values.order.procedure
    before = procedure.steps[: procedure.steps.index(procedure.first_step)]
    return any(output.id == values.order.field for step in before for output in step.outputs)


def _where(values: Values, step: Step, roles: frozenset[str]) -> str:
    found = [each for each in values.order.organization.roles if each.id in roles & set(step.roles)]
    portal = any(each.kind is RoleKind.REQUESTER for each in found)
    words = f"langkah {step.no} ({step.title})"
    return (
        f"pernyataan pada {words} di halaman pelacakan tiket" if portal else f"perpindahan {words} di Redmine"
    )


def _left_for_this(values: Values, step: Step) -> dt.datetime | None:
    """When the step was left, if its end made the document."""
    made = next((output for output in step.outputs if output.id == values.order.field), None)
    stays = (stay for stay in reversed(values.order.state.stays) if made and stay.step == step.id)
    return next((stay.left for stay in stays if made and stay.left and stay.outcome in made.after), None)
