"""Debian's Chromium, as the browser tests use it."""

from __future__ import annotations

import os

from playwright.sync_api import Browser, Playwright

EXECUTABLE = os.environ.get("CHROMIUM", "/usr/bin/chromium")
#: A desktop and a phone.
WIDTHS = ((1280, 800), (375, 740))
#: WCAG 2.2, 1.4.10: nothing is lost, and nobody scrolls sideways.
NARROWEST = 320


def launch(playwright: Playwright) -> Browser:
    """Start it. Root may use it only without its sandbox; what it opens is our own."""
    root = os.geteuid() == 0
    return playwright.chromium.launch(
        executable_path=EXECUTABLE, args=["--no-sandbox"] if root else [], headless=True
    )
