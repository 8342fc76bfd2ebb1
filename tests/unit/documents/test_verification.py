"""Whether a document is ours: from the register alone, in words a citizen understands."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.documents import verification
from connector.documents.verification import Digest
from connector.ports import PaperStatus, Registered, Slot
from tests.world import MONDAY, World

CODE, CONTENT = "7K2M-04XQ-9ZTB", b"%PDF-1.7 surat tugas"
VALID = Registered(
    slot=Slot("pengajuan-1", "UNJ-2026-000001:surat_tugas:3", "unj/surat-tugas", 2026),
    sequence=7,
    organization="unj",
    ticket="UNJ-2026-000001",
    template="surat",
    field="surat_tugas",
    kind="surat-tugas",
    number="7/UN39.17/ST/XI/2026",
    code=CODE,
    at=MONDAY,
    data={"nama": "Sari Melati"},
    status=PaperStatus.VALID,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    issue=42,
)
REPLACED = replace(VALID, status=PaperStatus.REPLACED, replaced_by="9/UN39.17/ST/XI/2026")
VOID = replace(VALID, status=PaperStatus.VOID, sha256="", reason="keadaan tiket berubah")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    world.store.register.record([VALID])
    return world.app().test_client()


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


def send(client: FlaskClient, content: bytes, name: str = "surat.pdf") -> TestResponse:
    return client.post(f"/verifikasi/{CODE}", data={"berkas": (io.BytesIO(content), name)})


def send_raw(client: FlaskClient, content: bytes) -> TestResponse:
    """As a browser sends it; the client of Werkzeug keeps large forms in files that it does not close."""
    head = b'--x\r\nContent-Disposition: form-data; name="berkas"; filename="a.pdf"\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"
    return client.post(f"/verifikasi/{CODE}", data=body, content_type="multipart/form-data; boundary=x")


def test_a_valid_document_is_told_without_anything_of_a_person(client: FlaskClient) -> None:
    answer = client.get(f"/verifikasi/{CODE}")
    said = words(answer)
    assert answer.status_code == 200
    for fact in (VALID.number, "Surat tugas", "Universitas Negeri Jakarta", "23 November 2026", "Berlaku"):
        assert fact in said
    assert VALID.sha256 in said
    assert "Sari" not in answer.text
    assert "noindex" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_says_whether_a_document_is_signed(world: World) -> None:
    world.store.register.record([replace(VALID, certificate="cd" * 32)])
    client = world.app().test_client()
    assert "memuat tanda tangan elektronik (PAdES)" in words(client.get(f"/verifikasi/{CODE}"))
    assert "cd" * 32 in client.get(f"/verifikasi/{CODE}").text
    world.store.register.record([replace(VALID, certificate="")])
    assert "PAdES" not in words(client.get(f"/verifikasi/{CODE}"))


@pytest.mark.parametrize(
    ("row", "told", "compared"),
    [
        (REPLACED, ("Sudah diganti", "9/UN39.17/ST/XI/2026"), True),
        (VOID, ("Batal", "Keadaan tiket berubah"), False),
        (replace(VALID, status=PaperStatus.ALLOTTED, sha256=""), ("Sedang disiapkan",), False),
    ],
)
def test_what_became_of_it_is_told(
    world: World, client: FlaskClient, row: Registered, told: tuple[str, ...], compared: bool
) -> None:
    world.store.register.record([row])
    answer = client.get(f"/verifikasi/{CODE}")
    assert all(each in words(answer) for each in told)
    assert ("Bandingkan berkas" in answer.text) is compared


def test_a_code_is_read_as_people_type_it(client: FlaskClient) -> None:
    answer = client.get("/verifikasi?kode=7k2m o4xq 9ztb")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/verifikasi/{CODE}")
    assert client.get("/verifikasi/7k2m04xq9ztb").headers["Location"] == f"/verifikasi/{CODE}"
    assert client.get("/verifikasi").status_code == 200
    wrong = client.get("/verifikasi?kode=123<b>")
    assert wrong.status_code == 422
    assert "123&lt;b&gt;" in wrong.text


@pytest.mark.parametrize("code", ["0000-0000-0000", "apa-saja", "<b>"])
def test_a_code_that_nobody_was_given_is_answered_with_help(client: FlaskClient, code: str) -> None:
    for answer in (client.get(f"/verifikasi/{code}"), client.post(f"/verifikasi/{code}")):
        assert answer.status_code == 404
        assert "tidak kami kenal" in words(answer)
        assert 'name="kode"' in answer.text
        assert "<b>" not in answer.text


def test_the_same_file_is_genuine_and_a_changed_byte_is_not(client: FlaskClient) -> None:
    assert "Berkas Anda asli" in words(send(client, CONTENT))
    for position in range(len(CONTENT)):
        changed = bytearray(CONTENT)
        changed[position] ^= 1
        assert "Berkas Anda berbeda" in words(send(client, bytes(changed)))
    assert "Berkas Anda berbeda" in words(send(client, CONTENT + b"\n"))


def test_a_replaced_document_is_genuine_and_said_to_be_replaced(world: World, client: FlaskClient) -> None:
    world.store.register.record([REPLACED])
    assert (
        "asli. Isinya sama persis dengan dokumen yang kami terbitkan, tetapi dokumen itu sudah diganti"
        in (words(send(client, CONTENT)).replace(" .", ".").replace(" ,", ","))
    )


def test_nothing_to_compare_is_asked_for_again(client: FlaskClient) -> None:
    for answer in (client.post(f"/verifikasi/{CODE}"), send(client, b""), send(client, b"", name="")):
        assert answer.status_code == 422
        assert "Belum ada berkas" in words(answer)


def test_a_file_of_many_parts_is_compared(world: World, client: FlaskClient) -> None:
    long = bytes(range(256)) * 20_000
    world.store.register.record([replace(VALID, sha256=hashlib.sha256(long).hexdigest())])
    assert "Berkas Anda asli" in words(send_raw(client, long))
    assert "Berkas Anda berbeda" in words(send_raw(client, long[:-1] + b"x"))


def test_a_large_file_is_refused_before_it_is_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "LARGEST", 20_000)
    monkeypatch.setattr(verification, "MARGIN", 5_000)
    assert "Berkas Anda berbeda" in words(send(client, b"x" * 20_000))
    answer = send(client, b"x" * 30_000)
    assert answer.status_code == 413
    assert "paling besar" in words(answer)


def test_a_file_is_not_kept_while_it_is_read() -> None:
    taken = Digest()
    for _ in range(100):
        taken.write(b"x" * 1000)
    assert taken.hexdigest() == hashlib.sha256(b"x" * 100_000).hexdigest()
    assert (taken.size, taken.seek(0)) == (100_000, 0)
    assert not [each for each in vars(taken).values() if isinstance(each, bytes | bytearray)]


def test_codes_cannot_be_tried_one_after_another_and_right_ones_are_free(world: World) -> None:
    world.store.register.record([VALID])
    client = world.app(limits=True).test_client()
    assert {client.get(f"/verifikasi/{CODE}").status_code for _ in range(80)} == {200}
    tried = [client.get(f"/verifikasi/{each:04d}-0000-0000").status_code for each in range(70)]
    assert tried == [404] * 60 + [429] * 10
