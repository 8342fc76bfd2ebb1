"""What goes into a ticket's archive: its files, its history, and the manifest of them all. Pure.

It is made from the ticket alone, so the same ticket gives the same archive. What the archive of a ticket says about
itself in the history is left out, and so are earlier archives.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.archive.record import archives, is_record
from connector.engine.snapshot import Journal, Snapshot, StoredFile
from connector.sop.model import FieldDef, FieldType, Procedure

MANIFEST = "manifes.json"
FORMAT = 1
TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
WITHHELD = "(catatan pribadi, tidak disertakan)"


@dataclass(frozen=True)
class Item:
    """One file of an archive, under its `path` in it."""

    path: str
    title: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Wanted:
    """A file of the ticket that the archive has: where, and which attachment of Redmine it is."""

    path: str
    title: str
    file: StoredFile


@dataclass(frozen=True)
class Scope:
    """`full`: with what only some of the staff may read, for a store of its own; else what all who see it may."""

    full: bool

    def hides(self, key: str, field: FieldDef | None) -> bool:
        """Whether what stands under a key is left out. A field that the procedure does not know may be anybody's."""
        if self.full or not key.startswith("field:"):
            return False
        return field is None or field.visible_to is not None or field.personal


def wanted(snapshot: Snapshot, procedure: Procedure, scope: Scope) -> tuple[Wanted, ...]:
    """The ticket's files in order of their ids, each once."""
    own = archives(snapshot)
    fields = {field.key: field for field in procedure.fields}
    found: dict[int, Wanted] = {}
    for key, file in snapshot.files.items():
        field = fields.get(key)
        if not scope.hides(key, field):
            found[file.id] = Wanted(_path(file), field.label if field else key, file)
    hidden = {file.id for key, file in snapshot.files.items() if scope.hides(key, fields.get(key))}
    for file in snapshot.attachments:
        if file.id not in hidden and file.digest not in own:
            found.setdefault(file.id, Wanted(_path(file), "Lampiran", file))
    return tuple(found[ref] for ref in sorted(found))


def items(
    snapshot: Snapshot, procedure: Procedure, scope: Scope, contents: Mapping[int, bytes]
) -> tuple[Item, ...]:
    """All of the archive, sorted by path, the manifest last; `contents`: the files by Redmine's ids."""
    files = [
        Item(each.path, each.title, _type(each.file.content_type), contents[each.file.id])
        for each in wanted(snapshot, procedure, scope)
    ]
    history = [
        Item(
            "riwayat.json",
            "Riwayat sebagai data",
            "application/json",
            _json(_history(snapshot, procedure, scope)),
        ),
        Item("riwayat.txt", "Riwayat", "text/plain", _readable(snapshot, procedure, scope).encode()),
    ]
    every = sorted((*files, *history), key=lambda each: each.path)
    manifest = _json(_manifest(snapshot, procedure, scope, every))
    return (*every, Item(MANIFEST, "Manifes", "application/json", manifest))


def _path(file: StoredFile) -> str:
    """A path that every file system takes; the id keeps it apart from others of this name."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name).strip("-.")[-80:] or "berkas"
    return f"berkas/{file.id:08d}-{name}"


def _type(content_type: str) -> str:
    return content_type if TYPE.fullmatch(content_type) else "application/octet-stream"


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _manifest(snapshot: Snapshot, procedure: Procedure, scope: Scope, every: list[Item]) -> dict[str, object]:
    state = snapshot.state
    archive = procedure.archive
    return {
        "format": FORMAT,
        "ticket": state.number if state else "",
        "issue": snapshot.issue,
        "subject": snapshot.subject,
        "procedure": procedure.key,
        "title": procedure.title,
        "ended": state.ended if state else None,
        "ended_at": state.ended_at.isoformat() if state and state.ended_at else None,
        "classification": archive.classification if archive else "",
        "retention": archive.retention if archive else "",
        "full": scope.full,
        "files": [
            {"path": each.path, "title": each.title, "size": len(each.content), "sha256": each.sha256}
            for each in every
        ],
    }


# the history ------------------------------------------------------------------------------------------------


def _journals(snapshot: Snapshot) -> Iterator[Journal]:
    return (journal for journal in snapshot.journals if not is_record(journal))


def _history(snapshot: Snapshot, procedure: Procedure, scope: Scope) -> dict[str, object]:
    """The ticket as it is and how it became so. The hash of the secret of its link stays out."""
    fields = {field.key: field for field in procedure.fields}
    state = snapshot.state
    return {
        "created": snapshot.created.isoformat(),
        "subject": snapshot.subject,
        "description": snapshot.description,
        "status": snapshot.status,
        "fields": {
            key: value
            for key, value in sorted(snapshot.fields.items())
            if not scope.hides(key, fields.get(key))
        },
        "state": state.model_dump(mode="json", exclude=_apart(scope)) if state else None,
        "journals": [
            {
                "id": journal.id,
                "at": journal.at.isoformat(),
                "by": {"id": journal.by.id, "name": journal.by.name},
                "private": journal.private,
                "notes": _notes(journal, scope),
                "changes": [
                    change.model_dump(mode="json")
                    for change in journal.changes
                    if not scope.hides(change.what, fields.get(change.what))
                ],
            }
            for journal in _journals(snapshot)
        ],
    }


def _apart(scope: Scope) -> set[str]:
    """What of the state is left out: the secret, what is said elsewhere, and who signed from which address."""
    return {"token_hash", "panel", "former", *(() if scope.full else ("countersigned",))}


def _notes(journal: Journal, scope: Scope) -> str:
    return WITHHELD if journal.private and not scope.full else journal.notes


def _readable(snapshot: Snapshot, procedure: Procedure, scope: Scope) -> str:
    """The history for people."""
    fields = {field.key: field for field in procedure.fields}
    number = snapshot.state.number if snapshot.state else ""
    lines = [f"Riwayat tiket {number} (Redmine #{snapshot.issue})", procedure.title, ""]
    for journal in _journals(snapshot):
        lines.append(f"{journal.at:%Y-%m-%d %H:%M:%S %z}  {journal.by.name} (#{journal.by.id})")
        for change in journal.changes:
            field = fields.get(change.what)
            if scope.hides(change.what, field):
                continue
            if field is not None and field.type is FieldType.FILE:
                lines.append(f"  {field.label}: berkas {change.new or 'dihapus'}")
            else:
                what = field.label if field else change.what
                lines.append(f"  {what}: {change.old or '(kosong)'} → {change.new or '(kosong)'}")
        notes = _notes(journal, scope)
        lines += [f"  {line}" for line in notes.splitlines()]
        lines.append("")
    return "\n".join(lines)
