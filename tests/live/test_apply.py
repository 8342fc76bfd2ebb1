"""`connector plan` and `apply` on a shared server: foreign objects, other profiles, an administrator's edits."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.bootstrap import Application
from connector.cli import main
from connector.redmine.provision import LABELS
from connector.settings import SERVICE, Settings
from connector.sop.loader import load
from devtools.mail import MailCatcher
from devtools.people import Api, keys_of
from devtools.redmine import RedmineInstance
from devtools.stack import Connector, Stack
from tests.live.conftest import MAPPINGS, PLUGIN, Provisioned, free_port
from tests.live.service import Service

pytestmark = pytest.mark.live

#: Every table that a blueprint writes, and how to leave out what is ours.
TABLES = {
    "trackers": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'tracker')",
    "issue_statuses": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'status')",
    "roles": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'role')",
    "custom_fields": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'field')",
    "projects": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'project')",
    "queries": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'query')",
    "users": "id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'group') AND login <> 'admin'",
    "workflows": "tracker_id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'tracker')",
    "projects_trackers": "project_id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'project')",
    "custom_fields_trackers": "custom_field_id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'field')",
    "custom_fields_roles": "custom_field_id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'field')",
    "enabled_modules": "project_id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'project')",
    "members": "project_id NOT IN (SELECT ref_id FROM sop_objects WHERE kind = 'project')",
}
#: Projects keep their place among all others in columns of their own, which move with each new one.
COLUMNS = {
    "projects": "id, name, description, identifier, is_public, status, parent_id, inherit_members, updated_on"
}
FOREIGN = """
  status = IssueStatus.create!(name: 'Menunggu vendor')
  tracker = Tracker.create!(name: 'Pengadaan', default_status: status)
  role = Role.create!(name: 'Auditor', permissions: [:view_issues, :edit_issues])
  group = Group.create!(lastname: 'Tim pengadaan')
  project = Project.create!(name: 'Pengadaan', identifier: 'pengadaan', tracker_ids: [tracker.id])
  field = IssueCustomField.create!(name: 'Nomor kontrak', field_format: 'string', tracker_ids: [tracker.id])
  Member.create!(project: project, principal: group, roles: [role])
  WorkflowTransition.create!(tracker: tracker, role: role, old_status: status, new_status: IssueStatus.first)
  IssueQuery.create!(name: 'Kontrak', user: User.find_by_login('admin'), visibility: 2, project: project)
"""


@dataclass
class Server:
    """A Redmine with things of its own, and the command."""

    instance: RedmineInstance
    api_key: str

    @contextmanager
    def service(self, folder: Path) -> Iterator[Service]:
        """A connector on this server, in this process."""
        port = free_port()
        environment = {
            "SOP_REDMINE_URL": self.instance.url,
            "SOP_REDMINE_API_KEY": self.api_key,
            "SOP_WEBHOOK_SECRET": "rahasia",
            "SOP_DATABASE_URL": f"sqlite:///{folder}/connector.db",
            "SOP_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "SOP_MAIL_FROM": "Layanan <layanan@contoh.id>",
            "SOP_PUBLIC_URL": "http://127.0.0.1:8000",
            "SOP_SECRET_KEY": "0" * 64,
        }
        with MailCatcher(folder / "surat", port) as mail:
            connector = Connector(free_port(), environment, folder / "log")
            yield Service(
                Stack(folder, self.instance, connector, mail, load(MAPPINGS), webhook_secret="rahasia")
            )

    def run(self, *words: str, profiles: str = "", code: int = 0) -> Result:
        environment = {
            "SOP_REDMINE_URL": self.instance.url,
            "SOP_REDMINE_ADMIN_KEY": self.instance.admin["api_key"],
            "SOP_PROFILES": profiles,
        }
        result = CliRunner().invoke(main, words, env=environment)
        assert result.exit_code == code, result.output
        return result

    def told(self, *words: str, profiles: str = "", code: int = 0) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(
            self.run(*words, "--format", "json", profiles=profiles, code=code).stdout
        )
        return told

    def sql(self, statement: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.instance.database, timeout=30)) as database, database:
            return database.execute(statement, values).fetchall()

    def dump(self) -> dict[str, list[Any]]:
        """Every row that is not ours."""
        return {
            table: sorted(
                self.sql(f"SELECT {COLUMNS.get(table, '*')} FROM {table} WHERE {foreign}"),
                key=repr,
            )
            for table, foreign in TABLES.items()
        }

    def keys(self) -> dict[str, int]:
        return keys_of(Api(self.instance.url, self.instance.admin["api_key"]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = RedmineInstance.create(
        tmp_path_factory.mktemp("terapan") / "redmine", port=free_port(), plugin=PLUGIN
    )
    printed = instance.setup()
    instance.runner(FOREIGN)
    with instance.running():
        yield Server(instance, printed["api_key"])
    instance.destroy()


def test_foreign_objects_and_other_profiles_are_left_alone(server: Server) -> None:
    """`unj` alone, then all, then `unj` again: each plan is empty afterwards, and nothing foreign was touched."""
    before = server.dump()
    assert server.told("apply", profiles="unj")["applied"]
    alone = server.keys()
    assert not [key for key in alone if "jabar" in key or "bunghatta" in key]
    assert server.told("apply")["applied"]
    everything = server.keys()
    assert everything.items() >= alone.items()
    for profiles in ("", "unj", "jabar,bunghatta"):
        told = server.told("plan", "--exit-code", profiles=profiles)
        assert (told["changes"], told["refused"]) == ([], []), profiles
    assert server.told("apply", profiles="unj")["applied"]
    assert server.keys() == everything
    assert server.run("plan", "--exit-code").stdout.startswith("Redmine sudah sesuai")
    assert server.dump() == before


def test_the_shape_of_the_answer(server: Server) -> None:
    told = server.told("plan")
    assert set(told) == {"applied", "blocked", "counts", "changes", "refused", "tickets", "limits"}
    assert set(told["counts"]) == {"create", "update", "adopt", "retire", "delete"}


# drift --------------------------------------------------------------------------------------------------------

TRACKER = "tracker:unj:permohonan-layanan-teknis"
Edit = Callable[[Server, dict[str, int]], None]


def _transition_removed(server: Server, keys: dict[str, int]) -> None:
    server.sql(
        "DELETE FROM workflows WHERE tracker_id = ? AND old_status_id = ? AND new_status_id = ? AND role_id = ?",
        *(keys[TRACKER], keys["status:penjadwalan"], keys["status:tindak-lanjut-jadwal"]),
        keys["role:unj:helpdesk"],
    )


def _transition_added(server: Server, keys: dict[str, int]) -> None:
    server.sql(
        "INSERT INTO workflows (tracker_id, old_status_id, new_status_id, role_id, assignee, author, type)"
        " VALUES (?, ?, ?, ?, 0, 0, 'WorkflowTransition')",
        *(keys[TRACKER], keys["status:penjadwalan"], keys["status:selesai"], keys["role:unj:helpdesk"]),
    )


def _rule_removed(server: Server, keys: dict[str, int]) -> None:
    server.sql(
        "DELETE FROM workflows WHERE type = 'WorkflowPermission' AND rule = 'required' AND tracker_id = ?"
        " AND old_status_id = ? AND role_id = ?",
        *(keys[TRACKER], keys["status:penjadwalan"], keys["role:unj:helpdesk"]),
    )


def _set(table: str, key: str, column: str, value: Any) -> Edit:
    def edit(server: Server, keys: dict[str, int]) -> None:
        server.sql(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, keys[key])

    return edit


def _permission_removed(server: Server, keys: dict[str, int]) -> None:
    [[text]] = server.sql("SELECT permissions FROM roles WHERE id = ?", keys["role:unj:helpdesk"])
    server.sql(
        "UPDATE roles SET permissions = ? WHERE id = ?",
        text.replace("- :set_notes_private\n", ""),
        keys["role:unj:helpdesk"],
    )


def _group_out(server: Server, keys: dict[str, int]) -> None:
    admin = Api(server.instance.url, server.instance.admin["api_key"])
    members = admin.get(f"/projects/{keys['project:unj']}/memberships.json", limit=100)["memberships"]
    [mine] = [each for each in members if each.get("group", {}).get("id") == keys["group:unj:helpdesk"]]
    admin.call("DELETE", f"/memberships/{mine['id']}.json")


def _tracker_off(server: Server, keys: dict[str, int]) -> None:
    server.sql(
        "DELETE FROM custom_fields_trackers WHERE custom_field_id = ? AND tracker_id = ?",
        *(keys["field:unj:identitas"], keys[TRACKER]),
    )


def _setting(server: Server, _: dict[str, int]) -> None:
    server.instance.runner("Setting.issue_group_assignment = '0'")


DRIFT: dict[str, tuple[Edit, str, str, dict[str, list[Any]] | None]] = {
    "a transition was removed": (
        _transition_removed,
        "create transition",
        "Layanan Teknis TI: Penjadwalan → Tindak lanjut jadwal, Helpdesk UNJ",
        {"roles": [[], ["Helpdesk UNJ"]]},
    ),
    "a transition was added": (
        _transition_added,
        "delete transition",
        "Layanan Teknis TI: Penjadwalan → Selesai, Helpdesk UNJ",
        {"roles": [["Helpdesk UNJ"], []]},
    ),
    "a need is not required any more": (_rule_removed, "create rule", "Layanan Teknis TI: ", None),
    "a status was renamed": (
        _set("issue_statuses", "status:penjadwalan", "name", "Dijadwalkan"),
        "update status",
        "Penjadwalan",
        {"name": ["Dijadwalkan", "Penjadwalan"]},
    ),
    "a status was closed": (
        _set("issue_statuses", "status:penjadwalan", "is_closed", 1),
        "update status",
        "Penjadwalan",
        {"is_closed": [True, False]},
    ),
    "a tracker was renamed": (
        _set("trackers", TRACKER, "name", "Layanan"),
        "update tracker",
        "Layanan Teknis TI",
        {"name": ["Layanan", "Layanan Teknis TI"]},
    ),
    "a field was renamed": (
        _set("custom_fields", "field:unj:identitas", "name", "Nomor induk"),
        "update field",
        "Nomor identitas",
        {"name": ["Nomor induk", "Nomor identitas"]},
    ),
    "a field is required everywhere": (
        _set("custom_fields", "field:unj:identitas", "is_required", 1),
        "update field",
        "Nomor identitas",
        {"is_required": [True, False]},
    ),
    "a field lost its choices": (
        _set(
            "custom_fields",
            "field:unj/permohonan-layanan-teknis:jenis_layanan",
            "possible_values",
            "---\n- Lain\n",
        ),
        "update field",
        "Jenis layanan",
        None,
    ),
    "a field was taken from a tracker": (_tracker_off, "update field", "Nomor identitas", None),
    "a permission was taken": (_permission_removed, "update role", "Helpdesk UNJ", None),
    "a group was put out of the project": (
        _group_out,
        "create member",
        "",
        {"roles": [[], ["Helpdesk UNJ"]]},
    ),
    "a query was changed": (
        _set("queries", "query:unj:terbuka", "group_by", "priority"),
        "update query",
        "Terbuka menurut langkah",
        {"group_by": ["priority", "status"]},
    ),
    "a project was renamed": (_set("projects", "project:unj", "name", "Lain"), "update project", "", None),
    "a setting was changed": (
        _setting,
        "update setting",
        "issue_group_assignment",
        {"value": ["0", "1"]},
    ),
}


@dataclass
class Drift:
    """What a plan said after an administrator changed everything in `DRIFT`."""

    told: dict[str, Any]
    text: str
    keys: dict[str, int]

    def change(self, kind: str, name: str, fields: dict[str, list[Any]] | None) -> dict[str, Any]:
        """The change of this kind and name, with these attributes."""
        found = [
            each
            for each in self.told["changes"]
            if f"{each['action']} {each['kind']}" == kind
            and name in each["name"]
            and (fields or {}).items() <= each["changes"].items()
        ]
        assert found, [each for each in self.told["changes"] if f"{each['action']} {each['kind']}" == kind]
        return dict(found[0])


@pytest.fixture(scope="module")
def drift(server: Server) -> Drift:
    """Seen once for all: a plan takes seconds."""
    server.run("apply")
    keys = server.keys()
    for edit, *_ in DRIFT.values():
        edit(server, keys)
    return Drift(server.told("plan", "--exit-code", code=1), server.run("plan").stdout, keys)


@pytest.mark.parametrize("what", DRIFT)
def test_what_an_administrator_changed_is_seen_field_by_field(drift: Drift, what: str) -> None:
    _, kind, name, fields = DRIFT[what]
    change = drift.change(kind, name, fields)
    lines = drift.text.splitlines()
    [at] = [n for n, line in enumerate(lines) if line.strip(" +~-=") == change["name"]]
    told = list(itertools.takewhile(lambda line: line.startswith("      "), lines[at + 1 :]))
    assert len(told) == len(change["changes"])
    for attribute in change["changes"]:
        assert any(line.strip().startswith(f"{LABELS[attribute]}: ") for line in told)


def test_nothing_else_is_seen_and_all_of_it_is_mended(server: Server, drift: Drift) -> None:
    found = Counter(f"{each['action']} {each['kind']}" for each in drift.told["changes"])
    assert found.pop("create rule") >= 1
    assert found.pop("update field") == 2
    assert found == dict.fromkeys(
        {kind for _, kind, *_ in DRIFT.values()} - {"create rule", "update field"}, 1
    )
    assert server.told("apply")["applied"]
    assert server.told("plan", "--exit-code")["changes"] == []
    assert server.keys() == drift.keys


# changed mappings ---------------------------------------------------------------------------------------------


def edited(folder: Path, *changes: tuple[str, str]) -> str:
    """A copy of the mappings in which the text of the POS was changed."""
    path = Path(shutil.copytree(MAPPINGS, folder)) / "unj" / "permohonan-layanan-teknis.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return str(folder)


def test_another_name_in_the_mapping_keeps_the_id(server: Server, tmp_path: Path) -> None:
    server.run("apply")
    before = server.keys()

    folder = edited(
        tmp_path / "pemetaan",
        ("tracker: Layanan Teknis TI\n", "tracker: Layanan Teknis\n"),
        ("name: Jenis layanan teknis\n", "name: Ragam layanan\n"),
    )
    told = server.told("apply", "--mappings", folder)
    assert told["applied"]
    named = {change["key"]: change["changes"].get("name") for change in told["changes"] if change["key"]}
    assert named == {
        TRACKER: ["Layanan Teknis TI", "Layanan Teknis"],
        "field:unj/permohonan-layanan-teknis:jenis_layanan": ["Jenis layanan teknis", "Ragam layanan"],
    }
    assert server.keys() == before
    assert server.told("apply")["applied"]


def test_what_holds_tickets_is_retired_and_said_so(provisioned: Provisioned, tmp_path: Path) -> None:
    """A field in use and a tracker with tickets are never deleted; this server has some of both."""
    provisioned.connector.call(
        "POST",
        "/issues.json",
        {
            "issue": {
                "project_id": provisioned.keys["project:jabar"],
                "tracker_id": provisioned.keys["tracker:jabar:service-desk"],
                "subject": "Uji",
            }
        },
    )
    wanted = {
        name: [
            entry
            for entry in entries
            if name not in ("trackers", "transitions", "rules")
            or "tracker:jabar:service-desk" not in (entry.get("key"), entry.get("tracker"))
        ]
        if isinstance(entries, list)
        else entries
        for name, entries in provisioned.blueprint.items()
    }
    wanted["fields"] = [
        {**each, "trackers": [key for key in each["trackers"] if key != "tracker:jabar:service-desk"]}
        for each in wanted["fields"]
    ]
    wanted["projects"] = [
        {**each, "trackers": [key for key in each["trackers"] if key != "tracker:jabar:service-desk"]}
        for each in wanted["projects"]
    ]
    planned = provisioned.provisioner.plan(wanted)
    assert ("retire", "tracker:jabar:service-desk") in {(c["action"], c["key"]) for c in planned.changes}
    assert not [c for c in planned.changes if c["action"] == "delete" and c["kind"] == "tracker"]


def test_tickets_of_a_lost_step_are_counted_kept_safe_and_moved(server: Server, tmp_path: Path) -> None:
    """A ticket under way, a mapping without its step, a refusal, `moved_to`, and the connector's next look."""
    server.run("apply")
    with server.service(tmp_path) as service:
        _walk_of_a_changed_mapping(server, service, tmp_path)


def _walk_of_a_changed_mapping(server: Server, service: Service, tmp_path: Path) -> None:
    application = service.here()
    number, _ = service.submit(application)
    service.drain(application)
    issue = service.issue_of(number)

    lost = (
        ("verifikasi-identitas", "pemeriksaan-pemohon"),
        ("status: Verifikasi identitas\n", "status: Pemeriksaan pemohon\n"),
        ("limit: 30 menit\n    needs: [uraian, identitas", "limit: 2 jam\n    needs: [uraian, identitas"),
    )
    refused = server.told("apply", "--mappings", edited(tmp_path / "tanpa", *lost), code=1)
    assert (refused["applied"], refused["blocked"]) == (False, True)
    [held] = refused["tickets"]
    assert (held["change"], held["issues"]) == ("removed", [issue])

    where = ("\nsteps:\n", "\nmoved_to: {verifikasi-identitas: pemeriksaan-pemohon}\nsteps:\n")
    kept = edited(tmp_path / "dengan", *lost, where)
    applied = server.told("apply", "--mappings", kept)
    assert applied["applied"]
    assert [(each["change"], each["to"], each["issues"]) for each in applied["tickets"]] == [
        ("moved", "pemeriksaan-pemohon", [issue])
    ]
    service.environment = {**service.environment, "SOP_MAPPINGS_DIR": kept}
    changed = Application(Settings.load(service.environment, SERVICE))
    assert changed.poller.sweep() == 1
    service.drain(changed)
    assert service.stack.admin.issue(issue)["status"]["name"] == "Pemeriksaan pemohon"
    old, new = service.state(issue)["stays"]
    assert (old["outcome"], new["limit"]["amount"], new["limit"]["unit"]) == ("dipindahkan", 2, "jam")
    assert any("tidak ada lagi dalam POS" in note for note in service.notes(issue))
    assert changed.poller.sweep() == 0
    assert server.told("plan", "--mappings", kept)["tickets"] == []
