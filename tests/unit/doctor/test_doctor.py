"""The doctor: one finding for each thing that can be wrong, and what to do about it; no check stops another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connector import __version__
from connector.commands.care import CHECKS
from connector.doctor.remote import PERMISSIONS
from connector.doctor.report import Remark, Result, Status, as_json, as_text, examine, findings
from connector.doctor.subject import Subject
from connector.errors import (
    DocumentError,
    MappingError,
    NotFoundError,
    PermanentError,
    SettingsError,
    TransientError,
)
from connector.ports import DeliveryState, FeedPage, Member
from connector.redmine.provision import Outcome
from connector.settings import ROOT, Settings
from connector.sop.blueprint import blueprint
from connector.sop.loader import load
from connector.sop.model import Catalogue
from connector.supervision.offices import Office, offices
from tests.fakes import FakeClock, FakeStore
from tests.world import rules_of_all

NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
PROJECTS = {"project:unj": "unj-layanan-tik"}
PING = {
    "url": "http://k/webhooks/redmine",
    "status": 202,
    "error": None,
    "seconds": 0.02,
    "builtin": None,
}
BUILTIN = {"enabled": True, "active": True, "url": "http://k/webhooks/redmine"}
CHANGE = {"action": "update", "kind": "role", "key": "role:x", "name": "Helpdesk UNJ", "changes": {}}


@cache
def catalogue() -> Catalogue:
    """Of one organization, with one document of each layout."""
    found = load(ROOT / "sop_mappings", ("unj",))
    layouts: set[str] = set()
    procedures = []
    for procedure in found.procedures:
        documents = [each for each in procedure.documents if each.template not in layouts]
        few = tuple({each.template: each for each in reversed(documents)}.values())
        layouts |= {each.template for each in few}
        procedures.append(procedure.model_copy(update={"documents": few}))
    return found.model_copy(update={"procedures": tuple(procedures)})


@cache
def keys() -> dict[str, int]:
    wanted = blueprint(catalogue())
    sections = ("statuses", "roles", "groups", "fields", "trackers", "projects", "queries")
    return {entry["key"]: i for i, entry in enumerate(e for name in sections for e in wanted[name])}


def healthy() -> dict[str, Any]:
    return {
        "plugin": __version__,
        "redmine": "5.0.4",
        "now": "2026-11-23T02:00:03Z",
        "user": {"id": 5, "login": "sop-connector", "admin": False},
        "keys": dict(keys()),
        "projects": {"project:unj": {"id": 1, "identifier": "unj-layanan-tik"}},
        "attachment_max_size": 10 * 1024 * 1024,
        "builtin_webhooks": False,
        "permissions": {"project:unj": sorted(PERMISSIONS)},
    }


@dataclass
class Server:
    """A Redmine that says what a test wants."""

    body: dict[str, Any] = field(default_factory=healthy)
    answer: dict[str, Any] = field(default_factory=lambda: dict(PING))
    error: Exception | None = None
    feed_error: Exception | None = None
    empty: tuple[str, ...] = ()

    def info(self) -> dict[str, Any]:
        if self.error:
            raise self.error
        return self.body

    def ping(self) -> dict[str, Any]:
        return self.answer

    def changes(self, _issue: int, _journal: int) -> FeedPage:
        if self.feed_error:
            raise self.feed_error
        return FeedPage((), (), 0, 0, False)

    def members(self, _profile: str, role: str) -> Sequence[Member]:
        return () if role in self.empty else (Member(1, "Sari", "sari@contoh.id"),)


class Database(FakeStore):
    """A database that can be not made or not writable."""

    made = True
    locked: Exception | None = None

    def migrated(self) -> bool:
        return self.made

    def try_writing(self) -> None:
        if self.locked:
            raise self.locked


@dataclass
class Planner:
    outcome: Outcome

    def plan(self, _blueprint: dict[str, Any]) -> Outcome:
        return self.outcome


@dataclass
class Fails:
    """A mail server or typesetter."""

    error: Exception | None = None
    broken: str = ""
    """A layout that cannot be set."""

    def try_out(self, **_: Any) -> None:
        if self.error:
            raise self.error

    def render(self, template: str, data: object, **_: Any) -> bytes:
        if template == self.broken:
            raise DocumentError(f"templat «{template}»: bagian/isi.typ:12:3: kesalahan")
        return b"%PDF-"


@dataclass
class Parts:
    """A healthy service; a test breaks one part."""

    settings: Settings = field(
        default_factory=lambda: Settings(
            profiles=("unj",), public_url="http://k", mappings_dir=ROOT / "sop_mappings"
        )
    )
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    store: Database = field(default_factory=Database)
    redmine: Server = field(default_factory=Server)
    provisioner: Planner | None = field(default_factory=lambda: Planner(Outcome(False, (), (), {})))
    renderer: Fails = field(default_factory=Fails)
    sender: Fails = field(default_factory=Fails)
    scanner: Fails | None = None
    days: str | None = None
    """What is wrong with the days of the certificate; None: there is none."""
    locked: bool = False
    """Whether it cannot be opened."""

    @property
    def certificate(self) -> Parts | None:
        if self.locked:
            raise SettingsError("SOP_SIGN_PKCS12_FILE: kata sandinya salah")
        return self if self.days is not None else None

    def validity(self, _: dt.datetime) -> str:
        return self.days or ""

    def __post_init__(self) -> None:
        self.store.books.beat("w", now=NOW - dt.timedelta(seconds=10))
        self.store.books.set_ready()

    @property
    def catalogue(self) -> Catalogue:
        return catalogue()

    @property
    def offices(self) -> Mapping[str, Office]:
        return offices(rules_of_all("unj"))


def look(parts: Parts) -> dict[str, Result]:
    return {result.id: result for result in examine(CHECKS, Subject(parts))}


def only(parts: Parts, check: str) -> Remark:
    """The one finding, which is of this check."""
    found = look(parts)
    bad = [each.id for each in found.values() if each.status in (Status.FINDING, Status.SKIPPED)]
    assert bad == [check]
    [remark] = [each for each in found[check].remarks if each.finding]
    assert remark.todo
    return remark


def test_a_healthy_service_has_no_findings() -> None:
    found = list(look(Parts()).values())
    assert findings(found) == 0
    assert {each.status for each in found} <= {Status.GOOD, Status.NOTE}
    assert as_text(found).splitlines()[-1].startswith("Tidak ada temuan")
    assert as_json(found)["good"] is True


# this side ----------------------------------------------------------------------------------------------------


def test_a_bad_mapping_is_told_line_by_line_and_redmine_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "uji").mkdir()
    (tmp_path / "uji" / "organization.yaml").write_text("id: uji\n", encoding="utf-8")
    parts = Parts(settings=Settings(mappings_dir=tmp_path))
    found = look(parts)
    assert found["mappings"].status is Status.FINDING
    assert "uji/organization.yaml:1:1:" in found["mappings"].remarks[0].text
    assert "connector lint" in found["mappings"].remarks[0].todo
    assert found["redmine"].skipped == "Pemetaan"
    assert found["webhook"].skipped == "Redmine"
    assert found["database"].status is Status.GOOD
    assert "tidak dapat diperiksa sebelum «Pemetaan» beres" in as_text(list(found.values()))


@pytest.mark.parametrize("wrong", ["down", "not made", "locked"])
def test_a_database_that_cannot_be_used(wrong: str) -> None:
    parts = Parts()
    parts.store.down = wrong == "down"
    parts.store.made = wrong != "not made"
    parts.store.locked = TransientError("basis data hanya dapat dibaca") if wrong == "locked" else None
    found = look(parts)
    assert found["database"].status is Status.FINDING
    assert "SOP_DATABASE_URL" in found["database"].remarks[0].todo
    assert (found["worker"].skipped, found["dead"].skipped) == ("Basis data", "Basis data")
    assert found["redmine"].status is Status.GOOD


def test_a_database_that_was_never_seeded() -> None:
    parts = Parts(store=Database())
    fresh = Database()
    fresh.books.beat("w", now=NOW)
    parts.store = fresh
    assert "formulir belum menerima" in only(parts, "database").text


def test_no_worker() -> None:
    parts = Parts()
    parts.clock.forward(seconds=55)
    parts.redmine.body["now"] = "2026-11-23T02:00:55Z"
    assert "sejak 2026-11-23 01:59:50Z" in only(parts, "worker").text
    parts.store = Database()
    parts.store.books.set_ready()
    assert "belum pernah" in only(parts, "worker").text


def test_dead_jobs() -> None:
    parts = Parts()
    for number in range(7):
        parts.store.queue.put(f"issue:{number}", now=NOW)
        job = parts.store.queue.claim("w", now=NOW, lease=dt.timedelta(minutes=1))
        assert job is not None
        parts.store.queue.bury(job, now=NOW, error="x")
    found = only(parts, "dead")
    assert "7 pekerjaan" in found.text
    assert "…" in found.text
    assert "connector dead list" in found.todo


def test_digests_that_did_not_go_out() -> None:
    parts = Parts()
    parts.store.digests.begin("unj", NOW - dt.timedelta(days=3))
    assert look(parts)["digests"].status is Status.FINDING  # Monday at eight is an hour ago
    slot = NOW - dt.timedelta(hours=1)
    parts.store.digests.fail("unj", slot, "Redmine menjawab 503")
    found = only(parts, "digests")
    assert found.text == "Pustikom UNJ: 1 rekap belum terkirim karena Redmine menjawab 503"
    assert "connector digest" in found.todo
    parts.store.digests.open("unj", slot, [7], now=slot)
    [row] = parts.store.digests.deliveries("unj", slot)
    parts.store.digests.settle(row.key, DeliveryState.SENT, now=slot)
    parts.store.queue.drop(f"digest:{row.key}")
    assert look(parts)["digests"].status is Status.GOOD
    parts.store.digests.fail("unj", NOW, "Redmine menjawab 503")
    assert only(parts, "digests").text.endswith("; yang terakhir Senin, 23 November 2026 pukul 08.00 WIB")


def test_mail_that_cannot_be_sent() -> None:
    parts = Parts(sender=Fails(TransientError("server surat menolak konektor (535)")))
    found = only(parts, "mail")
    assert "535" in found.text
    assert "SOP_SMTP_URL" in found.todo


def test_a_scanner_that_does_not_answer() -> None:
    found = only(Parts(scanner=Fails(TransientError("tidak menjawab PING"))), "antivirus")
    assert "SOP_CLAMD_URL" in found.todo
    assert look(Parts(scanner=Fails()))["antivirus"].status is Status.GOOD


def test_a_certificate_that_cannot_sign_or_soon_will_not() -> None:
    assert "kata sandinya salah" in only(Parts(locked=True), "certificate").text
    remark = only(Parts(days="sertifikat «Segel» berlaku hanya sampai 01-12-2026"), "certificate")
    assert "01-12-2026" in remark.text
    assert "SOP_SIGN_PKCS12_FILE" in remark.todo
    assert look(Parts(days=""))["certificate"].status is Status.GOOD


def test_documents_that_cannot_be_made() -> None:
    found = only(Parts(renderer=Fails(DocumentError("tidak ada fon"))), "documents")
    assert "fonts" in found.todo


def test_a_layout_that_cannot_be_set_is_named_once_with_a_document_to_look_at() -> None:
    found = only(Parts(renderer=Fails(broken="naskah")), "documents")
    assert "bagian/isi.typ:12:3" in found.text
    assert "connector preview " in found.todo


# Redmine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TransientError("Redmine tidak dapat dihubungi: ConnectionError"), "tidak dapat dihubungi"),
        (PermanentError("Redmine menjawab 401: kunci API ditolak (SOP_REDMINE_API_KEY)"), "401"),
        (NotFoundError("x"), "plugin redmine_sop tidak ada"),
    ],
)
def test_a_redmine_that_does_not_answer(error: Exception, words: str) -> None:
    found = look(Parts(redmine=Server(error=error)))
    assert words in found["redmine"].remarks[0].text
    assert "SOP_REDMINE_URL" in found["redmine"].remarks[0].todo
    later = ("plugin", "user", "permissions", "objects", "drift", "roles", "attachments", "clocks", "feed")
    assert {found[each].skipped for each in (*later, "webhook")} == {"Redmine"}
    assert found["mail"].status is Status.GOOD


@pytest.mark.parametrize(
    ("version", "good"), [("5.0.4", True), ("7.0.0", True), ("4.2.3", False), ("7.1.0", False)]
)
def test_the_versions_of_redmine(version: str, good: bool) -> None:
    parts = Parts()
    parts.redmine.body["redmine"] = version
    assert look(parts)["redmine"].status is (Status.GOOD if good else Status.FINDING)


def test_a_plugin_of_another_version() -> None:
    parts = Parts()
    parts.redmine.body["plugin"] = "0.0.9"
    assert "plugin versi 0.0.9" in only(parts, "plugin").text


def test_a_user_with_too_much_power() -> None:
    parts = Parts()
    parts.redmine.body["user"]["admin"] = True
    parts.redmine.body["permissions"]["project:unj"] += ["delete_issues"]
    assert "administrator" in only(parts, "user").text


def test_a_key_of_somebody_else() -> None:
    parts = Parts()
    parts.redmine.body["user"]["login"] = "sari"
    assert "milik «sari»" in only(parts, "user").text


def test_permissions_that_are_missing_or_too_much_are_named() -> None:
    parts = Parts()
    held = PERMISSIONS - {"set_notes_private"} | {"delete_issues", "copy_issues"}
    parts.redmine.body["permissions"]["project:unj"] = sorted(held)
    remarks = look(parts)["permissions"].remarks
    assert [each.text.partition(": ")[2] for each in remarks] == [
        "pengguna konektor tidak punya izin set_notes_private",
        "pengguna konektor punya izin yang tidak diperlukan: copy_issues, delete_issues",
    ]
    assert all("redmine:sop:setup" in each.todo for each in remarks)


def test_redmine_7_asks_one_permission_more() -> None:
    parts = Parts()
    parts.redmine.body["builtin_webhooks"] = True
    assert "use_webhooks" in only(parts, "permissions").text
    parts.redmine.body["permissions"]["project:unj"] += ["use_webhooks"]
    assert look(parts)["permissions"].status is Status.GOOD


def test_what_was_never_applied() -> None:
    parts = Parts()
    for key in ("status:penjadwalan", "project:unj"):
        del parts.redmine.body["keys"][key]
    parts.redmine.body["projects"] = {}
    parts.redmine.body["permissions"] = {}
    found = only(parts, "objects")
    assert "2 objek belum ada di Redmine: project:unj, status:penjadwalan" in found.text
    assert found.todo == "jalankan connector apply"


def test_drift_is_a_finding_and_not_to_know_is_a_note() -> None:
    parts = Parts(provisioner=Planner(Outcome(False, (CHANGE,), (), {})))
    assert "1 hal di Redmine menyimpang dari pemetaan: Peran «Helpdesk UNJ»" in only(parts, "drift").text
    parts = Parts(provisioner=Planner(Outcome(False, (), ({"reason": "Sudah ada status"},), {})))
    assert only(parts, "drift").text == "Sudah ada status"
    unknown = look(Parts(provisioner=None))["drift"]
    assert unknown.status is Status.NOTE
    assert "SOP_REDMINE_ADMIN_KEY" in unknown.remarks[0].todo


def test_roles_that_nobody_holds_are_named() -> None:
    found = only(Parts(redmine=Server(empty=("helpdesk", "tim-teknis"))), "roles")
    assert found.text == (
        "Pustikom UNJ: tidak ada orang pada peran Helpdesk UNJ, Tim Teknis UNJ; "
        "peringatan batas waktunya sampai kepada Pengelola SOP UNJ"
    )


def test_a_role_whose_people_have_no_address_is_named_and_who_is_warned_instead() -> None:
    class Silent(Server):
        def members(self, _profile: str, role: str) -> Sequence[Member]:
            return (Member(1, "Sari", "" if role in ("helpdesk", "pengelola-sop") else "sari@contoh.id"),)

    found = only(Parts(redmine=Silent()), "roles")
    assert found.text == (
        "Pustikom UNJ: tidak ada alamat email pada peran Helpdesk UNJ, Pengelola SOP UNJ; "
        "peringatan batas waktunya tidak sampai kepada siapa pun"
    )


def test_tickets_that_nobody_wakes_are_counted() -> None:
    parts = Parts()
    parts.store.clocks.fill({1: NOW - dt.timedelta(minutes=10), 2: NOW - dt.timedelta(minutes=1), 3: NOW})
    assert only(parts, "wakes").text.startswith("1 tiket sudah waktunya dilihat")


def test_small_attachments() -> None:
    parts = Parts()
    parts.redmine.body["attachment_max_size"] = 1024 * 1024
    assert "Redmine menerima berkas sampai 1024 KB" in only(parts, "attachments").text


@pytest.mark.parametrize(("now", "words"), [("01:58:30", "mendahului"), ("02:01:30", "tertinggal")])
def test_clocks_that_differ(now: str, words: str) -> None:
    parts = Parts()
    parts.redmine.body["now"] = f"2026-11-23T{now}Z"
    found = only(parts, "clocks")
    assert words in found.text
    assert "90 detik" in found.text
    assert "NTP" in found.todo


def test_a_feed_that_cannot_be_read() -> None:
    server = Server(feed_error=PermanentError("Redmine menjawab 403: pengguna konektor tidak punya izin"))
    assert "403" in only(Parts(redmine=server), "feed").text


@pytest.mark.parametrize(
    ("answer", "words", "todo"),
    [
        (
            {"status": None, "error": "Errno::ECONNREFUSED"},
            "(Errno::ECONNREFUSED)",
            "http://k/webhooks/redmine",
        ),
        ({"status": 401}, "rahasianya berbeda", "SOP_WEBHOOK_SECRET"),
        ({"status": 404}, "menjawab 404, bukan 202", "perantara"),
        ({"seconds": 1.5}, "1.5 detik", "jaringan"),
        ({"builtin": {**BUILTIN, "active": False}}, "tidak menyala", "alamat lokal"),
    ],
)
def test_a_webhook_that_does_not_come_back(answer: dict[str, Any], words: str, todo: str) -> None:
    found = only(Parts(redmine=Server(answer={**PING, **answer})), "webhook")
    assert words in found.text
    assert todo in found.todo


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"url": "", "status": None}, "tidak mengirim webhook"), ({"builtin": BUILTIN}, "pengirimannya belum")],
)
def test_what_is_not_proven_of_a_webhook_is_said(answer: dict[str, Any], words: str) -> None:
    found = look(Parts(redmine=Server(answer={**PING, **answer})))["webhook"]
    assert found.status is Status.NOTE
    assert words in found.remarks[0].text


# each alone ---------------------------------------------------------------------------------------------------


def test_a_fault_of_the_doctor_himself_stops_nothing() -> None:
    parts = Parts()
    del parts.redmine.body["attachment_max_size"]
    parts.sender.error = ZeroDivisionError("rahasia")
    found = look(parts)
    assert found["attachments"].remarks[0].text == "pemeriksaan ini sendiri gagal: KeyError"
    assert found["mail"].remarks[0].text == "pemeriksaan ini sendiri gagal: ZeroDivisionError"
    assert found["webhook"].status is Status.GOOD
    assert [result.id for result in found.values()] == [check.id for check in CHECKS]


def test_the_answer_as_json() -> None:
    told = as_json(examine(CHECKS, Subject(Parts(sender=Fails(TransientError("mati")), provisioner=None))))
    by = {each["id"]: each for each in told["checks"]}
    assert told["good"] is False
    assert set(by["mail"]) == {"id", "title", "status", "findings", "notes", "skipped"}
    assert (by["mail"]["status"], by["mail"]["findings"][0]["text"]) == ("finding", "mati")
    assert (by["drift"]["status"], len(by["drift"]["notes"])) == ("note", 1)


def test_many_faults_of_a_mapping_are_cut_short() -> None:
    check = replace(
        CHECKS[0], examine=lambda _: _raise(MappingError(tuple(f"a.yaml:{n}" for n in range(30))))
    )
    [result] = examine([check], Subject(Parts()))
    assert len(result.remarks) == 10


def _raise(error: Exception) -> Any:
    raise error
