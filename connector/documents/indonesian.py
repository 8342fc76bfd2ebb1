"""Numbers and dates spelled out, as official Indonesian documents have them. Pure."""

from __future__ import annotations

import datetime as dt

from connector.engine.words import MONTHS

UNITS = (
    *("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    *("sepuluh", "sebelas"),
)
#: From large to small: the size, its word, and the word for one of it (`seribu`, but `satu juta`).
SCALES = (
    (1_000_000_000, "miliar", "satu miliar"),
    (1_000_000, "juta", "satu juta"),
    (1_000, "ribu", "seribu"),
    (100, "ratus", "seratus"),
    (10, "puluh", "sepuluh"),
)
LARGEST = 10**12 - 1


def spelled(number: int) -> str:
    """A whole number in words: 21 is `dua puluh satu`, 1017 is `seribu tujuh belas`."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} di luar 0 sampai {LARGEST}")
    if number < len(UNITS):
        return UNITS[number]
    if number < 20:
        return f"{UNITS[number - 10]} belas"
    size, word, one = next(scale for scale in SCALES if number >= scale[0])
    count, rest = divmod(number, size)
    head = one if count == 1 else f"{spelled(count)} {word}"
    return f"{head} {spelled(rest)}" if rest else head


def date_spelled(day: dt.date) -> str:
    """`dua puluh satu bulan November tahun dua ribu dua puluh enam`."""
    return f"{spelled(day.day)} bulan {MONTHS[day.month - 1]} tahun {spelled(day.year)}"


def date_short(day: dt.date) -> str:
    """`21-11-2026`."""
    return f"{day:%d-%m-%Y}"
