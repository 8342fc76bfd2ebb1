"""One answer, by the type of its field: made clean, or refused in words that say how to mend it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from connector.portal.identity import accepts, digits_of
from connector.portal.language import gettext as _
from connector.portal.language import plain
from connector.sop.model import FieldDef, FieldType

MAX_TEXT = 500
MAX_PARAGRAPH = 8000
#: One plain address; what mail servers everywhere take, and nothing that could be read as two.
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
#: RFC 5321, 4.5.3.1
LONGEST_EMAIL = 254
#: With an office's extension: «pesawat 12», «ext. 12».
PHONE = re.compile(
    r"(?P<number>\+?[0-9() .\-]{5,24}?)\s*(?:(?:ext|ekst|pes|pesawat)\.?\s*(?P<extension>\d{1,6}))?",
    re.IGNORECASE,
)
#: After the country code: a land line has 7 digits or more with its area, a mobile phone 9 to 12.
NATIONAL = re.compile(r"[2-9]\d{6,11}")
ABROAD = re.compile(r"[1-9]\d{6,14}")
COUNTRY = "62"


class WrongError(Exception):
    """Said to the person who filled in the form."""


def clean(text: str) -> str:
    """Line ends as one sign, and nothing that cannot be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= 32)


def checked(field: FieldDef, value: str) -> str:
    """The answer as it is kept.

    Raises:
        WrongError: with what is wrong with it, and how to mend it.
    """
    longest = field.max_length or (MAX_PARAGRAPH if field.type is FieldType.PARAGRAPH else MAX_TEXT)
    if len(value) > longest:
        raise WrongError(
            _(
                "Terlalu panjang: paling banyak %(most)d huruf, ini %(count)d.",
                most=longest,
                count=len(value),
            )
        )
    check = CHECKS.get(field.type)
    return check(field, value) if check is not None else value


def missing(kind: FieldType) -> str:
    """What is said where an answer is needed and there is none."""
    match kind:
        case FieldType.CHOICE:
            return _("Pilih salah satu.")
        case FieldType.CONSENT:
            return _("Persetujuan diperlukan untuk memproses permohonan Anda.")
        case FieldType.FILE:
            return _("Pilih berkasnya.")
        case _:
            return _("Isi kolom ini.")


def is_email(value: str) -> bool:
    """Whether it is one plain address."""
    return len(value) <= LONGEST_EMAIL and EMAIL.fullmatch(value) is not None


def _choice(field: FieldDef, value: str) -> str:
    if value not in field.choices:
        raise WrongError(_("Pilih salah satu dari daftar."))
    return value


def _date(_field: FieldDef, value: str) -> str:
    """As browsers send it, or as Indonesians write it where the browser has no calendar."""
    written = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", value, re.ASCII)
    try:
        if written:
            return dt.date(int(written[3]), int(written[2]), int(written[1])).isoformat()
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise WrongError(_("Tulis tanggal yang benar, misalnya 31/12/2026.")) from None


def _number(_field: FieldDef, value: str) -> str:
    if not re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
        raise WrongError(_("Tulis angka bulat."))
    return str(int(value))


def _email(_field: FieldDef, value: str) -> str:
    if not is_email(value):
        raise WrongError(_("Tulis alamat email yang benar, misalnya nama@kantor.go.id."))
    return value


def _emails(_field: FieldDef, value: str) -> str:
    addresses = [each.strip() for each in value.split(",")]
    if not all(is_email(each) for each in addresses):
        raise WrongError(_("Tulis alamat email yang benar; pisahkan beberapa alamat dengan koma."))
    return ", ".join(addresses)


def _one_line(_field: FieldDef, value: str) -> str:
    return " ".join(value.split())


def _phone(_field: FieldDef, value: str) -> str:
    """`0812 3456 7890`, `62812…` and `+62 812…` are all `+6281234567890`; a number from abroad keeps its country."""
    found = PHONE.fullmatch(value)
    number = phone_number(found["number"]) if found else None
    if found is None or number is None:
        raise WrongError(_("Tulis nomor telepon dengan angka, misalnya 0812 3456 7890."))
    return f"{number} ext {found['extension']}" if found["extension"] else number


def phone_number(written: str) -> str | None:
    """A telephone number with its country; None if it is none."""
    digits = re.sub(r"\D", "", written)
    if digits.startswith("0"):
        national = digits[1:]
    elif digits.startswith(COUNTRY):
        # some write +62 and the 0 as well
        national = digits.removeprefix(COUNTRY).removeprefix("0")
    else:
        return f"+{digits}" if written.lstrip().startswith("+") and ABROAD.fullmatch(digits) else None
    return f"+{COUNTRY}{national}" if NATIONAL.fullmatch(national) else None


def _identity(field: FieldDef, value: str) -> str:
    number = digits_of(value)
    if not accepts(field.accepted, number):
        raise WrongError(_("Nomor ini belum benar. Tulis %(kinds)s.", kinds=identity_words(field)))
    return number


def identity_words(field: FieldDef) -> str:
    """`NIM (10 angka), NIP (18 angka), atau NIK (16 angka)`."""
    kinds = [
        plain(kind, "name") + (f" ({plain(kind, 'hint')})" if kind.hint else "") for kind in field.accepted
    ]
    if len(kinds) < 2:
        return "".join(kinds)
    last = _("atau %(last)s", last=kinds[-1])
    return f"{', '.join(kinds[:-1])}{',' if len(kinds) > 2 else ''} {last}"


CHECKS: dict[FieldType, Callable[[FieldDef, str], str]] = {
    FieldType.TEXT: _one_line,
    FieldType.CHOICE: _choice,
    FieldType.DATE: _date,
    FieldType.NUMBER: _number,
    FieldType.EMAIL: _email,
    FieldType.EMAILS: _emails,
    FieldType.PHONE: _phone,
    FieldType.IDENTITY: _identity,
    FieldType.CONSENT: lambda _, value: "1" if value else "",
}
