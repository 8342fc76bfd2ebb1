"""Files that people send: of a kind that is asked for, with the content that their name says, and not too large."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath
from typing import BinaryIO, Protocol, cast

import puremagic

from connector.portal.checks import WrongError
from connector.portal.language import gettext as _
from connector.portal.language import ngettext
from connector.ports import Upload
from connector.sop.model import FieldDef

MB = 1024 * 1024
#: Kinds whose content can be told from their first bytes; a picture must be a picture.
TELLING = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".webp", ".docx", ".odt", ".xlsx", ".zip"})
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".zip": "application/zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
}
JPEG = frozenset({".jpg", ".jpeg", ".jfif"})
SAME = {".jpeg": JPEG, ".jpg": JPEG}
#: Office files are archives; what is inside tells them from any other.
INSIDE = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml", ".odt": "content.xml"}
#: Where they hold programs (macros); a file whose name promises none has none.
PROGRAM = "vbaproject.bin"
LONGEST_NAME = 150


class SentFile(Protocol):
    """A file as the web server gives it: on disk when it is large."""

    @property
    def filename(self) -> str | None:
        """Its name on the sender's computer; none if there is no file."""

    @property
    def stream(self) -> object:
        """Its content, which can be read again."""


def limit_of(field: FieldDef, most: int) -> int:
    """How large a file of this field may be, in MB: what the mapping says, within what the server takes."""
    return min(field.max_mb or most, most)


def kinds_of(field: FieldDef) -> str:
    """`PDF, JPG, PNG`."""
    return ", ".join(each.lstrip(".").upper() for each in field.accept)


def hint(field: FieldDef, most: int) -> str:
    """What a file may be, in words below its question."""
    size = _("paling besar %(size)d MB", size=limit_of(field, most))
    if field.max_files > 1:
        size = _("paling besar %(size)d MB masing-masing", size=limit_of(field, most))
        count = ngettext("paling banyak %(num)d berkas", "paling banyak %(num)d berkas", field.max_files)
        size = f"{count}, {size}"
    return f"{kinds_of(field)}; {size}." if field.accept else f"{size[:1].upper()}{size[1:]}."


def too_many(field: FieldDef) -> str:
    """What is said about more files than a field takes."""
    return ngettext(
        "Paling banyak %(num)d berkas. Lepas yang tidak perlu, lalu pilih lagi.",
        "Paling banyak %(num)d berkas. Lepas yang tidak perlu, lalu pilih lagi.",
        field.max_files,
    )


def judged(field: FieldDef, sent: SentFile, most: int) -> Upload:
    """The file as it is kept.

    Raises:
        WrongError: with what is wrong with it, and how to mend it.
    """
    name = name_of(sent)
    ending = PurePath(name).suffix.lower()
    if field.accept and ending not in field.accept:
        raise WrongError(
            _("Jenis berkas ini tidak diterima. Yang diterima: %(kinds)s.", kinds=kinds_of(field))
        )
    stream = cast("BinaryIO", sent.stream)
    size = stream.seek(0, io.SEEK_END)
    if size > limit_of(field, most) * MB:
        raise WrongError(_("Berkas terlalu besar: paling besar %(size)d MB.", size=limit_of(field, most)))
    if not size:
        raise WrongError(_("Berkas ini kosong."))
    if ending in TELLING and not _is(stream, ending):
        raise WrongError(_("Isi berkas tidak sesuai dengan jenisnya. Simpan ulang lalu unggah lagi."))
    stream.seek(0)
    return Upload(field.id, name, CONTENT_TYPES.get(ending, "application/octet-stream"), stream)


def name_of(sent: SentFile) -> str:
    """The name of a file without any folder, and without what cannot be seen or is taken for something else."""
    name = PurePath((sent.filename or "").replace("\\", "/")).name
    visible = "".join(sign for sign in name if sign.isprintable())
    stem, ending = PurePath(visible).stem, PurePath(visible).suffix
    return stem[: LONGEST_NAME - len(ending)] + ending[:LONGEST_NAME]


def chosen(sent: Sequence[SentFile]) -> tuple[SentFile, ...]:
    """Those that are files: a field that was left empty sends one without a name."""
    return tuple(each for each in sent if each.filename)


def _is(stream: BinaryIO, ending: str) -> bool:
    if ending in INSIDE:
        return _holds(stream, INSIDE[ending])
    stream.seek(0)
    try:
        found = {match.extension.lower() for match in puremagic.magic_stream(stream)}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & SAME.get(ending, frozenset({ending})))


def _holds(stream: BinaryIO, part: str) -> bool:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            return part in names and not any(name.casefold().endswith(PROGRAM) for name in names)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
