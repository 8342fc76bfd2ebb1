"""When tickets wake, on both databases."""

from __future__ import annotations

from connector.store import SqlStore
from tests.adapters.store.helpers import LEASE, NOW, at_once, claim, drain, later


def test_what_is_due_is_looked_at_once(store: SqlStore) -> None:
    store.clocks.fill({1: later(-1), 2: later(0), 3: later(1)})
    assert store.clocks.ring(now=NOW, most=100) == [1, 2]
    assert store.clocks.ring(now=NOW, most=100) == []
    assert sorted(drain(store)) == ["issue:1", "issue:2"]
    assert store.clocks.ring(now=later(1), most=100) == [3]


def test_the_earliest_come_first_and_not_too_many_at_once(store: SqlStore) -> None:
    store.clocks.fill({issue: later(-issue) for issue in range(1, 8)})
    assert store.clocks.ring(now=NOW, most=3) == [5, 6, 7]
    assert store.clocks.ring(now=NOW, most=3) == [2, 3, 4]


def test_a_clock_is_set_anew_and_stopped(store: SqlStore) -> None:
    for issue in (1, 2):
        store.clocks.set(issue, later(10))
    store.clocks.set(1, later(20))
    for issue in (2, 3):
        store.clocks.set(issue, None)
    assert store.clocks.ring(now=later(10), most=100) == []
    assert store.clocks.ring(now=later(20), most=100) == [1]


def test_what_a_look_has_set_is_not_overwritten_by_a_sweep(store: SqlStore) -> None:
    store.clocks.set(1, later(10))
    store.clocks.fill({1: later(99), 2: later(10)})
    store.clocks.fill({})
    assert store.clocks.ring(now=later(10), most=100) == [1, 2]


def test_a_ticket_that_is_being_looked_at_is_looked_at_once_more(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.clocks.set(1, later(1))
    store.clocks.ring(now=later(1), most=100)
    assert store.queue.claim("dua", now=later(1), lease=LEASE) is None
    store.queue.finish(job)
    assert drain(store, later(1)) == ["issue:1"]


def test_many_are_put_in_one_go(store: SqlStore) -> None:
    store.queue.put("issue:7", now=NOW, at=later(500))
    store.clocks.fill(dict.fromkeys(range(1, 1201), NOW))
    assert len(store.clocks.ring(now=NOW, most=1200)) == 1200
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
    found = at_once(*[lambda: store.clocks.ring(now=NOW, most=100)] * 4)
    assert sorted(issue for each in found for issue in each) == list(range(1, 101))
