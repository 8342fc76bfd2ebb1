"""What the services need from the outside, as protocols. Only `connector.bootstrap` knows the classes behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

from connector.engine.snapshot import Assignee, RequesterAction, Snapshot, Submission, SubmittedFile
from connector.engine.state import PORTAL, TicketState
from connector.sop.model import Procedure

# Redmine ----------------------------------------------------------------------------------------------------


class Content(Protocol):
    """The content of a file, read from its beginning."""

    def __len__(self) -> int:
        """Its size in bytes."""

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left."""


class Scanner(Protocol):
    """Looks for viruses."""

    def scan(self, content: Content | BinaryIO) -> str | None:
        """The name of what was found; None: nothing. `TransientError`: nobody can tell now."""


@dataclass(frozen=True)
class Uploaded:
    """A file uploaded to Redmine and not yet attached."""

    token: str
    filename: str
    content_type: str
    description: str = ""


@dataclass(frozen=True)
class IssueChange:
    """What one commit writes. What is None is left as it is; keys are those of `connector.sop.keys`."""

    status: str | None = None
    tracker: str | None = None
    assign_group: str | None = None
    clear_assignee: bool = False
    due_date: dt.date | None = None
    clear_due_date: bool = False
    done_ratio: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Uploaded] = field(default_factory=dict)
    attachments: tuple[Uploaded, ...] = ()
    notes: str | None = None
    private_notes: bool = False
    notify: bool = False


@dataclass(frozen=True)
class NewIssue:
    """An issue to be made from a submission."""

    submission: str
    procedure: Procedure
    subject: str
    description: str
    change: IssueChange
    state: TicketState


@dataclass(frozen=True)
class FeedPage:
    """One page of the plugin's change feed: new issues, and new journals with their issues."""

    issues: tuple[int, ...]
    journals: tuple[tuple[int, int], ...]
    last_issue: int
    last_journal: int
    more: bool


@dataclass(frozen=True)
class StateRow:
    """One ticket as the plugin's list of states has it."""

    issue: int
    closed: bool
    last_journal: int
    cursor: int
    number: str
    submission: str | None
    state: TicketState
    status: str
    subject: str = ""
    assignee: Assignee | None = None


@dataclass(frozen=True)
class Member:
    """A person with a role in a project."""

    id: int
    name: str
    mail: str


class Redmine(Protocol):
    """Redmine with its plugin. Errors: `NotFoundError`, `ConflictError`, `RefusedError`, `TransientError`, …"""

    def read(self, issue: int) -> Snapshot | None:
        """One issue; None if its tracker is not of a procedure we serve, or it is gone."""

    def read_ticket(self, number: str) -> Snapshot | None:
        """As `read`, by ticket number."""

    def commit(self, before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        """Write all of it, or `ConflictError` when the issue changed since `before` was read."""

    def create(self, new: NewIssue) -> Snapshot:
        """Make the issue, once for a submission; `NumberTakenError` if its number belongs to another."""

    def upload(self, filename: str, content_type: str, content: bytes | Content) -> Uploaded:
        """Upload a file for a later commit or create."""

    def download(self, attachment: int) -> bytes:
        """The content of an attachment."""

    def changes(self, after_issue: int, after_journal: int) -> FeedPage:
        """What came after these ids."""

    def states(self, *, open_only: bool) -> Iterable[StateRow]:
        """All tickets with a state."""

    def recent_states(self, closed_since: dt.datetime) -> Iterable[StateRow]:
        """The open tickets with a state, and those that were closed since an instant."""

    def highest_number(self, prefix: str) -> str | None:
        """The highest ticket number that begins with `prefix`."""

    def members(self, profile: str, role: str) -> Sequence[Member]:
        """Active people with a role."""

    def object_id(self, key: str) -> int | None:
        """Redmine's id of an object of ours by its key (`connector.sop.keys`); None if it is not there."""


# the store --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutgoingMail:
    """One rendered message. `key` is unique for ever: the same key is never sent twice."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    issue: int | None = None


@dataclass(frozen=True)
class Job:
    """A claimed piece of work. `key` is `issue:42`, `submission:UUID`, `mail:KEY`, `warn:PERSON`; `lease` proves the
    claim."""

    key: str
    lease: str
    attempts: int

    @property
    def kind(self) -> str:
        """The part of the key before the first colon."""
        return self.key.partition(":")[0]

    @property
    def ref(self) -> str:
        """The part of the key after the first colon."""
        return self.key.partition(":")[2]


@dataclass(frozen=True)
class DeadJob:
    """Work that was given up, for an administrator to look at."""

    key: str
    attempts: int
    error: str
    since: dt.datetime


@dataclass(frozen=True)
class Upload:
    """A file as it came in with a form; `stream` can be read again from its beginning."""

    field: str
    filename: str
    content_type: str
    stream: BinaryIO


@dataclass(frozen=True)
class Draft:
    """A form that waits for its requester, under its own `key`; `token_hash` is that of the secret in its link."""

    key: str
    procedure: str
    fields: Mapping[str, str]
    token_hash: str
    expires: dt.datetime


@dataclass(frozen=True)
class Code:
    """A code that proves an address: its hash, how long it is good, and the how many-th of its form it is."""

    hash: str
    until: dt.datetime
    nth: int


@dataclass(frozen=True)
class Ticket:
    """What is made of a ticket number when it is given out."""

    token_hash: str
    mail: OutgoingMail | None


@dataclass(frozen=True)
class Warned:
    """A rung of a ticket's clock and one person (Redmine's id) who is warned. `key` is unique for ever.

    `since`: when it was kept, or let go.
    """

    key: str
    person: int
    issue: int
    rung: str
    since: dt.datetime


@dataclass(frozen=True)
class FeedCursor:
    """How far the change feed was read."""

    issue: int
    journal: int


@dataclass(frozen=True)
class Report:
    """What the monitoring last said of one alert. `fields` by field id, for a ticket that it may open."""

    key: str
    procedure: str
    firing: bool
    at: dt.datetime
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Watch:
    """An alert and its ticket. `told` is what the ticket knows: that it fires, or that it is resolved."""

    report: Report
    submission: str
    told: bool


class SlotState(StrEnum):
    """What came of a slot: the first one ever, which nobody is sent; its digests were asked for; or nothing came."""

    BEGUN = "begun"
    OPENED = "opened"
    MISSED = "missed"


@dataclass(frozen=True)
class DigestSlot:
    """A time at which an organization's digests are due, and what came of it; `reason` says why nothing did."""

    profile: str
    slot: dt.datetime
    state: SlotState
    reason: str = ""


class DeliveryState(StrEnum):
    """What came of one person's digest."""

    WAITING = "waiting"
    SENT = "sent"
    EMPTY = "empty"
    LOST = "lost"


@dataclass(frozen=True)
class Delivery:
    """One person's digest of a slot. `counts` and `scope` are kept to compare the next one with."""

    key: str
    profile: str
    person: int
    slot: dt.datetime
    state: DeliveryState = DeliveryState.WAITING
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    scope: str = ""
    changed: dt.datetime | None = None

    @property
    def said(self) -> bool:
        """Whether it was sent, or there was nothing to say."""
        return self.state in (DeliveryState.SENT, DeliveryState.EMPTY)


class PaperStatus(StrEnum):
    """What a document in the register is worth. Only one that is `ALLOTTED` is not known to its ticket yet."""

    ALLOTTED = "disiapkan"
    VALID = "berlaku"
    REPLACED = "diganti"
    VOID = "batal"


@dataclass(frozen=True)
class Slot:
    """A document's place in the register before it has one: whose it is, and in which count it gets its number.

    `owner` is the submission's id or `issue:ID`; `year` is 0 where a count never begins anew.
    """

    owner: str
    key: str
    series: str
    year: int


@dataclass(frozen=True)
class Registered:
    """A document in the register. `data` is what it prints, as JSON; None if it is known from its ticket only.

    `replaced_by` is a number; `reason` says why it is void; `sha256` is that of its bytes once it is issued.
    `certificate` is the fingerprint (SHA-256) of what it was signed with, if it was.
    """

    slot: Slot
    sequence: int
    organization: str
    ticket: str
    template: str
    field: str
    kind: str
    number: str
    code: str
    at: dt.datetime
    data: Mapping[str, Any] | None = None
    status: PaperStatus = PaperStatus.ALLOTTED
    reason: str = ""
    replaced_by: str = ""
    sha256: str = ""
    issue: int | None = None
    attachment: int | None = None
    certificate: str = ""


@dataclass(frozen=True)
class Signed:
    """The bytes of a signed document, which nobody could make a second time. `certificate`: its fingerprint."""

    content: bytes
    certificate: str


class Queue(Protocol):
    """The work queue. A key is worked on by one worker at a time."""

    def put(self, key: str, *, now: dt.datetime, at: dt.datetime | None = None) -> None:
        """Ask for work on `key` at `at` (default: now). Waiting: re-armed to the earlier; claimed: done once more
        afterwards; dead: revived."""

    def claim(
        self, worker: str, *, now: dt.datetime, lease: dt.timedelta, key: str | None = None
    ) -> Job | None:
        """The next due job, or one whose lease ran out; with `key` only that one."""

    def finish(self, job: Job) -> None:
        """Done: forgotten, or waiting again if it was put in the meantime."""

    def retry(self, job: Job, *, at: dt.datetime, error: str) -> None:
        """Failed for now: again at `at`."""

    def bury(self, job: Job, *, now: dt.datetime, error: str) -> None:
        """Given up."""

    def behind(self, kind: str, *, now: dt.datetime) -> int:
        """How many jobs of a kind are due, or have failed and wait."""

    def dead(self) -> Sequence[DeadJob]:
        """All that was given up, oldest first."""

    def revive(self, key: str, *, now: dt.datetime) -> bool:
        """Try a dead job again; False if there is none of this key."""

    def drop(self, key: str) -> bool:
        """Forget a dead job; False if there is none of this key."""

    def counts(self, *, now: dt.datetime) -> Mapping[str, int]:
        """How many jobs are `waiting`, `due`, `claimed`, `dead`; `oldest_seconds`: the age of the oldest due."""


class Codes(Protocol):
    """Codes that prove an address, each for one purpose (`key`)."""

    def send(
        self, key: str, code_hash: str, mail: OutgoingMail, *, until: dt.datetime, now: dt.datetime, most: int
    ) -> bool:
        """Keep a new code in place of an older one and send its mail; False if `most` were sent within the hour."""

    def proves(self, key: str, code_hash: str, *, now: dt.datetime, tries: int) -> bool:
        """Whether this is the code that was sent. Each try counts; a code is right once."""

    def expire(self, *, now: dt.datetime) -> None:
        """Forget codes whose time is long over."""


class Outbox(Protocol):
    """Mail that waits for the commit that it speaks of."""

    def hold(self, mails: Sequence[OutgoingMail], *, now: dt.datetime) -> None:
        """Keep mails until they are released; a key that is known is left alone."""

    def release(self, keys: Iterable[str], *, now: dt.datetime) -> None:
        """Let held mails go: each becomes a job `mail:KEY`. Keys not held are ignored."""

    def discard(self, keys: Iterable[str]) -> None:
        """Throw away held mails."""

    def recall(self, keys: Iterable[str]) -> None:
        """Throw away mails that were not sent yet, held or not."""

    def held(self) -> Sequence[OutgoingMail]:
        """All mails on hold."""

    def mail(self, key: str) -> OutgoingMail | None:
        """A released mail that was not sent yet."""

    def sent(self, key: str, *, now: dt.datetime) -> None:
        """It went out: only the key is kept."""


class Warnings(Protocol):
    """Warnings of limits, which are gathered into one mail a person."""

    def hold(self, warned: Sequence[Warned]) -> None:
        """Keep warnings until they are released; a key that is known is left alone."""

    def release(self, keys: Iterable[str], *, now: dt.datetime, at: dt.datetime) -> None:
        """Let held warnings go: each person gets a job `warn:PERSON` at `at`. Keys not held are ignored."""

    def discard(self, keys: Iterable[str]) -> None:
        """Throw away held warnings."""

    def held(self, issue: int) -> Sequence[Warned]:
        """The warnings of an issue that are on hold."""

    def ready(self, person: int) -> Sequence[Warned]:
        """What was let go for a person and not told yet, oldest first."""

    def tell(self, warned: Sequence[Warned], mail: OutgoingMail | None, *, now: dt.datetime) -> bool:
        """Done with these, and the mail lets go, in one transaction; False, and nothing done, if somebody was
        quicker."""


class Clocks(Protocol):
    """When each ticket must be looked at because of time alone."""

    def set(self, issue: int, at: dt.datetime | None) -> None:
        """When an issue wakes; None: never."""

    def fill(self, wakes: Mapping[int, dt.datetime]) -> None:
        """When these issues wake, where it is not known: what a look has set is newer."""

    def due(self, *, now: dt.datetime) -> Sequence[int]:
        """The issues whose time has come, earliest first."""

    def ring(self, issues: Sequence[int], *, now: dt.datetime) -> int:
        """Put `issue:N` for those of these issues whose time has come, and forget their clocks until they are set
        anew. Gives their number: what another replica has rung is not among them."""


class Submissions(Protocol):
    """Requests and requesters' actions, stored before anything else."""

    def submit(
        self,
        *,
        nonce: str,
        procedure: str,
        prefix: str,
        received: dt.datetime,
        year: int,
        fields: Mapping[str, str],
        files: Sequence[str],
        ticket: Callable[[str], Ticket],
        origin: str = PORTAL,
    ) -> Submission:
        """Store a request, its number, its mail (released) and its job in one transaction.

        `files` are refs of those held under `nonce`; `ticket` gets the number. A draft of the form goes. A `nonce`
        seen before gives the submission made then. `NotFoundError`: a file is not held any more.
        """

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""

    def by_number(self, number: str) -> Submission | None:
        """One submission by ticket number; after forwarding without fields and files."""

    def by_nonce(self, nonce: str) -> Submission | None:
        """What was made of a form, by the form's key."""

    def forwarded(self, submission_id: str, issue: int) -> None:
        """It became an issue: fields and files are deleted here."""

    def renumber(
        self, submission_id: str, *, prefix: str, year: int, ticket: Callable[[str], Ticket]
    ) -> Submission:
        """Its number was taken: give it the next one, and send the mail anew."""

    def add_action(
        self, action: RequesterAction, files: Sequence[str], *, issue: int | None, now: dt.datetime
    ) -> bool:
        """Store an action with files held under its key, and put its job; False if the key is known.

        `issue` None: there is none yet.
        """

    def pending_actions(self, number: str) -> Sequence[RequesterAction]:
        """Actions not yet applied, in order of `at`."""

    def actions_done(self, keys: Iterable[str]) -> None:
        """They were applied: contents and files are deleted, keys kept."""


class Files(Protocol):
    """Files of forms, held from the moment they came."""

    def hold(self, key: str, upload: Upload, *, until: dt.datetime) -> SubmittedFile:
        """Keep a file for the form `key`; the same content for the same field is kept once."""

    def held(self, key: str) -> Sequence[SubmittedFile]:
        """The files of a form that was not sent yet, in the order in which they came."""

    def let_go(self, key: str, refs: Sequence[str]) -> None:
        """Forget some of a form's files."""

    def open(self, ref: str) -> Content | None:
        """A stored file, held or sent; None if it is gone."""

    def expire(self, *, now: dt.datetime) -> None:
        """Forget the files of forms that were never sent."""


class Drafts(Protocol):
    """Forms that wait."""

    def save(self, draft: Draft, mail: OutgoingMail, *, now: dt.datetime, code: Code | None = None) -> None:
        """Keep a form as it is now, its held files as long as itself, and send its mail."""

    def draft(self, key: str, *, now: dt.datetime) -> Draft | None:
        """A draft by its form's key."""

    def by_token(self, token_hash: str, *, now: dt.datetime) -> Draft | None:
        """A draft by the hash of its link's secret."""

    def codes(self, key: str) -> int:
        """How many codes were sent for a form."""

    def proves(self, key: str, code_hash: str, *, now: dt.datetime, tries: int) -> bool:
        """Whether this is the code that was sent. Each try counts; after `tries` of them no code is right."""

    def expire(self, *, now: dt.datetime) -> None:
        """Forget drafts whose time is over, with their files."""


class Alerts(Protocol):
    """The monitoring's alerts, each with its ticket."""

    def watch(self, key: str) -> Watch | None:
        """One alert."""

    def report(self, report: Report) -> bool:
        """Keep what was said of a known alert, and put its job `alert:KEY`; False if it is not known."""

    def opened(self, report: Report, submission: str) -> None:
        """This submission is the alert's ticket now; what was reported in the meantime stays."""

    def told(self, watch: Watch) -> None:
        """The ticket knows what this watch reports."""


class Counters(Protocol):
    """How often something was done lately, for all replicas together."""

    def add(self, key: str, amount: int, *, now: dt.datetime, lasts: dt.timedelta) -> int:
        """Count it; gives the count. A count that is new, or whose time is over, begins again and `lasts` so long."""

    def count(self, key: str, *, now: dt.datetime) -> int:
        """The count of a key."""

    def until(self, key: str, *, now: dt.datetime) -> dt.datetime:
        """When it begins again."""

    def forget(self, key: str) -> None:
        """It begins again now."""

    def expire(self, *, now: dt.datetime) -> None:
        """Forget what is over."""


class DigestLog(Protocol):
    """Which digests were due, and what came of them."""

    def slots(self, profile: str, since: dt.datetime) -> Sequence[DigestSlot]:
        """The slots of an organization since an instant, in order."""

    def begin(self, profile: str, slot: dt.datetime) -> None:
        """The first slot that is known of: digests begin with the next one."""

    def miss(self, profile: str, slots: Iterable[dt.datetime], reason: str) -> None:
        """Nothing came of these slots; what is known of one already is left as it is."""

    def fail(self, profile: str, slot: dt.datetime, reason: str) -> None:
        """Nothing came of a slot so far: why, for now."""

    def open(self, profile: str, slot: dt.datetime, people: Iterable[int], *, now: dt.datetime) -> bool:
        """Ask for the digests of a slot: each person's is a job `digest:KEY`. False if somebody was quicker.

        What an earlier slot still has waiting is lost, and what is very old is forgotten.
        """

    def delivery(self, key: str) -> Delivery | None:
        """One person's digest."""

    def deliveries(self, profile: str, since: dt.datetime) -> Sequence[Delivery]:
        """All of an organization's since an instant, by slot."""

    def trouble(self, key: str, reason: str, *, now: dt.datetime) -> None:
        """It could not be sent for now."""

    def settle(
        self,
        key: str,
        state: DeliveryState,
        *,
        now: dt.datetime,
        counts: Mapping[str, int] | None = None,
        scope: str = "",
    ) -> bool:
        """What came of one that waits; False if it waits no more."""


class Numbers(Protocol):
    """Ticket numbers, `PREFIX-YEAR-000123`."""

    def next(self, prefix: str, year: int) -> str:
        """The next number."""

    def seed(self, prefix: str, year: int, highest: int) -> None:
        """Go on after `highest`, if that is further than we are."""


class Register(Protocol):
    """Every document with its number. A number is given out with its row, in one transaction, and never again."""

    def allot(self, slot: Slot, write: Callable[[int], Registered]) -> Registered:
        """The row of a slot: the one that is there and not void, else a new one, written for the next number of its
        series."""

    def allotted(self, owner: str) -> Sequence[Registered]:
        """The owner's documents that are not known to their ticket yet, oldest first."""

    def record(self, known: Sequence[Registered]) -> None:
        """What a ticket knows of its documents; what was printed is kept, and their series go on after them."""

    def abandon(self, issue: int, reason: str) -> None:
        """An issue is gone: what was begun for it is void."""

    def signed(self, code: str) -> Signed | None:
        """What a document was signed as; None: it is not signed, or its ticket has it."""

    def keep_signed(self, code: str, signed: Signed) -> Signed:
        """Keep the signed bytes of a document until its ticket has them; gives those that were kept first."""

    def by_code(self, code: str) -> Registered | None:
        """One document."""

    def entries(self, *, issue: int | None = None, year: int | None = None) -> Sequence[Registered]:
        """All documents, of an issue or a year (of `at`, in UTC where there is no other), in order of their numbers."""


class Bookkeeping(Protocol):
    """What the worker remembers between two runs."""

    def cursor(self) -> FeedCursor | None:
        """How far the feed was read; None: never."""

    def set_cursor(self, cursor: FeedCursor) -> None:
        """Remember it."""

    def claim_tick(self, name: str, slot: dt.datetime, *, every: dt.timedelta | None = None) -> bool:
        """Whether this process may do the duty `name` of `slot`: true once for all replicas.

        `every` is the time between two slots; with it a claim far in the future, by a wrong clock, does not count.
        """

    def ready(self) -> bool:
        """Whether the database was seeded from Redmine (numbers), so that submissions may be taken."""

    def set_ready(self) -> None:
        """It was."""

    def beat(self, worker: str, *, now: dt.datetime) -> None:
        """A worker is alive."""

    def last_beat(self) -> dt.datetime | None:
        """When a worker was last alive."""


class Store(Protocol):
    """The connector's database."""

    queue: Queue
    outbox: Outbox
    warnings: Warnings
    clocks: Clocks
    submissions: Submissions
    files: Files
    drafts: Drafts
    codes: Codes
    alerts: Alerts
    digests: DigestLog
    numbers: Numbers
    register: Register
    books: Bookkeeping
    counters: Counters

    def ping(self) -> None:
        """Raise `TransientError` if the database does not answer."""
