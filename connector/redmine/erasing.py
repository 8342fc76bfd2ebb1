"""Redmine's history overwritten, with an administrator's key; only while `anonymize` runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import NotFoundError
from connector.redmine.gateway import RedmineGateway


class ErasingGateway(RedmineGateway):
    """Implements `connector.privacy.service.Erasing`. The key is an administrator's."""

    def body(self, issue: int) -> Mapping[str, Any] | None:
        """An issue as the plugin gives it; None if it is gone."""
        try:
            return self._get(f"/sop/issues/{issue}.json")
        except NotFoundError:
            return None

    def ids(self) -> Mapping[str, int]:
        """Redmine's ids by key."""
        return self._known().ids

    def erase(self, issue: int, request: Mapping[str, Any]) -> None:
        """Overwrite, all or nothing.

        Raises:
            ConflictError: the issue changed since it was read.
            RefusedError: something in the request is not of this issue.
        """
        self._post(f"/sop/issues/{issue}/erase.json", request)
