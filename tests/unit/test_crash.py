"""The service is killed, refused and overtaken at every turn; in the end everything has happened once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.state import TicketState
from connector.errors import TransientError
from connector.ports import IssueChange, NewIssue
from connector.worker import Worker
from tests.fakes import FakeOutbox
from tests.world import World


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

    def work(self) -> None:
        """As the worker does it, started anew when it was killed; what waits or was claimed comes due."""

        def deliver(key: str) -> None:
            mail = self.store.outbox.mail(key)
            if mail is not None:
                self.sent.append(mail)
                self.store.outbox.sent(key, now=self.clock())

        handlers = {
            "issue": lambda ref: self.tickets.look(int(ref)),
            "submission": self.tickets.forward,
            "mail": deliver,
            "warn": self.warner.deliver,
        }
        worker = Worker("badai", self.store, handlers, self.clock)
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
