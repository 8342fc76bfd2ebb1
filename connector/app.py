"""The web application: webhooks, the portal, health."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask, Response, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

import connector.documents.verification
import connector.health
import connector.portal.blueprint
import connector.portal.countersigning
import connector.portal.heads
import connector.portal.tracking
import webhooks.alert_blueprint
import webhooks.blueprint
from connector.documents.verification import verification_blueprint
from connector.errors import TransientError
from connector.health import health_blueprint
from connector.monitoring import Monitoring
from connector.portal import assets, language, limiting, pages
from connector.portal.blueprint import service_blueprint
from connector.portal.countersigning import countersigning_blueprint
from connector.portal.heads import heads_blueprint
from connector.portal.language import gettext as _
from connector.portal.papers import CONTENT_TYPES, MB, limit_of
from connector.portal.tracking import tracking_blueprint
from connector.services import AppServices
from connector.sop.model import FieldType, Procedure
from connector.supervision.offices import offices
from connector.supervision.service import standings
from webhooks.alert_blueprint import alert_blueprint
from webhooks.blueprint import webhook_blueprint

#: How each blueprint knows who is asking. One that is missing here cannot be registered.
AUTHENTICATION: Mapping[str, str] = {
    "webhooks": webhooks.blueprint.AUTHENTICATION,
    "alerts": webhooks.alert_blueprint.AUTHENTICATION,
    "health": connector.health.AUTHENTICATION,
    "services": connector.portal.blueprint.AUTHENTICATION,
    "countersigning": connector.portal.countersigning.AUTHENTICATION,
    "heads": connector.portal.heads.AUTHENTICATION,
    "tracking": connector.portal.tracking.AUTHENTICATION,
    "verification": connector.documents.verification.AUTHENTICATION,
}
#: What a form holds besides its files.
TEXT_BYTES = 1024 * 1024
#: A whole campus can come from one address.
LIMITS = {
    "services.send": "120 per hour",
    "services.code": "60 per hour",
    "tracking.ask_code": "20 per hour",
    "tracking.prove": "60 per hour",
    "heads.ask_code": "20 per hour",
    "heads.prove": "60 per hour",
    "heads.act": "120 per hour",
    "tracking.act": "120 per hour",
    "countersigning.ask": "30 per hour",
    "countersigning.sign": "60 per hour",
    "verification.compare": "120 per hour",
}
TOO_MANY = 429
#: Codes that nobody was given: enough for who mistypes, not for who tries them all.
WRONG_CODES = "60 per hour"
#: Only wrong secrets count here: a right link may be opened as often as one likes.
WRONG_LINKS = "60 per hour"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(services: AppServices, *, limits: bool = True) -> Flask:
    """The application. `limits=False` switches the limits by address off, for tests."""
    app = Flask("connector.portal", static_folder="static", template_folder=None)
    secure = services.settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=services.settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=largest_form(services),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
        # a name that no other host of the same domain can set
        SESSION_COOKIE_NAME="__Host-sesi" if secure else "sesi",
        # as long as the browser's session: nobody shall lose a long answer because he took his time
        WTF_CSRF_TIME_LIMIT=None,
        # behind a proxy the scheme that is seen here need not be the one of the person's browser
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_ENABLED=limits,
    )
    if services.settings.trusted_proxies:
        hops = services.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    csrf = CSRFProtect(app)
    hooks = webhook_blueprint(
        services.store.queue, services.settings.webhook_secret.get_secret_value().encode(), services.clock
    )
    monitoring = Monitoring(
        services.redmine, services.store, services.rulebook, services.receipt, services.clock
    )
    token = services.settings.alert_token.get_secret_value().encode()
    alerts = alert_blueprint(monitoring, token, services.store.books.ready)
    # nothing is changed there, and the file that is sent is read by the view alone
    verification = verification_blueprint(services)
    csrf.exempt(verification)
    watched = offices(services.rulebook)
    csrf.exempt(hooks)
    csrf.exempt(alerts)
    for blueprint in (
        hooks,
        alerts,
        health_blueprint(services.store, services.clock, partial(standings, watched, services.store)),
        service_blueprint(services),
        tracking_blueprint(services),
        countersigning_blueprint(services),
        heads_blueprint(services),
        verification,
    ):
        if blueprint.name not in AUTHENTICATION:
            raise LookupError(f"blueprint {blueprint.name} does not say how it authenticates")
        app.register_blueprint(blueprint)
    language.prepare(app, secure=secure)
    assets.prepare(app)
    pages.prepare(app, services.settings.templates_dir / "portal", services.catalogue)
    _limit(app, services)
    _errors(app)
    app.after_request(_secure_headers if secure else _headers)
    app.add_url_rule("/", "home", lambda: redirect(url_for("services.index")))
    return app


def largest_form(services: AppServices) -> int:
    """As many bytes as the largest form can have: every file of one procedure, and its text."""
    most = services.settings.max_file_mb

    def room(procedure: Procedure) -> int:
        papers = (field for field in procedure.fields if field.type is FieldType.FILE)
        return sum(field.max_files * limit_of(field, most) for field in papers) * MB

    return TEXT_BYTES + max((room(each) for each in services.catalogue.procedures), default=0)


def _limit(app: Flask, services: AppServices) -> None:
    key = services.settings.secret_key.get_secret_value().encode()
    limiter = limiting.limiter(app, services.store.counters, services.clock, key)
    # the views know it by a weak reference only
    app.extensions["sop-limiter"] = limiter
    for endpoint, limit in LIMITS.items():
        app.view_functions[endpoint] = limiter.limit(limit)(_named(app, endpoint))
    wrong = limiter.limit(WRONG_LINKS, deduct_when=lambda response: response.status_code == 403)
    for endpoint in ("tracking.enter", "heads.enter"):
        app.view_functions[endpoint] = wrong(_named(app, endpoint))
    unknown = limiter.limit(WRONG_CODES, deduct_when=lambda response: response.status_code == 404)
    app.view_functions["verification.show"] = unknown(_named(app, "verification.show"))


def _named(app: Flask, endpoint: str) -> Any:
    """The view, under a name of its own: the limiter tells views apart by it, and all lambdas of a place share one."""
    view: Any = app.view_functions[endpoint]
    view.__qualname__ = endpoint
    return view


def _errors(app: Flask) -> None:
    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> AnyResponse:
        detail = _(
            "Muat ulang halamannya, lalu kirim lagi. Peramban Anda perlu menerima kuki untuk mengirim formulir."
        )
        return pages.message(400, detail=detail)

    @app.errorhandler(TransientError)
    def away(error: TransientError) -> AnyResponse:
        app.logger.warning("not now: endpoint=%s error=%s", request.endpoint, type(error).__name__)
        return pages.message(503)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> AnyResponse:
        if error.code is not None and error.code < 400:
            return error.get_response()
        if error.code == TOO_MANY:
            app.logger.warning("too many requests: endpoint=%s", request.endpoint)
        return pages.message(error.code or 500)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> AnyResponse:
        # the error's own text may quote what a person wrote
        app.logger.error("request failed: %s", type(error).__name__, exc_info=_bare(error))
        return pages.message(500)


def _bare(error: Exception) -> BaseException:
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)


def _headers(response: Response) -> Response:
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        _as_a_file(response)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # links of requesters are secrets
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    return response


def _as_a_file(response: Response) -> None:
    """What somebody sent is saved, never shown as a page of ours, whatever it says of itself."""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if response.mimetype not in CONTENT_TYPES.values():
        response.headers["Content-Type"] = "application/octet-stream"


def _secure_headers(response: Response) -> Response:
    """Where people come by HTTPS they shall never come without."""
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return _headers(response)
