"""A ticket that gets a document, goes back and gets it again; who holds either can check it, also after a rebuild."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from connector.app import create_app
from connector.bootstrap import Application
from connector.engine.snapshot import RequesterAction
from connector.ports import PaperStatus, Registered
from connector.settings import SERVICE, Settings
from connector.sop.model import Letter
from tests.live.service import Service

pytestmark = pytest.mark.live

LETTER = Letter(pattern="{urut:03}/UN39.17/BA/{bulan_romawi}/{tahun}")


@pytest.fixture
def app(service: Service) -> Iterator[Application]:
    """The service here; its Berita Acara is numbered as a letter."""
    application = lettered(service.here())
    yield application
    application.store.close()


def lettered(application: Application) -> Application:
    application.__dict__["rules"] = {
        key: replace(
            rules,
            organization=rules.organization.model_copy(update={"letters": {"berita-acara": LETTER}}),
        )
        for key, rules in application.rules.items()
    }
    for built in ("tickets", "handlers"):
        application.__dict__.pop(built, None)  # from the rules that were there before
    return application


def minutes(app: Application, issue: int) -> list[Registered]:
    """The rows of an issue's Berita Acara."""
    return [row for row in app.store.register.entries(issue=issue) if row.field == "berita_acara"]


def words(client: FlaskClient, code: str) -> str:
    answer = client.get(f"/verifikasi/{code}")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def compared(client: FlaskClient, code: str, content: bytes) -> str:
    answer = client.post(f"/verifikasi/{code}", data={"berkas": (io.BytesIO(content), "a.pdf")})
    found = re.search(r"Berkas Anda (asli|berbeda)", answer.text)
    assert found is not None, answer.text
    return found[1]


def files(service: Service, issue: int) -> dict[str, tuple[int, str]]:
    """Every file of an issue by name, in fields and beside them: its id and Redmine's own SHA-256."""
    read = service.stack.admin.get(f"/sop/issues/{issue}.json")
    return {each["filename"]: (each["id"], each["digest"]) for each in (*read["files"], *read["attachments"])}


def test_a_document_made_again_replaces_the_former_and_both_can_be_checked(
    service: Service, app: Application, tmp_path: Path
) -> None:
    walker, _ = service.ticket(app)
    service.advance(app, walker, "pengarsipan")
    [first] = minutes(app, walker.issue)
    assert re.fullmatch(r"\d{3}/UN39\.17/BA/[IVX]+/\d{4}", first.number)
    assert (first.status, first.sequence >= 1) == (PaperStatus.VALID, True)
    client = create_app(app.web, limits=False).test_client()
    original = app.redmine.download(first.attachment or 0)
    assert "Berlaku" in words(client, first.code)
    assert compared(client, first.code, original) == "asli"
    assert compared(client, first.code, original[:-2] + b"x" + original[-1:]) == "berbeda"

    service.advance(app, walker, "penerimaan-survei")
    object_to_it(service, app, walker.issue)
    service.advance(app, walker, "pengarsipan")
    # the head of the office signed the first by his move, which issued it again
    former, signed, second = minutes(app, walker.issue)
    check_replaced(former, signed, first)
    assert (signed.status, signed.replaced_by) == (PaperStatus.REPLACED, second.number)
    signed_file = app.redmine.download(signed.attachment or 0)
    assert "Sudah diganti" in words(client, former.code)
    assert signed.number in words(client, former.code)
    assert second.number in words(client, signed.code)
    newer = app.redmine.download(second.attachment or 0)
    assert [compared(client, former.code, each) for each in (original, newer)] == ["asli", "berbeda"]
    assert compared(client, second.code, newer) == "asli"
    kept = files(service, walker.issue)
    assert {digest for _, digest in kept.values()} >= {former.sha256, second.sha256}
    said = [line for note in service.notes(walker.issue) for line in note.splitlines() if "Dokumen" in line]
    assert f"**Dokumen {first.number} terbit**. Kode verifikasi: {first.code}." in said
    assert (
        f"**Dokumen {second.number} terbit**, menggantikan {signed.number}. Kode verifikasi: {second.code}."
        in said
    )

    known = {former.code: original, signed.code: signed_file, second.code: newer}
    check_rebuilt(service, tmp_path, known, walker.issue)


def check_replaced(former: Registered, second: Registered, first: Registered) -> None:
    assert (former.status, former.replaced_by) == (PaperStatus.REPLACED, second.number)
    assert (former.number, former.sha256, former.data) == (first.number, first.sha256, first.data)
    assert second.sequence == first.sequence + 1


def object_to_it(service: Service, app: Application, issue: int) -> None:
    """The requester says on the tracking page that the result is not what he asked for."""
    state = service.state(issue)
    step = service.step("penerimaan-survei")
    outcome = next(name for name, way in step.outcomes.items() if way.to == "pengecekan-hasil")
    action = RequesterAction(
        key=f"keberatan-{issue}",
        kind="outcome",
        number=state["number"],
        at=app.clock(),
        step=step.id,
        outcome=outcome,
        remark="Belum sesuai.",
    )
    app.store.submissions.add_action(action, (), issue=issue, now=app.clock())
    service.drain(app)
    assert service.state(issue)["stays"][-1]["step"] == "pengecekan-hasil"


def check_rebuilt(service: Service, folder: Path, known: dict[str, bytes], issue: int) -> None:
    """With an empty database the register is what it was, but for what was printed."""
    environment = {**service.environment, "SOP_DATABASE_URL": f"sqlite:///{folder}/baru.db"}
    again = Application(Settings.load(environment, SERVICE))
    again.store.migrate()
    again.poller.seed()
    rows = minutes(again, issue)
    assert [row.code for row in rows] == list(known)
    assert [row.status for row in rows] == [PaperStatus.REPLACED, PaperStatus.REPLACED, PaperStatus.VALID]
    assert [row.data for row in rows] == [None, None, None]
    client = create_app(again.web, limits=False).test_client()
    assert [compared(client, code, content) for code, content in known.items()] == ["asli"] * 3
    slot = replace(rows[-1].slot, owner="issue:0", key="berikutnya")
    written = again.store.register.allot(
        slot, lambda sequence: replace(rows[-1], slot=slot, sequence=sequence, number="baru", code="baru")
    )
    assert written.sequence == rows[-1].sequence + 1
    again.store.close()
