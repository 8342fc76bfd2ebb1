"""Where the columns and rows of the table are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from connector.diagram.chart import Chart
from connector.diagram.geometry import Box, Point
from connector.diagram.measure import Measured, capsule_width, measured
from connector.diagram.style import CLEAR, MARGIN, PAD, STEM, TRACK, Style
from connector.diagram.ways import Leg, Side, Way, legs_of, stand_of


@dataclass(frozen=True)
class Places:
    """Heights and widths of a chart's table in one style."""

    chart: Chart
    style: Style
    rows: tuple[Measured, ...]
    #: Left edge of every column (number, activity, performers, needs, time, output, remarks), right edge of the last.
    borders: tuple[float, ...]
    #: Left edge of the first lane, right edge of the room around the lanes, and where the ends beside the rows begin.
    lanes: float
    lanes_end: float
    capsules: float
    #: The innermost track of each side.
    tracks: dict[Side, float]
    heads: tuple[tuple[str, ...], ...]
    header: float
    groups: float
    tops: tuple[float, ...]

    @property
    def table(self) -> Box:
        return Box(MARGIN, self.header, self.borders[-1], self.tops[-1])

    @property
    def has_ends(self) -> bool:
        """Whether ends stand beside rows."""
        return self.lanes_end < self.borders[3]

    def column(self, i: int) -> tuple[float, float]:
        """The edges of a column of words."""
        j = i if i < 2 else i + 1
        return self.borders[j], self.borders[j + 1]

    def symbol(self, i: int) -> Point:
        """The middle of the main symbol of a row."""
        row = self.rows[i]
        if row.stand is None:
            raise ValueError(f"row {row.row.id} has no symbol")
        return self.lanes + row.stand.centre, self.tops[i] + row.middle

    def track(self, leg: Leg) -> float:
        """Where a leg's track is."""
        way = -1 if leg.side is Side.LEFT else 1
        return self.tracks[leg.side] + way * leg.track * TRACK


def places_of(chart: Chart, style: Style) -> Places:
    """Put the columns beside and the rows below each other."""
    stands = tuple(stand_of(row, style) for row in chart.rows)
    legs = legs_of(chart, stands, style)
    rows = measured(chart, stands, legs, style)
    left, right = (_reach(rows, side, style) for side in (Side.LEFT, Side.RIGHT))
    widths = style.columns
    begin = MARGIN + widths[0] + widths[1]
    lanes = begin + CLEAR / 2 + _tracks(legs, Side.LEFT) * TRACK + left
    outer = lanes + style.lane * style.lanes + right
    lanes_end = outer + _tracks(legs, Side.RIGHT) * TRACK + CLEAR / 2
    capsules = [
        capsule_width(each.capsule, style) for row in rows for each in row.sides[Side.RIGHT] if each.capsule
    ]
    ends = math.ceil(max(capsules)) + 2 * CLEAR if capsules else 0.0
    header = MARGIN + style.title.line + len(chart.heading) * style.body.line + 10
    heads = tuple(style.head.wrap(lane, style.lane - 8) for lane in chart.lanes)
    groups = header + math.ceil(style.head.line + 2 * PAD)
    top = groups + math.ceil(max(len(lines) for lines in heads) * style.head.line + 2 * PAD)
    return Places(
        chart=chart,
        style=style,
        rows=rows,
        borders=(MARGIN, MARGIN + widths[0], begin, *accumulate(widths[2:], initial=lanes_end + ends)),
        lanes=lanes,
        lanes_end=lanes_end,
        capsules=lanes_end + CLEAR,
        tracks={Side.LEFT: lanes - left - TRACK / 2, Side.RIGHT: outer + TRACK / 2},
        heads=heads,
        header=header,
        groups=groups,
        tops=tuple(accumulate((row.height for row in rows), initial=top)),
    )


def _tracks(legs: Sequence[Leg], side: Side) -> int:
    return 1 + max((leg.track for leg in legs if leg.way is Way.TRACK and leg.side is side), default=-1)


def _reach(rows: Sequence[Measured], side: Side, style: Style) -> float:
    """How far labels and stems reach beyond the lanes."""
    found = 0.0
    for row in rows:
        if row.stand is None:
            continue
        edge = row.stand.left if side is Side.LEFT else style.lane * style.lanes - row.stand.right
        for branch in row.sides[side]:
            found = max(found, STEM + _widest(branch.label, style) + CLEAR - edge)
        if side is Side.RIGHT:
            room = style.lane * style.lanes - row.stand.centre
            found = max(found, _widest(row.label, style) + CLEAR - room)
    return float(math.ceil(found))


def _widest(label: tuple[str, ...], style: Style) -> float:
    return max((style.label.width(line) for line in label), default=0.0)
