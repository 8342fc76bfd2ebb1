"""A service's form: shown, kept as a draft, proven by a code, sent. What is sent is stored before anything else."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from flask import Response, current_app, make_response, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.arrival import requester_address
from connector.engine.progress import Rules
from connector.errors import NotFoundError, TransientError
from connector.portal import catalogue
from connector.portal.checks import is_email
from connector.portal.drafts import CODES, Waiting
from connector.portal.forms import Answers, Asked, raw, read
from connector.portal.language import gettext as _
from connector.portal.pages import message, page
from connector.portal.receiving import held_files, nonce, received, refs
from connector.portal.timeline import plan_of
from connector.portal.tokens import token_for
from connector.ports import Draft
from connector.services import AppServices
from connector.sop.model import FieldDef, FieldType, Procedure

#: What a button of the form wants; without it the form is sent.
ACTION, DRAFT, LANGUAGE = "aksi", "draf", "bahasa"
#: Of the code page: another code, or back to the form.
AGAIN, CHANGE = "ulang", "ubah"
#: A question that no person sees; programs that fill in whatever there is answer it.
TRAP = "situs_web"
#: The cookie that opens a draft, on the page of its form alone.
COOKIE = "draf"
#: Somebody who goes back and sends the same once more within this time means the same request.
SAME_SECONDS = 1800
REMEMBERED = 5


def form_fields(procedure: Procedure) -> tuple[FieldDef, ...]:
    """The fields of the public form, in its order."""
    found = {field.id: field for field in procedure.fields}
    return tuple(found[name] for name in (procedure.form.fields if procedure.form else ()))


def grouped(fields: tuple[FieldDef, ...]) -> tuple[tuple[str, tuple[FieldDef, ...]], ...]:
    """The questions under headings: those about the person end with the last that is personal; consent comes last."""
    asked = [each for each in fields if each.type is not FieldType.CONSENT]
    consents = tuple(each for each in fields if each.type is FieldType.CONSENT)
    cut = max((position + 1 for position, each in enumerate(asked) if each.personal), default=0)
    groups = (
        (_("Tentang Anda"), tuple(asked[:cut])),
        (_("Permohonan Anda"), tuple(asked[cut:])),
        ("", consents),
    )
    filled = tuple(group for group in groups if group[1])
    return filled if 0 < cut < len(asked) else (("", fields),)


@dataclass(frozen=True)
class Sending:
    """The pages of a form. Each gives an answer to one request."""

    services: AppServices

    # pages --------------------------------------------------------------------------------------------------

    def form(self, rules: Rules) -> AnyResponse:
        """The empty form; with the cookie of a draft that draft."""
        if not self.services.store.books.ready():
            return message(503, rules.organization)
        draft = self._opened(rules)
        if draft is None:
            return self._form(rules, Answers(), str(uuid.uuid4()))
        held = held_files(self.services.store, draft.key)
        answers = raw(self._asked(rules), draft.fields, held)
        return self._form(rules, answers, draft.key, draft=draft)

    def send(self, rules: Rules) -> AnyResponse:
        """What came with the form, by the button that sent it; whatever fails, what was typed comes back."""
        try:
            return self._received(rules)
        except TransientError as error:
            current_app.logger.warning("form not received: error=%s", type(error).__name__)
            answers = raw(self._asked(rules), request.form)
            return self._form(rules, answers, nonce() or str(uuid.uuid4()), status=503, notice=_not_stored())

    def draft(self, rules: Rules) -> AnyResponse:
        """A draft's link: its secret becomes a cookie and leaves the address."""
        found = self._waiting(rules).by_link(request.args.get("t", ""))
        if found is None:
            return page(
                "draf-hilang.html.j2", 404, organization=rules.organization, procedure=rules.procedure
            )
        response = make_response(redirect(self._address(rules), 303))
        response.set_cookie(
            COOKIE,
            str(self._signer.dumps(found.key)),
            max_age=self.services.settings.draft_days * 86400,
            path=self._address(rules),
            httponly=True,
            secure=self.services.settings.public_url.startswith("https://"),
            samesite="Lax",
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def code(self, rules: Rules) -> AnyResponse:
        """The code that was mailed, or the wish for another."""
        services, key = self.services, nonce()
        earlier = services.store.submissions.by_nonce(key) if key else None
        if earlier is not None:
            return self._to_ticket(rules, earlier.number)
        waiting = self._waiting(rules)
        draft = waiting.draft(key)
        if draft is None:
            return page(
                "draf-hilang.html.j2", 404, organization=rules.organization, procedure=rules.procedure
            )
        answers = read(self._asked(rules), draft.fields, {}, held_files(services.store, key))
        match request.form.get(ACTION, ""):
            case action if action == CHANGE:
                return self._form(rules, replace(answers, errors={}), key)
            case action if action == AGAIN:
                return self._ask_code(rules, key, draft.fields, again=True)
        if answers.errors:  # it was saved as a draft in the meantime
            return self._form(rules, answers, key, status=422)
        address = requester_address(rules.procedure, dict(answers.values))
        if not waiting.proves(key, address, request.form.get("kode", "")):
            error = _("Kode ini tidak berlaku. Periksa lagi, atau minta kode baru.")
            return self._code_page(rules, key, draft.fields, error=error, status=422)
        return self._submitted(rules, key, answers)

    def too_old(self, rules: Rules) -> AnyResponse:
        """A form whose session is over, or that came from elsewhere: nothing is done, nothing typed is lost."""
        answers = raw(self._asked(rules), request.form)
        notice = _(
            "Sesi Anda berakhir sebelum formulir terkirim. Isian Anda masih ada di bawah; pilih lagi berkasnya, "
            "periksa, lalu kirim. Bila ini terulang, muat ulang halamannya, dan izinkan kuki pada peramban Anda."
        )
        return self._form(rules, answers, str(uuid.uuid4()), status=400, notice=notice)

    # inside -------------------------------------------------------------------------------------------------

    def _received(self, rules: Rules) -> AnyResponse:
        services, now = self.services, self.services.clock()
        if not services.store.books.ready():
            return message(503, rules.organization)
        given = nonce()
        key = given or str(uuid.uuid4())
        earlier = services.store.submissions.by_nonce(key)
        if earlier is not None:
            return self._to_ticket(rules, earlier.number)
        wanted = request.form.get(ACTION, "")
        asked = self._asked(rules)
        finished = wanted not in (DRAFT, LANGUAGE)
        answers = received(services.store, asked, key, now, finished=finished, scanner=services.scanner)
        if wanted == LANGUAGE:
            return self._form(rules, answers, key)
        if request.form.get(TRAP):
            current_app.logger.warning("form refused: trap procedure=%s", rules.procedure.key)
            return self._form(rules, answers, key, status=422, notice=_trapped())
        if wanted == DRAFT:
            return self._keep(rules, answers, key)
        if answers.errors or not given:
            return self._form(rules, answers, key, status=422)
        if rules.procedure.form is not None and rules.procedure.form.verify_email:
            return self._ask_code(rules, key, answers.values)
        return self._submitted(rules, key, answers)

    def _asked(self, rules: Rules) -> Asked:
        largest = self.services.settings.max_file_mb
        return Asked.of(form_fields(rules.procedure), rules.procedure.form, largest)

    def _waiting(self, rules: Rules) -> Waiting:
        return Waiting(self.services, rules, self._address(rules))

    def _form(
        self,
        rules: Rules,
        answers: Answers,
        key: str,
        *,
        status: int = 200,
        notice: str = "",
        saved: str = "",
        draft: Draft | None = None,
    ) -> Response:
        fields = form_fields(rules.procedure)
        form = rules.procedure.form
        return page(
            "formulir.html.j2",
            status,
            organization=rules.organization,
            procedure=rules.procedure,
            service=catalogue.service(self.services.catalogue, rules, self.services.clock().date()),
            fields=fields,
            known={field.id: field for field in fields},
            groups=grouped(fields),
            when=form.when if form else {},
            plan=plan_of(rules),
            answers=answers,
            nonce=key,
            notice=notice,
            saved=saved,
            until=draft.expires if draft else None,
            zone=ZoneInfo(rules.organization.calendar.timezone),
            drafts=any(field.type is FieldType.EMAIL for field in fields),
            draft_days=self.services.settings.draft_days,
            largest=self.services.settings.max_file_mb,
        )

    def _keep(self, rules: Rules, answers: Answers, key: str) -> Response:
        """Keep it for later, if there is an address to which its link can be sent."""
        own = next(each.id for each in form_fields(rules.procedure) if each.type is FieldType.EMAIL)
        address = answers.values.get(own, "")
        if not is_email(address):
            error = _("Tulis alamat email yang benar; tautan drafnya dikirim ke sana.")
            unsure = Answers(answers.values, (), {own: error}, answers.held)
            return self._form(rules, unsure, key, status=422)
        self._waiting(rules).keep(key, answers.values, address)
        return self._form(rules, answers, key, saved=address)

    def _ask_code(
        self, rules: Rules, key: str, values: Mapping[str, str], *, again: bool = False
    ) -> AnyResponse:
        """Keep what was answered, and mail the code that lets it go on."""
        address = requester_address(rules.procedure, dict(values))
        if not self._waiting(rules).ask_code(key, values, address):
            error = _(
                "Sudah %(count)d kode dikirim. Periksa folder spam, atau ubah alamat emailnya.", count=CODES
            )
            return self._code_page(rules, key, values, error=error, status=429)
        notice = _("Kode baru sudah dikirim. Kode yang lama tidak berlaku lagi.") if again else ""
        return self._code_page(rules, key, values, notice=notice)

    def _code_page(
        self,
        rules: Rules,
        key: str,
        values: Mapping[str, str],
        *,
        error: str = "",
        notice: str = "",
        status: int = 200,
    ) -> Response:
        address = requester_address(rules.procedure, dict(values))
        return page(
            "kode.html.j2",
            status,
            organization=rules.organization,
            procedure=rules.procedure,
            nonce=key,
            address=address,
            error=error,
            notice=notice,
        )

    def _submitted(self, rules: Rules, key: str, answers: Answers) -> AnyResponse:
        """Store it, and say its number."""
        asked = self._asked(rules)
        digest = _digest(rules, answers)
        twin = self._sent_before(digest)
        if twin is not None:
            self.services.store.files.let_go(key, refs(asked, answers))
            return self._to_ticket(rules, twin)
        try:
            number = self._submit(rules, key, answers.values, refs(asked, answers))
        except (TransientError, NotFoundError):
            return self._form(rules, answers, key, status=503, notice=_not_stored())
        current_app.logger.info("submission stored: number=%s", number)
        self._remember(digest, number)
        return self._to_ticket(rules, number)

    def _submit(self, rules: Rules, key: str, values: Mapping[str, str], files: Sequence[str]) -> str:
        services, now = self.services, self.services.clock()
        zone = ZoneInfo(rules.organization.calendar.timezone)
        stored = services.store.submissions.submit(
            nonce=key,
            procedure=rules.procedure.key,
            prefix=rules.organization.ticket_prefix,
            received=now,
            year=now.astimezone(zone).year,
            fields={name: value for name, value in values.items() if value},
            files=files,
            ticket=services.receipt(rules, values),
        )
        return stored.number

    def _to_ticket(self, rules: Rules, number: str) -> AnyResponse:
        token = token_for(self._key, number)
        response = make_response(redirect(url_for("tracking.enter", number=number, t=token, baru=1), 303))
        if COOKIE in request.cookies:
            response.delete_cookie(COOKIE, path=self._address(rules))
        return response

    # what this browser did before ---------------------------------------------------------------------------

    def _sent_before(self, digest: str) -> str | None:
        """The ticket that this browser was given for the very same, a moment ago: somebody went back and sent again."""
        now = self.services.clock().timestamp()
        known = [entry for entry in session.get("sent", ()) if now - entry[2] < SAME_SECONDS]
        return next((str(number) for each, number, _at in known if each == digest), None)

    def _remember(self, digest: str, number: str) -> None:
        entry = [digest, number, int(self.services.clock().timestamp())]
        session["sent"] = [*session.get("sent", ()), entry][-REMEMBERED:]

    def _opened(self, rules: Rules) -> Draft | None:
        """The draft that this browser came with, unless an empty form is wanted."""
        if COOKIE not in request.cookies or "kosong" in request.args:
            return None
        try:
            key = self._signer.loads(
                request.cookies[COOKIE], max_age=self.services.settings.draft_days * 86400
            )
        except BadSignature:
            return None
        return self._waiting(rules).draft(str(key))

    @property
    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._key, salt="draf")

    @property
    def _key(self) -> bytes:
        return self.services.settings.secret_key.get_secret_value().encode()

    def _address(self, rules: Rules) -> str:
        procedure = rules.procedure
        return url_for("services.form", profile=procedure.profile, procedure_id=procedure.id)


def _not_stored() -> str:
    return _("Permohonan belum tersimpan. Isian Anda masih ada di bawah; kirim lagi sebentar lagi.")


def _trapped() -> str:
    """A person whose browser filled it in can send once more: it comes back empty."""
    return _("Formulir ini tampaknya diisi oleh program. Bila Anda mengisinya sendiri, kirim sekali lagi.")


def _digest(rules: Rules, answers: Answers) -> str:
    """What tells one request from another."""
    files = sorted(file.sha256 for held in answers.held.values() for file in held)
    content = json.dumps([rules.procedure.key, sorted(answers.values.items()), files])
    return hashlib.sha256(content.encode()).hexdigest()[:32]
