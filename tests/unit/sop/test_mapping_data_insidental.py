"""The mapping of Permintaan Data Insidental against the facts of its source, written down here a second time."""

from __future__ import annotations

import pytest

from connector.engine.progress import missing
from connector.sop.access import access_of
from connector.sop.model import Basis, Catalogue, FieldType, OutputKind, Procedure
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

HEAD, SERVICE, DEVELOPMENT = ("kepala-pustikom",), ("kadiv-layanan",), ("kadiv-pengembangan",)
LEAD, DATA = ("koordinator-programmer",), ("staf-data",)
SOURCE: list[Row] = [
    ("1", ("pemohon",), "1 hari kerja", {"2"}),
    ("2", HEAD, "1 hari kerja", {"3a", "1", "ditolak"}),
    ("3a", SERVICE, "1 hari kerja", {"3b"}),
    ("3b", DEVELOPMENT, "1 hari kerja", {"4"}),
    ("4", DEVELOPMENT, "1 hari kerja", {"5"}),
    ("5", SERVICE, "1 hari kerja", {"6"}),
    ("6", ("kasi-administrasi",), "30 menit", {"7"}),
    ("7", HEAD, "15 menit", {"8", "6"}),
    ("8", SERVICE, "15 menit", {"9"}),
    ("9", LEAD, "1 hari kerja", {"10"}),
    ("10", DATA, "3 hari kerja", {"11"}),
    ("11", DATA, "3 hari kerja", {"12"}),
    ("12", DATA, "3 hari kerja", {"13"}),
    ("13", DATA, "1 hari kerja", {"14"}),
    ("14", DATA, "1 hari kerja", {"15a"}),
    ("15a", DEVELOPMENT, "1 hari kerja", {"15b", "12"}),
    ("15b", SERVICE, "1 hari kerja", {"16", "12"}),
    ("16", ("pimpinan-unit",), "1 hari kerja", {"17", "12"}),
    ("17", SERVICE, "1 hari kerja", {"18"}),
    ("18", HEAD, "1 hari kerja", {"selesai"}),
]
NEEDS = {
    "2": {"uraian_kebutuhan", "tujuan_penggunaan", "kanal_pengiriman"},
    "6": {"anggota_tim"},
    "7": {"draf_surat_tugas"},
    "8": {"surat_tugas"},
    "9": {"klasifikasi_data", "persetujuan_penggunaan"},
    "10": {"penerima_akses", "akses_diberikan", "akses_sampai"},
    "11": {"sumber_data"},
    "12": {"prosedur_pengumpulan"},
    "13": {"ringkasan_dataset", "lokasi_dataset", "kanal_pengiriman"},
    "14": {"tanggal_pengiriman", "bukti_pengiriman"},
    "15a": {"laporan_perkembangan"},
    "15b": {"verifikasi_kadiv_pengembangan"},
    "16": {"verifikasi_kadiv_pengembangan", "verifikasi_kadiv_layanan"},
    "17": {"verifikasi_pimpinan"},
    "18": {"arsip_dokumentasi"},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped("unj")


@pytest.fixture(scope="module")
def procedure(catalogue: Catalogue) -> Procedure:
    return find(catalogue, "unj/permintaan-data-insidental")


def test_the_steps_are_the_sources(procedure: Procedure) -> None:
    assert rows(procedure) == SOURCE


def test_the_needs_follow_from_what_the_steps_leave(procedure: Procedure) -> None:
    read = needs(procedure)
    for number, expected in NEEDS.items():
        assert expected <= read[number], number


def test_the_roles_are_stated_and_the_times_are_not(procedure: Procedure) -> None:
    every = {row[0] for row in SOURCE}
    assert marked(procedure, "role", Basis.STATED) == every
    assert marked(procedure, "limit", Basis.INFERRED) == every
    assert marked(procedure, "outcomes", Basis.INFERRED) == every


def test_the_head_is_the_sources(procedure: Procedure) -> None:
    assert procedure.header.created is procedure.header.effective is procedure.header.revised is None
    assert head_counts(procedure) == {
        "legal_basis": 7,
        "qualifications": 0,
        "related": 7,
        "equipment": 0,
        "indicators": 6,
    }
    assert procedure.header.recording


def test_only_the_request_comes_before_the_ticket(procedure: Procedure) -> None:
    assert [step.no for step in procedure.steps if step.status is None] == ["1"]


def test_names_fit_redmine_and_are_not_those_of_its_default_data(procedure: Procedure) -> None:
    check_names(procedure, 19 + 3 + 3)


def test_restricted_data_needs_the_approval_before_access_is_given(procedure: Procedure) -> None:
    step = by_number(procedure, "9")
    given = {"surat_tugas": "7", "klasifikasi_data": "Terbatas"}
    assert [field.id for field in missing(procedure, step, given)] == ["persetujuan_penggunaan"]
    assert not missing(procedure, step, {**given, "persetujuan_penggunaan": "8"})
    for free in ("Publik", "Internal"):
        assert not missing(procedure, step, {**given, "klasifikasi_data": free})


def test_the_classification_is_the_service_divisions_and_nobody_elses(procedure: Procedure) -> None:
    field = procedure.field("klasifikasi_data")
    assert field is not None
    assert field.choices == ("Publik", "Internal", "Terbatas")
    access = access_of(procedure, ())
    roles = {role for step in procedure.active_steps for role in step.roles}
    places = {f"status:{name}" for name in ("penerimaan-surat-tugas", "koordinasi-programmer")}
    assert access.writable("status:koordinasi-kadiv-layanan", "kadiv-layanan", "klasifikasi_data")
    assert not any(access.writable(place, role, "klasifikasi_data") for place in places for role in roles)


def test_the_two_heads_of_division_sign_one_after_the_other(procedure: Procedure) -> None:
    for first, second in (("3a", "3b"), ("15a", "15b")):
        one, other = by_number(procedure, first), by_number(procedure, second)
        assert {*one.roles, *other.roles} == {"kadiv-layanan", "kadiv-pengembangan"}
        assert next(iter(one.outcomes.values())).to == other.id
        assert {output.id for output in one.outputs} <= {need.field for need in other.needs}


def test_papers_are_written_or_uploaded_and_the_data_never(procedure: Procedure) -> None:
    assert outputs(procedure, OutputKind.DOCUMENT) == {
        "1": {"formulir_terisi", "bukti_pendaftaran"},
        "2": {"persetujuan_permintaan"},
        "6": {"draf_surat_tugas"},
        "7": {"surat_tugas"},
        "9": {"lembar_akses"},
        "15b": {"laporan_verifikasi"},
        "17": {"laporan_pengarsipan"},
        "18": {"daftar_arsip", "berita_acara_data"},
    }
    assert outputs(procedure, OutputKind.UPLOAD) == {
        "8": {"persetujuan_penggunaan"},
        "14": {"laporan_perkembangan"},
    }


def test_the_form_asks_who_what_for_what_and_where_to(procedure: Procedure) -> None:
    assert procedure.form is not None
    assert procedure.form.code == "FRM-DATA-002"
    types = {field.type for field in procedure.fields if field.id in procedure.form.fields}
    assert {FieldType.IDENTITY, FieldType.EMAIL, FieldType.PHONE, FieldType.FILE, FieldType.CONSENT} <= types
    who = procedure.field("bertindak_sebagai")
    assert who is not None
    assert who.choices == ("Perorangan", "Perwakilan unit kerja")


def test_satisfaction_is_asked_where_the_unit_verifies(procedure: Procedure) -> None:
    assert "kepuasan_layanan" in {output.id for output in by_number(procedure, "16").outputs}
    assert "kepuasan_layanan" in needs(procedure)["17"]


def test_the_told(procedure: Procedure) -> None:
    assert {
        ("2", "pemohon"),
        ("4", "koordinator-programmer"),
        ("8", "staf-data"),
        ("13", "pemohon"),
    } <= told(procedure)
    # the role is bound to the ticket's unit
    assert {no for no, role in told(procedure) if role == "pimpinan-unit"} == {"16"}


def test_every_return_and_refusal_says_why(procedure: Procedure) -> None:
    check_ends(procedure, {"selesai": ["tanggal_serah_terima"], "ditolak": ["alasan"], "dibatalkan": []})
