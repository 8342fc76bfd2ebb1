"""How much room each row takes: its words in their columns, its symbol, and the ways out of it with their labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connector.diagram.chart import Chart, Row
from connector.diagram.style import ENTRY, FOOT, HEIGHTS, PAD, STRIP, Style
from connector.diagram.text import Font
from connector.diagram.ways import Leg, Side, Stand, Way, branch_order

Cell = tuple[tuple[str, Font], ...]


class Branch(NamedTuple):
    """A way out at the side of a symbol: its height from the symbol's middle, its label, and the end it leads to."""

    leg: Leg
    offset: float
    label: tuple[str, ...]
    capsule: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """A row and the room it takes. `middle` is the height of its symbol's middle from its top."""

    row: Row
    stand: Stand | None
    cells: tuple[Cell, ...]
    sides: dict[Side, tuple[Branch, ...]]
    below: Leg | None
    label: tuple[str, ...]
    entries: dict[Side, float]
    reach_down: float
    middle: float
    height: float

    @property
    def half(self) -> float:
        """Half the height of its symbol."""
        return HEIGHTS[self.row.shape] / 2 if self.row.shape else 0.0


def measured(
    chart: Chart, stands: Sequence[Stand | None], legs: Sequence[Leg], style: Style
) -> tuple[Measured, ...]:
    """Every row with its room."""
    return tuple(
        _row(row, stands[i], [leg for leg in legs if leg.source == i], _entries(i, stands, legs), style)
        for i, row in enumerate(chart.rows)
    )


def capsule_height(words: tuple[str, ...], style: Style) -> float:
    """The height of an end beside a row."""
    return len(words) * style.label.line + 6


def capsule_width(words: tuple[str, ...], style: Style) -> float:
    """Its width."""
    return max(style.label.width(line) for line in words) + 18


def _row(
    row: Row, stand: Stand | None, legs: list[Leg], entries: dict[Side, float], style: Style
) -> Measured:
    sides = {side: _branches(legs, side, style) for side in (Side.LEFT, Side.RIGHT)}
    below = next((leg for leg in legs if leg.side is Side.BELOW), None)
    label = style.label.wrap(below.arrow.label, style.label_below) if below else ()
    cells = _cells(row, style)
    half = HEIGHTS[row.shape] / 2 if row.shape else 0.0
    branches = [branch for side in sides.values() for branch in side]
    up = max([half, *(_above(branch, style) - branch.offset for branch in branches)])
    down = max([half, *(_under(branch, style) + branch.offset for branch in branches)])
    strip = STRIP + (max(entries.values()) if entries else 0.0)
    foot = len(label) * style.label.line + 4 if label else FOOT
    symbol = strip + up + down + foot if stand else 0.0
    words = max(sum(font.line for _, font in cell) for cell in cells) + 2 * PAD
    height = float(math.ceil(max(words, symbol)))
    middle = strip + up + (height - symbol) / 2 if stand else height / 2
    return Measured(row, stand, cells, sides, below, label, entries, down, round(middle, 1), height)


def _entries(target: int, stands: Sequence[Stand | None], legs: Sequence[Leg]) -> dict[Side, float]:
    """The heights at which arrows come in from beside: first those from the row above, then those from the tracks."""
    found: set[Side] = set()
    for leg in legs:
        if leg.target != target or leg.way is Way.ASIDE:
            continue
        if leg.way is Way.TRACK:
            found.add(leg.side)
        elif leg.way is Way.DOWN and _centre(stands[leg.source]) != _centre(stands[target]):
            found.add(Side.BELOW)
    order = (Side.BELOW, Side.RIGHT, Side.LEFT)
    return {side: ENTRY * (i + 1) for i, side in enumerate(side for side in order if side in found)}


def _centre(stand: Stand | None) -> float | None:
    return stand.centre if stand else None


def _cells(row: Row, style: Style) -> tuple[Cell, ...]:
    texts = (row.no, row.title, row.needs, row.limit, row.outputs, row.remarks)
    cells = []
    for i, (text, width) in enumerate(zip(texts, style.columns, strict=True)):
        font = style.bold if i == 1 else style.body
        cell = [(line, font) for line in font.wrap(text, width - 2 * PAD)]
        if i == 1:
            cell += [(line, style.body) for line in style.body.wrap(row.words, width - 2 * PAD)]
        cells.append(tuple(cell))
    return tuple(cells)


def _branches(legs: list[Leg], side: Side, style: Style) -> tuple[Branch, ...]:
    """The ways out at one side, one below the other; together they stand at the height of the symbol's middle."""
    placed: list[Branch] = []
    y = 0.0
    for leg in sorted((leg for leg in legs if leg.side is side), key=branch_order):
        label = style.label.wrap(leg.arrow.label, style.label_aside)
        branch = Branch(leg, y, label, style.label.wrap(leg.arrow.capsule, style.capsule))
        if placed:
            branch = branch._replace(offset=y + _above(branch, style))
        placed.append(branch)
        y = branch.offset + _under(branch, style)
    shift = (placed[0].offset + placed[-1].offset) / 2 if placed else 0.0
    return tuple(each._replace(offset=round(each.offset - shift, 1)) for each in placed)


def _above(branch: Branch, style: Style) -> float:
    label = len(branch.label) * style.label.line + 2
    return max(label, capsule_height(branch.capsule, style) / 2 + 2 if branch.capsule else 4.0)


def _under(branch: Branch, style: Style) -> float:
    return capsule_height(branch.capsule, style) / 2 + 2 if branch.capsule else 4.0
