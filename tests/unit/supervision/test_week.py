"""A week in figures."""

from __future__ import annotations

import datetime as dt

from connector.engine.sla import pause, resume
from connector.sop.model import DigestReader
from connector.supervision.digest import Scope
from connector.supervision.week import Figures, Week, week, worked
from tests.unit.supervision.sample import ALL, COMPLAINT, NOW, SERVICE, Tickets, at, office, reader

RULES = office().rulebook[SERVICE]


def figures(tickets: Tickets, scope: Scope = ALL) -> Week:
    table = office().timetable
    days = table.week(table.weekly(NOW))
    period = (table.midnight(days[0]), table.midnight(days[1] + dt.timedelta(1)))
    return week(office().rulebook, scope, tickets.rows, days, period)


def test_what_came_in_and_what_was_finished() -> None:
    made = Tickets()
    made.ended(SERVICE, "verifikasi-identitas", at(16, 8), at(16, 8, 20))
    made.ended(SERVICE, "verifikasi-identitas", at(13, 8), at(20, 11, 30))
    made.ended(SERVICE, "verifikasi-identitas", at(20, 15, 50), at(23, 8, 10))  # finished in the week after
    made.open(SERVICE, "verifikasi-identitas", at(22, 23))  # on Sunday night
    made.open(SERVICE, "verifikasi-identitas", at(23, 0))  # a minute later
    made.open(COMPLAINT, "telaah-teknis", at(2, 9))
    found = figures(made)
    assert (found.first, found.last) == (dt.date(2026, 11, 16), dt.date(2026, 11, 22))
    [line] = found.figures
    work = [dt.timedelta(minutes=20), dt.timedelta(hours=6.5 + 4 * 7 + 3.5)]
    assert line == Figures(SERVICE, received=3, finished=2, late=1, typical=sum(work, dt.timedelta()) / 2)
    assert found.total == (3, 2, 1)
    assert not found.empty


def test_a_week_in_which_nothing_happened() -> None:
    made = Tickets()
    made.open(SERVICE, "verifikasi-identitas", at(2, 9))
    assert figures(made).empty
    assert figures(made).figures == ()


def test_waiting_for_the_requester_is_no_work() -> None:
    made = Tickets()
    row = made.open(SERVICE, "verifikasi-identitas", at(16, 9))
    assert row.state.stay is not None
    stay = resume(pause(row.state.stay, at(16, 9, 10), RULES.calendar), at(18, 10), RULES.calendar)
    stay = stay.model_copy(update={"left": at(18, 10, 15)})
    assert worked(RULES.calendar, stay) == dt.timedelta(minutes=25)


def test_who_sees_units_gets_the_figures_of_their_steps() -> None:
    made = Tickets()
    made.ended(SERVICE, "verifikasi-identitas", at(17, 8), at(17, 11))
    made.ended(SERVICE, "penjadwalan", at(17, 8), at(18, 11))
    made.ended(COMPLAINT, "telaah-teknis", at(16, 8), at(20, 11))
    found = figures(made, reader("koordinator-programmer").scope)
    assert found.steps
    assert [(each.procedure, each.received, each.finished, each.late) for each in found.figures] == [
        (COMPLAINT, 1, 1, 1)
    ]
    helpdesk = Scope((DigestReader(roles=("kadiv-layanan",), units=("helpdesk",)),))
    assert [(each.procedure, each.finished, each.late) for each in figures(made, helpdesk).figures] == [
        (SERVICE, 2, 1)
    ]


def test_who_sees_one_procedure_gets_its_figures_alone() -> None:
    made = Tickets()
    made.ended(SERVICE, "verifikasi-identitas", at(17, 8), at(17, 11))
    made.ended(COMPLAINT, "telaah-teknis", at(16, 8), at(20, 11))
    scope = Scope((DigestReader(roles=("kadiv-layanan",), procedures=("pengaduan-masalah-si",)),))
    assert [each.procedure for each in figures(made, scope).figures] == [COMPLAINT]
