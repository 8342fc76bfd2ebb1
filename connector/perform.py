"""Carry out a plan: documents and files first, mail and warnings on hold, one commit, then these go.

What can be done twice without harm comes before the commit; what may be done once only hangs on it. A crash in between
is mended by `settle` when the ticket is looked at again: the state in Redmine says which messages belong to it.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from connector.documents.issuing import files_of, registered
from connector.engine import papers
from connector.engine.effects import (
    AddNote,
    AssignGroup,
    AttachFile,
    AttachMore,
    ClearAssignee,
    Effect,
    LookAt,
    MakeDocument,
    NotifyStaff,
    Plan,
    RecallMail,
    SendMail,
    SetDueDate,
    SetField,
    SetProgress,
    SetStatus,
    SetTracker,
    Warn,
)
from connector.engine.plan import unborn
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot, Submission, SubmittedFile
from connector.engine.state import Issued, TicketState
from connector.errors import ConflictError, DocumentError, PermanentError, TransientError
from connector.ports import (
    Content,
    IssueChange,
    NewIssue,
    OutgoingMail,
    Redmine,
    Scanner,
    Store,
    Uploaded,
    Warned,
)
from connector.sop.model import Organization, Procedure
from connector.warning import GATHER, reached

log = logging.getLogger(__name__)

#: Longer than a commit takes.
SAFE = dt.timedelta(minutes=5)
#: Redmine takes no longer ones.
LONGEST_DESCRIPTION = 255
#: The note about files in which something was found.
REFUSED = "berkas-ditolak"


class Made(Protocol):
    """A document that was made."""

    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def issued(self) -> Issued: ...


class Documents(Protocol):
    """Makes documents."""

    def make(
        self,
        order: MakeDocument,
        procedure: Procedure,
        organization: Organization,
        snapshot: Snapshot,
        state: TicketState,
        now: dt.datetime,
    ) -> Made:
        """The document of an order, with its entry for the state."""


class Mails(Protocol):
    """Renders messages."""

    def render(
        self, *, key: str, to: str, template: str, data: Mapping[str, object], issue: int | None
    ) -> OutgoingMail:
        """One message."""


class Notes(Protocol):
    """Renders notes."""

    def render(self, template: str, data: Mapping[str, object]) -> str:
        """The text of a note."""


@dataclass(frozen=True)
class Links:
    """Addresses that messages point to."""

    ticket: Callable[[str], str]
    issue: Callable[[int], str]
    form: Callable[[str], str]
    """The public form of a procedure (key)."""
    head: Callable[[str, str], str]
    """The page of a unit's head, by ticket number and official address."""


@dataclass(frozen=True)
class Draft:
    """What a plan has become so far."""

    rules: Rules
    snapshot: Snapshot
    state: TicketState
    now: dt.datetime
    change: IssueChange = field(default_factory=IssueChange)
    mails: tuple[OutgoingMail, ...] = ()
    warned: tuple[Warned, ...] = ()
    looks: tuple[int, ...] = ()
    recalls: tuple[str, ...] = ()
    refused: tuple[Mapping[str, str], ...] = ()
    """Files of the requester that are not handed on: `label`, `name`, and what was `found` in them."""

    @property
    def outside(self) -> bool:
        """Whether anything is to be done besides the commit."""
        return bool(self.mails or self.warned or self.looks or self.recalls)


@dataclass(frozen=True)
class Performer:
    """Turns effects into one commit and held mail."""

    redmine: Redmine
    store: Store
    documents: Documents
    mails: Mails
    notes: Notes
    links: Links
    scanner: Scanner | None = None

    def update(self, rules: Rules, snapshot: Snapshot, plan: Plan, now: dt.datetime) -> Snapshot:
        """Carry out the plan of an issue. `ConflictError`: somebody was quicker, and nothing was done."""
        if plan.state is None:
            self.store.submissions.actions_done(plan.actions_done)
            return snapshot
        draft = self._draft(rules, snapshot, plan, plan.state, now)
        if draft.refused:
            told = self.note(draft, AddNote(template=REFUSED, data={"refused": draft.refused}))
            draft = _changed(told, notify=True)
        if draft.state == snapshot.state and draft.change == IssueChange() and not draft.outside:
            self.store.submissions.actions_done(plan.actions_done)
            return snapshot  # what could not be made still cannot
        self._hold(draft)
        # should the service die right after the commit, the other tickets are looked at all the same
        self._look(draft.looks, now, now + SAFE)
        try:
            written = self.redmine.commit(snapshot, draft.change, draft.state)
        except (ConflictError, PermanentError):
            self._discard(draft)
            raise
        # once more, for a worker that took this job over may have thrown away what it found on hold
        self._hold(draft)
        self._release((mail.key for mail in draft.mails), (each.key for each in draft.warned), now)
        self.store.outbox.recall(draft.recalls)
        self._look(draft.looks, now, now)
        self.store.submissions.actions_done(plan.actions_done)
        self._register(written)
        return written

    def create(self, rules: Rules, submission: Submission, plan: Plan, now: dt.datetime) -> Snapshot:
        """Carry out the plan of a submission. A second time it finds the issue that was made the first time."""
        if plan.state is None:
            raise ValueError("a submission's plan has a state")
        snapshot = unborn(rules, submission)
        draft = self._draft(rules, snapshot, plan, plan.state, now)
        self._hold(draft)
        data = {"origin": submission.origin, "number": submission.number}
        said = [self.notes.render("permohonan", data)]
        if draft.refused:
            said.append(self.notes.render(REFUSED, {"refused": draft.refused}))
        new = NewIssue(
            submission=submission.id,
            procedure=rules.procedure,
            subject=subject(rules.procedure, submission),
            description="\n\n".join(said),
            change=draft.change,
            state=draft.state,
        )
        try:
            made = self.redmine.create(new)
        except PermanentError:
            self._discard(draft)
            raise
        self.settle(made, now)
        return made

    def settle(self, snapshot: Snapshot, now: dt.datetime) -> None:
        """Release the held messages and warnings that the ticket's state knows, and throw away those that it does not.
        What it knows of its documents goes into the register.

        A ticket that has no state yet gets a new number with each attempt: what was held for an old one goes too.
        """
        number = f"{snapshot.state.number}:" if snapshot.state else None
        notices = snapshot.state.notices if snapshot.state else ()
        mine = [
            mail.key
            for mail in self.store.outbox.held()
            if mail.issue == snapshot.issue or (number and mail.key.startswith(number))
        ]
        known = [key for key in mine if any(_belongs(key, notice) for notice in notices)]
        warned = self.store.warnings.held(snapshot.issue)
        passed = snapshot.state.rungs if snapshot.state else ()
        told = [each.key for each in warned if each.rung in passed]
        self._release(known, told, now)
        self.store.outbox.discard(set(mine) - set(known))
        self.store.warnings.discard({each.key for each in warned} - set(told))
        self._register(snapshot)

    # inside -------------------------------------------------------------------------------------------------

    def _register(self, snapshot: Snapshot) -> None:
        if snapshot.state is not None:
            known = registered(snapshot.state, snapshot.issue, files_of(snapshot))
            self.store.register.record(known)

    def _uploaded(self, file: SubmittedFile) -> Uploaded | str:
        """The file in Redmine, or what was found in it: then it is not there."""
        found = self.scanner.scan(self._content(file)) if self.scanner is not None else None
        if found is not None:
            log.warning("file refused: ref=%s", file.ref)
            return found
        return self.redmine.upload(file.name, file.content_type, self._content(file))

    def _content(self, file: SubmittedFile) -> Content:
        content = self.store.files.open(file.ref)
        if content is None:
            raise PermanentError(f"berkas {file.ref} tidak ada lagi")
        return content

    def _hold(self, draft: Draft) -> None:
        self.store.outbox.hold(draft.mails, now=draft.now)
        self.store.warnings.hold(draft.warned)

    def _discard(self, draft: Draft) -> None:
        self.store.outbox.discard(mail.key for mail in draft.mails)
        self.store.warnings.discard(each.key for each in draft.warned)

    def _release(self, mails: Iterable[str], warned: Iterable[str], now: dt.datetime) -> None:
        self.store.outbox.release(mails, now=now)
        self.store.warnings.release(warned, now=now, at=now + GATHER)

    def _look(self, issues: tuple[int, ...], now: dt.datetime, at: dt.datetime) -> None:
        for issue in issues:
            self.store.queue.put(f"issue:{issue}", now=now, at=at)

    def _draft(
        self, rules: Rules, snapshot: Snapshot, plan: Plan, state: TicketState, now: dt.datetime
    ) -> Draft:
        draft = Draft(rules=rules, snapshot=snapshot, state=state, now=now)
        # fields first: what is written into them is printed in the documents of the same commit
        for effect in sorted(plan.effects, key=lambda each: not isinstance(each, SetField)):
            draft = HANDLERS[type(effect)](self, draft, effect)
        return draft

    def note(self, draft: Draft, effect: AddNote) -> Draft:
        """Notes of one commit are one text."""
        text = self.notes.render(effect.template, effect.data)
        before = draft.change.notes
        joined = f"{before}\n\n{text}" if before else text
        return _changed(draft, notes=joined, private_notes=draft.change.private_notes or effect.private)

    def attach(self, draft: Draft, effect: AttachFile) -> Draft:
        """A requester's file, from our store to Redmine."""
        uploaded = self._uploaded(effect.file)
        if isinstance(uploaded, str):
            field = next((each for each in draft.rules.procedure.fields if each.key == effect.field), None)
            return _refused(draft, field.label if field else "", effect.file, uploaded)
        return _changed(draft, files={**draft.change.files, effect.field: uploaded})

    def attach_more(self, draft: Draft, effect: AttachMore) -> Draft:
        """A further file of his."""
        uploaded = self._uploaded(effect.file)
        if isinstance(uploaded, str):
            return _refused(draft, effect.label, effect.file, uploaded)
        uploaded = replace(uploaded, description=effect.label[:LONGEST_DESCRIPTION])
        return _changed(draft, attachments=(*draft.change.attachments, uploaded))

    def document(self, draft: Draft, effect: MakeDocument) -> Draft:
        """A document, made of the ticket with the fields that this commit writes. The history tells of it."""
        if not self.store.books.ready():
            raise TransientError("nomor dokumen belum dipulihkan dari Redmine")
        fields = {**draft.snapshot.fields, **draft.change.fields}
        try:
            made = self.documents.make(
                effect,
                draft.rules.procedure,
                draft.rules.organization,
                draft.snapshot.model_copy(update={"fields": fields}),
                draft.state,
                draft.now,
            )
        except DocumentError as error:
            return self._without(draft, effect, str(error))
        uploaded = self.redmine.upload(made.filename, made.content_type, made.content)
        state, replaced = papers.issued(papers.made(draft.state, effect.field_id), made.issued)
        data = {"number": made.issued.number, "code": made.issued.code, "replaced": replaced}
        draft = self.note(replace(draft, state=state), AddNote(template="dokumen", data=data))
        return _changed(draft, files={**draft.change.files, effect.field: uploaded})

    def _without(self, draft: Draft, effect: MakeDocument, reason: str) -> Draft:
        """What else is to be done goes on; staff are told of the document, once for each reason."""
        state, new = papers.failed(draft.state, effect, reason, draft.now)
        if not new:
            return draft
        field = draft.rules.procedure.field(effect.field_id)
        label = field.label if field else effect.field_id
        data = {"label": label, "reason": reason, "document": effect.field_id, "issue": draft.snapshot.issue}
        note = AddNote(template="dokumen-gagal", data=data, private=True)
        return _changed(self.note(replace(draft, state=state), note), notify=True)

    def mail(self, draft: Draft, effect: SendMail) -> Draft:
        """One message for an address, or one for each holder of a role."""
        profile = draft.rules.organization.id
        role = effect.to.removeprefix("role:")
        recipients = {effect.key: effect.to}
        if role != effect.to:
            people = self.redmine.members(profile, role)
            recipients = {f"{effect.key}:{each.id}": each.mail for each in people if each.mail}
        data = {**effect.data, **self._about(draft), **self._own(draft, effect)}
        issue = draft.snapshot.issue or None
        made = tuple(
            self.mails.render(key=key, to=to, template=effect.template, data=data, issue=issue)
            for key, to in recipients.items()
        )
        return replace(draft, mails=(*draft.mails, *made))

    def warn(self, draft: Draft, effect: Warn) -> Draft:
        """A warning for each person on a rung; mailed together with those of other tickets."""
        people = reached(self.redmine, draft.rules.organization, effect.to)
        if not people:
            log.warning("nobody to warn: issue=%d rung=%s", draft.snapshot.issue, effect.rung)
        warned = tuple(
            Warned(
                key=f"{draft.state.number}:{effect.rung}:{person}",
                person=person,
                issue=draft.snapshot.issue,
                rung=effect.rung,
                since=draft.now,
            )
            for person in sorted(people)
        )
        return replace(draft, warned=(*draft.warned, *warned))

    def _about(self, draft: Draft) -> dict[str, object]:
        organization, issue = draft.rules.organization, draft.snapshot.issue
        return {
            "organization": organization,
            "link": self.links.ticket(draft.state.number),
            "issue_url": self.links.issue(issue) if issue else "",
            "form_url": self.links.form(draft.rules.procedure.key),
        }

    def _own(self, draft: Draft, effect: SendMail) -> dict[str, object]:
        """What only a unit's head gets: the link of his own address."""
        return {"head_link": self.links.head(draft.state.number, effect.to)} if effect.for_head else {}


def _refused(draft: Draft, label: str, file: SubmittedFile, found: str) -> Draft:
    said = {"label": label, "name": file.name, "found": found}
    return replace(draft, refused=(*draft.refused, said))


def subject(procedure: Procedure, submission: Submission) -> str:
    """The subject of a submission's issue, from the mapping's pattern (`{title}` and field ids)."""
    names = {each.id: "" for each in procedure.fields} | {"title": procedure.title} | dict(submission.fields)
    return " ".join(procedure.subject.format_map(names).split())[:255]


def _belongs(key: str, notice: str) -> bool:
    """Whether a message is one of a notice: the same, or one of its recipients'."""
    return key == notice or key.startswith(f"{notice}:")


def _changed(draft: Draft, **changes: Any) -> Draft:
    return replace(draft, change=replace(draft.change, **changes))


def _due(_: Performer, draft: Draft, effect: SetDueDate) -> Draft:
    return _changed(draft, due_date=effect.date, clear_due_date=effect.date is None)


def _field(_: Performer, draft: Draft, effect: SetField) -> Draft:
    return _changed(draft, fields={**draft.change.fields, effect.field: effect.value})


HANDLERS: Mapping[type[Effect], Callable[[Performer, Draft, Any], Draft]] = {
    SetTracker: lambda _, draft, effect: _changed(draft, tracker=effect.tracker),
    SetStatus: lambda _, draft, effect: _changed(draft, status=effect.status),
    AssignGroup: lambda _, draft, effect: _changed(draft, assign_group=effect.group),
    ClearAssignee: lambda _, draft, __: _changed(draft, clear_assignee=True),
    SetProgress: lambda _, draft, effect: _changed(draft, done_ratio=effect.percent),
    LookAt: lambda _, draft, effect: replace(draft, looks=(*draft.looks, effect.issue)),
    RecallMail: lambda _, draft, effect: replace(draft, recalls=(*draft.recalls, *effect.keys)),
    NotifyStaff: lambda _, draft, __: _changed(draft, notify=True),
    SetDueDate: _due,
    SetField: _field,
    AddNote: Performer.note,
    AttachFile: Performer.attach,
    AttachMore: Performer.attach_more,
    MakeDocument: Performer.document,
    SendMail: Performer.mail,
    Warn: Performer.warn,
}
