"""A real Redmine with the plugin, one with the mappings applied and a person in every role, and a whole service."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector.redmine.provision import Outcome, Provisioner
from connector.sop.blueprint import blueprint
from connector.sop.loader import load
from connector.sop.model import Catalogue, Procedure
from devtools.people import Api, Desk, Person, hire, keys_of, procedure_of
from devtools.redmine import RedmineInstance
from devtools.stack import Stack
from tests.live.service import Service

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "webhooks" / "redmine_sop"
MAPPINGS = ROOT / "sop_mappings"


@dataclass(frozen=True)
class Provisioned:
    """A Redmine as `connector apply` leaves it, with people."""

    instance: RedmineInstance
    catalogue: Catalogue
    blueprint: dict[str, Any]
    planned: Outcome
    applied: Outcome
    keys: dict[str, int]
    people: dict[str, dict[str, list[Person]]]
    connector_key: str

    @property
    def provisioner(self) -> Provisioner:
        return Provisioner(self.instance.url, self.instance.admin["api_key"])

    @property
    def admin(self) -> Api:
        return Api(self.instance.url, self.instance.admin["api_key"])

    @property
    def connector(self) -> Api:
        return Api(self.instance.url, self.connector_key)

    def procedure(self, key: str) -> Procedure:
        return procedure_of(self.catalogue, key)

    def desk(self, procedure: Procedure, role: str) -> Desk:
        """The procedure's tickets as the first person with this role sees them."""
        person = self.people[procedure.profile][role][0]
        return Desk(Api(self.instance.url, person.api_key), procedure, self.keys)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def redmine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedmineInstance, dict[str, str]]]:
    """A running Redmine with the plugin and the connector's user, and what the setup task printed."""
    folder = tmp_path_factory.mktemp("live") / "redmine"
    instance = RedmineInstance.create(folder, port=free_port(), plugin=PLUGIN)
    printed = instance.setup()
    with instance.running():
        yield instance, printed
    instance.destroy()


@pytest.fixture(scope="session")
def provisioned(redmine: tuple[RedmineInstance, dict[str, str]]) -> Provisioned:
    """That Redmine with all organizations applied and a person in every role."""
    instance, printed = redmine
    catalogue = load(MAPPINGS)
    wanted = blueprint(catalogue)
    provisioner = Provisioner(instance.url, instance.admin["api_key"])
    planned = provisioner.plan(wanted)
    applied = provisioner.apply(wanted)
    assert applied.applied, applied.refused
    admin = Api(instance.url, instance.admin["api_key"])
    keys = keys_of(admin)
    people = {org.id: hire(admin, org, keys) for org in catalogue.organizations}
    return Provisioned(
        instance, catalogue, wanted, planned, applied, keys, people, connector_key=printed["api_key"]
    )


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Redmine and mail run; the connector is started by the tests that want it as a process."""
    stack = Stack.create(
        tmp_path_factory.mktemp("layanan"),
        redmine_port=free_port(),
        connector_port=free_port(),
        smtp_port=free_port(),
        poll_seconds="1",
    )
    with stack.mail, stack.redmine.running():
        stack.provision()
        stack.populate()
        yield Service(stack)
    stack.destroy()


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest) -> None:
    """What earlier tests sent is not counted against a test: all come from one address, within an hour."""
    if "service" not in request.fixturenames:
        return
    database = request.getfixturevalue("service").stack.folder / "connector.db"
    if database.is_file():
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("DELETE FROM counters")
