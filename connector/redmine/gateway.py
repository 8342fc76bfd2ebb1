"""Redmine and its plugin, through python-redmine's session. The only place that knows status codes and ids."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests
from redminelib.engines.sync import SyncEngine

from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.errors import (
    ConflictError,
    NotFoundError,
    NumberTakenError,
    PermanentError,
    RefusedError,
    TransientError,
)
from connector.ports import Content, FeedPage, IssueChange, Member, NewIssue, StateRow, Uploaded
from connector.redmine import translate
from connector.redmine.translate import Keys, UnknownKeyError
from connector.sop.model import Catalogue

CONNECT_SECONDS = 5
READ_SECONDS = 60
FEED_LIMIT = 500
STATES_LIMIT = 200


class PluginEngine(SyncEngine):  # type: ignore[misc]
    """python-redmine's engine with a timeout (it ignores the option), and with answers as this project's errors."""

    def call(self, method: str, url: str, **options: Any) -> requests.Response:
        """One request; a failure to reach Redmine is transient."""
        try:
            response: requests.Response = self.session.request(
                method, url, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise TransientError(f"Redmine tidak dapat dihubungi: {type(error).__name__}") from error
        if response.status_code not in (200, 201, 204):
            raise _error(response)
        return response


def _error(response: requests.Response) -> Exception:
    """What an answer that is no success means. Bodies are quoted only where they are the plugin's own messages."""
    code = response.status_code
    try:
        reasons = tuple(str(reason) for reason in response.json().get("errors", ()))
    except (ValueError, AttributeError):
        reasons = ()
    if code == 404:
        return NotFoundError("tidak ada di Redmine, atau tidak terlihat oleh konektor")
    if code == 409:
        return ConflictError("tiket berubah sejak dibaca")
    if code == 422:
        # Redmine answers a stale edit with an empty list
        return RefusedError(reasons) if reasons else ConflictError("tiket berubah sejak dibaca")
    if code == 429 or code >= 500:
        return TransientError(f"Redmine menjawab {code}")
    if code in (301, 302, 307, 308):
        return PermanentError(f"Redmine mengalihkan ke alamat lain ({code}); perbaiki SOP_REDMINE_URL")
    hint = {401: "kunci API ditolak (SOP_REDMINE_API_KEY)", 403: "pengguna konektor tidak punya izin"}
    return PermanentError(f"Redmine menjawab {code}: {hint.get(code, '; '.join(reasons))}")


def _json(response: requests.Response) -> dict[str, Any]:
    """The body of an answer. A page with a 200 comes from something before Redmine, which is being mended."""
    try:
        return dict(response.json())
    except ValueError:
        raise TransientError("jawaban bukan dari Redmine: bukan JSON") from None


class RedmineGateway:
    """Implements `connector.ports.Redmine`. Threads may share it: each has a session of its own.

    Args:
        url: Redmine as the connector reaches it.
        key: the API key of the connector's user.
        catalogue: the procedures that are served; issues of other trackers are not seen.
    """

    def __init__(self, url: str, key: str, catalogue: Catalogue) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._catalogue = catalogue
        self._local = threading.local()
        self._keys: Keys | None = None

    # calls --------------------------------------------------------------------------------------------------

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        engine: PluginEngine | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = PluginEngine(key=self._key)
        return engine.call(method, f"{self._url}{path}", **options)

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        return _json(self._call("GET", path, params=params))

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return _json(self._call("POST", path, json=body))

    # keys ---------------------------------------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """Versions, keys and permissions: the body of `GET /sop/info.json`."""
        return self._get("/sop/info.json")

    def ping(self) -> dict[str, Any]:
        """Have Redmine send a signed ping to the connector's webhook, and say what came of it."""
        return self._post("/sop/ping.json", {})

    def _known(self, *, fresh: bool = False) -> Keys:
        if self._keys is None or fresh:
            self._keys = Keys(ids=self.info()["keys"])
        return self._keys

    def _read(self, body: Mapping[str, Any]) -> Snapshot | None:
        """A body as a snapshot. An id that is new to us may have come with an apply: ask once more."""
        for fresh in (False, True):
            keys = self._known(fresh=fresh)
            procedure = keys.procedure(self._catalogue, body["issue"]["tracker_id"])
            if procedure is not None and "#" not in keys.name("status", body["issue"]["status_id"]):
                break
        return translate.snapshot(keys, procedure, body) if procedure is not None else None

    def _wishes(self, change: IssueChange) -> dict[str, Any]:
        try:
            return translate.wishes(self._known(), change)
        except UnknownKeyError:
            return translate.wishes(self._known(fresh=True), change)

    # tickets ------------------------------------------------------------------------------------------------

    def read(self, issue: int) -> Snapshot | None:
        """One issue; None if it is gone or not of a procedure that we serve."""
        try:
            return self._read(self._get(f"/sop/issues/{issue}.json"))
        except NotFoundError:
            return None

    def read_ticket(self, number: str) -> Snapshot | None:
        """As `read`, by ticket number."""
        try:
            return self._read(self._get(f"/sop/tickets/{quote(number, safe='')}.json"))
        except NotFoundError:
            return None

    def commit(self, before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        """Write the change and the state in one transaction, if the issue is still as it was in `before`."""
        body = {
            "expected_journal": before.last_journal,
            "expected_version": before.version,
            **self._wishes(change),
            "notes": change.notes,
            "private_notes": change.private_notes,
            "notify": change.notify,
            "state": translate.state_wish(state),
        }
        return self._written(self._post(f"/sop/issues/{before.issue}/commit.json", body))

    def create(self, new: NewIssue) -> Snapshot:
        """Make an issue with its state; of a submission that is there already, the issue made then."""
        keys = self._known()
        if new.procedure.tracker_key not in keys.ids:
            keys = self._known(fresh=True)
        wishes = self._wishes(new.change)
        body = {
            "project_id": keys.id(f"project:{new.procedure.profile}"),
            "tracker_id": keys.id(new.procedure.tracker_key),
            "subject": new.subject,
            "description": new.description,
            **wishes["changes"],
            "field_files": wishes["field_files"],
            "uploads": wishes["uploads"],
            "notify": new.change.notify,
            "state": translate.state_wish(new.state),
        }
        try:
            return self._written(self._post("/sop/issues.json", body))
        except ConflictError as error:
            raise NumberTakenError(f"nomor {new.state.number} sudah dipakai") from error

    def _written(self, body: Mapping[str, Any]) -> Snapshot:
        written = self._read(body)
        if written is None:
            raise PermanentError("tiket yang ditulis tidak lagi milik POS yang dilayani")
        return written

    # files --------------------------------------------------------------------------------------------------

    def upload(self, filename: str, content_type: str, content: bytes | Content) -> Uploaded:
        """Upload a file; its token is good until it is attached."""
        answer = self._call(
            "POST",
            "/uploads.json",
            params={"filename": filename, "content_type": content_type},
            data=content,
            headers={"Content-Type": "application/octet-stream"},
        )
        token: str = _json(answer)["upload"]["token"]
        return Uploaded(token=token, filename=filename, content_type=content_type)

    def download(self, attachment: int) -> bytes:
        """The content of an attachment."""
        return self._call("GET", f"/attachments/download/{attachment}").content

    # feeds --------------------------------------------------------------------------------------------------

    def changes(self, after_issue: int, after_journal: int) -> FeedPage:
        """Issues that are new or have new journals after these ids."""
        body = self._get(
            "/sop/changes.json", after_issue=after_issue, after_journal=after_journal, limit=FEED_LIMIT
        )
        return FeedPage(
            issues=tuple(row["id"] for row in body["issues"]),
            journals=tuple((row["id"], row["issue_id"]) for row in body["journals"]),
            last_issue=body["last_issue"],
            last_journal=body["last_journal"],
            more=body["more"],
        )

    def states(self, *, open_only: bool) -> Iterator[StateRow]:
        """All tickets with a state, by issue id."""
        return self._states({"open": 1} if open_only else {})

    def recent_states(self, closed_since: dt.datetime) -> Iterator[StateRow]:
        """The open tickets with a state, and those that were closed since an instant."""
        since = closed_since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._states({"open": 1, "closed_since": since})

    def _states(self, params: Mapping[str, Any]) -> Iterator[StateRow]:
        keys = self._known(fresh=True)
        after, more = 0, True
        while more:
            body = self._get("/sop/states.json", after=after, limit=STATES_LIMIT, **params)
            for row in body["states"]:
                after = row["issue_id"]
                yield translate.state_row(keys, row)
            more = body["more"]

    def object_id(self, key: str) -> int | None:
        """Redmine's id of an object of ours."""
        return self._known().ids.get(key)

    def highest_number(self, prefix: str) -> str | None:
        """The highest ticket number that begins with `prefix`."""
        highest: str | None = self._get("/sop/numbers.json", prefix=prefix)["highest"]
        return highest

    def members(self, profile: str, role: str) -> Sequence[Member]:
        """Active people with a role of an organization."""
        organization = self._catalogue.organization(profile)
        if organization is None:
            return ()
        body = self._get("/sop/directory.json", project=organization.project.identifier)
        ref = self._known().id(f"role:{profile}:{role}")
        people = body["roles"].get(str(ref), [])
        return tuple(Member(id=each["id"], name=each["name"], mail=each["mail"]) for each in people)
