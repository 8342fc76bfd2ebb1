"""A ticket that came by e-mail: the sender becomes the requester, once, and the rest is as with any other ticket."""

from __future__ import annotations

from connector.engine.effects import AddNote, AssignGroup, SendMail, SetField
from connector.engine.plan import Fresh, plan
from connector.engine.progress import Rules
from connector.engine.snapshot import Actor, Sender
from connector.engine.state import TicketState
from connector.sop.model import ByMail
from tests.small import RULES, FakeTicket, person
from tests.world import rules_of_all

COMPLAINT = rules_of_all("bunghatta")["bunghatta/pengaduan-tik"]
NOBODY = Actor(id=6, name="Anonim")
SARI = Sender(mail="sari@luar.example", name="Sari Melati")


def mailed(
    rules: Rules = COMPLAINT, sender: Sender = SARI, author: Actor = NOBODY, **fields: str
) -> FakeTicket:
    ticket = FakeTicket.new(rules, **fields)
    update = {
        "author": author,
        "sender": sender,
        "subject": "Wi-Fi  mati",
        "description": "Sejak Senin.\nLantai 2.",
    }
    ticket.snapshot = ticket.snapshot.model_copy(update=update)
    return ticket


def value(ticket: FakeTicket, name: str) -> str:
    field = ticket.rules.procedure.field(name)
    assert field is not None
    return ticket.snapshot.value(field)


def state(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def told(ticket: FakeTicket) -> list[str]:
    return [
        effect.to
        for effect in ticket.effects
        if isinstance(effect, SendMail) and effect.template == "diterima"
    ]


def test_the_sender_becomes_the_requester_and_is_welcomed_once() -> None:
    ticket = mailed()
    ticket.settle()
    assert value(ticket, "email_pemohon") == "sari@luar.example"
    assert value(ticket, "nama_pemohon") == "Sari Melati"
    assert value(ticket, "pokok_pengaduan") == "Wi-Fi mati"
    assert value(ticket, "uraian_pengaduan_tik") == "Sejak Senin.\nLantai 2."
    assert state(ticket).origin == "email"
    ticket.settle()
    ticket.settle()
    assert told(ticket) == ["sari@luar.example"]


def test_what_is_missing_is_asked_of_the_registrars_as_with_tickets_by_staff() -> None:
    ticket = mailed()
    ticket.settle()
    assert not state(ticket).stays
    (note,) = [effect for effect in ticket.effects if isinstance(effect, AddNote)]
    assert (note.template, note.data) == (
        "belum-lengkap",
        {"missing": ["Telepon pemohon", "Unit kerja atau organisasi"]},
    )
    assert [each.group for each in ticket.effects if isinstance(each, AssignGroup)] == [
        "group:bunghatta:operator"
    ]
    ticket.edit("operator", telepon_pemohon="0812", unit_kerja="FTI")
    ticket.settle()
    assert state(ticket).stays[0].step == "tindak-lanjut"
    assert told(ticket) == ["sari@luar.example"]


def test_a_complete_one_goes_straight_to_its_step() -> None:
    ticket = mailed(telepon_pemohon="0812", unit_kerja="FTI")
    ticket.settle()
    assert state(ticket).stays[0].step == "tindak-lanjut"
    assert state(ticket).stays[0].entered == ticket.snapshot.created


def test_what_is_written_already_stays_and_what_is_cleared_later_stays_cleared() -> None:
    ticket = mailed(email_pemohon="lain@luar.example", telepon_pemohon="0812", unit_kerja="FTI")
    ticket.settle()
    assert value(ticket, "email_pemohon") == "lain@luar.example"
    assert told(ticket) == ["lain@luar.example"]
    ticket.edit("operator", nama_pemohon="")
    ticket.settle()
    assert value(ticket, "nama_pemohon") == ""


def test_who_registers_tickets_is_not_their_requester() -> None:
    ticket = mailed(author=person("operator"))
    ticket.settle()
    assert value(ticket, "email_pemohon") == value(ticket, "pokok_pengaduan") == ""
    assert state(ticket).origin == "redmine"
    assert told(ticket) == []


def test_a_sender_that_is_no_address_is_left_out() -> None:
    ticket = mailed(sender=Sender(mail="sari@luar"))
    ticket.settle()
    assert value(ticket, "email_pemohon") == ""
    assert told(ticket) == []


def test_what_is_too_long_for_its_field_is_cut() -> None:
    ticket = mailed()
    ticket.snapshot = ticket.snapshot.model_copy(update={"subject": "x" * 255, "description": "y\n" * 9000})
    ticket.settle()
    assert len(value(ticket, "pokok_pengaduan")) == 120
    assert len(value(ticket, "uraian_pengaduan_tik")) <= 4000


def test_a_procedure_that_says_nothing_of_mail_takes_the_sender_only() -> None:
    assert RULES.procedure.by_mail == ByMail()
    ticket = mailed(RULES)
    found = plan(RULES, ticket.snapshot, ticket.now, Fresh(number="UJI-2026-000001", token_hash="h"))
    said = {each.field: each.value for each in found.effects if isinstance(each, SetField)}
    assert said["field:uji:email"] == "sari@luar.example"
    assert "Sejak Senin.\nLantai 2." not in said.values()
