"""When each ticket must be looked at because of time alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from connector.store.connection import Connections
from connector.store.queue import BATCH, SqlQueue
from connector.store.tables import clocks


class SqlClocks:
    """Implements `connector.ports.Clocks`."""

    def __init__(self, connections: Connections, queue: SqlQueue) -> None:
        self._db = connections
        self._queue = queue

    def set(self, issue: int, at: dt.datetime | None) -> None:
        """When an issue wakes. What is so already is not written again: every look comes by here."""
        mine = clocks.c.issue == issue
        with self._db.read() as connection:
            known = connection.execute(select(clocks.c.wake_at).where(mine)).scalar_one_or_none()
        if at == known:
            return
        with self._db.write() as connection:
            if at is None:
                connection.execute(delete(clocks).where(mine))
                return
            connection.execute(
                self._db.insert(clocks)
                .values(issue=issue, wake_at=at)
                .on_conflict_do_update(index_elements=[clocks.c.issue], set_={"wake_at": at})
            )

    def fill(self, wakes: Mapping[int, dt.datetime]) -> None:
        """When these issues wake, where it is not known."""
        rows = [{"issue": issue, "wake_at": at} for issue, at in sorted(wakes.items())]
        for start in range(0, len(rows), BATCH):
            with self._db.write() as connection:
                connection.execute(
                    self._db.insert(clocks).values(rows[start : start + BATCH]).on_conflict_do_nothing()
                )

    def due(self, *, now: dt.datetime) -> Sequence[int]:
        """The issues whose time has come, earliest first."""
        query = select(clocks.c.issue).where(clocks.c.wake_at <= now).order_by(clocks.c.wake_at)
        with self._db.read() as connection:
            return connection.execute(query).scalars().all()

    def ring(self, issues: Sequence[int], *, now: dt.datetime) -> int:
        """Put `issue:N` for those of these whose time has come, and forget their clocks; so many in a transaction."""
        rung = 0
        for start in range(0, len(issues), BATCH):
            mine = clocks.c.issue.in_(issues[start : start + BATCH])
            with self._db.write() as connection:
                # the job is what is left of it: should it be given up, only the sweep finds the ticket again
                gone = connection.execute(
                    delete(clocks).where(mine, clocks.c.wake_at <= now).returning(clocks.c.issue)
                )
                keys = [f"issue:{issue}" for issue in gone.scalars()]
                self._queue.put_all_in(connection, keys, now=now)
            rung += len(keys)
        return rung
