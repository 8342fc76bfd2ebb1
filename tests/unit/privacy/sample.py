"""An issue as the plugin gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NOTHING: Mapping[int, str] = {}


def body(
    *,
    issue: int = 42,
    fields: Mapping[int, str] = NOTHING,
    subject: str = "Permohonan",
    description: str = "",
    notes: Sequence[str] = (),
    changes: Sequence[tuple[str, str, str | None, str | None]] = (),
    files: Mapping[int, Mapping[int, str]] | None = None,
    attachments: Mapping[int, str] = NOTHING,
    descriptions: Mapping[int, str] = NOTHING,
    sender: Mapping[str, str] | None = None,
    origin: str = "portal",
    **data: Any,
) -> dict[str, Any]:
    """A ticket that ended. Journals are numbered from 11, the changes (in a journal of their own) from 21."""
    journals: list[dict[str, Any]] = [
        {"id": 11 + i, "notes": text, "details": []} for i, text in enumerate(notes)
    ]
    if changes:
        names = ("property", "prop_key", "old_value", "value")
        details = [{"id": 21 + i, **dict(zip(names, each, strict=True))} for i, each in enumerate(changes)]
        journals.append({"id": 19, "notes": "", "details": details})
    last = max((each["id"] for each in journals), default=0)
    state = {
        "procedure": "uji/layanan",
        "number": "UJI-2026-000001",
        "received": "2026-11-23T02:00:00Z",
        "origin": origin,
        "token_hash": "x",
        "ended": "selesai",
        "ended_at": "2026-12-01T02:00:00Z",
        **data,
    }

    def file(ref: int, name: str) -> dict[str, Any]:
        return {"id": ref, "filename": name, "description": descriptions.get(ref, ""), "digest": f"sha{ref}"}

    return {
        "issue": {
            "id": issue,
            "subject": subject,
            "description": description,
            "custom_fields": [{"id": ref, "value": text} for ref, text in fields.items()],
        },
        "journals": journals,
        "files": [
            {"field_id": field, **file(ref, name)}
            for field, held in (files or {}).items()
            for ref, name in held.items()
        ],
        "attachments": [file(ref, name) for ref, name in attachments.items()],
        "last_journal": last,
        "state": {"cursor": last, "version": 4, "data": state},
        "sender": sender,
    }
