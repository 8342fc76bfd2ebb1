"""What a document says, as its mapping has it: data for the layouts in `templates/documents/`. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connector.documents.history import history
from connector.documents.order import Order
from connector.documents.rows import form_rows, rows
from connector.documents.signers import official_rows, signers
from connector.documents.tables import costs_table, files_table, lines_table, scores_table
from connector.documents.values import Values
from connector.errors import DocumentError
from connector.sop.papers import Block, DocumentDef

Json = dict[str, Any]


def document_data(order: Order) -> Json:
    """What the document of an order says, in JSON's own types: kept and read back it is the same.

    Raises:
        DocumentError: the mapping no longer has the document, or what it prints cannot be read.
    """
    document = order.procedure.document(order.field)
    if document is None:
        raise DocumentError(f"dokumen «{order.field}» tidak ada lagi dalam POS {order.procedure.key}")
    plain: Json = json.loads(json.dumps(_data(order, document), ensure_ascii=False, allow_nan=False))
    return plain


def _data(order: Order, document: DocumentDef) -> Json:
    values = Values(order)
    organization = order.organization
    return {
        "number": order.number,
        "code": order.code,
        "url": order.verify_url,
        "ticket": order.state.number,
        "title": values.filled(document.title),
        "form_code": document.form_code or _form_code(order, document),
        "draft": document.draft,
        "organization": organization.model_dump(mode="json", include={"id", "name", "office", "city"}),
        "letterhead": organization.letterhead.model_dump(mode="json"),
        "date": values.facts["tanggal"],
        "about": rows(document.about, values),
        "to": _lines(document.to, values),
        "body": _followed([part for block in document.body for part in _parts(block, values)]),
        "signers": signers(values, document.signers),
        "cc": _lines(document.cc, values),
    }


def _form_code(order: Order, document: DocumentDef) -> str:
    """The code of the form, on the form that was filled in."""
    form = order.procedure.form
    return form.code or "" if form and any(block.form for block in document.body) else ""


def _lines(texts: tuple[str, ...], values: Values) -> list[str]:
    return [filled for text in texts if (filled := values.filled(text))]


def _parts(block: Block, values: Values) -> Iterator[Json]:
    """A block as the layouts read it; a block that has nothing to say is left out."""
    if all(_is(values, name, wanted) for name, wanted in block.when.items()):
        yield from PARTS[block.kind](block, values)


def _followed(parts: list[Json]) -> list[Json]:
    """The parts without headings that nothing follows."""
    after = [*(part["kind"] for part in parts[1:]), "heading"]
    return [
        part
        for part, then in zip(parts, after, strict=False)
        if (part["kind"], then) != ("heading", "heading")
    ]


def _is(values: Values, name: str, wanted: str) -> bool:
    field = values.field(name)
    return field is not None and values.raw(field) == wanted


def _text(block: Block, values: Values) -> Iterator[Json]:
    runs = values.runs(getattr(block, block.kind))
    if runs:
        yield {"kind": block.kind, "runs": runs}


def _items(block: Block, values: Values) -> Iterator[Json]:
    items = [runs for text in block.items if (runs := values.runs(text))]
    if items:
        yield {"kind": "items", "items": items}


def _rows(block: Block, values: Values) -> Iterator[Json]:
    found = rows(block.rows, values)
    if found:
        yield {"kind": "rows", "rows": found}


def _form(_: Block, values: Values) -> Iterator[Json]:
    for title, found in form_rows(values):
        yield {"kind": "heading", "runs": [{"text": title, "bold": False}]}
        yield {"kind": "rows", "rows": found}


def _official(block: Block, values: Values) -> Iterator[Json]:
    yield {"kind": "rows", "rows": official_rows(values, block.official or "")}


def _steps(_: Block, values: Values) -> Iterator[Json]:
    yield {"kind": "steps", "rows": history(values), "zone": values.facts["zona"]}


def _table(block: Block, values: Values) -> Iterator[Json]:
    table = None
    if block.lines is not None:
        table = lines_table(block.lines, values)
    elif block.costs is not None:
        table = costs_table(block.costs, values)
    elif block.scores:
        table = scores_table(block.scores, values)
    elif block.files:
        table = files_table(values)
    if table is not None:
        yield {"kind": "table", **table}


#: What becomes of each key of a block.
PARTS: Mapping[str, Callable[[Block, Values], Iterator[Json]]] = {
    "text": _text,
    "heading": _text,
    "centre": _text,
    "items": _items,
    "rows": _rows,
    "official": _official,
    "lines": _table,
    "costs": _table,
    "scores": _table,
    "form": _form,
    "steps": _steps,
    "files": _table,
}
