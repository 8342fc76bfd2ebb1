"""Digests through the worker: once for a person and slot, true when they are sent, and never silently missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import PermanentError, TransientError
from connector.ports import Delivery, DeliveryState, IssueChange, Member, OutgoingMail, SlotState
from connector.supervision.past import ASLEEP
from connector.supervision.service import Supervision, standings
from connector.worker import Worker
from tests.unit.supervision.sample import at
from tests.world import World

HEAD = Member(7, "Bagus Prakoso", "bagus@contoh.id")
CHIEF = Member(8, "Dewi Anggraini", "dewi@contoh.id")


class KilledError(BaseException):
    """The process is gone."""


class Service(World):
    """A world on Friday, 20 November 2026, at nine, with a head and a chief, whose digests begin on Monday."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.clock.now = at(20, 9)
        self.redmine.people = {
            ("unj", "kepala-pustikom"): (HEAD,),
            ("unj", "kadiv-layanan"): (CHIEF, HEAD),
        }
        self.troubles: list[Exception | type[BaseException]] = []
        self.calls = 0
        self.supervision = replace(self.supervision, deliver=self.deliver)
        self.supervision.tick()

    def deliver(self, mail: OutgoingMail) -> None:
        """The mail server; it takes a mail, or fails as `troubles` say."""
        self.calls += 1
        if self.troubles:
            trouble = self.troubles.pop(0)
            if trouble is KilledError:
                self.sent.append(mail)
            raise trouble
        self.sent.append(mail)

    def worker(self, name: str = "satu") -> Worker:
        handlers = {"digest": self.supervision.send, "issue": lambda ref: self.tickets.look(int(ref))}
        handlers["submission"] = self.tickets.forward
        handlers["mail"] = lambda key: self.store.outbox.sent(key, now=self.clock())
        return Worker(name, self.store, handlers, self.clock)

    def drain(self) -> None:
        worker = self.worker()
        while worker.run_once():
            pass

    def late(self, nonce: str = "satu") -> str:
        """A ticket received now, which is late by the next working day."""
        number = self.submit(nonce)
        self.drain()
        return number

    def come(self, day: int, hour: int = 8, minute: int = 0) -> None:
        """It is then; the clock ticks, and what is due is done."""
        self.clock.now = at(day, hour, minute)
        self.supervision.tick()
        self.drain()

    def digests(self, member: Member = HEAD) -> list[OutgoingMail]:
        return [mail for mail in self.sent if mail.to == member.mail]

    def delivery(self, day: int, member: Member = HEAD) -> Delivery:
        rows = self.store.digests.deliveries("unj", at(1))
        [found] = [row for row in rows if row.slot == at(day, 8) and row.person == member.id]
        return found


@pytest.fixture
def service() -> Service:
    return Service()


# when, and for whom -----------------------------------------------------------------------------------------------


def test_each_person_gets_one_on_each_working_day(service: Service) -> None:
    number = service.late()
    service.come(22, 12)  # Sunday
    service.come(23, 7, 59)
    assert service.sent == []
    service.come(23)
    service.come(23, 8, 1)
    service.come(23, 15)
    assert [len(service.digests(each)) for each in (HEAD, CHIEF)] == [1, 1]
    [mail] = service.digests()
    assert number in mail.text
    assert "sebagai Kepala Pustikom, Kepala Divisi Layanan dan Pangkalan Data" in mail.text
    assert service.delivery(23).state is DeliveryState.SENT
    service.come(24)
    assert len(service.digests()) == 2
    assert len({mail.key for mail in service.sent}) == 4


def test_nothing_to_say_is_not_sent(service: Service) -> None:
    service.come(24)
    assert service.sent == []
    assert service.delivery(24).state is DeliveryState.EMPTY


def test_on_monday_it_brings_the_week(service: Service) -> None:
    service.late()
    service.come(23)
    service.come(24)
    monday, tuesday = service.digests()
    assert "Rekap sepekan Senin" in monday.subject
    assert "1 masuk, 0 selesai" in monday.text
    assert "sepekan" not in tuesday.subject
    assert "(sebelumnya 1)" in tuesday.text
    assert "(sebelumnya" not in monday.text


def test_who_is_new_and_who_is_gone(service: Service) -> None:
    service.late()
    service.clock.now = at(23, 8)
    service.supervision.tick()
    service.redmine.people["unj", "kadiv-layanan"] = ()
    service.redmine.people["unj", "kepala-pustikom"] = (replace(HEAD, mail="baru@contoh.id"),)
    service.drain()
    assert [mail.to for mail in service.sent] == ["baru@contoh.id"]
    assert service.delivery(23, CHIEF).state is DeliveryState.EMPTY
    newcomer = Member(9, "Sinta", "sinta@contoh.id")
    service.redmine.people["unj", "kadiv-layanan"] = (newcomer, replace(CHIEF, mail=""))
    service.come(24)
    [mail] = service.digests(newcomer)
    assert "sepekan" not in mail.subject
    assert "tidak terkirim" not in mail.text


def test_a_new_database_begins_with_the_next_slot() -> None:
    fresh = Service()
    fresh.late()
    fresh.clock.now = at(20, 10)
    fresh.supervision.tick()
    fresh.drain()
    assert fresh.sent == []
    assert [each.state for each in fresh.store.digests.slots("unj", at(1))] == [SlotState.BEGUN]
    [office] = fresh.supervision.offices.values()
    assert fresh.supervision.open(office, fresh.clock(), asked=True)
    assert not fresh.supervision.open(office, fresh.clock(), asked=True)


def test_a_day_has_one_slot_though_the_mapping_changes_its_hour(service: Service) -> None:
    service.late()
    service.come(23)
    [place] = service.supervision.offices.values()
    for hour in (10, 9):
        later = place.digests.model_copy(update={"at": dt.time(hour)})
        changed = replace(place, digests=later, timetable=replace(place.timetable, digests=later))
        service.supervision = replace(service.supervision, offices={"unj": changed})
        service.come(23, 11)
        assert len(service.digests()) == 1
        assert standings(service.supervision.offices, service.store, service.clock())[0].missing == 0
    service.come(24, 8, 30)
    assert len(service.digests()) == 1
    service.come(24, 9)
    assert len(service.digests()) == 2
    assert "tidak terkirim" not in service.digests()[1].text


# true when it is sent -----------------------------------------------------------------------------------------------


def test_what_was_mended_before_the_sending_is_not_told(service: Service) -> None:
    mended, left = service.late("satu"), service.late("dua")
    service.troubles = [TransientError("server surat tidak dapat dihubungi (gaierror)")] * 2
    service.come(23)
    assert service.sent == []
    assert service.delivery(23).reason == "server surat tidak dapat dihubungi (gaierror)"
    service.move(mended, "terverifikasi")
    service.clock.now = at(23, 9)
    service.drain()
    for member in (HEAD, CHIEF):
        [mail] = service.digests(member)
        assert left in mail.text
        assert mended not in mail.text
    assert service.delivery(23).reason == ""


def test_what_was_done_a_moment_ago_counts_though_no_worker_has_seen_it(service: Service) -> None:
    moved, noted = service.late("satu"), service.late("dua")
    service.redmine.people["unj", "kadiv-layanan"] = ()
    service.clock.now = at(23, 8)
    service.supervision.tick()
    step = service.procedure.first_step
    target = service.procedure.step(step.outcomes["terverifikasi"].to)
    assert target is not None
    change = service._change(step, {}, target.status or "")
    service.redmine.staff(service.snapshot(moved).issue, "helpdesk", change)
    service.redmine.staff(service.snapshot(noted).issue, "helpdesk", IssueChange(notes="Pemohon menelepon."))
    assert service.worker().run_once()
    [mail] = service.digests()
    assert noted in mail.text
    assert moved not in mail.text
    assert "2 tiket berjalan" in mail.text


def test_a_ticket_that_cannot_be_judged_is_only_named(service: Service) -> None:
    number = service.late()
    snapshot = service.snapshot(number)
    assert snapshot.state is not None
    assert snapshot.state.stay is not None
    lost = snapshot.state.stay.model_copy(update={"step": "langkah-lama"})
    state = snapshot.state.model_copy(update={"stays": (lost,)})
    service.redmine.issues[snapshot.issue] = snapshot.model_copy(update={"state": state})
    service.redmine.staff(snapshot.issue, "helpdesk", IssueChange(notes="Halo"))
    service.come(23)
    [mail] = service.digests()
    assert "BELUM DAPAT DINILAI" in mail.text
    assert mail.text.count(number) == 1
    assert "- Terlambat" not in mail.text


def test_a_ticket_that_was_deleted_is_not_told(service: Service) -> None:
    issue = service.snapshot(service.late()).issue
    service.redmine.staff(issue, "helpdesk", IssueChange(notes="Halo"))
    rows = list(service.redmine.states(open_only=True))
    del service.redmine.issues[issue]
    service.redmine.recent_states = lambda closed_since: rows  # type: ignore[method-assign] # noqa: ARG005
    service.come(23)
    assert service.sent == []


# never twice, never lost ----------------------------------------------------------------------------------------------


def test_several_clocks_open_a_slot_once(service: Service) -> None:
    service.late()
    service.clock.now = at(23, 8)
    for _ in range(3):
        service.supervision.tick()
    assert len([key for key in service.store.jobs if key.startswith("digest:")]) == 2
    service.drain()
    for key in [row.key for row in service.store.digests.deliveries("unj", at(1))]:
        service.supervision.send(key)
    assert len(service.sent) == 2


def test_killed_before_the_mail_server_it_is_made_anew_and_killed_after_it_doubled_alike(
    service: Service,
) -> None:
    service.redmine.people["unj", "kadiv-layanan"] = ()
    service.late()
    service.clock.now = at(23, 8)
    service.supervision.tick()
    recent = service.redmine.recent_states
    service.redmine.recent_states = _killed  # type: ignore[method-assign]
    worker = service.worker()
    with pytest.raises(KilledError):
        worker.run_once()
    service.redmine.recent_states = recent  # type: ignore[method-assign]
    assert not worker.run_once()  # its lease runs
    service.clock.forward(minutes=4)
    service.troubles = [KilledError]
    with pytest.raises(KilledError):
        worker.run_once()
    assert len(service.sent) == 1
    service.clock.forward(minutes=4)
    service.drain()
    first, second = service.digests()
    assert first.key == second.key  # so Message-ID is the same
    service.clock.forward(hours=1)
    service.drain()
    assert len(service.sent) == 2


def _killed(*_: object, **__: object) -> Any:
    raise KilledError


def test_killed_after_it_is_recorded_nothing_is_sent_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.late()
    service.clock.now = at(23, 8)
    service.supervision.tick()
    monkeypatch.setattr(service.store.queue, "finish", _killed)
    with pytest.raises(KilledError):
        service.worker().run_once()
    monkeypatch.undo()
    service.clock.forward(minutes=4)
    service.drain()
    assert len(service.sent) == 2
    assert len({mail.to for mail in service.sent}) == 2


def test_a_slot_is_opened_wholly_or_not_at_all(service: Service) -> None:
    service.late()
    service.redmine.down = True
    service.come(23)
    assert service.store.digests.deliveries("unj", at(1)) == ()
    [_, failed] = service.store.digests.slots("unj", at(1))
    assert (failed.state, failed.reason) == (SlotState.MISSED, "Redmine tidak dapat dihubungi")
    service.redmine.down = False
    service.come(23, 9)
    assert len(service.sent) == 2


# what did not go out --------------------------------------------------------------------------------------------------


def test_after_an_outage_only_the_last_one_comes_and_says_what_is_missing(service: Service) -> None:
    service.late()
    service.come(23)
    service.sent.clear()
    service.come(26)
    [mail] = service.digests()
    days = "Selasa, 24 November 2026 dan Rabu, 25 November 2026"
    assert f"Rekap {days} tidak terkirim karena {ASLEEP}." in mail.text
    service.come(27)
    assert "tidak terkirim" not in service.digests()[1].text


def test_after_an_outage_into_the_weekend_there_is_none_before_monday(service: Service) -> None:
    service.late()
    service.come(23)
    service.sent.clear()
    service.come(28, 10)
    assert service.sent == []
    assert standings(service.supervision.offices, service.store, service.clock())[0].missing == 4
    service.come(30)
    [mail] = service.digests()
    assert (
        "Rekap Selasa, 24 November 2026 sampai Jumat, 27 November 2026 (4 kali) tidak terkirim" in mail.text
    )
    assert "sepekan" in mail.subject
    assert standings(service.supervision.offices, service.store, service.clock())[0].missing == 0


def test_a_mail_server_that_is_away_all_day(service: Service) -> None:
    service.late()
    service.troubles = [TransientError("server surat menunda (451)")] * 400
    service.come(23)
    while service.clock() < at(24, 7, 50):
        service.clock.forward(minutes=10)
        service.drain()
    assert service.sent == []
    assert service.delivery(23).state is DeliveryState.LOST
    service.troubles = []
    service.come(24)
    [mail] = service.digests()
    assert "Rekap Senin, 23 November 2026 tidak terkirim karena server surat menunda (451)." in mail.text
    assert "sepekan" in mail.subject  # the week is still owed
    service.come(25)
    assert "sepekan" not in service.digests()[1].subject


def test_an_address_that_is_refused_stops_nobody_else(service: Service) -> None:
    service.late()
    service.troubles = [PermanentError("server surat menolak (550)")]
    service.come(23)
    assert len(service.sent) == 1
    assert [each.error for each in service.store.queue.dead()] == ["server surat menolak (550)"]
    [found] = standings(service.supervision.offices, service.store, at(23, 9))
    assert (found.missing, found.reasons) == (1, ("server surat menolak (550)",))
    service.come(24)
    assert service.store.queue.dead() == ()
    assert len(service.sent) == 3


def test_a_fault_of_ours_is_told_by_its_name_alone(service: Service) -> None:
    service.late()
    service.troubles = [KeyError("Sari Melati")]
    service.come(23)
    reasons = {row.reason for row in service.store.digests.deliveries("unj", at(1))}
    assert "kesalahan pada konektor (KeyError)" in reasons


def test_what_still_waits_when_the_next_slot_opens_is_lost(service: Service) -> None:
    service.late()
    service.clock.now = at(23, 8)
    service.supervision.tick()
    service.clock.now = at(24, 8)
    service.supervision.tick()
    service.drain()
    assert service.delivery(23).state is DeliveryState.LOST
    [mail] = service.digests()
    assert "Rekap Senin, 23 November 2026 tidak terkirim" in mail.text


TROUBLES = st.sampled_from(["none", "away", "killed", "redmine", "asleep"])


@settings(deadline=None, max_examples=60)
@given(st.lists(TROUBLES, min_size=1, max_size=40))
def test_whatever_goes_wrong_nobody_gets_two_for_a_slot_and_what_is_missing_is_told(wrong: list[str]) -> None:
    service = Service()
    service.late()
    kills = 0
    service.clock.now = at(23, 7, 50)
    for what in wrong:
        service.redmine.down = what == "redmine"
        harms: dict[str, Exception | type[BaseException]] = {
            "away": TransientError("jauh"),
            "killed": KilledError,
        }
        service.troubles = [harms[what]] if what in harms else []
        kills += what == "killed"
        service.clock.forward(minutes=35 if what != "asleep" else 60 * 26)
        if what == "asleep":
            continue
        try:
            service.supervision.tick()
            service.drain()
        except KilledError:
            pass
    service.redmine.down, service.troubles = False, []
    table = next(iter(service.supervision.offices.values())).timetable
    service.clock.now = table.following(service.clock())
    service.supervision.tick()
    service.drain()
    for member in (HEAD, CHIEF):
        keys = [mail.key for mail in service.digests(member)]
        assert len(keys) - len(set(keys)) <= kills
        assert f"digest:unj:{service.clock().astimezone(dt.UTC):%Y%m%dT%H%M%SZ}:{member.id}" in keys
    rows = service.store.digests.deliveries("unj", at(1))
    assert not any(row.state is DeliveryState.WAITING for row in rows)
    assert standings(service.supervision.offices, service.store, service.clock())[0].missing == 0


def test_an_organization_without_digests_has_none(service: Service) -> None:
    quiet: Supervision = replace(service.supervision, offices={})
    service.clock.now = at(24, 8)
    quiet.tick()
    assert standings({}, service.store, service.clock()) == ()
    assert service.store.digests.deliveries("unj", at(1)) == ()
