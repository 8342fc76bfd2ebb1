"""From Redmine's ids to the mapping's words and back. Pure; the shapes are those of docs/plugin-api.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connector.engine.snapshot import (
    Actor,
    Assignee,
    Change,
    Journal,
    Related,
    Sender,
    Snapshot,
    StoredFile,
)
from connector.engine.state import SCHEMA, TicketState
from connector.errors import PermanentError
from connector.ports import IssueChange, StateRow
from connector.sop.keys import CONNECTOR_ROLE
from connector.sop.model import Catalogue, FieldType, Procedure

#: Journal details of core attributes that the engine knows by a name of its own.
ATTRIBUTES = {"status_id": "status", "tracker_id": "tracker", "assigned_to_id": "assignee"}


class UnknownKeyError(PermanentError):
    """Redmine has no object for a key of the mapping: `connector apply` was not run since the mapping changed."""


@dataclass(frozen=True)
class Keys:
    """The plugin's table of keys and ids."""

    ids: Mapping[str, int]

    @cached_property
    def _names(self) -> Mapping[tuple[str, int], str]:
        return {(key.partition(":")[0], ref): key for key, ref in self.ids.items()}

    def id(self, key: str) -> int:
        """The id of a key."""
        if key not in self.ids:
            raise UnknownKeyError(
                f"«{key}» belum ada di Redmine; jalankan «connector plan», lalu «connector apply»"
            )
        return self.ids[key]

    def name(self, kind: str, ref: int | None) -> str:
        """The key of an id; `KIND:#ID` for what is not ours."""
        return self._names.get((kind, ref or 0), f"{kind}:#{ref}")

    def roles(self, profile: str, refs: Iterable[int]) -> frozenset[str]:
        """Role ids of an organization among these ids of Redmine's roles."""
        prefix = f"role:{profile}:"
        keys = (self.name("role", ref) for ref in refs)
        return frozenset(key.removeprefix(prefix) for key in keys if key.startswith(prefix))

    def procedure(self, catalogue: Catalogue, tracker: int) -> Procedure | None:
        """The procedure of a tracker; None if it is not one that we serve."""
        key = self.name("tracker", tracker)
        return next((each for each in catalogue.procedures if each.tracker_key == key), None)


def snapshot(keys: Keys, procedure: Procedure, body: Mapping[str, Any]) -> Snapshot:
    """The body of `GET /sop/issues/ID.json` as a snapshot, without requester's actions."""
    issue, state = body["issue"], body["state"]
    profile = procedure.profile
    files = {keys.name("field", each["field_id"]): _file(each) for each in body["files"]}
    fields = {keys.name("field", each["id"]): _text(each["value"]) for each in issue["custom_fields"]}
    # a file's number stays in its field when the file is deleted
    as_files = {field.key for field in procedure.fields if field.type is FieldType.FILE} | set(files)
    return Snapshot(
        issue=issue["id"],
        procedure=procedure.key,
        project=keys.name("project", issue["project_id"]),
        status=keys.name("status", issue["status_id"]),
        subject=issue["subject"],
        description=issue["description"] or "",
        author=Actor(
            id=issue["author"]["id"],
            name=issue["author"]["name"] or "",
            roles=keys.roles(profile, issue["author"]["roles"]),
        ),
        created=issue["created_on"],
        assignee=_assignee(keys, profile, issue["assigned_to"]),
        due_date=dt.date.fromisoformat(issue["due_date"]) if issue["due_date"] else None,
        done_ratio=issue["done_ratio"],
        closed=issue["closed_on"] is not None,
        fields={key: value for key, value in fields.items() if value and key not in as_files},
        files=files,
        attachments=tuple(_file(each) for each in body["attachments"]),
        duplicates=tuple(_related(each) for each in body["duplicates"]),
        duplicated=tuple(_related(each) for each in body["duplicated"]),
        journals=tuple(_journal(keys, profile, each) for each in body["journals"]),
        last_journal=body["last_journal"],
        cursor=state["cursor"] if state else 0,
        version=state["version"] if state else 0,
        state=TicketState.model_validate(state["data"]) if state else None,
        now=body["now"],
        sender=Sender.model_validate(body["sender"]) if body.get("sender") else None,
    )


def state_row(keys: Keys, row: Mapping[str, Any]) -> StateRow:
    """One entry of `GET /sop/states.json`."""
    state = TicketState.model_validate(row["data"])
    profile = state.procedure.partition("/")[0]
    return StateRow(
        issue=row["issue_id"],
        closed=row["closed"],
        last_journal=row["last_journal"],
        cursor=row["cursor"],
        number=row["number"],
        submission=row["submission"],
        state=state,
        status=keys.name("status", row["status_id"]),
        subject=row.get("subject") or "",
        assignee=_assignee(keys, profile, row.get("assigned_to")),
    )


def wishes(keys: Keys, change: IssueChange) -> dict[str, Any]:
    """The parts of a commit's or create's body that say what is to be written."""
    fields: dict[str, Any] = {}
    if change.tracker is not None:
        fields["tracker_id"] = keys.id(change.tracker)
    if change.status is not None:
        fields["status_id"] = keys.id(change.status)
    if change.assign_group is not None:
        fields["assigned_to_id"] = keys.id(change.assign_group)
    elif change.clear_assignee:
        fields["assigned_to_id"] = None
    if change.due_date is not None:
        fields["due_date"] = change.due_date.isoformat()
    elif change.clear_due_date:
        fields["due_date"] = None
    if change.done_ratio is not None:
        fields["done_ratio"] = change.done_ratio
    if change.fields:
        fields["custom_fields"] = {str(keys.id(key)): value for key, value in change.fields.items()}
    files = [{"field_id": keys.id(key), "token": each.token} for key, each in change.files.items()]
    uploads = [
        {
            "token": each.token,
            "filename": each.filename,
            "content_type": each.content_type,
            "description": each.description,
        }
        for each in change.attachments
    ]
    return {"changes": fields, "field_files": files, "uploads": uploads}


def state_wish(state: TicketState) -> dict[str, Any]:
    """The state as a commit writes it."""
    return {
        "number": state.number,
        "submission": state.submission,
        "data": {"schema_version": SCHEMA, **state.model_dump(mode="json", exclude_defaults=True)},
    }


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _file(body: Mapping[str, Any]) -> StoredFile:
    return StoredFile(
        id=body["id"],
        name=body["filename"],
        size=body["filesize"],
        content_type=body["content_type"] or "",
        digest=body["digest"] or "",
        author=body["author_id"],
    )


def _related(body: Mapping[str, Any]) -> Related:
    return Related(
        issue=body["issue_id"], number=body["number"] or "", duplicate_of=body["duplicate_of"] or ""
    )


def _assignee(keys: Keys, profile: str, body: Mapping[str, Any] | None) -> Assignee | None:
    if body is None:
        return None
    return Assignee(
        id=body["id"],
        name=body["name"],
        is_group=body["type"] == "Group",
        roles=keys.roles(profile, body["roles"]),
    )


def _journal(keys: Keys, profile: str, body: Mapping[str, Any]) -> Journal:
    roles = body["roles"]
    return Journal(
        id=body["id"],
        at=body["created_on"],
        by=Actor(
            id=body["user"]["id"],
            name=body["user"]["name"] or "",
            roles=keys.roles(profile, roles),
            connector=CONNECTOR_ROLE in {keys.name("role", ref) for ref in roles},
            admin=body["admin"],
        ),
        notes=body["notes"] or "",
        private=body["private_notes"],
        changes=tuple(_change(keys, detail) for detail in body["details"]),
    )


def _change(keys: Keys, detail: Mapping[str, Any]) -> Change:
    kind, name = detail["property"], detail["prop_key"]
    old, new = detail["old_value"], detail["value"]
    if kind == "cf":
        return Change(what=keys.name("field", int(name)), old=old, new=new)
    if kind != "attr":
        return Change(what=kind, old=old, new=new)
    what = ATTRIBUTES.get(name, name)
    if what in ("status", "tracker"):
        old = keys.name(what, int(old)) if old else None
        new = keys.name(what, int(new)) if new else None
    return Change(what=what, old=old, new=new)
