"""What a requester sees of his ticket: where it stands, what comes, and what he may do about it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connector.engine import survey
from connector.engine.arrival import requester_address
from connector.engine.progress import Rules, reopen_until, values
from connector.engine.snapshot import RequesterAction, Snapshot, Submission
from connector.engine.state import Stay, TicketState
from connector.engine.talk import Side
from connector.portal.deeds import Deed, deeds_before, deeds_of
from connector.portal.language import date_words, instant_words, marked, phrase, said
from connector.portal.language import gettext as _
from connector.portal.reckoning import reckoning
from connector.portal.talking import Spoken, spoken, unfit_words
from connector.portal.timeline import Way, way_before, way_of, who
from connector.sop.model import Procedure, Step
from connector.sop.table import is_on_portal


class Mood(StrEnum):
    """What the requester should understand at first sight."""

    RECORDING = "dicatat"
    WORKING = "diproses"
    WAITING = "menunggu"
    CONFIRM = "konfirmasi"
    DONE = "selesai"
    CLOSED = "ditutup"


def label_of(mood: Mood) -> str:
    """The mood in a word or two."""
    match mood:
        case Mood.RECORDING:
            return _("Sudah diterima")
        case Mood.WORKING:
            return _("Sedang diproses")
        case Mood.WAITING:
            return _("Menunggu Anda")
        case Mood.CONFIRM:
            return _("Giliran Anda")
        case Mood.DONE:
            return _("Selesai")
        case Mood.CLOSED:
            return _("Ditutup")


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
    talk: tuple[Spoken, ...] = ()
    reckoning: tuple[str, ...] = ()
    """Why the limit that it shows is what it is."""
    unfit: str = ""
    """Why what he sent last is not carried out."""

    @property
    def label(self) -> str:
        """The mood in a word or two."""
        return label_of(self.mood)


def tracking_view(
    rules: Rules, snapshot: Snapshot, pending: Sequence[RequesterAction], now: dt.datetime
) -> TrackingView:
    """The page of a ticket that is in Redmine."""
    state, procedure = snapshot.state, rules.procedure
    if state is None:
        raise ValueError("a ticket without a state has no page")
    given = values(procedure, snapshot)
    step = procedure.step(state.stay.step) if state.stay else None
    rates = survey.is_open(rules, state, given, now)
    return TrackingView(
        number=state.number,
        service=said(procedure, "title"),
        mood=mood_of(procedure, state),
        words=_words(rules, state, given, now),
        received=instant_words(state.received, rules.calendar.zone),
        way=way_of(rules, state, given, now),
        address=requester_address(procedure, given),
        step=step.id if step else None,
        reached=_reached(procedure, state, step),
        of=len(procedure.steps),
        deeds=() if pending else deeds_of(procedure, snapshot.status, state, given, rates=rates),
        papers=_papers(procedure, snapshot, state),
        pending=bool(pending),
        values=given,
        talk=spoken(rules, snapshot, Side.REQUESTER),
        reckoning=reckoning(rules.calendar, state.stay),
        unfit=unfit_words(rules, state, ""),
    )


def recorded_view(rules: Rules, submission: Submission, pending: Sequence[RequesterAction]) -> TrackingView:
    """The page of a request that is stored and not yet in Redmine, or that Redmine cannot show now."""
    procedure = rules.procedure
    given = dict(submission.fields)
    if submission.issue is None:
        words = Words(
            _("Permohonan Anda sudah kami terima"),
            _("Permohonan sudah tersimpan dan sedang dicatat. Waktu layanan sudah dihitung sejak diterima."),
        )
    else:
        words = Words(
            _("Permohonan Anda tersimpan"),
            _(
                "Rinciannya sementara belum dapat ditampilkan. Prosesnya tetap berjalan; silakan buka lagi nanti."
            ),
        )
    return TrackingView(
        number=submission.number,
        service=said(procedure, "title"),
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
            thanks = _("Terima kasih sudah memakai layanan kami.")
            if survey.is_open(rules, state, given, now):
                thanks = f"{thanks} {_('Mohon nilai layanan kami di bawah.')}"
            elif state.survey is not None:
                thanks = _("Terima kasih atas penilaian Anda.")
            return Words(_("Layanan selesai"), thanks)
        case Mood.CLOSED:
            return _closed(rules, state, given, now)
        case Mood.RECORDING:
            return Words(
                _("Kelengkapan permohonan sedang diperiksa"),
                _("Petugas akan menghubungi Anda bila ada yang kurang."),
            )
        case Mood.WAITING:
            reason = given.get(procedure.waiting.reason, "")
            until = instant_words(state.expires, rules.calendar.zone) if state.expires else ""
            paused = _("Waktu layanan berhenti dihitung sampai Anda mengirim perbaikan.")
            after = _("Tanpa jawaban sampai saat di bawah ini, permohonan ditutup.") if until else ""
            return Words(
                _("Kami memerlukan perbaikan dari Anda"),
                f"{paused} {after}".strip(),
                ((_("Mohon dijawab sebelum"), until),) if until else (),
                message_label=_("Yang perlu diperbaiki"),
                message=reason,
            )
        case Mood.CONFIRM:
            step = procedure.step(state.stay.step) if state.stay else None
            detail = _("Hasil layanan sudah diserahkan. Periksa hasilnya, lalu jawab di bawah.")
            if step is not None and step.unanswered is not None:
                silence = phrase(
                    "Tanpa jawaban sampai saat di bawah ini, %(silence)s.", silence=step.unanswered.label
                )
                detail = f"{detail} {silence}"
            facts = _due(rules, state, _("Mohon dijawab sebelum"))
            return Words(said(step, "title") if step else "", detail, facts, _moved(rules, state))
        case Mood.WORKING:
            return _working(rules, state, given, now)


def _closed(rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime) -> Words:
    procedure = rules.procedure
    end = procedure.end(state.ended or "")
    until = reopen_until(rules, state)
    facts = ((_("Dilanjutkan pada permohonan"), state.duplicate_of),) if state.duplicate_of else ()
    if until is not None and now <= until:
        facts = (*facts, (_("Masih dapat dibuka kembali sampai"), instant_words(until, rules.calendar.zone)))
    named = [need.field for need in end.needs] if end else []
    reason = next((each for each in procedure.fields if each.id in named and given.get(each.id)), None)
    return Words(
        said(end, "title") if end else _("Ditutup"),
        _("Permohonan ini sudah ditutup. Anda dapat mengajukan permohonan baru kapan saja."),
        facts,
        message_label=said(reason, "label") if reason else "",
        message=given[reason.id] if reason else "",
    )


def _working(rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime) -> Words:
    stay = state.stay
    step = rules.procedure.step(stay.step) if stay else None
    late = stay is not None and stay.due is not None and stay.due < now
    return Words(
        said(step, "title") if step else "",
        _("Langkah ini melewati batas waktunya. Kami mohon maaf; permohonan Anda tetap kami kerjakan.")
        if late
        else "",
        (
            (_("Ditangani oleh"), who(rules.organization, step, given)),
            *_due(rules, state, _("Seharusnya selesai") if late else _("Selesai paling lambat")),
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
    return phrase(
        "Semula paling lambat %(day)s; bergeser karena %(reasons)s.", day=before, reasons=marked(reasons)
    )


def _reached(procedure: Procedure, state: TicketState, step: Step | None) -> int:
    """How many of the procedure's steps were reached, for the bar."""
    if state.ended is not None:
        end = procedure.end(state.ended)
        return len(procedure.steps) if end is not None and end.success else 0
    return procedure.steps.index(step) + 1 if step in procedure.steps else 0


def _papers(procedure: Procedure, snapshot: Snapshot, state: TicketState) -> tuple[Paper, ...]:
    """The files that are the requester's: those that a step handed over to him, the steps before the ticket too."""
    before = procedure.steps[: procedure.steps.index(procedure.first_step)] if state.stays else ()
    names = {name for step in before for outcome in step.outcomes.values() for name in outcome.hands}
    names |= {name for stay in state.stays for name in _handed(procedure, stay)}
    files = ((each, snapshot.files.get(each.key)) for each in procedure.fields if each.id in names)
    return tuple(
        Paper(each.id, said(each, "label"), file.name, file.size) for each, file in files if file is not None
    )


def _handed(procedure: Procedure, stay: Stay) -> tuple[str, ...]:
    step = procedure.step(stay.step)
    outcome = step.outcomes.get(stay.outcome or "") if step else None
    return outcome.hands if outcome else ()
