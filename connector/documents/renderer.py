"""PDF from Typst templates: PDF/A-3a and PDF/UA-1, from bundled fonts only, the same bytes for the same data.

Data goes in as JSON and is never part of the source, so nothing in it can be taken for markup. Templates read it with
`json(bytes(sys.inputs.data))`, the QR code of its `url` with `sys.inputs.qr`, what they attach with
`sys.inputs.attached`, and the organization's logo with `sys.inputs.logo`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import typst

from connector.documents.codes import qr_matrix
from connector.documents.printable import ZERO_WIDTH_SPACE, coverage, printable
from connector.errors import DocumentError

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: An import from the registry of Typst packages would be fetched from the network.
PACKAGE = re.compile(r'"@[\w-]+/')
TRIAL = b"""#set document(title: "Percobaan")
#set text(font: "Liberation Sans", lang: "id")
Percobaan *tebal* _miring_"""
#: A place in typst's report: `  ┌─ bagian/isi.typ:12:3`.
PLACE = re.compile(r"┌─ ([^\n]+?):(\d+):(\d+)")
#: Typst quotes the text that it could not set; that may be personal data, and errors are logged.
QUOTED = re.compile(r'`".*?"`', re.DOTALL)


class TypstRenderer:
    """Renders the templates of a folder; reads nothing outside of it, `fonts_dir` and the logos.

    `logos` are picture files (SVG, PNG or JPEG) by the id of the organization whose letters have them.
    """

    def __init__(self, templates_dir: Path, fonts_dir: Path, logos: Mapping[str, Path] | None = None) -> None:
        self._root = templates_dir.resolve()
        self._fonts, self._covered = _fonts(fonts_dir)
        self._logos = {name: _picture(path) for name, path in (logos or {}).items()}
        for path in sorted(self._root.rglob("*.typ")):
            if PACKAGE.search(path.read_text(encoding="utf-8")):
                raise DocumentError(f"templat {path.name} memakai paket dari jaringan; itu tidak diizinkan")

    def render(self, template: str, data: Mapping[str, object], *, now: dt.datetime) -> bytes:
        """The PDF of a template with its data, as made at `now`.

        Raises:
            DocumentError: no such template, or it cannot be set with this data.
        """
        return self._compile(template, self._path(template), self._inputs(template, data), _fixed(now))

    def pages(
        self, template: str, data: Mapping[str, object], *, now: dt.datetime, ppi: int = 96
    ) -> list[bytes]:
        """The same as pictures (PNG), one a page, with `ppi` dots an inch.

        Raises:
            DocumentError: no such template, or it cannot be set with this data.
        """
        return self._pictures(template, self._path(template), self._inputs(template, data), _fixed(now), ppi)

    def try_out(self, *, now: dt.datetime) -> None:
        """Set one line with the bundled fonts.

        Raises:
            DocumentError: it cannot be done.
        """
        self._compile("percobaan", TRIAL, {}, _fixed(now))

    def _path(self, template: str) -> Path:
        path = self._root / f"{template}.typ"
        if NAME.fullmatch(template) is None or not path.is_file():
            raise DocumentError(f"templat dokumen «{template}» tidak ada di {self._root}")
        return path

    def _inputs(self, template: str, data: Mapping[str, object]) -> dict[str, str]:
        try:
            text = json.dumps(
                printable(data, self._covered), ensure_ascii=False, allow_nan=False, sort_keys=True
            )
        except (TypeError, ValueError) as error:
            raise DocumentError(f"data untuk templat «{template}» tidak dapat dibaca: {error}") from None
        return {
            "data": text,
            # as it is read on the page, without the invisible places to break
            "attached": text.replace(ZERO_WIDTH_SPACE, ""),
            "qr": json.dumps(qr_matrix(str(data.get("url", "")))),
            "logo": self._logos.get(_organization(data), ""),
        }

    def _compile(
        self, template: str, source: Path | bytes, inputs: dict[str, str], now: dt.datetime
    ) -> bytes:
        with _told(template):
            made: bytes
            # the stub wants one type for source and root
            made, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]
                source,
                root=self._root,
                font_paths=self._fonts,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARDS,
                timestamp=now,
            )
        # Another font than the bundled would be none at all: an empty page.
        unknown = [each.message for each in warnings if "unknown font" in each.message]
        if unknown or not made:
            raise DocumentError(_words(template, "; ".join(unknown) or "tidak ada isi", []))
        return made

    def _pictures(
        self, template: str, source: Path, inputs: dict[str, str], now: dt.datetime, ppi: int
    ) -> list[bytes]:
        with _told(template):
            made: list[bytes] | bytes = typst.compile(
                source,
                root=self._root,
                font_paths=self._fonts,
                ignore_system_fonts=True,
                format="png",
                ppi=float(ppi),
                sys_inputs=inputs,
                timestamp=now,
            )
        return cast("list[bytes]", made if isinstance(made, list) else [made])


@contextmanager
def _told(template: str) -> Iterator[None]:
    """What goes wrong in the typesetter, as an error that names the place."""
    try:
        yield
    except typst.TypstError as error:
        raise DocumentError(_words(template, _placed(error), error.hints)) from None
    except RuntimeError as error:
        raise DocumentError(_words(template, str(error), [])) from None
    except BaseException as error:
        # A panic of the typesetter is no `Exception`, and would end the worker with all its other work.
        if type(error).__name__ != "PanicException":
            raise
        raise DocumentError(_words(template, "mesin cetak berhenti mendadak", [])) from None


def _placed(error: typst.TypstError) -> str:
    """The error with the file, line and column of the template it stands in, and whence that was called."""
    places = [f"{file}:{line}:{column}" for file, line, column in PLACE.findall(error.diagnostic)]
    called = f" (dipanggil dari {places[-1]})" if len(places) > 1 else ""
    return f"{places[0]}: {error.message}{called}" if places else error.message


def _picture(path: Path) -> str:
    """A picture as JSON: typst takes texts only."""
    return json.dumps(
        {"format": path.suffix.lstrip(".").replace("jpeg", "jpg"), "bytes": list(path.read_bytes())}
    )


def _organization(data: Mapping[str, object]) -> str:
    """Whose letter it is."""
    found = data.get("organization")
    return str(found.get("id", "")) if isinstance(found, Mapping) else ""


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
