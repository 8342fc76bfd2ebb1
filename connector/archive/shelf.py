"""Where archives are kept outside of Redmine: a folder, or whatever else fsspec knows (`s3://…`)."""

from __future__ import annotations

from typing import Any

import fsspec

from connector.errors import TransientError

#: The setting by which archives are attached to their issues.
REDMINE = "redmine"


class Shelf:
    """Keeps files under a name; a name is written once or again with the same content."""

    def __init__(self, url: str, setting: str) -> None:
        self._url, self._setting = url, setting

    def put(self, name: str, content: bytes) -> str:
        """Keep a file; gives its address. It is there whole or not at all.

        Raises:
            TransientError: the store cannot be written to.
        """
        try:
            store: Any
            store, root = fsspec.core.url_to_fs(self._url)
            path = f"{root}/{name}"
            store.makedirs(path.rpartition("/")[0], exist_ok=True)
            store.pipe_file(f"{path}.sebagian", content)
            store.mv(f"{path}.sebagian", path)
            return str(store.unstrip_protocol(path))
        except (OSError, ValueError, ImportError) as error:
            # the address may hold a password, and the error may hold the address
            raise TransientError(f"{self._setting} tidak dapat ditulisi ({type(error).__name__})") from None


def shelf(url: str, setting: str = "SOP_ARCHIVE_URL") -> Shelf | None:
    """The store of an address, which is that of a `setting`; None: Redmine."""
    return Shelf(url, setting) if url not in ("", REDMINE) else None
