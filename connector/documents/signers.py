"""Who signs a document, and how: by hand, or by what he did on the ticket. Pure."""

from __future__ import annotations

import datetime as dt

from connector.documents.values import Values
from connector.engine.signing import approval, countersigned, maker
from connector.engine.state import PORTAL, Countersigned, Stay
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
    step = signing_step(order.procedure, order.field, signer)
    stay = approval(order.procedure, order.state, order.field, step) if step else None
    # who held the office when he signed
    day = stay.left.astimezone(values.zone).date() if stay and stay.left else values.day
    own = signatory(order.organization, signer.role, day) if signer.role else None
    proof = _countersigned(values) if signer.role is None else None
    name = (proof.name if proof else "") or _of(values, signer.name) or (own.name if own else "")
    number = _of(values, signer.number) or (own.number if own else "")
    office = own.office if own else _requesters_words(order.organization, order.procedure)
    numbered = own is not None or signer.number is not None
    return {
        "words": signer.words,
        "office": office,
        "name": _shortened(name),
        "number_label": signer.number_label if numbered else "",
        "number": _shortened(number),
        "note": _proven(values, proof) if proof else _how(values, signer, step, stay, office, roles),
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


def _countersigned(values: Values) -> Countersigned | None:
    """The requester's signature by code of this document, since it was made."""
    order = values.order
    made = maker(order.procedure, order.state, order.field)
    before = order.state.position - len(order.state.stays)
    return countersigned(order.state, order.field, before + made + 1)


def _proven(values: Values, proof: Countersigned) -> str:
    when, where = values.instant(proof.at), masked(proof.address)
    code = values.order.code
    return f"Ditandatangani secara elektronik pada {when} dengan kode yang dikirim ke {where} · kode {code}"


def masked(address: str) -> str:
    """An address that its owner knows again, and nobody else learns."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}{'*' * 3}{name[-1:] if len(name) > 2 else ''}{at}{domain}"


def _how(
    values: Values, signer: Signer, step: Step | None, stay: Stay | None, office: str, roles: frozenset[str]
) -> str:
    """By what he signs: by sending the form, or by leaving a step, which he has done or will do. Empty: by hand."""
    order = values.order
    if signer.requester and _of_the_form(values) and order.state.origin == PORTAL:
        return f"Disampaikan secara elektronik melalui formulir daring pada {values.facts['diterima']}"
    if step is None:
        return ""
    portal = _on_portal(values, step, roles)
    if stay is None:
        what = "pernyataan" if portal else "persetujuan"
        return f"Menunggu {what} secara elektronik pada langkah {step.no} ({step.title})"
    when = f"pada {values.instant(stay.left)} · kode {order.code}"
    if portal and stay.by is not None:
        return f"Dicatat oleh petugas atas nama {office} {when}"
    return f"{'Dinyatakan' if portal else 'Disetujui'} secara elektronik oleh {office} {when}"


def _of_the_form(values: Values) -> bool:
    """Whether the document was left by what came before the ticket."""
    procedure = values.order.procedure
    before = procedure.steps[: procedure.steps.index(procedure.first_step)]
    return any(output.id == values.order.field for step in before for output in step.outputs)


def _on_portal(values: Values, step: Step, roles: frozenset[str]) -> bool:
    """Whether it is a requester without an account who leaves the step."""
    found = (each for each in values.order.organization.roles if each.id in roles & set(step.roles))
    return any(each.kind is RoleKind.REQUESTER for each in found)
