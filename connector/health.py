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
from connector.supervision.past import Standing

AUTHENTICATION = "none"

Digests = Callable[[dt.datetime], Iterable[Standing]]


class _Work:
    """Reads the figures of the work queue when they are asked for."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime], digests: Digests) -> None:
        self._store = store
        self._clock = clock
        self._digests = digests

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
        yield from self._supervision(now)

    def _supervision(self, now: dt.datetime) -> Iterable[Metric]:
        ages = GaugeMetricFamily(
            "sop_digest_success_seconds",
            "Since a digest was last sent, or found to have nothing to say",
            labels=["profile"],
        )
        missing = GaugeMetricFamily(
            "sop_digests_missing", "Digests that were due and did not go out, none since", labels=["profile"]
        )
        for each in self._digests(now):
            if each.last is not None:
                ages.add_metric([each.profile], (now - each.last).total_seconds())
            missing.add_metric([each.profile], each.missing)
        yield from (ages, missing)


def health_blueprint(
    store: Store, clock: Callable[[], dt.datetime], digests: Digests = lambda _: ()
) -> Blueprint:
    """The three pages; they show no ticket and no person. `digests` says how it stands with them at an instant."""
    blueprint = Blueprint("health", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Work(store, clock, digests))
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
