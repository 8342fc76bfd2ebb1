"""Redmine is down, and fifty people ask for something: each gets a number at once; nothing is lost or doubled."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from connector.bootstrap import rulebook
from connector.sop.model import FieldType
from devtools.mail import text_of
from devtools.people import RefusedByRedmine, wait_until
from devtools.requester import SECONDS, Requester
from devtools.walk import PDF, example
from tests.live.service import TODAY, Service

pytestmark = pytest.mark.live

MANY = 50
AT_ONCE = 5
#: Jobs that failed while Redmine was away wait twice as long each time; after a short outage at most about a minute.
SECONDS_TO_RECOVER = 240


@dataclass(frozen=True)
class Sent:
    """One request as its requester remembers it."""

    number: str
    link: str
    address: str
    digests: tuple[str, ...]
    before: dt.datetime
    after: dt.datetime


@pytest.fixture
def running(service: Service) -> Iterator[Service]:
    """The connector as a process that has talked to Redmine once."""
    with service.stack.connector.running():
        url = f"{service.stack.connector.url}/layanan/{service.key}"
        wait_until("forms are open", lambda: Requester().open(url).status_code == 200)
        yield service


def test_fifty_requests_with_files_while_redmine_is_down(running: Service) -> None:
    stack = running.stack
    known = _issues(running)
    stack.redmine.stop()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sent = list(pool.map(lambda nth: _ask(running, nth), range(MANY)))
        assert len({each.number for each in sent}) == MANY
        _can_be_followed(sent[0])
        wait_until("all receipts are mailed", lambda: all(_receipts(running, each) for each in sent))
    finally:
        stack.redmine.start()
    found: dict[str, dict[str, Any]] = {}
    wait_until("all have an issue", lambda: _found(running, sent, found), seconds=SECONDS_TO_RECOVER)
    assert len(_issues(running) - known) == MANY
    assert len({each["issue"]["id"] for each in found.values()}) == MANY
    for each in sent:
        _is_whole(running, each, found[each.number])


def _ask(service: Service, nth: int) -> Sent:
    """Fill in and send the form; every fifth one is impatient and sends it twice at once."""
    requester, url = Requester(), f"{service.stack.connector.url}/layanan/{service.key}"
    form = next(each for each in requester.forms(requester.open(url)) if "nonce" in each.hidden)
    procedure = service.procedure
    asked = [each for each in procedure.fields if procedure.form and each.id in procedure.form.fields]
    values = {each.id: example(each, TODAY) for each in asked if each.type is not FieldType.FILE}
    values |= {"email_pemohon": f"mati{nth}@contoh.id", "uraian": f"Permohonan ke-{nth} selama Redmine mati."}
    papers = [PDF + f"% bukti {part} dari {nth}\n".encode() for part in (1, 2)]
    files = [
        ("bukti_pendukung", (f"bukti-{nth}-{part}.pdf", body, "application/pdf"))
        for part, body in enumerate(papers, 1)
    ]

    def send(_: int) -> str:
        answer = requester.session.post(
            url, data={**form.hidden, **values}, files=files, timeout=SECONDS, allow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    before = dt.datetime.now(dt.UTC)
    times = 2 if nth % 5 == 0 else 1
    with ThreadPoolExecutor(times) as pool:
        (location,) = set(pool.map(send, range(times)))
    after = dt.datetime.now(dt.UTC)
    number = location.removeprefix("/lacak/").partition("?")[0]
    digests = tuple(hashlib.sha256(body).hexdigest() for body in papers)
    link = f"{service.stack.connector.url}{location}"
    return Sent(number, link, values["email_pemohon"], digests, before, after)


def _can_be_followed(sent: Sent) -> None:
    """His page is there although Redmine is not."""
    page = Requester().open(sent.link)
    assert page.status_code == 200
    assert sent.number in page.text


def _receipts(service: Service, sent: Sent) -> list[str]:
    mails = service.mails(sent.address, sent.number)
    return [text for text in map(text_of, mails) if f"/lacak/{sent.number}?t=" in text]


def _issues(service: Service) -> set[int]:
    """Every issue of the project, closed ones too."""
    organization = service.stack.catalogue.organization(service.procedure.profile)
    assert organization is not None
    found: set[int] = set()
    path = f"/issues.json?project_id={organization.project.identifier}&status_id=*&limit=100"
    while True:
        page = service.stack.admin.get(f"{path}&offset={len(found)}")
        found |= {each["id"] for each in page["issues"]}
        if len(found) >= page["total_count"]:
            return found


def _found(service: Service, sent: list[Sent], found: dict[str, dict[str, Any]]) -> bool:
    for each in sent:
        if each.number not in found:
            try:
                found[each.number] = service.stack.admin.get(f"/sop/tickets/{each.number}.json")
            except RefusedByRedmine:
                return False
    return True


def _is_whole(service: Service, sent: Sent, read: dict[str, Any]) -> None:
    """Both files, one receipt, and a clock that began when the request was sent, not when Redmine came back."""
    files = Counter(file["digest"] for file in (*read["files"], *read["attachments"]))
    assert {digest: files[digest] for digest in sent.digests} == dict.fromkeys(sent.digests, 1)
    assert set(files.values()) == {1}
    assert len(_receipts(service, sent)) == 1
    state = read["state"]["data"]
    received = dt.datetime.fromisoformat(state["received"])
    assert sent.before <= received <= sent.after
    stay, step = state["stays"][0], service.procedure.first_step
    assert dt.datetime.fromisoformat(stay["entered"]) == received
    assert step.limit is not None
    calendar = rulebook(service.stack.catalogue)[service.key].calendar
    assert dt.datetime.fromisoformat(stay["due"]) == calendar.due(received, step.limit)
