"""`connector digest`: what it shows, what it sends, and how it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.bootstrap import Application
from connector.cli import main
from connector.errors import PermanentError, TransientError
from connector.ports import DeliveryState, Member, OutgoingMail
from connector.settings import Settings
from connector.worker import LEASE
from tests.fakes import FakeClock
from tests.unit.supervision.sample import at
from tests.world import SECRET, World

HEAD = Member(7, "Bagus Prakoso", "bagus@contoh.id")
CHIEF = Member(8, "Dewi Anggraini", "dewi@contoh.id")


@dataclass
class Post:
    """A mail server."""

    sent: list[OutgoingMail] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    def send(self, mail: OutgoingMail) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append(mail)


@dataclass
class Site:
    """A service with a database on disk, and a Redmine with one ticket that was received on Friday."""

    clock: FakeClock
    post: Post
    world: World
    applications: list[Application] = field(default_factory=list)

    def application(self, settings: Settings) -> Application:
        made = Application(settings, clock=self.clock)
        made.__dict__.update(redmine=self.world.redmine, sender=self.post)
        self.applications.append(made)
        return made


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in [each for each in os.environ if each.startswith("SOP_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "SOP_REDMINE_URL": "http://redmine.contoh.id",
        "SOP_REDMINE_API_KEY": "kunci",
        "SOP_DATABASE_URL": f"sqlite:///{tmp_path}/k.db",
        "SOP_SMTP_URL": "smtp://127.0.0.1:25",
        "SOP_MAIL_FROM": "Layanan <layanan@contoh.id>",
        "SOP_PROFILES": "unj",
        "SOP_SECRET_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    world = World()
    world.clock.now = at(20, 9)
    world.submit()
    world.work()
    world.clock.now = at(23, 9)
    world.redmine.people = {("unj", "kepala-pustikom"): (HEAD,), ("unj", "kadiv-layanan"): (CHIEF,)}
    found = Site(world.clock, Post(), world)
    monkeypatch.setattr("connector.commands.digest.Application", found.application)
    yield found
    for each in found.applications:
        each.store.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["digest", *words])


def test_a_dry_run_shows_each_persons_and_sends_none(site: Site) -> None:
    shown = run("--dry-run")
    assert shown.exit_code == 0
    assert "Kepada: Bagus Prakoso <bagus@contoh.id>, Kepala Pustikom\n" in shown.stdout
    assert (
        "Kepada: Dewi Anggraini <dewi@contoh.id>, Kepala Divisi Layanan dan Pangkalan Data\n" in shown.stdout
    )
    assert (
        shown.stdout.count("Perihal: [Pustikom UNJ] Rekap sepekan Senin, 23 November 2026: 1 terlambat") == 2
    )
    assert shown.stdout.count("- Terlambat 6 jam: UNJ-2026-000001") == 2
    assert site.post.sent == []


def test_a_dry_run_for_one_role_of_one_organization_with_the_week(site: Site) -> None:
    site.clock.now = at(24, 9)
    plain = run("--dry-run", "--to", "kepala-pustikom", "--profile", "unj")
    assert plain.stdout.count("Kepada:") == 1
    assert "sepekan" not in plain.stdout
    assert "1 masuk, 0 selesai" in run("--dry-run", "--weekly").stdout


def test_a_dry_run_with_nothing_to_say_says_so(site: Site) -> None:
    site.world.redmine.issues.clear()
    shown = run("--dry-run", "--to", "kepala-pustikom")
    assert (shown.exit_code, "Tidak ada yang perlu disampaikan" in shown.stdout) == (0, True)
    site.world.redmine.people.clear()
    assert "tidak ada orang pada peran penerima rekap" in run("--dry-run").stdout


def test_a_dry_run_names_who_cannot_be_reached_and_shows_the_others(site: Site) -> None:
    site.world.redmine.people["unj", "kepala-pustikom"] = (replace(HEAD, mail=""),)
    shown = run("--dry-run")
    assert shown.exit_code == 0
    assert (
        "Bagus Prakoso, Kepala Pustikom: tanpa alamat email di Redmine, jadi tidak ada rekap.\n"
        in shown.stdout
    )
    assert shown.stdout.count("Kepada:") == 1
    assert "Kepada: Dewi Anggraini" in shown.stdout


def test_a_dry_run_has_the_week_where_the_digest_owes_it(site: Site) -> None:
    """Friday's digest went out, Monday's with the week did not: on Tuesday the week comes with it."""
    site.clock.now = at(20, 9)
    run()
    site.clock.now = at(24, 9)
    assert "sepekan" in run("--dry-run", "--to", "kepala-pustikom").stdout
    run()
    assert all("sepekan" in mail.subject for mail in site.post.sent[-2:])
    assert "sepekan" in run("--dry-run", "--to", "kepala-pustikom").stdout
    site.clock.now = at(25, 9)
    assert "sepekan" not in run("--dry-run", "--to", "kepala-pustikom").stdout


def test_what_is_due_is_sent_once(site: Site) -> None:
    sent = run()
    assert (sent.exit_code, sent.stdout) == (0, "Pustikom UNJ: 2 rekap terkirim, 0 tanpa isi.\n")
    assert {mail.to for mail in site.post.sent} == {"bagus@contoh.id", "dewi@contoh.id"}
    again = run()
    assert again.exit_code == 0
    assert (
        "tidak ada rekap yang jatuh tempo; yang berikutnya Selasa, 24 November 2026 pukul 08.00 WIB"
        in again.stdout
    )
    assert len(site.post.sent) == 2


def test_for_one_role_the_others_are_left_to_the_worker(site: Site) -> None:
    assert run("--to", "kadiv-layanan").exit_code == 0
    assert [mail.to for mail in site.post.sent] == ["dewi@contoh.id"]
    worker = site.applications[-1].worker()
    while worker.run_once():
        pass
    assert [mail.to for mail in site.post.sent] == ["dewi@contoh.id", "bagus@contoh.id"]


def test_the_week_can_be_asked_for(site: Site) -> None:
    site.clock.now = at(24, 9)
    assert run("--weekly").exit_code == 0
    assert all("sepekan" in mail.subject for mail in site.post.sent)


def test_on_a_free_day_nothing_is_due(site: Site) -> None:
    site.clock.now = at(22, 9)
    told = run()
    assert told.exit_code == 0
    assert "yang berikutnya Senin, 23 November 2026" in told.stdout
    assert site.post.sent == []


def test_what_cannot_be_sent_is_said_and_tried_again(site: Site) -> None:
    site.post.troubles = [
        TransientError("server surat menunda (451)"),
        PermanentError("server surat menolak (550)"),
    ]
    failed = run()
    assert failed.exit_code == 1
    assert "0 rekap terkirim" in failed.stdout
    assert "rekap pengguna Redmine 7 belum terkirim: server surat menunda (451)." in failed.stderr
    assert "rekap pengguna Redmine 8 belum terkirim: server surat menolak (550)." in failed.stderr
    assert "bagus" not in failed.output
    assert run().exit_code == 0  # the refused one is tried anew as well
    assert len(site.post.sent) == 2
    states = {each.state for each in site.applications[-1].store.digests.deliveries("unj", at(1))}
    assert states == {DeliveryState.SENT}


def test_what_another_is_sending_is_left_to_him(site: Site) -> None:
    application = site.application(Settings.load(os.environ))
    application.store.migrate()
    [office] = application.offices.values()
    application.supervision.open(office, site.clock(), asked=True)
    taken = application.store.queue.claim(
        "lain", now=site.clock(), lease=LEASE, key="digest:unj:20261123T010000Z:7"
    )
    assert taken is not None
    told = run()
    assert told.exit_code == 1
    assert "rekap pengguna Redmine 7 belum terkirim: sedang dikerjakan pekerja lain." in told.stderr
    assert [mail.to for mail in site.post.sent] == ["dewi@contoh.id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "unjj"), "organisasi «unjj» tidak ada; yang ada: unj"),
        (("--to", "helpdesk"), "peran «helpdesk» tidak menerima rekap; penerimanya: kadiv-infrastruktur, "),
        (("--kapan",), "--kapan"),
    ],
)
def test_wrong_use(site: Site, words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert said in told.stderr
    assert site.post.sent == []


def test_a_redmine_that_is_away_is_a_finding(site: Site) -> None:
    site.world.redmine.down = True
    for words in ((), ("--dry-run",)):
        told = run(*words)
        assert told.exit_code == 1
        assert "Redmine tidak dapat dihubungi" in told.stderr
        assert "Traceback" not in told.output


def test_settings_that_are_missing_are_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOP_SMTP_URL")
    told: Any = run()
    assert told.exit_code == 2
    assert "SOP_SMTP_URL" in told.stderr
    assert run("--dry-run").exit_code == 0
