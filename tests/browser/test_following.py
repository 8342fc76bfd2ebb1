"""A ticket followed to its end in a real browser, with and without script: code, questions, the head, the survey.

Receipt, objection, correction and withdrawal are in test_portal.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from connector.portal.tokens import head_token
from connector.ports import IssueChange
from tests.browser.chromium import WIDTHS
from tests.browser.conftest import Visitor
from tests.serving import serving
from tests.world import SECRET, World

pytestmark = pytest.mark.browser

ADDRESS = "sari@kampus.contoh.id"
#: Whom the shipped directory names for every unit.
HEAD = "pimpinan.unit@unj.invalid"
BOTH = pytest.mark.parametrize(("script", "width"), [(True, 0), (False, 1)], ids=["1280", "375-no-script"])


@contextmanager
def visiting(browser: Browser, key: str, *, script: bool, width: int) -> Iterator[Visitor]:
    """Somebody with a browser, before any page."""
    size: Any = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    context = browser.new_context(locale="id-ID", viewport=size, java_script_enabled=script)
    world = World(key=key)
    with serving(world.app()) as (host, port):
        try:
            yield Visitor(world, f"http://{host}:{port}", context.new_page(), script)
        finally:
            context.close()


def code_in(world: World) -> str:
    world.work()
    found = re.search(r"^\d{6}$", world.sent[-1].text, re.MULTILINE)
    assert found is not None
    return found[0]


def says(world: World, number: str, role: str, text: str) -> None:
    """Somebody of the staff writes a public note."""
    issue = world.snapshot(number).issue
    world.redmine.staff(issue, role, IssueChange(notes=text))
    world.store.queue.put(f"issue:{issue}", now=world.clock())
    world.work()


@BOTH
def test_from_the_code_to_the_survey(browser: Browser, script: bool, width: int) -> None:
    with visiting(browser, "unj/permintaan-data-insidental", script=script, width=width) as visitor:
        world, page = visitor.world, visitor.page
        number = world.submit(email_pemohon=ADDRESS)
        world.work()
        # number and code
        visitor.open("/lacak")
        page.get_by_label("Nomor tiket").fill(number.lower())
        page.get_by_label("Alamat email").fill(ADDRESS)
        page.get_by_role("button", name="Kirim kode").click()
        expect(page.get_by_label("Kode", exact=True)).to_be_visible()
        visitor.look()
        code = code_in(world)
        page.get_by_label("Kode", exact=True).fill("000000" if code != "000000" else "000001")
        page.get_by_role("button", name="Buka permohonan").click()
        expect(page.get_by_role("alert")).to_contain_text("Kodenya tidak cocok")
        visitor.look()
        page.get_by_label("Kode", exact=True).fill(code)
        page.get_by_role("button", name="Buka permohonan").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(number)
        # a question and its answer
        page.get_by_role("button", name="Kirim pesan").click()
        expect(page.get_by_role("alert")).to_contain_text("Tulis pertanyaan atau pesan Anda")
        page.get_by_label("Pertanyaan atau pesan Anda").fill("Kapan datanya siap?")
        page.get_by_role("button", name="Kirim pesan").click()
        expect(page.get_by_text("Terima kasih.")).to_be_visible()
        world.work()
        says(world, number, "kepala-pustikom", "Kepada pemohon: Paling lambat Jumat.")
        page.goto(f"{visitor.base}/lacak/{number}")
        expect(page.locator(".talk .mine")).to_contain_text("Kapan datanya siap?")
        expect(page.locator(".talk .theirs")).to_contain_text("Paling lambat Jumat.")
        visitor.look()
        # what no longer fits is told
        page.get_by_text("Tarik permohonan ini").click()
        page.get_by_label(re.compile("saya tidak memerlukan")).check()
        page.get_by_role("button", name="Tarik permohonan").click()
        expect(page.get_by_text("Jawaban Anda sedang dicatat.")).to_be_visible()
        issue = world.snapshot(number).issue
        reason = world.procedure.field("alasan")
        assert reason is not None
        refused = IssueChange(status="status:permohonan-ditolak", fields={reason.key: "Data tidak ada."})
        world.redmine.staff(issue, "kepala-pustikom", refused)
        world.work()
        page.goto(f"{visitor.base}/lacak/{number}")
        expect(page.get_by_text("tidak dijalankan: permohonan sudah ditutup")).to_be_visible()
        visitor.look()
        # another one ends well and is rated
        other = world.submit("dua", email_pemohon=ADDRESS)
        world.work()
        world.walk(other, "selesai")
        visitor.open_ticket(other)
        page.get_by_role("button", name="Kirim penilaian").click()
        expect(page.get_by_role("alert")).to_contain_text("Ada 9 isian")
        visitor.look()
        for question in page.locator("fieldset").all():
            question.get_by_text("Sangat baik").click()
        page.get_by_role("button", name="Kirim penilaian").click()
        world.work()
        page.goto(f"{visitor.base}/lacak/{other}")
        expect(page.get_by_text("Terima kasih atas penilaian Anda.")).to_be_visible()
        expect(page.get_by_role("button", name="Kirim penilaian")).to_have_count(0)
        visitor.look()


@BOTH
def test_the_head_of_a_unit_decides(browser: Browser, script: bool, width: int) -> None:
    with visiting(browser, "unj/pengaduan-masalah-si", script=script, width=width) as visitor:
        world, page = visitor.world, visitor.page
        number = world.submit(email_pemohon=ADDRESS)
        world.work()
        world.walk(number, "diskusi-unit")
        visitor.open(f"/pimpinan/{number}?t={head_token(SECRET.encode(), number, HEAD)}")
        assert page.url == f"{visitor.base}/pimpinan/{number}"
        visitor.look()
        page.get_by_role("button", name="Kirim kode").click()
        code = code_in(world)
        page.get_by_label("Kode", exact=True).fill("12")
        page.get_by_role("button", name="Buka permohonan").click()
        expect(page.get_by_role("alert")).to_contain_text("Kodenya tidak cocok")
        visitor.look()
        page.get_by_label("Kode", exact=True).fill(code)
        page.get_by_role("button", name="Buka permohonan").click()
        expect(page.get_by_text("Tidak menunggu Anda")).to_be_visible()
        page.get_by_label("Pertanyaan atau pesan Anda").fill("Kami siap Kamis.")
        page.get_by_role("button", name="Kirim pesan").click()
        world.work()
        says(world, number, "koordinator-programmer", "Kepada pimpinan unit: Baik, Kamis pukul 9.")
        world.walk(number, "penerimaan")
        page.goto(f"{visitor.base}/pimpinan/{number}")
        expect(page.get_by_text("Giliran Anda")).to_be_visible()
        expect(page.locator(".talk .theirs")).to_contain_text("Kamis pukul 9.")
        visitor.look()
        with page.expect_download():
            page.get_by_role("link", name="Berita Acara Serah Terima").click()
        page.get_by_text("Hasil belum sesuai?").click()
        page.get_by_role("button", name="Kembalikan untuk diperbaiki").click()
        expect(page.get_by_role("alert")).to_be_visible()
        visitor.look()
        page.get_by_role("button", name="Setuju: sistem diterima").click()
        expect(page.get_by_text("Terima kasih.")).to_be_visible()
        world.work()
        state = world.snapshot(number).state
        assert state is not None
        assert state.ended == "selesai"
        page.goto(f"{visitor.base}/pimpinan/{number}")
        expect(page.get_by_role("heading", name="Layanan selesai")).to_be_visible()
        visitor.look()
