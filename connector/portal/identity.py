"""Indonesian numbers of persons: are they of the structure that they should be? Pure.

NIK: six digits of the place, the day of birth (women: day + 40), a serial number (Permendagri 74/2015).
NIP: the day of birth, the month of appointment, the sex, a serial number (Peraturan Kepala BKN 22/2007); of a PPPK the
month is 21 or more, which counts the appointments.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from connector.sop.model import NIK, NIP, Identity

WOMEN = 40
#: Nobody is appointed as a child.
YOUNGEST = 15
#: The month stands at 13 and 14; a PPPK has the count of the appointment instead.
MONTHS = range(1, 13)
APPOINTMENTS = range(21, 30)


def digits_of(text: str) -> str:
    """The number without the blanks, dots and hyphens that people write into it."""
    return re.sub(r"[\s.\-/]", "", text)


def accepts(kinds: Iterable[Identity], number: str) -> bool:
    """Whether a number, as `digits_of` gives it, is one of these kinds."""
    return any(_is(kind, number) for kind in kinds)


def _is(kind: Identity, number: str) -> bool:
    if not re.fullmatch(kind.pattern, number, re.ASCII):
        return False
    structure = {NIK.id: is_nik, NIP.id: is_nip}.get(kind.id)
    return structure is None or structure(number)


def is_nik(number: str) -> bool:
    """Whether 16 digits can be a NIK: place, plausible day of birth, serial."""
    if not re.fullmatch(r"[1-9]\d{15}", number, re.ASCII) or number.endswith("0000"):
        return False
    day, month, year = int(number[6:8]), int(number[8:10]), int(number[10:12])
    day -= WOMEN if day > WOMEN else 0
    # of the year only two digits are written: it may be of this century or of the last
    return any(_day(century + year, month, day) for century in (1900, 2000))


def is_nip(number: str) -> bool:
    """Whether 18 digits can be a NIP: day of birth, appointment, sex, serial."""
    if not re.fullmatch(r"\d{18}", number, re.ASCII) or number.endswith("000"):
        return False
    born = _day(int(number[:4]), int(number[4:6]), int(number[6:8]))
    appointed, month, sex = int(number[8:12]), int(number[12:14]), number[14]
    if born is None or not 1900 <= born.year <= 2100 or sex not in "12":
        return False
    return born.year + YOUNGEST <= appointed <= 2100 and (month in MONTHS or month in APPOINTMENTS)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
