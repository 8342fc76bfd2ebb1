"""Warnings of limits: one row a rung and person, which is never deleted once it was let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, update

from connector.ports import OutgoingMail, Warned
from connector.store.connection import Connections
from connector.store.outbox import HELD, READY, SENT, SqlOutbox
from connector.store.queue import SqlQueue
from connector.store.tables import warnings


class SqlWarnings:
    """Implements `connector.ports.Warnings`."""

    def __init__(self, connections: Connections, queue: SqlQueue, outbox: SqlOutbox) -> None:
        self._db = connections
        self._queue = queue
        self._outbox = outbox

    def hold(self, warned: Sequence[Warned]) -> None:
        """Keep warnings until they are released; a key that is known is left alone."""
        if not warned:
            return
        with self._db.write() as connection:
            for each in sorted(warned, key=lambda each: each.key):
                connection.execute(
                    self._db.insert(warnings)
                    .values(
                        key=each.key,
                        state=HELD,
                        person=each.person,
                        issue=each.issue,
                        rung=each.rung,
                        changed=each.since,
                    )
                    .on_conflict_do_nothing()
                )

    def release(self, keys: Iterable[str], *, now: dt.datetime, at: dt.datetime) -> None:
        """Let held warnings go: each person gets a job."""
        # sorted: two that release the same warnings lock them in the same order
        wanted = sorted(set(keys))
        if not wanted:
            return
        with self._db.write() as connection:
            people = set()
            for key in wanted:
                people |= set(
                    connection.execute(
                        update(warnings)
                        .where(warnings.c.key == key, warnings.c.state == HELD)
                        .values(state=READY, changed=now)
                        .returning(warnings.c.person)
                    ).scalars()
                )
            for person in sorted(people):
                self._queue.put_in(connection, f"warn:{person}", now=now, at=at)

    def discard(self, keys: Iterable[str]) -> None:
        """Throw away held warnings."""
        wanted = list(keys)
        if not wanted:
            return
        with self._db.write() as connection:
            connection.execute(delete(warnings).where(warnings.c.key.in_(wanted), warnings.c.state == HELD))

    def held(self, issue: int) -> Sequence[Warned]:
        """The warnings of an issue that are on hold."""
        return self._read(warnings.c.issue == issue, warnings.c.state == HELD)

    def ready(self, person: int) -> Sequence[Warned]:
        """What was let go for a person and not told yet, oldest first."""
        return self._read(warnings.c.person == person, warnings.c.state == READY)

    def tell(self, warned: Sequence[Warned], mail: OutgoingMail | None, *, now: dt.datetime) -> bool:
        """Done with these, and the mail lets go; nothing is done if somebody was quicker with one of them."""
        keys = sorted(each.key for each in warned)
        with self._db.write() as connection:
            # in one order, so that two at once do not wait for each other
            mine = select(warnings.c.key).where(warnings.c.key.in_(keys), warnings.c.state == READY)
            found = connection.execute(mine.order_by(warnings.c.key).with_for_update()).scalars().all()
            if len(found) < len(keys):
                return False
            connection.execute(
                update(warnings).where(warnings.c.key.in_(keys)).values(state=SENT, changed=now)
            )
            if mail is not None:
                self._outbox.send_in(connection, mail, now=now)
            return True

    def _read(self, *wanted: Any) -> Sequence[Warned]:
        query = select(warnings).where(*wanted).order_by(warnings.c.changed, warnings.c.key)
        with self._db.read() as connection:
            return tuple(_warned(row) for row in connection.execute(query))


def _warned(row: Row[Any]) -> Warned:
    return Warned(row.key, row.person, row.issue, row.rung, row.changed)
