"""The way of a ticket as its requester sees it: what was done, where it is, what comes. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from connector.engine import sla
from connector.engine.arrival import role_of
from connector.engine.ledger import Waited, expected, ledger
from connector.engine.progress import Rules
from connector.engine.state import Stay, TicketState
from connector.portal.language import (
    clock_words,
    date_long,
    date_words,
    elapsed_words,
    limit_words,
    ngettext,
    phrase,
    said,
)
from connector.portal.language import gettext as _
from connector.sop.model import Organization, Procedure, Step
from connector.sop.table import MoveKind, ahead

#: So many of the steps that lie ahead are named at first sight; the others unfold.
AHEAD = 3
#: A step that comes, and when it is expected to be over.
Dated = tuple[Step, dt.datetime | None]


@dataclass(frozen=True)
class Row:
    """One step on the way. `state` is `lewat`, `kini`, `menunggu`, `nanti`, `akhir` or `tutup`."""

    no: str
    title: str
    state: str
    who: str = ""
    when: str = ""
    limit: str = ""
    waits: tuple[str, ...] = ()
    """The times in which the step waited for the requester."""


@dataclass(frozen=True)
class Way:
    """All of it. `rows` are seen at once, `later` unfolds; `notes` stand below."""

    rows: tuple[Row, ...]
    later: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


def way_of(rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime) -> Way:
    """The way of a ticket at `now`."""
    way = _way(rules, state, given, now)
    return replace(way, notes=_notes(way, ledger(rules, state, given, now).waited))


def _way(rules: Rules, state: TicketState, given: dict[str, str], now: dt.datetime) -> Way:
    procedure, organization, zone = rules.procedure, rules.organization, rules.calendar.zone
    rows = [_received(state.received, zone)]
    rows += [
        Row(
            "",
            _("Dipindahkan dari layanan %(title)s", title=each.title),
            "lewat",
            when=day_words(each.at, zone),
        )
        for each in state.former
    ]
    over = [(stay, _goes_on(state, place)) for place, stay in enumerate(state.stays) if stay.left is not None]
    rows += [_past(procedure, stay, zone, goes_on=goes_on) for stay, goes_on in over]
    if state.ended is not None:
        end = procedure.end(state.ended)
        ended = day_words(state.ended_at, zone) if state.ended_at else ""
        good = end is not None and end.success
        return Way(
            (*rows, Row("", said(end, "title") if end else "", "akhir" if good else "tutup", when=ended))
        )
    stay = state.stay
    if stay is not None:
        step = procedure.step(stay.step)
        rows.append(
            Row(
                step.no if step else "",
                said(step, "title") if step else "",
                "menunggu" if stay.paused else "kini",
                who(organization, step, given),
                _("sejak %(when)s", when=day_words(stay.entered, zone)),
                waits=_waits(stay, zone),
            )
        )
    coming = [(each.step, each.due) for each in expected(rules, state, given, now)]
    return _unfolding(rows, rules, coming, given)


def way_before(rules: Rules, received: dt.datetime, given: dict[str, str]) -> Way:
    """The way of a request that is not yet a ticket in Redmine: all of it lies ahead."""
    first = rules.procedure.first_step
    rows = [_received(received, rules.calendar.zone)]
    return _unfolding(rows, rules, _undated(first, *ahead(rules.procedure, first.id)), given)


def plan_of(rules: Rules) -> Way:
    """What follows if somebody sends the form."""
    first = rules.procedure.first_step
    return _unfolding([], rules, _undated(first, *ahead(rules.procedure, first.id)), {})


def who(organization: Organization, step: Step | None, given: dict[str, str]) -> str:
    """Who has a step."""
    role = organization.role(role_of(step, given) or "") if step else None
    return said(role, "title") if role else organization.short_name


def day_words(instant: dt.datetime, zone: ZoneInfo) -> str:
    """`Senin, 23 November 2026, 09.25`."""
    return f"{date_words(instant.astimezone(zone).date())}, {clock_words(instant, zone)}"


def _received(at: dt.datetime, zone: ZoneInfo) -> Row:
    return Row("", _("Permohonan diterima"), "lewat", when=day_words(at, zone))


def _goes_on(state: TicketState, place: int) -> bool:
    """Whether the wait in which the stay at `place` ended went on in the next, and is told there."""
    following = state.stays[place + 1 : place + 2]
    return any(pause.asked is not None for stay in following for pause in stay.pauses[:1])


def _past(procedure: Procedure, stay: Stay, zone: ZoneInfo, *, goes_on: bool) -> Row:
    step = procedure.step(stay.step)
    outcome = step.outcomes.get(stay.outcome or "") if step else None
    label = said(outcome, "label") if outcome else _silence(step, stay)
    return Row(
        step.no if step else "",
        said(step, "title") if step else "",
        "lewat",
        phrase("Hasil: %(label)s", label=label) if label else "",
        day_words(stay.left or stay.entered, zone),
        waits=_waits(stay, zone)[: -1 if goes_on else None],
    )


def _silence(step: Step | None, stay: Stay) -> str:
    """How the requester's silence was taken, where it ended the stay."""
    silent = stay.outcome == MoveKind.EXPIRE.value and step is not None and step.unanswered is not None
    return step.unanswered.label if silent and step is not None and step.unanswered else ""


def _waits(stay: Stay, zone: ZoneInfo) -> tuple[str, ...]:
    return tuple(
        _("menunggu Anda %(elapsed)s (tidak dihitung)", elapsed=elapsed_words(pause.until - pause.began))
        if pause.until
        else _("menunggu Anda sejak %(when)s", when=day_words(pause.began, zone))
        for pause in stay.pauses
    )


def _notes(way: Way, waited: Waited) -> tuple[str, ...]:
    """How long the ticket waited for its requester, if it did so more than once, and what the dates ahead mean."""
    dated = any(row.state == "nanti" and row.when for row in way.rows)
    times = ngettext(
        "Menunggu Anda %(num)d kali, seluruhnya %(elapsed)s.",
        "Menunggu Anda %(num)d kali, seluruhnya %(elapsed)s.",
        waited.times,
        elapsed=elapsed_words(waited.elapsed),
    )
    estimate = _(
        "Tanggal langkah berikutnya adalah perkiraan; bila sebuah langkah selesai lebih cepat, semuanya maju."
    )
    return (*((times,) if waited.times > 1 else ()), *((estimate,) if dated else ()))


def _undated(*steps: Step) -> list[Dated]:
    return [(step, None) for step in steps]


def _unfolding(rows: list[Row], rules: Rules, steps: list[Dated], given: dict[str, str]) -> Way:
    zone = rules.calendar.zone
    coming = tuple(
        Row(
            step.no,
            said(step, "title"),
            "nanti",
            _coming_who(rules.organization, step, given),
            _("paling lambat %(day)s", day=date_long(due.astimezone(zone).date())) if due else "",
            limit="" if due else limit_of(step, given),
        )
        for step, due in steps
    )
    # one more that unfolds would be no shorter than the one itself
    seen = AHEAD if len(coming) > AHEAD + 1 else len(coming)
    return Way((*rows, *coming[:seen]), coming[seen:])


def _coming_who(organization: Organization, step: Step, given: dict[str, str]) -> str:
    """Who will have a step; where that is not chosen yet, nobody is named."""
    undecided = step.assignee_by is not None and not given.get(step.assignee_by.field)
    return "" if undecided else who(organization, step, given)


def limit_of(step: Step, given: dict[str, str]) -> str:
    """How long a step may take, in words."""
    limit = sla.limit_of(step, given)
    return _("paling lama %(limit)s", limit=limit_words(limit)) if limit else ""
