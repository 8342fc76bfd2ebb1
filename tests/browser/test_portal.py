"""The portal in a real browser: what a requester does from the list of services to the survey."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from devtools.walk import PDF
from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

FORM = "/layanan/unj/permohonan-layanan-teknis"
NUMBER = "UNJ-2026-000001"


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "bukti.pdf"
    path.write_bytes(PDF)
    return path


def fill(visitor: Visitor, evidence: Path) -> None:
    page = visitor.page
    page.get_by_label("Nama lengkap").fill("Sari Melati")
    page.get_by_label("Dosen").check()
    page.get_by_label("NIM, NIP, atau NIK").fill("1301619001")
    page.get_by_label("Program studi atau unit kerja").fill("Prodi Pendidikan Teknik Informatika")
    page.get_by_label("Alamat email").fill("sari@kampus.contoh.id")
    page.get_by_label("Nomor telepon atau WhatsApp").fill("0812 0000 1234")
    page.get_by_label("Layanan yang diminta").select_option("Jaringan dan Wi-Fi")
    page.get_by_label("Uraian masalah atau kebutuhan").fill("Wi-Fi ruang dosen terputus.")
    page.get_by_label("Bukti pendukung").set_input_files(evidence)
    page.get_by_label(re.compile("Saya menyetujui")).check()


def test_a_request_is_sent_and_followed(visitor: Visitor, evidence: Path) -> None:
    page = visitor.page
    visitor.open("/")
    visitor.look()
    page.get_by_role("link", name="Permohonan Pelayanan Teknis IT").click()
    visitor.look()
    fill(visitor, evidence)
    page.get_by_role("button", name="Kirim permohonan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Permohonan Anda kami terima")
    expect(page.get_by_text(NUMBER)).to_be_visible()
    # the secret has left the address, and the cookie is enough from now on
    assert page.url == f"{visitor.base}/lacak/{NUMBER}?baru=1"
    visitor.look()
    visitor.world.work()
    visitor.open(f"/lacak/{NUMBER}")
    expect(page.get_by_text("Sedang diproses")).to_be_visible()
    visitor.look()
    assert visitor.world.mail_to("sari@kampus.contoh.id")


def test_mistakes_are_led_to_and_nothing_is_lost(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(FORM)
    page.get_by_label("Nama lengkap").fill("Sari Melati")
    page.get_by_label("Alamat email").fill("sari@")
    page.get_by_role("button", name="Kirim permohonan").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Ada isian yang perlu diperbaiki"))
    summary.get_by_role("link", name="Alamat email").click()
    expect(page.get_by_label("Alamat email")).to_be_focused()
    expect(page.get_by_label("Alamat email")).to_have_value("sari@")
    expect(page.get_by_label("Nama lengkap")).to_have_value("Sari Melati")
    # what is wrong is said to who cannot see it too
    expect(page.get_by_label("Alamat email")).to_have_accessible_description(
        re.compile("alamat email yang benar")
    )
    visitor.look()


def test_the_keyboard_alone_is_enough(visitor: Visitor, evidence: Path) -> None:
    page = visitor.page
    visitor.open(FORM)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    page.keyboard.press("Enter")
    fill(visitor, evidence)
    page.get_by_label("Nama lengkap").focus()
    seen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        seen.append(str(page.evaluate("document.activeElement.name || document.activeElement.type")))
        if seen[-1] == "submit":
            break
    assert {"identitas", "uraian", "bukti_pendukung", "persetujuan_data"} <= set(seen)
    page.keyboard.press("Enter")
    expect(page.get_by_text(NUMBER)).to_be_visible()


def test_a_correction(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    number = world.submit()
    world.work()
    world.move(number, "dikembalikan", permintaan_perbaikan="Foto kartu belum terbaca.\nUnggah lagi, ya.")
    visitor.open_ticket(number)
    expect(page.get_by_text("Foto kartu belum terbaca.")).to_be_visible()
    visitor.look()
    page.get_by_role("button", name="Kirim perbaikan").click()
    expect(page.get_by_role("alert")).to_contain_text("Belum ada yang berubah")
    visitor.look()
    page.get_by_label("Gedung dan ruang").fill("Dewi Sartika 301")
    page.get_by_role("button", name="Kirim perbaikan").click()
    expect(page.get_by_text("Jawaban Anda sedang dicatat.")).to_be_visible()
    visitor.look()
    world.work()
    page.reload()
    expect(page.get_by_text("Sedang diproses")).to_be_visible()


def test_receipt_and_survey(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    number = world.submit()
    world.work()
    world.walk(number, "penerimaan-survei")
    visitor.open_ticket(number)
    visitor.look()
    with page.expect_download() as download:
        page.get_by_role("link", name="Berita Acara").click()
    digest = hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest()
    made = {each.field: each.sha256 for each in world.store.register.entries()}
    assert digest == made["berita_acara"]
    page.get_by_role("button", name="Saya terima hasilnya").click()
    expect(page.get_by_role("alert")).to_contain_text("Ada 9 isian")
    visitor.look()
    for question in page.locator("fieldset").all():
        question.get_by_text("Sangat baik").click()
    page.get_by_role("button", name="Saya terima hasilnya").click()
    expect(page.get_by_text("Terima kasih.")).to_be_visible()
    world.work()
    world.walk(number, "selesai")
    page.reload()
    expect(page.get_by_role("heading", name="Layanan selesai")).to_be_visible()
    visitor.look()


def test_an_objection(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    number = world.submit()
    world.work()
    world.walk(number, "penerimaan-survei")
    visitor.open_ticket(number)
    page.get_by_text("Hasilnya belum sesuai?").click()
    page.get_by_label("Apa yang belum sesuai?").fill("Masih putus di lantai 3.")
    page.get_by_role("button", name="Ajukan keberatan").click()
    expect(page.get_by_text("Jawaban Anda sedang dicatat.")).to_be_visible()
    world.work()
    page.reload()
    expect(page.get_by_role("heading", name="Pengecekan hasil")).to_be_visible()
    visitor.look()


def test_a_withdrawal_is_asked_twice(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    number = world.submit()
    world.work()
    visitor.open_ticket(number)
    page.get_by_text("Tarik permohonan ini").click()
    page.get_by_role("button", name="Tarik permohonan").click()
    expect(page.get_by_role("alert")).to_contain_text("Centang kotak ini")
    visitor.look()
    page.get_by_label(re.compile("saya tidak memerlukan")).check()
    page.get_by_role("button", name="Tarik permohonan").click()
    world.work()
    page.reload()
    expect(page.get_by_text("Ditutup", exact=True)).to_be_visible()
    visitor.look()


@pytest.mark.parametrize("path", ["/lacak", "/tidak-ada", f"/lacak/{NUMBER}"])
def test_the_other_pages(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    visitor.look()


def test_a_name_with_markup_stays_a_name(visitor: Visitor) -> None:
    name = "<script>document.title='dibajak'</script><img src=x onerror=\"document.title='dibajak'\">"
    number = visitor.world.submit(nama_pemohon=name, lokasi=name)
    visitor.world.work()
    visitor.world.move(number, "dikembalikan", permintaan_perbaikan=name)
    visitor.open_ticket(number)
    assert "dibajak" not in visitor.page.title()
    expect(visitor.page.get_by_label("Nama lengkap")).to_have_value(name)
    visitor.look()
