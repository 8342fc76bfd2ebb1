"""Signing with a code in a browser, with the keyboard's labels, at every width."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.serving import serving
from tests.world import World


def test_a_requester_signs_his_documents(browser: Browser) -> None:
    world = World(profile="jabar", key="jabar/service-desk")
    number = world.submit()
    world.work()
    world.walk(number, "balasan-sla-ba")
    context = browser.new_context(locale="id-ID", viewport={"width": 1280, "height": 800})
    with serving(world.app()) as (host, port):
        visitor = Visitor(world, f"http://{host}:{port}", context.new_page())
        page = visitor.page
        visitor.open_ticket(number)
        visitor.look()
        page.get_by_role("link", name="Tanda tangani dengan kode").click()
        page.get_by_role("button", name="Kirim kode ke email saya").click()
        visitor.look()
        page.get_by_label("Nama lengkap Anda").fill("Sari Melati, S.Kom.")
        page.get_by_label("Saya sudah membaca dokumen").check()
        page.get_by_role("button", name="Kirim kode ke email saya").click()
        world.work()
        code = re.findall(r"^\d{6}$", world.sent[-1].text, re.MULTILINE)[0]
        page.get_by_label("Kode", exact=True).fill("1")
        page.get_by_role("button", name="Tanda tangani").click()
        visitor.look()
        page.get_by_label("Kode", exact=True).fill(code)
        page.get_by_role("button", name="Tanda tangani").click()
        expect(page.get_by_role("status").first).to_contain_text("Jawaban Anda sudah kami terima")
        world.work()
        visitor.open(f"/lacak/{number}")
        expect(page.get_by_role("heading", name="Penutupan tiket")).to_be_visible()
        context.close()
