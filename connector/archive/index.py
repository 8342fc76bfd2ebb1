"""The index of archives: which tickets have ended, and where the archive of each is. As data, text or PDF/A-3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.archive.record import Kept, records
from connector.documents.renderer import TypstRenderer
from connector.engine.progress import Rules
from connector.ports import Redmine

TEMPLATE = "indeks"


@dataclass(frozen=True)
class Entry:
    """One ticket that has ended, `at` by its organization's clock; without `files` it is not archived."""

    procedure: str
    classification: str
    retention: str
    ticket: str
    issue: int
    at: dt.datetime
    files: tuple[Kept, ...]

    @property
    def group(self) -> tuple[int, str, str, str]:
        """Under what it stands: year, procedure, classification, retention."""
        return self.at.year, self.procedure, self.classification, self.retention

    @property
    def where(self) -> str:
        """The places of its files."""
        return ", ".join(each.where for each in self.files) or "(belum diarsipkan)"

    def as_json(self) -> dict[str, object]:
        """For `--format json`."""
        year, procedure, classification, retention = self.group
        return {
            "year": year,
            "procedure": procedure,
            "classification": classification,
            "retention": retention,
            "ticket": self.ticket,
            "issue": self.issue,
            "where": self.where,
        }


def entries(redmine: Redmine, rulebook: Mapping[str, Rules], year: int | None) -> list[Entry]:
    """Every ticket that has ended (in `year`, by its organization's calendar), in order."""
    return sorted(_found(redmine, rulebook, year), key=lambda each: (each.group, each.ticket))


def _found(redmine: Redmine, rulebook: Mapping[str, Rules], year: int | None) -> Iterator[Entry]:
    for row in redmine.states(open_only=False):
        rules = rulebook.get(row.state.procedure)
        ended = row.state.ended_at if row.state.ended is not None else None
        if rules is None or ended is None:
            continue
        at = ended.astimezone(ZoneInfo(rules.organization.calendar.timezone))
        if year is not None and at.year != year:
            continue
        snapshot = redmine.read(row.issue)
        kept = [each for each in records(snapshot) if each.ended == ended] if snapshot else []
        said = rules.procedure.archive
        yield Entry(
            procedure=rules.procedure.key,
            classification=said.classification if said else "",
            retention=said.retention if said else "",
            ticket=row.number,
            issue=row.issue,
            at=at,
            files=kept[-1].files if kept else (),
        )


def pdf(found: Sequence[Entry], title: str, templates: Path, now: dt.datetime) -> bytes:
    """The index as PDF/A-3. `templates` is the folder of all templates.

    Raises:
        DocumentError: it cannot be set.
    """
    data = {
        "title": title,
        "made": f"{now:%d-%m-%Y %H:%M} {now.tzname() or ''}".strip(),
        "count": len(found),
        "groups": [_group(group, list(rows)) for group, rows in groupby(found, key=lambda each: each.group)],
    }
    renderer = TypstRenderer(templates / "archive", templates / "documents" / "fonts")
    return renderer.render(TEMPLATE, data, now=now)


def _group(group: tuple[int, str, str, str], rows: list[Entry]) -> dict[str, Any]:
    year, procedure, classification, retention = group
    return {
        "year": year,
        "procedure": procedure,
        "classification": classification,
        "retention": retention,
        "rows": [
            {
                "ticket": each.ticket,
                "issue": each.issue,
                "ended": f"{each.at:%d-%m-%Y}",
                "files": [{"where": file.where, "sha256": file.sha256} for file in each.files],
            }
            for each in rows
        ],
    }
