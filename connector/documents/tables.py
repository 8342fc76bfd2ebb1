"""Tables of a document. Pure.

A table as JSON: `columns` are heads, `rows` lists of texts; `align` has a letter (l, c, r) and `widths` a share (0: as
narrow as can be) for each column; `foot` are label and text of lines below it.
"""

from __future__ import annotations

import re

from connector.documents.indonesian import LARGEST
from connector.documents.money import costs, grouped, quantity_words, rupiah, rupiah_spelled
from connector.documents.values import Values
from connector.errors import DocumentError
from connector.sop.model import FieldDef
from connector.sop.papers import Costs, Lines

Json = dict[str, object]

#: Where a written line is cut into columns.
CUT = re.compile(r"\s*(?:;|:(?=\s)|\s[-–—]\s)\s*")
#: Where a list comes from: numbers and strokes that people write before its lines.
LEAD = re.compile(r"^\s*(?:\d{1,3}[.)]|[-–—•*])\s+")


def lines_table(block: Lines, values: Values) -> Json | None:
    """What was written line by line, with a number before each line. None if nothing was."""
    field = values.field(block.field)
    written = [LEAD.sub("", line).strip() for line in values.raw(field).splitlines()] if field else []
    width = len(block.columns)
    found = [[*CUT.split(line, maxsplit=width - 1), *[""] * width][:width] for line in written if line]
    if not found:
        return None
    return _table(
        ("No.", *block.columns),
        [[f"{number}.", *cells] for number, cells in enumerate(found, 1)],
        align="c" + "l" * width,
        widths=(0, *(2 if place == 0 else 3 for place in range(width))),
    )


def costs_table(block: Costs, values: Values) -> Json | None:
    """Costs line by line with their sum, in figures and in words. None if nothing was written."""
    field = values.field(block.field)
    found = costs(values.raw(field), field.label) if field else []
    if not found:
        return None
    total = sum(cost.total for cost in found)
    if total > LARGEST:
        raise DocumentError("jumlah seluruh biaya terlalu besar")
    return _table(
        ("No.", "Uraian", "Jumlah", "Satuan", "Harga satuan (Rp)", "Biaya (Rp)"),
        [
            [
                f"{number}.",
                cost.what,
                quantity_words(cost.quantity),
                cost.unit,
                grouped(cost.price),
                grouped(cost.total),
            ]
            for number, cost in enumerate(found, 1)
        ],
        align="clrlrr",
        widths=(0, 5, 0, 0, 2, 2),
        foot=(("Jumlah seluruhnya", rupiah(total)), ("Terbilang", rupiah_spelled(total))),
    )


#: From which index on a service is called what (Permenpan RB 14/2017).
GRADES = ((88.31, "A (sangat baik)"), (76.61, "B (baik)"), (65.0, "C (kurang baik)"), (0.0, "D (tidak baik)"))


def scores_table(names: tuple[str, ...], values: Values) -> Json | None:
    """The answers to a survey with their mean, and that as an index of 25 to 100. None if nobody answered."""
    asked = [found for name in names if (found := values.field(name))]
    given = [(field, values.raw(field)) for field in asked]
    marks = [int(value[0]) for _, value in given if value[:1].isdigit()]
    if not marks:
        return None
    mean = sum(marks) / len(marks)
    index = round(mean * 25, 2)
    grade = next(word for least, word in GRADES if index >= least)
    return _table(
        ("No.", "Unsur pelayanan", "Jawaban", "Nilai"),
        [[f"{place}.", field.label, *_answer(value)] for place, (field, value) in enumerate(given, 1)],
        align="clcc",
        widths=(0, 5, 2, 0),
        foot=(
            ("Rata-rata", _decimal(mean)),
            ("Indeks kepuasan", f"{_decimal(index)} dari 100, mutu pelayanan {grade}"),
        ),
    )


def _answer(value: str) -> list[str]:
    mark, _, words = value.partition(" ")
    return [words or value, mark] if mark.isdigit() else ["–", "–"]


def _decimal(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


def files_table(values: Values) -> Json | None:
    """Everything the ticket holds: what the connector wrote, what people gave, each with its digest. None: nothing."""
    order = values.order
    numbers = {issued.field: issued.number for issued in order.state.documents}
    held: list[tuple[FieldDef | None, str, str]] = [
        (field, file.name, file.digest)
        for field in order.procedure.fields
        if (file := order.snapshot.files.get(field.key)) is not None and field.id != order.field
    ]
    held += [(None, file.name, file.digest) for file in order.snapshot.attachments]
    if not held:
        return None
    return _table(
        ("No.", "Dokumen", "Nomor", "Berkas dan sidik SHA-256"),
        [
            [
                f"{place}.",
                field.label if field else "Lampiran tiket",
                numbers.get(field.id, "–") if field else "–",
                f"{name}\n{digest}" if digest else name,
            ]
            for place, (field, name, digest) in enumerate(held, 1)
        ],
        align="clll",
        widths=(0, 4, 3, 6),
    )


def _table(
    columns: tuple[str, ...],
    rows: list[list[str]],
    *,
    align: str,
    widths: tuple[int, ...],
    foot: tuple[tuple[str, str], ...] = (),
) -> Json:
    return {
        "columns": list(columns),
        "rows": rows,
        "align": list(align),
        "widths": list(widths),
        "foot": [list(each) for each in foot],
    }
