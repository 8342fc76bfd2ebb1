"""The supervisors' digest on a real Redmine, by a real mail server, with the connector's clock ahead."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

import pytest

from connector.bootstrap import Application
from connector.ports import DeliveryState
from connector.settings import SERVICE, Settings
from connector.supervision.offices import Office
from connector.supervision.service import standings
from devtools.mail import MailCatcher, text_of
from devtools.people import Api
from devtools.postgres import Postgres
from devtools.stack import ROOT
from devtools.walk import Walker
from tests.live.conftest import free_port
from tests.live.service import CountingGateway, Service

pytestmark = pytest.mark.live

HEAD, CHIEF, OTHER = "kepala-pustikom", "kadiv-layanan", "kadiv-pengembangan"


@dataclass
class Desk:
    """A connector that does nothing but digests, with a database and a mail server of its own, and its own time."""

    service: Service
    database: str
    folder: Path
    port: int = field(default_factory=free_port)
    now: dt.datetime = field(init=False)
    applications: list[Application] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.slot(self.application())

    def application(self) -> Application:
        """One of its processes."""
        environment = {
            **self.service.environment,
            "SOP_DATABASE_URL": self.database,
            "SOP_SMTP_URL": f"smtp://127.0.0.1:{self.port}",
            "SOP_PROFILES": "unj",
        }
        application = Application(Settings.load(environment, SERVICE), clock=lambda: self.now)
        gateway = CountingGateway(
            application.settings.redmine_url,
            application.settings.redmine_api_key.get_secret_value(),
            application.catalogue,
        )
        gateway.calls = []
        application.__dict__["redmine"] = gateway
        application.store.migrate()
        self.applications.append(application)
        return application

    def close(self) -> None:
        for each in self.applications:
            each.store.close()

    @staticmethod
    def slot(application: Application) -> dt.datetime:
        """The next weekly slot whose week has today in it."""
        table = application.offices["unj"].timetable
        today = dt.datetime.now(dt.UTC)
        slot = table.weekly(today)
        while not table.week(slot)[0] <= table.day(today) <= table.week(slot)[1]:
            slot = next(
                each for each in table.between(slot, slot + dt.timedelta(30)) if table.weekly(each) == each
            )
        return slot

    def begin(self, application: Application) -> None:
        """The service ran the day before; now it is seven hours after the slot, and every ticket of today is late."""
        slot = self.now
        self.now = slot - dt.timedelta(seconds=1)
        application.supervision.tick()
        self.now = slot.replace(hour=15)
        application.supervision.tick()

    def work(self, application: Application) -> None:
        """All that is due."""
        worker = application.worker()
        while worker.run_once():
            pass

    @cached_property
    def mail(self) -> MailCatcher:
        """The mail server, which listens while it is open."""
        return MailCatcher(self.folder / "surat", self.port)

    def digests(self, role: str) -> list[EmailMessage]:
        return self.mail.to(self.person(role))

    def person(self, role: str) -> str:
        return self.service.stack.people["unj"][role][0].mail


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, service: Service, tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as opened:
        database = f"sqlite:///{tmp_path}/rekap.db"
        if request.param == "postgresql":
            database = opened.enter_context(Postgres()).create("rekap")
        desk = Desk(service, database, tmp_path)
        opened.callback(desk.close)
        yield desk


@pytest.fixture
def app(service: Service) -> Iterator[Application]:
    application = service.here()
    yield application
    application.store.close()


def number_of(service: Service, walker: Walker) -> str:
    number: str = service.state(walker.issue)["number"]
    return number


def refuse(walker: Walker, service: Service) -> None:
    walker.leave(service.procedure.first_step, "ditolak")


def test_what_is_late_is_told_and_what_was_mended_before_the_sending_is_not(
    service: Service, app: Application, desk: Desk
) -> None:
    left, mended, fresh = (service.ticket(app)[0] for _ in range(3))
    numbers = {
        name: number_of(service, each)
        for name, each in (("left", left), ("mended", mended), ("fresh", fresh))
    }
    before = {each.issue: len(service.stack.admin.issue(each.issue)["journals"]) for each in (left, mended)}
    application = desk.application()
    desk.begin(application)
    desk.work(application)  # nobody listens where the mail should go
    rows = application.store.digests.deliveries("unj", desk.now - dt.timedelta(1))
    waiting = [row for row in rows if row.state is DeliveryState.WAITING]
    people = service.stack.people["unj"]
    assert {row.person for row in waiting} >= {people[role][0].id for role in (HEAD, CHIEF)}
    assert all("server surat tidak dapat dihubungi" in row.reason for row in waiting)
    assert standings(application.offices, application.store, desk.now)[0].missing == len(waiting)
    # meanwhile one ticket is dealt with, and one a moment before the mail goes, so that no worker has seen it
    refuse(mended, service)
    service.look(app, mended.issue)
    refuse(fresh, service)
    with desk.mail:
        desk.now += dt.timedelta(minutes=10)
        desk.work(application)
    for role in (HEAD, CHIEF):
        [mail] = desk.digests(role)
        check(mail, numbers["left"], service.stack.redmine.url, left.issue)
        for gone in ("mended", "fresh"):
            assert numbers[gone] not in text_of(mail)
            assert numbers[gone] not in text_of(mail, "html")
    assert not any(numbers["left"] in text_of(mail) for mail in desk.digests(OTHER))
    assert standings(application.offices, application.store, desk.now)[0].missing == 0
    assert {row.state for row in application.store.digests.deliveries("unj", desk.now - dt.timedelta(1))} <= {
        DeliveryState.SENT,
        DeliveryState.EMPTY,
    }
    # it only reads
    assert len(service.stack.admin.issue(left.issue)["journals"]) == before[left.issue]
    gateway = application.redmine
    assert isinstance(gateway, CountingGateway)
    assert {call.split()[0] for call in gateway.calls} == {"GET"}
    follow(desk, text_of(desk.digests(HEAD)[0]), HEAD, left.issue)
    follow(desk, text_of(desk.digests(CHIEF)[0]), CHIEF, left.issue)


def check(mail: EmailMessage, number: str, redmine: str, issue: int) -> None:
    """The mail as a mail program has it."""
    assert str(mail["Subject"]).startswith("[Pustikom UNJ] Rekap sepekan ")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text = text_of(mail).replace("\r\n", "\n")
    assert re.search(rf"- Terlambat .+: {number} ", text)
    assert "Helpdesk Pustikom: " in text
    assert "Belum diambil petugas. Batas " in text
    assert f"{redmine}/issues/{issue}\n" in text
    finished = re.search(r"(\d+) masuk, (\d+) selesai, (\d+) di antaranya terlambat", text)
    assert finished
    assert int(finished[1]) >= 3
    assert int(finished[2]) >= 1


def follow(desk: Desk, text: str, role: str, issue: int) -> None:
    """Every list in the mail opens for its reader, and the ticket is in those of open tickets."""
    stack = desk.service.stack
    api = Api(stack.redmine.url, stack.people["unj"][role][0].api_key)
    addresses = re.findall(rf"{stack.redmine.url}(/projects/\S+)", text)
    assert len(addresses) >= 2
    for address in addresses:
        path, _, query = address.partition("?")
        found = api.get(f"{path}.json?{query}", limit=100)["issues"]
        if "status_id=o" in address and "cf_" not in address:
            assert issue in [each["id"] for each in found], address


def test_two_workers_and_two_clocks_send_one_mail_to_each(
    service: Service, app: Application, desk: Desk
) -> None:
    walker, _ = service.ticket(app)
    number = number_of(service, walker)
    processes = [desk.application() for _ in range(2)]
    with desk.mail:
        desk.begin(processes[0])
        barrier = threading.Barrier(2)

        def run(application: Application) -> None:
            barrier.wait(20)
            for _ in range(3):
                application.supervision.tick()
                desk.work(application)

        threads = [threading.Thread(target=run, args=(each,)) for each in processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = [mail for mail in desk.mail.messages() if number in text_of(mail)]
        assert sorted(str(mail["To"]) for mail in told) == sorted(map(desk.person, (HEAD, CHIEF)))
        assert len({str(mail["To"]) for mail in desk.mail.messages()}) == len(desk.mail.messages())


def test_the_command_shows_a_digest_for_each_organization(service: Service, tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "connector.cli", "digest", "--dry-run", "--weekly"],
        cwd=ROOT,
        env={**os.environ, **service.environment, "SOP_DATABASE_URL": f"sqlite:///{tmp_path}/kosong.db"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    for profile, role in (("unj", HEAD), ("jabar", "kepala-seksi"), ("bunghatta", "kadiv-si")):
        for person in service.stack.people[profile][role]:
            assert f"Kepada: {person.name} <{person.mail}>" in shown.stdout


def test_an_office_is_told_by_its_own_roles(desk: Desk) -> None:
    application = desk.application()
    office: Office = application.offices["unj"]
    readers = {reader.member.mail: reader.roles for reader in office.readers(application.redmine.members)}
    wanted = {role for entry in office.digests.readers for role in entry.roles}
    people = desk.service.stack.people["unj"]
    assert readers == {person.mail: (role,) for role in wanted for person in people[role]}
