"""A ticket is walked to its end with a person in every corner of it, then anonymized: nobody finds the person again."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.app import create_app
from connector.bootstrap import Application
from connector.cli import main
from connector.engine.snapshot import RequesterAction
from connector.portal.tokens import token_for
from devtools.walk import PDF, Walker
from tests.live.service import Service

pytestmark = pytest.mark.live

NAME, FORMER = "Zulaikha Pramudyawati", "Zulaikha Lamanya"
TRACES = ("zulaikha", "pramudyawati", "1313699887", "81299887766", "0812-9988", "rahasia-zulaikha")
GIVEN = {"nama_pemohon": FORMER, "identitas": "1313699887", "telepon_pemohon": "+6281299887766"}


def traces(database: Path) -> list[str]:
    """Every row of a database, in which one of them is left."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [line for line in connection.iterdump() if any(each in line.casefold() for each in TRACES)]


def contents(folder: Path) -> Iterable[bytes]:
    return (each.read_bytes() for each in folder.rglob("*") if each.is_file())


def anonymize(service: Service, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SOP_REDMINE_ADMIN_KEY", service.stack.redmine.admin["api_key"])
    result = CliRunner().invoke(main, ["anonymize", "--format", "json", *words])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def fill_with_traces(service: Service, app: Application, walker: Walker, address: str) -> None:
    """Staff write of the person, change his name, put other files in place of his; he writes himself."""
    issue, admin = walker.issue, service.stack.admin
    desk = service.desk(walker, service.procedure.registrars[0])
    desk.edit(issue, notes=f"Sudah ditelepon: {FORMER}, 0812-9988-7766, {address}")
    name = f"Surat {NAME}.pdf"
    token = admin.upload(name, PDF + b"surat rahasia-zulaikha")
    change = {
        "custom_fields": [{"id": desk.field_id("nama_pemohon"), "value": NAME}],
        "notes": f"Nama dibetulkan menjadi {NAME}",
        "uploads": [{"token": token, "filename": name, "content_type": "application/pdf"}],
    }
    admin.call("PUT", f"/issues/{issue}.json", {"issue": change})
    service.look(app, issue)


def end(service: Service, app: Application, issue: int) -> None:
    action = RequesterAction(
        key=f"tarik-{issue}",
        kind="withdraw",
        number=service.state(issue)["number"],
        at=app.clock(),
        remark=f"Batal. Salam, {NAME}",
    )
    app.store.submissions.add_action(action, (), issue=issue, now=app.clock())
    service.drain(app)
    assert service.state(issue)["ended"] is not None


def test_nobody_finds_the_person_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    app = service.here()
    number, address = service.submit(app, GIVEN, PDF + b"bukti rahasia-zulaikha")
    service.drain(app)
    walker = service.walker(service.issue_of(number))
    fill_with_traces(service, app, walker, address)
    service.advance(app, walker, "pelaksanaan")
    end(service, app, walker.issue)
    redmine, own = service.stack.redmine.database, Path(app.settings.database_url.removeprefix("sqlite:///"))
    before = service.stack.admin.get(f"/sop/issues/{walker.issue}.json")
    found = {line.split('"')[1] for line in traces(redmine)}
    assert found >= {"issues", "custom_values", "journals", "journal_details", "attachments"}

    dry = anonymize(service, monkeypatch, "--issue", str(walker.issue), "--reason", "Surat 12/PPID/2026")
    assert dry["applied"] is False
    assert (
        service.stack.admin.get(f"/sop/issues/{walker.issue}.json")["last_journal"] == before["last_journal"]
    )

    done = anonymize(
        service, monkeypatch, "--issue", str(walker.issue), "--reason", "Surat 12/PPID/2026", "--apply"
    )
    assert [{**each, "problem": ""} for each in dry["tickets"]] == done["tickets"]
    assert traces(redmine) == []
    assert traces(own) == []
    kept = {
        each["sha256"]
        for each in before["state"]["data"].get("documents", ())
        if each["field"] != "formulir_terisi"
    }
    after = service.stack.admin.get(f"/sop/issues/{walker.issue}.json")
    there = {each["digest"] for each in (*after["files"], *after["attachments"])}
    assert kept
    assert kept <= there
    left = sum(b"rahasia-zulaikha" in each for each in contents(service.stack.redmine.files))
    assert left == done["tickets"][0]["others"] == 2, "files that no field says to be personal"
    stays_right(service, app, walker.issue, before, after)
    nobody_sees_more(service, app, number)
    nothing_more_to_do(service, app, monkeypatch, walker.issue)
    app.store.close()


def stays_right(
    service: Service, app: Application, issue: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """What reports are made of, and the ticket's own page in Redmine."""
    state = dict(after["state"]["data"])
    assert state.pop("anonymized")
    assert state == before["state"]["data"]
    for name in ("status_id", "created_on", "updated_on", "closed_on", "assigned_to"):
        assert after["issue"][name] == before["issue"][name]
    assert [j["created_on"] for j in after["journals"]][:-1] == [j["created_on"] for j in before["journals"]]
    note = after["journals"][-1]
    assert (note["private_notes"], note["notes"]) == (
        True,
        "Data pribadi pada tiket ini dihapus atas permintaan yang dikabulkan: Surat 12/PPID/2026",
    )
    service.look(app, issue)
    looked = service.stack.admin.get(f"/sop/issues/{issue}.json")
    assert looked["journals"][-1] == note, "nothing follows from it"
    page = service.stack.admin.call("GET", f"/issues/{issue}.json?include=journals,attachments")
    assert not any(each in json.dumps(page).casefold() for each in TRACES)


def nobody_sees_more(service: Service, app: Application, number: str) -> None:
    """The requester's own page still says how it went."""
    client = create_app(app.web, limits=False).test_client()
    token = token_for(app.settings.secret_key.get_secret_value().encode(), number)
    answer = client.get(f"/lacak/{number}?t={token}", follow_redirects=True)
    assert answer.status_code == 200
    assert number in answer.text
    assert not any(each in answer.text.casefold() for each in TRACES)


def nothing_more_to_do(
    service: Service, app: Application, monkeypatch: pytest.MonkeyPatch, issue: int
) -> None:
    again = anonymize(
        service, monkeypatch, "--issue", str(issue), "--reason", "Surat 12/PPID/2026", "--apply"
    )
    assert [again["tickets"][0][name] for name in ("fields", "files", "history", "texts")] == [0, 0, 0, 0]
    read = service.stack.admin.get(f"/sop/issues/{issue}.json")
    assert [each["notes"] for each in read["journals"]].count(read["journals"][-1]["notes"]) == 1
    assert anonymize(service, monkeypatch, "--apply")["tickets"] == []
    assert app.clock() - dt.timedelta(minutes=10) < dt.datetime.fromisoformat(
        read["state"]["data"]["anonymized"]
    )
