"""What the worker remembers between two runs."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, or_, select

from connector.ports import FeedCursor
from connector.store.connection import Connections
from connector.store.tables import beats, facts, feed, ticks

READY = "ready"
MAIN = "main"
#: Workers are named anew at each start; those not heard of for so long are forgotten.
GONE = dt.timedelta(days=1)


class SqlBooks:
    """Implements `connector.ports.Bookkeeping`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections

    def cursor(self) -> FeedCursor | None:
        """How far the feed was read."""
        with self._db.read() as connection:
            row = connection.execute(select(feed.c.issue, feed.c.journal)).one_or_none()
            return FeedCursor(row.issue, row.journal) if row is not None else None

    def set_cursor(self, cursor: FeedCursor) -> None:
        """Remember it."""
        values = {"issue": cursor.issue, "journal": cursor.journal}
        with self._db.write() as connection:
            connection.execute(
                self._db.insert(feed)
                .values(name=MAIN, **values)
                .on_conflict_do_update(index_elements=[feed.c.name], set_=values)
            )

    def claim_tick(self, name: str, slot: dt.datetime, *, every: dt.timedelta | None = None) -> bool:
        """Whether this process may do a duty of this slot: the first to ask, and never an older slot.

        With `every`, the time between two slots, one that is more than two of them ahead is that of a clock which was
        wrong then: it holds nobody up.
        """
        older = ticks.c.slot < slot
        if every is not None:
            older = or_(older, ticks.c.slot > slot + 2 * every)
        with self._db.write() as connection:
            done = connection.execute(
                self._db.insert(ticks)
                .values(name=name, slot=slot)
                .on_conflict_do_update(index_elements=[ticks.c.name], set_={"slot": slot}, where=older)
                .returning(ticks.c.name)
            )
            return done.first() is not None

    def ready(self) -> bool:
        """Whether the database was seeded from Redmine."""
        with self._db.read() as connection:
            return connection.execute(select(facts.c.name).where(facts.c.name == READY)).first() is not None

    def set_ready(self) -> None:
        """It was."""
        with self._db.write() as connection:
            connection.execute(self._db.insert(facts).values(name=READY).on_conflict_do_nothing())

    def beat(self, worker: str, *, now: dt.datetime) -> None:
        """A worker is alive."""
        with self._db.write() as connection:
            connection.execute(
                self._db.insert(beats)
                .values(worker=worker, at=now)
                .on_conflict_do_update(index_elements=[beats.c.worker], set_={"at": now})
            )
            connection.execute(delete(beats).where(beats.c.at < now - GONE))

    def last_beat(self) -> dt.datetime | None:
        """When a worker was last alive."""
        with self._db.read() as connection:
            last: dt.datetime | None = connection.execute(select(func.max(beats.c.at))).scalar_one_or_none()
            return last
