"""The panel on Redmine's issue page, in a browser: at both widths, by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import WIDTHS
from tests.live.service import Service

pytestmark = [pytest.mark.live, pytest.mark.browser]


@dataclass(frozen=True)
class Office:
    """A Redmine with tickets in several moods."""

    service: Service
    first: int
    waiting: int
    refused: int

    @property
    def url(self) -> str:
        return self.service.stack.redmine.url

    def enter(self, page: Page, role: str) -> None:
        """Log in as the first holder of a role."""
        person = self.service.stack.people["unj"][role][0]
        page.goto(f"{self.url}/login")
        page.fill("#username", person.login)
        page.fill("#password", person.password)
        page.click("#login-submit")

    def field(self, name: str) -> int:
        return self.service.walker(self.first).desk("helpdesk").field_id(name)


@pytest.fixture(scope="module")
def office(service: Service) -> Office:
    application = service.here()
    issues = []
    for outcome in (None, "dikembalikan", "ditolak"):
        walker, _ = service.ticket(application)
        if outcome:
            walker.leave(service.step("verifikasi-identitas"), outcome)
            service.look(application, walker.issue)
        issues.append(walker.issue)
    application.store.close()
    return Office(service, *issues)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="id-ID")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def value_of(page: Page, ref: int) -> str:
    return f"#issue_custom_field_values_{ref}"


def test_it_stands_above_the_fields_and_fits_at_every_width(office: Office, page: Page) -> None:
    office.enter(page, "helpdesk")
    told = {
        office.first: ("Langkah 3 dari 18: Verifikasi identitas", "Giliran Anda"),
        office.waiting: ("Langkah 3 dari 18: Verifikasi identitas", "Menunggu pemohon"),
        office.refused: ("Permohonan ditolak", "Ditutup"),
    }
    for issue, (heading, badge) in told.items():
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{office.url}/issues/{issue}")
            panel = page.get_by_role("region", name=heading)
            expect(panel).to_be_visible()
            expect(panel.get_by_text(badge, exact=True)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            box, attributes = panel.bounding_box(), page.locator("div.issue > .attributes").bounding_box()
            assert box is not None
            assert attributes is not None
            assert box["y"] + box["height"] <= attributes["y"]
            assert box["x"] + box["width"] <= width


def test_where_the_ticket_stands_is_in_sight_in_the_timeline(office: Office, page: Page) -> None:
    office.enter(page, "helpdesk")
    page.goto(f"{office.url}/issues/{office.first}")
    current = page.locator(".sop-way li[aria-current=step]")
    expect(current).to_contain_text("Verifikasi identitas")
    expect(current).to_be_in_viewport()
    steps = page.get_by_role("list", name="Seluruh prosedur")
    steps.focus()
    page.keyboard.press("End")
    expect(steps.get_by_role("listitem").last).to_be_in_viewport()
    page.locator(".sop-way summary").press("Enter")
    expect(steps).to_be_hidden()


def test_empty_fields_of_other_steps_unfold_by_keyboard(office: Office, page: Page) -> None:
    office.enter(page, "helpdesk")
    page.goto(f"{office.url}/issues/{office.first}")
    later = page.locator(f".attributes .attribute.cf_{office.field('jadwal_layanan')}")
    now = page.locator(f".attributes .attribute.cf_{office.field('cara_verifikasi')}")
    filled = page.locator(f".attributes .attribute.cf_{office.field('identitas')}")
    expect(later).to_be_hidden()
    expect(now).to_be_visible()
    expect(filled).to_be_visible()
    button = page.get_by_role("button", name="Tampilkan isian kosong langkah lain")
    expect(button).to_have_attribute("aria-expanded", "false")
    order = "Array.from(document.querySelectorAll('.attributes .attribute'), row => row.className).join()"
    button.press("Enter")
    opened = page.evaluate(order)
    expect(later).to_be_visible()
    expect(page.locator(".sop-more")).to_have_attribute("aria-expanded", "true")
    page.locator(".sop-more").press("Space")
    expect(later).to_be_hidden()
    assert page.evaluate(order) == opened  # balanced columns keep Redmine's order


def test_the_form_folds_what_is_not_needed_now_and_keeps_what_is_written_there(
    office: Office, page: Page
) -> None:
    office.enter(page, "pengelola-sop")
    page.goto(f"{office.url}/issues/{office.waiting}")
    page.get_by_role("link", name="Sunting").first.click()
    later = page.locator(value_of(page, office.field("lokasi_arsip")))
    expect(later).to_be_hidden()
    expect(page.locator(value_of(page, office.field("nama_pemohon")))).to_be_visible()
    summary = page.locator(".sop-others > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(later).to_be_visible()
    expect(page.get_by_role("group", name="15. Pengarsipan").locator(later)).to_be_visible()
    later.fill("Lemari 3")
    with page.expect_response(lambda answer: "edit.js" in answer.url):
        page.select_option("#issue_status_id", label="Dilanjutkan")
    expect(later).to_be_visible()  # drawn anew, still open, nothing lost
    expect(later).to_have_value("Lemari 3")
    assert page.locator(".sop-others").count() == 1
    page.select_option("#issue_status_id", label="Menunggu Pemohon")
    page.wait_for_load_state("networkidle")
    page.locator("#issue-form").get_by_role("button", name="Kirim").click()
    row = page.locator(f".attributes .attribute.cf_{office.field('lokasi_arsip')}")
    expect(row).to_contain_text("Lemari 3")


def test_a_missing_need_is_not_folded_and_an_error_opens_the_rest(office: Office, page: Page) -> None:
    office.enter(page, "helpdesk")
    page.goto(f"{office.url}/issues/{office.first}/edit")
    expect(page.locator(value_of(page, office.field("nama_pemohon")))).to_be_hidden()
    with page.expect_response(lambda answer: "edit.js" in answer.url):
        page.select_option("#issue_status_id", label="Penjadwalan")
    expect(page.locator(value_of(page, office.field("cara_verifikasi")))).to_be_visible()
    page.locator("#issue-form").get_by_role("button", name="Kirim").click()
    expect(page.locator("#errorExplanation")).to_contain_text("Cara verifikasi")
    expect(page.locator(value_of(page, office.field("cara_verifikasi")))).to_be_visible()


def test_without_javascript_nothing_is_hidden(office: Office, browser: Browser) -> None:
    context = browser.new_context(locale="id-ID", java_script_enabled=False)
    page = context.new_page()
    office.enter(page, "pengelola-sop")
    page.goto(f"{office.url}/issues/{office.first}")
    expect(page.get_by_role("region", name="Langkah 3 dari 18")).to_be_visible()
    expect(page.locator(f".attributes .attribute.cf_{office.field('jadwal_layanan')}")).to_be_visible()
    page.goto(f"{office.url}/issues/{office.first}/edit")
    expect(page.locator(value_of(page, office.field("lokasi_arsip")))).to_be_visible()
    context.close()
