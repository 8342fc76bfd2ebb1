"""What types cannot say about who is warned of a limit: that he is somebody, and can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.sop.document import Finding, Where, unknown
from connector.sop.model import HOLDER, Escalation, Organization, Procedure, StepKind


def check_organization(organization: Organization) -> Iterator[Finding]:
    """The findings of what an organization says for all its procedures."""
    for i, role in enumerate(organization.roles):
        if role.id == HOLDER:
            yield ("roles", i, "id"), f"«{HOLDER}» berarti siapa pun yang memegang tiket, jadi bukan id peran"
    yield from _rungs(organization, organization.escalation, ("escalation",))


def check_escalation(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """The findings of what a procedure and its steps say of their own."""
    yield from _rungs(organization, procedure.escalation or (), ("escalation",))
    for i, step in enumerate(procedure.steps):
        where = ("steps", i, "escalation")
        if step.escalation is not None and step.status is None and step.kind is not StepKind.DUTY:
            yield (
                where,
                f"langkah «{step.id}» tanpa status tidak mempunyai jam, jadi tidak ada yang diperingatkan",
            )
        yield from _rungs(organization, step.escalation or (), where)


def _rungs(organization: Organization, entries: Sequence[Escalation], where: Where) -> Iterator[Finding]:
    seen: set[str] = set()
    for i, entry in enumerate(entries):
        if str(entry.at) in seen:
            yield (*where, i, "at"), f"peringatan «{entry.at}» ditulis dua kali"
        seen.add(str(entry.at))
        for j, role_id in enumerate(entry.to):
            yield from _addressee(organization, role_id, (*where, i, "to", j))


def _addressee(organization: Organization, role_id: str, where: Where) -> Iterator[Finding]:
    role = organization.role(role_id)
    if role_id == HOLDER:
        return
    if role is None:
        yield where, unknown("peran", role_id, (HOLDER, *(each.id for each in organization.roles)))
    elif not role.has_account:
        yield where, f"peran «{role_id}» tidak mempunyai akun Redmine, jadi tidak dapat diperingatkan"
