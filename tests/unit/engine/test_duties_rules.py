"""Standing duties: rules that hold for any period, any pause and any day off, whenever the connector looks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.calendar import WorkCalendar
from connector.engine.duties import courses, missed, owed
from connector.engine.plan import plan
from connector.engine.progress import Rules
from connector.engine.state import TicketState
from connector.sop.model import Limit, Unit
from tests.small import MONDAY, RULES, FakeTicket
from tests.unit.engine.test_duties import WEEKLY, state_of, ticket, with_duties

#: Hours until the next event, what it is, and whether the connector looks then.
EVENTS = st.lists(
    st.tuples(
        st.integers(1, 120),
        st.sampled_from(["report", "part", "rest", "wait", "nothing"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)
EVERY = st.sampled_from(["1 minggu", "2 minggu", "2 hari kerja", "20 jam", "1 bulan"])
DAYS_OFF = st.sets(st.integers(0, 90), max_size=25)
SECOND = dt.timedelta(seconds=1)


def rules_for(every: str, days_off: set[int]) -> Rules:
    free = {MONDAY.date() + dt.timedelta(day): "Libur" for day in days_off}
    calendar = WorkCalendar(RULES.organization.calendar, free, first_year=2026, last_year=2030)
    daily = WEEKLY.model_copy(
        update={"id": "harian", "no": "3b", "outputs": (), "every": Limit.model_validate("1 hari kerja")}
    )
    weekly = WEEKLY.model_copy(update={"every": Limit.model_validate(every)})
    return with_duties(weekly, daily, rules=replace(RULES, calendar=calendar))


def lived(rules: Rules, events: list[tuple[int, str, bool]], *, each: bool) -> FakeTicket:
    """A ticket after these events. `each`: the connector looks after every one, else only where it is drawn."""
    found = ticket(rules)
    began = found.now
    for nth, (_, what, looks) in enumerate(events):
        began += dt.timedelta(hours=events[nth][0])
        found.now = began
        paused = state_of(found).stay.paused  # type: ignore[union-attr]
        if what == "report" and not paused:
            found.edit("teknis-a", persen=f"{nth}", kendala=f"k{nth}", bukti=f"{100 + nth}")
        elif what == "part" and not paused:
            found.edit("teknis-a", persen=f"p{nth}")
        elif what == "rest" and not paused:
            found.edit("teknis-a", kendala=f"r{nth}", bukti=f"{200 + nth}")
        elif what == "wait" and paused:
            found.move("meja", "Dilanjutkan")
        elif what == "wait":
            found.move("teknis-a", "Menunggu Pemohon", permintaan_perbaikan="akses")
        if each or looks or what == "wait":
            found.settle()
    found.now = began + dt.timedelta(hours=1)
    found.settle()
    return found


def record(state: TicketState) -> list[tuple[object, ...]]:
    return [(each.step, each.no, each.due, each.reported, each.by) for each in state.duties]


@settings(max_examples=80, deadline=None)
@given(every=EVERY, days_off=DAYS_OFF, events=EVENTS)
def test_the_record_is_the_same_whenever_the_connector_looks(
    every: str, days_off: set[int], events: list[tuple[int, str, bool]]
) -> None:
    rules = rules_for(every, days_off)
    seldom, often = lived(rules, events, each=False), lived(rules, events, each=True)
    assert record(state_of(seldom)) == record(state_of(often))
    assert plan(rules, seldom.snapshot, seldom.now).empty


@settings(max_examples=80, deadline=None)
@given(every=EVERY, days_off=DAYS_OFF, events=EVENTS)
def test_periods_follow_each_other_and_a_report_settles_one_of_them_at_most(
    every: str, days_off: set[int], events: list[tuple[int, str, bool]]
) -> None:
    rules = rules_for(every, days_off)
    found = lived(rules, events, each=False)
    state = state_of(found)
    for course in courses(state).values():
        assert [each.no for each in course] == list(range(1, len(course) + 1))
        for earlier, later in pairwise(course):
            assert earlier.due is not None
            assert earlier.since < earlier.due == later.since
        journals = [each.journal for each in course if each.reported is not None]
        assert len(journals) == len(set(journals))
        assert journals == sorted(journals)  # type: ignore[type-var]
        last = course[-1]
        assert last.due is None or last.due >= found.now
        for each in course:
            if each.reported is None or each.due is None:
                continue
            # in its own period, or late in the one that follows
            following = next((one for one in course if one.no == each.no + 1), None)
            assert each.since <= each.reported
            assert not each.late or (following is not None and each.reported <= (following.due or found.now))
    over = missed(state, found.now)
    assert all(each.reported is None and each.due is not None and each.due < found.now for each in over)
    assert {each.no for each in owed(state) if each.due and each.due < found.now} <= {
        each.no for each in over
    }


@settings(max_examples=100, deadline=None)
@given(days_off=DAYS_OFF, weeks=st.integers(1, 3), looked=st.integers(1, 120))
def test_weeks_end_at_the_close_of_the_weekday_or_of_the_next_day_that_is_worked(
    days_off: set[int], weeks: int, looked: int
) -> None:
    """Counted day by day, beside the calendar's own sums."""
    rules = rules_for(f"{weeks} minggu", days_off)
    found = ticket(rules)
    found.now += dt.timedelta(days=looked)
    found.settle()
    off = {MONDAY.date() + dt.timedelta(day) for day in days_off}
    expected: list[dt.date] = []
    nominal = MONDAY.date()
    while not expected or expected[-1] < found.now.date() or (found.now.hour, found.now.minute) >= (16, 1):
        nominal += dt.timedelta(weeks=weeks)
        day = nominal
        while day in off or day.weekday() > 4:
            day += dt.timedelta(1)
        if day not in expected:
            expected.append(day)
        if expected[-1] >= found.now.date():
            break
    dues = [each.due for each in courses(state_of(found))["lapor"]]
    assert [due.date() for due in dues if due] == expected
    assert {(due.hour, due.minute) for due in dues if due} == {(16, 0)}


@settings(max_examples=100, deadline=None)
@given(
    unit=st.sampled_from([Unit.HOUR, Unit.WORKING_DAY, Unit.WEEK]),
    amount=st.integers(1, 5),
    before=st.integers(1, 200),
    waited=st.integers(1, 400),
)
def test_a_wait_takes_no_working_time_from_a_period(
    unit: Unit, amount: int, before: int, waited: int
) -> None:
    every = Limit(amount=amount, unit=unit)
    rules = with_duties(WEEKLY.model_copy(update={"every": every}))
    found = ticket(rules)
    begun = found.now
    [first] = state_of(found).duties
    assert first.due is not None
    budget = rules.calendar.between(first.since, first.due)
    found.now = begun + dt.timedelta(hours=before)
    found.move("teknis-a", "Menunggu Pemohon", permintaan_perbaikan="akses")
    found.settle()
    since = found.snapshot.journals[-2].at
    found.now += dt.timedelta(hours=waited)
    found.move("meja", "Dilanjutkan")
    found.settle()
    stay = state_of(found).stay
    assert stay is not None
    [pause] = stay.pauses
    assert pause.until is not None
    for each in state_of(found).duties:
        assert each.due is not None
        if each.no == 1 and each.moved:
            worked = rules.calendar.between(each.since, each.due)
            assert worked - rules.calendar.between(pause.since, pause.until) == budget
        assert each.moved == (each.since < pause.until and pause.since < each.due)
    assert pause.since == since
