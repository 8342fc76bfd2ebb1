"""Tickets in every state that a digest tells of, as the plugin's list has them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.engine.progress import Rules, entered
from connector.engine.sla import end, pause
from connector.engine.snapshot import Assignee
from connector.engine.state import Period, Stay, TicketState
from connector.notify.render import MailRenderer
from connector.ports import Member, OutgoingMail, StateRow
from connector.settings import ROOT
from connector.sop.model import DigestReader, Digests, Limit, Unit
from connector.supervision.digest import Scope, digest
from connector.supervision.letter import Before, Letter, unsent
from connector.supervision.links import links_of
from connector.supervision.offices import Office, Reader, offices
from connector.supervision.week import week
from tests.world import JAKARTA, rules_of_all

SERVICE = "unj/permohonan-layanan-teknis"
COMPLAINT = "unj/pengaduan-masalah-si"
DATA = "unj/permintaan-data-insidental"
#: Wednesday, an hour after the office opened; nothing is free around it.
NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=JAKARTA)
ALL = Scope((DigestReader(roles=("kepala-pustikom",)),))
IDS = {
    "tracker:unj:permohonan-layanan-teknis": 3,
    "tracker:unj:pengaduan-masalah-si": 4,
    "query:unj:terlambat": 11,
    "query:unj:menunggu": 12,
    "group:unj:koordinator-programmer": 21,
    "group:unj:tim-programmer": 22,
    "field:sop:status_sla": 31,
    "status:menunggu-pemohon": 41,
    "status:permohonan-masuk": 42,
}
RATNA = Assignee(id=71, name="Ratna Wulandari", is_group=False, roles=frozenset({"helpdesk"}))


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> dt.datetime:
    """An instant of 2026 in Jakarta."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=JAKARTA)


def office(profile: str = "unj") -> Office:
    return offices(rules_of_all(profile))[profile]


def digests(profile: str = "unj") -> Digests:
    return office(profile).digests


def reader(*roles: str, profile: str = "unj", ref: int = 7, name: str = "Bagus Prakoso") -> Reader:
    """A person with these roles, who sees what the mapping lets them see."""
    entries = [each for each in digests(profile).readers if set(each.roles) & set(roles)]
    return Reader(Member(ref, name, f"orang{ref}@contoh.id"), roles, Scope(tuple(entries)))


@dataclass
class Tickets:
    """Makes tickets one after another."""

    profile: str = "unj"
    rows: list[StateRow] = field(default_factory=list)
    unjudged: set[int] = field(default_factory=set)
    _issues: Iterator[int] = field(default_factory=lambda: itertools.count(101))

    def rules(self, key: str) -> Rules:
        return rules_of_all(self.profile)[key]

    def open(
        self,
        key: str,
        step: str,
        since: dt.datetime,
        *,
        subject: str = "Jaringan dan Wi-Fi: Sari Melati, Prodi PTI",
        assignee: Assignee | None = None,
    ) -> StateRow:
        """A ticket in a step since an instant."""
        rules, issue = self.rules(key), next(self._issues)
        state = TicketState(
            procedure=key,
            number=f"{rules.organization.ticket_prefix}-2026-{issue:06d}",
            received=since,
            origin="portal",
            token_hash="x",
        )
        state = entered(rules, state, step, since, given={}, journal=1)
        row = StateRow(issue, False, 5, 5, state.number, None, state, "", subject, assignee)
        self.rows.append(row)
        return row

    def incomplete(self, key: str, since: dt.datetime, **more: object) -> StateRow:
        """A ticket that came by mail or at the desk, and is in no step yet."""
        rules = self.rules(key)
        row = self.open(key, rules.procedure.first_step.id, since, **more)  # type: ignore[arg-type]
        return self._replace(row, stays=())

    def paused(self, key: str, step: str, since: dt.datetime, wait: dt.datetime, **more: object) -> StateRow:
        """A ticket that waits for its requester since `wait`."""
        row = self.open(key, step, since, **more)  # type: ignore[arg-type]
        rules = self.rules(key)
        stay = pause(_stay(row), wait, rules.calendar, rules.procedure.waiting.limit)
        return self._replace(row, stays=(stay,))

    def reported(
        self, since: dt.datetime, *periods: tuple[dt.datetime, dt.datetime | None], **more: object
    ) -> StateRow:
        """A complaint that is mended since an instant, with its weekly reports: until when, and when it came."""
        row = self.open(COMPLAINT, "penanganan-lokal", since, **more)  # type: ignore[arg-type]
        every = Limit(amount=1, unit=Unit.WEEK)
        made = [
            Period(step="pelaporan-progres", stay=1, no=no, every=every, since=since, due=due, reported=came)
            for no, (due, came) in enumerate(periods, 1)
        ]
        return self._replace(row, duties=tuple(made))

    def ended(self, key: str, step: str, since: dt.datetime, left: dt.datetime) -> StateRow:
        """A ticket that was finished in its first step."""
        row = self.open(key, step, since)
        stay = end(_stay(row), left, "selesai", 5)
        return self._replace(row, stays=(stay,), ended="selesai", ended_at=left)

    def _replace(self, row: StateRow, **changes: object) -> StateRow:
        state = row.state.model_copy(update=changes)
        changed = StateRow(
            row.issue,
            state.ended is not None,
            row.last_journal,
            row.cursor,
            row.number,
            None,
            state,
            "",
            row.subject,
            row.assignee,
        )
        self.rows[self.rows.index(row)] = changed
        return changed


def _stay(row: StateRow) -> Stay:
    stay = row.state.stay
    assert stay is not None
    return stay


def few() -> Tickets:
    """A quiet day: one of each, and some that are in time."""
    made = Tickets()
    made.open(SERVICE, "verifikasi-identitas", at(23, 10), assignee=RATNA)
    made.open(SERVICE, "penjadwalan", at(24, 15, 30))
    made.open(SERVICE, "penjadwalan", at(25, 8, 30))
    made.paused(SERVICE, "verifikasi-identitas", at(10, 9), at(10, 9, 10))
    made.open(COMPLAINT, "telaah-teknis", at(24, 9))
    return made


def owing() -> Tickets:
    """A complaint whose last two reports are missing, and that is late as well."""
    made = Tickets()
    weeks = [at(day, 16) for day in (10, 17, 24)]
    made.reported(
        at(3, 9), (weeks[0], at(9, 9)), (weeks[1], None), (weeks[2], None), (at(1, 16, month=12), None)
    )
    return made


def many() -> Tickets:
    """A bad week."""
    made = Tickets()
    subjects = itertools.cycle(
        [
            "Jaringan dan Wi-Fi: Sari Melati, Program Studi Pendidikan Teknik Informatika dan Komputer",
            "Akun surel: Bima Aditya, Biro Akademik",
            "Pemasangan perangkat lunak berlisensi di laboratorium komputer lantai 5 gedung Dewi Sartika",
        ]
    )
    for day, hour in itertools.product((9, 10, 11, 12, 13, 16, 17), (9, 11, 14)):
        made.open(SERVICE, "verifikasi-identitas", at(day, hour), subject=next(subjects), assignee=RATNA)
        made.open(COMPLAINT, "telaah-teknis", at(day, hour), subject=next(subjects))
    for minute in range(0, 60, 5):
        made.open(SERVICE, "penjadwalan", at(24, 9, minute), subject=next(subjects))
        made.paused(SERVICE, "verifikasi-identitas", at(3, 9), at(3, 9, minute // 6), subject=next(subjects))
        made.open(DATA, "pemeriksaan-persetujuan", at(23, 9, minute), subject=next(subjects))
    for day in (16, 17, 18, 19, 20):
        made.ended(SERVICE, "verifikasi-identitas", at(day, 8), at(day, 15))
        made.ended(COMPLAINT, "telaah-teknis", at(day - 7, 8), at(day, 15))
    return made


def hostile() -> Tickets:
    """What people can type."""
    made = Tickets()
    markup = '<img src=x onerror=alert(1)><script>alert("x")</script></table></td>'
    person = Assignee(
        id=72, name='O\'Neil <b onclick="x">"Budi"</b>', is_group=False, roles=frozenset({"helpdesk"})
    )
    made.open(SERVICE, "verifikasi-identitas", at(23, 10), subject=markup, assignee=person)
    made.open(SERVICE, "penjadwalan", at(20, 10), subject="W" * 255)
    made.open(SERVICE, "penjadwalan", at(20, 11), subject="{{ 7 * 7 }} %s {0}\r\nBcc: semua@contoh.id")
    made.open(
        SERVICE, "penjadwalan", at(20, 12), subject="\u202eterbalik \u202a\u202c \U0001f600 \u0639\u0631"
    )
    made.open(SERVICE, "penjadwalan", at(20, 13), subject="")
    made.unjudged.add(made.open(SERVICE, "penjadwalan", at(19, 13), subject="Berubah barusan").issue)
    return made


def letter(
    tickets: Tickets,
    who: Reader,
    *,
    now: dt.datetime = NOW,
    weekly: bool = False,
    missed: Sequence[tuple[dt.datetime, str]] = (),
    before: Mapping[str, int] | None = None,
) -> Letter:
    """What a person is told of these tickets."""
    place = office(tickets.profile)
    days = place.timetable.week(place.timetable.weekly(now))
    period = (place.timetable.midnight(days[0]), place.timetable.midnight(days[1] + dt.timedelta(1)))
    return Letter(
        organization=place.organization,
        rulebook=place.rulebook,
        titles=tuple(place.title(role) for role in who.roles),
        units=who.scope.units,
        digest=digest(place.rulebook, place.digests, who.scope, tickets.rows, now, tickets.unjudged),
        week=week(place.rulebook, who.scope, tickets.rows, days, period) if weekly else None,
        before=Before(now - dt.timedelta(days=1), before) if before is not None else None,
        unsent=unsent(missed),
        links=links_of(place.organization, place.rulebook, who.scope, "http://redmine.contoh.id", IDS.get),
    )


def mail(tickets: Tickets, who: Reader, **more: Any) -> OutgoingMail:
    """The message."""
    renderer = MailRenderer(ROOT / "templates" / "mail")
    data = letter(tickets, who, **more).data()
    return renderer.render(key="digest:uji", to=who.member.mail, template="rekap", data=data, issue=None)
