"""The service is killed, refused and overtaken at every turn; in the end everything has happened once."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.state import TicketState
from connector.errors import TransientError
from connector.ports import IssueChange, Member, NewIssue
from connector.worker import Handler, Worker
from tests.fakes import FakeOutbox, FakeWarnings
from tests.world import MONDAY, World


class KilledError(BaseException):
    """The process is gone."""


#: What befalls a write to Redmine. `before`: it never came; `after`: it was done, and its answer was lost.
HARMS = ("none", "away before", "away after", "killed before", "killed after", "overtaken")
WAY = (
    *("terverifikasi", "dijadwalkan", "disepakati", "ditugaskan", "dianalisis", "ditugaskan"),
    *("dikerjakan", "dilaporkan"),
)


@dataclass
class Storm(World):
    """A world whose writes to Redmine go wrong as `harms` say; with none left all goes well."""

    harms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        commit, create = self.redmine.commit, self.redmine.create

        def harmed_commit(before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
            return self._harmed(lambda: commit(before, change, state), before.issue)

        def harmed_create(new: NewIssue) -> Snapshot:
            return self._harmed(lambda: create(new), None)

        self.redmine.commit = harmed_commit  # type: ignore[method-assign]
        self.redmine.create = harmed_create  # type: ignore[method-assign]

    def _harmed(self, write: Callable[[], Snapshot], issue: int | None) -> Snapshot:
        harm = self.harms.pop(0) if self.harms else "none"
        if harm == "overtaken" and issue is not None:
            self.redmine.staff(issue, "helpdesk", IssueChange(notes="Pemohon menelepon."))
        done = write() if not harm.endswith("before") else None
        if harm.startswith("away"):
            raise TransientError("tidak dapat dihubungi")
        if harm.startswith("killed"):
            raise KilledError
        assert done is not None
        return done

    @property
    def handlers(self) -> dict[str, Handler]:
        return {
            "issue": lambda ref: self.tickets.look(int(ref)),
            "submission": self.tickets.forward,
            "mail": self._deliver,
            "warn": self.warner.deliver,
        }

    def _deliver(self, key: str) -> None:
        mail = self.store.outbox.mail(key)
        if mail is not None:
            self.sent.append(mail)
            self.store.outbox.sent(key, now=self.clock())

    def work(self) -> None:
        """As the worker does it, started anew when it was killed; what waits or was claimed comes due."""
        worker = Worker("badai", self.store, self.handlers, self.clock)
        while self._left():
            try:
                if not worker.run_once():
                    self.clock.forward(minutes=1)
            except KilledError:
                continue

    def _left(self) -> bool:
        counts = self.store.queue.counts(now=self.clock())
        assert counts["dead"] == 0
        return counts["waiting"] + counts["claimed"] > 0


def story(world: World) -> Iterator[TicketState]:
    """A request, some steps, a return that the requester answers, and his withdrawal; the state after each."""

    def state() -> TicketState:
        found = world.snapshot(number).state
        assert found is not None
        return found

    number = world.submit()
    world.work()
    yield state()
    for outcome in WAY:
        world.move(number, outcome)
        yield state()
    world.move(number, "dikembalikan", permintaan_perbaikan="Mohon lengkapi.")
    yield state()
    for kind in ("correction", "withdraw"):
        action = RequesterAction(key=kind, kind=kind, number=number, at=world.clock())
        issue = world.snapshot(number).issue
        world.store.submissions.add_action(action, (), issue=issue, now=world.clock())
        world.work()
        yield state()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(HARMS), max_size=30))
def test_whatever_goes_wrong_everything_happens_once(harms: list[str]) -> None:
    calm, storm = World(), Storm(harms=harms)
    for quiet, wild in zip(story(calm), story(storm), strict=True):
        assert [(s.step, s.outcome) for s in wild.stays] == [(s.step, s.outcome) for s in quiet.stays]
        assert (wild.ended, wild.actions, wild.repairs) == (quiet.ended, quiet.actions, quiet.repairs)
    assert Counter(mail.subject for mail in storm.sent) == Counter(mail.subject for mail in calm.sent)
    assert len({mail.key for mail in storm.sent}) == len(storm.sent)
    assert storm.store.outbox.held() == ()
    assert isinstance(storm.store.outbox, FakeOutbox)
    assert {kept for kept, _ in storm.store.outbox.mails.values()} == {"sent"}
    [number] = {row.state.number for row in storm.redmine.issues.values() if row.state}
    assert notes(storm, number) == notes(calm, number)


def notes(world: World, number: str) -> list[str]:
    """What the connector wrote, without the times in it."""
    written = [journal.notes for journal in world.snapshot(number).journals if journal.by.connector]
    return [note.partition("Batas waktu")[0] for note in written if note]


#: Everything by which a warning comes about, call by call.
TOUCHED = {
    "warnings": ("hold", "release", "discard", "tell"),
    "clocks": ("set", "ring"),
    "queue": ("put", "claim", "finish"),
    "outbox": ("mail", "sent"),
}


class Mortal(Storm):
    """A service that is killed once: before or after its n-th call of the database or of a commit."""

    def arm(self, call: int, *, after: bool) -> None:
        self.calls, self.last, self.after, self.fatal, self.inside = 0, call, after, "", False
        for part, names in TOUCHED.items():
            for name in names:
                self._wrap(getattr(self.store, part), name)
        self._wrap(self.redmine, "commit")

    def _wrap(self, part: object, name: str) -> None:
        real = getattr(part, name)

        def fatal(*args: object, **named: object) -> object:
            if self.inside:
                return real(*args, **named)  # one transaction
            looking = name in ("claim", "ring")
            if self.calls + 1 == self.last and not self.after and not looking:
                self._die(name)
            self.inside = True
            try:
                done = real(*args, **named)
            finally:
                self.inside = False
            if looking and not (done and self.after):
                return done  # before it nothing was begun
            self.calls += 1
            if self.calls == self.last and self.after:
                self._die(name)
            return done

        setattr(part, name, fatal)

    def _die(self, name: str) -> None:
        self.last, self.fatal = 0, name
        raise KilledError

    def until(self, instant: dt.datetime) -> None:
        while self.clock() < instant:
            self.clock.forward(minutes=1)
            with suppress(KilledError):
                self.poller.ring()
            worker = Worker("fana", self.store, self.handlers, self.clock, lease=dt.timedelta(minutes=1))
            with suppress(KilledError):
                while worker.run_once():
                    pass


def warned_until_the_end(call: int = 0, *, after: bool = True) -> Mortal:
    """Two tickets run over their first limit."""
    world = Mortal()
    world.redmine.people["unj", "helpdesk"] = (
        Member(11, "Hana", "hana@contoh.id"),
        Member(12, "Hadi", "hadi@contoh.id"),
    )
    for nonce in ("satu", "dua"):
        world.submit(nonce)
    world.until(MONDAY + dt.timedelta(minutes=1))
    world.arm(call, after=after)
    world.until(MONDAY + dt.timedelta(minutes=40))
    return world


def told(world: Mortal) -> Counter[tuple[str, str]]:
    """Who was told what of which ticket; the tickets of one moment need not be in one mail after a crash."""
    lines = [
        (mail.to, line)
        for mail in world.sent
        if mail.key.startswith("warn:")
        for line in mail.text.splitlines()
    ]
    said = ((to, re.match(r"(UNJ-[\d-]+: (?:SISA|TERLAMBAT))", line)) for to, line in lines)
    return Counter((to, found[1]) for to, found in said if found)


@pytest.mark.parametrize("after", [False, True])
def test_a_warning_is_neither_lost_nor_doubled_wherever_the_service_is_killed(after: bool) -> None:
    calm = warned_until_the_end(after=after)
    wanted = told(calm)
    assert sum(wanted.values()) == 2 * 2 * 2  # people, tickets, rungs
    assert set(wanted.values()) == {1}
    for call in range(1, calm.calls + 1):
        world = warned_until_the_end(call, after=after)
        assert world.fatal
        assert not wanted - told(world), (call, world.fatal)
        # once more only where it was killed between the mail server's answer and our own record of it
        assert told(world) == wanted or (world.fatal, after) == ("sent", False), (call, world.fatal)
        assert isinstance(world.store.warnings, FakeWarnings)
        assert {kept for kept, _ in world.store.warnings.rows.values()} == {"sent"}
