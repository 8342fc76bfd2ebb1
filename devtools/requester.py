"""A requester: fills in the public pages as a browser without JavaScript would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

SECONDS = 60


@dataclass
class Form:
    """One form of a page: where it goes, and what it holds before anything is typed."""

    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None or "name" not in given:
            return
        if tag in ("input", "textarea", "select"):
            self._open.names.add(given["name"])
            if given.get("type") == "hidden":
                self._open.hidden[given["name"]] = given.get("value", "")
        if tag == "button":
            self._open.buttons.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Requester:
    """Somebody with a browser and no account."""

    def __init__(self) -> None:
        self.session = requests.Session()

    def open(self, url: str) -> requests.Response:
        """A page, redirects followed."""
        return self.session.get(url, timeout=SECONDS)

    def forms(self, page: requests.Response) -> list[Form]:
        """The forms of a page."""
        parser = _Forms()
        parser.feed(page.text)
        return parser.forms

    def send(
        self,
        page: requests.Response,
        values: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> requests.Response:
        """Fill in the form of the page that asks for all of `values`, and send it.

        `files`: (file name, content, content type) by field.
        """
        wanted = {*values, *(files or {})}
        form = next(
            (each for each in self.forms(page) if wanted <= each.names | {name for name, _ in each.buttons}),
            None,
        )
        if form is None:
            found = [sorted(each.names) for each in self.forms(page)]
            raise LookupError(f"{page.url} has no form with {sorted(wanted)}; it has {found}")
        return self.session.post(
            urljoin(page.url, form.action) if form.action else page.url,
            data={**form.hidden, **values},
            files=dict(files) if files else None,
            timeout=SECONDS,
        )
