"""What the doctor looks at, as protocols: the parts of the service that can be tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from connector.ports import FeedPage, Member, Store
from connector.redmine.provision import Outcome
from connector.settings import Settings
from connector.sop.model import Catalogue
from connector.supervision.offices import Office


class Database(Store, Protocol):
    """The database, with what only its keeper asks."""

    def migrated(self) -> bool:
        """Whether the tables are up to date."""

    def try_writing(self) -> None:
        """A write that changes nothing."""


class Server(Protocol):
    """Redmine, as the connector's user."""

    def info(self) -> dict[str, Any]:
        """The body of `GET /sop/info.json`."""

    def ping(self) -> dict[str, Any]:
        """The body of `POST /sop/ping.json`."""

    def changes(self, after_issue: int, after_journal: int) -> FeedPage:
        """The change feed."""

    def members(self, profile: str, role: str) -> Sequence[Member]:
        """Active people with a role."""


class Planner(Protocol):
    """Redmine, as its administrator."""

    def plan(self, blueprint: dict[str, Any]) -> Outcome:
        """What an apply would do."""


class Typesetter(Protocol):
    """Makes PDF."""

    def try_out(self, *, now: dt.datetime) -> None:
        """Set one line."""

    def render(self, template: str, data: Mapping[str, object], *, now: dt.datetime) -> bytes:
        """Set a document."""


class Certificate(Protocol):
    """What documents are signed with."""

    def validity(self, now: dt.datetime) -> str:
        """What is wrong with its days, or soon will be; empty: nothing."""


class MailServer(Protocol):
    """Takes mail."""

    def try_out(self) -> None:
        """Greet it; nothing is sent."""


class Antivirus(Protocol):
    """Looks for viruses."""

    def try_out(self) -> None:
        """Greet it; nothing is looked through."""


class Parts(Protocol):
    """The parts of the service; each is built when it is first asked for, and may fail then."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Callable[[], dt.datetime]: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def store(self) -> Database: ...
    @property
    def offices(self) -> Mapping[str, Office]: ...
    @property
    def redmine(self) -> Server: ...
    @property
    def provisioner(self) -> Planner | None: ...
    @property
    def renderer(self) -> Typesetter: ...
    @property
    def certificate(self) -> Certificate | None: ...
    @property
    def sender(self) -> MailServer: ...
    @property
    def scanner(self) -> Antivirus | None: ...


@dataclass(frozen=True)
class Subject:
    """The parts, and what was read of Redmine once for all checks."""

    parts: Parts

    @cached_property
    def _read(self) -> tuple[dict[str, Any], dt.datetime, dt.datetime]:
        before = self.parts.clock()
        found = self.parts.redmine.info()
        return found, before, self.parts.clock()

    @property
    def info(self) -> dict[str, Any]:
        """What Redmine says of itself and of our user."""
        return self._read[0]

    @property
    def read_at(self) -> dt.datetime:
        """Our time when it was said."""
        _, before, after = self._read
        return before + (after - before) / 2

    @property
    def builtin_webhooks(self) -> bool:
        """Whether this Redmine sends webhooks itself (7.0 and later)."""
        return bool(self.info["builtin_webhooks"])
