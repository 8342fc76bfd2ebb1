"""The store in memory keeps the promises of the real one: the same tests, without those of the databases themselves."""

from __future__ import annotations

import pytest

from connector.ports import Redmine, Store
from tests.adapters.store import test_store as real
from tests.fakes import FakeClock, FakeRedmine, FakeStore

OF_THE_DATABASES = {
    "test_migrations_make_what_the_code_expects",
    "test_two_processes_may_migrate_at_once",
    "test_a_database_out_of_reach_is_transient",
    "test_sqlite_survives_a_power_cut",
}
SHARED = {
    name: test
    for name, test in vars(real).items()
    if name.startswith("test_")
    and name not in OF_THE_DATABASES
    and set(test.__code__.co_varnames[: test.__code__.co_argcount]) == {"store"}
}


@pytest.mark.parametrize("name", sorted(SHARED))
def test_promise(name: str) -> None:
    SHARED[name](FakeStore())


def test_enough_is_shared() -> None:
    assert len(SHARED) > 15


def test_they_are_the_ports() -> None:
    store: Store = FakeStore()
    redmine: Redmine = FakeRedmine(FakeClock(real.NOW))
    assert store.books.cursor() is None
    assert redmine.read(1) is None
