"""Forms that wait: files that need not be chosen twice, drafts under a mailed link, addresses proven by a code."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.engine.progress import Rules
from connector.portal import drafts
from connector.ports import OutgoingMail
from devtools.walk import PDF
from tests.holding import content
from tests.unit.portal.test_services import ANSWERS, FORM
from tests.world import PROCEDURE, World, csrf, nonce, rules_of_all

ADDRESS = ANSWERS["email_pemohon"]
NUMBER = "UNJ-2026-000001"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


def paper(name: str = "bukti.pdf", body: bytes = PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(body), name


def send(client: FlaskClient, page: str, path: str = FORM, **changed: Any) -> TestResponse:
    """What the page's form would send, with these answers changed; files only where they are named."""
    given = {**ANSWERS, "csrf_token": csrf(page), "nonce": nonce(page), **changed}
    return client.post(path, data={name: value for name, value in given.items() if value is not None})


def refs(page: str) -> list[str]:
    return re.findall(r'name="lepas" value="([^"]+)"', page)


# held files -----------------------------------------------------------------------------------------------------


def test_a_file_need_not_be_chosen_again_after_an_error(client: FlaskClient, world: World) -> None:
    wrong = send(client, client.get(FORM).text, email_pemohon="sari@", bukti_pendukung=paper())
    assert wrong.status_code == 422
    assert "bukti.pdf" in wrong.text
    assert len(refs(wrong.text)) == 1
    answer = send(client, wrong.text)
    assert answer.status_code == 303
    stored = world.store.submissions.by_number(NUMBER)
    assert stored is not None
    assert [(file.name, content(world.store, file.ref)) for file in stored.files] == [("bukti.pdf", PDF)]


def test_a_held_file_can_be_let_go(client: FlaskClient, world: World) -> None:
    wrong = send(client, client.get(FORM).text, email_pemohon="", bukti_pendukung=paper())
    again = send(client, wrong.text, lepas=refs(wrong.text))
    assert "Pilih berkasnya." in again.text
    assert refs(again.text) == []


def test_files_gather_over_several_tries_up_to_what_the_mapping_takes(
    client: FlaskClient, world: World
) -> None:
    page = client.get(FORM).text
    for position in range(3):
        two = [paper(f"{position}{each}.pdf", PDF + b"%d%d" % (position, each)) for each in range(2)]
        page = send(client, page, email_pemohon="", bukti_pendukung=two).text
    assert len(refs(page)) == 5
    assert "Paling banyak 5 berkas" in page
    assert send(client, page).status_code == 303
    stored = world.store.submissions.by_number(NUMBER)
    assert stored is not None
    assert [file.name for file in stored.files] == ["00.pdf", "01.pdf", "10.pdf", "11.pdf", "20.pdf"]
    world.work()
    snapshot = world.snapshot(NUMBER)
    field = world.procedure.field("bukti_pendukung")
    assert field is not None
    # Redmine's field holds one; the others are beside it
    assert snapshot.files[field.key].name == "00.pdf"
    assert [file.name for file in snapshot.attachments] == ["01.pdf", "10.pdf", "11.pdf", "20.pdf"]


def test_another_form_does_not_see_them(client: FlaskClient) -> None:
    send(client, client.get(FORM).text, email_pemohon="", bukti_pendukung=paper())
    assert refs(client.get(FORM).text) == []
    made_up = client.get(FORM).text.replace(nonce(client.get(FORM).text), "bukan-uuid")
    answer = send(client, made_up, nonce="bukan-uuid", bukti_pendukung=paper())
    assert answer.status_code == 422


def test_a_form_whose_session_is_over_keeps_its_answers(client: FlaskClient) -> None:
    page = client.get(FORM).text
    client.delete_cookie("sesi")
    answer = send(client, page)
    assert answer.status_code == 400
    assert "Sesi Anda berakhir" in answer.text
    assert f'value="{ADDRESS}"' in answer.text
    assert send(client, answer.text, bukti_pendukung=paper()).status_code == 303


# drafts ---------------------------------------------------------------------------------------------------------


def save(client: FlaskClient, page: str | None = None, **changed: Any) -> TestResponse:
    return send(client, page or client.get(FORM).text, aksi="draf", **changed)


def link(world: World, address: str = ADDRESS) -> str:
    world.work()
    found = re.search(r"http://127.0.0.1:8000(/layanan/\S+/draf\?t=\S+)", world.mail_to(address)[-1].text)
    assert found is not None
    return found[1]


def test_a_draft_is_mailed_and_goes_on_in_another_browser(client: FlaskClient, world: World) -> None:
    saved = save(
        client, uraian="Baru separuh", identitas="12", persetujuan_data=None, bukti_pendukung=paper()
    )
    assert saved.status_code == 200
    assert "Draf tersimpan." in saved.text
    assert "perlu diperbaiki" not in saved.text
    other = client.application.test_client()
    address = link(world)
    opened = other.get(address)
    assert opened.status_code == 303
    assert opened.headers["Location"] == FORM
    cookie = opened.headers["Set-Cookie"]
    assert f"Path={FORM}" in cookie
    assert "HttpOnly" in cookie
    page = other.get(FORM)
    for kept in (
        "Baru separuh",
        'value="12"',
        "bukti.pdf",
        "Ini draf Anda, tersimpan sampai Senin, 7 Desember 2026",
    ):
        assert kept in page.text
    answer = send(other, page.text)
    assert answer.headers["Location"].startswith(f"/lacak/{NUMBER}?t=")
    assert "draf=;" in answer.headers["Set-Cookie"]
    stored = world.store.submissions.by_number(NUMBER)
    assert stored is not None
    assert [file.name for file in stored.files] == ["bukti.pdf"]
    # nothing is left of it
    gone = other.get(address)
    assert gone.status_code == 404
    assert "Draf tidak ada lagi" in gone.text
    assert world.store.drafts.draft(nonce(page.text), now=world.clock()) is None


def test_a_draft_is_no_request(client: FlaskClient, world: World) -> None:
    save(client)
    world.work()
    assert world.store.submissions.by_number(NUMBER) is None
    assert world.redmine.issues == {}


def test_a_draft_needs_an_address(client: FlaskClient, world: World) -> None:
    answer = save(client, email_pemohon="sari@", uraian="Baru separuh")
    assert answer.status_code == 422
    assert "tautan drafnya dikirim ke sana" in answer.text
    assert "Baru separuh" in answer.text
    world.work()
    assert world.sent == []


def test_its_link_is_mailed_once_an_hour_and_stays_the_same(client: FlaskClient, world: World) -> None:
    page = save(client).text
    first = link(world)
    save(client, page)
    world.work()
    assert len(world.mail_to(ADDRESS)) == 1
    world.clock.forward(hours=1)
    save(client, page)
    assert link(world) == first
    save(client, page, email_pemohon="lain@contoh.id")
    assert link(world, "lain@contoh.id") == first


def test_its_time_ends_and_all_goes(client: FlaskClient, world: World) -> None:
    save(client, bukti_pendukung=paper())
    address = link(world)
    world.clock.forward(days=14)
    assert client.get(address).status_code == 404
    world.store.drafts.expire(now=world.clock())
    assert world.store.files.held(nonce(client.get(FORM).text)) == ()


@pytest.mark.parametrize("token", ["", "salah", "a" * 5000])
def test_a_guessed_link_opens_nothing(client: FlaskClient, token: str) -> None:
    save(client)
    assert client.get(f"{FORM}/draf?t={token}").status_code == 404


def test_a_draft_opens_on_its_own_form_alone(client: FlaskClient, world: World) -> None:
    save(client)
    address = link(world).replace("permohonan-layanan-teknis", "pengaduan-masalah-si")
    assert client.get(address).status_code == 404


def test_an_empty_form_is_one_step_away(client: FlaskClient, world: World) -> None:
    save(client, uraian="Baru separuh")
    client.get(link(world))
    assert "Baru separuh" in client.get(FORM).text
    assert "Baru separuh" not in client.get(f"{FORM}?kosong=1").text
    client.set_cookie("draf", "palsu", path=FORM)
    assert "Baru separuh" not in client.get(FORM).text


# codes ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def proving(world: World, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The service asks for a proof of the address."""
    rules = rules_of_all("unj")[PROCEDURE]
    form = rules.procedure.form
    assert form is not None
    asked = rules.procedure.model_copy(update={"form": form.model_copy(update={"verify_email": True})})
    book = {**rules_of_all("unj"), PROCEDURE: Rules(asked, rules.organization, rules.calendar)}
    services = world.services
    monkeypatch.setattr(type(world), "services", property(lambda _: replace(services, rulebook=book)))
    return world.app().test_client()


def code_of(world: World) -> str:
    world.work()
    mails: list[OutgoingMail] = [mail for mail in world.mail_to(ADDRESS) if "kode" in mail.subject]
    return mails[-1].subject[:6]


def prove(client: FlaskClient, page: str, code: str = "", **more: str) -> TestResponse:
    data = {"csrf_token": csrf(page), "nonce": nonce(page), "kode": code, **more}
    return client.post(f"{FORM}/kode", data=data)


def test_a_code_proves_the_address_and_sends_the_request(proving: FlaskClient, world: World) -> None:
    page = send(proving, proving.get(FORM).text, bukti_pendukung=paper())
    assert page.status_code == 200
    assert ADDRESS in page.text
    assert world.store.submissions.by_number(NUMBER) is None
    code = code_of(world)
    assert re.fullmatch(r"\d{6}", code)
    world.clock.forward(minutes=5)
    answer = prove(proving, page.text, f"{code[:3]} {code[3:]}")
    assert answer.headers["Location"].startswith(f"/lacak/{NUMBER}?t=")
    stored = world.store.submissions.by_number(NUMBER)
    assert stored is not None
    assert stored.received == world.clock()
    assert [file.name for file in stored.files] == ["bukti.pdf"]
    assert stored.fields["telepon_pemohon"] == "+6281200001234"
    # once more: the same ticket
    assert prove(proving, page.text, code).headers["Location"] == answer.headers["Location"]


def test_a_wrong_code_sends_nothing_and_soon_none_is_right(proving: FlaskClient, world: World) -> None:
    page = send(proving, proving.get(FORM).text, bukti_pendukung=paper())
    code = code_of(world)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(drafts.TRIES):
        answer = prove(proving, page.text, wrong)
        assert answer.status_code == 422
        assert "Kode ini tidak berlaku" in answer.text
    assert prove(proving, page.text, code).status_code == 422
    again = prove(proving, page.text, aksi="ulang")
    assert "Kode baru sudah dikirim" in again.text
    assert prove(proving, again.text, code_of(world)).status_code == 303


def test_a_code_is_good_for_a_while_only(proving: FlaskClient, world: World) -> None:
    page = send(proving, proving.get(FORM).text, bukti_pendukung=paper())
    code = code_of(world)
    world.clock.forward(minutes=drafts.CODE_MINUTES)
    assert prove(proving, page.text, code).status_code == 422


def test_codes_are_not_sent_without_end(proving: FlaskClient, world: World) -> None:
    page = send(proving, proving.get(FORM).text, bukti_pendukung=paper())
    codes = [prove(proving, page.text, aksi="ulang").status_code for _ in range(drafts.CODES)]
    assert codes == [200] * (drafts.CODES - 1) + [429]
    world.work()
    assert len(world.mail_to(ADDRESS)) == drafts.CODES


def test_answers_can_be_changed_and_then_another_address_is_proven(
    proving: FlaskClient, world: World
) -> None:
    page = send(proving, proving.get(FORM).text, bukti_pendukung=paper())
    code = code_of(world)
    form = prove(proving, page.text, aksi="ubah")
    assert ANSWERS["unit_pemohon"] in form.text
    assert "bukti.pdf" in form.text
    changed = send(proving, form.text, email_pemohon="lain@contoh.id")
    assert "lain@contoh.id" in changed.text
    # the code of the first address proves nothing about the second
    assert prove(proving, changed.text, code).status_code == 422


def test_a_draft_saved_meanwhile_cannot_slip_in_unchecked(proving: FlaskClient, world: World) -> None:
    page = send(proving, proving.get(FORM).text, bukti_pendukung=paper())
    code = code_of(world)
    form = prove(proving, page.text, aksi="ubah")
    save(proving, form.text, identitas="bukan nomor")
    answer = prove(proving, page.text, code)
    assert answer.status_code == 422
    assert "Nomor ini belum benar" in answer.text
    assert world.store.submissions.by_number(NUMBER) is None


def test_without_a_waiting_form_there_is_nothing_to_prove(proving: FlaskClient) -> None:
    page = proving.get(FORM).text
    assert prove(proving, page, "123456").status_code == 404
    assert prove(proving, page, "123456", nonce="").status_code == 404
