"""What earlier digests tell the next one, and whoever watches."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.ports import Delivery, DeliveryState, DigestSlot, SlotState
from connector.supervision.letter import Unsent
from connector.supervision.past import ASLEEP, Past, standing
from tests.unit.supervision.sample import at, office

TABLE = office().timetable
MON, TUE, WED, THU = (at(day, 8) for day in (23, 24, 25, 26))
FRI_BEFORE = at(20, 8)
S, E, L, W = DeliveryState.SENT, DeliveryState.EMPTY, DeliveryState.LOST, DeliveryState.WAITING


def was(
    slot: dt.datetime, state: DeliveryState, reason: str = "", scope: str = "semua", person: int = 7
) -> Delivery:
    return Delivery(
        f"k{slot}{person}",
        "unj",
        person,
        slot,
        state,
        reason,
        {"late": slot.day},
        scope,
        slot + dt.timedelta(minutes=1),
    )


def slot(when: dt.datetime, state: SlotState = SlotState.MISSED, reason: str = ASLEEP) -> DigestSlot:
    return DigestSlot("unj", when, state, reason)


def past(*deliveries: Delivery, missed: tuple[DigestSlot, ...] = (), before: dt.datetime = THU) -> Past:
    return Past.of(7, before, deliveries, missed)


def test_only_what_was_before_and_his_own_counts() -> None:
    found = past(was(MON, S, person=8), was(TUE, S), was(THU, W), missed=(slot(WED), slot(THU)))
    assert [each.slot for each in found.deliveries] == [TUE]
    assert [each.slot for each in found.missed] == [WED]


def test_compared_is_with_the_last_one_of_the_same_scope() -> None:
    compared = past(was(MON, S), was(TUE, E), was(WED, L)).before("semua")
    assert compared is not None
    assert (compared.slot, compared.counts) == (TUE, {"late": 24})
    assert past(was(MON, S), was(TUE, S, scope="unit")).before("semua") is None
    assert past().before("semua") is None


@pytest.mark.parametrize(
    ("deliveries", "missed", "unsent"),
    [
        ([], (slot(TUE),), ()),
        ([was(MON, S)], (), ()),
        ([was(MON, S), was(TUE, L, "surat menunda")], (), (Unsent((TUE,), "surat menunda"),)),
        ([was(MON, S), was(TUE, L)], (slot(WED),), (Unsent((TUE, WED), ASLEEP),)),
        ([was(MON, L, "x"), was(TUE, S)], (), ()),
        # one with nothing to say told nobody of what was lost
        ([was(MON, L, "x"), was(TUE, E)], (), (Unsent((MON,), "x"),)),
        ([was(TUE, E)], (slot(MON), slot(WED)), (Unsent((WED,), ASLEEP),)),
    ],
)
def test_what_did_not_go_out_is_told_by_the_next_that_does(
    deliveries: list[Delivery], missed: tuple[DigestSlot, ...], unsent: tuple[Unsent, ...]
) -> None:
    assert past(*deliveries, missed=missed).unsent == unsent


def test_a_week_is_owed_until_it_went_out() -> None:
    assert past(before=MON).owes_week(TABLE, MON)
    assert not past(was(MON, S), before=TUE).owes_week(TABLE, TUE)
    assert not past(was(MON, E), before=TUE).owes_week(TABLE, TUE)
    assert past(was(FRI_BEFORE, S), was(MON, L), before=TUE).owes_week(TABLE, TUE)
    assert past(was(FRI_BEFORE, S), before=WED).owes_week(TABLE, WED)
    assert not past(was(FRI_BEFORE, S), was(MON, L), was(TUE, S), before=WED).owes_week(TABLE, WED)
    # who is new is owed nothing of the time before
    assert not past(before=WED).owes_week(TABLE, WED)


# for those who watch --------------------------------------------------------------------------------------------


def told(now: dt.datetime, slots: list[DigestSlot], *deliveries: Delivery) -> tuple[int, tuple[str, ...]]:
    found = standing("unj", TABLE, slots, deliveries, now)
    return found.missing, found.reasons


def opened(*slots: dt.datetime) -> list[DigestSlot]:
    return [slot(each, SlotState.OPENED, "") for each in slots]


def test_all_is_well_while_the_last_ones_went_out() -> None:
    done = [was(MON, S), was(MON, E, person=8), was(TUE, S), was(TUE, S, person=8)]
    assert told(TUE + dt.timedelta(hours=1), opened(MON, TUE), *done) == (0, ())
    assert standing("unj", TABLE, opened(MON, TUE), done, TUE).last == TUE + dt.timedelta(minutes=1)
    assert told(at(29, 12), opened(at(27, 8)), was(at(27, 8), S)) == (0, ())  # on Sunday


def test_before_the_first_slot_nothing_is_missing() -> None:
    assert standing("unj", TABLE, [], [], TUE).missing == 0
    assert standing("unj", TABLE, [], [], TUE).last is None
    assert told(TUE + dt.timedelta(hours=2), [slot(TUE, SlotState.BEGUN, "")]) == (0, ())


def test_one_that_waits_is_missing_after_half_an_hour() -> None:
    row = was(TUE, W, "server surat menunda (451)")
    assert told(TUE + dt.timedelta(minutes=30), opened(TUE), row) == (0, ())
    assert told(TUE + dt.timedelta(minutes=31), opened(TUE), row) == (1, ("server surat menunda (451)",))


def test_a_slot_that_nobody_opened_is_missing_after_half_an_hour() -> None:
    assert told(TUE + dt.timedelta(minutes=30), opened(MON), was(MON, S)) == (0, ())
    assert told(TUE + dt.timedelta(minutes=31), opened(MON), was(MON, S)) == (1, (ASLEEP,))


def test_what_failed_is_missing_until_a_later_one_goes_out() -> None:
    failed = [*opened(MON), slot(TUE, reason="Redmine menjawab 503")]
    assert told(TUE + dt.timedelta(minutes=5), failed, was(MON, S)) == (1, ("Redmine menjawab 503",))
    assert told(WED, [*failed, *opened(WED)], was(MON, S), was(WED, S)) == (0, ())
    lost = [was(MON, S), was(TUE, L, "x"), was(TUE, S, person=8)]
    assert told(WED, opened(MON, TUE), *lost) == (1, ("x",))
    assert told(WED, opened(MON, TUE, WED), *lost, was(WED, E)) == (0, ())
