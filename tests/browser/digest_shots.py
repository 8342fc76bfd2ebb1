"""Pictures of the supervisors' digest, to look at: `python -m tests.browser.digest_shots` fills var/shots/rekap/."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from connector.ports import OutgoingMail
from connector.settings import ROOT
from tests.browser.chromium import WIDTHS, launch
from tests.unit.supervision import sample


def main() -> None:
    """Take them all."""
    folder = ROOT / "var/shots/rekap"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, mail in letters():
            (folder / f"{name}.txt").write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")
            for width, height in WIDTHS:
                page = browser.new_context(viewport={"width": width, "height": height}).new_page()
                page.set_content(mail.html)
                page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                print(f"{name} {width}: {wide} px wide, {len(mail.html.encode()) // 1024} KB")
        browser.close()


def letters() -> Iterator[tuple[str, OutgoingMail]]:
    """A quiet day, a bad week, what people can type, one unit."""
    whole, unit = sample.reader("kepala-pustikom"), sample.reader("koordinator-programmer", "kadiv-layanan")
    missed = (sample.at(23, 8), "server surat tidak dapat dihubungi (ConnectionRefusedError)")
    yield "sedikit", sample.mail(sample.few(), whole)
    yield (
        "banyak",
        sample.mail(sample.many(), whole, weekly=True, missed=[missed], before={"late": 40, "near": 0}),
    )
    yield "jahat", sample.mail(sample.hostile(), whole)
    yield "laporan", sample.mail(sample.owing(), unit)
    yield "unit", sample.mail(sample.many(), unit, weekly=True)


if __name__ == "__main__":
    main()
