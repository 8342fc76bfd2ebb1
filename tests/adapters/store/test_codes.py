"""Codes that prove an address, one row for each purpose."""

from __future__ import annotations

import uuid
from functools import partial

from connector.engine.snapshot import RequesterAction
from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, at_once, drain, later, mail, rows, submit


def send(store: SqlStore, code: str, nth: int, *, seconds: int = 0, most: int = 3) -> bool:
    now = later(seconds)
    return store.codes.send(
        "kode:1", code, mail(f"kode:{nth}"), until=later(seconds + 600), now=now, most=most
    )


def test_a_code_is_right_once_and_only_the_last_one_is(store: SqlStore) -> None:
    assert send(store, "satu", 1)
    assert send(store, "dua", 2)
    assert drain(store) == ["mail:kode:1", "mail:kode:2"]
    assert not store.codes.proves("kode:1", "satu", now=NOW, tries=5)
    assert store.codes.proves("kode:1", "dua", now=NOW, tries=5)
    assert not store.codes.proves("kode:1", "dua", now=NOW, tries=5)
    assert not store.codes.proves("kode:1", "", now=NOW, tries=5)
    assert not store.codes.proves("tidak-ada", "", now=NOW, tries=5)


def test_it_is_wrong_after_too_many_tries_or_too_late(store: SqlStore) -> None:
    send(store, "satu", 1)
    for _ in range(3):
        assert not store.codes.proves("kode:1", "salah", now=NOW, tries=3)
    assert not store.codes.proves("kode:1", "satu", now=NOW, tries=3)
    send(store, "dua", 2)
    assert not store.codes.proves("kode:1", "dua", now=later(601), tries=3)


def test_only_so_many_are_sent_in_an_hour(store: SqlStore) -> None:
    assert [send(store, "x", nth) for nth in range(4)] == [True, True, True, False]
    assert len(drain(store)) == 3
    assert send(store, "y", 9, seconds=3600)
    assert store.codes.proves("kode:1", "y", now=later(3601), tries=3)


def test_two_at_once_are_counted_one_after_the_other(store: SqlStore) -> None:
    sent = at_once(*(partial(send, store, "x", nth, most=2) for nth in range(4)))
    assert sorted(sent) == [False, False, True, True]


def test_old_ones_are_forgotten(store: SqlStore) -> None:
    send(store, "satu", 1)
    store.codes.expire(now=later(1200))
    assert rows(store)["codes"] == 1, "what was sent still counts"
    store.codes.expire(now=later(4000))
    assert rows(store)["codes"] == 0


def test_who_acts_for_a_unit_is_kept_until_it_is_done(store: SqlStore) -> None:
    made = submit(store)
    action = RequesterAction(
        key=str(uuid.uuid4()),
        kind="message",
        number=made.number,
        at=NOW,
        remark="Kami siap.",
        role="pimpinan-unit",
        address="dekan@unj.contoh.id",
    )
    store.submissions.add_action(action, [], issue=None, now=NOW)
    assert store.submissions.pending_actions(made.number) == (action,)
    store.submissions.actions_done([action.key])
    assert store.submissions.pending_actions(made.number) == ()
