"""A ticket that went round the procedure twice waits for a person; its time runs on, and that is seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.clocks import wake
from connector.engine.effects import AddNote, SendMail, SetDueDate, SetField, SetStatus, Warn
from connector.engine.plan import plan
from connector.engine.projection import moves
from connector.sop.keys import LIMIT_FIELD, SLA_FIELD
from connector.sop.model import SurveyDef
from tests.small import MONDAY, PROCEDURE, RULES, FakeTicket, person
from tests.unit.engine.test_escalation import at, look, said, state_of, warns
from tests.unit.engine.test_projection import closed, rules
from tests.unit.engine.test_transfer import OTHER, at_work

WORKING = ("meja", "Pengerjaan")
WEDNESDAY = MONDAY + dt.timedelta(2)
LATE = at(WEDNESDAY, 16, 1)


def moved_twice() -> FakeTicket:
    """Two working days from Monday on, so until Wednesday 16:00; somebody has put it to the end twice."""
    ticket = FakeTicket.at(WORKING, regu="A")
    for _ in range(2):
        ticket.move("meja", "Rampung")
        ticket.settle()
    assert state_of(ticket).stopped
    return ticket


def sent_twice() -> FakeTicket:
    """One whose tracker somebody changed twice; it is left in the other one."""
    ticket = at_work()
    for _ in range(2):
        ticket.transfer("meja", OTHER)
        ticket.settle()
    assert state_of(ticket).stopped
    return ticket


BOTH = pytest.mark.parametrize("stop", [moved_twice, sent_twice])


def due_again(ticket: FakeTicket, now: dt.datetime) -> dt.datetime | None:
    return wake(RULES, state_of(ticket), now)


@BOTH
def test_its_time_runs_on_and_is_shown_and_warned_of(stop: Callable[[], FakeTicket]) -> None:
    ticket = stop()
    woken = due_again(ticket, ticket.now)
    assert woken is not None
    assert said(look(ticket, woken)) == ["Mendekati batas"]
    effects = look(ticket, LATE)
    assert said(effects) == ["Terlambat"]
    assert warns(effects)
    assert not [each for each in effects if isinstance(each, AddNote | SetStatus)]
    assert state_of(ticket).stopped


@BOTH
def test_a_tracker_without_the_field_does_not_make_it_wake_for_ever(stop: Callable[[], FakeTicket]) -> None:
    ticket = stop()
    look(ticket, LATE)
    fields = {name: value for name, value in ticket.snapshot.fields.items() if name != SLA_FIELD}
    ticket.snapshot = ticket.snapshot.model_copy(update={"fields": fields})
    assert plan(ticket.rules, ticket.snapshot, ticket.now, former=ticket.former).empty
    woken = due_again(ticket, ticket.now)
    assert woken is None or woken > ticket.now


def test_what_was_reported_or_moved_in_the_meantime_is_not_lost() -> None:
    """Writing the field takes note of every journal so far; what these did must be in the state by then."""
    ticket = moved_twice()
    ticket.move("meja", "Pengerjaan")
    ticket.move("teknis-a", "Pengesahan", hasil="terpasang")
    ticket.move("meja", "Rampung")
    ticket.now = LATE
    ticket.settle()
    ticket.move("pengelola-sop", "Pengesahan")
    ticket.settle()
    assert [stay.step for stay in state_of(ticket).stays] == ["periksa", "kerja", "sahkan"]


def test_a_stopped_ticket_that_waits_for_its_requester_wakes_nobody() -> None:
    ticket = FakeTicket.at(("meja", "Menunggu Pemohon"), permintaan_perbaikan="kartu")
    for _ in range(2):
        ticket.move("meja", "Pengesahan")
        ticket.settle()
    assert (state_of(ticket).stopped, state_of(ticket).sla) == (True, "Ditunda")
    assert due_again(ticket, ticket.now) is None


def test_its_limit_follows_the_calendar() -> None:
    ticket = moved_twice()
    ticket.rules = rules(**closed("2026-11-24"))
    assert moves(ticket.rules, state_of(ticket))
    effects = look(ticket, at(MONDAY, 15))
    dated = [each for each in effects if isinstance(each, SetDueDate)]
    assert dated == [SetDueDate(date=dt.date(2026, 11, 26))]
    assert [each.field for each in effects if isinstance(each, SetField)] == [LIMIT_FIELD]
    assert not moves(ticket.rules, state_of(ticket))
    assert not [each for each in effects if isinstance(each, Warn)]
    ticket.move("pengelola-sop", "Pengerjaan")
    ticket.settle()
    stay = state_of(ticket).stay
    assert stay is not None
    assert (state_of(ticket).stopped, stay.due, len(stay.moves)) == (
        False,
        at(MONDAY, 16) + dt.timedelta(3),
        1,
    )


def test_what_staff_answer_meanwhile_is_told_once() -> None:
    ticket = moved_twice()
    ticket.note(person("meja"), "Kepada pemohon: sedang kami cari.")
    told = [each for each in ticket.settle() if isinstance(each, SendMail)]
    assert [each.to for each in told] == ["sari@contoh.id"]
    assert ticket.settle() == []


def test_nobody_is_reminded_of_the_survey_of_a_stopped_ticket() -> None:
    survey = SurveyDef(elements=("nilai",))
    rules = replace(RULES, procedure=PROCEDURE.model_copy(update={"survey": survey}))
    ended = state_of(moved_twice()).model_copy(update={"ended": "selesai", "ended_at": MONDAY})
    assert wake(rules, ended, MONDAY) is None
    assert wake(rules, ended.model_copy(update={"stopped": False}), MONDAY) is not None


@settings(max_examples=60, deadline=None)
@given(
    sent=st.booleans(),
    looks=st.lists(st.integers(1, 14 * 24 * 60), min_size=1, max_size=5, unique=True).map(sorted),
    told=st.sets(st.integers(0, 4)),
    closure=st.one_of(st.none(), st.sampled_from(["2026-11-24", "2026-11-25", "2026-11-27"])),
)
def test_after_each_look_it_sleeps(sent: bool, looks: list[int], told: set[int], closure: str | None) -> None:
    """Whenever it is looked at, whatever people write meanwhile, and whatever the calendar does."""
    ticket = sent_twice() if sent else moved_twice()
    began, own = ticket.now, RULES
    if closure is not None:
        own = rules(**closed(closure))
        if sent:
            ticket.former = own
        else:
            ticket.rules = own
    for nth, minutes in enumerate(looks):
        ticket.now = max(began + dt.timedelta(minutes=minutes), ticket.now)
        if nth in told:
            ticket.note(person("meja"), "Masih dicari.")
        planned_at = ticket.now
        planned = plan(ticket.rules, ticket.snapshot, planned_at, former=ticket.former)
        if planned.state is not None:
            ticket._perform(planned)
        assert state_of(ticket).stopped
        woken = wake(own, state_of(ticket), planned_at)
        assert woken is None or woken > planned_at
        assert plan(ticket.rules, ticket.snapshot, planned_at, former=ticket.former).empty
