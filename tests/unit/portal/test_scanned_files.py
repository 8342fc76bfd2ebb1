"""Files that are looked through: what is not clean is refused; what nobody could look at yet waits and is not lost."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.errors import TransientError
from connector.ports import Content
from devtools.walk import PDF
from tests.unit.portal.test_services import send
from tests.unit.test_scanning import EICAR
from tests.world import World

NUMBER = "UNJ-2026-000001"
BAD = PDF + EICAR


@dataclass
class Scanner:
    down: bool = False

    def scan(self, content: Content | BinaryIO) -> str | None:
        if self.down:
            raise TransientError("pemeriksa virus tidak menjawab")
        return "Eicar-Test-Signature" if EICAR in content.read() else None


@pytest.fixture
def scanner() -> Scanner:
    return Scanner()


@pytest.fixture
def world(scanner: Scanner) -> World:
    return World(scanner=scanner)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


def send_file(client: FlaskClient, content: bytes) -> TestResponse:
    return send(client, bukti_pendukung=(io.BytesIO(content), "bukti.pdf"))


def test_a_clean_file_goes_its_way(client: FlaskClient, world: World) -> None:
    assert send_file(client, PDF).status_code == 303
    world.work()
    ticket = world.redmine.read_ticket(NUMBER)
    assert ticket is not None
    assert [file.name for file in ticket.files.values()].count("bukti.pdf") == 1


def test_who_sends_another_is_told_and_loses_nothing(client: FlaskClient, world: World) -> None:
    answer = send_file(client, BAD)
    assert answer.status_code == 422
    assert "Pemeriksa virus menolak berkas bukti.pdf." in answer.text
    assert 'value="Sari &lt;b&gt;Melati' in answer.text
    assert world.store.submissions.by_number(NUMBER) is None
    assert world.store.files.held("") == ()
    assert "Lepas" not in answer.text


def test_while_nobody_can_look_it_is_taken_and_waits(
    client: FlaskClient, world: World, scanner: Scanner
) -> None:
    scanner.down = True
    assert send_file(client, PDF).status_code == 303
    for _ in range(2):
        with pytest.raises(TransientError):
            world.work()
        world.clock.forward(minutes=2)
    assert world.redmine.read_ticket(NUMBER) is None
    scanner.down = False
    world.work()
    ticket = world.redmine.read_ticket(NUMBER)
    assert ticket is not None
    assert "bukti.pdf" in [file.name for file in ticket.files.values()]
    stored = world.store.submissions.by_number(NUMBER)
    assert stored is not None
    assert ticket.state is not None
    assert ticket.state.received == stored.received


def test_what_is_found_later_stays_behind_and_staff_are_told(
    client: FlaskClient, world: World, scanner: Scanner
) -> None:
    scanner.down = True
    assert send_file(client, BAD).status_code == 303
    scanner.down = False
    world.work()
    ticket = world.redmine.read_ticket(NUMBER)
    assert ticket is not None
    assert "bukti.pdf" not in [file.name for file in (*ticket.files.values(), *ticket.attachments)]
    assert "bukti.pdf (Eicar-Test-Signature)" in ticket.description
    assert "**Berkas pemohon tidak diteruskan.**" in ticket.description
