"""Archives as files: how they are written, and what is wrong with one."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from connector.archive.contents import FORMAT, MANIFEST, Item
from connector.documents.renderer import TypstRenderer
from connector.errors import DocumentError

TEMPLATE = "arsip"
#: The earliest that a ZIP can say.
FIXED = (1980, 1, 1, 0, 0, 0)


class UnreadableError(DocumentError):
    """No archive of ours, or too damaged to be read."""


def zipped(items: Sequence[Item]) -> bytes:
    """The ZIP: the same items give the same bytes, whichever library packs them, for nothing is compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for each in sorted(items, key=lambda each: each.path):
            entry = zipfile.ZipInfo(each.path, FIXED)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, each.content)
    return target.getvalue()


def sheet(items: Sequence[Item], facts: Iterable[tuple[str, str]], templates: Path, at: dt.datetime) -> bytes:
    """The PDF/A-3: a list of contents, with every item embedded. `templates` is the folder of all templates.

    Raises:
        DocumentError: it cannot be set.
    """
    with tempfile.TemporaryDirectory(prefix="arsip-") as folder:
        root = Path(folder)
        shutil.copy(templates / "archive" / f"{TEMPLATE}.typ", root)
        for number, each in enumerate(items):
            (root / str(number)).write_bytes(each.content)
        data = {
            "facts": [list(each) for each in facts],
            "items": [
                {
                    "path": each.path,
                    "title": each.title,
                    "type": each.content_type,
                    "size": f"{len(each.content):,}".replace(",", "."),
                    "sha256": each.sha256,
                }
                for each in items
            ],
        }
        return TypstRenderer(root, templates / "documents" / "fonts").render(TEMPLATE, data, now=at)


def check(content: bytes) -> list[str]:
    """What differs, is missing or is extra, by name; empty: the archive is whole.

    Raises:
        UnreadableError: it is no archive of ours.
    """
    packed = _unzipped(content) if content.startswith(b"PK") else _embedded(content)
    names = Counter(name for name, _ in packed)
    found = dict(packed)
    if MANIFEST not in found:
        raise UnreadableError(f"tidak ada {MANIFEST}; ini bukan arsip tiket")
    said = _said(found[MANIFEST])
    findings = []
    for path, sha256 in sorted(said.items()):
        if path not in found:
            findings.append(f"hilang: {path}")
        elif hashlib.sha256(found[path]).hexdigest() != sha256:
            findings.append(f"berubah: {path}")
    findings += [f"tidak dikenal: {path}" for path in sorted(set(found) - set(said) - {MANIFEST})]
    return findings + [f"ganda: {path}" for path, count in sorted(names.items()) if count > 1]


def manifest(content: bytes) -> dict[str, Any]:
    """The manifest of an archive.

    Raises:
        UnreadableError: it has none.
    """
    packed = dict(_unzipped(content) if content.startswith(b"PK") else _embedded(content))
    if MANIFEST not in packed:
        raise UnreadableError(f"tidak ada {MANIFEST}; ini bukan arsip tiket")
    _said(packed[MANIFEST])
    read: dict[str, Any] = json.loads(packed[MANIFEST])
    return read


def _said(content: bytes) -> dict[str, str]:
    """SHA-256 by path, as the manifest says."""
    try:
        read = json.loads(content)
        if read["format"] != FORMAT:
            raise UnreadableError(f"arsip ini berformat {read['format']}; yang dikenal hanya {FORMAT}")
        return {str(each["path"]): str(each["sha256"]) for each in read["files"]}
    except (ValueError, KeyError, TypeError):
        raise UnreadableError(f"{MANIFEST} tidak dapat dibaca") from None


def _unzipped(content: bytes) -> list[tuple[str, bytes]]:
    """Every entry; one whose checksum is wrong is as empty as a changed one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [(entry.filename, _entry(archive, entry)) for entry in archive.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableError(f"berkas ZIP rusak ({type(error).__name__})") from None


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, EOFError, RuntimeError):
        return b""


def _embedded(content: bytes) -> list[tuple[str, bytes]]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        return [(name, each) for name, every in reader.attachments.items() for each in every]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"berkas PDF rusak atau bukan PDF ({type(error).__name__})") from None
