"""`/lacak/NUMBER/tanda-tangan`: a requester signs documents with his name, his consent and a code mailed to him.

What he wrote waits under a key of the ticket's stay, so that the codes of one stay are counted together however often
the page is opened.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connector.documents.signers import LONGEST, masked
from connector.engine.signing import current
from connector.engine.snapshot import Proof, RequesterAction
from connector.engine.state import Issued, TicketState
from connector.portal.deeds import Deed
from connector.portal.drafts import CODE_DIGITS, CODE_MINUTES, CODES, TRIES
from connector.portal.forms import NOTHING, Answers, Asked, read
from connector.portal.guard import Guard
from connector.portal.language import gettext as _
from connector.portal.language import plain, said
from connector.portal.pages import message, page
from connector.portal.receiving import HELD
from connector.portal.tickets import Found, find
from connector.portal.tokens import code_hash, hash_token
from connector.ports import Code, Draft
from connector.services import AppServices
from connector.sop.model import FieldDef, FieldType
from connector.sop.papers import SignBy

AUTHENTICATION = "secret link"
NAME, CONSENT = "nama_penanda_tangan", "setuju_tanda_tangan"
#: What waits in a draft besides the answers.
KEY, ADDRESS, DOCUMENT = "kunci", "alamat", "dokumen:"
ACTION, AGAIN, CHANGE = "aksi", "ulang", "ubah"


@dataclass(frozen=True)
class Signing:
    """What a requester may sign now: the deed, the documents by their ids, and where his code is sent."""

    found: Found
    deed: Deed
    state: TicketState
    documents: Mapping[str, Issued]
    address: str

    @property
    def number(self) -> str:
        """The ticket's."""
        return self.found.view.number

    @property
    def key(self) -> str:
        """Under which what he wrote waits: one for each stay."""
        return f"tanda-tangan:{self.number}:{self.state.position}"

    @property
    def numbers(self) -> dict[str, str]:
        """The documents that lie before him."""
        return {name: each.number for name, each in self.documents.items()}

    @property
    def fields(self) -> tuple[FieldDef, ...]:
        """What else his step asks for, then his name and his consent."""
        kept = self.deed.sign.documents.values() if self.deed.sign else ()
        more = tuple(each for each in self.deed.fields if each.id not in kept)
        return (*more, _name(), _consent())


def _name() -> FieldDef:
    return FieldDef(
        id=NAME,
        name="Nama penanda tangan",
        label=_("Nama lengkap Anda"),
        type=FieldType.TEXT,
        help=_("Seperti yang akan tercetak di bawah tanda tangan, dengan gelar bila ada."),
        max_length=LONGEST,
        autocomplete="name",
    )


def _consent() -> FieldDef:
    label = _(
        "Saya sudah membaca dokumen di atas, menyetujui isinya, dan menandatanganinya secara elektronik."
    )
    return FieldDef(id=CONSENT, name="Setuju menandatangani", label=label, type=FieldType.CONSENT)


def countersigning_blueprint(services: AppServices) -> Blueprint:
    """The pages; they need the cookie of the ticket's page."""
    blueprint = Blueprint("countersigning", __name__, url_prefix="/lacak")
    guard = Guard(services.settings)

    # named functions: the limits by address are kept by the name of the view
    @blueprint.get("/<number>/tanda-tangan")
    def show(number: str) -> AnyResponse:
        found = find(services, number) if guard.allows(number) else None
        if found is None:
            return message(403)
        signing = signing_of(found)
        return _back(number) if signing is None else _form(signing)

    @blueprint.post("/<number>/tanda-tangan")
    def ask(number: str) -> AnyResponse:
        found = find(services, number) if guard.allows(number) else None
        return message(403) if found is None else _asked(services, found)

    @blueprint.post("/<number>/tanda-tangan/kode")
    def sign(number: str) -> AnyResponse:
        found = find(services, number) if guard.allows(number) else None
        return message(403) if found is None else _signed(services, found)

    return blueprint


def signing_of(found: Found) -> Signing | None:
    """What the requester of a ticket may sign with a code now; None: nothing, or a document is still missing."""
    state = found.snapshot.state if found.snapshot else None
    deed = next((each for each in found.view.deeds if each.sign and SignBy.CODE in each.sign.by), None)
    if state is None or deed is None or deed.sign is None or not found.view.address:
        return None
    handed = {each.field for each in found.view.papers}
    there = {name: current(state, name) for name in deed.sign.documents if name in handed}
    documents = {name: each for name, each in there.items() if each is not None}
    if len(documents) < len(deed.sign.documents):
        return None
    return Signing(found, deed, state, documents, found.view.address)


# the pages --------------------------------------------------------------------------------------------------


def _back(number: str, *, done: bool = False) -> AnyResponse:
    return redirect(url_for("tracking.enter", number=number, terkirim=1 if done else None), 303)


def _form(signing: Signing, answers: Answers = NOTHING, *, notice: str = "", status: int = 200) -> Response:
    procedure = signing.found.rules.procedure
    titles = {each.id: said(each, "label") for each in procedure.fields}
    return page(
        "tanda-tangan.html.j2",
        status,
        organization=signing.found.rules.organization,
        number=signing.number,
        service=signing.found.view.service,
        documents=[
            (name, titles.get(name, name), each.number, each.code) for name, each in signing.documents.items()
        ],
        fields=signing.fields,
        answers=answers,
        address=masked(signing.address),
        notice=notice,
    )


def _code_page(signing: Signing, *, error: str = "", notice: str = "", status: int = 200) -> Response:
    return page(
        "tanda-tangan-kode.html.j2",
        status,
        organization=signing.found.rules.organization,
        number=signing.number,
        service=signing.found.view.service,
        address=masked(signing.address),
        minutes=CODE_MINUTES,
        error=error,
        notice=notice,
    )


def _asked(services: AppServices, found: Found) -> AnyResponse:
    """His name and consent: they wait for the code."""
    signing = signing_of(found)
    if signing is None:
        return _back(found.view.number)
    answers = read(Asked(signing.fields), request.form, {})
    if CONSENT in answers.errors:
        errors = {**answers.errors, CONSENT: _("Centang kotak ini untuk menandatangani.")}
        answers = Answers(answers.values, errors=errors)
    if answers.errors:
        return _form(signing, answers, status=422)
    return _send_code(services, signing, {**_waiting(signing), **answers.values})


def _waiting(signing: Signing) -> dict[str, str]:
    shown = {f"{DOCUMENT}{name}": number for name, number in signing.numbers.items()}
    return {KEY: str(uuid.uuid4()), ADDRESS: signing.address, **shown}


def _send_code(
    services: AppServices, signing: Signing, values: Mapping[str, str], notice: str = ""
) -> Response:
    now, store = services.clock(), services.store
    waiting = store.drafts.draft(signing.key, now=now)
    nth = (store.drafts.codes(signing.key) if waiting else 0) + 1
    if nth > CODES:
        error = _(
            "Sudah %(count)d kode dikirim hari ini. Cobalah lagi besok, atau hubungi kami.", count=CODES
        )
        return _code_page(signing, error=error, status=429)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    mail = services.mails.render(
        key=f"kode:{values[KEY]}:{nth}",
        to=values[ADDRESS],
        template="kode-tanda-tangan",
        data={
            "organization": signing.found.rules.organization,
            "service": plain(signing.found.rules.procedure, "title"),
            "number": signing.number,
            "documents": list(signing.numbers.values()),
            "code": code,
            "minutes": CODE_MINUTES,
        },
        issue=None,
    )
    draft = Draft(
        key=signing.key,
        procedure=signing.found.rules.procedure.key,
        fields=dict(values),
        # it has no link: nobody knows the secret of this hash
        token_hash=hash_token(secrets.token_urlsafe()),
        # the codes are counted until then
        expires=waiting.expires if waiting else now + HELD,
    )
    until = now + dt.timedelta(minutes=CODE_MINUTES)
    hashed = code_hash(_key(services), signing.key, values[ADDRESS], code)
    store.drafts.save(draft, mail, now=now, code=Code(hashed, until, nth))
    current_app.logger.info("code sent to sign: number=%s nth=%d", signing.number, nth)
    return _code_page(signing, notice=notice)


def _signed(services: AppServices, found: Found) -> AnyResponse:
    """The code, or the wish for another; with the right one the signature is stored, once."""
    number, signing = found.view.number, signing_of(found)
    if signing is None:
        # sent twice, it was stored the first time
        return _back(number, done=found.view.pending)
    draft = services.store.drafts.draft(signing.key, now=services.clock())
    if draft is None:
        return _form(signing, notice=_("Waktunya habis. Isi lagi, lalu minta kode baru."), status=409)
    values = dict(draft.fields)
    answers = Answers({each.id: values.get(each.id, "") for each in signing.fields})
    shown = {name: values.get(f"{DOCUMENT}{name}", "") for name in signing.documents}
    if shown != signing.numbers:
        notice = _("Dokumennya sudah diganti dengan yang baru. Baca dahulu yang baru, lalu minta kode lagi.")
        return _form(signing, answers, notice=notice, status=409)
    match request.form.get(ACTION, ""):
        case action if action == CHANGE:
            return _form(signing, answers)
        case action if action == AGAIN:
            told = _("Kode baru sudah dikirim. Kode yang lama tidak berlaku lagi.")
            return _send_code(services, signing, values, told)
    if not _proves(services, signing, values[ADDRESS]):
        error = _("Kode ini tidak berlaku. Periksa lagi, atau minta kode baru.")
        return _code_page(signing, error=error, status=422)
    _store(services, signing, values, shown)
    return _back(number, done=True)


def _proves(services: AppServices, signing: Signing, address: str) -> bool:
    digits = "".join(sign for sign in request.form.get("kode", "") if sign.isdigit())[:CODE_DIGITS]
    hashed = code_hash(_key(services), signing.key, address, digits)
    return services.store.drafts.proves(signing.key, hashed, now=services.clock(), tries=TRIES)


def _store(services: AppServices, signing: Signing, values: dict[str, str], shown: dict[str, str]) -> None:
    now = services.clock()
    own = {each.id for each in signing.fields} - {NAME, CONSENT}
    action = RequesterAction(
        key=values[KEY],
        kind=signing.deed.kind,
        number=signing.number,
        at=now,
        step=signing.found.view.step,
        outcome=signing.deed.outcome,
        fields={name: value for name, value in values.items() if name in own and value},
        proof=Proof(name=values[NAME], address=values[ADDRESS], documents=shown),
    )
    issue = signing.found.snapshot.issue if signing.found.snapshot else None
    services.store.submissions.add_action(action, (), issue=issue, now=now)
    current_app.logger.info("documents signed: number=%s", signing.number)


def _key(services: AppServices) -> bytes:
    return services.settings.secret_key.get_secret_value().encode()
