"""Standing duties: periods, reports, what is missed, and what is emptied for the next report."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from connector.engine.calendar import WorkCalendar
from connector.engine.clocks import MOMENT, ClockKind, clocks, rungs, wake
from connector.engine.duties import courses, drifted, missed, owed, turns, upcoming
from connector.engine.effects import AddNote, Effect, NotifyStaff, SetField, Warn
from connector.engine.plan import plan
from connector.engine.progress import Rules
from connector.engine.reporting import Verdict, record, record_words
from connector.engine.state import Period, TicketState
from connector.sop.model import Escalation, FieldDef, Limit, Outcome, Step
from tests.small import FORM, JAKARTA, MONDAY, PROCEDURE, RULES, FakeTicket, person

FIELDS = tuple(
    FieldDef.model_validate({"label": each["name"], "scope": "uji", **each})
    for each in (
        {"id": "persen", "name": "Persen", "type": "number", "renew": True},
        {"id": "kendala", "name": "Kendala", "type": "paragraph", "renew": True},
        {"id": "bukti", "name": "Bukti", "type": "file", "renew": True},
        {"id": "catatan", "name": "Catatan", "type": "text", "required": False},
    )
)
WEEKLY = Step.model_validate(
    {
        "no": "3a",
        "id": "lapor",
        "kind": "duty",
        "title": "Pelaporan",
        "every": "1 minggu",
        "roles": ["teknis-a"],
        "outputs": ["persen", "kendala", {"id": "bukti", "kind": "upload"}, "catatan"],
    }
)


def with_duties(*duties: Step, rules: Rules = RULES) -> Rules:
    """The small procedure with duties beside its step «kerja», which has no limit and may also ask the requester."""
    kerja = PROCEDURE.step("kerja")
    assert kerja is not None
    outcomes = {**kerja.outcomes, "kurang": Outcome.model_validate({"to": "pengajuan"})}
    asking = kerja.model_copy(update={"outcomes": outcomes, "limit": None})
    steps = (*PROCEDURE.steps[:2], asking, *duties, *PROCEDURE.steps[3:])
    fields = (*PROCEDURE.fields, *FIELDS)
    return replace(rules, procedure=PROCEDURE.model_copy(update={"steps": steps, "fields": fields}))


REPORTING = with_duties(WEEKLY)
FIRST = {"persen": "10", "kendala": "Tidak ada", "bukti": "71"}


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-{text}").replace(tzinfo=JAKARTA)


def ticket(rules: Rules = REPORTING) -> FakeTicket:
    """A ticket that came to «Pengerjaan» on Monday morning."""
    found = FakeTicket.new(rules, **FORM, regu="A")
    found.settle()
    found.move("meja", "Pengerjaan")
    found.settle()
    found.effects.clear()
    return found


def state_of(found: FakeTicket) -> TicketState:
    assert found.snapshot.state is not None
    return found.snapshot.state


def until(found: FakeTicket, text: str) -> list[Effect]:
    """What happens by itself at this instant."""
    found.now = at(text)
    return found.settle()


def report(found: FakeTicket, text: str, **fields: str) -> list[Effect]:
    """A journal of the team at this instant."""
    found.now = at(text) - dt.timedelta(minutes=1)
    found.edit("teknis-a", **fields)
    return found.settle()


def cleared(effects: list[Effect]) -> set[str]:
    return {
        effect.field.rpartition(":")[2]
        for effect in effects
        if isinstance(effect, SetField) and effect.value == "" and ":sop:" not in effect.field
    }


def notes(effects: list[Effect]) -> list[tuple[str, object, object]]:
    return [
        (effect.template, effect.data["no"], effect.data["late"])
        for effect in effects
        if isinstance(effect, AddNote) and effect.template.startswith("laporan")
    ]


def dues(found: FakeTicket) -> list[dt.datetime | None]:
    return [each.due for each in state_of(found).duties]


# periods ------------------------------------------------------------------------------------------------------


def test_each_week_from_entering_the_step_is_due_on_that_weekday_at_closing_time() -> None:
    found = ticket()
    assert dues(found) == [at("11-30T16:00")]
    assert turns(REPORTING, state_of(found)) == (at("11-30T16:00"),)
    until(found, "12-15T09:00")
    assert dues(found) == [at("11-30T16:00"), at("12-07T16:00"), at("12-14T16:00"), at("12-21T16:00")]
    assert [each.no for each in state_of(found).duties] == [1, 2, 3, 4]


def test_a_day_off_puts_one_limit_off_and_no_other() -> None:
    calendar = RULES.calendar
    closed = WorkCalendar(
        RULES.organization.calendar,
        {at("11-30T00:00").date(): "Libur", at("12-01T00:00").date(): "Libur"},
        first_year=2026,
        last_year=2027,
    )
    assert calendar is not closed
    found = ticket(replace(REPORTING, calendar=closed))
    until(found, "12-15T09:00")
    assert dues(found) == [at("12-02T16:00"), at("12-07T16:00"), at("12-14T16:00"), at("12-21T16:00")]


def test_a_week_without_a_working_day_asks_for_no_report_of_its_own() -> None:
    free = {at("11-28T00:00").date() + dt.timedelta(day): "Libur" for day in range(11)}  # until 8 December
    closed = WorkCalendar(RULES.organization.calendar, free, first_year=2026, last_year=2027)
    found = ticket(replace(REPORTING, calendar=closed))
    until(found, "12-15T09:00")
    assert dues(found) == [at("12-09T16:00"), at("12-14T16:00"), at("12-21T16:00")]


def test_a_limit_is_over_only_after_its_instant() -> None:
    found = ticket()
    until(found, "11-30T15:00")
    assert plan(REPORTING, found.snapshot, at("11-30T16:00")).empty
    assert wake(REPORTING, state_of(found), found.now) == at("11-30T16:00") + MOMENT
    until(found, "11-30T16:01")
    assert len(dues(found)) == 2


# reports ------------------------------------------------------------------------------------------------------


def test_a_report_in_time_is_kept_noted_and_emptied_when_its_week_is_over() -> None:
    found = ticket()
    effects = report(found, "11-25T10:00", **FIRST)
    [period] = state_of(found).duties
    assert (period.reported, period.late, period.by) == (at("11-25T10:00"), False, 7)
    assert notes(effects) == [("laporan", 1, False)]
    [note] = [effect for effect in effects if isinstance(effect, AddNote)]
    assert note.data["due"] == "Senin, 30 November 2026 pukul 16.00 WIB"
    assert note.data["next"] == "Senin, 7 Desember 2026 pukul 16.00 WIB"
    assert note.data["answers"] == [
        {"name": "Persen", "value": "10", "plain": True},
        {"name": "Kendala", "value": "Tidak ada", "plain": False},
        {"name": "Bukti", "value": "71", "plain": False},
    ]
    assert cleared(effects) == set()
    assert (owed(state_of(found)), missed(state_of(found), at("12-07T15:00"))) == ((), ())
    later = until(found, "11-30T16:01")
    assert cleared(later) == {"persen", "kendala", "bukti"}
    assert NotifyStaff() not in later
    assert notes(later) == []
    assert [each.no for each in owed(state_of(found))] == [2]


def test_it_may_be_written_piece_by_piece_over_several_days() -> None:
    found = ticket()
    report(found, "11-24T10:00", persen="10")
    report(found, "11-25T10:00", kendala="Menunggu akses")
    assert state_of(found).duties[0].reported is None
    report(found, "11-26T10:00", bukti="71")
    assert state_of(found).duties[0].reported == at("11-26T10:00")


def test_what_is_not_asked_for_is_no_part_of_it() -> None:
    found = ticket()
    report(found, "11-24T10:00", persen="10", kendala="Tidak ada", catatan="halo")
    assert state_of(found).duties[0].reported is None
    report(found, "11-24T11:00", hasil="Beres")
    assert state_of(found).duties[0].reported is None


def test_only_who_has_the_duty_reports() -> None:
    found = ticket()
    found.edit("meja", **FIRST)
    found.settle()
    assert state_of(found).duties[0].reported is None
    found.edit("pengelola-sop", persen="20")
    found.settle()
    assert state_of(found).duties[0].reported is not None


def test_a_correction_in_the_same_week_is_none_of_its_own_and_goes_with_the_rest() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    effects = report(found, "11-27T10:00", persen="15", kendala="Server mati", bukti="72")
    assert notes(effects) == []
    assert state_of(found).duties[0].reported == at("11-25T10:00")
    assert cleared(until(found, "11-30T16:01")) == {"persen", "kendala", "bukti"}


def test_the_next_report_must_be_given_anew() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    until(found, "11-30T16:01")
    report(found, "12-01T10:00", persen="40")
    assert [each.reported for each in state_of(found).duties] == [at("11-25T10:00"), None]
    report(found, "12-02T10:00", kendala="Tidak ada", bukti="72")
    assert [each.reported for each in state_of(found).duties] == [at("11-25T10:00"), at("12-02T10:00")]


def test_what_was_written_for_the_new_week_before_the_connector_looked_stays() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    found.now = at("12-01T10:00")  # nobody has looked since
    found.edit("teknis-a", persen="40")
    effects = found.settle()
    assert cleared(effects) == {"kendala", "bukti"}
    assert [each.reported for each in state_of(found).duties] == [at("11-25T10:00"), None]


def test_a_week_without_a_report_is_noted_silently_and_one_that_follows_is_late() -> None:
    found = ticket()
    effects = until(found, "11-30T16:01")
    assert notes(effects) == [("laporan-belum-ada", 1, False)]
    assert NotifyStaff() not in effects
    assert until(found, "12-01T09:00") == []
    [over] = missed(state_of(found), found.now)
    assert over.no == 1
    assert [each.no for each in owed(state_of(found))] == [1, 2]
    effects = report(found, "12-02T10:00", **FIRST)
    assert notes(effects) == [("laporan", 1, True)]
    assert cleared(effects) == {"persen", "kendala", "bukti"}
    first, second = state_of(found).duties
    assert (first.reported, first.late, second.reported) == (at("12-02T10:00"), True, None)
    assert missed(state_of(found), found.now) == ()
    effects = report(found, "12-03T10:00", persen="50", kendala="Tidak ada", bukti="72")
    assert notes(effects) == [("laporan", 2, False)]


def test_a_report_mends_only_the_week_before_its_own() -> None:
    found = ticket()
    until(found, "12-08T09:00")  # two limits have passed
    report(found, "12-09T10:00", **FIRST)
    assert [each.reported is not None for each in state_of(found).duties] == [False, True, False]
    assert [each.no for each in missed(state_of(found), found.now)] == [1]


def test_a_typing_error_in_a_late_report_is_no_second_report() -> None:
    found = ticket()
    until(found, "11-30T16:01")
    found.now = at("12-02T10:00")
    found.edit("teknis-a", **FIRST)
    found.edit("teknis-a", persen="11")
    found.settle()
    assert [each.reported is not None for each in state_of(found).duties] == [True, False]


def test_a_limit_that_passed_is_told_by_the_clock_before_anybody_looked() -> None:
    found = ticket()
    assert missed(state_of(found), at("11-30T16:00")) == ()
    [over] = missed(state_of(found), at("11-30T16:01"))
    assert over.no == 1


# warnings -----------------------------------------------------------------------------------------------------


def warned(effects: list[Effect]) -> list[tuple[str, tuple[str | None, ...]]]:
    return [
        (effect.rung, tuple(each.role for each in effect.to))
        for effect in effects
        if isinstance(effect, Warn)
    ]


def test_the_holder_is_reminded_a_working_day_before_and_told_of_the_breach() -> None:
    found = ticket()
    assert wake(REPORTING, state_of(found), found.now) == at("11-27T16:00") + MOMENT
    effects = until(found, "11-27T16:01")
    assert warned(effects) == [("DUTY:lapor:2.1:1-hari-kerja-sebelum", ("teknis-a",))]
    assert NotifyStaff() not in effects
    effects = until(found, "11-30T16:01")
    assert warned(effects) == [("DUTY:lapor:2.1:batas", ("teknis-a",))]
    report(found, "12-01T10:00", **FIRST)
    assert warned(until(found, "12-04T16:01")) == [("DUTY:lapor:2.2:1-hari-kerja-sebelum", ("teknis-a",))]


def test_a_report_that_is_made_is_not_asked_for() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    assert wake(REPORTING, state_of(found), found.now) == at("11-30T16:00") + MOMENT
    assert warned(until(found, "11-30T16:01")) == []


def test_whoever_took_the_ticket_is_the_one_who_is_reminded() -> None:
    found = ticket()
    found.assign("teknis-a")
    found.settle()
    [reminder] = [effect for effect in until(found, "11-27T16:01") if isinstance(effect, Warn)]
    assert [each.person for each in reminder.to] == [70]


def test_a_duty_may_say_itself_who_is_warned_and_when() -> None:
    said = (
        {"at": "2 hari kerja sebelum", "to": ("pelaksana",)},
        {"at": "batas", "to": ("pelaksana", "kepala")},
        {"at": "2 hari kerja sesudah", "to": ("kepala",)},
    )
    duty = WEEKLY.model_copy(update={"escalation": tuple(Escalation.model_validate(each) for each in said)})
    found = ticket(with_duties(duty))
    assert [names for _, names in warned(until(found, "11-26T16:01"))] == [("teknis-a",)]
    assert [names for _, names in warned(until(found, "11-30T16:01"))] == [("teknis-a", "kepala")]
    assert ("DUTY:lapor:2.1:2-hari-kerja-sesudah", ("kepala",)) in warned(until(found, "12-02T16:01"))


def test_while_the_ticket_waits_nobody_is_warned() -> None:
    found = ticket()
    until(found, "12-01T09:00")
    found.move("teknis-a", "Menunggu Pemohon", permintaan_perbaikan="Mohon akses.")
    found.settle()
    assert [clock for clock in clocks(REPORTING, state_of(found)) if clock.kind is ClockKind.DUTY] == []
    assert warned(until(found, "12-20T09:00")) == []


def test_a_wait_puts_the_reminder_off_too() -> None:
    found = ticket()
    waiting(found, "11-26T09:00", "12-14T10:00")
    [clock] = [each for each in clocks(REPORTING, state_of(found)) if each.kind is ClockKind.DUTY]
    assert (clock.due, [rung.at for rung in rungs(REPORTING, clock)]) == (
        at("12-17T09:00"),
        [at("12-16T09:00"), at("12-17T09:00")],
    )


# the end of the stay --------------------------------------------------------------------------------------------


def test_leaving_the_step_ends_the_duty_and_keeps_the_record() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    until(found, "12-08T09:00")
    found.now = at("12-08T10:00")
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    effects = found.settle()
    kept = state_of(found).duties
    assert [(each.no, each.reported) for each in kept] == [(1, at("11-25T10:00")), (2, None)]
    assert [each.no for each in missed(state_of(found), found.now)] == [2]
    assert (courses(state_of(found)), owed(state_of(found)), turns(REPORTING, state_of(found))) == (
        {},
        (),
        (),
    )
    assert notes(effects) == []
    assert notes(until(found, "12-30T09:00")) == []
    assert state_of(found).duties == kept


def test_a_report_that_comes_with_the_move_out_of_the_step_counts() -> None:
    found = ticket()
    found.now = at("11-25T10:00")
    found.move("teknis-a", "Pengesahan", hasil="Beres", **FIRST)
    effects = found.settle()
    [period] = state_of(found).duties
    assert period.journal is not None
    assert notes(effects) == [("laporan", 1, False)]
    assert cleared(effects) == set()


def test_who_looks_only_afterwards_finds_the_same() -> None:
    found = ticket()
    found.now = at("12-02T10:00")  # nobody has looked since the first day
    found.edit("teknis-a", **FIRST)
    found.now = at("12-04T10:00")
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    effects = found.settle()
    [period] = state_of(found).duties
    assert (period.no, period.reported, period.late) == (1, at("12-02T10:01"), True)
    assert notes(effects) == [("laporan", 1, True)]


def test_a_return_to_the_step_begins_anew_with_empty_fields() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    found.settle()
    found.now = at("11-26T10:00")
    found.move("kepala", "Pengerjaan")
    effects = found.settle()
    assert cleared(effects) == {"persen", "kendala", "bukti"}
    assert dues(found) == [at("11-30T16:00"), at("12-03T16:00")]
    assert [(each.stay, each.no) for each in state_of(found).duties] == [(2, 1), (4, 1)]


# pauses -------------------------------------------------------------------------------------------------------


def waiting(found: FakeTicket, since: str, till: str) -> None:
    found.now = at(since) - dt.timedelta(minutes=1)
    found.move("teknis-a", "Menunggu Pemohon", permintaan_perbaikan="Mohon akses.")
    found.settle()
    assert dues(found)[-1] is None
    assert owed(state_of(found)) == ()
    assert until(found, till) == []
    found.now = at(till) - dt.timedelta(minutes=1)
    found.move("meja", "Dilanjutkan")
    found.settle()


def test_while_the_ticket_waits_for_its_requester_nothing_is_due() -> None:
    found = ticket()
    # on Thursday at nine 20 hours of work are left: 5 on Monday the 14th from ten on, 7 a day, and one on Thursday
    waiting(found, "11-26T09:00", "12-14T10:00")
    assert dues(found) == [at("12-17T09:00")]
    assert missed(state_of(found), found.now) == ()
    until(found, "12-17T09:01")
    # the weeks are counted from there
    assert dues(found)[1] == at("12-24T16:00")


def test_a_wait_after_the_limit_does_not_take_the_breach_back() -> None:
    found = ticket()
    until(found, "12-01T09:00")
    waiting(found, "12-02T09:00", "12-14T10:00")
    assert [each.no for each in missed(state_of(found), found.now)] == [1]
    assert dues(found)[0] == at("11-30T16:00")


def test_a_report_made_before_a_wait_stays_the_report_of_its_week() -> None:
    found = ticket()
    report(found, "11-25T10:00", **FIRST)
    waiting(found, "11-26T09:00", "12-14T10:00")
    [period] = state_of(found).duties
    assert (period.reported, period.due) == (at("11-25T10:00"), at("12-17T09:00"))
    assert cleared(until(found, "12-17T09:01")) == {"persen", "kendala", "bukti"}


# other duties ---------------------------------------------------------------------------------------------------


def test_several_duties_of_a_step_go_each_their_own_way() -> None:
    daily = WEEKLY.model_copy(
        update={
            "id": "periksa-harian",
            "no": "3b",
            "every": Limit.model_validate("1 hari kerja"),
            "outputs": (),
        }
    )
    found = ticket(with_duties(WEEKLY, daily))
    report(found, "11-25T10:00", **FIRST)
    by_duty = courses(state_of(found))
    assert [each.due for each in by_duty["lapor"]] == [at("11-30T16:00")]
    assert [each.due for each in by_duty["periksa-harian"]] == [at("11-24T16:00"), at("11-25T16:00")]
    assert [each.reported is None for each in by_duty["periksa-harian"]] == [True, True]
    # one that leaves no field is done by a note
    found.now = at("11-25T11:00")
    found.note(person("teknis-a"), "Sudah diperiksa.")
    found.settle()
    assert [each.late for each in courses(state_of(found))["periksa-harian"]] == [True, False]
    assert [each.no for each in owed(state_of(found))] == [2]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("90 menit", ["11-23T10:32", "11-23T13:02", "11-23T14:32"]),
        ("5 jam", ["11-23T15:02", "11-24T13:02", "11-25T10:02"]),
        ("2 hari kerja", ["11-25T16:00", "11-27T16:00", "12-01T16:00"]),
        ("1 bulan", ["12-23T16:00"]),
    ],
)
def test_periods_of_any_length(every: str, expected: list[str]) -> None:
    found = ticket(with_duties(WEEKLY.model_copy(update={"every": Limit.model_validate(every)})))
    until(found, "12-20T09:00")
    assert dues(found)[: len(expected)] == [at(each) for each in expected]


def test_a_changed_calendar_moves_the_period_that_runs_and_no_other() -> None:
    found = ticket()
    until(found, "12-01T09:00")
    assert not drifted(REPORTING, state_of(found))
    free = {at(f"{day}T00:00").date(): "Libur" for day in ("11-30", "12-07")}
    closed = replace(
        REPORTING,
        calendar=WorkCalendar(RULES.organization.calendar, free, first_year=2026, last_year=2027),
    )
    assert drifted(closed, state_of(found))
    found.rules = closed
    assert notes(found.settle()) == []
    assert dues(found) == [at("11-30T16:00"), at("12-08T16:00")]
    assert not drifted(closed, state_of(found))
    until(found, "12-09T09:00")
    assert dues(found)[2] == at("12-14T16:00")


# changed mappings -------------------------------------------------------------------------------------------------


def test_a_duty_that_is_new_in_the_mapping_counts_from_when_it_was_heard_of() -> None:
    found = ticket(with_duties())
    assert state_of(found).duties == ()
    found.rules = REPORTING
    found.now = at("12-09T10:00")
    found.settle()
    assert dues(found) == [at("12-16T16:00")]


def test_a_changed_period_counts_from_the_next_one_on() -> None:
    found = ticket()
    found.rules = with_duties(WEEKLY.model_copy(update={"every": Limit.model_validate("2 hari kerja")}))
    until(found, "12-01T09:00")
    assert dues(found) == [at("11-30T16:00"), at("12-02T16:00")]


def test_a_duty_that_is_gone_from_the_mapping_asks_for_nothing_more() -> None:
    found = ticket()
    until(found, "12-01T09:00")
    found.rules = with_duties()
    found.settle()
    assert [each.no for each in state_of(found).duties] == [1]
    assert turns(found.rules, state_of(found)) == ()


def test_a_ticket_does_not_wake_for_ever_for_a_duty_that_is_gone_from_the_mapping() -> None:
    """An instant that has passed and that no look can change would be looked at with each ring of the clock."""
    found = ticket()
    report(found, "11-26T10:00", **FIRST)
    until(found, "12-02T09:00")
    assert wake(found.rules, state_of(found), found.now) == at("12-04T16:00") + MOMENT
    found.rules = with_duties()
    until(found, "12-02T10:00")
    assert [(each.no, each.reported) for each in state_of(found).duties] == [(1, at("11-26T10:00"))]
    assert wake(found.rules, state_of(found), found.now) is None


def test_upcoming_names_the_next_limit_also_when_this_weeks_report_is_made() -> None:
    found = ticket()
    assert upcoming(REPORTING, state_of(found), WEEKLY) == at("11-30T16:00")
    report(found, "11-25T10:00", **FIRST)
    assert upcoming(REPORTING, state_of(found), WEEKLY) == at("12-07T16:00")
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    found.settle()
    assert upcoming(REPORTING, state_of(found), WEEKLY) is None


def test_periods_know_whether_they_were_late() -> None:
    period = Period(step="lapor", stay=1, no=1, every=Limit.model_validate("1 minggu"), since=MONDAY)
    assert not period.late
    assert not period.model_copy(update={"reported": MONDAY}).late
    assert period.model_copy(update={"reported": MONDAY, "due": MONDAY - dt.timedelta(seconds=1)}).late


# what is said -------------------------------------------------------------------------------------------------


def told(found: FakeTicket) -> list[str]:
    return [
        record_words(REPORTING.calendar.zone, each) for each in record(REPORTING, state_of(found), found.now)
    ]


def test_the_record_says_what_came_of_each_period() -> None:
    found = ticket()
    assert told(found) == ["Pelaporan ke-1, batas Sen, 30 Nov 2026 16.00: ditunggu"]
    report(found, "11-25T10:00", **FIRST)
    until(found, "12-15T09:00")
    assert told(found) == [
        "Pelaporan ke-1, batas Sen, 30 Nov 2026 16.00: tepat waktu, Rab, 25 Nov 2026 10.00",
        "Pelaporan ke-2, batas Sen, 7 Des 2026 16.00: tidak ada",
        "Pelaporan ke-3, batas Sen, 14 Des 2026 16.00: belum ada, batasnya sudah lewat",
        "Pelaporan ke-4, batas Sen, 21 Des 2026 16.00: ditunggu",
    ]
    report(found, "12-15T10:00", persen="60", kendala="Tidak ada", bukti="73")
    found.move("teknis-a", "Menunggu Pemohon", permintaan_perbaikan="Mohon akses.")
    found.settle()
    assert told(found)[2:] == [
        "Pelaporan ke-3, batas Sen, 14 Des 2026 16.00: terlambat, Sel, 15 Des 2026 10.00",
        "Pelaporan ke-4: tidak ditagih selama menunggu pemohon",
    ]


def test_the_record_outlives_the_step_and_the_mapping() -> None:
    found = ticket()
    until(found, "12-01T09:00")
    found.move("teknis-a", "Pengesahan", hasil="Beres")
    found.settle()
    assert told(found) == ["Pelaporan ke-1, batas Sen, 30 Nov 2026 16.00: tidak ada"]
    [each] = record(RULES, state_of(found), found.now)
    assert (each.title, each.verdict) == ("lapor", Verdict.MISSED)
