"""What a requester and the head of his unit do on their pages, on a real Redmine: from a question to the survey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.app import create_app
from connector.bootstrap import Application
from connector.engine.snapshot import RequesterAction
from devtools.mail import text_of
from devtools.people import Api, Desk
from devtools.walk import Walker
from tests.live.service import Service
from tests.world import csrf, nonce

pytestmark = pytest.mark.live

#: Whom the shipped directory names for every unit, and so the demo's own head has.
HEAD = "pimpinan.unit@unj.invalid"
STEP = "verifikasi-pimpinan-unit"
ELEMENTS = (
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "pengaduan",
    "sarana",
)


@pytest.fixture(scope="module")
def data(service: Service) -> Service:
    return replace(service, key="unj/permintaan-data-insidental")


@pytest.fixture(scope="module")
def app(data: Service) -> Iterator[Application]:
    application = data.here()
    yield application
    application.store.close()


def act(client: FlaskClient, path: str, deed: str, **given: Any) -> TestResponse:
    """Fill in the form of one deed on a page, and send it."""
    text = client.get(path).text
    form = next(each for each in text.split("<form")[1:] if f'name="tindakan" value="{deed}"' in each)
    sent = {"csrf_token": csrf(form), "nonce": nonce(form), "tindakan": deed, **given}
    return client.post(f"{path}/tindakan", data=sent)


def in_mail(mail: EmailMessage, pattern: str) -> str:
    found = re.search(pattern, text_of(mail), re.MULTILINE)
    assert found is not None
    return found[0]


def stranger(data: Service, walker: Walker) -> Desk:
    """Another unit's head: an account with the role, and an address that is not this unit's."""
    body = {
        "login": "pimpinan-lain",
        "firstname": "Pimpinan",
        "lastname": "Lain",
        "mail": "pimpinan.lain@unj.contoh.id",
        "password": "pimpinan-lain-lokal",
    }
    admin = data.stack.admin
    made = admin.call("POST", "/users.json", {"user": body})["user"]
    group = data.stack.keys["group:unj:pimpinan-unit"]
    admin.call("POST", f"/groups/{group}/users.json", {"user_id": made["id"]})
    key = made.get("api_key") or admin.get(f"/users/{made['id']}.json")["user"]["api_key"]
    return Desk(Api(data.stack.redmine.url, key), walker.procedure, data.stack.keys)


def test_a_ticket_from_its_first_question_to_its_survey(data: Service, app: Application) -> None:
    web = create_app(app.web, limits=False)
    walker, address = data.ticket(app)
    number = str(data.state(walker.issue)["number"])
    mine, page = web.test_client(), f"/lacak/{number}"

    # by number and code
    token = csrf(mine.get("/lacak").text)
    given = {"csrf_token": token, "nomor": number, "email": address}
    mine.post("/lacak", data=given)
    data.drain(app)
    code = in_mail(data.mails(address, "kode Anda")[-1], r"^\d{6}\b")
    assert mine.post("/lacak/kode", data={**given, "kode": code}).status_code == 303

    # a question, an answer, and a note that stays inside
    assert act(mine, page, "message", pesan_pemohon="Kapan siap?").status_code == 303
    data.drain(app)
    assert any("> Kapan siap?" in note for note in data.notes(walker.issue))
    desk = data.desk(walker, "kepala-pustikom")
    desk.edit(walker.issue, notes="Tanyakan dahulu kepada kadiv.")
    desk.edit(walker.issue, notes="Kepada pemohon: Paling lambat Jumat.")
    data.look(app, walker.issue)
    seen = mine.get(page).text
    assert "Kapan siap?" in seen
    assert "Paling lambat Jumat." in seen
    assert "kadiv." not in seen
    assert "Paling lambat Jumat." in text_of(data.mails(address, "Jawaban untuk Anda")[-1])

    # the step of the unit's head: an account of another unit is put back, the link and its code are not
    data.advance(app, walker, STEP)
    other = stranger(data, walker)
    fields, _ = walker.wanted(data.step(STEP), "sesuai")
    other.edit(walker.issue, status="Pengarsipan", fields=fields)
    data.look(app, walker.issue)
    assert data.status(walker) == data.step(STEP).status
    assert any("Bukan pimpinan unit ini" in note for note in data.notes(walker.issue))
    link = in_mail(data.mails(HEAD, number)[-1], rf"/pimpinan/{number}\?t=\S+")
    head, place = web.test_client(), f"/pimpinan/{number}"
    assert head.get(link).status_code == 303
    asked = csrf(head.get(place).text)
    head.post(f"{place}/kode", data={"csrf_token": asked})
    data.drain(app)
    code = in_mail(data.mails(HEAD, "kode Anda")[-1], r"^\d{6}\b")
    assert head.post(f"{place}/masuk", data={"csrf_token": asked, "kode": code}).status_code == 303
    answer = act(
        head, place, "sesuai", verifikasi_pimpinan="Sesuai kebutuhan.", kepuasan_layanan="4 Sangat baik"
    )
    assert answer.status_code == 303
    data.drain(app)
    assert data.status(walker) == "Pengarsipan"
    stays = {each["step"]: each for each in data.state(walker.issue)["stays"]}
    assert stays[STEP]["role"] == "pimpinan-unit"
    assert any(f"({HEAD}) menjawab lewat portal" in note for note in data.notes(walker.issue))

    # what comes too late is told and kept
    data.advance(app, walker, "penyerahan")
    walker.leave(data.step("penyerahan"), "diserahkan")
    data.look(app, walker.issue)
    late = withdrawn_too_late(app, number)
    data.drain(app)
    assert data.status(walker) == "Selesai"
    assert "tidak dijalankan" in mine.get(page).text
    assert late in text_of(data.mails(address, "tidak dijalankan")[-1])
    assert any(late in note for note in data.notes(walker.issue))

    # and the survey, once
    marks = {f"u{n}_{name}": "3 Baik" for n, name in enumerate(ELEMENTS, 1)}
    assert act(mine, page, "survey", **marks, saran="Baik sekali.").status_code == 303
    data.drain(app)
    survey = data.state(walker.issue)["survey"]
    assert (set(survey["marks"].values()), survey["remark"]) == ({3}, "Baik sekali.")
    assert 'value="survey"' not in mine.get(page).text


def withdrawn_too_late(app: Application, number: str) -> str:
    """A withdrawal that was stored before the end and is read after it; its words."""
    words = "Sudah tidak perlu."
    action = RequesterAction(
        key="0b6a1d0c-6f8b-4a7e-9a3c-1f7f2b1c9d11",
        kind="withdraw",
        number=number,
        at=app.clock(),
        remark=words,
    )
    snapshot = app.redmine.read_ticket(number)
    assert snapshot is not None
    app.store.submissions.add_action(action, [], issue=snapshot.issue, now=app.clock())
    return words
