"""What a requester sees of his ticket: where it stands, what was done, what comes, what he may do. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from connector.engine.arrival import role_of
from connector.engine.progress import Rules, values
from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.state import Stay, TicketState
from connector.engine.words import date_words, instant_words
from connector.sop.model import FieldDef, FieldType, Organization, OutputKind, Procedure, Step
from connector.sop.table import MoveKind, is_requesters, is_return, moves, status_of


class Mood(StrEnum):
    """What the requester should feel at first sight."""

    RECORDING = "dicatat"
    WORKING = "diproses"
    WAITING = "menunggu"
    CONFIRM = "konfirmasi"
    DONE = "selesai"
    CLOSED = "ditutup"


@dataclass(frozen=True)
class Row:
    """One step on the way."""

    no: str
    title: str
    state: str
    who: str = ""
    when: str = ""


@dataclass(frozen=True)
class Choice:
    """An outcome the requester may take in his own step, with the fields it asks for."""

    outcome: str
    label: str
    fields: tuple[FieldDef, ...]
    main: bool


@dataclass(frozen=True)
class Paper:
    """A document he may read."""

    field: str
    title: str
    filename: str


@dataclass(frozen=True)
class TrackingView:
    """The tracking page."""

    number: str
    service: str
    mood: Mood
    headline: str
    detail: str
    received: str
    rows: tuple[Row, ...]
    hidden: int
    step: str | None = None
    choices: tuple[Choice, ...] = ()
    request: str = ""
    corrections: tuple[FieldDef, ...] = ()
    values: dict[str, str] | None = None
    papers: tuple[Paper, ...] = ()
    may_withdraw: bool = False
    pending: bool = False


#: So many steps that lie ahead are named; a requester need not read eighteen.
AHEAD = 3


def tracking_view(rules: Rules, snapshot: Snapshot, pending: tuple[RequesterAction, ...]) -> TrackingView:
    """The page of a ticket that is in Redmine."""
    state, procedure, zone = snapshot.state, rules.procedure, rules.calendar.zone
    if state is None:
        raise ValueError("a ticket without a state has no page")
    given = values(procedure, snapshot)
    mood = _mood(procedure, state)
    headline, detail = _headline(rules, state, mood, given)
    rows, hidden = _rows(rules, state, given)
    stay = state.stay
    step = procedure.step(stay.step) if stay else None
    reason = procedure.field(procedure.waiting.reason)
    waits = mood is Mood.WAITING
    return TrackingView(
        number=state.number,
        service=procedure.title,
        mood=mood,
        headline=headline,
        detail=detail,
        received=instant_words(state.received, zone),
        rows=rows,
        hidden=hidden,
        step=step.id if step else None,
        choices=_choices(procedure, step) if mood is Mood.CONFIRM and step and not pending else (),
        request=snapshot.value(reason) if waits and reason else "",
        corrections=_corrections(procedure) if waits and not pending else (),
        values={field.id: snapshot.value(field) for field in _corrections(procedure)} if waits else None,
        papers=_papers(procedure, snapshot, state),
        may_withdraw=not pending and _may_withdraw(procedure, snapshot),
        pending=bool(pending),
    )


def recorded_view(procedure: Procedure, number: str, received: str) -> TrackingView:
    """The page of a request that is stored and not yet in Redmine, or while Redmine is away."""
    return TrackingView(
        number=number,
        service=procedure.title,
        mood=Mood.RECORDING,
        headline="Permohonan Anda sudah kami terima",
        detail="Permohonan sedang dicatat. Muat ulang halaman ini beberapa saat lagi.",
        received=received,
        rows=(),
        hidden=0,
    )


def _mood(procedure: Procedure, state: TicketState) -> Mood:
    if state.ended is not None:
        end = procedure.end(state.ended)
        return Mood.DONE if end is not None and end.success else Mood.CLOSED
    if state.stay is None:
        return Mood.RECORDING
    if state.stay.paused:
        return Mood.WAITING
    step = procedure.step(state.stay.step)
    return Mood.CONFIRM if step is not None and is_requesters(procedure, step) else Mood.WORKING


def _headline(rules: Rules, state: TicketState, mood: Mood, given: dict[str, str]) -> tuple[str, str]:
    procedure, organization, zone = rules.procedure, rules.organization, rules.calendar.zone
    stay = state.stay
    step = procedure.step(stay.step) if stay else None
    due = instant_words(stay.due, zone) if stay and stay.due else ""
    until = f"Batas waktunya {due}." if due else ""
    match mood:
        case Mood.DONE:
            return "Layanan selesai", "Terima kasih sudah memakai layanan kami."
        case Mood.CLOSED:
            end = procedure.end(state.ended or "")
            return (end.title if end else "Ditutup"), "Permohonan ini sudah ditutup."
        case Mood.RECORDING:
            return (
                "Permohonan sedang diperiksa kelengkapannya",
                "Petugas akan menghubungi Anda bila ada yang kurang.",
            )
        case Mood.WAITING:
            return (
                "Kami menunggu perbaikan dari Anda",
                "Waktu layanan berhenti dihitung sampai Anda menjawab.",
            )
        case Mood.CONFIRM:
            return "Giliran Anda: nyatakan penerimaan hasil", until
        case Mood.WORKING:
            who = _who(organization, step, given)
            return (
                f"Sedang pada langkah {step.title.lower()}" if step else ""
            ), f"Ditangani oleh {who}. {until}".strip()


def _who(organization: Organization, step: Step | None, given: dict[str, str]) -> str:
    role = organization.role(role_of(step, given) or "") if step else None
    return role.title if role else organization.short_name


def _rows(rules: Rules, state: TicketState, given: dict[str, str]) -> tuple[tuple[Row, ...], int]:
    procedure, organization, zone = rules.procedure, rules.organization, rules.calendar.zone
    done = [_past(procedure, stay, zone) for stay in state.stays if stay.left is not None]
    rows = [Row(no="", title="Permohonan diterima", state="lewat", when=_day(state.received, zone)), *done]
    stay = state.stay
    if state.ended is not None:
        end = procedure.end(state.ended)
        ended = _day(state.ended_at, zone) if state.ended_at else ""
        rows.append(Row(no="", title=end.title if end else "", state="akhir", when=ended))
        return tuple(rows), 0
    if stay is None:
        return tuple(rows), 0
    step = procedure.step(stay.step)
    since = f"sejak {_day(stay.entered, zone)}"
    title = step.title if step else ""
    rows.append(
        Row(
            step.no if step else "",
            title,
            "menunggu" if stay.paused else "kini",
            _who(organization, step, given),
            since,
        )
    )
    ahead = _ahead(procedure, stay.step)
    rows += [Row(each.no, each.title, "nanti") for each in ahead[:AHEAD]]
    return tuple(rows), max(len(ahead) - AHEAD, 0)


def _past(procedure: Procedure, stay: Stay, zone: ZoneInfo) -> Row:
    step = procedure.step(stay.step)
    outcome = step.outcomes.get(stay.outcome or "") if step else None
    label = outcome.label if outcome and outcome.label else ""
    return Row(
        step.no if step else "",
        step.title if step else "",
        "lewat",
        label,
        _day(stay.left or stay.entered, zone),
    )


def _day(instant: dt.datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    return f"{date_words(local.date())} {local:%H.%M}"


def _ahead(procedure: Procedure, here: str) -> list[Step]:
    """The steps that follow if everything goes well: always the first outcome."""
    found: list[Step] = []
    step = procedure.step(here)
    while step is not None and step.outcomes:
        target = procedure.step(next(iter(step.outcomes.values())).to)
        if target is None or target in found or target.id == here:
            break
        found.append(target)
        step = target
    return found


def _choices(procedure: Procedure, step: Step) -> tuple[Choice, ...]:
    own = {output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT}
    fields = tuple(field for field in procedure.fields if field.id in own)
    named = [
        (name, outcome) for name, outcome in step.outcomes.items() if not is_return(procedure, outcome.to)
    ]
    return tuple(
        Choice(name, outcome.label or name, fields if position == 0 else (), main=position == 0)
        for position, (name, outcome) in enumerate(named)
    )


def _corrections(procedure: Procedure) -> tuple[FieldDef, ...]:
    asked = procedure.form.fields if procedure.form else ()
    found = {field.id: field for field in procedure.fields}
    return tuple(found[name] for name in asked if name in found and found[name].type is not FieldType.CONSENT)


def _papers(procedure: Procedure, snapshot: Snapshot, state: TicketState) -> tuple[Paper, ...]:
    """Documents are the requester's once they are handed over: from his own step on, and after a good end."""
    own = [step.id for step in procedure.active_steps if is_requesters(procedure, step)]
    end = procedure.end(state.ended or "")
    handed = any(stay.step in own for stay in state.stays) or (end is not None and end.success)
    if not handed:
        return ()
    names = {
        output.id for step in procedure.steps for output in step.outputs if output.kind is OutputKind.DOCUMENT
    }
    return tuple(
        Paper(field.id, field.label, snapshot.files[field.key].name)
        for field in procedure.fields
        if field.id in names and field.key in snapshot.files
    )


def _may_withdraw(procedure: Procedure, snapshot: Snapshot) -> bool:
    if procedure.withdrawn is None or snapshot.state is None or snapshot.state.ended is not None:
        return False
    target = status_of(procedure, procedure.withdrawn)
    return any(
        move.kind is MoveKind.WITHDRAW and move.origin == snapshot.status and move.target == target
        for move in moves(procedure)
    )
