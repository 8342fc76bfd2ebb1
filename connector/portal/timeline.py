"""The way of a ticket as its requester sees it: what was done, where it is, what comes. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.engine.arrival import role_of
from connector.engine.progress import Rules
from connector.engine.state import Stay, TicketState
from connector.engine.words import date_words
from connector.sop.model import Organization, Procedure, Step
from connector.sop.table import ahead

#: So many of the steps that lie ahead are named at first sight; the others unfold.
AHEAD = 3


@dataclass(frozen=True)
class Row:
    """One step on the way. `state` is `lewat`, `kini`, `menunggu`, `nanti`, `akhir` or `tutup`."""

    no: str
    title: str
    state: str
    who: str = ""
    when: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Way:
    """All of it. `rows` are seen at once, `later` unfolds."""

    rows: tuple[Row, ...]
    later: tuple[Row, ...] = ()


def way_of(rules: Rules, state: TicketState, given: dict[str, str]) -> Way:
    """The way of a ticket."""
    procedure, organization, zone = rules.procedure, rules.organization, rules.calendar.zone
    rows = [_received(state.received, zone)]
    rows += [
        Row("", f"Dipindahkan dari layanan {each.title}", "lewat", when=day_words(each.at, zone))
        for each in state.former
    ]
    rows += [_past(procedure, stay, zone) for stay in state.stays if stay.left is not None]
    if state.ended is not None:
        end = procedure.end(state.ended)
        ended = day_words(state.ended_at, zone) if state.ended_at else ""
        good = end is not None and end.success
        return Way((*rows, Row("", end.title if end else "", "akhir" if good else "tutup", when=ended)))
    stay = state.stay
    if stay is None:
        return _unfolding(
            rows, rules, [procedure.first_step, *ahead(procedure, procedure.first_step.id)], given
        )
    step = procedure.step(stay.step)
    since = f"sejak {day_words(stay.entered, zone)}"
    here = "menunggu" if stay.paused else "kini"
    rows.append(
        Row(step.no if step else "", step.title if step else "", here, who(organization, step, given), since)
    )
    return _unfolding(rows, rules, ahead(procedure, stay.step), given)


def way_before(rules: Rules, received: dt.datetime, given: dict[str, str]) -> Way:
    """The way of a request that is not yet a ticket in Redmine: all of it lies ahead."""
    first = rules.procedure.first_step
    rows = [_received(received, rules.calendar.zone)]
    return _unfolding(rows, rules, [first, *ahead(rules.procedure, first.id)], given)


def plan_of(rules: Rules) -> Way:
    """What follows if somebody sends the form."""
    first = rules.procedure.first_step
    return _unfolding([], rules, [first, *ahead(rules.procedure, first.id)], {})


def who(organization: Organization, step: Step | None, given: dict[str, str]) -> str:
    """Who has a step."""
    role = organization.role(role_of(step, given) or "") if step else None
    return role.title if role else organization.short_name


def day_words(instant: dt.datetime, zone: ZoneInfo) -> str:
    """`Senin, 23 November 2026, 09.25`."""
    local = instant.astimezone(zone)
    return f"{date_words(local.date())}, {local:%H.%M}"


def _received(at: dt.datetime, zone: ZoneInfo) -> Row:
    return Row("", "Permohonan diterima", "lewat", when=day_words(at, zone))


def _past(procedure: Procedure, stay: Stay, zone: ZoneInfo) -> Row:
    step = procedure.step(stay.step)
    outcome = step.outcomes.get(stay.outcome or "") if step else None
    label = outcome.label if outcome else ""
    return Row(
        step.no if step else "",
        step.title if step else "",
        "lewat",
        f"Hasil: {label}" if label else "",
        day_words(stay.left or stay.entered, zone),
    )


def _unfolding(rows: list[Row], rules: Rules, steps: list[Step], given: dict[str, str]) -> Way:
    coming = tuple(
        Row(
            step.no,
            step.title,
            "nanti",
            _coming_who(rules.organization, step, given),
            limit=limit_of(step, given),
        )
        for step in steps
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
    limit = step.limit
    if step.limit_by is not None:
        limit = step.limit_by.limits.get(given.get(step.limit_by.field, ""), limit)
    return f"paling lama {limit}" if limit else ""
