"""Walk a ticket through its procedure, each step by its own role's user, as staff would in Redmine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.sop.keys import status_key
from connector.sop.model import NIP, FieldDef, FieldType, OutputKind, Procedure, Step
from connector.sop.table import actors, is_requesters
from devtools.people import Api, Desk, Person, wait_until

#: What people would write. By field id; for others something of the right type is made up.
EXAMPLES: Mapping[str, str] = {
    "nama_pemohon": "Sari Melati",
    "email_pemohon": "sari.melati@kampus.contoh.id",
    "telepon_pemohon": "0812-0000-1234",
    "identitas": "1301619001",
    "uraian": "Wi-Fi di ruang dosen lantai 3 gedung Dewi Sartika terputus setiap beberapa menit sejak Senin.",
    "alasan": "Permohonan di luar lingkup layanan ini.",
    "permintaan_perbaikan": "Mohon unggah foto kartu identitas yang terbaca.",
    "unit_pemohon": "Program Studi Pendidikan Teknik Informatika",
    "jenis_layanan": "Jaringan dan Wi-Fi",
    "lokasi_layanan": "Gedung Dewi Sartika lantai 3",
    "status_pemohon": "Dosen",
    "prioritas_layanan": "Tinggi",
    "cara_verifikasi": "Data kepegawaian",
    "hasil_koordinasi": "Disepakati penggantian titik akses; bahan tersedia di gudang.",
    "penugasan_teknis": "Penugasan Wi-Fi gedung Dewi Sartika lantai 3",
    "ruang_lingkup": "Penggantian dua titik akses dan pengaturan ulang kanal radio.",
    "spesifikasi_teknis": "Titik akses Wi-Fi 6 dua pita, PoE+, kabel UTP Cat6.",
    "estimasi_waktu": "Dua hari kerja",
    "kebutuhan_sumber_daya": "Dua teknisi, dua titik akses, satu gulung kabel, tangga.",
    "tim_ditugaskan": "Dua teknisi jaringan",
    "catatan_proses": "Titik akses diganti, kanal radio diatur ulang, kabel diuji.",
    "hasil_akhir": "Sinyal stabil di seluruh ruang; kecepatan unduh 80 Mbps.",
    "verifikasi_koordinator": "Pekerjaan sesuai ruang lingkup; hasil uji kabel terlampir.",
    "verifikasi_kadiv": "Dokumentasi lengkap dan sesuai standar layanan.",
    "hasil_pengecekan": "Dosen di ruang itu mengonfirmasi sambungan stabil.",
    "lokasi_arsip": "Arsip digital Pustikom, folder Layanan Teknis 2026",
    "saran": "Terima kasih, pengerjaannya rapi.",
    "rincian_rab": "Kabel UTP Cat6; 2; gulung; 1.250.000\nTitik akses Wi-Fi; 3; unit; 2.100.000",
}
#: Where a civil servant alone may ask.
EXAMPLE_NIP = "198609262015051001"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def example(field: FieldDef, today: dt.date) -> str:
    """A value for a field that is no file."""
    if field.type is FieldType.IDENTITY and {each.id for each in field.accepted} == {NIP.id}:
        return EXAMPLE_NIP
    return EXAMPLES.get(field.id) or _example_of_type(field, today)


def _example_of_type(field: FieldDef, today: dt.date) -> str:
    match field.type:
        case FieldType.CHOICE:
            return field.choices[0]
        case FieldType.DATE:
            return today.isoformat()
        case FieldType.NUMBER:
            return "3"
        case FieldType.EMAIL | FieldType.EMAILS:
            return "sari.melati@kampus.contoh.id"
        case FieldType.IDENTITY:
            return EXAMPLES["identitas"]
        case FieldType.PHONE:
            return "0812-0000-1234"
        case FieldType.CONSENT:
            return "1"
        case FieldType.PARAGRAPH:
            return f"{field.label}: sudah diperiksa dan dicatat."
        case _:
            return f"{field.label} (contoh)"[: field.max_length or 200]


@dataclass(frozen=True)
class Walker:
    """One ticket, the people who handle it, and the day it is."""

    procedure: Procedure
    issue: int
    url: str
    people: Mapping[str, list[Person]]
    keys: Mapping[str, int]
    today: dt.date

    def desk(self, role: str) -> Desk:
        """The ticket's procedure as the first holder of a role sees it."""
        return Desk(Api(self.url, self.people[role][0].api_key), self.procedure, self.keys)

    def given(self) -> dict[str, str]:
        """What the ticket's fields hold now, by field id."""
        desk = self.desk(self.procedure.registrars[0])
        read = {each["id"]: str(each["value"] or "") for each in desk.api.issue(self.issue)["custom_fields"]}
        return {field.id: read.get(self.keys[field.key], "") for field in self.procedure.fields}

    def holder(self, step: Step) -> str:
        """The role that acts in a step: chosen by a field where the procedure says so."""
        by = step.assignee_by
        if by is not None:
            return by.roles.get(self.given().get(by.field, ""), step.roles[0])
        if is_requesters(self.procedure, step):
            return self.procedure.on_behalf[0]
        return actors(self.procedure, step)[0]

    def leave(
        self,
        step: Step,
        outcome: str,
        *,
        role: str | None = None,
        notes: str = "",
        fill: bool = True,
        choose: Mapping[str, str] | None = None,
    ) -> None:
        """Take an outcome of a step, with everything filled in that its target needs and the step leaves."""
        target = self.target(step, outcome)
        fields, files = self.wanted(step, outcome) if fill else ({}, {})
        fields |= dict(choose or {})
        desk = self.desk(role or self.holder(step))
        desk.edit(self.issue, status=target, notes=notes, fields=fields, files=files)

    def target(self, step: Step, outcome: str) -> str:
        """The name of the status an outcome leads to."""
        to = step.outcomes[outcome].to
        place = self.procedure.step(to) or self.procedure.end(to)
        if place is None:
            raise LookupError(to)
        return place.status or self.procedure.waiting.status

    def wanted(self, step: Step, outcome: str) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
        """Values and files for what an outcome's target needs, and for what the step leaves."""
        to = step.outcomes[outcome].to
        place = self.procedure.step(to) or self.procedure.end(to)
        back = place is not None and place.status is None
        ids = (
            [self.procedure.waiting.reason] if back else [need.field for need in place.needs] if place else []
        )
        if not back:
            ids += [output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT]
        documents = {document.id for document in self.procedure.documents}
        given = self.given()
        fields, files = {}, {}
        for field in self.procedure.fields:
            if field.id not in ids or field.id in documents or given.get(field.id):
                continue
            if field.type is FieldType.FILE:
                files[field.id] = (f"{field.id}.pdf", PDF)
            else:
                fields[field.id] = example(field, self.today)
        return fields, files

    def wait_for(self, status: str, *, seconds: float = 30) -> None:
        """Wait until the connector has dealt with the ticket in a status: its step field says so."""
        desk = self.desk(self.procedure.registrars[0])
        step = next((s for s in self.procedure.active_steps if s.status == status), None)
        words = f"{step.no} dari " if step else ""

        def arrived() -> bool:
            return desk.status(self.issue) == status and desk.value(
                self.issue, "field:sop:langkah"
            ).startswith(words)

        wait_until(f"issue {self.issue} in «{status}»", arrived, seconds=seconds)

    def forward(self, step: Step, outcome: str, *, seen: Callable[[Step, str], None] | None = None) -> None:
        """Take an outcome and wait for what the connector does about it."""
        self.leave(step, outcome)
        status = self.target(step, outcome)
        self.wait_for(status)
        if seen is not None:
            seen(step, status)


def main_way(procedure: Procedure) -> list[tuple[Step, str]]:
    """The steps and outcomes of a request for which everything goes well: always the first outcome."""
    way: list[tuple[Step, str]] = []
    step: Step | None = procedure.first_step
    while step is not None and step.outcomes:
        name, outcome = next(iter(step.outcomes.items()))
        way.append((step, name))
        step = procedure.step(outcome.to)
        if step is not None and status_key(step.status or "") in {status_key(s.status or "") for s, _ in way}:
            raise ValueError(f"the main way of {procedure.key} goes round at {step.id}")
    return way
