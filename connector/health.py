"""`/healthz`, `/readyz`, `/metrics`: for those who watch over the service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from connector.errors import SopError
from connector.ports import Store

AUTHENTICATION = "none"


class _Work:
    """Reads the figures of the work queue when they are asked for."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        now = self._clock()
        counts = self._store.queue.counts(now=now)
        jobs = GaugeMetricFamily("sop_jobs", "Jobs by state", labels=["state"])
        for state in ("waiting", "due", "claimed", "dead"):
            jobs.add_metric([state], counts[state])
        yield jobs
        yield GaugeMetricFamily(
            "sop_oldest_due_seconds", "Age of the oldest due job", counts["oldest_seconds"]
        )
        beat = self._store.books.last_beat()
        if beat is not None:
            age = (now - beat).total_seconds()
            yield GaugeMetricFamily("sop_worker_beat_seconds", "Since a worker was last alive", age)


def health_blueprint(store: Store, clock: Callable[[], dt.datetime]) -> Blueprint:
    """The three pages; they show no ticket and no person."""
    blueprint = Blueprint("health", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Work(store, clock))
    requests = Counter(
        "sop_requests", "Requests by endpoint and status", ["endpoint", "status"], registry=registry
    )

    @blueprint.after_app_request
    def count(response: Response) -> Response:
        # addresses hold ticket numbers; endpoints do not
        requests.labels(request.endpoint or "none", str(response.status_code)).inc()
        return response

    @blueprint.get("/healthz")
    def alive() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @blueprint.get("/readyz")
    def ready() -> Response:
        try:
            store.ping()
            seeded = store.books.ready()
        except SopError:
            return Response("basis data tidak menjawab\n", 503, mimetype="text/plain")
        if not seeded:
            return Response("menunggu data dari Redmine\n", 503, mimetype="text/plain")
        return Response("ok\n", mimetype="text/plain")

    @blueprint.get("/metrics")
    def metrics() -> Response:
        try:
            return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        except SopError:
            return Response("basis data tidak menjawab\n", 503, mimetype="text/plain")

    return blueprint
