"""The web application as a whole: who may come in, headers, limits, errors, health."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Blueprint, Flask, Response

from connector import app as application
from connector.app import AUTHENTICATION, LIMITS, create_app
from connector.errors import TransientError
from connector.health import health_blueprint
from connector.ports import Member
from tests.world import HOOK, World, csrf
from webhooks.signature import HEADER, sign

OCTETS = "application/octet-stream"
PAGES = (
    "/layanan",
    "/layanan/unj/permohonan-layanan-teknis",
    "/lacak",
    "/lacak/UNJ-2026-000001",
    "/tidak-ada",
)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def app(world: World) -> Flask:
    return world.app()


# who may come in ----------------------------------------------------------------------------------------------


def test_every_blueprint_says_how_it_knows_who_is_asking(app: Flask) -> None:
    assert set(app.blueprints) == set(AUTHENTICATION)
    assert all(AUTHENTICATION.values())


def test_one_that_does_not_say_so_cannot_be_registered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "health_blueprint", lambda *_: Blueprint("terbuka", __name__))
    with pytest.raises(LookupError, match="terbuka"):
        create_app(world.services)


def test_whatever_changes_something_asks_for_the_forms_secret(app: Flask, world: World) -> None:
    client, made = app.test_client(), world.submit()
    posts = {
        rule.endpoint: rule.rule.replace("<number>", made)
        .replace("<profile>", "unj")
        .replace("<procedure_id>", "permohonan-layanan-teknis")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and not rule.rule.startswith("/webhooks/")
        and rule.endpoint != "verification.compare"  # changes nothing
    }
    assert len(posts) == 10
    assert {client.post(path).status_code for path in posts.values()} == {400}


# headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers
    assert headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_strict_where_it_can_be() -> None:
    answer = World(public_url="https://layanan.contoh.id").app().test_client().get("/lacak")
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


# templates ----------------------------------------------------------------------------------------------------


def test_every_template_escapes(app: Flask) -> None:
    environment = app.jinja_env
    names = environment.list_templates()
    assert "tiket.html.j2" in names
    assert environment.autoescape is True
    assert environment.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


# limits -------------------------------------------------------------------------------------------------------


def test_what_is_limited_is_there(app: Flask) -> None:
    assert set(LIMITS) <= set(app.view_functions)


def test_no_two_views_share_a_count(app: Flask) -> None:
    """Flask-Limiter keeps limits by the name of the view's function."""
    names = [(view.__module__, view.__name__) for view in app.view_functions.values()]
    assert len(set(names)) == len(names)


def test_asking_for_links_without_end_is_stopped(world: World) -> None:
    client = world.app(limits=True).test_client()
    form = client.get("/lacak").text
    data = {"csrf_token": csrf(form), "nomor": "UNJ-2026-000001", "email": "sari@contoh.id"}
    codes = [client.post("/lacak", data=data).status_code for _ in range(21)]
    assert set(codes[:20]) == {200}
    assert codes[20] == 429


def test_only_wrong_secrets_are_counted(world: World) -> None:
    client, made = world.app(limits=True).test_client(), world.submit()
    right = f"/lacak/{made}?t={world.token(made)}"
    assert {client.get(right).status_code for _ in range(70)} == {303}
    assert [client.get(f"/lacak/{made}?t=salah").status_code for _ in range(61)][-1] == 429


# errors -------------------------------------------------------------------------------------------------------


def broken(app: Flask, error: Exception) -> Any:
    def fail() -> str:
        raise error

    app.add_url_rule("/rusak", "rusak", fail)
    return app.test_client().get("/rusak")


def test_a_bug_is_said_plainly_and_logged_without_its_text(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = broken(app, ValueError("Sari Melati 1301619001"))
    assert answer.status_code == 500
    assert "Terjadi kesalahan pada kami" in answer.text
    assert "ValueError" in caplog.text
    assert "def fail" in caplog.text or "in fail" in caplog.text
    assert "1301619001" not in caplog.text


def test_what_is_only_away_is_tried_again(app: Flask) -> None:
    answer = broken(app, TransientError("Redmine tidak menjawab"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Redmine" not in answer.text


def test_a_program_gets_its_own_kind_of_answer(app: Flask) -> None:
    answer = app.test_client().get("/tidak-ada", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (404, {"error": "Halaman tidak ditemukan"})


# health -------------------------------------------------------------------------------------------------------


def test_alive_and_ready(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert World(ready=False).app().test_client().get("/readyz").status_code == 503

    def away() -> None:
        raise TransientError("terkunci")

    monkeypatch.setattr(world.store, "ping", away)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_metrics_tell_of_work_and_requests_by_endpoint(app: Flask, world: World) -> None:
    client, made = app.test_client(), world.submit()
    client.get(f"/lacak/{made}")
    body = b'{"type":"issue.updated","data":{"issue":{"id":7}}}'
    client.post("/webhooks/redmine", data=body, headers={HEADER: sign(HOOK.encode(), body)})
    text = client.get("/metrics").text
    assert 'sop_requests_total{endpoint="tracking.enter",status="403"} 1.0' in text
    assert 'sop_requests_total{endpoint="webhooks.receive",status="202"} 1.0' in text
    assert made not in text


def test_metrics_tell_of_digests(app: Flask, world: World) -> None:
    client = app.test_client()
    assert 'sop_digests_missing{profile="unj"} 0.0' in client.get("/metrics").text
    world.redmine.people["unj", "kepala-pustikom"] = (Member(7, "Bagus", "bagus@contoh.id"),)
    world.supervision.tick()
    world.submit()
    world.work()
    world.clock.forward(days=1)
    world.supervision.tick()
    world.clock.forward(minutes=31)
    assert 'sop_digests_missing{profile="unj"} 1.0' in client.get("/metrics").text
    world.work()
    world.clock.forward(minutes=5)
    text = client.get("/metrics").text
    assert 'sop_digests_missing{profile="unj"} 0.0' in text
    assert 'sop_digest_success_seconds{profile="unj"} 300.0' in text


def test_two_applications_in_one_process_count_for_themselves(world: World) -> None:
    assert health_blueprint(world.store, world.clock) is not health_blueprint(world.store, world.clock)
    first, second = world.app().test_client(), world.app().test_client()
    first.get("/lacak")
    assert 'endpoint="tracking.index"' not in second.get("/metrics").text


# logs ---------------------------------------------------------------------------------------------------------


def test_the_secret_of_a_link_is_never_written(capsys: pytest.CaptureFixture[str]) -> None:
    from connector.logs import configure

    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure()
        logging.getLogger("werkzeug").warning("GET /lacak/UNJ-2026-000001?t=rahasiasekali&baru=1 gagal")
        written = capsys.readouterr().err
    finally:
        root.handlers[:], root.level = before
    assert "UNJ-2026-000001" in written
    assert "rahasiasekali" not in written


# files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [("application/pdf", "application/pdf"), ("text/html; charset=utf-8", OCTETS), ("image/svg+xml", OCTETS)],
)
def test_a_file_is_never_shown_as_a_page(app: Flask, said: str, kept: str) -> None:
    def file() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="a"', "Content-Type": said}
        return Response(b"<script>", headers=headers)

    app.add_url_rule("/berkas", "berkas", file)
    headers = app.test_client().get("/berkas").headers
    assert headers["Content-Type"] == kept
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_behind_https_no_other_host_can_set_the_session() -> None:
    answer = World(public_url="https://layanan.contoh.id").app().test_client().get("/lacak")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sesi=")
    assert "Path=/" in cookie
    assert "Domain=" not in cookie
