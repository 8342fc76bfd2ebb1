"""Finding the due among a hundred thousand running clocks, on both databases; and waking them."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete

from connector.store import SqlStore
from connector.store.tables import clocks, jobs
from devtools.postgres import Postgres

CLOCKS = 100_000
DUE = (10, 100, 1_000, 10_000)
#: No sweep may take longer.
LONGEST_MS = 50
#: What a look costs that finds nothing: ten times as many may cost ten times as much, and this.
BASE_MS = 2
TURNS = 21
NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)


@contextmanager
def stores() -> Iterator[dict[str, SqlStore]]:
    """A store on each database, with its tables."""
    with tempfile.TemporaryDirectory() as folder, Postgres() as server:
        made = {
            "SQLite": SqlStore.open(f"sqlite:///{folder}/clocks.db"),
            "PostgreSQL": SqlStore.open(server.create("clocks")),
        }
        for store in made.values():
            store.migrate()
        yield made
        for store in made.values():
            store.close()


def fill(store: SqlStore, due: int) -> None:
    """A hundred thousand clocks, so many of them due; these lie scattered among the others."""
    with store._db.write() as connection:
        connection.execute(delete(clocks))
        connection.execute(delete(jobs))
    step = CLOCKS // due
    ahead = ((issue * 7919) % CLOCKS + 1 for issue in range(CLOCKS))
    store.clocks.fill(
        {
            issue + 1: NOW + dt.timedelta(seconds=-(issue // step) if issue % step == 0 else next(ahead))
            for issue in range(CLOCKS)
        }
    )


def milliseconds(store: SqlStore, due: int) -> tuple[float, float]:
    """To find them (the median of some times), and to put their jobs."""
    taken = []
    for _ in range(TURNS):
        began = time.perf_counter()
        found = store.clocks.due(now=NOW)
        taken.append(time.perf_counter() - began)
        assert len(found) == due
    began = time.perf_counter()
    assert store.clocks.ring(found, now=NOW) == due
    return 1000 * statistics.median(taken), 1000 * (time.perf_counter() - began)


def main() -> list[str]:
    """Measure and print; what is too slow."""
    slow: list[str] = []
    with stores() as made:
        for name, store in made.items():
            before: tuple[int, float] | None = None
            for due in DUE:
                fill(store, due)
                found, rung = milliseconds(store, due)
                print(
                    f"{due:>6,} due of {CLOCKS:,} clocks on {name:<10} found in {found:6.2f} ms, "
                    f"looked for by the queue after {rung:7.1f} ms more",
                    flush=True,
                )
                if found > LONGEST_MS:
                    slow.append(f"{name}: {due} due found in {found:.1f} ms, at most {LONGEST_MS} are wanted")
                if before is not None and found > before[1] * due / before[0] + BASE_MS:
                    slow.append(f"{name}: {due} due took {found:.1f} ms, {before[0]} {before[1]:.1f} ms")
                before = (due, found)
    return slow
