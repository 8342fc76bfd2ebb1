"""The store as a whole, and its migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import delete, false, text

from connector.errors import PermanentError
from connector.ports import (
    Alerts,
    Bookkeeping,
    Clocks,
    Codes,
    Counters,
    DigestLog,
    Drafts,
    Files,
    Numbers,
    Outbox,
    Queue,
    Register,
    Submissions,
    Warnings,
)
from connector.store.alerts import SqlAlerts
from connector.store.books import SqlBooks
from connector.store.clocks import SqlClocks
from connector.store.codes import SqlCodes
from connector.store.connection import Connections
from connector.store.counters import SqlCounters
from connector.store.digests import SqlDigests
from connector.store.drafts import SqlDrafts
from connector.store.erasure import SqlErasure
from connector.store.files import SqlFiles
from connector.store.numbers import SqlNumbers
from connector.store.outbox import SqlOutbox
from connector.store.queue import SqlQueue
from connector.store.register import SqlRegister
from connector.store.submissions import SqlSubmissions
from connector.store.tables import beats
from connector.store.warnings import SqlWarnings

MIGRATIONS = Path(__file__).with_name("migrations")
#: Any number, the same for all who migrate: the key of PostgreSQL's advisory lock.
LOCK = 7230661


class SqlStore:
    """Implements `connector.ports.Store`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections
        queue, numbers = SqlQueue(connections), SqlNumbers(connections)
        outbox = SqlOutbox(connections, queue)
        self.queue: Queue = queue
        self.outbox: Outbox = outbox
        self.warnings: Warnings = SqlWarnings(connections, queue, outbox)
        self.clocks: Clocks = SqlClocks(connections, queue)
        self.numbers: Numbers = numbers
        self.register: Register = SqlRegister(connections, numbers)
        self.submissions: Submissions = SqlSubmissions(connections, queue, outbox, numbers)
        self.files: Files = SqlFiles(connections)
        self.drafts: Drafts = SqlDrafts(connections, outbox)
        self.codes: Codes = SqlCodes(connections, outbox)
        self.alerts: Alerts = SqlAlerts(connections, queue)
        self.digests: DigestLog = SqlDigests(connections, queue)
        self.books: Bookkeeping = SqlBooks(connections)
        self.counters: Counters = SqlCounters(connections)
        self.erasure = SqlErasure(connections)

    @classmethod
    def open(cls, url: str) -> SqlStore:
        """A store by SQLAlchemy's URL. Its tables must be made by `migrate`, once."""
        return cls(Connections.open(url))

    def close(self) -> None:
        """Give back every connection."""
        self._db.engine.dispose()

    def ping(self) -> None:
        """Raise `TransientError` if the database does not answer."""
        with self._db.read() as connection:
            connection.execute(text("SELECT 1"))

    def try_writing(self) -> None:
        """A write that changes nothing; raises what a real one would."""
        with self._db.write() as connection:
            connection.execute(delete(beats).where(false()))

    def migrate(self) -> None:
        """Bring the tables up to date, all or nothing; of several that try at once the others wait."""
        config = _config()
        with self._db.write() as connection:
            if self._db.skips_locked:
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise PermanentError(f"basis data ini dari versi yang lebih baru: {error}") from error

    def migrated(self) -> bool:
        """Whether the tables are up to date."""
        head = ScriptDirectory.from_config(_config()).get_current_head()
        with self._db.read() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
