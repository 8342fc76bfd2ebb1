"""Read a form that the mapping describes: every answer checked, every error beside its question. No Flask in here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

import puremagic

from connector.ports import Upload
from connector.sop.model import FieldDef, FieldType

#: Redmine takes no more than this either, unless its administrator allows it; `doctor` looks at that.
MAX_FILE_MB = 5
MAX_FILE = MAX_FILE_MB * 1024 * 1024
MAX_TEXT = 500
MAX_PARAGRAPH = 8000
#: One plain address; what mail servers everywhere take, and nothing that could be read as two.
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
PHONE = re.compile(r"[0-9+() -]{6,20}")
IDENTITY = re.compile(r"[0-9A-Za-z./-]{4,30}")
#: Kinds whose content can be told from their first bytes; a picture must be a picture.
TELLING = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".docx", ".odt", ".xlsx", ".zip"})
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
}
SAME = {".jpeg": {".jpg", ".jpeg", ".jfif"}, ".jpg": {".jpg", ".jpeg", ".jfif"}}


class SentFile(Protocol):
    """A file as the web server gives it."""

    filename: str | None

    def read(self, size: int = ...) -> bytes:
        """Some of its content."""


@dataclass(frozen=True)
class Answers:
    """What was sent, and what is wrong with it, by field id."""

    values: Mapping[str, str]
    uploads: tuple[Upload, ...]
    errors: Mapping[str, str]


NOTHING = Answers({}, (), {})


def read(
    fields: Iterable[FieldDef],
    texts: Mapping[str, str],
    files: Mapping[str, SentFile],
    *,
    optional: frozenset[str] = frozenset(),
) -> Answers:
    """Read the answers to these fields. Those in `optional` may be empty although the mapping requires them."""
    values: dict[str, str] = {}
    uploads: list[Upload] = []
    errors: dict[str, str] = {}
    for field in fields:
        required = field.required and field.id not in optional
        try:
            if field.type is FieldType.FILE:
                sent = files.get(field.id)
                uploads += [_file(field, sent)] if sent is not None and sent.filename else []
                if required and (sent is None or not sent.filename):
                    raise _Wrong("Pilih berkasnya.")
                continue
            value = _clean(texts.get(field.id, ""))
            values[field.id] = value
            if value:
                values[field.id] = _checked(field, value)
            elif required:
                raise _Wrong(EMPTY.get(field.type, "Isi kolom ini."))
        except _Wrong as wrong:
            errors[field.id] = str(wrong)
    return Answers(values, tuple(uploads), errors)


class _Wrong(Exception):  # noqa: N818 - said to the person who filled in the form
    pass


EMPTY = {
    FieldType.CHOICE: "Pilih salah satu.",
    FieldType.CONSENT: "Persetujuan diperlukan untuk memproses permohonan Anda.",
}


def _clean(text: str) -> str:
    """Line ends as one sign, and nothing that cannot be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= 32)


def _checked(field: FieldDef, value: str) -> str:
    longest = field.max_length or (MAX_PARAGRAPH if field.type is FieldType.PARAGRAPH else MAX_TEXT)
    if len(value) > longest:
        raise _Wrong(f"Terlalu panjang: paling banyak {longest} huruf, ini {len(value)}.")
    check = CHECKS.get(field.type)
    return check(field, value) if check is not None else value


def _choice(field: FieldDef, value: str) -> str:
    if value not in field.choices:
        raise _Wrong("Pilih salah satu dari daftar.")
    return value


def _date(_: FieldDef, value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise _Wrong("Tulis tanggal yang benar.") from None


def _number(_: FieldDef, value: str) -> str:
    if not re.fullmatch(r"-?\d{1,9}", value):
        raise _Wrong("Tulis angka bulat.")
    return str(int(value))


def _shaped(pattern: re.Pattern[str], message: str) -> Callable[[FieldDef, str], str]:
    def check(_: FieldDef, value: str) -> str:
        if not pattern.fullmatch(value):
            raise _Wrong(message)
        return value

    return check


def _one_line(_: FieldDef, value: str) -> str:
    return " ".join(value.split())


def _emails(_: FieldDef, value: str) -> str:
    addresses = [each.strip() for each in value.split(",")]
    if not all(EMAIL.fullmatch(each) for each in addresses):
        raise _Wrong("Tulis alamat email yang benar; pisahkan beberapa alamat dengan koma.")
    return ", ".join(addresses)


CHECKS: dict[FieldType, Callable[[FieldDef, str], str]] = {
    FieldType.TEXT: _one_line,
    FieldType.CHOICE: _choice,
    FieldType.DATE: _date,
    FieldType.NUMBER: _number,
    FieldType.EMAIL: _shaped(EMAIL, "Tulis alamat email yang benar, misalnya nama@kantor.go.id."),
    FieldType.EMAILS: _emails,
    FieldType.PHONE: _shaped(PHONE, "Tulis nomor telepon dengan angka, misalnya 0812 3456 7890."),
    FieldType.IDENTITY: _shaped(IDENTITY, "Tulis nomor identitas dengan angka, tanpa spasi."),
    FieldType.CONSENT: lambda _, value: "1" if value else "",
}


def _file(field: FieldDef, sent: SentFile) -> Upload:
    """A file of a kind the mapping accepts, whose content is what its name says."""
    name = PurePath((sent.filename or "").replace("\\", "/")).name[-150:]
    ending = PurePath(name).suffix.lower()
    if field.accept and ending not in field.accept:
        kinds = ", ".join(each.lstrip(".").upper() for each in field.accept)
        raise _Wrong(f"Jenis berkas ini tidak diterima. Yang diterima: {kinds}.")
    content = sent.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise _Wrong(f"Berkas terlalu besar: paling besar {MAX_FILE_MB} MB.")
    if not content:
        raise _Wrong("Berkas ini kosong.")
    if ending in TELLING and not _is(content, ending):
        raise _Wrong("Isi berkas tidak sesuai dengan jenisnya. Simpan ulang lalu unggah lagi.")
    return Upload(field.id, name, CONTENT_TYPES.get(ending, "application/octet-stream"), content)


def _is(content: bytes, ending: str) -> bool:
    try:
        found = {match.extension.lower() for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & SAME.get(ending, {ending}))
