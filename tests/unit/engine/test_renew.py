"""What is marked `renew` is given again each time its step begins anew (DESIGN, decision 11)."""

from __future__ import annotations

from dataclasses import replace

from connector.engine.effects import Effect, SetField
from connector.engine.progress import Rules
from connector.sop.model import FieldDef, Output, Procedure
from tests.small import FORM, PROCEDURE, RULES, FakeTicket, key

FILLED = {**FORM, "regu": "A"}


def renewing(step_id: str = "kerja") -> Rules:
    """`hasil` is left by a step, and must be written anew each time."""
    fields = tuple(_renewed(field) for field in PROCEDURE.fields)
    steps = tuple(
        step.model_copy(update={"outputs": (Output(id="hasil"),)}) if step.id == step_id else step
        for step in PROCEDURE.steps
    )
    procedure: Procedure = PROCEDURE.model_copy(update={"fields": fields, "steps": steps})
    return replace(RULES, procedure=procedure)


def _renewed(field: FieldDef) -> FieldDef:
    return field.model_copy(update={"renew": True}) if field.id == "hasil" else field


def ticket() -> FakeTicket:
    found = FakeTicket.new(renewing(), **FILLED)
    found.settle()
    found.move("meja", "Pengerjaan")
    found.settle()
    found.move("teknis-a", "Pengesahan", hasil="Uji pertama")
    found.settle()
    return found


def cleared(effects: list[Effect]) -> list[str]:
    return [effect.field for effect in effects if isinstance(effect, SetField) and effect.value == ""]


def test_what_was_left_the_first_time_stays_while_the_ticket_goes_on() -> None:
    found = ticket()
    assert key("hasil") not in cleared(found.effects)
    assert found.snapshot.fields[key("hasil")] == "Uji pertama"


def test_when_its_step_begins_anew_it_is_cleared() -> None:
    found = ticket()
    found.move("kepala", "Pengerjaan")
    assert cleared(found.settle()) == [key("hasil")]
    assert found.settle() == []
    found.move("teknis-a", "Pengesahan", hasil="Uji kedua")
    assert key("hasil") not in cleared(found.settle())


def test_what_came_with_the_move_or_after_it_is_new_and_stays() -> None:
    found = ticket()
    found.move("kepala", "Pengerjaan", hasil="Uji menurut kepala")
    assert key("hasil") not in cleared(found.settle())
    found = ticket()
    found.move("kepala", "Pengerjaan")
    found.edit("teknis-a", hasil="Uji kedua, sudah ditulis")
    assert key("hasil") not in cleared(found.settle())


def test_what_need_not_be_renewed_stays() -> None:
    found = FakeTicket.at(("meja", "Pengerjaan"), ("teknis-a", "Pengesahan"), **FILLED, hasil="Beres")
    found.move("kepala", "Pengerjaan")
    assert cleared(found.settle()) == []


def test_an_answer_of_the_requester_goes_on_with_the_same_stay_and_renews_nothing() -> None:
    found = FakeTicket.new(renewing("periksa"), **FILLED, hasil="Sudah dicatat")
    found.settle()
    found.move("meja", "Menunggu Pemohon", permintaan_perbaikan="Foto.")
    found.settle()
    found.move("meja", "Dilanjutkan")
    assert key("hasil") not in cleared(found.settle())
    assert found.snapshot.fields[key("hasil")] == "Sudah dicatat"
