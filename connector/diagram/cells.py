"""The table around the arrows: head, cells, rules, notes and legend."""

from __future__ import annotations

from connector.diagram.chart import Shape
from connector.diagram.geometry import Box, Figure, Line, Rule, lines_in
from connector.diagram.places import Places
from connector.diagram.style import MARGIN, PAD

TITLES = ("No.", "Kegiatan", "Kelengkapan", "Waktu", "Output", "Keterangan")
LEGEND = (
    (Shape.TERMINATOR, "mulai atau berakhir"),
    (Shape.ACTIVITY, "kegiatan"),
    (Shape.DECISION, "pengambilan keputusan"),
    (Shape.DUTY, "kegiatan di samping alur"),
)


def head(places: Places) -> list[Line]:
    """The title, and the table's head in two lines."""
    chart, style, borders = places.chart, places.style, places.borders
    low = places.tops[0]
    lines = list(lines_in((chart.title,), style.title, x=MARGIN, top=MARGIN))
    lines += lines_in(chart.heading, style.body, x=MARGIN, top=MARGIN + style.title.line)
    lines += _centred(places, ("Pelaksana",), Box(borders[2], places.header, borders[3], places.groups))
    lines += _centred(places, ("Mutu baku",), Box(borders[3], places.header, borders[6], places.groups))
    for i, text in enumerate(TITLES):
        start, end = places.column(i)
        top = places.header if i in (0, 1, 5) else places.groups
        lines += _centred(places, (text,), Box(start, top, end, low))
    for i, words in enumerate(places.heads):
        start = places.lanes + i * style.lane
        lines += _centred(places, words, Box(start, places.groups, start + style.lane, low))
    if places.has_ends:
        lines += _centred(places, ("Akhir lain",), Box(places.lanes_end, places.groups, borders[3], low))
    return lines


def _centred(places: Places, words: tuple[str, ...], box: Box) -> tuple[Line, ...]:
    font = places.style.head
    x, y = box.middle
    return lines_in(words, font, x=x, top=y - len(words) * font.line / 2, anchor="middle")


def words(places: Places) -> list[Line]:
    """What stands in the cells."""
    lines: list[Line] = []
    for top, row in zip(places.tops, places.rows, strict=False):
        for i, cell in enumerate(row.cells):
            start, end = places.column(i)
            y = top + (row.height - sum(font.line for _, font in cell)) / 2
            for text, font in cell:
                x, anchor = ((start + end) / 2, "middle") if i == 0 else (start + PAD, "start")
                lines += lines_in((text,), font, x=x, top=y, anchor=anchor)
                y += font.line
    return lines


def rules(places: Places) -> list[Rule]:
    """The lines of the table: fine ones between lanes and rows, strong ones between groups of columns."""
    table, borders, low = places.table, places.borders, places.table.bottom
    inner = [places.lanes + i * places.style.lane for i in range(1, places.style.lanes)]
    inner += [borders[4], borders[5], *([places.lanes_end] if places.has_ends else [])]
    outer = [borders[i] for i in (0, 1, 2, 3, 6, 7)]
    return [
        *(Rule((x, places.groups), (x, low)) for x in inner),
        *(Rule((table.left, y), (table.right, y)) for y in places.tops[1:-1]),
        Rule((borders[2], places.groups), (borders[6], places.groups)),
        *(Rule((x, table.top), (x, low), strong=True) for x in outer),
        *(Rule((table.left, y), (table.right, y), strong=True) for y in (table.top, places.tops[0], low)),
    ]


def notes(places: Places) -> list[Line]:
    """The notes below the table."""
    font = places.style.body
    indent = font.width("00. ")
    lines: list[Line] = []
    y = places.table.bottom + 10
    for i, note in enumerate(places.chart.notes, start=1):
        wrapped = font.wrap(note, places.table.width - indent)
        lines += lines_in((f"{i}.",), font, x=MARGIN, top=y)
        lines += lines_in(wrapped, font, x=MARGIN + indent, top=y)
        y += len(wrapped) * font.line + 2
    return lines


def legend(places: Places, top: float) -> tuple[list[Line], list[Figure]]:
    """The symbols that are used, and what they mean."""
    font = places.style.label
    shapes = {row.row.shape for row in places.rows}
    lines: list[Line] = []
    figures: list[Figure] = []
    x, y = MARGIN, top + 16
    for shape, meaning in LEGEND:
        if shape in shapes:
            figures.append(Figure("", shape, Box(x, y - 8, x + 34, y + 8)))
            said = lines_in((meaning,), font, x=x + 39, top=y - font.line / 2)
            lines += said
            x = said[0].box.right + 20
    return lines, figures
