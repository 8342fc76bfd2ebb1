from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from connector.documents.berita_acara import berita_acara_data
from connector.documents.history import on_time
from connector.documents.order import Order
from connector.engine.sla import end
from connector.engine.snapshot import Actor, Journal, Snapshot
from connector.engine.state import Stay, TicketState
from connector.sop.model import Organization, Procedure, Signatory
from tests import small
from tests.unit.documents import sample


def made(
    *,
    procedure: Procedure | None = None,
    organization: Organization | None = None,
    snapshot: Snapshot | None = None,
    state: TicketState | None = None,
    now: dt.datetime = sample.NOW,
) -> Any:
    order = Order(
        procedure=procedure or sample.procedure(),
        organization=organization or sample.organization(),
        snapshot=snapshot or sample.snapshot(),
        state=state or sample.state(),
        template="berita-acara",
        field="berita_acara",
        number=sample.DOCUMENT,
        code=sample.CODE,
        verify_url=f"{sample.PUBLIC_URL}/verifikasi/{sample.CODE}",
        at=now,
    )
    return berita_acara_data(order)


def test_it_is_json_and_the_same_every_time() -> None:
    assert json.dumps(made()) == json.dumps(made())


def test_the_date_is_that_of_the_office() -> None:
    # 22 November in UTC is not yet over in Jakarta, where it is 23 November.
    data = made(now=dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC))
    assert data["date"] == {
        "day": "Senin",
        "spelled": "dua puluh tiga bulan November tahun dua ribu dua puluh enam",
        "short": "23-11-2026",
        "long": "23 November 2026",
        "zone": "WIB",
    }


def test_the_code_leads_to_the_page_that_verifies_it() -> None:
    assert made()["url"] == "https://layanan.contoh.ac.id/verifikasi/0123-4567-89AB"


def test_the_parties() -> None:
    data = made()
    assert data["first"] == [
        ("Nama", ""),
        ("NIP", ""),
        ("Jabatan", "Kepala Pustikom"),
        ("Unit", "Pusat Teknologi Informasi dan Komunikasi, Universitas Negeri Jakarta"),
    ]
    assert data["second"] == [
        ("Nama", "Sari Contoh"),
        ("Nomor identitas", "198001012006041001"),
        ("Status", "Dosen"),
        ("Unit", "Program Studi Sastra Indonesia"),
    ]


def test_the_service() -> None:
    assert made()["service"] == [
        ("Nomor tiket", "UNJ-2026-000123"),
        ("Prosedur", "Permohonan Pelayanan Teknis IT (100r/UN39.17/SOP/V/2025)"),
        ("Jenis layanan", "Jaringan dan Wi-Fi"),
        ("Uraian", sample.VALUES["uraian"]),
        ("Diterima", "Senin, 2 November 2026 pukul 08.15 WIB"),
        ("Selesai dikerjakan", "Senin, 9 November 2026 pukul 18.33 WIB"),
        ("Koordinator", "Koordinator Infrastruktur Jaringan"),
        ("Pekerjaan", sample.VALUES["catatan_proses"]),
        ("Hasil", sample.VALUES["hasil_akhir"]),
        ("Hasil uji", "Lulus uji coba.\nHasil sesuai dengan permohonan."),
    ]


def test_contact_data_is_not_in_it() -> None:
    text = json.dumps(made())
    assert "sari@contoh.ac.id" not in text
    assert "081200000000" not in text


def test_what_is_not_known_is_left_out() -> None:
    empty = dict.fromkeys(sample.VALUES, "")
    data = made(snapshot=sample.snapshot(**empty))
    labels = [label for label, _ in data["service"]]
    assert labels == ["Nomor tiket", "Prosedur", "Diterima", "Selesai dikerjakan", "Hasil uji"]
    assert data["receiver"]["name"] == ""


def test_a_file_is_named_not_numbered() -> None:
    data = made(snapshot=sample.snapshot(hasil_pengecekan=""))
    assert dict(data["service"])["Hasil uji"] == "Lulus uji coba.\nBerkas uji.pdf"


def test_the_steps_passed() -> None:
    steps = made()["steps"]
    assert [step["no"] for step in steps] == ["2", *map(str, range(3, 15))]
    assert steps[0] == {
        "no": "2",
        "title": "Pengajuan permohonan",
        "role": "Pemohon",
        "begun": "–",
        "ended": "02-11-2026 08.15",
        "limit": "–",
        "due": "–",
        "on_time": "–",
    }
    assert steps[5] == {
        "no": "7",
        "title": "Analisis kebutuhan",
        "role": "Koordinator Infrastruktur Jaringan",
        "begun": "03-11-2026 12.33",
        "ended": "06-11-2026 00.33",
        "limit": "1 hari kerja",
        "due": "04-11-2026 16.00",
        "on_time": "Tidak",
    }


def test_every_stay_is_a_row_also_when_a_step_came_again() -> None:
    state = sample.state(5)
    assert len(made(state=state)["steps"]) == 1 + len(state.stays) - 1
    assert len(state.stays) > 30


def test_who_acted_is_named_though_another_was_chosen() -> None:
    step = next(stay for stay in sample.state().stays if stay.step == "analisis-kebutuhan")
    other = Actor(id=step.by or 0, name="Orang", roles=frozenset({"koordinator-programmer", "helpdesk"}))
    journals = (Journal(id=1, at=sample.RECEIVED, by=other),)
    data = made(snapshot=sample.snapshot().model_copy(update={"journals": journals}))
    assert data["steps"][5]["role"] == "Koordinator Programmer"


def test_a_step_that_the_mapping_no_longer_has_is_still_shown() -> None:
    state = sample.state()
    gone = state.stays[0].model_copy(update={"step": "langkah-lama"})
    data = made(state=state.model_copy(update={"stays": (gone, *state.stays[1:])}))
    assert data["steps"][1]["title"] == "langkah-lama"
    assert data["steps"][1]["role"] == "–"


@pytest.mark.parametrize(
    ("stay", "expected"),
    [
        (sample.paused(late=False), "Ya"),
        (sample.paused(late=True), "Tidak"),
        (sample.resumed(), "Ya"),
        (sample.state().stays[-1], "–"),
        (end(Stay(step="x", entered=sample.NOW, journal=1, version=""), sample.NOW, "y", None), "–"),
    ],
)
def test_whether_a_limit_was_kept(stay: Stay, expected: str) -> None:
    assert on_time(stay) == expected


def test_who_signs_and_how() -> None:
    data = made()
    assert [(each["office"], each["note"]) for each in data["signers"]] == [
        (
            "Kepala Pustikom",
            "disahkan secara elektronik melalui perpindahan langkah 16 (Penyerahan hasil) di Redmine",
        ),
        (
            "Kepala Divisi Layanan dan Pangkalan Data",
            "disahkan secara elektronik melalui perpindahan langkah 15 (Pengarsipan) di Redmine",
        ),
    ]
    assert data["receiver"] == {
        "office": "Pemohon",
        "name": "Sari Contoh",
        "number_label": "Nomor identitas",
        "number": "198001012006041001",
        "note": "disahkan secara elektronik melalui pernyataan pada langkah 17 (Penerimaan dan survei kepuasan)"
        " di halaman pelacakan tiket",
    }


def test_signatories_have_the_names_that_were_configured() -> None:
    named = Signatory(role="kepala-pustikom", office="Kepala", name="Nama Contoh", number="1234")
    organization = sample.organization().model_copy(update={"signatories": (named,)})
    data = made(organization=organization)
    assert dict(data["first"])["Nama"] == data["signers"][0]["name"] == "Nama Contoh"


def test_a_signatory_without_a_part_in_the_procedure_does_not_sign() -> None:
    other = Signatory(role="staf-data", office="Staf Data")
    organization = sample.organization()
    organization = organization.model_copy(update={"signatories": (other, *organization.signatories)})
    offices = [each["office"] for each in made(organization=organization)["signers"]]
    assert offices == ["Kepala Pustikom", "Kepala Divisi Layanan dan Pangkalan Data"]


def test_who_asks_does_not_sign_for_the_office_and_signs_in_redmine_with_an_account() -> None:
    procedure = sample.procedure()
    steps = tuple(
        step.model_copy(update={"roles": ("pimpinan-unit",)}) if "pemohon" in step.roles else step
        for step in procedure.steps
    )
    procedure = procedure.model_copy(update={"steps": steps, "requesters": ()})
    organization = sample.organization()
    unit = Signatory(role="pimpinan-unit", office="Pimpinan unit")
    organization = organization.model_copy(update={"signatories": (unit, *organization.signatories)})
    data = made(procedure=procedure, organization=organization)
    assert data["signers"][0]["office"] == "Kepala Pustikom"
    assert data["receiver"]["office"] == "Pimpinan unit kerja"
    assert data["receiver"]["note"].endswith(
        "perpindahan langkah 17 (Penerimaan dan survei kepuasan) di Redmine"
    )


def test_a_procedure_with_other_fields_and_no_signatories_has_a_document_too() -> None:
    ticket = small.FakeTicket.at(("meja", "Pengerjaan"), regu="A")
    snapshot = ticket.snapshot
    assert snapshot.state is not None
    data = made(
        procedure=small.PROCEDURE, organization=small.ORGANIZATION, snapshot=snapshot, state=snapshot.state
    )
    assert dict(data["first"])["Jabatan"] == "Pejabat Pustik"
    assert dict(data["second"]) == {"Nama": "Sari"}
    assert dict(data["service"])["Uraian"] == "Jaringan mati"
    assert dict(data["service"])["Koordinator"] == "Tim A"
