"""Time alone changes a ticket silently and warns those who can act; each rung once, after an outage the highest."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.calendars import work_calendar
from connector.engine.clocks import wake
from connector.engine.effects import AddNote, Addressee, Effect, NotifyStaff, SendMail, SetField, Warn
from connector.engine.plan import plan, plan_submission
from connector.engine.progress import Rules
from connector.engine.snapshot import Submission
from connector.engine.state import TicketState
from connector.sop.keys import LIMIT_FIELD, SLA_FIELD
from connector.sop.model import ESCALATION, CalendarDef, Escalation, Offset
from tests.small import FORM, MONDAY, ORGANIZATION, PROCEDURE, RULES, FakeTicket

TUESDAY, WEDNESDAY = MONDAY + dt.timedelta(1), MONDAY + dt.timedelta(2)


def at(day: dt.datetime, hour: int, minute: int = 0) -> dt.datetime:
    return day.replace(hour=hour, minute=minute)


def working(**fields: str) -> FakeTicket:
    """A ticket of Monday morning in the step «Pengerjaan»: two working days, so until Wednesday 16:00."""
    return FakeTicket.at(("meja", "Pengerjaan"), **{"regu": "A", **fields})


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def look(ticket: FakeTicket, now: dt.datetime) -> list[Effect]:
    """What a look at this instant does. The fake's own journal is a minute later."""
    ticket.now = now
    done = ticket.settle()
    ticket.now = now
    return done


def warns(effects: list[Effect]) -> list[str]:
    return [each.rung.partition(":")[2].partition(":")[2] for each in effects if isinstance(each, Warn)]


def said(effects: list[Effect]) -> list[str]:
    return [each.value for each in effects if isinstance(each, SetField) and each.field == SLA_FIELD]


def test_the_field_says_at_once_that_the_ticket_is_in_time() -> None:
    ticket = FakeTicket.new(**FORM)
    assert said(ticket.settle()) == ["Tepat waktu"]
    ticket = FakeTicket.new(nama="Sari")
    assert SLA_FIELD not in {each.field for each in ticket.settle() if isinstance(each, SetField)}


def test_a_submission_is_in_time_by_its_receipt() -> None:
    made = Submission(
        id="1",
        procedure=PROCEDURE.key,
        number="UJI-2026-000001",
        received=MONDAY,
        token_hash="x",
        fields=FORM,
    )
    assert said(list(plan_submission(RULES, made).effects)) == ["Tepat waktu"]


def test_what_time_alone_changes_is_written_silently_and_warned_of_once() -> None:
    ticket = working()
    near = at(WEDNESDAY, 10, 30)  # 75 % of the working time from Monday 9:01 to Wednesday 16:00 is over
    due, over = at(WEDNESDAY, 16), at(WEDNESDAY, 16, 1)
    found = [look(ticket, now) for now in (at(TUESDAY, 9), near, near, due, over, over)]
    assert [said(each) for each in found] == [[], ["Mendekati batas"], [], [], ["Terlambat"], []]
    assert [warns(each) for each in found] == [[], ["75%"], [], [], ["batas"], []]
    for each in found:
        assert not [one for one in each if isinstance(one, AddNote | NotifyStaff | SendMail)]


def test_after_an_outage_only_the_highest_is_sent_and_the_lower_are_recorded() -> None:
    ticket = working()
    friday = MONDAY + dt.timedelta(4)
    assert warns(look(ticket, at(friday, 12))) == ["1-hari-kerja-sesudah"]
    passed = [rung.rpartition(":")[2] for rung in state_of(ticket).rungs]
    assert passed == ["75%", "batas", "1-hari-kerja-sesudah"]


def test_a_rung_that_a_mapping_puts_below_the_last_is_not_sent_any_more() -> None:
    ticket = working()
    look(ticket, at(WEDNESDAY, 16, 1))
    lower = (Escalation(at=Offset(used=90), to=("kepala",)), *ESCALATION)
    ticket.rules = Rules(PROCEDURE.model_copy(update={"escalation": lower}), ORGANIZATION, RULES.calendar)
    assert warns(look(ticket, at(WEDNESDAY, 16, 2))) == []
    assert any(rung.endswith(":90%") for rung in state_of(ticket).rungs)


def test_the_next_step_has_rungs_of_its_own() -> None:
    ticket = working(hasil="beres")
    look(ticket, at(WEDNESDAY, 16, 1))
    ticket.move("teknis-a", "Pengesahan")
    ticket.settle()
    assert warns(look(ticket, at(MONDAY + dt.timedelta(3), 16, 1))) == ["batas"]


def test_paused_is_said_and_nobody_is_warned() -> None:
    ticket = FakeTicket.at()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="x")
    assert said(ticket.settle()) == ["Ditunda"]
    assert look(ticket, at(WEDNESDAY, 16)) == []


def test_an_ended_ticket_keeps_its_result() -> None:
    for now, result in ((at(MONDAY, 9, 20), []), (at(MONDAY, 11), ["Terlambat"])):
        ticket = FakeTicket.at()
        ticket.now = now
        ticket.move("meja", "Tolak", alasan="x")
        found = ticket.settle()
        assert said(found) == result
        assert warns(found) == []
        assert look(ticket, at(WEDNESDAY, 16)) == []
        assert ticket.snapshot.fields[SLA_FIELD] == (result or ["Tepat waktu"])[0]


def test_what_somebody_wrote_into_the_field_is_set_right() -> None:
    ticket = FakeTicket.at()
    ticket.snapshot = ticket.snapshot.model_copy(
        update={"fields": {**ticket.snapshot.fields, SLA_FIELD: "Terlambat"}}
    )
    assert look(ticket, at(MONDAY, 9, 10)) == [SetField(field=SLA_FIELD, value="Tepat waktu")]


# who is warned ----------------------------------------------------------------------------------------------------


def warned(ticket: FakeTicket, now: dt.datetime) -> tuple[Addressee, ...]:
    [effect] = [each for each in look(ticket, now) if isinstance(each, Warn)]
    return effect.to


def test_the_holder_is_the_role_that_a_field_chose() -> None:
    assert warned(working(regu="B", izin="ada"), at(WEDNESDAY, 16, 1)) == (Addressee(role="teknis-b"),)


def test_the_holder_is_the_person_who_took_it() -> None:
    ticket = working()
    ticket.assign("teknis-a")
    assert warned(ticket, at(WEDNESDAY, 16, 1)) == (
        Addressee(role="teknis-a", person=70, roles=("teknis-a",)),
    )


def test_of_a_requesters_own_step_the_holder_is_who_may_act_for_him() -> None:
    ticket = FakeTicket.at(
        ("meja", "Pengerjaan"), ("teknis-a", "Pengesahan"), ("kepala", "Penerimaan"), regu="A", hasil="x"
    )
    assert warned(ticket, at(WEDNESDAY, 16, 1)) == (Addressee(role="meja"),)


def test_a_ticket_that_comes_to_another_step_late_is_not_warned_of_to_the_former_holder() -> None:
    """The move was read long after it was made: the plan itself gives the ticket to another group."""
    ticket = working(hasil="beres")
    ticket.assign("teknis-a")
    ticket.now = at(MONDAY, 15)
    ticket.move("teknis-a", "Pengesahan")
    assert warned(ticket, at(WEDNESDAY, 9)) == (Addressee(role="kepala"),)


def test_named_roles_are_warned_beside_the_holder() -> None:
    ticket = working()
    ladder = (Escalation(at=Offset(), to=("pelaksana", "kepala")),)
    ticket.rules = Rules(PROCEDURE.model_copy(update={"escalation": ladder}), ORGANIZATION, RULES.calendar)
    assert warned(ticket, at(WEDNESDAY, 16, 1)) == (Addressee(role="teknis-a"), Addressee(role="kepala"))


# over any sequence of looks ---------------------------------------------------------------------------------------

MINUTES = st.integers(0, 60 * 24 * 30)


@settings(max_examples=150, deadline=None)
@example(minutes=[0, 0, 152, 240], replied=0)
@given(st.lists(MINUTES, min_size=1, max_size=12), st.integers(0, 12))
def test_each_rung_is_passed_once_and_sent_at_most_once(minutes: list[int], replied: int) -> None:
    ticket = FakeTicket.at()
    sent: Counter[str] = Counter()
    for turn, later in enumerate(sorted(minutes)):
        now = max(MONDAY + dt.timedelta(minutes=later), ticket.now)
        if turn == replied:
            ticket.now = now
            ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="x")
        if turn == replied + 2:
            ticket.now = now
            ticket.move("meja", "Dilanjutkan")
        before = set(state_of(ticket).rungs)
        planned = plan(ticket.rules, ticket.snapshot, now)
        found = [each.rung for each in planned.effects if isinstance(each, Warn)]
        new = [rung for rung in planned.state.rungs if rung not in before] if planned.state else []
        # of all that passed since the last look only the last is sent
        assert len(found) <= 1
        assert found == new[-1:]
        # the fake's own journal is a minute later, and is looked at too
        sent.update(each.rung for each in look(ticket, now) if isinstance(each, Warn))
        assert plan(ticket.rules, ticket.snapshot, now).empty
        call = wake(ticket.rules, state_of(ticket), now)
        assert call is None or call > now
    assert set(sent.values()) <= {1}
    assert len(set(state_of(ticket).rungs)) == len(state_of(ticket).rungs)


@pytest.mark.parametrize("waits", [False, True])
def test_a_ticket_looked_at_only_when_it_wakes_says_what_one_looked_at_all_the_time_says(waits: bool) -> None:
    always, woken = working(), working()
    if waits:
        for each in (always, woken):
            each.now = at(TUESDAY, 10)
            each.move("pengelola-sop", "Pemeriksaan", notes="ulang")
            each.settle()
    history: list[list[tuple[dt.datetime, str]]] = [[], []]
    calls = 0
    now = always.now
    call = wake(RULES, state_of(woken), now)
    while now < MONDAY + dt.timedelta(9):
        now += dt.timedelta(minutes=10)
        found = look(always, now)
        history[0] += [(now, each) for each in (*said(found), *warns(found))]
        if call is not None and call <= now:
            calls += 1
            found = look(woken, now)
            history[1] += [(now, each) for each in (*said(found), *warns(found))]
            call = wake(RULES, state_of(woken), now)
    assert history[0] == history[1] != []
    assert 3 <= calls <= 4  # not at every look
    assert LIMIT_FIELD in woken.snapshot.fields


def closed(day: str) -> Rules:
    data = ORGANIZATION.calendar.model_dump(mode="json") | {"closures": [{"date": day, "name": "Banjir"}]}
    return replace(RULES, calendar=work_calendar(CalendarDef.model_validate(data)))


def test_a_limit_that_the_calendar_put_off_after_it_had_passed_is_warned_of_when_it_passes_again() -> None:
    """Due on Wednesday; on Wednesday night somebody writes that the office was closed that day: due on Thursday."""
    ticket = working()
    thursday = WEDNESDAY + dt.timedelta(1)
    assert warns(look(ticket, at(WEDNESDAY, 10, 30))) == ["75%"]
    assert warns(look(ticket, at(WEDNESDAY, 16, 1))) == ["batas"]
    ticket.rules = closed("2026-11-25")
    moved = look(ticket, at(WEDNESDAY, 20))
    assert (warns(moved), said(moved)) == ([], ["Tepat waktu"])
    assert warns(look(ticket, at(thursday, 12))) == []
    assert warns(look(ticket, at(thursday, 16, 1))) == ["batas"]
    assert warns(look(ticket, at(thursday, 16, 30))) == []


def test_a_calendar_that_changes_warns_nobody_anew_of_what_is_late_all_the_same() -> None:
    ticket = working()
    friday = WEDNESDAY + dt.timedelta(2)
    assert warns(look(ticket, at(friday, 9))) == ["1-hari-kerja-sesudah"]
    ticket.rules = closed("2026-11-24")
    assert warns(look(ticket, at(friday, 10))) == []
    assert warns(look(ticket, at(friday, 16, 1))) == ["1-hari-kerja-sesudah"]
