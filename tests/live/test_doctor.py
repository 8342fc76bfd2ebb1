"""`connector doctor` on a service that runs: all good, and with things broken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli import main
from connector.commands.care import CHECKS
from tests.live.conftest import free_port
from tests.live.service import Service

pytestmark = pytest.mark.live


def doctor(service: Service, *, code: int | None, **changes: str) -> dict[str, dict[str, Any]]:
    environment = {
        **service.environment,
        "SOP_REDMINE_ADMIN_KEY": service.stack.redmine.admin["api_key"],
        **changes,
    }
    result = CliRunner().invoke(main, ["doctor", "--format", "json"], env=environment)
    checks = {each["id"]: each for each in json.loads(result.stdout)["checks"]}
    wrong = any(each["findings"] for each in checks.values())
    assert result.exit_code == (wrong if code is None else code), result.output
    # from each November on until the next decree is built in, the calendar is a finding
    checks.pop("calendar")
    # the shipped directory of units is an example, and says so
    if "units" in checks and checks["units"]["status"] != "skipped":
        assert checks.pop("units")["status"] == "note"
    return checks


@pytest.fixture
def running(service: Service) -> Iterator[Service]:
    with service.stack.connector.running():
        yield service


def test_all_is_well(running: Service) -> None:
    found = doctor(running, code=None)
    assert {name: each for name, each in found.items() if each["status"] != "good"} == {}
    assert len(found) == len(CHECKS) - 2


def test_several_things_broken_are_all_found(running: Service) -> None:
    """A permission taken, mail gone, a role that nobody holds."""
    stack = running.stack
    role, group = stack.keys["role:unj:helpdesk"], stack.keys["group:unj:staf-data"]
    people = [person.id for person in stack.people["unj"]["staf-data"]]
    with closing(sqlite3.connect(stack.redmine.database, timeout=30)) as database, database:
        [(before,)] = database.execute("SELECT permissions FROM roles WHERE id = ?", (role,))
        database.execute(
            "UPDATE roles SET permissions = ? WHERE id = ?", (before.replace("- :edit_issues\n", ""), role)
        )
    for person in people:
        stack.admin.call("DELETE", f"/groups/{group}/users/{person}.json")
    try:
        found = doctor(running, code=1, SOP_SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    finally:
        with closing(sqlite3.connect(stack.redmine.database, timeout=30)) as database, database:
            database.execute("UPDATE roles SET permissions = ? WHERE id = ?", (before, role))
        stack.admin.call("POST", f"/groups/{group}/users.json", {"user_ids": people})
    bad = {name: each["findings"][0]["text"] for name, each in found.items() if each["findings"]}
    assert set(bad) == {"drift", "mail", "roles"}
    assert "Helpdesk UNJ" in bad["drift"]
    assert "Staf Data UNJ" in bad["roles"]
    assert "tidak dapat dihubungi" in bad["mail"]


def test_a_connector_that_does_not_run_is_found_from_redmines_side(service: Service) -> None:
    found = doctor(service, code=1)
    assert "Errno::ECONNREFUSED" in found["webhook"]["findings"][0]["text"]
    assert found["permissions"]["status"] == "good"


def test_a_redmine_that_is_away_leaves_the_rest_to_be_tried(service: Service) -> None:
    found = doctor(service, code=1, SOP_REDMINE_URL=f"http://127.0.0.1:{free_port()}")
    assert found["redmine"]["status"] == "finding"
    assert {found[name]["status"] for name in ("webhook", "permissions", "drift")} == {"skipped"}
    assert {found[name]["status"] for name in ("mail", "documents", "mappings")} == {"good"}
