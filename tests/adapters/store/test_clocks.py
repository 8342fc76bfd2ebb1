"""When tickets wake, on both databases."""

from __future__ import annotations

import datetime as dt

from connector.store import SqlStore
from tests.adapters.store.helpers import LEASE, NOW, at_once, claim, drain, later


def wake(store: SqlStore, at: dt.datetime = NOW) -> list[int]:
    """What is due, and rung."""
    due = store.clocks.due(now=at)
    assert store.clocks.ring(due, now=at) == len(due)
    return list(due)


def test_what_is_due_is_looked_at_once_the_earliest_first(store: SqlStore) -> None:
    store.clocks.fill({1: later(-1), 2: later(0), 3: later(1), 4: later(-2)})
    assert wake(store) == [4, 1, 2]
    assert wake(store) == []
    assert sorted(drain(store)) == ["issue:1", "issue:2", "issue:4"]
    assert wake(store, later(1)) == [3]


def test_a_clock_that_was_set_meanwhile_is_not_rung(store: SqlStore) -> None:
    store.clocks.fill({1: NOW, 2: NOW})
    due = store.clocks.due(now=NOW)
    store.clocks.set(1, later(60))
    assert store.clocks.ring(due, now=NOW) == 1
    assert drain(store) == ["issue:2"]
    assert wake(store, later(60)) == [1]


def test_a_clock_is_set_anew_and_stopped(store: SqlStore) -> None:
    for issue in (1, 2):
        store.clocks.set(issue, later(10))
    store.clocks.set(1, later(20))
    for issue in (2, 3):
        store.clocks.set(issue, None)
    assert wake(store, later(10)) == []
    assert wake(store, later(20)) == [1]


def test_what_a_look_has_set_is_not_overwritten_by_a_sweep(store: SqlStore) -> None:
    store.clocks.set(1, later(10))
    store.clocks.fill({1: later(99), 2: later(10)})
    store.clocks.fill({})
    assert wake(store, later(10)) == [1, 2]


def test_a_ticket_that_is_being_looked_at_is_looked_at_once_more(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.clocks.set(1, later(1))
    wake(store, later(1))
    assert store.queue.claim("dua", now=later(1), lease=LEASE) is None
    store.queue.finish(job)
    assert drain(store, later(1)) == ["issue:1"]


def test_many_are_put_in_one_go(store: SqlStore) -> None:
    store.queue.put("issue:7", now=NOW, at=later(500))
    store.clocks.fill(dict.fromkeys(range(1, 1201), NOW))
    assert len(wake(store)) == 1200
    assert store.queue.behind("issue", now=NOW) == 1200
    assert store.queue.behind("mail", now=NOW) == 0


def test_behind_is_also_what_failed_and_waits(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:2", now=NOW, at=later(60))
    job = claim(store)
    assert store.queue.behind("issue", now=NOW) == 0
    store.queue.retry(job, at=later(600), error="x")
    assert store.queue.behind("issue", now=NOW) == 1
    assert store.queue.behind("issue", now=later(60)) == 2


def test_replicas_that_ring_at_once_share_the_work(store: SqlStore) -> None:
    store.clocks.fill(dict.fromkeys(range(1, 101), NOW))
    due = store.clocks.due(now=NOW)
    assert sum(at_once(*[lambda: store.clocks.ring(due, now=NOW)] * 4)) == len(due) == 100
    assert store.queue.counts(now=NOW)["due"] == 100
