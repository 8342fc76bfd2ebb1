"""Forms that wait: to be finished, or for the code that proves an address."""

from __future__ import annotations

import datetime as dt

from connector.ports import Code, Draft
from connector.store import SqlStore
from tests.adapters.store.helpers import NOW, at_once, drain, later, mail, rows, submit
from tests.holding import hold, upload

IN_AN_HOUR = later(3600)


def draft(key: str = "n1", expires: dt.datetime = IN_AN_HOUR, **fields: str) -> Draft:
    return Draft(key, "unj/layanan", fields or {"nama": "Sari"}, f"hash-{key}", expires)


def test_a_draft_comes_back_by_its_link_with_its_mail_sent(store: SqlStore) -> None:
    store.drafts.save(draft(), mail("draf:n1"), now=NOW)
    assert store.drafts.by_token("hash-n1", now=NOW) == draft() == store.drafts.draft("n1", now=NOW)
    assert store.drafts.by_token("hash-n2", now=NOW) is None
    assert store.drafts.draft("n2", now=NOW) is None
    assert drain(store) == ["mail:draf:n1"]


def test_saving_again_keeps_the_last_words(store: SqlStore) -> None:
    store.drafts.save(draft(), mail("draf:1"), now=NOW)
    store.drafts.save(draft(nama="Sari Melati"), mail("draf:2"), now=NOW)
    found = store.drafts.draft("n1", now=NOW)
    assert found is not None
    assert dict(found.fields) == {"nama": "Sari Melati"}
    assert rows(store)["drafts"] == 1


def test_its_files_stay_as_long_as_itself_and_both_end(store: SqlStore) -> None:
    hold(store, "n1", [upload("b", "a", "x", b"a")], until=later(60))
    store.drafts.save(draft(), mail("draf:1"), now=NOW)
    store.files.expire(now=later(61))
    assert len(store.files.held("n1")) == 1
    assert store.drafts.draft("n1", now=later(3600)) is None
    store.drafts.expire(now=later(3600))
    kept = rows(store)
    assert (kept["drafts"], kept["files"], kept["file_parts"]) == (0, 0, 0)


def test_sending_the_form_ends_its_draft(store: SqlStore) -> None:
    store.drafts.save(draft(), mail("draf:1"), now=NOW)
    store.drafts.save(draft("n2"), mail("draf:2"), now=NOW)
    submit(store)
    assert store.drafts.draft("n1", now=NOW) is None
    assert store.drafts.draft("n2", now=NOW) is not None


def test_a_code_is_right_once_found_and_wrong_after_too_many_tries(store: SqlStore) -> None:
    store.drafts.save(draft(), mail("kode:1"), now=NOW, code=Code("benar", later(600), 1))
    assert not store.drafts.proves("n1", "salah", now=NOW, tries=3)
    assert store.drafts.proves("n1", "benar", now=NOW, tries=3)
    assert not store.drafts.proves("n1", "salah", now=NOW, tries=3)
    assert not store.drafts.proves("n1", "benar", now=NOW, tries=3)
    assert store.drafts.codes("n1") == 1
    # a new one begins anew
    store.drafts.save(draft(), mail("kode:2"), now=NOW, code=Code("baru", later(600), 2))
    assert store.drafts.codes("n1") == 2
    assert not store.drafts.proves("n1", "benar", now=NOW, tries=3)
    assert store.drafts.proves("n1", "baru", now=NOW, tries=3)
    assert not store.drafts.proves("n1", "baru", now=later(600), tries=9)
    assert not store.drafts.proves("tidak-ada", "", now=NOW, tries=3)


def test_saving_a_draft_keeps_its_code(store: SqlStore) -> None:
    store.drafts.save(draft(), mail("kode:1"), now=NOW, code=Code("benar", later(600), 1))
    store.drafts.save(draft(), mail("draf:1"), now=NOW)
    assert store.drafts.proves("n1", "benar", now=NOW, tries=3)


def test_guesses_at_once_count_each(store: SqlStore) -> None:
    store.drafts.save(draft(), mail("kode:1"), now=NOW, code=Code("benar", later(600), 1))
    guess = lambda: store.drafts.proves("n1", "salah", now=NOW, tries=5)  # noqa: E731
    assert at_once(*[guess for _ in range(6)]) == [False] * 6
    assert not store.drafts.proves("n1", "benar", now=NOW, tries=5)
