"""Pictures of every page and mail, to look at: `python -m tests.browser.shots` fills var/shots/portal/."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from connector.portal.tokens import head_token
from connector.ports import IssueChange, Member
from connector.settings import ROOT
from tests.browser.chromium import WIDTHS, launch
from tests.serving import serving
from tests.unit.documents.test_verification import REPLACED, VALID, VOID
from tests.world import SECRET, World

FORM = "/layanan/unj/permohonan-layanan-teknis"


def main() -> None:
    """Take them all."""
    folder = ROOT / "var/shots/portal"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width, height in WIDTHS:
            Photographer(browser, folder, width, height).all()
        browser.close()


class Photographer:
    """Goes through the portal at one width."""

    def __init__(self, browser: Browser, folder: Path, width: int, height: int) -> None:
        self._browser, self._folder, self._width, self._height = browser, folder, width, height

    def all(self) -> None:
        """Pages of tickets in every mood, then the messages that were sent on the way."""
        self._public()
        world = self._moods()
        self._errors()
        self._verification()
        self._mails(world)
        self._mails(self._heads(), "42-pimpinan")
        self._mails(self._rated(), "43-survei")
        self._mails(self._warned(), "41-peringatan")

    def _page(self) -> Page:
        size = {"width": self._width, "height": self._height}
        return self._browser.new_context(viewport=size, locale="id-ID").new_page()  # type: ignore[arg-type]

    def _shoot(self, page: Page, name: str) -> None:
        page.screenshot(path=self._folder / f"{name}-{self._width}.png", full_page=True)

    def _public(self) -> None:
        world = World()
        with serving(world.app()) as (host, port):
            page, base = self._page(), f"http://{host}:{port}"
            page.goto(f"{base}/layanan")
            self._shoot(page, "01-layanan")
            page.goto(base + FORM)
            self._shoot(page, "02-formulir")
            page.get_by_label("Nama lengkap").fill("Sari Melati")
            page.get_by_label("Alamat email").fill("sari@")
            page.get_by_role("button", name="Kirim permohonan").click()
            self._shoot(page, "03-formulir-galat")
            page.goto(f"{base}/lacak")
            page.get_by_role("button", name="Kirim kode").click()
            self._shoot(page, "04-lacak-galat")
            number = world.submit()
            page.goto(f"{base}/lacak/{number}?t={world.token(number)}&baru=1")
            self._shoot(page, "05-terkirim")

    def _moods(self) -> World:
        world = World()
        with serving(world.app()) as (host, port):
            page, base = self._page(), f"http://{host}:{port}"
            number = world.submit()
            world.work()
            page.goto(f"{base}/lacak/{number}?t={world.token(number)}")
            self._shoot(page, "10-diproses")
            world.clock.forward(hours=3)
            page.reload()
            self._shoot(page, "11-terlambat")
            world.clock.forward(hours=-3)
            request = "Foto kartu mahasiswa belum terbaca.\nMohon unggah foto yang lebih terang, ya."
            world.move(number, "dikembalikan", permintaan_perbaikan=request)
            page.reload()
            self._shoot(page, "12-menunggu")
            page.get_by_role("button", name="Kirim perbaikan").click()
            self._shoot(page, "13-menunggu-galat")
            page.get_by_label("Gedung dan ruang").fill("Dewi Sartika 301")
            page.get_by_role("button", name="Kirim perbaikan").click()
            self._shoot(page, "14-tertunda")
            world.work()
            world.walk(number, "penerimaan-survei")
            page.goto(f"{base}/lacak/{number}")
            page.get_by_text("Hasilnya belum sesuai?").click()
            self._shoot(page, "15-survei")
            page.get_by_role("button", name="Saya terima hasilnya").click()
            self._shoot(page, "16-survei-galat")
            world.walk(number, "selesai")
            page.goto(f"{base}/lacak/{number}")
            self._shoot(page, "17-selesai")
            world.redmine.down = True
            page.reload()
            self._shoot(page, "18-redmine-mati")
            world.redmine.down = False
            self._refused(page, base, world)
            self._moved(page, base, world)
        return world

    def _refused(self, page: Page, base: str, world: World) -> None:
        number = world.submit("dua")
        world.work()
        page.goto(f"{base}/lacak/{number}?t={world.token(number)}")
        page.get_by_text("Tarik permohonan ini").click()
        self._shoot(page, "19-tarik")
        world.move(number, "ditolak", alasan="Perangkat pribadi di luar lingkup layanan ini.")
        page.goto(f"{base}/lacak/{number}")
        self._shoot(page, "20-ditolak")

    def _moved(self, page: Page, base: str, world: World) -> None:
        number = world.submit("tiga")
        world.work()
        world.move(number, "dikembalikan", permintaan_perbaikan="Foto kartu belum terbaca.")
        world.clock.forward(hours=26)
        page.goto(f"{base}/lacak/{number}?t={world.token(number)}")
        page.get_by_label("Gedung dan ruang").fill("Dewi Sartika 301")
        page.get_by_role("button", name="Kirim perbaikan").click()
        world.work()
        world.walk(number, "penjadwalan")
        world.close(world.clock().date() + dt.timedelta(days=1), "Dies Natalis UNJ")
        page.goto(f"{base}/lacak/{number}")
        self._shoot(page, "21-bergeser")

    def _heads(self) -> World:
        """The head of a unit: his code, a comment before his turn, and his decision; the messages to him."""
        world = World(key="unj/pengaduan-masalah-si")
        head = "pimpinan.unit@unj.invalid"
        with serving(world.app()) as (host, port):
            page, base = self._page(), f"http://{host}:{port}"
            number = world.submit(email_pemohon="sari@kampus.contoh.id")
            world.work()
            world.walk(number, "diskusi-unit")
            page.goto(f"{base}/pimpinan/{number}?t={head_token(SECRET.encode(), number, head)}")
            self._shoot(page, "60-pimpinan-kode")
            page.get_by_role("button", name="Kirim kode").click()
            world.work()
            self._shoot(page, "61-pimpinan-kode-dikirim")
            page.get_by_label("Kode", exact=True).fill(re.findall(r"(?m)^\d{6}$", world.sent[-1].text)[0])
            page.get_by_role("button", name="Buka permohonan").click()
            page.get_by_label("Pertanyaan atau pesan Anda").fill("Kami siap Kamis, asal sebelum pukul 12.")
            page.get_by_role("button", name="Kirim pesan").click()
            world.work()
            self._answered(
                world, number, "koordinator-programmer", "Kepada pimpinan unit: Baik, Kamis pukul 9."
            )
            page.goto(f"{base}/pimpinan/{number}")
            self._shoot(page, "62-pimpinan-menanggapi")
            world.walk(number, "penerimaan")
            page.reload()
            page.get_by_text("Hasil belum sesuai?").click()
            self._shoot(page, "63-pimpinan-memutuskan")
        world.sent = world.mail_to(head)
        return world

    def _rated(self) -> World:
        """Number and code, a question and its answer, what came too late, and the survey; the messages."""
        world = World(key="unj/permintaan-data-insidental")
        with serving(world.app()) as (host, port):
            page, base = self._page(), f"http://{host}:{port}"
            number = world.submit(email_pemohon="sari@kampus.contoh.id")
            world.work()
            page.goto(f"{base}/lacak")
            page.get_by_label("Nomor tiket").fill(number)
            page.get_by_label("Alamat email").fill("sari@kampus.contoh.id")
            page.get_by_role("button", name="Kirim kode").click()
            self._shoot(page, "64-lacak-kode")
            page.goto(f"{base}/lacak/{number}?t={world.token(number)}")
            page.get_by_label("Pertanyaan atau pesan Anda").fill("Kapan datanya siap?")
            page.get_by_role("button", name="Kirim pesan").click()
            world.work()
            world.walk(number, "selesai")
            self._answered(world, number, "staf-data", "Kepada pemohon: Sudah dikirim hari ini.")
            page.goto(f"{base}/lacak/{number}")
            self._shoot(page, "65-survei")
            other = world.submit("dua", email_pemohon="sari@kampus.contoh.id")
            world.work()
            page.goto(f"{base}/lacak/{other}?t={world.token(other)}")
            page.get_by_text("Tarik permohonan ini").click()
            page.get_by_label("saya tidak memerlukan").check()
            page.get_by_label("Alasan").fill("Sudah ada.")
            page.get_by_role("button", name="Tarik permohonan").click()
            world.redmine.staff(
                world.snapshot(other).issue,
                "kepala-pustikom",
                IssueChange(
                    status="status:permohonan-ditolak", fields={"field:bersama:alasan": "Data tidak ada."}
                ),
            )
            world.work()
            page.goto(f"{base}/lacak/{other}")
            self._shoot(page, "66-tidak-dijalankan")
            world.until(world.clock() + dt.timedelta(days=3))
        world.sent = [mail for mail in world.sent if re.search("kode|jawaban|tidak-dij|survei", mail.key)]
        return world

    @staticmethod
    def _answered(world: World, number: str, role: str, text: str) -> None:
        issue = world.snapshot(number).issue
        world.redmine.staff(issue, role, IssueChange(notes=text))
        world.store.queue.put(f"issue:{issue}", now=world.clock())
        world.work()

    def _errors(self) -> None:
        world = World(ready=False)
        with serving(world.app()) as (host, port):
            page, base = self._page(), f"http://{host}:{port}"
            for name, path in (("404", "/tidak-ada"), ("403", "/lacak/UNJ-2026-000009"), ("503", FORM)):
                page.goto(base + path)
                self._shoot(page, f"30-{name}")

    def _verification(self) -> None:
        world = World()
        content = b"%PDF-1.7 surat tugas"
        rows = {
            "berlaku": VALID,
            "diganti": replace(REPLACED, code="7K2M-04XQ-0001"),
            "batal": replace(VOID, code="7K2M-04XQ-0002"),
        }
        world.store.register.record(list(rows.values()))
        with serving(world.app()) as (host, port):
            page, base = self._page(), f"http://{host}:{port}/verifikasi"
            page.goto(base)
            self._shoot(page, "50-verifikasi")
            for name, row in rows.items():
                page.goto(f"{base}/{row.code}")
                self._shoot(page, f"51-verifikasi-{name}")
            page.goto(f"{base}/0000-0000-0000")
            self._shoot(page, "52-verifikasi-tidak-dikenal")
            for name, given in (("asli", content), ("berbeda", content + b"x")):
                page.goto(f"{base}/{VALID.code}")
                page.get_by_label("Berkas PDF").set_input_files(
                    {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": given}
                )
                page.get_by_role("button", name="Bandingkan berkas").click()
                self._shoot(page, f"53-verifikasi-{name}")
            page.goto(f"{base}/{REPLACED.code}?lang=en")
            self._shoot(page, "54-verifikasi-english")

    def _warned(self) -> World:
        """Two tickets that are late and one that is near its limit."""
        world = World()
        world.redmine.people["unj", "helpdesk"] = (Member(11, "Hana", "hana@contoh.id"),)
        for day in (0, 0, 1):
            world.clock.forward(days=day)
            world.submit(f"{len(world.redmine.issues)}")
            world.work()
        world.until(world.clock() + dt.timedelta(minutes=26))
        world.sent = [mail for mail in world.sent if mail.key.startswith("warn:")]
        return world

    def _mails(self, world: World, name: str = "40-surat") -> None:
        page = self._page()
        for position, mail in enumerate(world.sent):
            page.set_content(mail.html)
            self._shoot(page, f"{name}-{position:02d}")


if __name__ == "__main__":
    main()
