"""What every receiver of webhooks does: read no more than it may hold, and answer in a word."""

from __future__ import annotations

import logging

from flask import Response, request

log = logging.getLogger(__name__)

#: An issue with its journal has some kilobytes, a group of alerts too; descriptions can be long.
LARGEST = 1024 * 1024


def read_body() -> bytes | None:
    """The request's body; None if it is too large."""
    if (request.content_length or 0) > LARGEST:
        return None
    body = request.stream.read(LARGEST + 1)
    return body if len(body) <= LARGEST else None


def answer(status: int, text: str) -> Response:
    """The answer. A refusal is logged, never what was sent."""
    if status >= 400:
        log.warning("webhook refused: path=%s status=%d", request.path, status)
    return Response(text + "\n", status=status, mimetype="text/plain")
