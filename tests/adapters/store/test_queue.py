"""The work queue's promises, one at a time."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.errors import PermanentError
from connector.store import SqlStore
from tests.adapters.store.helpers import JAKARTA, LEASE, NOW, claim, drain, later

EMPTY = {"waiting": 0, "due": 0, "claimed": 0, "dead": 0, "oldest_seconds": 0}


def test_a_job_is_claimed_once_and_forgotten_when_done(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    assert (job.key, job.kind, job.ref, job.attempts) == ("issue:1", "issue", "1", 1)
    assert store.queue.claim("dua", now=NOW, lease=LEASE) is None
    store.queue.finish(job)
    assert store.queue.claim("dua", now=later(3600), lease=LEASE) is None


def test_jobs_come_by_their_time(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW, at=later(30))
    store.queue.put("issue:2", now=NOW, at=later(10))
    assert store.queue.claim("satu", now=later(5), lease=LEASE) is None
    assert drain(store, later(40)) == ["issue:2", "issue:1"]


def test_kinds_take_turns_so_that_none_holds_up_another(store: SqlStore) -> None:
    for number in range(5):
        store.queue.put(f"issue:{number}", now=NOW)
    store.queue.put("mail:a", now=later(1))
    store.queue.put("mail:b", now=later(2))
    store.queue.put("submission:c", now=later(3))
    assert drain(store, later(9)) == [
        *("issue:0", "mail:a", "submission:c"),
        *("issue:1", "mail:b"),
        *("issue:2", "issue:3", "issue:4"),
    ]


@pytest.mark.parametrize("zone", [dt.UTC, JAKARTA], ids=["utc", "jakarta"])
def test_putting_again_makes_it_earlier_and_never_later(store: SqlStore, zone: dt.tzinfo) -> None:
    for seconds in (100, 10, 500):
        store.queue.put("issue:1", now=NOW.astimezone(zone), at=later(seconds).astimezone(zone))
    assert store.queue.claim("satu", now=later(9), lease=LEASE) is None
    assert claim(store, later(10)).key == "issue:1"


def test_an_instant_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(PermanentError):
        store.queue.put("issue:1", now=dt.datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001
    assert store.queue.counts(now=NOW) == EMPTY


# put while it is worked on ------------------------------------------------------------------------------------


def test_what_is_put_while_it_is_worked_on_is_done_once_more(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:1", now=NOW)
    assert store.queue.claim("dua", now=NOW, lease=LEASE) is None
    store.queue.finish(job)
    again = claim(store)
    assert again.attempts == 1
    store.queue.finish(again)
    assert store.queue.claim("dua", now=later(3600), lease=LEASE) is None


def test_what_is_put_for_later_while_it_is_worked_on_is_done_then(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.queue.put("issue:1", now=NOW, at=later(30))
    store.queue.put("issue:1", now=NOW, at=later(20).astimezone(JAKARTA))
    store.queue.finish(job)
    assert store.queue.claim("satu", now=later(19), lease=LEASE) is None
    assert claim(store, later(20)).key == "issue:1"


def test_what_is_put_while_it_fails_does_not_wait_for_the_retry(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.queue.put("issue:1", now=later(5))
    store.queue.retry(job, at=later(600), error="sibuk")
    assert claim(store, later(5)).attempts == 2


def test_what_is_put_for_later_while_it_fails_does_not_put_off_the_retry(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.queue.put("issue:1", now=NOW, at=later(600))
    store.queue.retry(job, at=later(5).astimezone(JAKARTA), error="sibuk")
    assert claim(store, later(5)).attempts == 2


def test_what_is_put_while_it_is_given_up_is_tried_anew(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.queue.put("issue:1", now=later(5))
    store.queue.bury(job, now=later(6), error="gagal")
    assert store.queue.dead() == ()
    assert claim(store, later(6)).attempts == 1


# leases -------------------------------------------------------------------------------------------------------


def test_a_lost_lease_gives_the_job_to_another_and_the_late_one_changes_nothing(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    lost = claim(store)
    other = claim(store, later(61), "dua")
    assert other.attempts == 2
    store.queue.finish(lost)
    store.queue.bury(lost, now=NOW, error="terlambat")
    store.queue.retry(lost, at=later(999), error="terlambat")
    assert store.queue.counts(now=later(62))["claimed"] == 1
    store.queue.finish(other)
    assert store.queue.counts(now=later(62)) == EMPTY


def test_a_lease_that_ran_out_still_finishes_when_nobody_took_over(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    assert store.queue.counts(now=later(600))["due"] == 1
    store.queue.finish(job)
    assert store.queue.counts(now=later(600)) == EMPTY


def test_what_was_put_before_a_lease_was_lost_is_not_forgotten(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    claim(store)
    store.queue.put("issue:1", now=later(1), at=later(500))
    store.queue.finish(claim(store, later(61), "dua"))
    assert claim(store, later(500)).attempts == 1


def test_a_job_that_kills_its_workers_counts_each_death(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    attempts = [claim(store, later(61 * death)).attempts for death in range(4)]
    assert attempts == [1, 2, 3, 4]


def test_a_job_that_kills_its_workers_does_not_hold_up_the_others(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    claim(store)
    for number in (2, 3):
        store.queue.put(f"issue:{number}", now=later(30))
    claim(store, later(61))
    assert drain(store, later(61)) == ["issue:2", "issue:3"]


# failure ------------------------------------------------------------------------------------------------------


def test_retry_waits_and_one_that_fails_does_not_hold_up_the_others(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:2", now=later(1))
    failed = claim(store, later(2))
    store.queue.retry(failed, at=later(50), error="sibuk")
    assert claim(store, later(2)).key == "issue:2"
    assert claim(store, later(50)).attempts == 2


def test_a_hint_brings_a_waiting_retry_forward_and_keeps_its_attempts(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.retry(claim(store), at=later(600), error="sibuk")
    store.queue.put("issue:1", now=later(3))
    assert claim(store, later(3)).attempts == 2


def test_dead_jobs_are_kept_listed_revived_and_dropped(store: SqlStore) -> None:
    for key in ("issue:1", "issue:2"):
        store.queue.put(key, now=NOW)
        store.queue.bury(claim(store), now=NOW, error=f"gagal {key}")
    assert [(each.key, each.attempts, each.error, each.since) for each in store.queue.dead()] == [
        ("issue:1", 1, "gagal issue:1", NOW),
        ("issue:2", 1, "gagal issue:2", NOW),
    ]
    assert store.queue.claim("satu", now=later(9999), lease=LEASE) is None
    assert store.queue.revive("issue:1", now=NOW)
    assert not store.queue.revive("issue:1", now=NOW)
    assert not store.queue.drop("issue:1")
    assert claim(store).attempts == 1
    assert store.queue.drop("issue:2")
    assert not store.queue.drop("issue:2")


def test_a_new_hint_revives_a_dead_job(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.bury(claim(store), now=NOW, error="x")
    store.queue.put("issue:1", now=later(5).astimezone(JAKARTA))
    assert store.queue.claim("satu", now=later(4), lease=LEASE) is None
    assert claim(store, later(5)).attempts == 1
    assert store.queue.dead() == ()


def test_counts_tell_how_old_the_oldest_work_is(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:2", now=NOW, at=later(500))
    counts = store.queue.counts(now=later(90))
    assert (counts["waiting"], counts["due"], counts["oldest_seconds"]) == (2, 1, 90)
