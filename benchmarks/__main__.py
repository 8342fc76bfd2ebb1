"""`make bench`: each line is ours against a baseline, in one run on this machine; the ratio is what to compare."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, request

from benchmarks import documents, office_hours, panel, wakes
from connector.engine.plan import plan
from connector.store import SqlStore
from tests.small import FRESH, RULES, FakeTicket
from webhooks.blueprint import webhook_blueprint
from webhooks.signature import HEADER, sign

SECONDS = 1.5
NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Rate:
    """How often something was done in a second."""

    name: str
    per_second: float


def rate(name: str, work: Callable[[], object]) -> Rate:
    """Do it for a while."""
    work()
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS:
        work()
        count += 1
    return Rate(name, count / spent)


def calendar() -> tuple[Rate, Rate]:
    """Adding working time, against a library that walks from one stretch of office hours to the next."""
    ours, peer = office_hours.additions()
    return rate("add 450 working minutes", ours), rate("the same with businesstimedelta", peer)


def planning() -> tuple[Rate, Rate]:
    """Deciding about a ticket, against only making its model from JSON."""
    ticket = FakeTicket.at(regu="A", hasil="beres")
    ticket.move("meja", "Pengerjaan")
    text = ticket.snapshot.model_dump_json()
    kind = type(ticket.snapshot)
    return (
        rate("plan a move", lambda: plan(RULES, ticket.snapshot, ticket.now, FRESH)),
        rate("read the same ticket from JSON", lambda: kind.model_validate_json(text)),
    )


def queue() -> tuple[Rate, Rate]:
    """A job's whole life, against the same number of durable transactions in bare SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore.open(f"sqlite:///{folder}/ours.db")
        store.migrate()
        bare = sqlite3.connect(f"{folder}/bare.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            bare.execute(f"PRAGMA {pragma}")
        bare.execute("CREATE TABLE jobs (key TEXT PRIMARY KEY, state TEXT)")

        def ours() -> None:
            store.queue.put("issue:1", now=NOW)
            job = store.queue.claim("bench", now=NOW, lease=dt.timedelta(minutes=1))
            assert job is not None
            store.queue.finish(job)

        def baseline() -> None:
            bare.execute("INSERT INTO jobs VALUES ('issue:1', 'waiting')")
            bare.execute("UPDATE jobs SET state = 'claimed' WHERE key = 'issue:1'")
            bare.execute("DELETE FROM jobs WHERE key = 'issue:1'")

        found = (
            rate("a job put, claimed, finished", ours),
            rate("three durable commits in bare SQLite", baseline),
        )
        bare.close()
        store.close()
    return found


def webhook() -> tuple[Rate, Rate]:
    """A signed webhook verified and stored, against a Flask view that reads the body and answers."""
    body = b'{"type": "issue.updated", "data": {"issue": {"id": 1}}}'
    headers = {HEADER: sign(b"rahasia", body)}
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore.open(f"sqlite:///{folder}/ours.db")
        store.migrate()
        app = Flask("ours")
        app.register_blueprint(webhook_blueprint(store.queue, b"rahasia", lambda: NOW))
        bare = Flask("bare")
        bare.add_url_rule("/", "read", lambda: Response(str(len(request.get_data()))), methods=["POST"])
        ours, baseline = app.test_client(), bare.test_client()
        found = (
            rate(
                "a webhook verified and stored",
                lambda: ours.post("/webhooks/redmine", data=body, headers=headers),
            ),
            rate("a bare Flask view", lambda: baseline.post("/", data=body, headers=headers)),
        )
        store.close()
    return found


#: What is measured, and the ratio below which it has become too slow.
MEASURES: tuple[tuple[Callable[[], tuple[Rate, Rate]], float], ...] = (
    (calendar, 20),
    (planning, 0),
    (queue, 0),
    (webhook, 0),
)


def main() -> None:
    """Run them all; exit with 1 where one is too slow."""
    slow: list[str] = []
    for measure, least in MEASURES:
        ours, baseline = measure()
        ratio = ours.per_second / baseline.per_second
        print(
            f"{ours.name:<34} {ours.per_second:>10,.0f}/s   {baseline.name:<40} "
            f"{baseline.per_second:>10,.0f}/s   ratio {ratio:.2f}",
            flush=True,
        )
        if ratio < least:
            slow.append(f"{ours.name}: ratio {ratio:.2f}, at least {least} is wanted")
    slow += wakes.main()
    slow += documents.main()
    panel.main()
    if slow:
        raise SystemExit("\n".join(slow))


if __name__ == "__main__":
    main()
