"""Codes that prove an address: only their hash, for a short while, and only a few tries."""

from __future__ import annotations

import datetime as dt
import hmac

from sqlalchemy import delete, select, update

from connector.ports import OutgoingMail
from connector.store.connection import Connections
from connector.store.outbox import SqlOutbox
from connector.store.tables import codes

#: For so long the codes that were sent for a key are counted.
WINDOW = dt.timedelta(hours=1)


class SqlCodes:
    """Implements `connector.ports.Codes`."""

    def __init__(self, connections: Connections, outbox: SqlOutbox) -> None:
        self._db = connections
        self._outbox = outbox

    def send(
        self, key: str, code_hash: str, mail: OutgoingMail, *, until: dt.datetime, now: dt.datetime, most: int
    ) -> bool:
        """Keep a new code in place of an older one and send its mail; False if `most` were sent within the hour."""
        with self._db.write() as connection:
            # the row is made first, so that two at once count one after the other
            blank = {"key": key, "hash": "", "until": now, "tries": 0, "sent": 0, "since": now}
            connection.execute(self._db.insert(codes).values(blank).on_conflict_do_nothing())
            row = connection.execute(select(codes).where(codes.c.key == key).with_for_update()).one()
            fresh = row.since + WINDOW <= now
            sent = 0 if fresh else row.sent
            if sent >= most:
                return False
            connection.execute(
                update(codes)
                .where(codes.c.key == key)
                .values(
                    hash=code_hash, until=until, tries=0, sent=sent + 1, since=now if fresh else row.since
                )
            )
            self._outbox.send_in(connection, mail, now=now)
            return True

    def proves(self, key: str, code_hash: str, *, now: dt.datetime, tries: int) -> bool:
        """Whether this is the code that was sent. Each try counts; a code is right once."""
        with self._db.write() as connection:
            row = connection.execute(
                update(codes)
                .where(codes.c.key == key, codes.c.tries < tries, codes.c.until > now)
                .values(tries=codes.c.tries + 1)
                .returning(codes.c.hash)
            ).one_or_none()
            right = row is not None and bool(row.hash) and hmac.compare_digest(row.hash, code_hash)
            if right:
                connection.execute(update(codes).where(codes.c.key == key).values(hash=""))
            return right

    def expire(self, *, now: dt.datetime) -> None:
        """Forget codes whose time is long over."""
        over = (codes.c.until <= now) & (codes.c.since <= now - WINDOW)
        with self._db.write() as connection:
            connection.execute(delete(codes).where(over))
