"""`/layanan`: the list, the form, and what is stored when it is sent."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.app import largest_form
from connector.errors import TransientError
from devtools.walk import PDF
from tests.holding import content
from tests.world import World, csrf, nonce

FORM = "/layanan/unj/permohonan-layanan-teknis"
MULTIPART = "multipart/form-data; boundary=batas"
ANSWERS = {
    "nama_pemohon": "Sari <b>Melati</b>",
    "status_pemohon": "Dosen",
    "identitas": "1301619001",
    "unit_pemohon": "Prodi Pendidikan Teknik Informatika",
    "email_pemohon": "sari@kampus.contoh.id",
    "telepon_pemohon": "0812 0000 1234",
    "jenis_layanan": "Jaringan dan Wi-Fi",
    "uraian": 'Wi-Fi putus & "lambat" <script>alert(1)</script>',
    "persetujuan_data": "1",
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


def send(client: FlaskClient, page: str | None = None, **changed: Any) -> TestResponse:
    page = page or client.get(FORM).text
    files = {"bukti_pendukung": (io.BytesIO(PDF), "bukti.pdf")}
    given = {**ANSWERS, **files, "csrf_token": csrf(page), "nonce": nonce(page), **changed}
    return client.post(FORM, data={name: value for name, value in given.items() if value is not None})


def test_the_list_leads_to_the_form(client: FlaskClient) -> None:
    page = client.get("/layanan")
    assert page.status_code == 200
    assert f'href="{FORM}"' in page.text
    assert client.get("/").headers["Location"] == "/layanan"


def test_the_form_asks_for_every_field_of_the_mapping(client: FlaskClient, world: World) -> None:
    page = client.get(FORM).text
    form = world.procedure.form
    assert form is not None
    for name in form.fields:
        assert f'name="{name}"' in page
    # the steps that follow are said beforehand
    assert "Verifikasi identitas" in page


def test_what_is_sent_is_stored_and_has_a_number_at_once(client: FlaskClient, world: World) -> None:
    answer = send(client)
    assert answer.status_code == 303
    number = "UNJ-2026-000001"
    assert answer.headers["Location"].startswith(f"/lacak/{number}?t=")
    stored = world.store.submissions.by_number(number)
    assert stored is not None
    assert stored.fields["uraian"] == ANSWERS["uraian"]
    assert content(world.store, stored.files[0].ref) == PDF
    assert world.redmine.read_ticket(number) is None


def test_redmine_away_does_not_keep_anybody_from_sending(client: FlaskClient, world: World) -> None:
    world.redmine.down = True
    answer = send(client)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"], follow_redirects=True)
    assert page.status_code == 200
    assert "UNJ-2026-000001" in page.text


def test_the_same_form_sent_twice_is_one_request(client: FlaskClient) -> None:
    page = client.get(FORM).text
    first, second = send(client, page), send(client, page)
    assert first.headers["Location"] == second.headers["Location"]


def test_two_forms_are_two_requests(client: FlaskClient) -> None:
    assert send(client).headers["Location"] != send(client, uraian="Lain lagi.").headers["Location"]


def test_going_back_and_sending_the_same_again_is_one_request(client: FlaskClient, world: World) -> None:
    first, second = send(client), send(client)
    assert first.headers["Location"] == second.headers["Location"]
    world.clock.forward(minutes=31)
    assert send(client).headers["Location"] != first.headers["Location"]


def test_the_same_from_another_browser_is_another_request(client: FlaskClient, world: World) -> None:
    other = client.application.test_client()
    assert send(client).headers["Location"] != send(other).headers["Location"]


def test_errors_stand_beside_the_question_and_nothing_is_lost(client: FlaskClient, world: World) -> None:
    answer = send(client, email_pemohon="sari@", persetujuan_data=None)
    assert answer.status_code == 422
    assert "Ada 2 isian yang perlu diperbaiki" in answer.text
    assert 'href="#f-email_pemohon"' in answer.text
    assert re.search(r'id="f-email_pemohon"[^>]*aria-invalid="true"', answer.text)
    assert 'value="sari@"' in answer.text
    assert world.store.submissions.by_number("UNJ-2026-000001") is None


def test_what_somebody_typed_is_never_markup(client: FlaskClient) -> None:
    page = send(client, email_pemohon="")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert 'value="Sari &lt;b&gt;Melati&lt;/b&gt;"' in page.text


def test_a_file_of_the_wrong_kind(client: FlaskClient) -> None:
    answer = send(client, bukti_pendukung=(io.BytesIO(b"MZ"), "program.exe"))
    assert answer.status_code == 422
    assert "Jenis berkas ini tidak diterima" in answer.text


def test_a_form_without_its_secret_is_refused(client: FlaskClient, world: World) -> None:
    answer = send(client, csrf_token="salah")
    assert answer.status_code == 400
    assert "muat ulang halamannya" in answer.text
    assert world.store.submissions.by_number("UNJ-2026-000001") is None


def test_a_form_without_its_key_is_asked_again(client: FlaskClient, world: World) -> None:
    assert send(client, nonce="").status_code == 422
    assert world.store.submissions.by_number("UNJ-2026-000001") is None


def test_the_whole_is_too_large(client: FlaskClient, world: World) -> None:
    body = bytes(largest_form(world.services) + 1)
    answer = client.post(
        FORM, input_stream=io.BytesIO(body), content_length=len(body), content_type=MULTIPART
    )
    assert answer.status_code == 413
    assert "kecilkan berkasnya" in answer.text


def test_a_database_that_does_not_answer_is_said(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise TransientError("basis data terkunci")

    page = client.get(FORM).text
    monkeypatch.setattr(world.store.submissions, "submit", fail)
    answer = send(client, page)
    assert answer.status_code == 503
    assert "belum tersimpan" in answer.text


def test_nothing_typed_is_lost_when_the_database_does_not_answer_at_all(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TransientError("basis data terkunci")

    page = client.get(FORM).text
    monkeypatch.setattr(world.store.files, "hold", fail)
    answer = send(client, page)
    assert answer.status_code == 503
    assert "belum tersimpan" in answer.text
    assert 'value="sari@kampus.contoh.id"' in answer.text


def test_before_the_numbers_are_known_no_form_is_given(world: World) -> None:
    answer = World(ready=False).app().test_client().get(FORM)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("path", ["/layanan/unj/tidak-ada", "/layanan/lain/permohonan-layanan-teknis"])
def test_an_unknown_service(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Daftar layanan" in answer.text


def test_the_organizations_colours(client: FlaskClient) -> None:
    style = client.get("/layanan/unj/gaya.css")
    assert style.mimetype == "text/css"
    assert "--brand:#00553f;" in style.text
    assert client.get("/layanan/lain/gaya.css").status_code == 404


def test_nothing_personal_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    send(client)
    assert "UNJ-2026-000001" in caplog.text
    for secret in ("Sari", "sari@", "1301619001", "t="):
        assert secret not in caplog.text


def test_a_program_that_fills_in_everything_is_asked_again(client: FlaskClient, world: World) -> None:
    answer = send(client, situs_web="https://spam.contoh")
    assert answer.status_code == 422
    assert "diisi oleh program" in answer.text
    assert world.store.submissions.by_number("UNJ-2026-000001") is None
    assert "spam.contoh" not in answer.text
    assert send(client, answer.text).status_code == 303
