"""Digests: the clock opens a slot, with one job for each person; the job reads the state anew and sends what it says.

So a digest that had to wait for the mail server says nothing that is no longer true.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from connector.engine.plan import plan
from connector.errors import PermanentError, SopError
from connector.perform import Mails
from connector.ports import Delivery, DeliveryState, OutgoingMail, Redmine, SlotState, StateRow, Store
from connector.supervision.digest import Scope, digest
from connector.supervision.letter import Letter
from connector.supervision.links import links_of
from connector.supervision.offices import Office, Reader
from connector.supervision.past import ASLEEP, REMEMBERED, Past, Standing, standing
from connector.supervision.week import Week, week

log = logging.getLogger(__name__)

TEMPLATE = "rekap"


@dataclass(frozen=True)
class Supervision:
    """Opens slots and sends digests. `redmine_url` is Redmine as people reach it."""

    redmine: Redmine
    store: Store
    mails: Mails
    deliver: Callable[[OutgoingMail], None]
    offices: Mapping[str, Office]
    redmine_url: str
    clock: Callable[[], dt.datetime]

    # when -----------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Open the slots that have come. No organization holds up another."""
        for office in self.offices.values():
            now = self.clock()
            try:
                self.open(office, now)
            except SopError as error:
                log.warning("digests not opened: %s error=%s", office.profile, type(error).__name__)
                slot = office.timetable.latest(now)
                self.store.digests.fail(office.profile, slot, _words(error))

    def open(self, office: Office, now: dt.datetime, *, asked: bool = False) -> bool:
        """Open the last slot if it is today's; whether this was done now.

        In a new database nobody knows what was sent before: digests begin with the next slot, unless somebody `asked`.
        A day has one slot, though the mapping changed its hour meanwhile.
        """
        digests, profile, timetable = self.store.digests, office.profile, office.timetable
        slot = timetable.latest(now)
        known = digests.slots(profile, now - REMEMBERED)
        done = (SlotState.OPENED,) if asked else (SlotState.OPENED, SlotState.BEGUN)
        if not known and not asked:
            digests.begin(profile, slot)
            return False
        days = {timetable.day(each.slot): each.state in done for each in known}
        if days.get(timetable.day(slot)):
            return False
        passed = [*timetable.between(known[-1].slot, slot)] if known else []
        today = timetable.day(slot) == timetable.day(now)
        missed = [*passed, *(() if today else (slot,))]
        digests.miss(profile, [each for each in missed if timetable.day(each) not in days], ASLEEP)
        if not today:
            return False
        readers = office.readers(self.redmine.members)
        people = [reader.member.id for reader in readers if reader.member.mail]
        return digests.open(profile, slot, people, now=now)

    # sending --------------------------------------------------------------------------------------------------

    def send(self, key: str, *, weekly: bool = False) -> None:
        """Send one person's digest, or settle that there is none. When its day is over it is lost.

        The week's figures come when they are owed, or if they are asked for (`weekly`).
        """
        delivery = self.store.digests.delivery(key)
        if delivery is None or delivery.state is not DeliveryState.WAITING:
            return
        office = self.offices.get(delivery.profile)
        now = self.clock()
        if office is None or office.timetable.day(now) != office.timetable.day(delivery.slot):
            self.store.digests.settle(key, DeliveryState.LOST, now=now)
            return
        try:
            self._send(office, delivery, now, weekly=weekly)
        except Exception as error:
            self.store.digests.trouble(key, _words(error), now=now)
            raise

    def _send(self, office: Office, delivery: Delivery, now: dt.datetime, *, weekly: bool) -> None:
        everybody = office.readers(self.redmine.members)
        reader = next((each for each in everybody if each.member.id == delivery.person), None)
        if reader is None:
            self.store.digests.settle(delivery.key, DeliveryState.EMPTY, now=now)
            return
        past = self.past(office, reader, delivery.slot)
        weekly = weekly or past.owes_week(office.timetable, delivery.slot)
        letter = self.letter(office, reader, past, now, weekly=weekly)
        state = DeliveryState.EMPTY
        if not letter.empty:
            self.deliver(self.render(letter, reader, delivery.key))
            state = DeliveryState.SENT
        self.store.digests.settle(
            delivery.key, state, now=self.clock(), counts=letter.digest.counts, scope=reader.scope.mark
        )

    # what is said ---------------------------------------------------------------------------------------------

    def past(self, office: Office, reader: Reader, before: dt.datetime) -> Past:
        """What is known of a person's digests before an instant."""
        since = before - REMEMBERED
        deliveries = self.store.digests.deliveries(office.profile, since)
        return Past.of(reader.member.id, before, deliveries, self.store.digests.slots(office.profile, since))

    def letter(self, office: Office, reader: Reader, past: Past, now: dt.datetime, *, weekly: bool) -> Letter:
        """What a person is told now."""
        days = office.timetable.week(office.timetable.weekly(now)) if weekly else None
        since = office.timetable.midnight(days[0]) if days else None
        found = self.redmine.states(open_only=True) if since is None else self.redmine.recent_states(since)
        rows, unjudged = self._judged(office, reader.scope, list(found), now)
        return Letter(
            organization=office.organization,
            rulebook=office.rulebook,
            titles=tuple(office.title(role) for role in reader.roles),
            units=reader.scope.units,
            digest=digest(office.rulebook, office.digests, reader.scope, rows, now, unjudged),
            week=_week(office, reader, rows, days) if days else None,
            before=past.before(reader.scope.mark),
            unsent=past.unsent,
            links=links_of(
                office.organization, office.rulebook, reader.scope, self.redmine_url, self.redmine.object_id
            ),
        )

    def _judged(
        self, office: Office, scope: Scope, rows: list[StateRow], now: dt.datetime
    ) -> tuple[list[StateRow], set[int]]:
        """The rows, those anew that were changed in Redmine since the worker last saw them, and of which there is
        something to say; and the issues that cannot be judged."""
        said = {each.issue for each in digest(office.rulebook, office.digests, scope, rows, now).findings}
        found: list[StateRow] = []
        unjudged: set[int] = set()
        for row in rows:
            if row.issue not in said or row.last_journal == row.cursor:
                found.append(row)
                continue
            try:
                fresh = self._fresh(office, row, now)
            except PermanentError:
                unjudged.add(row.issue)
                fresh = row
            found += [fresh] if fresh is not None else []
        return found, unjudged

    def _fresh(self, office: Office, row: StateRow, now: dt.datetime) -> StateRow | None:
        """A ticket as it will be once the worker has seen what was done with it; None if it is gone."""
        snapshot = self.redmine.read(row.issue)
        rules = office.rulebook.get(snapshot.procedure) if snapshot is not None else None
        if snapshot is None or snapshot.state is None or rules is None:
            return None
        former = office.rulebook.get(snapshot.state.procedure)
        if former is None:
            raise PermanentError(f"tiket {row.issue} berasal dari POS yang tidak ada dalam pemetaan")
        state = plan(rules, snapshot, now, former=former).state or snapshot.state
        return replace(
            row,
            state=state,
            closed=state.ended is not None,
            subject=snapshot.subject,
            assignee=snapshot.assignee,
        )

    def render(self, letter: Letter, reader: Reader, key: str) -> OutgoingMail:
        """The message. The same key gives the same Message-ID."""
        if not reader.member.mail:
            raise PermanentError("penerima rekap tidak mempunyai alamat email di Redmine")
        return self.mails.render(
            key=f"digest:{key}", to=reader.member.mail, template=TEMPLATE, data=letter.data(), issue=None
        )


def standings(offices: Mapping[str, Office], store: Store, now: dt.datetime) -> tuple[Standing, ...]:
    """How it stands with the digests of every organization."""
    since = now - REMEMBERED
    return tuple(
        standing(
            office.profile,
            office.timetable,
            store.digests.slots(office.profile, since),
            store.digests.deliveries(office.profile, since),
            now,
        )
        for office in offices.values()
    )


def _week(office: Office, reader: Reader, rows: list[StateRow], days: tuple[dt.date, dt.date]) -> Week:
    timetable = office.timetable
    period = (timetable.midnight(days[0]), timetable.midnight(days[1] + dt.timedelta(1)))
    return week(office.rulebook, reader.scope, rows, days, period)


def _words(error: Exception) -> str:
    """Why, for people. Errors of ours are written for them; others may quote data."""
    return str(error) if isinstance(error, SopError) else f"kesalahan pada konektor ({type(error).__name__})"
