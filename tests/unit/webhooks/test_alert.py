"""`POST /webhooks/alert`: who may send, what is understood, and the tickets that come of it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.engine.snapshot import Snapshot
from connector.errors import TransientError
from connector.sop.keys import status_key
from tests.world import World
from webhooks.alert import parse_alerts
from webhooks.payload import PayloadError
from webhooks.receiving import LARGEST
from webhooks.signature import HEADER, sign

TOKEN = "token-pemantauan-untuk-pengujian-0123456789"
PATH = "/webhooks/alert"
WEB = {"alertname": "LamanMati", "layanan": "web", "instance": "https://laman.contoh.id"}


def alert(status: str = "firing", fingerprint: str = "1a30ba71cca2921f", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {**WEB, **labels},
        "annotations": {"summary": "Laman tidak menjawab\nsejak 5 menit"},
        "startsAt": "2026-11-23T02:00:00.000Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.contoh.id/graph",
        "fingerprint": fingerprint,
    }


def body(*alerts: dict[str, Any], group: str = '{}:{alertname="LamanMati"}') -> dict[str, Any]:
    return {
        "version": "4",
        "groupKey": group,
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "redmine-sop",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.contoh.id",
        "alerts": list(alerts),
    }


@pytest.fixture
def world() -> World:
    return World(profile="bunghatta", key="bunghatta/gangguan-web", alert_token=TOKEN)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


def post(client: FlaskClient, sent: Any, **headers: str) -> TestResponse:
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return client.post(PATH, data=raw, headers=headers or {"Authorization": f"Bearer {TOKEN}"})


def report(client: FlaskClient, world: World, *alerts: dict[str, Any]) -> None:
    """Sent, and a minute later worked on."""
    assert post(client, body(*alerts)).status_code == 202
    world.work()
    world.clock.forward(minutes=1)


def tickets(world: World) -> list[Snapshot]:
    return sorted(world.redmine.issues.values(), key=lambda each: each.issue)


def notes(snapshot: Snapshot) -> list[str]:
    return [journal.notes for journal in snapshot.journals if "Pemantauan" in journal.notes]


# who may send -------------------------------------------------------------------------------------------------


def test_without_a_token_there_is_no_such_place() -> None:
    client = World(profile="bunghatta").app().test_client()
    assert post(client, body(alert())).status_code == 404
    assert post(client, body(alert()), Authorization="Bearer ").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Nothing": ""},
        {"Authorization": "Bearer salah"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {HEADER: "sha256=" + "0" * 64},
        {HEADER: sign(b"kunci lain", json.dumps(body(alert())).encode())},
    ],
)
def test_a_wrong_secret_is_refused(client: FlaskClient, world: World, headers: dict[str, str]) -> None:
    assert post(client, body(alert()), **headers).status_code == 401
    assert not world.store.jobs


def test_a_signature_with_the_token_is_as_good(client: FlaskClient) -> None:
    raw = json.dumps(body(alert())).encode()
    assert post(client, raw, **{HEADER: sign(TOKEN.encode(), raw)}).status_code == 202
    assert post(client, raw, Authorization=f"bearer {TOKEN}").status_code == 202


# what is understood -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        [],
        {},
        {**body(alert()), "version": "3"},
        {**body(alert()), "groupKey": ""},
        {**body(alert()), "alerts": {}},
        body({**alert(), "status": "pending"}),
        body({**alert(), "fingerprint": None}),
        body({**alert(), "labels": {"layanan": 1}}),
        body({**alert(), "annotations": []}),
        body([]),  # type: ignore[arg-type]
    ],
)
def test_what_alertmanager_does_not_send_is_refused(client: FlaskClient, world: World, sent: Any) -> None:
    assert post(client, sent).status_code == 400
    assert not world.store.jobs


def test_too_large(client: FlaskClient) -> None:
    assert post(client, b" " * (LARGEST + 1)).status_code == 413


def test_not_now(client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**_: object) -> None:
        raise TransientError("basis data")

    monkeypatch.setattr(world.store.submissions, "submit", down)
    assert post(client, body(alert())).status_code == 503


def test_not_before_numbers_are_known() -> None:
    client = World(profile="bunghatta", alert_token=TOKEN, ready=False).app().test_client()
    assert post(client, body(alert())).status_code == 503


def test_nothing_of_the_body_is_logged(
    client: FlaskClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post(client, body(alert()))
    post(client, {**body(alert()), "version": "laman.contoh.id"})
    world.work()
    assert "laman.contoh.id" not in caplog.text
    assert "LamanMati" not in caplog.text


def test_what_a_database_cannot_keep_is_left_out() -> None:
    (parsed,) = parse_alerts(json.dumps(body(alert(instance="a\0b\ud800c"))).encode())
    assert parsed.labels["instance"] == "ab?c"
    with pytest.raises(PayloadError, match="UTF-8"):
        parse_alerts(b"\xff")


# the tickets --------------------------------------------------------------------------------------------------


def test_an_alert_has_its_number_at_once_and_its_ticket_soon(client: FlaskClient, world: World) -> None:
    world.redmine.down = True
    assert post(client, body(alert())).text == "disimpan\n"
    stored = world.store.submissions.by_number("UBH-2026-000001")
    assert stored is not None
    assert (stored.origin, stored.received) == ("pemantauan", world.clock())
    world.redmine.down = False
    world.work()
    (ticket,) = tickets(world)
    assert ticket.state is not None
    assert ticket.state.stay is not None
    assert (ticket.state.stay.step, ticket.state.origin) == ("pemastian", "pemantauan")
    assert ticket.subject == "Gangguan web: https://laman.contoh.id"
    assert ticket.description.startswith("Tiket UBH-2026-000001 dibuka oleh pemantauan.")
    assert ticket.fields["field:bunghatta/gangguan-web:uraian_gangguan_web"].startswith(
        "Laman tidak menjawab\n"
    )
    assert ticket.assignee is not None
    assert ticket.assignee.name == "staf-si"
    assert world.sent == []


def test_alerts_go_to_their_own_procedure(client: FlaskClient, world: World) -> None:
    network = alert(fingerprint="b", layanan="jaringan", lokasi="Gedung A", instance="10.0.0.1")
    report(client, world, alert(), network, alert(fingerprint="c", layanan="pendingin"))
    assert [each.procedure for each in tickets(world)] == [
        "bunghatta/gangguan-web",
        "bunghatta/gangguan-koneksi",
    ]
    assert tickets(world)[1].subject == "Gangguan koneksi: Gedung A 10.0.0.1"
    assert post(client, body(alert(layanan="pendingin"))).text == "diabaikan\n"


def test_where_the_alert_is_silent_its_labels_stand(client: FlaskClient, world: World) -> None:
    report(client, world, {**alert(), "annotations": {}})
    said = tickets(world)[0].fields["field:bunghatta/gangguan-web:uraian_gangguan_web"]
    assert said == "alertname: LamanMati, instance: https://laman.contoh.id, layanan: web"


def test_one_alert_is_one_ticket_however_often_it_is_sent(client: FlaskClient, world: World) -> None:
    for _ in range(4):
        report(client, world, alert())
    assert post(client, body(alert())).status_code == 202
    assert post(client, body(alert())).status_code == 202
    world.work()
    (ticket,) = tickets(world)
    assert notes(ticket) == []
    other = body(alert(), group='{}:{alertname="Lain"}')
    post(client, other)
    post(client, body(alert(fingerprint="lain")))
    world.work()
    assert len(tickets(world)) == 3


def test_the_ticket_is_told_once_that_the_alert_is_resolved_and_once_that_it_is_back(
    client: FlaskClient, world: World
) -> None:
    report(client, world, alert())
    report(client, world, alert("resolved"))
    report(client, world, alert("resolved"))
    (ticket,) = tickets(world)
    (note,) = notes(ticket)
    assert note.startswith("**Pemantauan melaporkan pulih** (Senin, 23 November 2026 pukul 09.01 WIB)")
    report(client, world, alert())
    report(client, world, alert())
    (ticket,) = tickets(world)
    assert notes(ticket)[1:] == [
        "**Pemantauan melaporkan gangguan ini muncul lagi** (Senin, 23 November 2026 pukul 09.03 WIB)."
    ]
    assert ticket.state is not None
    assert ticket.state.stay is not None
    assert ticket.state.stay.step == "pemastian"


def test_resolved_before_redmine_was_there(client: FlaskClient, world: World) -> None:
    post(client, body(alert()))
    world.clock.forward(minutes=1)
    post(client, body(alert("resolved")))
    world.work()
    (ticket,) = tickets(world)
    assert len(notes(ticket)) == 1


def test_a_resolved_alert_of_which_nothing_is_known_is_nothing(client: FlaskClient, world: World) -> None:
    report(client, world, alert("resolved"))
    assert tickets(world) == []


def end(world: World, number: str) -> None:
    world.move(number, "berfungsi")
    state = world.snapshot(number).state
    assert state is not None
    assert state.ended == "tidak-ada-gangguan"


def test_firing_after_the_ticket_ended_opens_the_next(client: FlaskClient, world: World) -> None:
    report(client, world, alert())
    end(world, "UBH-2026-000001")
    report(client, world, alert("resolved"))
    assert notes(tickets(world)[0]) == []
    report(client, world, alert(instance="https://laman.contoh.id/baru"))
    report(client, world, alert())
    first, second = tickets(world)
    assert second.state is not None
    assert second.state.number == "UBH-2026-000002"
    assert second.subject == "Gangguan web: https://laman.contoh.id/baru"
    assert notes(first) == notes(second) == []
    report(client, world, alert("resolved"))
    assert len(notes(tickets(world)[1])) == 1


def test_firing_after_the_issue_was_deleted_opens_the_next(client: FlaskClient, world: World) -> None:
    report(client, world, alert())
    world.redmine.issues.clear()
    report(client, world, alert())
    assert [each.state.number for each in tickets(world) if each.state] == ["UBH-2026-000002"]


def test_a_crash_at_any_point_makes_neither_two_tickets_nor_two_notes(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise TransientError("mati")

    with monkeypatch.context() as patch:
        patch.setattr(world.store.alerts, "opened", crash)
        assert post(client, body(alert())).status_code == 503
    report(client, world, alert())
    assert post(client, body(alert("resolved"))).status_code == 202
    (key,) = [each.partition(":")[2] for each in world.store.jobs if each.startswith("alert:")]
    with monkeypatch.context() as patch:
        patch.setattr(world.store.alerts, "told", crash)
        with pytest.raises(TransientError):
            world.monitoring.settle(key)
    world.work()
    (ticket,) = tickets(world)
    assert len(notes(ticket)) == 1


def test_staff_may_go_on_as_with_any_ticket(client: FlaskClient, world: World) -> None:
    report(client, world, alert())
    world.walk("UBH-2026-000001", "selesai")
    assert tickets(world)[0].status == status_key("Selesai")
