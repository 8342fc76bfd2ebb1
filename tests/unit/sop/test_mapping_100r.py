"""The mapping of POS 100r against the facts of its source, written down here a second time and on their own."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.sop.loader import load
from connector.sop.model import Basis, Catalogue, FieldType, Organization, OutputKind, Procedure
from tests.unit.sop.source_table import (
    MAPPINGS,
    Row,
    by_number,
    check_ends,
    check_names,
    find,
    head_counts,
    marked,
    needs,
    outputs,
    rows,
    shipped,
    told,
)

COORDINATORS = ("koordinator-infrastruktur", "koordinator-programmer")
SOURCE: list[Row] = [
    ("1", (), None, set()),
    ("2", ("pemohon",), "1 hari kerja", {"3"}),
    ("3", ("helpdesk",), "30 menit", {"4", "2", "ditolak"}),
    ("4", ("helpdesk",), "1 hari kerja", {"5"}),
    ("5", ("kadiv-layanan",), "1 hari kerja", {"6"}),
    ("6", ("kadiv-layanan",), "1 hari kerja", {"7"}),
    ("7", COORDINATORS, "1 hari kerja", {"8"}),
    ("8", COORDINATORS, "1 hari kerja", {"9"}),
    ("9", ("tim-teknis",), "3 hari kerja", {"10"}),
    ("10", ("tim-teknis",), "1 hari kerja", {"11"}),
    ("11", COORDINATORS, "1 hari kerja", {"12", "9", "2", "tidak-valid"}),
    ("12", ("kadiv-layanan",), "1 hari kerja", {"13", "9", "2", "tidak-valid"}),
    ("13", ("helpdesk",), "1 hari kerja", {"14", "9"}),
    ("14", ("helpdesk",), "1 hari kerja", {"15", "9"}),
    ("15", ("kadiv-layanan",), "1 hari kerja", {"16"}),
    ("16", ("kepala-pustikom",), "1 hari kerja", {"17"}),
    ("17", ("pemohon",), "2 hari kerja", {"18", "13"}),
    ("18", ("helpdesk",), "1 hari kerja", {"selesai"}),
]
#: What the source asks for before a step (its kelengkapan), as far as it is a thing somebody gives.
NEEDS = {
    "3": {"uraian", "identitas", "telepon_pemohon", "bukti_pendukung"},
    "4": {"identitas", "jenis_layanan", "prioritas_layanan"},
    "5": {"identitas", "jenis_layanan", "prioritas_layanan", "jadwal_layanan"},
    "7": {"koordinator", "hasil_koordinasi", "penugasan_teknis", "jadwal_pelaksanaan"},
    "8": {"ruang_lingkup", "spesifikasi_teknis", "estimasi_waktu", "kebutuhan_sumber_daya"},
    "9": {"tim_ditugaskan"},
    "10": {"catatan_proses", "log_aktivitas", "foto_pekerjaan", "hasil_akhir"},
    "11": {"laporan_progres"},
    "15": {"laporan_uji_coba"},
    "16": {"laporan_akhir", "berita_acara"},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped("unj")


@pytest.fixture(scope="module")
def procedure(catalogue: Catalogue) -> Procedure:
    return find(catalogue, "unj/permohonan-layanan-teknis")


@pytest.fixture(scope="module")
def organization(catalogue: Catalogue) -> Organization:
    return catalogue.organizations[0]


def test_every_shipped_mapping_is_free_of_findings() -> None:
    assert load(MAPPINGS).procedures


def test_the_steps_are_the_sources(procedure: Procedure) -> None:
    assert rows(procedure) == SOURCE


def test_the_needs_are_the_sources(procedure: Procedure) -> None:
    read = needs(procedure)
    for number, expected in NEEDS.items():
        assert expected <= read[number], number


def test_what_the_source_does_not_state_is_marked(procedure: Procedure) -> None:
    every = {str(number) for number in range(2, 19)}
    absent = {"8", "9"}
    for fact, stated in (
        ("role", {"2", "17"}),
        ("limit", every - absent),
        ("outcomes", {"11", "12", "13", "14"}),
    ):
        assert marked(procedure, fact, Basis.STATED) - {"1"} == stated, fact
        assert marked(procedure, fact, Basis.MISSING) == absent, fact
        assert marked(procedure, fact, Basis.INFERRED) == every - stated - absent, fact


def test_the_head_is_the_sources(procedure: Procedure) -> None:
    assert procedure.code == procedure.header.number == "100r/UN39.17/SOP/V/2025"
    assert (procedure.header.created, procedure.header.effective) == (
        dt.date(2025, 5, 8),
        dt.date(2025, 5, 9),
    )
    assert procedure.header.revised is None
    assert head_counts(procedure) == {
        "legal_basis": 9,
        "qualifications": 7,
        "related": 19,
        "equipment": 7,
        "indicators": 0,
    }


def test_only_the_first_two_steps_come_before_the_ticket(procedure: Procedure) -> None:
    assert [step.no for step in procedure.steps if step.status is None] == ["1", "2"]
    assert procedure.first_step.no == "3"


def test_names_fit_redmine_and_are_not_those_of_its_default_data(procedure: Procedure) -> None:
    check_names(procedure, 16 + 3 + 4)


def test_the_coordinator_is_chosen_by_the_field(procedure: Procedure) -> None:
    for number in ("7", "8", "11"):
        by = by_number(procedure, number).assignee_by
        assert by is not None
        assert by.field == "koordinator"
        assert by.roles == {
            "Infrastruktur": "koordinator-infrastruktur",
            "Programmer": "koordinator-programmer",
        }


def test_the_berita_acara_is_made_at_15_and_needed_for_16(procedure: Procedure) -> None:
    (output,) = [output for output in by_number(procedure, "15").outputs if output.id == "berita_acara"]
    assert (output.kind, output.after) == (OutputKind.DOCUMENT, ())
    document = procedure.document("berita_acara")
    assert document is not None
    assert [signer.step for signer in document.signers] == [
        "penyerahan-hasil",
        "penerimaan-survei",
        "pengarsipan",
    ]


def test_which_papers_the_connector_writes_and_which_people_upload(procedure: Procedure) -> None:
    assert outputs(procedure, OutputKind.DOCUMENT) == {
        "2": {"formulir_terisi", "bukti_pendaftaran"},
        "5": {"surat_jadwal"},
        "6": {"nota_penugasan"},
        "10": {"laporan_progres"},
        "12": {"laporan_verifikasi"},
        "15": {"berita_acara", "laporan_pengarsipan"},
        "17": {"hasil_survei"},
        "18": {"daftar_arsip", "sertifikat_layanan"},
    }
    assert outputs(procedure, OutputKind.UPLOAD) == {
        "9": {"log_aktivitas", "foto_pekerjaan"},
        "14": {"laporan_uji_coba"},
        "15": {"laporan_akhir"},
    }


def test_the_survey_is_left_by_the_requester_and_asked_of_nobody_else(procedure: Procedure) -> None:
    survey = {field.id for field in procedure.fields if field.id[0] == "u" and field.id[1].isdigit()}
    assert len(survey) == 9
    assert survey <= {output.id for output in by_number(procedure, "17").outputs}
    needed = {need.field for step in procedure.steps for need in step.needs}
    needed |= {need.field for end in procedure.ends for need in end.needs}
    assert not survey & needed
    for name in survey:
        field = procedure.field(name)
        assert field is not None
        assert [choice[0] for choice in field.choices] == ["1", "2", "3", "4"]


def test_the_form_asks_what_the_source_asks(procedure: Procedure) -> None:
    assert procedure.form is not None
    types = {field.id: field.type for field in procedure.fields if field.id in procedure.form.fields}
    for wanted in (FieldType.IDENTITY, FieldType.EMAIL, FieldType.PHONE, FieldType.FILE, FieldType.CONSENT):
        assert wanted in types.values()
    status = procedure.field("status_pemohon")
    assert status is not None
    assert status.choices == ("Mahasiswa", "Dosen", "Tenaga kependidikan")
    personal = {field.id for field in procedure.fields if field.personal and field.type is not FieldType.FILE}
    assert personal == {"nama_pemohon", "identitas", "email_pemohon", "telepon_pemohon"}


def test_the_told_are_those_of_the_source(procedure: Procedure) -> None:
    """The requester: 3, 13, 14. The division head: 7. The head of the centre: 15."""
    assert {
        ("3", "pemohon"),
        ("7", "kadiv-layanan"),
        ("13", "pemohon"),
        ("14", "pemohon"),
        ("15", "kepala-pustikom"),
    } <= told(procedure)


def test_every_return_and_refusal_says_why(procedure: Procedure) -> None:
    check_ends(
        procedure,
        {
            "selesai": ["kelengkapan_berkas"],
            "ditolak": ["alasan"],
            "tidak-valid": ["alasan"],
            "dibatalkan": [],
        },
    )


def test_the_organization_has_the_roles_and_no_personal_names(organization: Organization) -> None:
    assert {role.id for role in organization.roles} == {
        *("pemohon", "pimpinan-unit", "helpdesk", "kepala-pustikom", "kadiv-layanan", "kadiv-pengembangan"),
        *("kadiv-infrastruktur", "koordinator-programmer", "koordinator-infrastruktur", "kasi-administrasi"),
        *("tim-programmer", "tim-teknis", "staf-data", "pengelola-sop"),
    }
    assert all(signatory.name == "" and signatory.number == "" for signatory in organization.signatories)
    assert organization.ticket_prefix == "UNJ"
    assert organization.project.identifier == "unj-layanan-tik"
