"""The mapping of POS 100b against the facts of its source, written down here a second time and on their own."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.commands.listing import described, table
from connector.sop.model import Basis, Catalogue, FieldType, OutputKind, Procedure, StepKind
from connector.sop.table import duties
from tests.unit.sop.source_table import (
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

UNIT, HEAD, SERVICE = ("pimpinan-unit",), ("kepala-pustikom",), ("kadiv-layanan",)
DEVELOPMENT, NETWORK = ("kadiv-pengembangan",), ("kadiv-infrastruktur",)
LEAD, TEAM = ("koordinator-programmer",), ("tim-programmer",)
SOURCE: list[Row] = [
    ("1", (), None, set()),
    ("2", UNIT, "15 menit", {"3"}),
    ("3", UNIT, "15 menit", {"4"}),
    ("4", HEAD, "15 menit", {"5", "ditolak", "2"}),
    ("5", HEAD, "1 hari kerja", {"6", "ditolak"}),
    ("6", SERVICE, "1 hari kerja", {"7"}),
    ("7", SERVICE, "1 hari kerja", {"8"}),
    ("8", SERVICE, "3 hari kerja", {"9"}),
    ("9", DEVELOPMENT, "1 hari kerja", {"10"}),
    ("10", LEAD, "3 hari kerja", {"11"}),
    ("11", LEAD, "1 hari kerja", {"12"}),
    ("12", DEVELOPMENT, "1 hari kerja", {"13"}),
    ("13", LEAD, "1 hari kerja", {"14"}),
    ("14", ("kasi-administrasi",), "30 menit", {"15"}),
    ("15", HEAD, "15 menit", {"16", "14"}),
    ("16", LEAD, "15 menit", {"17"}),
    ("17", LEAD, "3 hari kerja", {"18"}),
    ("18", TEAM, "5 hari kerja", {"20"}),
    ("19", TEAM, "setiap 1 minggu", set()),
    ("20", LEAD, "1 hari kerja", {"21", "2", "18"}),
    ("21", DEVELOPMENT, "1 hari kerja", {"22", "2", "18"}),
    ("22", SERVICE, "1 hari kerja", {"23", "2", "18"}),
    ("23", HEAD, "1 hari kerja", {"24", "2", "18"}),
    ("24", DEVELOPMENT, "1 hari kerja", {"25", "18"}),
    ("25", DEVELOPMENT, "1 hari kerja", {"26"}),
    ("26", NETWORK, "1 hari kerja", {"27"}),
    ("27", ("koordinator-infrastruktur",), "1 hari kerja", {"28"}),
    ("28", TEAM, "1 hari kerja", {"29"}),
    ("29", SERVICE, "2 hari kerja", {"30"}),
    ("30", HEAD, "1 hari kerja", {"31"}),
    ("31", UNIT, "1 hari kerja", {"selesai", "28"}),
]
#: What the source asks for before a step (its kelengkapan), as far as it is a thing somebody gives.
VERIFIED = {"persetujuan_tertulis", "bukti_masalah", "tindak_lanjut_awal", "laporan_penanganan"}
SERVER = {"nama_si", "data_teknis_si"}
HANDED = {"hasil_perbaikan", "laporan_perbaikan", "buku_panduan", "arsip_dokumentasi"}
NEEDS = {
    "4": {"uraian_masalah", "bukti_masalah"},
    "5": {"uraian_masalah", "hasil_pemeriksaan"},
    "7": {"uraian_masalah", "bukti_masalah", "unit_pemohon", "hasil_pemeriksaan", "draf_jadwal"},
    "9": {"evaluasi_risiko", "dampak_operasional", "rekomendasi_teknis"},
    "10": {"evaluasi_risiko", "dampak_operasional", "rekomendasi_teknis"},
    "11": {"analisis_masalah", "analisis_teknis", "rencana_transisi"},
    "12": {"analisis_masalah"},
    "13": {"analisis_masalah"},
    "14": {"anggota_tim", "analisis_masalah"},
    "15": {"draf_surat_tugas"},
    "16": {"surat_tugas"},
    "17": {"analisis_masalah", "analisis_teknis", "rencana_transisi"},
    "18": {"repositori_kode"},
    **{str(number): VERIFIED for number in range(20, 24)},
    "24": {"laporan_penanganan"},
    **{str(number): SERVER for number in range(25, 28)},
    "28": {"penerima_akses", "akses_diberikan", "akses_sampai", "dokumentasi_server"},
    "29": {"laporan_penanganan"},
    "30": HANDED | {"draf_berita_acara"},
    "31": HANDED | {"berita_acara_serah_terima"},
}
#: The steps whose role the source states: in words, or by the mark that the others lost.
ROLE_STATED = {"4", "5", "9", "25", "26", "27", "28", "29"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped("unj")


@pytest.fixture(scope="module")
def procedure(catalogue: Catalogue) -> Procedure:
    return find(catalogue, "unj/pengaduan-masalah-si")


def test_the_steps_are_the_sources(procedure: Procedure) -> None:
    assert rows(procedure) == SOURCE


def test_the_needs_are_the_sources(procedure: Procedure) -> None:
    read = needs(procedure)
    for number, expected in NEEDS.items():
        assert expected <= read[number], number


def test_what_the_source_does_not_state_is_marked(procedure: Procedure) -> None:
    every = {str(number) for number in range(1, 32)}
    assert marked(procedure, "limit", Basis.STATED) == every
    assert marked(procedure, "role", Basis.STATED) == ROLE_STATED | {"1"}
    assert marked(procedure, "role", Basis.INFERRED) == every - ROLE_STATED - {"1"}
    assert marked(procedure, "outcomes", Basis.STATED) == {"1", "4", "19"}
    assert not any(marked(procedure, fact, Basis.MISSING) for fact in ("role", "limit", "outcomes"))


def test_the_words_of_the_checks_are_the_sources(procedure: Procedure) -> None:
    assert list(by_number(procedure, "4").outcomes) == ["valid", "ditolak", "revisi"]
    for number in ("20", "21", "22", "23"):
        step = by_number(procedure, number)
        assert list(step.outcomes) == ["diterima", "dikembalikan", "perlu-perbaikan"]
        for outcome in step.outcomes.values():
            assert ("pemohon",) in {tell.to for tell in outcome.tell}, (number, outcome.to)


def test_the_head_is_the_sources(procedure: Procedure) -> None:
    assert procedure.code == procedure.header.number == "100b/UN39.17/SOP/V/2025"
    assert (procedure.header.created, procedure.header.effective) == (
        dt.date(2025, 5, 8),
        dt.date(2025, 5, 9),
    )
    assert procedure.header.revised is None
    assert head_counts(procedure) == {
        "legal_basis": 9,
        "qualifications": 7,
        "related": 18,
        "equipment": 6,
        "indicators": 0,
    }
    assert procedure.header.warning
    assert procedure.header.recording


def test_what_comes_before_the_ticket(procedure: Procedure) -> None:
    assert [step.no for step in procedure.steps if step.status is None] == ["1", "2", "3", "19"]
    assert procedure.first_step.no == "4"


def test_names_fit_redmine_and_are_not_those_of_its_default_data(procedure: Procedure) -> None:
    check_names(procedure, 27 + 3 + 3)


def test_the_weekly_report_is_a_duty_of_step_18(procedure: Procedure, catalogue: Catalogue) -> None:
    duty = by_number(procedure, "19")
    assert duty.kind is StepKind.DUTY
    assert {step.no: duties(procedure, step) for step in procedure.steps if duties(procedure, step)} == {
        "18": (duty,)
    }
    assert {output.id for output in duty.outputs} == {
        "progres_persen",
        "progres_tahapan",
        "progres_kendala",
        "progres_bukti",
    }
    assert all(procedure.field(output.id).renew for output in duty.outputs)  # type: ignore[union-attr]
    warned = {str(each.at): each.to for each in duty.escalation or ()}
    assert warned == {
        "1 hari kerja sebelum": ("pelaksana",),
        "batas": ("pelaksana", "koordinator-programmer"),
    }
    shown = next(step for step in described(procedure, catalogue)["steps"] if step["no"] == "19")
    assert shown["kind"] == "duty"
    assert shown["limit"] == shown["every"] == {"amount": 1, "unit": "minggu"}
    assert "Waktu       setiap 1 minggu" in table(procedure)


def test_which_papers_the_connector_writes_and_which_people_upload(procedure: Procedure) -> None:
    assert outputs(procedure, OutputKind.DOCUMENT) == {
        "3": {"formulir_terisi", "bukti_pendaftaran"},
        "4": {"lembar_disposisi"},
        "5": {"persetujuan_tertulis"},
        "7": {"surat_jadwal"},
        "11": {"notulen_diskusi"},
        "14": {"draf_surat_tugas"},
        "15": {"surat_tugas"},
        "23": {"laporan_verifikasi"},
        "24": {"laporan_uji_coba"},
        "27": {"lembar_akses"},
        "29": {"draf_berita_acara", "laporan_pengarsipan"},
        "30": {"berita_acara_serah_terima"},
        "31": {"daftar_arsip"},
    }
    assert outputs(procedure, OutputKind.UPLOAD) == {
        "18": {"laporan_penanganan"},
        "19": {"progres_bukti"},
        "27": {"dokumentasi_server"},
        "28": {"laporan_perbaikan"},
        "29": {"buku_panduan"},
    }


def test_what_somebody_approves_is_made_by_his_approval(procedure: Procedure) -> None:
    """A refusal leaves no letter of approval, and what is drafted is there before."""
    made = {output.id: output.after for step in procedure.steps for output in step.outputs}
    assert made["persetujuan_tertulis"] == made["surat_tugas"] == ("disetujui",)
    assert made["berita_acara_serah_terima"] == ("diserahkan",)
    assert made["draf_surat_tugas"] == made["draf_berita_acara"] == ()


def test_access_is_logged_as_who_what_and_until_when(procedure: Procedure) -> None:
    left = {output.id for output in by_number(procedure, "27").outputs}
    assert {"penerima_akses", "akses_diberikan", "akses_sampai"} <= left
    until = procedure.field("akses_sampai")
    assert until is not None
    assert until.type is FieldType.DATE
    for name in ("penerima_akses", "akses_diberikan", "data_teknis_si", "kebutuhan_akses"):
        field = procedure.field(name)
        assert field is not None
        assert "kata sandi" in field.help.lower(), name


def test_the_form_asks_who_what_and_for_proof(procedure: Procedure) -> None:
    assert procedure.form is not None
    assert procedure.form.code == "FRM-SI-005"
    types = {field.type for field in procedure.fields if field.id in procedure.form.fields}
    assert {FieldType.IDENTITY, FieldType.EMAIL, FieldType.PHONE, FieldType.FILE, FieldType.CONSENT} <= types
    personal = {field.id for field in procedure.fields if field.personal and field.type is not FieldType.FILE}
    assert personal == {"nama_pemohon", "identitas", "email_pemohon", "telepon_pemohon"}


def test_the_told_are_those_of_the_source(procedure: Procedure) -> None:
    """The reporter: the checks and 29. The other heads of division: 8. The team: 16. The head of the centre: 29."""
    assert {
        ("4", "pemohon"),
        ("8", "kadiv-pengembangan"),
        ("8", "kadiv-infrastruktur"),
        ("16", "tim-programmer"),
        ("29", "kepala-pustikom"),
        ("29", "pemohon"),
        ("31", "pemohon"),
    } <= told(procedure)


def test_only_the_head_of_the_reporting_unit_is_told(catalogue: Catalogue, procedure: Procedure) -> None:
    """The role stands for every head of a unit: it is bound to the ticket's own, and told where he takes part."""
    head = catalogue.organizations[0].role("pimpinan-unit")
    assert head is not None
    assert head.unit == "unit_pemohon"
    assert {no for no, role in told(procedure) if role == "pimpinan-unit"} == {"11", "24", "31"}


def test_every_return_and_refusal_says_why(procedure: Procedure) -> None:
    check_ends(procedure, {"selesai": [], "ditolak": ["alasan"], "dibatalkan": []})
