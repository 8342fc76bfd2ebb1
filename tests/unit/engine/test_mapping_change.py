"""A mapping that changes while tickets are under way: stays keep what they began with, lost steps say where to go."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from connector.engine.effects import AddNote, AssignGroup, Effect, SendMail
from connector.engine.ledger import ledger
from connector.engine.plan import plan
from connector.engine.progress import Rules
from connector.engine.state import TicketState
from connector.errors import PermanentError
from connector.notify.notes import NoteRenderer
from connector.portal.view import tracking_view
from connector.settings import ROOT
from connector.sop.model import Procedure
from tests.small import MONDAY, PROCEDURE, RULES, FakeTicket
from tests.unit.engine.test_waiting import LAST, PATIENT, REMINDERS, SECOND, reminders, waiting

WORKING = ("meja", "Pengerjaan")
TUESDAY = MONDAY + dt.timedelta(days=1)


def rules(**changes: Any) -> Rules:
    """The small procedure in its next version; `steps`: id -> changes of that step (None: taken away)."""
    data = PROCEDURE.model_dump(mode="json") | {"version": "v2"}
    steps = changes.pop("steps", {})
    rename = {old: new["id"] for old, new in steps.items() if new and "id" in new}
    data["steps"] = [
        each | (steps.get(each["id"]) or {})
        for each in data["steps"]
        if steps.get(each["id"], {}) is not None
    ]
    for step in data["steps"]:
        for outcome in step["outcomes"].values():
            outcome["to"] = rename.get(outcome["to"], outcome["to"])
    return replace(RULES, procedure=Procedure.model_validate(data | changes))


RENAMED = rules(
    steps={
        "kerja": {"id": "garap", "title": "Penggarapan", "status": "Penggarapan", "limit": "3 hari kerja"}
    },
    moved_to={"kerja": "garap"},
)


def ticket(*steps: tuple[str, str], rules: Rules = RENAMED, **fields: str) -> FakeTicket:
    """A ticket of the old mapping that is looked at with the new one, a day later."""
    found = FakeTicket.at(*steps, regu="A", **fields)
    found.rules = rules
    found.now = TUESDAY
    found.snapshot = found.snapshot.model_copy(update={"now": TUESDAY})
    return found


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def notes(effects: list[Effect]) -> list[str]:
    return [effect.template for effect in effects if isinstance(effect, AddNote)]


# versions and limits ------------------------------------------------------------------------------------------


def test_a_running_stay_keeps_its_version_and_limit_and_the_next_has_the_new_ones() -> None:
    changed = rules(steps={"kerja": {"limit": "5 hari kerja"}, "sahkan": {"limit": "30 menit"}})
    found = ticket(WORKING, rules=changed)
    before = state_of(found).stay
    assert found.settle() == [] or state_of(found).stay == before
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    found.settle()
    old, new = state_of(found).stays[-2:]
    assert (old.version, str(old.limit), old.due) == ("v1", "2 hari kerja", before.due if before else None)
    assert (new.version, str(new.limit)) == ("v2", "30 menit")


def test_a_renamed_status_is_taken_on_without_a_word() -> None:
    changed = rules(steps={"kerja": {"status": "Sedang dikerjakan"}})
    found = ticket(WORKING, rules=changed)
    before = state_of(found)
    done = found.settle()
    assert found.status == "status:sedang-dikerjakan"
    assert notes(done) == []
    assert (state_of(found).stays, state_of(found).repairs) == (before.stays, 0)


# lost steps ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_a_lost_step_goes_where_the_mapping_says() -> None:
    found = ticket(WORKING)
    done = found.settle()
    old, new = state_of(found).stays[-2:]
    assert found.status == "status:penggarapan"
    assert (old.step, old.outcome, old.left, str(old.limit)) == (
        "kerja",
        "dipindahkan",
        TUESDAY,
        "2 hari kerja",
    )
    assert (new.step, new.entered, new.version, str(new.limit)) == ("garap", TUESDAY, "v2", "3 hari kerja")
    assert new.due is not None
    assert new.due > TUESDAY
    assert notes(done) == ["dipindahkan", "langkah"]
    assert not any(isinstance(effect, SendMail) for effect in done)
    assert plan(RENAMED, found.snapshot, found.now).empty


def test_the_note_names_the_lost_step_by_its_title() -> None:
    done = ticket(WORKING).settle()
    note = next(effect for effect in done if isinstance(effect, AddNote))
    text = NoteRenderer(ROOT / "templates" / "notes").render(note.template, note.data)
    assert "Langkah «Pengerjaan» tidak ada lagi dalam POS." in text
    assert "melanjutkan pada langkah «Penggarapan»" in text
    assert "Jumat, 27 November 2026" in text


def test_its_role_gets_it() -> None:
    merged = rules(
        steps={"sahkan": None, "kerja": {"outcomes": {"selesai": {"to": "terima"}}}},
        moved_to={"sahkan": "kerja"},
    )
    found = ticket(WORKING, ("teknis-a", "Pengesahan"), rules=merged, hasil="Beres")
    done = found.settle()
    assert found.status == "status:pengerjaan"
    assert AssignGroup(group="group:uji:teknis-a") in done


def test_one_who_waits_for_the_requester_goes_on_waiting_and_comes_back_to_the_new_step() -> None:
    lost = rules(
        steps={"periksa": {"id": "telaah", "title": "Telaah", "status": "Telaah"}},
        moved_to={"periksa": "telaah"},
    )
    found = ticket(("meja", "Menunggu Pemohon"), rules=lost, permintaan_perbaikan="NIM salah")
    found.settle()
    assert found.status == "status:menunggu-pemohon"
    stay = state_of(found).stay
    assert stay is not None
    assert (stay.step, stay.paused, stay.due) == ("telaah", True, None)
    found.move("meja", "Dilanjutkan")
    found.settle()
    assert found.status == "status:telaah"
    stay = state_of(found).stay
    assert stay is not None
    assert stay.due is not None


def test_a_wait_that_goes_on_in_another_step_stays_one_wait() -> None:
    lost = rules(
        steps={"periksa": {"id": "telaah", "title": "Telaah", "status": "Telaah"}},
        moved_to={"periksa": "telaah"},
    )
    again = rules(
        steps={"periksa": {"id": "periksa-2", "title": "Periksa", "status": "Periksa"}},
        moved_to={"telaah": "periksa-2"},
    )
    found = ticket(("meja", "Menunggu Pemohon"), rules=lost, permintaan_perbaikan="NIM salah")
    asked = MONDAY + dt.timedelta(minutes=2)
    found.settle()
    found.rules, found.now = again, TUESDAY + dt.timedelta(days=1)
    found.snapshot = found.snapshot.model_copy(update={"now": found.now})
    found.settle()
    state = state_of(found)
    assert [len(stay.pauses) for stay in state.stays] == [1, 1, 1]
    later = found.now + dt.timedelta(days=1)
    waited = ledger(found.rules, state, {}, later).waited
    assert (waited.times, waited.elapsed) == (1, later - asked)
    view = tracking_view(found.rules, found.snapshot, (), later)
    assert [row.waits for row in view.way.rows if row.waits] == [
        ("menunggu Anda sejak Senin, 23 November 2026, 09.02",)
    ]
    assert not [note for note in view.way.notes if "kali" in note]
    shown = state.panel["now"]
    assert isinstance(shown, dict)
    assert shown["paused"]["since"] == asked.timestamp()


def test_one_who_waits_has_still_until_the_instant_he_was_told_and_is_not_reminded_anew() -> None:
    """The instant was in his mail; where it was forgotten, the ticket would wait for ever."""
    steps = tuple(
        step.model_copy(update={"id": "telaah", "title": "Telaah", "status": "Telaah"})
        if step.id == "periksa"
        else step
        for step in PATIENT.procedure.steps
    )
    update = {"steps": steps, "moved_to": {"periksa": "telaah"}, "version": "v2"}
    lost = replace(PATIENT, procedure=PATIENT.procedure.model_copy(update=update))
    found = waiting()
    found.now = REMINDERS[0] + SECOND
    assert len(reminders(found.settle())) == 1
    # a few hours before the last reminder
    found.rules, found.now = lost, REMINDERS[1] - dt.timedelta(hours=3)
    found.snapshot = found.snapshot.model_copy(update={"now": found.now})
    assert reminders(found.settle()) == []
    assert state_of(found).stays[-1].step == "telaah"
    assert state_of(found).expires == LAST
    found.now = REMINDERS[1] + SECOND
    assert len(reminders(found.settle())) == 1
    found.now = LAST + SECOND
    found.settle()
    assert found.status == "status:tak-lengkap"


def test_a_status_that_another_step_has_now_is_no_fault() -> None:
    """The lost step's status was given to the step after it, which is not where its tickets go."""
    swapped = rules(
        steps={
            "kerja": {"id": "garap", "title": "Penggarapan", "status": "Penggarapan"},
            "sahkan": {"status": "Pengerjaan"},
        },
        moved_to={"kerja": "garap"},
    )
    found = ticket(WORKING, rules=swapped)
    assert "dikembalikan" not in notes(found.settle())
    assert (found.status, state_of(found).repairs) == ("status:penggarapan", 0)


def test_a_document_of_the_new_step_is_made() -> None:
    merged = rules(
        steps={
            "kerja": None,
            "periksa": {"outcomes": {"lengkap": {"to": "sahkan"}, "tolak": {"to": "tolak"}}},
        },
        moved_to={"kerja": "sahkan"},
    )
    data = merged.procedure.model_dump(mode="json")
    for step in data["steps"]:
        step["outcomes"] = {
            name: each for name, each in step["outcomes"].items() if each["to"] != "kerja"
        } or {"sah": {"to": "terima"}}
    found = ticket(WORKING, rules=replace(merged, procedure=Procedure.model_validate(data)))
    found.settle()
    assert [issued.field for issued in state_of(found).documents] == ["berita-acara"]


def test_without_a_word_of_where_to_go_the_ticket_is_left_alone_by_name() -> None:
    lost = replace(RENAMED, procedure=RENAMED.procedure.model_copy(update={"moved_to": {}}))
    with pytest.raises(PermanentError, match=r"kerja.*moved_to"):
        plan(lost, ticket(WORKING, rules=lost).snapshot, TUESDAY)


def test_what_is_over_is_not_moved() -> None:
    found = ticket(WORKING, ("teknis-a", "Pengesahan"), ("meja", "Batal"), hasil="Beres")
    before = state_of(found)
    assert found.settle() == []
    assert state_of(found) == before


def test_staff_work_on_from_there() -> None:
    found = ticket(WORKING)
    found.settle()
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    found.settle()
    assert [stay.step for stay in state_of(found).stays] == ["periksa", "kerja", "garap", "sahkan"]
