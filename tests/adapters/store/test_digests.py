"""Digests that were due and what came of them, on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import event

from connector.ports import Delivery, DeliveryState, DigestLog, DigestSlot, SlotState
from connector.store import SqlStore
from connector.store.digests import KEPT, delivery_key
from tests.adapters.store.helpers import LEASE, NOW, all_that_is_kept, at_once, claim, drain, later, rows
from tests.fakes import FakeStore

DAY = dt.timedelta(days=1)
WIB = dt.timezone(dt.timedelta(hours=7))


def keys(store: SqlStore) -> list[str]:
    return [each.key for each in store.digests.deliveries("unj", NOW - 100 * DAY)]


def test_a_slot_is_opened_once_with_a_job_for_each(store: SqlStore) -> None:
    assert store.digests.open("unj", NOW, [8, 7, 8], now=later(1))
    assert not store.digests.open("unj", NOW, [7, 8, 9], now=later(2))
    assert store.digests.open("jabar", NOW, [7], now=later(3))
    assert store.digests.slots("unj", NOW) == (DigestSlot("unj", NOW, SlotState.OPENED),)
    first, second = store.digests.deliveries("unj", NOW)
    assert first == Delivery("unj:20261123T090000Z:7", "unj", 7, NOW, changed=later(1))
    assert second.person == 8
    assert drain(store, later(9)) == [
        "digest:unj:20261123T090000Z:7",
        "digest:unj:20261123T090000Z:8",
        "digest:jabar:20261123T090000Z:7",
    ]


def test_the_same_slot_in_another_zone_is_the_same(store: SqlStore) -> None:
    assert store.digests.open("unj", NOW.astimezone(WIB), [7], now=NOW)
    assert not store.digests.open("unj", NOW, [7], now=NOW)
    assert delivery_key("unj", NOW.astimezone(WIB), 7) == delivery_key("unj", NOW, 7)


def test_several_open_a_slot_at_once_and_one_does(store: SqlStore, url: str) -> None:
    others = [SqlStore.open(url) for _ in range(4)]
    opened = at_once(*[lambda each=each: each.digests.open("unj", NOW, [7, 8], now=NOW) for each in others])
    assert sorted(opened) == [False, False, False, True]
    assert len(drain(store)) == 2
    for each in others:
        each.close()


def test_what_is_settled_stays_so(store: SqlStore) -> None:
    store.digests.open("unj", NOW, [7, 8], now=NOW)
    one, other = keys(store)
    store.digests.trouble(one, "server surat menunda (451)", now=later(1))
    waiting = store.digests.delivery(one)
    assert waiting is not None
    assert (waiting.state, waiting.reason) == (DeliveryState.WAITING, "server surat menunda (451)")
    assert store.digests.settle(one, DeliveryState.SENT, now=later(2), counts={"late": 3}, scope="semua")
    sent = store.digests.delivery(one)
    assert sent == replace(
        waiting, state=DeliveryState.SENT, reason="", counts={"late": 3}, scope="semua", changed=later(2)
    )
    assert not store.digests.settle(one, DeliveryState.LOST, now=later(3))
    store.digests.trouble(one, "nanti", now=later(4))
    assert store.digests.delivery(one) == sent
    store.digests.trouble(other, "server surat menolak (550)", now=later(1))
    assert store.digests.settle(other, DeliveryState.LOST, now=later(2))
    lost = store.digests.delivery(other)
    assert lost is not None
    assert (lost.state, lost.reason) == (DeliveryState.LOST, "server surat menolak (550)")
    assert store.digests.delivery("tidak-ada") is None


def test_the_next_slot_takes_leave_of_what_still_waits(store: SqlStore) -> None:
    store.digests.open("unj", NOW, [7, 8], now=NOW)
    dead = claim(store)
    store.queue.bury(dead, now=NOW, error="server surat menolak (550)")
    store.digests.open("jabar", NOW, [7], now=NOW)
    store.digests.settle(keys(store)[1], DeliveryState.SENT, now=NOW)
    assert store.digests.open("unj", NOW + DAY, [7, 8], now=NOW + DAY)
    states = [each.state for each in store.digests.deliveries("unj", NOW)]
    waiting = DeliveryState.WAITING
    assert states == [DeliveryState.LOST, DeliveryState.SENT, waiting, waiting]
    assert [each.state for each in store.digests.deliveries("jabar", NOW)] == [waiting]
    assert store.queue.dead() == ()


def test_slots_of_which_nothing_came(store: SqlStore) -> None:
    store.digests.begin("unj", NOW)
    store.digests.miss("unj", [NOW, NOW + DAY], "konektor tidak berjalan")
    store.digests.fail("unj", NOW + 2 * DAY, "Redmine menjawab 503")
    store.digests.fail("unj", NOW + 2 * DAY, "Redmine menjawab 500")
    store.digests.miss("unj", [NOW + 2 * DAY], "konektor tidak berjalan")
    store.digests.miss("unj", [], "tidak ada")
    found = [(each.state, each.reason) for each in store.digests.slots("unj", NOW)]
    assert found == [
        (SlotState.BEGUN, ""),
        (SlotState.MISSED, "konektor tidak berjalan"),
        (SlotState.MISSED, "Redmine menjawab 500"),
    ]
    assert len(store.digests.slots("unj", NOW + DAY)) == 2
    assert store.digests.open("unj", NOW + 2 * DAY, [7], now=NOW + 2 * DAY)
    store.digests.fail("unj", NOW + 2 * DAY, "terlambat")
    assert store.digests.slots("unj", NOW + 2 * DAY)[0].state is SlotState.OPENED
    assert store.digests.open("unj", NOW, [7], now=NOW)  # a first slot may be asked for


def test_what_is_very_old_is_forgotten(store: SqlStore) -> None:
    store.digests.open("unj", NOW, [7], now=NOW)
    store.digests.open("unj", NOW + KEPT, [7], now=NOW + KEPT)
    assert rows(store)["digests"] == 2
    store.digests.open("unj", NOW + KEPT + DAY, [7], now=NOW + KEPT + DAY)
    assert rows(store)["digests"] == rows(store)["digest_slots"] == 2


def test_one_that_breaks_off_leaves_nothing(store: SqlStore) -> None:
    """All of the statements of opening a slot, each in turn the last."""
    broken = 0
    for moment in range(2, 30):
        passed = iter(range(moment))

        def stop(*_: object, passed: object = passed) -> None:
            if next(passed, None) is None:  # type: ignore[call-overload]
                raise RuntimeError("listrik padam")

        event.listen(store._db.engine, "before_cursor_execute", stop)
        try:
            store.digests.open("unj", NOW, [7, 8], now=NOW)
        except RuntimeError:
            broken += 1
        finally:
            event.remove(store._db.engine, "before_cursor_execute", stop)
        kept = rows(store)
        assert (kept["digest_slots"], kept["digests"], kept["jobs"]) == (
            (1, 2, 2) if moment > broken + 1 else (0, 0, 0)
        )
    assert broken >= 5


def test_a_job_can_be_asked_for_by_name(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("digest:a", now=later(1))
    store.queue.put("digest:b", now=NOW)
    assert store.queue.claim("x", now=NOW, lease=LEASE, key="digest:a") is None
    taken = store.queue.claim("x", now=NOW, lease=LEASE, key="digest:b")
    assert taken is not None
    assert taken.key == "digest:b"
    assert store.queue.claim("x", now=later(1), lease=LEASE, key="digest:b") is None
    assert store.queue.claim("x", now=NOW, lease=LEASE, key="tidak-ada") is None


def test_no_address_and_no_name_is_kept(store: SqlStore) -> None:
    store.digests.open("unj", NOW, [7], now=NOW)
    store.digests.settle(keys(store)[0], DeliveryState.SENT, now=NOW, counts={"late": 1}, scope="{}")
    assert "@" not in all_that_is_kept(store)


def test_the_one_in_memory_keeps_the_same_promises(store: SqlStore) -> None:
    def story(digests: DigestLog) -> list[object]:
        told: list[object] = [digests.slots("unj", NOW)]
        digests.begin("unj", NOW)
        digests.miss("unj", [NOW, NOW + DAY], "mati")
        digests.fail("unj", NOW + 2 * DAY, "503")
        told.append(digests.open("unj", NOW + 2 * DAY, [8, 7], now=NOW))
        told.append(digests.open("unj", NOW + 2 * DAY, [9], now=NOW))
        first, second = digests.deliveries("unj", NOW)
        digests.trouble(first.key, "menunda", now=later(1))
        told.append(
            digests.settle(second.key, DeliveryState.EMPTY, now=later(2), counts={"late": 0}, scope="s")
        )
        told.append(digests.settle(second.key, DeliveryState.LOST, now=later(3)))
        told.append(digests.open("unj", NOW + 3 * DAY, [7], now=later(4)))
        told += [digests.slots("unj", NOW), digests.deliveries("unj", NOW), digests.delivery(first.key)]
        return told

    assert story(FakeStore().digests) == story(store.digests)
