"""Warnings of limits: each goes into one mail, whatever happens at the same time."""

from __future__ import annotations

from connector.ports import Warned
from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, at_once, drain, later, mail


def warned(name: str, person: int = 7, issue: int = 42) -> Warned:
    return Warned(f"UNJ-2026-000001:STEP:1:{name}:{person}", person, issue, f"STEP:1:{name}", NOW)


def let_go(store: SqlStore, *each: Warned) -> None:
    store.warnings.hold(each)
    store.warnings.release([one.key for one in each], now=NOW, at=later(30))


def test_a_warning_goes_only_after_its_release_and_its_person_has_one_job(store: SqlStore) -> None:
    one, two, other = warned("75%"), warned("batas"), warned("batas", person=8)
    store.warnings.hold([two, one, other])
    assert store.warnings.held(42) == (one, two, other)
    assert (store.warnings.held(43), store.warnings.ready(7)) == ((), ())
    store.warnings.release([one.key, two.key, other.key, "tidak-ada"], now=NOW, at=later(30))
    assert store.warnings.held(42) == ()
    assert store.warnings.ready(7) == (one, two)
    assert drain(store) == []
    assert sorted(drain(store, later(30))) == ["warn:7", "warn:8"]


def test_a_warning_let_go_is_never_thrown_away_nor_kept_twice(store: SqlStore) -> None:
    let_go(store, warned("batas"))
    drain(store, later(30))
    store.warnings.hold([warned("batas")])
    store.warnings.release([warned("batas").key], now=later(1), at=later(31))
    store.warnings.discard([warned("batas").key])
    assert store.warnings.ready(7) == (warned("batas"),)
    assert drain(store, later(99)) == []


def test_what_is_thrown_away_on_hold_may_be_kept_anew(store: SqlStore) -> None:
    store.warnings.hold([warned("batas")])
    store.warnings.discard([warned("batas").key])
    assert store.warnings.held(42) == ()
    store.warnings.hold([warned("batas")])
    assert store.warnings.held(42) == (warned("batas"),)


def test_the_mail_and_its_warnings_are_one_transaction(store: SqlStore) -> None:
    one, two = warned("75%"), warned("batas")
    let_go(store, one, two)
    drain(store, later(30))
    assert store.warnings.tell([one, two], mail("m1"), now=later(31))
    assert store.outbox.mail("m1") == mail("m1")
    assert (store.warnings.ready(7), drain(store, later(31))) == ((), ["mail:m1"])


def test_nothing_is_told_if_one_of_them_was_told_already(store: SqlStore) -> None:
    one, two = warned("75%"), warned("batas")
    let_go(store, one, two)
    assert store.warnings.tell([one], None, now=NOW)
    assert not store.warnings.tell([one, two], mail("m1"), now=NOW)
    assert (store.warnings.ready(7), store.outbox.mail("m1")) == ((two,), None)


def test_of_two_workers_at_once_one_tells(store: SqlStore) -> None:
    found = [warned(f"{percent}%") for percent in range(10, 60)]
    let_go(store, *found)
    told = at_once(*[lambda: store.warnings.tell(found, mail("m1"), now=NOW)] * 4)
    assert sorted(told) == [False, False, False, True]


def test_nothing_to_do_is_nothing_done(store: SqlStore) -> None:
    store.warnings.hold([])
    store.warnings.release([], now=NOW, at=NOW)
    store.warnings.discard([])
    assert store.warnings.ready(7) == ()
