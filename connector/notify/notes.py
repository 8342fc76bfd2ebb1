"""Notes in Redmine, from `templates/notes/`. They read well in Textile (Redmine 5) and in CommonMark (6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


class NoteRenderer:
    """Renders the templates of a folder."""

    def __init__(self, folder: Path) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701 - wiki text, not HTML; people's words go through `quoted`
        )
        self._templates.filters["quoted"] = quoted

    def render(self, template: str, data: Mapping[str, object]) -> str:
        """The text of a note."""
        text = self._templates.get_template(f"{template}.j2").render(**data)
        return re.sub(r"\n{3,}", "\n\n", text).strip()


def quoted(text: str) -> str:
    """People's words as a quotation, in which neither markup loads a picture nor HTML counts."""
    harmless = re.sub(r"!(?=\S)", "! ", text.replace("<", "‹").replace(">", "›"))
    return "\n".join(f"> {line.strip()}" for line in harmless.splitlines() if line.strip())
