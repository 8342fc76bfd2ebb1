"""A real Redmine with the plugin, and one with the mappings applied and a person in every role."""

from __future__ import annotations

import socket
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


@pytest.fixture(scope="session")
def redmine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedmineInstance, dict[str, str]]]:
    """A running Redmine with the plugin and the connector's user, and what the setup task printed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    instance = RedmineInstance.create(tmp_path_factory.mktemp("live") / "redmine", port=port, plugin=PLUGIN)
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
