"""What a decision is made from: one issue as it stands, in the mapping's words instead of Redmine's ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pydantic import AwareDatetime

from connector.engine.state import PORTAL, TicketState
from connector.sop.model import FieldDef, Frozen


class Actor(Frozen):
    """Who did something. `roles` are role ids of the ticket's organization (`helpdesk`), as of today.

    `mail` is his address in Redmine; known only of those who act for a unit.
    """

    id: int
    name: str
    mail: str = ""
    roles: frozenset[str] = frozenset()
    connector: bool = False
    admin: bool = False


class Assignee(Frozen):
    """A person or group to whom the issue is assigned."""

    id: int
    name: str
    is_group: bool
    roles: frozenset[str] = frozenset()


class Change(Frozen):
    """One change in a journal. `what` is `status`, `tracker`, `assignee`, another core attribute, or a field key.

    Values of status and tracker are keys; all others are as Redmine writes them.
    """

    what: str
    old: str | None
    new: str | None


class Journal(Frozen):
    """One entry of the issue's history."""

    id: int
    at: AwareDatetime
    by: Actor
    notes: str = ""
    private: bool = False
    changes: tuple[Change, ...] = ()


class StoredFile(Frozen):
    """A file in Redmine; `digest` is Redmine's (SHA-256 in hexadecimal)."""

    id: int
    name: str
    size: int
    content_type: str
    digest: str
    author: int


class SubmittedFile(Frozen):
    """A file that a requester sent, still in the connector's store under `ref`."""

    field: str
    ref: str
    name: str
    content_type: str
    size: int
    sha256: str


class RequesterAction(Frozen):
    """What a requester did on the tracking page: took an outcome of his step, sent a correction, asked, or withdrew.

    `kind` is `outcome`, `correction`, `message`, `survey` or `withdraw`; `fields` by field id. Applied once, by `key`
    (a UUID). A unit's head acts as a requester does, with his `role` and the official `address` that he proved.
    The monitoring is such a requester too: with `alert` it says by `outcome` that its alert is `firing` or `resolved`.
    """

    key: str
    kind: str
    number: str
    at: AwareDatetime
    step: str | None = None
    outcome: str | None = None
    fields: Mapping[str, str] = {}
    files: tuple[SubmittedFile, ...] = ()
    remark: str = ""
    role: str = ""
    address: str = ""


class Allotted(Frozen):
    """A document whose number was given out, and which the ticket's state does not know yet."""

    key: str
    template: str
    field: str
    kind: str
    number: str
    code: str
    at: AwareDatetime
    series: str = ""
    year: int = 0
    sequence: int = 0


class Submission(Frozen):
    """A request sent with the public form, or by the monitoring (`origin`).

    `fields` by field id; `issue` once it was handed to Redmine.
    """

    id: str
    procedure: str
    number: str
    received: AwareDatetime
    token_hash: str
    fields: Mapping[str, str] = {}
    files: tuple[SubmittedFile, ...] = ()
    issue: int | None = None
    origin: str = PORTAL


class Sender(Frozen):
    """Who sent the mail that became the issue."""

    mail: str
    name: str = ""


class Related(Frozen):
    """Another ticket that Redmine relates to this one. `duplicate_of`: the number it was closed as a duplicate of."""

    issue: int
    number: str = ""
    duplicate_of: str = ""


class Snapshot(Frozen):
    """One issue. Fields and files are by field key (`field:bersama:email_pemohon`); empty fields are left out."""

    issue: int
    procedure: str
    project: str
    status: str
    subject: str
    description: str
    author: Actor
    created: AwareDatetime
    assignee: Assignee | None = None
    due_date: dt.date | None = None
    done_ratio: int = 0
    closed: bool = False
    fields: Mapping[str, str] = {}
    files: Mapping[str, StoredFile] = {}
    attachments: tuple[StoredFile, ...] = ()
    duplicates: tuple[Related, ...] = ()
    """The tickets that this one repeats."""
    duplicated: tuple[Related, ...] = ()
    """The tickets that repeat this one."""
    journals: tuple[Journal, ...] = ()
    last_journal: int = 0
    cursor: int = 0
    version: int = 0
    state: TicketState | None = None
    actions: tuple[RequesterAction, ...] = ()
    allotted: tuple[Allotted, ...] = ()
    now: AwareDatetime | None = None
    """When it was read, by Redmine's clock."""
    sender: Sender | None = None

    def value(self, field: FieldDef) -> str:
        """The field's value as text; of a file field the attachment's id; empty if there is none."""
        if field.key in self.files:
            return str(self.files[field.key].id)
        return self.fields.get(field.key, "")

    def as_of(self, journal: int) -> Snapshot:
        """The issue with the fields that it had right after this journal: what changed later is undone."""
        fields, files = dict(self.fields), dict(self.files)
        for later in reversed([each for each in self.journals if each.id > journal]):
            for change in reversed(later.changes):
                if change.what.startswith("field:"):
                    files.pop(change.what, None)
                    fields[change.what] = change.old or ""
        return self.model_copy(update={"fields": fields, "files": files})

    def new_journals(self) -> tuple[Journal, ...]:
        """The journals that no plan has seen yet."""
        return tuple(journal for journal in self.journals if journal.id > self.cursor)
