"""The monitoring's alerts, each with its ticket: what was last reported of it, and what the ticket knows."""

from __future__ import annotations

from sqlalchemy import select, update

from connector.ports import Report, Watch
from connector.store.connection import Connections
from connector.store.queue import SqlQueue
from connector.store.tables import alerts


class SqlAlerts:
    """Implements `connector.ports.Alerts`."""

    def __init__(self, connections: Connections, queue: SqlQueue) -> None:
        self._db = connections
        self._queue = queue

    def watch(self, key: str) -> Watch | None:
        """One alert."""
        with self._db.read() as connection:
            row = connection.execute(select(alerts).where(alerts.c.key == key)).one_or_none()
        if row is None:
            return None
        return Watch(Report(row.key, row.procedure, row.firing, row.at, row.fields), row.submission, row.told)

    def report(self, report: Report) -> bool:
        """Keep what was said of a known alert, and put its job; False if it is not known."""
        said = {
            "procedure": report.procedure,
            "firing": report.firing,
            "at": report.at,
            "fields": dict(report.fields),
        }
        with self._db.write() as connection:
            changed = connection.execute(update(alerts).where(alerts.c.key == report.key).values(**said))
            if changed.rowcount == 0:
                return False
            self._queue.put_in(connection, f"alert:{report.key}", now=report.at)
            return True

    def opened(self, report: Report, submission: str) -> None:
        """This submission is the alert's ticket now; what was reported in the meantime stays."""
        ticket = {"submission": submission, "told": True}
        with self._db.write() as connection:
            connection.execute(
                self._db.insert(alerts)
                .values(
                    key=report.key,
                    procedure=report.procedure,
                    firing=report.firing,
                    at=report.at,
                    fields={},
                    **ticket,
                )
                .on_conflict_do_update(index_elements=[alerts.c.key], set_=ticket)
            )

    def told(self, watch: Watch) -> None:
        """The ticket knows what this watch reports. Its words are deleted, unless newer ones have come."""
        mine = alerts.c.key == watch.report.key
        with self._db.write() as connection:
            connection.execute(update(alerts).where(mine).values(told=watch.report.firing))
            connection.execute(update(alerts).where(mine, alerts.c.at == watch.report.at).values(fields={}))
