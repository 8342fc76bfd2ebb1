"""Whom every shipped procedure tells, and when: a requester is never left to guess."""

from __future__ import annotations

from collections.abc import Iterable

from connector.sop.model import Procedure, Tell
from connector.sop.table import is_return
from tests.world import catalogue


def told(tells: Iterable[Tell], roles: Iterable[str]) -> bool:
    return bool({role for tell in tells for role in tell.to} & set(roles))


def silent(procedure: Procedure) -> list[str]:
    """Where a requester should hear something and does not."""
    mine = procedure.requesters
    places = [("diterima", procedure.received)]
    for step in procedure.active_steps:
        places += [
            (f"{step.id}: {name}", outcome.tell)
            for name, outcome in step.outcomes.items()
            if is_return(procedure, outcome.to)
        ]
        if step.unanswered is not None:
            places.append((f"{step.id}: tanpa jawaban", step.unanswered.tell))
    for end in procedure.ends:
        places.append((end.id, end.tell))
        if end.reopen is not None:
            places.append((f"{end.id}: dibuka kembali", end.reopen.tell))
    return [place for place, tells in places if not told(tells, mine)]


def test_the_requester_hears_of_receipt_return_refusal_reopening_and_end() -> None:
    procedures = catalogue("").procedures
    assert len(procedures) == 10
    assert {each.key: silent(each) for each in procedures if silent(each)} == {}


def test_west_java_tells_its_officers_at_the_beginning_and_the_end() -> None:
    procedure = catalogue("").by_key("jabar/service-desk")
    assert procedure is not None
    end = next(end for end in procedure.ends if end.success)
    for role in ("helpdesk", "kepala-bidang", "kepala-seksi"):
        assert told(procedure.first_step.tell, [role])
        assert told(end.tell, [role])
    assert told(end.tell, ["agen"])


def test_every_service_with_a_form_asks_for_the_nine_elements() -> None:
    for procedure in catalogue("").procedures:
        assert procedure.survey is not None, procedure.key
        assert [each[:2] for each in procedure.survey.elements] == [f"u{n}" for n in range(1, 10)]
        assert len(procedure.survey.questions) == 10
