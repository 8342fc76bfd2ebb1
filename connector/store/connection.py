"""Connections and transactions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool

from connector.errors import PermanentError, TransientError

BUSY_SECONDS = 15


class Connections:
    """Opens transactions; what goes wrong with the database itself comes out as an error of this project."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Connections:
        """Connections to a database, by SQLAlchemy's URL. Nothing is read or made yet."""
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return cls(create_engine(url, pool_pre_ping=True))
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            poolclass=NullPool,
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return cls(engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes."""
        with _translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads: on SQLite it does not wait for writers."""
        reading = self.engine.execution_options(reading=True)
        with _translated(), reading.connect() as connection:
            yield connection

    def insert(self, table: Table) -> Any:
        """An insert that knows `on_conflict_…`, in the dialect of the database."""
        dialect = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)

    @property
    def skips_locked(self) -> bool:
        """Whether readers for update can skip what others hold."""
        return self.engine.dialect.name == "postgresql"


def _prepare(connection: Any, _: Any) -> None:
    """A 202 must survive a power cut: WAL with full synchronisation."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at the start: a transaction that turns from reader to writer cannot wait for it."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise TransientError(f"basis data tidak dapat dipakai sekarang ({type(error).__name__})") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise TransientError("sambungan ke basis data terputus") from error
        raise
    except SQLAlchemyError as error:
        raise PermanentError(f"basis data menolak ({type(error).__name__})") from error
