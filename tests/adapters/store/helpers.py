"""What the tests of the store share."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy import func, select

from connector.engine.snapshot import RequesterAction, Submission
from connector.ports import Job, OutgoingMail, Ticket, Upload
from connector.store import SqlStore
from connector.store.tables import metadata
from tests.holding import hold

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
JAKARTA = dt.timezone(dt.timedelta(hours=7))
LEASE = dt.timedelta(seconds=60)
NUMBER = "UNJ-2026-000001"

T = TypeVar("T")


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def claim(store: SqlStore, at: dt.datetime = NOW, worker: str = "satu") -> Job:
    job = store.queue.claim(worker, now=at, lease=LEASE)
    assert job is not None
    return job


def drain(store: SqlStore, at: dt.datetime = NOW) -> list[str]:
    """Do all due jobs; their keys."""
    keys = []
    while (job := store.queue.claim("satu", now=at, lease=LEASE)) is not None:
        keys.append(job.key)
        store.queue.finish(job)
    return keys


def mail(key: str) -> OutgoingMail:
    return OutgoingMail(key, "sari@contoh.id", "Halo", "isi", "<p>isi</p>", 42)


def ticket(number: str) -> Ticket:
    return Ticket("hash-" + number, mail(f"{number}:diterima"))


def submit(
    store: SqlStore,
    nonce: str = "n1",
    uploads: Sequence[Upload] = (),
    *,
    year: int = 2026,
    make: Callable[[str], Ticket] = ticket,
) -> Submission:
    return store.submissions.submit(
        nonce=nonce,
        procedure="unj/layanan",
        prefix="UNJ",
        received=NOW,
        year=year,
        fields={"nama": "Sari"},
        files=hold(store, nonce, uploads),
        ticket=make,
    )


def action(key: str, seconds: float = 0, number: str = NUMBER) -> RequesterAction:
    return RequesterAction(
        key=key,
        kind="outcome",
        number=number,
        at=later(seconds),
        step="langkah-3",
        outcome="Setuju",
        fields={"u1": "4"},
        remark="Terima kasih",
    )


def rows(store: SqlStore) -> Counter[str]:
    """How many rows each table has."""
    with store._db.read() as connection:
        return Counter(
            {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }
        )


def all_that_is_kept(store: SqlStore) -> str:
    """Every value in the database, for a look whether something is left of a person."""
    with store._db.read() as connection:
        return "\n".join(
            repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )


def at_once(*tasks: Callable[[], T]) -> list[T]:
    """Run all at the same time, each in a thread; what they gave, in order."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        barrier.wait(20)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [each.result(30) for each in [pool.submit(run, task) for task in tasks]]
