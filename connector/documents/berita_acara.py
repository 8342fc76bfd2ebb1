"""What a Berita Acara says: the parties, the service, the steps it passed and who signs. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from connector.documents.codes import qr_matrix
from connector.documents.facts import Row, facts
from connector.documents.history import history, roles_of
from connector.documents.indonesian import date_short, date_spelled
from connector.documents.order import Order
from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.engine.words import DAYS, date_long, instant_words, zone_name
from connector.sop.model import (
    FieldType,
    Organization,
    Procedure,
    RoleDef,
    RoleKind,
    Signatory,
    Step,
    StepKind,
)

# The field ids under which procedures keep the same thing; the first that has a value is taken. A procedure with other
# ids is served by the row's field type, or goes without that row.
PARTY = (
    Row("Nama", ("nama_pemohon", "nama", "nama_pelapor")),
    Row("Nomor identitas", ("identitas",), kind=FieldType.IDENTITY),
    Row("Status", ("status_pemohon",)),
    Row("Jabatan", ("jabatan_pemohon", "jabatan")),
    Row("Unit", ("unit_pemohon", "unit_kerja", "unit", "instansi")),
)
REQUEST = (
    Row(
        "Jenis layanan",
        ("jenis_layanan", "jenis_permohonan", "jenis_masalah", "jenis_data"),
        kind=FieldType.CHOICE,
    ),
    Row("Uraian", ("uraian", "uraian_masalah", "uraian_kebutuhan"), kind=FieldType.PARAGRAPH),
)
WORK = (
    Row("Pekerjaan", ("catatan_proses", "catatan_pekerjaan", "tindakan", "catatan_perbaikan")),
    Row("Hasil", ("hasil_akhir", "hasil_pekerjaan", "hasil_perbaikan", "hasil")),
    Row(
        "Hasil uji",
        ("hasil_pengecekan", "hasil_uji_coba", "hasil_uji", "laporan_uji_coba"),
        outcomes_of=("uji-coba", "uji-kualitas", "pengecekan-hasil"),
    ),
)


def berita_acara_data(order: Order) -> dict[str, object]:
    """Everything that `templates/documents/berita-acara.typ` prints."""
    procedure, organization = order.procedure, order.organization
    snapshot, state = order.snapshot, order.state
    zone = ZoneInfo(organization.calendar.timezone)
    requesters = _requesters(procedure)
    officials = _officials(procedure, organization, requesters)
    party = facts(PARTY, procedure, snapshot, state, zone)
    later = _later(procedure, state)
    return {
        **_marks(order),
        "ticket": state.number,
        "organization": organization.model_dump(mode="json", include={"id", "name", "office", "city"}),
        "letterhead": organization.letterhead.model_dump(mode="json"),
        "date": _date(order.at, zone),
        "first": _official(officials[0], organization),
        "second": party,
        "service": [*_service(procedure, organization, snapshot, state, zone)],
        "steps": history(procedure, organization, snapshot, state, zone),
        "receiver": _receiver(party, organization, requesters, later),
        "signers": [_signer(each, later) for each in officials],
    }


def _marks(order: Order) -> dict[str, object]:
    """What tells this document from all others, and where that can be checked."""
    return {
        "number": order.number,
        "code": order.code,
        "url": order.verify_url,
        "qr": qr_matrix(order.verify_url),
    }


def _date(now: dt.datetime, zone: ZoneInfo) -> dict[str, str]:
    today = now.astimezone(zone).date()
    return {
        "day": DAYS[today.weekday()],
        "spelled": date_spelled(today),
        "short": date_short(today),
        "long": date_long(today),
        "zone": zone_name(now, zone),
    }


# the parties ------------------------------------------------------------------------------------------------


def _requesters(procedure: Procedure) -> frozenset[str]:
    """Who asks: requesters, and whoever takes the first step (a head of unit has an account, and asks)."""
    first = next((step.roles for step in procedure.steps if step.roles), ())
    return frozenset(procedure.requesters) | frozenset(first)


def _officials(
    procedure: Procedure, organization: Organization, requesters: frozenset[str]
) -> tuple[Signatory, ...]:
    """Those who sign for the office: the signatories that have a part in this procedure; the first is Pihak Pertama."""
    acting = {role for step in procedure.steps for role in step.roles} - requesters
    found = tuple(each for each in organization.signatories if each.role in acting)
    return found or (Signatory(role="pejabat", office=f"Pejabat {organization.short_name}"),)


def _official(signatory: Signatory, organization: Organization) -> list[tuple[str, str]]:
    """An empty value is a line to write on."""
    return [
        ("Nama", signatory.name),
        ("NIP", signatory.number),
        ("Jabatan", signatory.office),
        ("Unit", f"{organization.office}, {organization.name}"),
    ]


def _signer(signatory: Signatory, later: tuple[Step, ...]) -> dict[str, str]:
    move = _move(later, frozenset({signatory.role}))
    return {
        "office": signatory.office,
        "name": signatory.name,
        "number_label": "NIP",
        "number": signatory.number,
        "note": f"disahkan secara elektronik melalui perpindahan {move} di Redmine" if move else "",
    }


def _receiver(
    party: list[tuple[str, str]],
    organization: Organization,
    requesters: frozenset[str],
    later: tuple[Step, ...],
) -> dict[str, str]:
    """Who asked, as he signs: in Redmine if he has an account there, else on the tracking page."""
    known = dict(party)
    move = _move(later, requesters)
    roles = [role for role in organization.roles if role.id in requesters]
    portal = any(role.kind is RoleKind.REQUESTER for role in roles)
    how = "pernyataan pada" if portal else "perpindahan"
    where = "di halaman pelacakan tiket" if portal else "di Redmine"
    return {
        "office": " / ".join(role.title.partition(" (")[0] for role in roles) or "Pemohon",
        "name": known.get("Nama", ""),
        "number_label": "Nomor identitas",
        "number": known.get("Nomor identitas", ""),
        "note": f"disahkan secara elektronik melalui {how} {move} {where}" if move else "",
    }


def _later(procedure: Procedure, state: TicketState) -> tuple[Step, ...]:
    """The steps from where the ticket stands now to the end."""
    steps = [step for step in procedure.steps if step.kind is StepKind.STEP]
    here = state.stay.step if state.stay else ""
    start = next((index for index, step in enumerate(steps) if step.id == here), len(steps))
    return tuple(steps[start:])


def _move(steps: tuple[Step, ...], roles: frozenset[str]) -> str:
    """The last step ahead that is theirs: with the move out of it they sign. Empty: they sign by hand."""
    own = [step for step in steps if roles & set(step.roles)]
    return f"langkah {own[-1].no} ({own[-1].title})" if own else ""


# the service ------------------------------------------------------------------------------------------------


def _service(
    procedure: Procedure, organization: Organization, snapshot: Snapshot, state: TicketState, zone: ZoneInfo
) -> Iterator[tuple[str, str]]:
    yield "Nomor tiket", state.number
    yield "Prosedur", f"{procedure.title} ({procedure.code})"
    yield from facts(REQUEST, procedure, snapshot, state, zone)
    yield "Diterima", instant_words(state.received, zone)
    done = [stay.left for stay in state.stays if stay.left is not None]
    if done:
        yield "Selesai dikerjakan", instant_words(done[-1], zone)
    coordinator = _coordinator(procedure, organization, snapshot)
    if coordinator:
        yield "Koordinator", coordinator.title
    yield from facts(WORK, procedure, snapshot, state, zone)


def _coordinator(procedure: Procedure, organization: Organization, snapshot: Snapshot) -> RoleDef | None:
    """Whom a field of the ticket made responsible, in the first step that lets a field choose."""
    for step in procedure.steps:
        if step.assignee_by is not None:
            chosen = roles_of(step, procedure, snapshot)
            return organization.role(chosen[0]) if len(chosen) == 1 else None
    return None
