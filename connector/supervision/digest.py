"""What a supervisor has to know now: late, near the limit, paused or incomplete too long, duties missed. Pure.

Made from the tickets' states at the moment of sending. A ticket that nobody can judge is only named (`unsure`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile

from connector.engine.clocks import sla_status
from connector.engine.duties import courses
from connector.engine.progress import Rules
from connector.engine.snapshot import Assignee
from connector.ports import StateRow
from connector.sop.model import DigestReader, Digests, SlaStatus, Step
from connector.sop.table import is_requesters


class Kind(StrEnum):
    """What is wrong with a ticket, the worst first."""

    LATE = "late"
    DUTY = "duty"
    NEAR = "near"
    PAUSED = "paused"
    INCOMPLETE = "incomplete"


KINDS: Mapping[str, Kind] = {SlaStatus.LATE: Kind.LATE, SlaStatus.NEAR: Kind.NEAR}
ORDER = {kind: position for position, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Scope:
    """What one person sees: what any of his entries in the mapping lets him see."""

    entries: tuple[DigestReader, ...]

    def sees(self, procedure: str, units: Collection[str]) -> bool:
        """Whether he sees a step of a procedure (id) that these units have."""
        return any(
            (not entry.procedures or procedure in entry.procedures)
            and (not entry.units or bool(set(entry.units) & set(units)))
            for entry in self.entries
        )

    @property
    def by_unit(self) -> bool:
        """Whether he sees units only, and no ticket from its beginning to its end."""
        return all(entry.units for entry in self.entries)

    @property
    def units(self) -> tuple[str, ...]:
        """The units that he sees, if he sees no whole procedure."""
        if not self.by_unit:
            return ()
        return tuple(dict.fromkeys(unit for entry in self.entries for unit in entry.units))

    @property
    def procedures(self) -> tuple[str, ...]:
        """The procedures (ids) that he sees, if he sees only some."""
        if not all(entry.procedures for entry in self.entries):
            return ()
        return tuple(dict.fromkeys(each for entry in self.entries for each in entry.procedures))

    @property
    def mark(self) -> str:
        """The same for the same scope: what was seen by another is not compared."""
        return "; ".join(sorted(entry.model_dump_json(exclude={"roles"}) for entry in self.entries))


@dataclass(frozen=True)
class Place:
    """Where a ticket stands: the step, the unit (role) that has it, and the person if somebody took it.

    `who` is the role that is to act: the unit, or the requester.
    """

    step: str
    title: str
    unit: str
    who: str
    person: str
    units: frozenset[str]


@dataclass(frozen=True)
class Finding:
    """One thing to know of one ticket.

    `since` is the limit that passed or comes, or when the pause began or the incomplete ticket came in; `work` the
    working time since then, or until it; `until` when a ticket that waits is closed by itself; `count` how many reports
    in a row are missing.
    """

    kind: Kind
    issue: int
    number: str
    subject: str
    procedure: str
    place: Place
    since: dt.datetime
    work: dt.timedelta
    until: dt.datetime | None = None
    count: int = 1

    @property
    def weight(self) -> tuple[int, float, int]:
        """The worst first. Of what is near the nearest comes first."""
        worse = self.work if self.kind is Kind.NEAR else -self.work
        return ORDER[self.kind], worse.total_seconds(), self.issue


@dataclass(frozen=True)
class Unsure:
    """A ticket of which there was something to say, before it was changed in a way that cannot be judged."""

    issue: int
    number: str
    subject: str


@dataclass(frozen=True)
class Group:
    """The findings of one unit in one procedure, the worst first."""

    procedure: str
    unit: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Digest:
    """All of it. Groups of a procedure stand together; the procedure and the unit with the worst come first."""

    now: dt.datetime
    running: int
    groups: tuple[Group, ...]
    unsure: tuple[Unsure, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, as they stand in the groups."""
        return tuple(finding for group in self.groups for finding in group.findings)

    @property
    def counts(self) -> dict[str, int]:
        """How many tickets of each kind."""
        return {kind.value: sum(each.kind is kind for each in self.findings) for kind in Kind}


def digest(
    rulebook: Mapping[str, Rules],
    digests: Digests,
    scope: Scope,
    rows: Iterable[StateRow],
    now: dt.datetime,
    unjudged: Collection[int] = (),
) -> Digest:
    """The digest of one person. `rulebook` holds his organization's procedures; other tickets are passed over.

    Of the issues in `unjudged` nothing is claimed.
    """
    running = 0
    found: list[Finding] = []
    unsure: list[Unsure] = []
    for row in rows:
        rules = rulebook.get(row.state.procedure)
        if rules is None or row.closed or row.state.ended is not None:
            continue
        place = _place(rules, row)
        running += scope.sees(rules.procedure.id, place.units)
        every = (*_findings(rules, digests, row, place, now), *_missing_reports(rules, row, now))
        said = [each for each in every if scope.sees(rules.procedure.id, each.place.units)]
        if said and row.issue in unjudged:
            unsure.append(Unsure(row.issue, row.number, row.subject))
        else:
            found += said
    return Digest(now, running, _grouped(found), tuple(unsure))


def _findings(
    rules: Rules, digests: Digests, row: StateRow, place: Place, now: dt.datetime
) -> Iterator[Finding]:
    stay = row.state.stay
    if stay is None:
        came = max((row.state.received, *(each.at for each in row.state.former)))
        if rules.calendar.due(came, digests.incomplete) <= now:
            yield _finding(rules, row, place, Kind.INCOMPLETE, came, now)
        return
    if stay.paused:
        pause = stay.pauses[-1]
        if rules.calendar.due(pause.began, digests.paused) <= now:
            yield replace(_finding(rules, row, place, Kind.PAUSED, pause.began, now), until=pause.expires)
    elif stay.due is not None:
        kind = KINDS.get(sla_status(rules, row.state, now))
        if kind is not None:
            yield _finding(rules, row, place, kind, stay.due, now)


def _missing_reports(rules: Rules, row: StateRow, now: dt.datetime) -> Iterator[Finding]:
    """The duties of the present step whose last reports are missing, since the first of these."""
    for name, course in courses(row.state).items():
        duty = rules.procedure.step(name)
        owed = takewhile(lambda period: period.reported is None, reversed(course))
        over = [period.due for period in owed if period.due is not None and period.due < now]
        if over and duty is not None:
            place = _acting(duty, row.assignee)
            yield replace(_finding(rules, row, place, Kind.DUTY, over[-1], now), count=len(over))


def _finding(
    rules: Rules, row: StateRow, place: Place, kind: Kind, since: dt.datetime, now: dt.datetime
) -> Finding:
    first, last = sorted((since, now))
    work = rules.calendar.between(first, last)
    return Finding(kind, row.issue, row.number, row.subject, rules.procedure.key, place, since, work)


# where a ticket stands ------------------------------------------------------------------------------------------


def _place(rules: Rules, row: StateRow) -> Place:
    procedure, stay, who = rules.procedure, row.state.stay, row.assignee
    step = procedure.step(stay.step) if stay else None
    if step is None:
        title, roles = (stay.step, ()) if stay else (procedure.intake, procedure.registrars)
        unit, person = _holder(roles, who) if roles else ("", "")
        return Place("", title, unit, unit, person, frozenset((unit,)))
    if is_requesters(procedure, step):
        keeper = procedure.on_behalf[0] if procedure.on_behalf else step.roles[0]
        requester = next(role for role in step.roles if role in procedure.requesters)
        return Place(step.no, step.title, keeper, requester, "", frozenset((keeper, *step.roles)))
    place = _acting(step, who)
    if stay is not None and stay.paused:
        return replace(place, who=next(iter(procedure.requesters), place.unit), person="")
    return place


def _acting(step: Step, who: Assignee | None) -> Place:
    """The place of a step that staff have: the unit is the role of who has the ticket, else the step's first."""
    unit, person = _holder(step.roles, who)
    return Place(step.no, step.title, unit, unit, person, frozenset((unit,)))


def _holder(roles: tuple[str, ...], who: Assignee | None) -> tuple[str, str]:
    """Of the roles that may have a ticket the one that has it, and the person who took it."""
    own = who.roles if who else frozenset()
    return next(
        (role for role in roles if role in own), roles[0]
    ), who.name if who and not who.is_group else ""


# order ----------------------------------------------------------------------------------------------------------


def _grouped(found: Iterable[Finding]) -> tuple[Group, ...]:
    units: dict[str, dict[str, list[Finding]]] = {}
    # the worst first: procedures and units come up in the order of what is worst in them
    for finding in sorted(found, key=lambda each: each.weight):
        units.setdefault(finding.procedure, {}).setdefault(finding.place.unit, []).append(finding)
    return tuple(
        Group(procedure, unit, tuple(findings))
        for procedure, by_unit in units.items()
        for unit, findings in by_unit.items()
    )
