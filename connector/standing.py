"""Where open tickets stand when a mapping changes: which it moves, and which it would leave without a step. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connector.engine.arrival import status_names
from connector.engine.progress import place
from connector.engine.state import TicketState
from connector.ports import StateRow
from connector.sop.keys import status_key
from connector.sop.model import Catalogue, Procedure

#: So many tickets are named; of the others only the number is said.
NAMED = 10


class Change(StrEnum):
    """What a mapping does to the step that a ticket stands in."""

    RENAMED = "renamed"
    MOVED = "moved"
    REMOVED = "removed"
    PROCEDURE_REMOVED = "procedure_removed"


#: These leave tickets without a step.
STRANDING = (Change.REMOVED, Change.PROCEDURE_REMOVED)


@dataclass(frozen=True)
class Touched:
    """Open tickets of one step that a mapping touches. `to`: the step they go to, or their step's new status."""

    procedure: str
    step: str
    change: Change
    to: str | None
    issues: tuple[int, ...]

    @property
    def stranded(self) -> bool:
        """Whether the mapping does not say where they go."""
        return self.change in STRANDING

    def as_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "procedure": self.procedure,
            "step": self.step,
            "change": self.change.value,
            "to": self.to,
            "open": len(self.issues),
            "issues": list(self.issues),
        }


def displaced(catalogue: Catalogue, row: StateRow) -> bool:
    """Whether an open ticket, as far as it is known, does not stand where the mapping has it."""
    procedure = catalogue.by_key(row.state.procedure)
    if procedure is None:
        return False
    change, _ = _change(procedure, row)
    return change is not None and change not in STRANDING


def touched(catalogue: Catalogue, profiles: Sequence[str], rows: Iterable[StateRow]) -> tuple[Touched, ...]:
    """The open tickets that these mappings touch. With `profiles` only theirs: the others are not being changed."""
    found: dict[tuple[str, str, Change, str | None], list[int]] = defaultdict(list)
    for row in rows:
        key = row.state.procedure
        if row.closed or (profiles and key.partition("/")[0] not in profiles):
            continue
        procedure = catalogue.by_key(key)
        if procedure is None:
            found[key, _step(row.state), Change.PROCEDURE_REMOVED, None].append(row.issue)
            continue
        change, to = _change(procedure, row)
        if change is not None:
            found[key, _step(row.state), change, to].append(row.issue)
    return tuple(Touched(*key, tuple(issues)) for key, issues in sorted(found.items(), key=_order))


def _order(entry: tuple[tuple[str, str, Change, str | None], list[int]]) -> tuple[str, str, str]:
    return entry[0][:3]


def _step(state: TicketState) -> str:
    """The step a ticket is in; none: it has not begun."""
    return state.stay.step if state.stay else state.ended or ""


def _change(procedure: Procedure, row: StateRow) -> tuple[Change | None, str | None]:
    state = row.state
    stay = state.stay
    if stay is not None and stay.step not in {step.id for step in procedure.active_steps}:
        new = procedure.moved_to.get(stay.step)
        return (Change.MOVED, new) if new else (Change.REMOVED, None)
    if state.ended is not None and procedure.end(state.ended) is None:
        return None, None  # over; its status stays as it is
    # one that was stopped, or that somebody has just moved, is not where it belongs for other reasons
    if state.stopped or row.last_journal != row.cursor:
        return None, None
    wanted = place(procedure, state)
    names = {status_key(name): name for name in status_names(procedure)}
    return (Change.RENAMED, names[wanted]) if row.status != wanted else (None, None)


# in words -----------------------------------------------------------------------------------------------------

WORDS = {
    Change.RENAMED: ("~", "berstatus lain; konektor memindahkan tiketnya ke «{to}»"),
    Change.MOVED: ("~", "dihapus; konektor memindahkan tiketnya ke langkah «{to}»"),
    Change.REMOVED: ("!", "dihapus, dan pemetaan tidak mengatakan ke mana tiketnya pergi"),
    Change.PROCEDURE_REMOVED: ("!", "dan seluruh POS-nya tidak ada lagi dalam pemetaan"),
}


def render(found: Sequence[Touched]) -> str:
    """The tickets touched, and what to do when some would be stranded. Empty if there are none."""
    if not found:
        return ""
    lines = [f"Tiket terbuka yang terkena ({sum(len(each.issues) for each in found)})"]
    for each in found:
        sign, words = WORDS[each.change]
        lines.append(
            f"  {sign} {each.procedure}, langkah «{each.step or '(belum mulai)'}» {words.format(to=each.to)}: "
            f"{len(each.issues)} tiket ({named(each.issues)})"
        )
    stranded = [each for each in found if each.stranded]
    if not stranded:
        return "\n".join(lines)
    lines += ["", "Pemetaan ini tidak dapat diterapkan: langkah bertanda ! masih memegang tiket terbuka."]
    lines += [
        "Kembalikan langkahnya sampai tiketnya selesai, atau tulis pada POS itu ke mana tiketnya pergi:",
        "",
    ]
    steps = [each.step for each in stranded if each.change is Change.REMOVED]
    lines += ["  moved_to:", *(f"    {step}: LANGKAH-BARU" for step in steps)] if steps else []
    return "\n".join(lines).rstrip()


def named(issues: Sequence[int]) -> str:
    """The first of these tickets, as Redmine writes them: `#4, #7, …`."""
    shown = ", ".join(f"#{issue}" for issue in issues[:NAMED])
    return f"{shown}, …" if len(issues) > NAMED else shown
