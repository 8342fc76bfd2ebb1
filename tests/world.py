"""The whole service in memory: real mappings, engine, portal and messages; Redmine and the database are fakes."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from flask import Flask

from connector.app import create_app
from connector.bootstrap import rulebook
from connector.calendars import work_calendar
from connector.documents.issuing import Issuing
from connector.documents.service import DocumentService
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot
from connector.monitoring import Monitoring
from connector.notify.notes import NoteRenderer
from connector.notify.render import MailRenderer
from connector.perform import Links, Performer
from connector.poll import Poller
from connector.portal.tokens import hash_token, head_token, token_for
from connector.ports import IssueChange, Member, OutgoingMail, Scanner
from connector.process import Tickets
from connector.services import AppServices, receipt_for
from connector.settings import ROOT, Settings
from connector.sop.keys import status_key
from connector.sop.loader import load
from connector.sop.model import Catalogue, Closure, FieldType, OutputKind, Procedure, Step
from connector.sop.table import is_requesters
from connector.supervision.offices import offices
from connector.supervision.service import Supervision
from connector.warning import Warner
from devtools.walk import PDF, example
from tests.fakes import FakeClock, FakeRedmine, FakeStore
from tests.holding import hold, upload

SECRET = "rahasia-untuk-pengujian-saja-0123456789"
HOOK = "rahasia-webhook-untuk-pengujian"
JAKARTA = dt.timezone(dt.timedelta(hours=7))
MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=JAKARTA)
PROCEDURE = "unj/permohonan-layanan-teknis"


@cache
def catalogue(profile: str = "unj") -> Catalogue:
    """Of one organization; of all with an empty name."""
    return load(ROOT / "sop_mappings", (profile,) if profile else ())


@cache
def rules_of_all(profile: str = "unj") -> dict[str, Rules]:
    return rulebook(catalogue(profile))


class FakeRenderer:
    """Documents whose bytes are what they say."""

    def render(self, template: str, data: Mapping[str, object], *, now: dt.datetime) -> bytes:
        said = json.dumps([template, data, now.isoformat()], sort_keys=True)
        return b"%PDF-1.7\n" + said.encode()


@dataclass
class World:
    """A service whose worker runs when it is told to."""

    public_url: str = "http://127.0.0.1:8000"
    clock: FakeClock = field(default_factory=lambda: FakeClock(MONDAY))
    store: FakeStore = field(default_factory=FakeStore)
    sent: list[OutgoingMail] = field(default_factory=list)
    ready: bool = True
    profile: str = "unj"
    key: str = PROCEDURE
    alert_token: str = ""
    rules: dict[str, Rules] = field(default_factory=dict)
    scanner: Scanner | None = None

    def __post_init__(self) -> None:
        self.rules = dict(rules_of_all(self.profile))
        self.redmine = FakeRedmine(self.clock)
        self.settings = Settings.load(
            {
                "SOP_REDMINE_URL": "http://redmine.contoh.id",
                "SOP_REDMINE_API_KEY": "kunci",
                "SOP_WEBHOOK_SECRET": HOOK,
                "SOP_SMTP_URL": "smtp://127.0.0.1:25",
                "SOP_MAIL_FROM": "Layanan <layanan@contoh.id>",
                "SOP_PUBLIC_URL": self.public_url,
                "SOP_SECRET_KEY": SECRET,
                "SOP_ALERT_TOKEN": self.alert_token,
            }
        )
        # whoever acts in the fake has this id; as a unit's head he has the address that the directory knows
        for organization in catalogue(self.profile).organizations:
            for role in organization.roles:
                if role.unit and organization.units:
                    head = Member(7, "Pimpinan Unit", organization.units[0].heads[0])
                    self.redmine.people[organization.id, role.id] = (head,)
        self.mails = MailRenderer(self.settings.templates_dir / "mail")
        self.links = Links(
            ticket=self.link,
            issue=lambda ref: f"http://redmine.contoh.id/issues/{ref}",
            form=lambda key: f"{self.public_url}/layanan/{key}",
            head=self.head_link,
        )
        self.receipt = receipt_for(self.mails, self.links, self.token_hash)
        self.tickets = self._tickets()
        self.supervision = Supervision(
            redmine=self.redmine,
            store=self.store,
            mails=self.mails,
            deliver=self.sent.append,
            offices=offices(self.rules),
            redmine_url="http://redmine.contoh.id",
            clock=self.clock,
        )
        self.monitoring = Monitoring(self.redmine, self.store, self.rules, self.receipt, self.clock)
        self.poller = Poller(self.redmine, self.store, catalogue(self.profile), self.rules, self.clock)
        self.warner = Warner(self.redmine, self.store, self.mails, self.rules, self.links.issue, self.clock)
        if self.ready:
            self.store.books.set_ready()

    def _tickets(self) -> Tickets:
        performer = Performer(
            redmine=self.redmine,
            store=self.store,
            documents=Issuing(
                DocumentService(FakeRenderer(), self.public_url, SECRET.encode()), self.store.register
            ),
            mails=self.mails,
            notes=NoteRenderer(self.settings.templates_dir / "notes"),
            links=self.links,
            scanner=self.scanner,
        )
        return Tickets(
            redmine=self.redmine,
            store=self.store,
            performer=performer,
            rulebook=self.rules,
            token_hash=self.token_hash,
            receipt=self.receipt,
            clock=self.clock,
        )

    @property
    def services(self) -> AppServices:
        return AppServices(
            settings=self.settings,
            catalogue=catalogue(self.profile),
            store=self.store,
            redmine=self.redmine,
            mails=self.mails,
            links=self.links,
            receipt=self.receipt,
            rulebook=self.rules,
            clock=self.clock,
            scanner=self.scanner,
        )

    def app(self, *, limits: bool = False) -> Flask:
        return create_app(self.services, limits=limits)

    def token(self, number: str) -> str:
        return token_for(SECRET.encode(), number)

    def token_hash(self, number: str) -> str:
        return hash_token(self.token(number))

    def link(self, number: str) -> str:
        return f"{self.public_url}/lacak/{number}?t={self.token(number)}"

    def head_link(self, number: str, address: str) -> str:
        return f"{self.public_url}/pimpinan/{number}?t={head_token(SECRET.encode(), number, address)}"

    # what happens -------------------------------------------------------------------------------------------

    def work(self) -> None:
        """All that is due, as the worker does it; messages go to `sent`."""
        while job := self.store.queue.claim("dunia", now=self.clock(), lease=dt.timedelta(minutes=1)):
            match job.kind:
                case "issue":
                    self.tickets.look(int(job.ref))
                case "alert":
                    self.monitoring.settle(job.ref)
                case "digest":
                    self.supervision.send(job.ref)
                case "submission":
                    self.tickets.forward(job.ref)
                case "warn":
                    self.warner.deliver(job.ref)
                case "mail":
                    mail = self.store.outbox.mail(job.ref)
                    if mail is not None:
                        self.sent.append(mail)
                        self.store.outbox.sent(mail.key, now=self.clock())
            self.store.queue.finish(job)

    def close(self, day: dt.date, name: str) -> None:
        """The office is closed on one day more; every open ticket is looked at, as the sweep does."""
        for key, rules in self.rules.items():
            definition = rules.organization.calendar
            closures = (*definition.closures, Closure(date=day, name=name))
            calendar = work_calendar(definition.model_copy(update={"closures": closures}))
            self.rules[key] = replace(rules, calendar=calendar)
        for issue in self.redmine.issues:
            self.store.queue.put(f"issue:{issue}", now=self.clock())
        self.work()

    def until(self, instant: dt.datetime) -> None:
        """Let time pass: clocks ring, and what follows is done."""
        while self.clock() < instant:
            self.clock.now = min(self.clock() + dt.timedelta(minutes=1), instant)
            self.poller.ring()
            self.work()

    def submit(self, nonce: str = "satu", **fields: str) -> str:
        """A request with every answer given, as the form stores it; its number."""
        procedure, rules = self.procedure, self.rules[self.key]
        form = procedure.form
        assert form is not None
        answers = {
            each.id: example(each, self.clock().date())
            for each in procedure.fields
            if each.id in form.fields and each.type is not FieldType.FILE
        } | fields
        made = self.store.submissions.submit(
            nonce=nonce,
            procedure=procedure.key,
            prefix=rules.organization.ticket_prefix,
            received=self.clock(),
            year=2026,
            fields=answers,
            files=hold(
                self.store,
                nonce,
                [
                    upload(each.id, "foto.pdf", "application/pdf", PDF)
                    for each in procedure.fields
                    if each.id in form.fields and each.type is FieldType.FILE
                ],
            ),
            ticket=self.receipt(rules, answers),
        )
        return made.number

    @property
    def procedure(self) -> Procedure:
        return self.rules[self.key].procedure

    def snapshot(self, number: str) -> Snapshot:
        found = self.redmine.read_ticket(number)
        assert found is not None
        return found

    def move(self, number: str, outcome: str, **fields: str) -> None:
        """The step's own role fills in what its way out needs, and takes it."""
        snapshot = self.snapshot(number)
        assert snapshot.state is not None
        assert snapshot.state.stay is not None
        step = self.procedure.step(snapshot.state.stay.step)
        assert step is not None
        self.clock.forward(minutes=25)
        target = step.outcomes[outcome].to
        place = self.procedure.step(target) or self.procedure.end(target)
        back = place is not None and place.status is None
        status = self.procedure.waiting.status if back or place is None else place.status
        role = "helpdesk" if is_requesters(self.procedure, step) else step.roles[0]
        change = self._change(step, fields, status or "")
        self.redmine.staff(snapshot.issue, role, change)
        self.store.queue.put(f"issue:{snapshot.issue}", now=self.clock())
        self.work()

    def _change(self, step: Step, fields: Mapping[str, str], status: str) -> IssueChange:
        given: dict[str, str] = {}
        files = {}
        for output in step.outputs:
            found = self.procedure.field(output.id)
            if found is None or output.kind is OutputKind.DOCUMENT:
                continue
            if found.type is FieldType.FILE:
                files[found.key] = self.redmine.upload(f"{found.id}.pdf", "application/pdf", PDF)
            else:
                given[found.key] = example(found, self.clock().date())
        for name, value in fields.items():
            found = self.procedure.field(name)
            assert found is not None, name
            given[found.key] = value
        return IssueChange(status=status_key(status), fields=given, files=files)

    def walk(self, number: str, to: str) -> None:
        """On the straight way until the ticket stands in the step `to`, or has ended so."""
        for _ in range(40):
            state = self.snapshot(number).state
            assert state is not None
            if to in (state.ended, state.stay.step if state.stay else None):
                return
            assert state.stay is not None
            step = self.procedure.step(state.stay.step)
            assert step is not None
            self.move(number, next(iter(step.outcomes)))
        raise AssertionError(f"never came to {to}")

    def mail_to(self, address: str) -> list[OutgoingMail]:
        return [mail for mail in self.sent if mail.to == address]


def csrf(page: str) -> str:
    """The form's secret in a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def nonce(page: str) -> str:
    found = re.search(r'name="nonce"[^>]* value="([^"]+)"', page)
    assert found is not None
    return found[1]
