"""How often one address may ask: each page by its own limit."""

from __future__ import annotations

from connector.app import LIMITS, WRONG_LINKS
from tests.world import World


def allowed(limit: str) -> int:
    return int(limit.split(maxsplit=1)[0])


def test_a_limit_holds_for_its_own_page_and_for_no_other() -> None:
    """All views of the tracking pages are lambdas of one place: they must not share a limit."""
    client = World().app(limits=True).test_client()
    often = allowed(LIMITS["tracking.ask_link"])
    statuses = {client.get("/lacak").status_code for _ in range(2 * often)}
    assert statuses == {200}
    assert [client.get("/lacak/UNJ-2026-000001").status_code for _ in range(often + 5)] == [403] * (often + 5)


def test_wrong_links_are_counted() -> None:
    client = World().app(limits=True).test_client()
    many = allowed(WRONG_LINKS)
    statuses = [client.get("/lacak/UNJ-2026-000001?t=salah").status_code for _ in range(many + 3)]
    assert statuses == [403] * many + [429] * 3
