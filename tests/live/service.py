"""A whole service for the live tests: in a process of its own, or here in the test, on the same database."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import requests

from connector.bootstrap import Application
from connector.redmine.gateway import RedmineGateway
from connector.settings import SERVICE, Settings
from connector.sop.model import FieldType, Procedure, Step
from devtools.people import Desk, procedure_of
from devtools.stack import Stack
from devtools.walk import PDF, Walker, example, main_way
from tests.holding import hold, upload
from webhooks.signature import HEADER, sign

PROCEDURE = "unj/permohonan-layanan-teknis"
TODAY = dt.date.today()  # noqa: DTZ011 - any day will do
REQUESTERS = itertools.count(1)


class CountingGateway(RedmineGateway):
    """Writes down every call."""

    calls: list[str]

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        self.__dict__.setdefault("calls", []).append(f"{method} {path}")
        return super()._call(method, path, **options)


@dataclass
class Service:
    """The service, and what a test does with it."""

    stack: Stack
    key: str = PROCEDURE
    environment: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = self.stack.connector.environment

    @property
    def procedure(self) -> Procedure:
        return procedure_of(self.stack.catalogue, self.key)

    def here(self, later: dt.timedelta = dt.timedelta(), *, caught_up: bool = True) -> Application:
        """The service built in this process, its database ready; its clock may be ahead.

        Unless it is to be caught up at once, what other tests left to do is not done.
        """
        settings = Settings.load(self.environment, SERVICE)
        application = Application(settings, clock=lambda: dt.datetime.now(dt.UTC) + later)
        gateway = CountingGateway(
            application.settings.redmine_url,
            application.settings.redmine_api_key.get_secret_value(),
            application.catalogue,
        )
        application.__dict__["redmine"] = gateway
        application.store.migrate()
        if caught_up:
            application.poller.poll()
            self.drain(application)
        gateway.calls = []
        return application

    def drain(self, application: Application) -> int:
        """Do every job that is due; how many there were."""
        worker = application.worker()
        return sum(1 for _ in iter(worker.run_once, False))

    # tickets ------------------------------------------------------------------------------------------------

    def submit(
        self, application: Application, given: Mapping[str, str] | None = None, content: bytes = PDF
    ) -> tuple[str, str]:
        """A request as the form stores it; its number and the requester's address."""
        rules = application.rules[self.key]
        address = f"pemohon{next(REQUESTERS)}@contoh.id"
        asked = [field for field in self.procedure.fields if field.id in _asked(self.procedure)]
        fields = {each.id: example(each, TODAY) for each in asked if each.type is not FieldType.FILE}
        fields |= {"email_pemohon": address, **(given or {})}
        nonce = str(uuid.uuid4())
        files = [
            upload(each.id, "bukti.pdf", "application/pdf", content)
            for each in asked
            if each.type is FieldType.FILE
        ]
        made = application.store.submissions.submit(
            nonce=nonce,
            procedure=self.key,
            prefix=rules.organization.ticket_prefix,
            received=application.clock(),
            year=application.clock().year,
            fields=fields,
            files=hold(application.store, nonce, files),
            ticket=application.receipt(rules, fields),
        )
        return made.number, address

    def ticket(self, application: Application) -> tuple[Walker, str]:
        """A ticket in its first step; with the requester's address."""
        number, address = self.submit(application)
        self.drain(application)
        return self.walker(self.issue_of(number)), address

    def issue_of(self, number: str) -> int:
        read: int = self.stack.admin.get(f"/sop/tickets/{number}.json")["issue"]["id"]
        return read

    def walker(self, issue: int) -> Walker:
        return Walker(
            procedure=self.procedure,
            issue=issue,
            url=self.stack.redmine.url,
            people=self.stack.people[self.procedure.profile],
            keys=self.stack.keys,
            today=TODAY,
        )

    def advance(self, application: Application, walker: Walker, target: str) -> None:
        """Bring a ticket to a step by its usual way."""
        for step, outcome in main_way(self.procedure):
            if self.status(walker) == (self.step(target).status or ""):
                return
            if self.status(walker) == step.status:
                walker.leave(step, outcome)
                self.look(application, walker.issue)

    def look(self, application: Application, issue: int) -> None:
        """Give a hint and let the worker follow it, with all that comes of it."""
        application.store.queue.put(f"issue:{issue}", now=application.clock())
        self.drain(application)

    def step(self, step_id: str) -> Step:
        found = self.procedure.step(step_id)
        assert found is not None
        return found

    # what is seen -------------------------------------------------------------------------------------------

    def status(self, walker: Walker) -> str:
        name: str = self.stack.admin.issue(walker.issue)["status"]["name"]
        return name

    def state(self, issue: int) -> dict[str, Any]:
        state: dict[str, Any] = self.stack.admin.get(f"/sop/issues/{issue}.json")["state"]["data"]
        return state

    def notes(self, issue: int) -> list[str]:
        return [journal["notes"] for journal in self.stack.admin.issue(issue)["journals"] if journal["notes"]]

    def mails(self, address: str, words: str) -> list[EmailMessage]:
        """Messages to an address whose subject holds these words."""
        return [mail for mail in self.stack.mail.to(address) if words in str(mail["Subject"])]

    def desk(self, walker: Walker, role: str) -> Desk:
        return walker.desk(role)

    def hook(self, body: bytes, *, secret: str | None = None, header: str | None = None) -> int:
        """Send a webhook; the answer's status."""
        signature = header or sign((secret or self.stack.webhook_secret).encode(), body)
        answer = requests.post(
            f"{self.stack.connector.url}/webhooks/redmine",
            data=body,
            headers={HEADER: signature, "Content-Type": "application/json"},
            timeout=30,
        )
        return answer.status_code


def _asked(procedure: Procedure) -> tuple[str, ...]:
    return procedure.form.fields if procedure.form else ()
