"""Ways into a real Redmine other than the form: an alert of the monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connector.sop.model import Procedure
from devtools.people import Api, Desk, procedure_of, wait_until
from devtools.stack import Stack
from tests.live.service import Service

pytestmark = pytest.mark.live

TOKEN = "token-pemantauan-untuk-pengujian-0123456789"
WEB = "https://pemantauan.contoh.id"


@pytest.fixture
def stack(service: Service) -> Iterator[Stack]:
    service.stack.connector.start(SOP_ALERT_TOKEN=TOKEN)
    yield service.stack
    service.stack.connector.stop()


def desk_of(stack: Stack, procedure: Procedure, role: str) -> Desk:
    return Desk(Api(stack.redmine.url, stack.people["bunghatta"][role][0].api_key), procedure, stack.keys)


def issues(stack: Stack, procedure: Procedure) -> list[dict[str, Any]]:
    tracker = stack.keys[procedure.tracker_key]
    found: list[dict[str, Any]] = stack.admin.get(
        "/issues.json", tracker_id=tracker, status_id="*", sort="id"
    )["issues"]
    return found


# monitoring ---------------------------------------------------------------------------------------------------


def alert(stack: Stack, status: str, token: str = TOKEN) -> int:
    sent = {
        "status": status,
        "labels": {"alertname": "LamanMati", "layanan": "web", "instance": WEB},
        "annotations": {"summary": "Laman tidak menjawab."},
        "startsAt": "2026-11-23T02:00:00.000Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "1a30ba71cca2921f",
    }
    body = {"version": "4", "groupKey": '{}:{alertname="LamanMati"}', "status": status, "alerts": [sent]}
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{stack.connector.url}/webhooks/alert", json=body, headers=headers, timeout=30)
    return answer.status_code


def test_an_alert_opens_its_ticket_and_the_next_one_after_it_has_ended(stack: Stack) -> None:
    procedure = procedure_of(stack.catalogue, "bunghatta/gangguan-web")
    desk = desk_of(stack, procedure, "staf-si")

    def mine() -> list[dict[str, Any]]:
        return [each for each in issues(stack, procedure) if WEB in each["subject"]]

    assert alert(stack, "firing", token="salah") == 401
    assert {alert(stack, "firing") for _ in range(3)} == {202}
    wait_until("the ticket is there", lambda: len(mine()) == 1)
    (first,) = mine()
    assert first["status"]["name"] == "Pemastian gangguan"
    assert first["assigned_to"]["name"] == "Staf SI UBH"
    assert desk.value(first["id"], "alamat_layanan_web") == WEB
    assert desk.value(first["id"], "field:sop:nomor_tiket").startswith("UBH-")
    person = stack.people["bunghatta"]["staf-si"][0]
    stack.mail.wait_for(person.mail, lambda mail: f"#{first['id']}]" in str(mail["Subject"]))

    assert alert(stack, "resolved") == 202

    def notes() -> list[str]:
        return [each["notes"] for each in desk.api.issue(first["id"])["journals"]]

    wait_until("the ticket is told", lambda: any("melaporkan pulih" in note for note in notes()))

    desk.edit(first["id"], status="Tidak Ada Gangguan", fields={"hasil_akses": "Laman terbuka."})
    wait_until("the end is known", lambda: ended(stack, first["id"]) == "tidak-ada-gangguan")
    assert alert(stack, "firing") == 202
    wait_until("the next ticket is there", lambda: len(mine()) == 2)


def ended(stack: Stack, issue: int) -> str | None:
    found: str | None = stack.admin.get(f"/sop/issues/{issue}.json")["state"]["data"].get("ended")
    return found
