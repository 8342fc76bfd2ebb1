"""What a webhook says, from bodies that Redmine 7.0.0 made, and from those it never would."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.payload import KINDS, Hint, PayloadError, parse

PAYLOADS = sorted((Path(__file__).resolve().parents[2] / "payloads").glob("*.json"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_real_bodies(path: Path) -> None:
    kind = path.name.partition("__")[0]
    assert parse(path.read_bytes()) == Hint(kind=kind, issue=1)


def test_there_is_a_body_of_every_kind() -> None:
    assert {path.name.partition("__")[0] for path in PAYLOADS} == KINDS


def body(**changes: Any) -> bytes:
    return json.dumps({"type": "issue.updated", "data": {"issue": {"id": 7}}} | changes).encode()


@pytest.mark.parametrize("kind", ["wiki_page.updated", "issue.moved", "", "\ud800"])
def test_other_kinds_are_not_for_us(kind: str) -> None:
    assert parse(body(type=kind)) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "x",
        {},
        {"issue": None},
        {"issue": []},
        {"issue": {}},
        *({"issue": {"id": ref}} for ref in (0, -1, 2**31, 1.5, True, "1", None, [1])),
    ],
)
def test_a_body_without_an_issue_is_refused(data: Any) -> None:
    with pytest.raises(PayloadError, match="issue"):
        parse(body(data=data))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"3",
        b'"issue.updated"',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        body().decode().encode("utf-16"),
        b"[" * 100_000,
        b"9" * 5000,
        b'{"type": 3}',
        b"payload=%7B%7D",
        # the older plugin redmine_webhook, which does not sign
        json.dumps({"payload": {"action": "updated", "issue": {"id": 1}}}).encode(),
    ],
)
def test_what_is_no_webhook_is_refused(raw: bytes) -> None:
    with pytest.raises(PayloadError):
        parse(raw)


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(raw: bytes) -> None:
    with contextlib.suppress(PayloadError):
        parse(raw)


@given(JSON, JSON)
def test_any_json_is_understood_or_refused(kind: Any, data: Any) -> None:
    try:
        hint = parse(json.dumps({"type": kind, "data": data}).encode())
    except PayloadError:
        return
    assert hint is None


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 2**31 - 1), JSON)
def test_only_kind_and_issue_count(kind: str, issue: int, rest: Any) -> None:
    raw = json.dumps({"type": kind, "x": rest, "data": {"issue": {"id": issue, "subject": rest}}}).encode()
    assert parse(raw) == Hint(kind=kind, issue=issue)
