"""Requests and requesters' actions."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.errors import NotFoundError, PermanentError
from connector.ports import Ticket
from connector.store import SqlStore
from tests.adapters.store.helpers import (
    JAKARTA,
    NOW,
    NUMBER,
    action,
    all_that_is_kept,
    drain,
    later,
    mail,
    rows,
    submit,
)
from tests.holding import content, hold, upload

PICTURE = b"\x89PNG rahasia"
PHOTO = upload("bukti", "foto rahasia.png", "image/png", PICTURE)


def test_a_submission_is_stored_with_its_number_mail_files_and_job(store: SqlStore) -> None:
    made = submit(store, uploads=(PHOTO, upload("lain", "b", "c", b"")))
    assert (made.number, made.token_hash, made.issue) == (NUMBER, "hash-" + NUMBER, None)
    assert (made.received, made.procedure, dict(made.fields)) == (NOW, "unj/layanan", {"nama": "Sari"})
    assert [(each.field, each.name, each.size) for each in made.files] == [
        ("bukti", "foto rahasia.png", 12),
        ("lain", "b", 0),
    ]
    assert content(store, made.files[0].ref) == PICTURE
    assert content(store, "tidak-ada") is None
    assert store.outbox.mail(f"{NUMBER}:diterima") == mail(f"{NUMBER}:diterima")
    assert sorted(drain(store)) == [f"mail:{NUMBER}:diterima", f"submission:{made.id}"]
    assert store.submissions.by_number(made.number) == made == store.submissions.submission(made.id)
    assert store.submissions.submission("tidak-ada") is None
    assert store.submissions.by_number("UNJ-2026-999999") is None


def test_the_instant_of_receipt_comes_back_whatever_its_zone(store: SqlStore) -> None:
    received = dt.datetime(2026, 1, 1, 3, 0, 0, 123456, JAKARTA)
    made = store.submissions.submit(
        nonce="n",
        procedure="p",
        prefix="UNJ",
        received=received,
        year=2026,
        fields={},
        files=(),
        ticket=lambda _: Ticket("h", None),
    )
    assert made.received == received
    assert made.received.utcoffset() == dt.timedelta(0)
    assert drain(store, received) == [f"submission:{made.id}"]


def test_the_same_form_sent_twice_is_one_submission(store: SqlStore) -> None:
    first = submit(store, uploads=(PHOTO,))
    assert submit(store, uploads=(PHOTO,)) == first
    assert rows(store)["files"] == 1
    assert submit(store, "n2").number == "UNJ-2026-000002"


def test_a_form_sent_again_after_it_was_handed_on_is_known(store: SqlStore) -> None:
    first = submit(store)
    store.submissions.forwarded(first.id, 42)
    again = submit(store)
    assert (again.id, again.number, again.issue) == (first.id, first.number, 42)


def test_a_submission_that_fails_half_way_leaves_only_its_held_file(store: SqlStore) -> None:
    def fail(number: str) -> Ticket:
        raise RuntimeError(number)

    with pytest.raises(RuntimeError):
        submit(store, uploads=(PHOTO,), make=fail)
    assert {name for name, count in rows(store).items() if count} == {"files", "file_parts"}
    assert [file.name for file in store.files.held("n1")] == ["foto rahasia.png"]


def test_long_words_are_taken(store: SqlStore) -> None:
    name = "ñ" * 2000
    made = submit(store, uploads=(upload("bukti", name, "x/" + "y" * 300, b"z"),))
    assert made.files[0].name == name


@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_what_a_database_cannot_keep_is_a_permanent_error_that_tells_no_data(store: SqlStore) -> None:
    with pytest.raises(PermanentError) as caught:
        submit(store, uploads=(upload("bukti", "rahasia\x00", "b", b"c"),))
    assert "rahasia" not in f"{caught.value} {caught.value.__cause__}"
    assert rows(store)["submissions"] == 0


def test_what_redmine_has_is_deleted_here(store: SqlStore) -> None:
    made = submit(store, uploads=(PHOTO,))
    store.submissions.forwarded(made.id, 42)
    store.submissions.forwarded(made.id, 42)
    after = store.submissions.by_number(made.number)
    assert after is not None
    assert (after.issue, dict(after.fields), after.files) == (42, {}, ())
    assert content(store, made.files[0].ref) is None
    store.outbox.sent(f"{made.number}:diterima", now=NOW)
    kept = all_that_is_kept(store)
    assert made.number in kept
    for personal in ("Sari", "sari@", "rahasia", "isi"):
        assert personal not in kept


# another number -----------------------------------------------------------------------------------------------


def test_a_taken_number_is_replaced_and_told_anew(store: SqlStore) -> None:
    made = submit(store, uploads=(PHOTO,))
    again = store.submissions.renumber(
        made.id, prefix="UNJ", year=2026, ticket=lambda n: Ticket("baru", mail(f"{n}:diterima"))
    )
    assert again == made.model_copy(update={"number": "UNJ-2026-000002", "token_hash": "baru"})
    assert store.submissions.by_number(made.number) is None
    assert store.outbox.mail("UNJ-2026-000002:diterima") is not None
    assert "mail:UNJ-2026-000002:diterima" in drain(store)


def test_actions_go_along_to_another_number_and_those_of_the_other_ticket_stay(store: SqlStore) -> None:
    made = submit(store)
    store.submissions.add_action(action("milik-sendiri"), (), issue=None, now=NOW)
    store.submissions.add_action(action("milik-lain"), (), issue=7, now=NOW)
    again = store.submissions.renumber(
        made.id, prefix="UNJ", year=2026, ticket=lambda _: Ticket("baru", None)
    )
    moved = store.submissions.pending_actions(again.number)
    assert [(each.key, each.number) for each in moved] == [("milik-sendiri", again.number)]
    assert [each.key for each in store.submissions.pending_actions(made.number)] == ["milik-lain"]


def test_what_is_not_there_gets_no_other_number(store: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        store.submissions.renumber("tidak-ada", prefix="UNJ", year=2026, ticket=lambda _: Ticket("h", None))
    assert store.numbers.next("UNJ", 2026) == NUMBER


# actions ------------------------------------------------------------------------------------------------------


def test_actions_are_stored_once_in_order_and_emptied_when_done(store: SqlStore) -> None:
    assert store.submissions.add_action(action("b", 5), (), issue=42, now=NOW)
    assert store.submissions.add_action(action("a"), hold(store, "a", [PHOTO]), issue=42, now=NOW)
    assert not store.submissions.add_action(action("a"), hold(store, "a", [PHOTO]), issue=42, now=NOW)
    assert drain(store) == ["issue:42"]
    first, second = store.submissions.pending_actions(NUMBER)
    assert (first.model_copy(update={"files": ()}), second) == (action("a"), action("b", 5))
    assert [content(store, each.ref) for each in first.files] == [PICTURE]
    store.submissions.actions_done(["a", "tidak-ada"])
    assert store.submissions.pending_actions(NUMBER) == (action("b", 5),)
    assert not store.submissions.add_action(action("a"), (), issue=42, now=NOW)
    store.submissions.actions_done(["b"])
    store.submissions.actions_done([])
    kept = all_that_is_kept(store)
    assert "'a'" in kept
    for personal in ("Terima kasih", "rahasia", "u1"):
        assert personal not in kept


def test_an_action_before_the_issue_is_there_wakes_the_submission(store: SqlStore) -> None:
    made = submit(store)
    drain(store)
    assert store.submissions.add_action(action("a"), (), issue=None, now=later(1))
    assert drain(store, later(1)) == [f"submission:{made.id}"]


def test_an_action_on_a_page_older_than_the_issue_wakes_the_issue(store: SqlStore) -> None:
    store.submissions.forwarded(submit(store).id, 42)
    drain(store)
    assert store.submissions.add_action(action("a"), (), issue=None, now=NOW)
    assert drain(store) == ["issue:42"]


def test_an_action_that_nobody_would_work_on_is_refused(store: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        store.submissions.add_action(action("a"), hold(store, "a", [PHOTO]), issue=None, now=NOW)
    assert (rows(store)["actions"], len(store.files.held("a"))) == (0, 1)
