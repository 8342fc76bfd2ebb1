"""Bring the catalogue of English words up to date with the portal's sources: `python -m devtools.messages`.

New texts come without a translation, and a test fails until they have one; texts that are gone go.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from connector.portal.language import CATALOGUES
from connector.settings import ROOT

LANGUAGE = "en"
PATH = CATALOGUES / f"{LANGUAGE}.po"
KEYWORDS = {"_": None, "gettext": None, "phrase": None, "ngettext": (1, 2)}
#: Folder, pattern, reader.
SOURCES = (
    ("connector", "app.py", "python"),
    ("connector/documents", "verification.py", "python"),
    ("connector/portal", "**.py", "python"),
    ("templates/portal", "**.j2", "jinja2"),
    ("templates/mail", "**.j2", "jinja2"),
)
#: Lines that babel writes and nobody needs.
CHANGING = (
    *(
        '"POT-Creation',
        '"PO-Revision',
        '"Last-Trans',
        '"Generated',
        '"Report-',
        '"Project-',
        '"Language-Team',
    ),
    "#, fuzzy",
)
HEADER = "# English words of the portal. The sources are in Indonesian; python -m devtools.messages finds new ones."


def found() -> Catalog:
    """Every text of the sources."""
    catalog = Catalog(locale=LANGUAGE, project="portal", header_comment=HEADER, charset="utf-8")
    for folder, name, message, _context in _texts():
        catalog.add(message, locations=[(f"{folder}/{name}", 0)])
    return catalog


def known() -> Catalog:
    """The catalogue as it is."""
    with PATH.open("rb") as source:
        return read_po(source, locale=LANGUAGE)


def _texts() -> Iterator[tuple[str, str, str | tuple[str, ...], str | None]]:
    for folder, pattern, reader in SOURCES:
        options = {pattern: {"trimmed": "true", "newstyle_gettext": "true"}}
        for name, _line, message, _comments, context in extract_from_dir(
            str(ROOT / folder), method_map=[(pattern, reader)], options_map=options, keywords=KEYWORDS
        ):
            yield folder, name, message, context


def main() -> None:
    """Write the catalogue anew, with the translations that it had."""
    catalog = found()
    before = known() if PATH.exists() else Catalog(locale=LANGUAGE)
    for message in catalog:
        old = before.get(message.id) if message.id else None
        if old is not None:
            message.string = old.string
    with PATH.open("wb") as target:
        write_po(target, catalog, width=110, sort_output=True, omit_header=False, no_location=True)
    _settle(PATH)
    missing = [message for message in catalog if message.id and not _said(message.string)]
    print(f"{PATH.relative_to(ROOT)}: {len(catalog)} texts, {len(missing)} without a translation")
    sys.exit(1 if missing else 0)


def _said(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _settle(path: Path) -> None:
    """Leave out what changes with every run."""
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(CHANGING)]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
