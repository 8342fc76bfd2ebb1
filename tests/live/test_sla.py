"""What time alone does to tickets on a real Redmine: the field, the due date, the lists, and one mail a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import delete

from connector.bootstrap import Application
from connector.engine.clocks import NEAR, clocks, instant
from connector.sop.keys import LIMIT_FIELD, SLA_FIELD
from connector.store.tables import clocks as clock_table
from connector.warning import GATHER
from devtools.mail import text_of
from devtools.people import Api, Person, wait_until
from devtools.walk import Walker
from tests.live.service import Service

pytestmark = pytest.mark.live
MINUTE = dt.timedelta(minutes=1)


class Later:
    """The service at other times than now; only the tickets of the test wake."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.opened: list[Application] = []

    def at(self, moment: dt.datetime | None = None, wake: Sequence[int] = ()) -> Application:
        ahead = moment - dt.datetime.now(dt.UTC) if moment else dt.timedelta()
        application = self.service.here(ahead, caught_up=moment is None)
        self.opened.append(application)
        with application.store._db.write() as connection:
            connection.execute(delete(clock_table).where(clock_table.c.issue.not_in(wake)))
        application.poller.ring()
        self.service.drain(application)
        return application


@pytest.fixture
def later(service: Service) -> Iterator[Later]:
    found = Later(service)
    yield found
    for application in found.opened:
        application.store.close()


def staff(service: Service, role: str) -> list[Person]:
    return service.stack.people["unj"][role]


def as_user(service: Service, person: Person) -> Api:
    return Api(service.stack.redmine.url, person.api_key)


def listed(service: Service, person: Person, name: str) -> set[int]:
    """The issues of one of the project's lists, as somebody sees it."""
    api = as_user(service, person)
    project = service.stack.keys["project:unj"]
    queries = api.get("/queries.json", limit=100)["queries"]
    [ref] = [each["id"] for each in queries if each["name"] == name and each["project_id"] == project]
    found = api.get("/issues.json", query_id=ref, project_id=project, limit=100)["issues"]
    return {each["id"] for each in found}


def warnings(service: Service, person: Person) -> list[EmailMessage]:
    return [mail for mail in service.stack.mail.to(person.mail) if not mail["X-Redmine-Issue-Id"]]


def notifications(service: Service, issue: int) -> int:
    """Redmine's own mails of an issue."""
    return sum(1 for mail in service.stack.mail.messages() if mail["X-Redmine-Issue-Id"] == str(issue))


def shown(service: Service, issue: int) -> tuple[str, str, str | None]:
    """«Status SLA», «Batas waktu» and the due date."""
    read: dict[str, Any] = service.stack.admin.issue(issue)
    fields = {each["id"]: each["value"] for each in read["custom_fields"]}
    keys = service.stack.keys
    return fields[keys[SLA_FIELD]] or "", fields[keys[LIMIT_FIELD]] or "", read["due_date"]


def limits(application: Application, walker: Walker) -> tuple[dt.datetime, dt.datetime]:
    """When three quarters of the step's time are used, and when all of it is."""
    snapshot = application.redmine.read(walker.issue)
    assert snapshot is not None
    assert snapshot.state is not None
    rules = application.rules[snapshot.procedure]
    [clock] = clocks(rules, snapshot.state)
    return instant(rules.calendar, clock, NEAR), clock.due


def test_time_alone_is_shown_listed_and_told_once_and_redmine_keeps_silent(
    service: Service, later: Later
) -> None:
    app = later.at()
    tickets = [service.ticket(app)[0] for _ in range(2)]
    mine = [walker.issue for walker in tickets]
    near, due = limits(app, tickets[0])
    second_due = limits(app, tickets[1])[1]
    helpdesk, other = staff(service, "helpdesk"), staff(service, "tim-teknis")[0]
    before = {person.id: len(warnings(service, person)) for person in helpdesk}
    status, limit, date = shown(service, mine[0])
    assert (status, date) == ("Tepat waktu", due.date().isoformat())
    assert f"pukul {due:%H.%M} WIB" in limit
    # «saya» takes the groups in
    assert set(mine) <= listed(service, helpdesk[0], "Giliran saya")
    assert not set(mine) & listed(service, other, "Giliran saya")
    assert not set(mine) & listed(service, other, "Mendekati batas")
    told = [notifications(service, issue) for issue in mine]

    moment = max(near, limits(app, tickets[1])[0]) + MINUTE
    later.at(moment, mine)
    assert {shown(service, issue)[0] for issue in mine} == {"Mendekati batas"}
    assert set(mine) <= listed(service, other, "Mendekati batas")
    assert not set(mine) & listed(service, other, "Terlambat")
    later.at(moment + GATHER + MINUTE / 2, mine)
    for person in helpdesk:
        [mail] = warnings(service, person)[before[person.id] :]
        numbers = [service.state(issue)["number"] for issue in mine]
        assert "2 tiket mendekati batas waktu" in str(mail["Subject"])
        assert all(number in text_of(mail) for number in numbers)
        assert f"{service.stack.redmine.url}/issues/{mine[0]}" in text_of(mail, "html")

    moment = max(due, second_due) + MINUTE
    late = later.at(moment, mine)
    assert {shown(service, issue)[0] for issue in mine} == {"Terlambat"}
    assert shown(service, mine[0])[1:] == (limit, date)
    assert set(mine) <= listed(service, other, "Terlambat")
    assert not set(mine) & listed(service, other, "Mendekati batas")
    later.at(moment + GATHER + MINUTE / 2, mine)
    for person in helpdesk:
        assert len(warnings(service, person)) == before[person.id] + 2

    journals = len(service.stack.admin.issue(mine[0])["journals"])
    for issue in mine:
        service.look(late, issue)
    assert len(service.stack.admin.issue(mine[0])["journals"]) == journals
    # Redmine tells of the next step; had it told of the time, that had come before
    tickets[0].leave(service.procedure.first_step, "terverifikasi")
    service.look(late, mine[0])
    wait_until("Redmine tells of the step", lambda: notifications(service, mine[0]) > told[0])
    assert notifications(service, mine[1]) == told[1]
    subjects = [
        str(mail["Subject"])
        for mail in service.stack.mail.messages()
        if mail["X-Redmine-Issue-Id"] == str(mine[0])
    ]
    assert all("Penjadwalan" in subject for subject in subjects[told[0] :])


def test_staff_cannot_write_the_status(service: Service, later: Later) -> None:
    walker, _ = service.ticket(later.at())
    field = {"id": service.stack.keys[SLA_FIELD], "value": "Terlambat"}
    desk = walker.desk("helpdesk")
    desk.api.call("PUT", f"/issues/{walker.issue}.json", {"issue": {"custom_fields": [field]}})
    assert shown(service, walker.issue)[0] == "Tepat waktu"
    [read] = [
        each
        for each in service.stack.admin.get("/custom_fields.json")["custom_fields"]
        if each["id"] == service.stack.keys[SLA_FIELD]
    ]
    values = [each["value"] for each in read["possible_values"]]
    assert values == ["Tepat waktu", "Mendekati batas", "Terlambat", "Ditunda"]


def test_a_ticket_that_waits_for_its_requester_is_put_off(service: Service, later: Later) -> None:
    app = later.at()
    walker, _ = service.ticket(app)
    walker.leave(service.procedure.first_step, "dikembalikan")
    service.look(app, walker.issue)
    assert shown(service, walker.issue) == ("Ditunda", "", None)
    walker.desk("helpdesk").edit(walker.issue, status="Dilanjutkan")
    service.look(app, walker.issue)
    assert shown(service, walker.issue)[0] == "Tepat waktu"
