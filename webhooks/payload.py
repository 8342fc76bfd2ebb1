"""What a webhook of Redmine 7.0 says: which issue to look at. Nothing else of it is believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connector.errors import PermanentError

KINDS = frozenset({"issue.created", "issue.updated", "issue.deleted"})


class PayloadError(PermanentError):
    """The body is not a webhook of Redmine."""


@dataclass(frozen=True)
class Hint:
    """Look at this issue."""

    kind: str
    issue: int


def parse(body: bytes) -> Hint | None:
    """The hint in a body; None for a kind of event that is not about issues.

    Raises:
        PayloadError: not UTF-8, not JSON, or not of the shape that Redmine sends.
    """
    try:
        data = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise PayloadError("isi bukan UTF-8") from None
    except (ValueError, RecursionError):
        raise PayloadError("isi bukan JSON") from None
    kind = data.get("type") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        raise PayloadError("kunci «type» tidak ada")
    if kind not in KINDS:
        return None
    return Hint(kind=kind, issue=_issue(data))


def _issue(data: dict[str, Any]) -> int:
    inner = data.get("data")
    issue = inner.get("issue") if isinstance(inner, dict) else None
    ref = issue.get("id") if isinstance(issue, dict) else None
    if not isinstance(ref, int) or isinstance(ref, bool) or not 0 < ref < 2**31:
        raise PayloadError("kunci «data.issue.id» tidak ada")
    return ref
