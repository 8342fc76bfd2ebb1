"""A ticket that repeats another one, and what the other one hears of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from connector.engine.effects import AddNote, LookAt, SendMail
from connector.engine.plan import plan
from connector.engine.snapshot import Related
from connector.engine.state import TicketState
from connector.portal.view import tracking_view
from connector.sop.model import End, Outcome, Tell
from tests.small import FRESH, MONDAY, PROCEDURE, RULES, FakeTicket

SAME = End(
    id="sama",
    status="Sama",
    title="Sudah ada yang sama",
    duplicate=True,
    tell=(Tell(to=("pemohon",), text="Sudah ada yang sama."),),
)
STEPS = tuple(
    step.model_copy(update={"outcomes": {**step.outcomes, "sama": Outcome(to="sama")}})
    if step.id == "periksa"
    else step
    for step in PROCEDURE.steps
)
RULES_OF_SAME = replace(
    RULES, procedure=PROCEDURE.model_copy(update={"steps": STEPS, "ends": (*PROCEDURE.ends, SAME)})
)
FIRST = Related(issue=41, number="UJI-2026-000041")


def ticket() -> FakeTicket:
    made = FakeTicket.new(RULES_OF_SAME, nama="Sari", email="sari@contoh.id", uraian="mati")
    made.settle()
    made.effects.clear()
    return made


def state_of(made: FakeTicket) -> TicketState:
    assert made.snapshot.state is not None
    return made.snapshot.state


def related(made: FakeTicket, **others: tuple[Related, ...]) -> None:
    made.snapshot = made.snapshot.model_copy(update=others)


def test_a_duplicate_ends_and_its_requester_and_the_other_ticket_are_told() -> None:
    made = ticket()
    related(made, duplicates=(FIRST,))
    made.move("meja", "Sama")
    effects = made.settle()
    assert (made.status, state_of(made).duplicate_of) == ("status:sama", FIRST.number)
    assert LookAt(issue=41) in effects
    [note] = [effect for effect in effects if isinstance(effect, AddNote)]
    assert (note.template, note.data["original"]) == ("berakhir", FIRST.number)
    [mail] = [effect for effect in effects if isinstance(effect, SendMail)]
    assert (mail.to, mail.data["original"]) == ("sari@contoh.id", FIRST.number)
    view = tracking_view(RULES_OF_SAME, made.snapshot, (), MONDAY)
    assert view.words.facts == (("Dilanjutkan pada permohonan", FIRST.number),)
    assert plan(RULES_OF_SAME, made.snapshot, made.now).empty


def test_without_the_relation_it_is_put_back_with_the_way_to_do_it() -> None:
    for others in ((), (Related(issue=9),)):  # none, or to an issue that is no ticket
        made = ticket()
        related(made, duplicates=others)
        made.move("meja", "Sama")
        made.settle()
        assert made.status == "status:pemeriksaan"
        [note] = [effect for effect in made.effects if isinstance(effect, AddNote)]
        assert note.data["reason"] == "tanpa-rujukan"
        related(made, duplicates=(FIRST,))
        made.move("meja", "Sama")
        made.settle()
        assert made.status == "status:sama"


def test_a_duplicate_that_was_taken_back_repeats_nothing() -> None:
    made = ticket()
    related(made, duplicates=(FIRST,))
    made.move("meja", "Sama")
    made.settle()
    made.move("pengelola-sop", "Pemeriksaan", notes="ternyata lain")
    made.settle()
    assert state_of(made).duplicate_of == ""


def test_the_other_ticket_notes_each_duplicate_once() -> None:
    made = ticket()
    same = Related(issue=43, number="UJI-2026-000043", duplicate_of=FRESH.number)
    only_related = Related(issue=44, number="UJI-2026-000044")
    related(made, duplicated=(same, only_related))
    assert made.settle() == [AddNote(template="duplikat", data={"number": same.number, "issue": 43})]
    assert state_of(made).duplicated_by == (same.number,)
    later = plan(RULES_OF_SAME, made.snapshot, made.now + dt.timedelta(days=1))
    assert not [each for each in later.effects if isinstance(each, AddNote)]


def test_a_ticket_that_has_ended_notes_it_too() -> None:
    made = ticket()
    made.move("meja", "Batal")
    made.settle()
    related(made, duplicated=(Related(issue=43, number="UJI-2026-000043", duplicate_of=FRESH.number),))
    assert len(made.settle()) == 1
    assert made.status == "status:batal"
