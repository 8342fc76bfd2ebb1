"""What is drawn of each arrow, where several run into one another: the shared part once, and a hop where two cross."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from connector.diagram.geometry import Point, Route

Points = tuple[Point, ...]


class Stroke(NamedTuple):
    """A line, and where it hops over others."""

    points: Points
    hops: frozenset[Point]


def strokes_of(routes: Sequence[Route]) -> list[Stroke]:
    """One stroke for each route. Of arrows to one symbol the first is drawn whole, the others up to where they join."""
    lines: dict[int, Points] = {}
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for i, route in enumerate(routes):
        arrow = route.arrow
        groups[arrow.target, arrow.capsule, arrow.source if arrow.aside else ""].append(i)
    for group in groups.values():
        whole: list[Points] = []
        nearest = min(abs(_rise(routes[i].points)) for i in group)
        for points, i in sorted(
            ((routes[i].points, i) for i in group), key=lambda each: _precedence(each[0], nearest)
        ):
            lines[i] = _without_tail(
                points, max((_shared(points[::-1], each[::-1]) for each in whole), default=0.0)
            )
            whole.append(points)
    parting: dict[Point, list[Points]] = defaultdict(list)
    for i, route in enumerate(routes):
        others = parting[route.points[0]]
        stem = max((_shared(route.points, each) for each in others), default=0.0)
        lines[i] = _without_tail(lines[i][::-1], stem)[::-1]
        others.append(route.points)
    drawn = [lines[i] for i in range(len(routes))]
    return [Stroke(points, _hops(points, drawn)) for points in drawn]


def segments(points: Points) -> Iterator[tuple[Point, Point]]:
    """The straight parts of a line."""
    return pairwise(points)


def _rise(points: Points) -> float:
    return points[0][1] - points[-1][1]


def _precedence(points: Points, nearest: float) -> tuple[bool, float]:
    """First the way from the row above, then those from farthest."""
    return _rise(points) != -nearest, -abs(_rise(points))


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _shared(one: Points, other: Points) -> float:
    """How far two lines that begin at one point run together."""
    shared = 0.0
    if one[0] != other[0]:
        return shared
    for (a, b), (c, d) in zip(segments(one), segments(other), strict=False):
        if _heading(a, b) != _heading(c, d):
            break
        shared += min(_distance(a, b), _distance(c, d))
        if b != d:
            break
    return shared


def _heading(start: Point, end: Point) -> tuple[int, int]:
    return (end[0] > start[0]) - (end[0] < start[0]), (end[1] > start[1]) - (end[1] < start[1])


def _without_tail(points: Points, length: float) -> Points:
    """The line without so much of its end."""
    kept = list(points)
    while length > 0 and len(kept) > 1:
        (x, y), last = kept[-2:]
        part = _distance((x, y), last)
        kept.pop()
        if length < part:
            dx, dy = _heading((x, y), last)
            kept.append((round(x + dx * (part - length), 2), round(y + dy * (part - length), 2)))
        length -= part
    return tuple(kept)


def _hops(points: Points, drawn: Iterable[Points]) -> frozenset[Point]:
    """Where the line's horizontals run across verticals of others."""
    verticals = [
        (x1, min(y1, y2), max(y1, y2))
        for each in drawn
        if each is not points
        for (x1, y1), (x2, y2) in segments(each)
        if x1 == x2
    ]
    return frozenset(
        (x, y1)
        for (x1, y1), (x2, y2) in segments(points)
        if y1 == y2
        for x, top, bottom in verticals
        if min(x1, x2) < x < max(x1, x2) and top < y1 < bottom
    )
