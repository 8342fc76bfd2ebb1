"""A calendar that changes under a running service: limits move without a word to anybody, and say why."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
import time_machine
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from connector.bootstrap import Application
from connector.cli import main
from connector.engine.words import date_words, instant_words
from connector.settings import SERVICE, Settings
from devtools.walk import Walker
from tests.browser.chromium import WIDTHS
from tests.live.conftest import MAPPINGS
from tests.live.service import Service

pytestmark = [pytest.mark.live, pytest.mark.browser]

JAKARTA = ZoneInfo("Asia/Jakarta")
HOLIDAY = "Dies Natalis UNJ"
#: So long after a change Redmine and the connector would have sent what they send.
QUIET = 3


@dataclass
class Office:
    """The service with mappings of its own, and tickets: one at work, one with its requester, one that is over."""

    service: Service
    mappings: Path
    at_work: Walker
    waiting: Walker
    over: Walker

    @property
    def environment(self) -> dict[str, str]:
        return {**self.service.environment, "SOP_MAPPINGS_DIR": str(self.mappings)}

    def command(self, *words: str, **more: str) -> str:
        """What a command prints; it must go well."""
        admin = {"SOP_REDMINE_ADMIN_KEY": self.service.stack.redmine.admin["api_key"]}
        done = CliRunner().invoke(main, list(words), env={**self.environment, **admin, **more})
        assert done.exit_code == 0, done.output
        return done.stdout

    def told(self, *words: str, **more: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.command(*words, "--format", "json", **more))
        return found

    def close(self, day: dt.date) -> None:
        """Write a closure into the calendar."""
        path = self.mappings / "unj" / "organization.yaml"
        text = path.read_text(encoding="utf-8")
        line = f"  closures:\n    - {{date: {day}, name: {HOLIDAY}}}\n"
        path.write_text(text.replace("  cuti_bersama: true\n", f"  cuti_bersama: true\n{line}"), "utf-8")

    def run(self, issue: int, due: str) -> None:
        """Run the connector with these mappings until the ticket has this limit."""
        self.service.stack.connector.start(SOP_MAPPINGS_DIR=str(self.mappings))
        end = time.monotonic() + 30
        while self.stay(issue)["due"] != due:
            assert time.monotonic() < end, "the limit did not move"
            time.sleep(0.2)
        time.sleep(QUIET)
        self.service.stack.connector.stop()

    def stay(self, issue: int) -> dict[str, Any]:
        stay: dict[str, Any] = self.service.state(issue)["stays"][-1]
        return stay

    def shown(self, issue: int) -> tuple[str, str]:
        """Redmine's own due date, and the field with the exact limit."""
        found = self.service.stack.admin.issue(issue)
        fields = {each["name"]: each["value"] for each in found["custom_fields"]}
        return found["due_date"], fields["Batas waktu"]

    def everything(self) -> tuple[int, dict[int, list[str]]]:
        """Every message that was sent by anybody, and every note on the tickets."""
        issues = (self.at_work.issue, self.waiting.issue, self.over.issue)
        return len(self.service.stack.mail.messages()), {each: self.service.notes(each) for each in issues}


@pytest.fixture(scope="module")
def office(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    mappings = tmp_path_factory.mktemp("kalender") / "pemetaan"
    shutil.copytree(MAPPINGS, mappings)
    application = service.here()
    walkers = [service.ticket(application)[0] for _ in range(3)]
    at_work, waiting, over = walkers
    service.advance(application, at_work, "penjadwalan")
    for walker, outcome in ((waiting, "dikembalikan"), (over, "ditolak")):
        walker.leave(service.step("verifikasi-identitas"), outcome)
        service.look(application, walker.issue)
    application.store.close()
    time.sleep(QUIET)
    yield Office(service, mappings, at_work, waiting, over)
    service.stack.connector.stop()


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(JAKARTA)


def later(due: dt.datetime, closed: dt.date) -> dt.datetime:
    """The closing time of the next day that is worked, as somebody with a wall calendar would say."""
    free = holidays.country_holidays(
        "ID", categories={"public", "government"}, years=(due.year, due.year + 1)
    )
    day = due
    while day.weekday() > 4 or day.date() == closed or day.date() in free:
        day += dt.timedelta(days=1)
    return day


def test_a_new_closure_moves_running_limits_without_a_word_and_says_why(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    issue, number = office.at_work.issue, office.service.state(office.at_work.issue)["number"]
    states = {each.issue: office.service.state(each.issue) for each in (office.at_work, office.over)}
    before, sent = instant(states[issue]["stays"][-1]["due"]), office.everything()
    assert office.told("plan")["limits"] == {"moving": [], "kept": []}

    closed = before.date()
    office.close(closed)
    after = later(before, closed)
    reason = f"libur {HOLIDAY} pada {date_words(closed)}"
    [moving] = [
        each for each in office.told("plan")["limits"]["moving"] if each["procedure"] == office.service.key
    ]
    assert moving["reason"] == reason
    assert issue in moving["issues"]
    assert office.over.issue not in moving["issues"]
    assert f"#{issue}" in office.command("plan")

    office.run(issue, after.isoformat())

    words = instant_words(after, JAKARTA)
    assert office.shown(issue) == (f"{after:%Y-%m-%d}", words)
    state = office.service.state(issue)
    assert state["stays"][:-1] == states[issue]["stays"][:-1]
    assert office.service.state(office.over.issue) == states[office.over.issue]
    [moved] = state["stays"][-1]["moves"]
    assert (instant(moved["old"]), instant(moved["new"]), moved["reason"]) == (before, after, reason)
    held = office.stay(office.waiting.issue)
    assert "due" not in held  # its clock stands still, and what is left is left
    assert office.everything() == sent
    assert office.told("plan")["limits"]["moving"] == []

    text = " ".join(office.command("explain", str(issue)).split())
    assert f"Bergeser dari {instant_words(before, JAKARTA)} ke {words}, karena {reason}" in text
    _look_at_the_panel(office, browser, reason)
    _look_at_the_tracking_page(office, number, reason)


def _look_at_the_panel(office: Office, browser: Browser, reason: str) -> None:
    person = office.service.stack.people["unj"]["helpdesk"][0]
    page = browser.new_context(locale="id-ID").new_page()
    page.goto(f"{office.service.stack.redmine.url}/login")
    page.fill("#username", person.login)
    page.fill("#password", person.password)
    page.click("#login-submit")
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{office.service.stack.redmine.url}/issues/{office.at_work.issue}")
        expect(page.locator(".sop-moved")).to_contain_text(f"bergeser karena {reason}.")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def _look_at_the_tracking_page(office: Office, number: str, reason: str) -> None:
    from connector.app import create_app

    application = Application(Settings.load(office.environment, SERVICE))
    link = application.links.ticket(number)
    client = create_app(application.web, limits=False).test_client()
    path = link.removeprefix(application.settings.public_url)
    answer = client.get(path, follow_redirects=True)
    application.store.close()
    assert f"bergeser karena {reason}." in answer.text
    person = office.service.stack.people["unj"]["helpdesk"][0]
    assert person.login not in answer.text


def test_an_empty_database_explains_the_same(office: Office, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    fresh = {"SOP_DATABASE_URL": f"sqlite:///{tmp_path}/baru.db"}

    def explained(**more: str) -> list[Mapping[str, Any]]:
        with time_machine.travel(now, tick=False):
            return [office.told("explain", str(each.issue), **more) for each in walkers]

    walkers = (office.at_work, office.waiting, office.over)
    before = explained()
    office.command("rebuild", **fresh)
    assert explained(**fresh) == before
    assert [bool(each["ledger"]) for each in before] == [True, True, True]
