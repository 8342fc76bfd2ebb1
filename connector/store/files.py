"""Files that came with a form. They are held under the form's key until it is sent, and written and read in parts."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from connector.engine.snapshot import SubmittedFile
from connector.errors import NotFoundError, TransientError
from connector.ports import Content, Upload
from connector.store.connection import Connections
from connector.store.tables import file_parts, files

#: So much of a file is in memory at once.
PART = 256 * 1024


class SqlFiles:
    """Implements `connector.ports.Files`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections

    def hold(self, key: str, upload: Upload, *, until: dt.datetime) -> SubmittedFile:
        """Keep a file for the form `key`; the same content for the same field is kept once."""
        digest, size = _measured(upload.stream)
        row = {"held": key, "field": upload.field, "sha256": digest}
        same = (files.c.held == key) & (files.c.field == upload.field) & (files.c.sha256 == digest)
        with self._db.write() as connection:
            before = select(func.count()).select_from(files).where(files.c.held == key).scalar_subquery()
            added = connection.execute(
                self._db.insert(files)
                .values(
                    **row,
                    ref=str(uuid.uuid4()),
                    held_until=until,
                    position=before,
                    name=upload.filename,
                    content_type=upload.content_type,
                    size=size,
                )
                .on_conflict_do_nothing(index_elements=[files.c.held, files.c.field, files.c.sha256])
                .returning(files.c.ref)
            ).scalar_one_or_none()
            for position, part in enumerate(_parts(upload.stream)) if added else ():
                values = {"ref": added, "position": position, "content": part}
                connection.execute(file_parts.insert().values(values))
            found = kept(connection, same)
        if not found:  # the same form, sent twice at once, was quicker
            raise TransientError("berkas sudah dikirim")
        return found[0]

    def held(self, key: str) -> Sequence[SubmittedFile]:
        """The files of a form that was not sent yet, in the order in which they came."""
        with self._db.read() as connection:
            return kept(connection, files.c.held == key) if key else ()

    def let_go(self, key: str, refs: Sequence[str]) -> None:
        """Forget some of a form's files."""
        with self._db.write() as connection:
            forget(connection, (files.c.held == key) & files.c.ref.in_(refs))

    def expire(self, *, now: dt.datetime) -> None:
        """Forget the files of forms that were never sent."""
        with self._db.write() as connection:
            forget(connection, files.c.held_until <= now)

    def open(self, ref: str) -> Content | None:
        """A stored file, to be read in parts; None if it is gone."""
        with self._db.read() as connection:
            size = connection.execute(select(files.c.size).where(files.c.ref == ref)).scalar_one_or_none()
        return None if size is None else _Stored(self._db, ref, size)


class _Stored:
    """A stored file as something to read from."""

    def __init__(self, connections: Connections, ref: str, size: int) -> None:
        self._db, self._ref, self._size = connections, ref, size
        self._next, self._rest = 0, b""

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left."""
        while size < 0 or len(self._rest) < size:
            part = self._part()
            if part is None:
                break
            self._rest += part
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def _part(self) -> bytes | None:
        query = select(file_parts.c.content).where(
            file_parts.c.ref == self._ref, file_parts.c.position == self._next
        )
        with self._db.read() as connection:
            part: bytes | None = connection.execute(query).scalar_one_or_none()
        self._next += 1
        return part


def kept(connection: Connection, owner: ColumnElement[bool]) -> tuple[SubmittedFile, ...]:
    """The files of an owner, in order."""
    columns = [files.c.ref, files.c.field, files.c.name, files.c.content_type, files.c.size, files.c.sha256]
    query = select(*columns).where(owner).order_by(files.c.position, files.c.name)
    return tuple(SubmittedFile(**row._asdict()) for row in connection.execute(query))


def claim(
    connection: Connection,
    key: str,
    refs: Sequence[str],
    *,
    submission: str | None = None,
    action: str | None = None,
) -> None:
    """Held files become those of a submission or an action.

    Raises:
        NotFoundError: one of them is not held any more.
    """
    for position, ref in enumerate(refs):
        changed = connection.execute(
            update(files)
            .where(files.c.ref == ref, files.c.held == key)
            .values(held=None, held_until=None, position=position, submission=submission, action=action)
        )
        if changed.rowcount != 1:
            raise NotFoundError("berkas tidak lagi tersimpan")


def forget(connection: Connection, owner: ColumnElement[bool]) -> None:
    """Delete files with their contents."""
    gone = select(files.c.ref).where(owner)
    connection.execute(delete(file_parts).where(file_parts.c.ref.in_(gone)))
    connection.execute(delete(files).where(owner))


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while part := stream.read(PART):
        yield part


def _measured(stream: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for part in _parts(stream):
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size
