"""Which clocks run, on which rungs people are warned, and when time alone changes something."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine import sla
from connector.engine.clocks import MOMENT, ClockKind, clocks, rungs, sla_status, wake
from connector.engine.progress import Rules, with_stay
from connector.engine.state import TicketState
from connector.sop.model import Escalation, Limit, Offset, Procedure, SlaStatus
from tests.small import MONDAY, ORGANIZATION, PROCEDURE, RULES

TUESDAY = MONDAY + dt.timedelta(1)
FRIDAY = MONDAY + dt.timedelta(4)


def at(day: dt.datetime, hour: int, minute: int = 0) -> dt.datetime:
    return day.replace(hour=hour, minute=minute)


def ladder(*offsets: str) -> tuple[Escalation, ...]:
    return tuple(Escalation(at=Offset.model_validate(each), to=("pelaksana",)) for each in offsets)


def rules(*offsets: str) -> Rules:
    """The small procedure, with these rungs for all its steps."""
    procedure: Procedure = PROCEDURE.model_copy(update={"escalation": ladder(*offsets)})
    return Rules(procedure, ORGANIZATION, RULES.calendar)


def in_step(entered: dt.datetime, limit: str | None, step: str = "kerja") -> TicketState:
    """A ticket that came into a step."""
    state = TicketState(
        procedure="uji/layanan", number="UJI-2026-000001", received=entered, origin="portal", token_hash="x"
    )
    known = RULES.procedure.step(step)
    assert known is not None
    wanted = Limit.model_validate(limit) if limit else None
    given = known.model_copy(update={"limit": wanted})
    stay = sla.begin(RULES.procedure, given, entered, 1, values={}, calendar=RULES.calendar)
    return state.model_copy(update={"stays": (stay,)})


def paused(state: TicketState, since: dt.datetime, until: dt.datetime | None = None) -> TicketState:
    assert state.stay is not None
    stay = sla.pause(state.stay, since, RULES.calendar, Limit.model_validate("1 bulan"))
    if until is not None:
        stay = sla.resume(stay, until, RULES.calendar)
    return with_stay(state, stay)


def ended(state: TicketState, at: dt.datetime) -> TicketState:
    assert state.stay is not None
    closed = with_stay(state, sla.end(state.stay, at, "selesai", 7))
    return closed.model_copy(update={"ended": "selesai", "ended_at": at})


def instants(state: TicketState, *offsets: str) -> list[dt.datetime]:
    [clock] = clocks(RULES, state)
    return [rung.at for rung in rungs(rules(*offsets), clock)]


# clocks -----------------------------------------------------------------------------------------------------------


def test_a_step_with_a_limit_has_a_clock() -> None:
    [clock] = clocks(RULES, in_step(MONDAY, "2 jam"))
    assert (clock.kind, clock.step, clock.since, clock.due) == (
        ClockKind.STEP,
        "kerja",
        MONDAY,
        at(MONDAY, 11),
    )


def test_a_stopped_ticket_keeps_its_steps_clock() -> None:
    running = in_step(MONDAY, "2 jam")
    assert clocks(RULES, running.model_copy(update={"stopped": True})) == clocks(RULES, running)


def test_no_clock_runs_without_a_limit_nor_when_paused_or_ended() -> None:
    running = in_step(MONDAY, "2 jam")
    still = [
        in_step(MONDAY, None),
        paused(running, at(MONDAY, 10)),
        ended(running, at(MONDAY, 10)),
    ]
    assert [[clock for clock in clocks(RULES, state) if clock.kind is ClockKind.STEP] for state in still] == [
        []
    ] * 3
    assert wake(RULES, still[2], MONDAY) is None


def test_a_second_stay_in_the_same_step_is_another_clock() -> None:
    first = in_step(MONDAY, "2 jam")
    assert first.stay is not None
    second = first.model_copy(update={"stays": (sla.end(first.stay, MONDAY, "x", 7), first.stay)})
    assert clocks(RULES, first)[0].key != clocks(RULES, second)[0].key


# rungs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [
        ("4 jam", "75%", at(MONDAY, 12)),  # 9 to 12 is three hours; the fourth begins after the break
        ("4 jam", "30 menit sebelum", at(MONDAY, 13, 30)),
        ("4 jam", "batas", at(MONDAY, 14)),
        ("4 jam", "1 jam sesudah", at(MONDAY, 15)),
        ("4 jam", "3 jam sesudah", at(TUESDAY, 9)),
        ("4 jam", "1 hari kerja sesudah", at(TUESDAY, 16)),
        ("5 hari kerja", "1 hari kerja sesudah", at(MONDAY + dt.timedelta(8), 16)),
        ("5 hari kerja", "1 hari kerja sebelum", at(FRIDAY, 16)),
        ("5 hari kerja", "2 hari kerja sebelum", at(FRIDAY - dt.timedelta(1), 16)),
        ("1 bulan", "1 minggu sebelum", at(MONDAY + dt.timedelta(23), 16)),
    ],
)
def test_where_a_rung_lies(limit: str, offset: str, expected: dt.datetime) -> None:
    assert instants(in_step(MONDAY, limit), offset) == [expected]


def test_rungs_come_in_order_and_none_before_the_clock_began() -> None:
    found = rungs(
        rules("1 hari kerja sesudah", "2 jam sebelum", "batas", "75%"),
        clocks(RULES, in_step(MONDAY, "1 jam"))[0],
    )
    assert [str(rung.offset) for rung in found] == ["75%", "batas", "1 hari kerja sesudah"]
    assert len({rung.key for rung in found}) == 3


def test_what_stood_still_does_not_count_towards_the_share_that_is_used() -> None:
    # one of four hours is used, then the ticket waits for two days: the rest runs from Wednesday 9:00
    state = paused(in_step(MONDAY, "4 jam"), at(MONDAY, 10), at(MONDAY + dt.timedelta(2), 9))
    wednesday = MONDAY + dt.timedelta(2)
    assert instants(state, "75%", "batas") == [at(wednesday, 11), at(wednesday, 12)]


def test_a_pause_after_the_limit_puts_off_what_follows_it() -> None:
    late = in_step(MONDAY, "1 jam")  # due at 10:00, the rung is Tuesday 16:00
    state = paused(late, at(TUESDAY, 15), at(FRIDAY, 9))
    assert instants(late, "1 hari kerja sesudah") == [at(TUESDAY, 16)]
    assert instants(state, "batas", "1 hari kerja sesudah") == [at(MONDAY, 10), at(FRIDAY, 10)]


def test_a_step_says_more_than_its_procedure_and_that_more_than_the_organization() -> None:
    state = in_step(MONDAY, "2 jam")
    [clock] = clocks(RULES, state)
    assert [str(rung.offset) for rung in rungs(RULES, clock)] == [
        "75%",
        "batas",
        "1 hari kerja sesudah",
        "3 hari kerja sesudah",
    ]
    own = rules("batas", "1 jam sesudah")
    assert [str(rung.offset) for rung in rungs(own, clock)] == ["batas", "1 jam sesudah"]
    steps = tuple(
        step.model_copy(update={"escalation": ()}) if step.id == "kerja" else step
        for step in own.procedure.steps
    )
    silent = Rules(own.procedure.model_copy(update={"steps": steps}), ORGANIZATION, RULES.calendar)
    assert rungs(silent, clock) == ()


# the status -------------------------------------------------------------------------------------------------------


def test_the_status_from_the_first_limit_to_the_end() -> None:
    state = in_step(MONDAY, "4 jam")
    near, due = at(MONDAY, 12), at(MONDAY, 14)
    assert sla_status(RULES, in_step(MONDAY, None), MONDAY) == ""
    said = [sla_status(RULES, state, now) for now in (MONDAY, near, near + MOMENT, due, due + MOMENT)]
    assert said == ["Tepat waktu", "Tepat waktu", "Mendekati batas", "Mendekati batas", "Terlambat"]
    assert sla_status(RULES, paused(state, near), due) == SlaStatus.PAUSED


def test_the_status_of_an_ended_ticket_is_its_result() -> None:
    state = in_step(MONDAY, "4 jam")
    assert sla_status(RULES, ended(state, at(MONDAY, 14)), FRIDAY) == SlaStatus.IN_TIME
    assert sla_status(RULES, ended(state, at(MONDAY, 15)), FRIDAY) == SlaStatus.LATE


def test_a_stay_that_was_left_while_paused_is_as_late_as_when_it_was_paused() -> None:
    state = in_step(MONDAY, "4 jam")
    for since, late in ((at(MONDAY, 13), False), (at(MONDAY, 15), True)):
        left = ended(paused(state, since), FRIDAY)
        assert [stay.late for stay in left.stays] == [late]


# over any sequence of looks ---------------------------------------------------------------------------------------

LIMITS = st.sampled_from(["15 menit", "3 jam", "1 hari kerja", "3 hari kerja", "1 minggu"])
OFFSETS = st.lists(
    st.sampled_from(
        [
            *("10%", "75%", "90%", "1 jam sebelum", "1 hari kerja sebelum", "batas"),
            *("30 menit sesudah", "1 hari kerja sesudah", "3 hari kerja sesudah", "1 minggu sesudah"),
        ]
    ),
    unique=True,
    max_size=5,
)
MINUTES = st.integers(1, 60 * 24 * 20)


@st.composite
def running(draw: st.DrawFn) -> tuple[Rules, TicketState]:
    """A ticket in a step, paused some times."""
    entered = MONDAY + dt.timedelta(minutes=draw(MINUTES))
    state = in_step(entered, draw(LIMITS))
    now = entered
    for since, lasted in draw(st.lists(st.tuples(MINUTES, MINUTES), max_size=3)):
        begun = now + dt.timedelta(minutes=since)
        now = begun + dt.timedelta(minutes=lasted)
        state = paused(state, begun, now)
    return rules(*draw(OFFSETS)), state


@settings(max_examples=300)
@given(running(), st.lists(st.integers(0, 60 * 24 * 60), min_size=1, max_size=40))
def test_nothing_changes_before_it_is_time_to_wake(
    ticket: tuple[Rules, TicketState], minutes: list[int]
) -> None:
    known, state = ticket
    [clock] = clocks(known, state)
    begun = max([clock.since, *(until for _, until in clock.pauses)])
    seen = begun
    state = _looked(known, state, seen)
    for now in sorted(begun + dt.timedelta(minutes=each) for each in minutes):
        call = wake(known, state, seen)
        assert call is None or call > seen
        changed = sla_status(known, state, now) != state.sla or _passed(known, state, now) != set(state.rungs)
        if call is None or now < call:
            assert not changed
        if call is not None and call <= now:
            overdue = wake(known, state, now)  # the sweep finds it from the state alone
            assert overdue is not None
            assert overdue <= now
            state, seen = _looked(known, state, now), now


def _passed(known: Rules, state: TicketState, now: dt.datetime) -> set[str]:
    return {rung.key for clock in clocks(known, state) for rung in rungs(known, clock) if now > rung.at}


def _looked(known: Rules, state: TicketState, now: dt.datetime) -> TicketState:
    passed = (*state.rungs, *sorted(_passed(known, state, now) - set(state.rungs)))
    return state.model_copy(update={"rungs": passed, "sla": sla_status(known, state, now)})
