"""Every service's form, sent with a real browser to a real Redmine: desktop and phone, with and without script."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from connector.sop.loader import load
from connector.sop.model import FieldType, Procedure
from devtools.demo import issue_of
from devtools.people import procedure_of, wait_until
from devtools.requester import Requester
from tests.browser.chromium import WIDTHS
from tests.browser.filling import Filling
from tests.live.conftest import MAPPINGS
from tests.live.service import TODAY, Service

pytestmark = [pytest.mark.live, pytest.mark.browser]

DESKTOP, PHONE = WIDTHS
KEYS = sorted(each.key for each in load(MAPPINGS).procedures if each.form)


@pytest.fixture(scope="module")
def running(service: Service) -> Iterator[Service]:
    """The connector as a process, ready for forms."""
    with service.stack.connector.running():
        url = f"{service.stack.connector.url}/layanan/{KEYS[0]}"
        wait_until("forms are open", lambda: Requester().open(url).status_code == 200)
        yield service


@pytest.mark.parametrize(
    ("size", "script"),
    [
        pytest.param(size, script, id=f"{size[0]}-{'script' if script else 'no-script'}", marks=marks)
        for size, script, marks in (
            (DESKTOP, True, ()),
            (PHONE, False, ()),
            (DESKTOP, False, pytest.mark.long),
            (PHONE, True, pytest.mark.long),
        )
    ],
)
@pytest.mark.parametrize("key", KEYS)
def test_a_form_becomes_an_issue(
    running: Service, browser: Browser, tmp_path: Path, key: str, size: tuple[int, int], *, script: bool
) -> None:
    stack, procedure = running.stack, procedure_of(running.stack.catalogue, key)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="id-ID", java_script_enabled=script
    )
    page = context.new_page()
    page.goto(f"{stack.connector.url}/layanan/{key}")
    filled = Filling(page, procedure, tmp_path, TODAY)
    filled.fill()
    filled.send()
    expect(page.locator("h1")).to_have_text("Permohonan Anda kami terima")
    number = page.locator(".big").inner_text()
    context.close()
    issue = issue_of(stack, number)
    _holds(stack.admin.get(f"/sop/issues/{issue}.json"), procedure, stack.keys, filled)


def _holds(read: dict[str, Any], procedure: Procedure, keys: dict[str, int], filled: Filling) -> None:
    """The issue has every answer and every file, and stands in the first step."""
    values = {each["id"]: each["value"] for each in read["issue"]["custom_fields"]}
    files = {each["field_id"]: each["digest"] for each in read["files"]}
    for field in filled.asked:
        ref = keys[field.key]
        if field.type is FieldType.FILE:
            assert files[ref] == hashlib.sha256(filled.files[field.id]).hexdigest()
        elif field.type is FieldType.PHONE:
            assert values[ref] == "+6281200001234"
        elif field.id in filled.given:
            assert values[ref] == filled.given[field.id], field.id
    assert read["state"]["data"]["stays"][0]["step"] == procedure.first_step.id
