"""Give everything of a chart its place: the drawing."""

from __future__ import annotations

from connector.diagram import cells, routes
from connector.diagram.chart import Chart
from connector.diagram.geometry import Box, Drawing
from connector.diagram.places import Places, places_of
from connector.diagram.spoken import described
from connector.diagram.style import MARGIN, Style

#: The sizes of the words that are tried; symbols stay as they are.
SCALES = (1.0, 1.1, 1.2, 1.3, 1.4)
#: What a printer leaves free of A3 and A4 across: the same shape for both.
PAPER = (400.0, 277.0)


def drawing_of(chart: Chart) -> Drawing:
    """The drawing whose words are largest when it is printed on one page across."""
    styles = [Style(len(chart.lanes), scale) for scale in SCALES]
    found = [(style, _drawn(places_of(chart, style))) for style in styles]
    return max(found, key=lambda each: _printed(*each))[1]


def _printed(style: Style, drawing: Drawing) -> float:
    """How tall the words are on paper."""
    width, height = PAPER
    return style.scale * min(width / drawing.size.width, height / drawing.size.height)


def _drawn(places: Places) -> Drawing:
    notes = cells.notes(places)
    legend, symbols = cells.legend(
        places, max((line.box.bottom for line in notes), default=places.table.bottom)
    )
    return Drawing(
        title=f"Diagram alir POS {places.chart.title}",
        description=described(places.chart),
        size=Box(0, 0, places.table.right + MARGIN, max(figure.box.bottom for figure in symbols) + MARGIN),
        fills=(Box(places.table.left, places.header, places.table.right, places.tops[0]),),
        rules=(*cells.rules(places), *routes.ties(places)),
        lines=(*cells.head(places), *cells.words(places), *notes, *legend),
        figures=(*routes.figures(places), *symbols),
        routes=tuple(routes.routes(places)),
    )
