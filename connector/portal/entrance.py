"""The way to a ticket without its link: its number, and a code that is mailed to the requester's address.

Nothing tells whether there is such a ticket, or whether the address is right: pages and codes are answered alike.
"""

from __future__ import annotations

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.progress import Rules
from connector.portal.checks import is_email
from connector.portal.guard import Guard
from connector.portal.language import gettext as _
from connector.portal.language import plain
from connector.portal.pages import page
from connector.portal.proving import Proof
from connector.portal.tickets import NUMBER, address_of
from connector.services import AppServices


def asking(
    status: int = 200,
    *,
    sent: bool = False,
    number: str = "",
    address: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    """The page that asks for number and address; once a code is `sent`, for the code."""
    return page("lacak.html.j2", status, sent=sent, number=number, address=address, errors=errors or {})


def ask(services: AppServices) -> Response:
    """Mail a code. The answer is the same whether there is such a ticket or not."""
    number, address, errors = _given()
    if errors:
        return asking(422, number=number, address=address, errors=errors)
    found = _known(services, number, address)
    if found is not None:
        rules, proof = found
        data = {
            "number": number,
            "service": plain(rules.procedure, "title"),
            "organization": rules.organization,
            "link": services.links.ticket(number),
        }
        proof.ask("kode-lacak", data)
    return asking(sent=True, number=number, address=address)


def prove(services: AppServices, guard: Guard) -> AnyResponse:
    """Open the ticket to who writes its code; until he closes his browser, for it may be another's."""
    number, address, errors = _given()
    found = _known(services, number, address) if not errors else None
    if found is None or not found[1].holds(request.form.get("kode", "")):
        wrong = _("Kodenya tidak cocok atau sudah tidak berlaku. Periksa lagi, atau minta kode baru.")
        return asking(422, sent=True, number=number, address=address, errors={"kode": wrong})
    response = make_response(redirect(url_for("tracking.enter", number=number), 303))
    guard.remember(response, number, while_open=True)
    return response


def _given() -> tuple[str, str, dict[str, str]]:
    number = request.form.get("nomor", "").strip().upper()
    address = request.form.get("email", "").strip()
    errors = {}
    if not NUMBER.fullmatch(number):
        errors["nomor"] = _("Tulis nomor tiket seperti pada email Anda, misalnya UNJ-2026-000123.")
    if not is_email(address):
        errors["email"] = _("Tulis alamat email yang Anda pakai pada formulir.")
    return number, address, errors


def _known(services: AppServices, number: str, address: str) -> tuple[Rules, Proof] | None:
    """The proof that is to be given, if number and address belong together."""
    found = address_of(services, number)
    if found is None or not found[1] or found[1].casefold() != address.casefold():
        return None
    return found[0], Proof(services, f"kode-lacak:{number}", found[1])
