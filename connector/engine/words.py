"""Instants and limits as Indonesians write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from connector.engine.calendar import WorkCalendar

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


def work_words(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> str:
    """The working time from `start` to `end`: `2 hari kerja 3 jam`, `3 jam 20 menit`; empty for less than a minute.

    A working day is over at the hour of `start` on the next day that is worked, however long these days are.
    """
    days, mark = 0, start.astimezone(calendar.zone)
    while (later := _next_day(calendar, mark)) <= end:
        days, mark = days + 1, later
    hours, minutes = divmod(int(calendar.between(mark, end).total_seconds()) // 60, 60)
    parts = [(days, "hari kerja"), (hours, "jam"), (minutes if not days else 0, "menit")]
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount)


def _next_day(calendar: WorkCalendar, mark: dt.datetime) -> dt.datetime:
    """The same hour on the next day that is worked."""
    day = mark.date() + dt.timedelta(1)
    while not calendar.hours(day):
        day += dt.timedelta(1)
    return dt.datetime.combine(day, mark.timetz().replace(tzinfo=None), calendar.zone)
