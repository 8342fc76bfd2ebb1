"""Who is counted as one, what is kept of him, and what happens when nobody can count."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from connector.errors import TransientError
from connector.portal.limiting import network
from tests.fakes import FakeCounters
from tests.world import World

WRONG = "/lacak/UNJ-2026-000001?t=salah"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_who_has_a_network_is_one(address: str, counted: str) -> None:
    assert network(address) == counted


def refused(client: FlaskClient, times: int = 61, **more: object) -> bool:
    return [client.get(WRONG, **more).status_code for _ in range(times)][-1] == 429


def test_replicas_count_together_and_keep_no_address(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    one, other = (world.app(limits=True).test_client() for _ in range(2))
    with caplog.at_level(logging.DEBUG):
        assert not refused(one, 40)
        assert refused(other, 21)
    assert refused(one, 1)
    assert isinstance(world.store.counters, FakeCounters)
    assert not any("127.0.0.1" in key for key in world.store.counters.counts)
    assert "127.0.0.1" not in caplog.text
    assert "too many requests: endpoint=tracking.enter" in caplog.text


def test_an_address_that_somebody_writes_into_the_request_does_not_count() -> None:
    client = World().app(limits=True).test_client()
    codes = [client.get(WRONG, headers={"X-Forwarded-For": f"192.0.2.{i}"}).status_code for i in range(61)]
    assert codes[-1] == 429


def test_behind_a_proxy_its_word_counts_and_only_the_last() -> None:
    world = World()
    world.settings = world.settings.model_copy(update={"trusted_proxies": 1})
    client = world.app(limits=True).test_client()
    assert refused(client, headers={"X-Forwarded-For": "192.0.2.7"})
    assert not refused(client, 1, headers={"X-Forwarded-For": "192.0.2.8"})
    assert refused(client, 1, headers={"X-Forwarded-For": "198.51.100.1, 192.0.2.7"})


def test_while_the_database_cannot_count_each_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> int:
        raise TransientError("basis data sibuk")

    monkeypatch.setattr(FakeCounters, "add", away)
    monkeypatch.setattr(FakeCounters, "count", away)
    client = World().app(limits=True).test_client()
    assert client.get(WRONG).status_code == 403
    assert refused(client)
