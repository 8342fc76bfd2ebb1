"""What earlier digests tell: what to compare with, what did not go out, whether a week is owed. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from connector.ports import Delivery, DeliveryState, DigestSlot, SlotState
from connector.supervision.letter import Before, Unsent, unsent
from connector.supervision.slots import Timetable

#: A digest that is so late is missing.
GRACE = dt.timedelta(minutes=30)
#: So far back is looked.
REMEMBERED = dt.timedelta(days=30)

#: Where nobody wrote down why something did not go out.
ASLEEP = "konektor tidak berjalan saat itu"


@dataclass(frozen=True)
class Past:
    """One person's digests before a slot, and the organization's slots that nothing came of; both in order."""

    deliveries: tuple[Delivery, ...] = ()
    missed: tuple[DigestSlot, ...] = ()

    @classmethod
    def of(
        cls, person: int, before: dt.datetime, deliveries: Iterable[Delivery], slots: Iterable[DigestSlot]
    ) -> Past:
        """A person's past, from all that is known of an organization."""
        return cls(
            tuple(each for each in deliveries if each.person == person and each.slot < before),
            tuple(each for each in slots if each.state is SlotState.MISSED and each.slot < before),
        )

    def before(self, scope: str) -> Before | None:
        """The last digest, if it was of the same scope; one that had nothing to say counts too."""
        last = next((each for each in reversed(self.deliveries) if each.said), None)
        return Before(last.slot, last.counts) if last is not None and last.scope == scope else None

    @property
    def unsent(self) -> tuple[Unsent, ...]:
        """What did not go out since the last one that did. A person of whom nothing is known was owed nothing."""
        if not self.deliveries:
            return ()
        sent = [each.slot for each in self.deliveries if each.state is DeliveryState.SENT]
        since = sent[-1] if sent else self.deliveries[0].slot
        lost = [each for each in self.deliveries if each.state is DeliveryState.LOST]
        own = [(each.slot, each.reason or ASLEEP) for each in lost if not sent or each.slot > since]
        return unsent([*own, *((each.slot, each.reason) for each in self.missed if each.slot > since)])

    def owes_week(self, timetable: Timetable, slot: dt.datetime) -> bool:
        """Whether the digest of a slot brings the week: it is the weekly one, or that one never went out."""
        weekly = timetable.weekly(slot)
        known = any(each.slot <= weekly for each in self.deliveries)
        return weekly == slot or (
            known and not any(each.said and each.slot >= weekly for each in self.deliveries)
        )


@dataclass(frozen=True)
class Standing:
    """How it stands with an organization's digests. `missing` went not out, and none has made up for them since."""

    profile: str
    last: dt.datetime | None
    missing: int
    reasons: tuple[str, ...]


def standing(
    profile: str,
    timetable: Timetable,
    slots: Iterable[DigestSlot],
    deliveries: Iterable[Delivery],
    now: dt.datetime,
) -> Standing:
    """What is to be reported of the digests at `now`."""
    slots, deliveries = tuple(slots), tuple(deliveries)
    served = [each.slot for each in slots if each.state is not SlotState.MISSED]
    after = served[-1] if served else None
    missing = [
        each.reason for each in slots if each.state is SlotState.MISSED and after and each.slot > after
    ]
    due = timetable.latest(now)
    if slots and timetable.day(due) > timetable.day(slots[-1].slot) and now > due + GRACE:
        missing.append(ASLEEP)
    latest = {each.person: each for each in deliveries}
    for each in latest.values():
        overdue = each.state is DeliveryState.WAITING and now > each.slot + GRACE
        if overdue or each.state is DeliveryState.LOST:
            missing.append(each.reason or ASLEEP)
    said = [each.changed for each in deliveries if each.said and each.changed]
    return Standing(profile, max(said, default=None), len(missing), tuple(dict.fromkeys(missing)))
