"""The work loop: what becomes of a job whose work succeeds, fails for now, fails for ever, or is a bug."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest
import time_machine

from connector.errors import PermanentError, TransientError
from connector.worker import IDLE_SECONDS, MAX_ATTEMPTS, MAX_BUG_ATTEMPTS, Clock, Duty, Handler, Worker
from tests.fakes import FakeClock, FakeStore
from tests.small import MONDAY


def worker(store: FakeStore, clock: FakeClock, **handlers: Handler) -> Worker:
    return Worker("satu", store, handlers, clock)


def failing(error: Exception) -> Handler:
    def handle(_: str) -> None:
        raise error

    return handle


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MONDAY)


def test_a_job_is_done_by_its_kind_and_forgotten(store: FakeStore, clock: FakeClock) -> None:
    done: list[str] = []
    store.queue.put("mail:UNJ-1:diterima", now=clock())
    assert worker(store, clock, mail=done.append).run_once()
    assert done == ["UNJ-1:diterima"]
    assert not worker(store, clock, mail=done.append).run_once()


def test_a_failure_for_now_is_tried_later_and_later(store: FakeStore, clock: FakeClock) -> None:
    store.queue.put("issue:1", now=clock())
    waits = []
    for _ in range(12):
        assert worker(store, clock, issue=failing(TransientError("sibuk"))).run_once()
        began = clock()
        while store.queue.counts(now=clock())["due"] == 0:
            clock.forward(seconds=1)
        waits.append((clock() - began).total_seconds())
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]


def test_a_failure_for_ever_is_kept_for_an_administrator(store: FakeStore, clock: FakeClock) -> None:
    store.queue.put("issue:1", now=clock())
    worker(store, clock, issue=failing(PermanentError("POS tidak ada"))).run_once()
    assert [(each.key, each.error) for each in store.queue.dead()] == [("issue:1", "POS tidak ada")]


@pytest.mark.parametrize(
    ("error", "attempts"), [(TransientError("sibuk"), MAX_ATTEMPTS), (KeyError("nama"), MAX_BUG_ATTEMPTS)]
)
def test_nothing_is_tried_for_ever(
    store: FakeStore, clock: FakeClock, error: Exception, attempts: int
) -> None:
    store.queue.put("issue:1", now=clock())
    tried = 0
    while not store.queue.dead():
        tried += worker(store, clock, issue=failing(error)).run_once()
        clock.forward(minutes=11)
    assert tried == attempts


def test_a_job_that_kills_its_worker_is_given_up(store: FakeStore, clock: FakeClock) -> None:
    """The attempt is counted when it is claimed; whoever dies of it never comes to say so."""
    done: list[str] = []
    store.queue.put("issue:1", now=clock())
    for _ in range(MAX_ATTEMPTS):
        assert store.queue.claim("mati", now=clock(), lease=dt.timedelta(minutes=3)) is not None
        clock.forward(minutes=4)
    assert worker(store, clock, issue=done.append).run_once()
    assert done == []
    assert [each.key for each in store.queue.dead()] == ["issue:1"]


def test_a_bug_is_logged_without_the_data_it_quotes(
    store: FakeStore, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    store.queue.put("issue:1", now=clock())
    worker(store, clock, issue=failing(ValueError("Sari Melati, 0812"))).run_once()
    assert "issue:1" in caplog.text
    assert "ValueError" in caplog.text
    assert "Sari" not in caplog.text


def test_one_bad_job_does_not_hold_up_the_others(store: FakeStore, clock: FakeClock) -> None:
    done: list[str] = []

    def handle(ref: str) -> None:
        if ref == "1":
            raise TransientError("sibuk")
        done.append(ref)

    for ref in "123":
        store.queue.put(f"issue:{ref}", now=clock())
    while worker(store, clock, issue=handle).run_once():
        pass
    assert sorted(done) == ["2", "3"]


def test_the_loop_outlives_a_database_that_is_away_and_stops_when_told(
    store: FakeStore, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    turns = iter([TransientError("basis data"), None])

    def claim(*_: object, **__: object) -> None:
        error = next(turns, None)
        if error is not None:
            raise error
        stop.set()

    monkeypatch.setattr(store.queue, "claim", claim)
    loop = threading.Thread(target=worker(store, clock).run, args=(stop,))
    loop.start()
    loop.join(timeout=10 * IDLE_SECONDS)
    assert not loop.is_alive()


def test_no_error_whatever_ends_the_loop(
    store: FakeStore, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A loop that ended would leave a service that looks alive and does nothing."""
    stop = threading.Event()
    errors = iter([ValueError("Sari Melati")])

    def claim(*_: object, **__: object) -> None:
        error = next(errors, None)
        if error is not None:
            raise error
        stop.set()

    monkeypatch.setattr(store.queue, "claim", claim)
    worker(store, clock).run(stop)
    assert "ValueError" in caplog.text
    assert "Sari" not in caplog.text


def test_a_duty_runs_once_for_all_replicas(store: FakeStore) -> None:
    """Two clocks on one store, as two replicas have; the slot is an hour long, so both fall into the same."""
    ran = threading.Event()
    runs: list[str] = []

    def duty(name: str) -> Duty:
        def run() -> None:
            runs.append(name)
            ran.set()

        return Duty("rekap", 3600, run)

    now = dt.datetime.now(dt.UTC)
    clocks = [Clock(store, (duty(name),), lambda: now) for name in ("satu", "dua")]
    for each in clocks:
        each.start()
    assert ran.wait(5)
    for each in clocks:
        each.stop()
    assert len(runs) == 1


def test_a_duty_that_hangs_holds_up_no_other(store: FakeStore) -> None:
    """Poll, sweep and digests wait for a Redmine that does not answer; the worker is alive all the same."""
    answer, alive = threading.Event(), threading.Event()
    hanging = tuple(Duty(name, 60, answer.wait) for name in ("poll", "sweep", "digests"))
    clock = Clock(store, (*hanging, Duty("beat", 60, alive.set)), lambda: dt.datetime.now(dt.UTC))
    clock.start()
    try:
        assert alive.wait(5)
    finally:
        answer.set()
        clock.stop()


@pytest.mark.parametrize("jump", [dt.timedelta(days=21), dt.timedelta(hours=-7)])
def test_duties_go_on_when_the_wall_clock_jumps(
    store: FakeStore, jump: dt.timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    """Forward when a machine was asleep; back when it started with the hour of its zone taken for UTC, then asked NTP.

    What was missed is not made up for one by one, and nothing waits until the old hour comes again.
    """
    runs: list[dt.datetime] = []

    def utc() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    with time_machine.travel(MONDAY) as machine:
        clock = Clock(store, (Duty("poll", 1, lambda: runs.append(utc())),), utc, watch=0.1)
        clock.start()
        try:
            _until(lambda: len(runs) == 2)
            machine.shift(jump)
            landed = utc()
            _until(lambda: len([at for at in runs if at >= landed]) == 2 or len(runs) > 5)
        finally:
            clock.stop()
    assert [at for at in runs[2:4] if not landed <= at < landed + dt.timedelta(seconds=10)] == []
    assert "missed" not in caplog.text


def _until(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
