"""Connections and transactions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from connector.errors import PermanentError, TransientError

#: How long a writer waits for another, on both databases.
BUSY_SECONDS = 15
CONNECT_SECONDS = 10


class Connections:
    """Opens transactions; what goes wrong with the database itself comes out as an error of this project."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        _close_at_fork(engine)

    @classmethod
    def open(cls, url: str) -> Connections:
        """Connections to a database, by SQLAlchemy's URL. Nothing is read or made yet."""
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        return cls(_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes."""
        with _translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, all of it at one instant: on SQLite it does not wait for writers."""
        options: dict[str, Any] = {"reading": True}
        if self.skips_locked:
            options["isolation_level"] = "REPEATABLE READ"
        with _translated(), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    def insert(self, table: Table) -> Any:
        """An insert that knows `on_conflict_…`, in the dialect of the database."""
        dialect = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)

    @property
    def skips_locked(self) -> bool:
        """Whether readers for update can skip what others hold: PostgreSQL."""
        return self.engine.dialect.name == "postgresql"


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # no isolation level: the driver is not to begin or commit by itself, `_begin` does
    options = {"timeout": BUSY_SECONDS, "isolation_level": None}
    engine = create_engine(url, hide_parameters=True, connect_args=options)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql(url: URL) -> Engine:
    options = {"connect_timeout": CONNECT_SECONDS, "options": f"-c lock_timeout={BUSY_SECONDS}s"}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        # parameters are personal data, errors go to the log
        hide_parameters=True,
        connect_args={name: value for name, value in options.items() if name not in url.query},
    )


def _prepare(connection: Any, _: Any) -> None:
    """A 202 must survive a power cut: WAL with full synchronisation. What is deleted is overwritten."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at the start: a transaction that turns from reader to writer cannot wait for it."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _close_at_fork(engine: Engine) -> None:
    """A forked process opens connections of its own. SQLite's must even be closed before, or commits are lost:
    https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
    """
    known = weakref.ref(engine)

    def forget(*, close: bool) -> None:
        opened = known()
        if opened is not None:
            opened.dispose(close=close)

    os.register_at_fork(before=partial(forget, close=True), after_in_child=partial(forget, close=False))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise TransientError(f"basis data tidak dapat dipakai sekarang ({type(error).__name__})") from error
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise TransientError("sambungan ke basis data terputus") from error
        raise PermanentError(f"basis data menolak ({type(error).__name__})") from error
