"""What a requester sees of his ticket: where it stands, what comes, and what he may do about it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connector.engine.arrival import requester_address
from connector.engine.progress import Rules, values
from connector.engine.snapshot import RequesterAction, Snapshot, Submission
from connector.engine.state import Stay, TicketState
from connector.engine.words import date_words, instant_words
from connector.portal.deeds import Deed, deeds_before, deeds_of
from connector.portal.timeline import Way, way_before, way_of, who
from connector.sop.model import OutputKind, Procedure, Step
from connector.sop.table import is_on_portal


class Mood(StrEnum):
    """What the requester should understand at first sight."""

    RECORDING = "dicatat"
    WORKING = "diproses"
    WAITING = "menunggu"
    CONFIRM = "konfirmasi"
    DONE = "selesai"
    CLOSED = "ditutup"


LABELS: Mapping[Mood, str] = {
    Mood.RECORDING: "Sudah diterima",
    Mood.WORKING: "Sedang diproses",
    Mood.WAITING: "Menunggu Anda",
    Mood.CONFIRM: "Giliran Anda",
    Mood.DONE: "Selesai",
    Mood.CLOSED: "Ditutup",
}


@dataclass(frozen=True)
class Paper:
    """A document he may read."""

    field: str
    title: str
    filename: str
    size: int


@dataclass(frozen=True)
class Words:
    """Where a ticket stands, in words: a headline, an explanation, facts, a note on them, and what staff wrote for the
    requester."""

    headline: str
    detail: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    note: str = ""
    message_label: str = ""
    message: str = ""


@dataclass(frozen=True)
class TrackingView:
    """The tracking page."""

    number: str
    service: str
    mood: Mood
    words: Words
    received: str
    way: Way
    address: str = ""
    step: str | None = None
    reached: int = 0
    of: int = 0
    deeds: tuple[Deed, ...] = ()
    papers: tuple[Paper, ...] = ()
    pending: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The mood in a word or two."""
        return LABELS[self.mood]


def tracking_view(
    rules: Rules, snapshot: Snapshot, pending: Sequence[RequesterAction], now: dt.datetime
) -> TrackingView:
    """The page of a ticket that is in Redmine."""
    state, procedure = snapshot.state, rules.procedure
    if state is None:
        raise ValueError("a ticket without a state has no page")
    given = values(procedure, snapshot)
    step = procedure.step(state.stay.step) if state.stay else None
    return TrackingView(
        number=state.number,
        service=procedure.title,
        mood=mood_of(procedure, state),
        words=_words(rules, state, given, now),
        received=instant_words(state.received, rules.calendar.zone),
        way=way_of(rules, state, given, now),
        address=requester_address(procedure, given),
        step=step.id if step else None,
        reached=_reached(procedure, state, step),
        of=len(procedure.steps),
        deeds=() if pending else deeds_of(procedure, snapshot.status, state, given),
        papers=_papers(procedure, snapshot, state),
        pending=bool(pending),
        values=given,
    )


def recorded_view(rules: Rules, submission: Submission, pending: Sequence[RequesterAction]) -> TrackingView:
    """The page of a request that is stored and not yet in Redmine, or that Redmine cannot show now."""
    procedure = rules.procedure
    given = dict(submission.fields)
    if submission.issue is None:
        words = Words(
            "Permohonan Anda sudah kami terima",
            "Permohonan sudah tersimpan dan sedang dicatat. Waktu layanan sudah dihitung sejak diterima.",
        )
    else:
        words = Words(
            "Permohonan Anda tersimpan",
            "Rinciannya sementara belum dapat ditampilkan. Prosesnya tetap berjalan; silakan buka lagi nanti.",
        )
    return TrackingView(
        number=submission.number,
        service=procedure.title,
        mood=Mood.RECORDING,
        words=words,
        received=instant_words(submission.received, rules.calendar.zone),
        way=way_before(rules, submission.received, given) if submission.issue is None else Way(()),
        address=requester_address(procedure, given),
        deeds=deeds_before(procedure) if submission.issue is None and not pending else (),
        pending=bool(pending),
    )


def mood_of(procedure: Procedure, state: TicketState) -> Mood:
    """The mood of a ticket in this state."""
    if state.ended is not None:
        end = procedure.end(state.ended)
        return Mood.DONE if end is not None and end.success else Mood.CLOSED
    if state.stay is None:
        return Mood.RECORDING
    if state.stay.paused:
        return Mood.WAITING
    step = procedure.step(state.stay.step)
    return Mood.CONFIRM if step is not None and is_on_portal(procedure, step) else Mood.WORKING


def _words(rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime) -> Words:
    procedure = rules.procedure
    match mood_of(procedure, state):
        case Mood.DONE:
            return Words("Layanan selesai", "Terima kasih sudah memakai layanan kami.")
        case Mood.CLOSED:
            return _closed(procedure, state, given)
        case Mood.RECORDING:
            return Words(
                "Kelengkapan permohonan sedang diperiksa",
                "Petugas akan menghubungi Anda bila ada yang kurang.",
            )
        case Mood.WAITING:
            reason = given.get(procedure.waiting.reason, "")
            until = instant_words(state.expires, rules.calendar.zone) if state.expires else ""
            after = " Tanpa jawaban sampai saat di bawah ini, permohonan ditutup." if until else ""
            return Words(
                "Kami memerlukan perbaikan dari Anda",
                f"Waktu layanan berhenti dihitung sampai Anda mengirim perbaikan.{after}",
                (("Mohon dijawab sebelum", until),) if until else (),
                message_label="Yang perlu diperbaiki",
                message=reason,
            )
        case Mood.CONFIRM:
            step = procedure.step(state.stay.step) if state.stay else None
            detail = "Hasil layanan sudah diserahkan. Periksa hasilnya, lalu jawab di bawah."
            facts = _due(rules, state, "Mohon dijawab sebelum")
            return Words(step.title if step else "", detail, facts, _moved(rules, state))
        case Mood.WORKING:
            return _working(rules, state, given, now)


def _closed(procedure: Procedure, state: TicketState, given: dict[str, str]) -> Words:
    end = procedure.end(state.ended or "")
    named = [need.field for need in end.needs] if end else []
    reason = next((each for each in procedure.fields if each.id in named and given.get(each.id)), None)
    return Words(
        end.title if end else "Ditutup",
        "Permohonan ini sudah ditutup. Anda dapat mengajukan permohonan baru kapan saja.",
        (("Dilanjutkan pada permohonan", state.duplicate_of),) if state.duplicate_of else (),
        message_label=reason.label if reason else "",
        message=given[reason.id] if reason else "",
    )


def _working(rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime) -> Words:
    stay = state.stay
    step = rules.procedure.step(stay.step) if stay else None
    late = stay is not None and stay.due is not None and stay.due < now
    return Words(
        step.title if step else "",
        "Langkah ini melewati batas waktunya. Kami mohon maaf; permohonan Anda tetap kami kerjakan."
        if late
        else "",
        (
            ("Ditangani oleh", who(rules.organization, step, given)),
            *_due(rules, state, "Seharusnya selesai" if late else "Selesai paling lambat"),
        ),
        _moved(rules, state),
    )


def _due(rules: Rules, state: TicketState, label: str) -> tuple[tuple[str, str], ...]:
    due = state.stay.due if state.stay else None
    return ((label, instant_words(due, rules.calendar.zone)),) if due else ()


def _moved(rules: Rules, state: TicketState) -> str:
    """Why it will take longer, or less, than was said before."""
    stay = state.stay
    if stay is None or stay.due is None or not stay.moves:
        return ""
    before = date_words(stay.moves[0].old.astimezone(rules.calendar.zone).date())
    reasons = "; ".join(dict.fromkeys(each.reason for each in stay.moves))
    return f"Semula paling lambat {before}; bergeser karena {reasons}."


def _reached(procedure: Procedure, state: TicketState, step: Step | None) -> int:
    """How many of the procedure's steps were reached, for the bar."""
    if state.ended is not None:
        end = procedure.end(state.ended)
        return len(procedure.steps) if end is not None and end.success else 0
    return procedure.steps.index(step) + 1 if step in procedure.steps else 0


def _papers(procedure: Procedure, snapshot: Snapshot, state: TicketState) -> tuple[Paper, ...]:
    """The files that are the requester's: those a step handed over to him, and documents from his own step on."""
    names = {name for stay in state.stays for name in _handed(procedure, stay)}
    own = [step.id for step in procedure.active_steps if is_on_portal(procedure, step)]
    end = procedure.end(state.ended or "")
    if any(stay.step in own for stay in state.stays) or (end is not None and end.success):
        outputs = (output for step in procedure.steps for output in step.outputs)
        names |= {output.id for output in outputs if output.kind is OutputKind.DOCUMENT}
    files = ((each, snapshot.files.get(each.key)) for each in procedure.fields if each.id in names)
    return tuple(Paper(each.id, each.label, file.name, file.size) for each, file in files if file is not None)


def _handed(procedure: Procedure, stay: Stay) -> tuple[str, ...]:
    step = procedure.step(stay.step)
    outcome = step.outcomes.get(stay.outcome or "") if step else None
    return outcome.hands if outcome else ()
