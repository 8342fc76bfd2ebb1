"""Everything about a ticket that somebody could ask «why?» about, as data. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.engine.because import because
from connector.engine.calendar import CalendarSpan
from connector.engine.clocks import ClockKind, Rung, clocks, rungs, sla_status
from connector.engine.detours import Detour, detours
from connector.engine.effects import Plan
from connector.engine.ledger import Entry, Expected, Ledger, Tally, ledger
from connector.engine.progress import Rules, values
from connector.engine.projection import reproject
from connector.engine.reporting import Reported, record
from connector.engine.snapshot import Snapshot
from connector.engine.state import Stay, TicketState
from connector.engine.words import instant_words
from connector.sop.table import Move, moves

Json = dict[str, Any]


@dataclass(frozen=True)
class Coming:
    """What time alone will bring: `rung` warns `to` (roles), or the clock runs out without one. `step`: whose clock."""

    at: dt.datetime
    clock: ClockKind
    step: str
    rung: Rung | None = None


@dataclass(frozen=True)
class Account:
    """A ticket as it stands at `now`, and what the connector would do with it."""

    rules: Rules
    snapshot: Snapshot
    now: dt.datetime
    planned: Plan
    ledger: Ledger | None
    why: tuple[str, ...] = ()
    detours: tuple[Detour, ...] = ()
    coming: tuple[Coming, ...] = ()
    sla: str = ""
    duties: tuple[Reported, ...] = ()

    @property
    def state(self) -> TicketState | None:
        """What is known of it beside Redmine's own fields; None if no plan has seen it yet."""
        return self.snapshot.state

    @property
    def legal(self) -> tuple[Move, ...]:
        """The moves that people may make from where it stands."""
        return tuple(move for move in moves(self.rules.procedure) if move.origin == self.snapshot.status)


def account_of(rulebook: Mapping[str, Rules], snapshot: Snapshot, now: dt.datetime, planned: Plan) -> Account:
    """The account of a ticket. `rulebook` holds the rules of each procedure by its key."""
    state = snapshot.state
    rules = rulebook[snapshot.procedure]
    if state is None:
        return Account(rules, snapshot, now, planned, None)
    # one whose tracker somebody has just changed is still its old procedure's
    rules = rulebook.get(state.procedure, rules)
    return Account(
        rules=rules,
        snapshot=snapshot,
        now=now,
        planned=planned,
        ledger=ledger(rules, state, values(rules.procedure, snapshot), now, rulebook),
        why=tuple(_why(rules, state, now)),
        detours=detours(snapshot),
        coming=tuple(sorted(_coming(rules, state, now), key=lambda each: each.at)),
        sla=sla_status(rules, state, now),
        duties=record(rules, state, now),
    )


def _why(rules: Rules, state: TicketState, now: dt.datetime) -> Iterator[str]:
    """Why the limit is what it is; and what it will be, where the calendar was edited and the ticket does not know."""
    if state.stay is None:
        return
    yield from because(rules.calendar, state.stay)
    fresh = reproject(rules, state, now).stay
    if fresh is not None and fresh is not state.stay:
        moved = fresh.moves[-1]
        new = instant_words(moved.new, rules.calendar.zone)
        yield (
            f"Menurut kalender sekarang batasnya bergeser ke {new}, karena {moved.reason}; "
            "tiket ini mengikuti begitu konektor dimulai ulang."
        )


def _coming(rules: Rules, state: TicketState, now: dt.datetime) -> Iterator[Coming]:
    for clock in clocks(rules, state):
        ahead = [rung for rung in rungs(rules, clock) if rung.at >= now and rung.key not in state.rungs]
        yield from (Coming(rung.at, clock.kind, clock.step, rung) for rung in ahead)
        if clock.due >= now and all(rung.at != clock.due for rung in ahead):
            yield Coming(clock.due, clock.kind, clock.step)


def as_json(account: Account) -> Json:
    """For programs. More keys may come, none will go; instants are ISO 8601, times in working minutes."""
    snapshot, state, found = account.snapshot, account.state, account.ledger
    told: Json = {
        "issue": snapshot.issue,
        "procedure": snapshot.procedure,
        "status": snapshot.status,
        "state": state.model_dump(mode="json") if state else None,
        "moves": [
            {"to": move.target, "roles": list(move.roles), "outcome": move.outcome} for move in account.legal
        ],
        "unseen_journals": [journal.id for journal in snapshot.new_journals()],
        "effects": [
            {"effect": type(effect).__name__, **effect.model_dump(mode="json")}
            for effect in account.planned.effects
        ],
        "why": list(account.why),
        "detours": [_detour(each) for each in account.detours],
        "ledger": [_entry(each) for each in found.entries] if found else [],
        "expected": [_expected(each) for each in found.expected] if found else [],
        "clocks": _clocks(found) if found else None,
        "sla": account.sla or None,
        "duties": [
            {
                "step": each.step,
                "no": each.no,
                "due": _instant(each.due),
                "reported": _instant(each.at),
                "verdict": each.verdict.value,
            }
            for each in account.duties
        ],
        "coming": [
            {
                "at": _instant(each.at),
                "clock": each.clock.value,
                "step": each.step,
                "rung": str(each.rung.offset) if each.rung else None,
                "to": list(each.rung.to) if each.rung else [],
            }
            for each in account.coming
        ],
    }
    return told


def _clocks(found: Ledger) -> Json:
    return {
        "step": _tally(found.step) if found.step else None,
        "units": {role: _tally(each) for role, each in found.units.items()},
        "ticket": _tally(found.ticket),
        "intake": {"used": found.intake},
        "requester": {
            "times": found.waited.times,
            "minutes": found.waited.minutes,
            "elapsed_seconds": int(found.waited.elapsed.total_seconds()),
        },
    }


def _tally(tally: Tally) -> Json:
    return {"used": tally.used, "norm": tally.norm}


def _detour(each: Detour) -> Json:
    return {"from": _instant(each.start), "to": _instant(each.end), "status": each.status, "by": each.by.id}


def _expected(each: Expected) -> Json:
    return {
        "step": each.step.id,
        "no": each.step.no,
        "title": each.step.title,
        "role": each.unit or None,
        "limit": str(each.limit) if each.limit else None,
        "norm": each.norm,
        "due": _instant(each.due),
    }


def _entry(entry: Entry) -> Json:
    return {
        "place": entry.place.value,
        "no": entry.no,
        "title": entry.title,
        "role": entry.unit or None,
        "former_procedure": entry.procedure or None,
        "from": _instant(entry.start),
        "to": _instant(entry.end),
        "current": entry.current,
        "used": entry.used,
        "norm": entry.norm,
        **(_stay(entry.stay) if entry.stay else {}),
        "spans": [_span(span) for span in entry.spans],
    }


def _stay(stay: Stay) -> Json:
    return {
        "step": stay.step,
        "version": stay.version,
        "limit": str(stay.limit) if stay.limit else None,
        "budget": stay.budget,
        "due": _instant(stay.due),
        "late": stay.late,
        "outcome": stay.outcome,
        "moves": [
            {
                "at": _instant(each.at),
                "old": _instant(each.old),
                "new": _instant(each.new),
                "reason": each.reason,
            }
            for each in stay.moves
        ],
        "pauses": [
            {
                "from": _instant(each.since),
                "to": _instant(each.until),
                "left": each.remaining,
                "due": _instant(each.due),
                "answer_by": _instant(each.expires),
            }
            for each in stay.pauses
        ],
    }


def _span(span: CalendarSpan) -> Json:
    return {
        "from": _instant(span.start),
        "to": _instant(span.end),
        "counted": span.counted,
        "reason": span.reason,
        "minutes": int((span.end - span.start).total_seconds() // 60) if span.counted else 0,
    }


def _instant(instant: dt.datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None
