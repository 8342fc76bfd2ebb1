"""Which way each arrow takes, before there are heights. What keeps arrows off symbols, words and each other:

- every arrow enters its symbol from above, in the free strip at the top of its row, where it may join others;
- one way out of a decision may go down; the others leave at its sides, one below the other, each under its label;
- a vertical runs between two rows, in the middle of a lane whose symbols and labels it does not meet, or in a track
  beside the lanes; tracks are shared by the arrows to one symbol only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from connector.diagram.chart import Arrow, Chart, Row, Shape
from connector.diagram.style import CLEAR, SYMBOL, Style


class Way(StrEnum):
    """How an arrow goes: down to the next symbol, over to a lane and down it, by a track, or to an end beside."""

    DOWN = "down"
    ACROSS = "across"
    TRACK = "track"
    ASIDE = "aside"


class Side(StrEnum):
    """Where it leaves its symbol."""

    LEFT = "left"
    RIGHT = "right"
    BELOW = "below"


@dataclass(frozen=True)
class Stand:
    """Where a row's symbols stand: one across each run of neighbouring lanes, the first is the main one."""

    runs: tuple[tuple[float, float], ...]

    @property
    def centre(self) -> float:
        return (self.runs[0][0] + self.runs[0][1]) / 2

    @property
    def left(self) -> float:
        return self.runs[0][0]

    @property
    def right(self) -> float:
        return self.runs[-1][1]

    def meets(self, x: float) -> bool:
        """Whether a vertical at x comes near one of them."""
        return any(start - CLEAR < x < end + CLEAR for start, end in self.runs)


#: The rows that a track reaches.
Span = tuple[float, float]


@dataclass(frozen=True)
class Leg:
    """One arrow between two rows, with its way. `track` counts from the lanes outwards."""

    arrow: Arrow
    source: int
    target: int
    way: Way
    side: Side
    track: int = 0


def stand_of(row: Row, style: Style) -> Stand | None:
    """Where the row's symbols stand, the first lane beginning at 0."""
    if row.shape is None:
        return None
    runs: list[list[int]] = []
    for each in row.lanes:
        if runs and runs[-1][-1] == each - 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    lane = style.lane
    inset = (lane - SYMBOL) / 2
    return Stand(tuple((run[0] * lane + inset, (run[-1] + 1) * lane - inset) for run in runs))


def legs_of(chart: Chart, stands: tuple[Stand | None, ...], style: Style) -> tuple[Leg, ...]:
    """A way for every arrow."""
    chosen = _Chooser(chart, stands, style).legs()
    return _tracked(_sided(chosen, stands, style.lane * style.lanes))


class _Chooser:
    def __init__(self, chart: Chart, stands: tuple[Stand | None, ...], style: Style) -> None:
        self._chart = chart
        self._stands = stands
        #: From the middle of a decision: beyond the label beside its way down.
        self._label = style.label_below + CLEAR

    def legs(self) -> list[Leg]:
        by_source: dict[int, list[Arrow]] = defaultdict(list)
        for arrow in self._chart.arrows:
            by_source[self._chart.index(arrow.source)].append(arrow)
        return [leg for source, arrows in by_source.items() for leg in self._leaving(source, arrows)]

    def _leaving(self, source: int, arrows: list[Arrow]) -> list[Leg]:
        """The legs out of one row; the way to the next symbol is chosen first."""
        taken: set[Side] = set()
        legs = []
        following = self._following(source)
        for arrow in sorted(arrows, key=lambda each: each.target != following):
            if arrow.aside:
                legs.append(Leg(arrow, source, source, Way.ASIDE, Side.RIGHT))
                continue
            target = self._chart.index(arrow.target)
            way, side = self._way(source, target, adjacent=arrow.target == following, taken=taken)
            if way in (Way.DOWN, Way.ACROSS):
                taken.add(side)
            legs.append(Leg(arrow, source, target, way, side))
        return legs

    def _following(self, source: int) -> str | None:
        rest = self._chart.rows[source + 1 :]
        return next((row.id for row in rest if row.shape is not None), None)

    def _way(self, source: int, target: int, *, adjacent: bool, taken: set[Side]) -> tuple[Way, Side]:
        stand, goal = self._stand(source), self._stand(target).centre
        decision = self._chart.rows[source].shape is Shape.DECISION
        if adjacent and (decision or stand.centre == goal):
            return Way.DOWN, Side.BELOW
        if target > source and self._free(source, target, goal):
            if stand.centre == goal and Side.BELOW not in taken:
                return Way.DOWN, Side.BELOW
            left, right = stand.left - CLEAR, stand.right + CLEAR
            if decision:
                right = max(right, stand.centre + self._label)
            side = Side.LEFT if goal < left else Side.RIGHT
            if side not in taken and not left <= goal <= right:
                return Way.ACROSS, side
        return (Way.DOWN, Side.BELOW) if adjacent else (Way.TRACK, Side.RIGHT)

    def _stand(self, index: int) -> Stand:
        stand = self._stands[index]
        if stand is None:
            raise ValueError(f"row {self._chart.rows[index].id} has no symbol")
        return stand

    def _free(self, source: int, target: int, x: float) -> bool:
        """Whether a vertical at x passes between two rows without meeting a symbol or a label."""
        between = range(source + 1, target)
        return not any(
            (stand := self._stands[i]) is not None
            and (stand.meets(x) or self._chart.rows[i].shape is Shape.DECISION)
            for i in between
        )


def _sided(legs: list[Leg], stands: tuple[Stand | None, ...], width: float) -> list[Leg]:
    """Put each target's track on the side where its arrows are shorter."""
    right: dict[int, float] = defaultdict(float)
    for leg in legs:
        source, target = stands[leg.source], stands[leg.target]
        if leg.way is Way.TRACK and source and target:
            to_right = (width - source.right) + (width - target.centre)
            right[leg.target] += to_right - (source.left + target.centre)
    return [
        Leg(leg.arrow, leg.source, leg.target, leg.way, Side.LEFT)
        if leg.way is Way.TRACK and right[leg.target] > 0
        else leg
        for leg in legs
    ]


def _tracked(legs: list[Leg]) -> tuple[Leg, ...]:
    """Give each target its own track where it reaches, short ones inside.

    An arrow leaves a row at its middle and enters one above it: of two that run opposite ways between the same rows the
    one downwards is the shorter, and lies within the other without a crossing.
    """
    reach: dict[tuple[Side, int], Span] = {}
    for leg in legs:
        if leg.way is Way.TRACK:
            entry = leg.target - 0.5
            first, last = reach.get((leg.side, leg.target), (entry, entry))
            reach[leg.side, leg.target] = min(first, leg.source), max(last, leg.source)
    tracks: dict[tuple[Side, int], int] = {}
    used: dict[Side, list[list[Span]]] = {Side.LEFT: [], Side.RIGHT: []}
    for (side, target), (first, last) in sorted(
        reach.items(), key=lambda item: (item[1][1] - item[1][0], item[0])
    ):
        levels = used[side]
        apart = (
            i for i, level in enumerate(levels) if all(b + 0.5 < first or last + 0.5 < a for a, b in level)
        )
        level = next(apart, len(levels))
        if level == len(levels):
            levels.append([])
        levels[level].append((first, last))
        tracks[side, target] = level
    return tuple(
        Leg(leg.arrow, leg.source, leg.target, leg.way, leg.side, tracks.get((leg.side, leg.target), 0))
        if leg.way is Way.TRACK
        else leg
        for leg in legs
    )


def branch_order(leg: Leg) -> tuple[int, int]:
    """From top to bottom on one side: up an inner track, up an outer, aside, down an outer, down an inner, across."""
    if leg.way is Way.ACROSS:
        return 3, 0
    if leg.way is Way.ASIDE:
        return 1, 0
    return (0, leg.track) if leg.target <= leg.source else (2, -leg.track)
