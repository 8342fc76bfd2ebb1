"""Counts that end by themselves, shared by all who count."""

from __future__ import annotations

import datetime as dt

from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, at_once, later, rows

HOUR = dt.timedelta(hours=1)


def test_a_count_begins_again_when_its_time_is_over(store: SqlStore) -> None:
    def add(seconds: float, key: str = "a") -> int:
        return store.counters.add(key, 1, now=later(seconds), lasts=HOUR)

    assert [add(0), add(10), add(3599), add(5, "b")] == [1, 2, 3, 1]
    assert store.counters.until("a", now=later(20)) == NOW + HOUR
    assert [store.counters.count("a", now=later(seconds)) for seconds in (20, 3600)] == [3, 0]
    assert [add(3600), add(3601)] == [1, 2]
    assert store.counters.until("a", now=later(3601)) == NOW + 2 * HOUR


def test_several_at_once_are_all_counted(store: SqlStore) -> None:
    found = at_once(*[lambda: store.counters.add("a", 1, now=NOW, lasts=HOUR)] * 8)
    assert sorted(found) == list(range(1, 9))


def test_what_is_over_is_forgotten(store: SqlStore) -> None:
    store.counters.add("a", 1, now=NOW, lasts=HOUR)
    store.counters.add("b", 2, now=later(10), lasts=HOUR)
    store.counters.expire(now=later(3600))
    assert rows(store)["counters"] == 1
    store.counters.forget("b")
    assert store.counters.count("b", now=later(20)) == 0
    assert store.counters.until("b", now=later(20)) == later(20)
