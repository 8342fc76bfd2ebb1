"""Whose head may speak for a work unit: the organization's directory of units and their official addresses. Pure.

A role with `unit`, which names a field of the ticket, is held for one unit each: who it is follows from that field and
the directory, never from an address that a requester wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connector.sop.document import Finding
from connector.sop.model import Organization, Procedure, RoleDef, Step, WorkUnit

#: The entry for every unit that is not listed.
OTHERS = "*"


def unit_role(organization: Organization, role_id: str) -> RoleDef | None:
    """The role, if its holders are bound to a unit."""
    role = organization.role(role_id)
    return role if role is not None and role.unit is not None else None


def unit_roles(organization: Organization, step: Step) -> tuple[str, ...]:
    """The roles of a step whose holders act for a unit, by their own link and in Redmine."""
    return tuple(each for each in step.roles if unit_role(organization, each) is not None)


def concerned(procedure: Procedure, organization: Organization) -> tuple[str, ...]:
    """The roles bound to a unit that have a step of the procedure, or are told of one."""
    named = [*(role for step in procedure.active_steps for role in step.roles)]
    for step in procedure.active_steps:
        tells = (*step.tell, *(tell for outcome in step.outcomes.values() for tell in outcome.tell))
        named += [role for tell in tells for role in tell.to]
    return tuple(each for each in dict.fromkeys(named) if unit_role(organization, each) is not None)


def heads_of(organization: Organization, role_id: str, given: Mapping[str, str]) -> tuple[str, ...]:
    """The official addresses of those who may act in a role for the ticket's unit; none if nobody is known."""
    role = unit_role(organization, role_id)
    if role is None:
        return ()
    found = _entry(organization, given.get(role.unit or "", ""))
    return found.heads if found is not None else ()


def is_head(organization: Organization, role_id: str, given: Mapping[str, str], address: str) -> bool:
    """Whether an address is one of them."""
    known = {each.casefold() for each in heads_of(organization, role_id, given)}
    return bool(address) and address.casefold() in known


def _entry(organization: Organization, name: str) -> WorkUnit | None:
    wanted = _plain(name)
    named = (each for each in organization.units if wanted and wanted in _names(each))
    others = (each for each in organization.units if each.name == OTHERS)
    return next(named, None) or next(others, None)


def _names(unit: WorkUnit) -> frozenset[str]:
    return frozenset(map(_plain, (unit.name, *unit.also)))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def check_units(organization: Organization) -> Iterator[Finding]:
    """What is wrong with the directory: a role that needs it and an empty one, or a name that stands for two units."""
    for i, role in enumerate(organization.roles):
        if role.unit is not None and not organization.units:
            message = (
                f"peran «{role.id}» terikat unit, tetapi daftar unit (units) kosong: tidak seorang pun dapat"
            )
            yield ("roles", i, "unit"), f"{message} bertindak"
    seen: dict[str, str] = {}
    for i, unit in enumerate(organization.units):
        for name in _names(unit):
            if name in seen:
                yield ("units", i), f"nama «{name}» sudah dipakai unit «{seen[name]}»"
            seen[name] = unit.name


def check_bound(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Whoever acts or is told for a unit needs a ticket that names it."""
    for role_id in concerned(procedure, organization):
        role = unit_role(organization, role_id)
        if role is not None and procedure.field(role.unit or "") is None:
            message = f"peran «{role_id}» terikat unit pada isian «{role.unit}», yang tidak ada di POS ini"
            yield ("steps",), message
