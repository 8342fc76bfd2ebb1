"""Many at once, in threads and in processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connector.ports import Ticket
from connector.store import SqlStore
from connector.store.queue import SqlQueue
from tests.adapters.store.helpers import (
    LEASE,
    NOW,
    action,
    at_once,
    drain,
    later,
    mail,
    rows,
    submit,
)

PROGRAM = Path(__file__).with_name("program.py")


def test_processes_do_every_job_once_and_share_the_numbers(store: SqlStore, url: str) -> None:
    keys = [f"{kind}:{number}" for kind in ("issue", "mail") for number in range(25)]
    for key in keys:
        store.queue.put(key, now=NOW)
    processes = [
        subprocess.Popen(
            [sys.executable, PROGRAM, "drain", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "siap\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    done = [line.split() for process in processes for line in process.communicate(timeout=30)[0].splitlines()]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert Counter(key for key, _ in done) == Counter(keys)
    assert sorted(number for _, number in done) == [f"UNJ-2026-{n:06d}" for n in range(1, 51)]
    assert rows(store)["jobs"] == 0


def test_threads_do_every_job_once(store: SqlStore) -> None:
    for number in range(60):
        store.queue.put(f"issue:{number}", now=NOW)
    done = at_once(*[lambda: drain(store)] * 4)
    assert sorted(key for keys in done for key in keys) == sorted(f"issue:{number}" for number in range(60))


def test_no_hint_is_lost_and_no_key_is_worked_on_twice_at_a_time(store: SqlStore) -> None:
    """What was put after a claim is done by a later claim; so the last news is always seen."""
    keys = [f"issue:{number}" for number in range(3)]
    news, seen, holders = Counter[str](), dict[str, int](), Counter[str]()
    lock, doubled, stop = threading.Lock(), list[str](), threading.Event()

    def tell(key: str) -> None:
        for _ in range(25):
            with lock:
                news[key] += 1
            store.queue.put(key, now=NOW)

    def work() -> None:
        while True:
            last = stop.is_set()
            job = store.queue.claim("satu", now=NOW, lease=LEASE)
            if job is None:
                if last:
                    return
                continue
            with lock:
                holders[job.key] += 1
                doubled.extend([job.key] * (holders[job.key] > 1))
                seen[job.key] = news[job.key]
            with lock:
                holders[job.key] -= 1
            store.queue.finish(job)

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(work) for _ in range(3)]
        for teller in [pool.submit(tell, key) for key in keys]:
            teller.result(30)
        stop.set()
        for worker in workers:
            worker.result(30)
    assert doubled == []
    assert seen == dict(news)
    assert rows(store)["jobs"] == 0


def test_the_same_form_sent_twice_at_once_is_one_submission(store: SqlStore) -> None:
    made = at_once(*[lambda: submit(store)] * 4)
    assert len({each.id for each in made}) == 1
    assert rows(store)["submissions"] == 1
    assert sorted(drain(store)) == [f"mail:{made[0].number}:diterima", f"submission:{made[0].id}"]
    assert submit(store, "n2").number == "UNJ-2026-000002"


def test_the_same_form_sent_twice_at_new_year_is_one_submission(store: SqlStore) -> None:
    """Two years are two counters: it is not their lock that keeps the two requests apart."""
    made = at_once(lambda: submit(store, year=2026), lambda: submit(store, year=2027))
    assert made[0] == made[1]
    assert rows(store)["numbers"] == 1


def test_forms_sent_at_once_get_numbers_of_their_own(store: SqlStore) -> None:
    made = at_once(*[partial(submit, store, f"n{n}") for n in range(8)])
    assert sorted(each.number for each in made) == [f"UNJ-2026-{n:06d}" for n in range(1, 9)]


def test_an_action_taken_while_its_submission_is_handed_on_is_not_lost(store: SqlStore) -> None:
    """As the worker does it: `forwarded`, then a look at the actions that wait."""

    def forward(submission: str, number: str, issue: int) -> None:
        # PostgreSQL: nothing is to be had while another puts the job
        while (job := store.queue.claim("satu", now=NOW, lease=LEASE)) is None:
            time.sleep(0.001)
        store.submissions.forwarded(submission, issue)
        if store.submissions.pending_actions(number):
            store.queue.put(f"issue:{issue}", now=NOW)
        store.queue.finish(job)

    def take(key: str, number: str) -> None:
        store.submissions.add_action(action(key, number=number), (), issue=None, now=NOW)

    for issue in range(1, 16):
        made = submit(store, f"n{issue}", make=lambda _: Ticket("h", None))
        at_once(partial(forward, made.id, made.number, issue), partial(take, f"a{issue}", made.number))
        assert f"issue:{issue}" in drain(store)


def test_handing_on_waits_for_an_action_that_is_being_stored(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, with the worst moment held open: the action's job is chosen, its transaction not yet done."""
    made = submit(store, make=lambda _: Ticket("h", None))
    chosen, handed_on = threading.Event(), threading.Event()
    put_in = SqlQueue.put_in

    def slowly(*args: Any, **kwargs: Any) -> None:
        chosen.set()
        handed_on.wait(0.2)
        put_in(*args, **kwargs)

    def take() -> bool:
        return store.submissions.add_action(action("a"), (), issue=None, now=NOW)

    def forward() -> int:
        chosen.wait(20)
        store.submissions.forwarded(made.id, 42)
        handed_on.set()
        return len(store.submissions.pending_actions(made.number))

    monkeypatch.setattr(SqlQueue, "put_in", slowly)
    assert at_once(take, forward) == [True, 1]


@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_job_that_another_holds_is_passed_over(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:2", now=later(1))
    with store._db.write() as other:
        other.execute(text("UPDATE jobs SET attempts = 7 WHERE key = 'issue:1'"))
        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(store.queue.claim, "satu", now=later(1), lease=LEASE).result(5)
    assert job is not None
    assert job.key == "issue:2"


def test_mails_released_twice_at_once_are_sent_once(store: SqlStore) -> None:
    keys = [f"m{number}" for number in range(10)]
    store.outbox.hold([mail(key) for key in keys], now=NOW)
    at_once(
        lambda: store.outbox.release(keys, now=NOW),
        lambda: store.outbox.release(reversed(keys), now=later(1)),
    )
    assert sorted(drain(store, later(2))) == [f"mail:{key}" for key in keys]


def test_a_duty_is_claimed_once_for_a_slot(store: SqlStore) -> None:
    won = at_once(*[lambda: store.books.claim_tick("poll", NOW)] * 6)
    assert won.count(True) == 1
