"""People for every role, made with Redmine's own API, and what they do there: what staff do in their browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from connector.sop.keys import status_key
from connector.sop.model import Catalogue, Organization, Procedure

SECONDS = 60
#: Invented, and common enough to be nobody's.
NAMES = (
    *("Ratna Wulandari", "Bagus Prakoso", "Dewi Anggraini", "Hendra Saputra", "Lestari Puspita"),
    *("Yoga Pratama", "Sinta Maharani", "Rizky Firmansyah", "Anisa Rahmawati", "Fajar Nugraha"),
    *("Putri Handayani", "Galih Wicaksono", "Maya Kusuma", "Arif Setiawan", "Nadia Utami"),
    *("Dimas Ardiansyah", "Intan Permata", "Eko Santoso", "Wulan Sari", "Teguh Wibowo"),
)


class RefusedByRedmine(Exception):  # noqa: N818 - it is what happened
    """Redmine refused; `errors` are its words."""

    def __init__(self, status: int, errors: list[str]) -> None:
        super().__init__(f"{status}: {errors}")
        self.status = status
        self.errors = errors


@dataclass(frozen=True)
class Person:
    """A user of Redmine with a role."""

    id: int
    login: str
    password: str
    api_key: str
    name: str
    mail: str


class Api:
    """Redmine's REST API as one user."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["X-Redmine-API-Key"] = key

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **params: Any) -> Any:
        response = self._session.request(
            method, f"{self.url}{path}", json=body, params=params or None, timeout=SECONDS
        )
        if response.status_code >= 400:
            try:
                errors = response.json()["errors"]
            except (ValueError, KeyError):
                errors = []
            raise RefusedByRedmine(response.status_code, errors)
        return response.json() if response.content.strip() else None

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, **params)

    def issue(self, ref: int) -> dict[str, Any]:
        """An issue with its history and the moves open to this user."""
        found: dict[str, Any] = self.get(
            f"/issues/{ref}.json", include="journals,attachments,allowed_statuses"
        )["issue"]
        return found

    def download(self, attachment: int) -> bytes:
        response = self._session.get(f"{self.url}/attachments/download/{attachment}", timeout=SECONDS)
        response.raise_for_status()
        return response.content

    def upload(self, filename: str, content: bytes) -> str:
        response = self._session.post(
            f"{self.url}/uploads.json",
            params={"filename": filename},
            data=content,
            headers={"Content-Type": "application/octet-stream"},
            timeout=SECONDS,
        )
        response.raise_for_status()
        token: str = response.json()["upload"]["token"]
        return token


class Desk:
    """One procedure's tickets as staff see them; fields and statuses by the mapping's names."""

    def __init__(self, api: Api, procedure: Procedure, keys: Mapping[str, int]) -> None:
        self.api = api
        self._procedure = procedure
        self._keys = keys

    def field_id(self, field: str) -> int:
        found = self._procedure.field(field)
        return self._keys[found.key if found else field]

    def status_id(self, name: str) -> int:
        return self._keys[status_key(name)]

    def status(self, issue: int) -> str:
        name: str = self.api.issue(issue)["status"]["name"]
        return name

    def moves(self, issue: int) -> set[str]:
        """The statuses this user may choose, the present one left out."""
        read = self.api.get(f"/issues/{issue}.json", include="allowed_statuses")["issue"]
        return {each["name"] for each in read["allowed_statuses"]} - {read["status"]["name"]}

    def value(self, issue: int, field: str) -> str:
        fields = {each["id"]: each["value"] for each in self.api.issue(issue)["custom_fields"]}
        value = fields.get(self.field_id(field))
        return str(value or "")

    def edit(
        self,
        issue: int,
        *,
        status: str | None = None,
        notes: str = "",
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        **attributes: Any,
    ) -> None:
        """What a person does with the edit form, in one go."""
        custom: list[dict[str, Any]] = [
            {"id": self.field_id(name), "value": value} for name, value in (fields or {}).items()
        ]
        for name, (filename, content) in (files or {}).items():
            custom.append({"id": self.field_id(name), "value": {"token": self.api.upload(filename, content)}})
        change: dict[str, Any] = {"custom_fields": custom, **attributes}
        if status is not None:
            change["status_id"] = self.status_id(status)
        if notes:
            change["notes"] = notes
        self.api.call("PUT", f"/issues/{issue}.json", {"issue": change})


def hire(admin: Api, organization: Organization, keys: Mapping[str, int]) -> dict[str, list[Person]]:
    """One person for every role with accounts (two for the first), in its group."""
    people: dict[str, list[Person]] = {}
    names = iter(NAMES)
    for position, role in enumerate(r for r in organization.roles if r.has_account):
        # who acts for a unit has the address that the directory knows
        official = organization.units[0].heads[0] if role.unit and organization.units else ""
        people[role.id] = [
            _person(
                admin, f"{organization.id}-{role.id}{suffix}", next(names), keys.get(role.group_key), official
            )
            for suffix in (("", "-2") if position == 0 else ("",))
        ]
    return people


def _person(admin: Api, login: str, name: str, group: int | None, official: str = "") -> Person:
    first, _, last = name.partition(" ")
    mail = official or f"{first.lower()}.{last.lower()}@{login.partition('-')[0]}.contoh.id"
    password = f"{login}-lokal"
    body = {
        "login": login,
        "firstname": first,
        "lastname": last,
        "mail": mail,
        "password": password,
        "language": "id",
        "mail_notification": "only_my_events",
    }
    made = admin.call("POST", "/users.json", {"user": body})["user"]
    if group is not None:
        admin.call("POST", f"/groups/{group}/users.json", {"user_id": made["id"]})
    key = made.get("api_key") or admin.get(f"/users/{made['id']}.json")["user"]["api_key"]
    return Person(made["id"], login, password, key, name, mail)


def wait_until(what: str, holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for something that the connector does by itself."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def keys_of(admin: Api) -> dict[str, int]:
    """The plugin's table of keys."""
    found: dict[str, int] = admin.get("/sop/info.json")["keys"]
    return found


def procedure_of(catalogue: Catalogue, key: str) -> Procedure:
    found = catalogue.by_key(key)
    if found is None:
        raise LookupError(key)
    return found
