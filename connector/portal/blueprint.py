"""`/layanan`: the list of services, what each organization looks like, and the routes of each service's form."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from connector.engine.progress import Rules
from connector.portal import catalogue
from connector.portal.catalogue import Service
from connector.portal.pages import message, page, stylesheet
from connector.portal.sending import Sending
from connector.services import AppServices
from connector.sop.model import Organization

AUTHENTICATION = "none"
#: Longer questions are not meant for a list of services.
LONGEST_QUERY = 120
PICTURE_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


def service_blueprint(services: AppServices) -> Blueprint:
    """The list of services and their forms; anybody may send one."""
    blueprint = Blueprint("services", __name__, url_prefix="/layanan")

    def organization_of(profile: str) -> Organization:
        organization = services.catalogue.organization(profile)
        if organization is None:
            abort(404)
        return organization

    # named functions: the limits by address are kept by the name of the view
    @blueprint.get("")
    def index() -> Response:
        return _index(services)

    @blueprint.get("/<profile>/gaya.css")
    def style(profile: str) -> Response:
        return stylesheet(organization_of(profile))

    @blueprint.get("/<profile>/logo")
    def logo(profile: str) -> Response:
        return _logo(services, organization_of(profile))

    _forms(blueprint, services)
    return blueprint


def _forms(blueprint: Blueprint, services: AppServices) -> None:
    """The routes of each service's form."""
    sending = Sending(services)

    def rules_of(profile: str, procedure_id: str) -> Rules:
        rules = services.rulebook.get(f"{profile}/{procedure_id}")
        if rules is None or rules.procedure.form is None:
            abort(404)
        return rules

    @blueprint.get("/<profile>/<procedure_id>")
    def form(profile: str, procedure_id: str) -> AnyResponse:
        return sending.form(rules_of(profile, procedure_id))

    @blueprint.post("/<profile>/<procedure_id>")
    def send(profile: str, procedure_id: str) -> AnyResponse:
        return sending.send(rules_of(profile, procedure_id))

    @blueprint.get("/<profile>/<procedure_id>/draf")
    def draft(profile: str, procedure_id: str) -> AnyResponse:
        return sending.draft(rules_of(profile, procedure_id))

    @blueprint.post("/<profile>/<procedure_id>/kode")
    def code(profile: str, procedure_id: str) -> AnyResponse:
        return sending.code(rules_of(profile, procedure_id))

    @blueprint.errorhandler(CSRFError)
    def too_old(_: CSRFError) -> AnyResponse:
        given = request.view_args or {}
        return sending.too_old(rules_of(given.get("profile", ""), given.get("procedure_id", "")))


def _index(services: AppServices) -> Response:
    """The list, whole or as far as it was asked for."""
    every = catalogue.services(services.catalogue, services.rulebook, services.clock().date())
    query = " ".join(request.args.get("cari", "")[:LONGEST_QUERY].split())
    profile, need = request.args.get("organisasi", ""), request.args.get("kebutuhan", "")
    found = [each for each in every if profile in ("", each.procedure.profile) and _meets(each, need)]
    matching = catalogue.search(found, query) if query else tuple(found)
    return page(
        "layanan.html.j2",
        query=query,
        profile=profile,
        need=need,
        count=len(matching),
        found=matching if query else (),
        sections=() if query else catalogue.sections(services.catalogue, matching),
        organizations=[
            o for o in services.catalogue.organizations if any(s.organization == o for s in every)
        ],
        needs=[c for c in services.catalogue.categories if any(s.category == c for s in every)],
    )


def _meets(service: Service, need: str) -> bool:
    return not need or (service.category is not None and service.category.id == need)


def _logo(services: AppServices, organization: Organization) -> Response:
    """The organization's picture, as a file of its own kind and nothing else."""
    if organization.logo is None:
        return message(404)
    content = (services.settings.mappings_dir / organization.id / organization.logo).read_bytes()
    response = make_response(content)
    response.mimetype = PICTURE_TYPES[organization.logo.rpartition(".")[2]]
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
