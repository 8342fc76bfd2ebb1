"""Give everything of a chart its place: the drawing."""

from __future__ import annotations

from connector.diagram import cells, routes
from connector.diagram.chart import Chart
from connector.diagram.geometry import Box, Drawing, paper_scale
from connector.diagram.places import places_of
from connector.diagram.spoken import described
from connector.diagram.style import MARGIN, Style

#: The sizes of the words that are tried, and how much wider than them the columns; symbols stay as they are.
SCALES, STRETCHES = (1.0, 1.2, 1.4, 1.6), (1.0, 1.2, 1.5)


def drawing_of(chart: Chart) -> Drawing:
    """The drawing whose words are largest when it is printed on one page across."""
    styles = [Style(len(chart.lanes), scale, stretch) for scale in SCALES for stretch in STRETCHES]
    found = [(style, drawn(chart, style)) for style in styles]
    return max(found, key=lambda each: _printed(*each))[1]


def drawn(chart: Chart, style: Style) -> Drawing:
    """The drawing in one style."""
    places = places_of(chart, style)
    notes = cells.notes(places)
    foot = max((line.box.bottom for line in notes), default=places.table.bottom)
    legend, symbols = cells.legend(places, foot)
    return Drawing(
        title=f"Diagram alir POS {chart.title}",
        description=described(chart),
        size=Box(0, 0, places.table.right + MARGIN, max(figure.box.bottom for figure in symbols) + MARGIN),
        fills=(Box(places.table.left, places.header, places.table.right, places.tops[0]),),
        rules=(*cells.rules(places), *routes.ties(places)),
        lines=(*cells.head(places), *cells.words(places), *notes, *legend),
        figures=(*routes.figures(places), *symbols),
        routes=tuple(routes.routes(places)),
    )


def _printed(style: Style, drawing: Drawing) -> float:
    """How tall the words are on paper."""
    return style.scale * paper_scale(drawing.size)
