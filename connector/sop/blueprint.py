"""What Redmine must hold for the mappings to work: the body of `POST /sop/blueprint.json` (docs/plugin-api.md). Pure.

Two of Redmine's habits shape the rules (tried on real servers). Required and read-only are asked at the status an issue
moves *to*. A required field holds only if every role of the mover has the rule, so it is written for all roles of
the organization but never for the connector's.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from connector.sop.access import Access, access_of
from connector.sop.keys import CONNECTOR_ROLE, LIMIT_FIELD, NUMBER_FIELD, SLA_FIELD, STEP_FIELD, status_key
from connector.sop.model import (
    Catalogue,
    FieldDef,
    FieldType,
    Organization,
    Procedure,
    RoleDef,
    RoleKind,
    SlaStatus,
)
from connector.sop.table import actors, moves

CONNECTOR_LOGIN = "sop-connector"
#: Redmine asks for two settings: its API, and groups as assignees. Progress is written by the connector.
#: Its own closing of duplicates would end tickets in the middle of their procedure.
SETTINGS = {
    "rest_api_enabled": "1",
    "issue_group_assignment": "1",
    "issue_done_ratio": "issue_field",
    "close_duplicate_issues": "0",
}
#: A parent drops a due date, an open child silently prevents closing; the others are not used by any POS.
UNUSED_CORE_FIELDS = ("parent_issue_id", "category_id", "fixed_version_id", "start_date", "estimated_hours")
#: Written by the connector alone.
CONNECTOR_CORE_FIELDS = ("tracker_id", "project_id", "due_date", "priority_id", "done_ratio")
#: What a registrar writes when he enters a ticket, and nobody afterwards.
INTAKE_CORE_FIELDS = ("subject", "description")
PERMISSIONS = (
    *("view_issues", "edit_issues", "add_issue_notes", "view_private_notes", "set_notes_private"),
    "save_queries",
)
RELATE = "manage_issue_relations"
FORMATS = {
    FieldType.TEXT: "string",
    FieldType.PARAGRAPH: "text",
    FieldType.NUMBER: "int",
    FieldType.DATE: "date",
    FieldType.CHOICE: "list",
    FieldType.IDENTITY: "string",
    FieldType.EMAIL: "string",
    FieldType.EMAILS: "string",
    FieldType.PHONE: "string",
    FieldType.FILE: "attachment",
    FieldType.CONSENT: "bool",
}
REGEXPS = {
    FieldType.IDENTITY: r"\A[0-9A-Za-z./-]{4,30}\z",
    FieldType.EMAIL: r"\A[^@\s]+@[^@\s]+\.[^@\s]+\z",
    FieldType.EMAILS: r"\A[^@\s,]+@[^@\s,]+\.[^@\s,]+(, ?[^@\s,]+@[^@\s,]+\.[^@\s,]+)*\z",
    FieldType.PHONE: r"\A[0-9+() -]{6,20}\z",
}
SYSTEM_FIELDS = (
    (NUMBER_FIELD, "Nomor tiket", "Nomor yang dipegang pemohon."),
    (STEP_FIELD, "Langkah", "Langkah POS tempat tiket berada. Diisi konektor."),
    (LIMIT_FIELD, "Batas waktu", "Kapan langkah ini harus selesai. Diisi konektor."),
    (SLA_FIELD, "Status SLA", "Apakah langkah ini masih dalam batas waktunya. Diisi konektor."),
)

Entry = dict[str, Any]


def blueprint(catalogue: Catalogue) -> Entry:
    """The whole blueprint of the organizations and procedures given."""
    accounts = [(org, role) for org in catalogue.organizations for role in with_account(org)]
    tables = [(procedure, _roles_of(catalogue, procedure)) for procedure in catalogue.procedures]
    return {
        "settings": dict(SETTINGS),
        "statuses": list(_statuses(catalogue.procedures)),
        "roles": [_role(catalogue, org, role) for org, role in accounts],
        "groups": [{"key": role.group_key, "name": role.name} for _, role in accounts],
        "fields": [*_system_fields(catalogue), *_fields(catalogue)],
        "trackers": [_tracker(procedure) for procedure in catalogue.procedures],
        "projects": [_project(org, catalogue) for org in catalogue.organizations],
        "transitions": [row for procedure, roles in tables for row in _transitions(procedure, roles)],
        "rules": [row for procedure, roles in tables for row in _rules(procedure, roles)],
        "queries": [query for org in catalogue.organizations for query in _queries(catalogue, org)],
    }


def with_account(organization: Organization) -> list[RoleDef]:
    """The roles that are roles in Redmine."""
    return [role for role in organization.roles if role.has_account]


def _roles_of(catalogue: Catalogue, procedure: Procedure) -> list[RoleDef]:
    organization = catalogue.organization(procedure.profile)
    return with_account(organization) if organization else []


def status_names(procedure: Procedure) -> Iterator[tuple[str, bool]]:
    """Every status of a procedure, and whether it is a closed one."""
    yield procedure.intake, False
    yield from ((step.status, False) for step in procedure.active_steps if step.status)
    yield from ((procedure.waiting.status, False), (procedure.waiting.resumed, False))
    yield from ((end.status, True) for end in procedure.ends)


# objects ------------------------------------------------------------------------------------------------------


def _statuses(procedures: Iterable[Procedure]) -> Iterator[Entry]:
    found = {
        status_key(name): (name, closed)
        for procedure in procedures
        for name, closed in status_names(procedure)
    }
    for key, (name, closed) in found.items():
        yield {"key": key, "name": name, "is_closed": closed}


def _role(catalogue: Catalogue, organization: Organization, role: RoleDef) -> Entry:
    mine = [each for each in catalogue.procedures if each.profile == organization.id]
    enters = role.kind is RoleKind.OVERRIDE or any(role.id in each.registrars for each in mine)
    told = role.kind is RoleKind.TOLD
    relates = any(role.id in _relating(each) for each in mine)
    wanted = [*PERMISSIONS, *(["add_issues"] if enters else []), *([RELATE] if relates else [])]
    permissions = ["view_issues"] if told else wanted
    return {
        "key": role.key,
        "name": role.name,
        "permissions": permissions,
        "issues_visibility": "all",
        "assignable": not told,
    }


def _relating(procedure: Procedure) -> frozenset[str]:
    """Who closes duplicates, and so says of which ticket."""
    ends = {end.id for end in procedure.ends if end.duplicate}
    return frozenset(role for move in moves(procedure) if move.to in ends for role in move.roles)


def _used_by(catalogue: Catalogue) -> dict[str, tuple[FieldDef, list[Procedure]]]:
    used: dict[str, tuple[FieldDef, list[Procedure]]] = {}
    for procedure in catalogue.procedures:
        for field in procedure.fields:
            used.setdefault(field.key, (field, []))[1].append(procedure)
    return used


def _fields(catalogue: Catalogue) -> Iterator[Entry]:
    for key, (field, procedures) in _used_by(catalogue).items():
        yield {
            "key": key,
            "name": field.name,
            "format": FORMATS[field.type],
            "description": field.help or (field.label if field.label != field.name else ""),
            "possible_values": list(field.choices),
            "regexp": REGEXPS.get(field.type, ""),
            "max_length": field.max_length,
            "extensions_allowed": ",".join(each.lstrip(".") for each in field.accept),
            "is_filter": field.type in (FieldType.CHOICE, FieldType.DATE, FieldType.NUMBER),
            "searchable": field.type in (FieldType.TEXT, FieldType.PARAGRAPH, FieldType.IDENTITY),
            "visible_to": _visible_to(catalogue, field, procedures),
            **_belonging(procedures),
        }


def _visible_to(catalogue: Catalogue, field: FieldDef, procedures: Iterable[Procedure]) -> list[str] | None:
    """Who sees a field; personal data only those who act in a procedure that asks for it."""
    if field.visible_to is None and not field.personal:
        return None
    keys: dict[str, None] = {}
    for procedure in procedures:
        for role in _roles_of(catalogue, procedure):
            wanted = acting(procedure) if field.visible_to is None else field.visible_to
            if role.id in wanted or (field.visible_to is None and role.kind is RoleKind.OVERRIDE):
                keys[role.key] = None
    return list(keys)


def acting(procedure: Procedure) -> frozenset[str]:
    """The roles that enter tickets of a procedure or take one of its steps."""
    roles = {role for step in procedure.active_steps for role in actors(procedure, step)}
    return frozenset(roles | set(procedure.registrars))


def _system_fields(catalogue: Catalogue) -> Iterator[Entry]:
    for key, name, description in SYSTEM_FIELDS:
        yield {
            "key": key,
            "name": name,
            "format": "list" if key == SLA_FIELD else "string",
            "description": description,
            "possible_values": [each.value for each in SlaStatus] if key == SLA_FIELD else [],
            "is_filter": True,
            "searchable": key == NUMBER_FIELD,
            "visible_to": None,
            **_belonging(catalogue.procedures),
        }


def _belonging(procedures: Iterable[Procedure]) -> Entry:
    procedures = list(procedures)
    return {
        "trackers": [procedure.tracker_key for procedure in procedures],
        "projects": list(dict.fromkeys(f"project:{procedure.profile}" for procedure in procedures)),
    }


def _tracker(procedure: Procedure) -> Entry:
    return {
        "key": procedure.tracker_key,
        "name": procedure.tracker,
        "description": procedure.summary[:255],
        "default_status": status_key(procedure.intake),
        "disabled_core_fields": list(UNUSED_CORE_FIELDS),
    }


def _project(organization: Organization, catalogue: Catalogue) -> Entry:
    members: list[Entry] = [
        {"group": role.group_key, "login": None, "roles": [role.key]} for role in with_account(organization)
    ]
    members.append({"group": None, "login": CONNECTOR_LOGIN, "roles": [CONNECTOR_ROLE]})
    return {
        "key": organization.project_key,
        "identifier": organization.project.identifier,
        "name": organization.project.name,
        "description": organization.project.description,
        "modules": ["issue_tracking"],
        "is_public": False,
        "trackers": [each.tracker_key for each in catalogue.procedures if each.profile == organization.id],
        "members": members,
    }


# workflow -----------------------------------------------------------------------------------------------------


def _transitions(procedure: Procedure, roles: list[RoleDef]) -> Iterator[Entry]:
    allowed: dict[tuple[str | None, str], dict[str, None]] = defaultdict(dict)
    for (start, target), key in _permitted(procedure, roles):
        allowed[start, target][key] = None
    for (start, target), keys in allowed.items():
        yield {"tracker": procedure.tracker_key, "from": start, "to": target, "roles": list(keys)}


def _permitted(procedure: Procedure, roles: list[RoleDef]) -> Iterator[tuple[tuple[str | None, str], str]]:
    """Every (from, to) with a role that may make it: the table's, and all there are for override and connector."""
    intake, first = status_key(procedure.intake), status_key(procedure.first_step.status or "")
    accounts = {role.id: role.key for role in roles}
    free = [role.key for role in roles if role.kind is RoleKind.OVERRIDE]
    own = [status_key(name) for name, _ in status_names(procedure)]
    for move in moves(procedure):
        yield from (((move.origin, move.target), accounts[role]) for role in move.roles if role in accounts)
    entering = [accounts[role] for role in procedure.registrars if role in accounts]
    yield from (((None, intake), key) for key in (*entering, *free, CONNECTOR_ROLE))
    yield (None, first), CONNECTOR_ROLE
    for start, target in itertools.permutations(own, 2):
        yield from (((start, target), key) for key in (*free, CONNECTOR_ROLE))


def _rules(procedure: Procedure, roles: list[RoleDef]) -> Iterator[Entry]:
    access = access_of(procedure, [role.id for role in roles if role.kind is RoleKind.OVERRIDE])
    everybody = [role.key for role in roles]
    for name, _ in status_names(procedure):
        status = status_key(name)
        for field in procedure.fields:
            if field.id in access.required(status):
                yield _rule(procedure, status, field.key, "required", everybody)
                continue
            closed = [role.key for role in roles if not access.writable(status, role.id, field.id)]
            if closed:
                yield _rule(procedure, status, field.key, "readonly", closed)
        for key, _, _ in SYSTEM_FIELDS:
            yield _rule(procedure, status, key, "readonly", everybody)
        for core in CONNECTOR_CORE_FIELDS:
            # to another procedure only by who may override
            bound = [role.key for role in roles if core != "tracker_id" or role.kind is not RoleKind.OVERRIDE]
            yield _rule(procedure, status, core, "readonly", bound)
        for core in INTAKE_CORE_FIELDS:
            writers = _intake_writers(procedure, access, status)
            yield _rule(
                procedure, status, core, "readonly", [role.key for role in roles if role.id not in writers]
            )


def _intake_writers(procedure: Procedure, access: Access, status: str) -> set[str]:
    at_intake = status == status_key(procedure.intake)
    return {*access.overriding, *(procedure.registrars if at_intake else ())}


def _rule(procedure: Procedure, status: str, field: str, rule: str, roles: list[str]) -> Entry:
    return {"tracker": procedure.tracker_key, "status": status, "field": field, "rule": rule, "roles": roles}


# queries ------------------------------------------------------------------------------------------------------

OPEN = {"operator": "o", "values": [""]}
#: What decides comes first: a phone shows the beginning.
COLUMNS = [
    "id",
    NUMBER_FIELD,
    STEP_FIELD,
    LIMIT_FIELD,
    SLA_FIELD,
    "assigned_to",
    "due_date",
    "tracker",
    "subject",
]


def _queries(catalogue: Catalogue, organization: Organization) -> Iterator[Entry]:
    """Lists for daily work; «saya» takes the user's groups in. None for an organization without procedures."""
    mine = [each for each in catalogue.procedures if each.profile == organization.id]
    if not mine:
        return
    waiting = dict.fromkeys(status_key(procedure.waiting.status) for procedure in mine)
    late, near = _equal(SlaStatus.LATE), _equal(SlaStatus.NEAR)
    ended = {"status_id": {"operator": "c", "values": [""]}, "closed_on": {"operator": "m", "values": [""]}}
    rows: list[tuple[str, str, Entry, str | None]] = [
        ("giliran-saya", "Giliran saya", {"status_id": OPEN, "assigned_to_id": _equal("me")}, None),
        ("terlambat", "Terlambat", {"status_id": OPEN, SLA_FIELD: late}, "assigned_to"),
        ("mendekati-batas", "Mendekati batas", {"status_id": OPEN, SLA_FIELD: near}, "assigned_to"),
        ("terbuka", "Terbuka menurut langkah", {"status_id": OPEN}, "status"),
        ("menunggu", "Menunggu pemohon", {"status_id": _equal(*waiting)}, None),
        ("selesai", "Selesai bulan ini", ended, None),
    ]
    for key, name, filters, group in rows:
        yield {
            "key": f"query:{organization.id}:{key}",
            "project": organization.project_key,
            "name": name,
            "filters": filters,
            "columns": COLUMNS,
            "sort": [["due_date", "asc"], ["id", "asc"]],
            "group_by": group,
        }


def _equal(*values: str) -> Entry:
    return {"operator": "=", "values": list(values)}
