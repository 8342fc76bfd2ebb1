"""What the connector's documents say: types of the `documents` section of a mapping, checked when read.

Texts are plain; in them `{…}` stands for a field of the ticket or one of `FACTS`, and `*…*` is set in bold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from connector.sop.base import Frozen, Identifier, Text

#: What a text may name besides the ticket's fields.
FACTS = {
    "nomor": "nomor dokumen",
    "tiket": "nomor tiket",
    "judul": "judul POS",
    "kode": "kode POS",
    "formulir": "judul formulir",
    "hari": "hari dokumen dibuat",
    "tanggal": "tanggal dokumen, misalnya 21 November 2026",
    "tanggal_angka": "tanggal dokumen, misalnya 21-11-2026",
    "tanggal_terbilang": "tanggal dokumen dengan kata",
    "kota": "kota kantor",
    "kantor": "nama kantor",
    "organisasi": "nama organisasi",
    "kontak": "cara menghubungi kantor",
    "diterima": "kapan permohonan diterima",
    "selesai": "kapan langkah terakhir yang sudah selesai ditinggalkan",
    "langkah": "langkah tempat tiket berada",
    "batas": "batas waktu langkah itu",
    "zona": "zona waktu kantor",
}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def placeholders(text: str) -> Iterator[str]:
    """The names in curly brackets."""
    return (name.strip() for name in PLACEHOLDER.findall(text))


class Row(Frozen):
    """A labelled line. What it says: the first of `fields` that is filled, a `text`, or both after each other.

    `outcomes_of` names steps; how the last of them ended comes first. Without anything to say the row is left out,
    with `blank` it is a line to write on. `checks`: all choices of the field, with a box each.
    """

    label: Text
    fields: tuple[Identifier, ...] = ()
    text: str = ""
    outcomes_of: tuple[Identifier, ...] = ()
    blank: bool = False
    checks: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Row:
        if not (self.fields or self.text or self.outcomes_of or self.blank):
            raise ValueError(f"baris «{self.label}» memerlukan fields, text, outcomes_of, atau blank")
        return self


class Lines(Frozen):
    """A table of what people wrote line by line in a field; a line is cut into columns at `;`, `:` or ` - `."""

    field: Identifier
    columns: Annotated[tuple[Text, ...], Field(min_length=1, max_length=6)]


class Costs(Frozen):
    """A table of costs from the lines of a field: description; quantity; unit; price of one in rupiah. With a sum."""

    field: Identifier


class Block(Frozen):
    """One part of a document's body: exactly one of the keys, and `when` (fields and their values) it is there.

    `form` lists all that the form asks for. `official` names who holds a role for the office. `steps` is the table of
    steps passed, `files` the list of what the ticket holds, `scores` the answers to a survey with their mean.
    """

    text: Text | None = None
    heading: Text | None = None
    centre: Text | None = None
    items: tuple[Text, ...] = ()
    rows: tuple[Row, ...] = ()
    official: Identifier | None = None
    lines: Lines | None = None
    costs: Costs | None = None
    scores: tuple[Identifier, ...] = ()
    form: bool = False
    steps: bool = False
    files: bool = False
    when: Mapping[Identifier, str] = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Block:
        given = [key for key in KINDS if getattr(self, key)]
        if len(given) != 1:
            named = ", ".join(given) or "kosong"
            raise ValueError(f"satu bagian memuat tepat satu dari {', '.join(KINDS)}; yang ini: {named}")
        return self

    @property
    def kind(self) -> str:
        """Which of the keys it has."""
        return next(key for key in KINDS if getattr(self, key))


KINDS = tuple(key for key in Block.model_fields if key != "when")


class Signer(Frozen):
    """Who signs, in this order: the office's signatory of a `role`, or with `requester` who asked.

    He signs by the move that leaves `step`; without it by the move of his that makes the document, or by hand. `name`
    and `number` are fields of the ticket; without them an official's are the configured ones. `words` stand above the
    office.
    """

    role: Identifier | None = None
    requester: bool = False
    step: Identifier | None = None
    words: str = ""
    name: Identifier | None = None
    number: Identifier | None = None
    number_label: Text = "NIP"

    @model_validator(mode="after")
    def _one_person(self) -> Signer:
        if (self.role is None) != self.requester:
            raise ValueError("penanda tangan memerlukan role atau requester: true, salah satu saja")
        return self


class SignBy(StrEnum):
    """How a requester signs: with a code that is mailed to him, or by hand, of which he sends a scan."""

    CODE = "code"
    SCAN = "scan"


class Countersign(Frozen):
    """What a requester signs by taking an outcome of his step: documents, each with the field that keeps it then."""

    documents: Annotated[Mapping[Identifier, Identifier], Field(min_length=1)]
    by: Annotated[tuple[SignBy, ...], Field(min_length=1)] = (SignBy.CODE, SignBy.SCAN)


class DocumentDef(Frozen):
    """A document that the connector writes and keeps in the file field of its id.

    `template` is the layout (`templates/documents/TEMPLATE.typ`), `kind` the sort of letter, which its number tells.
    `again_after`: steps by whose end it is signed; then it is issued once more, with the signature.
    With `erase` it goes with the ticket's personal data: it says no more than what the requester wrote.
    """

    id: Identifier
    template: Identifier
    kind: Identifier
    title: Text
    form_code: str = ""
    draft: bool = False
    erase: bool = False
    about: tuple[Row, ...] = ()
    to: tuple[Text, ...] = ()
    body: tuple[Block, ...]
    signers: tuple[Signer, ...] = ()
    again_after: tuple[Identifier, ...] = ()
    cc: tuple[Text, ...] = ()

    @property
    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every text that may name fields or facts, and where it stands."""
        yield ("title",), self.title
        yield from ((("to", i), text) for i, text in enumerate(self.to))
        yield from ((("cc", i), text) for i, text in enumerate(self.cc))
        yield from ((("about", i, "text"), row.text) for i, row in enumerate(self.about))
        for i, block in enumerate(self.body):
            for key in ("text", "heading", "centre"):
                yield ("body", i, key), getattr(block, key) or ""
            yield from ((("body", i, "items", j), text) for j, text in enumerate(block.items))
            yield from ((("body", i, "rows", j, "text"), row.text) for j, row in enumerate(block.rows))

    @property
    def fields(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every field that is named outside of texts, and where."""
        for at, row in self.rows:
            yield from (((*at, "fields", i), name) for i, name in enumerate(row.fields))
        for i, block in enumerate(self.body):
            for table, key in ((block.lines, "lines"), (block.costs, "costs")):
                if table is not None:
                    yield ("body", i, key, "field"), table.field
            yield from ((("body", i, "scores", j), name) for j, name in enumerate(block.scores))
            yield from ((("body", i, "when", name), name) for name in block.when)
        for i, signer in enumerate(self.signers):
            for key, name in (("name", signer.name), ("number", signer.number)):
                if name is not None:
                    yield ("signers", i, key), name

    @property
    def rows(self) -> Iterator[tuple[tuple[str | int, ...], Row]]:
        """Every row, and where."""
        yield from ((("about", i), row) for i, row in enumerate(self.about))
        for i, block in enumerate(self.body):
            yield from ((("body", i, "rows", j), row) for j, row in enumerate(block.rows))


def printed_fields(document: DocumentDef, asked: tuple[str, ...] = ()) -> set[str]:
    """The ids of the fields whose content a document may print; `asked` are those of the form."""
    named = {name for where, name in document.fields if "when" not in where}
    named |= {name for _, text in document.texts for name in placeholders(text) if name not in FACTS}
    if any(block.form for block in document.body):
        named |= set(asked)
    return named
