"""Where everything of a drawing is: frozen values, in CSS pixels, y downwards."""

from __future__ import annotations

from dataclasses import dataclass

from connector.diagram.chart import Arrow, Shape
from connector.diagram.style import PAPER
from connector.diagram.text import Font

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies within."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


def paper_scale(size: Box) -> float:
    """Millimetres to a pixel, if the drawing is to fill one page across."""
    width, height = PAPER
    return min(width / size.width, height / size.height)


@dataclass(frozen=True)
class Line:
    """One line of text: its box, its baseline's height and whether it is set to the left, the middle or the right."""

    text: str
    box: Box
    font: Font
    anchor: str = "start"

    @property
    def baseline(self) -> float:
        return self.box.bottom - self.font.size * 0.24


def lines_in(
    text: tuple[str, ...], font: Font, *, x: float, top: float, anchor: str = "start"
) -> tuple[Line, ...]:
    """Lines one below the other; `x` is their left, middle or right."""
    made = []
    for i, each in enumerate(text):
        width = font.width(each)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        box = Box(left, top + i * font.line, left + width, top + (i + 1) * font.line)
        made.append(Line(each, box, font, anchor))
    return tuple(made)


@dataclass(frozen=True)
class Figure:
    """A symbol with the words in it. `row` is the row it stands in."""

    row: str
    shape: Shape
    box: Box
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Route:
    """An arrow's way, from the edge of one symbol to the edge of another, and its label."""

    arrow: Arrow
    points: tuple[Point, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A line of the table, or between the symbols of one step in several lanes (`dashed`)."""

    start: Point
    end: Point
    strong: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    title: str
    description: str
    size: Box
    fills: tuple[Box, ...]
    rules: tuple[Rule, ...]
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    routes: tuple[Route, ...]
