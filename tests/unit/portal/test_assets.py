"""Style and script: kept by browsers, compressed, light, and what they say they are."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.app import create_app
from connector.settings import ROOT
from tests.unit.portal.test_services import FORM
from tests.world import World, catalogue

STATIC = ROOT / "connector/portal/static"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
#: What a form may weigh over the network, in bytes: less than a second at 400 kbit/s.
HEAVIEST = 40_000


@pytest.fixture
def client() -> FlaskClient:
    return World().app().test_client()


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(
        path, headers={name.replace("_", "-"): value for name, value in headers.items()}, buffered=True
    )


def linked(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+|/layanan/[^"]+gaya\.css)"', page)


def test_everything_a_page_needs_is_here(client: FlaskClient) -> None:
    page = client.get(FORM).text
    assert len(linked(page)) == 5
    for address in linked(page):
        assert get(client, address).status_code == 200
    assert re.findall(r'(?:href|src|action)="(?:https?:)?//', page) == []
    for text in (each.read_text(encoding="utf-8") for each in STATIC.glob("*.css")):
        assert re.findall(r"url\((?![\"']?data:)", text) == []


def test_no_page_has_script_or_style_inside(client: FlaskClient) -> None:
    for path in ("/layanan", FORM, "/lacak", "/tidak-ada"):
        page = client.get(path).text
        assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) == []


def test_static_files_are_named_by_their_content_and_kept(client: FlaskClient) -> None:
    css = next(each for each in linked(client.get(FORM).text) if "portal.css" in each)
    answer = get(client, css)
    assert "immutable" in answer.headers["Cache-Control"]
    assert f"v={hashlib.sha256((STATIC / 'portal.css').read_bytes()).hexdigest()[:10]}" in css
    assert "immutable" not in get(client, "/static/portal.css").headers["Cache-Control"]


def test_static_files_are_compressed_where_the_browser_can(client: FlaskClient) -> None:
    plain = get(client, "/static/portal.js")
    small = get(client, "/static/portal.js", Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert "Accept-Encoding" in small.headers["Vary"]


def test_pages_are_never_compressed(client: FlaskClient) -> None:
    """They hold secrets beside what people typed."""
    assert "Content-Encoding" not in get(client, FORM, Accept_Encoding="gzip").headers


@pytest.mark.parametrize("key", sorted(each.key for each in catalogue("").procedures))
def test_a_form_is_light_enough_for_a_slow_phone(key: str) -> None:
    client = World(profile="").app().test_client()
    page = client.get(f"/layanan/{key}")
    parts = [get(client, each, Accept_Encoding="gzip").data for each in linked(page.text)]
    assert len(page.data) + sum(map(len, parts)) < HEAVIEST


@pytest.mark.parametrize(
    ("readme", "name"),
    [(STATIC / "README.md", "pico.min.css"), (ROOT / "tests/browser/axe/README.md", "axe.min.js")],
)
def test_what_is_not_ours_is_unchanged(readme: Path, name: str) -> None:
    digest = hashlib.sha256((readme.parent / name).read_bytes()).hexdigest()
    assert f"SHA-256 {digest}" in readme.read_text(encoding="utf-8")


# logo -----------------------------------------------------------------------------------------------------------


def test_a_logo_is_served_as_the_picture_it_is(tmp_path: Path) -> None:
    (tmp_path / "unj").mkdir()
    (tmp_path / "unj" / "logo.png").write_bytes(PNG)
    services = World().services
    organization = services.catalogue.organizations[0].model_copy(update={"logo": "logo.png"})
    shown = replace(
        services,
        catalogue=services.catalogue.model_copy(update={"organizations": (organization,)}),
        settings=services.settings.model_copy(update={"mappings_dir": tmp_path}),
    )
    client = create_app(shown, limits=False).test_client()
    answer = client.get("/layanan/unj/logo")
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert '<img src="/layanan/unj/logo" alt="">' in client.get("/layanan").text


def test_without_a_logo_there_is_none(client: FlaskClient) -> None:
    assert client.get("/layanan/unj/logo").status_code == 404
    assert client.get("/layanan/lain/logo").status_code == 404
    assert "<img" not in client.get("/layanan").text
