"""`POST /webhooks/alert`: alerts of the monitoring. Verify, store, answer; what Redmine must do is the worker's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from flask import Blueprint, Response, request

from connector.errors import TransientError
from webhooks.alert import Alert, parse_alerts
from webhooks.payload import PayloadError
from webhooks.receiving import answer, read_body
from webhooks.signature import HEADER, bears, verify

log = logging.getLogger(__name__)

AUTHENTICATION = "bearer token or signature; without a token there is no endpoint"


class Reporter(Protocol):
    """Where alerts go."""

    def receive(self, alerts: Sequence[Alert]) -> int:
        """Store them; how many are for one of our procedures."""


def alert_blueprint(reporter: Reporter, token: bytes, ready: Callable[[], bool]) -> Blueprint:
    """The receiver. Answers 202 stored, 401 secret, 400 malformed, 404 no token set, 413 too large, 503 not now.

    Alertmanager tries again after a 5xx and never after a 4xx.
    """
    blueprint = Blueprint("alerts", __name__, url_prefix="/webhooks")

    @blueprint.post("/alert")
    def receive() -> Response:
        if not token:
            return answer(404, "tidak ada")
        body = read_body()
        if body is None:
            return answer(413, "terlalu besar")
        headers = request.headers
        if not (bears(token, headers.get("Authorization")) or verify(token, body, headers.get(HEADER))):
            return answer(401, "token tidak cocok")
        try:
            alerts = parse_alerts(body)
        except PayloadError as error:
            return answer(400, str(error))
        try:
            if not ready():
                return answer(503, "coba lagi nanti")
            taken = reporter.receive(alerts)
        except TransientError:
            return answer(503, "coba lagi nanti")
        log.info("alerts stored: %d of %d", taken, len(alerts))
        return answer(202, "disimpan" if taken else "diabaikan")

    return blueprint
