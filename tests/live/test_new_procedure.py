"""The guide to the next POS, followed on a real Redmine: from `connector new` to a closed ticket."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from connector.sop.loader import load
from connector.sop.model import Procedure
from connector.sop.table import is_requesters
from devtools.demo import confirm, issue_of, submit
from devtools.people import procedure_of, wait_until
from devtools.requester import Requester
from devtools.stack import MAPPINGS, ROOT, Stack
from devtools.walk import Walker, main_way
from tests import guide
from tests.live.service import TODAY

pytestmark = pytest.mark.live

KEY = f"{guide.PROFILE}/{guide.PROCEDURE}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A Redmine on which the ten procedures run, as the guide's reader has it."""
    mappings = Path(shutil.copytree(MAPPINGS, tmp_path / "pemetaan"))
    made = Stack.create(
        tmp_path / "stack",
        redmine_port=free_port(),
        connector_port=free_port(),
        smtp_port=free_port(),
        mappings=mappings,
        poll_seconds="1",
    )
    with made.mail, made.redmine.running():
        made.provision()
        made.populate()
        yield made
    made.destroy()


def test_the_guide_from_new_to_a_closed_ticket(stack: Stack, tmp_path: Path) -> None:
    new, lint, diagram, procedures, due, plan, apply, doctor, explain = guide.commands()
    mappings = Path(stack.connector.environment["SOP_MAPPINGS_DIR"])
    assert "pengajuan-subdomain.yaml" in connector(stack, tmp_path, new)
    path = mappings / guide.PROFILE / f"{guide.PROCEDURE}.yaml"
    connector(stack, tmp_path, lint)
    path.write_text(guide.edited(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert "tidak ada kesalahan" in connector(stack, tmp_path, lint)
    connector(stack, tmp_path, diagram)
    assert "Pembuatan subdomain" in "".join(ET.parse(tmp_path / diagram[-1]).getroot().itertext())
    assert "Pengajuan Subdomain" in connector(stack, tmp_path, procedures)
    assert connector(stack, tmp_path, due) == "2026-11-24T16:00:00+07:00\n"
    assert "Pembuatan subdomain" in connector(stack, tmp_path, plan)
    connector(stack, tmp_path, apply)
    stack.catalogue = load(mappings)
    stack.keys = keys(stack)
    with stack.connector.running():
        said = connector(stack, tmp_path, doctor, code=None)
        # from each November on until the next decree is built in, the calendar is a finding
        assert {line.split()[1] for line in said.splitlines() if line.startswith("TEMUAN")} <= {"Kalender"}
        walker = walked(stack, procedure_of(stack.catalogue, KEY))
        assert walker.issue == int(explain[-1])
        assert "6. Penerimaan · " in connector(stack, tmp_path, explain)


def connector(stack: Stack, here: Path, command: list[str], *, code: int | None = 0) -> str:
    """What a command of the guide says; it must go well, or end with this code."""
    admin = {"SOP_REDMINE_ADMIN_KEY": stack.redmine.admin["api_key"]}
    environment = {**os.environ, **stack.connector.environment, **admin, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "connector.cli", *command],
        env=environment,
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    assert code in (None, done.returncode), (command, done.stdout, done.stderr)
    return done.stdout or done.stderr


def keys(stack: Stack) -> dict[str, int]:
    found: dict[str, int] = stack.admin.get("/sop/info.json")["keys"]
    return found


def walked(stack: Stack, procedure: Procedure) -> Walker:
    """The first ticket, from the form to closed, each step by its own role's person."""
    requester = Requester()
    link, number = submit(stack, procedure, requester)
    walker = Walker(
        procedure=procedure,
        issue=issue_of(stack, number),
        url=stack.redmine.url,
        people=stack.people[procedure.profile],
        keys=stack.keys,
        today=TODAY,
    )
    walker.wait_for(procedure.first_step.status or "")
    for step, outcome in main_way(procedure):
        if is_requesters(procedure, step):
            confirm(requester, link, step, procedure, TODAY)
            walker.wait_for(walker.target(step, outcome))
        else:
            walker.forward(step, outcome)
    wait_until("the ticket's state ends", lambda: state(stack, walker.issue).get("ended") == "selesai")
    stays = [stay["step"] for stay in state(stack, walker.issue)["stays"]]
    assert stays == [step.id for step in procedure.active_steps]
    assert stack.admin.issue(walker.issue)["status"]["name"] == "Selesai"
    files = stack.admin.get(f"/sop/issues/{walker.issue}.json")["files"]
    assert any(file["filename"].startswith("BA-") for file in files)
    return walker


def state(stack: Stack, issue: int) -> dict[str, Any]:
    found: dict[str, Any] = stack.admin.get(f"/sop/issues/{issue}.json")["state"]["data"]
    return found
