"""The command `connector`: what it prints, where, and how it ends."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from click.testing import CliRunner, Result

from connector.cli import main
from connector.settings import ROOT
from tests.fakes import FakeClock
from tests.world import MONDAY


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in [each for each in os.environ if each.startswith("SOP_")]:
        monkeypatch.delenv(name)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "sop_mappings", tmp_path / "pemetaan"))


# help ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_examples(command: str) -> None:
    shown = run(command, "--help")
    assert shown.exit_code == 0
    assert "Contoh:" in shown.output
    assert f"connector {command}" in shown.output


def test_a_wrong_word_is_wrong_use() -> None:
    assert run("lintt").exit_code == 2
    assert run("due", "kemarin", "1 hari kerja", "--profile", "unj").exit_code == 2


# lint ---------------------------------------------------------------------------------------------------------


def test_lint_of_what_is_shipped() -> None:
    result = run("lint")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "tidak ada kesalahan" in result.stderr


def test_lint_says_file_line_and_column(mappings: Path) -> None:
    path = mappings / "unj" / "permohonan-layanan-teknis.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("roles: [helpdesk]", "roles: [helpdeks]", 1), encoding="utf-8")
    result = run("lint", "--mappings", str(mappings))
    assert result.exit_code == 1
    line = text[: text.index("roles: [helpdesk]")].count("\n") + 1
    assert re.search(rf"permohonan-layanan-teknis\.yaml:{line}:\d+: .*helpdeks.*helpdesk", result.stdout)
    assert "1 kesalahan" in result.stderr


def test_lint_of_a_document_without_a_template(mappings: Path) -> None:
    path = mappings / "unj" / "permohonan-layanan-teknis.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("template: nota-dinas", "template: nota-dina"), encoding="utf-8")
    result = run("lint", "--mappings", str(mappings))
    assert result.exit_code == 1
    assert "«nota-dina»" in result.stdout
    assert "nota-dinas" in result.stdout


def test_lint_of_a_folder_that_is_not_there() -> None:
    assert run("lint", "--mappings", "/tidak/ada").exit_code == 2


# procedures ---------------------------------------------------------------------------------------------------


def test_procedures_as_json_keep_the_contract() -> None:
    result = run("procedures", "--profile", "unj", "--format", "json")
    assert result.exit_code == 0
    found = next(each for each in json.loads(result.stdout) if each["id"] == "permohonan-layanan-teknis")
    assert set(found) >= {
        *("profile", "id", "code", "title", "tracker", "form", "roles", "fields", "ends", "steps"),
    }
    step = found["steps"][2]
    assert set(step) >= {
        *("no", "id", "kind", "title", "status", "roles", "limit", "limit_by", "needs", "outputs"),
        *("outcomes", "basis"),
    }
    assert step["limit"] == {"amount": 30, "unit": "menit"}
    assert step["outcomes"]["terverifikasi"] == "penjadwalan"
    assert found["ends"]["selesai"] == "Selesai"
    assert found["steps"][1]["status"] is None


def test_procedures_as_text_show_every_step() -> None:
    shown = run("procedures", "--profile", "unj").stdout
    assert "Verifikasi identitas" in shown
    assert "30 menit" in shown


def test_an_unknown_profile_is_said() -> None:
    result = run("procedures", "--profile", "unjj")
    assert result.exit_code == 1
    assert "unjj" in result.stderr


# due ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2026-11-20T15:59+07:00", "1 hari kerja", "2026-11-23T16:00:00+07:00"),
        ("2026-11-21T10:00+07:00", "1 hari kerja", "2026-11-23T16:00:00+07:00"),
        ("2026-11-20 15:45", "30 menit", "2026-11-23T08:15:00+07:00"),
        ("2026-11-20 15.45", "30 menit", "2026-11-23T08:15:00+07:00"),
        ("2026-11-20T15.45+07:00", "30 menit", "2026-11-23T08:15:00+07:00"),
        ("2026-11-20T08:45:00Z", "30 menit", "2026-11-23T08:15:00+07:00"),
        ("2026-11-20T15:30+07:00", "30 menit", "2026-11-20T16:00:00+07:00"),
    ],
)
def test_due(start: str, limit: str, end: str) -> None:
    assert run("due", start, limit, "--profile", "unj").stdout == end + "\n"


def test_a_limit_without_a_unit_is_wrong_use() -> None:
    result = run("due", "2026-11-20T15:59+07:00", "30", "--profile", "unj")
    assert result.exit_code == 2
    assert "hari kerja" in result.output


# settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["plan", "apply", "doctor", "run", "web", "worker", "rebuild"])
def test_what_is_missing_is_said_at_once_without_a_traceback(command: str) -> None:
    result = run(command)
    assert result.exit_code == 2
    assert "SOP_REDMINE_URL" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["run", "web", "worker"])
def test_a_certificate_that_cannot_be_opened_stops_the_start(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "SOP_REDMINE_URL": "http://127.0.0.1:1",
        "SOP_REDMINE_API_KEY": "k",
        "SOP_WEBHOOK_SECRET": "w",
        "SOP_SMTP_URL": "smtp://127.0.0.1:1",
        "SOP_MAIL_FROM": "layanan@contoh.ac.id",
        "SOP_PUBLIC_URL": "http://127.0.0.1:1",
        "SOP_SECRET_KEY": "r" * 32,
        "SOP_DATABASE_URL": f"sqlite:///{tmp_path}/connector.db",
        "SOP_SIGN_PKCS12_FILE": str(tmp_path / "segel.p12"),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "segel.p12").write_bytes(b"rusak")
    result = run(command)
    assert result.exit_code == 2
    assert "kata sandinya salah" in result.stderr.lower()
    assert "SOP_SIGN_PASSPHRASE" in result.stderr
    assert not (tmp_path / "connector.db").exists()


# dead ---------------------------------------------------------------------------------------------------------


def test_dead_jobs_are_listed_revived_and_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector.bootstrap import Application
    from connector.settings import Settings

    url = f"sqlite:///{tmp_path}/k.db"
    monkeypatch.setenv("SOP_DATABASE_URL", url)
    application = Application(Settings.load({"SOP_DATABASE_URL": url}))
    application.store.migrate()
    queue, clock = application.store.queue, FakeClock(MONDAY)
    for key in ("issue:1", "issue:2"):
        queue.put(key, now=clock())
    for _ in range(2):
        job = queue.claim("w", now=clock(), lease=dt.timedelta(minutes=1))
        assert job is not None
        queue.bury(job, now=clock(), error="RefusedError")
    application.store.close()
    listed = run("dead", "list")
    assert listed.exit_code == 1
    assert "issue:1" in listed.stdout
    assert "RefusedError" in listed.stdout
    assert run("dead", "retry", "issue:1").exit_code == 0
    assert run("dead", "drop", "issue:2").exit_code == 0
    assert run("dead", "list").exit_code == 0
    missing = run("dead", "drop", "issue:2")
    assert missing.exit_code == 1
    assert "issue:2" in missing.stderr


# plan and apply -----------------------------------------------------------------------------------------------

REDMINE = "http://redmine.test"


@dataclass
class Site:
    """What Redmine answers to `plan` and `apply`."""

    web: responses.RequestsMock
    states: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)

    def serve(self) -> None:
        self.web.add_callback(responses.POST, f"{REDMINE}/sop/blueprint.json", self._blueprint)
        self.web.get(f"{REDMINE}/sop/info.json", json={"keys": {"status:lama": 5}})
        self.web.get(f"{REDMINE}/sop/states.json", json={"states": self.states, "more": False})

    def _blueprint(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body or "")
        change = {"action": "create", "kind": "status", "key": "status:x", "name": "X", "changes": {}}
        applied = body["apply"] and not self.refused
        answer: dict[str, Any] = {
            "applied": applied,
            "changes": [change],
            "refused": self.refused,
            "keys": {},
        }
        return 200, {}, json.dumps(answer)

    @property
    def asked(self) -> list[tuple[bool, list[str] | None]]:
        """Of each blueprint that was sent: whether it was to be applied, and for which profiles."""
        bodies = [
            json.loads(call.request.body or "") for call in self.web.calls if call.request.method == "POST"
        ]
        return [(body["apply"], body["profiles"]) for body in bodies]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("SOP_REDMINE_URL", REDMINE)
    monkeypatch.setenv("SOP_REDMINE_ADMIN_KEY", "kunci")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield Site(web)


def standing(step: str, procedure: str = "unj/permohonan-layanan-teknis") -> dict[str, Any]:
    """An open ticket in a step, as the plugin's list has it."""
    stay = {"step": step, "entered": "2026-11-23T02:00:00Z", "journal": 1, "version": "v1"}
    data = {
        "procedure": procedure,
        "number": "UNJ-2026-000001",
        "received": "2026-11-23T02:00:00Z",
        "origin": "portal",
        "token_hash": "x",
        "stays": [stay],
    }
    return {
        "issue_id": 7,
        "closed": False,
        "status_id": 5,
        "last_journal": 1,
        "cursor": 1,
        "number": "UNJ-2026-000001",
        "submission": None,
        "version": 1,
        "data": data,
    }


def test_a_plan_as_json(site: Site) -> None:
    site.serve()
    result = run("plan", "--format", "json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["applied"], told["blocked"], told["tickets"]) == (False, False, [])
    assert told["counts"] == {"create": 1, "update": 0, "adopt": 0, "retire": 0, "delete": 0}
    assert told["changes"][0]["key"] == "status:x"
    assert run("plan", "--exit-code").exit_code == 1
    assert site.asked == [(False, None), (False, None)]


def test_apply_says_for_whom_it_speaks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOP_PROFILES", "unj,jabar")
    site.serve()
    result = run("apply")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "Diterapkan: 1 dibuat."
    assert site.asked == [(False, ["unj", "jabar"]), (True, ["unj", "jabar"])]


def test_apply_does_not_strand_tickets(site: Site) -> None:
    site.states.append(standing("langkah-lama"))
    site.serve()
    shown = run("plan")
    assert shown.exit_code == 1
    assert "Akan diterapkan: 1 dibuat." in shown.stdout
    assert "langkah «langkah-lama» dihapus" in shown.stdout
    result = run("apply")
    assert result.exit_code == 1
    assert result.stdout.startswith("Tidak ada yang diubah.")
    assert "    langkah-lama: LANGKAH-BARU" in result.stdout
    assert not any(applied for applied, _ in site.asked)
    told = json.loads(run("apply", "--format", "json").stdout)
    assert (told["applied"], told["blocked"]) == (False, True)
    assert told["tickets"][0]["issues"] == [7]


def test_tickets_of_an_organization_that_is_not_meant_stop_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOP_PROFILES", "jabar")
    site.states.append(standing("langkah-lama"))
    site.serve()
    assert run("apply").exit_code == 0


def test_a_renamed_status_is_told_and_applied(site: Site) -> None:
    site.states.append(standing("penjadwalan"))
    site.serve()
    result = run("apply")
    assert result.exit_code == 0
    assert "konektor memindahkan tiketnya ke «Penjadwalan»: 1 tiket (#7)" in result.stdout


def test_what_is_refused_is_not_tried_twice(site: Site) -> None:
    site.refused.append({"kind": "status", "key": "status:x", "name": "X", "reason": "Sudah ada."})
    site.serve()
    result = run("apply")
    assert result.exit_code == 1
    assert "connector apply --adopt status:x" in result.stdout
    assert len(site.asked) == 1


def test_the_register_of_documents_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector.bootstrap import Application
    from connector.settings import Settings
    from tests.unit.documents.test_verification import REPLACED, VALID, VOID

    url = f"sqlite:///{tmp_path}/k.db"
    monkeypatch.setenv("SOP_DATABASE_URL", url)
    application = Application(Settings.load({"SOP_DATABASE_URL": url}))
    application.store.migrate()
    assert run("documents").output == "Tidak ada dokumen.\n"
    void = replace(
        VOID, code="0000-0000-0002", slot=replace(VOID.slot, key="b"), sequence=8, number="8/ST/2026"
    )
    application.store.register.record([VALID, void])
    application.store.register.record([REPLACED])
    told = run("documents", "--year", "2026").output
    assert f"{VALID.number}  surat-tugas  #42  {VALID.code}  diganti oleh {REPLACED.replaced_by}" in told
    assert "8/ST/2026" in told
    assert f"batal: {VOID.reason}" in told
    assert "2 dokumen." in told
    assert run("documents", "--issue", "7").output == "Tidak ada dokumen.\n"
    listed = json.loads(run("documents", "--issue", "42", "--format", "json").output)
    assert [(each["sequence"], each["status"]) for each in listed] == [(7, "diganti"), (8, "batal")]
    assert "Sari" not in json.dumps(listed)
