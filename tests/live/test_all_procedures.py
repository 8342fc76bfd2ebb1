"""Every shipped procedure on a real Redmine, through every outcome and loop, each step by its own role's user.

The tours are made from the table: a new outcome is walked without a new test.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connector.bootstrap import Application
from connector.engine.snapshot import RequesterAction
from connector.sop.loader import load
from connector.sop.model import FieldType, OutputKind, Procedure, Step
from connector.sop.table import is_on_portal, is_return
from devtools.tours import Edge, goes_to, tours
from devtools.walk import EXAMPLES, PDF, Walker, example
from tests.holding import hold, upload
from tests.live.conftest import MAPPINGS
from tests.live.service import TODAY, Service

pytestmark = pytest.mark.live

SHIPPED = {procedure.key: procedure for procedure in load(MAPPINGS).procedures}
TOURS = [(key, tour) for key, procedure in SHIPPED.items() for tour in tours(procedure)]
#: Longer ones are taken by `make long`; each procedure has a shorter one, or another live test that walks its main way.
LONG = {"unj/permohonan-layanan-teknis": 12, "unj/permintaan-data-insidental": 12}


@dataclass
class Tour:
    """One ticket on its way."""

    service: Service
    app: Application
    walker: Walker
    number: str
    address: str

    @property
    def procedure(self) -> Procedure:
        return self.service.procedure

    def take(self, edge: Edge) -> None:
        """Take an outcome as its holder would, and let the connector follow."""
        step, outcome = self.service.step(edge[0]), edge[1]
        end = self.procedure.end(step.outcomes[outcome].to)
        if end is not None and end.duplicate:
            self._repeats_another(step)
        if is_on_portal(self.procedure, step) and not is_return(self.procedure, step.outcomes[outcome].to):
            self._answer(step, outcome)
        else:
            self.walker.leave(step, outcome)
        self.service.look(self.app, self.walker.issue)
        if is_return(self.procedure, step.outcomes[outcome].to):
            self._come_back(step)

    def _repeats_another(self, step: Step) -> None:
        """Somebody says in Redmine which ticket this one repeats."""
        other, _ = self.service.ticket(self.app)
        relation = {"issue_to_id": other.issue, "relation_type": "duplicates"}
        path = f"/issues/{self.walker.issue}/relations.json"
        self.walker.desk(self.walker.holder(step)).api.call("POST", path, {"relation": relation})

    def _answer(self, step: Step, outcome: str) -> None:
        """The requester answers on his page."""
        first = outcome == next(iter(step.outcomes))
        left = [output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT and first]
        fields = [field for field in self.procedure.fields if field.id in left]
        action = RequesterAction(
            key=str(uuid.uuid4()),
            kind="outcome",
            number=self.number,
            at=self.app.clock(),
            step=step.id,
            outcome=outcome,
            fields={each.id: example(each, TODAY) for each in fields if each.type is not FieldType.FILE},
            remark="" if first else "Belum sesuai.",
        )
        uploads = [
            upload(each.id, f"{each.id}.pdf", "application/pdf", PDF)
            for each in fields
            if each.type is FieldType.FILE
        ]
        issue = self.walker.issue
        files = hold(self.app.store, action.key, uploads)
        self.app.store.submissions.add_action(action, files, issue=issue, now=self.app.clock())

    def _come_back(self, step: Step) -> None:
        """He is told what is missing, answers by telephone, and the ticket is where it came from."""
        waiting = self.procedure.waiting
        assert self.service.status(self.walker) == waiting.status
        assert self.service.state(self.walker.issue)["stays"][-1].get("due") is None
        assert self._mails_with(EXAMPLES["permintaan_perbaikan"])
        desk = self.walker.desk(self.procedure.registrars[0])
        desk.edit(self.walker.issue, status=waiting.resumed)
        self.service.look(self.app, self.walker.issue)
        assert self.service.status(self.walker) == step.status

    def _mails_with(self, words: str) -> bool:
        texts = (mail.get_body(("plain",)) for mail in self.service.mails(self.address, self.number))
        return any(words in body.get_content() for body in texts if body)

    def stands(self, step: Step) -> None:
        """In Redmine and in its state the ticket is in this step, with who has it and its time."""
        read = self.service.stack.admin.issue(self.walker.issue)
        assert read["status"]["name"] == step.status
        state = self.service.state(self.walker.issue)
        stay = state["stays"][-1]
        assert (stay["step"], stay.get("left"), state.get("ended")) == (step.id, None, None)
        assert not state.get("repairs")
        assert bool(stay.get("due")) == bool(step.limit or step.limit_by)
        if stay.get("due"):
            assert read["due_date"] == _day(self, stay["due"])
        self._assigned(read, step)

    def _assigned(self, read: dict[str, Any], step: Step) -> None:
        organization = self.service.stack.catalogue.organization(self.procedure.profile)
        assert organization is not None
        if is_on_portal(self.procedure, step):
            return
        role = organization.role(self.walker.holder(step))
        assert role is not None
        assert read["assigned_to"]["name"] == role.name

    def has_ended(self, end_id: str) -> None:
        end = self.procedure.end(end_id)
        assert end is not None
        read = self.service.stack.admin.issue(self.walker.issue)
        state = self.service.state(self.walker.issue)
        assert (read["status"]["name"], read["status"]["is_closed"]) == (end.status, True)
        assert (state["ended"], read.get("due_date")) == (end.id, None)
        assert (read["done_ratio"] == 100) == end.success
        assert not state.get("repairs")


def _day(tour: Tour, due: str) -> str:
    zone = tour.app.rules[tour.procedure.key].calendar.zone
    return dt.datetime.fromisoformat(due).astimezone(zone).date().isoformat()


@pytest.fixture(scope="module")
def app(service: Service) -> Iterator[Application]:
    application = service.here()
    yield application
    application.store.close()


@pytest.mark.parametrize(
    ("key", "way"),
    [
        pytest.param(
            key, way, id=f"{key}-{len(way)}", marks=[pytest.mark.long] if len(way) > LONG.get(key, 35) else []
        )
        for key, way in TOURS
    ],
)
def test_every_outcome_is_walked(service: Service, app: Application, key: str, way: list[Edge]) -> None:
    service = replace(service, key=key)
    walker, address = service.ticket(app)
    number = service.state(walker.issue)["number"]
    tour = Tour(service, app, walker, number, address)
    tour.stands(service.procedure.first_step)
    for edge in way:
        tour.take(edge)
        target = goes_to(service.procedure, *edge)
        if target is None:
            tour.has_ended(service.step(edge[0]).outcomes[edge[1]].to)
        else:
            tour.stands(service.step(target))
