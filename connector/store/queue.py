"""The work queue: one row a key; claimed under SQLite's write lock, or by SKIP LOCKED on PostgreSQL.

Kinds of jobs take turns, and within a kind the job that is due first comes first.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, literal, null, or_, select, update

from connector.ports import DeadJob, Job
from connector.store.connection import Connections
from connector.store.tables import Instant, jobs

#: A statement holds some ten thousand values at most.
BATCH = 500


class SqlQueue:
    """Implements `connector.ports.Queue`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections
        # when this process last took a job of each kind: ten thousand issues to look at shall not hold up the mail
        self._served: dict[str, int] = {}
        self._turns = itertools.count(1)

    def put(self, key: str, *, now: dt.datetime, at: dt.datetime | None = None) -> None:
        """Ask for work on a key."""
        with self._db.write() as connection:
            self.put_in(connection, key, now=now, at=at)

    def put_in(
        self, connection: Connection, key: str, *, now: dt.datetime, at: dt.datetime | None = None
    ) -> None:
        """As `put`, in a transaction that does more."""
        self.put_all_in(connection, (key,), now=now, at=at)

    def put_all_in(
        self, connection: Connection, keys: Sequence[str], *, now: dt.datetime, at: dt.datetime | None = None
    ) -> None:
        """As `put_in`, for many keys at once; a key must not be named twice."""
        wanted = literal(at or now, Instant)
        dead, claimed = jobs.c.dead_since.is_not(None), jobs.c.lease.is_not(None)
        again = _earlier(jobs.c.again_at, wanted)
        for some in _batches(sorted(keys)):
            rows = [
                {"key": key, "kind": key.partition(":")[0], "run_at": at or now, "attempts": 0}
                for key in some
            ]
            connection.execute(
                self._db.insert(jobs)
                .values(rows)
                .on_conflict_do_update(
                    index_elements=[jobs.c.key],
                    set_={
                        "run_at": case(
                            (dead, wanted), (claimed, jobs.c.run_at), else_=_earlier(jobs.c.run_at, wanted)
                        ),
                        "again_at": case((claimed, again), else_=null()),
                        "attempts": case((dead, 0), else_=jobs.c.attempts),
                        "error": case((dead, null()), else_=jobs.c.error),
                        "dead_since": null(),
                    },
                )
            )

    def claim(
        self, worker: str, *, now: dt.datetime, lease: dt.timedelta, key: str | None = None
    ) -> Job | None:
        """The next due job; the attempt is counted now, so that work that kills its worker is counted too."""
        order = [case(dict(self._served), value=jobs.c.kind, else_=0)] if self._served else []
        query = select(jobs.c.key).where(_due(now)).order_by(*order, jobs.c.run_at, jobs.c.key).limit(1)
        if key is not None:
            query = query.where(jobs.c.key == key)
        with self._db.write() as connection:
            # others' rows are skipped on PostgreSQL; on SQLite there are no others in this transaction
            found = connection.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
            if found is None:
                return None
            proof = str(uuid.uuid4())
            attempts = connection.execute(
                update(jobs)
                .where(jobs.c.key == found)
                .values(lease=proof, worker=worker, leased_until=now + lease, attempts=jobs.c.attempts + 1)
                .returning(jobs.c.attempts)
            ).scalar_one()
        job = Job(key=found, lease=proof, attempts=attempts)
        self._served[job.kind] = next(self._turns)
        return job

    def finish(self, job: Job) -> None:
        """Done: forgotten, or waiting again if it was put in the meantime. A lost lease changes nothing."""
        with self._db.write() as connection:
            gone = connection.execute(delete(jobs).where(*_mine(job), jobs.c.again_at.is_(None)))
            if not gone.rowcount:
                self._put_back(connection, job, jobs.c.again_at, attempts=0, error=null())

    def retry(self, job: Job, *, at: dt.datetime, error: str) -> None:
        """Failed for now. Put in the meantime: as if it were put now, so not later than was asked for."""
        with self._db.write() as connection:
            self._put_back(connection, job, _earlier(jobs.c.again_at, literal(at, Instant)), error=error)

    def bury(self, job: Job, *, now: dt.datetime, error: str) -> None:
        """Given up. Put in the meantime: revived, for this attempt may not have seen what was new."""
        with self._db.write() as connection:
            dead = update(jobs).where(*_mine(job), jobs.c.again_at.is_(None))
            done = connection.execute(dead.values(dead_since=now, error=error, **_RELEASED))
            if not done.rowcount:
                self._put_back(connection, job, jobs.c.again_at, attempts=0, error=error)

    @staticmethod
    def _put_back(connection: Connection, job: Job, at: ColumnElement[Any], **values: Any) -> None:
        connection.execute(update(jobs).where(*_mine(job)).values(run_at=at, **values, **_RELEASED))

    def behind(self, kind: str, *, now: dt.datetime) -> int:
        """How many jobs of a kind are due, or have failed and wait."""
        failed = and_(jobs.c.dead_since.is_(None), jobs.c.attempts > 0, jobs.c.lease.is_(None))
        query = select(func.count()).where(jobs.c.kind == kind, or_(_due(now), failed))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    # for administrators -------------------------------------------------------------------------------------

    def dead(self) -> Sequence[DeadJob]:
        """All that was given up, oldest first."""
        query = select(jobs).where(jobs.c.dead_since.is_not(None)).order_by(jobs.c.dead_since, jobs.c.key)
        with self._db.read() as connection:
            return tuple(
                DeadJob(row.key, row.attempts, row.error or "", row.dead_since)
                for row in connection.execute(query)
            )

    def revive(self, key: str, *, now: dt.datetime) -> bool:
        """Try a dead job again."""
        with self._db.write() as connection:
            changed = connection.execute(
                update(jobs)
                .where(jobs.c.key == key, jobs.c.dead_since.is_not(None))
                .values(dead_since=null(), run_at=now, attempts=0, error=null())
            )
            return bool(changed.rowcount)

    def drop(self, key: str) -> bool:
        """Forget a dead job."""
        with self._db.write() as connection:
            gone = connection.execute(delete(jobs).where(jobs.c.key == key, jobs.c.dead_since.is_not(None)))
            return bool(gone.rowcount)

    def counts(self, *, now: dt.datetime) -> Mapping[str, int]:
        """How much work there is."""
        alive = jobs.c.dead_since.is_(None)
        free = and_(alive, or_(jobs.c.lease.is_(None), jobs.c.leased_until <= now))
        with self._db.read() as connection:
            row = connection.execute(
                select(
                    func.count().filter(free).label("waiting"),
                    func.count().filter(_due(now)).label("due"),
                    func.count().filter(alive, jobs.c.leased_until > now).label("claimed"),
                    func.count().filter(jobs.c.dead_since.is_not(None)).label("dead"),
                    func.min(jobs.c.run_at).filter(_due(now)).label("oldest"),
                )
            ).one()
        age = int((now - row.oldest).total_seconds()) if row.oldest else 0
        return {
            "waiting": row.waiting,
            "due": row.due,
            "claimed": row.claimed,
            "dead": row.dead,
            "oldest_seconds": max(age, 0),
        }


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many at a time as fit into one statement."""
    yield from (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


_RELEASED = {"lease": null(), "worker": null(), "leased_until": null(), "again_at": null()}


def _due(now: dt.datetime) -> ColumnElement[bool]:
    free = and_(jobs.c.lease.is_(None), jobs.c.run_at <= now)
    lost = and_(jobs.c.lease.is_not(None), jobs.c.leased_until <= now)
    return and_(jobs.c.dead_since.is_(None), or_(free, lost))


def _earlier(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """The earlier of two instants; `other` if there is no `one`."""
    return case((one < other, one), else_=other)


def _mine(job: Job) -> tuple[ColumnElement[bool], ...]:
    return (jobs.c.key == job.key, jobs.c.lease == job.lease)
