"""The store in memory keeps the promises that the other tests build on."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.engine.snapshot import RequesterAction, Submission
from connector.errors import TransientError
from connector.ports import Job, OutgoingMail, Redmine, Store, Ticket, Upload
from tests.fakes import FakeClock, FakeRedmine, FakeStore
from tests.holding import content, hold, upload

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
LEASE = dt.timedelta(seconds=60)


@pytest.fixture
def store() -> Store:
    return FakeStore()


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def claim(store: Store, at: dt.datetime = NOW) -> Job:
    job = store.queue.claim("satu", now=at, lease=LEASE)
    assert job is not None
    return job


def mail(key: str) -> OutgoingMail:
    return OutgoingMail(key, "sari@contoh.id", "Halo", "isi", "<p>isi</p>", 42)


def submit(store: Store, nonce: str = "n1", uploads: tuple[Upload, ...] = ()) -> Submission:
    return store.submissions.submit(
        nonce=nonce,
        procedure="unj/layanan",
        prefix="UNJ",
        received=NOW,
        year=2026,
        fields={"nama": "Sari"},
        files=hold(store, nonce, uploads),
        ticket=lambda number: Ticket("hash-" + number, mail(f"{number}:diterima")),
    )


def action(key: str, seconds: float = 0) -> RequesterAction:
    return RequesterAction(key=key, kind="outcome", number="UNJ-2026-000001", at=later(seconds))


def test_a_job_is_claimed_once_and_done_again_if_put_meanwhile(store: Store) -> None:
    store.queue.put("issue:1", now=NOW)
    store.queue.put("issue:1", now=NOW)
    job = claim(store)
    store.queue.put("issue:1", now=NOW)
    assert store.queue.claim("dua", now=NOW, lease=LEASE) is None
    store.queue.finish(job)
    store.queue.finish(claim(store))
    assert store.queue.claim("dua", now=later(999), lease=LEASE) is None


def test_a_lost_lease_goes_to_another_and_the_late_one_changes_nothing(store: Store) -> None:
    store.queue.put("issue:1", now=NOW)
    lost, other = claim(store), claim(store, later(61))
    store.queue.finish(lost)
    store.queue.bury(lost, now=NOW, error="terlambat")
    assert store.queue.counts(now=later(62))["claimed"] == 1
    store.queue.bury(other, now=later(62), error="gagal")
    assert [each.error for each in store.queue.dead()] == ["gagal"]
    assert store.queue.revive("issue:1", now=NOW)
    assert not store.queue.drop("issue:1")


def test_a_submission_is_stored_with_number_mail_files_and_job(store: Store) -> None:
    made = submit(store, uploads=(upload("bukti", "foto.png", "image/png", b"\x89PNG"),))
    assert (made.number, made.token_hash) == ("UNJ-2026-000001", "hash-UNJ-2026-000001")
    assert content(store, made.files[0].ref) == b"\x89PNG"
    assert {claim(store).key, claim(store).key} == {f"submission:{made.id}", f"mail:{made.number}:diterima"}
    store.submissions.forwarded(made.id, 42)
    after = store.submissions.by_number(made.number)
    assert after is not None
    assert (after.issue, dict(after.fields), after.files) == (42, {}, ())
    assert content(store, made.files[0].ref) is None


def test_the_same_form_sent_many_times_at_once_is_one_submission(store: Store) -> None:
    barrier = threading.Barrier(4)

    def send() -> str:
        barrier.wait()
        return submit(store).id

    with ThreadPoolExecutor(4) as pool:
        assert len({each.result() for each in [pool.submit(send) for _ in range(4)]}) == 1
    assert submit(store, "n2").number == "UNJ-2026-000002"


def test_actions_are_stored_once_in_order_and_emptied_when_done(store: Store) -> None:
    made = submit(store)
    paper = upload("bukti", "a.pdf", "application/pdf", b"x")
    assert store.submissions.add_action(action("b", 5), (), issue=None, now=NOW)
    assert store.submissions.add_action(action("a"), hold(store, "a", [paper]), issue=None, now=NOW)
    assert not store.submissions.add_action(action("a"), hold(store, "a", [paper]), issue=None, now=NOW)
    pending = store.submissions.pending_actions(made.number)
    assert [each.key for each in pending] == ["a", "b"]
    store.submissions.actions_done(["a"])
    assert content(store, pending[0].files[0].ref) is None
    assert [each.key for each in store.submissions.pending_actions(made.number)] == ["b"]


def test_mail_goes_only_after_its_release_and_once(store: Store) -> None:
    store.outbox.hold([mail("m1"), mail("m2")], now=NOW)
    assert store.outbox.mail("m1") is None
    store.outbox.release(["m1", "m1", "tidak-ada"], now=NOW)
    store.outbox.discard(["m1", "m2"])
    assert store.outbox.mail("m1") == mail("m1")
    store.outbox.sent("m1", now=NOW)
    store.outbox.hold([mail("m1"), mail("m3")], now=NOW)
    store.outbox.release(["m3"], now=NOW)
    store.outbox.recall(["m1", "m3"])
    assert (store.outbox.held(), store.outbox.mail("m3")) == ((), None)
    store.outbox.hold([mail("m1")], now=NOW)
    assert store.outbox.held() == ()


def test_redmine_and_the_database_can_be_away() -> None:
    store, redmine = FakeStore(), FakeRedmine(FakeClock(NOW))
    port: Redmine = redmine
    assert port.read(1) is None
    store.down = redmine.down = True
    with pytest.raises(TransientError):
        port.read(1)
    with pytest.raises(TransientError):
        store.ping()
