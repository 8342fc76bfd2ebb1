"""A ticket whose tracker was changed to that of another procedure."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from connector.engine.effects import AddNote, AssignGroup, SendMail, SetTracker
from connector.engine.plan import plan
from connector.engine.state import TicketState
from connector.portal.view import tracking_view
from connector.sop.model import FieldDef, FieldType, Procedure
from tests.small import FORM, MONDAY, PROCEDURE, RULES, FakeTicket, key

OWN = FieldDef(id="lokasi", name="Lokasi", label="Lokasi", type=FieldType.TEXT, scope="uji/lain")


def other(*asked: str) -> Procedure:
    """A procedure of another name; it has neither `regu` nor `izin`, and asks for these fields too."""
    steps = (
        PROCEDURE.steps[0],
        PROCEDURE.steps[1].model_copy(
            update={"id": "lihat", "status": "Peninjauan", "title": "Peninjauan", "outcomes": {}}
        ),
    )
    form = PROCEDURE.form
    assert form is not None
    return PROCEDURE.model_copy(
        update={
            "id": "lain",
            "title": "Layanan lain",
            "tracker": "Lain Uji",
            "steps": steps,
            "fields": (*(field for field in PROCEDURE.fields if field.id not in ("regu", "izin")), OWN),
            "form": form.model_copy(update={"fields": (*form.fields, *asked)}),
        }
    )


OTHER = replace(RULES, procedure=other())
ASKING = replace(RULES, procedure=other("lokasi"))
GONE = dict(FORM, regu="A")


def at_work() -> FakeTicket:
    return FakeTicket.at(("meja", "Pengerjaan"), **GONE)


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def notes(ticket: FakeTicket) -> list[str]:
    return [effect.template for effect in ticket.effects if isinstance(effect, AddNote)]


def test_who_may_override_moves_a_ticket_to_another_procedure_where_it_begins_anew() -> None:
    ticket = at_work()
    before = state_of(ticket)
    ticket.now += dt.timedelta(hours=2)
    ticket.transfer("pengelola-sop", OTHER, "ternyata layanan lain")
    effects = ticket.settle()
    state = state_of(ticket)
    assert ticket.status == "status:peninjauan"
    assert (state.procedure, state.number) == ("uji/lain", before.number)
    assert (state.received, state.token_hash) == (before.received, before.token_hash)
    assert [stay.step for stay in state.stays] == ["lihat"]
    assert state.stays[0].entered == ticket.snapshot.journals[-2].at  # not late from the beginning
    [former] = state.former
    assert (former.procedure, former.reason) == ("uji/layanan", "ternyata layanan lain")
    assert [(stay.step, stay.outcome) for stay in former.stays] == [
        ("periksa", "lengkap"),
        ("kerja", "dipindahkan"),
    ]
    assert former.stays[-1].left == state.stays[0].entered
    assert state.overrides[-1].target == "tracker:uji:lain"
    assert ticket.snapshot.fields[key("email")] == "sari@contoh.id"
    assert notes(ticket) == ["pindah-pos", "langkah"]
    assert AssignGroup(group="group:uji:meja") in effects
    [mail] = [effect for effect in effects if isinstance(effect, SendMail)]
    assert mail.to == "sari@contoh.id"
    assert "«Layanan lain»" in str(mail.data["text"])
    assert plan(OTHER, ticket.snapshot, ticket.now).empty
    rows = tracking_view(OTHER, ticket.snapshot, (), ticket.now).way.rows
    assert [row.title for row in rows[:3]] == [
        "Permohonan diterima",
        "Dipindahkan dari layanan Layanan uji",
        "Peninjauan",
    ]


def test_what_the_new_procedure_needs_more_is_asked_for_first() -> None:
    ticket = at_work()
    ticket.transfer("pengelola-sop", ASKING, "ternyata layanan lain")
    effects = ticket.settle()
    assert ticket.status == "status:permohonan-masuk"
    assert notes(ticket) == ["pindah-pos", "belum-lengkap"]
    assert AssignGroup(group="group:uji:meja") in effects
    ticket.now = MONDAY + dt.timedelta(days=1)
    ticket.edit("meja", lokasi="Gedung A")
    ticket.settle()
    assert ticket.status == "status:peninjauan"
    assert state_of(ticket).stays[0].entered == MONDAY + dt.timedelta(days=1, minutes=1)


def test_what_both_procedures_ask_for_in_fields_of_their_own_is_carried_over() -> None:
    """Two POS of UNJ have a field for the requester's address each, for one of them calls him something else."""
    fields = {field.id: field.model_copy(update={"scope": "uji/lain"}) for field in OTHER.procedure.fields}
    fields["nama"] = fields["nama"].model_copy(update={"type": FieldType.NUMBER})
    rules = replace(RULES, procedure=OTHER.procedure.model_copy(update={"fields": tuple(fields.values())}))
    ticket = at_work()
    ticket.transfer("pengelola-sop", rules, "layanan lain")
    effects = ticket.settle()
    assert ticket.snapshot.fields[fields["email"].key] == "sari@contoh.id"
    assert fields["nama"].key not in ticket.snapshot.fields  # of another type
    assert [effect.to for effect in effects if isinstance(effect, SendMail)] == ["sari@contoh.id"]
    assert plan(rules, ticket.snapshot, ticket.now).empty


@pytest.mark.parametrize(("who", "why"), [("meja", "salah kamar"), ("pengelola-sop", "")])
def test_anybody_else_and_a_change_without_a_reason_are_put_back(who: str, why: str) -> None:
    ticket = at_work()
    ticket.transfer(who, OTHER, why)
    effects = ticket.settle()
    assert SetTracker(tracker="tracker:uji:layanan") in effects
    assert (ticket.snapshot.procedure, ticket.status) == ("uji/layanan", "status:pengerjaan")
    assert ticket.snapshot.fields[key("regu")] == "A"  # came back too
    [note] = [effect for effect in effects if isinstance(effect, AddNote)]
    assert (note.template, note.data["reason"]) == ("dikembalikan", "pelacak")
    assert [stay.step for stay in state_of(ticket).stays] == ["periksa", "kerja"]
    assert state_of(ticket).repairs == 1
    assert plan(RULES, ticket.snapshot, ticket.now).empty


def test_the_second_time_a_person_must_look() -> None:
    ticket = at_work()
    for _ in range(2):
        ticket.transfer("meja", OTHER)
        ticket.settle()
    assert state_of(ticket).stopped
    assert ticket.snapshot.procedure == "uji/lain"
    assert notes(ticket) == ["dikembalikan", "berhenti"]
    assert [e.to for e in ticket.effects if isinstance(e, SendMail)] == ["role:pengelola-sop"]
    ticket.former, ticket.rules = ticket.rules, RULES  # an administrator gives it its tracker again
    ticket.snapshot = ticket.snapshot.model_copy(update={"procedure": "uji/layanan"})
    ticket.move("pengelola-sop", "Pengerjaan")
    ticket.settle()
    assert not state_of(ticket).stopped


def test_a_move_just_before_is_kept_in_the_history() -> None:
    ticket = FakeTicket.at(**GONE)
    ticket.move("meja", "Tolak", alasan="bukan layanan kami")
    ticket.transfer("pengelola-sop", OTHER, "layanan lain")
    ticket.settle()
    [former] = state_of(ticket).former
    assert [(stay.step, stay.outcome) for stay in former.stays] == [("periksa", "tolak")]
    assert state_of(ticket).ended is None
    assert ticket.status == "status:peninjauan"


def test_a_tracker_that_went_there_and_back_changes_nothing() -> None:
    ticket = at_work()
    ticket.transfer("pengelola-sop", OTHER, "coba")
    ticket.transfer("pengelola-sop", RULES, "tidak jadi")
    ticket.former = None
    ticket.settle()
    assert ticket.status == "status:pengerjaan"
    assert state_of(ticket).former == ()
