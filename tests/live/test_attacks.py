"""A running service, attacked as anybody on the network could: it refuses, says nothing of others, and stays up."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any, cast

import pypdf
import pytest
import requests

from connector.sop.model import FieldType
from devtools.demo import issue_of, submit
from devtools.people import wait_until
from devtools.requester import Requester
from devtools.walk import PDF
from tests.live.service import Service

pytestmark = pytest.mark.live

#: Markup of pages, of Redmine's notes, of Jinja and of Typst. What is shown of it must be these signs, nothing else.
MARKUP = '<script src="//x.id"></script><img src=x onerror=alert(1)> "k":javascript:alert(1) [k](javascript:alert(1))'
PROGRAM = "{{ 7*7 }} {% raw %} #panic(1) !http://x.id/a.png! ![](http://x.id/a.png) ${7*7}"
HEADERS = "Baris\r\nBcc: korban@contoh.id\r\n\r\nisi"
ADDRESS = "penyerang@contoh.id"
#: What each name is kept as; None: refused.
NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\a.pdf": "a.pdf",
    '"; filename="b.html.pdf': "b.html.pdf",
    "c.pdf.exe": None,
    "d.pdf\u202efdp.exe": None,
    "e.php.pdf": "e.php.pdf",
    "<img src=x onerror=alert(1)>.pdf": "<img src=x onerror=alert(1)>.pdf",
}
POLYGLOTS = {
    "halaman.pdf": b"<html><script>alert(1)</script>%PDF-1.4",
    "program.png": b"MZ\x90\x00" + PDF,
    "arsip.pdf": b"PK\x03\x04" + b"\x00" * 40 + PDF,
    "gambar.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
}


@pytest.fixture(scope="module")
def running(service: Service) -> Iterator[Service]:
    """The connector as a process, ready for forms."""
    with service.stack.connector.running():
        url = f"{service.stack.connector.url}/layanan/{service.key}"
        wait_until("forms are open", lambda: Requester().open(url).status_code == 200)
        yield service


class Live(HTMLParser):
    """What a browser would run or load of a page that somebody's words could have put there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            text = (value or "").strip().casefold()
            if name.startswith("on") and "alert" in text:
                self.found.append(f"{tag} {name}")
            loads = name in ("src", "action", "data", "srcset") or (tag == "link" and name == "href")
            if (loads and "x.id" in text) or text.startswith(("javascript:alert", "data:text")):
                self.found.append(f"{tag} {name}={text}")


def runs(page: str) -> list[str]:
    """What of it would run or be loaded."""
    return Live(page).found


def in_redmine(service: Service, path: str) -> str:
    """A page as the administrator's browser gets it."""
    url, admin = service.stack.redmine.url, service.stack.redmine.admin
    session = requests.Session()
    login = session.get(f"{url}/login", timeout=60).text
    found = re.search(r'name="authenticity_token" value="([^"]+)"', login)
    assert found is not None
    form = {
        "authenticity_token": unescape(found[1]),
        "username": admin["login"],
        "password": admin["password"],
    }
    assert session.post(f"{url}/login", data=form, timeout=60).ok
    page = session.get(f"{url}{path}", timeout=60)
    assert page.status_code == 200
    return page.text


def test_whatever_is_written_stays_text(running: Service) -> None:
    """In the portal, the mails, Redmine's page with its notes, and the documents."""
    stack, procedure = running.stack, running.procedure
    written = {
        field.id: (MARKUP + PROGRAM + (HEADERS if field.type is FieldType.TEXT else ""))[
            : field.max_length or 500
        ]
        for field in procedure.fields
        if procedure.form
        and field.id in procedure.form.fields
        and field.type in (FieldType.TEXT, FieldType.PARAGRAPH)
    }
    assert {"nama_pemohon", "uraian"} <= set(written)
    requester = Requester()
    answers: dict[str, Any] = {**written, "email_pemohon": ADDRESS}
    link, number = submit(stack, procedure, requester, **answers)
    walker = running.walker(issue_of(stack, number))
    walker.wait_for(procedure.first_step.status or "")
    wait_until("documents", lambda: len(running.state(walker.issue).get("documents", ())) > 1)
    page = requester.open(link)
    assert page.status_code == 200
    requester.send(page, {"tindakan": "withdraw", "yakin_ditarik": "1", "pesan_pemohon": MARKUP + PROGRAM})
    wait_until("withdrawn", lambda: running.state(walker.issue).get("ended") is not None)

    assert runs(requester.open(link).text) == []
    issue = in_redmine(running, f"/issues/{walker.issue}")
    assert "alert(1)" in issue
    assert runs(issue) == []
    listed = in_redmine(running, f"/projects/{stack.admin.issue(walker.issue)['project']['id']}/issues")
    assert runs(listed) == []
    subject = stack.admin.issue(walker.issue)["subject"]
    assert "\n" not in subject
    assert "{{ 7*7 }}" in "".join(running.notes(walker.issue))
    mails = stack.mail.to(ADDRESS)
    assert len(mails) > 1
    assert stack.mail.to("korban@contoh.id") == []
    for mail in mails:
        assert [mail["To"], mail["Bcc"], mail["Cc"]] == [ADDRESS, None, None]
        body = mail.get_body(("html",))
        assert body is not None
        assert runs(body.get_content()) == []
    read = stack.admin.get(f"/sop/issues/{walker.issue}.json")
    issued = {each["sha256"] for each in read["state"]["data"]["documents"]}
    shown = [_shows_all(running, each["id"]) for each in read["files"] if each["digest"] in issued]
    assert any(shown), "the filled in form at least"


def _shows_all(service: Service, attachment: int) -> bool:
    """No program and no link of theirs; whether it shows what they wrote."""
    reader = pypdf.PdfReader(io.BytesIO(service.stack.admin.download(attachment)))
    assert "/JavaScript" not in str(cast("Any", reader.trailer["/Root"]).get("/Names", ""))
    notes = [
        cast("Any", note.get_object())
        for page in reader.pages
        for note in cast("Any", page.get("/Annots", ()))
    ]
    links = [str(note.get("/A", {}).get("/URI", "")) for note in notes]
    assert not [each for each in links if "x.id" in each or each.startswith("javascript")]
    shown = "".join("".join(page.extract_text().split()) for page in reader.pages)
    return "<imgsrc=xonerror=alert(1)>" in shown and "{{7*7}}" in shown


def test_files_are_what_they_say_and_names_are_no_paths(running: Service) -> None:
    url = f"{running.stack.connector.url}/layanan/{running.key}"
    for name, kept in NAMES.items():
        answer = _sent(url, name, PDF)
        assert (kept is None) == ("tidak diterima. Yang diterima:" in answer.text), name
        assert runs(answer.text) == []
        assert "/etc/" not in answer.text
    for name, content in POLYGLOTS.items():
        text = _sent(url, name, content).text
        assert "Isi berkas tidak sesuai" in text or "tidak diterima. Yang diterima:" in text, name
    assert (
        "besar.pdf: Berkas terlalu besar: paling besar 5 MB."
        in _sent(url, "besar.pdf", PDF + b"x" * (6 * 1024 * 1024)).text
    )
    huge = requests.post(url, data=b"x" * 1024, headers={"Content-Length": str(10**11)}, timeout=60)
    assert huge.status_code in (400, 413)


def _sent(url: str, name: str, content: bytes) -> requests.Response:
    """The form with nothing but one file: it comes back with what is wrong with each answer."""
    requester = Requester()
    page = requester.open(url)
    return requester.send(page, {}, {"bukti_pendukung": (name, content, "application/pdf")})


def test_forged_and_swapped(running: Service) -> None:
    """Another's link, another's cookie, a form from another site."""
    url = running.stack.connector.url
    mine, other = Requester(), Requester()
    link, number = submit(running.stack, running.procedure, mine, email_pemohon="satu@contoh.id")
    _, second = submit(running.stack, running.procedure, other, email_pemohon="dua@contoh.id")
    token = link.partition("t=")[2]
    assert mine.open(f"{url}/lacak/{second}?t={token}").status_code == 403
    assert mine.open(f"{url}/lacak/{second}").status_code == 403
    stolen = requests.get(f"{url}/lacak/{second}", cookies=mine.session.cookies.get_dict(), timeout=60)
    unknown = requests.get(f"{url}/lacak/UNJ-2026-999999", timeout=60)
    assert (stolen.status_code, stolen.text) == (403, unknown.text)
    page = mine.open(link)
    nonce = "6f1f0b1e-8f3e-4f5e-9d1a-0a4e3a0f8d11"
    for forged in ({}, {"csrf_token": "x"}, {"csrf_token": _token(other, url, running.key)}):
        answer = mine.session.post(
            f"{url}/lacak/{number}/tindakan",
            data={
                "tindakan": "withdraw",
                "yakin_ditarik": "1",
                "nonce": nonce,
                **forged,
            },
            headers={"Origin": "https://jahat.contoh"},
            timeout=60,
        )
        assert answer.status_code == 400
    assert (
        "ditarik"
        not in mine.open(page.url).text.casefold().partition("<main")[2].partition("tarik permohonan")[0]
    )


def _token(requester: Requester, url: str, key: str) -> str:
    forms = requester.forms(requester.open(f"{url}/layanan/{key}"))
    return next(each.hidden["csrf_token"] for each in forms if "csrf_token" in each.hidden)


def test_a_thousand_requests_are_refused_and_the_service_stays_up(running: Service) -> None:
    url, log = running.stack.connector.url, running.stack.connector.log
    requester = Requester()
    secret = _token(requester, url, running.key)
    before = log.stat().st_size
    answers: dict[int, int] = {}
    began = time.monotonic()
    for i in range(1000):
        form = {"csrf_token": secret, "nomor": f"UNJ-2026-{i:06}", "email": "korban@contoh.id"}
        got = requester.session.post(f"{url}/lacak", data=form, timeout=60).status_code
        answers[got] = answers.get(got, 0) + 1
    assert set(answers) <= {200, 429}
    assert answers[429] >= 900
    for _ in range(100):
        requester.session.get(f"{url}/lacak/UNJ-2026-000001?t=salah", timeout=60)
    assert requester.open(f"{url}/lacak/UNJ-2026-000001?t=salah").status_code == 429
    assert requests.get(f"{url}/healthz", timeout=5).status_code == 200
    assert requests.get(f"{url}/layanan", timeout=5).status_code == 200
    assert time.monotonic() - began < 300
    said = log.read_bytes()[before:].decode()
    assert "korban" not in said
    assert "salah" not in said
    assert "127.0.0.1" not in said
    assert running.stack.mail.to("korban@contoh.id") == []
