"""What `connector plan` says of running clocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.engine.progress import Rules
from connector.engine.state import TicketState
from connector.limits import Running, render, running
from connector.ports import StateRow
from connector.sop.model import Limit, LimitBy
from tests.small import PROCEDURE, RULES, FakeTicket
from tests.unit.engine.test_projection import closed, rules

REASON = "libur Dies natalis pada Selasa, 24 November 2026"


def row(issue: int, *moves: tuple[str, str], **changes: Any) -> StateRow:
    state = FakeTicket.at(*moves, regu="A").snapshot.state
    assert isinstance(state, TicketState)
    state = state.model_copy(update=changes)
    return StateRow(issue, False, 3, 3, f"UJI-2026-{issue:06d}", None, state, "")


def of(found: Rules, *rows: StateRow) -> Running:
    return running({PROCEDURE.key: found}, rows)


def with_step(step_id: str, **changes: Any) -> Rules:
    steps = [each.model_copy(update=changes) if each.id == step_id else each for each in PROCEDURE.steps]
    return replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": tuple(steps)}))


WORKING = ("meja", "Pengerjaan")
ROWS = (row(4, WORKING), row(5), row(9, WORKING), row(11, WORKING, stopped=True))


def test_files_that_did_not_change_move_nothing() -> None:
    assert of(RULES, *ROWS) == Running()
    assert render(Running()) == ""


def test_the_limits_that_a_new_closure_moves_are_named_with_their_reason() -> None:
    found = of(rules(**closed("2026-11-24")), *ROWS, replace(row(12, WORKING), closed=True))
    assert found.as_json() == {
        "moving": [{"procedure": "uji/layanan", "reason": REASON, "open": 3, "issues": [4, 9, 11]}],
        "kept": [],
    }
    assert render(found) == (
        "Batas waktu yang bergeser setelah konektor dijalankan ulang (3)\n"
        f"  ~ uji/layanan: 3 tiket (#4, #9, #11), karena {REASON}"
    )


def test_running_stays_that_keep_an_older_limit_are_named() -> None:
    found = of(with_step("kerja", limit=Limit.model_validate("5 hari kerja")), *ROWS)
    assert found.as_json()["kept"] == [
        {
            "procedure": "uji/layanan",
            "step": "kerja",
            "limit": "2 hari kerja",
            "new": "5 hari kerja",
            "open": 3,
            "issues": [4, 9, 11],
        }
    ]
    assert found.moving == ()
    assert "«kerja»: 2 hari kerja; yang masuk kemudian 5 hari kerja: 3 tiket (#4, #9, #11)" in render(found)


def test_a_limit_that_a_field_chooses_is_an_older_one_only_if_no_choice_gives_it() -> None:
    by = {"A": Limit.model_validate("2 hari kerja"), "B": Limit.model_validate("9 jam")}
    chosen = with_step("kerja", limit=None, limit_by=LimitBy(field="regu", limits=by))
    assert of(chosen, row(4, WORKING)).kept == ()
    other = with_step("kerja", limit=None, limit_by=LimitBy(field="regu", limits={**by, "A": by["B"]}))
    [kept] = of(other, row(4, WORKING)).kept
    assert (kept.limit, kept.new) == ("2 hari kerja", "9 jam")
    [without] = of(with_step("kerja", limit=None), row(4, WORKING)).kept
    assert without.new == "tanpa batas waktu"


def test_a_step_that_is_gone_and_a_procedure_that_nobody_knows_are_not_its_business() -> None:
    steps = tuple(step for step in PROCEDURE.steps if step.id != "kerja")
    gone = replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": steps}))
    assert of(gone, row(4, WORKING)) == Running()
    assert running({}, ROWS) == Running()
