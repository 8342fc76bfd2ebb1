"""`/lacak`: how a request stands, and what the requester does about it. By the secret link, or by a mailed code."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connector.portal import entrance
from connector.portal.acting import Actor, Attempt, nonces, take
from connector.portal.forms import NOTHING
from connector.portal.guard import Guard
from connector.portal.pages import message, page
from connector.portal.tickets import Found, download, find
from connector.portal.tokens import verify
from connector.services import AppServices

AUTHENTICATION = "secret link, or a code sent to the ticket's address"


def tracking_blueprint(services: AppServices) -> Blueprint:
    """The tracking pages. The link's secret becomes a cookie at once and leaves the address."""
    blueprint = Blueprint("tracking", __name__, url_prefix="/lacak")
    guard = Guard(services.settings)

    # named functions: the limits by address are kept by the name of the view
    @blueprint.get("")
    def index() -> Response:
        return entrance.asking()

    @blueprint.post("")
    def ask_code() -> Response:
        return entrance.ask(services)

    @blueprint.post("/kode")
    def prove() -> AnyResponse:
        return entrance.prove(services, guard)

    @blueprint.get("/<number>")
    def enter(number: str) -> AnyResponse:
        return ticket(services, guard, number)

    @blueprint.post("/<number>/tindakan")
    def act(number: str) -> AnyResponse:
        return take_deed(services, guard, number)

    @blueprint.get("/<number>/berkas/<field_id>")
    def paper(number: str, field_id: str) -> AnyResponse:
        return document(services, guard, number, field_id)

    return blueprint


# the page ---------------------------------------------------------------------------------------------------


def ticket(services: AppServices, guard: Guard, number: str) -> AnyResponse:
    """The page of a ticket; with the secret in the address, a cookie and the same page without it."""
    token = request.args.get("t")
    if token is None:
        seen = find(services, number) if guard.allows(number) else None
        return _stranger() if seen is None else _page(services, seen)
    found = find(services, number)
    if found is None or not verify(guard.key, number, token, found.stored_hash):
        return _stranger()
    target = url_for("tracking.enter", number=number) + ("?baru=1" if request.args.get("baru") else "")
    response = make_response(redirect(target, 303))
    guard.remember(response, number)
    return response


def document(services: AppServices, guard: Guard, number: str, field_id: str) -> AnyResponse:
    """A document that was handed over."""
    found = find(services, number) if guard.allows(number) else None
    if found is None or found.snapshot is None:
        return _stranger()
    return download(services, found, field_id, found.view.papers)


def _stranger() -> Response:
    """The same for a wrong secret and for a number that does not exist."""
    return message(403)


def _page(services: AppServices, found: Found, attempt: Attempt | None = None) -> Response:
    attempt = attempt or Attempt()
    return page(
        "tiket.html.j2",
        attempt.status,
        organization=found.rules.organization,
        view=found.view,
        fresh=bool(request.args.get("baru")),
        thanks=bool(request.args.get("terkirim")),
        attempt=attempt,
        nothing=NOTHING,
        nonces=nonces(found.view.deeds, attempt),
        largest=services.settings.max_file_mb,
        target=url_for("tracking.act", number=found.view.number),
    )


def take_deed(services: AppServices, guard: Guard, number: str) -> AnyResponse:
    """Store what the requester does. Sent twice, it is stored once."""
    found = find(services, number) if guard.allows(number) else None
    if found is None:
        return _stranger()
    again = take(services, found, found.view.deeds, Actor())
    if again is not None:
        return _page(services, found, again)
    return redirect(url_for("tracking.enter", number=number, terkirim=1), 303)
