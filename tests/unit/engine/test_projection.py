"""Limits under pauses, return loops and calendars that change while clocks run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine import sla
from connector.engine.calendar import WorkCalendar
from connector.engine.effects import AddNote, NotifyStaff, SendMail, SetDueDate, SetField
from connector.engine.plan import plan
from connector.engine.progress import Rules
from connector.engine.projection import HOURS_CHANGED, moves, reproject
from connector.engine.state import Stay, TicketState
from connector.sop.keys import LIMIT_FIELD
from connector.sop.model import WEEKDAYS, CalendarDef, Limit, LimitAgain, Step, Unit
from tests.small import JAKARTA, MONDAY, ORGANIZATION, PROCEDURE, RULES, FakeTicket

WORKING = ("meja", "Pengerjaan")
MINUTE = dt.timedelta(minutes=1)


def calendar(**changes: Any) -> WorkCalendar:
    """The office's calendar with changes, as an edited organization.yaml has it."""
    data = ORGANIZATION.calendar.model_dump(mode="json") | changes
    # a few years are enough, and quick to make
    return WorkCalendar(CalendarDef.model_validate(data), {}, first_year=2026, last_year=2027)


def rules(**changes: Any) -> Rules:
    return replace(RULES, calendar=calendar(**changes))


def closed(*days: str, name: str = "Dies natalis") -> dict[str, Any]:
    return {"closures": [{"date": day, "name": name} for day in days]}


RAMADAN = {
    "special_hours": [
        {
            "name": "Ramadan",
            "first": "2026-11-24",
            "last": "2026-12-20",
            "hours": {day: ["08:00-14:00"] for day in WEEKDAYS[:5]},
        }
    ]
}


def at(day: int, clock: str = "09:00") -> dt.datetime:
    """An instant in November 2026; the 23rd is a Monday."""
    return dt.datetime.fromisoformat(f"2026-11-{day:02d}T{clock}").replace(tzinfo=JAKARTA)


def stay(
    limit: str, entered: dt.datetime = MONDAY, rules: Rules = RULES, earlier: Sequence[Stay] = ()
) -> Stay:
    step = PROCEDURE.first_step.model_copy(
        update={"limit": Limit.model_validate(limit), "limit_again": LimitAgain.REST}
    )
    return sla.begin(PROCEDURE, step, entered, 1, values={}, calendar=rules.calendar, earlier=earlier)


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def open_stay(ticket: FakeTicket) -> Stay:
    found = state_of(ticket).stay
    assert found is not None
    return found


# pauses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "pauses", "due"),
    [
        # 7 hours were left to Tuesday's closing time when it was returned on Monday at closing time
        ("1 hari kerja", [("23T16:00", "25T08:00")], "25T16:00"),
        # 2 + 7 hours of two working days: from Wednesday 10:00 on
        ("2 hari kerja", [("24T14:00", "25T10:00")], "26T12:00"),
        # begun at night and ended in the break: the whole of Friday was left, three hours of it are used on Friday
        ("4 hari kerja", [("26T19:00", "27T12:30")], "30T12:00"),
        # over before the clock ever ran: nothing is lost
        ("1 jam", [("23T10:00", "23T15:30")], "23T10:00"),
        ("90 menit", [("23T10:00", "23T15:45")], "24T08:15"),
        # once more: 30 minutes were left, 10 of them used
        ("90 menit", [("23T10:00", "24T08:00"), ("24T08:10", "27T15:50")], "30T08:10"),
    ],
)
def test_a_pause_keeps_the_working_minutes_that_were_left(
    limit: str, pauses: list[tuple[str, str]], due: str
) -> None:
    found = stay(limit)
    for since, until in pauses:
        found = sla.pause(found, at(int(since[:2]), since[3:]), RULES.calendar)
        assert found.due is None
        found = sla.resume(found, at(int(until[:2]), until[3:]), RULES.calendar)
    assert found.due == at(int(due[:2]), due[3:])


def test_a_pause_after_the_limit_leaves_it_where_it_was() -> None:
    found = sla.pause(stay("30 menit"), at(23, "11:00"), RULES.calendar)
    assert (found.pauses[0].remaining, found.pauses[0].due) == (-90, at(23, "09:30"))
    found = sla.resume(found, at(25), RULES.calendar)
    assert found.due == at(23, "09:30")
    ended = sla.end(found, at(25, "10:00"), "selesai", 7)
    assert ended.late is True


def test_a_stay_that_ends_while_its_clock_stands_still_had_its_end_when_that_stopped() -> None:
    early = sla.pause(stay("30 menit"), at(23, "09:20"), RULES.calendar)
    late = sla.pause(stay("30 menit"), at(23, "09:40"), RULES.calendar)
    assert [sla.end(each, at(30), "batal", 7).late for each in (early, late)] == [False, True]
    assert early.late is None


# return loops -------------------------------------------------------------------------------------------------


def again(what: LimitAgain) -> Rules:
    steps = [
        each.model_copy(update={"limit_again": what}) if each.id == "kerja" else each
        for each in PROCEDURE.steps
    ]
    return replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": tuple(steps)}))


def looped(what: LimitAgain, done: dt.datetime, back: dt.datetime) -> list[Stay]:
    """The stays in a step of two working days that was left on `done` and begun anew on `back`."""
    ticket = FakeTicket.new(again(what), nama="Sari", email="s@c.id", uraian="mati", regu="A")
    ticket.settle()
    ticket.move("meja", "Pengerjaan")
    for when, who, status in ((done, "teknis-a", "Pengesahan"), (back, "kepala", "Pengerjaan")):
        ticket.settle()
        ticket.now = when - MINUTE
        ticket.move(who, status, hasil="Beres")
    ticket.settle()
    return [each for each in state_of(ticket).stays if each.step == "kerja"]


def test_a_return_loop_gets_the_whole_limit_again() -> None:
    _, second = looped(LimitAgain.NEW, at(24, "15:00"), at(26))
    assert (second.budget, second.due) == (None, at(30, "16:00"))


def test_where_the_mapping_says_so_it_gets_what_was_left() -> None:
    first, second = looped(LimitAgain.REST, at(24, "15:00"), at(26))
    assert (first.due, second.limit) == (at(25, "16:00"), first.limit)
    assert (second.budget, second.due) == (8 * 60, at(27, "10:00"))


def test_nothing_is_left_of_a_limit_that_had_passed() -> None:
    first, second = looped(LimitAgain.REST, at(26, "10:00"), at(27))
    assert first.late is True
    assert (second.budget, second.due) == (0, at(27))


def test_another_limit_leaves_nothing_to_compare() -> None:
    first = sla.end(stay("1 jam"), at(23, "09:30"), "x", 7)
    assert stay("1 jam", at(24), earlier=[first]).budget == 30
    assert stay("2 jam", at(24), earlier=[first]).budget is None


# calendars that change ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "due", "reason"),
    [
        ({}, closed("2026-11-24"), (26, "16:00"), "libur Dies natalis pada Selasa, 24 November 2026"),
        (
            {},
            closed("2026-11-24", "2026-11-25", name="Banjir"),
            (27, "16:00"),
            "libur Banjir pada 24 November 2026 dan 25 November 2026",
        ),
        (
            closed("2026-11-24"),
            {},
            (25, "16:00"),
            "Selasa, 24 November 2026 tidak jadi libur (Dies natalis)",
        ),
        (
            {},
            RAMADAN,
            (25, "14:00"),
            "jam kerja Ramadan (24 November 2026 sampai 20 Desember 2026)",
        ),
        (
            RAMADAN,
            {},
            (25, "16:00"),
            "jam kerja Ramadan (24 November 2026 sampai 20 Desember 2026) tidak berlaku lagi",
        ),
        ({}, {"hours": {"senin": ["08:00-12:00"], "rabu": ["08:00-12:00"]}}, (30, "12:00"), HOURS_CHANGED),
        (
            closed("2026-11-24"),
            closed("2026-11-25"),
            (26, "16:00"),
            None,
        ),
    ],
)
def test_a_running_clock_follows_the_calendar_and_says_what_moved_it(
    before: dict[str, Any], after: dict[str, Any], due: tuple[int, str], reason: str | None
) -> None:
    """The step has two working days from Monday 23 November on."""
    ticket = FakeTicket.new(rules(**before), nama="Sari", email="s@c.id", uraian="mati", regu="A")
    ticket.settle()
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    was = open_stay(ticket).due
    ticket.rules, ticket.now = rules(**after), at(23, "12:00")
    assert moves(ticket.rules, state_of(ticket)) is (reason is not None)
    done = ticket.settle()
    now = open_stay(ticket)
    assert now.due == at(*due)
    if reason is None:
        assert (done, now.moves) == ([], ())
        return
    (moved,) = now.moves
    assert (moved.at, moved.old, moved.new, moved.reason) == (at(23, "12:00"), was, at(*due), reason)
    assert {type(effect) for effect in done} <= {SetDueDate, SetField}
    assert not any(isinstance(effect, (SendMail, NotifyStaff, AddNote)) for effect in done)
    [limit] = [effect.value for effect in done if isinstance(effect, SetField)]
    assert f"pukul {due[1].replace(':', '.')}" in limit
    assert ticket.snapshot.fields[LIMIT_FIELD] == limit
    assert ticket.settle() == []
    assert not moves(ticket.rules, state_of(ticket))


def test_only_what_lies_before_the_old_limit_moved_it() -> None:
    """The new closure pushes the limit over another one that was known all along."""
    known = closed("2026-11-26", name="Pilkada")["closures"]
    ticket = FakeTicket.new(rules(closures=known), nama="S", email="s@c.id", uraian="m", regu="A")
    ticket.settle()
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    ticket.rules = rules(closures=[*known, *closed("2026-11-25", name="Banjir")["closures"]])
    ticket.settle()
    now = open_stay(ticket)
    assert now.due == at(27, "16:00")
    assert [each.reason for each in now.moves] == ["libur Banjir pada Rabu, 25 November 2026"]


def test_what_is_over_keeps_its_result_and_what_waits_keeps_its_promise() -> None:
    ticket = FakeTicket.at(WORKING, regu="A")
    first = state_of(ticket).stays[0]
    ticket.move("teknis-a", "Pengesahan", hasil="Beres")
    ticket.settle()
    done = state_of(ticket).stays[:2]
    ticket.rules = rules(**closed("2026-11-23", "2026-11-24"))
    ticket.settle()
    assert state_of(ticket).stays[:2] == done
    assert state_of(ticket).stays[0] == first


def test_a_paused_clock_keeps_what_is_left_to_the_limit_that_moved() -> None:
    """Closed on the Tuesday before the return on Wednesday: a whole day more is left."""
    ticket = FakeTicket.at()
    steps = [
        each.model_copy(update={"limit": Limit(amount=2, unit=Unit.WORKING_DAY)})
        if each.id == "periksa"
        else each
        for each in PROCEDURE.steps
    ]
    procedure = PROCEDURE.model_copy(update={"steps": tuple(steps)})
    ticket = FakeTicket.new(replace(RULES, procedure=procedure), nama="S", email="s@c.id", uraian="m")
    ticket.settle()
    ticket.now = at(25, "11:59")
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    assert open_stay(ticket).pauses[0].remaining == 180
    ticket.rules = replace(rules(**closed("2026-11-24")), procedure=procedure)
    assert ticket.settle() == []  # nothing to be seen while it stands still
    now = open_stay(ticket)
    assert (now.due, now.pauses[0].remaining, now.pauses[0].due) == (None, 600, at(26, "16:00"))
    assert now.moves[0].reason == "libur Dies natalis pada Selasa, 24 November 2026"


def test_a_ticket_that_never_ran_or_has_no_limit_does_not_move() -> None:
    changed = rules(**closed("2026-11-24"))
    ticket = FakeTicket.new(nama="Sari")
    ticket.settle()
    assert not moves(changed, state_of(ticket))
    ticket = FakeTicket.at(WORKING, ("meja", "Batal"), regu="A")
    assert not moves(changed, state_of(ticket))
    assert plan(changed, ticket.snapshot, ticket.now).empty


# in general ---------------------------------------------------------------------------------------------------

DAYS = st.lists(st.integers(0, 40), max_size=6, unique=True)
LIMITS = st.sampled_from(
    ["1 menit", "45 menit", "3 jam", "20 jam", "1 hari kerja", "3 hari kerja", "1 minggu", "1 bulan"]
)
#: Minutes between one thing and the next: entering, then leaving for the requester and coming back, in turn.
STEPS = st.lists(st.integers(0, 4000), max_size=6)


def office(free: list[int], *, short: bool) -> WorkCalendar:
    days = [f"{dt.date(2026, 11, 23) + dt.timedelta(day)}" for day in free]
    return calendar(**closed(*days), **(RAMADAN if short else {}))


def walked(
    found: Stay, steps: list[int], offices: WorkCalendar, seconds: int = 0
) -> tuple[Stay, dt.datetime]:
    now = found.entered
    for position, minutes in enumerate(steps):
        now += dt.timedelta(minutes=minutes, seconds=seconds)
        move = sla.resume if position % 2 else sla.pause
        found = move(found, now, offices)
    return found, now


@settings(max_examples=400, deadline=None)
@given(
    limit=LIMITS,
    steps=STEPS,
    free=DAYS,
    short=st.booleans(),
    start=st.integers(0, 10000),
    seconds=st.integers(0, 59),
)
def test_pauses_take_nothing_from_the_budget_and_add_nothing(
    limit: str, steps: list[int], free: list[int], short: bool, start: int, seconds: int
) -> None:
    """The working time that ran until the limit is the budget, whenever the pauses began and however long they were."""
    hours = office(free, short=short)
    begun = stay(limit, MONDAY + dt.timedelta(minutes=start), replace(RULES, calendar=hours))
    found, _ = walked(begun, steps, hours, seconds)
    assert (found.due is None) == found.paused
    if begun.due is None or found.due is None:
        return
    budget = hours.between(begun.entered, begun.due)
    if found.limit is not None and found.limit.unit in (Unit.MINUTE, Unit.HOUR):
        assert budget == found.limit.amount * (MINUTE if found.limit.unit is Unit.MINUTE else 60 * MINUTE)
    ran, since = dt.timedelta(), found.entered
    for pause in found.pauses:
        assert pause.until is not None
        if pause.remaining is not None and pause.remaining <= 0:
            assert found.due <= pause.since  # it was late, and is
            return
        ran += hours.between(since, pause.since)
        since = pause.until
    ran += hours.between(since, found.due)
    # a minute that has begun is kept whole
    assert budget <= ran <= budget + len(found.pauses) * MINUTE
    if not seconds:
        assert ran == budget


@settings(max_examples=400, deadline=None)
@given(limit=LIMITS, steps=STEPS, free=DAYS, more=DAYS, start=st.integers(0, 10000), short=st.booleans())
def test_projecting_again_is_as_if_the_calendar_had_always_been_so(
    limit: str, steps: list[int], free: list[int], more: list[int], start: int, short: bool
) -> None:
    old, new = (
        replace(RULES, calendar=office(free, short=False)),
        replace(RULES, calendar=office(more, short=short)),
    )
    entered = MONDAY + dt.timedelta(minutes=start)
    found, now = walked(stay(limit, entered, old), steps, old.calendar)
    wanted, _ = walked(stay(limit, entered, new), steps, new.calendar)
    state = TicketState(
        procedure=PROCEDURE.key,
        number="UJI-2026-000001",
        received=entered,
        origin="portal",
        token_hash="",
        stays=(sla.end(stay("1 menit", entered, old), entered, "x", 1), found),
    )
    after = reproject(new, state, now)
    assert after.stays[0] == state.stays[0]
    assert moves(new, state) == (after is not state)
    assert (found.projected != wanted.projected) == (after is not state)
    assert reproject(new, after, now + MINUTE) is after
    if after.stay is not None and after is not state:
        assert after.stay.model_copy(update={"moves": ()}) == wanted
        (moved,) = after.stay.moves
        assert (moved.old, moved.new, moved.at) == (found.projected, wanted.projected, now)
        assert moved.reason
    back = reproject(old, after, now + MINUTE)
    assert back.stay is not None
    assert back.stay.due == found.due


def test_every_shipped_step_says_nothing_of_a_rest() -> None:
    """The sources do not: whoever writes it into a mapping decides it."""
    from tests.world import rules_of_all

    steps: list[Step] = [
        step
        for profile in ("unj", "jabar", "bunghatta")
        for each in rules_of_all(profile).values()
        for step in each.procedure.steps
    ]
    assert {step.limit_again for step in steps} == {LimitAgain.NEW}
