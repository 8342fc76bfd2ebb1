"""Ticket numbers, one after another for each organization and year."""

from __future__ import annotations

from sqlalchemy import Connection, case

from connector.store.connection import Connections
from connector.store.tables import numbers


class SqlNumbers:
    """Implements `connector.ports.Numbers`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections

    def next(self, prefix: str, year: int) -> str:
        """The next number."""
        with self._db.write() as connection:
            return self.next_in(connection, prefix, year)

    def next_in(self, connection: Connection, prefix: str, year: int) -> str:
        """As `next`, in a transaction that does more; rolled back, the number is given to the next who asks."""
        last = connection.execute(
            self._db.insert(numbers)
            .values(prefix=prefix, year=year, last=1)
            .on_conflict_do_update(
                index_elements=[numbers.c.prefix, numbers.c.year], set_={"last": numbers.c.last + 1}
            )
            .returning(numbers.c.last)
        ).scalar_one()
        return f"{prefix}-{year}-{last:06d}"

    def seed(self, prefix: str, year: int, highest: int) -> None:
        """Go on after `highest`, if that is further than we are."""
        with self._db.write() as connection:
            connection.execute(
                self._db.insert(numbers)
                .values(prefix=prefix, year=year, last=highest)
                .on_conflict_do_update(
                    index_elements=[numbers.c.prefix, numbers.c.year],
                    set_={"last": case((numbers.c.last < highest, highest), else_=numbers.c.last)},
                )
            )
