"""The queue against a model of it in a dictionary, through whatever hypothesis thinks of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete

from connector.ports import Job
from connector.store import SqlStore
from connector.store.queue import SqlQueue
from connector.store.tables import jobs
from tests.adapters.store.helpers import JAKARTA, LEASE, NOW

KEYS = st.sampled_from(["issue:1", "issue:2", "issue:3", "mail:1", "mail:2", "submission:1"])
DELAYS = st.integers(-20, 90).map(lambda seconds: dt.timedelta(seconds=seconds))
ZONES = st.sampled_from([dt.UTC, JAKARTA])


@dataclass
class Row:
    run_at: dt.datetime
    attempts: int = 0
    lease: str | None = None
    until: dt.datetime = NOW
    again: dt.datetime | None = None
    dead: dt.datetime | None = None

    def due(self, now: dt.datetime) -> bool:
        return self.dead is None and (self.until <= now if self.lease else self.run_at <= now)

    def put(self, at: dt.datetime) -> None:
        if self.dead is not None:
            self.run_at, self.attempts, self.dead = at, 0, None
        elif self.lease:
            self.again = min(at, self.again or at)
        else:
            self.run_at = min(at, self.run_at)

    def release(self) -> dt.datetime | None:
        self.lease, again, self.again = None, self.again, None
        return again


@dataclass
class Model:
    rows: dict[str, Row] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, at: dt.datetime) -> None:
        self.rows.setdefault(key, Row(at)).put(at)

    def claim(self, now: dt.datetime) -> tuple[str, Row] | None:
        """The kind that waited longest for its turn; in it what is due first."""
        due = [(key, row) for key, row in self.rows.items() if row.due(now)]
        if not due:
            return None
        key, row = min(due, key=lambda each: (self.served.get(kind(each[0]), 0), each[1].run_at, each[0]))
        self.served[kind(key)] = max(self.served.values(), default=0) + 1
        row.attempts, row.until = row.attempts + 1, now + LEASE
        return key, row

    def held(self, job: Job) -> Row | None:
        row = self.rows.get(job.key)
        return row if row and row.lease == job.lease else None


def kind(key: str) -> str:
    return key.partition(":")[0]


class QueueMachine(RuleBasedStateMachine):
    """Every job that was ever claimed may be finished, retried or buried at any time, stale leases included."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__()
        with store._db.write() as connection:
            connection.execute(delete(jobs))
        self.queue = SqlQueue(store._db)
        self.model = Model()
        self.now = NOW
        self.claimed: list[Job] = []

    def pick(self, data: st.DataObject) -> Job:
        return data.draw(st.sampled_from(self.claimed), label="job")

    @rule(seconds=st.integers(1, 45), zone=ZONES)
    def time_passes(self, seconds: int, zone: dt.tzinfo) -> None:
        self.now = (self.now + dt.timedelta(seconds=seconds)).astimezone(zone)

    @rule(key=KEYS, delay=st.none() | DELAYS)
    def put(self, key: str, delay: dt.timedelta | None) -> None:
        at = self.now + delay if delay is not None else None
        self.queue.put(key, now=self.now, at=at)
        self.model.put(key, at or self.now)

    @rule()
    def claim(self) -> None:
        expected = self.model.claim(self.now)
        job = self.queue.claim("satu", now=self.now, lease=LEASE)
        assert (job is None) is (expected is None)
        if job is None or expected is None:
            return
        key, row = expected
        assert (job.key, job.attempts) == (key, row.attempts)
        row.lease = job.lease
        self.claimed.append(job)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        job = self.pick(data)
        self.queue.finish(job)
        if row := self.model.held(job):
            again = row.release()
            if again is None:
                del self.model.rows[job.key]
            else:
                row.run_at, row.attempts = again, 0

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), delay=DELAYS)
    def retry(self, data: st.DataObject, delay: dt.timedelta) -> None:
        job = self.pick(data)
        self.queue.retry(job, at=self.now + delay, error="sibuk")
        if row := self.model.held(job):
            again = row.release()
            row.run_at = min(self.now + delay, again or self.now + delay)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def bury(self, data: st.DataObject) -> None:
        job = self.pick(data)
        self.queue.bury(job, now=self.now, error="gagal")
        if row := self.model.held(job):
            again, row.dead = row.release(), self.now
            if again is not None:
                row.put(again)

    @rule(key=KEYS)
    def revive(self, key: str) -> None:
        row = self.model.rows.get(key)
        dead = row is not None and row.dead is not None
        assert self.queue.revive(key, now=self.now) is dead
        if row and dead:
            row.put(self.now)

    @rule(key=KEYS)
    def drop(self, key: str) -> None:
        row = self.model.rows.get(key)
        dead = row is not None and row.dead is not None
        assert self.queue.drop(key) is dead
        if dead:
            del self.model.rows[key]

    @invariant()
    def agrees(self) -> None:
        rows = self.model.rows.values()
        alive = [row for row in rows if row.dead is None]
        oldest = min((row.run_at for row in alive if row.due(self.now)), default=self.now)
        assert self.queue.counts(now=self.now) == {
            "waiting": sum(not row.lease or row.until <= self.now for row in alive),
            "due": sum(row.due(self.now) for row in alive),
            "claimed": sum(bool(row.lease) and row.until > self.now for row in alive),
            "dead": len(rows) - len(alive),
            "oldest_seconds": int((self.now - oldest).total_seconds()),
        }
        assert [(each.key, each.attempts, each.since) for each in self.queue.dead()] == sorted(
            ((key, row.attempts, row.dead) for key, row in self.model.rows.items() if row.dead is not None),
            key=lambda each: (each[2], each[0]),
        )


def test_the_queue_does_as_its_model(store: SqlStore) -> None:
    class OnThisStore(QueueMachine):
        def __init__(self) -> None:
            super().__init__(store)

    run_state_machine_as_test(
        OnThisStore,
        settings=settings(max_examples=30, stateful_step_count=40, deadline=None, database=None),
    )
