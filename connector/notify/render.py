"""Messages from `templates/mail/`: NAME.txt.j2 (first line: the subject) and NAME.html.j2."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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

    def render(
        self, *, key: str, to: str, template: str, data: Mapping[str, object], issue: int | None
    ) -> OutgoingMail:
        """One message."""
        written = self._text.get_template(f"{template}.txt.j2").render(**data)
        subject, _, text = written.partition("\n")
        html = self._html.get_template(f"{template}.html.j2").render(subject=subject, **data)
        return OutgoingMail(key, to, " ".join(subject.split()), text.strip() + "\n", html, issue)
