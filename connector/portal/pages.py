"""What every page of the portal shares: the environment of its templates, and errors in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, make_response, render_template, request
from jinja2 import FileSystemLoader, StrictUndefined

from connector.portal.asking import HELPERS
from connector.portal.colours import dark_shades, shades
from connector.portal.deeds import rating
from connector.portal.language import PARAMETER, date_words, instant_words, language
from connector.portal.language import gettext as _
from connector.sop.model import Catalogue, Organization

RETRY_SECONDS = "120"


def words_of(status: int) -> tuple[str, str]:
    """What a page says that is none: a title, and what to do."""
    match status:
        case 400:
            return _("Permintaan tidak dapat dibaca"), _("Muat ulang halamannya, lalu coba lagi.")
        case 403:
            return _("Halaman ini pribadi"), _(
                "Bukalah lewat tautan di email yang Anda terima. Tautannya hilang atau tidak berlaku? Mintalah yang "
                "baru."
            )
        case 404:
            return _("Halaman tidak ditemukan"), _(
                "Periksa kembali alamatnya, atau mulai dari daftar layanan."
            )
        case 405:
            return _("Permintaan tidak dikenal"), _("Muat ulang halamannya, lalu coba lagi.")
        case 413:
            return _("Berkas terlalu besar"), _(
                "Kembali ke halaman sebelumnya, kecilkan berkasnya, lalu kirim lagi. Yang Anda tulis belum tersimpan."
            )
        case 429:
            return _("Terlalu banyak permintaan"), _("Tunggu beberapa menit, lalu coba lagi.")
        case 503:
            return _("Layanan sedang disiapkan"), _(
                "Coba lagi beberapa menit lagi. Yang sudah Anda kirim tersimpan aman."
            )
        case _:
            return _("Terjadi kesalahan pada kami"), _(
                "Kesalahan ini sudah dicatat. Coba lagi beberapa saat lagi."
            )


def prepare(app: Flask, templates: Path, catalogue: Catalogue) -> None:
    """Give the application the portal's templates."""
    app.jinja_loader = FileSystemLoader(templates)
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    # Flask escapes by the file's name, and `.html.j2` is not among those it knows
    environment.autoescape = True
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["rating"] = rating
    environment.filters["filesize"] = filesize
    environment.globals.update(
        HELPERS, in_language=in_language, instant_words=instant_words, date_words=date_words
    )
    # where one organization alone is served, pages that are nobody's are its own
    only = catalogue.organizations[0] if len(catalogue.organizations) == 1 else None
    app.context_processor(lambda: {"organization": only})


def page(template: str, status: int = 200, **data: Any) -> Response:
    """A page that is never kept by caches: it may hold a person's data."""
    response = make_response(render_template(template, **data), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def message(status: int, organization: Organization | None = None, detail: str = "") -> Response:
    """A page that says what went wrong and what to do."""
    title, text = words_of(status)
    if request.accept_mimetypes.best == "application/json":
        return make_response({"error": title}, status)
    given = {"organization": organization} if organization is not None else {}
    response = page("pesan.html.j2", status, title=title, text=detail or text, code=status, **given)
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def in_language(code: str) -> str:
    """The address of this page in another language; of the page it came from where it is an answer to a form."""
    rule = request.url_rule
    answer = rule is not None and request.method == "POST" and "GET" not in (rule.methods or ())
    path = request.path.rpartition("/")[0] if answer else ""
    secret = ("t", PARAMETER)
    kept = {name: value for name, value in request.args.items() if name not in secret}
    return f"{path}?{urlencode({**kept, PARAMETER: code})}"


def stylesheet(organization: Organization) -> Response:
    """The organization's colours; a stylesheet, because the pages allow no style inside them."""
    light, dark = (
        "".join(f"{name}:{value};" for name, value in found.items())
        for found in (shades(organization.colour), dark_shades(organization.colour))
    )
    response = make_response(f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def filesize(size: int) -> str:
    """`1,4 MB`."""
    if size < 1000:
        return f"{size} B"
    unit, amount = ("MB", size / 1e6) if size >= 1e6 else ("kB", size / 1e3)
    return f"{amount:.1f}".removesuffix(".0").replace(".", "," if language() == "id" else ".") + f" {unit}"
