"""What a requester reads who does not answer: the reminders, and the notice that his ticket was closed."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.engine.snapshot import RequesterAction
from connector.ports import OutgoingMail
from tests.world import World

REQUEST = "Surat pengantar belum ditandatangani.\nMohon unggah yang sudah bertanda tangan."
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return World(profile="jabar", key="jabar/service-desk")


def asked(world: World) -> tuple[str, dt.datetime]:
    """A ticket whose requester was asked for papers, and until when he may answer."""
    number = world.submit()
    world.work()
    world.move(number, "belum-lengkap", permintaan_perbaikan=REQUEST)
    return number, until(world, number)


def until(world: World, number: str) -> dt.datetime:
    state = world.snapshot(number).state
    assert state is not None
    assert state.expires is not None
    return state.expires


def at(world: World, instant: dt.datetime) -> list[OutgoingMail]:
    """What goes out at this instant."""
    before = len(world.sent)
    world.clock.now = instant
    world.poller.ring()
    world.work()
    return world.sent[before:]


def test_a_reminder_says_what_is_missing_until_when_and_where(world: World) -> None:
    number, end = asked(world)
    for days in (7, 1):
        [mail] = at(world, end - dt.timedelta(days=days) + SECOND)
        assert mail.subject == f"[{number}] Mohon dijawab sebelum Rabu, 23 Desember 2026 pukul 16.00 WIB"
        assert REQUEST in mail.text
        assert "Mohon unggah yang sudah bertanda tangan." in mail.html
        assert world.link(number) in mail.text
        assert "Jawab sekarang" in mail.html
        assert "Tanpa jawaban sampai saat itu, permohonan ditutup." in mail.text


def test_the_notice_of_closing_says_how_to_go_on(world: World) -> None:
    number, end = asked(world)
    at(world, end - dt.timedelta(days=1) + SECOND)
    [mail] = at(world, end + SECOND)
    assert mail.subject == f"[{number}] Ditutup karena persyaratan tidak dilengkapi"
    # 14 working days from the 23rd on, without Christmas, New Year and Isra Mikraj on 5 January
    form = "http://127.0.0.1:8000/layanan/jabar/service-desk"
    assert form in mail.text
    assert f'href="{form}"' in mail.html
    assert (
        "Sampai Senin, 18 Januari 2027 pukul 16.00 WIB permohonan ini masih dapat kami buka kembali"
        in mail.text
    )
    assert "diskominfo@jabarprov.go.id" in mail.html
    assert world.link(number) in mail.text
    assert "Jawaban Anda" not in mail.text


def test_who_answered_too_late_reads_that_it_is_kept(world: World) -> None:
    number, end = asked(world)
    at(world, end - dt.timedelta(days=1) + SECOND)
    world.clock.now = end + SECOND
    late = RequesterAction(
        key="k", kind="correction", number=number, at=world.clock(), fields={"uraian_permintaan": "lengkap"}
    )
    issue = world.snapshot(number).issue
    world.store.submissions.add_action(late, (), issue=issue, now=world.clock())
    before = len(world.sent)
    world.work()
    [mail] = world.sent[before:]
    assert "Jawaban Anda kami terima sesudah batas itu. Yang Anda kirim tersimpan" in mail.text
    assert "tersimpan pada permohonan ini" in mail.html


def test_a_reminder_that_comes_late_says_that_the_end_was_put_off(world: World) -> None:
    number, end = asked(world)
    [mail] = at(world, end + dt.timedelta(hours=3))
    assert until(world, number) == dt.datetime.fromisoformat("2026-12-28T16:00:00+07:00")
    assert "batasnya kami undur sampai saat itu" in mail.text
    assert "batasnya kami undur sampai saat itu" in mail.html
    assert "Senin, 28 Desember 2026" in mail.subject


def test_a_reminder_that_the_mail_server_did_not_take_yet_is_recalled_by_the_answer(world: World) -> None:
    number, end = asked(world)
    issue = world.snapshot(number).issue
    world.clock.now = end - dt.timedelta(days=1) + SECOND
    world.tickets.look(issue)  # the mail waits for its server
    state = world.snapshot(number).state
    assert state is not None
    [key] = [each for each in state.notices if ":ingat:" in each]
    assert world.store.outbox.mail(key) is not None
    action = RequesterAction(key="k", kind="correction", number=number, at=world.clock())
    world.store.submissions.add_action(action, (), issue=issue, now=world.clock())
    world.tickets.look(issue)
    assert world.store.outbox.mail(key) is None
    before = len(world.sent)
    world.work()
    assert [mail for mail in world.sent[before:] if "Mohon dijawab" in mail.subject] == []
