"""What a document says, from the mapping's words and a ticket."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.documents.builders import document_data
from connector.documents.history import on_time
from connector.documents.signers import masked
from connector.documents.values import BLANK
from connector.engine.sla import end
from connector.engine.snapshot import Actor, Journal
from connector.engine.state import PORTAL, Countersigned, Stay, TicketState
from connector.engine.words import instant_words
from connector.errors import DocumentError
from connector.sop.model import Acting, ActingTitle, Procedure, Signatory
from connector.sop.papers import Block, DocumentDef, Signer
from tests import small
from tests.unit.documents import sample


def berita_acara(**changes: Any) -> Any:
    return document_data(sample.order(**changes))


def saying(procedure: Procedure, *body: Any, **more: Any) -> Procedure:
    """The procedure with a document `uji` in the field of the Berita Acara."""
    document = {
        "id": "berita_acara",
        "template": "naskah",
        "kind": "uji",
        "title": "Uji",
        "body": body,
        **more,
    }
    return procedure.model_copy(update={"documents": (DocumentDef.model_validate(document),)})


def said(*body: Any, **changes: Any) -> list[Any]:
    """The body of such a document about the sample's ticket."""
    body_of: list[Any] = berita_acara(procedure=saying(sample.procedure(), *body), **changes)["body"]
    return body_of


def rows(data: Any) -> dict[str, str]:
    return {
        row["label"]: row["value"] for part in data["body"] if part["kind"] == "rows" for row in part["rows"]
    }


def steps(data: Any) -> list[dict[str, str]]:
    (found,) = [part["rows"] for part in data["body"] if part["kind"] == "steps"]
    return list(found)


def texts(data: Any) -> list[str]:
    return ["".join(run["text"] for run in part["runs"]) for part in data["body"] if part["kind"] == "text"]


# what it is -----------------------------------------------------------------------------------------------------


def test_it_is_json_and_the_same_every_time() -> None:
    data = berita_acara()
    assert data == json.loads(json.dumps(data)) == berita_acara()


def test_a_document_that_the_mapping_no_longer_has_is_an_error() -> None:
    gone = sample.procedure().model_copy(update={"documents": ()})
    with pytest.raises(
        DocumentError, match="«berita_acara» tidak ada lagi dalam POS unj/permohonan-layanan-teknis"
    ):
        berita_acara(procedure=gone)


def test_its_marks() -> None:
    data = berita_acara()
    assert (data["number"], data["code"], data["ticket"]) == (sample.DOCUMENT, sample.CODE, sample.NUMBER)
    assert data["url"] == "https://layanan.contoh.ac.id/verifikasi/0123-4567-89AB"
    assert data["date"] == "21 November 2026"


def test_the_date_is_that_of_the_office() -> None:
    # 22 November in UTC is not yet over in Jakarta, where it is 23 November.
    data = berita_acara(at=dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC))
    assert data["date"] == "23 November 2026"
    assert texts(data)[0].startswith(
        "Pada hari ini, Senin, tanggal dua puluh tiga bulan November tahun dua ribu dua puluh enam (23-11-2026)"
    )


# texts ----------------------------------------------------------------------------------------------------------


def test_names_in_brackets_are_filled_in_and_stars_are_bold() -> None:
    (part,) = said({"text": "Tiket *{tiket}* dari {nama_pemohon} di {kota}."})
    assert part["runs"] == [
        {"text": "Tiket ", "bold": False},
        {"text": "UNJ-2026-000123", "bold": True},
        {"text": " dari Sari Contoh di Jakarta.", "bold": False},
    ]


def test_what_people_wrote_is_no_sign_of_anything() -> None:
    odd = "*tebal* {tiket} {nama_pemohon} }{"
    (part,) = said({"text": "Uraian: {uraian}"}, snapshot=sample.snapshot(uraian=odd))
    assert part["runs"] == [{"text": f"Uraian: {odd}", "bold": False}]


def test_what_is_not_known_is_room_to_write_and_a_text_of_nothing_else_is_left_out() -> None:
    empty = sample.snapshot(nama_pemohon="", uraian="")
    assert texts({"body": said({"text": "{nama_pemohon} dari {unit_pemohon}"}, snapshot=empty)}) == [
        f"{BLANK} dari Program Studi Sastra Indonesia"
    ]
    assert said({"text": "Dari {nama_pemohon}: {uraian}"}, snapshot=empty) == []


def test_a_heading_that_nothing_follows_is_left_out() -> None:
    parts = said(
        {"heading": "Kosong"},
        {"rows": [{"label": "X", "fields": ["saran"]}]},
        {"heading": "Lagi"},
        {"text": "a"},
    )
    assert [part["kind"] for part in parts] == ["heading", "text"]
    assert parts[0]["runs"][0]["text"] == "Lagi"


def test_items_of_nothing_known_are_left_out() -> None:
    (part,) = said({"items": ["satu", "{saran}", "tiket {tiket}"]})
    assert [runs[0]["text"] for runs in part["items"]] == ["satu", "tiket UNJ-2026-000123"]


def test_a_part_may_hang_on_a_choice() -> None:
    when = {"text": "Jaringan.", "when": {"jenis_layanan": "Jaringan dan Wi-Fi"}}
    assert texts({"body": said(when)}) == ["Jaringan."]
    assert said(when, snapshot=sample.snapshot(jenis_layanan="Perangkat keras")) == []


# rows -----------------------------------------------------------------------------------------------------------


def test_the_parties_and_the_service() -> None:
    data = berita_acara()
    parts = [part["rows"] for part in data["body"] if part["kind"] == "rows"]
    assert [(row["label"], row["value"]) for row in parts[0]] == [
        ("Nama", ""),
        ("NIP", ""),
        ("Jabatan", "Kepala Pustikom"),
        ("Unit", "Pusat Teknologi Informasi dan Komunikasi, Universitas Negeri Jakarta"),
    ]
    assert [(row["label"], row["value"]) for row in parts[1]] == [
        ("Nama", "Sari Contoh"),
        ("Nomor identitas", "198001012006041001"),
        ("Status", "Dosen"),
        ("Unit", "Program Studi Sastra Indonesia"),
    ]
    assert [(row["label"], row["value"]) for row in parts[2]] == [
        ("Nomor tiket", "UNJ-2026-000123"),
        ("Prosedur", "Permohonan Pelayanan Teknis IT (100r/UN39.17/SOP/V/2025)"),
        ("Jenis layanan", "Jaringan dan Wi-Fi"),
        ("Uraian", sample.VALUES["uraian"]),
        ("Diterima", "Senin, 2 November 2026 pukul 08.15 WIB"),
        ("Selesai dikerjakan", "Senin, 9 November 2026 pukul 18.33 WIB"),
        ("Koordinator", "Infrastruktur"),
        ("Pekerjaan", sample.VALUES["catatan_proses"]),
        ("Hasil", sample.VALUES["hasil_akhir"]),
        ("Hasil uji", "Lulus uji coba.\nHasil sesuai dengan permohonan."),
    ]


def test_contact_data_is_not_in_it() -> None:
    text = json.dumps(berita_acara())
    assert "sari@contoh.ac.id" not in text
    assert "081200000000" not in text


def test_an_empty_row_is_left_out_unless_there_is_to_be_room_for_it() -> None:
    data = berita_acara(snapshot=sample.snapshot(**dict.fromkeys(sample.VALUES, "")))
    shown = rows(data)
    assert "Uraian" not in shown
    assert "Status" not in shown
    assert shown["Nomor identitas"] == ""
    assert data["signers"][1]["name"] == ""


def test_a_file_is_named_not_numbered() -> None:
    data = berita_acara(snapshot=sample.snapshot(hasil_pengecekan=""))
    assert rows(data)["Hasil uji"] == "Lulus uji coba.\nBerkas uji.pdf"


def test_a_choice_may_be_shown_with_all_that_were_open() -> None:
    (part,) = said({"rows": [{"label": "Status", "fields": ["status_pemohon"], "checks": True}]})
    assert part["rows"] == [
        {"label": "Status", "value": "Dosen", "choices": ["Mahasiswa", "Dosen", "Tenaga kependidikan"]}
    ]


def test_the_form_is_shown_as_it_was_asked_and_answered() -> None:
    parts = said({"form": True})
    person, request = (part["rows"] for part in parts if part["kind"] == "rows")
    assert [part["runs"][0]["text"] for part in parts if part["kind"] == "heading"] == [
        "Data pemohon",
        "Isi permohonan",
    ]
    assert person[0] == {"label": "Nama lengkap", "value": "Sari Contoh"}
    assert person[-1]["label"] == "Nomor telepon atau WhatsApp"
    assert {"label": "Bukti pendukung", "value": ""} in request
    assert {"label": "Gedung dan ruang", "value": ""} in request
    form = sample.procedure().form
    assert form is not None
    assert len(person) + len(request) == len(form.fields)


# steps passed ---------------------------------------------------------------------------------------------------


def test_the_steps_passed() -> None:
    found = steps(berita_acara())
    assert [step["no"] for step in found] == ["2", *map(str, range(3, 15))]
    assert found[0] == {
        "no": "2",
        "title": "Pengajuan permohonan",
        "role": "Pemohon",
        "begun": "–",
        "ended": "02-11-2026 08.15",
        "limit": "–",
        "due": "–",
        "on_time": "–",
    }
    assert found[5] == {
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
    assert len(steps(berita_acara(state=state))) == 1 + len(state.stays) - 1
    assert len(state.stays) > 30


def test_who_acted_is_named_though_another_was_chosen() -> None:
    step = next(stay for stay in sample.state().stays if stay.step == "analisis-kebutuhan")
    other = Actor(id=step.by or 0, name="Orang", roles=frozenset({"koordinator-programmer", "helpdesk"}))
    journals = (Journal(id=1, at=sample.RECEIVED, by=other),)
    data = berita_acara(snapshot=sample.snapshot().model_copy(update={"journals": journals}))
    assert steps(data)[5]["role"] == "Koordinator Programmer"


def test_a_step_that_the_mapping_no_longer_has_is_still_shown() -> None:
    state = sample.state()
    gone = state.stays[0].model_copy(update={"step": "langkah-lama"})
    found = steps(berita_acara(state=state.model_copy(update={"stays": (gone, *state.stays[1:])})))
    assert (found[1]["title"], found[1]["role"]) == ("langkah-lama", "–")


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


# who signs ------------------------------------------------------------------------------------------------------


BY_THE_REQUESTER = "Menunggu pernyataan secara elektronik pada langkah 17 (Penerimaan dan survei kepuasan)"


def test_who_signs_and_how() -> None:
    assert [(each["office"], each["name"], each["note"]) for each in berita_acara()["signers"]] == [
        (
            "Kepala Pustikom",
            "",
            "Menunggu persetujuan secara elektronik pada langkah 16 (Penyerahan hasil)",
        ),
        (
            "Pemohon",
            "Sari Contoh",
            BY_THE_REQUESTER,
        ),
        (
            "Kepala Divisi Layanan dan Pangkalan Data",
            "",
            "Menunggu persetujuan secara elektronik pada langkah 15 (Pengarsipan)",
        ),
    ]


def test_what_a_move_made_is_signed_by_that_move() -> None:
    data = document_data(sample.order(field="surat_jadwal", template="surat"))
    (signer,) = data["signers"]
    assert signer["note"] == (
        "Disetujui secara elektronik oleh Kepala Divisi Layanan dan Pangkalan Data pada Selasa, 3 November 2026"
        f" pukul 07.33 WIB · kode {sample.CODE}"
    )


def test_a_form_is_signed_by_sending_it_and_by_hand_at_the_desk() -> None:
    def note(origin: str) -> str:
        state = sample.state().model_copy(update={"origin": origin})
        data = document_data(sample.order(field="formulir_terisi", template="formulir", state=state))
        return str(data["signers"][0]["note"])

    assert note(PORTAL) == (
        "Disampaikan secara elektronik melalui formulir daring pada Senin, 2 November 2026 pukul 08.15 WIB"
    )
    assert note("redmine") == ""


def test_an_official_has_signed_once_he_moved_the_ticket_on_and_not_before() -> None:
    state = sample.state()
    later = _moved(state, "pengarsipan", "diarsipkan", "penyerahan-hasil")
    third = document_data(sample.order(state=later))["signers"][2]
    assert third["note"] == (
        f"Disetujui secara elektronik oleh Kepala Divisi Layanan dan Pangkalan Data pada {instant(later)}"
        f" · kode {sample.CODE}"
    )
    handed = _moved(later, "penyerahan-hasil", "diserahkan", "penerimaan-survei")
    first, second, _third = document_data(sample.order(state=handed))["signers"]
    assert first["note"].startswith("Disetujui secara elektronik oleh Kepala Pustikom pada ")
    assert second["note"] == BY_THE_REQUESTER
    back = _moved(later, "penyerahan-hasil", "diatur", "penerimaan-survei")
    assert document_data(sample.order(state=back))["signers"][0]["note"].startswith("Menunggu persetujuan")


def test_what_was_signed_before_the_document_was_made_anew_does_not_count() -> None:
    signed = _moved(sample.state(), "pengarsipan", "diarsipkan", "penyerahan-hasil")
    twice = _moved(signed, "penyerahan-hasil", "kembali", "pengarsipan")
    notes = [each["note"] for each in document_data(sample.order(state=twice))["signers"]]
    assert all(note.startswith("Menunggu") for note in notes)


def test_the_office_is_that_of_the_day_of_the_signature() -> None:
    later = _moved(sample.state(), "pengarsipan", "diarsipkan", "penyerahan-hasil")
    left = later.stays[-2].left
    assert left is not None
    day = left.astimezone(sample.JAKARTA).date()
    acting = Acting.model_validate(
        {"title": ActingTitle.DAILY, "name": "Pengganti", "number": "9", "from": day, "until": day}
    )
    named = Signatory(role="kadiv-layanan", office="Kepala Divisi", name="Pemegang", acting=(acting,))
    organization = sample.organization().model_copy(update={"signatories": (named,)})
    third = document_data(sample.order(state=later, organization=organization))["signers"][2]
    assert (third["name"], third["office"]) == ("Pengganti", "Plh. Kepala Divisi")
    assert third["note"].startswith("Disetujui secara elektronik oleh Plh. Kepala Divisi pada")


def test_the_requester_states_it_himself_or_staff_record_it() -> None:
    def note(by: int | None) -> str:
        state = _moved(sample.state(), "pengarsipan", "diarsipkan", "penyerahan-hasil")
        state = _moved(state, "penyerahan-hasil", "diserahkan", "penerimaan-survei")
        state = _moved(state, "penerimaan-survei", "diterima", "penutupan", by=by)
        return str(document_data(sample.order(state=state))["signers"][1]["note"])

    assert note(None).startswith("Dinyatakan secara elektronik oleh Pemohon pada ")
    assert note(8).startswith("Dicatat oleh petugas atas nama Pemohon pada ")


def test_a_code_signs_with_the_name_that_was_typed_and_hides_the_address() -> None:
    state = sample.state()
    proof = Countersigned(
        document="berita_acara",
        number=sample.DOCUMENT,
        into="berita_acara",
        stay=state.position,
        name="Sari Contoh, M.Hum.",
        address="sari@contoh.ac.id",
        at=sample.NOW,
    )
    signed = state.model_copy(update={"countersigned": (proof,)})
    second = document_data(sample.order(state=signed))["signers"][1]
    assert second["name"] == "Sari Contoh, M.Hum."
    assert second["note"] == (
        "Ditandatangani secara elektronik pada Sabtu, 21 November 2026 pukul 10.30 WIB dengan kode yang dikirim ke"
        f" s***i@contoh.ac.id · kode {sample.CODE}"
    )
    old = signed.model_copy(
        update={"countersigned": (proof.model_copy(update={"stay": state.position - 1}),)}
    )
    assert document_data(sample.order(state=old))["signers"][1]["note"] == BY_THE_REQUESTER


@pytest.mark.parametrize(
    ("address", "shown"), [("sari@a.id", "s***i@a.id"), ("ab@a.id", "a***@a.id"), ("a@a.id", "a***@a.id")]
)
def test_addresses_are_masked(address: str, shown: str) -> None:
    assert masked(address) == shown


def instant(state: TicketState) -> str:
    return instant_words(state.stays[-2].left or sample.NOW, ZoneInfo("Asia/Jakarta"))


def _moved(state: TicketState, step: str, outcome: str, to: str, by: int | None = 8) -> TicketState:
    """The state after a move."""
    assert state.stays[-1].step == step
    at = state.stays[-1].entered + dt.timedelta(hours=2)
    done = end(state.stays[-1], at, outcome, by)
    return state.model_copy(update={"stays": (*state.stays[:-1], done, sample._open(to, at))})


def test_signatories_have_the_names_that_were_configured() -> None:
    named = Signatory(role="kepala-pustikom", office="Kepala", name="Nama Contoh", number="1234")
    organization = sample.organization().model_copy(update={"signatories": (named,)})
    data = berita_acara(organization=organization)
    assert rows(data)["Nomor identitas"] == "198001012006041001"
    assert (data["signers"][0]["name"], data["signers"][0]["number"]) == ("Nama Contoh", "1234")
    assert data["signers"][2]["office"] == "Kepala Divisi Layanan dan Pangkalan Data"


@pytest.mark.parametrize(
    ("at", "office", "name", "number"),
    [
        # in Jakarta it is the next day already
        ("2026-11-19T16:59:59+00:00", "Kepala", "Pemegang", "1"),
        ("2026-11-19T17:00:00+00:00", "Plh. Kepala", "Pengganti", "2"),
        ("2026-11-21T23:59:59+07:00", "Plh. Kepala", "Pengganti", "2"),
        ("2026-11-22T00:00:00+07:00", "Plt. Kepala", "Pelaksana", ""),
        ("2026-11-23T00:00:00+07:00", "Kepala", "Pemegang", "1"),
    ],
)
def test_an_acting_officer_signs_on_his_days(at: str, office: str, name: str, number: str) -> None:
    acting = [
        {"title": "Plh.", "name": "Pengganti", "number": "2", "from": "2026-11-20", "until": "2026-11-21"},
        {"title": "Plt.", "name": "Pelaksana", "from": "2026-11-22", "until": "2026-11-22"},
    ]
    named = {
        "role": "kepala-pustikom",
        "office": "Kepala",
        "name": "Pemegang",
        "number": "1",
        "acting": acting,
    }
    organization = sample.organization().model_copy(
        update={"signatories": (Signatory.model_validate(named),)}
    )
    first = berita_acara(organization=organization, at=dt.datetime.fromisoformat(at))["signers"][0]
    assert (first["office"], first["name"], first["number"]) == (office, name, number)


def test_who_asks_with_an_account_signs_in_redmine() -> None:
    procedure = sample.procedure()
    again = tuple(
        step.model_copy(update={"roles": ("pimpinan-unit",)}) if "pemohon" in step.roles else step
        for step in procedure.steps
    )
    data = berita_acara(procedure=procedure.model_copy(update={"steps": again, "requesters": ()}))
    assert data["signers"][1]["office"] == "Pimpinan unit kerja"
    assert data["signers"][1]["note"] == (
        "Menunggu persetujuan secara elektronik pada langkah 17 (Penerimaan dan survei kepuasan)"
    )


def test_a_name_that_would_not_fit_below_a_signature_is_cut_there_only() -> None:
    data = berita_acara(snapshot=sample.snapshot(nama_pemohon="Nama " * 200))
    assert len(data["signers"][1]["name"]) == 90
    assert rows(data)["Nama"] == ("Nama " * 200).strip()


def test_an_organization_without_signatories_leaves_room_for_the_role() -> None:
    ticket = small.FakeTicket.at(("meja", "Pengerjaan"), regu="A")
    assert ticket.snapshot.state is not None
    document = DocumentDef(
        id="berita-acara",
        template="naskah",
        kind="ba",
        title="BA",
        body=(Block(official="kepala"),),
        signers=(Signer(role="kepala"),),
    )
    data = document_data(
        sample.order(
            procedure=small.PROCEDURE.model_copy(update={"documents": (document,)}),
            organization=small.ORGANIZATION,
            snapshot=ticket.snapshot,
            state=ticket.snapshot.state,
            field="berita-acara",
        )
    )
    assert [row["value"] for row in data["body"][0]["rows"]] == [
        "",
        "",
        "Kepala",
        "Pusat TIK, Universitas Uji",
    ]
    assert data["signers"] == [
        {"words": "", "office": "Kepala", "name": "", "number_label": "NIP", "number": "", "note": ""}
    ]
