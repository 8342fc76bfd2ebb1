"""The calendar against a count minute by minute, for any office in any of Indonesia's three times.

Nine properties; 10,800 cases together.
"""

from __future__ import annotations

import calendar as months
import datetime as dt

from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from connector.sop.model import Limit, Unit
from tests.unit.engine.minutes import (
    FIRST,
    MINUTES,
    Office,
    closes,
    earlier,
    later,
    offices,
    opening,
)

cases = settings(max_examples=1200)

moments = st.integers(0, MINUTES - 1)
amounts = st.one_of(st.integers(1, 60), st.integers(1, 1000))
#: Whoever asks may live anywhere; the answer is the same instant.
clocks = st.sampled_from([dt.timezone(dt.timedelta(hours=hours)) for hours in (-5, 0, 7, 8, 9)])


def within(minute: int | None) -> int:
    """No case where the count would leave the window."""
    return reject() if minute is None else minute


@cases
@given(offices(), moments, amounts, clocks)
def test_minutes_from_an_instant_on(office: Office, start: int, work: int, clock: dt.tzinfo) -> None:
    counted = within(later(office.row(), start, work))
    due = office.calendar().due(office.at(start).astimezone(clock), Limit(amount=work, unit=Unit.MINUTE))
    assert due == office.at(counted)
    assert due.utcoffset() == office.tz.utcoffset(None)


@cases
@given(offices(), moments, st.integers(1, 100))
def test_hours_from_an_instant_on(office: Office, start: int, hours: int) -> None:
    counted = within(later(office.row(), start, hours * 60))
    due = office.calendar().due(office.at(start), Limit(amount=hours, unit=Unit.HOUR))
    assert due == office.at(counted)


@cases
@given(offices(), moments, amounts)
def test_minutes_before_an_instant(office: Office, before_the_last: int, work: int) -> None:
    end = MINUTES - before_the_last
    counted = within(earlier(office.row(), end, work))
    assert office.calendar().add(office.at(end), -dt.timedelta(minutes=work)) == office.at(counted)


@cases
@given(offices(), moments, moments, clocks)
def test_minutes_between_two_instants(office: Office, one: int, other: int, clock: dt.tzinfo) -> None:
    counted = sum(office.row()[min(one, other) : max(one, other)])
    between = office.calendar().between(office.at(one), office.at(other).astimezone(clock))
    assert between == dt.timedelta(minutes=counted if one <= other else -counted)


@cases
@given(offices(), moments)
def test_the_next_opening(office: Office, start: int) -> None:
    counted = within(opening(office.row(), start))
    assert office.calendar().next_opening(office.at(start)) == office.at(counted)


@cases
@given(offices(), moments, st.integers(1, 45), st.sampled_from((Unit.WORKING_DAY, Unit.DAY)))
def test_the_nth_working_day(office: Office, start: int, days: int, unit: Unit) -> None:
    following = [close for close in closes(office.row())[start // 1440 + 1 :] if close is not None]
    assume(len(following) >= days)
    due = office.calendar().due(office.at(start), Limit(amount=days, unit=unit))
    assert due == office.at(following[days - 1])


@cases
@given(offices(), moments, st.integers(1, 8))
def test_weeks(office: Office, start: int, weeks: int) -> None:
    _same_or_next_worked(office, start, Limit(amount=weeks, unit=Unit.WEEK), start // 1440 + 7 * weeks)


@cases
@given(offices(), moments, st.integers(1, 2))
def test_months(office: Office, start: int, amount: int) -> None:
    begun = office.at(start).date()
    month = begun.month + amount
    wanted = dt.date(2026, month, min(begun.day, months.monthrange(2026, month)[1]))
    _same_or_next_worked(office, start, Limit(amount=amount, unit=Unit.MONTH), (wanted - FIRST).days)


def _same_or_next_worked(office: Office, start: int, limit: Limit, day: int) -> None:
    following = [close for close in closes(office.row())[day:] if close is not None]
    assume(following)
    assert office.calendar().due(office.at(start), limit) == office.at(following[0])


@cases
@given(offices(), moments, moments)
def test_every_minute_is_in_a_span_that_says_whether_it_counts(office: Office, one: int, other: int) -> None:
    start, end = min(one, other), max(one, other)
    told = bytearray()
    at = office.at(start)
    for span in office.calendar().spans(office.at(start), office.at(end)):
        assert span.start == at
        assert span.counted == (not span.reason)
        told += bytes([span.counted]) * ((span.end - span.start) // dt.timedelta(minutes=1))
        at = span.end
    assert at == office.at(end)
    assert told == office.row()[start:end]
