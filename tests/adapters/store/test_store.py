"""The store's promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from connector.engine.snapshot import RequesterAction, Submission
from connector.errors import TransientError
from connector.ports import FeedCursor, Job, OutgoingMail, Ticket, Upload
from connector.store import SqlStore
from connector.store.tables import metadata

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
LEASE = dt.timedelta(seconds=60)
ROOT = Path(__file__).resolve().parents[3]


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def claim(store: SqlStore, at: dt.datetime = NOW, worker: str = "satu") -> Job:
    job = store.queue.claim(worker, now=at, lease=LEASE)
    assert job is not None
    return job


def mail(key: str) -> OutgoingMail:
    return OutgoingMail(key, "sari@contoh.id", "Halo", "isi", "<p>isi</p>", 42)


def submit(store: SqlStore, nonce: str = "n1", uploads: tuple[Upload, ...] = ()) -> Submission:
    return store.submissions.submit(
        nonce=nonce,
        procedure="unj/layanan",
        prefix="UNJ",
        received=NOW,
        year=2026,
        fields={"nama": "Sari"},
        uploads=uploads,
        ticket=lambda number: Ticket("hash-" + number, mail(f"{number}:diterima")),
    )


# migrations ---------------------------------------------------------------------------------------------------


def test_migrations_make_what_the_code_expects(store: SqlStore) -> None:
    assert store.migrated()
    with store._db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_two_processes_may_migrate_at_once(url: str) -> None:
    stores = [SqlStore.open(url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(store.migrate) for store in stores]:
            done.result()
    assert stores[0].migrated()
    for store in stores:
        store.close()


def test_a_database_out_of_reach_is_transient() -> None:
    store = SqlStore.open("postgresql+psycopg://sop@127.0.0.1:1/x?connect_timeout=1")
    with pytest.raises(TransientError):
        store.ping()


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/a/b.db")
    store.migrate()
    with store._db.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


# the queue ----------------------------------------------------------------------------------------------------


def test_a_job_is_claimed_once_and_forgotten_when_done(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    assert (job.key, job.kind, job.ref, job.attempts) == ("issue:1", "issue", "1", 1)
    assert store.queue.claim("dua", now=NOW, lease=LEASE) is None
    store.queue.finish(job)
    assert store.queue.claim("dua", now=later(3600), lease=LEASE) is None


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


def test_jobs_come_by_their_time(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW, at=later(30))
    store.queue.put("issue:2", now=NOW, at=later(10))
    assert store.queue.claim("satu", now=later(5), lease=LEASE) is None
    assert claim(store, later(40)).key == "issue:2"
    assert claim(store, later(40)).key == "issue:1"


def test_putting_again_makes_it_earlier_and_never_later(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW, at=later(100))
    store.queue.put("issue:1", now=NOW, at=later(10))
    store.queue.put("issue:1", now=NOW, at=later(500))
    assert claim(store, later(10)).key == "issue:1"


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
    assert store.queue.counts(now=later(62)) == {
        "waiting": 0,
        "due": 0,
        "claimed": 0,
        "dead": 0,
        "oldest_seconds": 0,
    }


def test_retry_waits_and_one_that_fails_does_not_hold_up_the_others(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:2", now=later(1))
    failed = claim(store, later(2))
    store.queue.retry(failed, at=later(50), error="sibuk")
    assert claim(store, later(2)).key == "issue:2"
    assert claim(store, later(50)).attempts == 2


def test_dead_jobs_are_kept_listed_revived_and_dropped(store: SqlStore) -> None:
    for key in ("issue:1", "issue:2"):
        store.queue.put(key, now=NOW)
        store.queue.bury(claim(store), now=NOW, error=f"gagal {key}")
    assert [(each.key, each.error, each.since) for each in store.queue.dead()] == [
        ("issue:1", "gagal issue:1", NOW),
        ("issue:2", "gagal issue:2", NOW),
    ]
    assert store.queue.claim("satu", now=later(9999), lease=LEASE) is None
    assert store.queue.revive("issue:1", now=NOW)
    assert not store.queue.revive("issue:1", now=NOW)
    assert claim(store).attempts == 1
    assert store.queue.drop("issue:2")
    assert not store.queue.drop("issue:2")


def test_a_new_hint_revives_a_dead_job(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.bury(claim(store), now=NOW, error="x")
    store.queue.put("issue:1", now=later(5))
    assert claim(store, later(5)).attempts == 1
    assert store.queue.dead() == ()


def test_counts_tell_how_old_the_oldest_work_is(store: SqlStore) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:2", now=NOW, at=later(500))
    counts = store.queue.counts(now=later(90))
    assert (counts["waiting"], counts["due"], counts["oldest_seconds"]) == (2, 1, 90)


def test_many_workers_do_every_job_once(store: SqlStore) -> None:
    for number in range(60):
        store.queue.put(f"issue:{number}", now=NOW)
    done: list[str] = []

    def work(name: str) -> None:
        while (job := store.queue.claim(name, now=NOW, lease=LEASE)) is not None:
            done.append(job.key)
            store.queue.finish(job)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(work, f"w{number}") for number in range(4)]:
            each.result()
    assert sorted(done) == sorted(f"issue:{number}" for number in range(60))


def killed_while(url: str, code: str, happens: Callable[[], bool]) -> None:
    """Run code on the store in a process of its own and kill it with SIGKILL once something holds."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + code.replace("URL", repr(url))
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "sampai"
    end = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


PREPARE = """
import datetime as dt, time
from connector.store import SqlStore
from connector.ports import Ticket, Upload
store = SqlStore.open(URL)
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
"""


def test_a_worker_killed_at_work_loses_nothing(store: SqlStore, url: str) -> None:
    store.queue.put("issue:1", now=NOW)
    code = PREPARE + (
        "job = store.queue.claim('mati', now=NOW, lease=dt.timedelta(seconds=60))\n"
        "print('sampai', flush=True); time.sleep(60)"
    )
    killed_while(url, code, lambda: store.queue.counts(now=NOW)["claimed"] == 1)
    assert store.queue.claim("dua", now=later(59), lease=LEASE) is None
    assert claim(store, later(60), "dua").attempts == 2


def test_a_process_killed_in_a_submission_leaves_nothing_half_done(store: SqlStore, url: str) -> None:
    code = PREPARE + (
        "def stop(number):\n    print('sampai', flush=True); time.sleep(60); return Ticket('h', None)\n"
        "store.submissions.submit(nonce='n1', procedure='p', prefix='UNJ', received=NOW, year=2026, fields={},"
        " uploads=[Upload('f', 'a', 'b', b'c')], ticket=stop)"
    )
    killed_while(url, code, lambda: True)
    made = submit(store)
    assert made.number == "UNJ-2026-000001"
    assert claim(store).key in (f"submission:{made.id}", "mail:UNJ-2026-000001:diterima")


# submissions --------------------------------------------------------------------------------------------------


def test_a_submission_is_stored_with_its_number_mail_files_and_job(store: SqlStore) -> None:
    upload = Upload("bukti", "foto.png", "image/png", b"\x89PNG")
    made = submit(store, uploads=(upload,))
    assert made.number == "UNJ-2026-000001"
    assert (made.token_hash, made.issue) == ("hash-UNJ-2026-000001", None)
    assert [(each.field, each.name, each.size) for each in made.files] == [("bukti", "foto.png", 4)]
    assert store.submissions.content(made.files[0].ref) == b"\x89PNG"
    assert {claim(store).key, claim(store).key} == {
        f"submission:{made.id}",
        "mail:UNJ-2026-000001:diterima",
    }
    assert store.submissions.by_number(made.number) == made
    assert store.submissions.submission("tidak-ada") is None


def test_the_same_form_sent_twice_is_one_submission(store: SqlStore) -> None:
    assert submit(store) == submit(store)
    assert submit(store, "n2").number == "UNJ-2026-000002"


def test_the_same_form_sent_twice_at_once_is_one_submission(store: SqlStore) -> None:
    barrier = threading.Barrier(4)

    def send() -> Submission:
        barrier.wait()
        return submit(store)

    with ThreadPoolExecutor(4) as pool:
        made = [each.result() for each in [pool.submit(send) for _ in range(4)]]
    assert len({each.id for each in made}) == 1


def test_what_redmine_has_is_deleted_here(store: SqlStore) -> None:
    made = submit(store, uploads=(Upload("bukti", "a", "b", b"c"),))
    store.submissions.forwarded(made.id, 42)
    after = store.submissions.by_number(made.number)
    assert after is not None
    assert (after.issue, dict(after.fields), after.files) == (42, {}, ())
    assert store.submissions.content(made.files[0].ref) is None


def test_a_taken_number_is_replaced_and_told_anew(store: SqlStore) -> None:
    made = submit(store)
    again = store.submissions.renumber(
        made.id, prefix="UNJ", year=2026, ticket=lambda n: Ticket("baru", mail(f"{n}:diterima"))
    )
    assert (again.number, again.token_hash) == ("UNJ-2026-000002", "baru")
    assert store.outbox.mail("UNJ-2026-000002:diterima") is not None


def action(key: str, seconds: float = 0) -> RequesterAction:
    return RequesterAction(
        key=key, kind="outcome", number="UNJ-2026-000001", at=later(seconds), step="s", fields={"u1": "4"}
    )


def test_actions_are_stored_once_in_order_and_emptied_when_done(store: SqlStore) -> None:
    submit(store)
    upload = Upload("bukti", "a.pdf", "application/pdf", b"x")
    assert store.submissions.add_action(action("b", 5), (), issue=42, now=NOW)
    assert store.submissions.add_action(action("a"), (upload,), issue=42, now=NOW)
    assert not store.submissions.add_action(action("a"), (upload,), issue=42, now=NOW)
    pending = store.submissions.pending_actions("UNJ-2026-000001")
    assert [each.key for each in pending] == ["a", "b"]
    assert [each.name for each in pending[0].files] == ["a.pdf"]
    store.submissions.actions_done(["a"])
    assert [each.key for each in store.submissions.pending_actions("UNJ-2026-000001")] == ["b"]
    assert store.submissions.content(pending[0].files[0].ref) is None
    assert not store.submissions.add_action(action("a"), (), issue=42, now=NOW)


def test_an_action_before_the_issue_is_there_wakes_the_submission(store: SqlStore) -> None:
    made = submit(store)
    while (job := store.queue.claim("x", now=NOW, lease=LEASE)) is not None:
        store.queue.finish(job)
    store.submissions.add_action(action("a"), (), issue=None, now=NOW)
    assert claim(store).key == f"submission:{made.id}"


# mail ---------------------------------------------------------------------------------------------------------


def test_mail_goes_only_after_its_release_and_once(store: SqlStore) -> None:
    store.outbox.hold([mail("m1"), mail("m2")], now=NOW)
    store.outbox.hold([mail("m1")], now=NOW)
    assert [each.key for each in store.outbox.held()] == ["m1", "m2"]
    assert store.outbox.mail("m1") is None
    store.outbox.release(["m1", "tidak-ada"], now=NOW)
    store.outbox.release(["m1"], now=NOW)
    assert claim(store).key == "mail:m1"
    assert store.outbox.mail("m1") == mail("m1")
    store.outbox.discard(["m1", "m2"])
    assert store.outbox.mail("m1") is not None
    assert store.outbox.held() == ()
    store.outbox.sent("m1", now=NOW)
    assert store.outbox.mail("m1") is None
    store.outbox.hold([mail("m1")], now=NOW)
    assert store.outbox.held() == ()


# numbers, cursor, duties --------------------------------------------------------------------------------------


def test_numbers_are_given_once(store: SqlStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: store.numbers.next("UNJ", 2026), range(40)))
    assert sorted(given) == [f"UNJ-2026-{number:06d}" for number in range(1, 41)]
    assert store.numbers.next("UNJ", 2027) == "UNJ-2027-000001"
    assert store.numbers.next("JBR", 2026) == "JBR-2026-000001"


def test_numbers_go_on_where_redmine_ends(store: SqlStore) -> None:
    store.numbers.seed("UNJ", 2026, 123)
    assert store.numbers.next("UNJ", 2026) == "UNJ-2026-000124"
    store.numbers.seed("UNJ", 2026, 5)
    assert store.numbers.next("UNJ", 2026) == "UNJ-2026-000125"


def test_the_cursor_is_remembered(store: SqlStore) -> None:
    assert store.books.cursor() is None
    store.books.set_cursor(FeedCursor(3, 4))
    store.books.set_cursor(FeedCursor(5, 6))
    assert store.books.cursor() == FeedCursor(5, 6)


def test_a_duty_is_claimed_once_for_a_slot(store: SqlStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(lambda _: store.books.claim_tick("poll", NOW), range(8)))
    assert won.count(True) == 1
    assert store.books.claim_tick("sweep", NOW)
    assert store.books.claim_tick("poll", later(30))
    assert not store.books.claim_tick("poll", later(10))


def test_readiness_and_beats(store: SqlStore) -> None:
    assert not store.books.ready()
    store.books.set_ready()
    store.books.set_ready()
    assert store.books.ready()
    assert store.books.last_beat() is None
    store.books.beat("a", now=NOW)
    store.books.beat("b", now=later(9))
    store.books.beat("a", now=later(5))
    assert store.books.last_beat() == later(9)
