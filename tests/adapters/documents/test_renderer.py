"""What the renderer refuses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from connector.documents import TypstRenderer
from connector.errors import DocumentError
from tests.unit.documents import sample

TEMPLATES = sample.ROOT / "templates" / "documents"
RENDERER = TypstRenderer(TEMPLATES, TEMPLATES / "fonts")


@pytest.mark.parametrize(
    "name", ["tidak-ada", "../naskah", "fonts/x", "", "/etc/passwd", "NASKAH", "bagian/lembar"]
)
def test_a_template_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(DocumentError, match="tidak ada"):
        RENDERER.render(name, {}, now=sample.NOW)


def test_data_that_is_missing_is_an_error_that_names_it() -> None:
    with pytest.raises(
        DocumentError, match=r"«naskah» tidak dapat dibuat: .*lembar.typ:\d+:\d+: .*letterhead"
    ):
        RENDERER.render("naskah", {}, now=sample.NOW)


def test_data_that_is_no_json_is_an_error() -> None:
    with pytest.raises(DocumentError, match="data untuk templat"):
        RENDERER.render("naskah", {"x": object()}, now=sample.NOW)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zona waktu"):
        RENDERER.render("naskah", {}, now=dt.datetime(2026, 1, 1))  # noqa: DTZ001


def own(folder: Path, source: str) -> TypstRenderer:
    (folder / "uji.typ").write_text(source, encoding="utf-8")
    return TypstRenderer(folder, TEMPLATES / "fonts")


def test_a_template_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "templat"
    inside.mkdir()
    (tmp_path / "rahasia.txt").write_text("rahasia", encoding="utf-8")
    renderer = own(inside, '#set document(title: "x")\n#read("../rahasia.txt")')
    with pytest.raises(DocumentError, match="uji"):
        renderer.render("uji", {}, now=sample.NOW)


def test_a_template_that_would_fetch_a_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="paket dari jaringan"):
        own(tmp_path, '#import "@preview/example:0.1.0": *')


def test_no_font_but_the_bundled_is_used(tmp_path: Path) -> None:
    renderer = own(tmp_path, '#set document(title: "x")\n#set text(font: "DejaVu Sans")\nhalo')
    with pytest.raises(DocumentError, match="dejavu sans"):
        renderer.render("uji", {}, now=sample.NOW)


def test_without_fonts_there_is_no_renderer(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="tidak ada fon"):
        TypstRenderer(TEMPLATES, tmp_path)


def test_an_error_does_not_repeat_what_a_person_wrote(tmp_path: Path) -> None:
    renderer = own(tmp_path, '#set document(title: "x")\n#set text(font: "Liberation Sans")\nSari \u6f22')
    with pytest.raises(DocumentError) as caught:
        renderer.render("uji", {}, now=sample.NOW)
    assert "\u6f22" not in str(caught.value)


def test_one_line_is_set_to_see_whether_it_can_be_done(tmp_path: Path) -> None:
    RENDERER.try_out(now=sample.NOW)
    with pytest.raises(DocumentError, match="fon"):
        TypstRenderer(tmp_path, tmp_path / "kosong").try_out(now=sample.NOW)
