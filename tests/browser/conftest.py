"""A browser, and the service in memory behind a real web server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.accessibility import complaints
from tests.browser.chromium import NARROWEST, WIDTHS
from tests.serving import serving
from tests.world import World

# what the browser says when a page breaks its policy or fails to load something
CHECKS = """() => {
  const labelled = e => e.labels?.length || e.ariaLabel || e.getAttribute('aria-labelledby');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  const refs = ['aria-describedby', 'aria-labelledby'].flatMap(name =>
    [...document.querySelectorAll(`[${name}]`)].flatMap(e => e.getAttribute(name).split(' ')));
  const inputs = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
  return [
    ...inputs.filter(e => !labelled(e)).map(e => `no label: ${e.name}`),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `id twice: ${id}`),
    ...refs.filter(id => !ids.includes(id)).map(id => `names an id that is not there: ${id}`),
    ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one h1']),
    ...(['id', 'en'].includes(document.documentElement.lang) ? [] : ['language']),
    ...(document.documentElement.scrollWidth <= innerWidth ? [] : ['too wide']),
  ];
}"""


@dataclass
class Visitor:
    """Somebody with a browser. Whatever the browser complains of is kept."""

    world: World
    base: str
    page: Page
    script: bool = True
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # without motion: colours that are still changing are nobody's
        self.page.emulate_media(reduced_motion="reduce")
        self.page.on("console", lambda said: self._heard(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def _heard(self, kind: str, text: str) -> None:
        # an answer that is an error by its number is meant so, and looked at by the test
        if kind in ("error", "warning") and "the server responded with a status of" not in text:
            self.complaints.append(text)

    def _failed(self, request: Request) -> None:
        # a page that turns out to be a download is «aborted»
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"not loaded: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def open_ticket(self, number: str) -> None:
        self.open(f"/lacak/{number}?t={self.world.token(number)}")

    def look(self) -> None:
        """The page as it is now is sound at every width, by day and by night."""
        self.page.wait_for_load_state()
        for width, height in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.page.evaluate(CHECKS) == []
            self._accessible()
        self.page.set_viewport_size({"width": NARROWEST, "height": 640})
        assert self.page.evaluate(CHECKS) == []
        self.page.emulate_media(color_scheme="dark")
        self._accessible()
        self.page.emulate_media(color_scheme="light")
        assert self.complaints == []

    def _accessible(self) -> None:
        # axe waits for timers, which never ring where scripts are off; the same page is looked at with them
        if self.script:
            assert complaints(self.page) == []


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    world = World()
    context = browser.new_context(locale="id-ID", viewport={"width": 1280, "height": 800})
    with serving(world.app()) as (host, port):
        yield Visitor(world, f"http://{host}:{port}", context.new_page())
        context.close()
