"""A ticket's SOP state: what is known of it beside Redmine's own fields. It lives in the plugin, with the ticket.

`TicketState.model_dump(mode="json")` is `state.data` of docs/plugin-api.md; cursor and version are the plugin's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pydantic import AwareDatetime

from connector.engine.calendar import Special
from connector.sop.model import Frozen, Limit

SCHEMA = 1
#: Where a ticket came from: the public form, a person in Redmine, the monitoring, or an e-mail.
PORTAL, REDMINE, MONITORING, MAIL = "portal", "redmine", "pemantauan", "email"


class Pause(Frozen):
    """A time in which the clock of a stay stood still, and the working minutes that were left when it stopped."""

    since: AwareDatetime
    remaining: int | None
    due: AwareDatetime | None = None
    """When it would have been due."""
    until: AwareDatetime | None = None
    expires: AwareDatetime | None = None
    """When the ticket is closed if the requester has not answered; fixed when the pause begins."""
    asked: AwareDatetime | None = None
    """When the requester was asked, if that was in a step that the mapping has lost since."""


class Moved(Frozen):
    """A changed calendar moved the limit of a stay: when that was seen, from where to where, and what had changed."""

    at: AwareDatetime
    old: AwareDatetime
    new: AwareDatetime
    reason: str


class Stay(Frozen):
    """One stay of the ticket in one step. Limit and version are fixed when it begins; `due` moves with pauses and with
    the calendar.

    `budget`: the working minutes that an earlier stay left, where the mapping gives these instead of the whole limit.
    `known`: what was special between its beginning and `due` by the calendar that `due` was worked out with; of a stay
    that is over nothing.
    """

    step: str
    entered: AwareDatetime
    journal: int
    version: str
    limit: Limit | None = None
    budget: int | None = None
    due: AwareDatetime | None = None
    known: Special | None = None
    moves: tuple[Moved, ...] = ()
    pauses: tuple[Pause, ...] = ()
    lapses: AwareDatetime | None = None
    """Until when the requester was told that he may answer his own step; silence does not end the stay before."""
    left: AwareDatetime | None = None
    outcome: str | None = None
    by: int | None = None
    """Redmine's id of who moved the ticket on; None for the requester, and for who has a `role`."""
    role: str = ""
    """As whom it was moved on by the page of somebody who is not the requester: a unit's head."""

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return self.left is None and bool(self.pauses) and self.pauses[-1].until is None

    @property
    def projected(self) -> dt.datetime | None:
        """When it is due, or would have been if its clock did not stand still."""
        return self.due or (self.pauses[-1].due if self.pauses else None)

    @property
    def late(self) -> bool | None:
        """Whether a stay that is over was late. One that ended while its clock stood still had its end when it stopped.

        None: it is not over, or had no limit.
        """
        ended = self.left if self.due is not None or not self.pauses else self.pauses[-1].since
        if self.left is None or ended is None or self.projected is None:
            return None
        return ended > self.projected


class Period(Frozen):
    """One period of a standing duty, and what came of it. `no` counts the duty's periods in one stay, from 1.

    Without `due` nothing is owed now: the ticket waits for its requester.
    """

    step: str
    """The duty."""
    stay: int
    """Which of the ticket's stays it goes with, counted through the ticket's whole life from 1."""
    no: int
    every: Limit
    since: AwareDatetime
    due: AwareDatetime | None = None
    moved: bool = False
    """Whether a pause put the limit off: the periods that follow are counted from there."""
    reported: AwareDatetime | None = None
    journal: int | None = None
    by: int | None = None

    @property
    def late(self) -> bool:
        """Whether its report came, but after the limit."""
        return self.reported is not None and self.due is not None and self.reported > self.due


class Issued(Frozen):
    """A document that the connector made: where it is kept, and what proves that it was not changed.

    Its number is the `sequence`-th of a `series` (of a `year`, where that begins anew with each). `replaced_by` is the
    number of the one that came after it. With a reason in `void` its number was given, but it was never issued.
    """

    template: str
    field: str
    number: str
    code: str
    sha256: str
    attachment: int | None
    at: AwareDatetime
    kind: str = ""
    key: str = ""
    series: str = ""
    year: int = 0
    sequence: int = 0
    replaced_by: str = ""
    void: str = ""
    certificate: str = ""
    """SHA-256 of the certificate that it is signed with, if it is."""


class Countersigned(Frozen):
    """The requester signed a document with a code that was mailed to him.

    `document` and `number` say which, `into` names the field that keeps it with his signature, `stay` counts the stay
    in which he did so through the ticket's whole life from 1. `name` is as he typed it, `address` where the
    code was sent.
    """

    document: str
    number: str
    into: str
    stay: int
    name: str
    address: str
    at: AwareDatetime


class Unmade(Frozen):
    """A document that could not be made yet, as it was ordered, and why. It is tried again until it is there."""

    template: str
    field: str
    kind: str
    key: str
    number: str
    since: AwareDatetime
    reason: str
    into: str = ""
    """The field that is to keep it, if it is not its own."""


class Override(Frozen):
    """A move outside the table, by a holder of the override role, with the reason given."""

    at: AwareDatetime
    by: int
    origin: str
    target: str
    reason: str


class Former(Frozen):
    """What a ticket went through in another procedure, before somebody moved it to this one."""

    procedure: str
    title: str
    stays: tuple[Stay, ...]
    at: AwareDatetime
    by: int
    reason: str
    duties: tuple[Period, ...] = ()


class Unfit(Frozen):
    """Something that was sent on a page of the portal and no longer fitted when it was read, and why.

    `missing`: the labels of what it lacked; `role`: of a unit's head.
    """

    key: str
    kind: str
    at: AwareDatetime
    why: str
    missing: tuple[str, ...] = ()
    role: str = ""


class Survey(Frozen):
    """What the requester said of the service: a mark from 1 to 4 for each element (field id), and his own words."""

    at: AwareDatetime
    marks: Mapping[str, int]
    remark: str = ""


class TicketState(Frozen):
    """All of it. `stays` in order; the last one is open until the ticket ends."""

    schema_version: int = SCHEMA
    procedure: str
    number: str
    received: AwareDatetime
    origin: str
    submission: str | None = None
    token_hash: str
    stays: tuple[Stay, ...] = ()
    former: tuple[Former, ...] = ()
    ended: str | None = None
    ended_at: AwareDatetime | None = None
    duplicate_of: str = ""
    """The number of the ticket that this one was closed as a duplicate of."""
    duplicated_by: tuple[str, ...] = ()
    """The numbers of the duplicates that were noted here."""
    repairs: int = 0
    stopped: bool = False
    missing_told: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    """Those of the actions that no longer fitted."""
    survey: Survey | None = None
    documents: tuple[Issued, ...] = ()
    unmade: tuple[Unmade, ...] = ()
    countersigned: tuple[Countersigned, ...] = ()
    overrides: tuple[Override, ...] = ()
    duties: tuple[Period, ...] = ()
    """Every period of a standing duty, in order of stays; kept when the ticket goes on."""
    rungs: tuple[str, ...] = ()
    """Keys of the rungs that have passed, whether somebody was warned or a higher one came first."""
    sla: str = ""
    """What the field «Status SLA» says."""
    panel: Mapping[str, object] = {}
    anonymized: AwareDatetime | None = None
    """When the personal data of the ticket was overwritten."""

    @property
    def stay(self) -> Stay | None:
        """The open stay, if the ticket is in a step."""
        return self.stays[-1] if self.stays and self.stays[-1].left is None else None

    @property
    def expires(self) -> dt.datetime | None:
        """When the wait for the requester ends by itself, if the ticket waits and somebody said how long."""
        stay = self.stay
        return stay.pauses[-1].expires if stay is not None and stay.paused else None

    @property
    def position(self) -> int:
        """The number of the last stay, counted through the ticket's whole life from 1."""
        return sum(len(each.stays) for each in self.former) + len(self.stays)

    @property
    def latest(self) -> dt.datetime:
        """The last instant in the ledger: what follows is not earlier."""
        known = [self.received, self.ended_at, *(each.at for each in self.former)]
        for stay in self.stays[-1:]:
            known += [stay.entered, stay.left]
            known += [instant for pause in stay.pauses for instant in (pause.since, pause.until)]
        return max(instant for instant in known if instant is not None)
