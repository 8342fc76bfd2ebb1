"""Symbols and the arrows between them, with their labels."""

from __future__ import annotations

from connector.diagram.chart import Shape
from connector.diagram.geometry import Box, Figure, Point, Route, Rule, lines_in
from connector.diagram.measure import Branch, Measured, capsule_height, capsule_width
from connector.diagram.places import Places
from connector.diagram.style import STEM
from connector.diagram.ways import Leg, Side, Stand, Way


def figures(places: Places) -> list[Figure]:
    """Every symbol, and the ends beside the rows."""
    found = []
    for i, row in enumerate(places.rows):
        if row.stand is None or row.row.shape is None:
            continue
        y = places.symbol(i)[1]
        for start, end in row.stand.runs:
            box = Box(places.lanes + start, y - row.half, places.lanes + end, y + row.half)
            found.append(_symbol(places, row, row.row.shape, box))
        found += [
            _capsule(places, row.row.id, branch, y + branch.offset)
            for branch in row.sides[Side.RIGHT]
            if branch.capsule
        ]
    return found


def _symbol(places: Places, row: Measured, shape: Shape, box: Box) -> Figure:
    """A symbol with its number in it, where the number has room there."""
    fonts = (places.style.bold, places.style.label)
    font = next((each for each in fonts if each.width(row.row.mark) <= box.width - 12), None)
    if font is None or not row.row.mark:
        return Figure(row.row.id, shape, box)
    x, y = box.middle
    words = lines_in((row.row.mark,), font, x=x, top=y - font.line / 2, anchor="middle")
    return Figure(row.row.id, shape, box, words)


def _capsule(places: Places, row_id: str, branch: Branch, y: float) -> Figure:
    style = places.style
    half = capsule_height(branch.capsule, style) / 2
    box = Box(places.capsules, y - half, places.capsules + capsule_width(branch.capsule, style), y + half)
    top = y - len(branch.capsule) * style.label.line / 2
    words = lines_in(branch.capsule, style.label, x=box.middle[0], top=top, anchor="middle")
    return Figure(row_id, Shape.TERMINATOR, box, words)


def ties(places: Places) -> list[Rule]:
    """Between the symbols of one step in lanes that are no neighbours."""
    found = []
    for i, row in enumerate(places.rows):
        if row.stand is not None:
            y = places.symbol(i)[1]
            for (_, start), (end, _) in zip(row.stand.runs, row.stand.runs[1:], strict=False):
                found.append(Rule((places.lanes + start, y), (places.lanes + end, y), dashed=True))
    return found


def routes(places: Places) -> list[Route]:
    """Every arrow."""
    found = []
    for i, row in enumerate(places.rows):
        if row.stand is None:
            continue
        if row.below is not None:
            found.append(_downward(places, i, row, row.below))
        for side in (Side.LEFT, Side.RIGHT):
            found += [_sideward(places, i, row.stand, branch, side) for branch in row.sides[side]]
    return found


def _top(places: Places, target: int) -> Point:
    """Where arrows end: the middle of the top of the symbol."""
    x, y = places.symbol(target)
    return x, y - places.rows[target].half


def _downward(places: Places, i: int, row: Measured, leg: Leg) -> Route:
    x, y = places.symbol(i)
    goal, top = _top(places, leg.target)
    entry = places.tops[leg.target] + places.rows[leg.target].entries.get(Side.BELOW, 0.0)
    points = _tidy([(x, y + row.half), (x, entry), (goal, entry), (goal, top)])
    words = lines_in(row.label, places.style.label, x=x + 4, top=y + row.reach_down + 1)
    return Route(leg.arrow, points, words)


def _sideward(places: Places, i: int, stand: Stand, branch: Branch, side: Side) -> Route:
    leg, font = branch.leg, places.style.label
    way = -1 if side is Side.LEFT else 1
    middle = places.symbol(i)[1]
    y = middle + branch.offset
    edge = places.lanes + (stand.left if side is Side.LEFT else stand.right)
    stem = edge + way * STEM
    points: list[Point] = [(edge, middle), (stem, middle), (stem, y)]
    if leg.way is Way.ASIDE:
        points.append((places.capsules, y))
    else:
        goal, top = _top(places, leg.target)
        if leg.way is Way.TRACK:
            track, entry = places.track(leg), places.tops[leg.target] + places.rows[leg.target].entries[side]
            points += [(track, y), (track, entry), (goal, entry)]
        else:
            points.append((goal, y))
        points.append((goal, top))
    words = lines_in(
        branch.label,
        font,
        x=stem + way * 3,
        top=y - len(branch.label) * font.line - 1,
        anchor="start" if way > 0 else "end",
    )
    return Route(leg.arrow, _tidy(points), words)


def _tidy(points: list[Point]) -> tuple[Point, ...]:
    """The same line without points that are there twice or on the way."""
    kept: list[Point] = []
    for x, y in points:
        point = round(x, 2), round(y, 2)
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and any(kept[-2][axis] == kept[-1][axis] == point[axis] for axis in (0, 1)):
            kept[-1] = point
            continue
        kept.append(point)
    return tuple(kept)
