"""Checks, what they found, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from connector.errors import MappingError, SettingsError, SopError

#: Of a mapping with many faults so many are named; `connector lint` says all.
MOST = 10

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Remark:
    """One thing to know, and what to do about it. A finding must be mended; a note need not."""

    text: str
    todo: str
    finding: bool = True


def note(text: str, todo: str) -> Remark:
    """What an administrator should know, though nothing is wrong."""
    return Remark(text, todo, finding=False)


class Status(StrEnum):
    """How a check ended."""

    GOOD = "good"
    NOTE = "note"
    FINDING = "finding"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check(Generic[Subject]):
    """One thing that is tried. What it raises is a finding; then those that need it are left out.

    `todo` is what to do when it cannot be tried at all.
    """

    id: str
    title: str
    examine: Callable[[Subject], Iterator[Remark]]
    todo: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a check found. `skipped` names the check without which it could not be tried."""

    id: str
    title: str
    remarks: tuple[Remark, ...] = ()
    skipped: str | None = None
    failed: bool = False

    @property
    def status(self) -> Status:
        """How it ended."""
        if self.skipped:
            return Status.SKIPPED
        if any(each.finding for each in self.remarks):
            return Status.FINDING
        return Status.NOTE if self.remarks else Status.GOOD


def examine(checks: Sequence[Check[Subject]], subject: Subject) -> list[Result]:
    """Every check, in order; none stops another."""
    results: list[Result] = []
    for check in checks:
        missing = next((each for each in results if each.id in check.needs and _unusable(each)), None)
        if missing is not None:
            results.append(Result(check.id, check.title, skipped=missing.title))
        else:
            results.append(_tried(check, subject))
    return results


def _unusable(result: Result) -> bool:
    return result.failed or result.skipped is not None


def _tried(check: Check[Subject], subject: Subject) -> Result:
    found: list[Remark] = []
    try:
        found.extend(check.examine(subject))
    except MappingError as error:
        found += [Remark(line, check.todo) for line in error.findings[:MOST]]
    except (SopError, OSError) as error:
        if isinstance(error, SettingsError):
            raise
        found.append(Remark(str(error), check.todo))
    except Exception as error:  # noqa: BLE001 - a fault of ours in one check must not hide what the others say
        found.append(Remark(f"pemeriksaan ini sendiri gagal: {type(error).__name__}", check.todo))
    else:
        return Result(check.id, check.title, tuple(found))
    return Result(check.id, check.title, tuple(found), failed=True)


# telling ------------------------------------------------------------------------------------------------------

WORDS = {
    Status.GOOD: "baik",
    Status.NOTE: "catatan",
    Status.FINDING: "TEMUAN",
    Status.SKIPPED: "dilewati",
}


def findings(results: Sequence[Result]) -> int:
    """How many things must be mended."""
    return sum(1 for result in results for remark in result.remarks if remark.finding)


def as_text(results: Sequence[Result]) -> str:
    """A list that a person reads from top to bottom."""
    lines: list[str] = []
    for result in results:
        lines.append(f"{WORDS[result.status]:<9} {result.title}")
        if result.skipped:
            lines.append(f"{'':<9} tidak dapat diperiksa sebelum «{result.skipped}» beres")
        for remark in result.remarks:
            lines += [f"{'':<9} {remark.text}", f"{'':<9} → {remark.todo}"]
    mended, notes = findings(results), sum(len(each.remarks) for each in results) - findings(results)
    skipped = sum(1 for each in results if each.skipped)
    parts = [f"{mended} temuan" if mended else "Tidak ada temuan"]
    parts += [f"{notes} catatan"] if notes else []
    parts += [f"{skipped} dilewati"] if skipped else []
    return "\n".join([*lines, "", f"{', '.join(parts)}."])


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """For `--format json`."""

    def told(result: Result, *, finding: bool) -> list[dict[str, str]]:
        return [{"text": each.text, "todo": each.todo} for each in result.remarks if each.finding is finding]

    return {
        "good": findings(results) == 0,
        "checks": [
            {
                "id": result.id,
                "title": result.title,
                "status": result.status.value,
                "findings": told(result, finding=True),
                "notes": told(result, finding=False),
                "skipped": result.skipped,
            }
            for result in results
        ],
    }
