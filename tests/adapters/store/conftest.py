"""The store on both databases it runs on."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from connector.store import SqlStore
from connector.store.tables import metadata
from devtools.postgres import Postgres

COUNTER = itertools.count(1)
#: Gives the URL of a database: without tables, or with all of them and nothing in them.
Maker = Callable[[bool], str]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    if request.param == "sqlite":
        yield sqlite_maker(tmp_path_factory.mktemp("toko"))
    else:
        with Postgres() as server:
            yield postgresql_maker(server)


def sqlite_maker(folder: Path) -> Maker:
    migrate(f"sqlite:///{folder}/pola.db")

    def make(migrated: bool) -> str:
        path = folder / f"toko{next(COUNTER)}.db"
        if migrated:
            shutil.copy(folder / "pola.db", path)
        return f"sqlite:///{path}"

    return make


def postgresql_maker(server: Postgres) -> Maker:
    shared = server.create("bersama")
    migrate(shared)

    def make(migrated: bool) -> str:
        # a new database takes a third of a second, and as long to be removed
        if not migrated:
            return server.create(f"toko{next(COUNTER)}")
        engine = create_engine(shared)
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        engine.dispose()
        return shared

    return make


def migrate(url: str) -> None:
    opened = SqlStore.open(url)
    opened.migrate()
    opened.close()


@pytest.fixture
def empty(make: Maker) -> str:
    """The URL of a database without tables."""
    return make(False)


@pytest.fixture
def url(make: Maker) -> str:
    """The URL of a database with all tables and nothing in them."""
    return make(True)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url)
    yield opened
    opened.close()
