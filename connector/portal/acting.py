"""What somebody sent on a ticket's page: judged, shown again with its mistakes, or stored for the worker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import current_app, request

from connector.engine.snapshot import RequesterAction
from connector.portal.checks import clean
from connector.portal.deeds import CORRECTION, LONGEST_REMARK, MESSAGE, REMARK, SURE, WITHDRAW, Deed
from connector.portal.forms import NOTHING, Answers, Asked, read
from connector.portal.language import gettext as _
from connector.portal.receiving import nonce as sent_nonce
from connector.portal.receiving import received, refs
from connector.portal.tickets import Found
from connector.services import AppServices


@dataclass(frozen=True)
class Attempt:
    """What was sent and is shown again, because something is wrong with it."""

    deed: str = ""
    answers: Answers = NOTHING
    notice: str = ""
    nonce: str = ""
    status: int = 200
    kept: str = ""
    """What he wrote for something that is not possible any more: his to copy."""


@dataclass(frozen=True)
class Actor:
    """Who acts: the requester, or (with a role) the head of a unit by his official address."""

    role: str = ""
    address: str = ""


def nonces(deeds: Sequence[Deed], attempt: Attempt) -> dict[str, str]:
    """A key for each form; one that is shown again keeps its own, and with it its files."""
    found = {deed.name: str(uuid.uuid4()) for deed in deeds}
    if attempt.deed and attempt.nonce:
        found[attempt.deed] = attempt.nonce
    return found


def take(services: AppServices, found: Found, deeds: Sequence[Deed], actor: Actor) -> Attempt | None:
    """Store what was sent, once however often it is sent; else what is to be shown again."""
    nonce = sent_nonce()
    if nonce and nonce in found.known:
        return None
    wanted = request.form.get("tindakan", "")
    deed = next((each for each in deeds if each.name == wanted), None)
    if deed is None or not nonce:
        return Attempt(notice=_gone(), status=409, kept=clean(request.form.get(REMARK, ""))[:LONGEST_REMARK])
    asked = Asked(deed.fields, deed.optional, when=deed.when, largest=services.settings.max_file_mb)
    answers = _judged(
        deed, received(services.store, asked, nonce, services.clock(), scanner=services.scanner)
    )
    if answers.errors:
        return Attempt(deed.name, answers, nonce=nonce, status=422)
    _store(services, found, _action(services, found, nonce, deed, answers, actor), refs(asked, answers))
    return None


def _gone() -> str:
    return _(
        "Tindakan itu tidak berlaku lagi, karena keadaan permohonan sudah berubah. Keadaannya sekarang tampil di bawah."
    )


def _judged(deed: Deed, answers: Answers) -> Answers:
    """What only makes sense for this deed."""
    errors = dict(answers.errors)
    if deed.kind == WITHDRAW and SURE in errors:
        errors[SURE] = _("Centang kotak ini bila Anda yakin.")
    if deed.kind == MESSAGE and REMARK in errors:
        errors[REMARK] = _("Tulis pertanyaan atau pesan Anda.")
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


def _action(
    services: AppServices, found: Found, nonce: str, deed: Deed, answers: Answers, actor: Actor
) -> RequesterAction:
    return RequesterAction(
        key=nonce,
        kind=deed.kind,
        number=found.view.number,
        at=services.clock(),
        step=found.view.step,
        outcome=deed.outcome,
        fields=_changed(deed, answers),
        remark=answers.values.get(REMARK, ""),
        role=actor.role,
        address=actor.address,
    )


def _store(services: AppServices, found: Found, action: RequesterAction, files: Sequence[str]) -> None:
    issue = found.snapshot.issue if found.snapshot else None
    services.store.submissions.add_action(action, files, issue=issue, now=action.at)
    current_app.logger.info("action stored: number=%s kind=%s", action.number, action.kind)
