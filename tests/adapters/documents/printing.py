"""Every shipped document printed, and read back with the tools that readers use (poppler)."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from connector.calendars import work_calendar
from connector.documents import Order, TypstRenderer
from connector.documents.builders import document_data
from connector.documents.printable import ZERO_WIDTH_SPACE
from connector.documents.samples import sample_order
from connector.engine.calendar import WorkCalendar
from connector.settings import ROOT
from connector.sop.loader import load
from connector.sop.model import FieldType

TEMPLATES = ROOT / "templates" / "documents"
RENDERER = TypstRenderer(TEMPLATES, TEMPLATES / "fonts")
NOW = dt.datetime(2026, 11, 21, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=7)))
CODE = "0123-4567-89AB"
CATALOGUE = load(ROOT / "sop_mappings")
SHIPPED = [
    (procedure.key, document.id) for procedure in CATALOGUE.procedures for document in procedure.documents
]


@cache
def order(key: str, document: str) -> Order:
    """An order for a shipped document, about a made-up ticket that stands where it is made."""
    procedure = CATALOGUE.by_key(key)
    organization = CATALOGUE.organization(key.partition("/")[0])
    assert procedure is not None
    assert organization is not None
    said = procedure.document(document)
    assert said is not None
    number = f"001/UN39.17/{said.kind.upper()}/XI/2026"
    url = f"https://layanan.contoh.ac.id/verifikasi/{CODE}"
    sample = sample_order(procedure, organization, calendar(organization.id), said, NOW)
    return replace(sample, number=number, code=CODE, verify_url=url)


@cache
def calendar(profile: str) -> WorkCalendar:
    """An organization's working time."""
    organization = CATALOGUE.organization(profile)
    assert organization is not None
    return work_calendar(organization.calendar)


def filled(given: Order, text: str | None) -> Order:
    """The order with this text in every field that people write in; None: with nothing in any field."""
    written = {FieldType.TEXT, FieldType.PARAGRAPH, FieldType.IDENTITY, FieldType.EMAIL, FieldType.PHONE}
    keys = {field.key for field in given.procedure.fields if field.type in written and field.id not in COSTS}
    fields = dict(given.snapshot.fields)
    new = {} if text is None else fields | {key: text for key in keys if key in fields}
    files = {} if text is None else given.snapshot.files
    snapshot = given.snapshot.model_copy(update={"fields": new, "files": files})
    return replace(given, snapshot=snapshot)


#: Fields of which other lines than costs are refused.
COSTS = {"rincian_rab"}


def printed(given: Order, data: Mapping[str, object] | None = None) -> bytes:
    """The PDF of an order."""
    return RENDERER.render(given.template, data or document_data(given), now=given.at)


def text_of(pdf: bytes) -> str:
    """What pdftotext reads, without white space and hyphens: lines break where the page is full, after hyphens too."""
    command = ["pdftotext", "-raw", "-enc", "UTF-8", "-", "-"]
    read = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return squeezed(read.stdout.decode())


def squeezed(text: str) -> str:
    """A text as `text_of` gives it."""
    return "".join(text.replace(ZERO_WIDTH_SPACE, "").replace("-", "").split())


def pages_of(pdf: bytes, *, dpi: int = 40) -> list[tuple[int, int, bytes]]:
    """Each page as (width, height, grey values), row by row."""
    run = subprocess.run(
        ["pdftoppm", "-gray", "-r", str(dpi), "-"], input=pdf, capture_output=True, check=True
    )
    return list(_pgm(run.stdout))


def _pgm(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    while data:
        head, width, height, _, rest = _head(data)
        assert head == b"P5"
        size = width * height
        yield width, height, rest[:size]
        data = rest[size:]


def _head(data: bytes) -> tuple[bytes, int, int, int, bytes]:
    words: list[bytes] = []
    at = 0
    while len(words) < 4:
        end = at
        while not data[end : end + 1].isspace():
            end += 1
        words.append(data[at:end])
        at = end + 1
    return words[0], int(words[1]), int(words[2]), int(words[3]), data[at:]


def reader(pdf: bytes) -> Any:
    """Any: pypdf does not say of what type an entry is."""
    return PdfReader(io.BytesIO(pdf))


def attached(pdf: bytes) -> dict[str, Any]:
    """What is attached, by name."""
    return {name: json.loads(content[0]) for name, content in reader(pdf).attachments.items()}


def words_in(data: Any, *, leaving: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every text in data but those under these keys, which say how something is set."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if key not in leaving:
                yield from words_in(value, leaving=leaving)
    elif isinstance(data, list):
        for value in data:
            yield from words_in(value, leaving=leaving)


def font_files() -> list[Path]:
    """The bundled fonts."""
    return sorted((TEMPLATES / "fonts").glob("*.ttf"))
