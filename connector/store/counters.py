"""How often something was done lately."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import case, delete, select

from connector.store.connection import Connections
from connector.store.tables import counters


class SqlCounters:
    """Implements `connector.ports.Counters`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections

    def add(self, key: str, amount: int, *, now: dt.datetime, lasts: dt.timedelta) -> int:
        """Count it; gives the count. Several at once are all counted."""
        values = {"key": key, "count": amount, "until": now + lasts}
        over = counters.c.until <= now
        again = {
            "count": case((over, amount), else_=counters.c.count + amount),
            "until": case((over, now + lasts), else_=counters.c.until),
        }
        insert = self._db.insert(counters).values(values)
        upsert = insert.on_conflict_do_update(index_elements=[counters.c.key], set_=again)
        with self._db.write() as connection:
            counted: int = connection.execute(upsert.returning(counters.c.count)).scalar_one()
        return counted

    def count(self, key: str, *, now: dt.datetime) -> int:
        """The count of a key."""
        query = select(counters.c.count).where(counters.c.key == key, counters.c.until > now)
        with self._db.read() as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def until(self, key: str, *, now: dt.datetime) -> dt.datetime:
        """When it begins again."""
        with self._db.read() as connection:
            found = connection.execute(select(counters.c.until).where(counters.c.key == key))
            return found.scalar_one_or_none() or now

    def forget(self, key: str) -> None:
        """It begins again now."""
        with self._db.write() as connection:
            connection.execute(delete(counters).where(counters.c.key == key))

    def expire(self, *, now: dt.datetime) -> None:
        """Forget what is over."""
        with self._db.write() as connection:
            connection.execute(delete(counters).where(counters.c.until <= now))
