"""A made-up ticket that stands where a document is made, for those who edit templates and texts. Pure."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Mapping

from connector.documents.order import Order
from connector.engine import sla
from connector.engine.calendar import WorkCalendar
from connector.engine.snapshot import Actor, Snapshot, StoredFile
from connector.engine.state import PORTAL, Issued, Stay, TicketState
from connector.sop.keys import status_key
from connector.sop.model import FieldDef, FieldType, Organization, Output, OutputKind, Procedure, Step
from connector.sop.papers import DocumentDef

#: What people might have written; for other fields something of the right type.
EXAMPLES: Mapping[str, str] = {
    "nama_pemohon": "Sari Contoh",
    "email_pemohon": "sari@contoh.ac.id",
    "unit_pemohon": "Program Studi Contoh",
    "unit_kerja": "Fakultas Contoh",
    "perangkat_daerah": "Dinas Contoh",
    "jabatan_pemohon": "Ketua Program Studi Contoh",
    "anggota_tim": "Anggota Pertama; analisis dan perbaikan\nAnggota Kedua; pengujian\nAnggota Ketiga; dokumentasi",
    "peserta_diskusi": "Peserta Pertama; Pustikom\nPeserta Kedua; Program Studi Contoh",
    "kesepakatan_diskusi": "Perbaikan dimulai setelah jam layanan; tim programmer, minggu ini\n"
    "Uji coba bersama unit; unit kerja, minggu depan",
    "rincian_rab": "Kabel UTP Cat6; 100; meter; 8.500\nTitik akses Wi-Fi 6; 2; buah; 2.750.000\n"
    "Jasa penarikan kabel; 2,5; hari; 350.000",
    "titik_sambungan": "Ruang dosen; 4; titik akses\nRuang rapat; 2; stopkontak jaringan",
    "hasil_uji_sambungan": "Ruang dosen; 92 dan 88 Mbps; 3 ms, 0 persen\nRuang rapat; 90 dan 85 Mbps; 4 ms, 0 persen",
    "nama_akun": "sari.contoh",
    "alamat_email_unit": "fakultas@contoh.ac.id",
    "identitas": "198001012006041001",
}
#: How long a made-up step takes.
PACE = dt.timedelta(hours=20)
PERSON = Actor(id=8, name="Petugas Contoh")


#: Leads to no document: what is printed of a made-up ticket cannot pass for issued.
CODE = "0000-0000-0000"


def sample_order(
    procedure: Procedure,
    organization: Organization,
    calendar: WorkCalendar,
    document: DocumentDef,
    at: dt.datetime,
    public_url: str = "",
) -> Order:
    """An order for a document about a made-up ticket.

    Raises:
        ValueError: no step makes the document.
    """
    snapshot, state = sample(procedure, organization, calendar, document, at)
    return example_order(procedure, organization, document, at, snapshot, state, public_url)


def example_order(
    procedure: Procedure,
    organization: Organization,
    document: DocumentDef,
    at: dt.datetime,
    snapshot: Snapshot,
    state: TicketState,
    public_url: str = "",
) -> Order:
    """An order that gives out neither a number nor a code."""
    return Order(
        procedure=procedure,
        organization=organization,
        snapshot=snapshot,
        state=state,
        template=document.template,
        field=document.id,
        number=f"CONTOH/{document.kind}",
        code=CODE,
        verify_url=f"{public_url.rstrip('/')}/verifikasi/{CODE}",
        at=at,
    )


def sample(
    procedure: Procedure,
    organization: Organization,
    calendar: WorkCalendar,
    document: DocumentDef,
    at: dt.datetime,
) -> tuple[Snapshot, TicketState]:
    """A ticket of the procedure as it is when the document is made at `at`.

    Raises:
        ValueError: no step makes the document.
    """
    way = _way(procedure, document.id)
    received = at - PACE * (len(way) + 1)
    given = _given(procedure, way)
    state = TicketState(
        procedure=procedure.key,
        number=f"{organization.ticket_prefix}-{at.year}-000123",
        received=received,
        origin=PORTAL,
        token_hash="",
        stays=_stays(procedure, calendar, way, given, received),
    )
    written = [output.id for step, outcome in way for output in step.outputs if _done(output, outcome)]
    state = state.model_copy(
        update={"documents": tuple(_issued(procedure, state, name, at) for name in written)}
    )
    return _snapshot(procedure, organization, given, [*written, *_files(procedure, way)], state), state


def _way(procedure: Procedure, document: str) -> list[tuple[Step, str]]:
    """The steps to the one that makes the document, with the outcome taken; the last is open without one."""
    first = procedure.first_step
    if any(each.id == document for step in _before(procedure) for each in step.outputs):
        return [(first, "")]
    ahead: deque[list[tuple[Step, str]]] = deque([[(first, "")]])
    seen = {first.id}
    while ahead:
        way = ahead.popleft()
        step = way[-1][0]
        made = next((each for each in step.outputs if each.id == document), None)
        if made is not None:
            return [*way[:-1], (step, made.after[0] if made.after else "")]
        for name, outcome in step.outcomes.items():
            target = procedure.step(outcome.to)
            if target is not None and target.status is not None and target.id not in seen:
                seen.add(target.id)
                ahead.append([*way[:-1], (step, name), (target, "")])
    raise ValueError(f"tidak ada langkah yang membuat «{document}»")


def _before(procedure: Procedure) -> tuple[Step, ...]:
    return procedure.steps[: procedure.steps.index(procedure.first_step)]


def _done(output: Output, outcome: str) -> bool:
    return (
        output.kind is OutputKind.DOCUMENT and bool(outcome) and (not output.after or outcome in output.after)
    )


def _stays(
    procedure: Procedure,
    calendar: WorkCalendar,
    way: list[tuple[Step, str]],
    given: Mapping[str, str],
    received: dt.datetime,
) -> tuple[Stay, ...]:
    stays: list[Stay] = []
    at = received
    for number, (step, outcome) in enumerate(way):
        stay = sla.begin(procedure, step, at, number, values=dict(given), calendar=calendar)
        at += PACE
        stays.append(sla.end(stay, at, outcome, PERSON.id) if outcome else stay)
    step, outcome = way[-1]
    after = procedure.step(step.outcomes[outcome].to) if outcome else None
    if after is not None:
        stays.append(sla.begin(procedure, after, at, len(way), values=dict(given), calendar=calendar))
    return tuple(stays)


def _given(procedure: Procedure, way: list[tuple[Step, str]]) -> dict[str, str]:
    """What the form asked for and the steps left, by field id."""
    asked = procedure.form.fields if procedure.form else ()
    names = {*asked, *(output.id for step, _ in way for output in step.outputs)}
    names |= {need.field for step, _ in way for need in step.needs}
    found = (field for field in procedure.fields if field.id in names and field.type is not FieldType.FILE)
    return {field.id: _example(field) for field in found}


def _files(procedure: Procedure, way: list[tuple[Step, str]]) -> list[str]:
    asked = procedure.form.fields if procedure.form else ()
    made = {
        output.id for step in procedure.steps for output in step.outputs if output.kind is OutputKind.DOCUMENT
    }
    left = {output.id for step, outcome in way if outcome for output in step.outputs}
    return [
        field.id
        for field in procedure.fields
        if field.type is FieldType.FILE and field.id in {*asked, *left} and field.id not in made
    ]


def _example(field: FieldDef) -> str:
    if field.id in EXAMPLES:
        return EXAMPLES[field.id]
    match field.type:
        case FieldType.CHOICE:
            return field.choices[-1] if field.choices[-1][:1].isdigit() else field.choices[0]
        case FieldType.DATE:
            return "2026-11-24"
        case FieldType.NUMBER:
            return "60"
        case FieldType.EMAIL | FieldType.EMAILS:
            return EXAMPLES["email_pemohon"]
        case FieldType.IDENTITY:
            return EXAMPLES["identitas"]
        case FieldType.PHONE:
            return "0812-0000-1234"
        case FieldType.CONSENT:
            return "1"
        case FieldType.PARAGRAPH:
            return f"Contoh isian «{field.label}» yang ditulis dalam satu atau dua kalimat oleh pelaksananya."
        case _:
            return f"Contoh {field.name.lower()}"


def _issued(procedure: Procedure, state: TicketState, name: str, at: dt.datetime) -> Issued:
    document = procedure.document(name)
    return Issued(
        template=document.template if document else "",
        field=name,
        number=f"CONTOH-{state.number}",
        code="0000-0000-0000",
        sha256="0" * 64,
        attachment=None,
        at=at,
    )


def _snapshot(
    procedure: Procedure,
    organization: Organization,
    given: Mapping[str, str],
    files: list[str],
    state: TicketState,
) -> Snapshot:
    fields = {field.id: field for field in procedure.fields}
    stay = state.stay
    step = procedure.step(stay.step) if stay else None
    return Snapshot(
        issue=123,
        procedure=procedure.key,
        project=organization.project_key,
        status=status_key((step.status if step else None) or procedure.intake),
        subject=procedure.title,
        description="",
        author=PERSON,
        created=state.received,
        fields={fields[name].key: value for name, value in given.items()},
        files={
            fields[name].key: StoredFile(
                id=number,
                name=f"{name}.pdf",
                size=1000,
                content_type="application/pdf",
                digest=f"{number:064x}",
                author=PERSON.id,
            )
            for number, name in enumerate(dict.fromkeys(files), 900)
        },
        state=state,
    )
