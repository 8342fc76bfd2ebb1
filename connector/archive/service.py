"""Makes archives: a duty looks which tickets have ended, and a job of its own makes each archive, once.

What was made is told by a note in the ticket, in the same commit that attaches it; before it nothing counts, and after
it nothing is made again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.archive.bundle import sheet, zipped
from connector.archive.contents import Scope, items, wanted
from connector.archive.record import Kept, Record, due, records, words
from connector.archive.shelf import Shelf
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot
from connector.errors import ConflictError, NotFoundError, PermanentError, RefusedError, TransientError
from connector.ports import IssueChange, Queue, Redmine

#: How long after its end a ticket is still looked for; the worker may have stood still.
LOOKED_FOR = dt.timedelta(days=7)


@dataclass(frozen=True)
class Bundle:
    """The archive of a ticket: ZIP and PDF by their file names."""

    ended: dt.datetime
    folder: str
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Archivist:
    """Archives tickets. Without a `shelf` the files are attached to the issue, without what not all may read; those
    that Redmine does not take go to the `large` one, with a link."""

    redmine: Redmine
    queue: Queue
    rules: Mapping[str, Rules]
    templates: Path
    shelf: Shelf | None
    clock: Callable[[], dt.datetime]
    large: Shelf | None = None
    _done: dict[int, dt.datetime] = field(default_factory=dict)

    def tick(self) -> None:
        """Ask for the archives of tickets that have ended of late."""
        now = self.clock()
        for row in self.redmine.recent_states(now - LOOKED_FOR):
            ended = row.state.ended_at if row.state.ended is not None else None
            if ended is not None and self._done.get(row.issue) != ended:
                self.queue.put(f"archive:{row.issue}", now=now)
                self._done[row.issue] = ended

    def settle(self, ref: str) -> None:
        """Make the archive of an issue, unless it has one of this end.

        Raises:
            TransientError: not now.
            PermanentError: Redmine does not take it.
        """
        snapshot = self.redmine.read(int(ref))
        if snapshot is None or snapshot.state is None or not due(snapshot):
            return
        if snapshot.new_journals() or snapshot.actions:
            raise ConflictError("tiket belum selesai diolah")
        bundle = self.bundle(snapshot, Scope(full=self.shelf is not None))
        change, record = self._placed(bundle)
        before = records(snapshot)
        note = words(record, before[-1] if before else None)
        try:
            self.redmine.commit(
                snapshot,
                IssueChange(attachments=change.attachments, notes=note, private_notes=True),
                snapshot.state,
            )
        except RefusedError as error:
            raise PermanentError(f"Redmine menolak arsip tiket: {error}") from None

    def bundle(self, snapshot: Snapshot, scope: Scope) -> Bundle:
        """The archive of an issue that has ended.

        Raises:
            DocumentError: it cannot be set.
            NotFoundError: its procedure is not served, or it has not ended.
        """
        rules, state = self.rules.get(snapshot.procedure), snapshot.state
        if rules is None or state is None or state.ended_at is None:
            raise NotFoundError(f"tiket #{snapshot.issue} belum berakhir, atau POS-nya tidak dilayani")
        contents = {
            each.file.id: self._content(each.file.id) for each in wanted(snapshot, rules.procedure, scope)
        }
        every = items(snapshot, rules.procedure, scope, contents)
        pdf = sheet(every, _facts(snapshot, rules, scope), self.templates, state.ended_at)
        name = re.sub(r"[^A-Za-z0-9-]+", "-", state.number)
        moment = state.ended_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        files = {f"arsip-{name}-{moment}.zip": zipped(every), f"arsip-{name}-{moment}.pdf": pdf}
        year = state.ended_at.astimezone(ZoneInfo(rules.organization.calendar.timezone)).year
        folder = f"{rules.organization.id}/{year}/{rules.procedure.id}"
        return Bundle(state.ended_at, folder, files)

    def _content(self, ref: int) -> bytes:
        try:
            return self.redmine.download(ref)
        except NotFoundError:
            # it was there when the issue was read; perhaps somebody is at it right now
            raise TransientError(f"lampiran {ref} tidak dapat diunduh") from None

    def _placed(self, bundle: Bundle) -> tuple[IssueChange, Record]:
        """The files in their place, and what is to be committed for it."""
        kept, uploads = [], []
        for name, content in bundle.files.items():
            kind, digest = name[-3:].upper(), _sha256(content)
            shelf, where = self.shelf, name
            if shelf is None:
                try:
                    uploads.append(self.redmine.upload(name, TYPES[kind], content))
                except RefusedError as error:
                    shelf = self._for_large(name, len(content), error)
            if shelf is not None:
                where = shelf.put(f"{bundle.folder}/{digest[:12]}-{name}", content)
            kept.append(Kept(kind, where, digest))
        return IssueChange(attachments=tuple(uploads)), Record(bundle.ended, tuple(kept))

    def _for_large(self, name: str, size: int, error: RefusedError) -> Shelf:
        """Where a file goes that Redmine does not take."""
        if self.large is not None:
            return self.large
        hint = "isi SOP_ARCHIVE_LARGE_URL dengan folder atau penyimpanan lain, atau naikkan batas ukuran lampiran"
        raise PermanentError(f"Redmine menolak {name} ({size} bita): {error}; {hint}") from None


TYPES = {"ZIP": "application/zip", "PDF": "application/pdf"}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _facts(snapshot: Snapshot, rules: Rules, scope: Scope) -> Iterator[tuple[str, str]]:
    state, archive = snapshot.state, rules.procedure.archive
    if state is None or state.ended_at is None:
        raise ValueError("an archive is of a ticket that has ended")
    end = rules.procedure.end(state.ended or "")
    zone = ZoneInfo(rules.organization.calendar.timezone)
    yield "Nomor tiket", state.number
    yield "Tiket Redmine", f"#{snapshot.issue}"
    yield "POS", f"{rules.procedure.code} {rules.procedure.title}"
    yield "Unit", f"{rules.organization.office}, {rules.organization.name}"
    yield "Diterima", f"{state.received.astimezone(zone):%d-%m-%Y %H:%M}"
    yield "Berakhir", f"{state.ended_at.astimezone(zone):%d-%m-%Y %H:%M}" + (f" ({end.title})" if end else "")
    if archive is not None:
        yield "Klasifikasi", archive.classification
        yield "Retensi", archive.retention
    yield (
        "Isi",
        "lengkap" if scope.full else "tanpa catatan pribadi dan isian yang hanya dilihat petugas tertentu",
    )
