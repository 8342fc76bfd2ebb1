"""`/layanan`: the list of services, and the form of each. What is sent is stored before anything else."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.progress import Rules
from connector.errors import TransientError
from connector.portal import forms
from connector.portal.pages import NONCE_LENGTH, message, page, stylesheet
from connector.portal.timeline import plan_of
from connector.portal.tokens import token_for
from connector.services import AppServices
from connector.sop.model import FieldDef, FieldType, Procedure

AUTHENTICATION = "none"
NONCE = "nonce"


def service_blueprint(services: AppServices) -> Blueprint:
    """The public forms; anybody may send one."""
    blueprint = Blueprint("services", __name__, url_prefix="/layanan")

    @blueprint.get("")
    def index() -> Response:
        groups = [
            (
                organization,
                [p for p in services.catalogue.procedures if p.profile == organization.id and p.form],
            )
            for organization in services.catalogue.organizations
        ]
        return page("layanan.html.j2", groups=[(org, found) for org, found in groups if found])

    @blueprint.get("/<profile>/gaya.css")
    def style(profile: str) -> Response:
        organization = services.catalogue.organization(profile)
        return stylesheet(organization) if organization is not None else message(404)

    @blueprint.get("/<profile>/<procedure_id>")
    def form(profile: str, procedure_id: str) -> Response:
        rules = _rules(services, profile, procedure_id)
        if not services.store.books.ready():
            return message(503, rules.organization)
        return _form(rules, forms.NOTHING, str(uuid.uuid4()))

    @blueprint.post("/<profile>/<procedure_id>")
    def send(profile: str, procedure_id: str) -> AnyResponse:
        rules = _rules(services, profile, procedure_id)
        if not services.store.books.ready():
            return message(503, rules.organization)
        nonce = request.form.get(NONCE, "")[:NONCE_LENGTH]
        answers = forms.read(form_fields(rules.procedure), request.form, request.files)
        if answers.errors or not nonce:
            return _form(rules, answers, nonce or str(uuid.uuid4()), status=422)
        try:
            number = _submit(services, rules, nonce, answers)
        except TransientError:
            return message(
                503, rules.organization, "Permohonan belum tersimpan. Coba kirim lagi sebentar lagi."
            )
        current_app.logger.info("submission stored: number=%s", number)
        token = token_for(services.settings.secret_key.get_secret_value().encode(), number)
        return redirect(url_for("tracking.enter", number=number, t=token, baru=1), 303)

    return blueprint


def form_fields(procedure: Procedure) -> tuple[FieldDef, ...]:
    """The fields of the public form, in its order."""
    found = {field.id: field for field in procedure.fields}
    return tuple(found[name] for name in (procedure.form.fields if procedure.form else ()))


def grouped(fields: tuple[FieldDef, ...]) -> tuple[tuple[str, tuple[FieldDef, ...]], ...]:
    """The questions under headings: those about the person end with the last that is personal; consent comes last."""
    asked = [each for each in fields if each.type is not FieldType.CONSENT]
    consents = tuple(each for each in fields if each.type is FieldType.CONSENT)
    cut = max((position + 1 for position, each in enumerate(asked) if each.personal), default=0)
    groups = (("Tentang Anda", tuple(asked[:cut])), ("Permohonan Anda", tuple(asked[cut:])), ("", consents))
    filled = tuple(group for group in groups if group[1])
    return filled if 0 < cut < len(asked) else (("", fields),)


def _rules(services: AppServices, profile: str, procedure_id: str) -> Rules:
    rules = services.rulebook.get(f"{profile}/{procedure_id}")
    if rules is None or rules.procedure.form is None:
        abort(404)
    return rules


def _form(rules: Rules, answers: forms.Answers, nonce: str, status: int = 200) -> Response:
    return page(
        "formulir.html.j2",
        status,
        organization=rules.organization,
        procedure=rules.procedure,
        fields=form_fields(rules.procedure),
        groups=grouped(form_fields(rules.procedure)),
        plan=plan_of(rules),
        answers=answers,
        nonce=nonce,
        largest=forms.MAX_FILE_MB,
    )


def _submit(services: AppServices, rules: Rules, nonce: str, answers: forms.Answers) -> str:
    now = services.clock()
    zone = ZoneInfo(rules.organization.calendar.timezone)
    stored = services.store.submissions.submit(
        nonce=nonce,
        procedure=rules.procedure.key,
        prefix=rules.organization.ticket_prefix,
        received=now,
        year=now.astimezone(zone).year,
        fields={name: value for name, value in answers.values.items() if value},
        uploads=answers.uploads,
        ticket=services.receipt(rules, answers.values),
    )
    return stored.number
