"""The offices' calendars as shipped: hours, the free days of the decree, and hard cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connector.calendars import free_days, work_calendar
from connector.engine.calendar import WorkCalendar
from connector.settings import ROOT
from connector.sop.loader import load
from connector.sop.model import WEEKDAYS, CalendarDef, Limit

WIB = dt.timezone(dt.timedelta(hours=7))
PROFILES = ("unj", "jabar", "bunghatta")
DEFINITIONS = {each.id: each.calendar for each in load(ROOT / "sop_mappings").organizations}
SHIPPED = {name: work_calendar(definition) for name, definition in DEFINITIONS.items()}


def at(text: str, zone: dt.tzinfo = WIB) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def days(text: str) -> set[dt.date]:
    return {dt.date.fromisoformat(f"2026-{each}") for each in text.split()}


# as shipped ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_the_hours_of_every_organization(profile: str) -> None:
    """Monday to Friday 08.00 to 16.00 WIB, break 12.00 to 13.00, on Fridays 11.30 to 13.00."""
    definition = DEFINITIONS[profile]
    usual, friday = ["08:00-12:00", "13:00-16:00"], ["08:00-11:30", "13:00-16:00"]
    assert definition.timezone == "Asia/Jakarta"
    assert {day: [str(each) for each in hours] for day, hours in definition.hours.items()} == {
        **dict.fromkeys(WEEKDAYS[:4], usual),
        "jumat": friday,
    }
    assert definition.national_holidays
    assert definition.cuti_bersama


# Keputusan Bersama Menteri Agama, Menteri Ketenagakerjaan, dan Menteri PANRB Nomor 1497, 2, dan 5 Tahun 2025 tentang
# Hari Libur Nasional dan Cuti Bersama Tahun 2026 (19 September 2025):
# https://www.kemenkopmk.go.id/pemerintah-tetapkan-17-hari-libur-nasional-dan-8-hari-cuti-bersama-tahun-2026
HOLIDAYS_2026 = {
    "2026-01-01": "Tahun Baru Masehi",
    "2026-01-16": "Isra Mikraj Nabi Muhammad",
    "2026-02-17": "Tahun Baru Imlek",
    "2026-03-19": "Hari Suci Nyepi",
    "2026-03-21": "Hari Raya Idul Fitri",
    "2026-03-22": "Hari kedua dari Hari Raya Idul Fitri",
    "2026-04-03": "Wafat Yesus Kristus",
    "2026-04-05": "Kebangkitan Yesus Kristus",
    "2026-05-01": "Hari Buruh Internasional",
    "2026-05-14": "Kenaikan Yesus Kristus",
    "2026-05-27": "Hari Raya Idul Adha",
    "2026-05-31": "Hari Raya Waisak",
    "2026-06-01": "Hari Lahir Pancasila",
    "2026-06-16": "Tahun Baru Islam",
    "2026-08-17": "Hari Kemerdekaan Republik Indonesia",
    "2026-08-25": "Maulid Nabi Muhammad",
    "2026-12-25": "Hari Raya Natal",
}
CUTI_BERSAMA_2026 = {
    "2026-02-16": "Cuti Bersama Tahun Baru Imlek",
    "2026-03-18": "Cuti Bersama Hari Suci Nyepi",
    "2026-03-20": "Cuti Bersama Hari Raya Idul Fitri",
    "2026-03-23": "Cuti Bersama Hari Raya Idul Fitri",
    "2026-03-24": "Cuti Bersama Hari Raya Idul Fitri",
    "2026-05-15": "Cuti Bersama Kenaikan Yesus Kristus",
    "2026-05-28": "Cuti Bersama Hari Raya Idul Adha",
    "2026-12-24": "Cuti Bersama Hari Raya Natal",
}


def test_2026_is_as_decreed_date_by_date() -> None:
    known = free_days(DEFINITIONS["unj"], 2026)
    assert {day.isoformat(): name for day, name in known.public.items()} == HOLIDAYS_2026
    assert {day.isoformat(): name for day, name in (known.collective or {}).items()} == CUTI_BERSAMA_2026
    assert known.estimated == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_every_day_of_2026_is_worked_unless_the_decree_or_the_weekend_forbids_it(profile: str) -> None:
    decreed = {dt.date.fromisoformat(day) for day in (*HOLIDAYS_2026, *CUTI_BERSAMA_2026)}
    year = [dt.date(2026, 1, 1) + dt.timedelta(number) for number in range(365)]
    worked = [day for day in year if day.weekday() < 5 and day not in decreed]
    assert [day for day in year if SHIPPED[profile].hours(day)] == worked
    # 261 weekdays, of which 13 holidays and all 8 days of cuti bersama
    assert len(worked) == 240


# by hand ------------------------------------------------------------------------------------------------------

HARD = [
    # a minute before closing: a minute is left today, the second one is tomorrow's first
    ("2026-11-23T15:59", "1 menit", "2026-11-23T16:00"),
    ("2026-11-23T15:59", "2 menit", "2026-11-24T08:01"),
    ("2026-11-20T15:59", "15 menit", "2026-11-23T08:14"),
    # at closing time and at midnight nothing of the day is left
    ("2026-11-20T16:00", "15 menit", "2026-11-23T08:15"),
    ("2026-11-23T00:00", "15 menit", "2026-11-23T08:15"),
    # the break of Friday is half an hour longer
    ("2026-11-19T11:45", "30 menit", "2026-11-19T13:15"),
    ("2026-11-20T11:20", "30 menit", "2026-11-20T13:20"),
    ("2026-11-20T11:45", "30 menit", "2026-11-20T13:30"),
    # an hour is sixty worked minutes; a day has seven hours, Friday six and a half
    ("2026-11-23T08:00", "7 jam", "2026-11-23T16:00"),
    ("2026-11-20T08:00", "7 jam", "2026-11-23T08:30"),
    ("2026-11-20T08:00", "24 jam", "2026-11-25T11:30"),
    # a limit that ends with the day ends at closing, not at the next opening
    ("2026-11-20T15:00", "1 jam", "2026-11-20T16:00"),
    ("2026-11-23T11:00", "1 jam", "2026-11-23T12:00"),
    # the day of receipt is not counted, whenever in the day it was
    ("2026-11-23T00:00", "1 hari kerja", "2026-11-24T16:00"),
    ("2026-11-23T07:00", "1 hari kerja", "2026-11-24T16:00"),
    ("2026-11-23T15:59", "1 hari kerja", "2026-11-24T16:00"),
    ("2026-11-23T23:59", "1 hari kerja", "2026-11-24T16:00"),
    ("2026-11-20T15:59", "1 hari kerja", "2026-11-23T16:00"),
    ("2026-11-21T10:00", "1 hari kerja", "2026-11-23T16:00"),
    ("2026-11-22T23:59", "1 hari kerja", "2026-11-23T16:00"),
    ("2026-11-23T00:00", "1 hari", "2026-11-24T16:00"),
    ("2026-11-20T09:00", "7 hari", "2026-12-01T16:00"),
    # Nyepi and Idul Fitri: from 18 to 24 March nobody works
    ("2026-03-17T15:59", "1 menit", "2026-03-17T16:00"),
    ("2026-03-17T15:59", "2 menit", "2026-03-25T08:01"),
    ("2026-03-17T15:59", "1 hari kerja", "2026-03-25T16:00"),
    ("2026-03-18T10:00", "1 hari kerja", "2026-03-25T16:00"),
    ("2026-03-21T10:00", "3 hari kerja", "2026-03-27T16:00"),
    ("2026-03-16T10:00", "3 hari kerja", "2026-03-26T16:00"),
    # Wafat Yesus Kristus is a Friday, Paskah a Sunday, which costs nobody a day
    ("2026-04-02T12:30", "1 hari kerja", "2026-04-06T16:00"),
    # four days at a stretch in May: 14 (Thursday), 15, Saturday, Sunday
    ("2026-05-13T15:30", "1 jam", "2026-05-18T08:30"),
    # Christmas after cuti bersama, and the turn of the year
    ("2026-12-23T16:30", "2 hari kerja", "2026-12-29T16:00"),
    ("2026-12-31T15:30", "1 jam", "2027-01-04T08:30"),
    # a week: the same weekday; where it is off, the next day that is worked
    ("2026-11-23T09:00", "1 minggu", "2026-11-30T16:00"),
    ("2026-11-21T09:00", "1 minggu", "2026-11-30T16:00"),
    ("2026-03-12T09:00", "1 minggu", "2026-03-25T16:00"),
    # a month: the same day of the month, or its last; where it is off, the next day that is worked
    ("2026-01-15T09:00", "1 bulan", "2026-02-18T16:00"),
    ("2026-02-20T09:00", "1 bulan", "2026-03-25T16:00"),
    ("2026-01-31T09:00", "1 bulan", "2026-03-02T16:00"),
    ("2028-01-31T09:00", "1 bulan", "2028-02-29T16:00"),
    ("2026-11-30T09:00", "3 bulan", "2027-03-01T16:00"),
    ("2026-12-15T09:00", "12 bulan", "2027-12-15T16:00"),
]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("start", "limit", "due"), HARD)
def test_hard_cases(profile: str, start: str, limit: str, due: str) -> None:
    assert SHIPPED[profile].due(at(start), Limit.model_validate(limit)) == at(due)


# as an office may change it -----------------------------------------------------------------------------------


def calendar(**changes: Any) -> WorkCalendar:
    return work_calendar(CalendarDef.model_validate({**DEFINITIONS["unj"].model_dump(), **changes}))


def worked(known: WorkCalendar, text: str) -> dict[str, bool]:
    return {day: bool(known.hours(dt.date.fromisoformat(f"2026-{day}"))) for day in text.split()}


def test_a_decree_replaces_the_cuti_bersama_of_its_year_and_leaves_the_rest() -> None:
    known = calendar(
        decrees=[
            {
                "year": 2026,
                "name": "SKB perubahan",
                "cuti_bersama": [{"date": "2026-03-23", "last": "2026-03-25", "name": "Idul Fitri"}],
            }
        ]
    )
    off = worked(known, "02-16 03-18 03-19 03-20 03-23 03-24 03-25 03-26 12-24 12-25")
    assert [day for day, there in off.items() if not there] == ["03-19", "03-23", "03-24", "03-25", "12-25"]
    assert known.free_day(dt.date(2026, 3, 25)) == "Idul Fitri (SKB perubahan)"
    assert known.free_day(dt.date(2025, 12, 26)) == "Cuti Bersama Hari Raya Natal"


def test_a_decree_gives_a_year_what_is_not_built_in() -> None:
    cuti = [{"date": "2028-12-26", "name": "Natal"}]
    before, after = calendar(), calendar(decrees=[{"year": 2028, "name": "SKB 2027", "cuti_bersama": cuti}])
    start, limit = at("2028-12-22T09:00"), Limit.model_validate("1 hari kerja")
    assert before.due(start, limit) == at("2028-12-26T16:00")
    assert after.due(start, limit) == at("2028-12-27T16:00")
    assert after.special(at("2028-12-26T00:00"), at("2028-12-27T16:00")).free == (
        (dt.date(2028, 12, 26), "Natal (SKB 2027)"),
    )


def test_a_decree_of_holidays_replaces_those_of_its_year() -> None:
    holidays = [{"date": "2027-03-11", "last": "2027-03-12", "name": "Idul Fitri"}]
    definition = CalendarDef.model_validate(
        {
            **DEFINITIONS["unj"].model_dump(),
            "decrees": [{"year": 2027, "name": "SKB 2026", "national_holidays": holidays}],
        }
    )
    known = free_days(definition, 2027)
    assert sorted(known.public) == [dt.date(2027, 3, 11), dt.date(2027, 3, 12)]
    assert known.estimated == ()
    assert known.collective == free_days(DEFINITIONS["unj"], 2027).collective


def test_what_a_holiday_is_called_when_both_lists_have_it() -> None:
    decree = {"year": 2026, "name": "SKB", "cuti_bersama": [{"date": "2026-08-17", "name": "Cuti"}]}
    assert calendar(decrees=[decree]).free_day(dt.date(2026, 8, 17)) == "Hari Kemerdekaan Republik Indonesia"


def test_an_office_may_work_on_cuti_bersama_on_holidays_or_on_single_days() -> None:
    some = "02-16 02-17 12-24 12-25 12-26"
    assert worked(calendar(), some) == dict.fromkeys(some.split(), False)
    assert [day for day, there in worked(calendar(cuti_bersama=False), some).items() if there] == [
        "02-16",
        "12-24",
    ]
    assert [day for day, there in worked(calendar(national_holidays=False), some).items() if there] == [
        "02-17",
        "12-25",
    ]
    assert [day for day, there in worked(calendar(opened=["2026-12-24"]), some).items() if there] == ["12-24"]


def test_a_closure_may_last_many_days() -> None:
    known = calendar(closures=[{"date": "2026-12-28", "last": "2026-12-31", "name": "Libur akhir tahun"}])
    assert known.due(at("2026-12-23T09:00"), Limit.model_validate("1 hari kerja")) == at("2027-01-04T16:00")
    assert known.free_day(dt.date(2026, 12, 31)) == "Libur akhir tahun"
    assert known.free_day(dt.date(2027, 1, 4)) is None


def test_ramadan_hours_count_from_their_first_day_to_their_last() -> None:
    """Perpres 21/2023: in Ramadan 32.5 hours a week, from 08.00 to 15.00 with half an hour's break, Friday to 15.30."""
    monday_to_thursday = ["08:00-12:00", "12:30-15:00"]
    ramadan = {
        "name": "Ramadan",
        "first": "2026-02-18",
        "last": "2026-03-20",
        "hours": {
            **dict.fromkeys(WEEKDAYS[:4], monday_to_thursday),
            "jumat": ["08:00-11:30", "12:30-15:30"],
        },
    }
    known = calendar(special_hours=[ramadan])
    for start, limit, due in [
        ("2026-02-13T15:30", "1 jam", "2026-02-18T08:30"),
        ("2026-02-18T11:45", "30 menit", "2026-02-18T12:45"),
        ("2026-02-18T14:45", "30 menit", "2026-02-19T08:15"),
        ("2026-02-20T11:15", "30 menit", "2026-02-20T12:45"),
        ("2026-02-19T09:00", "1 hari kerja", "2026-02-20T15:30"),
        ("2026-03-17T14:30", "1 jam", "2026-03-25T08:30"),
        ("2026-03-17T14:30", "1 hari kerja", "2026-03-25T16:00"),
    ]:
        assert known.due(at(start), Limit.model_validate(limit)) == at(due)
    week = known.between(at("2026-02-23T00:00"), at("2026-03-02T00:00"))
    assert week == dt.timedelta(hours=32, minutes=30)


def test_special_hours_leave_the_weekdays_that_they_do_not_name() -> None:
    special = {"first": "2026-11-23", "last": "2026-11-29", "name": "Wisuda"}
    known = calendar(special_hours=[{**special, "hours": {"jumat": [], "sabtu": ["08:00-12:00"]}}])
    assert [str(each) for each in known.hours(dt.date(2026, 11, 26))] == ["08:00-12:00", "13:00-16:00"]
    assert known.due(at("2026-11-26T15:30"), Limit.model_validate("1 jam")) == at("2026-11-28T08:30")
    assert not known.hours(dt.date(2026, 12, 5))


@pytest.mark.parametrize(
    ("written", "name", "offset"),
    [
        ("WIB", "Asia/Jakarta", 7),
        ("WITA", "Asia/Makassar", 8),
        ("WIT", "Asia/Jayapura", 9),
        ("Asia/Pontianak", "Asia/Pontianak", 7),
    ],
)
def test_the_same_instant_is_another_hour_in_another_zone(written: str, name: str, offset: int) -> None:
    known = calendar(timezone=written)
    assert known.zone.key == name
    zone = dt.timezone(dt.timedelta(hours=offset))
    # 15.59 in Jakarta is 16.59 in Makassar, where the office has closed
    start = at("2026-11-20T15:59")
    left = {7: at("2026-11-20T16:00"), 8: at("2026-11-23T08:01", zone), 9: at("2026-11-23T08:01", zone)}
    assert known.due(start, Limit.model_validate("1 menit")) == left[offset]
    # in Jayapura it was Saturday already when in Jakarta it still was Friday
    night = at("2026-11-22T22:30")
    days = {7: "2026-11-23T16:00", 8: "2026-11-23T16:00", 9: "2026-11-24T16:00"}
    assert known.due(night, Limit.model_validate("1 hari kerja")) == at(days[offset], zone)


def test_no_zone_of_indonesia_has_changed_its_clock_in_the_years_that_are_known() -> None:
    """The calendar counts seconds from its first midnight, which is right only then."""
    for zone in ("WIB", "WITA", "WIT", "Asia/Pontianak"):
        key = calendar(timezone=zone).zone
        offsets = {
            dt.datetime(year, month, 1, tzinfo=key).utcoffset()
            for year in range(2020, 2046)
            for month in range(1, 13)
        }
        assert len(offsets) == 1
