"""A ticket that waits for its requester too long."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from connector.engine.effects import AddNote, NotifyStaff, SendMail
from connector.engine.plan import plan
from connector.engine.progress import Rules
from connector.engine.snapshot import RequesterAction
from connector.engine.state import TicketState
from connector.portal.view import tracking_view
from connector.sop.model import End, Limit, Tell, Unit
from tests.small import FRESH, JAKARTA, MONDAY, PROCEDURE, RULES, FakeTicket

EXPIRED = End(
    id="tak-lengkap",
    status="Tak Lengkap",
    title="Ditutup karena tidak dilengkapi",
    tell=(Tell(to=("pemohon",), text="Ditutup karena tidak dilengkapi."),),
)
MONTH = Limit(amount=1, unit=Unit.MONTH)
PATIENT = replace(
    RULES,
    procedure=PROCEDURE.model_copy(
        update={
            "waiting": PROCEDURE.waiting.model_copy(update={"limit": MONTH, "expires": EXPIRED.id}),
            "ends": (*PROCEDURE.ends, EXPIRED),
        }
    ),
)
#: The same day of the next month, at closing time.
LAST = dt.datetime(2026, 12, 23, 16, 0, tzinfo=JAKARTA)


def waiting(rules: Rules = PATIENT) -> FakeTicket:
    ticket = FakeTicket.new(rules, nama="Sari", email="sari@contoh.id", uraian="mati")
    ticket.settle()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu identitas")
    ticket.settle()
    return ticket


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def test_the_instant_is_fixed_when_the_wait_begins_and_everybody_is_told() -> None:
    ticket = waiting()
    assert state_of(ticket).expires == LAST
    words = "Rabu, 23 Desember 2026 pukul 16.00 WIB"
    note = next(e for e in ticket.effects if isinstance(e, AddNote) and e.template == "menunggu")
    assert note.data["expires"] == words
    mail = next(e for e in ticket.effects if isinstance(e, SendMail) and e.template == "kabar")
    assert (mail.data["due"], mail.data["expires"]) == (words, True)
    view = tracking_view(PATIENT, ticket.snapshot, (), MONDAY)
    assert view.words.facts == (("Mohon dijawab sebelum", words),)
    assert "permohonan ditutup" in view.words.detail


def test_it_is_closed_once_the_instant_has_passed_and_not_before() -> None:
    ticket = waiting()
    assert plan(PATIENT, ticket.snapshot, LAST).empty
    ticket.now = LAST + dt.timedelta(seconds=1)
    effects = ticket.settle()
    assert ticket.status == "status:tak-lengkap"
    state = state_of(ticket)
    assert (state.ended, state.ended_at) == ("tak-lengkap", LAST + dt.timedelta(seconds=1))
    assert (state.stays[-1].outcome, state.stays[-1].by) == ("expire", None)
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert note.data["unanswered"] == "Rabu, 23 Desember 2026 pukul 16.00 WIB"
    assert NotifyStaff() in effects
    assert [effect.to for effect in effects if isinstance(effect, SendMail)] == ["sari@contoh.id"]
    assert plan(PATIENT, ticket.snapshot, LAST + dt.timedelta(days=9)).empty
    assert tracking_view(PATIENT, ticket.snapshot, (), LAST).words.headline == EXPIRED.title


def test_who_answers_in_the_last_moment_keeps_his_ticket() -> None:
    ticket = waiting()
    ticket.now = LAST + dt.timedelta(minutes=5)
    ticket.act(
        RequesterAction(key="a", kind="correction", number=FRESH.number, at=LAST - dt.timedelta(minutes=1))
    )
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert state_of(ticket).expires is None


def test_a_second_wait_has_an_instant_of_its_own() -> None:
    ticket = waiting()
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    ticket.now = MONDAY + dt.timedelta(days=7)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="lagi")
    ticket.settle()
    assert state_of(ticket).expires == LAST + dt.timedelta(days=7)


def test_nobody_but_the_connector_makes_that_move() -> None:
    ticket = waiting()
    ticket.move("meja", "Tak Lengkap")
    effects = ticket.settle()
    assert ticket.status == "status:menunggu-pemohon"
    assert [e.template for e in effects if isinstance(e, AddNote)] == ["dikembalikan"]


def test_a_procedure_without_such_a_limit_waits_for_ever() -> None:
    ticket = waiting(RULES)
    assert state_of(ticket).expires is None
    assert plan(RULES, ticket.snapshot, MONDAY + dt.timedelta(days=4000)).empty


def test_a_ticket_that_waits_since_before_there_was_a_limit_is_not_closed() -> None:
    ticket = waiting(RULES)
    later = plan(PATIENT, ticket.snapshot, MONDAY + dt.timedelta(days=4000))
    assert later.state is None or later.state.ended is None
