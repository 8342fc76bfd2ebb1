"""What a procedure (POS / SOP) is: frozen types, checked when read.

The words are those of the sources: a step has a role (pelaksana), needs (kelengkapan), a limit (waktu) and outputs.
References between objects are checked by `connector.sop.loader`, which knows where in the file each stands.
"""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints, field_validator, model_validator

from connector.sop.base import NAME_MAX, Frozen, Identifier, RedmineName, Text
from connector.sop.english import (
    EnglishField,
    EnglishForm,
    EnglishLabel,
    EnglishNumber,
    EnglishOrganization,
    EnglishProcedure,
    EnglishTitle,
    without_original,
)
from connector.sop.papers import Countersign, DocumentDef
from connector.sop.privacy import Privacy

#: Of what it imports, others may take these from here.
__all__ = ["NAME_MAX", "Frozen", "Identifier"]

Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+$", max_length=253)]


Said = TypeVar("Said", bound=Frozen)


def _english(thing: Said, name: str) -> Said:
    """The thing itself, if all of its English stands for something."""
    for key in without_original(getattr(thing, "en", None), thing):
        raise ValueError(f"{name}: en.{key} ditulis tanpa {key}")
    return thing


class Basis(StrEnum):
    """How sure a fact is: in the source, read from its wording, or absent from it."""

    STATED = "stated"
    INFERRED = "inferred"
    MISSING = "missing"


class Bases(Frozen):
    """The basis of a step's role, limit and outcomes."""

    role: Basis = Basis.STATED
    limit: Basis = Basis.STATED
    outcomes: Basis = Basis.STATED


class Unit(StrEnum):
    """Units of time as Indonesian offices use them."""

    MINUTE = "menit"
    HOUR = "jam"
    WORKING_DAY = "hari_kerja"
    DAY = "hari"
    WEEK = "minggu"
    MONTH = "bulan"


class Limit(Frozen):
    """A working time a step may take (mutu baku waktu). Written `30 menit`, `1 hari kerja`, `1 bulan`."""

    amount: Annotated[int, Field(gt=0, le=1000)]
    unit: Unit

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"(\d+) +(.+)", value.strip())
        unit = match[2].strip().replace(" ", "_") if match else ""
        if match is None or unit not in set(Unit):
            names = ", ".join(each.value.replace("_", " ") for each in Unit)
            raise ValueError(
                f"«{value}» bukan batas waktu; tulis angka dan satuan ({names}), misalnya «1 hari kerja»"
            )
        return {"amount": int(match[1]), "unit": unit}

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value.replace('_', ' ')}"


#: Whoever has the ticket: the person who took it, or the role that has the step.
HOLDER = "pelaksana"
#: The instants of `Offset` in the words of a mapping.
AT_LIMIT = "batas"
SIDES = {"sebelum": "before", "sesudah": "after"}


class Offset(Frozen):
    """An instant seen from a limit, in working time. Written `75%` (of the time is used), `1 jam sebelum`, `batas` (the
    limit itself) or `1 hari kerja sesudah`."""

    used: Annotated[int, Field(gt=0, lt=100)] | None = None
    before: Limit | None = None
    after: Limit | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Offset:
        if sum(each is not None for each in (self.used, self.before, self.after)) > 1:
            raise ValueError("saat peringatan hanya satu: persen, sebelum, atau sesudah")
        if self.before is not None and self.before.unit is Unit.MONTH:
            raise ValueError("sebelum batas ditulis dengan menit, jam, hari kerja, hari, atau minggu")
        return self

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = " ".join(value.split())
        if text == AT_LIMIT:
            return {}
        if percent := re.fullmatch(r"(\d{1,2}) ?%", text):
            return {"used": int(percent[1])}
        limit, _, side = text.rpartition(" ")
        if limit and side in SIDES:
            return {SIDES[side]: limit}
        raise ValueError(
            f"«{value}» bukan saat peringatan; tulis misalnya «75%», «1 jam sebelum», «batas», atau "
            "«1 hari kerja sesudah»"
        )

    def __str__(self) -> str:
        if self.used is not None:
            return f"{self.used}%"
        sides = (f"{limit} {word}" for word, name in SIDES.items() if (limit := getattr(self, name)))
        return next(sides, AT_LIMIT)


class Escalation(Frozen):
    """Who is warned of a limit, and when. `to` names roles; `pelaksana` is whoever has the ticket."""

    at: Offset
    to: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class SlaStatus(StrEnum):
    """The values of the field «Status SLA»."""

    IN_TIME = "Tepat waktu"
    NEAR = "Mendekati batas"
    LATE = "Terlambat"
    PAUSED = "Ditunda"


class LimitBy(Frozen):
    """A limit chosen by the value of a field."""

    field: Identifier
    limits: dict[str, Limit]


#: What a browser may fill in by itself about the person before it (WCAG 2.2, 1.3.5).
Autocomplete = Literal["name", "email", "tel", "organization", "organization-title", "street-address", "url"]


class FieldType(StrEnum):
    """What a field holds; the form, Redmine's custom field and the checks follow from it."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    IDENTITY = "identity"
    EMAIL = "email"
    EMAILS = "emails"
    PHONE = "phone"
    FILE = "file"
    CONSENT = "consent"


class Identity(Frozen):
    """A kind of identity number that an organization gives out. `pattern` is that of the whole number."""

    id: Identifier
    name: Text
    pattern: Text
    hint: str = ""
    en: EnglishNumber | None = Field(default=None, exclude=True)

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"«{value}» bukan pola (regular expression) yang sah: {error}") from None
        return value


#: Numbers that every citizen or civil servant has; their structure is checked, not only their length.
NIP = Identity(id="nip", name="NIP", pattern=r"\d{18}", hint="18 angka", en=EnglishNumber(hint="18 digits"))
NIK = Identity(id="nik", name="NIK", pattern=r"\d{16}", hint="16 angka", en=EnglishNumber(hint="16 digits"))


class FieldDef(Frozen):
    """One piece of information: a custom field in Redmine, and a question on the form where the form asks for it.

    `scope` (`bersama`, an organization's id, or `ORGANIZATION/PROCEDURE`) and `accepted` (what `identities` name) are
    filled by the loader.
    """

    id: Identifier
    name: RedmineName
    label: Text
    type: FieldType
    choices: tuple[Text, ...] = ()
    help: str = ""
    scope: str = ""
    required: bool = True
    personal: bool = False
    visible_to: tuple[Identifier, ...] | None = None
    max_length: int | None = None
    accept: tuple[str, ...] = ()
    max_files: Annotated[int, Field(ge=1, le=20)] = 1
    max_mb: Annotated[int, Field(ge=1, le=200)] | None = None
    identities: tuple[Identifier, ...] = ()
    accepted: tuple[Identity, ...] = ()
    autocomplete: Autocomplete | None = None
    purpose: str = ""
    renew: bool = False
    en: EnglishField | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _said_in_english(self) -> FieldDef:
        if self.en is not None and self.en.choices and len(self.en.choices) != len(self.choices):
            raise ValueError(
                f"isian «{self.id}»: en.choices harus sebanyak choices ({len(self.choices)}), "
                f"ini {len(self.en.choices)}"
            )
        return _english(self, f"isian «{self.id}»")

    @property
    def key(self) -> str:
        """The stable key under which the plugin tracks the custom field."""
        return f"field:{self.scope}:{self.id}"


class Need(Frozen):
    """Something that must be there before a step begins; with `when`, only if each named field has that value."""

    field: Identifier
    when: Mapping[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"field": value} if isinstance(value, str) else value


class OutputKind(StrEnum):
    """Who leaves the output: people in a field, people as a file, or the connector as a document."""

    FIELD = "field"
    UPLOAD = "upload"
    DOCUMENT = "document"


class Output(Frozen):
    """What a step leaves behind. A document is kept in the file field of its id, and said by the document of that id.

    It is made on entering the step; with `after`, when the step is left by one of these outcomes. A step without a
    status leaves its documents when the ticket comes to its first step.
    """

    id: Identifier
    kind: OutputKind = OutputKind.FIELD
    after: tuple[Identifier, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value


class Tell(Frozen):
    """Who is told by e-mail, and what, in one or two sentences of Indonesian. `details` are fields shown below them."""

    to: tuple[Identifier, ...]
    text: Text
    details: tuple[Identifier, ...] = ()


class Outcome(Frozen):
    """A named way out of a step. `to` is a step or an end; a step without a status means: back to the requester.

    `hands` names the files that the requester may read from then on, `countersign` what he signs by taking it.
    """

    to: Identifier
    label: str = ""
    tell: tuple[Tell, ...] = ()
    hands: tuple[Identifier, ...] = ()
    countersign: Countersign | None = None
    en: EnglishLabel | None = Field(default=None, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"to": value} if isinstance(value, str) else value


class AssigneeBy(Frozen):
    """Chooses among a step's roles by the value of a field."""

    field: Identifier
    roles: dict[str, Identifier]


class StepKind(StrEnum):
    """A step people do, a mark on the way, or a duty that comes round."""

    STEP = "step"
    MILESTONE = "milestone"
    DUTY = "duty"


class LimitAgain(StrEnum):
    """What a step gets that is begun once more: its limit anew, or what the last time left of it."""

    NEW = "baru"
    REST = "sisa"


class Unanswered(Frozen):
    """What follows if a requester leaves his own step unanswered until its limit: the connector goes on to `to`.

    He is reminded so long before as `remind` says; `label` says how his silence is taken.
    """

    to: Identifier
    label: Text
    remind: tuple[Limit, ...] = (Limit(amount=1, unit=Unit.WORKING_DAY),)
    tell: tuple[Tell, ...] = ()
    basis: Basis = Basis.STATED


class Step(Frozen):
    """One numbered step of a procedure. Without a status it happens before the ticket exists (or is a milestone).

    A duty has no status either: it comes round `every` so often while the ticket is in the step listed before it.
    What a requester does `in_person` is recorded by who acts on his behalf, never by himself on the portal.
    """

    no: Text
    id: Identifier
    kind: StepKind = StepKind.STEP
    title: Text
    status: RedmineName | None = None
    description: str = ""
    roles: tuple[Identifier, ...] = ()
    assignee_by: AssigneeBy | None = None
    limit: Limit | None = None
    limit_by: LimitBy | None = None
    limit_again: LimitAgain = LimitAgain.NEW
    every: Limit | None = None
    escalation: tuple[Escalation, ...] | None = None
    needs: tuple[Need, ...] = ()
    outputs: tuple[Output, ...] = ()
    outcomes: Mapping[Identifier, Outcome] = {}
    tell: tuple[Tell, ...] = ()
    unanswered: Unanswered | None = None
    in_person: bool = False
    basis: Bases = Bases()
    note: str = ""
    en: EnglishTitle | None = Field(default=None, exclude=True)


class Reopen(Frozen):
    """Who may take a ticket back that has ended, into which step, and how long afterwards."""

    within: Limit
    to: Identifier
    roles: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    tell: tuple[Tell, ...] = ()
    basis: Basis = Basis.STATED


class End(Frozen):
    """How a ticket can end: a closed status. A `duplicate` needs Redmine's relation to the ticket that it repeats."""

    id: Identifier
    status: RedmineName
    title: Text
    needs: tuple[Need, ...] = ()
    tell: tuple[Tell, ...] = ()
    success: bool = False
    duplicate: bool = False
    reopen: Reopen | None = None
    en: EnglishTitle | None = Field(default=None, exclude=True)


class Form(Frozen):
    """The public form: its code where the source gives one, and the fields it asks for, in order.

    A registrar may leave `optional_at_desk` blank: what monitoring found has no requester. A field in `when` is asked
    only if each named field has one of these values. The requester's address must be of one of `email_domains` (or
    below one), and with `verify_email` he proves by a code that it is his.
    """

    code: str | None = None
    title: Text
    fields: tuple[Identifier, ...]
    optional_at_desk: tuple[Identifier, ...] = ()
    intro: str = ""
    when: Mapping[Identifier, dict[Identifier, tuple[Text, ...]]] = {}
    email_domains: tuple[Domain, ...] = ()
    verify_email: bool = False
    en: EnglishForm | None = Field(default=None, exclude=True)

    @field_validator("when", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        """A single value may stand for a list of one."""
        if not isinstance(value, dict):
            return value
        return {
            name: {key: [each] if isinstance(each, str) else each for key, each in condition.items()}
            if isinstance(condition, dict)
            else condition
            for name, condition in value.items()
        }

    @model_validator(mode="after")
    def _said_in_english(self) -> Form:
        return _english(self, "formulir")


class Header(Frozen):
    """The head of the POS document: facts for the printed POS and the audit."""

    number: Text
    created: dt.date | None = None
    revised: dt.date | None = None
    effective: dt.date | None = None
    legal_basis: tuple[Text, ...] = ()
    qualifications: tuple[Text, ...] = ()
    related: tuple[Text, ...] = ()
    equipment: tuple[Text, ...] = ()
    warning: str = ""
    recording: str = ""
    indicators: tuple[Text, ...] = ()


class Waiting(Frozen):
    """The statuses around a return to the requester, and what he must be told to mend.

    `status` has one exit for staff, `resumed`, from which the connector moves on to the step the ticket came from.
    Who does not answer within `limit` loses his ticket: the connector closes it with the end `expires`. He is reminded
    so long before that as `remind` says, where the wait is long enough.
    """

    status: RedmineName = "Menunggu Pemohon"
    resumed: RedmineName = "Dilanjutkan"
    reason: Identifier = "permintaan_perbaikan"
    limit: Limit | None = None
    expires: Identifier | None = None
    remind: tuple[Limit, ...] = (
        Limit(amount=1, unit=Unit.WEEK),
        Limit(amount=1, unit=Unit.WORKING_DAY),
    )


class Alerts(Frozen):
    """Which alerts of the monitoring open a ticket, and what it is filled with.

    An alert is the procedure's own if it has every label of `match`. `fields` are texts in which `{labels.NAME}` and
    `{annotations.NAME}` stand for what the alert says.
    """

    match: Annotated[dict[str, Text], Field(min_length=1)]
    fields: Annotated[dict[Identifier, Text], Field(min_length=1)]


class ByMail(Frozen):
    """Which fields the subject and the text of a mail fill, when it becomes a ticket."""

    subject: Identifier | None = None
    text: Identifier | None = None


class Archive(Frozen):
    """What the office's rules for archives say of a procedure's tickets; printed in the archive and its index."""

    classification: Text
    retention: Text


class SurveyDef(Frozen):
    """The satisfaction survey after a good end. Its `elements` are choices with marks (`4 Sangat baik`), `remark` is
    what the requester says in his own words.

    He is reminded once, `remind` after the end, and may answer `within` so long. Without elements nothing is asked.
    `questions` are filled by the loader.
    """

    elements: tuple[Identifier, ...] = ()
    remark: Identifier | None = None
    remind: Limit | None = Limit(amount=2, unit=Unit.WORKING_DAY)
    within: Limit = Limit(amount=14, unit=Unit.DAY)
    questions: tuple[FieldDef, ...] = ()


class Procedure(Frozen):
    """One POS: a tracker in Redmine, and the table of its steps."""

    id: Identifier
    profile: Identifier
    code: Text
    title: Text
    tracker: RedmineName
    summary: Text
    audience: str = ""
    category: Identifier | None = None
    keywords: tuple[Text, ...] = ()
    subject: Text = "{title}"
    header: Header
    form: Form | None = None
    intake: RedmineName = "Permohonan Masuk"
    registrars: tuple[Identifier, ...] = ()
    on_behalf: tuple[Identifier, ...] = ()
    alerts: Alerts | None = None
    by_mail: ByMail = ByMail()
    waiting: Waiting = Waiting()
    escalation: tuple[Escalation, ...] | None = None
    withdrawn: Identifier | None = None
    survey: SurveyDef | None = None
    fields: tuple[FieldDef, ...]
    documents: tuple[DocumentDef, ...] = ()
    archive: Archive | None = None
    steps: tuple[Step, ...]
    ends: tuple[End, ...]
    #: Where tickets go that stand in a step which this POS had once: the old step's id and the new one's.
    moved_to: Mapping[Identifier, Identifier] = {}
    received: tuple[Tell, ...] = ()
    #: Roles of the organization whose kind is requester; filled by the loader.
    requesters: tuple[Identifier, ...] = ()
    #: SHA-256 of the files it was read from; filled by the loader, kept with every stay.
    version: str = ""
    en: EnglishProcedure | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _said_in_english(self) -> Procedure:
        return _english(self, f"POS «{self.id}»")

    @property
    def key(self) -> str:
        """Profile and id, unique among all procedures."""
        return f"{self.profile}/{self.id}"

    @property
    def tracker_key(self) -> str:
        """The stable key under which the plugin tracks this procedure's tracker."""
        return f"tracker:{self.profile}:{self.id}"

    def step(self, step_id: str) -> Step | None:
        """The step with this id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def end(self, end_id: str) -> End | None:
        """The end with this id."""
        return next((end for end in self.ends if end.id == end_id), None)

    def field(self, field_id: str) -> FieldDef | None:
        """The field with this id."""
        return next((field for field in self.fields if field.id == field_id), None)

    def document(self, document_id: str) -> DocumentDef | None:
        """What the document with this id says."""
        return next((document for document in self.documents if document.id == document_id), None)

    @property
    def active_steps(self) -> tuple[Step, ...]:
        """The steps a ticket can stand in: those with a status of their own, in order."""
        return tuple(step for step in self.steps if step.status is not None)

    @property
    def first_step(self) -> Step:
        """Where a ticket stands once it has been received."""
        return self.active_steps[0]

    @property
    def last_no(self) -> str:
        """The number of the last step of the POS; a step that was put in, like 10a, counts with its own."""
        return self.steps[-1].no.rstrip(string.ascii_letters)


class RoleKind(StrEnum):
    """Who a role is: staff with Redmine accounts, requesters without, people only told, or the override role."""

    STAFF = "staff"
    REQUESTER = "requester"
    TOLD = "told"
    OVERRIDE = "override"


class RoleDef(Frozen):
    """A role of the organization: a role and a group in Redmine (requesters have neither).

    A told role with an `address` has neither as well: its e-mail addresses stand in this field of each ticket.
    Holders of a role with a `unit` act only for the unit that this field of the ticket names (`Organization.units`).
    """

    id: Identifier
    title: Text
    name: RedmineName
    kind: RoleKind = RoleKind.STAFF
    address: Identifier | None = None
    unit: Identifier | None = None
    profile: str = ""
    en: EnglishTitle | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _address_of_the_told(self) -> RoleDef:
        if self.address is not None and self.kind is not RoleKind.TOLD:
            raise ValueError(f"peran «{self.id}»: address hanya untuk kind told")
        if self.unit is not None and self.kind is not RoleKind.STAFF:
            raise ValueError(f"peran «{self.id}»: unit hanya untuk kind staff")
        return self

    @property
    def has_account(self) -> bool:
        """Whether its holders use Redmine."""
        return self.kind is not RoleKind.REQUESTER and self.address is None

    @property
    def key(self) -> str:
        """The stable key of the Redmine role."""
        return f"role:{self.profile}:{self.id}"

    @property
    def group_key(self) -> str:
        """The stable key of the Redmine group."""
        return f"group:{self.profile}:{self.id}"


class Hours(Frozen):
    """One unbroken stretch of office hours in a day. Written `08:00-12:00`."""

    start: dt.time
    end: dt.time

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        time = r"((?:[01]\d|2[0-3]):[0-5]\d)"
        match = re.fullmatch(f"{time} *- *{time}", value.strip())
        if match is None or match[1] >= match[2]:
            raise ValueError(f"«{value}» bukan jam kerja; tulis misalnya «08:00-12:00»")
        return {"start": match[1], "end": match[2]}

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


WeekdayName = Literal["senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"]
WEEKDAYS: tuple[WeekdayName, ...] = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
Week = dict[WeekdayName, tuple[Hours, ...]]

#: What the three times of Indonesia are called, and where they are kept. None of them ever changes to summer time, so
#: that the calendar may count seconds from its first midnight.
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
TIMEZONES = (*ZONES.values(), "Asia/Pontianak")

#: The years that calendars reach.
FIRST_YEAR = 2020
LAST_YEAR = 2045


class SpecialHours(Frozen):
    """Other office hours between two dates (both included), for example during Ramadan.

    Weekdays that are not named keep their ordinary hours; an empty list closes one.
    """

    name: Text
    first: dt.date
    last: dt.date
    hours: Week


class Closure(Frozen):
    """A day that is off, or all days until `last` (included), with the reason."""

    date: dt.date
    last: dt.date | None = None
    name: Text

    @property
    def days(self) -> Iterator[dt.date]:
        """Each of its days."""
        for number in range(((self.last or self.date) - self.date).days + 1):
            yield self.date + dt.timedelta(number)


class Decree(Frozen):
    """The free days of one year as a decree (SKB 3 Menteri) has them, in place of those that are built in.

    A list that is not written stays as built in; an empty one says that there are none.
    """

    year: int
    name: Text
    national_holidays: tuple[Closure, ...] | None = None
    cuti_bersama: tuple[Closure, ...] | None = None


class CalendarDef(Frozen):
    """When the organization works. `opened` lists days that are worked although they are holidays."""

    timezone: Text = ZONES["WIB"]
    hours: Week
    national_holidays: bool = True
    cuti_bersama: bool = True
    decrees: tuple[Decree, ...] = ()
    closures: tuple[Closure, ...] = ()
    opened: tuple[dt.date, ...] = ()
    special_hours: tuple[SpecialHours, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _of_indonesia(cls, name: str) -> str:
        found = ZONES.get(name, name)
        if found not in TIMEZONES:
            names = ", ".join(f"{zone} ({short})" for short, zone in ZONES.items())
            raise ValueError(
                f"«{name}» bukan zona waktu Indonesia; pilihannya: {names}, Asia/Pontianak (WIB)"
            )
        return found

    def decree(self, year: int) -> Decree | None:
        """What was written of a year."""
        return next((each for each in self.decrees if each.year == year), None)

    def week(self, day: dt.date) -> Week:
        """The office hours of the week that a day is in; of days that are off as well."""
        for special in self.special_hours:
            if special.first <= day <= special.last:
                return {**self.hours, **special.hours}
        return self.hours


class DigestReader(Frozen):
    """Who gets the digest, and what he sees in it: all of the organization, or some procedures or units (roles)."""

    roles: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    procedures: tuple[Identifier, ...] = ()
    units: tuple[Identifier, ...] = ()


class Digests(Frozen):
    """The supervisors' mail (rekap): on working days `at` this time, on one day of the week with the week's figures.

    A ticket that waits for its requester longer than `paused` is told.
    """

    at: dt.time = dt.time(8)
    weekly: WeekdayName = "senin"
    paused: Limit = Limit(amount=5, unit=Unit.WORKING_DAY)
    readers: Annotated[tuple[DigestReader, ...], Field(min_length=1)]

    @field_validator("at", mode="before")
    @classmethod
    def _time_from_text(cls, value: Any) -> Any:
        # without quotes YAML reads 10:00 as 600
        if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            return dt.time.fromisoformat(value)
        if isinstance(value, dt.time):
            return value
        raise ValueError(f'«{value}» bukan jam; tulis dengan tanda kutip, misalnya "08:00"')


class Letterhead(Frozen):
    """The head of letters (kop surat)."""

    lines: tuple[Text, ...]
    address: Text
    contact: str = ""


class ActingTitle(StrEnum):
    """As whom somebody else signs: for a holder who is away for a while, or while nobody holds the office."""

    DAILY = "Plh."
    TASK = "Plt."


class Acting(Frozen):
    """Who holds an office for another, from one day to another, both included."""

    title: ActingTitle
    name: Text
    number: str = ""
    since: dt.date = Field(alias="from")
    until: dt.date


class Signatory(Frozen):
    """Who signs for an office. Name and number are configuration, never taken from a source."""

    role: Identifier
    office: Text
    name: str = ""
    number: str = ""
    acting: tuple[Acting, ...] = ()

    def on(self, day: dt.date) -> Signatory:
        """Who signs on a day: an acting officer with his title before the office, else the holder."""
        found = next((each for each in self.acting if each.since <= day <= each.until), None)
        if found is None:
            return self
        words = {"office": f"{found.title} {self.office}", "name": found.name, "number": found.number}
        return self.model_copy(update=words)


class Letter(Frozen):
    """How the letters of one kind are numbered; the `pattern` alone may be written.

    `register` names the count that several kinds share; without it a kind counts by itself.
    """

    pattern: Text
    #: `register` itself is a method of every class of types
    shared: Identifier | None = Field(default=None, alias="register")
    basis: Basis = Basis.STATED

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"pattern": value} if isinstance(value, str) else value


class Project(Frozen):
    """The Redmine project of the organization."""

    identifier: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,99}$")]
    name: Text
    description: str = ""


#: Where an organization says nothing, whoever has the ticket is warned.
ESCALATION = tuple(
    Escalation(at=Offset.model_validate(at), to=(HOLDER,))
    for at in ("75%", "batas", "1 hari kerja sesudah", "3 hari kerja sesudah")
)
#: Of a duty that says nothing itself: a reminder while there is time, and the breach.
DUTY_ESCALATION = tuple(
    Escalation(at=Offset.model_validate(at), to=(HOLDER,)) for at in ("1 hari kerja sebelum", "batas")
)


#: A file beside organization.yaml. No SVG: such a picture can hold scripts.
LogoFile = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.(?:png|jpg|jpeg|webp)$", max_length=80)
]


class Category(Frozen):
    """A group of services by what people need."""

    id: Identifier
    title: Text
    en: EnglishTitle | None = None


Address = Annotated[
    str, StringConstraints(pattern=r"^[^@\s,;:<>\"]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$", max_length=254)
]


class WorkUnit(Frozen):
    """A work unit of the organization, its other names, and the official addresses of its heads.

    `name: "*"` stands for every unit that is not listed.
    """

    name: Text
    also: tuple[Text, ...] = ()
    heads: tuple[Address, ...]

    @field_validator("heads")
    @classmethod
    def _somebody(cls, heads: tuple[str, ...]) -> tuple[str, ...]:
        if not heads:
            raise ValueError("«heads» tidak boleh kosong")
        return heads


class Organization(Frozen):
    """One body (profile) with its roles, calendar, letterhead and project."""

    id: Identifier
    name: Text
    office: Text
    short_name: Text
    ticket_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]
    city: Text
    contact: str = ""
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")] = "#0b5394"
    logo: LogoFile | None = None
    project: Project
    calendar: CalendarDef
    #: Who is warned of limits; a procedure or a step may say otherwise.
    escalation: tuple[Escalation, ...] = ESCALATION
    letterhead: Letterhead
    signatories: tuple[Signatory, ...] = ()
    digests: Digests | None = None
    privacy: Privacy | None = None
    #: By kind of document; documents of other kinds carry their ticket's number.
    letters: Mapping[Identifier, Letter] = {}
    roles: tuple[RoleDef, ...]
    #: The directory that roles with `unit` are bound by.
    units: tuple[WorkUnit, ...] = ()
    fields: tuple[FieldDef, ...] = ()
    #: Documents that several of its procedures leave.
    documents: tuple[DocumentDef, ...] = ()
    identities: tuple[Identity, ...] = ()
    en: EnglishOrganization | None = Field(default=None, exclude=True)

    def role(self, role_id: str) -> RoleDef | None:
        """The role with this id."""
        return next((role for role in self.roles if role.id == role_id), None)

    @property
    def project_key(self) -> str:
        """The stable key of the Redmine project."""
        return f"project:{self.id}"


class Catalogue(Frozen):
    """Everything that was read from the mappings: organizations and their procedures."""

    organizations: tuple[Organization, ...]
    procedures: tuple[Procedure, ...]
    categories: tuple[Category, ...] = ()

    def organization(self, profile: str) -> Organization | None:
        """The organization with this id."""
        return next((org for org in self.organizations if org.id == profile), None)

    def procedure(self, profile: str, procedure_id: str) -> Procedure | None:
        """The procedure with this id in this profile."""
        return next((p for p in self.procedures if p.profile == profile and p.id == procedure_id), None)

    def by_key(self, key: str) -> Procedure | None:
        """The procedure with this key (`unj/permohonan-layanan-teknis`)."""
        return next((p for p in self.procedures if p.key == key), None)
