"""The truth behind the hints: read the plugin's change feed, sweep the open tickets, seed an empty database.

Webhooks can be lost, doubled or late (DESIGN, decision 3); what they miss is found here and put into the queue.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from connector.documents.issuing import registered
from connector.engine.clocks import wake
from connector.engine.duties import drifted
from connector.engine.progress import Rules
from connector.engine.projection import moves
from connector.ports import FeedCursor, FeedPage, Redmine, StateRow, Store
from connector.sop.model import Catalogue
from connector.standing import displaced

#: Ids are given out before a transaction commits, so each reading starts a little before the end of the last one.
ISSUE_OVERLAP = 20
JOURNAL_OVERLAP = 200
#: Ticket numbers restart with the year; a ticket can be received at the end of one and made in the next.
YEARS_BACK = 1


#: A journal or an issue in the feed: kind, id, and the issue it belongs to (SQLite gives ids out again).
Mark = tuple[str, int, int]


class Seen:
    """The last things put into the queue, so that what lies in the overlap is not looked at each time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._known: OrderedDict[Mark, None] = OrderedDict()

    def __contains__(self, mark: Mark) -> bool:
        return mark in self._known

    def add(self, marks: Iterable[Mark]) -> None:
        """Remember them; the oldest are forgotten."""
        self._known.update(dict.fromkeys(marks))
        while len(self._known) > self.size:
            self._known.popitem(last=False)


class Poller:
    """Puts into the queue what needs a look."""

    def __init__(
        self,
        redmine: Redmine,
        store: Store,
        catalogue: Catalogue,
        rulebook: Mapping[str, Rules],
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._redmine = redmine
        self._store = store
        self._catalogue = catalogue
        self._rulebook = rulebook
        self._clock = clock
        self._seen = Seen(4 * (ISSUE_OVERLAP + JOURNAL_OVERLAP))

    def poll(self) -> int:
        """Read the feed to its end. Gives the number of issues put into the queue."""
        if not self._store.books.ready():
            self.seed()
        cursor = self._store.books.cursor() or FeedCursor(issue=0, journal=0)
        start = FeedCursor(max(cursor.issue - ISSUE_OVERLAP, 0), max(cursor.journal - JOURNAL_OVERLAP, 0))
        end, touched, marks = self._read(start)
        self._put(touched)
        self._seen.add(marks)
        self._store.books.set_cursor(
            FeedCursor(max(end.issue, cursor.issue), max(end.journal, cursor.journal))
        )
        return len(touched)

    def sweep(self) -> int:
        """Look at every open ticket that a journal, the clock, a changed mapping or calendar has moved on unseen."""
        now = self._clock()
        behind: list[int] = []
        wakes: dict[int, dt.datetime] = {}
        for row in self._redmine.states(open_only=True):
            at = self._wake(row, now)
            unseen = row.last_journal != row.cursor or displaced(self._catalogue, row) or self._moves(row)
            if unseen or (at is not None and at <= now):
                behind.append(row.issue)
            elif at is not None:
                wakes[row.issue] = at
        self._put(behind)
        self._store.clocks.fill(wakes)
        return len(behind)

    def ring(self) -> int:
        """Look at the tickets whose time has come. Gives their number."""
        now = self._clock()
        due = self._store.clocks.due(now=now)
        return self._store.clocks.ring(due, now=now) if due else 0

    def seed(self) -> None:
        """Make a new database fit for work: the numbers of tickets and documents go on where Redmine's end, and every
        ticket is looked at.

        With a database that is not new this does no harm.
        """
        for organization in self._catalogue.organizations:
            zone = ZoneInfo(organization.calendar.timezone)
            year = self._clock().astimezone(zone).year
            for each in range(year - YEARS_BACK, year + 1):
                highest = self._redmine.highest_number(f"{organization.ticket_prefix}-{each}-")
                if highest is not None:
                    self._store.numbers.seed(
                        organization.ticket_prefix, each, int(highest.rpartition("-")[2])
                    )
        if self._store.books.cursor() is None:
            self._catch_up()
        else:
            for row in self._redmine.states(open_only=False):
                self._restore(row)
        self._store.books.set_ready()

    def _restore(self, row: StateRow) -> None:
        """The register of documents, from a ticket that knows its own."""
        self._store.register.record(registered(row.state, row.issue, {}))

    def _catch_up(self) -> None:
        """Read the whole feed once; tickets whose state is up to date need no look."""
        end, touched, marks = self._read(FeedCursor(0, 0))
        # asked after the feed was read: a state that is up to date now has seen all that the feed told
        settled: set[int] = set()
        now, wakes = self._clock(), dict[int, dt.datetime]()
        for row in self._redmine.states(open_only=False):
            self._restore(row)
            if row.last_journal == row.cursor:
                settled.add(row.issue)
            at = self._wake(row, now)
            if at is not None:
                wakes[row.issue] = at
        self._put(touched - settled)
        self._store.clocks.fill(wakes)
        self._seen.add(marks)
        self._store.books.set_cursor(end)

    def _read(self, after: FeedCursor) -> tuple[FeedCursor, set[int], Iterable[Mark]]:
        """The feed to its end: where that is, the issues with news, and the last of the news, to be remembered.

        Nothing is remembered here: what is not in the queue yet must be found again after a failure.
        """
        touched: set[int] = set()
        marks: deque[Mark] = deque(maxlen=self._seen.size)
        more = True
        while more:
            page = self._redmine.changes(after.issue, after.journal)
            fresh = [mark for mark in _marks(page) if mark not in self._seen]
            touched |= {issue for _, _, issue in fresh}
            marks.extend(fresh)
            after, more = FeedCursor(page.last_issue, page.last_journal), page.more
        return after, touched, marks

    def _wake(self, row: StateRow, now: dt.datetime) -> dt.datetime | None:
        rules = self._rulebook.get(row.state.procedure)
        return wake(rules, row.state, now) if rules is not None else None

    def _moves(self, row: StateRow) -> bool:
        rules = self._rulebook.get(row.state.procedure)
        return rules is not None and (moves(rules, row.state) or drifted(rules, row.state))

    def _put(self, issues: Iterable[int]) -> None:
        now = self._clock()
        for issue in sorted(issues):
            self._store.queue.put(f"issue:{issue}", now=now)


def _marks(page: FeedPage) -> Iterator[Mark]:
    yield from (("issue", issue, issue) for issue in page.issues)
    yield from (("journal", journal, issue) for journal, issue in page.journals)
