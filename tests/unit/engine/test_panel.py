"""The panel: what it says in every mood, and that it never makes a ticket restless."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from connector.engine.panel import FORMAT, panel
from connector.engine.plan import plan, plan_submission
from connector.engine.progress import Rules, entered, moved
from connector.engine.snapshot import Submission
from connector.sop.model import Procedure
from connector.sop.table import moves
from tests.small import FORM, FRESH, MONDAY, PROCEDURE, RULES, FakeTicket, key
from tests.unit.engine.test_duties import FIRST, report, until
from tests.unit.engine.test_duties import ticket as reporting_ticket
from tests.unit.engine.test_projection import closed, rules
from tests.unit.engine.test_waiting import LAST, reminded, waiting
from tests.world import World

FILLED = {"regu": "A", "hasil": "beres"}
WORKING = (("meja", "Pengerjaan"),)
DONE = (*WORKING, ("teknis-a", "Pengesahan"))


def of(ticket: FakeTicket) -> dict[str, Any]:
    assert ticket.snapshot.state is not None
    return dict(ticket.snapshot.state.panel)


def states(shown: dict[str, Any]) -> dict[str, str]:
    return {step["no"]: step["state"] for step in shown["steps"]}


def step(shown: dict[str, Any], no: str) -> dict[str, Any]:
    return next(each for each in shown["steps"] if each["no"] == no)


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}:00+00:00").timestamp())


# what it says -------------------------------------------------------------------------------------------------


def test_the_first_step_with_its_role_limit_moves_and_what_each_needs() -> None:
    shown = of(FakeTicket.at())
    assert shown["format"] == FORMAT
    assert (shown["mood"], shown["status"]) == ("step", "status:pemeriksaan")
    assert shown["zone"] == "Asia/Jakarta"
    assert shown["now"] == {
        "no": "2",
        "of": "5",
        "title": "Pemeriksaan",
        "roles": ["Meja layanan"],
        "role_keys": ["role:uji:meja"],
        "since": utc("2026-11-23T02:00"),
        "limit": {"amount": 30, "unit": "menit"},
        "due": utc("2026-11-23T02:30"),
    }
    assert shown["moves"] == [
        {
            "kind": "outcome",
            "status": "Pengerjaan",
            "label": "lengkap",
            "needs": [{"field": key("regu")}, {"field": key("izin"), "when": {key("regu"): "B"}}],
        },
        {"kind": "return", "status": "Menunggu Pemohon", "needs": [{"field": key("permintaan_perbaikan")}]},
        {"kind": "outcome", "status": "Tolak", "needs": [{"field": key("alasan")}]},
        {"kind": "withdraw", "status": "Batal"},
    ]
    named = ("regu", "izin", "alasan", "permintaan_perbaikan")
    assert shown["here"] == [key(name) for name in named]


def test_a_limit_that_moved_says_from_where_and_why() -> None:
    ticket = FakeTicket.at(*WORKING, **FILLED)
    assert "moved" not in of(ticket)["now"]
    for days in (("2026-11-24",), ("2026-11-24", "2026-11-25")):
        ticket.rules = rules(**closed(*days))
        ticket.settle()
    assert of(ticket)["now"]["moved"] == {
        "old": utc("2026-11-25T09:00"),
        "why": "libur Dies natalis pada Selasa, 24 November 2026; libur Dies natalis pada Rabu, 25 November 2026",
    }
    assert of(ticket)["now"]["due"] == utc("2026-11-27T09:00")


def test_every_field_belongs_to_one_step_at_most() -> None:
    shown = of(FakeTicket.at())
    fields = [name for each in shown["steps"] for name in each.get("fields", [])]
    assert step(shown, "1")["fields"] == [key(name) for name in FORM]
    assert step(shown, "4")["fields"] == [key("berita-acara")]
    assert sorted([*fields, *shown["others"]]) == sorted(each.key for each in PROCEDURE.fields)


def test_done_steps_say_who_did_what_when_and_whether_it_was_late() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.now = ticket.now.replace(hour=15)
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    shown = of(ticket)
    assert states(shown) == {"1": "done", "2": "done", "3": "now", "4": "ahead", "5": "ahead"}
    assert step(shown, "1")["visits"] == [{"left": utc("2026-11-23T02:00")}]
    (visit,) = step(shown, "2")["visits"]
    assert (visit["outcome"], visit["by"], visit["late"]) == ("lengkap", 7, True)
    assert (visit["entered"], visit["left"]) == (utc("2026-11-23T02:00"), utc("2026-11-23T08:02"))


def test_a_role_that_a_field_chooses_is_named_once_it_is_chosen() -> None:
    undecided = of(FakeTicket.at())
    assert step(undecided, "3")["roles"] == ["Tim A", "Tim B"]
    assert step(of(FakeTicket.at(regu="B")), "3")["roles"] == ["Tim B"]


def test_what_is_done_once_more_and_what_was_done_stays_in_sight() -> None:
    ticket = FakeTicket.at(*DONE, **FILLED)
    ticket.move("kepala", "Pengerjaan")
    ticket.settle()
    shown = of(ticket)
    assert states(shown) == {"1": "done", "2": "done", "3": "now", "4": "again", "5": "ahead"}
    assert [visit.get("outcome") for visit in step(shown, "3")["visits"]] == ["selesai", None]
    assert step(shown, "4")["visits"][0]["outcome"] == "kerjakan ulang"


def test_with_the_requester_the_clock_stands_and_the_return_stays_visible_afterwards() -> None:
    ticket = FakeTicket.at()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="Foto.")
    ticket.settle()
    shown = of(ticket)
    assert (shown["mood"], shown["status"]) == ("waiting", "status:menunggu-pemohon")
    assert "due" not in shown["now"]
    assert shown["now"]["paused"]["minutes"] == 28
    assert [move["kind"] for move in shown["moves"]] == ["resume", "withdraw"]
    assert key("email") in shown["here"]
    assert "until" not in step(shown, "2")["visits"][0]["pauses"][0]
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    shown = of(ticket)
    assert shown["mood"] == "step"
    assert set(step(shown, "2")["visits"][0]["pauses"][0]) == {"since", "until"}


def test_no_time_left_is_said_and_not_left_out() -> None:
    ticket = FakeTicket.at()
    ticket.now = MONDAY.replace(hour=9, minute=29)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="Foto.")
    ticket.settle()
    assert of(ticket)["now"]["paused"]["minutes"] == 0


def test_an_incomplete_ticket_names_all_that_the_form_would_have_asked() -> None:
    ticket = FakeTicket.new(nama="Sari")
    ticket.settle()
    shown = of(ticket)
    assert (shown["mood"], shown["now"]["title"]) == ("intake", PROCEDURE.intake)
    assert [need["field"] for need in shown["moves"][0]["needs"]] == [
        key(name) for name in ("nama", "email", "uraian")
    ]
    assert states(shown) == {"1": "done", "2": "ahead", "3": "ahead", "4": "ahead", "5": "ahead"}


def test_an_end_is_told_and_what_was_not_reached_is_not_taken() -> None:
    ticket = FakeTicket.at()
    ticket.move("meja", "Tolak", alasan="Di luar lingkup.")
    ticket.settle()
    shown = of(ticket)
    assert shown["mood"] == "ended"
    assert shown["end"] == {"title": "Ditolak", "at": utc("2026-11-23T02:02")}
    assert states(shown) == {"1": "done", "2": "done", "3": "skipped", "4": "skipped", "5": "skipped"}
    assert "moves" not in shown
    assert "now" not in shown


def test_a_move_by_the_override_role_and_a_withdrawal_are_marked() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("pengelola-sop", "Pengesahan", notes="Perintah pimpinan: rahasia.")
    ticket.settle()
    shown = of(ticket)
    assert step(shown, "2")["visits"][0]["how"] == "override"
    assert "rahasia" not in json.dumps(shown)
    ticket.move("meja", "Batal")
    ticket.settle()
    assert step(of(ticket), "4")["visits"][0]["how"] == "withdraw"


def test_a_ticket_that_was_given_up_says_so() -> None:
    ticket = FakeTicket.at()
    for _ in range(2):
        ticket.move("meja", "Penerimaan")
        ticket.settle()
    assert of(ticket)["stopped"] is True


# branches -----------------------------------------------------------------------------------------------------


def branching() -> Rules:
    """2 leads to 3a or 3b, both to 4; a milestone closes it, and a duty goes with 4."""
    body = PROCEDURE.model_dump(mode="json")
    plain = {"roles": ["meja"], "needs": [], "outputs": [], "kind": "step"}
    body["steps"] = [
        {"no": "1", "id": "pengajuan", "title": "Pengajuan", "roles": ["pemohon"]},
        {
            **plain,
            "no": "2",
            "id": "periksa",
            "title": "Periksa",
            "status": "Pemeriksaan",
            "outcomes": {"a": {"to": "cara-a"}, "b": {"to": "cara-b"}},
        },
        {**plain, "no": "3a", "id": "cara-a", "title": "A", "status": "Cara A", "outcomes": {"o": "akhir"}},
        {
            **plain,
            "no": "3b",
            "id": "cara-b",
            "title": "B",
            "status": "Cara B",
            "outcomes": {"o": "akhir", "balik": "periksa"},
        },
        {
            **plain,
            "no": "4",
            "id": "akhir",
            "title": "Akhir",
            "status": "Akhir",
            "outcomes": {"o": "selesai"},
        },
        {
            "no": "5",
            "id": "lapor",
            "title": "Lapor",
            "kind": "duty",
            "roles": ["meja"],
            "every": "1 minggu",
            "outputs": ["hasil"],
        },
        {"no": "6", "id": "tutup", "title": "Tutup", "kind": "milestone"},
    ]
    return Rules(Procedure.model_validate(body), RULES.organization, RULES.calendar)


@pytest.mark.parametrize(
    ("went", "expected"),
    [
        ((), ("done", "now", "ahead", "maybe", "ahead", "ahead", "ahead")),
        (("a",), ("done", "done", "now", "skipped", "ahead", "ahead", "ahead")),
        (("b",), ("done", "done", "skipped", "now", "ahead", "ahead", "ahead")),
        (("b", "balik"), ("done", "now", "ahead", "done", "ahead", "ahead", "ahead")),
        (("a", "o"), ("done", "done", "done", "skipped", "now", "now", "ahead")),
        (("a", "o", "o"), ("done", "done", "done", "skipped", "done", "done", "done")),
    ],
)
def test_a_branch_not_taken_is_told_from_one_that_is_still_open(
    went: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    rules = branching()
    state = plan_submission(rules, submission()).state
    assert state is not None
    for journal, outcome in enumerate(went, start=1):
        assert state.stay is not None
        move = next(m for m in moves(rules.procedure) if (m.step, m.outcome) == (state.stay.step, outcome))
        state = moved(rules, state, move, MONDAY, given=FORM, journal=journal, by=7)
    assert tuple(states(panel(rules, state, {})).values()) == expected


def test_a_duty_says_how_often_and_its_fields_matter_while_its_step_lasts() -> None:
    rules = branching()
    state = plan_submission(rules, submission()).state
    assert state is not None
    state = entered(rules, state, "akhir", MONDAY, given={}, journal=1)
    shown = panel(rules, state, {})
    assert shown["here"] == [key("hasil")]
    assert step(shown, "5")["every"] == {"amount": 1, "unit": "minggu"}


# what it must never do ----------------------------------------------------------------------------------------


def submission() -> Submission:
    return Submission(
        id="s1", procedure=PROCEDURE.key, number=FRESH.number, received=MONDAY, token_hash="h", fields=FORM
    )


def test_it_is_there_from_the_submission_on_and_reads_back_as_it_was_written() -> None:
    state = plan_submission(RULES, submission()).state
    assert state is not None
    assert state.panel["mood"] == "step"
    assert type(state).model_validate_json(state.model_dump_json()) == state


def test_a_ticket_of_an_older_connector_gets_it_in_one_silent_commit() -> None:
    ticket = FakeTicket.at()
    state = ticket.snapshot.state
    assert state is not None
    ticket.snapshot = ticket.snapshot.model_copy(update={"state": state.model_copy(update={"panel": {}})})
    made = plan(RULES, ticket.snapshot, ticket.now, FRESH)
    assert made.effects == ()
    assert made.state == state


def test_filling_in_a_field_that_decides_nothing_changes_nothing() -> None:
    ticket = FakeTicket.at()
    fields = {**ticket.snapshot.fields, key("izin"): "ada"}
    ticket.snapshot = ticket.snapshot.model_copy(update={"fields": fields})
    assert plan(RULES, ticket.snapshot, ticket.now, FRESH).empty


def test_on_a_shipped_procedure_it_is_small_and_holds_nothing_of_the_requester() -> None:
    world = World()
    number = world.submit(nama_pemohon="Sari Melati", email_pemohon="sari@kampus.contoh.id")
    world.work()
    world.walk(number, "verifikasi-kadiv")
    world.move(number, "dikerjakan-ulang")
    world.walk(number, "selesai")
    state = world.snapshot(number).state
    assert state is not None
    text = json.dumps(state.panel)
    assert len(text) < 12_000
    for personal in ("Sari", "sari@", "1301619001", "0812"):
        assert personal not in text


def test_a_panel_says_until_when_the_requester_may_answer_and_that_he_did_not() -> None:
    ticket = waiting()
    assert of(ticket)["now"]["paused"]["answer_by"] == utc("2026-12-23T09:00")
    ticket = reminded()
    ticket.now = LAST + dt.timedelta(seconds=1)
    ticket.settle()
    [visit] = step(of(ticket), "2")["visits"]
    assert visit["how"] == "expire"


def test_a_panel_tells_of_duties_what_is_owed_made_and_missing() -> None:
    found = reporting_ticket()
    assert of(found)["now"]["duties"] == [{"title": "Pelaporan", "due": utc("2026-11-30T09:00")}]
    report(found, "11-25T10:00", **FIRST)
    made = {"title": "Pelaporan", "due": utc("2026-12-07T09:00"), "last": utc("2026-11-25T03:00")}
    assert of(found)["now"]["duties"] == [made]
    until(found, "12-08T09:00")
    late = {**made, "due": utc("2026-12-07T09:00"), "missed": 1}
    assert of(found)["now"]["duties"] == [late]
    until(found, "12-15T09:00")
    assert of(found)["now"]["duties"] == [{**late, "due": utc("2026-12-14T09:00"), "missed": 2}]
    assert step(of(found), "3a")["visits"] == [
        {"left": utc("2026-11-25T03:00"), "outcome": "ke-1", "by": 7},
        {"left": utc("2026-12-07T09:00"), "outcome": "ke-2", "how": "missed", "late": True},
        {"left": utc("2026-12-14T09:00"), "outcome": "ke-3", "how": "missed", "late": True},
    ]
