"""What the tables say of a ticket's persons is forgotten; of others nothing."""

from __future__ import annotations

from dataclasses import replace

from connector.ports import OutgoingMail, PaperStatus
from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, NUMBER, action, all_that_is_kept, drain, rows, submit
from tests.adapters.store.program import letter
from tests.holding import hold, upload

OTHER = "UNJ-2026-000002"


def letter_to(store: SqlStore, issue: int, status: PaperStatus, name: str) -> None:
    slot, write = letter(name)
    row = store.register.allot(
        slot, lambda n: replace(write(n), issue=issue, data={"nama": "Rahasia Sekali"})
    )
    if status is not PaperStatus.ALLOTTED:
        store.register.record([replace(row, status=status, data=None)])


def test_a_ticket_s_persons_are_forgotten_and_its_numbers_kept(store: SqlStore) -> None:
    made, other = submit(store, "n1"), submit(store, "n2")
    assert (made.number, other.number) == (NUMBER, OTHER)
    drain(store)
    for each, issue in ((made, 42), (other, 43)):
        store.submissions.forwarded(each.id, issue)
        done = action(f"a{issue}", number=each.number).model_copy(update={"remark": "Rahasia Sekali"})
        files = hold(store, done.key, [upload("bukti", "Rahasia Sekali.pdf", "application/pdf", b"Rahasia")])
        store.submissions.add_action(done, files, issue=issue, now=NOW)
        store.outbox.hold([OutgoingMail(f"m{issue}", "Rahasia@contoh.id", "", "", "", issue)], now=NOW)
        letter_to(store, issue, PaperStatus.VALID, f"s{issue}")
    store.outbox.sent(f"{OTHER}:diterima", now=NOW)
    before = rows(store)

    store.erasure.forget(NUMBER, 42)
    once = all_that_is_kept(store)
    after = rows(store)
    gone = {name: before[name] - after[name] for name in before if before[name] != after[name]}
    assert gone == {"mails": 2, "files": 1, "file_parts": 1}
    assert [each.data for each in store.register.entries(issue=42)] == [None]
    assert [dict(each.data or {}) for each in store.register.entries(issue=43)] == [
        {"nama": "Rahasia Sekali"}
    ]
    assert [each.remark for each in store.submissions.pending_actions(NUMBER)] == [""]
    assert [each.remark for each in store.submissions.pending_actions(OTHER)] == ["Rahasia Sekali"]
    assert not store.submissions.add_action(action("a42"), (), issue=42, now=NOW)
    found = store.submissions.by_number(NUMBER)
    assert found is not None
    assert (found.issue, found.received) == (42, NOW)

    store.erasure.forget(NUMBER, 42)
    assert all_that_is_kept(store) == once
    store.erasure.forget(OTHER, 43)
    assert "Rahasia" not in all_that_is_kept(store)


def test_a_document_that_is_being_made_keeps_what_it_is_made_of(store: SqlStore) -> None:
    letter_to(store, 42, PaperStatus.ALLOTTED, "s1")
    store.erasure.forget(NUMBER, 42)
    assert [dict(each.data or {}) for each in store.register.entries(issue=42)] == [
        {"nama": "Rahasia Sekali"}
    ]
