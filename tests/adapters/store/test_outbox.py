"""Mail that waits for the commit it speaks of."""

from __future__ import annotations

from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, all_that_is_kept, drain, later, mail


def test_mail_goes_only_after_its_release_and_once(store: SqlStore) -> None:
    store.outbox.hold([mail("m2"), mail("m1")], now=NOW)
    store.outbox.hold([mail("m1")], now=NOW)
    assert store.outbox.held() == (mail("m1"), mail("m2"))
    assert store.outbox.mail("m1") is None
    assert drain(store) == []
    store.outbox.release(["m1", "tidak-ada"], now=NOW)
    store.outbox.release(["m1"], now=NOW)
    assert store.outbox.held() == (mail("m2"),)
    assert store.outbox.mail("m1") == mail("m1")
    assert drain(store) == ["mail:m1"]


def test_a_mail_let_go_cannot_be_thrown_away(store: SqlStore) -> None:
    store.outbox.hold([mail("m1"), mail("m2")], now=NOW)
    store.outbox.release(["m1"], now=NOW)
    store.outbox.discard(["m1", "m2", "tidak-ada"])
    assert store.outbox.held() == ()
    assert store.outbox.mail("m1") == mail("m1")
    store.outbox.release(["m2"], now=NOW)
    assert drain(store) == ["mail:m1"]


def test_a_mail_thrown_away_may_be_written_anew(store: SqlStore) -> None:
    store.outbox.hold([mail("m1")], now=NOW)
    store.outbox.discard(["m1"])
    store.outbox.hold([mail("m1")], now=NOW)
    assert store.outbox.held() == (mail("m1"),)


def test_a_mail_that_is_no_longer_true_is_recalled_unless_it_was_sent(store: SqlStore) -> None:
    store.outbox.hold([mail("m1"), mail("m2"), mail("m3")], now=NOW)
    store.outbox.release(["m2", "m3"], now=NOW)
    store.outbox.sent("m3", now=NOW)
    store.outbox.recall(["m1", "m2", "m3", "tidak-ada"])
    assert store.outbox.held() == ()
    assert store.outbox.mail("m2") is None
    store.outbox.hold([mail("m3")], now=NOW)
    assert store.outbox.held() == ()


def test_of_a_sent_mail_only_the_key_is_kept_and_it_never_goes_again(store: SqlStore) -> None:
    store.outbox.hold([mail("m1")], now=NOW)
    store.outbox.release(["m1"], now=NOW)
    drain(store)
    store.outbox.sent("m1", now=later(1))
    assert store.outbox.mail("m1") is None
    store.outbox.hold([mail("m1")], now=later(2))
    store.outbox.release(["m1"], now=later(2))
    assert (store.outbox.held(), drain(store, later(2))) == ((), [])
    kept = all_that_is_kept(store)
    assert "m1" in kept
    for personal in ("sari@", "Halo", "isi"):
        assert personal not in kept


def test_nothing_to_do_is_nothing_done(store: SqlStore) -> None:
    store.outbox.hold([], now=NOW)
    store.outbox.release([], now=NOW)
    store.outbox.discard([])
    store.outbox.recall([])
    assert store.outbox.held() == ()
