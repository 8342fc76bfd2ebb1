"""The only place that builds adapters and joins them to the services."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from connector.archive.service import Archivist
from connector.archive.shelf import shelf
from connector.calendars import work_calendar
from connector.documents import certificate
from connector.documents.issuing import Issuing
from connector.documents.renderer import TypstRenderer
from connector.documents.service import DocumentService
from connector.engine.progress import Rules
from connector.monitoring import Monitoring
from connector.notify.notes import NoteRenderer
from connector.notify.render import MailRenderer
from connector.notify.smtp import SmtpSender
from connector.perform import Links, Performer
from connector.poll import Poller
from connector.portal.tokens import hash_token, head_token, token_for
from connector.privacy.service import Anonymizer
from connector.process import Tickets
from connector.redmine.erasing import ErasingGateway
from connector.redmine.gateway import RedmineGateway
from connector.redmine.provision import Provisioner
from connector.scanning import Clamd, scanner
from connector.services import AppServices, Receipt, receipt_for
from connector.settings import Settings
from connector.sop.loader import load
from connector.sop.model import FIRST_YEAR, LAST_YEAR, Catalogue
from connector.store import SqlStore
from connector.supervision.offices import Office, offices
from connector.supervision.service import Supervision
from connector.warning import Warner
from connector.worker import Clock, Duty, Handler, Worker

WAKE_SECONDS = 15
BEAT_SECONDS = 15
DIGEST_SECONDS = 60
#: How often it is looked which tickets have ended.
ARCHIVE_SECONDS = 300
#: How often what was held for forms that were never sent is thrown away.
TIDY_SECONDS = 3600


def utc_now() -> dt.datetime:
    """The clock of the running service."""
    return dt.datetime.now(dt.UTC)


def rulebook(catalogue: Catalogue) -> dict[str, Rules]:
    """The rules of every procedure, by its key."""
    calendars = {org.id: (org, work_calendar(org.calendar)) for org in catalogue.organizations}
    return {
        procedure.key: Rules(procedure, *calendars[procedure.profile]) for procedure in catalogue.procedures
    }


@dataclass(frozen=True)
class Application:
    """Everything of one process, built when it is first asked for."""

    settings: Settings
    clock: Callable[[], dt.datetime] = utc_now

    @cached_property
    def catalogue(self) -> Catalogue:
        """The mappings."""
        return load(self.settings.mappings_dir, self.settings.profiles)

    @cached_property
    def rules(self) -> dict[str, Rules]:
        """The rules of every procedure."""
        return rulebook(self.catalogue)

    @cached_property
    def store(self) -> SqlStore:
        """The database."""
        return SqlStore.open(self.settings.database_url)

    @cached_property
    def redmine(self) -> RedmineGateway:
        """Redmine, as the connector's user."""
        return RedmineGateway(
            self.settings.redmine_url, self.settings.redmine_api_key.get_secret_value(), self.catalogue
        )

    @cached_property
    def links(self) -> Links:
        """Addresses in messages."""
        settings = self.settings

        def ticket(number: str) -> str:
            return f"{settings.public_url}/lacak/{number}?t={token_for(self._key, number)}"

        def head(number: str, address: str) -> str:
            return f"{settings.public_url}/pimpinan/{number}?t={head_token(self._key, number, address)}"

        return Links(
            ticket=ticket,
            issue=lambda ref: f"{settings.issues_url}/issues/{ref}",
            form=lambda key: f"{settings.public_url}/layanan/{key}",
            head=head,
        )

    @cached_property
    def mails(self) -> MailRenderer:
        """Messages."""
        return MailRenderer(self.settings.templates_dir / "mail")

    @cached_property
    def documents(self) -> DocumentService:
        """Documents."""
        return DocumentService(self.renderer, self.settings.public_url, self._key)

    @cached_property
    def certificate(self) -> certificate.Certificate | None:
        """What documents are signed with, if with anything. `SettingsError`: it cannot be used."""
        path, passphrase = self.settings.sign_pkcs12_file, self.settings.sign_passphrase
        return certificate.load(path, passphrase.get_secret_value()) if path else None

    @cached_property
    def renderer(self) -> TypstRenderer:
        """The typesetter."""
        folder = self.settings.templates_dir / "documents"
        logos = {
            each.id: self.settings.mappings_dir / each.id / each.logo
            for each in self.catalogue.organizations
            if each.logo is not None
        }
        return TypstRenderer(folder, folder / "fonts", logos)

    @cached_property
    def sender(self) -> SmtpSender:
        """The mail server."""
        return SmtpSender(self.settings.smtp_url, self.settings.mail_from)

    @cached_property
    def provisioner(self) -> Provisioner | None:
        """Redmine, as its administrator; None without the key."""
        key = self.settings.redmine_admin_key.get_secret_value()
        return Provisioner(self.settings.redmine_url, key, self.settings.profiles) if key else None

    @cached_property
    def scanner(self) -> Clamd | None:
        """What looks for viruses."""
        return scanner(self.settings.clamd_url)

    @cached_property
    def receipt(self) -> Receipt:
        """What a requester gets with his number."""
        return receipt_for(self.mails, self.links, self.token_hash)

    @cached_property
    def tickets(self) -> Tickets:
        """The work on tickets."""
        performer = Performer(
            redmine=self.redmine,
            store=self.store,
            documents=Issuing(self.documents, self.store.register, self.certificate, self.clock),
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

    @cached_property
    def warner(self) -> Warner:
        """The mails that warn of limits."""
        return Warner(self.redmine, self.store, self.mails, self.rules, self.links.issue, self.clock)

    @cached_property
    def poller(self) -> Poller:
        """The feed's reader."""
        return Poller(self.redmine, self.store, self.catalogue, self.rules, self.clock)

    @cached_property
    def monitoring(self) -> Monitoring:
        """The tickets of alerts."""
        return Monitoring(self.redmine, self.store, self.rules, self.receipt, self.clock)

    @cached_property
    def offices(self) -> dict[str, Office]:
        """The organizations whose supervisors get digests."""
        return offices(self.rules)

    @cached_property
    def supervision(self) -> Supervision:
        """The supervisors' digests."""
        return Supervision(
            redmine=self.redmine,
            store=self.store,
            mails=self.mails,
            deliver=self.sender.send,
            offices=self.offices,
            redmine_url=self.settings.issues_url,
            clock=self.clock,
        )

    @cached_property
    def archivist(self) -> Archivist:
        """The archives of tickets."""
        return Archivist(
            redmine=self.redmine,
            queue=self.store.queue,
            rules=self.rules,
            templates=self.settings.templates_dir,
            shelf=shelf(self.settings.archive_url),
            large=shelf(self.settings.archive_large_url, "SOP_ARCHIVE_LARGE_URL"),
            clock=self.clock,
        )

    @cached_property
    def anonymizer(self) -> Anonymizer:
        """Overwrites personal data, as Redmine's administrator."""
        return Anonymizer(
            redmine=ErasingGateway(
                self.settings.redmine_url, self.settings.redmine_admin_key.get_secret_value(), self.catalogue
            ),
            submissions=self.store.submissions,
            tables=self.store.erasure,
            catalogue=self.catalogue,
            rules=self.rules,
            clock=self.clock,
        )

    @property
    def web(self) -> AppServices:
        """What the web application is built from."""
        return AppServices(
            settings=self.settings,
            catalogue=self.catalogue,
            store=self.store,
            redmine=self.redmine,
            mails=self.mails,
            links=self.links,
            receipt=self.receipt,
            rulebook=self.rules,
            clock=self.clock,
            scanner=self.scanner,
        )

    def token_hash(self, number: str) -> str:
        """The hash of the secret of a ticket's link."""
        return hash_token(token_for(self._key, number))

    # work ---------------------------------------------------------------------------------------------------

    def worker(self, number: int = 1) -> Worker:
        """One work loop; several may run in one process."""
        return Worker(f"{self._name}:{number}", self.store, self.handlers, self.clock)

    @cached_property
    def handlers(self) -> dict[str, Handler]:
        """What is done for a job, by its kind."""

        def deliver(key: str) -> None:
            mail = self.store.outbox.mail(key)
            if mail is not None:
                self.sender.send(mail)
                self.store.outbox.sent(key, now=self.clock())

        return {
            "issue": lambda ref: self.tickets.look(int(ref)),
            "submission": self.tickets.forward,
            "alert": self.monitoring.settle,
            "digest": self.supervision.send,
            "mail": deliver,
            "warn": self.warner.deliver,
            "archive": self.archivist.settle,
        }

    def duties(self) -> Clock:
        """The clock with everything that comes round."""
        name = self._name
        archives = (
            (Duty("archives", ARCHIVE_SECONDS, self.archivist.tick),) if self.settings.archive_url else ()
        )
        return Clock(
            self.store,
            (
                Duty("poll", self.settings.poll_seconds, self.poller.poll),
                Duty("wake", WAKE_SECONDS, self.poller.ring),
                Duty(f"sweep:{self._edition}", self.settings.sweep_seconds, self.poller.sweep),
                Duty("digests", DIGEST_SECONDS, self.supervision.tick),
                *archives,
                Duty("tidy", TIDY_SECONDS, self.tidy),
                Duty(f"beat:{name}", BEAT_SECONDS, lambda: self.store.books.beat(name, now=self.clock())),
            ),
            self.clock,
        )

    def tidy(self) -> None:
        """Throw away drafts, codes and counts whose time is over, and files of forms that were never sent."""
        self.store.codes.expire(now=self.clock())
        self.store.drafts.expire(now=self.clock())
        self.store.files.expire(now=self.clock())
        self.store.counters.expire(now=self.clock())

    @cached_property
    def _name(self) -> str:
        return f"{socket.gethostname()[:40]}:{os.getpid()}"

    @cached_property
    def _edition(self) -> str:
        """A name for the mappings and the free days in use: with new ones the first sweep does not wait its turn."""
        first, last = (dt.datetime(year, 6, 1, tzinfo=dt.UTC) for year in (FIRST_YEAR, LAST_YEAR))
        free = [rules.calendar.special(first, last).free for rules in self.rules.values()]
        said = f"{self.catalogue.model_dump_json()}{free}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def _key(self) -> bytes:
        return self.settings.secret_key.get_secret_value().encode()
