"""Messages from `templates/mail/`: NAME.txt.j2 (first line: the subject) and NAME.html.j2.

What somebody asks for on a page comes in the language of that page; all else is Indonesian.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connector.portal.language import gettext, instant_words, language, ngettext
from connector.ports import OutgoingMail


class MailRenderer:
    """Renders the templates of a folder."""

    def __init__(self, folder: Path) -> None:
        self._text = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701 - plain text
        )
        self._html = Environment(
            loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, autoescape=True
        )
        for environment in (self._text, self._html):
            environment.add_extension("jinja2.ext.i18n")
            environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
            environment.globals.update(language=language, instant_words=instant_words)

    def render(
        self, *, key: str, to: str, template: str, data: Mapping[str, object], issue: int | None
    ) -> OutgoingMail:
        """One message."""
        written = self._text.get_template(f"{template}.txt.j2").render(**data)
        subject, _, text = written.partition("\n")
        html = self._html.get_template(f"{template}.html.j2").render(subject=subject, **data)
        return OutgoingMail(key, to, " ".join(subject.split()), text.strip() + "\n", html, issue)
