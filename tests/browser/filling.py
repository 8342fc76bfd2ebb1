"""Fill in a service's form as its mapping has it, by the pointer or by the keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page

from connector.portal.forms import applies
from connector.sop.model import FieldDef, FieldType, Procedure
from devtools.walk import PDF, example

#: More than any form has places to stop at.
STOPS = 80


@dataclass
class Filling:
    """One person's answers to one form, and what was sent of them."""

    page: Page
    procedure: Procedure
    folder: Path
    today: dt.date
    given: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def asked(self) -> list[FieldDef]:
        """The questions of the form, in its order."""
        assert self.procedure.form is not None
        known = {each.id: each for each in self.procedure.fields}
        return [known[name] for name in self.procedure.form.fields]

    def answers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """An answer to every question that is asked."""
        given: dict[str, str] = {}
        for each in self.asked:
            if each.type is FieldType.FILE or not self._applies(each, given):
                continue
            given[each.id] = (more or {}).get(each.id) or example(each, self.today)
        return given

    def fill(self, more: Mapping[str, str] | None = None) -> None:
        """By the pointer, from above."""
        wanted = self.answers(more)
        for each in self.asked:
            place = self.page.locator(f'[name="{each.id}"]')
            if each.type is FieldType.FILE:
                place.set_input_files(self.paper(each))
            elif each.id not in wanted:
                continue
            elif each.type is FieldType.CONSENT:
                place.check()
            elif each.type is FieldType.CHOICE:
                self._choose(place, wanted[each.id])
            else:
                place.fill(wanted[each.id])
        self.given = wanted

    def send(self) -> None:
        """Press the button."""
        self.page.locator(".send button[type=submit]:not([name])").click()

    def by_keyboard(self) -> list[str]:
        """From the top of the page to the button, with nothing but keys; the names that were stopped at."""
        wanted, seen = self.answers(), list[str]()
        known = {each.id: each for each in self.asked}
        for _ in range(STOPS):
            self.page.keyboard.press("Tab")
            name, kind, sends = self.page.evaluate(
                "() => { const e = document.activeElement; return [e.name || '', e.type || '',"
                " Boolean(e.closest('.send')) && !e.name]; }"
            )
            if sends and kind == "submit":
                self.page.keyboard.press("Enter")
                self.given = wanted
                return seen
            if name in known and name not in seen:
                seen.append(name)
                self._key_in(known[name], kind, wanted.get(name, ""))
        raise AssertionError(f"the button is not reached by keyboard; stopped at {seen}")

    def paper(self, each: FieldDef) -> Path:
        """A file of its own for a question."""
        content = PDF + f"% {each.id}\n".encode()
        path = self.folder / f"{each.id}.pdf"
        path.write_bytes(content)
        self.files[each.id] = content
        return path

    # inside -------------------------------------------------------------------------------------------------

    def _applies(self, each: FieldDef, given: Mapping[str, str]) -> bool:
        assert self.procedure.form is not None
        return applies(self.procedure.form.when, each.id, given)

    def _choose(self, place: Locator, value: str) -> None:
        if place.first.evaluate("e => e.tagName") == "SELECT":
            place.select_option(value)
        else:
            self.page.locator(f'[name="{place.first.get_attribute("name")}"][value="{value}"]').check()

    def _key_in(self, each: FieldDef, kind: str, value: str) -> None:
        keyboard = self.page.keyboard
        if kind == "file":
            with self.page.expect_file_chooser() as chooser:
                keyboard.press("Space")
            chooser.value.set_files(self.paper(each))
        elif kind in ("checkbox", "radio"):
            keyboard.press("Space")
            for _ in range(each.choices.index(value) if kind == "radio" else 0):
                keyboard.press("ArrowDown")
        elif kind == "select-one":
            for _ in range(each.choices.index(value) + 1):
                keyboard.press("ArrowDown")
        elif kind == "date":
            self._key_in_date(dt.date.fromisoformat(value))
        else:
            keyboard.type(value)

    def _key_in_date(self, day: dt.date) -> None:
        """The browser's own date field takes day, month and year one after the other, in its language's order."""
        for order in ("%d%m%Y", "%m%d%Y"):
            self.page.keyboard.type(f"{day:{order}}")
            if self.page.evaluate("() => document.activeElement.value") == day.isoformat():
                return
            for _ in range(2):
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError("the date cannot be keyed in")
