"""`POST /webhooks/redmine`: verify, store, answer. The work is done later, by the worker."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from flask import Blueprint, Response, request

from connector.errors import TransientError
from connector.ports import Queue
from webhooks.payload import PayloadError, parse
from webhooks.receiving import answer, read_body
from webhooks.signature import HEADER, verify

log = logging.getLogger(__name__)

AUTHENTICATION = "signature"


def webhook_blueprint(queue: Queue, secret: bytes, clock: Callable[[], dt.datetime]) -> Blueprint:
    """The receiver. Answers 202 stored, 401 signature, 400 malformed, 413 too large, 503 not now."""
    blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @blueprint.post("/redmine")
    def receive() -> Response:
        body = read_body()
        if body is None:
            return answer(413, "terlalu besar")
        if not verify(secret, body, request.headers.get(HEADER)):
            return answer(401, "tanda tangan tidak cocok")
        try:
            hint = parse(body)
        except PayloadError as error:
            return answer(400, str(error))
        if hint is None:
            return answer(202, "diabaikan")
        try:
            queue.put(f"issue:{hint.issue}", now=clock())
        except TransientError:
            return answer(503, "coba lagi nanti")
        log.info("webhook stored: issue=%d kind=%s", hint.issue, hint.kind)
        return answer(202, "disimpan")

    return blueprint
