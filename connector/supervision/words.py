"""Working time and instants as a supervisor reads them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from connector.engine.words import DAYS, MONTHS, ZONES, date_words

HOUR = 60


def hours_words(work: dt.timedelta) -> str:
    """A working time without a beginning: `13,5 jam`, `40 menit`."""
    minutes = round(work.total_seconds() / 60)
    if minutes < HOUR:
        return f"{minutes} menit"
    return f"{minutes / HOUR:.1f}".removesuffix(".0").replace(".", ",") + " jam"


def moment_words(instant: dt.datetime, zone: ZoneInfo, now: dt.datetime) -> str:
    """`Senin 23 Nov pukul 16.00 WIB`; with the year if it is not this one."""
    local = instant.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    offset = local.utcoffset() or dt.timedelta(0)
    return (
        f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1][:3]}{year} "
        f"pukul {local:%H.%M} {ZONES.get(offset, local.tzname() or '')}"
    ).strip()


def days_words(days: Sequence[dt.date]) -> str:
    """`Senin, 23 November 2026`; of several the first and the last, and how many there are."""
    if len(days) == 1:
        return date_words(days[0])
    joined = " dan " if len(days) == 2 else " sampai "
    words = f"{date_words(days[0])}{joined}{date_words(days[-1])}"
    return words if len(days) == 2 else f"{words} ({len(days)} kali)"
