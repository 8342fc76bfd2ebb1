"""What a supervisor has to know: every ticket that is late, once, and nothing that is not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.engine.snapshot import Assignee
from connector.engine.state import Former
from connector.ports import StateRow
from connector.sop.model import DigestReader
from connector.supervision.digest import Digest, Kind, Scope, Unsure, digest
from tests.unit.supervision.sample import (
    ALL,
    COMPLAINT,
    DATA,
    NOW,
    RATNA,
    SERVICE,
    Tickets,
    at,
    digests,
    few,
    office,
    owing,
)


def told(
    tickets: Tickets, scope: Scope = ALL, now: dt.datetime = NOW, unjudged: Collection[int] = ()
) -> Digest:
    place = office(tickets.profile)
    return digest(place.rulebook, place.digests, scope, tickets.rows, now, unjudged)


def units(*names: str, procedures: tuple[str, ...] = ()) -> Scope:
    return Scope((DigestReader(roles=("kadiv-layanan",), units=names, procedures=procedures),))


def test_one_of_each_and_what_is_in_time_is_only_counted() -> None:
    found = told(few())
    assert found.running == 5
    assert found.counts == {"late": 1, "duty": 0, "near": 0, "paused": 1, "incomplete": 0}
    late, paused = found.findings
    assert (late.kind, late.number, late.since) == (Kind.LATE, "UNJ-2026-000101", at(23, 10, 30))
    assert late.work == dt.timedelta(hours=4.5 + 7 + 1)
    assert (late.place.unit, late.place.who, late.place.person) == ("helpdesk", "helpdesk", "Ratna Wulandari")
    assert (paused.place.unit, paused.place.who, paused.place.person) == ("helpdesk", "pemohon", "")


def test_the_limit_is_near_after_three_quarters_and_over_after_its_last_instant() -> None:
    made = Tickets()
    made.open(SERVICE, "verifikasi-identitas", at(25, 9))  # 30 minutes
    assert told(made, now=at(25, 9, 22)).findings == ()
    near = told(made, now=at(25, 9, 23))
    assert [(each.kind, each.work) for each in near.findings] == [(Kind.NEAR, dt.timedelta(minutes=7))]
    assert [each.kind for each in told(made, now=at(25, 9, 30)).findings] == [Kind.NEAR]
    assert [each.kind for each in told(made, now=at(25, 9, 30) + dt.timedelta(seconds=1)).findings] == [
        Kind.LATE
    ]


def test_a_pause_is_too_long_after_its_last_instant() -> None:
    made = Tickets()
    made.paused(
        SERVICE, "verifikasi-identitas", at(16, 9), at(16, 9, 10)
    )  # five working days: Monday 23, 16.00
    assert told(made, now=at(23, 15, 59)).findings == ()
    assert [each.kind for each in told(made, now=at(23, 16)).findings] == [Kind.PAUSED]


def test_an_incomplete_ticket_is_told_after_a_few_working_days() -> None:
    """Three working days by default, and so counted as limits are: of Monday's the last is Thursday."""
    made = Tickets()
    made.incomplete(SERVICE, at(23, 9), assignee=RATNA)
    made.incomplete(SERVICE, at(24, 9))
    assert told(made, now=at(26, 15, 59)).findings == ()
    assert told(made, now=at(26, 15, 59)).running == 2
    [found] = told(made, now=at(26, 16)).findings
    assert (found.kind, found.since, found.work) == (
        Kind.INCOMPLETE,
        at(23, 9),
        dt.timedelta(hours=6 + 7 * 3),
    )
    assert (found.place.title, found.place.unit, found.place.person) == (
        "Permohonan Masuk",
        "helpdesk",
        "Ratna Wulandari",
    )
    assert len(told(made, units("helpdesk"), now=at(30, 9)).findings) == 2
    assert told(made, units("tim-teknis"), now=at(30, 9)).findings == ()


def test_an_incomplete_ticket_that_came_from_another_procedure_counts_from_then() -> None:
    made = Tickets()
    row = made.incomplete(SERVICE, at(2, 9))
    former = Former(
        procedure=COMPLAINT, title="Pengaduan", stays=(), at=at(25, 8), by=3, reason="salah kamar"
    )
    made._replace(row, former=(former,))
    assert told(made, now=at(26, 16)).findings == ()
    assert [each.since for each in told(made, now=at(30, 16)).findings] == [at(25, 8)]


def test_of_a_ticket_that_closes_by_itself_it_is_said_when() -> None:
    made = Tickets("jabar")
    row = made.paused("jabar/service-desk", "verifikasi-kelengkapan", at(2, 9), at(2, 10))
    [found] = told(made, now=at(13, 9)).findings
    assert found.until == row.state.expires
    assert found.until is not None


def test_the_worst_comes_first() -> None:
    made = Tickets()
    made.open(COMPLAINT, "telaah-teknis", at(18, 9))
    made.open(SERVICE, "penjadwalan", at(23, 9))
    made.open(SERVICE, "verifikasi-identitas", at(23, 8))
    made.open(SERVICE, "verifikasi-identitas", at(25, 8, 35))
    made.open(SERVICE, "analisis-kebutuhan", at(10, 9))
    made.paused(SERVICE, "penjadwalan", at(2, 9), at(2, 10))
    found = told(made)
    assert [(each.procedure.partition("/")[2], each.unit) for each in found.groups] == [
        ("permohonan-layanan-teknis", "koordinator-infrastruktur"),
        ("permohonan-layanan-teknis", "helpdesk"),
        ("pengaduan-masalah-si", "koordinator-programmer"),
    ]
    kinds = [each.kind for each in found.groups[1].findings]
    assert kinds == [Kind.LATE, Kind.LATE, Kind.NEAR, Kind.PAUSED]


def test_the_unit_is_the_role_of_who_has_the_step() -> None:
    made = Tickets()
    programmer = Assignee(
        id=9, name="Koord. Programmer UNJ", is_group=True, roles=frozenset({"koordinator-programmer"})
    )
    made.open(SERVICE, "analisis-kebutuhan", at(10, 9), assignee=programmer)
    made.open(SERVICE, "analisis-kebutuhan", at(10, 9))
    made.open(SERVICE, "penerimaan-survei", at(10, 9), assignee=RATNA)
    found = {each.number[-3:]: each.place for each in told(made).findings}
    assert (found["101"].unit, found["101"].person) == ("koordinator-programmer", "")
    assert found["102"].unit == "koordinator-infrastruktur"
    assert (found["103"].unit, found["103"].who, found["103"].person) == ("helpdesk", "pemohon", "")


def test_who_sees_what() -> None:
    made = few()
    made.open(DATA, "pemeriksaan-persetujuan", at(18, 9))
    made.open(SERVICE, "penerimaan-survei", at(10, 9))
    late = {each.number[-3:] for each in told(made, units("helpdesk")).findings}
    assert late == {"101", "104", "107"}
    assert {each.number[-3:] for each in told(made, units("pemohon")).findings} == {"107"}
    assert {each.number[-3:] for each in told(made, units("kepala-pustikom")).findings} == {"106"}
    assert told(made, units("staf-data")).running == 0
    both = Scope((*units("kepala-pustikom").entries, *units("helpdesk").entries))
    assert len(told(made, both).findings) == 4
    only = Scope((DigestReader(roles=("kadiv-layanan",), procedures=("permintaan-data-insidental",)),))
    assert {each.number[-3:] for each in told(made, only).findings} == {"106"}
    assert only.units == ()
    assert not only.by_unit


def test_of_a_ticket_that_nobody_can_judge_nothing_is_claimed() -> None:
    made = Tickets()
    row = made.open(SERVICE, "verifikasi-identitas", at(20, 9))
    fine = made.open(SERVICE, "verifikasi-identitas", at(25, 9))
    unjudged = {row.issue, fine.issue}
    found = digest(office().rulebook, digests(), ALL, made.rows, NOW, unjudged)
    assert found.findings == ()
    assert found.unsure == (Unsure(row.issue, row.number, row.subject),)
    assert found.running == 2


def test_a_ticket_in_a_step_that_the_mapping_no_longer_has_is_told_all_the_same() -> None:
    made = Tickets()
    row = made.open(SERVICE, "verifikasi-identitas", at(20, 9))
    assert row.state.stay is not None
    gone = row.state.stay.model_copy(update={"step": "langkah-lama"})
    made.rows[0] = replace(row, state=row.state.model_copy(update={"stays": (gone,)}))
    [found] = told(made).findings
    assert (found.place.title, found.place.unit) == ("langkah-lama", "")


def test_reports_that_are_missing() -> None:
    late, duty = told(owing()).findings
    assert (late.kind, duty.kind) == (Kind.LATE, Kind.DUTY)
    assert (duty.since, duty.count) == (at(17, 16), 2)
    assert (duty.place.title, duty.place.unit) == ("Pelaporan progres", "tim-programmer")


def test_of_reports_only_those_count_that_are_owed_now() -> None:
    made = Tickets()
    made.reported(at(17, 9), (at(24, 16), None), (at(1, 16, month=12), None))
    [one] = [each for each in told(made).findings if each.kind is Kind.DUTY]
    assert (one.count, one.since) == (1, at(24, 16))
    assert one.work == dt.timedelta(hours=1)
    for periods in (
        ((at(24, 16), at(25, 8)), (at(1, 16, month=12), None)),  # it came late
        ((at(17, 16), None), (at(24, 16), at(24, 9)), (at(1, 16, month=12), None)),  # the next one came
        ((at(25, 16), None),),  # not yet
    ):
        quiet = Tickets()
        quiet.reported(at(20, 9), *periods)
        assert [each.kind for each in told(quiet).findings] == []


def test_while_a_ticket_waits_for_its_requester_no_report_is_asked_for() -> None:
    made = Tickets()
    row = made.reported(at(23, 9), (at(30, 16), None))
    waiting = row.state.duties[0].model_copy(update={"due": None})
    made.rows[0] = replace(row, state=row.state.model_copy(update={"duties": (waiting,)}))
    assert told(made).findings == ()


def test_what_is_not_ours_or_over_is_passed_over() -> None:
    made = Tickets("jabar")
    made.open("jabar/service-desk", "disposisi", at(2, 9))
    found = digest(office("unj").rulebook, digests("unj"), ALL, made.rows, NOW)
    assert (found.running, found.findings) == (0, ())
    over = Tickets()
    over.ended(SERVICE, "verifikasi-identitas", at(10, 9), at(20, 9))
    assert told(over).running == 0


STEPS = [
    (SERVICE, "verifikasi-identitas"),
    (SERVICE, "penjadwalan"),
    (COMPLAINT, "telaah-teknis"),
    (DATA, "penyerahan"),
]
MOMENTS = st.integers(0, 60 * 24 * 20).map(lambda minutes: at(2, 8) + dt.timedelta(minutes=minutes))


@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), MOMENTS, st.sampled_from(["open", "paused", "ended", "unjudged"]))
    ),
    MOMENTS,
)
def test_every_open_ticket_that_is_late_appears_exactly_once(
    made: list[tuple[tuple[str, str], dt.datetime, str]], now: dt.datetime
) -> None:
    tickets = Tickets()
    late: list[StateRow] = []
    unjudged: set[int] = set()
    for (key, step), since, what in made:
        if what == "paused":
            tickets.paused(key, step, since, since + dt.timedelta(minutes=5))
        elif what == "ended":
            tickets.ended(key, step, since, since + dt.timedelta(days=3))
        else:
            row = tickets.open(key, step, since)
            unjudged |= {row.issue} if what == "unjudged" else set()
            assert row.state.stay is not None
            assert row.state.stay.due is not None
            late += [row] if row.state.stay.due < now and what == "open" else []
    found = told(tickets, now=now, unjudged=unjudged)
    numbers = Counter(each.number for each in found.findings if each.kind is Kind.LATE)
    assert numbers == Counter(row.number for row in late)
    assert len({(each.number, each.kind) for each in found.findings}) == len(found.findings)
    weights = [[each.weight for each in group.findings] for group in found.groups]
    assert weights == [sorted(each) for each in weights]
    assert len({(each.procedure, each.unit) for each in found.groups}) == len(found.groups)
    # all that units see together is what one sees who sees all
    seen = {each.place.unit for each in found.findings}
    parts = [told(tickets, units(unit), now, unjudged).findings for unit in seen]
    assert Counter(each.number for part in parts for each in part) >= Counter(
        each.number for each in found.findings
    )
