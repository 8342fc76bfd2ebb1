"""`/lacak`: how a request stands, and what the requester himself does about it. By the secret link alone."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.arrival import requester_address
from connector.engine.progress import Rules, values
from connector.engine.snapshot import RequesterAction, Snapshot
from connector.engine.words import instant_words
from connector.errors import TransientError
from connector.portal import forms
from connector.portal.pages import message, page
from connector.portal.tokens import token_for, verify
from connector.portal.view import TrackingView, recorded_view, tracking_view
from connector.ports import Upload
from connector.services import AppServices

AUTHENTICATION = "secret link"
COOKIE = "lacak"
COOKIE_SECONDS = 90 * 24 * 3600
NUMBER = re.compile(r"[A-Z]{2,8}-\d{4}-\d{6,}")
LONGEST_REMARK = 4000


@dataclass(frozen=True)
class Found:
    """A ticket as the page needs it: from Redmine, or from the store while Redmine does not have it."""

    rules: Rules
    view: TrackingView
    snapshot: Snapshot | None
    stored_hash: str


def tracking_blueprint(services: AppServices) -> Blueprint:
    """The tracking pages. The link's secret becomes a cookie at once and leaves the address."""
    blueprint = Blueprint("tracking", __name__, url_prefix="/lacak")
    guard = _Guard(services)

    blueprint.get("")(index)
    blueprint.add_url_rule("", "ask_link", lambda: ask_link(services), methods=["POST"])
    blueprint.add_url_rule("/<number>", "enter", lambda number: enter(services, guard, number))
    blueprint.add_url_rule(
        "/<number>/tindakan", "act", lambda number: act(services, guard, number), methods=["POST"]
    )
    blueprint.add_url_rule(
        "/<number>/berkas/<field_id>",
        "paper",
        lambda number, field_id: paper(services, guard, number, field_id),
    )
    return blueprint


def index() -> Response:
    """Where somebody who lost his link asks for it."""
    return page("lacak.html.j2", sent=False, error="")


def ask_link(services: AppServices) -> Response:
    """Mail the link again. The answer is the same whether there is such a ticket or not."""
    number = request.form.get("nomor", "").strip().upper()
    address = request.form.get("email", "").strip()
    if not NUMBER.fullmatch(number) or "@" not in address:
        return page("lacak.html.j2", 422, sent=False, error="Tulis nomor tiket dan alamat email Anda.")
    _mail_link(services, number, address)
    return page("lacak.html.j2", sent=True, error="")


def enter(services: AppServices, guard: _Guard, number: str) -> AnyResponse:
    """The page of a ticket; with the secret in the address, a cookie and the same page without it."""
    token = request.args.get("t")
    if token is None:
        seen = guard.found(number)
        return message(403) if seen is None else _page(seen, fresh=bool(request.args.get("baru")))
    found = find(services, number)
    if found is None or not verify(guard.key, number, token, found.stored_hash):
        return message(403)
    target = url_for("tracking.enter", number=number) + ("?baru=1" if request.args.get("baru") else "")
    response = make_response(redirect(target, 303))
    guard.remember(response, number)
    return response


def act(services: AppServices, guard: _Guard, number: str) -> AnyResponse:
    """Store what the requester does."""
    found = guard.found(number)
    return message(403) if found is None else _act(services, found, number)


def paper(services: AppServices, guard: _Guard, number: str, field_id: str) -> AnyResponse:
    """A document that was handed over."""
    found = guard.found(number)
    if found is None or found.snapshot is None:
        return message(403)
    field = found.rules.procedure.field(field_id)
    if field is None or field_id not in [each.field for each in found.view.papers]:
        return message(404)
    stored = found.snapshot.files[field.key]
    response = make_response(services.redmine.download(stored.id))
    response.headers["Content-Type"] = stored.content_type or "application/octet-stream"
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["Cache-Control"] = "no-store"
    return response


class _Guard:
    """Who may see a ticket: who holds the cookie that its secret link gave."""

    def __init__(self, services: AppServices) -> None:
        self._services = services
        self.key = services.settings.secret_key.get_secret_value().encode()
        self._signer = URLSafeTimedSerializer(self.key, salt="lacak")

    def remember(self, response: Response, number: str) -> None:
        """Put the ticket into a cookie of its own page."""
        response.set_cookie(
            COOKIE,
            str(self._signer.dumps(number)),
            max_age=COOKIE_SECONDS,
            path=url_for("tracking.enter", number=number),
            httponly=True,
            secure=self._services.settings.public_url.startswith("https://"),
            samesite="Lax",
        )
        response.headers["Cache-Control"] = "no-store"

    def allows(self, number: str) -> bool:
        """Whether this request holds the cookie."""
        try:
            known = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_SECONDS)
        except BadSignature:
            return False
        return bool(known == number)

    def found(self, number: str) -> Found | None:
        """The ticket, if this request may see it."""
        return find(self._services, number) if self.allows(number) else None


def find(services: AppServices, number: str) -> Found | None:
    """A ticket by its number, in Redmine or still in the store; None if there is none."""
    if not NUMBER.fullmatch(number):
        return None
    submission = services.store.submissions.by_number(number)
    try:
        snapshot = services.redmine.read_ticket(number)
    except TransientError:
        snapshot = None
        if submission is None:
            abort(503)
    if snapshot is not None and snapshot.state is not None:
        rules = services.rulebook.get(snapshot.procedure)
        if rules is None:
            return None
        pending = tuple(services.store.submissions.pending_actions(number))
        view = tracking_view(rules, snapshot, pending)
        return Found(rules, view, snapshot, snapshot.state.token_hash)
    if submission is None:
        return None
    rules = services.rulebook[submission.procedure]
    received = instant_words(submission.received, ZoneInfo(rules.organization.calendar.timezone))
    return Found(rules, recorded_view(rules.procedure, number, received), None, submission.token_hash)


def _page(
    found: Found,
    *,
    fresh: bool = False,
    answers: forms.Answers | None = None,
    status: int = 200,
    tried: str = "",
) -> Response:
    return page(
        "tiket.html.j2",
        status,
        organization=found.rules.organization,
        view=found.view,
        fresh=fresh,
        answers=answers or forms.Answers({}, (), {}),
        tried=tried,
        nonce=str(uuid.uuid4()),
        largest=forms.MAX_FILE // 1024 // 1024,
    )


# what the requester does ------------------------------------------------------------------------------------


def _act(services: AppServices, found: Found, number: str) -> AnyResponse:
    kind, view = request.form.get("jenis", ""), found.view
    outcome = request.form.get("hasil") or None
    choice = next((each for each in view.choices if each.outcome == outcome), None)
    if kind == "outcome" and choice is not None:
        answers = forms.read(choice.fields, request.form, request.files)
    elif kind == "correction" and view.corrections:
        files = frozenset(field.id for field in view.corrections if field.type.value == "file")
        answers = forms.read(view.corrections, request.form, request.files, optional=files)
    elif kind == "withdraw" and view.may_withdraw and request.form.get("yakin"):
        answers = forms.Answers({}, (), {})
    else:
        return _page(found, status=409)
    if answers.errors:
        return _page(found, answers=answers, status=422, tried=outcome or kind)
    _store(services, found, number, kind, outcome, answers)
    return redirect(url_for("tracking.enter", number=number), 303)


def _store(
    services: AppServices,
    found: Found,
    number: str,
    kind: str,
    outcome: str | None,
    answers: forms.Answers,
) -> None:
    now = services.clock()
    action = RequesterAction(
        key=request.form.get("nonce", "")[:64] or str(uuid.uuid4()),
        kind=kind,
        number=number,
        at=now,
        step=found.view.step,
        outcome=outcome,
        fields=_changed(found, answers) if kind == "correction" else _given(answers),
        remark=request.form.get("catatan", "").strip()[:LONGEST_REMARK],
    )
    uploads: tuple[Upload, ...] = answers.uploads
    issue = found.snapshot.issue if found.snapshot else None
    services.store.submissions.add_action(action, uploads, issue=issue, now=now)
    current_app.logger.info("action stored: number=%s kind=%s", number, kind)


def _given(answers: forms.Answers) -> dict[str, str]:
    return {name: value for name, value in answers.values.items() if value}


def _changed(found: Found, answers: forms.Answers) -> dict[str, str]:
    before = found.view.values or {}
    return {name: value for name, value in answers.values.items() if value != before.get(name, "")}


def _mail_link(services: AppServices, number: str, address: str) -> None:
    """Send the link again, to the address the ticket has. The page says the same whether it has it or not."""
    try:
        snapshot = services.redmine.read_ticket(number)
    except TransientError:
        return
    if snapshot is None or snapshot.state is None:
        return
    rules = services.rulebook.get(snapshot.procedure)
    if rules is None:
        return
    known = requester_address(rules.procedure, values(rules.procedure, snapshot))
    if known.casefold() != address.casefold():
        return
    now = services.clock()
    data = {
        "number": number,
        "service": rules.procedure.title,
        "organization": rules.organization,
        "link": link_of(services, number),
    }
    # once an hour is enough, and makes nobody's mailbox full
    mail = services.mails.render(
        key=f"{number}:tautan:{now:%Y%m%d%H}", to=known, template="tautan", data=data, issue=None
    )
    services.store.outbox.hold([mail], now=now)
    services.store.outbox.release([mail.key], now=now)


def link_of(services: AppServices, number: str) -> str:
    """The secret link of a ticket."""
    token = token_for(services.settings.secret_key.get_secret_value().encode(), number)
    return f"{services.settings.public_url}/lacak/{number}?t={token}"
