"""What a requester does on his page, with a real browser on a real Redmine: desktop with script, phone without."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from connector.app import create_app
from connector.bootstrap import Application
from devtools.mail import text_of
from devtools.walk import Walker
from tests.browser.chromium import WIDTHS
from tests.live.service import Service
from tests.serving import serving

pytestmark = [pytest.mark.live, pytest.mark.browser]

FIRST, RESULT, CHECK = "verifikasi-identitas", "penerimaan-survei", "pengecekan-hasil"
BOTH = pytest.mark.parametrize(
    ("size", "script"), [(WIDTHS[0], True), (WIDTHS[1], False)], ids=["1280", "375-no-script"]
)


@pytest.fixture(scope="module")
def app(service: Service) -> Iterator[Application]:
    application = service.here()
    yield application
    application.store.close()


@dataclass(frozen=True)
class Case:
    """A ticket, and its requester with a browser."""

    service: Service
    app: Application
    walker: Walker
    number: str
    address: str
    page: Page
    base: str

    def open(self) -> None:
        """The ticket's page, by the link from the first mail."""
        receipt = self.service.mails(self.address, self.number)[0]
        found = re.search(r"/lacak/\S+", text_of(receipt))
        assert found is not None
        self.page.goto(self.base + found[0])

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def settle(self) -> None:
        """The worker does what was sent; the page is read anew."""
        self.service.drain(self.app)
        self.page.goto(f"{self.base}/lacak/{self.number}")

    def stands(self, step: str) -> None:
        assert self.service.status(self.walker) == self.service.step(step).status

    def value(self, field: str) -> str | None:
        return self.walker.desk("helpdesk").value(self.walker.issue, field)


@contextmanager
def asking(
    service: Service, app: Application, browser: Browser, size: tuple[int, int], *, script: bool
) -> Iterator[Case]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="id-ID", java_script_enabled=script
    )
    walker, address = service.ticket(app)
    number = str(service.state(walker.issue)["number"])
    with serving(create_app(app.web, limits=False)) as (host, port):
        try:
            yield Case(service, app, walker, number, address, context.new_page(), f"http://{host}:{port}")
        finally:
            context.close()


@BOTH
def test_a_ticket_is_corrected_refused_and_received(
    service: Service, app: Application, browser: Browser, tmp_path: Path, size: tuple[int, int], script: bool
) -> None:
    with asking(service, app, browser, size, script=script) as case:
        page, walker = case.page, case.walker
        case.open()
        expect(page.get_by_text("Sedang diproses")).to_be_visible()

        # sent back, with words; corrected, with a file
        words = "Foto kartu belum terbaca."
        walker.leave(service.step(FIRST), "dikembalikan", choose={"permintaan_perbaikan": words})
        service.look(app, walker.issue)
        page.reload()
        expect(page.get_by_text(words)).to_be_visible()
        paper = tmp_path / "kartu.pdf"
        paper.write_bytes(b"%PDF-1.4\n% kartu yang terbaca\n%%EOF\n")
        page.get_by_label("Gedung dan ruang").fill("Dewi Sartika 301")
        page.get_by_label("Bukti pendukung").set_input_files(paper)
        case.press("Kirim perbaikan")
        expect(page.get_by_text("Jawaban Anda sedang dicatat.")).to_be_visible()
        case.settle()
        case.stands(FIRST)
        assert case.value("lokasi_layanan") == "Dewi Sartika 301"
        read = service.stack.admin.get(f"/sop/issues/{walker.issue}.json")
        assert hashlib.sha256(paper.read_bytes()).hexdigest() in {each["digest"] for each in read["files"]}

        # the result: looked at, refused with a reason, mended, received and rated
        service.advance(app, walker, RESULT)
        page.reload()
        with page.expect_download() as download:
            page.get_by_role("link", name="Berita Acara").click()
        digest = hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest()
        assert digest in {each.sha256 for each in app.store.register.entries(issue=walker.issue)}
        page.get_by_text("Hasilnya belum sesuai?").click()
        page.get_by_label("Apa yang belum sesuai?").fill("Masih putus di lantai 3.")
        case.press("Ajukan keberatan")
        case.settle()
        case.stands(CHECK)
        assert any("Masih putus di lantai 3." in note for note in service.notes(walker.issue))
        expect(page.get_by_role("heading", name="Pengecekan hasil")).to_be_visible()
        service.advance(app, walker, RESULT)
        page.reload()
        for question in page.locator("fieldset").all():
            question.get_by_text("Sangat baik").click()
        case.press("Saya terima hasilnya")
        expect(page.get_by_text("Terima kasih.")).to_be_visible()
        case.settle()
        case.stands("penutupan")
        assert case.value("u9_sarana") == "4 Sangat baik"


@BOTH
def test_a_ticket_is_withdrawn(
    service: Service, app: Application, browser: Browser, size: tuple[int, int], script: bool
) -> None:
    with asking(service, app, browser, size, script=script) as case:
        page = case.page
        # by number and code, as somebody who lost the link
        page.goto(f"{case.base}/lacak")
        page.get_by_label("Nomor tiket").fill(case.number)
        page.get_by_label("Alamat email").fill(case.address)
        case.press("Kirim kode")
        expect(page.get_by_label("Kode", exact=True)).to_be_visible()
        service.drain(app)
        code = re.search(r"^\d{6}\b", text_of(service.mails(case.address, "kode Anda")[-1]), re.MULTILINE)
        assert code is not None
        page.get_by_label("Kode", exact=True).fill(code[0])
        case.press("Buka permohonan")
        page.get_by_text("Tarik permohonan ini").click()
        case.press("Tarik permohonan")
        expect(page.get_by_role("alert")).to_contain_text("Centang kotak ini")
        page.get_by_label(re.compile("saya tidak memerlukan")).check()
        case.press("Tarik permohonan")
        expect(page.get_by_text("Jawaban Anda sedang dicatat.")).to_be_visible()
        case.settle()
        expect(page.get_by_text("Ditutup", exact=True)).to_be_visible()
        assert service.state(case.walker.issue)["ended"] == "dibatalkan"
