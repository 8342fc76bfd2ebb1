"""A drawing as SVG that needs nothing else: every text is escaped, every line of it as wide as it was measured."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from connector.diagram.chart import Shape
from connector.diagram.geometry import Box, Drawing, Figure, Line, Point, Route, Rule, paper_scale
from connector.diagram.strokes import Stroke, segments, strokes_of

HOP = 3.0
STYLE = """
text { font-family: "Liberation Sans", Arial, Helvetica, sans-serif; fill: #000 }
.b { font-weight: bold }
.paper { fill: #fff }
.head { fill: #e9ecef }
.rule { stroke: #9aa0a6; stroke-width: .5 }
.strong { stroke: #000; stroke-width: .9 }
.tie { stroke: #000; stroke-width: 1; stroke-dasharray: 3 2 }
.symbol { fill: #fff; stroke: #000; stroke-width: 1.2 }
.duty { stroke-dasharray: 4 2 }
.arrow { fill: none; stroke: #000; stroke-width: 1.1; stroke-linejoin: round }
@page { size: A3 landscape; margin: 10mm }
@media print { :root { width: 100%; height: 100% } }
""".strip()


def svg_of(drawing: Drawing) -> str:
    """The SVG document."""
    width, height = _number(drawing.size.width), _number(drawing.size.height)
    millimetres = paper_scale(drawing.size)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{_number(drawing.size.width * millimetres)}mm",
            "height": f"{_number(drawing.size.height * millimetres)}mm",
            "viewBox": f"0 0 {width} {height}",
            "lang": "id",
            "role": "img",
            "aria-labelledby": "judul uraian",
        },
    )
    ET.SubElement(root, "title", id="judul").text = clean(drawing.title)
    ET.SubElement(root, "desc", id="uraian").text = clean(drawing.description)
    ET.SubElement(root, "style").text = STYLE
    root.append(_arrowhead())
    ET.SubElement(root, "rect", {"width": width, "height": height, "class": "paper"})
    for box in drawing.fills:
        ET.SubElement(root, "rect", {**_box(box), "class": "head"})
    for rule in drawing.rules:
        root.append(_rule(rule))
    for line in drawing.lines:
        root.append(_text(line))
    for line in (line for route in drawing.routes for line in route.lines):
        ET.SubElement(root, "rect", {**_box(line.box), "class": "paper"})  # hides the rules behind the label
        root.append(_text(line))
    for route, stroke in zip(drawing.routes, strokes_of(drawing.routes), strict=True):
        root.append(_route(route, stroke))
    for figure in drawing.figures:
        root.append(_figure(figure))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def clean(text: str) -> str:
    """The text without characters that XML 1.0 has no place for."""
    return "".join(
        letter
        for letter in text
        if letter in "\t\n\r"
        or " " <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter >= "\U00010000"
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _point(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _box(box: Box) -> dict[str, str]:
    return {
        "x": _number(box.left),
        "y": _number(box.top),
        "width": _number(box.width),
        "height": _number(box.height),
    }


def _arrowhead() -> ET.Element:
    defs = ET.Element("defs")
    marker = ET.SubElement(
        defs,
        "marker",
        {
            "id": "panah",
            "viewBox": "0 0 8 8",
            "refX": "7.5",
            "refY": "4",
            "markerWidth": "6.5",
            "markerHeight": "6.5",
            "orient": "auto",
        },
    )
    ET.SubElement(marker, "path", {"d": "M 0 0.5 L 8 4 L 0 7.5 z"})
    return defs


def _rule(rule: Rule) -> ET.Element:
    (x1, y1), (x2, y2) = rule.start, rule.end
    kind = "tie" if rule.dashed else "strong" if rule.strong else "rule"
    return ET.Element(
        "line", {"x1": _number(x1), "y1": _number(y1), "x2": _number(x2), "y2": _number(y2), "class": kind}
    )


def _text(line: Line) -> ET.Element:
    x = {"start": line.box.left, "middle": line.box.middle[0], "end": line.box.right}[line.anchor]
    element = ET.Element(
        "text",
        {
            "x": _number(x),
            "y": _number(line.baseline),
            "font-size": _number(line.font.size),
            # another font than the measured one is squeezed into the same room
            "textLength": _number(line.box.width),
            "lengthAdjust": "spacingAndGlyphs",
            **({"text-anchor": line.anchor} if line.anchor != "start" else {}),
            **({"class": "b"} if line.font.bold else {}),
        },
    )
    element.text = clean(line.text)
    return element


def _route(route: Route, stroke: Stroke) -> ET.Element:
    element = ET.Element("path", {"d": _path(stroke), "class": "arrow", "marker-end": "url(#panah)"})
    arrow = route.arrow
    words = arrow.words or arrow.label
    ET.SubElement(element, "title").text = clean(
        f"{arrow.source} → {arrow.target}{': ' if words else ''}{words}"
    )
    return element


def _path(stroke: Stroke) -> str:
    """The line; where it runs across another it hops over it."""
    parts = [f"M {_point(stroke.points[0])}"]
    for (x1, y1), (x2, y2) in segments(stroke.points):
        way = 1 if x2 > x1 else -1
        over = sorted(
            (x for x, y in stroke.hops if y1 == y2 == y and min(x1, x2) < x < max(x1, x2)),
            key=lambda x: x * way,
        )
        for x in over:
            parts.append(f"H {_number(x - way * HOP)}")
            parts.append(
                f"a {_number(HOP)} {_number(HOP)} 0 0 {1 if way > 0 else 0} {_number(way * 2 * HOP)} 0"
            )
        parts.append(f"L {_point((x2, y2))}")
    return " ".join(parts)


def _figure(figure: Figure) -> ET.Element:
    group = ET.Element("g")
    kind = "symbol duty" if figure.shape is Shape.DUTY else "symbol"
    box = figure.box
    if figure.shape is Shape.DECISION:
        x, y = box.middle
        corners = ((x, box.top), (box.right, y), (x, box.bottom), (box.left, y))
        ET.SubElement(group, "polygon", {"points": " ".join(map(_point, corners)), "class": kind})
    else:
        round_ = {"rx": _number(box.height / 2)} if figure.shape is Shape.TERMINATOR else {}
        ET.SubElement(group, "rect", {**_box(box), **round_, "class": kind})
    for line in figure.lines:
        group.append(_text(line))
    return group
