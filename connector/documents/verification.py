"""`/verifikasi`: whether a document is ours, what it is worth now, and whether a file is that document. For anybody.

From the register alone: neither Redmine is asked nor anything of a person shown. A file is read once and never kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import dataclass
from typing import IO
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import parse_form_data
from werkzeug.wrappers import Response as AnyResponse

from connector.documents.codes import normalized_code
from connector.portal.language import gettext as _
from connector.portal.pages import message, page
from connector.ports import PaperStatus, Registered
from connector.services import AppServices
from connector.sop.model import Organization

AUTHENTICATION = "none"
FIELD = "berkas"
LARGEST_MB = 30
LARGEST = LARGEST_MB * 1024 * 1024
#: What a form's own lines take besides the file.
MARGIN = 64 * 1024
#: What the parser may hold at a time; it reads in parts of 64 KiB.
MEMORY = 512 * 1024
SAME, DIFFERENT, MISSING = "asli", "berbeda", "kosong"


@dataclass(frozen=True)
class View:
    """A document as the page shows it."""

    number: str
    kind: str
    organization: str
    date: dt.date
    code: str
    status: str
    replaced_by: str
    reason: str
    sha256: str
    certificate: str


class Digest(io.RawIOBase):
    """Takes a file, and keeps only its SHA-256 and size."""

    def __init__(self) -> None:
        super().__init__()
        self._hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """It is written only."""
        return True

    def write(self, data: object) -> int:
        """The next part of the file."""
        part = bytes(data)  # type: ignore[call-overload]
        self._hash.update(part)
        self.size += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """The parser goes back to the beginning when it is done; there is none."""
        return offset + whence

    def hexdigest(self) -> str:
        """The SHA-256 of all that was written."""
        return self._hash.hexdigest()


def verification_blueprint(services: AppServices) -> Blueprint:
    """The pages; they need no tracker and no person's secret."""
    blueprint = Blueprint("verification", __name__, url_prefix="/verifikasi")

    # named functions: the limits by address are kept by the name of the view
    @blueprint.get("")
    def ask() -> AnyResponse:
        typed = request.args.get("kode", "").strip()[:100]
        if not typed:
            return page("verifikasi.html.j2", typed="", error="")
        code = normalized_code(typed)
        if code is None:
            error = _("Kode terdiri dari 12 huruf dan angka, misalnya 7K2M-04XQ-9ZTB.")
            return page("verifikasi.html.j2", 422, typed=typed, error=error)
        return redirect(url_for("verification.show", code=code), 303)

    @blueprint.get("/<code>")
    def show(code: str) -> AnyResponse:
        known = normalized_code(code)
        if known is not None and known != code:
            return redirect(url_for("verification.show", code=known), 301)
        found = services.store.register.by_code(known) if known else None
        return _unknown(code) if found is None else _shown(services, found)

    @blueprint.post("/<code>")
    def compare(code: str) -> AnyResponse:
        found = services.store.register.by_code(normalized_code(code) or "")
        if found is None:
            return _unknown(code)
        try:
            given = _digest()
        except RequestEntityTooLarge:
            return message(413, detail=_("Berkas yang diperiksa paling besar %(size)d MB.", size=LARGEST_MB))
        if given is None or not given.size:
            return _shown(services, found, MISSING, status=422)
        same = bool(found.sha256) and given.hexdigest() == found.sha256
        return _shown(services, found, SAME if same else DIFFERENT)

    return blueprint


def _digest() -> Digest | None:
    """The file of the form, read as it comes in. Its form is parsed here: elsewhere the file would be kept."""
    if (request.content_length or 0) > LARGEST + MARGIN:
        raise RequestEntityTooLarge
    request.max_content_length = LARGEST + MARGIN

    def taken(*_given: object, **_named: object) -> IO[bytes]:
        return Digest()  # type: ignore[return-value]

    environ = {**request.environ, "wsgi.input": request.stream}
    parsed = parse_form_data(
        environ, stream_factory=taken, max_content_length=LARGEST + MARGIN, max_form_memory_size=MEMORY
    )
    sent = parsed[2].get(FIELD)
    stream: object = sent.stream if sent is not None else None
    return stream if isinstance(stream, Digest) else None


def _shown(services: AppServices, found: Registered, result: str = "", status: int = 200) -> Response:
    organization = services.catalogue.organization(found.organization)
    given = {"organization": organization} if organization is not None else {}
    view = _view(found, organization)
    return page("verifikasi-dokumen.html.j2", status, view=view, result=result, largest=LARGEST_MB, **given)


def _view(found: Registered, organization: Organization | None) -> View:
    zone = ZoneInfo(organization.calendar.timezone) if organization else ZoneInfo("Asia/Jakarta")
    issued = found.status in (PaperStatus.VALID, PaperStatus.REPLACED)
    words = found.kind.replace("-", " ").replace("_", " ")
    return View(
        number=found.number,
        kind=words[:1].upper() + words[1:],
        organization=f"{organization.office}, {organization.name}" if organization else found.organization,
        date=found.at.astimezone(zone).date(),
        code=found.code,
        status=found.status.value,
        replaced_by=found.replaced_by,
        reason=found.reason,
        # a document that was never issued has no bytes to compare with
        sha256=found.sha256 if issued else "",
        certificate=found.certificate if issued else "",
    )


def _unknown(code: str) -> Response:
    return page("verifikasi.html.j2", 404, typed=code[:100], error="")
