"""Style, script and icon: named by their content so that browsers keep them, and compressed for slow networks.

Pages themselves are never compressed: they hold secrets beside what people typed (https://breachattack.com).
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

KEPT = "public, max-age=31536000, immutable"
COMPRESSED = frozenset({"text/css", "text/javascript", "image/svg+xml"})
#: As much as a digest needs to differ when the content does.
DIGITS = 10


def prepare(app: Flask) -> None:
    """Let the application serve its static files so."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values.setdefault("v", _digest(folder / values["filename"]))

    @app.after_request
    def slim(response: Response) -> Response:
        if request.endpoint != "static" or response.status_code != 200:
            return response
        if request.args.get("v"):
            response.headers["Cache-Control"] = KEPT
        if response.mimetype in COMPRESSED:
            response.headers.add("Vary", "Accept-Encoding")
            if request.accept_encodings.quality("gzip"):
                response.direct_passthrough = False
                response.set_data(_compressed(response.get_data()))
                response.headers["Content-Encoding"] = "gzip"
                response.headers.pop("ETag", None)
        return response


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS] if path.is_file() else ""


@cache
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
