"""Ways into a real Redmine other than the form: an alert of the monitoring, and an e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
import requests

from connector.sop.model import Procedure
from devtools.mail import text_of
from devtools.people import Api, Desk, procedure_of, wait_until
from devtools.requester import Requester
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


# e-mail -------------------------------------------------------------------------------------------------------

KEY = "kunci-penerima-surat"


@pytest.fixture
def inbox(stack: Stack) -> Stack:
    stack.redmine.runner(f"Setting.mail_handler_api_enabled = '1'; Setting.mail_handler_api_key = '{KEY}'")
    return stack


def mail(stack: Stack, sender: str, subject: str, **headers: str) -> int:
    """A mail as the mail server hands it to Redmine; the answer's status."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "pengaduan@contoh.id", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Sejak Senin tidak ada sambungan di lantai 2.\n")
    data = {
        "key": KEY,
        "email": message.as_string(),
        "issue[project]": "bunghatta-layanan-tik",
        "issue[tracker]": "Pengaduan TIK",
        "unknown_user": "accept",
        "no_permission_check": "1",
    }
    return requests.post(f"{stack.redmine.url}/mail_handler", data=data, timeout=30).status_code


def test_a_mail_becomes_a_ticket_and_its_sender_the_requester(inbox: Stack) -> None:
    procedure = procedure_of(inbox.catalogue, "bunghatta/pengaduan-tik")
    desk = desk_of(inbox, procedure, "operator")
    assert mail(inbox, "Budi Santoso <budi@luar.example>", "Wi-Fi mati") == 201
    welcome = inbox.mail.wait_for("budi@luar.example")
    assert welcome["Auto-Submitted"] == "auto-generated"
    (link,) = re.findall(r"http\S+/lacak/\S+", text_of(welcome))
    page = Requester().open(link)
    assert page.status_code == 200
    number = str(welcome["Subject"]).partition("]")[0].strip("[")
    assert number.startswith("UBH-")
    assert number in page.text
    assert "Kelengkapan permohonan sedang diperiksa" in page.text

    (issue,) = [each["id"] for each in issues(inbox, procedure) if each["subject"] == "Wi-Fi mati"]
    assert desk.value(issue, "email_pemohon") == "budi@luar.example"
    assert desk.value(issue, "nama_pemohon") == "Budi Santoso"
    assert desk.value(issue, "field:sop:nomor_tiket") == number
    assert desk.value(issue, "uraian_pengaduan_tik").startswith("Sejak Senin")
    read = desk.api.issue(issue)
    assert (read["author"]["name"], read["status"]["name"]) == ("Anonymous", "Permohonan Masuk")
    assert any("belum lengkap" in each["notes"] for each in read["journals"])

    desk.edit(issue, fields={"telepon_pemohon": "0812-0000-1234", "unit_kerja": "FTI"})
    wait_until("it goes on", lambda: desk.status(issue) == "Tindak lanjut pengaduan")
    before = len(issues(inbox, procedure))
    assert mail(inbox, "budi@luar.example", f"Re: {welcome['Subject']}") == 201
    notes = [each["notes"] for each in desk.api.issue(issue)["journals"]]
    assert notes[-1].startswith("budi@luar.example:")
    assert len(issues(inbox, procedure)) == before
    welcomes = [each for each in inbox.mail.to("budi@luar.example") if "kami terima" in str(each["Subject"])]
    assert len(welcomes) == 1


def test_an_automatic_mail_is_no_ticket(inbox: Stack) -> None:
    procedure = procedure_of(inbox.catalogue, "bunghatta/pengaduan-tik")
    before = len(issues(inbox, procedure))
    assert mail(inbox, "budi@luar.example", "Saya cuti", Auto_Submitted="auto-replied") == 422
    assert mail(inbox, "budi@luar.example", "Saya cuti", Precedence="bulk") == 422
    assert mail(inbox, "MAILER-DAEMON@luar.example", "Undelivered Mail") == 422
    assert len(issues(inbox, procedure)) == before
