"""Numbers of documents: each once, none left out, whoever asks at the same time and whoever is killed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.ports import PaperStatus, Registered, Signed
from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, at_once, later, rows
from tests.adapters.store.program import LETTERS, letter
from tests.adapters.store.test_crash import moments_of


def ask(store: SqlStore, name: str, series: str = LETTERS) -> Registered:
    slot, write = letter(name, series)
    return store.register.allot(slot, write)


def issued(row: Registered, **changes: object) -> Registered:
    return replace(row, data=None, status=PaperStatus.VALID, sha256="ab" * 32, issue=42, **changes)  # type: ignore[arg-type]


def sequences(store: SqlStore) -> list[int]:
    return [each.sequence for each in store.register.entries()]


def test_a_document_keeps_its_row_however_often_it_is_asked_for(store: SqlStore) -> None:
    first = ask(store, "a")
    slot, write = letter("a")
    again = store.register.allot(slot, lambda sequence: replace(write(sequence), at=later(60), data={"x": 1}))
    assert again == first
    assert (first.number, first.data, first.at) == (
        "1/ST/2026",
        {"nama": "Sari \x00 \ud83d \u2028 é", "n": 1},
        NOW,
    )
    assert ask(store, "b").number == "2/ST/2026"
    assert store.register.allotted("pengajuan-a") == (first,)
    assert store.register.by_code(first.code) == first


def test_each_series_and_year_counts_by_itself(store: SqlStore) -> None:
    def another(series: str, year: int) -> str:
        name = f"{series}{year}"
        slot, write = letter(name, series, year)
        return store.register.allot(slot, write).number

    assert [
        another("unj/surat-tugas", 2026),
        another("unj/surat-tugas", 2027),
        another("unj/surat", 2026),
    ] == [
        "1/ST/2026",
        "1/ST/2027",
        "1/SURAT/2026",
    ]


def test_nothing_is_given_out_when_the_document_cannot_be_written(store: SqlStore) -> None:
    def broken(_: int) -> Registered:
        raise LookupError("templat")

    with pytest.raises(LookupError):
        store.register.allot(letter("a")[0], broken)
    assert ask(store, "b").sequence == 1


def test_eight_threads_leave_no_gap_and_make_no_double(store: SqlStore) -> None:
    names = [f"surat-{number}" for number in range(40)]

    def work(mine: int) -> Callable[[], list[Registered]]:
        # every document is asked for by two of the threads, in different orders
        wanted = [name for at, name in enumerate(names) if at % 4 == mine % 4]
        return lambda: [ask(store, name) for name in (wanted if mine < 4 else reversed(wanted))]

    given = [row for rows_of in at_once(*[work(each) for each in range(8)]) for row in rows_of]
    assert len(given) == 80
    assert len({(row.slot.key, row.number, row.code) for row in given}) == 40
    assert sorted({row.sequence for row in given}) == list(range(1, 41))
    assert sequences(store) == list(range(1, 41))


def test_a_process_killed_at_any_moment_leaves_no_gap_and_makes_no_double(store: SqlStore, url: str) -> None:
    # begin, look for the row, count, look for the number, insert; commit
    assert moments_of("allot", url) >= 6
    assert rows(store)["documents"] == 1
    assert ask(store, "sesudahnya").sequence == 2
    assert sequences(store) == [1, 2]


def test_two_processes_killed_while_others_write_leave_a_whole_register(store: SqlStore, url: str) -> None:
    def killed() -> list[Registered]:
        # begin, look for the row; commit: the other one's row may be there already
        assert moments_of("allot", url) >= 3
        return []

    at_once(killed, killed, *[lambda n=n: [ask(store, f"{n}-{each}") for each in range(8)] for n in range(4)])
    assert sequences(store) == list(range(1, len(sequences(store)) + 1))
    assert len(sequences(store)) == 33


def test_what_a_ticket_knows_counts_and_what_was_printed_stays(store: SqlStore) -> None:
    first = ask(store, "a")
    store.register.record([issued(first, attachment=7)])
    store.register.record([issued(first)])
    kept = store.register.by_code(first.code)
    assert kept is not None
    assert (kept.status, kept.attachment, kept.data, kept.issue) == (PaperStatus.VALID, 7, first.data, 42)
    assert store.register.allotted("pengajuan-a") == ()
    store.register.record([issued(first, replaced_by="2/ST/2026")])
    assert store.register.entries(issue=42)[0].replaced_by == "2/ST/2026"


def test_a_void_row_frees_its_place_and_never_its_number(store: SqlStore) -> None:
    first = ask(store, "a")
    store.register.record([replace(first, status=PaperStatus.VOID, reason="berubah", data=None)])
    again = ask(store, "a")
    assert (again.sequence, again.code != first.code) == (2, True)
    assert [(each.sequence, each.status) for each in store.register.entries()] == [
        (1, PaperStatus.VOID),
        (2, PaperStatus.ALLOTTED),
    ]


def test_what_was_begun_for_an_issue_that_is_gone_is_void_and_says_why(store: SqlStore) -> None:
    first = ask(store, "a")
    other = ask(store, "b")
    store.register.record([issued(other)])
    store.register.abandon(42, "hilang")
    store.register.abandon(7, "hilang")
    assert store.register.by_code(first.code) == first  # it has no issue yet
    slot, write = letter("c")
    slot = replace(slot, owner="issue:7")
    begun = store.register.allot(slot, lambda sequence: replace(write(sequence), slot=slot))
    store.register.abandon(7, "hilang")
    gone = store.register.by_code(begun.code)
    assert gone is not None
    assert (gone.status, gone.reason) == (PaperStatus.VOID, "hilang")
    kept = store.register.by_code(other.code)
    assert kept is not None
    assert kept.status is PaperStatus.VALID


def test_an_empty_database_goes_on_after_what_the_tickets_know(store: SqlStore) -> None:
    slot, write = letter("lama")
    store.register.record([issued(write(17)), issued(letter("batal")[1](19))])
    assert ask(store, "baru").sequence == 20
    [old, void, new] = store.register.entries(year=2026)
    assert (old.slot, old.data, void.sequence, new.sequence) == (slot, None, 19, 20)
    assert store.register.entries(year=2025) == ()


def test_another_register_for_the_same_pattern_makes_no_double(store: SqlStore) -> None:
    assert ask(store, "a").number == "1/ST/2026"
    slot, write = letter("b")
    slot = replace(slot, series="unj/register-baru")
    made = store.register.allot(slot, lambda sequence: replace(write(sequence), slot=slot))
    assert made.number == "2/ST/2026"


def test_the_year_of_a_document_without_a_letters_number_is_that_of_its_instant(store: SqlStore) -> None:
    slot, write = letter("ba", "BA-UNJ-2025-000001", 0)
    at = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
    store.register.allot(slot, lambda sequence: replace(write(sequence), at=at, number="BA-UNJ-2025-000001"))
    assert [each.number for each in store.register.entries(year=2025)] == ["BA-UNJ-2025-000001"]
    assert store.register.entries(year=2026) == ()


def test_signed_bytes_are_kept_as_they_were_first_until_the_ticket_has_them(store: SqlStore) -> None:
    row = ask(store, "a")
    assert store.register.signed(row.code) is None
    first = Signed(b"%PDF pertama \x00", "ab" * 32)
    assert store.register.keep_signed(row.code, first) == first
    assert store.register.keep_signed(row.code, Signed(b"%PDF kedua", "cd" * 32)) == first
    assert store.register.signed(row.code) == first
    store.register.record([issued(row, certificate="ab" * 32)])
    assert store.register.signed(row.code) is None
    found = store.register.by_code(row.code)
    assert found is not None
    assert found.certificate == "ab" * 32


def test_what_was_signed_for_a_ticket_that_is_gone_is_forgotten(store: SqlStore) -> None:
    slot, write = letter("a")
    row = store.register.allot(slot, lambda sequence: replace(write(sequence), issue=42))
    store.register.keep_signed(row.code, Signed(b"%PDF", "ab" * 32))
    store.register.abandon(42, "tiket dihapus")
    assert store.register.signed(row.code) is None
