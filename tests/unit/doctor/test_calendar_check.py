"""What the doctor says of the free days of this year and the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from connector.doctor.local import LOCAL
from connector.doctor.report import Result, Status, examine
from connector.doctor.subject import Subject
from connector.sop.model import CalendarDef, Catalogue, Organization
from tests.small import ORGANIZATION

HOURS = ORGANIZATION.calendar.hours
#: What is decreed in the year 2027 for the next one.
SKB = {"year": 2028, "name": "SKB 3 Menteri 2027"}


def office(name: str = "uji", **changes: Any) -> Organization:
    calendar = CalendarDef.model_validate({"hours": HOURS, **changes})
    return ORGANIZATION.model_copy(update={"id": name, "calendar": calendar})


@dataclass
class Parts:
    """As much of the service as the check looks at."""

    catalogue: Catalogue
    now: dt.datetime

    def clock(self) -> dt.datetime:
        return self.now


def look(now: str, *organizations: Organization) -> Result:
    catalogue = Catalogue(organizations=organizations, procedures=())
    parts: Any = Parts(catalogue, dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC))
    [check] = [each for each in LOCAL if each.id == "calendar"]
    [result] = examine([check], Subject(parts))
    return result


def said(result: Result, *, finding: bool) -> list[str]:
    return [each.text for each in result.remarks if each.finding is finding]


MISSING = "cuti bersama 2028 belum diketahui"


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2027-09-01T00:00", Status.NOTE),
        # 31 October, 23.59 in Jakarta, and a minute later
        ("2027-10-31T16:59", Status.NOTE),
        ("2027-10-31T17:00", Status.FINDING),
        ("2027-12-31T10:00", Status.FINDING),
        ("2028-06-01T00:00", Status.FINDING),
    ],
)
def test_a_year_without_decree_is_a_finding_from_1_november_before_it(now: str, status: Status) -> None:
    result = look(now, office())
    assert (MISSING in said(result, finding=True)) == (status is Status.FINDING)
    assert (MISSING in said(result, finding=False)) == (status is Status.NOTE)
    [remark] = [each for each in result.remarks if each.text == MISSING]
    assert "calendar.decrees" in remark.todo
    assert result.status is status


def test_a_year_whose_decree_is_built_in_is_none() -> None:
    result = look("2026-11-23T02:00", office())
    assert said(result, finding=True) == []
    [estimated] = said(result, finding=False)
    assert estimated.startswith("tanggal 2027 masih perkiraan: Hari Raya Idul Fitri, ")


def test_a_decree_that_was_written_down_settles_it_even_if_it_grants_nothing() -> None:
    days = [{"date": "2028-02-25", "name": "Cuti Bersama Idul Fitri"}]
    for decreed in (days, []):
        result = look("2027-12-01T00:00", office(decrees=[{**SKB, "cuti_bersama": decreed}]))
        assert said(result, finding=True) == []
        assert any("2028 masih perkiraan" in each for each in said(result, finding=False))
    holidays = [{"date": "2028-01-01", "name": "Tahun Baru"}]
    other = look("2027-12-01T00:00", office(decrees=[{**SKB, "national_holidays": holidays}]))
    assert MISSING in said(other, finding=True)


def test_holidays_that_were_written_down_are_no_estimates() -> None:
    holidays = [{"date": "2028-02-26", "last": "2028-02-27", "name": "Idul Fitri"}]
    decree = {**SKB, "national_holidays": holidays, "cuti_bersama": []}
    assert look("2028-01-05T00:00", office(decrees=[decree])).status is Status.NOTE  # 2029's
    assert not any("2028" in each.text for each in look("2028-01-05T00:00", office(decrees=[decree])).remarks)


def test_past_estimates_are_left_alone() -> None:
    before, after = look("2027-01-05T00:00", office()), look("2027-12-27T00:00", office())
    assert any("tanggal 2027 masih perkiraan" in each.text for each in before.remarks)
    assert not any("tanggal 2027 masih perkiraan" in each.text for each in after.remarks)


def test_who_works_on_cuti_bersama_or_on_holidays_need_not_know_them() -> None:
    works = office(national_holidays=False, cuti_bersama=False)
    assert look("2027-12-01T00:00", works).status is Status.GOOD
    half = look("2027-12-01T00:00", office(cuti_bersama=False))
    assert half.status is Status.NOTE
    assert not any("cuti bersama" in each.text for each in half.remarks)


def test_what_concerns_one_organization_names_it_and_what_concerns_all_is_said_once() -> None:
    one = office("satu", decrees=[{**SKB, "cuti_bersama": []}])
    two = office("dua")
    assert f"{MISSING} (dua)" in said(look("2027-12-01T00:00", one, two), finding=True)
    assert said(look("2027-12-01T00:00", two, office("tiga")), finding=True) == [MISSING]


def test_beyond_the_last_year_nothing_is_known() -> None:
    far = look("2045-06-01T00:00", office())
    assert "libur nasional 2046 tidak diketahui versi ini" in said(far, finding=True)
