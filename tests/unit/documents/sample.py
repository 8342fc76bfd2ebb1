"""A ticket of the shipped procedure for technical services, on its way through all steps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from connector.calendars import work_calendar
from connector.documents.order import Order
from connector.engine.effects import MakeDocument
from connector.engine.sla import begin, end, pause, resume
from connector.engine.snapshot import Actor, Journal, Snapshot, StoredFile
from connector.engine.state import Stay, TicketState
from connector.sop.keys import status_key
from connector.sop.loader import load
from connector.sop.model import FieldType, Organization, Procedure

ROOT = Path(__file__).resolve().parents[3]
JAKARTA = dt.timezone(dt.timedelta(hours=7))
RECEIVED = dt.datetime(2026, 11, 2, 8, 15, tzinfo=JAKARTA)
NOW = dt.datetime(2026, 11, 21, 10, 30, tzinfo=JAKARTA)
NUMBER = "UNJ-2026-000123"
DOCUMENT = f"BA-{NUMBER}"
CODE = "0123-4567-89AB"
PUBLIC_URL = "https://layanan.contoh.ac.id"
SECRET = b"rahasia untuk pengujian, 32 huruf"

CATALOGUE = load(ROOT / "sop_mappings", ("unj",))


def organization() -> Organization:
    found = CATALOGUE.organization("unj")
    assert found is not None
    return found


def procedure() -> Procedure:
    found = CATALOGUE.procedure("unj", "permohonan-layanan-teknis")
    assert found is not None
    return found


VALUES = {
    "nama_pemohon": "Sari Contoh",
    "status_pemohon": "Dosen",
    "identitas": "198001012006041001",
    "unit_pemohon": "Program Studi Sastra Indonesia",
    "email_pemohon": "sari@contoh.ac.id",
    "telepon_pemohon": "081200000000",
    "jenis_layanan": "Jaringan dan Wi-Fi",
    "uraian": "Wi-Fi di ruang dosen lantai 3 terputus setiap beberapa menit sejak Senin.\n"
    "Dua laptop dan satu ponsel mengalami hal yang sama.",
    "koordinator": "Infrastruktur",
    "catatan_proses": "Titik akses diperiksa, kabel uplink diganti, kanal 5 GHz diatur ulang.",
    "hasil_akhir": "Sambungan stabil selama dua jam pengamatan, kecepatan unduh 92 Mbps.",
    "hasil_pengecekan": "Hasil sesuai dengan permohonan.",
}

#: Where the ticket goes when nothing comes in between.
WAY = (
    ("verifikasi-identitas", "terverifikasi", 0.3),
    ("penjadwalan", "dijadwalkan", 3),
    ("tindak-lanjut-jadwal", "disepakati", 20),
    ("koordinasi", "ditugaskan", 5),
    ("analisis-kebutuhan", "dianalisis", 60),
    ("penugasan-tim", "ditugaskan", 2),
    ("pelaksanaan", "dikerjakan", 50),
    ("pelaporan", "dilaporkan", 4),
    ("verifikasi-koordinator", "diterima", 6),
    ("verifikasi-kadiv", "diterima", 20),
    ("pengecekan-hasil", "sesuai", 3),
    ("uji-coba", "disetujui", 5),
)
LAST = "pengarsipan"


def snapshot(**values: str) -> Snapshot:
    """The issue with all its fields; `values` by field id, empty: not there."""
    given = {**VALUES, **values}
    fields = {field.key: given[field.id] for field in procedure().fields if given.get(field.id)}
    actor = Actor(id=7, name="Orang", roles=frozenset({"koordinator-programmer"}))
    tested = next(field for field in procedure().fields if field.id == "laporan_uji_coba")
    assert tested.type is FieldType.FILE
    return Snapshot(
        issue=42,
        procedure=procedure().key,
        project="project:unj",
        status=status_key("Pengarsipan"),
        subject="Jaringan",
        description="",
        author=actor,
        created=RECEIVED,
        fields=fields,
        files={
            tested.key: StoredFile(
                id=9, name="uji.pdf", size=1, content_type="application/pdf", digest="", author=1
            )
        },
        journals=(Journal(id=1, at=RECEIVED, by=actor),),
    )


def state(rounds: int = 1) -> TicketState:
    """The ticket stands in the step that makes the document; more rounds: sent back by the test each time."""
    stays: list[Stay] = []
    at = RECEIVED
    for turn in range(rounds):
        for step_id, outcome, hours in WAY if turn == 0 else WAY[6:]:
            again = step_id == "uji-coba" and turn < rounds - 1
            stays.append(_stay(step_id, "diperbaiki" if again else outcome, at, dt.timedelta(hours=hours)))
            at = stays[-1].left or at
    stays.append(_open(LAST, at))
    return TicketState(
        procedure=procedure().key,
        number=NUMBER,
        received=RECEIVED,
        origin="submission",
        token_hash="",
        stays=tuple(stays),
    )


CALENDAR = work_calendar(organization().calendar)


def _open(step_id: str, at: dt.datetime) -> Stay:
    step = procedure().step(step_id)
    assert step is not None
    return begin(procedure(), step, at, 1, values={}, calendar=CALENDAR)


def _stay(step_id: str, outcome: str, at: dt.datetime, lasting: dt.timedelta) -> Stay:
    return end(_open(step_id, at), at + lasting, outcome, by=8)


def paused(*, late: bool) -> Stay:
    """A stay that was paused, and left while its clock stood still."""
    stay = _open("verifikasi-identitas", RECEIVED)
    stopped = RECEIVED + (dt.timedelta(hours=2) if late else dt.timedelta(minutes=10))
    stay = pause(stay, stopped, CALENDAR)
    return end(stay, stopped + dt.timedelta(days=2), "ditolak", by=8)


def resumed() -> Stay:
    """A stay that was paused and went on."""
    stay = _open("verifikasi-identitas", RECEIVED)
    stay = pause(stay, RECEIVED + dt.timedelta(minutes=10), CALENDAR)
    back = RECEIVED + dt.timedelta(days=1)
    return end(resume(stay, back, CALENDAR), back + dt.timedelta(minutes=15), "terverifikasi", by=8)


def effect(field_id: str = "berita_acara", number: str = DOCUMENT) -> MakeDocument:
    field, document = procedure().field(field_id), procedure().document(field_id)
    assert field is not None
    assert document is not None
    return MakeDocument(
        template=document.template,
        field=field.key,
        field_id=field.id,
        kind=document.kind,
        key=f"{NUMBER}:{field.id}:13",
        number=number,
    )


def order(**changes: Any) -> Order:
    """The Berita Acara of the ticket; `changes` are other values of the order."""
    values = {
        "procedure": procedure(),
        "organization": organization(),
        "snapshot": snapshot(),
        "state": state(),
        "template": "naskah",
        "field": "berita_acara",
        "number": DOCUMENT,
        "code": CODE,
        "verify_url": f"{PUBLIC_URL}/verifikasi/{CODE}",
        "at": NOW,
    }
    return Order(**{**values, **changes})
