"""`/pimpinan`: where the head of a unit approves and verifies, without an account.

His link is bound to his official address, which the organization's directory gives for the ticket's unit; it opens with
a code that is sent to that address. Who is no longer in the directory is a stranger at once.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.progress import values
from connector.portal.acting import Actor, Attempt, nonces, take
from connector.portal.forms import NOTHING
from connector.portal.head_view import HeadView, head_view
from connector.portal.language import gettext as _
from connector.portal.language import plain
from connector.portal.pages import message, page
from connector.portal.proving import Proof
from connector.portal.tickets import Found, download, find
from connector.portal.tokens import head_token
from connector.services import AppServices
from connector.sop.units import concerned, heads_of

AUTHENTICATION = "a link and a code sent to the official address of the unit's head"
COOKIE = "pimpinan"
#: How long a link waits for its code, and how long a code opens the page.
LINK_SECONDS, OPEN_SECONDS = 3600, 8 * 3600


@dataclass(frozen=True)
class Visit:
    """Somebody who came by a head's link: as whom, to which ticket, and whether he proved his address."""

    found: Found
    role: str
    address: str
    proven: bool

    @property
    def number(self) -> str:
        """The ticket's number."""
        return self.found.view.number

    @property
    def view(self) -> HeadView:
        """What he sees."""
        snapshot = self.found.snapshot
        if snapshot is None:
            raise ValueError("a head's page needs the ticket itself")
        return head_view(self.found, snapshot, self.role)


class Doorkeeper:
    """Knows the heads by their cookies."""

    def __init__(self, services: AppServices) -> None:
        self._services = services
        self.key = services.settings.secret_key.get_secret_value().encode()
        self._secure = services.settings.public_url.startswith("https://")
        self._signer = URLSafeTimedSerializer(self.key, salt="pimpinan")

    def by_link(self, number: str, token: str) -> Visit | None:
        """Who has this link, as the directory is today."""
        for visit in self._heads(number):
            if hmac.compare_digest(
                head_token(self.key, number, visit.address).encode(), token.encode("utf-8", "surrogateescape")
            ):
                return visit
        return None

    def by_cookie(self, number: str) -> Visit | None:
        """Who came before, if he is still a head of the ticket's unit."""
        cookie = request.cookies.get(COOKIE, "")
        try:
            known, address, proven = self._signer.loads(cookie, max_age=OPEN_SECONDS)
            if not proven:
                self._signer.loads(cookie, max_age=LINK_SECONDS)
        except (BadSignature, ValueError, TypeError):
            return None
        if known != number:
            return None
        mine = (each for each in self._heads(number) if each.address.casefold() == str(address).casefold())
        found = next(mine, None)
        return Visit(found.found, found.role, found.address, bool(proven)) if found else None

    def remember(self, response: Response, visit: Visit, *, proven: bool) -> None:
        """Put who he is into a cookie of the ticket's page, until he closes his browser."""
        response.set_cookie(
            COOKIE,
            str(self._signer.dumps([visit.number, visit.address, proven])),
            path=url_for("heads.enter", number=visit.number),
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )
        response.headers["Cache-Control"] = "no-store"

    def _heads(self, number: str) -> list[Visit]:
        found = find(self._services, number)
        if found is None or found.snapshot is None:
            return []
        rules = found.rules
        given = values(rules.procedure, found.snapshot)
        return [
            Visit(found, role, address, proven=False)
            for role in concerned(rules.procedure, rules.organization)
            for address in heads_of(rules.organization, role, given)
        ]


def heads_blueprint(services: AppServices) -> Blueprint:
    """The pages of units' heads."""
    blueprint = Blueprint("heads", __name__, url_prefix="/pimpinan")
    door = Doorkeeper(services)

    # named functions: the limits by address are kept by the name of the view
    @blueprint.get("/<number>")
    def enter(number: str) -> AnyResponse:
        return _enter(services, door, number)

    @blueprint.post("/<number>/kode")
    def ask_code(number: str) -> AnyResponse:
        return _ask(services, door, number)

    @blueprint.post("/<number>/masuk")
    def prove(number: str) -> AnyResponse:
        return _prove(services, door, number)

    @blueprint.post("/<number>/tindakan")
    def act(number: str) -> AnyResponse:
        return _act(services, door, number)

    @blueprint.get("/<number>/berkas/<field_id>")
    def paper(number: str, field_id: str) -> AnyResponse:
        visit = door.by_cookie(number)
        if visit is None or not visit.proven:
            return _stranger()
        return download(services, visit.found, field_id, visit.view.papers)

    return blueprint


def _enter(services: AppServices, door: Doorkeeper, number: str) -> AnyResponse:
    token = request.args.get("t")
    if token is not None:
        visit = door.by_link(number, token)
        if visit is None:
            return _stranger()
        response = make_response(redirect(url_for("heads.enter", number=number), 303))
        door.remember(response, visit, proven=False)
        return response
    visit = door.by_cookie(number)
    if visit is None:
        return _stranger()
    return _page(services, visit) if visit.proven else _asking(visit)


def _ask(services: AppServices, door: Doorkeeper, number: str) -> AnyResponse:
    visit = door.by_cookie(number)
    if visit is None:
        return _stranger()
    rules = visit.found.rules
    sent = _proof(services, visit).ask(
        "kode-pimpinan",
        {
            "number": number,
            "service": plain(rules.procedure, "title"),
            "organization": rules.organization,
        },
    )
    many = (
        "" if sent else _("Kode sudah dikirim beberapa kali. Pakai yang terakhir, atau coba lagi sejam lagi.")
    )
    return _asking(visit, sent=True, error=many)


def _prove(services: AppServices, door: Doorkeeper, number: str) -> AnyResponse:
    visit = door.by_cookie(number)
    if visit is None:
        return _stranger()
    if not _proof(services, visit).holds(request.form.get("kode", "")):
        wrong = _("Kodenya tidak cocok atau sudah tidak berlaku. Periksa lagi, atau minta kode baru.")
        return _asking(visit, sent=True, error=wrong)
    response = make_response(redirect(url_for("heads.enter", number=number), 303))
    door.remember(response, visit, proven=True)
    return response


def _act(services: AppServices, door: Doorkeeper, number: str) -> AnyResponse:
    visit = door.by_cookie(number)
    if visit is None or not visit.proven:
        return _stranger()
    again = take(services, visit.found, visit.view.deeds, Actor(visit.role, visit.address))
    if again is not None:
        return _page(services, visit, again)
    return redirect(url_for("heads.enter", number=number, terkirim=1), 303)


# pages --------------------------------------------------------------------------------------------------------


def _asking(visit: Visit, *, sent: bool = False, error: str = "") -> Response:
    return page(
        "pimpinan-kode.html.j2",
        422 if error else 200,
        organization=visit.found.rules.organization,
        number=visit.number,
        address=masked(visit.address),
        sent=sent,
        error=error,
    )


def _page(services: AppServices, visit: Visit, attempt: Attempt | None = None) -> Response:
    attempt = attempt or Attempt()
    view = visit.view
    return page(
        "pimpinan.html.j2",
        attempt.status,
        organization=visit.found.rules.organization,
        view=view,
        thanks=bool(request.args.get("terkirim")),
        attempt=attempt,
        nothing=NOTHING,
        nonces=nonces(view.deeds, attempt),
        largest=services.settings.max_file_mb,
        target=url_for("heads.act", number=visit.number),
    )


def _stranger() -> Response:
    """The same for a wrong link and for a ticket that does not exist."""
    return message(403)


def _proof(services: AppServices, visit: Visit) -> Proof:
    return Proof(services, f"kode-pimpinan:{visit.number}:{visit.address.casefold()}", visit.address)


def masked(address: str) -> str:
    """`d•••@unj.ac.id`: enough for who knows it."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
