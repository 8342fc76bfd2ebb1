"""PDF from Typst templates: PDF/A-3a and PDF/UA-1, from bundled fonts only, the same bytes for the same data.

Data goes in as JSON and is never part of the source, so nothing in it can be taken for markup. Templates read it with
`json(bytes(sys.inputs.data))`, and the names of the files in `logos/` with `sys.inputs.logos`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path

import typst

from connector.documents.printable import coverage, printable
from connector.errors import DocumentError

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: An import from the registry of Typst packages would be fetched from the network.
PACKAGE = re.compile(r'"@[\w-]+/')
TRIAL = b"""#set document(title: "Percobaan")
#set text(font: "Liberation Sans", lang: "id")
Percobaan *tebal* _miring_"""
#: Typst quotes the text that it could not set; that may be personal data, and errors are logged.
QUOTED = re.compile(r'`".*?"`', re.DOTALL)


class TypstRenderer:
    """Renders the templates of a folder; reads nothing outside of it and `fonts_dir`."""

    def __init__(self, templates_dir: Path, fonts_dir: Path) -> None:
        self._root = templates_dir.resolve()
        self._fonts, self._covered = _fonts(fonts_dir)
        logos = self._root / "logos"
        names = sorted(path.name for path in logos.iterdir() if path.is_file()) if logos.is_dir() else []
        self._logos = json.dumps(names)
        for path in sorted(self._root.rglob("*.typ")):
            if PACKAGE.search(path.read_text(encoding="utf-8")):
                raise DocumentError(f"templat {path.name} memakai paket dari jaringan; itu tidak diizinkan")

    def render(self, template: str, data: Mapping[str, object], *, now: dt.datetime) -> bytes:
        """The PDF of a template with its data, as made at `now`.

        Raises:
            DocumentError: no such template, or it cannot be set with this data.
        """
        path = self._root / f"{template}.typ"
        if NAME.fullmatch(template) is None or not path.is_file():
            raise DocumentError(f"templat dokumen «{template}» tidak ada di {self._root}")
        try:
            text = json.dumps(printable(data, self._covered), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise DocumentError(f"data untuk templat «{template}» tidak dapat dibaca: {error}") from None
        return self._compile(template, path, text, _fixed(now))

    def try_out(self, *, now: dt.datetime) -> None:
        """Set one line with the bundled fonts.

        Raises:
            DocumentError: it cannot be done.
        """
        self._compile("percobaan", TRIAL, "{}", _fixed(now))

    def _compile(self, template: str, source: Path | bytes, data: str, now: dt.datetime) -> bytes:
        try:
            made: bytes
            # the stub wants one type for source and root
            made, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]
                source,
                root=self._root,
                font_paths=self._fonts,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"data": data, "logos": self._logos},
                pdf_standards=STANDARDS,
                timestamp=now,
            )
        except typst.TypstError as error:
            raise DocumentError(_words(template, error.message, error.hints)) from None
        except RuntimeError as error:
            raise DocumentError(_words(template, str(error), [])) from None
        except BaseException as error:
            # A panic of the typesetter is no `Exception`, and would end the worker with all its other work.
            if type(error).__name__ != "PanicException":
                raise
            raise DocumentError(_words(template, "mesin cetak berhenti mendadak", [])) from None
        # Another font than the bundled would be none at all: an empty page.
        unknown = [each.message for each in warnings if "unknown font" in each.message]
        if unknown or not made:
            raise DocumentError(_words(template, "; ".join(unknown) or "tidak ada isi", []))
        return made


def _fonts(folder: Path) -> tuple[typst.Fonts, frozenset[int]]:
    """The fonts of a folder, and the characters that every one of them has."""
    files = sorted(path for path in folder.glob("*") if path.suffix in {".ttf", ".otf"})
    if not files:
        raise DocumentError(f"tidak ada fon (.ttf, .otf) di {folder}")
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    return fonts, frozenset.intersection(*(coverage(path.read_bytes()) for path in files))


def _fixed(now: dt.datetime) -> dt.datetime:
    """Typst takes an offset from UTC, not a time zone, and whole seconds."""
    offset = now.utcoffset()
    if offset is None:
        raise ValueError("`now` harus memiliki zona waktu")
    return now.astimezone(dt.timezone(offset)).replace(microsecond=0)


def _words(template: str, message: str, hints: list[str]) -> str:
    reason = "; ".join([message, *hints])
    return f"dokumen dari templat «{template}» tidak dapat dibuat: {QUOTED.sub('`…`', reason)}"
