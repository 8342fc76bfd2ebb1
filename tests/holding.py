"""Files in the store as a form leaves them there."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable

from connector.ports import Store, Upload

LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def upload(field: str, name: str, content_type: str, content: bytes) -> Upload:
    return Upload(field, name, content_type, io.BytesIO(content))


def hold(store: Store, key: str, uploads: Iterable[Upload], until: dt.datetime = LATER) -> list[str]:
    """Hold files for a form; their refs."""
    return [store.files.hold(key, each, until=until).ref for each in uploads]


def content(store: Store, ref: str) -> bytes | None:
    found = store.files.open(ref)
    return None if found is None else found.read()
