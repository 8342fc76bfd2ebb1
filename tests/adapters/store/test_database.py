"""The database itself: migrations, settings, what happens when it is not there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from connector import ports
from connector.errors import PermanentError, TransientError
from connector.store import SqlStore, connection
from connector.store.tables import metadata
from tests.adapters.store.helpers import NOW, at_once, submit

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = "postgresql+psycopg://sop@127.0.0.1:1/x?connect_timeout=1"


def test_the_store_is_what_the_services_expect(store: SqlStore) -> None:
    expected: ports.Store = store
    expected.ping()


# migrations ---------------------------------------------------------------------------------------------------


def test_migrations_make_what_the_code_expects(empty: str) -> None:
    store = SqlStore.open(empty)
    assert not store.migrated()
    store.migrate()
    assert store.migrated()
    with store._db.read() as opened:
        context = MigrationContext.configure(opened, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.close()


def test_migrating_again_changes_nothing(store: SqlStore) -> None:
    made = submit(store)
    store.migrate()
    assert store.submissions.submission(made.id) == made


def test_opening_makes_no_tables(empty: str) -> None:
    opened = SqlStore.open(empty)
    opened.ping()
    assert not opened.migrated()
    with pytest.raises((TransientError, PermanentError)):
        opened.queue.put("issue:1", now=NOW)
    opened.close()


def test_threads_may_migrate_at_once(empty: str) -> None:
    stores = [SqlStore.open(empty) for _ in range(3)]
    at_once(*[store.migrate for store in stores])
    for store in stores:
        assert store.migrated()
        store.close()


def test_processes_may_migrate_at_once(empty: str) -> None:
    code = f"import sys; from connector.store import SqlStore; SqlStore.open({empty!r}).migrate()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[1] for process in processes] == [b""] * 3
    opened = SqlStore.open(empty)
    assert opened.migrated()
    opened.close()


def test_a_migration_that_fails_leaves_nothing_half_made(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = SqlStore.open(empty)
    upgrade = command.upgrade

    def fail(*args: Any) -> None:
        upgrade(*args)
        raise RuntimeError("listrik padam")

    monkeypatch.setattr(command, "upgrade", fail)
    with pytest.raises(RuntimeError):
        opened.migrate()
    monkeypatch.undo()
    assert not opened.migrated()
    opened.migrate()
    assert opened.migrated()
    opened.close()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty: str) -> None:
    store = SqlStore.open(empty)
    store.migrate()
    with store._db.write() as opened:
        opened.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not store.migrated()
    with pytest.raises(PermanentError, match="9999"):
        store.migrate()
    store.close()


# out of reach -------------------------------------------------------------------------------------------------


def test_a_database_out_of_reach_is_transient() -> None:
    store = SqlStore.open(NOWHERE)
    for use in (store.ping, store.migrated, store.migrate, store.queue.dead, lambda: submit(store)):
        with pytest.raises(TransientError):
            use()
    store.close()


@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_lost_connection_is_opened_again(store: SqlStore) -> None:
    with pytest.raises(TransientError), store._db.write() as opened:
        opened.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    store.ping()


def test_waiting_too_long_for_another_is_transient(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 1)
    holder, waiter = SqlStore.open(url), SqlStore.open(url)
    holder.queue.put("issue:1", now=NOW)
    with holder._db.write() as opened:
        opened.execute(text("UPDATE jobs SET attempts = 5"))
        with pytest.raises(TransientError):
            waiter.queue.put("issue:1", now=NOW)
        assert waiter.queue.counts(now=NOW)["due"] == 1  # a reader need not wait
    waiter.queue.put("issue:1", now=NOW)
    holder.close()
    waiter.close()


def test_readers_see_one_instant(store: SqlStore) -> None:
    with store._db.read() as opened:
        count = text("SELECT count(*) FROM jobs")
        before = opened.execute(count).scalar()
        store.queue.put("issue:1", now=NOW)
        assert (before, opened.execute(count).scalar()) == (0, 0)


def test_a_forked_process_opens_connections_of_its_own(url: str) -> None:
    code = f"""
import os, datetime as dt
from connector.store import SqlStore
store = SqlStore.open({url!r})
store.ping()
child = os.fork()
for number in range(20):
    store.queue.put(f"issue:{{number}}-{{child == 0}}", now=dt.datetime(2026, 11, 23, tzinfo=dt.UTC))
store.close()
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    opened = SqlStore.open(url)
    assert opened.queue.counts(now=NOW)["due"] == 40
    opened.close()


# settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_name_of_postgresql_is_understood(scheme: str) -> None:
    opened = SqlStore.open(f"{scheme}://sop:rahasia@db/sop")
    assert opened._db.engine.driver == "psycopg"
    assert opened._db.engine.url.password == "rahasia"
    opened.close()


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/a/b.db")
    store.migrate()
    with store._db.read() as opened:
        found = {
            name: opened.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 15_000,
    }
    store.close()


def test_a_file_that_is_no_database_is_a_permanent_error(tmp_path: Path) -> None:
    path = tmp_path / "toko.db"
    path.write_bytes(os.urandom(8192))
    store = SqlStore.open(f"sqlite:///{path}")
    with pytest.raises(PermanentError) as caught:
        store.ping()
    assert isinstance(
        caught.value.__cause__.__cause__ if caught.value.__cause__ else None, sqlite3.DatabaseError
    )
    store.close()


def test_a_write_that_changes_nothing_tells_whether_one_could(store: SqlStore, tmp_path: Path) -> None:
    store.try_writing()
    path = tmp_path / "baca.db"
    made = SqlStore.open(f"sqlite:///{path}")
    made.migrate()
    made.close()
    readable = SqlStore.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(TransientError):
        readable.try_writing()
    readable.close()
