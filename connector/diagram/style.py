"""The sizes of a drawing, in CSS pixels.

Words, columns and lanes grow with `scale`, columns with `stretch` too; symbols do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from connector.diagram.chart import Shape
from connector.diagram.text import Font

#: What a printer leaves free of A3 across, in millimetres; A4 has the same shape.
PAPER = (400.0, 277.0)
MARGIN, PAD = 16.0, 6.0
SYMBOL = 54.0
HEIGHTS = {Shape.TERMINATOR: 22.0, Shape.ACTIVITY: 24.0, Shape.DECISION: 34.0, Shape.DUTY: 24.0}
#: How far verticals keep from symbols, and tracks from each other.
CLEAR, TRACK = 8.0, 9.0
#: From a symbol's side to where the ways out of it part.
STEM = 6.0
#: The free strip at the top of a row; it grows with the arrows that come in from beside, each at a height of its own.
STRIP, ENTRY = 14.0, 8.0
FOOT = 8.0
#: The longest label at the side of a symbol, and the longest line in an end beside a row.
LABEL_WIDTH, CAPSULE_WIDTH = 88.0, 66.0


@dataclass(frozen=True)
class Style:
    """Fonts and widths at one scale."""

    lanes: int
    scale: float = 1.0
    stretch: float = 1.0

    @cached_property
    def title(self) -> Font:
        return Font(15 * self.scale, bold=True)

    @cached_property
    def body(self) -> Font:
        return Font(9 * self.scale)

    @cached_property
    def bold(self) -> Font:
        return Font(9 * self.scale, bold=True)

    @cached_property
    def head(self) -> Font:
        return Font(8.5 * self.scale, bold=True)

    @cached_property
    def label(self) -> Font:
        return Font(8 * self.scale)

    @cached_property
    def lane(self) -> float:
        """The width of a lane, an even number of pixels so that its middle is a whole one."""
        return 2.0 * round(min(max(640 / self.lanes, 76), 116) * self.scale / 2)

    @cached_property
    def columns(self) -> tuple[float, ...]:
        """Widths of number, activity, needs, time, output and remarks; the lanes stand after the second."""
        return tuple(
            float(round(width * self.scale * self.stretch)) for width in (30, 172, 150, 62, 140, 126)
        )

    @cached_property
    def label_below(self) -> float:
        """The longest label beside a way down: it ends before the middle of the next lane."""
        return self.lane - 20

    @cached_property
    def label_aside(self) -> float:
        return LABEL_WIDTH * self.scale

    @cached_property
    def capsule(self) -> float:
        return CAPSULE_WIDTH * self.scale
