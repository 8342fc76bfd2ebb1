"""Where a requester's files go: a file field of Redmine holds one, so further ones become ordinary attachments."""

from __future__ import annotations

from collections.abc import Sequence

from connector.engine.effects import AttachFile, AttachMore, Effect
from connector.engine.snapshot import SubmittedFile
from connector.sop.model import FieldDef


def attached(fields: Sequence[FieldDef], files: Sequence[SubmittedFile]) -> tuple[Effect, ...]:
    """The effects for the files of these fields; of others nothing is taken."""
    known = {field.id: field for field in fields}
    seen: set[str] = set()
    found: list[Effect] = []
    for file in files:
        field = known.get(file.field)
        if field is None:
            continue
        if file.field in seen:
            found.append(AttachMore(label=field.label, file=file))
        else:
            found.append(AttachFile(field=field.key, file=file))
        seen.add(file.field)
    return tuple(found)
