"""What every page of the portal shares: the environment of its templates, and errors in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from jinja2 import FileSystemLoader, StrictUndefined

from connector.portal.colours import shades
from connector.portal.deeds import rating
from connector.sop.model import Catalogue, Organization

#: A form's own key, by which the same form sent twice is known: a UUID.
NONCE_LENGTH = 64

MESSAGES = {
    400: ("Permintaan tidak dapat dibaca", "Muat ulang halamannya, lalu coba lagi."),
    403: (
        "Halaman ini pribadi",
        "Bukalah lewat tautan di email yang Anda terima. Tautannya hilang atau tidak berlaku? Mintalah yang baru.",
    ),
    404: ("Halaman tidak ditemukan", "Periksa kembali alamatnya, atau mulai dari daftar layanan."),
    405: ("Permintaan tidak dikenal", "Muat ulang halamannya, lalu coba lagi."),
    413: ("Berkas terlalu besar", "Kecilkan berkasnya, lalu kirim lagi. Yang Anda tulis belum tersimpan."),
    429: ("Terlalu banyak permintaan", "Tunggu beberapa menit, lalu coba lagi."),
    500: ("Terjadi kesalahan pada kami", "Kesalahan ini sudah dicatat. Coba lagi beberapa saat lagi."),
    503: ("Layanan sedang disiapkan", "Coba lagi beberapa menit lagi. Yang sudah Anda kirim tersimpan aman."),
}
RETRY_SECONDS = "120"


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
    title, text = MESSAGES.get(status, MESSAGES[500])
    if request.accept_mimetypes.best == "application/json":
        return make_response({"error": title}, status)
    given = {"organization": organization} if organization is not None else {}
    response = page("pesan.html.j2", status, title=title, text=detail or text, code=status, **given)
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def stylesheet(organization: Organization) -> Response:
    """The organization's colours; a stylesheet, because the pages allow no style inside them."""
    lines = "".join(f"{name}:{value};" for name, value in shades(organization.colour).items())
    response = make_response(f":root{{{lines}}}\n")
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def filesize(size: int) -> str:
    """`1,4 MB`."""
    if size < 1000:
        return f"{size} B"
    unit, amount = ("MB", size / 1e6) if size >= 1e6 else ("kB", size / 1e3)
    return f"{amount:.1f}".replace(".", ",").removesuffix(",0") + f" {unit}"
