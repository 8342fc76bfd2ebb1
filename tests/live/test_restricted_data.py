"""A need that depends on a field, on a real Redmine: restricted data is not opened without its approval."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.bootstrap import Application
from connector.sop.model import Procedure, Step
from devtools.demo import issue_of, submit
from devtools.requester import Requester
from devtools.walk import EXAMPLES, Walker, main_way
from tests.live.service import Service

pytestmark = pytest.mark.live

ADDRESS = EXAMPLES["email_pemohon"]


def begin(service: Service) -> tuple[Walker, str]:
    """A ticket in its first step, sent on the portal; with its number."""
    with service.stack.connector.running():
        _, number = submit(service.stack, service.procedure, Requester())
        walker = service.walker(issue_of(service.stack, number))
        walker.wait_for(service.procedure.first_step.status or "")
    form = service.procedure.form
    assert form is not None
    given = walker.given()
    assert all(given[name] for name in form.fields)
    return walker, number


def arrived(service: Service, walker: Walker, step: Step) -> None:
    """The ticket is in the step, with the role's group, and has the step's time."""
    read = service.stack.admin.issue(walker.issue)
    organization = service.stack.catalogue.organization(service.procedure.profile)
    assert organization is not None
    role = organization.role(step.roles[0])
    assert role is not None
    assert (read["status"]["name"], read["assigned_to"]["name"]) == (step.status, role.name)
    limit = service.state(walker.issue)["stays"][-1]["limit"]
    assert limit == (step.limit.model_dump(mode="json") if step.limit else None)


def ended(service: Service, walker: Walker) -> dict[str, Any]:
    """The ticket is closed and has been in every step once; its state."""
    read = service.stack.admin.issue(walker.issue)
    assert (read["status"]["name"], read["done_ratio"], read.get("due_date")) == ("Selesai", 100, None)
    state = service.state(walker.issue)
    assert state["ended"] == "selesai"
    assert [stay["step"] for stay in state["stays"]] == [step.id for step in service.procedure.active_steps]
    return state


def messages(procedure: Procedure) -> int:
    """How many messages the requester gets on the main way: the receipt, and what the mapping says."""
    tells = [tell for end in procedure.ends if end.success for tell in end.tell]
    for step, outcome in main_way(procedure):
        tells += [*step.tell, *step.outcomes[outcome].tell]
    return 1 + sum("pemohon" in tell.to for tell in tells)


def test_restricted_data_is_not_opened_without_its_approval(service: Service) -> None:
    service = replace(service, key="unj/permintaan-data-insidental")
    walker, number = begin(service)
    app = service.here()
    for step, outcome in main_way(service.procedure):
        arrived(service, walker, step)
        if step.id == "penerimaan-surat-tugas":
            _unapproved(service, app, walker, step)
        restricted = {"klasifikasi_data": "Terbatas"} if step.id == "koordinasi-kadiv-layanan" else {}
        walker.leave(step, outcome, choose=restricted)
        service.look(app, walker.issue)
    assert ended(service, walker)["repairs"] == 1
    assert len(service.mails(ADDRESS, number)) == messages(service.procedure)
    app.store.close()


def _unapproved(service: Service, app: Application, walker: Walker, step: Step) -> None:
    """Redmine cannot ask for it, so the connector puts the ticket back."""
    desk = walker.desk("kadiv-layanan")
    desk.edit(walker.issue, fields={"persetujuan_penggunaan": ""})
    desk.edit(walker.issue, status="Pemberian akses data")
    service.look(app, walker.issue)
    assert service.status(walker) == step.status
    assert any("Persetujuan penggunaan data" in note for note in service.notes(walker.issue))
