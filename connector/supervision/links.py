"""Addresses of Redmine's lists, by the keys of the mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from connector.sop.model import Organization
from connector.supervision.digest import Kind
from connector.supervision.letter import Links

#: The shared lists behind the figures, by the key of their query.
QUERIES: Mapping[Kind, str] = {Kind.LATE: "terlambat", Kind.NEAR: "mendekati-batas", Kind.PAUSED: "menunggu"}


def links_of(organization: Organization, redmine_url: str, object_id: Callable[[str], int | None]) -> Links:
    """The addresses. A list that is not in Redmine is the list of all open tickets, the most urgent first."""
    issues = f"{redmine_url}/projects/{organization.project.identifier}/issues"

    def listed(**more: object) -> str:
        return f"{issues}?{urlencode({'set_filter': 1, 'status_id': 'o', **more, 'sort': 'due_date'})}"

    def procedure(key: str) -> str:
        tracker = object_id("tracker:" + key.replace("/", ":"))
        return listed(tracker_id=tracker) if tracker is not None else listed()

    def query(name: str) -> str:
        found = object_id(f"query:{organization.id}:{name}")
        return f"{issues}?{urlencode({'query_id': found})}" if found is not None else listed()

    return Links(
        issue=lambda ref: f"{redmine_url}/issues/{ref}",
        procedure=procedure,
        running=listed(),
        queries={kind: query(name) for kind, name in QUERIES.items()},
    )
