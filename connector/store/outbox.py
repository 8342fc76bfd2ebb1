"""Mail that waits for the commit it speaks of. Once sent only the key stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from connector.ports import OutgoingMail
from connector.store.connection import Connections
from connector.store.queue import SqlQueue
from connector.store.tables import mails

HELD, READY, SENT = "held", "ready", "sent"


class SqlOutbox:
    """Implements `connector.ports.Outbox`."""

    def __init__(self, connections: Connections, queue: SqlQueue) -> None:
        self._db = connections
        self._queue = queue

    def hold(self, outgoing: Sequence[OutgoingMail], *, now: dt.datetime) -> None:
        """Keep mails until they are released; a key that is known is left alone."""
        if not outgoing:
            return
        with self._db.write() as connection:
            for mail in sorted(outgoing, key=lambda each: each.key):
                self._add(connection, mail, HELD, now)

    def send_in(self, connection: Connection, mail: OutgoingMail, *, now: dt.datetime) -> None:
        """Keep a mail and let it go at once, in a transaction that does more."""
        if self._add(connection, mail, READY, now):
            self._queue.put_in(connection, f"mail:{mail.key}", now=now)

    def release(self, keys: Iterable[str], *, now: dt.datetime) -> None:
        """Let held mails go: each becomes a job."""
        # sorted: two that release the same mails lock them in the same order
        wanted = sorted(set(keys))
        if not wanted:
            return
        with self._db.write() as connection:
            for key in wanted:
                changed = connection.execute(
                    update(mails)
                    .where(mails.c.key == key, mails.c.state == HELD)
                    .values(state=READY, changed=now)
                )
                if changed.rowcount:
                    self._queue.put_in(connection, f"mail:{key}", now=now)

    def discard(self, keys: Iterable[str]) -> None:
        """Throw away held mails."""
        wanted = list(keys)
        if not wanted:
            return
        with self._db.write() as connection:
            connection.execute(delete(mails).where(mails.c.key.in_(wanted), mails.c.state == HELD))

    def recall(self, keys: Iterable[str]) -> None:
        """Throw away mails that were not sent yet. Of those that are being sent now nobody can say."""
        wanted = list(keys)
        if not wanted:
            return
        with self._db.write() as connection:
            connection.execute(delete(mails).where(mails.c.key.in_(wanted), mails.c.state != SENT))

    def held(self) -> Sequence[OutgoingMail]:
        """All mails on hold."""
        with self._db.read() as connection:
            rows = connection.execute(select(mails).where(mails.c.state == HELD).order_by(mails.c.key))
            return tuple(_mail(row) for row in rows)

    def mail(self, key: str) -> OutgoingMail | None:
        """A released mail that was not sent yet."""
        with self._db.read() as connection:
            row = connection.execute(
                select(mails).where(mails.c.key == key, mails.c.state == READY)
            ).one_or_none()
            return _mail(row) if row is not None else None

    def sent(self, key: str, *, now: dt.datetime) -> None:
        """It went out: only the key is kept."""
        with self._db.write() as connection:
            connection.execute(
                update(mails)
                .where(mails.c.key == key)
                .values(state=SENT, changed=now, recipient="", subject="", text="", html="")
            )

    def _add(self, connection: Connection, mail: OutgoingMail, state: str, now: dt.datetime) -> bool:
        added = connection.execute(
            self._db.insert(mails)
            .values(
                key=mail.key,
                state=state,
                issue=mail.issue,
                recipient=mail.to,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                changed=now,
            )
            .on_conflict_do_nothing()
            .returning(mails.c.key)
        )
        return added.first() is not None


def _mail(row: Row[Any]) -> OutgoingMail:
    return OutgoingMail(row.key, row.recipient, row.subject, row.text, row.html, row.issue)
