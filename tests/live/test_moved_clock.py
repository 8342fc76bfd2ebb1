"""The service under a clock that is moved: time alone closes a ticket, once, though the worker is killed at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from connector.sop.keys import status_key
from devtools.demo import issue_of, submit
from devtools.people import procedure_of
from devtools.postgres import Postgres
from devtools.requester import Requester
from devtools.stack import Stack
from devtools.walk import EXAMPLES, Walker
from tests.live.moved import Town, town, wib

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with (
        Postgres() as server,
        town(tmp_path_factory.mktemp("waktu"), wib(3, 2, 9), server.create("waktu")) as made,
    ):
        yield made


def test_a_wait_of_a_month_ends_once(place: Town) -> None:
    """SOP Service Desk, step 3: returned on Monday 2 March, one month, so until Thursday 2 April at closing time.

    He is reminded a week and a working day before: on Thursday 26 March and on Wednesday 1 April, at that hour.
    """
    stack = place.stack
    procedure = procedure_of(stack.catalogue, "jabar/service-desk")
    _, number = submit(stack, procedure, Requester(), today=place.clock.now().date())
    issue = issue_of(stack, number)
    walker = Walker(
        procedure, issue, stack.redmine.url, stack.people["jabar"], stack.keys, place.clock.now().date()
    )
    walker.wait_for("Verifikasi kelengkapan")
    place.at(wib(3, 2, 10))
    step = procedure.first_step
    walker.leave(step, "belum-lengkap")
    place.settle()
    place.mails()

    reminder = (
        EXAMPLES["email_pemohon"],
        f"[{number}] Mohon dijawab sebelum Kamis, 2 April 2026 pukul 16.00 WIB",
    )
    for day in (wib(3, 26), wib(4, 1)):
        place.at(day.replace(hour=15, minute=59))
        assert _news(place) == []
        place.at(day.replace(hour=16, second=1))
        assert _news(place) == [reminder]
    place.at(wib(4, 2, 15, 59))
    assert _status(stack, issue) == "Menunggu Pemohon"
    assert _news(place) == []

    with stack.redmine.hanging():  # the worker that takes the ticket waits for Redmine when it is killed
        place.at(wib(4, 2, 16, 0, 1), settled=False)
        place.kill(place.claimed(f"issue:{issue}"))
    place.clock.advance(minutes=4)  # the lease of the dead runs out
    place.settle()
    assert _status(stack, issue) == "Ditutup Tidak Lengkap"
    assert [at for at in _closings(stack, issue) if at < wib(4, 2, 16, 4) or at > wib(4, 2, 16, 6)] == []
    assert len(_closings(stack, issue)) == 1
    desk = [person.mail for person in stack.people["jabar"]["helpdesk"]]
    ours, redmines = f"[{number}] Ditutup karena persyaratan tidak dilengkapi", "(Ditutup Tidak Lengkap)"
    told = _news(place)
    assert [each for each in told if redmines not in each[1]] == sorted(
        (address, ours) for address in (EXAMPLES["email_pemohon"], *desk)
    )
    assert sorted(address for address, subject in told if redmines in subject) == sorted(desk)
    assert place.dead() == []


def _news(place: Town) -> list[tuple[str, str]]:
    """Mails since the last look, without the digests that say each morning that somebody is waited for too long."""
    return [each for each in place.mails() if "] Rekap " not in each[1]]


def _status(stack: Stack, issue: int) -> str:
    name: str = stack.admin.issue(issue)["status"]["name"]
    return name


def _closings(stack: Stack, issue: int) -> list[dt.datetime]:
    """When Redmine says that the ticket was closed."""
    closed = str(stack.keys[status_key("Ditutup Tidak Lengkap")])
    return [
        dt.datetime.fromisoformat(journal["created_on"])
        for journal in stack.admin.issue(issue)["journals"]
        for change in journal["details"]
        if change["name"] == "status_id" and change["new_value"] == closed
    ]
