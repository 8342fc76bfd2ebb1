"""The register of documents: one row a document, with its number, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, extract, or_, select, update

from connector.ports import PaperStatus, Registered, Signed, Slot
from connector.store.connection import Connections
from connector.store.numbers import SqlNumbers
from connector.store.tables import documents, signed_documents

ORDER = (documents.c.organization, documents.c.year, documents.c.series, documents.c.sequence)
#: What a ticket says of a row that is there already; its file is known later than itself.
TOLD = ("status", "reason", "replaced_by", "sha256", "issue", "attachment", "certificate")


class _TakenError(Exception):
    """Another gave the slot its row at the same moment."""


class SqlRegister:
    """Implements `connector.ports.Register`."""

    def __init__(self, connections: Connections, numbers: SqlNumbers) -> None:
        self._db = connections
        self._numbers = numbers

    def allot(self, slot: Slot, write: Callable[[int], Registered]) -> Registered:
        """The row of a slot: the one that is there and not void, else a new one."""
        while True:
            try:
                with self._db.write() as connection:
                    return self._of(connection, slot) or self._new(connection, slot, write)
            except _TakenError:
                continue  # rolled back, its number with it; the row is there now

    def allotted(self, owner: str) -> Sequence[Registered]:
        """The owner's documents that are not known to their ticket yet."""
        waiting = documents.c.status == PaperStatus.ALLOTTED.value
        return self._read((documents.c.owner == owner, waiting), (documents.c.at, documents.c.code))

    def record(self, known: Sequence[Registered]) -> None:
        """What a ticket knows of its documents. Nothing is written where nothing is new."""
        codes = [each.code for each in known]
        if not codes:
            return
        before = {each.code: each for each in self._read((documents.c.code.in_(codes),), ())}
        fresh = [each for each in known if _told(before.get(each.code), each) != before.get(each.code)]
        if not fresh:
            return
        with self._db.write() as connection:
            # in one order, so that two at once do not wait for each other
            for each in sorted(fresh, key=lambda each: (each.slot.series, each.slot.year, each.sequence)):
                if each.slot.series:
                    self._numbers.seed_in(connection, each.slot.series, each.slot.year, each.sequence)
                self._give_way(connection, each)
                self._keep(connection, each)
            connection.execute(
                delete(signed_documents).where(signed_documents.c.code.in_([each.code for each in fresh]))
            )

    def abandon(self, issue: int, reason: str) -> None:
        """An issue is gone: what was begun for it is void."""
        waiting = documents.c.status == PaperStatus.ALLOTTED.value
        mine = or_(documents.c.issue == issue, documents.c.owner == f"issue:{issue}")
        if not self._read((waiting, mine), ()):
            return
        with self._db.write() as connection:
            codes = select(documents.c.code).where(waiting, mine)
            connection.execute(delete(signed_documents).where(signed_documents.c.code.in_(codes)))
            connection.execute(
                update(documents).where(waiting, mine).values(status=PaperStatus.VOID.value, reason=reason)
            )

    def signed(self, code: str) -> Signed | None:
        """What a document was signed as; None: it is not signed, or its ticket has it."""
        with self._db.read() as connection:
            return _signed(connection, code)

    def keep_signed(self, code: str, signed: Signed) -> Signed:
        """Keep the signed bytes of a document until its ticket has them; gives those that were kept first."""
        row = {"code": code, "content": signed.content, "certificate": signed.certificate}
        with self._db.write() as connection:
            connection.execute(self._db.insert(signed_documents).values(row).on_conflict_do_nothing())
            return _signed(connection, code) or signed

    def by_code(self, code: str) -> Registered | None:
        """One document."""
        return next(iter(self._read((documents.c.code == code,), ())), None)

    def entries(self, *, issue: int | None = None, year: int | None = None) -> Sequence[Registered]:
        """All documents, of an issue or a year, in order of their numbers."""
        wanted = [] if issue is None else [documents.c.issue == issue]
        if year is not None:
            begun = documents.c.year == 0
            wanted.append(or_(documents.c.year == year, begun & (extract("year", documents.c.at) == year)))
        return self._read(wanted, ORDER)

    # inside -------------------------------------------------------------------------------------------------

    def _of(self, connection: Connection, slot: Slot) -> Registered | None:
        query = select(documents).where(
            documents.c.owner == slot.owner,
            documents.c.key == slot.key,
            documents.c.status != PaperStatus.VOID.value,
        )
        row = connection.execute(query).one_or_none()
        return _registered(row) if row is not None else None

    def _new(self, connection: Connection, slot: Slot, write: Callable[[int], Registered]) -> Registered:
        made = write(self._numbers.count_in(connection, slot.series, slot.year))
        # a mapping that was given another register counts anew: what the old one gave out is passed over
        while self._given(connection, made):
            made = write(self._numbers.count_in(connection, slot.series, slot.year))
        added = connection.execute(
            self._db.insert(documents)
            .values(**_values(made))
            .on_conflict_do_nothing()
            .returning(documents.c.code)
        )
        if added.first() is None:
            raise _TakenError
        return made

    def _given(self, connection: Connection, made: Registered) -> bool:
        query = select(documents.c.code).where(
            documents.c.organization == made.organization, documents.c.number == made.number
        )
        return connection.execute(query).first() is not None

    def _give_way(self, connection: Connection, known: Registered) -> None:
        """What the ticket knows has the slot, whatever was begun for it since."""
        connection.execute(
            update(documents)
            .where(
                documents.c.owner == known.slot.owner,
                documents.c.key == known.slot.key,
                documents.c.code != known.code,
                documents.c.status == PaperStatus.ALLOTTED.value,
            )
            .values(status=PaperStatus.VOID.value, reason=f"tiket sudah mempunyai {known.number}")
        )

    def _keep(self, connection: Connection, known: Registered) -> None:
        told = {name: value for name, value in _values(known).items() if name in TOLD and value is not None}
        connection.execute(
            self._db.insert(documents)
            .values(**_values(known))
            .on_conflict_do_update(index_elements=[documents.c.code], set_=told)
        )

    def _read(self, wanted: Iterable[Any], order: Iterable[Any]) -> Sequence[Registered]:
        with self._db.read() as connection:
            rows = connection.execute(select(documents).where(*wanted).order_by(*order))
            return tuple(_registered(row) for row in rows)


def _told(before: Registered | None, known: Registered) -> Registered:
    """The row as it is once the ticket's word counts."""
    if before is None:
        return known
    told = {name: getattr(known, name) for name in TOLD}
    return replace(before, **{name: value for name, value in told.items() if value is not None})


def _values(made: Registered) -> dict[str, Any]:
    return {
        "owner": made.slot.owner,
        "key": made.slot.key,
        "series": made.slot.series,
        "year": made.slot.year,
        "sequence": made.sequence,
        "organization": made.organization,
        "ticket": made.ticket,
        "template": made.template,
        "field": made.field,
        "kind": made.kind,
        "number": made.number,
        "code": made.code,
        "at": made.at,
        "data": None if made.data is None else json.dumps(made.data, ensure_ascii=True, allow_nan=False),
        "status": made.status.value,
        "reason": made.reason,
        "replaced_by": made.replaced_by,
        "sha256": made.sha256,
        "issue": made.issue,
        "attachment": made.attachment,
        "certificate": made.certificate,
    }


def _signed(connection: Connection, code: str) -> Signed | None:
    row = connection.execute(select(signed_documents).where(signed_documents.c.code == code)).one_or_none()
    return Signed(row.content, row.certificate) if row is not None else None


def _registered(row: Row[Any]) -> Registered:
    return Registered(
        slot=Slot(row.owner, row.key, row.series, row.year),
        sequence=row.sequence,
        organization=row.organization,
        ticket=row.ticket,
        template=row.template,
        field=row.field,
        kind=row.kind,
        number=row.number,
        code=row.code,
        at=row.at,
        data=None if row.data is None else json.loads(row.data),
        status=PaperStatus(row.status),
        reason=row.reason,
        replaced_by=row.replaced_by,
        sha256=row.sha256,
        issue=row.issue,
        attachment=row.attachment,
        certificate=row.certificate,
    )
