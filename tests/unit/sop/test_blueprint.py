"""The blueprint's rules, checked on every shipped procedure: nobody is locked out, nobody may do what is another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sop import blueprint as module
from connector.sop.access import access_of, form_needs, given_on_entering, needs_of
from connector.sop.blueprint import blueprint, status_names, with_account
from connector.sop.keys import (
    CONNECTOR_ROLE,
    LIMIT_FIELD,
    NUMBER_FIELD,
    SLA_FIELD,
    STEP_FIELD,
    SYSTEM_FIELDS,
    status_key,
)
from connector.sop.loader import load
from connector.sop.model import FieldDef, OutputKind, Procedure, RoleKind, Step
from connector.sop.table import MoveKind, duties, moves
from tests.small import ORGANIZATION, PROCEDURE

MAPPINGS = Path(__file__).resolve().parents[3] / "sop_mappings"
CATALOGUE = load(MAPPINGS)
BLUEPRINT = blueprint(CATALOGUE)
EACH = pytest.mark.parametrize("procedure", CATALOGUE.procedures, ids=lambda procedure: procedure.key)


def rules_of(procedure: Procedure) -> dict[tuple[str, str, str], str]:
    """(status, field, role) -> rule."""
    return {
        (rule["status"], rule["field"], role): rule["rule"]
        for rule in BLUEPRINT["rules"]
        if rule["tracker"] == procedure.tracker_key
        for role in rule["roles"]
    }


def key(procedure: Procedure, name: str) -> str:
    field = procedure.field(name)
    assert field is not None
    return field.key


@EACH
def test_what_a_move_needs_its_mover_can_give_or_was_given(procedure: Procedure) -> None:
    """For each move by staff: a need of the target was there before, or may be written at the old status."""
    rules = rules_of(procedure)
    given = given_on_entering(procedure)
    documents = {o.id for step in procedure.steps for o in step.outputs if o.kind is OutputKind.DOCUMENT}
    for move in moves(procedure):
        if move.kind is not MoveKind.OUTCOME or move.to is None or move.step is None:
            continue
        for role in move.roles:
            role_key = f"role:{procedure.profile}:{role}"
            if role in procedure.requesters:
                continue
            for need in needs_of(procedure, move.to) - documents - given[move.step]:
                assert rules.get((move.origin, key(procedure, need), role_key)) != "readonly", (move, need)


@EACH
def test_a_need_is_required_of_everybody_but_the_connector(procedure: Procedure) -> None:
    rules = rules_of(procedure)
    organization = CATALOGUE.organization(procedure.profile)
    assert organization is not None
    for step in procedure.active_steps:
        for need in needs_of(procedure, step.id):
            for role in with_account(organization):
                place = (status_key(step.status or ""), key(procedure, need), role.key)
                assert rules[place] == "required", place


@EACH
def test_nothing_is_required_where_a_ticket_begins(procedure: Procedure) -> None:
    intake = status_key(procedure.intake)
    assert "required" not in {
        rule for (status, _, _), rule in rules_of(procedure).items() if status == intake
    }


def test_the_connector_is_never_bound() -> None:
    assert all(CONNECTOR_ROLE not in rule["roles"] for rule in BLUEPRINT["rules"])


@EACH
def test_what_the_requester_gave_no_later_step_may_write(procedure: Procedure) -> None:
    rules = rules_of(procedure)
    asked = set(procedure.form.fields) if procedure.form else set()
    for step in procedure.active_steps[1:]:
        outputs = {output.id for other in procedure.steps for output in other.outputs}
        for name in asked - outputs:
            for role in {role for move in moves(procedure) for role in move.roles} - set(
                procedure.requesters
            ):
                place = (
                    status_key(step.status or ""),
                    key(procedure, name),
                    f"role:{procedure.profile}:{role}",
                )
                assert rules.get(place) in ("readonly", "required"), place


@EACH
def test_a_document_is_open_to_nobody(procedure: Procedure) -> None:
    rules = rules_of(procedure)
    organization = CATALOGUE.organization(procedure.profile)
    assert organization is not None
    for step in procedure.steps:
        for output in step.outputs:
            if output.kind is OutputKind.DOCUMENT:
                for name, _ in status_names(procedure):
                    for role in with_account(organization):
                        assert rules[status_key(name), key(procedure, output.id), role.key]


@EACH
def test_nobody_leaves_the_procedure(procedure: Procedure) -> None:
    rules = rules_of(procedure)
    organization = CATALOGUE.organization(procedure.profile)
    assert organization is not None
    for name, _ in status_names(procedure):
        for role in with_account(organization):
            free = role.kind is RoleKind.OVERRIDE  # may move a ticket to another procedure
            assert ((status_key(name), "tracker_id", role.key) not in rules) == free
            for core in ("project_id", "due_date", "priority_id"):
                assert rules[status_key(name), core, role.key] == "readonly"


@EACH
def test_transitions_are_the_tables(procedure: Procedure) -> None:
    organization = CATALOGUE.organization(procedure.profile)
    assert organization is not None
    staff = {role.key for role in organization.roles if role.kind is RoleKind.STAFF}
    wanted = {
        (move.origin, move.target, f"role:{procedure.profile}:{role}")
        for move in moves(procedure)
        for role in move.roles
        if role not in procedure.requesters
    }
    found = {
        (row["from"], row["to"], role)
        for row in BLUEPRINT["transitions"]
        if row["tracker"] == procedure.tracker_key and row["from"] is not None
        for role in row["roles"]
        if role in staff
    }
    assert found == wanted


def test_every_name_in_the_blueprint_is_there() -> None:
    """A key that does not exist is refused by the plugin; so it is here, faster."""
    known = {each["key"] for kind in ("statuses", "roles", "groups", "fields", "trackers", "projects") for each in BLUEPRINT[kind]}  # fmt: skip  # noqa: E501
    core = {*module.CONNECTOR_CORE_FIELDS, *module.INTAKE_CORE_FIELDS}
    for name in _named(BLUEPRINT):
        assert name in known | core | {CONNECTOR_ROLE}, name


def _named(made: dict[str, Any]) -> Iterator[str]:
    for row in made["transitions"]:
        yield from (row["tracker"], row["to"], *row["roles"], *([row["from"]] if row["from"] else []))
    for row in made["rules"]:
        yield from (row["tracker"], row["status"], row["field"], *row["roles"])
    for field in made["fields"]:
        yield from (*field["trackers"], *field["projects"], *(field["visible_to"] or ()))
    for tracker in made["trackers"]:
        yield tracker["default_status"]
    for project in made["projects"]:
        yield from project["trackers"]
        for member in project["members"]:
            yield from (*member["roles"], *([member["group"]] if member["group"] else []))


def test_names_are_unique_and_short_enough_for_redmine() -> None:
    for kind in ("statuses", "roles", "groups", "fields", "trackers"):
        names = [each["name"].casefold() for each in BLUEPRINT[kind]]
        assert len(names) == len(set(names)), kind
        assert all(len(name) <= 30 for name in names), kind


def test_no_role_may_copy_delete_or_configure() -> None:
    allowed = {*module.PERMISSIONS, "add_issues"}
    for role in BLUEPRINT["roles"]:
        assert set(role["permissions"]) <= {*allowed, module.RELATE}, role["name"]
    # a relation can block a ticket or date it anew, so only who must name a duplicate may add one
    relating = [role["key"] for role in BLUEPRINT["roles"] if module.RELATE in role["permissions"]]
    assert relating == ["role:bunghatta:grup-helpdesk"]
    registrars = {role["key"] for role in BLUEPRINT["roles"] if "add_issues" in role["permissions"]}
    entering = {
        "unj": ("helpdesk",),
        "jabar": ("helpdesk",),
        "bunghatta": ("petugas-layanan", "operator", "staf-jaringan", "staf-si"),
    }
    assert registrars == {
        f"role:{profile}:{role}" for profile, roles in entering.items() for role in (*roles, "pengelola-sop")
    }


def test_the_system_fields_names_are_those_no_mapping_may_use() -> None:
    assert {name: key for key, name, _ in module.SYSTEM_FIELDS} == SYSTEM_FIELDS


def test_personal_data_is_seen_by_those_who_act() -> None:
    fields = {field["key"]: field["visible_to"] for field in BLUEPRINT["fields"]}
    seen = set(fields["field:unj:identitas"])
    assert {"role:unj:helpdesk", "role:unj:tim-teknis", "role:unj:pengelola-sop"} <= seen
    assert not {"role:unj:staf-data", "role:unj:kasi-administrasi", "role:unj:pimpinan-unit"} & seen
    assert fields["field:unj/permohonan-layanan-teknis:uraian"] is None


# access, on the small procedure -------------------------------------------------------------------------------


def test_what_is_given_on_entering() -> None:
    given = given_on_entering(PROCEDURE)
    assert given["periksa"] == {"nama", "email", "uraian"}
    assert given["kerja"] == {"nama", "email", "uraian", "regu"}


def test_a_need_with_a_condition_is_written_by_the_step_before_and_required_by_nobody() -> None:
    access = access_of(PROCEDURE, ("pengelola-sop",))
    assert access.writable("status:pemeriksaan", "meja", "izin")
    assert "izin" not in access.required("status:pengerjaan")
    assert "regu" in access.required("status:pengerjaan")


def test_what_a_step_leaves_can_be_written_at_its_open_targets_by_who_moves() -> None:
    access = access_of(PROCEDURE, ())
    for step in PROCEDURE.active_steps:
        outputs = {output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT}
        for move in moves(PROCEDURE):
            target = PROCEDURE.end(move.to or "")
            if move.step != step.id or target is not None or "pemohon" in step.roles:
                continue
            for role in move.roles:
                for output in outputs:
                    assert access.writable(move.target, role, output), (move, output)


def test_what_a_duty_leaves_is_written_in_the_step_it_goes_with_or_with_the_move_out_of_it() -> None:
    duty = Step.model_validate(
        {
            "no": "3a",
            "id": "lapor",
            "kind": "duty",
            "title": "Laporan",
            "every": "1 minggu",
            "roles": ["teknis-a"],
            "outputs": ["catatan"],
        }
    )
    field = {"id": "catatan", "name": "Catatan", "label": "Catatan", "type": "text", "scope": "uji"}
    steps = (*PROCEDURE.steps[:3], duty, *PROCEDURE.steps[3:])
    procedure = PROCEDURE.model_copy(
        update={"steps": steps, "fields": (*PROCEDURE.fields, FieldDef.model_validate(field))}
    )
    assert {step.id: duties(procedure, step) for step in steps if duties(procedure, step)} == {
        "kerja": (duty,)
    }
    access = access_of(procedure, ())
    writers = {
        (status_key(name), role.id)
        for name, _ in status_names(procedure)
        for role in ORGANIZATION.roles
        if access.writable(status_key(name), role.id, "catatan")
    }
    assert writers == {("status:pengerjaan", "teknis-a"), ("status:pengesahan", "teknis-a")}


def test_the_survey_is_closed_once_the_requester_has_answered() -> None:
    procedure = CATALOGUE.by_key("unj/permohonan-layanan-teknis")
    assert procedure is not None
    access = access_of(procedure, ())
    assert access.writable("status:penerimaan-dan-survei", "helpdesk", "u1_persyaratan")
    assert not access.writable("status:penutupan", "helpdesk", "u1_persyaratan")


@pytest.mark.parametrize("profile", [each.id for each in CATALOGUE.organizations])
def test_every_project_lists_what_is_late_near_its_limit_and_mine(profile: str) -> None:
    [status] = [each for each in BLUEPRINT["fields"] if each["key"] == SLA_FIELD]
    assert (status["format"], status["is_filter"]) == ("list", True)
    assert f"project:{profile}" in status["projects"]
    lists = {each["name"]: each for each in BLUEPRINT["queries"] if each["project"] == f"project:{profile}"}
    for name in ("Terlambat", "Mendekati batas"):
        assert lists[name]["filters"][SLA_FIELD] == {"operator": "=", "values": [name]}
        assert name in status["possible_values"]
    assert lists["Giliran saya"]["filters"]["assigned_to_id"]["values"] == ["me"]
    for each in lists.values():
        assert {NUMBER_FIELD, STEP_FIELD, LIMIT_FIELD, SLA_FIELD, "assigned_to", "due_date"} <= set(
            each["columns"]
        )


def test_the_small_organization_makes_a_blueprint_too() -> None:
    catalogue = CATALOGUE.model_copy(update={"organizations": (ORGANIZATION,), "procedures": (PROCEDURE,)})
    made = blueprint(catalogue)
    assert [tracker["key"] for tracker in made["trackers"]] == ["tracker:uji:layanan"]
    empty = blueprint(catalogue.model_copy(update={"procedures": ()}))
    assert empty["queries"] == empty["transitions"] == []


def test_who_is_told_at_an_address_of_the_ticket_has_no_account() -> None:
    kinds = ("roles", "groups")
    assert not [each for kind in kinds for each in BLUEPRINT[kind] if "kontak-it" in each["key"]]
    field = next(each for each in BLUEPRINT["fields"] if each["key"] == "field:bunghatta:email_kontak_it")
    takes = re.compile(field["regexp"].replace(r"\A", "^").replace(r"\z", r"\Z"))
    assert takes.match("it@satu.contoh.id, it@dua.contoh.id")
    assert not takes.match("it@satu.contoh.id it@dua.contoh.id")
    assert not takes.match("it@satu.contoh.id,")


def test_what_monitoring_found_needs_no_requester() -> None:
    for procedure in CATALOGUE.procedures:
        asked = {"nama_pemohon", "email_pemohon", "telepon_pemohon"} & form_needs(procedure)
        assert bool(asked) is (procedure.id not in ("gangguan-koneksi", "gangguan-web")), procedure.key
