"""A ticket that waits for its requester too long."""

from __future__ import annotations

import datetime as dt
from copy import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.clocks import MOMENT, ClockKind, clocks, rungs, wake
from connector.engine.effects import AddNote, Effect, NotifyStaff, RecallMail, SendMail
from connector.engine.plan import plan
from connector.engine.progress import Rules
from connector.engine.snapshot import RequesterAction
from connector.engine.state import TicketState
from connector.portal.view import tracking_view
from connector.sop.model import End, Limit, Tell, Unit, Waiting
from tests.small import FRESH, JAKARTA, MONDAY, PROCEDURE, RULES, FakeTicket, key

EXPIRED = End(
    id="tak-lengkap",
    status="Tak Lengkap",
    title="Ditutup karena tidak dilengkapi",
    tell=(Tell(to=("pemohon",), text="Ditutup karena tidak dilengkapi."),),
)
MONTH = Limit(amount=1, unit=Unit.MONTH)


def patient(waiting: Waiting) -> Rules:
    update = {"waiting": waiting, "ends": (*PROCEDURE.ends, EXPIRED)}
    return replace(RULES, procedure=PROCEDURE.model_copy(update=update))


PATIENT = patient(Waiting(limit=MONTH, expires=EXPIRED.id))
#: The same day of the next month, at closing time; a week and a working day before it he is reminded.
LAST = dt.datetime(2026, 12, 23, 16, 0, tzinfo=JAKARTA)
REMINDERS = (LAST - dt.timedelta(days=7), LAST - dt.timedelta(days=1))
SECOND = dt.timedelta(seconds=1)


def waiting(rules: Rules = PATIENT) -> FakeTicket:
    ticket = FakeTicket.new(rules, nama="Sari", email="sari@contoh.id", uraian="mati")
    ticket.settle()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu identitas")
    ticket.settle()
    return ticket


def reminded(rules: Rules = PATIENT) -> FakeTicket:
    """One that was reminded each time."""
    ticket = waiting(rules)
    for instant in REMINDERS:
        ticket.now = instant + SECOND
        ticket.settle()
    return ticket


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def test_the_instant_is_fixed_when_the_wait_begins_and_everybody_is_told() -> None:
    ticket = waiting()
    assert state_of(ticket).expires == LAST
    words = "Rabu, 23 Desember 2026 pukul 16.00 WIB"
    note = next(e for e in ticket.effects if isinstance(e, AddNote) and e.template == "menunggu")
    assert note.data["expires"] == words
    mail = next(e for e in ticket.effects if isinstance(e, SendMail) and e.template == "kabar")
    assert (mail.data["due"], mail.data["expires"]) == (words, True)
    view = tracking_view(PATIENT, ticket.snapshot, (), MONDAY)
    assert view.words.facts == (("Mohon dijawab sebelum", words),)
    assert "permohonan ditutup" in view.words.detail


def test_it_is_closed_once_the_instant_has_passed_and_not_before() -> None:
    ticket = reminded()
    assert plan(PATIENT, ticket.snapshot, LAST).empty
    ticket.now = LAST + SECOND
    effects = ticket.settle()
    assert ticket.status == "status:tak-lengkap"
    state = state_of(ticket)
    assert (state.ended, state.ended_at) == ("tak-lengkap", LAST + dt.timedelta(seconds=1))
    assert (state.stays[-1].outcome, state.stays[-1].by) == ("expire", None)
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert note.data["unanswered"] == "Rabu, 23 Desember 2026 pukul 16.00 WIB"
    assert NotifyStaff() in effects
    [mail] = [effect for effect in effects if isinstance(effect, SendMail)]
    assert (mail.to, mail.data["again"], mail.data["reopen"], mail.data["answered"]) == (
        "sari@contoh.id",
        True,
        "",
        False,
    )
    assert plan(PATIENT, ticket.snapshot, LAST + dt.timedelta(days=9)).empty
    assert tracking_view(PATIENT, ticket.snapshot, (), LAST).words.headline == EXPIRED.title


# reminders ----------------------------------------------------------------------------------------------------


def reminders(effects: list[Effect]) -> list[SendMail]:
    return [effect for effect in effects if isinstance(effect, SendMail) and effect.template == "pengingat"]


def test_a_requester_is_reminded_a_week_and_a_working_day_before_the_end() -> None:
    ticket = waiting()
    for nth, instant in enumerate(REMINDERS):
        assert wake(PATIENT, state_of(ticket), ticket.now) == instant + MOMENT
        ticket.now = instant
        assert ticket.settle() == []
        ticket.now = instant + SECOND
        effects = ticket.settle()
        [mail] = reminders(effects)
        assert mail.to == "sari@contoh.id"
        assert mail.data["until"] == "Rabu, 23 Desember 2026 pukul 16.00 WIB"
        assert (mail.data["request"], mail.data["put_off"]) == ("kartu identitas", False)
        assert [e.data["mailed"] for e in effects if isinstance(e, AddNote)] == [True]
        assert NotifyStaff() not in effects
        assert len(state_of(ticket).rungs) == nth + 1
        assert ticket.settle() == []
    assert wake(PATIENT, state_of(ticket), ticket.now) == LAST + MOMENT
    assert len({mail.key for mail in reminders(ticket.effects)}) == 2


def test_of_a_wait_that_ends_on_monday_the_last_reminder_is_on_friday() -> None:
    ticket = FakeTicket.new(PATIENT, nama="Sari", email="sari@contoh.id", uraian="mati")
    ticket.now = MONDAY + dt.timedelta(days=5, hours=5)  # a Saturday; a month later is a Monday
    ticket.settle()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    [clock] = [each for each in clocks(PATIENT, state_of(ticket)) if each.kind is ClockKind.ANSWER]
    assert clock.due == dt.datetime(2026, 12, 28, 16, 0, tzinfo=JAKARTA)
    assert [rung.at for rung in rungs(PATIENT, clock)] == [
        dt.datetime(2026, 12, 21, 16, 0, tzinfo=JAKARTA),
        dt.datetime(2026, 12, 25, 16, 0, tzinfo=JAKARTA),
    ]


@pytest.mark.parametrize(
    ("limit", "remind", "days"),
    [
        ("1 bulan", None, [7, 1]),
        ("2 minggu", None, [7, 3]),  # the end is on a Monday
        ("1 minggu", None, [3]),
        ("2 hari kerja", None, [1]),
        ("1 hari kerja", None, []),
        ("4 jam", None, []),
        ("1 bulan", ("2 minggu", "3 hari kerja"), [14, 5]),
        ("1 bulan", (), []),
    ],
)
def test_reminders_come_only_where_the_wait_is_long_enough(
    limit: str, remind: tuple[str, ...] | None, days: list[int]
) -> None:
    given = {"limit": limit, "expires": EXPIRED.id} | ({} if remind is None else {"remind": remind})
    rules = patient(Waiting.model_validate(given))
    ticket = waiting(rules)
    until = state_of(ticket).expires
    assert until is not None
    found = []
    while ticket.status != "status:tak-lengkap":
        woken = wake(rules, state_of(ticket), ticket.now)
        assert woken is not None
        ticket.now = woken
        found += [(until.date() - woken.date()).days for _ in reminders(ticket.settle())]
    assert found == days
    assert until < ticket.now < until + dt.timedelta(minutes=5)


def test_who_has_no_address_is_to_be_called() -> None:
    ticket = FakeTicket.new(PATIENT, nama="Sari", email="-", uraian="mati")
    ticket.settle()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu", email="")
    ticket.settle()
    ticket.now = REMINDERS[0] + SECOND
    effects = ticket.settle()
    assert reminders(effects) == []
    assert [e.data["mailed"] for e in effects if isinstance(e, AddNote)] == [False]
    assert NotifyStaff() in effects


def test_who_has_answered_is_reminded_of_nothing_and_an_unsent_reminder_is_recalled() -> None:
    ticket = waiting()
    ticket.now = REMINDERS[0] + SECOND
    [mail] = reminders(ticket.settle())
    ticket.now = REMINDERS[1] + SECOND
    ticket.act(answer(REMINDERS[1] - SECOND))
    effects = ticket.settle()
    assert reminders(effects) == []
    assert RecallMail(keys=(mail.key,)) in effects
    ticket.now = LAST + dt.timedelta(days=3)
    assert reminders(ticket.settle()) == []
    assert ticket.status == "status:pemeriksaan"


# after an outage ------------------------------------------------------------------------------------------------


def test_after_an_outage_only_the_latest_reminder_is_sent() -> None:
    ticket = waiting()
    ticket.now = REMINDERS[1] + dt.timedelta(minutes=10)
    [mail] = reminders(ticket.settle())
    assert mail.data["put_off"] is False
    assert state_of(ticket).expires == LAST
    ticket.now = LAST + SECOND
    ticket.settle()
    assert ticket.status == "status:tak-lengkap"


def test_a_last_reminder_that_comes_late_leaves_a_working_day() -> None:
    ticket = waiting()
    ticket.now = dt.datetime(2026, 12, 23, 10, 0, tzinfo=JAKARTA)  # six hours before the end
    [mail] = reminders(ticket.settle())
    later = dt.datetime(2026, 12, 24, 16, 0, tzinfo=JAKARTA)
    assert mail.data["put_off"] is True
    assert mail.data["until"] == "Kamis, 24 Desember 2026 pukul 16.00 WIB"
    assert state_of(ticket).expires == later
    ticket.now = LAST + SECOND
    assert ticket.settle() == []
    ticket.now = later + SECOND
    ticket.settle()
    assert ticket.status == "status:tak-lengkap"


def test_nobody_is_closed_without_the_last_reminder() -> None:
    ticket = waiting()
    ticket.now = LAST + dt.timedelta(
        days=5
    )  # Monday the 28th; the service was away since before the first one
    effects = ticket.settle()
    assert len(reminders(effects)) == 1
    assert ticket.status == "status:menunggu-pemohon"
    later = dt.datetime(2026, 12, 29, 16, 0, tzinfo=JAKARTA)
    assert state_of(ticket).expires == later
    # what he sends now counts, although the first end has passed
    kept = copy(ticket)
    kept.act(answer(later - SECOND))
    kept.now = later + SECOND
    kept.settle()
    assert kept.status == "status:pemeriksaan"
    ticket.now = later + SECOND
    assert reminders(ticket.settle()) == []
    assert ticket.status == "status:tak-lengkap"


def test_what_came_during_the_outage_counts_although_the_end_had_passed() -> None:
    ticket = waiting()
    ticket.now = LAST + dt.timedelta(days=5)
    ticket.act(answer(LAST + dt.timedelta(days=1)))  # no reminder had gone out
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert reminders(effects) == []


# answers ------------------------------------------------------------------------------------------------------


def answer(at: dt.datetime, ref: str = "a", **fields: str) -> RequesterAction:
    return RequesterAction(key=ref, kind="correction", number=FRESH.number, at=at, fields=fields)


@pytest.mark.parametrize("early", [dt.timedelta(), SECOND, dt.timedelta(minutes=1)])
def test_who_answers_up_to_the_last_moment_keeps_his_ticket(early: dt.timedelta) -> None:
    ticket = reminded()
    ticket.now = LAST + dt.timedelta(minutes=5)
    ticket.act(answer(LAST - early))
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert state_of(ticket).expires is None


def test_who_answers_later_is_too_late_even_if_nobody_had_looked_and_what_he_sent_is_kept() -> None:
    ticket = reminded()
    ticket.now = LAST + dt.timedelta(minutes=5)
    ticket.act(answer(LAST + SECOND, uraian="mati total"))
    ticket.act(answer(LAST + 2 * SECOND, ref="b", nama="Sari Melati"))
    effects = ticket.settle()
    assert ticket.status == "status:tak-lengkap"
    assert ticket.snapshot.fields[key("uraian")] == "mati total"
    assert ticket.snapshot.fields[key("nama")] == "Sari Melati"
    [mail] = [effect for effect in effects if isinstance(effect, SendMail)]
    assert mail.data["answered"] is True
    assert [e.data["late"] for e in effects if isinstance(e, AddNote) and e.template == "pemohon"] == [
        True,
        True,
    ]
    assert ticket.snapshot.actions == ()


def test_what_staff_do_counts_as_long_as_the_ticket_waits_in_redmine() -> None:
    ticket = reminded()
    ticket.now = LAST + dt.timedelta(minutes=5)
    ticket.move("meja", "Dilanjutkan")  # he called
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"


@settings(max_examples=80, deadline=None)
@given(
    sent=st.integers(-14 * 24 * 60, 60),
    looks=st.lists(st.integers(-14 * 24 * 60, 3 * 24 * 60), max_size=6),
)
def test_an_answer_in_time_counts_whenever_the_connector_looks(sent: int, looks: list[int]) -> None:
    """Minutes from the end. Instants judge whoever was reminded in time; nobody is closed unreminded."""
    ticket = waiting()
    at = LAST + dt.timedelta(minutes=sent)
    acted = False
    for minute in [*sorted(looks), 8 * 24 * 60]:
        now = LAST + dt.timedelta(minutes=minute)
        if now >= at and not acted and ticket.status == "status:menunggu-pemohon":
            ticket.now, acted = at, True
            ticket.act(answer(at))
        ticket.now = max(ticket.now, now)
        ticket.settle()
    mails = reminders(ticket.effects)
    if sent <= 0 and acted:
        assert ticket.status == "status:pemeriksaan"
    if ticket.status == "status:tak-lengkap":
        assert mails
        assert state_of(ticket).rungs[-1].endswith("1-hari-kerja-sebelum")


def test_a_second_wait_has_an_instant_of_its_own() -> None:
    ticket = waiting()
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    ticket.now = MONDAY + dt.timedelta(days=7)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="lagi")
    ticket.settle()
    assert state_of(ticket).expires == LAST + dt.timedelta(days=7)


def test_nobody_but_the_connector_makes_that_move() -> None:
    ticket = waiting()
    ticket.move("meja", "Tak Lengkap")
    effects = ticket.settle()
    assert ticket.status == "status:menunggu-pemohon"
    assert [e.template for e in effects if isinstance(e, AddNote)] == ["dikembalikan"]


def test_a_procedure_without_such_a_limit_waits_for_ever() -> None:
    ticket = waiting(RULES)
    assert state_of(ticket).expires is None
    assert plan(RULES, ticket.snapshot, MONDAY + dt.timedelta(days=4000)).empty


def test_a_ticket_that_waits_since_before_there_was_a_limit_is_not_closed() -> None:
    ticket = waiting(RULES)
    later = plan(PATIENT, ticket.snapshot, MONDAY + dt.timedelta(days=4000))
    assert later.state is None or later.state.ended is None
