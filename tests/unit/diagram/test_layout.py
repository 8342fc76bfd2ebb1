"""What every drawing keeps: nothing over anything else, every legal move once, all on the canvas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.diagram.chart import chart_of
from connector.diagram.geometry import Box, Drawing, Line, Point
from connector.diagram.layout import SCALES, STRETCHES, drawing_of, drawn
from connector.diagram.strokes import segments, strokes_of
from connector.diagram.style import Style
from connector.settings import ROOT
from connector.sop.loader import load
from connector.sop.model import Organization, Procedure
from connector.sop.table import MoveKind, moves
from tests.small import ORGANIZATION, PROCEDURE
from tests.unit.diagram.synthetic import organization, procedures

CATALOGUE = load(ROOT / "sop_mappings")


@settings(
    derandomize=True,  # the same drawings on every machine; another seed is tried by hand
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(procedures(), st.sampled_from(SCALES), st.sampled_from(STRETCHES))
def test_any_procedure_is_drawn_well(
    made: tuple[Procedure, Organization], scale: float, stretch: float
) -> None:
    chart = chart_of(*made)
    check(made[0], drawn(chart, Style(len(chart.lanes), scale, stretch)))


def test_the_small_procedure_and_every_mapping_are_drawn_well() -> None:
    check(PROCEDURE, drawing_of(chart_of(PROCEDURE, ORGANIZATION)))
    for procedure in CATALOGUE.procedures:
        owner = CATALOGUE.organization(procedure.profile)
        assert owner is not None
        check(procedure, drawing_of(chart_of(procedure, owner)))


def check(procedure: Procedure, drawing: Drawing) -> None:
    every_move_once(procedure, drawing)
    nothing_overlaps(drawing)
    arrows_keep_off(drawing)
    arrows_keep_apart(drawing)
    all_on_the_canvas(drawing)
    words_keep_to_their_cells(drawing)


def every_move_once(procedure: Procedure, drawing: Drawing) -> None:
    arrows = [route.arrow for route in drawing.routes if route.arrow.kind is not None]
    drawn_moves = Counter(
        (arrow.kind, arrow.source if arrow.outcome else None, arrow.outcome) for arrow in arrows
    )
    legal = Counter(
        (move.kind, move.step, move.outcome or "")
        for move in moves(procedure)
        if move.kind in (MoveKind.REGISTER, MoveKind.OUTCOME, MoveKind.RETURN)
    )
    assert drawn_moves == legal
    told = "\n".join(line.text for line in drawing.lines)
    for kind, words in ((MoveKind.RESUME, "Dikembalikan kepada pemohon"), (MoveKind.WITHDRAW, "menarik")):
        assert any(move.kind is kind for move in moves(procedure)) == (words in told)


def boxes(drawing: Drawing) -> list[Box]:
    """Symbols and labels of arrows."""
    return [
        *(figure.box for figure in drawing.figures),
        *(line.box for route in drawing.routes for line in route.lines),
    ]


def nothing_overlaps(drawing: Drawing) -> None:
    for one, other in combinations(boxes(drawing), 2):
        assert not one.overlaps(other), (one, other)
    for figure in drawing.figures:
        for line in figure.lines:
            assert figure.box.holds(line.box)
    for first, second in combinations(drawing.lines, 2):
        assert not _inner(first.box).overlaps(_inner(second.box)), (first.text, second.text)


def arrows_keep_off(drawing: Drawing) -> None:
    """No arrow runs through a symbol or over a word; it begins and ends at the edge of one."""
    for route in drawing.routes:
        for segment in segments(route.points):
            for box in boxes(drawing):
                assert not _span(segment).overlaps(_inner(box)), (route.arrow, segment, box)
        assert any(_touches(route.points[-1], figure.box) for figure in drawing.figures)
        assert any(_touches(route.points[0], figure.box) for figure in drawing.figures)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in segments(route.points))


def arrows_keep_apart(drawing: Drawing) -> None:
    """Arrows run along each other only where they leave one symbol, or on the way to one symbol."""
    for one, other in combinations(drawing.routes, 2):
        if one.arrow.target == other.arrow.target and not one.arrow.aside and not other.arrow.aside:
            continue
        shared = one.points[:3] if one.arrow.source == other.arrow.source else ()
        for a in segments(one.points):
            for b in segments(other.points):
                if _along(a, b):
                    assert shared, (one, other)
                    assert set(a) <= set(shared) or set(b) <= set(other.points[:3]), (one, other)


def all_on_the_canvas(drawing: Drawing) -> None:
    for box in (*boxes(drawing), *(line.box for line in _lines(drawing))):
        assert drawing.size.holds(box)
    for route in drawing.routes:
        for x, y in route.points:
            assert 0 < x < drawing.size.right
            assert 0 < y < drawing.size.bottom


def words_keep_to_their_cells(drawing: Drawing) -> None:
    verticals = {
        rule.start[0]: (rule.start[1], rule.end[1]) for rule in drawing.rules if rule.start[0] == rule.end[0]
    }
    for line in drawing.lines:
        for x, (top, bottom) in verticals.items():
            inside = top < line.box.middle[1] < bottom
            assert not (inside and line.box.left < x < line.box.right), line.text


def _lines(drawing: Drawing) -> Iterator[Line]:
    yield from drawing.lines
    for figure in drawing.figures:
        yield from figure.lines


def _inner(box: Box) -> Box:
    return Box(box.left + 0.05, box.top + 0.05, box.right - 0.05, box.bottom - 0.05)


def _span(segment: tuple[Point, Point]) -> Box:
    (x1, y1), (x2, y2) = segment
    return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _touches(point: Point, box: Box) -> bool:
    x, y = point
    near = 0.02
    return any(
        (
            abs(x - box.middle[0]) < near and min(abs(y - box.top), abs(y - box.bottom)) < near,
            abs(y - box.middle[1]) < near and min(abs(x - box.left), abs(x - box.right)) < near,
        )
    )


def _along(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two parallel segments lie over each other, or nearly."""
    a, b = _span(one), _span(other)
    if (a.width > 0) != (b.width > 0):
        return False
    near = 2.0
    if a.width > 0:
        return abs(a.top - b.top) < near and a.left < b.right and b.left < a.right
    return abs(a.left - b.left) < near and a.top < b.bottom and b.top < a.bottom


# what once went wrong -----------------------------------------------------------------------------------------


def looping(roles: list[int], outcomes: dict[int, dict[str, int]]) -> Drawing:
    """A drawing of steps by role number, and by step number their outcomes."""
    names = [f"langkah-{i}" for i in range(len(roles))]
    steps: list[dict[str, object]] = [{"no": "0", "id": "ajukan", "title": "Ajukan", "roles": ["peran-0"]}]
    for i, role in enumerate(roles):
        ways = outcomes.get(i) or {"lanjut": i + 1}
        steps.append(
            {
                "no": str(i + 1),
                "id": names[i],
                "title": "Langkah",
                "status": f"Status {i}",
                "roles": [f"peran-{role}"],
                "outcomes": {
                    name: (names[to] if to < len(names) else "selesai") for name, to in ways.items()
                },
            }
        )
    procedure = PROCEDURE.model_dump() | {
        "steps": steps,
        "ends": [{"id": "selesai", "status": "Selesai", "title": "Selesai", "success": True}],
        "withdrawn": None,
    }
    made = Procedure.model_validate(procedure)
    drawing = drawing_of(chart_of(made, organization(max(roles) + 1)))
    check(made, drawing)
    return drawing


def test_a_long_label_below_the_last_lane_keeps_the_tracks_away() -> None:
    looping([0, 1, 1, 1], {1: {"diterima-dan-diteruskan": 2, "ulang": 0}, 2: {"lanjut": 3, "kembali": 0}})


def test_loops_between_the_same_two_steps_lie_within_each_other() -> None:
    drawing = looping([1, 0, 1], {0: {"lulus": 1, "tidak-lulus": 2}, 1: {"selesai": 3}, 2: {"diulang": 0}})
    assert [stroke.hops for stroke in strokes_of(drawing.routes) if stroke.hops] == []
