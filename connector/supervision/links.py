"""Addresses of Redmine's lists, for what a person sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

from connector.engine.progress import Rules
from connector.sop.keys import SLA_FIELD, status_key
from connector.sop.model import Organization, SlaStatus
from connector.supervision.digest import Kind, Scope
from connector.supervision.letter import Links

#: The shared lists behind the figures, by the key of their query.
QUERIES: Mapping[Kind, str] = {
    Kind.LATE: "terlambat",
    Kind.NEAR: "mendekati-batas",
    Kind.PAUSED: "menunggu",
}
STATUSES = {Kind.LATE: SlaStatus.LATE, Kind.NEAR: SlaStatus.NEAR}

Ids = Callable[[str], int | None]


def links_of(
    organization: Organization, rulebook: Mapping[str, Rules], scope: Scope, redmine_url: str, object_id: Ids
) -> Links:
    """The addresses. Who sees all gets Redmine's shared lists, others the same filtered by their units and procedures;
    what is not in Redmine filters nothing."""
    issues = f"{redmine_url}/projects/{organization.project.identifier}/issues"
    units = (f"group:{organization.id}:{unit}" for unit in scope.units)
    trackers = (f"tracker:{organization.id}:{each}" for each in scope.procedures)
    standing = {
        Kind.PAUSED: {rules.procedure.waiting.status for rules in rulebook.values()},
        Kind.INCOMPLETE: {rules.procedure.intake for rules in rulebook.values()},
    }
    own = _filters(object_id, member_of_group=units, tracker_id=trackers)

    def listed(**more: str) -> str:
        return f"{issues}?{urlencode({'set_filter': 1, 'status_id': 'o', **own, **more, 'sort': 'due_date'}, safe='|')}"

    def procedure(key: str) -> str:
        return listed(**_filters(object_id, tracker_id=["tracker:" + key.replace("/", ":")]))

    def kind(which: Kind) -> str:
        query = object_id(f"query:{organization.id}:{QUERIES[which]}") if which in QUERIES else None
        if query is not None and not own:
            return f"{issues}?{urlencode({'query_id': query})}"
        if which in standing:
            return listed(**_filters(object_id, status_id=sorted(map(status_key, standing[which]))))
        field = object_id(SLA_FIELD)
        return listed(**{f"cf_{field}": STATUSES[which]}) if field is not None else listed()

    return Links(
        issue=lambda ref: f"{redmine_url}/issues/{ref}",
        procedure=procedure,
        running=listed(),
        queries={each: kind(each) for each in (*QUERIES, Kind.INCOMPLETE)},
    )


def _filters(object_id: Ids, **keys: Iterable[str]) -> dict[str, str]:
    """Redmine's short filters: several values are joined by a bar."""
    found = {
        name: [str(ref) for key in each if (ref := object_id(key)) is not None] for name, each in keys.items()
    }
    return {name: "|".join(ids) for name, ids in found.items() if ids}
