"""The store on both databases it runs on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store import SqlStore
from devtools.postgres import Postgres

COUNTER = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/toko.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create(f"toko{next(COUNTER)}")


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url)
    opened.migrate()
    yield opened
    opened.close()
