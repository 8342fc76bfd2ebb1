"""`/pimpinan`: the head of a unit decides by his own link and a code, and nobody else does in his place."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.portal.tokens import head_token
from connector.ports import IssueChange, Member
from connector.sop.keys import status_key
from connector.sop.model import WorkUnit
from tests.world import SECRET, World, csrf, nonce

DEAN, OTHER_DEAN, REQUESTER = "dekan.ft@unj.contoh.id", "dekan.fmipa@unj.contoh.id", "sari@kampus.contoh.id"
UNITS = (
    WorkUnit(name="Fakultas Teknik", also=("FT",), heads=(DEAN,)),
    WorkUnit(name="Fakultas MIPA", heads=(OTHER_DEAN,)),
)


def with_units(world: World, *units: WorkUnit) -> World:
    """The directory as an administrator would write it."""
    for key, rules in world.rules.items():
        organization = rules.organization.model_copy(update={"units": units})
        world.rules[key] = replace(rules, organization=organization)
    return world


@pytest.fixture
def world() -> World:
    return with_units(World(key="unj/pengaduan-masalah-si"), *UNITS)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


@pytest.fixture
def number(world: World) -> str:
    """A complaint of the Fakultas Teknik that waits for its head."""
    made = world.submit(unit_pemohon="  fakultas  teknik ", email_pemohon=REQUESTER)
    world.work()
    world.walk(made, "penerimaan")
    return made


def link(number: str, address: str) -> str:
    return f"/pimpinan/{number}?t={head_token(SECRET.encode(), number, address)}"


def code_in(world: World) -> str:
    world.work()
    found = re.search(r"^\d{6}$", world.sent[-1].text, re.MULTILINE)
    assert found is not None
    return found[0]


def prove(client: FlaskClient, number: str, code: str) -> TestResponse:
    token = csrf(client.get(f"/pimpinan/{number}").text)
    return client.post(f"/pimpinan/{number}/masuk", data={"csrf_token": token, "kode": code})


def enter(world: World, client: FlaskClient, number: str, address: str = DEAN) -> str:
    """Come by the link, and write the code; the page."""
    assert client.get(link(number, address)).status_code == 303
    token = csrf(client.get(f"/pimpinan/{number}").text)
    client.post(f"/pimpinan/{number}/kode", data={"csrf_token": token})
    assert prove(client, number, code_in(world)).status_code == 303
    return client.get(f"/pimpinan/{number}").text


def act(client: FlaskClient, number: str, deed: str, text: str, **given: str) -> TestResponse:
    form = next(each for each in text.split("<form")[1:] if f'name="tindakan" value="{deed}"' in each)
    data = {"csrf_token": csrf(form), "nonce": nonce(form), "tindakan": deed, **given}
    return client.post(f"/pimpinan/{number}/tindakan", data=data)


def test_the_head_of_the_unit_is_written_to_with_his_own_link(world: World, number: str) -> None:
    mine = [mail for mail in world.mail_to(DEAN) if "Menunggu keputusan Anda" in mail.subject]
    assert len(mine) == 1
    assert link(number, DEAN) in mine[0].text
    assert world.token(number) not in "".join(mail.text + mail.html for mail in world.mail_to(DEAN))
    assert world.mail_to(OTHER_DEAN) == []
    assert head_token(SECRET.encode(), number, DEAN) not in "".join(
        mail.text + mail.html for mail in world.mail_to(REQUESTER)
    )


def test_he_accepts_and_his_role_is_on_record(world: World, client: FlaskClient, number: str) -> None:
    text = enter(world, client, number)
    assert "Giliran Anda" in text
    assert "Pimpinan unit kerja" in text
    assert act(client, number, "diterima", text, catatan_penerimaan="Berjalan baik.").status_code == 303
    world.work()
    snapshot = world.snapshot(number)
    assert snapshot.state is not None
    assert snapshot.state.ended == "selesai"
    assert (snapshot.state.stays[-1].role, snapshot.state.stays[-1].by) == ("pimpinan-unit", None)
    assert any(
        f"Pimpinan unit kerja ({DEAN}) menjawab lewat portal:** sistem diterima" in each.notes
        for each in snapshot.journals
    )


def test_he_refuses_with_a_reason(world: World, client: FlaskClient, number: str) -> None:
    text = enter(world, client, number)
    assert act(client, number, "keberatan", text, pesan_pemohon=" ").status_code == 422
    act(client, number, "keberatan", text, pesan_pemohon="Menu KRS masih galat.")
    world.work()
    snapshot = world.snapshot(number)
    assert snapshot.status == status_key("Perbaikan di server")
    assert any("Menu KRS masih galat." in each.notes for each in snapshot.journals)


def test_what_he_must_check_is_there_to_read(world: World, client: FlaskClient, number: str) -> None:
    paper = f"/pimpinan/{number}/berkas/berita_acara_serah_terima"
    assert client.get(paper).status_code == 403
    text = enter(world, client, number)
    assert "Buku panduan" in text
    assert "Uraian masalah" in text
    # nobody's name, number or address
    assert "Sari Melati" not in text
    assert REQUESTER not in text
    assert client.get(paper).status_code == 200
    assert client.get(f"/pimpinan/{number}/berkas/bukti_masalah").status_code == 404


def test_a_link_without_its_code_opens_nothing(world: World, client: FlaskClient, number: str) -> None:
    client.get(link(number, DEAN))
    text = client.get(f"/pimpinan/{number}").text
    assert "d•••@unj.contoh.id" in text
    assert DEAN not in text
    assert "Penerimaan" not in text
    world.sent.clear()
    client.post(f"/pimpinan/{number}/kode", data={"csrf_token": csrf(text)})
    code = code_in(world)
    assert [mail.to for mail in world.sent] == [DEAN]
    assert prove(client, number, "000000" if code != "000000" else "000001").status_code == 422
    data = {"csrf_token": csrf(text), "nonce": "a3bb189e-8bf9-3888-9912-ace4e6543002", "tindakan": "diterima"}
    assert client.post(f"/pimpinan/{number}/tindakan", data=data).status_code == 403


def test_links_of_others_open_nothing(world: World, client: FlaskClient, number: str) -> None:
    for address in (OTHER_DEAN, REQUESTER):
        assert client.get(link(number, address)).status_code == 403
    assert client.get(link("UNJ-2026-000999", DEAN)).status_code == 403
    assert client.get(f"/pimpinan/{number}").status_code == 403
    swapped = head_token(SECRET.encode(), "UNJ-2026-000777", DEAN)
    assert client.get(f"/pimpinan/{number}?t={swapped}").status_code == 403


def test_the_requester_cannot_decide_in_his_place(world: World, client: FlaskClient, number: str) -> None:
    client.get(f"/lacak/{number}?t={world.token(number)}")
    text = client.get(f"/lacak/{number}").text
    assert 'value="diterima"' not in text
    data = {
        "csrf_token": csrf(text),
        "nonce": "a3bb189e-8bf9-3888-9912-ace4e6543002",
        "tindakan": "diterima",
    }
    assert client.post(f"/lacak/{number}/tindakan", data=data).status_code == 409
    assert client.get(f"/pimpinan/{number}?t={world.token(number)}").status_code == 403
    world.work()
    assert world.snapshot(number).status == status_key("Penerimaan SI")


def test_a_successor_takes_over_at_once(world: World, client: FlaskClient, number: str) -> None:
    """His page is open and what he decided is on its way when the directory names somebody else."""
    text = enter(world, client, number)
    act(client, number, "diterima", text, catatan_penerimaan="")
    with_units(world, WorkUnit(name="Fakultas Teknik", heads=(OTHER_DEAN,)))
    world.sent.clear()
    world.work()
    snapshot = world.snapshot(number)
    assert snapshot.status == status_key("Penerimaan SI")
    told = [mail for mail in world.mail_to(DEAN) if "tidak dijalankan" in mail.subject]
    assert len(told) == 1
    assert "bukan lagi alamat dinas pimpinan unit" in told[0].text
    assert client.get(f"/pimpinan/{number}").status_code == 403
    assert client.get(link(number, OTHER_DEAN)).status_code == 303


def test_he_is_heard_before_it_is_his_turn(world: World, client: FlaskClient) -> None:
    made = world.submit(unit_pemohon="FT", email_pemohon=REQUESTER)
    world.work()
    world.walk(made, "diskusi-unit")
    assert [mail.to for mail in world.sent if "tanggapi" in mail.text].count(DEAN) == 1
    text = enter(world, client, made)
    assert "Tidak menunggu Anda" in text
    act(client, made, "message", text, pesan_pemohon="Kami siap Kamis.")
    world.work()
    assert "**Pesan pimpinan unit** lewat portal:" in world.snapshot(made).journals[-1].notes
    issue = world.snapshot(made).issue
    world.redmine.staff(
        issue, "koordinator-programmer", IssueChange(notes="Kepada pimpinan unit: Kamis pukul 9.")
    )
    world.store.queue.put(f"issue:{issue}", now=world.clock())
    world.sent.clear()
    world.work()
    assert [mail.to for mail in world.sent] == [DEAN]
    assert "Kamis pukul 9." in client.get(f"/pimpinan/{made}").text
    client.get(f"/lacak/{made}?t={world.token(made)}")
    assert "Kamis" not in client.get(f"/lacak/{made}").text


def test_only_he_is_reminded_of_his_step(world: World, number: str) -> None:
    """Not every head of a unit, although Redmine's group has them all."""
    world.redmine.people["unj", "pimpinan-unit"] = (Member(8, "Lain", OTHER_DEAN),)
    world.redmine.people["unj", "kadiv-pengembangan"] = (Member(9, "Kadiv", "kadiv@unj.contoh.id"),)
    world.sent.clear()
    world.until(world.clock() + dt.timedelta(days=3))
    assert world.mail_to(OTHER_DEAN) == []
    told = [mail.text for mail in world.mail_to(DEAN)]
    assert ["mendekati batas" in each for each in told] == [True, False, False]
    assert all("masih ditunggu" in each and link(number, DEAN) in each for each in told)
    assert world.mail_to("kadiv@unj.contoh.id"), "his superiors are warned as ever"


# in Redmine ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mail", "status"), [(DEAN.upper(), "Selesai"), (OTHER_DEAN, "Penerimaan SI"), ("", "Penerimaan SI")]
)
def test_in_redmine_only_the_head_of_the_tickets_unit_may_accept(
    world: World, number: str, mail: str, status: str
) -> None:
    world.redmine.people["unj", "pimpinan-unit"] = (Member(7, "Seseorang", mail),)
    world.move(number, "diterima")
    snapshot = world.snapshot(number)
    assert snapshot.status == status_key(status)
    assert any("Bukan pimpinan unit ini" in each.notes for each in snapshot.journals) == (
        mail != DEAN.upper()
    )


def test_a_unit_that_nobody_knows_is_said_and_nobodys(world: World) -> None:
    made = world.submit(unit_pemohon="Unit Khayalan")
    world.work()
    world.walk(made, "penyerahan")
    world.sent.clear()
    world.move(made, "diserahkan")
    snapshot = world.snapshot(made)
    assert snapshot.status == status_key("Penerimaan SI")
    assert any("«Unit Khayalan» tidak ada dalam daftar unit" in each.notes for each in snapshot.journals)
    assert {mail.to for mail in world.sent} & {DEAN, OTHER_DEAN} == set()
    world.move(made, "diterima")
    assert world.snapshot(made).status == status_key("Penerimaan SI")


def test_a_unit_that_is_not_listed_may_be_anothers(world: World, client: FlaskClient) -> None:
    with_units(world, *UNITS, WorkUnit(name="*", heads=("tu@unj.contoh.id",)))
    made = world.submit(unit_pemohon="Unit Khayalan")
    world.work()
    world.walk(made, "penyerahan")
    world.move(made, "diserahkan")
    assert "Giliran Anda" in enter(world, client, made, "tu@unj.contoh.id")
    assert client.get(link(made, DEAN)).status_code == 403
