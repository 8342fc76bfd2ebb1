"""Fetch, plan, perform: on fakes, what is hard to bring about on a real Redmine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from connector.engine.effects import MakeDocument
from connector.engine.progress import Rules
from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.state import Issued, TicketState
from connector.errors import ConflictError, DocumentError, PermanentError, RefusedError, TransientError
from connector.perform import Links, Performer, subject
from connector.ports import IssueChange, Member, OutgoingMail, Ticket
from connector.process import RETRY, Tickets
from connector.sop.model import Organization, Output, OutputKind, Procedure, Tell
from tests.fakes import FakeClock, FakeRedmine, FakeStore
from tests.small import FORM, MONDAY, PROCEDURE, RULES, FakeTicket
from tests.unit.engine.test_duplicates import FIRST, RULES_OF_SAME, related
from tests.unit.engine.test_duplicates import ticket as duplicate
from tests.unit.engine.test_transfer import OTHER
from tests.unit.engine.test_waiting import LAST, PATIENT, reminded


@dataclass(frozen=True)
class Paper:
    filename: str
    content_type: str
    content: bytes
    issued: Issued


class FakeDocuments:
    broken: str = ""
    """Why no document can be made."""

    def make(
        self,
        order: MakeDocument,
        procedure: Procedure,
        organization: Organization,
        snapshot: Snapshot,
        state: TicketState,
        now: dt.datetime,
    ) -> Paper:
        if self.broken:
            raise DocumentError(self.broken)
        issued = Issued(
            template=order.template,
            field=order.field_id,
            number=order.number,
            code="KODE",
            sha256="0" * 64,
            attachment=None,
            at=now,
        )
        return Paper(f"{order.number}.pdf", "application/pdf", b"%PDF", issued)


class FakeMails:
    def render(
        self, *, key: str, to: str, template: str, data: Mapping[str, object], issue: int | None
    ) -> OutgoingMail:
        return OutgoingMail(key, to, template, str(data.get("text", "")), "", issue)


class FakeNotes:
    def render(self, template: str, data: Mapping[str, object]) -> str:
        return f"[{template}]"


@dataclass
class World:
    redmine: FakeRedmine
    store: FakeStore
    clock: FakeClock
    tickets: Tickets
    documents: FakeDocuments

    def sent(self) -> list[tuple[str, str]]:
        """Mail that was let go: (template, address)."""
        found = []
        while (job := self.store.queue.claim("x", now=self.clock(), lease=dt.timedelta(hours=1))) is not None:
            mail = self.store.outbox.mail(job.ref) if job.kind == "mail" else None
            found += [(mail.subject, mail.to)] if mail else []
            self.store.queue.finish(job)
        return found


@pytest.fixture
def world() -> World:
    clock = FakeClock(MONDAY + dt.timedelta(days=1))
    redmine, store = FakeRedmine(clock), FakeStore()
    store.books.set_ready()
    documents = FakeDocuments()
    performer = Performer(
        redmine,
        store,
        documents,
        FakeMails(),
        FakeNotes(),
        Links(lambda n: n, str, str, lambda n, a: f"{n}/{a}"),
    )

    def receipt(rules: Rules, fields: Mapping[str, str]) -> Callable[[str], Ticket]:
        return lambda number: Ticket(f"hash-{number}", None)

    tickets = Tickets(
        redmine, store, performer, {PROCEDURE.key: RULES}, lambda n: f"hash-{n}", receipt, clock
    )
    return World(redmine, store, clock, tickets, documents)


def given(world: World, ticket: FakeTicket) -> int:
    world.redmine.issues[ticket.snapshot.issue] = ticket.snapshot
    return ticket.snapshot.issue


def submit(world: World, nonce: str = "n") -> str:
    return world.store.submissions.submit(
        nonce=nonce,
        procedure=PROCEDURE.key,
        prefix="UJI",
        received=MONDAY,
        year=2026,
        fields=FORM,
        files=(),
        ticket=lambda number: Ticket(f"hash-{number}", None),
    ).id


def test_an_issue_that_is_gone_or_foreign_is_left_alone(world: World) -> None:
    world.tickets.look(99)
    assert world.redmine.issues == {}


def test_a_submission_becomes_one_issue_however_often_it_is_forwarded(world: World) -> None:
    ref = submit(world)
    world.tickets.forward(ref)
    world.tickets.forward(ref)
    assert len(world.redmine.issues) == 1
    [issue] = world.redmine.issues.values()
    assert issue.subject == "Layanan uji: Sari"
    assert issue.status == "status:pemeriksaan"


def test_a_taken_number_gives_the_next_one(world: World) -> None:
    ticket = FakeTicket.at()
    assert ticket.snapshot.state is not None
    given(world, ticket)  # it has the number UJI-2026-000001
    ref = submit(world)
    world.tickets.forward(ref)
    made = world.store.submissions.submission(ref)
    assert made is not None
    assert (made.number, made.issue is not None) == ("UJI-2026-000002", True)


def test_mail_goes_to_every_holder_of_a_role(world: World) -> None:
    world.redmine.people["uji", "teknis-a"] = (
        Member(1, "A", "a@x.id"),
        Member(2, "B", "b@x.id"),
        Member(3, "C", ""),
    )
    ticket = FakeTicket.at(("meja", "Pengerjaan"), regu="A", hasil="beres")
    issue = given(world, ticket)
    world.redmine.staff(issue, "teknis-a", IssueChange(status="status:pengesahan"))
    world.tickets.look(issue)
    assert sorted(world.sent()) == [("staf", "a@x.id"), ("staf", "b@x.id")]


def test_documents_are_in_their_field_and_in_the_state_with_the_move(world: World) -> None:
    ticket = FakeTicket.at(("meja", "Pengerjaan"), regu="A", hasil="beres")
    issue = given(world, ticket)
    world.redmine.staff(issue, "teknis-a", IssueChange(status="status:pengesahan"))
    world.tickets.look(issue)
    after = world.redmine.issues[issue]
    assert after.files["field:uji:berita-acara"].name == "BA-UJI-2026-000001.pdf"
    assert after.state is not None
    assert [each.code for each in after.state.documents] == ["KODE"]
    before = world.redmine.issues[issue].last_journal
    world.tickets.look(issue)
    assert world.redmine.issues[issue].last_journal == before


# a document that cannot be made ---------------------------------------------------------------------------------


def broken(world: World) -> int:
    """A ticket that has come to where its document is made, which is not possible."""
    ticket = FakeTicket.at(("meja", "Pengerjaan"), regu="A", hasil="beres")
    issue = given(world, ticket)
    world.documents.broken = "templat «naskah»: bagian/isi.typ:12:3: kesalahan"
    world.redmine.staff(issue, "teknis-a", IssueChange(status="status:pengesahan"))
    world.tickets.look(issue)
    return issue


def state_of(world: World, issue: int) -> TicketState:
    found = world.redmine.issues[issue].state
    assert found is not None
    return found


def told_of_it(world: World, issue: int) -> list[bool]:
    """Whether private, of each note that says that a document could not be made."""
    journals = world.redmine.issues[issue].journals
    return [journal.private for journal in journals if "dokumen-gagal" in journal.notes]


def rings(world: World) -> tuple[int, ...]:
    """The tickets whose clock has run out by now."""
    return tuple(world.store.clocks.due(now=world.clock()))


def test_a_document_that_cannot_be_made_holds_nothing_else_up(world: World) -> None:
    issue = broken(world)
    after = world.redmine.issues[issue]
    assert state_of(world, issue).stays[-1].step == "sahkan"
    assert after.assignee is not None
    assert "field:uji:berita-acara" not in after.files
    (unmade,) = state_of(world, issue).unmade
    assert (unmade.field, unmade.kind, unmade.reason) == (
        "berita-acara",
        "berita-acara",
        world.documents.broken,
    )
    assert state_of(world, issue).documents == ()


def test_staff_are_told_of_it_once_for_each_reason(world: World) -> None:
    issue = broken(world)
    last = world.redmine.issues[issue].last_journal
    for _ in range(3):
        world.tickets.look(issue)
    assert world.redmine.issues[issue].last_journal == last, "looking again writes nothing"
    assert told_of_it(world, issue) == [True]
    world.documents.broken = "lain"
    world.tickets.look(issue)
    assert told_of_it(world, issue) == [True, True]
    assert state_of(world, issue).unmade[0].reason == "lain"


def test_it_is_tried_again_by_itself_until_it_is_there(world: World) -> None:
    issue = broken(world)
    world.clock.now += RETRY - dt.timedelta(seconds=1)
    assert rings(world) == ()
    world.clock.now += dt.timedelta(seconds=1)
    assert rings(world) == (issue,)
    world.tickets.look(issue)
    assert state_of(world, issue).unmade, "its template is not mended yet"
    world.documents.broken = ""
    world.clock.now += RETRY
    assert rings(world) == (issue,)
    world.tickets.look(issue)
    assert state_of(world, issue).unmade == ()
    assert [each.number for each in state_of(world, issue).documents] == ["BA-UJI-2026-000001"]
    assert world.redmine.issues[issue].files["field:uji:berita-acara"].name == "BA-UJI-2026-000001.pdf"


def test_a_newer_document_of_the_field_takes_the_place_of_one_that_could_not_be_made(world: World) -> None:
    issue = broken(world)
    old = state_of(world, issue).unmade[0].key
    world.redmine.staff(issue, "kepala", IssueChange(status="status:pengerjaan"))
    world.tickets.look(issue)
    assert [each.key for each in state_of(world, issue).unmade] == [old]
    world.documents.broken = ""
    world.redmine.staff(issue, "teknis-a", IssueChange(status="status:pengesahan"))
    world.tickets.look(issue)
    assert state_of(world, issue).unmade == ()
    assert len(state_of(world, issue).documents) == 1


def test_what_the_mapping_no_longer_has_is_not_tried_for_ever(world: World) -> None:
    issue = broken(world)
    procedure = PROCEDURE.model_copy(update={"documents": ()})
    world.tickets = replace(world.tickets, rulebook={PROCEDURE.key: replace(RULES, procedure=procedure)})
    world.tickets.look(issue)
    assert state_of(world, issue).unmade == ()


def test_a_submission_becomes_a_ticket_although_its_receipt_cannot_be_made(world: World) -> None:
    receipt = (Output(id="berita-acara", kind=OutputKind.DOCUMENT),)
    steps = tuple(
        step.model_copy(update={"outputs": receipt}) if step.id == "pengajuan" else step
        for step in PROCEDURE.steps
    )
    rules = replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": steps}))
    world.tickets = replace(world.tickets, rulebook={PROCEDURE.key: rules})
    world.documents.broken = "kesalahan"
    world.tickets.forward(submit(world))
    [issue] = world.redmine.issues
    assert [each.field for each in state_of(world, issue).unmade] == ["berita-acara"]
    world.documents.broken = ""
    world.clock.now += RETRY
    assert rings(world) == (issue,)
    world.tickets.look(issue)
    assert [each.field for each in state_of(world, issue).documents] == ["berita-acara"]


def test_who_is_always_quicker_makes_the_job_wait_and_nothing_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = given(world, FakeTicket.at(regu="A"))
    world.redmine.staff(
        issue,
        "meja",
        IssueChange(status="status:menunggu-pemohon", fields={"field:uji:permintaan_perbaikan": "x"}),
    )

    def conflict(*_: object) -> Snapshot:
        raise ConflictError("tiket berubah")

    monkeypatch.setattr(world.redmine, "commit", conflict)
    with pytest.raises(ConflictError):
        world.tickets.look(issue)
    assert world.store.outbox.held() == ()
    assert world.sent() == []


def test_a_plan_that_was_overtaken_is_made_anew_at_once_with_the_same_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = given(world, FakeTicket.new(**FORM))
    commit = world.redmine.commit
    conflicts = iter([ConflictError("tiket berubah"), ConflictError("tiket berubah")])

    def overtaken(before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        error = next(conflicts, None)
        if error is not None:
            raise error
        return commit(before, change, state)

    monkeypatch.setattr(world.redmine, "commit", overtaken)
    world.tickets.look(issue)
    assert world.store.numbers.next("UJI", 2026) == "UJI-2026-000002"
    assert world.sent() == [("diterima", "sari@contoh.id")]


def test_a_number_has_the_year_of_the_office_not_of_greenwich(world: World) -> None:
    ticket = FakeTicket.new(**FORM)
    new_year = dt.datetime(2026, 12, 31, 18, 0, tzinfo=dt.UTC)  # in Jakarta it is 1 January
    ticket.snapshot = ticket.snapshot.model_copy(update={"created": new_year})
    issue = given(world, ticket)
    world.tickets.look(issue)
    state = world.redmine.issues[issue].state
    assert state is not None
    assert state.number == "UJI-2027-000001"


@pytest.mark.parametrize("kind", ["withdraw", "correction"])
def test_an_action_is_done_whether_it_was_applied_or_came_too_late(world: World, kind: str) -> None:
    ticket = FakeTicket.at()  # not returned to its requester, so there is nothing to correct
    issue = given(world, ticket)
    action = RequesterAction(key="k", kind=kind, number="UJI-2026-000001", at=world.clock())
    world.store.submissions.add_action(action, (), issue=issue, now=world.clock())
    world.tickets.look(issue)
    assert world.store.submissions.pending_actions("UJI-2026-000001") == ()


def test_mail_of_a_new_ticket_goes_when_the_ticket_is_there(world: World) -> None:
    tell = Tell(to=("pemohon",), text="Sedang diperiksa.")
    steps = [s.model_copy(update={"tell": (tell,)}) if s.id == "periksa" else s for s in PROCEDURE.steps]
    rules = replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": tuple(steps)}))
    replace(world.tickets, rulebook={PROCEDURE.key: rules}).forward(submit(world))
    assert world.sent() == [("kabar", "sari@contoh.id")]


def test_a_refused_change_sends_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = given(world, FakeTicket.at())
    world.redmine.staff(
        issue,
        "meja",
        IssueChange(status="status:menunggu-pemohon", fields={"field:uji:permintaan_perbaikan": "x"}),
    )

    def refuse(*_: object) -> Snapshot:
        raise RefusedError(("proyek ditutup",))

    monkeypatch.setattr(world.redmine, "commit", refuse)
    with pytest.raises(RefusedError, match="proyek ditutup"):
        world.tickets.look(issue)
    assert world.store.outbox.held() == ()


def test_mail_that_a_crash_left_on_hold_follows_the_state(world: World) -> None:
    ticket = FakeTicket.at()
    state = ticket.snapshot.state
    assert state is not None
    ticket.snapshot = ticket.snapshot.model_copy(
        update={
            "state": state.model_copy(update={"notices": (*state.notices, "UJI-2026-000001:j5:0:kepala")})
        }
    )
    issue = given(world, ticket)
    known = OutgoingMail("UJI-2026-000001:j5:0:kepala:7", "k@x.id", "tahu", "", "")
    unknown = OutgoingMail("UJI-2026-000001:j6:0:kepala:7", "k@x.id", "tidak", "", "")
    others = OutgoingMail("UJI-2026-000002:j6:0:kepala:7", "k@x.id", "lain", "", "")
    world.store.outbox.hold([known, unknown, others], now=world.clock())
    world.tickets.look(issue)
    assert world.sent() == [("tahu", "k@x.id")]
    assert [mail.key for mail in world.store.outbox.held()] == [others.key]


def test_mail_of_a_ticket_that_got_no_number_in_the_end_does_not_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number goes with the attempt, and with it the only name the message had."""
    issue = given(world, FakeTicket.new(**FORM))
    commit = world.redmine.commit

    def away(*_: object) -> Snapshot:
        raise TransientError("tidak dapat dihubungi")

    monkeypatch.setattr(world.redmine, "commit", away)
    with pytest.raises(TransientError):
        world.tickets.look(issue)
    assert [mail.to for mail in world.store.outbox.held()] == ["sari@contoh.id"]
    monkeypatch.setattr(world.redmine, "commit", commit)
    world.tickets.look(issue)
    assert world.store.outbox.held() == ()
    assert world.sent() == [("diterima", "sari@contoh.id")]


def test_mail_is_not_lost_when_another_worker_takes_a_slow_job_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one reads before our commit, so it throws away what it finds on hold."""
    issue = given(world, FakeTicket.at())
    asked = {"field:uji:permintaan_perbaikan": "x"}
    world.redmine.staff(issue, "meja", IssueChange(status="status:menunggu-pemohon", fields=asked))
    commit = world.redmine.commit

    def slow(before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        world.tickets.performer.settle(before, world.clock())
        return commit(before, change, state)

    monkeypatch.setattr(world.redmine, "commit", slow)
    world.tickets.look(issue)
    assert world.sent() == [("kabar", "sari@contoh.id")]


def test_an_action_is_not_forgotten_by_a_crash_after_the_issue_was_made(world: World) -> None:
    ref = submit(world)
    made = world.store.submissions.submission(ref)
    assert made is not None
    action = RequesterAction(key="k", kind="withdraw", number=made.number, at=world.clock())
    world.store.submissions.add_action(action, (), issue=None, now=world.clock())
    world.tickets.forward(ref)
    while job := world.store.queue.claim("mati", now=world.clock(), lease=dt.timedelta(minutes=1)):
        world.store.queue.finish(job)  # the look that was asked for never came to be
    world.tickets.forward(ref)
    [issue] = world.redmine.issues
    assert f"issue:{issue}" in world.store.jobs


def test_a_ticket_that_went_to_another_procedure_is_left_alone_and_named(world: World) -> None:
    ticket = FakeTicket.at()
    assert ticket.snapshot.state is not None
    state = ticket.snapshot.state.model_copy(update={"procedure": "uji/lain"})
    ticket.snapshot = ticket.snapshot.model_copy(update={"state": state})
    with pytest.raises(PermanentError, match=r"uji/lain.*uji/layanan"):
        world.tickets.look(given(world, ticket))


def test_a_procedure_that_is_not_served_is_said_by_name(world: World) -> None:
    ticket = FakeTicket.new()
    ticket.snapshot = ticket.snapshot.model_copy(update={"procedure": "uji/lain"})
    with pytest.raises(PermanentError, match="uji/lain"):
        world.tickets.look(given(world, ticket))


def test_the_subject_is_one_line_of_at_most_255_letters(world: World) -> None:
    ref = submit(world)
    made = world.store.submissions.submission(ref)
    assert made is not None
    long = made.model_copy(update={"fields": {**FORM, "nama": "Sari\n" + "a" * 400}})
    words = subject(PROCEDURE, long)
    assert len(words) == 255
    assert "\n" not in words


def test_a_ticket_that_waits_is_looked_at_when_its_time_is_over(world: World) -> None:
    """By its clock, and by the sweep where that was lost."""
    ticket = reminded()
    issue = given(world, ticket)
    world.tickets = replace(world.tickets, rulebook={PROCEDURE.key: PATIENT})
    world.store.queue.put(f"issue:{issue}", now=world.clock())
    job = world.store.queue.claim("x", now=world.clock(), lease=dt.timedelta(minutes=1))
    assert job is not None
    world.tickets.look(issue)
    world.store.queue.finish(job)
    assert world.store.clocks.due(now=LAST) == ()
    world.clock.now = LAST + dt.timedelta(seconds=1)
    assert world.store.clocks.due(now=world.clock()) == (issue,)
    world.tickets.look(issue)
    assert world.redmine.issues[issue].status == "status:tak-lengkap"


def test_the_ticket_that_is_repeated_is_looked_at_even_if_the_service_dies(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = duplicate()
    related(ticket, duplicates=(FIRST,))
    ticket.move("meja", "Sama")
    issue = given(world, ticket)
    world.tickets = replace(world.tickets, rulebook={PROCEDURE.key: RULES_OF_SAME})
    commit = world.redmine.commit

    def dying(before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        commit(before, change, state)
        raise TransientError("terputus")

    monkeypatch.setattr(world.redmine, "commit", dying)
    with pytest.raises(TransientError):
        world.tickets.look(issue)
    assert set(world.store.jobs) == {"issue:41"}
    monkeypatch.undo()
    given(world, ticket)
    world.tickets.look(issue)
    job = world.store.queue.claim("x", now=world.clock(), lease=dt.timedelta(minutes=1))
    assert job is not None
    assert job.key == "issue:41"


def test_a_ticket_is_judged_by_both_procedures_when_its_tracker_changes(world: World) -> None:
    world.tickets = replace(world.tickets, rulebook={PROCEDURE.key: RULES, OTHER.procedure.key: OTHER})
    sent, astray = FakeTicket.at(**FORM), FakeTicket.at(**FORM)
    sent.transfer("pengelola-sop", OTHER, "layanan lain")
    issue = given(world, sent)
    world.tickets.look(issue)
    found = world.redmine.issues[issue]
    assert (found.procedure, found.status) == ("uji/lain", "status:peninjauan")
    astray.transfer("meja", OTHER)
    issue = given(world, astray)
    world.tickets.look(issue)
    found = world.redmine.issues[issue]
    assert (found.procedure, found.status) == ("uji/layanan", "status:pemeriksaan")
