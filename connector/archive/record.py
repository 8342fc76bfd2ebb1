"""How a ticket says that it was archived: a private note of the connector. Nothing else has to be remembered. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from connector.engine.snapshot import Journal, Snapshot

HEAD = "Arsip tiket dibuat"
LINE = re.compile(r"^- (?P<kind>ZIP|PDF): (?P<where>.+) \(SHA-256 (?P<sha256>[0-9a-f]{64})\)$", re.MULTILINE)
ENDED = re.compile(r"^- Tiket berakhir pada (?P<at>\S+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Kept:
    """One file of an archive: `kind` ZIP or PDF, and where it is."""

    kind: str
    where: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """An archive of a ticket, made for the end at `ended`."""

    ended: dt.datetime
    files: tuple[Kept, ...]


def words(record: Record, before: Record | None) -> str:
    """The note of an archive; `before` is the one that it replaces."""
    lines = [f"{HEAD}. Hanya untuk petugas; jangan diserahkan kepada pemohon.", ""]
    lines += [f"- {each.kind}: {each.where} (SHA-256 {each.sha256})" for each in record.files]
    lines.append(f"- Tiket berakhir pada {record.ended.isoformat()}.")
    if before is not None:
        old = ", ".join(each.where for each in before.files)
        lines.append(f"- Menggantikan arsip sebelumnya, yang tidak berlaku lagi: {old}.")
    return "\n".join(lines)


def is_record(journal: Journal) -> bool:
    """Whether a journal tells of an archive; only the connector's own word counts."""
    return journal.by.connector and journal.notes.startswith(HEAD)


def records(snapshot: Snapshot) -> tuple[Record, ...]:
    """The archives of a ticket; the last one is valid."""
    return tuple(
        Record(
            dt.datetime.fromisoformat(ended["at"]),
            tuple(Kept(each["kind"], each["where"], each["sha256"]) for each in LINE.finditer(notes)),
        )
        for journal in snapshot.journals
        if is_record(journal) and (ended := ENDED.search(notes := journal.notes.replace("\r\n", "\n")))
    )


def archives(snapshot: Snapshot) -> frozenset[str]:
    """SHA-256 of every archive of the ticket."""
    return frozenset(each.sha256 for record in records(snapshot) for each in record.files)


def due(snapshot: Snapshot) -> bool:
    """Whether the ticket has ended and no archive was made of this end."""
    state = snapshot.state
    if state is None or state.ended_at is None or state.ended is None:
        return False
    return all(each.ended != state.ended_at for each in records(snapshot))
