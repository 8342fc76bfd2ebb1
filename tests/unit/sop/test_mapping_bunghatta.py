"""The mappings of Universitas Bung Hatta against the facts of their source, written down here a second time."""

from __future__ import annotations

import re

import pytest

from connector.sop.model import Basis, FieldType, OutputKind, Procedure, RoleKind
from connector.sop.table import is_on_portal, is_requesters, is_return
from tests.unit.sop.source_table import (
    Row,
    by_number,
    check_names,
    end_needs,
    find,
    left,
    marked,
    needs,
    rows,
    shipped,
    told_at,
    told_of,
    without_status,
    words,
)

DAY, HOUR, HALF = "1 hari kerja", "1 jam", "30 menit"
HEADS = ("kepala-pustikom", "kadiv-networking", "kadiv-si")
SOURCE: dict[str, list[Row]] = {
    "pemasangan-jaringan": [
        ("1", ("unit-kerja",), DAY, {"2"}),
        ("2", ("kepala-pustikom",), DAY, {"3"}),
        ("3", ("kadiv-networking",), DAY, {"4"}),
        ("4", ("staf-jaringan",), DAY, {"5"}),
        ("5", ("kadiv-networking",), DAY, {"6"}),
        ("6", ("kepala-pustikom",), DAY, {"7", "5", "ditolak"}),
        ("7", ("staf-jaringan",), DAY, {"8", "9"}),
        ("8", HEADS, DAY, {"selesai"}),
        ("9", ("staf-jaringan",), DAY, {"7"}),
    ],
    "email-unit": [
        ("1", ("unit-kerja",), DAY, {"2"}),
        ("2", ("kepala-pustikom",), DAY, {"2a"}),
        ("2a", ("kadiv-networking",), DAY, {"3", "1"}),
        ("3", ("petugas-layanan",), DAY, {"4"}),
        ("4", ("petugas-layanan",), DAY, {"selesai"}),
    ],
    "ganti-password": [
        ("1", ("pengguna",), DAY, {"2"}),
        ("2", ("pengguna",), DAY, {"3"}),
        ("3", ("operator",), DAY, {"4", "ditolak"}),
        ("4", ("operator",), DAY, {"5"}),
        ("5", ("operator",), DAY, {"selesai"}),
    ],
    "gangguan-koneksi": [
        ("1", ("staf-jaringan", "pengguna"), None, {"2"}),
        ("2", ("staf-jaringan",), HALF, {"3", "tidak-ada-gangguan"}),
        ("3", ("staf-jaringan",), HALF, {"4", "6"}),
        ("4", ("staf-jaringan",), HALF, {"5"}),
        ("5", ("staf-jaringan",), HOUR, {"10a"}),
        ("6", ("staf-jaringan",), HOUR, {"7"}),
        ("7", ("kadiv-networking",), DAY, {"8"}),
        ("8", ("staf-jaringan",), DAY, {"9"}),
        ("9", ("staf-jaringan",), HOUR, {"10"}),
        ("10", ("kadiv-networking",), HOUR, {"10a"}),
        ("10a", ("staf-jaringan",), DAY, {"selesai"}),
    ],
    "gangguan-web": [
        ("1", ("staf-si", "pengguna"), None, {"2"}),
        ("2", ("staf-si",), HALF, {"3", "tidak-ada-gangguan"}),
        ("3", ("staf-si",), HOUR, {"4", "7"}),
        ("4", ("kadiv-si",), DAY, {"5", "7"}),
        ("5", ("staf-si",), DAY, {"6"}),
        ("6", ("staf-si",), HOUR, {"selesai"}),
        ("7", ("kadiv-si",), DAY, {"diteruskan", "4"}),
    ],
    "pengaduan-tik": [
        ("1", ("pengguna",), DAY, {"2"}),
        ("2", ("operator",), DAY, {"3"}),
        ("3", ("pengguna",), None, {"4"}),
        ("4", ("grup-helpdesk",), None, {"5"}),
        ("5", ("grup-helpdesk",), DAY, {"selesai", "1", "duplikat"}),
        ("6", ("pengguna",), None, set()),
    ],
}
#: Steps in which no ticket stands: before it is there, done by the system itself, or all along.
NO_STATUS = {name: ["1"] for name in SOURCE} | {"pengaduan-tik": ["1", "2", "3", "4", "6"]}
#: Where the source names more than one way on, or none but the reading does.
INFERRED_WAYS = {
    "pemasangan-jaringan": {"6", "9"},
    "email-unit": {"2a"},
    "ganti-password": {"3"},
    "gangguan-koneksi": {"2", "5", "10", "10a"},
    "gangguan-web": {"2", "4", "7"},
    "pengaduan-tik": {"5"},
}
REGISTRARS = {
    "pemasangan-jaringan": ("petugas-layanan",),
    "email-unit": ("petugas-layanan",),
    "ganti-password": ("operator",),
    "gangguan-koneksi": ("staf-jaringan",),
    "gangguan-web": ("staf-si",),
    "pengaduan-tik": ("operator",),
}
FAULTS = ("gangguan-koneksi", "gangguan-web")

CATALOGUE = shipped("bunghatta")
EACH = pytest.mark.parametrize("procedure", CATALOGUE.procedures, ids=lambda procedure: procedure.id)


def the(procedure_id: str) -> Procedure:
    return find(CATALOGUE, f"bunghatta/{procedure_id}")


def test_the_procedures_are_the_sources() -> None:
    assert {procedure.id for procedure in CATALOGUE.procedures} == set(SOURCE)


@EACH
def test_the_steps_are_the_sources(procedure: Procedure) -> None:
    assert rows(procedure) == SOURCE[procedure.id]
    assert without_status(procedure) == NO_STATUS[procedure.id]
    assert procedure.last_no == SOURCE[procedure.id][-1][0].rstrip("a")


@EACH
def test_no_time_is_the_sources(procedure: Procedure) -> None:
    assert marked(procedure, "limit", Basis.STATED) == set()
    without = {step.no for step in procedure.steps if step.limit is None}
    assert marked(procedure, "limit", Basis.MISSING) == without


@EACH
def test_ways_that_the_source_does_not_name_are_marked(procedure: Procedure) -> None:
    assert marked(procedure, "outcomes", Basis.INFERRED) == INFERRED_WAYS[procedure.id]


@EACH
def test_names_fit_redmine(procedure: Procedure) -> None:
    check_names(procedure, statuses=len(procedure.active_steps) + 3 + len(procedure.ends))


@EACH
def test_people_can_ask_and_staff_can_enter(procedure: Procedure) -> None:
    form = procedure.form
    assert form is not None
    assert {"nama_pemohon", "email_pemohon", "telepon_pemohon", "persetujuan_data"} <= set(form.fields)
    assert procedure.registrars == procedure.on_behalf == REGISTRARS[procedure.id]
    free = {"nama_pemohon", "email_pemohon", "telepon_pemohon"} if procedure.id in FAULTS else set()
    assert set(form.optional_at_desk) == free
    assert (procedure.withdrawn is None) is (procedure.id in FAULTS)


@EACH
def test_every_return_and_refusal_says_why(procedure: Procedure) -> None:
    assert procedure.waiting.reason == "permintaan_perbaikan"
    for end in procedure.ends:
        assert (end_needs(procedure)[end.id] == ["alasan"]) is (end.id == "ditolak")
        assert end.tell


def returns(procedure: Procedure) -> set[str]:
    return {
        step.no
        for step in procedure.active_steps
        if any(is_return(procedure, outcome.to) for outcome in step.outcomes.values())
    }


def test_only_two_procedures_give_a_ticket_back() -> None:
    found = {procedure.id: returns(procedure) for procedure in CATALOGUE.procedures}
    assert {name: steps for name, steps in found.items() if steps} == {
        "email-unit": {"2a"},
        "pengaduan-tik": {"5"},
    }


# pemasangan jaringan ------------------------------------------------------------------------------------------


def test_the_survey_the_rab_and_the_quality_test_leave_their_forms() -> None:
    procedure = the("pemasangan-jaringan")
    assert left(procedure, "4") == needs(procedure)["5"] >= {"form_survey"}
    assert left(procedure, "5") == needs(procedure)["6"] >= {"dokumen_rab", "estimasi_pengerjaan"}
    assert left(procedure, "7") == needs(procedure)["8"] == needs(procedure)["9"] >= {"form_uji_kualitas"}
    made = {output.id: output.after for step in procedure.steps for output in step.outputs if output.after}
    assert made["form_survey"] == ("disurvey",)
    assert made["form_uji_kualitas"] == ("lulus", "tidak-lulus"), "a test that failed leaves its form too"
    quality = procedure.field("hasil_uji_sambungan")
    assert quality is not None
    assert quality.renew, "after a new check the old test proves nothing"


def test_the_unit_gets_the_rab_once_approved_and_the_bill() -> None:
    procedure = the("pemasangan-jaringan")
    handed = {
        (step.no, name): outcome.hands
        for step in procedure.steps
        for name, outcome in step.outcomes.items()
        if outcome.hands
    }
    assert handed == {
        ("1", "terkirim"): ("formulir_terisi", "bukti_pendaftaran"),
        ("6", "disetujui"): ("dokumen_rab",),
        ("8", "ditagih"): ("surat_tagihan",),
    }
    assert told_at(procedure, "6") == {"unit-kerja"}


def test_another_head_may_bill_in_his_name() -> None:
    procedure = the("pemasangan-jaringan")
    issuer = procedure.field("penerbit_tagihan")
    assert issuer is not None
    assert issuer.choices == ("Kepala Pustikom", "Pimpinan lain atas nama Pustikom")
    assert "penerbit_tagihan" in end_needs(procedure)["selesai"]


# email unit ---------------------------------------------------------------------------------------------------


def test_the_technical_contact_is_asked_for_and_told() -> None:
    procedure = the("email-unit")
    assert procedure.form is not None
    assert {"surat_email", "nama_kontak_teknis", "email_kontak_it"} <= set(procedure.form.fields)
    assert told_at(procedure, "4") == {"kontak-it"}
    assert told_of(procedure, "selesai") == {"unit-kerja"}


# password -----------------------------------------------------------------------------------------------------


def test_a_password_has_no_place_to_be_written() -> None:
    procedure = the("ganti-password")
    names = re.findall(r".*(?:password|sandi|kredensial).*", words(procedure), re.IGNORECASE)
    assert set(names) <= {
        "Tanggal perubahan password",
        "Tanggal password diganti",
        "Akun yang passwordnya diganti",
        "Bukti perubahan password",
    }
    written = {
        output.id
        for step in procedure.steps
        for output in step.outputs
        if output.kind is not OutputKind.DOCUMENT
    }
    kinds = {field.id: field.type for field in procedure.fields if field.id in written}
    assert set(kinds.values()) <= {FieldType.CHOICE, FieldType.DATE}, "nothing that is free text or a file"


def test_proof_of_identity_is_shown_in_person_and_recorded_by_the_operator() -> None:
    procedure = the("ganti-password")
    step = procedure.steps[1]
    assert step.in_person
    assert is_requesters(procedure, step)
    assert not is_on_portal(procedure, step)
    assert told_at(procedure, "2") == {"pengguna"}


# faults -------------------------------------------------------------------------------------------------------


def test_cause_and_estimate_reach_the_division_head_and_the_contacts() -> None:
    procedure = the("gangguan-koneksi")
    assert {"kadiv-networking", "kontak-it"} <= told_at(procedure, "5") & told_at(procedure, "6")
    assert told_at(procedure, "9") == {"kadiv-networking"}
    assert "kontak-it" in told_at(procedure, "10")
    details = {
        no: {
            name
            for outcome in by_number(procedure, no).outcomes.values()
            for tell in outcome.tell
            for name in tell.details
        }
        for no in ("5", "6", "9", "10")
    }
    assert {"penyebab_gangguan", "estimasi_pemulihan"} <= details["5"]
    assert "penyebab_gangguan" in details["6"]
    assert "estimasi_pemulihan" in details["9"] & details["10"]
    for no in ("5", "6", "10"):
        assert "email_kontak_it" in needs(procedure)[no]


def test_the_two_kinds_of_outage_have_ways_of_their_own() -> None:
    procedure = the("gangguan-koneksi")
    ways = {name: outcome.to for name, outcome in procedure.steps[2].outcomes.items()}
    assert ways == {"prasarana": "estimasi-prasarana", "infrastruktur-it": "laporan-infrastruktur-it"}
    assert not next(end for end in procedure.ends if end.id == "tidak-ada-gangguan").success


def test_the_division_head_hears_of_a_web_fault_and_of_its_remedy() -> None:
    procedure = the("gangguan-web")
    assert told_at(procedure, "3") == told_at(procedure, "6") == {"kadiv-si"}
    assert left(procedure, "5") == needs(procedure)["6"]
    assert {end.id: end.success for end in procedure.ends} == {
        "selesai": True,
        "diteruskan": False,
        "tidak-ada-gangguan": False,
    }


# pengaduan ----------------------------------------------------------------------------------------------------


def test_a_complaint_goes_to_the_helpdesk_group_at_once() -> None:
    procedure = the("pengaduan-tik")
    assert procedure.first_step.no == "5"
    assert procedure.first_step.roles == ("grup-helpdesk",)
    assert end_needs(procedure)["selesai"] == ["tindak_lanjut_pengaduan"]


# the organization ---------------------------------------------------------------------------------------------


def test_the_organization() -> None:
    (organization,) = CATALOGUE.organizations
    kinds = {role.id: role.kind for role in organization.roles}
    staff = ("kepala-pustikom", "kadiv-networking", "staf-jaringan", "petugas-layanan", "operator", "kadiv-si", "staf-si", "grup-helpdesk")  # fmt: skip  # noqa: E501
    assert kinds == {
        "unit-kerja": RoleKind.REQUESTER,
        "pengguna": RoleKind.REQUESTER,
        **dict.fromkeys(staff, RoleKind.STAFF),
        "kontak-it": RoleKind.TOLD,
        "pengelola-sop": RoleKind.OVERRIDE,
    }
    contact = organization.role("kontak-it")
    assert contact is not None
    assert (contact.address, contact.has_account) == ("email_kontak_it", False)
    assert (organization.ticket_prefix, organization.project.identifier) == ("UBH", "bunghatta-layanan-tik")
    assert all(signatory.name == "" and signatory.number == "" for signatory in organization.signatories)
