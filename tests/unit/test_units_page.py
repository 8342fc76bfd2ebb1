"""The page about units of time says nothing that the calendar does not do: every example is read from it and tried."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator

import pytest
import yaml
from click.testing import CliRunner

from connector.calendars import free_days, work_calendar
from connector.cli import main
from connector.engine import sla
from connector.engine.duties import followed
from connector.engine.progress import Rules
from connector.engine.state import TicketState
from connector.engine.words import DAYS, MONTHS
from connector.settings import ROOT
from connector.sop.loader import load
from connector.sop.model import CalendarDef, Limit, StepKind, Unit
from connector.sop.table import duties
from tests.small import PROCEDURE, FakeTicket

PAGE = (ROOT / "docs" / "satuan-waktu.md").read_text(encoding="utf-8")
CATALOGUE = load(ROOT / "sop_mappings")
WIB = dt.timezone(dt.timedelta(hours=7))
YEAR = 2026

Row = dict[str, str]


def rows() -> Iterator[Row]:
    """Every row of every table, by the heads of its columns."""
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE):
        head, _, *body = (
            tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()
        )
        yield from (dict(zip(head, cells, strict=True)) for cells in body)


def table(*columns: str) -> list[Row]:
    """The rows of the tables that begin with these columns."""
    found = [row for row in rows() if tuple(row)[: len(columns)] == columns]
    assert found, columns
    return found


def at(text: str) -> dt.datetime:
    """`Jumat, 20 November pukul 15.59`; the weekday must be the date's."""
    match = re.fullmatch(r"(\w+), (\d+) (\w+) pukul (\d\d)\.(\d\d)", text)
    assert match, text
    weekday, day, month, hour, minute = match.groups()
    instant = dt.datetime(YEAR, MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=WIB)
    assert DAYS[instant.weekday()] == weekday, text
    return instant


def limit(text: str) -> Limit:
    return Limit.model_validate(text)


EXAMPLES = table("diterima", "batas waktu", "berakhir")
CLASSES = table("durasi layanan", "diterima", "batas waktu", "berakhir")
REPORTS = table("langkah mulai", "laporan ke-", "paling lambat")
PAUSES = table("langkah mulai", "batas waktu", "menunggu sejak", "dilanjutkan", "berakhir")


@pytest.mark.parametrize("organization", CATALOGUE.organizations, ids=lambda each: str(each.id))
def test_every_example_is_true_for_every_organization(organization) -> None:
    calendar = work_calendar(organization.calendar)
    for row in EXAMPLES + CLASSES:
        assert calendar.due(at(row["diterima"]), limit(row["batas waktu"])) == at(row["berakhir"]), row


def test_no_table_with_an_instant_is_left_out() -> None:
    tried = [*EXAMPLES, *CLASSES, *REPORTS, *PAUSES]
    assert [row for row in rows() if "pukul" in str(row) and row not in tried] == [
        row for row in rows() if "ditulis" in row and "pukul" in row["artinya"]
    ]
    assert len(tried) >= 20


def test_the_units_are_all_there() -> None:
    written = " ".join(row["ditulis"] for row in table("ditulis", "artinya"))
    named = re.findall(r"`\d+ ([a-z ]+)`", written)
    assert {each.replace(" ", "_") for each in named} == set(Unit)


def test_the_command_prints_what_the_page_says() -> None:
    [(command, answer)] = re.findall(r"^\$ connector (.+)\n(.+)$", PAGE, re.MULTILINE)
    result = CliRunner().invoke(main, shlex.split(command))
    assert (result.exit_code, result.stdout) == (0, f"{answer}\n")


def test_the_classes_are_those_of_the_mapping() -> None:
    procedure = CATALOGUE.procedure("jabar", "service-desk")
    assert procedure is not None
    [step] = [step for step in procedure.steps if step.limit_by is not None]
    assert step.no == "5"
    assert step.limit_by is not None
    assert {row["durasi layanan"]: limit(row["batas waktu"]) for row in CLASSES} == step.limit_by.limits


def test_the_reports_come_every_week_from_the_beginning_of_the_step() -> None:
    procedure = CATALOGUE.procedure("unj", "pengaduan-masalah-si")
    organization = CATALOGUE.organization("unj")
    assert procedure is not None
    assert organization is not None
    [duty] = [step for step in procedure.steps if step.kind is StepKind.DUTY]
    assert (duty.no, duty.every) == ("19", Limit(amount=1, unit=Unit.WEEK))
    rules = Rules(procedure, organization, work_calendar(organization.calendar))
    step = next(each for each in procedure.active_steps if duty in duties(procedure, each))
    [begun] = {at(row["langkah mulai"]) for row in REPORTS}
    stay = sla.begin(procedure, step, begun, 1, values={}, calendar=rules.calendar)
    state = TicketState(
        procedure=procedure.key, number="UNJ-1", received=begun, origin="desk", token_hash="", stays=(stay,)
    )
    last = max(at(row["paling lambat"]) for row in REPORTS)
    periods = followed(rules, FakeTicket.at().snapshot, None, state, last).duties
    assert {str(each.no): each.due for each in periods} == {
        row["laporan ke-"]: at(row["paling lambat"]) for row in REPORTS
    }


def test_a_pause_keeps_what_was_left() -> None:
    organization = CATALOGUE.organization("unj")
    assert organization is not None
    calendar = work_calendar(organization.calendar)
    for row in PAUSES:
        step = PROCEDURE.first_step.model_copy(update={"limit": limit(row["batas waktu"]), "limit_by": None})
        stay = sla.begin(PROCEDURE, step, at(row["langkah mulai"]), 1, values={}, calendar=calendar)
        paused = sla.pause(stay, at(row["menunggu sejak"]), calendar)
        assert paused.due is None
        assert sla.resume(paused, at(row["dilanjutkan"]), calendar).due == at(row["berakhir"])


def test_the_office_is_closed_as_the_page_says_around_idul_fitri() -> None:
    [(first, last)] = re.findall(r"Dari (\w+, \d+ \w+) sampai (\w+, \d+ \w+) kantor tutup", PAGE)
    begin, end = (at(f"{day} pukul 00.00").date() for day in (first, last))
    calendar = work_calendar(CATALOGUE.organizations[0].calendar)
    shut = [begin + dt.timedelta(number) for number in range((end - begin).days + 1)]
    assert not any(calendar.hours(day) for day in shut)
    assert all(calendar.hours(day) for day in (begin - dt.timedelta(1), end + dt.timedelta(1)))


# the administrator's guide ------------------------------------------------------------------------------------


def test_the_calendar_that_the_administrators_guide_shows_means_what_it_says() -> None:
    guide = (ROOT / "docs" / "panduan-administrator.md").read_text(encoding="utf-8")
    [block] = [
        each
        for each in re.findall(r"^```yaml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
        if "calendar:" in each
    ]
    definition = CalendarDef.model_validate(yaml.safe_load(block)["calendar"])
    assert set(CalendarDef.model_fields) == definition.model_fields_set
    calendar = work_calendar(definition)
    collective = free_days(definition, 2028).collective
    assert collective is not None
    assert [name for name in collective.values() if "SKB" in name]
    for closure in definition.closures:
        assert all(calendar.free_day(day) == closure.name for day in closure.days)
    for day in definition.opened:
        assert calendar.hours(day)
    [ramadan] = definition.special_hours
    assert str(calendar.hours(ramadan.first)[-1]) == "12:30-15:00"
