"""Overwrites the personal data of tickets that have ended: first in the connector's own tables, then in Redmine.

Redmine's part is one transaction, which also says in the ticket's state that it is done: after a crash the next run
does what is left.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from connector.engine.progress import Rules, reopen_until
from connector.engine.state import TicketState
from connector.errors import ConflictError, PermanentError
from connector.ports import StateRow, Submissions
from connector.privacy.wipe import Private, Ticket, Wipe, staying
from connector.sop.model import Catalogue

log = logging.getLogger(__name__)

#: How often a ticket is read anew because somebody wrote on it.
CONFLICTS = 3
AFTER_TIME = "Data pribadi pada tiket ini dianonimkan: {age} sesudah tiket berakhir."
ON_REQUEST = "Data pribadi pada tiket ini dihapus atas permintaan yang dikabulkan: {reason}"


class UnfitError(PermanentError):
    """The ticket cannot be anonymized now, and why."""


class Erasing(Protocol):
    """Redmine, as its administrator."""

    def states(self, *, open_only: bool) -> Iterable[StateRow]:
        """All tickets with a state."""

    def ids(self) -> Mapping[str, int]:
        """Redmine's ids by key."""

    def body(self, issue: int) -> Mapping[str, Any] | None:
        """An issue as the plugin gives it; None if it is gone."""

    def erase(self, issue: int, request: Mapping[str, Any]) -> None:
        """Overwrite, all or nothing. `ConflictError`: the issue changed since it was read."""


class Tables(Protocol):
    """The connector's own tables."""

    def forget(self, number: str, issue: int) -> None:
        """Forget a ticket's persons."""


@dataclass(frozen=True)
class Outcome:
    """What is, or was, overwritten of a ticket. `problem`: why not."""

    issue: int
    number: str
    procedure: str
    ended: dt.datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    others: int = 0
    """Files that stay, and that no field says to be personal."""
    problem: str = ""


@dataclass(frozen=True)
class Anonymizer:
    """Finds what is due, and overwrites it."""

    redmine: Erasing
    submissions: Submissions
    tables: Tables
    catalogue: Catalogue
    rules: Mapping[str, Rules]
    clock: Callable[[], dt.datetime]

    @cached_property
    def _private(self) -> Private:
        return Private.of(self.catalogue, self.redmine.ids())

    def due(self) -> Iterator[tuple[int, str]]:
        """The tickets whose time is over, each with the note that says so."""
        now = self.clock()
        for row in self.redmine.states(open_only=False):
            rules = self.rules.get(row.state.procedure)
            if rules is not None and is_due(rules, row.state, now):
                privacy = rules.organization.privacy
                yield row.issue, AFTER_TIME.format(age=privacy.anonymize_after if privacy else "")

    def every(self, *, apply: bool) -> Iterator[Outcome]:
        """All that is due, one after the other; what one ticket refuses does not hold up the next."""
        for issue, note in list(self.due()):
            yield self.one(issue, note, apply=apply)

    def one(self, issue: int, note: str, *, apply: bool) -> Outcome:
        """One ticket that has ended. Without `apply` nothing is changed.

        Raises:
            UnfitError: there is no such ticket of ours, or it has not ended.
        """
        for _ in range(CONFLICTS):
            body = self._body(issue)
            state = TicketState.model_validate(body["state"]["data"])
            if state.ended_at is None or state.ended is None:
                raise UnfitError(f"tiket #{issue} belum berakhir; tutup dahulu tiketnya, lalu ulangi")
            outcome = Outcome(issue, state.number, state.procedure, state.ended_at)
            if body["state"]["cursor"] != body["last_journal"] or self.submissions.pending_actions(
                state.number
            ):
                return replace(
                    outcome, problem="ada perubahan yang belum diolah; jalankan konektor, lalu ulangi"
                )
            procedure = self.rules[state.procedure].procedure
            ticket = Ticket(body, self._private, staying(state, procedure))
            wipe = ticket.wipe()
            good = replace(outcome, counts=wipe.counts, others=ticket.others)
            if not apply:
                return good
            try:
                self._overwrite(ticket, wipe, state, note)
            except ConflictError:
                continue
            except PermanentError as error:
                return replace(outcome, problem=str(error))
            return good
        return replace(outcome, problem="tiket berubah terus selama dibaca; ulangi nanti")

    def _body(self, issue: int) -> Mapping[str, Any]:
        body = self.redmine.body(issue)
        if body is None or body["state"] is None:
            raise UnfitError(f"tiket #{issue} tidak ada, atau belum dikenal konektor")
        if body["state"]["data"]["procedure"] not in self.rules:
            raise UnfitError(f"tiket #{issue} milik POS yang tidak dilayani (SOP_PROFILES)")
        return body

    def _overwrite(self, ticket: Ticket, wipe: Wipe, state: TicketState, note: str) -> None:
        issue = ticket.body["issue"]["id"]
        self.tables.forget(state.number, issue)
        if (
            wipe.nothing
            and state.anonymized is not None
            and state.anonymized >= (state.ended_at or self.clock())
        ):
            return
        now = self.clock()
        self.redmine.erase(issue, wipe.request(ticket.body, note, ticket.state(), now))
        log.info("anonymized: issue=%s number=%s", issue, state.number)


def is_due(rules: Rules, state: TicketState, now: dt.datetime) -> bool:
    """Whether a ticket's personal data is to be overwritten: it ended so long ago, and nobody may take it back."""
    privacy = rules.organization.privacy
    if privacy is None or state.ended is None or state.ended_at is None:
        return False
    again = reopen_until(rules, state)
    done = state.anonymized is not None and state.anonymized >= state.ended_at
    return (
        not done and privacy.anonymize_after.after(state.ended_at) <= now and (again is None or again < now)
    )
