"""Files of forms: held until the form is sent, in parts, and forgotten if it never is."""

from __future__ import annotations

import io

import pytest

from connector.errors import NotFoundError
from connector.store import SqlStore
from connector.store.files import PART
from tests.adapters.store.helpers import NOW, at_once, later, rows, submit, ticket
from tests.holding import content, hold, upload

LARGE = bytes(range(256)) * (PART // 100)


def test_a_large_file_is_kept_in_parts_and_read_as_it_was(store: SqlStore) -> None:
    (ref,) = hold(store, "f", [upload("bukti", "besar.pdf", "application/pdf", LARGE)])
    assert rows(store)["file_parts"] == -(-len(LARGE) // PART)
    found = store.files.open(ref)
    assert found is not None
    assert len(found) == len(LARGE)
    pieces = iter(lambda: found.read(100_001), b"")
    assert b"".join(pieces) == LARGE
    assert content(store, ref) == LARGE
    assert store.files.open("tidak-ada") is None


def test_the_same_content_is_held_once_for_a_field(store: SqlStore) -> None:
    twice = [upload("bukti", name, "application/pdf", b"sama") for name in ("a.pdf", "b.pdf")]
    first, second = hold(store, "f", twice)
    assert first == second
    hold(store, "f", [upload("lain", "a.pdf", "application/pdf", b"sama")])
    hold(store, "g", twice[:1])
    assert [(each.field, each.name, each.size) for each in store.files.held("f")] == [
        ("bukti", "a.pdf", 4),
        ("lain", "a.pdf", 4),
    ]
    assert store.files.held("") == ()


def test_the_same_form_at_once_holds_its_file_once(store: SqlStore) -> None:
    refs = at_once(*[lambda: hold(store, "f", [upload("b", "a.pdf", "x", LARGE)])[0] for _ in range(4)])
    assert len(set(refs)) == 1
    assert content(store, refs[0]) == LARGE


def test_what_is_let_go_is_gone_and_only_from_its_own_form(store: SqlStore) -> None:
    first, second = hold(store, "f", [upload("b", n, "x", n.encode()) for n in ("a", "b")])
    store.files.let_go("lain", [first])
    assert content(store, first) == b"a"
    store.files.let_go("f", [first])
    assert store.files.open(first) is None
    assert [each.ref for each in store.files.held("f")] == [second]


def test_what_was_never_sent_is_forgotten_when_its_time_is_over(store: SqlStore) -> None:
    hold(store, "f", [upload("b", "a", "x", b"a")], until=later(60))
    made = submit(store, uploads=[upload("b", "b", "x", b"b")])
    store.files.expire(now=later(59))
    assert len(store.files.held("f")) == 1
    store.files.expire(now=later(60))
    assert store.files.held("f") == ()
    assert content(store, made.files[0].ref) == b"b"
    assert rows(store)["file_parts"] == 1


def test_a_form_takes_its_own_files_alone(store: SqlStore) -> None:
    (foreign,) = hold(store, "lain", [upload("b", "a", "x", b"a")])
    mine, _left = hold(store, "n1", [upload("b", n, "x", n.encode()) for n in ("satu", "dua")])
    taken = {"nonce": "n1", "procedure": "p", "prefix": "UNJ", "received": NOW, "year": 2026, "fields": {}}
    with pytest.raises(NotFoundError):
        store.submissions.submit(**taken, files=[foreign], ticket=ticket)  # type: ignore[arg-type]
    assert len(store.files.held("lain")) == 1
    made = store.submissions.submit(**taken, files=[mine], ticket=ticket)  # type: ignore[arg-type]
    assert [each.name for each in made.files] == ["satu"]
    # what the form held besides was not wanted any more
    assert store.files.held("n1") == ()
    assert store.submissions.by_nonce("n1") == made
    assert store.submissions.by_nonce("n2") is None


def test_a_stream_is_read_from_its_beginning_wherever_it_stands(store: SqlStore) -> None:
    paper = upload("b", "a", "x", b"seluruhnya")
    paper.stream.seek(0, io.SEEK_END)
    (ref,) = hold(store, "f", [paper])
    assert content(store, ref) == b"seluruhnya"
