"""`POST /webhooks/redmine`: every answer, and what is stored with it."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.errors import TransientError
from tests.serving import serving
from tests.world import HOOK, World
from webhooks.receiving import LARGEST
from webhooks.signature import HEADER, sign

PATH = "/webhooks/redmine"
UPDATED = (Path(__file__).resolve().parents[2] / "payloads/issue.updated__note-and-fields.json").read_bytes()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


def jobs(world: World) -> list[str]:
    return sorted(world.store.jobs)


def post(client: FlaskClient, body: bytes, header: str | None = None) -> TestResponse:
    headers = {HEADER: sign(HOOK.encode(), body) if header is None else header}
    return client.post(PATH, data=body, headers=headers, content_type="application/json")


def test_a_signed_hint_is_stored(client: FlaskClient, world: World) -> None:
    assert post(client, UPDATED).status_code == 202
    assert jobs(world) == ["issue:1"]


def test_ten_of_the_same_are_one_job(client: FlaskClient, world: World) -> None:
    assert {post(client, UPDATED).status_code for _ in range(10)} == {202}
    assert jobs(world) == ["issue:1"]


def test_kinds_that_are_not_for_us_are_accepted_and_ignored(client: FlaskClient, world: World) -> None:
    answer = post(client, json.dumps({"type": "wiki_page.created", "data": {}}).encode())
    assert (answer.status_code, answer.text) == (202, "diabaikan\n")
    assert jobs(world) == []


@pytest.mark.parametrize("header", ["", "sha256=" + "0" * 64, "sha1=x"])
def test_a_wrong_signature(client: FlaskClient, world: World, header: str) -> None:
    assert post(client, UPDATED, header).status_code == 401
    assert jobs(world) == []


def test_no_signature(client: FlaskClient, world: World) -> None:
    assert client.post(PATH, data=UPDATED).status_code == 401
    assert jobs(world) == []


def test_the_signature_is_judged_before_the_content(client: FlaskClient) -> None:
    assert post(client, b"bukan json", "sha256=salah").status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"bukan json", b"[]", b"{}", b"\xff\xfe", UPDATED.decode().encode("utf-16")]
)
def test_malformed(client: FlaskClient, world: World, body: bytes) -> None:
    assert post(client, body).status_code == 400
    assert jobs(world) == []


def test_just_small_enough_and_one_too_many(client: FlaskClient) -> None:
    filler = UPDATED + b" " * (LARGEST - len(UPDATED))
    assert post(client, filler).status_code == 202
    assert post(client, filler + b" ").status_code == 413


def test_too_large_is_said_before_the_signature_is_judged(client: FlaskClient) -> None:
    assert post(client, b"x" * (LARGEST + 1), "sha256=salah").status_code == 413


def test_a_database_that_does_not_answer(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_: object, **__: object) -> None:
        raise TransientError("basis data tidak menjawab")

    monkeypatch.setattr(world.store.queue, "put", put)
    assert post(client, UPDATED).status_code == 503


def test_nothing_of_the_body_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post(client, UPDATED)
    post(client, UPDATED, "sha256=salah")
    post(client, b'{"type": "issue.updated", "data": "Catatan uji"}')
    assert "webhook stored: issue=1 kind=issue.updated" in caplog.messages
    assert "Catatan uji" not in caplog.text
    assert "Ko Ord" not in caplog.text


def test_only_post(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 405


# over a real connection -------------------------------------------------------------------------------------


@pytest.fixture
def address(world: World) -> Iterator[tuple[str, int]]:
    with serving(world.app()) as address:
        yield address


def chunked(address: tuple[str, int], body: bytes) -> int:
    connection = http.client.HTTPConnection(*address, timeout=20)
    parts = (body[start : start + 65536] for start in range(0, len(body), 65536))
    headers = {HEADER: sign(HOOK.encode(), body), "Transfer-Encoding": "chunked"}
    try:
        connection.request("POST", PATH, body=parts, headers=headers, encode_chunked=True)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_body_without_a_length(address: tuple[str, int], world: World) -> None:
    assert chunked(address, UPDATED) == 202
    assert jobs(world) == ["issue:1"]


def test_a_large_body_without_a_length(address: tuple[str, int], world: World) -> None:
    assert chunked(address, b" " * (LARGEST + 1)) == 413
    assert jobs(world) == []


def test_a_length_that_is_too_short_cuts_the_body_and_breaks_the_signature(
    address: tuple[str, int], world: World
) -> None:
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        connection.putrequest("POST", PATH)
        connection.putheader("Content-Length", "100")
        connection.putheader(HEADER, sign(HOOK.encode(), UPDATED))
        connection.putheader("Connection", "close")
        connection.endheaders(UPDATED[:100])
        assert connection.getresponse().status == 401
    finally:
        connection.close()
    assert jobs(world) == []
