"""Digests: which were due, and what came of each person's. No address and no name is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, update

from connector.ports import Delivery, DeliveryState, DigestSlot, SlotState
from connector.store.connection import Connections
from connector.store.queue import SqlQueue
from connector.store.tables import digest_slots, digests, jobs

#: So long it is kept what came of a digest.
KEPT = dt.timedelta(days=90)


class SqlDigests:
    """Implements `connector.ports.DigestLog`."""

    def __init__(self, connections: Connections, queue: SqlQueue) -> None:
        self._db = connections
        self._queue = queue

    # slots --------------------------------------------------------------------------------------------------

    def slots(self, profile: str, since: dt.datetime) -> Sequence[DigestSlot]:
        """The slots of an organization since an instant."""
        query = (
            select(digest_slots)
            .where(digest_slots.c.profile == profile, digest_slots.c.slot >= since)
            .order_by(digest_slots.c.slot)
        )
        with self._db.read() as connection:
            return tuple(
                DigestSlot(row.profile, row.slot, SlotState(row.state), row.reason)
                for row in connection.execute(query)
            )

    def begin(self, profile: str, slot: dt.datetime) -> None:
        """Digests begin with the slot after this one."""
        self._note(profile, [slot], SlotState.BEGUN, "")

    def miss(self, profile: str, slots: Iterable[dt.datetime], reason: str) -> None:
        """Nothing came of these slots, unless something is known of them."""
        self._note(profile, slots, SlotState.MISSED, reason)

    def fail(self, profile: str, slot: dt.datetime, reason: str) -> None:
        """Nothing came of a slot so far."""
        self.miss(profile, [slot], reason)
        mine = (digest_slots.c.profile == profile, digest_slots.c.slot == slot)
        with self._db.write() as connection:
            connection.execute(
                update(digest_slots)
                .where(*mine, digest_slots.c.state == SlotState.MISSED)
                .values(reason=reason)
            )

    def open(self, profile: str, slot: dt.datetime, people: Iterable[int], *, now: dt.datetime) -> bool:
        """Ask for the digests of a slot, once: all of them or none."""
        opened = {"state": SlotState.OPENED, "reason": ""}
        with self._db.write() as connection:
            claimed = connection.execute(
                self._db.insert(digest_slots)
                .values(profile=profile, slot=slot, **opened)
                .on_conflict_do_update(
                    index_elements=[digest_slots.c.profile, digest_slots.c.slot],
                    set_=opened,
                    where=digest_slots.c.state != SlotState.OPENED,
                )
                .returning(digest_slots.c.slot)
            )
            if claimed.first() is None:
                return False
            earlier = (digests.c.profile == profile, digests.c.slot < slot)
            lost = connection.execute(
                update(digests)
                .where(*earlier, digests.c.state == DeliveryState.WAITING)
                .values(state=DeliveryState.LOST, changed=now)
                .returning(digests.c.key)
            )
            # given up: the next digest tells of them, and nobody can do anything about them any more
            keys = [f"digest:{key}" for key in lost.scalars()]
            connection.execute(delete(jobs).where(jobs.c.key.in_(keys), jobs.c.dead_since.is_not(None)))
            connection.execute(delete(digests).where(digests.c.slot < now - KEPT))
            connection.execute(delete(digest_slots).where(digest_slots.c.slot < now - KEPT))
            for person in sorted(set(people)):
                key = delivery_key(profile, slot, person)
                row = {"key": key, "profile": profile, "person": person, "slot": slot, "changed": now}
                connection.execute(
                    self._db.insert(digests)
                    .values(state=DeliveryState.WAITING, counts={}, **row)
                    .on_conflict_do_nothing()
                )
                self._queue.put_in(connection, f"digest:{key}", now=now)
            return True

    def _note(self, profile: str, slots: Iterable[dt.datetime], state: SlotState, reason: str) -> None:
        rows = [
            {"profile": profile, "slot": slot, "state": state, "reason": reason} for slot in sorted(slots)
        ]
        if not rows:
            return
        with self._db.write() as connection:
            connection.execute(self._db.insert(digest_slots).values(rows).on_conflict_do_nothing())

    # one person's -------------------------------------------------------------------------------------------

    def delivery(self, key: str) -> Delivery | None:
        """One person's digest."""
        with self._db.read() as connection:
            row = connection.execute(select(digests).where(digests.c.key == key)).one_or_none()
            return _delivery(row) if row is not None else None

    def deliveries(self, profile: str, since: dt.datetime) -> Sequence[Delivery]:
        """All of an organization's since an instant."""
        mine = (digests.c.profile == profile, digests.c.slot >= since)
        query = select(digests).where(*mine).order_by(digests.c.slot, digests.c.person)
        with self._db.read() as connection:
            return tuple(_delivery(row) for row in connection.execute(query))

    def trouble(self, key: str, reason: str, *, now: dt.datetime) -> None:
        """It could not be sent for now."""
        self._change(key, now, reason=reason)

    def settle(
        self,
        key: str,
        state: DeliveryState,
        *,
        now: dt.datetime,
        counts: Mapping[str, int] | None = None,
        scope: str = "",
    ) -> bool:
        """What came of it. The reason of one that is lost stays."""
        done = {"state": state, "counts": dict(counts or {}), "scope": scope}
        return self._change(key, now, **done, **({} if state is DeliveryState.LOST else {"reason": ""}))

    def _change(self, key: str, now: dt.datetime, **values: Any) -> bool:
        waiting = (digests.c.key == key, digests.c.state == DeliveryState.WAITING)
        with self._db.write() as connection:
            done = connection.execute(update(digests).where(*waiting).values(changed=now, **values))
            return bool(done.rowcount)


def delivery_key(profile: str, slot: dt.datetime, person: int) -> str:
    """`unj:20261123T010000Z:7`."""
    return f"{profile}:{slot.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}:{person}"


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        key=row.key,
        profile=row.profile,
        person=row.person,
        slot=row.slot,
        state=DeliveryState(row.state),
        reason=row.reason,
        counts=row.counts,
        scope=row.scope,
        changed=row.changed,
    )
