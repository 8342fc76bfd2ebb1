"""What changed files do to running clocks: the limits that a calendar moves, and the older ones that stay as they are.

Pure. The calendar is that of the files, what is running is what the tickets' states say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.engine.progress import Rules
from connector.engine.projection import changed, moves
from connector.engine.state import Stay
from connector.ports import StateRow
from connector.sop.model import Limit, Step
from connector.standing import named


@dataclass(frozen=True)
class Moving:
    """Open tickets of a procedure whose limit the calendar moves, and why."""

    procedure: str
    reason: str
    issues: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "procedure": self.procedure,
            "reason": self.reason,
            "open": len(self.issues),
            "issues": list(self.issues),
        }


@dataclass(frozen=True)
class Kept:
    """Open tickets in a step whose limit is another in the files: they finish with the one they began with."""

    procedure: str
    step: str
    limit: str
    new: str
    issues: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "procedure": self.procedure,
            "step": self.step,
            "limit": self.limit,
            "new": self.new,
            "open": len(self.issues),
            "issues": list(self.issues),
        }


@dataclass(frozen=True)
class Running:
    """What happens to the limits of open tickets."""

    moving: tuple[Moving, ...] = ()
    kept: tuple[Kept, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "moving": [each.as_json() for each in self.moving],
            "kept": [each.as_json() for each in self.kept],
        }


def running(rulebook: Mapping[str, Rules], rows: Iterable[StateRow]) -> Running:
    """The running clocks that these rules concern; `rulebook` has those of each procedure by its key."""
    moving: dict[tuple[str, str], list[int]] = defaultdict(list)
    kept: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for row in rows:
        rules, stay = rulebook.get(row.state.procedure), row.state.stay
        step = rules.procedure.step(stay.step) if rules and stay else None
        if row.closed or rules is None or stay is None or step is None:
            continue
        key = rules.procedure.key
        if moves(rules, row.state):
            moving[key, changed(rules.calendar, stay)].append(row.issue)
        if _older(step, stay):
            kept[key, step.id, _words(stay.limit), _now(step)].append(row.issue)
    return Running(
        tuple(Moving(*key, tuple(issues)) for key, issues in sorted(moving.items())),
        tuple(Kept(*key, tuple(issues)) for key, issues in sorted(kept.items())),
    )


def _limits(step: Step) -> tuple[Limit | None, ...]:
    """Every limit that a stay in the step can begin with."""
    return (*step.limit_by.limits.values(), step.limit) if step.limit_by else (step.limit,)


def _older(step: Step, stay: Stay) -> bool:
    return stay.limit not in _limits(step)


def _now(step: Step) -> str:
    return " atau ".join(dict.fromkeys(map(_words, filter(None, _limits(step))))) or _words(None)


def _words(limit: Limit | None) -> str:
    return str(limit) if limit else "tanpa batas waktu"


# in words -----------------------------------------------------------------------------------------------------


def render(found: Running) -> str:
    """Which limits move, and which running stays keep an older one. Empty if there are none."""
    parts = []
    if found.moving:
        parts.append(
            "\n".join(
                [
                    f"Batas waktu yang bergeser setelah konektor dijalankan ulang ({_count(found.moving)})",
                    *(
                        f"  ~ {each.procedure}: {len(each.issues)} tiket ({named(each.issues)}), karena {each.reason}"
                        for each in found.moving
                    ),
                ]
            )
        )
    if found.kept:
        parts.append(
            "\n".join(
                [
                    f"Langkah berjalan yang tetap memakai batas waktu lama ({_count(found.kept)})",
                    *(
                        f"  = {each.procedure}, langkah «{each.step}»: {each.limit}; yang masuk kemudian {each.new}: "
                        f"{len(each.issues)} tiket ({named(each.issues)})"
                        for each in found.kept
                    ),
                ]
            )
        )
    return "\n\n".join(parts)


def _count(found: Sequence[Moving] | Sequence[Kept]) -> int:
    return sum(len(each.issues) for each in found)
