"""A ticket that has ended is taken back in time, or put back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from connector.engine.effects import AddNote, SendMail
from connector.engine.plan import plan
from connector.engine.progress import reopen_until
from connector.engine.state import TicketState
from connector.portal.view import tracking_view
from connector.sop.model import Limit, Reopen, Tell, Unit
from tests.small import JAKARTA, MONDAY, PROCEDURE, RULES, FakeTicket

REOPEN = Reopen(
    within=Limit(amount=2, unit=Unit.DAY),
    to="periksa",
    roles=("meja",),
    tell=(Tell(to=("pemohon",), text="Kami buka kembali."),),
)
ENDS = tuple(
    end.model_copy(update={"reopen": REOPEN}) if end.id == "tolak" else end for end in PROCEDURE.ends
)
KIND = replace(RULES, procedure=PROCEDURE.model_copy(update={"ends": ENDS}))
#: Refused on Monday; two days, the first of them not counted, end on Wednesday at closing time.
LAST = dt.datetime(2026, 11, 25, 16, 0, tzinfo=JAKARTA)


def refused() -> FakeTicket:
    ticket = FakeTicket.new(KIND, nama="Sari", email="sari@contoh.id", uraian="mati")
    ticket.settle()
    ticket.move("meja", "Tolak", alasan="di luar layanan")
    ticket.settle()
    ticket.effects.clear()
    return ticket


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def notes(ticket: FakeTicket) -> list[str]:
    return [effect.template for effect in ticket.effects if isinstance(effect, AddNote)]


def test_a_ticket_is_taken_back_into_its_step_and_goes_on() -> None:
    ticket = refused()
    ticket.now = LAST - dt.timedelta(minutes=5)
    ticket.move("meja", "Pemeriksaan")
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    state = state_of(ticket)
    assert (state.ended, state.ended_at, state.repairs) == (None, None, 0)
    assert [stay.step for stay in state.stays] == ["periksa", "periksa"]
    assert state.stays[1].entered == ticket.snapshot.journals[-2].at
    assert state.stays[1].due is not None
    assert notes(ticket) == ["dibuka-kembali", "langkah"]
    assert [e.data["text"] for e in effects if isinstance(e, SendMail)] == ["Kami buka kembali."]
    assert plan(KIND, ticket.snapshot, ticket.now).empty
    assert tracking_view(KIND, ticket.snapshot, (), ticket.now).words.headline == "Pemeriksaan"


def test_the_panel_of_an_ended_ticket_says_who_may_take_it_back_and_until_when() -> None:
    ticket = refused()
    assert reopen_until(KIND, state_of(ticket)) == LAST
    assert state_of(ticket).panel["moves"] == [
        {"kind": "reopen", "status": "Pemeriksaan", "until": int(LAST.timestamp())}
    ]


def test_later_it_is_put_back_with_the_reason() -> None:
    ticket = refused()
    ticket.now = LAST
    ticket.move("meja", "Pemeriksaan")
    ticket.settle()
    assert ticket.status == "status:tolak"
    assert state_of(ticket).ended == "tolak"
    [note] = [effect for effect in ticket.effects if isinstance(effect, AddNote)]
    assert note.data["reason"] == "terlambat"
    assert note.data["until"] == "Rabu, 25 November 2026 pukul 16.00 WIB"
    assert note.data["allowed"] == []
    assert plan(KIND, ticket.snapshot, ticket.now).empty


def test_another_role_and_another_end_are_put_back() -> None:
    ticket = refused()
    ticket.move("kepala", "Pemeriksaan")
    ticket.settle()
    assert (ticket.status, notes(ticket)) == ("status:tolak", ["dikembalikan"])
    withdrawn = FakeTicket.new(KIND, nama="Sari", email="sari@contoh.id", uraian="mati")
    withdrawn.settle()
    withdrawn.move("meja", "Batal")
    withdrawn.settle()
    withdrawn.move("meja", "Pemeriksaan")
    withdrawn.settle()
    assert withdrawn.status == "status:batal"


def test_who_may_override_takes_it_back_at_any_time_with_a_reason() -> None:
    ticket = refused()
    ticket.now = MONDAY + dt.timedelta(days=60)
    ticket.move("pengelola-sop", "Pemeriksaan", notes="ditolak keliru")
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert state_of(ticket).overrides[0].reason == "ditolak keliru"
