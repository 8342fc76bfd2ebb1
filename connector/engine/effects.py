"""What a plan asks for, as data. `connector.perform` has one handler for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from connector.engine.snapshot import SubmittedFile
from connector.engine.state import TicketState
from connector.sop.model import Frozen


class SetStatus(Frozen):
    """Move the issue to this status (key)."""

    status: str


class SetTracker(Frozen):
    """Give the issue back to this tracker (key)."""

    tracker: str


class AssignGroup(Frozen):
    """Give the issue to the group of a role (group key)."""

    group: str


class ClearAssignee(Frozen):
    """Give the issue to nobody: it waits for the requester, or has ended."""


class SetDueDate(Frozen):
    """Set Redmine's due date, or clear it."""

    date: dt.date | None


class SetProgress(Frozen):
    """Set Redmine's done ratio, in percent (a multiple of 10)."""

    percent: int


class SetField(Frozen):
    """Write a custom field (key); an empty value clears it."""

    field: str
    value: str


class AttachFile(Frozen):
    """Put a requester's file into a file field (key)."""

    field: str
    file: SubmittedFile


class AttachMore(Frozen):
    """Put a further file of a field beside the issue's other attachments; `label` says what it is."""

    label: str
    file: SubmittedFile


class MakeDocument(Frozen):
    """Make a document from a template for a file field (key); its entry in the state is completed then.

    `key` tells it from all others of the ticket, and stays the same however often it is tried. `number` is what it is
    called after its ticket; documents of a `kind` that the organization numbers as letters get a letter's number.
    """

    template: str
    field: str
    field_id: str
    kind: str
    key: str
    number: str


class AddNote(Frozen):
    """Write a note, rendered from `templates/notes/TEMPLATE.j2` with `data`."""

    template: str
    data: Mapping[str, object]
    private: bool = False


class NotifyStaff(Frozen):
    """Let Redmine send its own notification of this change."""


class LookAt(Frozen):
    """Another ticket is concerned: once this is done, look at it."""

    issue: int


class SendMail(Frozen):
    """Send one message, rendered from `templates/mail/TEMPLATE.*`, once by `key`.

    `to` is an address, or `role:ID` for all members of a role of the ticket's organization. `for_head`: the address is
    that of a unit's head, who gets a link of his own.
    """

    key: str
    to: str
    template: str
    data: Mapping[str, object]
    for_head: bool = False


class RecallMail(Frozen):
    """Messages (keys) that are no longer true: what was not sent yet is not sent."""

    keys: tuple[str, ...]


class Addressee(Frozen):
    """Who is warned: the people with `role`, or only the one of this id, whose own `roles` say whether he is still
    there."""

    role: str | None
    person: int | None = None
    roles: tuple[str, ...] = ()


class Warn(Frozen):
    """A rung was reached: keep a warning for each of these people, for the next mail that each of them gets."""

    rung: str
    to: tuple[Addressee, ...]


Effect = (
    SetStatus
    | SetTracker
    | AssignGroup
    | ClearAssignee
    | SetDueDate
    | SetProgress
    | SetField
    | AttachFile
    | AttachMore
    | MakeDocument
    | AddNote
    | NotifyStaff
    | LookAt
    | SendMail
    | RecallMail
    | Warn
)


class Plan(Frozen):
    """What is to be done with one issue, and the state it is in afterwards. Without effects and state: nothing."""

    effects: tuple[Effect, ...] = ()
    state: TicketState | None = None
    actions_done: tuple[str, ...] = ()
    """Requester actions that this plan applies or that no longer apply."""

    @property
    def empty(self) -> bool:
        """Whether nothing at all is to be written to Redmine."""
        return not self.effects and self.state is None
