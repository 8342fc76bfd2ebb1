"""Alerts and their tickets, on both databases."""

from __future__ import annotations

import datetime as dt

from alembic import command
from sqlalchemy import column, table

from connector.engine.state import MONITORING, PORTAL
from connector.ports import Report, Ticket, Watch
from connector.store import SqlStore
from connector.store.database import _config
from tests.adapters.store.helpers import NOW, drain, later, submit

KEY = "a" * 64


def report(seconds: float = 0, *, firing: bool = True, fields: dict[str, str] | None = None) -> Report:
    return Report(KEY, "bunghatta/gangguan-web", firing, later(seconds), fields or {})


def test_an_alert_that_is_not_known_is_not_kept(store: SqlStore) -> None:
    assert not store.alerts.report(report())
    assert store.alerts.watch(KEY) is None
    assert drain(store) == []


def test_an_alert_and_its_ticket(store: SqlStore) -> None:
    ticket = submit(store)
    drain(store)
    store.alerts.opened(report(fields={"alamat": "web1"}), ticket.id)
    assert store.alerts.watch(KEY) == Watch(report(), ticket.id, told=True)
    resolved = report(60, firing=False)
    assert store.alerts.report(resolved)
    watch = store.alerts.watch(KEY)
    assert watch == Watch(resolved, ticket.id, told=True)
    assert drain(store, later(60)) == [f"alert:{KEY}"]
    store.alerts.told(watch)
    assert store.alerts.watch(KEY) == Watch(resolved, ticket.id, told=False)


def test_the_words_of_a_report_go_when_they_were_used_and_not_before(store: SqlStore) -> None:
    ticket = submit(store)
    store.alerts.opened(report(), ticket.id)
    first = report(1, fields={"alamat": "web1"})
    store.alerts.report(first)
    store.alerts.report(report(2, fields={"alamat": "web2"}))
    store.alerts.told(Watch(first, ticket.id, told=True))
    kept = store.alerts.watch(KEY)
    assert kept is not None
    assert kept.report.fields == {"alamat": "web2"}
    store.alerts.told(kept)
    assert store.alerts.watch(KEY) == Watch(report(2), ticket.id, told=True)


def test_the_next_ticket_keeps_what_was_reported_in_the_meantime(store: SqlStore) -> None:
    old, new = submit(store), submit(store, "n2")
    store.alerts.opened(report(), old.id)
    store.alerts.report(report(5, firing=False))
    store.alerts.opened(report(), new.id)
    assert store.alerts.watch(KEY) == Watch(report(5, firing=False), new.id, told=True)


def test_a_submission_says_where_it_came_from(store: SqlStore) -> None:
    assert submit(store).origin == PORTAL
    made = store.submissions.submit(
        nonce="alert",
        procedure="bunghatta/gangguan-web",
        prefix="UBH",
        received=NOW,
        year=2026,
        fields={},
        files=(),
        ticket=lambda number: Ticket("hash-" + number, None),
        origin=MONITORING,
    )
    assert store.submissions.submission(made.id) == made
    assert (made.origin, made.received) == (MONITORING, NOW.astimezone(dt.UTC))


def test_submissions_of_the_first_version_are_from_the_portal(empty: str) -> None:
    store, config = SqlStore.open(empty), _config()
    with store._db.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        row = {"id": "s1", "nonce": "n", "procedure": "p", "number": "UNJ-2026-000001", "token_hash": "h"}
        before = table("submissions", *(column(name) for name in (*row, "received", "fields")))
        connection.execute(before.insert().values(**row, received=NOW.replace(tzinfo=None), fields="{}"))
    store.migrate()
    kept = store.submissions.submission("s1")
    assert kept is not None
    assert kept.origin == PORTAL
    store.close()
