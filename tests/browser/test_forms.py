"""Every service's form in a real browser: sound at every width, with and without script, and sent by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import WIDTHS
from tests.browser.conftest import Visitor
from tests.browser.filling import Filling
from tests.holding import content
from tests.serving import serving
from tests.world import World, catalogue

pytestmark = pytest.mark.browser

KEYS = sorted(each.key for each in catalogue("").procedures if each.form)
TEKNIS = "unj/permohonan-layanan-teknis"


@contextmanager
def visiting(browser: Browser, key: str, *, script: bool = True, width: int = 0) -> Iterator[Visitor]:
    """Somebody on the form of a service."""
    world = World(profile=key.partition("/")[0], key=key)
    size: Any = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    context = browser.new_context(locale="id-ID", viewport=size, java_script_enabled=script)
    with serving(world.app()) as (host, port):
        visitor = Visitor(world, f"http://{host}:{port}", context.new_page())
        try:
            visitor.open(f"/layanan/{key}")
            yield visitor
        finally:
            context.close()


def filling(visitor: Visitor, folder: Path) -> Filling:
    return Filling(visitor.page, visitor.world.procedure, folder, visitor.world.clock().date())


def arrived(visitor: Visitor, filled: Filling) -> None:
    """The ticket's page is there, and the store has what was given."""
    expect(visitor.page.locator("h1")).to_have_text("Permohonan Anda kami terima")
    number = visitor.page.locator(".big").inner_text()
    stored = visitor.world.store.submissions.by_number(number)
    assert stored is not None
    normal = {name: "+6281200001234" if "telepon" in name else value for name, value in filled.given.items()}
    assert dict(stored.fields) == normal
    files = {file.field: content(visitor.world.store, file.ref) for file in stored.files}
    assert files == filled.files


@pytest.mark.parametrize("key", KEYS)
def test_a_form_is_sound(browser: Browser, key: str) -> None:
    with visiting(browser, key) as visitor:
        visitor.look()
        visitor.page.locator(".send button:not([name])").click()
        expect(visitor.page.get_by_role("alert")).to_be_focused()
        visitor.look()


@pytest.mark.parametrize("key", KEYS)
def test_a_form_is_sent_by_keyboard_alone(browser: Browser, key: str, tmp_path: Path) -> None:
    with visiting(browser, key) as visitor:
        filled = filling(visitor, tmp_path)
        seen = filled.by_keyboard()
        assert set(filled.given) | set(filled.files) <= set(seen)
        arrived(visitor, filled)


def test_a_question_that_does_not_apply_is_hidden_by_script(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, TEKNIS) as visitor:
        page = visitor.page
        place = page.get_by_label("Gedung dan ruang")
        expect(place).to_be_hidden()
        filled = filling(visitor, tmp_path)
        filled.fill({"jenis_layanan": "Perangkat keras"})
        expect(place).to_be_visible()
        visitor.look()
        page.get_by_label("Layanan yang diminta").select_option("Reset kata sandi")
        expect(place).to_be_hidden()
        filled.send()
        filled.given = {**filled.given, "jenis_layanan": "Reset kata sandi"}
        filled.given.pop("lokasi_layanan")
        arrived(visitor, filled)


def test_without_script_its_condition_is_said(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, TEKNIS, script=False) as visitor:
        place = visitor.page.get_by_label("Gedung dan ruang")
        expect(place).to_be_visible()
        expect(place).to_have_accessible_description(
            "Isi bila «Layanan yang diminta» adalah Jaringan dan Wi-Fi, Perangkat keras, Perangkat lunak atau "
            "Layanan teknis lain. Isi bila petugas perlu datang."
        )
        visitor.look()
        filled = filling(visitor, tmp_path)
        filled.fill()
        filled.send()
        arrived(visitor, filled)


@pytest.mark.parametrize("script", [True, False])
def test_a_file_is_chosen_once_although_something_else_was_wrong(
    browser: Browser, tmp_path: Path, *, script: bool
) -> None:
    with visiting(browser, TEKNIS, script=script, width=1) as visitor:
        page = visitor.page
        filled = filling(visitor, tmp_path)
        filled.fill({"email_pemohon": "sari@"})
        filled.send()
        expect(page.get_by_role("alert")).to_contain_text("Ada satu isian")
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_text("bukti_pendukung.pdf").first).to_be_visible()
        visitor.look()
        page.get_by_label("Alamat email").fill("sari.melati@kampus.contoh.id")
        filled.given["email_pemohon"] = "sari.melati@kampus.contoh.id"
        filled.send()
        arrived(visitor, filled)


def test_a_file_that_is_too_large_or_wrong_does_not_travel(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, TEKNIS) as visitor:
        page, place = visitor.page, visitor.page.get_by_label("Bukti pendukung")
        large = tmp_path / "besar.pdf"
        large.write_bytes(b"%PDF-1.4" + bytes(6 * 1024 * 1024))
        place.set_input_files(large)
        expect(page.get_by_role("alert")).to_have_text("Berkas terlalu besar: paling besar 5 MB.")
        visitor.look()
        wrong = tmp_path / "program.exe"
        wrong.write_bytes(b"MZ")
        place.set_input_files(wrong)
        expect(page.get_by_role("alert")).to_have_text("Jenis berkas ini tidak diterima.")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        page.locator(".send button:not([name])").click()
        expect(place).to_be_focused()
        assert "POST" not in sent


def test_a_connection_that_breaks_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, TEKNIS, width=1) as visitor:
        page = visitor.page
        filled = filling(visitor, tmp_path)
        filled.fill()
        page.route(
            "**/layanan/**",
            lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
        )
        filled.send()
        expect(page.locator(".sending")).to_have_text(
            "Sambungan terputus. Isian Anda masih ada; coba kirim lagi."
        )
        expect(page.get_by_label("Nama lengkap")).to_have_value("Sari Melati")
        visitor.complaints.clear()
        visitor.look()
        page.unroute("**/layanan/**")
        filled.send()
        arrived(visitor, filled)


def test_going_back_and_sending_again_is_one_request(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, TEKNIS) as visitor:
        page = visitor.page
        filled = filling(visitor, tmp_path)
        filled.fill()
        filled.send()
        arrived(visitor, filled)
        first = page.locator(".big").inner_text()
        page.go_back()
        page.wait_for_url(f"**/layanan/{TEKNIS}")
        filled.fill()
        filled.send()
        expect(page.locator(".big")).to_have_text(first)
        assert visitor.world.store.submissions.by_number("UNJ-2026-000002") is None


def test_twice_clicked_is_once_sent(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, TEKNIS, script=False) as visitor:
        filled = filling(visitor, tmp_path)
        filled.fill()
        visitor.page.locator(".send button:not([name])").dblclick()
        arrived(visitor, filled)
        assert visitor.world.store.submissions.by_number("UNJ-2026-000002") is None


def test_the_language_changes_and_what_was_typed_stays(browser: Browser) -> None:
    with visiting(browser, TEKNIS) as visitor:
        page = visitor.page
        page.get_by_label("Nama lengkap").fill("Sari Melati")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_label("Full name")).to_have_value("Sari Melati")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        visitor.look()


def test_a_draft_is_kept_and_found_again(browser: Browser) -> None:
    with visiting(browser, TEKNIS, width=1) as visitor:
        page: Page = visitor.page
        page.get_by_label("Uraian masalah atau kebutuhan").fill("Baru separuh")
        page.get_by_role("button", name="Simpan dulu").click()
        expect(page.get_by_role("alert")).to_contain_text("tautan drafnya dikirim ke sana")
        page.get_by_label("Alamat email").fill("sari@kampus.contoh.id")
        page.get_by_role("button", name="Simpan dulu").click()
        expect(page.get_by_role("status").first).to_contain_text("Draf tersimpan.")
        visitor.look()
        visitor.world.work()
        mail = visitor.world.mail_to("sari@kampus.contoh.id")[-1].text
        link = next(word for word in mail.split() if "/draf?t=" in word)
        visitor.open(link.removeprefix("http://127.0.0.1:8000"))
        expect(page.get_by_label("Uraian masalah atau kebutuhan")).to_have_value("Baru separuh")
        assert "t=" not in page.url
        visitor.look()


@pytest.mark.parametrize(
    "path", ["/layanan", "/layanan?cari=wifi", "/layanan?cari=xyzzy", "/layanan?lang=en"]
)
def test_the_list_of_services(browser: Browser, path: str) -> None:
    context = browser.new_context(locale="id-ID")
    with serving(World(profile="").app()) as (host, port):
        visitor = Visitor(World(), f"http://{host}:{port}", context.new_page())
        visitor.open(path)
        visitor.look()
        for each in visitor.page.locator("details summary").all():
            each.click()
        visitor.look()
        context.close()
