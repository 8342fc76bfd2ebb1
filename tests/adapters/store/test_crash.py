"""Processes that die with SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from connector.ports import Warned
from connector.store import SqlStore
from tests.adapters.store.helpers import LEASE, NOW, claim, drain, later, rows, submit
from tests.holding import LATER

PROGRAM = Path(__file__).with_name("program.py")


def killed_with_a_job(url: str) -> str:
    """The key that a process had claimed when it was killed."""
    with subprocess.Popen(
        [sys.executable, PROGRAM, "hold", url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        key = process.stdout.readline().strip()
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    return key


def test_a_worker_killed_at_work_loses_nothing(store: SqlStore, url: str) -> None:
    store.queue.put("issue:1", now=NOW)
    assert killed_with_a_job(url) == "issue:1"
    assert store.queue.counts(now=NOW)["claimed"] == 1
    assert store.queue.claim("dua", now=later(59), lease=LEASE) is None
    again = claim(store, later(60), "dua")
    assert (again.key, again.attempts) == ("issue:1", 2)
    store.queue.finish(again)
    assert store.queue.claim("dua", now=later(9999), lease=LEASE) is None


def moments_of(task: str, url: str) -> int:
    """A process is killed at every moment of a task; how many these are."""
    done = subprocess.run(
        [sys.executable, PROGRAM, task, url], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    moments, code = map(int, done.stdout.split())
    assert code == 0
    return moments


def test_a_process_killed_at_any_moment_of_a_submission_leaves_nothing_or_everything(
    store: SqlStore, url: str
) -> None:
    # begin, look for the nonce; begin, number, row, two files, mail, two jobs, read it back; commit
    assert moments_of("submit", url) >= 10
    # files of forms that were never sent go when their time is over
    store.files.expire(now=LATER)
    kept = rows(store)
    assert {
        name: kept[name] for name in ("submissions", "files", "file_parts", "mails", "jobs", "numbers")
    } == {
        "submissions": 1,
        "files": 2,
        "file_parts": 6,
        "mails": 1,
        "jobs": 2,
        "numbers": 1,
    }
    # those that died took no number with them, and left no lock behind
    assert submit(store).number == "UNJ-2026-000002"


def test_warnings_and_their_mail_are_told_together_or_not_at_all(store: SqlStore, url: str) -> None:
    store.warnings.hold([Warned(f"w{each}", 7, 42, "batas", NOW) for each in range(3)])
    store.warnings.release([f"w{each}" for each in range(3)], now=NOW, at=NOW)
    drain(store)
    assert moments_of("tell", url) >= 6
    assert store.warnings.ready(7) == ()
    assert drain(store) == ["mail:warn:7"]


def test_a_ticket_whose_waker_was_killed_wakes_all_the_same(store: SqlStore, url: str) -> None:
    store.clocks.fill({1: NOW, 2: NOW})
    assert moments_of("ring", url) >= 4
    assert sorted(drain(store)) == ["issue:1", "issue:2"]
