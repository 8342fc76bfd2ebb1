"""Numbers, cursor, duties, signs of life."""

from __future__ import annotations

import datetime as dt

from connector.ports import FeedCursor
from connector.store import SqlStore
from tests.adapters.store.helpers import JAKARTA, NOW, at_once, later, rows


def test_numbers_are_given_once(store: SqlStore) -> None:
    given = sum(at_once(*[lambda: [store.numbers.next("UNJ", 2026) for _ in range(10)]] * 4), start=[])  # noqa: RUF017
    assert sorted(given) == [f"UNJ-2026-{number:06d}" for number in range(1, 41)]
    assert store.numbers.next("UNJ", 2027) == "UNJ-2027-000001"
    assert store.numbers.next("JBR", 2026) == "JBR-2026-000001"


def test_numbers_go_on_where_redmine_ends(store: SqlStore) -> None:
    store.numbers.seed("UNJ", 2026, 123)
    assert store.numbers.next("UNJ", 2026) == "UNJ-2026-000124"
    store.numbers.seed("UNJ", 2026, 5)
    assert store.numbers.next("UNJ", 2026) == "UNJ-2026-000125"
    store.numbers.seed("UNJ", 2026, 999_999)
    assert store.numbers.next("UNJ", 2026) == "UNJ-2026-1000000"


def test_the_cursor_is_remembered(store: SqlStore) -> None:
    assert store.books.cursor() is None
    store.books.set_cursor(FeedCursor(3, 4))
    store.books.set_cursor(FeedCursor(5, 6))
    assert store.books.cursor() == FeedCursor(5, 6)


def test_a_duty_belongs_to_a_slot(store: SqlStore) -> None:
    assert store.books.claim_tick("poll", NOW)
    assert not store.books.claim_tick("poll", NOW.astimezone(JAKARTA))
    assert store.books.claim_tick("sweep", NOW)
    assert store.books.claim_tick("poll", later(30).astimezone(JAKARTA))
    assert not store.books.claim_tick("poll", later(10))


def test_a_slot_that_a_wrong_clock_claimed_holds_nobody_up(store: SqlStore) -> None:
    """Two rounds ahead it may be another replica's clock; further ahead it is one that was set back since."""
    half = dt.timedelta(seconds=30)
    assert store.books.claim_tick("poll", later(7 * 3600), every=half)
    assert store.books.claim_tick("poll", NOW, every=half)
    assert not store.books.claim_tick("poll", NOW, every=half)
    assert store.books.claim_tick("poll", later(60), every=half)
    assert not store.books.claim_tick("poll", NOW, every=half)


def test_readiness_and_beats(store: SqlStore) -> None:
    assert not store.books.ready()
    store.books.set_ready()
    store.books.set_ready()
    assert store.books.ready()
    assert store.books.last_beat() is None
    store.books.beat("a", now=NOW)
    store.books.beat("b", now=later(9).astimezone(JAKARTA))
    store.books.beat("a", now=later(5))
    assert store.books.last_beat() == later(9)


def test_workers_long_gone_are_forgotten(store: SqlStore) -> None:
    for day in range(5):
        store.books.beat(f"pekerja-{day}", now=NOW + dt.timedelta(days=2 * day))
    assert rows(store)["beats"] == 1
