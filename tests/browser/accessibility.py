"""axe-core on a page, run from outside, so that the page's own policy stays in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).with_name("axe") / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  const where = nodes => nodes.map(node => `${node.target.join(' ')} ${node.failureSummary}`);
  return found.violations.map(each => ({id: each.id, impact: each.impact, where: where(each.nodes)}));
}"""


def complaints(page: Page) -> list[str]:
    """What axe finds wrong, whatever its weight."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [f"{each['impact']} {each['id']}: {where}" for each in found for where in each["where"]]
