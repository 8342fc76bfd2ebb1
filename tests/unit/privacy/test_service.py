"""When a ticket's personal data is overwritten, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from connector.engine.state import TicketState
from connector.errors import ConflictError, RefusedError, TransientError
from connector.ports import StateRow
from connector.privacy.service import Anonymizer, UnfitError, is_due
from connector.sop.model import Catalogue, End, Reopen
from connector.sop.privacy import Privacy
from tests.fakes import FakeStore
from tests.small import ORGANIZATION, PROCEDURE, RULES
from tests.unit.privacy.sample import body

KEPT = replace(
    RULES,
    organization=ORGANIZATION.model_copy(
        update={"privacy": Privacy.model_validate({"anonymize_after": "2 tahun"})}
    ),
)
NOW = dt.datetime(2029, 1, 1, tzinfo=dt.UTC)
NAME = PROCEDURE.fields[0].model_copy(update={"personal": True})
PERSONAL = PROCEDURE.model_copy(update={"fields": (NAME, *PROCEDURE.fields[1:])})


@dataclass
class Site:
    """Redmine, as far as it matters here, and the connector's tables."""

    bodies: dict[int, dict[str, Any]]
    troubles: list[Exception] = field(default_factory=list)
    log: list[tuple[str, int]] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def states(self, *, open_only: bool) -> Iterator[StateRow]:
        assert not open_only
        for issue, each in self.bodies.items():
            state = TicketState.model_validate(each["state"]["data"])
            yield StateRow(issue, True, 0, 0, state.number, None, state, "")

    def ids(self) -> Mapping[str, int]:
        return {NAME.key: 1}

    def body(self, issue: int) -> Mapping[str, Any] | None:
        return self.bodies.get(issue)

    def erase(self, issue: int, request: Mapping[str, Any]) -> None:
        self.log.append(("redmine", issue))
        if self.troubles:
            raise self.troubles.pop(0)
        self.asked.append(request)
        self.bodies[issue] = body(issue=issue, anonymized=request["state"]["anonymized"])

    def forget(self, number: str, issue: int) -> None:
        assert number == "UJI-2026-000001"
        self.log.append(("tables", issue))


def anonymizer(site: Site) -> Anonymizer:
    catalogue = Catalogue(organizations=(ORGANIZATION,), procedures=(PERSONAL,))
    return Anonymizer(site, FakeStore().submissions, site, catalogue, {PROCEDURE.key: KEPT}, lambda: NOW)


def person(**more: Any) -> dict[str, Any]:
    return body(fields={1: "Budi Santoso"}, **more)


def test_what_is_due_is_overwritten_the_tables_first() -> None:
    site = Site(
        {
            7: person(issue=7),
            8: person(issue=8, ended_at="2027-06-01T02:00:00Z"),
            9: person(issue=9, ended=None, ended_at=None),
        }
    )
    outcomes = list(anonymizer(site).every(apply=True))
    assert site.log == [("tables", 7), ("redmine", 7)]
    assert [(each.issue, each.counts["fields"], each.problem) for each in outcomes] == [(7, 1, "")]
    assert "2 tahun sesudah tiket berakhir" in site.asked[0]["note"]
    assert list(anonymizer(site).every(apply=True)) == []


def test_without_apply_nothing_is_changed() -> None:
    site = Site({7: person(issue=7)})
    [outcome] = anonymizer(site).every(apply=False)
    assert (outcome.counts["fields"], site.log) == (1, [])


def test_after_a_crash_the_next_run_does_the_rest() -> None:
    site = Site({7: person(issue=7)}, troubles=[TransientError("mati")])
    with pytest.raises(TransientError):
        list(anonymizer(site).every(apply=True))
    assert [each.issue for each in anonymizer(site).every(apply=True)] == [7]
    assert site.log[-2:] == [("tables", 7), ("redmine", 7)]


def test_one_that_is_refused_does_not_hold_up_the_next() -> None:
    site = Site({7: person(issue=7), 8: person(issue=8)}, troubles=[RefusedError(("bukan milik tiket ini",))])
    first, second = anonymizer(site).every(apply=True)
    assert (first.problem, second.problem) == ("bukan milik tiket ini", "")


def test_who_writes_meanwhile_is_waited_for_but_not_for_ever() -> None:
    site = Site({7: person(issue=7)}, troubles=[ConflictError("tiket berubah")])
    assert [each.problem for each in anonymizer(site).every(apply=True)] == [""]
    site = Site({7: person(issue=7)}, troubles=[ConflictError("tiket berubah")] * 3)
    [outcome] = anonymizer(site).every(apply=True)
    assert "berubah terus" in outcome.problem


def test_what_the_connector_has_not_seen_yet_is_not_passed_over() -> None:
    site = Site({7: person(issue=7, notes=("baru",))})
    site.bodies[7]["state"]["cursor"] = 0
    [outcome] = anonymizer(site).every(apply=True)
    assert ("belum diolah" in outcome.problem, site.log) == (True, [])


def test_a_request_does_not_wait_but_the_ticket_must_have_ended() -> None:
    site = Site(
        {7: person(issue=7, ended_at="2028-12-31T02:00:00Z"), 8: person(issue=8, ended=None, ended_at=None)}
    )
    service = anonymizer(site)
    assert service.one(7, "Dasar", apply=True).problem == ""
    assert site.asked[0]["note"] == "Dasar"
    service.one(7, "Dasar", apply=True)
    assert [place for place, _ in site.log] == ["tables", "redmine", "tables"]
    for issue in (8, 99):
        with pytest.raises(UnfitError):
            service.one(issue, "Dasar", apply=True)


def test_a_ticket_that_may_be_taken_back_is_not_due() -> None:
    state = TicketState.model_validate(person()["state"]["data"])
    assert is_due(KEPT, state, NOW)
    assert not is_due(RULES, state, NOW)
    reopen = Reopen.model_validate({"within": "30 bulan", "to": "kerja", "roles": ["meja"]})
    end = End(id="selesai", status="Selesai", title="Selesai", reopen=reopen)
    again = replace(KEPT, procedure=PROCEDURE.model_copy(update={"ends": (end,)}))
    assert not is_due(again, state, NOW)
    assert is_due(again, state, NOW.replace(year=2030))


def test_a_ticket_that_was_taken_back_since_is_due_again() -> None:
    once = TicketState.model_validate(person(anonymized="2026-12-01T03:00:00Z")["state"]["data"])
    assert not is_due(KEPT, once, NOW)
    again = once.model_copy(update={"ended_at": dt.datetime(2026, 12, 15, tzinfo=dt.UTC)})
    assert is_due(KEPT, again, NOW)
