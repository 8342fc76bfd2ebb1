"""The document: escaped, self-contained, readable without eyes; and the command that writes it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from connector.cli import main
from connector.diagram.chart import Arrow, chart_of
from connector.diagram.geometry import Route
from connector.diagram.layout import drawing_of
from connector.diagram.strokes import strokes_of
from connector.diagram.svg import clean, svg_of
from tests.small import ORGANIZATION, PROCEDURE

SVG = "{http://www.w3.org/2000/svg}"
KEY = "unj/permohonan-layanan-teknis"


def test_every_text_is_escaped() -> None:
    evil = "<script>alert('1')</script> & \"dua\"\x0b\x00 ]]>"
    procedure = PROCEDURE.model_copy(
        update={
            "title": evil,
            "steps": tuple(
                step.model_copy(update={"title": evil, "description": evil, "note": evil})
                for step in PROCEDURE.steps
            ),
        }
    )
    root = ET.fromstring(svg_of(drawing_of(chart_of(procedure, ORGANIZATION))))
    assert root.findall(f".//{SVG}script") == []
    assert root.findtext(f"{SVG}title") == "Diagram alir POS <script>alert('1')</script> & \"dua\" ]]>"


def test_it_needs_nothing_else_and_says_what_it_shows() -> None:
    text = svg_of(drawing_of(chart_of(PROCEDURE, ORGANIZATION)))
    root = ET.fromstring(text)
    assert (root.get("role"), root.get("aria-labelledby"), root.get("lang")) == ("img", "judul uraian", "id")
    assert "Langkah 2: Pemeriksaan" in (root.findtext(f"{SVG}desc") or "")
    assert "href" not in text
    assert text.count("http") == 1
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{name}"
        for name in (
            *("svg", "title", "desc", "style", "defs", "marker", "g"),
            *("path", "rect", "line", "polygon", "text"),
        )
    }


def test_each_arrow_has_one_line_and_says_where_it_goes() -> None:
    chart = chart_of(PROCEDURE, ORGANIZATION)
    root = ET.fromstring(svg_of(drawing_of(chart)))
    paths = [path for path in root.iter(f"{SVG}path") if path.get("class") == "arrow"]
    said = [path.findtext(f"{SVG}title") for path in paths]
    assert len(said) == len(set(said)) == len(chart.arrows)
    assert "terima → selesai: hasil diterima" in said


def test_characters_that_xml_has_not_are_left_out() -> None:
    assert clean("a\x00b\x1fc\ud800d\ufffe\n😀") == "abcd\n😀"


def test_arrows_that_join_are_drawn_once_and_crossings_hop() -> None:
    def route(source: str, target: str, *points: tuple[float, float]) -> Route:
        return Route(Arrow(source, target, None, outcome=source), points)

    down = route("a", "c", (50, 0), (50, 100))
    beside = route("b", "c", (200, 150), (100, 150), (100, 80), (50, 80), (50, 100))
    across = route("d", "e", (0, 120), (150, 120))
    first, second, third = strokes_of([down, beside, across])
    assert first.points == down.points
    assert list(second.points) == [(200, 150), (100, 150), (100, 80), (50, 80)]
    assert sorted(third.hops) == [(100, 120)]
    assert [*first.hops, *second.hops] == []


# the command --------------------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_a_file_or_prints(tmp_path: Path) -> None:
    path = tmp_path / "pos.svg"
    assert run("diagram", KEY, "--output", str(path)) == (0, "", f"{path}: Permohonan Pelayanan Teknis IT\n")
    code, printed, _ = run("diagram", KEY)
    assert code == 0
    assert printed == path.read_text(encoding="utf-8")
    assert ET.fromstring(printed).tag == f"{SVG}svg"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["unj/permohonan-layanan"], 2, "mungkin maksud Anda «unj/permohonan-layanan-teknis»"),
        (["ujn/permohonan-layanan-teknis"], 1, "organisasi «ujn» tidak ada; mungkin maksud Anda «unj»"),
        ([KEY, "--output", "/tidak/ada/pos.svg"], 1, "/tidak/ada/pos.svg tidak dapat ditulis"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], code: int, message: str) -> None:
    found, _, error = run("diagram", *words)
    assert found == code
    assert message in error
