"""The one mail that warns a person of all his tickets, and who gets it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from connector.engine.effects import Addressee
from connector.engine.snapshot import Assignee, RequesterAction
from connector.ports import IssueChange, Job, Member, OutgoingMail
from connector.warning import GATHER, MANY, PATIENCE, reached
from tests.fakes import FakeRedmine, FakeWarnings
from tests.world import MONDAY, World, rules_of_all

HANA = Member(11, "Hana Helpdesk", "hana@contoh.id")
HADI = Member(12, "Hadi Helpdesk", "hadi@contoh.id")
KADIV = Member(13, "Kadi Kadiv", "kadiv@contoh.id")
KEPALA = Member(14, "Kepala", "kepala@contoh.id")
PENGELOLA = Member(15, "Pengelola", "pengelola@contoh.id")
PEOPLE = {
    ("unj", "helpdesk"): (HANA, HADI),
    ("unj", "kadiv-layanan"): (KADIV,),
    ("unj", "kepala-pustikom"): (KEPALA,),
    ("unj", "pengelola-sop"): (PENGELOLA,),
}
#: The first step has 30 minutes: at 9:22:30 three quarters of them are used, at 9:30 all.
NEAR, LATE = MONDAY + dt.timedelta(minutes=24), MONDAY + dt.timedelta(minutes=32)


@pytest.fixture
def world() -> World:
    made = World()
    made.redmine.people.update(PEOPLE)
    return made


def tickets(world: World, count: int) -> list[str]:
    before = len(world.redmine.issues)
    numbers = [world.submit(f"n{before + each}") for each in range(count)]
    world.work()
    return numbers


def warnings(world: World) -> list[OutgoingMail]:
    return [mail for mail in world.sent if mail.key.startswith("warn:")]


def claimed(world: World) -> Job | None:
    return world.store.queue.claim("x", now=world.clock(), lease=dt.timedelta(hours=1))


def ring(world: World, now: dt.datetime) -> None:
    """Time has passed: the tickets are looked at, and the mails still gather."""
    world.clock.now = now
    world.poller.ring()
    world.work()


def test_whoever_has_it_is_warned_once_on_each_rung(world: World) -> None:
    [number] = tickets(world, 1)
    world.until(LATE)
    subjects = [(mail.to, mail.subject) for mail in warnings(world)]
    assert subjects == [
        (to, f"[{number}] {said}: Verifikasi identitas")
        for said in ("Sisa 6 menit", "Terlambat 2 menit")
        for to in ("hana@contoh.id", "hadi@contoh.id")
    ]
    world.until(LATE + dt.timedelta(hours=1))
    assert len(warnings(world)) == 4


def test_of_many_tickets_a_person_gets_one_mail_the_latest_first(world: World) -> None:
    first = tickets(world, 2)
    world.clock.forward(minutes=6)
    second = tickets(world, 1)
    ring(world, LATE)
    assert warnings(world) == []
    world.until(LATE + dt.timedelta(minutes=1))
    mails = warnings(world)
    assert [mail.to for mail in mails] == ["hana@contoh.id", "hadi@contoh.id"]
    for mail in mails:
        assert mail.subject == "[Pustikom UNJ] 2 tiket terlambat, 1 tiket mendekati batas waktu"
        places = [mail.text.index(f"{number}:") for number in (*first, *second)]
        assert places == sorted(places)
        for number in (*first, *second):
            assert f"http://redmine.contoh.id/issues/{world.snapshot(number).issue}" in mail.html
            assert world.link(number) not in mail.text  # the requester's secret


def test_after_an_outage_one_mail_tells_of_the_highest_rung_to_its_roles(world: World) -> None:
    tickets(world, 3)
    ring(world, MONDAY + dt.timedelta(days=3))
    world.until(world.clock() + dt.timedelta(minutes=2))
    mails = warnings(world)
    assert sorted(mail.to for mail in mails) == ["hadi@contoh.id", "hana@contoh.id", "kadiv@contoh.id"]
    assert {mail.subject for mail in mails} == {"[Pustikom UNJ] 3 tiket terlambat"}


def test_an_outage_that_begins_while_a_mail_is_gathered_ends_with_one_mail(world: World) -> None:
    """Three quarters were used, then the service was away until the limit had passed and one working day more."""
    [number] = tickets(world, 1)
    ring(world, NEAR)
    ring(world, MONDAY + dt.timedelta(days=3))
    world.until(world.clock() + dt.timedelta(minutes=2))
    mails = warnings(world)
    assert sorted(mail.to for mail in mails) == ["hadi@contoh.id", "hana@contoh.id", "kadiv@contoh.id"]
    assert {mail.subject for mail in mails} == {
        f"[{number}] Terlambat 2 hari kerja 6 jam: Verifikasi identitas"
    }


def test_a_ticket_that_moved_on_while_the_mail_was_gathered_is_left_out(world: World) -> None:
    moved, left = tickets(world, 2)
    ring(world, LATE)
    world.clock.forward(seconds=-25 * 60)  # the move is made at once
    world.move(moved, "terverifikasi")
    world.until(LATE + dt.timedelta(minutes=1))
    for mail in warnings(world):
        assert moved not in mail.text
        assert left in mail.text


def test_a_move_that_no_look_has_seen_is_seen_before_the_mail_goes(world: World) -> None:
    [number] = tickets(world, 1)
    ring(world, LATE)
    issue = world.snapshot(number).issue
    change = IssueChange(status="status:menunggu-pemohon", fields={"field:bersama:permintaan_perbaikan": "x"})
    world.redmine.staff(issue, "helpdesk", change)
    world.until(LATE + dt.timedelta(minutes=3))
    state = world.snapshot(number).state
    assert state is not None
    assert state.sla == "Ditunda"
    assert warnings(world) == []
    assert isinstance(world.store.warnings, FakeWarnings)
    assert {kept for kept, _ in world.store.warnings.rows.values()} == {"sent"}


def test_a_mail_does_not_wait_for_a_note_that_changes_nothing(world: World) -> None:
    [number] = tickets(world, 1)
    world.redmine.staff(world.snapshot(number).issue, "helpdesk", IssueChange(notes="Pemohon menelepon."))
    ring(world, NEAR)
    world.until(NEAR + dt.timedelta(minutes=1))
    assert len(warnings(world)) == 2
    world.redmine.staff(world.snapshot(number).issue, "helpdesk", IssueChange(notes="Sekali lagi."))
    world.until(LATE)
    assert len(warnings(world)) == 4


def test_what_the_requester_has_asked_for_is_done_before_the_mail_goes(world: World) -> None:
    [number] = tickets(world, 1)
    ring(world, LATE)
    issue = world.snapshot(number).issue
    action = RequesterAction(key="k", kind="withdraw", number=number, at=world.clock())
    world.store.submissions.add_action(action, (), issue=issue, now=world.clock())
    world.until(LATE + dt.timedelta(minutes=3))
    assert warnings(world) == []


def test_somebody_who_takes_the_ticket_meanwhile_is_the_only_one_told(world: World) -> None:
    [number] = tickets(world, 1)
    ring(world, LATE)
    issue = world.snapshot(number).issue
    taken = Assignee(id=12, name="Hadi Helpdesk", is_group=False, roles=frozenset({"helpdesk"}))
    world.redmine.issues[issue] = world.redmine.issues[issue].model_copy(update={"assignee": taken})
    world.until(LATE + dt.timedelta(minutes=1))
    [mail] = warnings(world)
    assert mail.to == "hadi@contoh.id"
    assert "Dipegang Anda" in mail.text


def test_a_role_without_people_is_answered_for_by_those_who_may_override(world: World) -> None:
    world.redmine.people.pop(("unj", "helpdesk"))
    tickets(world, 1)
    world.until(NEAR)
    assert [mail.to for mail in warnings(world)] == ["pengelola@contoh.id"]


def test_with_nobody_there_at_all_time_goes_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.redmine.people.clear()
    [number] = tickets(world, 1)
    world.until(LATE)
    assert warnings(world) == []
    state = world.snapshot(number).state
    assert state is not None
    assert state.sla == "Terlambat"
    assert "nobody to warn" in caplog.text


def test_a_mail_waits_while_many_tickets_are_still_to_be_looked_at_but_not_for_ever(world: World) -> None:
    tickets(world, 1)
    ring(world, NEAR)
    world.clock.forward(seconds=GATHER.total_seconds())
    for each in range(2 * MANY):
        world.store.queue.put(f"issue:{900 + each}", now=world.clock())
    job = next(job for job in iter(lambda: claimed(world), None) if job.key == "warn:11")
    world.warner.deliver(job.ref)
    world.store.queue.finish(job)
    assert len(world.store.warnings.ready(11)) == 1
    assert world.store.jobs["warn:11"].run_at == world.clock() + GATHER
    world.clock.forward(seconds=PATIENCE.total_seconds())
    world.warner.deliver("11")
    assert world.store.warnings.ready(11) == ()


def test_nothing_is_sent_twice_by_two_workers(world: World) -> None:
    tickets(world, 1)
    ring(world, NEAR)
    world.clock.forward(seconds=60)
    world.warner.deliver("11")
    world.warner.deliver("11")
    world.work()
    assert [mail.to for mail in warnings(world)].count("hana@contoh.id") == 1


def test_words_say_how_late_and_what_is_left(world: World) -> None:
    [number] = tickets(world, 1)
    ring(world, NEAR)
    world.until(NEAR + dt.timedelta(minutes=1))
    near = warnings(world)[0]
    assert f"{number}: SISA 5 menit" in near.text
    assert "Batas waktu Senin, 23 November 2026 pukul 09.30 WIB" in near.text
    assert "Dipegang Helpdesk Pustikom" in near.text
    ring(world, MONDAY + dt.timedelta(days=2, hours=3))
    world.until(world.clock() + dt.timedelta(minutes=1))
    assert f"{number}: TERLAMBAT 2 hari kerja 2 jam" in warnings(world)[-1].text


def test_the_rest_of_very_many_is_only_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.warning.LISTED", 2)
    numbers = tickets(world, 5)
    world.until(NEAR)
    mail = warnings(world)[0]
    assert "5 tiket mendekati batas waktu" in mail.subject
    assert "Masih ada 3 tiket lain" in mail.text
    assert sum(number in mail.text for number in numbers) == 2


# who is reached ---------------------------------------------------------------------------------------------------

UNJ = rules_of_all()["unj/permohonan-layanan-teknis"].organization


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (Addressee(role="helpdesk"), {11, 12}),
        (Addressee(role="helpdesk", person=12, roles=("helpdesk",)), {12}),
        (Addressee(role="helpdesk", person=13, roles=("kadiv-layanan",)), {13}),
        (Addressee(role="helpdesk", person=99, roles=("helpdesk",)), {11, 12}),  # he has left
        (Addressee(role="helpdesk", person=99), {11, 12}),
        (Addressee(role="tim-teknis"), {15}),
        (Addressee(role=None, person=99), {15}),
    ],
)
def test_who_is_reached(world: World, to: Addressee, expected: set[int]) -> None:
    assert set(reached(world.redmine, UNJ, [to])) == expected


def test_somebody_without_an_address_is_not_reached(world: World) -> None:
    nameless: FakeRedmine = world.redmine
    nameless.people[("unj", "helpdesk")] = (replace(HANA, mail=""), HADI)
    assert set(reached(nameless, UNJ, [Addressee(role="helpdesk")])) == {12}
    nameless.people[("unj", "helpdesk")] = (replace(HANA, mail=""),)
    assert set(reached(nameless, UNJ, [Addressee(role="helpdesk")])) == {15}


TONI = Member(21, "Toni Tim", "toni@contoh.id")
KORI = Member(22, "Kori Koordinator", "kori@contoh.id")


def test_a_report_that_is_due_is_named_with_its_number_and_a_ticket_counts_once() -> None:
    """POS 100b: the step and its first weekly report are due at the same instant."""
    world = World(key="unj/pengaduan-masalah-si")
    team = {("unj", "tim-programmer"): (TONI,), ("unj", "koordinator-programmer"): (KORI,)}
    world.redmine.people.update(PEOPLE | team)
    number = world.submit(identitas="198001012005011001")
    world.work()
    world.walk(number, "penanganan-lokal")
    assert world.clock() < MONDAY + dt.timedelta(hours=7)
    before = len(warnings(world))
    friday, monday = MONDAY + dt.timedelta(days=4, hours=7), MONDAY + dt.timedelta(days=7, hours=7)
    for instant in (friday, monday):
        ring(world, instant + dt.timedelta(seconds=1))
        world.until(instant + dt.timedelta(minutes=2))
    told = [mail for mail in warnings(world)[before:] if mail.to == TONI.mail]
    assert "19. Pelaporan progres ke-1" in told[-2].text
    assert "Sisa 7 jam" in told[-2].html
    assert "19. Pelaporan progres ke-1" in told[-1].text
    assert "18. Penanganan lokal" in told[-1].text
    assert told[-1].text.startswith("Satu tiket")
    coordinator = [mail for mail in warnings(world)[before:] if mail.to == KORI.mail]
    assert [("ke-1" in mail.text, "18. Penanganan lokal" in mail.text) for mail in coordinator] == [
        (True, False)
    ]
