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
    return f"{date_words(local.date())} pukul {local:%H.%M} {zone_name(local, zone)}".strip()


def zone_name(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """`WIB`, `WITA` or `WIT`; elsewhere what the time zone database says."""
    local = instant.astimezone(zone)
    return ZONES.get(local.utcoffset() or dt.timedelta(0), local.tzname() or "")


def short_date_words(day: dt.date) -> str:
    """`Sen, 23 Nov 2026`, for columns."""
    return f"{DAYS[day.weekday()][:3]}, {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def moment_words(instant: dt.datetime, zone: ZoneInfo) -> str:
    """`Sen, 23 Nov 2026 16.00`, where the zone is told elsewhere."""
    local = instant.astimezone(zone)
    return f"{short_date_words(local.date())} {local:%H.%M}"


def duration_words(minutes: int) -> str:
    """`2 jam 10 menit`: working time has no days, for these are not all of the same length."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} jam" if hours else "", f"{rest} menit" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def elapsed_words(elapsed: dt.timedelta) -> str:
    """`1 hari 3 jam`, by the clock on the wall; the smaller of two units is rounded down."""
    minutes = int(elapsed.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "hari"), (hours, "jam"), (0 if days else rest, "menit"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "kurang dari 1 menit"


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
