"""`/lacak`: how a request stands, and what the requester himself does about it. By the secret link alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.snapshot import RequesterAction
from connector.portal.checks import is_email
from connector.portal.deeds import CORRECTION, REMARK, SURE, WITHDRAW, Deed
from connector.portal.forms import NOTHING, Answers, Asked, read
from connector.portal.guard import Guard
from connector.portal.language import gettext as _
from connector.portal.language import plain
from connector.portal.pages import message, page
from connector.portal.receiving import nonce as sent_nonce
from connector.portal.receiving import received, refs
from connector.portal.tickets import NUMBER, Found, address_of, find
from connector.portal.tokens import verify
from connector.services import AppServices

AUTHENTICATION = "secret link"


@dataclass(frozen=True)
class Attempt:
    """What was sent and is shown again, because something is wrong with it."""

    deed: str = ""
    answers: Answers = NOTHING
    notice: str = ""


def tracking_blueprint(services: AppServices) -> Blueprint:
    """The tracking pages. The link's secret becomes a cookie at once and leaves the address."""
    blueprint = Blueprint("tracking", __name__, url_prefix="/lacak")
    guard = Guard(services.settings)

    # named functions: the limits by address are kept by the name of the view
    @blueprint.get("")
    def index() -> Response:
        return _asking()

    @blueprint.post("")
    def ask_link() -> Response:
        return link_again(services)

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


# the link ---------------------------------------------------------------------------------------------------


def link_again(services: AppServices) -> Response:
    """Mail the link again. The answer is the same whether there is such a ticket or not."""
    number = request.form.get("nomor", "").strip().upper()
    address = request.form.get("email", "").strip()
    errors = {}
    if not NUMBER.fullmatch(number):
        errors["nomor"] = _("Tulis nomor tiket seperti pada email Anda, misalnya UNJ-2026-000123.")
    if not is_email(address):
        errors["email"] = _("Tulis alamat email yang Anda pakai pada formulir.")
    if errors:
        return _asking(422, number=number, address=address, errors=errors)
    _mail_link(services, number, address)
    return _asking(sent=True)


def _asking(
    status: int = 200,
    *,
    sent: bool = False,
    number: str = "",
    address: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    return page("lacak.html.j2", status, sent=sent, number=number, address=address, errors=errors or {})


def _mail_link(services: AppServices, number: str, address: str) -> None:
    found = address_of(services, number)
    if found is None or not found[1] or found[1].casefold() != address.casefold():
        return
    rules, known = found
    now = services.clock()
    data = {
        "number": number,
        "service": plain(rules.procedure, "title"),
        "organization": rules.organization,
        "link": services.links.ticket(number),
    }
    # once an hour is enough, and makes nobody's mailbox full
    mail = services.mails.render(
        key=f"{number}:tautan:{now:%Y%m%d%H}", to=known, template="tautan", data=data, issue=None
    )
    services.store.outbox.hold([mail], now=now)
    services.store.outbox.release([mail.key], now=now)


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
    field = found.rules.procedure.field(field_id)
    if field is None or field_id not in [each.field for each in found.view.papers]:
        return message(404)
    stored = found.snapshot.files[field.key]
    response = make_response(services.redmine.download(stored.id))
    response.headers["Content-Type"] = stored.content_type or "application/octet-stream"
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _stranger() -> Response:
    """The same for a wrong secret and for a number that does not exist."""
    return message(403)


def _page(
    services: AppServices, found: Found, attempt: Attempt | None = None, nonce: str = "", status: int = 200
) -> Response:
    """The page; a form that is shown again keeps its key, and with it its files."""
    attempt = attempt or Attempt()
    nonces = {deed.name: str(uuid.uuid4()) for deed in found.view.deeds}
    if attempt.deed and nonce:
        nonces[attempt.deed] = nonce
    return page(
        "tiket.html.j2",
        status,
        organization=found.rules.organization,
        view=found.view,
        fresh=bool(request.args.get("baru")),
        thanks=bool(request.args.get("terkirim")),
        attempt=attempt,
        nothing=NOTHING,
        nonces=nonces,
        largest=services.settings.max_file_mb,
    )


# what the requester does ------------------------------------------------------------------------------------


def take_deed(services: AppServices, guard: Guard, number: str) -> AnyResponse:
    """Store what the requester does. Sent twice, it is stored once."""
    found = find(services, number) if guard.allows(number) else None
    if found is None:
        return _stranger()
    done = redirect(url_for("tracking.enter", number=number, terkirim=1), 303)
    nonce = sent_nonce()
    if nonce in found.known:
        return done
    wanted = request.form.get("tindakan", "")
    deed = next((each for each in found.view.deeds if each.name == wanted), None)
    if deed is None or not nonce:
        gone = _(
            "Tindakan itu tidak berlaku lagi, karena keadaan permohonan sudah berubah. Keadaannya sekarang tampil di "
            "bawah."
        )
        return _page(services, found, Attempt(notice=gone), status=409)
    asked = Asked(deed.fields, deed.optional, when=deed.when, largest=services.settings.max_file_mb)
    answers = _judged(deed, received(services.store, asked, nonce, services.clock()))
    if answers.errors:
        return _page(services, found, Attempt(deed.name, answers), nonce, status=422)
    _store(services, found, number, nonce, deed, answers, refs(asked, answers))
    return done


def _judged(deed: Deed, answers: Answers) -> Answers:
    """What only makes sense for this deed."""
    errors = dict(answers.errors)
    if deed.kind == WITHDRAW and SURE in errors:
        errors[SURE] = _("Centang kotak ini bila Anda yakin.")
    changed = any(answers.held.values()) or answers.values.get(REMARK) or _changed(deed, answers)
    if deed.kind == CORRECTION and not changed and not errors:
        errors[REMARK] = _("Belum ada yang berubah. Ubah isian, pilih berkas, atau tulis pesan.")
    return replace(answers, errors=errors)


def _changed(deed: Deed, answers: Answers) -> dict[str, str]:
    """The answers that differ from what the ticket has. Staff may have written it otherwise: `0812…`, `+62 812…`."""
    before = read(Asked(deed.fields, deed.own), deed.values, {}).values
    return {
        name: value
        for name, value in answers.values.items()
        if name in deed.own and value != before.get(name, "")
    }


def _store(
    services: AppServices,
    found: Found,
    number: str,
    nonce: str,
    deed: Deed,
    answers: Answers,
    files: Sequence[str],
) -> None:
    now = services.clock()
    action = RequesterAction(
        key=nonce,
        kind=deed.kind,
        number=number,
        at=now,
        step=found.view.step,
        outcome=deed.outcome,
        fields=_changed(deed, answers),
        remark=answers.values.get(REMARK, ""),
    )
    issue = found.snapshot.issue if found.snapshot else None
    services.store.submissions.add_action(action, files, issue=issue, now=now)
    current_app.logger.info("action stored: number=%s kind=%s", number, deed.kind)
