"""What every page of the portal shares: the environment of its templates, and errors in plain words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, make_response, render_template, request
from jinja2 import FileSystemLoader, StrictUndefined

from connector.engine.words import instant_words
from connector.sop.model import Organization

MESSAGES = {
    400: ("Permintaan tidak dapat dibaca", "Muat ulang halamannya, lalu coba lagi."),
    403: ("Tidak dapat dibuka", "Halaman ini hanya dapat dibuka lewat tautan pribadi pemohon."),
    404: ("Halaman tidak ditemukan", "Periksa kembali alamatnya."),
    405: ("Permintaan tidak dikenal", "Muat ulang halamannya, lalu coba lagi."),
    413: ("Berkas terlalu besar", "Kecilkan berkasnya, lalu kirim lagi. Yang Anda tulis belum tersimpan."),
    429: ("Terlalu banyak permintaan", "Tunggu beberapa menit, lalu coba lagi."),
    500: ("Terjadi kesalahan pada kami", "Kesalahan ini sudah dicatat. Coba lagi beberapa saat lagi."),
    503: ("Layanan sedang disiapkan", "Coba lagi beberapa menit lagi. Belum ada yang hilang."),
}


def prepare(app: Flask, templates: Path) -> None:
    """Give the application the portal's templates."""
    app.jinja_loader = FileSystemLoader(templates)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["instant"] = _instant
    app.context_processor(lambda: {"organization": None})


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
    return page("pesan.html.j2", status, title=title, text=detail or text, organization=organization)


def _instant(value: dt.datetime, zone: str) -> str:
    return instant_words(value, ZoneInfo(zone))
