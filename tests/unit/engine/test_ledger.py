"""Where a ticket's time went: lines without gap or overlap, and the clocks that follow from them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.because import because
from connector.engine.calendar import BREAK, CLOSED, WEEKEND
from connector.engine.detours import detours
from connector.engine.ledger import ENDED, WAITING, Ledger, Place, Tally, ledger
from connector.engine.progress import Rules, values
from connector.engine.state import Stay, TicketState
from connector.sop.model import Limit, LimitAgain, Reopen
from tests.small import FORM, MONDAY, PROCEDURE, RULES, FakeTicket
from tests.unit.engine.test_projection import RAMADAN, again, at, closed, rules, stay
from tests.unit.engine.test_transfer import GONE, OTHER
from tests.unit.engine.test_walks import DRAWS, Draw, Walk
from tests.world import PROCEDURE as POS_100R
from tests.world import rules_of_all

WORKING = ("meja", "Pengerjaan")
FILLED = {**FORM, "regu": "A", "hasil": "Beres"}


def of(ticket: FakeTicket, now: dt.datetime | None = None, found: Rules | None = None) -> Ledger:
    state, rules = ticket.snapshot.state, found or ticket.rules
    assert state is not None
    given = values(rules.procedure, ticket.snapshot)
    return ledger(rules, state, given, now or ticket.now, {RULES.procedure.key: RULES})


def spans(found: Ledger, line: int = -1) -> list[tuple[str, str, str]]:
    """(from, to, reason) of one line, by the day of November and the clock."""
    zone = RULES.calendar.zone
    return [
        (f"{each.start.astimezone(zone):%d %H.%M}", f"{each.end.astimezone(zone):%d %H.%M}", each.reason)
        for each in found.entries[line].spans
    ]


# lines --------------------------------------------------------------------------------------------------------


def test_a_stay_is_told_as_spans_with_the_reason_of_each_that_did_not_count() -> None:
    ticket = FakeTicket.new(rules(**closed("2026-11-24")), **FILLED)
    ticket.settle()
    ticket.now = at(23, "15:30") - dt.timedelta(minutes=1)
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    found = of(ticket, at(25, "08:20"))
    assert spans(found) == [
        ("23 15.30", "23 16.00", ""),
        ("23 16.00", "24 00.00", CLOSED),
        ("24 00.00", "25 00.00", "Dies natalis"),
        ("25 00.00", "25 08.00", CLOSED),
        ("25 08.00", "25 08.20", ""),
    ]
    line = found.entries[-1]
    assert (line.place, line.no, line.title, line.unit, line.current) == (
        Place.STEP,
        "3",
        "Pengerjaan",
        "teknis-a",
        True,
    )
    # two working days, the closure between: to the closing time of Thursday
    assert found.step == Tally(used=50, norm=30 + 2 * 420)


def test_breaks_and_weekends_have_their_names() -> None:
    ticket = FakeTicket.new(**FILLED)
    ticket.settle()
    ticket.now = at(27, "11:00") - dt.timedelta(minutes=1)
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    found = of(ticket, at(30, "08:30"))
    assert [each[2] for each in spans(found)] == ["", BREAK, "", CLOSED, WEEKEND, CLOSED, ""]
    assert found.entries[-1].used == 60 + 180 + 30


def test_the_time_with_the_requester_is_one_span_and_a_clock_of_its_own() -> None:
    ticket = FakeTicket.at()
    ticket.now = at(23, "09:09")
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    waiting = of(ticket, at(23, "10:10"))
    assert spans(waiting) == [("23 09.00", "23 09.10", ""), ("23 09.10", "23 10.10", WAITING)]
    assert (waiting.waited.times, waiting.waited.minutes) == (1, 60)
    assert all(each.due is None for each in waiting.expected)
    ticket.now = at(24, "08:59")
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    found = of(ticket, at(24, "09:05"))
    assert spans(found)[1:] == [("23 09.10", "24 09.00", WAITING), ("24 09.00", "24 09.05", "")]
    assert found.step == Tally(used=15, norm=30)
    assert (found.waited.elapsed, found.waited.minutes) == (at(24) - at(23, "09:10"), 350 + 60)


def test_the_time_before_the_first_step_is_told_apart_and_has_no_limit() -> None:
    ticket = FakeTicket.new(nama="Sari")
    ticket.settle()
    early = of(ticket, at(23, "11:00"))
    assert [(each.place, each.title, each.current) for each in early.entries] == [
        (Place.INTAKE, "Permohonan Masuk", True)
    ]
    assert (early.intake, early.step, early.ticket.used) == (120, None, 0)
    ticket.now = at(24, "08:59")
    ticket.edit("meja", email="s@c.id", uraian="mati")
    ticket.settle()
    found = of(ticket, at(24, "09:10"))
    assert [(each.place, each.norm, each.used) for each in found.entries] == [
        (Place.INTAKE, None, 420 + 0),
        (Place.STEP, 30, 10),
    ]
    assert (found.intake, found.ticket.used) == (420, 10)


def test_the_time_between_an_end_and_its_being_taken_back_counts_for_nobody() -> None:
    ends = [
        each.model_copy(
            update={
                "reopen": Reopen(within=Limit.model_validate("5 hari kerja"), to="kerja", roles=("meja",))
            }
        )
        if each.id == "tolak"
        else each
        for each in PROCEDURE.ends
    ]
    found = replace(RULES, procedure=PROCEDURE.model_copy(update={"ends": tuple(ends)}))
    ticket = FakeTicket.new(found, **FILLED)
    ticket.settle()
    ticket.move("meja", "Tolak", alasan="salah alamat")
    ticket.settle()
    over = of(ticket, at(27))
    assert (len(over.entries), over.entries[-1].end) == (1, _state(ticket).ended_at)
    assert over.expected == ()
    ticket.now = at(25, "08:59")
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    lines = of(ticket, at(25, "10:00")).entries
    assert [(each.place, each.title, each.used) for each in lines] == [
        (Place.STEP, "Pemeriksaan", lines[0].used),
        (Place.ENDED, "Ditolak", 0),
        (Place.STEP, "Pengerjaan", 60),
    ]
    assert [each.reason for each in lines[1].spans] == [ENDED]


def test_what_came_before_a_transfer_stays_in_the_ledger_under_its_own_procedure() -> None:
    ticket = FakeTicket.at(WORKING, **GONE)
    ticket.now = at(23, "10:59")
    ticket.transfer("pengelola-sop", OTHER, "salah POS")
    ticket.settle()
    lines = of(ticket, at(23, "11:30")).entries
    assert [(each.title, each.procedure) for each in lines] == [
        ("Pemeriksaan", "Layanan uji"),
        ("Pengerjaan", "Layanan uji"),
        ("Peninjauan", ""),
    ]
    assert lines[1].end == lines[2].start == at(23, "11:00")
    unknown = ledger(OTHER, _state(ticket), {}, at(23, "11:30"))
    assert [each.title for each in unknown.entries] == ["periksa", "kerja", "Peninjauan"]


def _state(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


# clocks -------------------------------------------------------------------------------------------------------


def test_each_unit_has_its_sum_and_the_norm_of_its_steps_behind_and_ahead() -> None:
    ticket = FakeTicket.new(**FILLED)
    ticket.settle()
    for clock, role, status in (("09:19", "meja", "Pengerjaan"), ("10:19", "teknis-a", "Pengesahan")):
        ticket.now = at(23, clock)
        ticket.move(role, status)
        ticket.settle()
    ticket.now = at(23, "10:49")
    ticket.move("kepala", "Pengerjaan")  # once more
    ticket.settle()
    found = of(ticket, at(23, "11:50"))
    day = 420
    rest = 7 * 60 - 80  # of the day on which each began
    assert found.units == {
        "meja": Tally(20, 30),
        "teknis-a": Tally(60 + 60, (rest + 2 * day) + (rest - 90 + 2 * day)),
        "kepala": Tally(30, (rest - 60 + day) + day),
        "pemohon": Tally(0, 2 * day),
    }
    assert found.ticket == Tally(
        20 + 60 + 30 + 60, sum(each.norm for each in found.units.values() if each.norm is not None)
    )
    assert found.step == Tally(60, rest - 90 + 2 * day)


def test_what_comes_is_expected_one_after_the_other_from_the_limit_on() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    found = of(ticket)
    assert [(each.step.id, each.unit, each.due) for each in found.expected] == [
        ("sahkan", "kepala", at(26, "16:00")),
        ("terima", "pemohon", at(30, "16:00")),
    ]
    late = of(ticket, at(27, "10:00"))
    assert late.expected[0].due == at(30, "16:00")


def test_who_is_not_chosen_yet_has_no_clock() -> None:
    found = of(FakeTicket.at())
    assert [each.unit for each in found.expected] == ["", "kepala", "pemohon"]
    assert "teknis-a" not in found.units


def test_a_step_that_gives_only_the_rest_is_expected_with_the_rest() -> None:
    ticket = FakeTicket.new(again(LimitAgain.REST), **FILLED)
    ticket.settle()
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    ticket.now = at(25, "14:59")
    ticket.move("teknis-a", "Pengesahan")
    ticket.settle()
    ticket.now = at(26, "08:59")
    ticket.move("kepala", "Pengerjaan")
    ticket.settle()
    found = of(ticket, at(26, "09:30"))
    assert found.step == Tally(30, 60)
    assert because(RULES.calendar, found.entries[-1].stay or stay("1 menit"))[0] == (
        "Langkah ini sudah pernah dijalani; dari batas 2 hari kerja tersisa 1 jam waktu kerja."
    )


# moves that led nowhere ---------------------------------------------------------------------------------------


def test_a_move_round_the_procedure_stops_no_clock_and_is_told() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    before = of(ticket, at(23, "12:00"))
    ticket.now = at(23, "09:59")
    ticket.move("meja", "Rampung")
    ticket.now = at(23, "10:30")
    ticket.settle()
    [first] = detours(ticket.snapshot)
    assert (first.start, first.status, first.by.name) == (at(23, "10:00"), "status:rampung", "Orang meja")
    assert first.end is not None
    assert first.end >= at(23, "10:30")
    ticket.now = at(23, "10:59")
    ticket.move("meja", "Rampung")
    ticket.settle()
    assert _state(ticket).stopped
    assert [each.end is None for each in detours(ticket.snapshot)] == [False, True]
    assert of(ticket, at(23, "12:00")).entries == before.entries


def test_a_legal_walk_has_no_detours() -> None:
    ticket = FakeTicket.at(WORKING, ("teknis-a", "Pengesahan"), ("kepala", "Pengerjaan"), **FILLED)
    ticket.move("meja", "Batal")
    ticket.settle()
    assert detours(ticket.snapshot) == ()


# why ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "entered", "office", "words"),
    [
        (
            "30 menit",
            at(23),
            {},
            (
                "30 menit waktu kerja dihitung sejak Senin, 23 November 2026 pukul 09.00 WIB; "
                "habis Senin, 23 November 2026 pukul 09.30 WIB."
            ),
        ),
        (
            "1 jam",
            at(28, "10:00"),
            {},
            (
                "1 jam waktu kerja dihitung sejak kantor buka, Senin, 30 November 2026 pukul 08.00 WIB, karena masuk "
                "pada waktu yang tidak dihitung (akhir pekan); habis Senin, 30 November 2026 pukul 09.00 WIB."
            ),
        ),
        (
            "2 hari kerja",
            at(26, "15:59"),
            closed("2026-11-27"),
            (
                "2 hari kerja: hari masuk (Kamis, 26 November 2026) tidak dihitung; hari kerja ke-1 Senin, 30 November "
                "2026, ke-2 Selasa, 1 Desember 2026. Habis pada jam tutup hari terakhir, pukul 16.00. "
                "Tidak dihitung: Dies natalis (Jumat, 27 November 2026), akhir pekan."
            ),
        ),
        (
            "7 hari",
            at(23),
            RAMADAN,
            (
                "7 hari: hari masuk (Senin, 23 November 2026) tidak dihitung; hari kerja ke-1 Selasa, 24 November "
                "2026, …, ke-7 Rabu, 2 Desember 2026. Habis pada jam tutup hari terakhir, pukul 14.00. Tidak dihitung: "
                "akhir pekan. Jam kerja: Ramadan (24 November 2026 sampai 20 Desember 2026)."
            ),
        ),
        (
            "1 minggu",
            at(20),
            closed("2026-11-27"),
            (
                "1 minggu sejak Jumat, 20 November 2026: hari yang sama pada minggu itu, atau hari kerja berikutnya "
                "bila libur. Habis pada jam tutup Senin, 30 November 2026, pukul 16.00."
            ),
        ),
    ],
)
def test_the_rule_of_a_limit_is_told_with_its_dates(
    limit: str, entered: dt.datetime, office: dict[str, object], words: str
) -> None:
    found = rules(**office)
    assert because(found.calendar, stay(limit, entered, found)) == (words,)


def test_what_stopped_and_what_moved_a_limit_is_told_in_order() -> None:
    ticket = FakeTicket.at()
    ticket.now = at(23, "09:09")
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    ticket.now = at(23, "15:49")
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    ticket.rules = rules(**closed("2026-11-24"))
    ticket.now = at(23, "15:55")
    ticket.settle()
    open_stay = _state(ticket).stay
    assert open_stay is not None
    assert because(ticket.rules.calendar, open_stay)[1:] == (
        (
            "Diserahkan kepada pemohon Senin, 23 November 2026 pukul 09.10 WIB, ketika tersisa 20 menit waktu kerja; "
            "sejak itu waktu berhenti."
        ),
        "Pemohon menjawab Senin, 23 November 2026 pukul 15.50 WIB; sisanya dihitung lagi sejak itu.",
        (
            "Bergeser dari Selasa, 24 November 2026 pukul 08.10 WIB ke Rabu, 25 November 2026 pukul 08.10 WIB, karena "
            "libur Dies natalis pada Selasa, 24 November 2026 (dihitung ulang Senin, 23 November 2026 pukul 15.55 WIB)."
        ),
    )
    without = Stay(step="periksa", entered=MONDAY, journal=1, version="v1")
    assert because(RULES.calendar, without) == ("Langkah ini tidak mempunyai batas waktu.",)


# in general ---------------------------------------------------------------------------------------------------

BOTH = pytest.mark.parametrize("rules", [RULES, rules_of_all()[POS_100R]], ids=["small", "100r"])


@BOTH
@settings(max_examples=60, deadline=None)
@given(draws=DRAWS, later=st.integers(0, 9000))
def test_the_lines_cover_the_ticket_and_the_spans_each_line_without_gap_or_overlap(
    rules: Rules, draws: list[Draw], later: int
) -> None:
    walk = Walk(rules, each=False)
    walk.go(draws)
    state, calendar = walk.state, rules.calendar
    now = walk.clock + dt.timedelta(minutes=later)
    found = ledger(rules, state, values(rules.procedure, walk.ticket.snapshot), now)
    lines = found.entries
    assert lines[0].start == state.received
    assert lines[-1].end == (state.ended_at or now)
    assert all(one.end == other.start for one, other in pairwise(lines))
    assert [each.stay for each in lines if each.stay] == list(state.stays)
    for line in lines:
        assert line.spans or line.start == line.end
        if line.spans:
            assert (line.spans[0].start, line.spans[-1].end) == (line.start, line.end)
        assert all(one.end == other.start for one, other in pairwise(line.spans))
        assert all(span.start < span.end and span.counted != bool(span.reason) for span in line.spans)
        if line.stay is None:
            continue
        with_requester = sum(
            (calendar.between(pause.since, pause.until or line.end) for pause in line.stay.pauses),
            dt.timedelta(),
        )
        counted = sum((span.end - span.start for span in line.spans if span.counted), dt.timedelta())
        assert counted == calendar.between(line.start, line.end) - with_requester
    assert found.ticket.used == sum(line.used for line in lines if line.place is Place.STEP)
    assert sum(each.used for each in found.units.values()) == found.ticket.used
    assert (found.step is None) == (state.stay is None)


@BOTH
@settings(max_examples=60, deadline=None)
@given(draws=DRAWS)
def test_the_same_journals_give_the_same_ledger(rules: Rules, draws: list[Draw]) -> None:
    """Looked at after every move, or all at once by a connector that lost everything."""
    kept, lost = Walk(rules, each=True), Walk(rules, each=False)
    kept.go(draws)
    lost.go(draws)
    now = kept.clock
    first, second = (
        ledger(rules, _plain(walk.state), values(rules.procedure, walk.ticket.snapshot), now)
        for walk in (kept, lost)
    )
    assert first == second


def _plain(state: TicketState) -> TicketState:
    """Without the ids of journals, which depend on how often the connector wrote one of its own."""
    stays = tuple(each.model_copy(update={"journal": 0}) for each in state.stays)
    return state.model_copy(update={"stays": stays})


@settings(max_examples=100, deadline=None)
@given(draws=DRAWS, limit=st.sampled_from(["20 menit", "3 jam", "25 jam"]))
def test_the_counted_minutes_until_the_limit_are_the_limit(draws: list[Draw], limit: str) -> None:
    allowed = Limit.model_validate(limit)
    steps = tuple(each.model_copy(update={"limit": allowed}) for each in PROCEDURE.steps)
    found = replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": steps}))
    walk = Walk(found, each=False)
    walk.go(draws)
    open_stay = walk.state.stay
    if open_stay is None or open_stay.due is None:
        return
    if any(pause.remaining is not None and pause.remaining <= 0 for pause in open_stay.pauses):
        return
    lines = ledger(found, walk.state, {}, open_stay.due).entries
    if walk.state.latest <= open_stay.due:
        assert lines[-1].used == lines[-1].norm
