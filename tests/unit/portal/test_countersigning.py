"""A requester signs with a code: only he, only what lies before him, once, and the documents carry it."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.engine.state import Countersigned, TicketState
from devtools.walk import PDF
from tests.fakes import FakeClock
from tests.unit.portal.test_tracking import part
from tests.world import World, csrf

ADDRESS = "sari.melati@kampus.contoh.id"
NAME = "Sari Melati, S.Kom."


@pytest.fixture
def world() -> World:
    return World(profile="jabar", key="jabar/service-desk")


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


@pytest.fixture
def number(world: World, client: FlaskClient) -> str:
    """A ticket whose documents wait for the requester's signature, its link opened."""
    made = world.submit(email_pemohon=ADDRESS)
    world.work()
    world.walk(made, "balasan-sla-ba")
    client.get(f"/lacak/{made}?t={world.token(made)}")
    return made


def state(world: World, number: str) -> TicketState:
    found = world.snapshot(number).state
    assert found is not None
    return found


def ask(client: FlaskClient, number: str, **given: Any) -> TestResponse:
    page = client.get(f"/lacak/{number}/tanda-tangan")
    assert page.status_code == 200
    form = {"nama_penanda_tangan": NAME, "setuju_tanda_tangan": "1", "csrf_token": csrf(page.text)} | given
    return client.post(f"/lacak/{number}/tanda-tangan", data=form)


def sign(client: FlaskClient, number: str, page: TestResponse, code: str = "", **given: str) -> TestResponse:
    form = {"kode": code, "csrf_token": csrf(page.text)} | given
    return client.post(f"/lacak/{number}/tanda-tangan/kode", data=form)


def codes(world: World) -> list[str]:
    world.work()
    mails = [mail for mail in world.mail_to(ADDRESS) if "menandatangani dokumen" in mail.subject]
    return [re.findall(r"^\d{6}$", mail.text, re.MULTILINE)[0] for mail in mails]


def test_a_requester_signs_with_his_name_his_consent_and_a_code(
    world: World, client: FlaskClient, number: str
) -> None:
    assert f"/lacak/{number}/tanda-tangan" in client.get(f"/lacak/{number}").text
    before = state(world, number)
    numbers = {each.field: each.number for each in before.documents}
    page = ask(client, number)
    assert page.status_code == 200
    assert "s***i@kampus.contoh.id" in page.text
    assert ADDRESS not in page.text
    (code,) = codes(world)
    at = world.clock()
    done = sign(client, number, page, f"{code[:3]} {code[3:]}")
    assert (done.status_code, done.headers["Location"]) == (303, f"/lacak/{number}?terkirim=1")
    # sent twice
    assert sign(client, number, page, code).headers["Location"] == f"/lacak/{number}?terkirim=1"
    world.work()
    after = state(world, number)
    assert after.stay is not None
    assert after.stay.step == "penutupan"
    assert after.countersigned == tuple(
        Countersigned(
            document=name,
            number=numbers[name],
            into=into,
            stay=before.position,
            name=NAME,
            address=ADDRESS,
            at=at,
        )
        for name, into in (("dokumen_sla", "balasan_sla"), ("dokumen_ba", "balasan_ba"))
    )
    for name, into in (("dokumen_sla", "balasan_sla"), ("dokumen_ba", "balasan_ba")):
        first, signed = [each for each in after.documents if each.field == name]
        assert first.replaced_by == signed.number
        row = world.store.register.by_code(signed.code)
        assert row is not None
        assert row.data is not None
        theirs = row.data["signers"][-1]
        assert theirs["name"] == NAME
        assert theirs["note"].startswith("Ditandatangani secara elektronik pada ")
        assert "s***i@kampus.contoh.id" in theirs["note"]
        assert signed.code in theirs["note"]
        assert ADDRESS not in str(row.data["signers"])
        field = world.procedure.field(into)
        assert field is not None
        assert world.snapshot(number).files[field.key].digest == signed.sha256
    assert client.get(f"/lacak/{number}/tanda-tangan").status_code == 303
    assert not any(NAME in each.notes or ADDRESS in each.notes for each in world.snapshot(number).journals)


def test_a_scan_is_as_good(world: World, client: FlaskClient, number: str) -> None:
    form = part(client.get(f"/lacak/{number}").text, "dibalas")
    nonce = re.search(r'name="nonce" value="([^"]+)"', form)
    assert nonce is not None
    data = {"csrf_token": csrf(form), "nonce": nonce[1], "tindakan": "dibalas"}
    data |= {name: (io.BytesIO(PDF), "pindai.pdf") for name in ("balasan_sla", "balasan_ba")}
    assert client.post(f"/lacak/{number}/tindakan", data=data).status_code == 303
    world.work()
    after = state(world, number)
    assert after.stay is not None
    assert (after.stay.step, after.countersigned) == ("penutupan", ())


@pytest.mark.parametrize("left_out", ["nama_penanda_tangan", "setuju_tanda_tangan"])
def test_no_code_is_sent_without_name_and_consent(
    world: World, client: FlaskClient, number: str, left_out: str
) -> None:
    answer = ask(client, number, **{left_out: ""})
    assert answer.status_code == 422
    assert f'id="t-{left_out}-galat"' in answer.text
    assert codes(world) == []


def test_a_code_is_right_for_a_while_and_a_few_tries_only(
    world: World, client: FlaskClient, number: str
) -> None:
    page = ask(client, number)
    (code,) = codes(world)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert sign(client, number, page, wrong).status_code == 422
    assert sign(client, number, page, code).status_code == 422
    again = sign(client, number, page, aksi="ulang")
    assert "Kode baru sudah dikirim" in again.text
    assert isinstance(world.clock, FakeClock)
    world.clock.forward(minutes=21)
    assert sign(client, number, page, codes(world)[1]).status_code == 422
    for _ in range(3):
        assert sign(client, number, page, aksi="ulang").status_code == 200
    assert sign(client, number, page, aksi="ulang").status_code == 429
    assert ask(client, number).status_code == 429
    assert len(codes(world)) == 5
    assert sign(client, number, page, codes(world)[0]).status_code == 422
    assert sign(client, number, page, codes(world)[4]).status_code == 303


def test_a_document_that_was_replaced_in_the_meantime_is_not_signed(
    world: World, client: FlaskClient, number: str
) -> None:
    page = ask(client, number)
    (code,) = codes(world)
    assert sign(client, number, page, code).status_code == 303
    # between his click and the worker's look the documents were issued anew
    issue = world.snapshot(number).issue
    ticket = world.redmine.issues[issue]
    old = ticket.state
    assert old is not None
    newer = tuple(each.model_copy(update={"number": f"{each.number}-2"}) for each in old.documents)
    world.redmine.issues[issue] = ticket.model_copy(
        update={"state": old.model_copy(update={"documents": newer})}
    )
    world.work()
    after = state(world, number)
    assert after.countersigned == ()
    assert after.stay is not None
    assert after.stay.step == "balasan-sla-ba"


def test_only_who_holds_the_link_comes_to_the_page(world: World, client: FlaskClient, number: str) -> None:
    page = ask(client, number)
    (code,) = codes(world)
    stranger = world.app().test_client()
    other = stranger.get("/layanan").text
    assert stranger.get(f"/lacak/{number}/tanda-tangan").status_code == 403
    token = {"csrf_token": csrf(client.get(f"/lacak/{number}").text)}
    assert stranger.post(f"/lacak/{number}/tanda-tangan", data=token).status_code in (400, 403)
    assert stranger.post(f"/lacak/{number}/tanda-tangan/kode", data={"kode": code}).status_code in (400, 403)
    assert other
    assert state(world, number).countersigned == ()
    assert page.headers["Cache-Control"] == "no-store"


def test_nothing_is_to_be_signed_before_its_time(world: World, client: FlaskClient) -> None:
    made = world.submit(email_pemohon=ADDRESS)
    world.work()
    client.get(f"/lacak/{made}?t={world.token(made)}")
    assert "tanda-tangan" not in client.get(f"/lacak/{made}").text
    answer = client.get(f"/lacak/{made}/tanda-tangan")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lacak/{made}")


def test_the_page_is_there_in_english(client: FlaskClient, number: str) -> None:
    assert "Sign the documents" in client.get(f"/lacak/{number}/tanda-tangan?lang=en").text
