"""Which open tickets a changed mapping touches, and how it is said."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.state import TicketState
from connector.ports import StateRow
from connector.sop.model import Catalogue
from connector.standing import Change, Touched, displaced, render, touched
from tests.small import ORGANIZATION, PROCEDURE, FakeTicket

WORKING = "status:pengerjaan"


def catalogue(**changes: Any) -> Catalogue:
    changed = PROCEDURE.model_copy(update=changes)
    return Catalogue(organizations=(ORGANIZATION,), procedures=(changed,))


def without(step_id: str) -> Any:
    return tuple(step for step in PROCEDURE.steps if step.id != step_id)


def row(issue: int = 7, status: str = WORKING, **changes: Any) -> StateRow:
    state = FakeTicket.at(("meja", "Pengerjaan"), regu="A").snapshot.state
    assert isinstance(state, TicketState)
    state = state.model_copy(update=changes.pop("state", {}))
    given = {"closed": False, "last_journal": 3, "cursor": 3, "number": "UJI-2026-000001", "submission": None}
    return StateRow(issue=issue, state=state, status=status, **{**given, **changes})


def one(mappings: Catalogue, *rows: StateRow, profiles: tuple[str, ...] = ()) -> Touched | None:
    found = touched(mappings, profiles, rows or [row()])
    assert len(found) <= 1
    return found[0] if found else None


def test_a_mapping_that_did_not_change_touches_nothing() -> None:
    assert one(catalogue()) is None
    assert not displaced(catalogue(), row())


def test_a_step_taken_away_strands_its_tickets() -> None:
    found = one(catalogue(steps=without("kerja")), row(7), row(9))
    assert found == Touched("uji/layanan", "kerja", Change.REMOVED, None, (7, 9))
    assert found.stranded
    assert not displaced(catalogue(steps=without("kerja")), row())


def test_a_step_taken_away_with_a_place_for_its_tickets() -> None:
    mappings = catalogue(steps=without("kerja"), moved_to={"kerja": "periksa"})
    found = one(mappings)
    assert found == Touched("uji/layanan", "kerja", Change.MOVED, "periksa", (7,))
    assert not found.stranded
    assert displaced(mappings, row())


def test_a_status_with_another_name_moves_its_tickets() -> None:
    steps = tuple(
        step.model_copy(update={"status": "Sedang dikerjakan"}) if step.id == "kerja" else step
        for step in PROCEDURE.steps
    )
    found = one(catalogue(steps=steps))
    assert found == Touched("uji/layanan", "kerja", Change.RENAMED, "Sedang dikerjakan", (7,))
    assert displaced(catalogue(steps=steps), row())


def test_a_procedure_taken_away_strands_its_tickets_unless_it_is_another_profiles() -> None:
    empty = Catalogue(organizations=(ORGANIZATION,), procedures=())
    found = one(empty)
    assert found is not None
    assert (found.change, found.stranded) == (Change.PROCEDURE_REMOVED, True)
    assert one(empty, profiles=("lain",)) is None
    assert one(empty, profiles=("uji",)) == found
    assert not displaced(empty, row())


@pytest.mark.parametrize(
    "changes",
    [
        {"closed": True},
        {"cursor": 2, "status": "status:periksa"},
        {"state": {"stopped": True}, "status": "x"},
    ],
)
def test_what_is_closed_on_the_move_or_stopped_is_not_the_mappings_doing(changes: dict[str, Any]) -> None:
    assert one(catalogue(), row(**changes)) is None
    assert not displaced(catalogue(), row(**changes))


def test_it_is_said_in_words_with_what_to_write() -> None:
    found = touched(catalogue(steps=without("kerja")), (), [row(issue) for issue in range(1, 13)])
    text = render(found)
    assert text.splitlines()[0] == "Tiket terbuka yang terkena (12)"
    assert "  ! uji/layanan, langkah «kerja» dihapus" in text
    assert "12 tiket (#1, #2, #3, #4, #5, #6, #7, #8, #9, #10, …)" in text
    assert "tidak dapat diterapkan" in text
    assert text.endswith("  moved_to:\n    kerja: LANGKAH-BARU")
    assert render(()) == ""
    moved = touched(catalogue(steps=without("kerja"), moved_to={"kerja": "periksa"}), (), [row()])
    assert "tidak dapat diterapkan" not in render(moved)
    assert moved[0].as_json() == {
        "procedure": "uji/layanan",
        "step": "kerja",
        "change": "moved",
        "to": "periksa",
        "open": 1,
        "issues": [7],
    }
