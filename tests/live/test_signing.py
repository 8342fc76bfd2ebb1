"""Documents that carry three signatures on the real Redmine: the office's certificate, an official's move, a code."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from connector.app import create_app
from connector.archive.bundle import check
from connector.archive.record import records
from connector.bootstrap import Application
from connector.ports import PaperStatus
from devtools.walk import Walker
from tests.certificates import PASSPHRASE, made, packed, sound
from tests.live.service import Service
from tests.world import csrf

pytestmark = pytest.mark.live

NAME = "Sari Melati, S.Kom."
NOW = dt.datetime.now(dt.UTC)
ROOT = made(NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=90))


@pytest.fixture
def desk(service: Service, tmp_path: Path) -> Service:
    """The Service Desk, whose office has a certificate, and whose archives are kept in a folder."""
    (tmp_path / "segel.p12").write_bytes(packed(ROOT))
    found = Service(service.stack, "jabar/service-desk")
    found.environment = {
        **found.environment,
        "SOP_SIGN_PKCS12_FILE": str(tmp_path / "segel.p12"),
        "SOP_SIGN_PASSPHRASE": PASSPHRASE,
        "SOP_ARCHIVE_URL": str(tmp_path / "arsip"),
    }
    return found


@pytest.fixture
def app(desk: Service) -> Iterator[Application]:
    application = desk.here()
    yield application
    application.store.close()


def read(content: bytes) -> str:
    found = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(found.stdout.decode().split())


def countersign(client: FlaskClient, desk: Service, app: Application, number: str, address: str) -> None:
    """The requester opens his link, writes his name, consents, and types the code from his mail."""
    assert client.get(app.links.ticket(number).removeprefix(app.settings.public_url)).status_code == 303
    page = client.get(f"/lacak/{number}/tanda-tangan")
    form = {"nama_penanda_tangan": NAME, "setuju_tanda_tangan": "1", "csrf_token": csrf(page.text)}
    page = client.post(f"/lacak/{number}/tanda-tangan", data=form)
    desk.drain(app)
    (mail,) = desk.mails(address, "menandatangani dokumen")
    found = re.match(r"\s*(\d{6}) ", str(mail["Subject"]))
    assert found is not None
    done = client.post(
        f"/lacak/{number}/tanda-tangan/kode", data={"kode": found[1], "csrf_token": csrf(page.text)}
    )
    assert done.headers["Location"] == f"/lacak/{number}?terkirim=1"
    desk.drain(app)


def test_the_office_seals_and_the_requester_signs_what_he_was_sent(desk: Service, app: Application) -> None:
    walker, address = desk.ticket(app)
    desk.advance(app, walker, "balasan-sla-ba")
    number = desk.state(walker.issue)["number"]
    client = create_app(app.web, limits=False).test_client()
    countersign(client, desk, app, number, address)
    assert desk.status(walker) == "Penutupan tiket"
    assert app.certificate is not None
    rows = {
        row.field: row
        for row in app.store.register.entries(issue=walker.issue)
        if row.status is PaperStatus.VALID and row.field in ("dokumen_sla", "dokumen_ba")
    }
    snapshot = app.redmine.read(walker.issue)
    assert snapshot is not None
    for name, into in (("dokumen_sla", "balasan_sla"), ("dokumen_ba", "balasan_ba")):
        field, row = desk.procedure.field(into), rows[name]
        assert field is not None
        file = snapshot.files[field.key]
        assert (row.attachment, row.certificate) == (file.id, app.certificate.fingerprint)
        content = app.redmine.download(file.id)
        assert sound(content, ROOT)
        said = read(content)
        assert NAME in said
        assert "Ditandatangani secara elektronik pada" in said
        masked = f"{address[0]}***{address.partition('@')[0][-1]}@contoh.id"
        assert masked in said.replace("\u200b", "")
        page = client.get(f"/verifikasi/{row.code}").text
        assert "tanda tangan elektronik (PAdES)" in page
        assert NAME not in page
        answer = client.post(f"/verifikasi/{row.code}", data={"berkas": (io.BytesIO(content), "a.pdf")})
        assert "Berkas Anda asli" in answer.text
    check_archived(desk, app, walker)


def check_archived(desk: Service, app: Application, walker: Walker) -> None:
    """The ticket ends; its archive in the folder is whole, and the ticket's note says where it is."""
    desk.advance(app, walker, "penutupan")
    step = desk.step("penutupan")
    walker.leave(step, "ditutup")
    desk.look(app, walker.issue)
    app.archivist.tick()
    desk.drain(app)
    assert [each.key for each in app.store.queue.dead()] == []
    snapshot = app.redmine.read(walker.issue)
    assert snapshot is not None
    (record,) = records(snapshot)
    for each in record.files:
        assert check(Path(each.where.removeprefix("file://")).read_bytes()) == []
