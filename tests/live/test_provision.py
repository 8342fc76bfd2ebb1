"""What the blueprint makes of a real Redmine: each role its own moves, no step without its needs, no drift."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from copy import deepcopy

import pytest

from connector.redmine.provision import render
from connector.sop.access import form_needs, needs_of
from connector.sop.keys import status_key
from connector.sop.loader import load
from connector.sop.model import FieldType, Procedure
from connector.sop.table import actors, moves
from devtools.people import Desk, RefusedByRedmine
from devtools.walk import PDF, example
from tests.live.conftest import MAPPINGS, Provisioned

pytestmark = pytest.mark.live

TODAY = dt.date(2026, 11, 23)
KEY = "unj/permohonan-layanan-teknis"
COMPLAINT, DATA = "unj/pengaduan-masalah-si", "unj/permintaan-data-insidental"
FILE = ("bukti.pdf", PDF)
SHIPPED = [procedure.key for procedure in load(MAPPINGS).procedures]
EACH = pytest.mark.parametrize("key", SHIPPED)


@pytest.fixture
def procedure(provisioned: Provisioned) -> Procedure:
    return provisioned.procedure(KEY)


def connectors_desk(provisioned: Provisioned, procedure: Procedure) -> Desk:
    return Desk(provisioned.connector, procedure, provisioned.keys)


def ticket(
    provisioned: Provisioned, procedure: Procedure, status: str, *given: str, bare: bool = False
) -> int:
    """An issue in a status, with what the status requires (unless `bare`) and the fields given.

    Made by the connector's user, whom no rule binds.
    """
    issue = provisioned.connector.call(
        "POST",
        "/issues.json",
        {
            "issue": {
                "project_id": provisioned.keys[f"project:{procedure.profile}"],
                "tracker_id": provisioned.keys[procedure.tracker_key],
                "status_id": provisioned.keys[status_key(procedure.first_step.status or "")],
                "subject": "Uji",
            }
        },
    )["issue"]["id"]
    standing = [need.field for step in procedure.active_steps if step.status == status for need in step.needs]
    fields, files = values(procedure, given if bare else [*standing, *given])
    connectors_desk(provisioned, procedure).edit(
        issue, status=status if status != procedure.first_step.status else None, fields=fields, files=files
    )
    return int(issue)


def values(procedure: Procedure, names: Iterable[str]) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    given = set(names)
    wanted = [field for field in procedure.fields if field.id in given]
    return (
        {field.id: example(field, TODAY) for field in wanted if field.type is not FieldType.FILE},
        {field.id: FILE for field in wanted if field.type is FieldType.FILE},
    )


# plan and apply -----------------------------------------------------------------------------------------------


def test_a_plan_lists_everything_and_an_apply_does_it(provisioned: Provisioned) -> None:
    assert not provisioned.planned.applied
    assert provisioned.planned.changes == provisioned.applied.changes
    text = render(provisioned.planned)
    assert f"Tracker ({len(SHIPPED)})" in text.splitlines()
    trackers = [each.tracker for each in provisioned.catalogue.procedures]
    for line in (*(f"  + {name}" for name in trackers), "  + Menunggu Pemohon", "  + Helpdesk UNJ"):
        assert line in text.splitlines()
    assert text.splitlines()[-1].startswith("Akan diterapkan: ")
    assert render(provisioned.applied).splitlines()[-1].startswith("Diterapkan: ")


def test_a_second_plan_is_empty(provisioned: Provisioned) -> None:
    again = provisioned.provisioner.plan(provisioned.blueprint)
    assert again.changes == ()
    assert render(again) == "Redmine sudah sesuai dengan pemetaan. Tidak ada perubahan."


def test_a_foreign_status_of_the_same_name_is_refused_and_nothing_is_done(provisioned: Provisioned) -> None:
    wanted = deepcopy(provisioned.blueprint)
    wanted["statuses"] += [
        {"key": "status:uji-baru", "name": "Uji Baru", "is_closed": False},
        {"key": "status:umpan-balik", "name": "Umpan balik", "is_closed": False},
    ]
    outcome = provisioned.provisioner.apply(wanted)
    assert not outcome.applied
    assert [each["key"] for each in outcome.refused] == ["status:umpan-balik"]
    assert "connector apply --adopt status:umpan-balik" in render(outcome)
    names = {each["name"] for each in provisioned.admin.get("/issue_statuses.json")["issue_statuses"]}
    assert "Uji Baru" not in names


def test_drift_is_shown_and_repaired(provisioned: Provisioned) -> None:
    keys = provisioned.keys
    row = (
        keys[f"tracker:{KEY.replace('/', ':')}"],
        keys["status:penjadwalan"],
        keys["status:selesai"],
        keys["role:unj:helpdesk"],
    )
    with closing(sqlite3.connect(provisioned.instance.database, timeout=30)) as database, database:
        database.execute(
            "INSERT INTO workflows (tracker_id, old_status_id, new_status_id, role_id, assignee, author, type)"
            " VALUES (?, ?, ?, ?, 0, 0, 'WorkflowTransition')",
            row,
        )
    found = provisioned.provisioner.plan(provisioned.blueprint)
    assert len(found.changes) == 1
    assert "Layanan Teknis TI: Penjadwalan → Selesai" in render(found)
    assert provisioned.provisioner.apply(provisioned.blueprint).applied
    assert provisioned.provisioner.plan(provisioned.blueprint).changes == ()


# moves --------------------------------------------------------------------------------------------------------


@EACH
def test_each_role_sees_its_own_moves_and_no_others(provisioned: Provisioned, key: str) -> None:
    procedure = provisioned.procedure(key)
    organization = provisioned.catalogue.organization(procedure.profile)
    assert organization is not None
    names = {status_key(name): name for name in _status_names(procedure)}
    table = moves(procedure)
    issue = ticket(provisioned, procedure, procedure.first_step.status or "")
    desk = connectors_desk(provisioned, procedure)
    for step in procedure.active_steps:
        status = step.status or ""
        if desk.status(issue) != status:
            desk.edit(issue, status=status)
        for role in organization.roles:
            if role.kind != "staff":
                continue
            expected = {
                names[m.target] for m in table if m.origin == status_key(status) and role.id in m.roles
            }
            assert provisioned.desk(procedure, role.id).moves(issue) == expected, (step.id, role.id)


def _status_names(procedure: Procedure) -> list[str]:
    return [
        procedure.intake,
        *(step.status or "" for step in procedure.active_steps),
        procedure.waiting.status,
        procedure.waiting.resumed,
        *(end.status for end in procedure.ends),
    ]


def test_a_move_that_is_not_his_changes_nothing(provisioned: Provisioned, procedure: Procedure) -> None:
    issue = ticket(provisioned, procedure, "Penjadwalan")
    provisioned.desk(procedure, "helpdesk").edit(issue, status="Selesai")
    provisioned.desk(procedure, "kadiv-layanan").edit(issue, status="Tindak lanjut jadwal")
    assert connectors_desk(provisioned, procedure).status(issue) == "Penjadwalan"


def test_the_ticket_cannot_leave_its_procedure(provisioned: Provisioned, procedure: Procedure) -> None:
    issue = ticket(provisioned, procedure, "Penjadwalan")
    before = provisioned.connector.issue(issue)
    provisioned.desk(procedure, "helpdesk").edit(
        issue, tracker_id=1, subject="Lain", due_date="2030-01-01", priority_id=1, description="Lain"
    )
    after = provisioned.connector.issue(issue)
    for name in ("tracker", "subject", "due_date", "priority", "description"):
        assert after.get(name) == before.get(name), name


def test_a_registrar_enters_a_ticket_and_nobody_else_can(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    body = {
        "project_id": provisioned.keys["project:unj"],
        "tracker_id": provisioned.keys[procedure.tracker_key],
        "subject": "Lewat telepon",
    }
    desk = provisioned.desk(procedure, "helpdesk")
    issue = desk.api.call("POST", "/issues.json", {"issue": body})["issue"]["id"]
    assert desk.status(issue) == procedure.intake
    first = procedure.first_step.status or ""
    with pytest.raises(RefusedByRedmine) as refused:
        desk.edit(issue, status=first)
    missing = {procedure.field(name).name for name in form_needs(procedure)}  # type: ignore[union-attr]
    assert {text.removesuffix(" tidak boleh kosong") for text in refused.value.errors} == missing
    fields, files = values(procedure, list(form_needs(procedure)))
    desk.edit(issue, status=first, fields=fields, files=files)
    assert desk.status(issue) == first
    with pytest.raises(RefusedByRedmine) as other:
        provisioned.desk(procedure, "tim-teknis").api.call("POST", "/issues.json", {"issue": body})
    assert other.value.status in (403, 422)


# needs --------------------------------------------------------------------------------------------------------


@EACH
def test_no_step_begins_without_its_needs(provisioned: Provisioned, key: str) -> None:
    """Every outcome of every step is refused by name for each field that its target needs."""
    procedure = provisioned.procedure(key)
    issue = ticket(provisioned, procedure, procedure.first_step.status or "", bare=True)
    desk = connectors_desk(provisioned, procedure)
    for step in procedure.active_steps:
        if desk.status(issue) != step.status:
            desk.edit(issue, status=step.status)
        role = next(role for role in actors(procedure, step) if role not in procedure.requesters)
        for name, outcome in step.outcomes.items():
            target = procedure.step(outcome.to) or procedure.end(outcome.to)
            assert target is not None
            back = target.status is None
            needs = [procedure.waiting.reason] if back else needs_of(procedure, target.id)
            status = procedure.waiting.status if back else target.status
            if not needs:
                continue
            with pytest.raises(RefusedByRedmine) as refused:
                provisioned.desk(procedure, role).edit(issue, status=status)
            expected = {f"{procedure.field(need).name} tidak boleh kosong".casefold() for need in needs}  # type: ignore[union-attr]
            # Rails writes "Dokumen sla" for "Dokumen SLA"
            assert {each.casefold() for each in refused.value.errors} == expected, (step.id, name)


def test_a_weekly_report_is_written_in_its_step_and_not_afterwards(provisioned: Provisioned) -> None:
    procedure = provisioned.procedure(COMPLAINT)
    issue = ticket(provisioned, procedure, "Penanganan lokal")
    desk = provisioned.desk(procedure, "tim-programmer")
    for percent in ("20", "60"):
        desk.edit(issue, fields={"progres_persen": percent}, files={"progres_bukti": FILE})
        assert desk.value(issue, "progres_persen") == percent
    assert len(desk.api.issue(issue)["attachments"]) == 1, "last week's proof is gone"
    other = provisioned.desk(procedure, "koordinator-programmer")
    other.edit(issue, fields={"progres_persen": "100"})
    assert desk.value(issue, "progres_persen") == "60"
    done = next(step for step in procedure.active_steps if step.no == "20")
    fields, files = values(procedure, [need.field for need in done.needs])
    given = {name: value for name, value in fields.items() if not desk.value(issue, name)}
    connectors_desk(provisioned, procedure).edit(issue, fields=given, files=files, status=done.status)
    desk.edit(issue, fields={"progres_persen": "100"})
    assert desk.value(issue, "progres_persen") == "60"


def test_a_required_file_opens_the_way(provisioned: Provisioned, procedure: Procedure) -> None:
    issue = ticket(provisioned, procedure, "Uji coba kesesuaian")
    desk = provisioned.desk(procedure, "helpdesk")
    with pytest.raises(RefusedByRedmine) as refused:
        desk.edit(issue, status="Pengarsipan")
    assert refused.value.errors == ["Laporan uji coba tidak boleh kosong"]
    desk.edit(issue, status="Pengarsipan", files={"laporan_uji_coba": ("uji.pdf", PDF)})
    assert desk.status(issue) == "Pengarsipan"
    assert desk.value(issue, "laporan_uji_coba")


def test_nobody_is_asked_for_a_document_that_his_move_makes(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    """The report is made by this move; the step after the next asks for it like for everything."""
    issue = ticket(provisioned, procedure, "Pelaporan pekerjaan")
    desk = provisioned.desk(procedure, "tim-teknis")
    desk.edit(issue, status="Verifikasi koordinator", files={"laporan_progres": FILE})
    assert desk.status(issue) == "Verifikasi koordinator"
    assert not desk.value(issue, "laporan_progres"), "written by nobody but the connector"


def test_a_value_that_is_no_choice_or_address_is_refused(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    issue = ticket(provisioned, procedure, "Menunggu Pemohon", "permintaan_perbaikan")
    desk = provisioned.desk(procedure, "helpdesk")
    for field, value in (
        ("jenis_layanan", "Lain"),
        ("email_pemohon", "bukan surel"),
        ("telepon_pemohon", "abc"),
    ):
        with pytest.raises(RefusedByRedmine):
            desk.edit(issue, fields={field: value})


# evidence -----------------------------------------------------------------------------------------------------


def test_what_another_role_gave_cannot_be_forged_in_a_move(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    """The team is named by the coordinator; the step that goes back to it asks for the name."""
    issue = ticket(provisioned, procedure, "Uji coba kesesuaian", "tim_ditugaskan")
    desk = provisioned.desk(procedure, "helpdesk")
    before = desk.value(issue, "tim_ditugaskan")
    with pytest.raises(RefusedByRedmine) as refused:
        desk.edit(issue, status="Pelaksanaan teknis", fields={"tim_ditugaskan": "Tim lain"})
    assert "Tim yang ditugaskan" in refused.value.errors[0]
    assert desk.status(issue) == "Uji coba kesesuaian"
    assert desk.value(issue, "tim_ditugaskan") == before


def test_what_the_requester_wrote_is_not_the_division_heads_to_change(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    issue = ticket(provisioned, procedure, "Tindak lanjut jadwal", "uraian", "bukti_pendukung", "identitas")
    desk = provisioned.desk(procedure, "kadiv-layanan")
    before = desk.value(issue, "uraian")
    desk.edit(issue, fields={"uraian": "Diubah"})
    assert desk.value(issue, "uraian") == before
    with pytest.raises(RefusedByRedmine) as refused:
        desk.edit(
            issue,
            status="Koordinasi koordinator",
            fields={"uraian": "Diubah", "jadwal_disepakati": "2026-11-25"},
        )
    assert "Uraian kebutuhan" in refused.value.errors[0]


def test_a_document_is_written_by_nobody_but_the_connector(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    issue = ticket(provisioned, procedure, "Pengarsipan", "laporan_uji_coba")
    desk = provisioned.desk(procedure, "kadiv-layanan")
    desk.edit(issue, files={"berita_acara": FILE})
    assert not desk.value(issue, "berita_acara")


def test_what_a_step_leaves_can_be_filled_in_together_with_a_move_back(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    issue = ticket(provisioned, procedure, "Uji coba kesesuaian", "hasil_pengecekan", "tim_ditugaskan")
    desk = provisioned.desk(procedure, "helpdesk")
    desk.edit(issue, status="Pelaksanaan teknis", files={"laporan_uji_coba": FILE})
    assert desk.status(issue) == "Pelaksanaan teknis"
    assert desk.value(issue, "laporan_uji_coba"), "the report of the failed trial is lost"


def test_waiting_has_one_way_on_and_keeps_what_was_mended(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    issue = ticket(provisioned, procedure, "Menunggu Pemohon", "permintaan_perbaikan", "uraian")
    for role in ("kadiv-layanan", "koordinator-programmer"):
        assert provisioned.desk(procedure, role).moves(issue) == {"Dilanjutkan"}
    desk = provisioned.desk(procedure, "helpdesk")
    assert desk.moves(issue) == {"Dilanjutkan", "Dibatalkan"}
    desk.edit(issue, status="Dilanjutkan", fields={"uraian": "Keterangan baru dari pemohon."})
    assert desk.status(issue) == "Dilanjutkan"
    assert desk.value(issue, "uraian") == "Keterangan baru dari pemohon."


def test_personal_data_is_seen_by_those_who_act_in_the_procedure(
    provisioned: Provisioned, procedure: Procedure
) -> None:
    issue = ticket(provisioned, procedure, "Penjadwalan", "identitas", "telepon_pemohon", "uraian")
    for role, sees in (("tim-teknis", True), ("pengelola-sop", True), ("staf-data", False)):
        desk = provisioned.desk(procedure, role)
        assert bool(desk.value(issue, "identitas")) is sees, role
        assert bool(desk.value(issue, "telepon_pemohon")) is sees, role
        assert desk.value(issue, "uraian"), role


def test_the_personal_data_of_one_procedure_is_not_seen_by_those_of_another(provisioned: Provisioned) -> None:
    for key, sees, blind in (
        (COMPLAINT, "tim-programmer", "tim-teknis"),
        (DATA, "staf-data", "koordinator-infrastruktur"),
    ):
        procedure = provisioned.procedure(key)
        issue = ticket(provisioned, procedure, procedure.first_step.status or "", "telepon_pemohon")
        assert provisioned.desk(procedure, sees).value(issue, "telepon_pemohon"), key
        assert not provisioned.desk(procedure, blind).value(issue, "telepon_pemohon"), key


def test_the_override_role_may_go_anywhere(provisioned: Provisioned, procedure: Procedure) -> None:
    issue = ticket(provisioned, procedure, "Penjadwalan")
    everything = set(_status_names(procedure)) - {"Penjadwalan"}
    assert provisioned.desk(procedure, "pengelola-sop").moves(issue) == everything


def test_the_daily_lists_are_there(provisioned: Provisioned) -> None:
    mine = provisioned.people["unj"]["helpdesk"][0]
    found = Desk(
        provisioned.desk(provisioned.procedure(KEY), "helpdesk").api,
        provisioned.procedure(KEY),
        provisioned.keys,
    )
    queries = {each["name"] for each in found.api.get("/queries.json", limit=100)["queries"]}
    wanted = {"Giliran saya", "Terlambat", "Mendekati batas", "Terbuka menurut langkah", "Menunggu pemohon"}
    assert wanted <= queries
    assert mine.login == "unj-helpdesk"
