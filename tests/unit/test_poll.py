"""What hints missed is found, each thing once; an empty database is seeded from Redmine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from connector.engine.progress import Rules
from connector.engine.state import TicketState
from connector.errors import TransientError
from connector.poll import ISSUE_OVERLAP, JOURNAL_OVERLAP, Poller
from connector.ports import FeedCursor, FeedPage, StateRow
from connector.sop.model import Catalogue
from tests.fakes import FakeClock, FakeRedmine, FakeStore
from tests.small import MONDAY, ORGANIZATION, PROCEDURE, RULES, FakeTicket
from tests.unit.engine.test_projection import closed, rules
from tests.unit.engine.test_waiting import LAST, PATIENT, reminded

CATALOGUE = Catalogue(organizations=(ORGANIZATION,), procedures=(PROCEDURE,))


class Feed(FakeRedmine):
    """A Redmine that is only its feed: journals with their issues, in pages of two."""

    def __init__(self, journals: dict[int, int], states: dict[int, tuple[int, int]] | None = None) -> None:
        super().__init__(FakeClock(MONDAY))
        self.journals = journals
        self.rows = states or {}
        self.status = "status:pemeriksaan"
        self.asked: list[FeedCursor] = []

    def changes(self, after_issue: int, after_journal: int) -> FeedPage:
        self.asked.append(FeedCursor(after_issue, after_journal))
        page = sorted(ref for ref in self.journals if ref > after_journal)
        shown = page[:2]
        last = shown[-1] if shown else after_journal
        return FeedPage(
            (), tuple((ref, self.journals[ref]) for ref in shown), after_issue, last, len(page) > 2
        )

    def states(self, *, open_only: bool) -> Iterable[StateRow]:
        state = FakeTicket.at().snapshot.state
        assert isinstance(state, TicketState)
        for issue, (last, cursor) in self.rows.items():
            yield StateRow(issue, False, last, cursor, f"UJI-2026-{issue:06d}", None, state, self.status)

    def highest_number(self, prefix: str) -> str | None:
        return {"UJI-2026-": "UJI-2026-000123", "UJI-2025-": "UJI-2025-000999"}.get(prefix)


def poller(feed: Feed, store: FakeStore, rules: Rules = RULES) -> Poller:
    return Poller(feed, store, CATALOGUE, {PROCEDURE.key: rules}, feed.clock)


def queued(store: FakeStore) -> set[str]:
    found = set()
    while (
        job := store.queue.claim("x", now=MONDAY, lease=MONDAY - MONDAY)
    ) is not None and job.key not in found:
        found.add(job.key)
        store.queue.finish(job)
    return found


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


def test_the_feed_is_read_to_its_end_and_remembered(store: FakeStore) -> None:
    store.books.set_ready()
    feed = Feed({1: 10, 2: 11, 3: 10, 4: 12, 5: 13})
    assert poller(feed, store).poll() == 4
    assert queued(store) == {"issue:10", "issue:11", "issue:12", "issue:13"}
    assert store.books.cursor() == FeedCursor(0, 5)


def test_what_lies_in_the_overlap_is_looked_at_once(store: FakeStore) -> None:
    store.books.set_ready()
    feed = Feed({1: 10})
    reader = poller(feed, store)
    assert reader.poll() == 1
    queued(store)
    feed.journals[2] = 11
    assert reader.poll() == 1
    assert queued(store) == {"issue:11"}


def test_a_journal_that_was_committed_late_is_found(store: FakeStore) -> None:
    """Its id was given out before that of a journal that was read earlier."""
    store.books.set_ready()
    feed = Feed({100: 10})
    reader = poller(feed, store)
    reader.poll()
    queued(store)
    feed.journals[99] = 11
    assert reader.poll() == 1
    assert queued(store) == {"issue:11"}
    assert feed.asked[-1].journal <= 99


def test_the_overlap_is_bounded(store: FakeStore) -> None:
    store.books.set_ready()
    store.books.set_cursor(FeedCursor(1000, 5000))
    feed = Feed({})
    poller(feed, store).poll()
    assert feed.asked[0] == FeedCursor(1000 - ISSUE_OVERLAP, 5000 - JOURNAL_OVERLAP)
    assert store.books.cursor() == FeedCursor(1000, 5000)


def test_the_sweep_takes_tickets_whose_last_journal_no_plan_has_seen(store: FakeStore) -> None:
    """A last journal before the cursor says that one was deleted, and its number may have been given out again."""
    feed = Feed({}, {1: (5, 5), 2: (9, 6), 3: (4, 6)})
    assert poller(feed, store).sweep() == 2
    assert queued(store) == {"issue:2", "issue:3"}


def test_the_sweep_takes_a_ticket_whose_requester_did_not_answer_in_time(store: FakeStore) -> None:
    class Waiting(Feed):
        def states(self, *, open_only: bool) -> Iterable[StateRow]:
            state = reminded().snapshot.state
            assert state is not None
            for issue, stopped in ((1, False), (2, True)):
                held = state.model_copy(update={"stopped": stopped})
                yield StateRow(
                    issue, False, 5, 5, f"UJI-2026-{issue:06d}", None, held, "status:menunggu-pemohon"
                )

    feed = Waiting({})
    feed.clock = FakeClock(LAST)
    assert poller(feed, store, PATIENT).sweep() == 0
    feed.clock = FakeClock(LAST + dt.timedelta(seconds=1))
    assert poller(feed, store, PATIENT).sweep() == 1  # a stopped one waits for a person
    assert set(store.jobs) == {"issue:1"}


def test_the_sweep_takes_tickets_that_a_changed_mapping_wants_elsewhere(store: FakeStore) -> None:
    feed = Feed({}, {1: (5, 5)})
    feed.status = "status:nama-lama"
    assert poller(feed, store).sweep() == 1
    assert queued(store) == {"issue:1"}


def test_an_empty_database_goes_on_where_redmine_is(store: FakeStore) -> None:
    feed = Feed({1: 10, 2: 11, 3: 12}, {10: (1, 1), 11: (2, 1)})
    assert not store.books.ready()
    poller(feed, store).poll()
    assert store.books.ready()
    assert store.numbers.next("UJI", 2026) == "UJI-2026-000124"
    assert store.numbers.next("UJI", 2025) == "UJI-2025-001000"
    assert queued(store) == {"issue:11", "issue:12"}  # 10 is up to date
    assert store.books.cursor() == FeedCursor(0, 3)


def test_a_database_is_not_ready_while_redmine_is_away(store: FakeStore) -> None:
    class Away(Feed):
        def highest_number(self, prefix: str) -> str | None:
            raise TransientError("tidak dapat dihubungi")

    with pytest.raises(TransientError):
        poller(Away({}), store).poll()
    assert not store.books.ready()


def test_a_feed_that_breaks_off_is_read_again_in_full(store: FakeStore) -> None:
    store.books.set_ready()

    class Breaking(Feed):
        broken = True

        def changes(self, after_issue: int, after_journal: int) -> FeedPage:
            if after_journal and self.broken:
                raise TransientError("tidak dapat dihubungi")
            return super().changes(after_issue, after_journal)

    feed = Breaking({1: 10, 2: 11, 3: 12})
    reader = poller(feed, store)
    with pytest.raises(TransientError):
        reader.poll()
    feed.broken = False
    reader.poll()
    assert queued(store) == {"issue:10", "issue:11", "issue:12"}


def test_hints_that_could_not_be_stored_are_found_again(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.books.set_ready()
    reader = poller(Feed({1: 10}), store)
    put = store.queue.put

    def busy(*_: object, **__: object) -> None:
        raise TransientError("basis data sibuk")

    monkeypatch.setattr(store.queue, "put", busy)
    with pytest.raises(TransientError):
        reader.poll()
    monkeypatch.setattr(store.queue, "put", put)
    reader.poll()
    assert queued(store) == {"issue:10"}


def test_what_happens_while_an_empty_database_is_filled_is_looked_at(store: FakeStore) -> None:
    class Moving(Feed):
        """Ticket 10 is up to date when its state is read, and moves before the feed is."""

        def states(self, *, open_only: bool) -> Iterable[StateRow]:
            yield from super().states(open_only=open_only)
            self.journals[4] = 10

    feed = Moving({1: 10, 2: 11}, {10: (1, 1), 11: (2, 2)})
    reader = poller(feed, store)
    reader.poll()
    reader.poll()
    assert "issue:10" in queued(store)


def test_a_journal_that_got_the_number_of_a_deleted_one_is_looked_at(store: FakeStore) -> None:
    """SQLite gives the number of a deleted last row to the next one."""
    store.books.set_ready()
    feed = Feed({1: 10, 2: 10})
    reader = poller(feed, store)
    reader.poll()
    queued(store)
    feed.journals[2] = 11
    reader.poll()
    assert queued(store) == {"issue:11"}


def test_the_sweep_takes_a_ticket_whose_limit_the_calendar_has_moved(store: FakeStore) -> None:
    """The closure was written into the calendar after the limit was worked out."""

    class Two(Feed):
        def states(self, *, open_only: bool) -> Iterable[StateRow]:
            state = FakeTicket.at(("meja", "Pengerjaan"), regu="A").snapshot.state
            assert state is not None
            for issue, stopped in ((1, False), (2, True)):
                kept = state.model_copy(update={"stopped": stopped})
                yield StateRow(issue, False, 5, 5, f"UJI-2026-{issue:06d}", None, kept, "status:pengerjaan")

    assert poller(Two({}), store).sweep() == 0
    assert poller(Two({}), store, rules(**closed("2026-11-24"))).sweep() == 2
    assert queued(store) == {"issue:1", "issue:2"}
