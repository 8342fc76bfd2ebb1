"""Find a ticket for its requester: in Redmine, or in the store as long as Redmine does not have it or is away."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, make_response

from connector.engine.arrival import requester_address
from connector.engine.progress import Rules, values
from connector.engine.snapshot import RequesterAction, Snapshot, Submission
from connector.errors import SopError, TransientError
from connector.portal.pages import message
from connector.portal.view import Paper, TrackingView, recorded_view, tracking_view
from connector.services import AppServices

log = logging.getLogger(__name__)

NUMBER = re.compile(r"[A-Z]{2,8}-\d{4}-\d{6,}", re.ASCII)


@dataclass(frozen=True)
class Found:
    """A ticket as the page needs it."""

    rules: Rules
    view: TrackingView
    snapshot: Snapshot | None
    stored_hash: str
    known: frozenset[str]
    """Keys of what the requester did already."""


def find(services: AppServices, number: str) -> Found | None:
    """A ticket by its number; None if there is none. `TransientError`: nobody can tell now."""
    if not NUMBER.fullmatch(number):
        return None
    submission = services.store.submissions.by_number(number)
    snapshot = _read(services, number, submission)
    if snapshot is None and submission is None:
        return None
    pending = services.store.submissions.pending_actions(number)
    if snapshot is not None and snapshot.state is not None:
        rules = services.rulebook.get(snapshot.state.procedure)
        if rules is None:
            return None
        view = tracking_view(rules, snapshot, pending, services.clock())
        return Found(rules, view, snapshot, snapshot.state.token_hash, _keys(snapshot, pending))
    if submission is None or submission.procedure not in services.rulebook:
        return None
    rules = services.rulebook[submission.procedure]
    view = recorded_view(rules, submission, pending)
    return Found(rules, view, None, submission.token_hash, _keys(None, pending))


def address_of(services: AppServices, number: str) -> tuple[Rules, str] | None:
    """The e-mail address of a ticket's requester, with the rules. `TransientError`: Redmine cannot be asked now."""
    if not NUMBER.fullmatch(number):
        return None
    # asked for every number alike: the answer must not tell which are known
    snapshot = services.redmine.read_ticket(number)
    submission = services.store.submissions.by_number(number)
    key = snapshot.procedure if snapshot else submission.procedure if submission else ""
    rules = services.rulebook.get(key)
    if rules is None:
        return None
    given = values(rules.procedure, snapshot) if snapshot else dict(submission.fields if submission else {})
    return rules, requester_address(rules.procedure, given)


def download(services: AppServices, found: Found, field_id: str, papers: Sequence[Paper]) -> Response:
    """A document of a ticket, as a file to keep; only one of these papers."""
    field = found.rules.procedure.field(field_id)
    if field is None or found.snapshot is None or field_id not in [each.field for each in papers]:
        return message(404)
    stored = found.snapshot.files[field.key]
    response = make_response(services.redmine.download(stored.id))
    response.headers["Content-Type"] = stored.content_type or "application/octet-stream"
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(services: AppServices, number: str, submission: Submission | None) -> Snapshot | None:
    """The ticket in Redmine. While Redmine is away, what the store knows is enough for a calm page."""
    try:
        return services.redmine.read_ticket(number)
    except SopError as error:
        log.warning("ticket not read: number=%s error=%s", number, type(error).__name__)
        if submission is None:
            raise TransientError("Redmine tidak dapat ditanya sekarang") from None
        return None


def _keys(snapshot: Snapshot | None, pending: Sequence[RequesterAction]) -> frozenset[str]:
    applied = snapshot.state.actions if snapshot and snapshot.state else ()
    return frozenset({*applied, *(each.key for each in pending)})
