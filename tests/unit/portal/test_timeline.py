"""What a requester reads of his ticket's time: when each step is expected, why a date moved, what waited for him."""

from __future__ import annotations

import datetime as dt

from connector.portal.timeline import Row
from connector.portal.view import TrackingView, tracking_view
from tests.small import FakeTicket
from tests.unit.engine.test_ledger import FILLED, WORKING
from tests.unit.engine.test_projection import at, closed, rules
from tests.world import World

ESTIMATE = (
    "Tanggal langkah berikutnya adalah perkiraan; bila sebuah langkah selesai lebih cepat, semuanya maju."
)


def seen(ticket: FakeTicket, now: dt.datetime | None = None) -> TrackingView:
    return tracking_view(ticket.rules, ticket.snapshot, (), now or ticket.now)


def row(view: TrackingView, title: str) -> Row:
    return next(each for each in (*view.way.rows, *view.way.later) if each.title == title)


def test_each_step_that_comes_has_the_day_by_which_it_is_expected() -> None:
    view = seen(FakeTicket.at(WORKING, **FILLED))
    assert (row(view, "Pengesahan").when, row(view, "Pengesahan").limit) == (
        "paling lambat 26 November 2026",
        "",
    )
    assert row(view, "Penerimaan").when == "paling lambat 30 November 2026"
    assert view.way.notes == (ESTIMATE,)


def test_a_late_step_pushes_what_comes() -> None:
    view = seen(FakeTicket.at(WORKING, **FILLED), at(30, "10:00"))
    assert row(view, "Pengesahan").when == "paling lambat 1 Desember 2026"


def test_a_limit_that_moved_says_from_where_and_why() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    assert seen(ticket).words.note == ""
    ticket.rules = rules(**closed("2026-11-24"))
    ticket.settle()
    view = seen(ticket)
    assert view.words.facts[-1] == ("Selesai paling lambat", "Kamis, 26 November 2026 pukul 16.00 WIB")
    assert view.words.note == (
        "Semula paling lambat Rabu, 25 November 2026; bergeser karena libur Dies natalis pada "
        "Selasa, 24 November 2026."
    )
    ticket.rules = rules(**closed("2026-11-24", "2026-11-25"))
    ticket.settle()
    assert seen(ticket).words.note.endswith(
        "karena libur Dies natalis pada Selasa, 24 November 2026; libur Dies natalis pada Rabu, 25 November 2026."
    )


def test_the_time_that_it_waited_for_him_is_told_and_its_sum_when_there_was_more_than_one() -> None:
    ticket = FakeTicket.at()
    for day in (23, 25):
        ticket.now = at(day, "09:09")
        ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
        ticket.settle()
        waiting = seen(ticket, at(day, "12:00"))
        assert row(waiting, "Pemeriksaan").waits[-1].startswith("menunggu Anda sejak ")
        # nobody can tell how long he takes
        assert [each.when for each in waiting.way.rows if each.state == "nanti"] == ["", "", ""]
        assert row(waiting, "Pengesahan").limit == "paling lama 1 hari kerja"
        ticket.now = at(day + 1, "10:09")
        ticket.move("meja", "Dilanjutkan")
        ticket.settle()
    view = seen(ticket)
    assert row(view, "Pemeriksaan").waits == ("menunggu Anda 1 hari 1 jam (tidak dihitung)",) * 2
    assert view.way.notes == ("Menunggu Anda 2 kali, seluruhnya 2 hari 2 jam.", ESTIMATE)


def test_no_name_of_staff_is_on_the_page() -> None:
    world = World()
    number = world.submit()
    world.work()
    world.walk(number, "pelaksanaan")
    world.close(world.clock().date() + dt.timedelta(days=1), "Dies Natalis")
    client = world.app().test_client()
    client.get(f"/lacak/{number}?t={world.token(number)}")
    page = client.get(f"/lacak/{number}").text
    assert "bergeser karena libur Dies Natalis" in page
    assert "Petugas" not in page.replace("Petugas akan", "")
