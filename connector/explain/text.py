"""The account of a ticket in words, for an administrator who wants to know where the time went. Pure."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator

from connector.engine import sla
from connector.engine.arrival import status_names
from connector.engine.clocks import ClockKind
from connector.engine.ledger import Ledger, Tally
from connector.engine.progress import Rules
from connector.engine.reporting import record_words
from connector.engine.state import Stay, TicketState
from connector.engine.words import duration_words, instant_words, moment_words, zone_name
from connector.explain.account import Account, Coming
from connector.explain.lines import entry_lines
from connector.sop.keys import status_key
from connector.sop.model import AT_LIMIT, HOLDER, Offset

WIDTH = 110
NOTHING = "–"
COLUMN = 46
HELD = "pemegang tiket"


def as_text(account: Account) -> str:
    """Where the ticket stands, why its limit is what it is, its clocks, its ledger, and what comes."""
    state, found = account.state, account.ledger
    parts = [_head(account)]
    if state is not None and found is not None:
        parts += [
            _list("Mengapa batasnya begitu", account.why),
            _clocks(account.rules, found),
            _ledger(account, found),
            _list("Laporan berkala", _duties(account)),
            _list("Di luar prosedur (waktunya tetap dihitung)", _detours(account)),
            _list("Berikutnya karena waktu", _coming(account)),
            _list("Langkah yang akan datang", _expected(account.rules, found)),
        ]
    parts += [_list("Pilihan sekarang", _moves(account)), _effects(account)]
    return "\n\n".join(part for part in parts if part)


def _list(title: str, lines: Iterable[str]) -> str:
    wrapped = [textwrap.fill(line, WIDTH, initial_indent="  - ", subsequent_indent="    ") for line in lines]
    return "\n".join([title, *wrapped]) if wrapped else ""


# where it stands ----------------------------------------------------------------------------------------------


def _head(account: Account) -> str:
    state, rules = account.state, account.rules
    name = f"Tiket #{account.snapshot.issue}"
    if state is None:
        return f"{name} · {rules.procedure.title}\nBelum pernah dilihat konektor."
    zone = rules.calendar.zone
    rows = [
        ("Diterima", instant_words(state.received, zone)),
        ("Sekarang", _standing(account, state)),
        ("Batas waktu", _limit(rules, state, account.now)),
        ("Status SLA", account.sla),
        ("Sejauh ini", _kept(account)),
    ]
    if state.stopped:
        rows.append(("Dihentikan", "dipindahkan di luar prosedur dua kali; menunggu pengelola SOP"))
    lines = [f"{label + ':':<13}{text}" for label, text in rows if text]
    return "\n".join([f"{name} · {state.number} · {rules.procedure.title}", *lines])


def _standing(account: Account, state: TicketState) -> str:
    rules = account.rules
    procedure = rules.procedure
    if state.ended is not None:
        end = procedure.end(state.ended)
        at = instant_words(state.ended_at, rules.calendar.zone) if state.ended_at else ""
        return f"{end.title if end else state.ended}, {at}"
    if state.stay is None:
        return f"{procedure.intake}, belum lengkap; belum ada batas waktu"
    step = procedure.step(state.stay.step)
    if step is None:
        return state.stay.step
    where = f"langkah {step.no} dari {procedure.last_no}, {step.title}"
    current = (
        next((each for each in account.ledger.entries if each.current), None) if account.ledger else None
    )
    return f"{where} · {unit_words(rules, current.unit if current else '')}"


def _kept(account: Account) -> str:
    """How many of the stays that are over kept their limit."""
    stays = [entry.stay for entry in account.ledger.entries if entry.stay] if account.ledger else []
    late = sum(stay.late is True for stay in stays)
    kept = sum(stay.late is False for stay in stays)
    return f"{kept} langkah tepat waktu, {late} lewat batas" if kept or late else ""


def _limit(rules: Rules, state: TicketState, now: dt.datetime) -> str:
    stay, calendar = state.stay, rules.calendar
    if stay is None:
        return ""
    if stay.paused:
        return f"berhenti, menunggu pemohon{_left_words(stay)}{_answer(rules, stay)}"
    if stay.due is None:
        return "tidak ada"
    left = sla.minutes_left(calendar, now, stay.due)
    if now > stay.due:
        by = f" {duration_words(-left)} waktu kerja" if left else ""
        return f"{instant_words(stay.due, calendar.zone)}, LEWAT{by}"
    return f"{instant_words(stay.due, calendar.zone)}, sisa {duration_words(left)} waktu kerja"


def _left_words(stay: Stay) -> str:
    left = stay.pauses[-1].remaining
    if left is None:
        return ""
    return f"; sisa {duration_words(left)} waktu kerja" if left > 0 else "; batasnya sudah lewat"


def _answer(rules: Rules, stay: Stay) -> str:
    until = stay.pauses[-1].expires
    return f"; jawaban ditunggu sampai {instant_words(until, rules.calendar.zone)}" if until else ""


def unit_words(rules: Rules, role_id: str) -> str:
    """A role as people call it."""
    role = rules.organization.role(role_id)
    return role.title if role else role_id or "pelaksananya belum dipilih"


# clocks and ledger --------------------------------------------------------------------------------------------


def _clocks(rules: Rules, found: Ledger) -> str:
    rows = [("Langkah ini", found.step)] if found.step else []
    rows += [(unit_words(rules, role), tally) for role, tally in found.units.items()]
    rows.append(("Seluruh tiket", found.ticket))
    lines = [
        f"  {_short(label):<{COLUMN}}{duration_words(tally.used):<20}{_norm(tally)}" for label, tally in rows
    ]
    if found.intake:
        lines.append(
            f"  {'Sebelum lengkap (tersendiri)':<{COLUMN}}{duration_words(found.intake):<20}{NOTHING}"
        )
    if found.waited.times:
        what = f"Menunggu pemohon, {found.waited.times} kali (tersendiri)"
        lines.append(f"  {what:<{COLUMN}}{duration_words(found.waited.minutes):<20}{NOTHING}")
    note = "  Batas unit dan tiket: jumlah batas langkah yang sudah dan yang masih akan dilalui."
    return "\n".join([f"{'Waktu kerja':<{COLUMN + 2}}{'terpakai':<20}batas", *lines, note])


def _short(label: str) -> str:
    return label if len(label) < COLUMN else f"{label[: COLUMN - 3]}…"


def _norm(tally: Tally) -> str:
    return duration_words(tally.norm) if tally.norm is not None else NOTHING


def _ledger(account: Account, found: Ledger) -> str:
    zone = account.rules.calendar.zone
    head = f"Buku waktu ({zone_name(account.now, zone)})"
    return "\n".join([head, *(line for entry in found.entries for line in entry_lines(account.rules, entry))])


# what was wrong, what comes ------------------------------------------------------------------------------------


def _detours(account: Account) -> Iterator[str]:
    zone, names = account.rules.calendar.zone, _names(account.rules)
    for each in account.detours:
        until = f"sampai {moment_words(each.end, zone)}" if each.end else "dan masih di sana"
        status = names.get(each.status, each.status)
        yield f"«{status}» sejak {moment_words(each.start, zone)} {until}, oleh {each.by.name or 'tanpa nama'}."


def _coming(account: Account) -> Iterator[str]:
    for each in account.coming:
        at = moment_words(each.at, account.rules.calendar.zone)
        if each.rung is None:
            yield f"{at}: {_runs_out(account, each)}"
            continue
        who = ", ".join(HELD if role == HOLDER else unit_words(account.rules, role) for role in each.rung.to)
        verb = "diingatkan" if each.clock is ClockKind.ANSWER else "diperingatkan"
        yield f"{at}: {_reached(each.rung.offset, _of_clock(account, each))}; {verb}: {who}"


def _runs_out(account: Account, each: Coming) -> str:
    step, state = account.rules.procedure.step(each.step), account.snapshot.state
    returned = state is not None and state.expires is not None
    if each.clock is ClockKind.ANSWER and not returned and step is not None and step.unanswered is not None:
        return f"{step.unanswered.label} bila pemohon tidak menjawab"
    if each.clock is ClockKind.ANSWER:
        end = account.rules.procedure.end(account.rules.procedure.waiting.expires or "")
        return f"tiket ditutup («{end.title if end else ''}») bila pemohon tidak menjawab"
    return f"batas {_of_clock(account, each)}"


def _of_clock(account: Account, each: Coming) -> str:
    if each.clock is ClockKind.ANSWER:
        return "jawaban pemohon"
    step = account.rules.procedure.step(each.step)
    return f"laporan «{step.title if step else each.step}»" if each.clock is ClockKind.DUTY else "langkah ini"


def _reached(offset: Offset, of_what: str) -> str:
    if offset.used is not None:
        return f"{offset.used}% waktu {of_what} terpakai"
    return f"batas {of_what}" if str(offset) == AT_LIMIT else f"{offset} batas {of_what}"


def _duties(account: Account) -> Iterator[str]:
    yield from (record_words(account.rules.calendar.zone, each) for each in account.duties)


def _expected(rules: Rules, found: Ledger) -> Iterator[str]:
    for each in found.expected:
        limit = f"paling lama {each.limit}" if each.limit else "tanpa batas waktu"
        due = f", selambatnya {moment_words(each.due, rules.calendar.zone)}" if each.due else ""
        yield f"{each.step.no}. {each.step.title} · {unit_words(rules, each.unit)} · {limit}{due}"


def _moves(account: Account) -> Iterator[str]:
    names = _names(account.rules)
    for move in account.legal:
        who = ", ".join(unit_words(account.rules, role) for role in move.roles)
        yield f"«{names.get(move.target, move.target)}» oleh {who}"


def _names(rules: Rules) -> dict[str, str]:
    return {status_key(name): name for name in status_names(rules.procedure)}


def _effects(account: Account) -> str:
    names = ", ".join(type(effect).__name__ for effect in account.planned.effects)
    if account.planned.state is not None and not names:
        names = "mencatat keadaan baru"
    return f"Yang akan dilakukan konektor sekarang: {names or 'tidak ada'}."
