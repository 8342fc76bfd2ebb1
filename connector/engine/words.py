"""Instants and limits as Indonesians write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
#: The three zones of Indonesia have names of their own, which the time zone database does not have.
ZONES = {dt.timedelta(hours=7): "WIB", dt.timedelta(hours=8): "WITA", dt.timedelta(hours=9): "WIT"}


def date_words(day: dt.date) -> str:
    """`Senin, 23 November 2026`."""
    return f"{DAYS[day.weekday()]}, {date_long(day)}"


def date_long(day: dt.date) -> str:
    """`23 November 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def instant_words(instant: dt.datetime, zone: ZoneInfo) -> str:
    """`Senin, 23 November 2026 pukul 16.00 WIB`."""
    local = instant.astimezone(zone)
    offset = local.utcoffset() or dt.timedelta(0)
    return f"{date_words(local.date())} pukul {local:%H.%M} {ZONES.get(offset, local.tzname() or '')}".strip()
