"""The main job on a real Redmine: POS 100r from the form to closed, and everything that can go wrong on the way."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap import Application
from connector.engine.calendar import WorkCalendar
from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.ports import IssueChange
from connector.redmine.provision import Provisioner
from connector.sop.blueprint import blueprint
from connector.sop.keys import status_key
from connector.sop.table import is_requesters
from devtools.demo import confirm, issue_of, submit
from devtools.mail import text_of
from devtools.people import RefusedByRedmine, wait_until
from devtools.requester import Requester
from devtools.stack import ROOT
from devtools.walk import EXAMPLES, main_way
from tests.live.service import TODAY, CountingGateway, Service

pytestmark = pytest.mark.live


@pytest.fixture
def app(service: Service) -> Iterator[Application]:
    application = service.here()
    yield application
    application.store.close()


def calls(application: Application) -> list[str]:
    gateway = application.redmine
    assert isinstance(gateway, CountingGateway)
    return gateway.calls


# the main job -------------------------------------------------------------------------------------------------


def test_the_eighteen_steps_from_the_form_to_closed(service: Service) -> None:
    stack, procedure = service.stack, service.procedure
    zone_calendar: WorkCalendar = service.here().rules[procedure.key].calendar
    with stack.connector.running():
        requester = Requester()
        link, number = submit(stack, procedure, requester)
        issue = issue_of(stack, number)
        walker = service.walker(issue)
        walker.wait_for(procedure.first_step.status or "")
        assert [step.no for step in procedure.steps] == [str(no) for no in range(1, 19)]
        for step, outcome in main_way(procedure):
            _check_arrival(service, issue, step.id, zone_calendar)
            if is_requesters(procedure, step):
                confirm(requester, link, step, procedure, TODAY)
            else:
                walker.leave(step, outcome)
            walker.wait_for(walker.target(step, outcome))
        wait_until("the end is recorded", lambda: service.state(issue).get("ended") == "selesai")
        wait_until("all mail is out", lambda: len(service.mails(EXAMPLES["email_pemohon"], number)) == 7)
        page = requester.open(link)
    assert "Layanan selesai" in page.text
    assert "t=" not in page.url
    read = stack.admin.issue(issue)
    assert (read["status"]["name"], read["done_ratio"], read.get("due_date")) == ("Selesai", 100, None)
    state = service.state(issue)
    assert [stay["step"] for stay in state["stays"]] == [step.id for step, _ in main_way(procedure)]
    assert all(stay["outcome"] for stay in state["stays"])
    subjects = [str(mail["Subject"]) for mail in stack.mail.to(EXAMPLES["email_pemohon"])]
    assert len(subjects) == len(set(subjects))
    assert walker.given()["u9_sarana"] == "4 Sangat baik"


def _check_arrival(service: Service, issue: int, step_id: str, calendar: WorkCalendar) -> None:
    """Status, assignee, due date, fields, note and mail of a step that the ticket has just come to."""
    procedure, stack = service.procedure, service.stack
    step = service.step(step_id)
    read = stack.admin.issue(issue)
    desk = service.walker(issue).desk("helpdesk")
    stay = service.state(issue)["stays"][-1]
    due = dt.datetime.fromisoformat(stay["due"])
    assert read["status"]["name"] == step.status
    holder = service.walker(issue).holder(step)
    organization = stack.catalogue.organization(service.procedure.profile)
    assert organization is not None
    role = organization.role(holder)
    assert role is not None
    assert read["assigned_to"]["name"] == role.name
    assert step.limit is not None
    assert due == calendar.due(dt.datetime.fromisoformat(stay["entered"]), step.limit)
    assert read["due_date"] == due.astimezone(calendar.zone).date().isoformat()
    assert desk.value(issue, "field:sop:langkah") == f"{step.no} dari 18: {step.title}"
    assert f"pukul {due.astimezone(calendar.zone):%H.%M} WIB" in desk.value(issue, "field:sop:batas_waktu")
    assert re.fullmatch(r"UNJ-\d{4}-\d{6}", desk.value(issue, "field:sop:nomor_tiket"))
    if step is not procedure.first_step:
        assert (
            sum(f"**Langkah {step.no} dari 18: {step.title}**" in note for note in service.notes(issue)) == 1
        )
    told = [tell for tell in step.tell if "pemohon" in tell.to]
    for tell in told:
        stack.mail.wait_for(EXAMPLES["email_pemohon"], _saying(tell.text))
    member = stack.people["unj"][holder][0]
    if not is_requesters(procedure, step):
        stack.mail.wait_for(member.mail, lambda mail: f"#{issue}]" in str(mail["Subject"]))


def _saying(words: str) -> Callable[[EmailMessage], bool]:
    return lambda mail: words in " ".join(text_of(mail).split())


# what Redmine itself refuses ----------------------------------------------------------------------------------


def test_a_skipped_step_is_refused_by_redmine(service: Service, app: Application) -> None:
    walker, _ = service.ticket(app)
    desk = walker.desk("helpdesk")
    assert desk.moves(walker.issue) == {
        "Penjadwalan",
        "Menunggu Pemohon",
        "Permohonan Ditolak",
        "Dibatalkan",
    }
    desk.edit(walker.issue, status="Koordinasi koordinator")
    assert service.status(walker) == "Verifikasi identitas"
    assert walker.desk("tim-teknis").moves(walker.issue) == set()


def test_a_missing_need_is_refused_by_name(service: Service, app: Application) -> None:
    walker, _ = service.ticket(app)
    with pytest.raises(RefusedByRedmine) as refused:
        walker.leave(service.step("verifikasi-identitas"), "terverifikasi", fill=False)
    assert refused.value.status == 422
    assert "Cara verifikasi" in " ".join(refused.value.errors)
    assert "Prioritas layanan" in " ".join(refused.value.errors)


def test_a_missing_document_is_refused_by_name(service: Service, app: Application) -> None:
    walker, _ = service.ticket(app)
    service.advance(app, walker, "pelaksanaan")
    with pytest.raises(RefusedByRedmine) as refused:
        walker.leave(service.step("pelaksanaan"), "dikerjakan", fill=False)
    assert refused.value.status == 422
    assert "Foto pekerjaan" in " ".join(refused.value.errors)
    assert service.status(walker) == "Pelaksanaan teknis"


# loops, returns, refusals -------------------------------------------------------------------------------------


def test_a_return_loop_begins_a_new_stay_and_keeps_the_evidence(service: Service, app: Application) -> None:
    walker, address = service.ticket(app)
    service.advance(app, walker, "pengecekan-hasil")
    walker.leave(service.step("pengecekan-hasil"), "tidak-sesuai")
    service.look(app, walker.issue)
    assert service.status(walker) == "Pelaksanaan teknis"
    stays = [stay["step"] for stay in service.state(walker.issue)["stays"]]
    assert stays.count("pelaksanaan") == 2
    assert walker.given()["laporan_progres"]
    assert "belum sesuai" in text_of(service.mails(address, "Pelaksanaan layanan teknis")[-1])
    service.advance(app, walker, "verifikasi-koordinator")
    assert service.status(walker) == "Verifikasi koordinator"


def test_waiting_for_the_requester_and_back_to_the_step_it_came_from(
    service: Service, app: Application
) -> None:
    walker, address = service.ticket(app)
    service.advance(app, walker, "verifikasi-koordinator")
    step = service.step("verifikasi-koordinator")
    with pytest.raises(RefusedByRedmine):
        walker.leave(step, "dikembalikan", fill=False)
    walker.leave(step, "dikembalikan")
    service.look(app, walker.issue)
    read = service.stack.admin.issue(walker.issue)
    assert (read["status"]["name"], read.get("due_date")) == ("Menunggu Pemohon", None)
    assert EXAMPLES["permintaan_perbaikan"] in text_of(service.mails(address, "Menunggu Pemohon")[0])
    desk = walker.desk("koordinator-infrastruktur")
    assert desk.moves(walker.issue) == {"Dilanjutkan"}
    desk.edit(walker.issue, status="Dilanjutkan")
    service.look(app, walker.issue)
    assert service.status(walker) == "Verifikasi koordinator"
    stays = service.state(walker.issue)["stays"]
    assert [stay["step"] for stay in stays].count("verifikasi-koordinator") == 1
    assert stays[-1]["pauses"][0]["until"]
    assert service.stack.admin.issue(walker.issue)["due_date"]


def test_a_refusal_needs_its_reason_and_tells_it(service: Service, app: Application) -> None:
    walker, address = service.ticket(app)
    step = service.step("verifikasi-identitas")
    with pytest.raises(RefusedByRedmine, match="Alasan penutupan"):
        walker.leave(step, "ditolak", fill=False)
    walker.leave(step, "ditolak")
    service.look(app, walker.issue)
    read = service.stack.admin.issue(walker.issue)
    assert (read["status"]["name"], bool(read["closed_on"])) == ("Permohonan Ditolak", True)
    assert EXAMPLES["alasan"] in text_of(service.mails(address, "Permohonan ditolak")[0])


def test_a_person_chosen_by_staff_is_kept(service: Service, app: Application) -> None:
    walker, _ = service.ticket(app)
    chosen = service.stack.people["unj"]["helpdesk"][1]
    step = service.step("verifikasi-identitas")
    fields, _files = walker.wanted(step, "terverifikasi")
    walker.desk("helpdesk").edit(walker.issue, status="Penjadwalan", fields=fields, assigned_to_id=chosen.id)
    service.look(app, walker.issue)
    assert service.stack.admin.issue(walker.issue)["assigned_to"]["id"] == chosen.id


def test_a_ticket_entered_by_helpdesk_waits_until_it_is_complete(service: Service, app: Application) -> None:
    api = service.walker(0).desk("helpdesk").api
    body = {
        "project_id": "unj-layanan-tik",
        "tracker_id": service.stack.keys[service.procedure.tracker_key],
        "subject": "Lewat telepon",
    }
    issue = api.call("POST", "/issues.json", {"issue": body})["issue"]["id"]
    app.poller.poll()
    service.drain(app)
    walker = service.walker(issue)
    assert service.status(walker) == "Permohonan Masuk"
    assert "Permohonan belum lengkap" in service.notes(issue)[0]
    assert service.stack.admin.issue(issue)["assigned_to"]["name"] == "Helpdesk UNJ"
    form = service.procedure.form
    assert form is not None
    asked = [field for field in service.procedure.fields if field.id in form.fields]
    values = {field.id: EXAMPLES.get(field.id, "0812345678") for field in asked if field.type.value != "file"}
    walker.desk("helpdesk").edit(
        issue, fields=values | {"persetujuan_data": "1"}, files={"bukti_pendukung": ("a.pdf", b"%PDF-1.4")}
    )
    service.look(app, issue)
    assert service.status(walker) == "Verifikasi identitas"
    assert len(service.mails(EXAMPLES["email_pemohon"], service.state(issue)["number"])) == 1


# what went round the workflow ---------------------------------------------------------------------------------


def test_a_bypass_is_put_back_within_one_poll_without_webhooks(service: Service, app: Application) -> None:
    walker, _ = service.ticket(app)
    desk = walker.desk("helpdesk")
    _loosen(service, "Verifikasi identitas", "Koordinasi koordinator")
    try:
        desk.edit(walker.issue, status="Koordinasi koordinator")
        assert service.status(walker) == "Koordinasi koordinator"
        app.poller.poll()
        service.drain(app)
    finally:
        service.stack.provision()
    assert service.status(walker) == "Verifikasi identitas"
    note = service.notes(walker.issue)[-1]
    assert "Urutan POS terlewati" in note
    assert "«Verifikasi identitas» ke «Koordinasi koordinator»" in note
    assert "Penjadwalan" in note
    assert service.state(walker.issue)["repairs"] == 1


def _loosen(service: Service, origin: str, target: str) -> None:
    """An administrator allows helpdesk a move that skips two steps, and takes the rules of its target away."""
    loosened = blueprint(service.stack.catalogue)
    row = {
        "tracker": service.procedure.tracker_key,
        "from": status_key(origin),
        "to": status_key(target),
        "roles": ["role:unj:helpdesk"],
    }
    same = [r for r in loosened["transitions"] if (r["from"], r["to"]) == (row["from"], row["to"])]
    for each in same:
        each["roles"] = [*each["roles"], "role:unj:helpdesk"]
    if not same:
        loosened["transitions"].append(row)
    loosened["rules"] = [r for r in loosened["rules"] if r["status"] != status_key(target)]
    admin = Provisioner(service.stack.redmine.url, service.stack.redmine.admin["api_key"])
    assert admin.apply(loosened).applied


# two at once --------------------------------------------------------------------------------------------------


class MeddlingGateway(CountingGateway):
    """Somebody writes a note in the moment between our reading and our commit."""

    meddlers: list[Callable[[int], None]]

    def commit(self, before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        while self.meddlers:
            self.meddlers.pop()(before.issue)
        return super().commit(before, change, state)


def test_a_staff_edit_between_read_and_commit_is_kept_and_planned_anew(
    service: Service, app: Application
) -> None:
    walker, _ = service.ticket(app)
    gateway = MeddlingGateway(
        app.settings.redmine_url, app.settings.redmine_api_key.get_secret_value(), app.catalogue
    )
    meddled = Application(app.settings)
    meddled.__dict__["redmine"] = gateway
    other = walker.desk("helpdesk")
    said: dict[str, Any] = {"notes": "Pemohon menelepon.", "fields": {"jadwal_layanan": TODAY.isoformat()}}
    gateway.meddlers = [lambda issue: other.edit(issue, **said)]
    walker.leave(service.step("verifikasi-identitas"), "terverifikasi")
    service.look(meddled, walker.issue)
    meddled.store.close()
    commits = [call for call in gateway.calls if call.endswith("/commit.json")]
    assert len(commits) == 2
    notes = service.notes(walker.issue)
    assert "Pemohon menelepon." in notes
    assert sum("Langkah 4 dari 18" in note for note in notes) == 1
    assert walker.given()["jadwal_layanan"] == TODAY.isoformat()
    assert service.stack.admin.issue(walker.issue)["assigned_to"]["name"] == "Helpdesk UNJ"


# killed -------------------------------------------------------------------------------------------------------

DYING = """
import datetime as dt, os, signal, sys
from dataclasses import replace
from connector.bootstrap import Application
from connector.settings import SERVICE, Settings

app = Application(Settings.load(os.environ, SERVICE))
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
where = sys.argv[1]
if where == "before":
    app.redmine.commit = die
elif where == "between":
    app.store.outbox.release = die
elif where == "after":
    app.store.queue.finish = die
worker = replace(app.worker(), lease=dt.timedelta(seconds=1))
while worker.run_once():
    pass
print("tidak mati")
"""


@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_a_kill_around_the_commits_loses_and_doubles_nothing(
    service: Service, app: Application, where: str
) -> None:
    walker, address = service.ticket(app)
    service.advance(app, walker, "uji-coba")
    walker.leave(service.step("uji-coba"), "disetujui")
    app.store.queue.put(f"issue:{walker.issue}", now=app.clock())
    died = subprocess.run(
        [sys.executable, "-c", DYING, where],
        env={**os.environ, **service.environment, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    wait_until("the lease ran out", lambda: app.store.queue.counts(now=app.clock())["due"] > 0, seconds=5)
    service.drain(app)
    assert service.status(walker) == "Pengarsipan"
    assert sum("Langkah 15 dari 18" in note for note in service.notes(walker.issue)) == 1
    assert len(service.mails(address, "Pengarsipan")) == 1
    read = service.stack.admin.get(f"/sop/issues/{walker.issue}.json")
    made = [file for file in read["files"] if file["filename"].startswith("BA-")]
    assert len(made) == 1
    assert not [file for file in read["attachments"] if file["filename"].startswith("BA-")]
    documents = service.state(walker.issue)["documents"]
    assert len([each for each in documents if each["field"] == "berita_acara"]) == 1
    assert len({each["key"] for each in documents}) == len(documents)
    assert app.store.outbox.held() == ()


def test_a_submission_killed_between_the_commits_is_one_issue(service: Service, app: Application) -> None:
    number, address = service.submit(app)
    code = DYING.replace("app.redmine.commit = die", "app.redmine.create = die").replace(
        "app.store.outbox.release = die", "app.store.submissions.forwarded = die"
    )
    died = subprocess.run(
        [sys.executable, "-c", code, "between"],
        env={**os.environ, **service.environment, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    wait_until("the lease ran out", lambda: app.store.queue.counts(now=app.clock())["due"] > 0, seconds=5)
    service.drain(app)
    issues = service.stack.admin.get("/issues.json", status_id="*", limit=100)["issues"]
    field = service.stack.keys["field:sop:nomor_tiket"]
    numbers = [each["value"] for issue in issues for each in issue["custom_fields"] if each["id"] == field]
    assert numbers.count(number) == 1
    assert len(service.mails(address, number)) == 1


def test_a_deleted_database_is_rebuilt_and_the_ticket_goes_on(service: Service) -> None:
    first = service.here()
    walker, _ = service.ticket(first)
    number = service.state(walker.issue)["number"]
    walker.leave(service.step("verifikasi-identitas"), "terverifikasi")
    first.store.close()
    database = Path(first.settings.database_url.removeprefix("sqlite:///"))
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    again = service.here()  # seeds, reads the feed, and does what is due
    assert service.status(walker) == "Penjadwalan"
    assert sum("Langkah 4 dari 18" in note for note in service.notes(walker.issue)) == 1
    assert again.store.numbers.next("UNJ", int(number.split("-")[1])) > number
    again.store.close()


# how much it asks of Redmine ----------------------------------------------------------------------------------


def test_a_plain_move_costs_one_read_and_one_commit_and_our_echo_at_most_one_read(
    service: Service, app: Application
) -> None:
    walker, _ = service.ticket(app)
    app.poller.poll()
    service.drain(app)
    service.advance(app, walker, "penjadwalan")
    app.poller.poll()
    service.drain(app)
    walker.leave(service.step("penjadwalan"), "dijadwalkan")
    calls(app).clear()
    service.look(app, walker.issue)
    assert calls(app) == [
        f"GET /sop/issues/{walker.issue}.json",
        f"POST /sop/issues/{walker.issue}/commit.json",
    ]
    calls(app).clear()
    app.poller.poll()
    service.drain(app)
    assert calls(app) == ["GET /sop/changes.json", f"GET /sop/issues/{walker.issue}.json"]
    calls(app).clear()
    app.poller.poll()
    assert service.drain(app) == 0
    assert calls(app) == ["GET /sop/changes.json"]


# webhooks -----------------------------------------------------------------------------------------------------


def test_webhooks_that_are_not_redmines_leave_no_trace_and_ten_of_one_have_one_effect(
    service: Service,
) -> None:
    app = service.here()
    walker, _ = service.ticket(app)
    walker.leave(service.step("verifikasi-identitas"), "terverifikasi")
    app.store.close()
    body = json.dumps(
        {
            "type": "issue.updated",
            "timestamp": "x",
            "data": {"issue": {"id": walker.issue, "subject": "RAHASIA"}},
        }
    ).encode()
    with service.stack.connector.running():
        assert service.hook(body, header="sha256=00") == 401
        assert service.hook(body, secret="salah") == 401
        assert service.hook(b"{RAHASIA") == 400
        assert service.hook('{"type": "é"}'.encode("utf-16")) == 400
        assert service.hook(b"RAHASIA" * 1_500_000) == 413
        assert service.hook(b'{"type": "wiki.created", "data": {}}') == 202
        assert [service.hook(body) for _ in range(10)] == [202] * 10
        walker.wait_for("Penjadwalan")
        wait_until("the queue is empty", lambda: "due 0" in _waiting(service))
    assert sum("Langkah 4 dari 18" in note for note in service.notes(walker.issue)) == 1
    assert "RAHASIA" not in service.stack.connector.log.read_text(encoding="utf-8")


def _waiting(service: Service) -> str:
    import requests

    text = requests.get(f"{service.stack.connector.url}/metrics", timeout=10).text
    found: Any = re.search(r'sop_jobs\{state="due"\} (\d+)', text)
    return f"due {found[1]}"
