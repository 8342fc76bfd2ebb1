"""Warnings of limits: who is reached, and the one mail that tells a person of all his tickets.

A warning is kept with the commit that found its rung (`connector.perform`) and let go after it. Here what was let go is
gathered for a person and looked at once more: a mail does not speak of a ticket that has moved on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from connector.engine.arrival import holder_of
from connector.engine.clocks import Clock, clocks, rungs
from connector.engine.effects import Addressee
from connector.engine.escalation import addressees
from connector.engine.plan import plan
from connector.engine.progress import Rules, values
from connector.engine.snapshot import Snapshot
from connector.engine.words import instant_words, work_words
from connector.errors import ConflictError, PermanentError
from connector.ports import Member, OutgoingMail, Redmine, Store, Warned
from connector.sop.model import Organization, RoleKind, Step

#: So long warnings are gathered before they go out in one mail.
GATHER = dt.timedelta(seconds=30)
#: With more tickets than this still to be looked at (the service was away), a mail waits for them, but not longer than
#: `PATIENCE`.
MANY = 10
PATIENCE = dt.timedelta(minutes=15)
TEMPLATE = "peringatan"
#: So many tickets are named in one mail; of the others only the number is said.
LISTED = 50


class Directory(Protocol):
    """Knows who has a role."""

    def members(self, profile: str, role: str) -> Sequence[Member]:
        """Active people with a role."""


class Mails(Protocol):
    """Renders messages."""

    def render(
        self, *, key: str, to: str, template: str, data: Mapping[str, object], issue: int | None
    ) -> OutgoingMail:
        """One message."""


def reached(directory: Directory, organization: Organization, to: Iterable[Addressee]) -> dict[int, str]:
    """The people who are warned, with their addresses. For a role without anybody those who may override are."""
    found: dict[int, str] = {}
    for addressee in to:
        people = _people(directory, organization.id, addressee)
        if not people:
            overriding = (role.id for role in organization.roles if role.kind is RoleKind.OVERRIDE)
            people = [each for role in overriding for each in directory.members(organization.id, role)]
        found |= {each.id: each.mail for each in people if each.mail}
    return found


def _people(directory: Directory, profile: str, addressee: Addressee) -> list[Member]:
    if addressee.person is not None:
        known = (each for role in addressee.roles for each in directory.members(profile, role))
        himself = next((each for each in known if each.id == addressee.person and each.mail), None)
        if himself is not None:
            return [himself]
    return (
        [each for each in directory.members(profile, addressee.role) if each.mail] if addressee.role else []
    )


@dataclass(frozen=True)
class Item:
    """A ticket in a person's mail."""

    issue: int
    url: str
    number: str
    service: str
    no: str
    step: str
    holder: str
    mine: bool
    due: str
    due_at: dt.datetime
    late: bool
    time: str
    organization: Organization


@dataclass(frozen=True)
class Warner:
    """Gathers a person's warnings into one mail. `issue_url` gives the address of an issue.

    `put_off` says since when a person's mail has waited for tickets that were still to be looked at.
    """

    redmine: Redmine
    store: Store
    mails: Mails
    rulebook: Mapping[str, Rules]
    issue_url: Callable[[int], str]
    clock: Callable[[], dt.datetime]
    put_off: dict[int, dt.datetime] = field(default_factory=dict)

    def deliver(self, ref: str) -> None:
        """Tell the person of this id what is still true of his warnings; nothing at all if none is."""
        person, now = int(ref), self.clock()
        warned = self.store.warnings.ready(person)
        if not warned:
            return
        since = self.put_off.pop(person, now)  # a failure below begins the waiting anew
        patient = now - since < PATIENCE
        if patient and self.store.queue.behind("issue", now=now) > MANY:
            self._later(person, since, now)
            return
        found = (self.redmine.read(issue) for issue in dict.fromkeys(each.issue for each in warned))
        tickets = [each for each in found if each is not None]
        unseen = [each.issue for each in tickets if self._has_news(each, now)]
        if patient and unseen:
            for issue in unseen:
                self.store.queue.put(f"issue:{issue}", now=now)
            self._later(person, since, now)
            return
        mail = self._mail(person, warned, tickets, now)
        if not self.store.warnings.tell(warned, mail, now=now):
            raise ConflictError(f"peringatan untuk orang {person} sedang dikirim")

    # inside -------------------------------------------------------------------------------------------------

    def _later(self, person: int, since: dt.datetime, now: dt.datetime) -> None:
        self.put_off[person] = since
        self.store.queue.put(f"warn:{person}", now=now, at=now + GATHER)

    def _has_news(self, snapshot: Snapshot, now: dt.datetime) -> bool:
        """Whether a look would change the ticket: it moved on, its requester answered, or a higher rung has passed."""
        state = snapshot.state
        rules = self.rulebook.get(snapshot.procedure)
        former = self.rulebook.get(state.procedure) if state else None
        if state is None or rules is None or former is None:
            return False
        if self.store.submissions.pending_actions(state.number):
            return True
        try:
            return plan(rules, snapshot, now, former=former).state is not None
        except PermanentError:  # the look says so itself
            return False

    def _mail(
        self, person: int, warned: Sequence[Warned], tickets: Sequence[Snapshot], now: dt.datetime
    ) -> OutgoingMail | None:
        directory = _Remembering(self.redmine)
        items: list[Item] = []
        address = ""
        for snapshot in tickets:
            mine = {each.rung for each in warned if each.issue == snapshot.issue}
            for item, to in self._items(directory, person, snapshot, mine, now):
                items.append(item)
                address = to
        if not items:
            return None
        items.sort(key=lambda item: (not item.late, item.due_at, item.issue))
        keys = "\n".join(sorted(each.key for each in warned))
        return self.mails.render(
            key=f"warn:{person}:{hashlib.sha256(keys.encode()).hexdigest()[:24]}",
            to=address,
            template=TEMPLATE,
            data={
                "tickets": items[:LISTED],
                "more": len(items) - LISTED,
                # a ticket may have two clocks, of its step and of a duty beside it
                "count": len({item.issue for item in items}),
                "late": len({item.issue for item in items if item.late}),
                "organization": items[0].organization,
            },
            issue=None,
        )

    def _items(
        self, directory: Directory, person: int, snapshot: Snapshot, mine: set[str], now: dt.datetime
    ) -> Iterator[tuple[Item, str]]:
        """The running clocks of a ticket of which the person is still to be warned, with his address."""
        state = snapshot.state
        rules = self.rulebook.get(state.procedure) if state else None
        if state is None or rules is None:
            return
        given = values(rules.procedure, snapshot)
        for clock in clocks(rules, state):
            for rung in rungs(rules, clock):
                if rung.key not in mine or now <= rung.at:
                    continue
                to = addressees(rules, clock, rung, snapshot.assignee, given)
                address = reached(directory, rules.organization, to).get(person)
                if address is not None:
                    yield self._item(rules, snapshot, clock, person, now), address
                    break

    def _item(self, rules: Rules, snapshot: Snapshot, clock: Clock, person: int, now: dt.datetime) -> Item:
        step = rules.procedure.step(clock.step)
        given = values(rules.procedure, snapshot)
        role = rules.organization.role(holder_of(rules.procedure, step, given) or "") if step else None
        who, late = snapshot.assignee, now > clock.due
        taken = who is not None and not who.is_group
        zone = rules.calendar.zone
        span = (clock.due, now) if late else (now, clock.due)
        return Item(
            issue=snapshot.issue,
            url=self.issue_url(snapshot.issue),
            number=snapshot.state.number if snapshot.state else "",
            service=rules.procedure.title,
            no=step.no if step else "",
            step=_what(step, clock) if step else "",
            holder=who.name if who is not None and taken else role.title if role else "",
            mine=taken and who is not None and who.id == person,
            due=instant_words(clock.due, zone),
            due_at=clock.due,
            late=late,
            time=work_words(rules.calendar, *span),
            organization=rules.organization,
        )


def _what(step: Step, clock: Clock) -> str:
    """What there is to do: the step, or which report of a duty."""
    return f"{step.title} ke-{clock.no}" if clock.no else step.title


class _Remembering:
    """A directory that is asked once for each role."""

    def __init__(self, directory: Directory) -> None:
        self.members = cache(directory.members)
