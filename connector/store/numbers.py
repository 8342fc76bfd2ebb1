"""Numbers, one after another for each series and year: of tickets, by their prefix, and of documents."""

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
        return f"{prefix}-{year}-{self.count_in(connection, prefix, year):06d}"

    def count_in(self, connection: Connection, series: str, year: int) -> int:
        """The next of any series, from 1; its row is locked until the transaction ends, so there are no gaps."""
        last: int = connection.execute(
            self._db.insert(numbers)
            .values(prefix=series, year=year, last=1)
            .on_conflict_do_update(
                index_elements=[numbers.c.prefix, numbers.c.year], set_={"last": numbers.c.last + 1}
            )
            .returning(numbers.c.last)
        ).scalar_one()
        return last

    def seed(self, prefix: str, year: int, highest: int) -> None:
        """Go on after `highest`, if that is further than we are."""
        with self._db.write() as connection:
            self.seed_in(connection, prefix, year, highest)

    def seed_in(self, connection: Connection, series: str, year: int, highest: int) -> None:
        """As `seed`, for any series, in a transaction that does more."""
        connection.execute(
            self._db.insert(numbers)
            .values(prefix=series, year=year, last=highest)
            .on_conflict_do_update(
                index_elements=[numbers.c.prefix, numbers.c.year],
                set_={"last": case((numbers.c.last < highest, highest), else_=numbers.c.last)},
            )
        )
