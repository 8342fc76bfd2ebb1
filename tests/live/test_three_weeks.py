"""Three weeks of one ticket under a moved clock, with Idul Fitri in between: what time alone does, each once.

POS 100r of UNJ: 30 minutes to check who asks, 3 working days for the work, 1 working day for most of the rest.
Whoever has the step is warned when 75 % of its time is used and when its limit has passed; one working day after it the
head of the service division too, three after it the head of Pustikom too (`sop_mappings/unj/organization.yaml`).
Hours: 08.00 to 12.00 and 13.00 to 16.00 WIB, on Fridays 08.00 to 11.30 and 13.00 to 16.00.

    March 2026   Fri 13 · Mon 16 · Tue 17 are worked
                 Wed 18 cuti bersama Nyepi · Thu 19 Nyepi · Fri 20 cuti bersama · Sat 21 and Sun 22 Idul Fitri ·
                 Mon 23 and Tue 24 cuti bersama
                 Wed 25 · Thu 26 · Fri 27 · Mon 30 · Tue 31 are worked
    April 2026   Wed 1 · Thu 2 are worked · Fri 3 Wafat Yesus Kristus

Every instant that is expected here was counted by hand on this calendar. The clock runs on while the test looks, so
what is done is done half a minute past a full one, and what is expected is given to the minute.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connector.sop.keys import LIMIT_FIELD, SLA_FIELD
from connector.sop.model import FieldType, Procedure
from devtools.demo import issue_of, submit
from devtools.people import procedure_of, wait_until
from devtools.postgres import Postgres
from devtools.requester import Requester
from devtools.stack import Stack
from devtools.walk import EXAMPLES, PDF, Walker, example
from tests.live.moved import Town, town, wib

pytestmark = pytest.mark.live

PROCEDURE = "unj/permohonan-layanan-teknis"
#: Everything is made and started on the day the story begins, before it does.
MADE = wib(3, 13, 14)
REQUESTER = EXAMPLES["email_pemohon"]
#: Minutes after which the job of a dead worker is anybody's, and after which gathered warnings are in the mail.
LEASE, GATHERED = 4, 1
IN_TIME, NEAR, LATE, PAUSED = "Tepat waktu", "Mendekati batas", "Terlambat", "Ditunda"

Told = tuple[str, str]


@pytest.fixture(params=["postgresql", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two workers and the pages on PostgreSQL; all in one process on SQLite."""
    folder = tmp_path_factory.mktemp("minggu")
    if request.param == "sqlite":
        with town(folder, MADE, f"sqlite:///{folder}/konektor.db", workers=0) as made:
            yield made
    else:
        with Postgres() as server, town(folder, MADE, server.create("minggu")) as made:
            yield made


@dataclass(frozen=True)
class Seen:
    """What Redmine shows of a ticket: status, who has it, due date, exact limit and «Status SLA»."""

    status: str
    holder: str
    date: str | None
    limit: str
    sla: str = IN_TIME

    def now(self, sla: str) -> Seen:
        return replace(self, sla=sla)


@dataclass
class Story:
    """What people do, and what time does, to the tickets of one procedure."""

    town: Town

    def __post_init__(self) -> None:
        self.procedure: Procedure = procedure_of(self.stack.catalogue, PROCEDURE)
        self.requester = Requester()

    @property
    def stack(self) -> Stack:
        return self.town.stack

    # what people do -----------------------------------------------------------------------------------------

    def ask(self, address: str) -> tuple[str, str, int]:
        """Send the form: the secret link, the number, the issue."""
        today = self.town.clock.now().date()
        link, number = submit(self.stack, self.procedure, self.requester, today=today, email_pemohon=address)
        issue = issue_of(self.stack, number)
        self.town.settle()
        return link, number, issue

    def move(self, issue: int, *outcomes: str) -> None:
        """The step's own role takes a way out, and so on."""
        for outcome in outcomes:
            walker = self._walker(issue)
            status = self.seen(issue).status
            step = next(each for each in self.procedure.active_steps if each.status == status)
            walker.leave(step, outcome)
            walker.wait_for(walker.target(step, outcome))
        self.town.settle()

    def take(self, issue: int, role: str) -> None:
        """The first person with this role makes the ticket his."""
        walker = self._walker(issue)
        walker.desk(role).edit(issue, assigned_to_id=walker.people[role][0].id)
        self.town.settle()

    def answer(self, link: str) -> None:
        """The requester sends what was asked for, on his page."""
        wait_until("the form is there again", lambda: "Kirim perbaikan" in self.requester.open(link).text)
        page, form = self.requester.open(link), self.procedure.form
        assert form is not None
        values = {
            field.id: example(field, self.town.clock.now().date())
            for field in self.procedure.fields
            if field.id in form.fields and field.type not in (FieldType.FILE, FieldType.CONSENT)
        }
        files = {"bukti_pendukung": ("bukti.pdf", PDF, "application/pdf")}
        self.requester.send(page, values, files).raise_for_status()
        self.town.settle()

    def _walker(self, issue: int) -> Walker:
        people, keys = self.stack.people["unj"], self.stack.keys
        today = self.town.clock.now().date()
        return Walker(self.procedure, issue, self.stack.redmine.url, people, keys, today)

    # what is seen -------------------------------------------------------------------------------------------

    def seen(self, issue: int) -> Seen:
        """The ticket in Redmine."""
        read = self.stack.admin.issue(issue)
        fields: dict[int, Any] = {each["id"]: each["value"] for each in read["custom_fields"]}
        return Seen(
            status=read["status"]["name"],
            holder=read["assigned_to"]["name"],
            date=read.get("due_date"),
            limit=fields.get(self.stack.keys[LIMIT_FIELD]) or "",
            sla=fields.get(self.stack.keys[SLA_FIELD]) or "",
        )

    def told(self) -> list[Told]:
        """Who got what since the last look; of a message of Redmine's own the issue and the status."""
        names = {
            each.mail: f"{role} {number}" if len(people) > 1 else role
            for role, people in self.stack.people["unj"].items()
            for number, each in enumerate(people, 1)
        }
        native = re.compile(r"\[.* #(\d+)\] \((.*?)\) .*")
        return sorted(
            (names.get(to, to), native.sub(r"Redmine #\1: \2", subject)) for to, subject in self.town.mails()
        )

    def at(self, instant: dt.datetime, issue: int, seen: Seen, told: Iterable[Told] = ()) -> None:
        """Time alone brings us to `instant`; this is what there is to see, and these are all the messages."""
        self.town.at(instant)
        self.now(issue, seen, told)

    def now(self, issue: int, seen: Seen, told: Iterable[Told]) -> None:
        """As `at`, after something was done."""
        if self.town.waits("warn"):
            self.town.clock.advance(minutes=GATHERED)
            self.town.settle()
        assert (self.seen(issue), self.told()) == (seen, sorted(told))


def test_three_weeks(place: Town) -> None:
    story = Story(place)

    # Friday 15.59: one minute today, 29 on Monday
    place.at(wib(3, 13, 15, 59))
    link, number, issue = story.ask(REQUESTER)
    step3 = Seen("Verifikasi identitas", "Helpdesk UNJ", "2026-03-16", "Senin, 16 Maret 2026 pukul 08.29 WIB")
    here = f"Redmine #{issue}: Verifikasi identitas"
    desk = ("helpdesk 1", "helpdesk 2")
    receipt = (REQUESTER, f"[{number}] Permohonan Anda kami terima")
    story.now(issue, step3, [receipt, *((each, here) for each in desk)])

    # the weekend; 75 % are used on Monday at 08.21.30, the limit is at 08.29
    near = f"[{number}] Mendekati batas waktu: 3. Verifikasi identitas"
    late = f"[{number}] Terlambat: 3. Verifikasi identitas"
    story.at(wib(3, 14, 10), issue, step3)
    story.at(wib(3, 16, 8, 21), issue, step3)
    story.at(wib(3, 16, 8, 22, 30), issue, step3.now(NEAR), [(each, near) for each in desk])
    story.at(wib(3, 16, 8, 28, 30), issue, step3.now(NEAR))
    story.at(wib(3, 16, 8, 30), issue, step3.now(LATE), [(each, late) for each in desk])

    # one working day after Monday: Tuesday at closing time. Then Nyepi and Idul Fitri
    story.at(wib(3, 17, 15, 59), issue, step3.now(LATE))
    story.at(
        wib(3, 17, 16, 0, 1), issue, step3.now(LATE), [(each, late) for each in (*desk, "kadiv-layanan")]
    )
    for day in (18, 19, 20, 21, 23, 24):
        story.at(wib(3, day, 16, 1), issue, step3.now(LATE))

    # three working days: Tuesday 17, Wednesday 25, Thursday 26; whoever works on it then is killed
    story.at(wib(3, 26, 15, 59), issue, step3.now(LATE))
    with place.stack.redmine.hanging():
        place.at(wib(3, 26, 16, 0, 1), settled=False)
        place.kill(place.claimed(f"issue:{issue}"))
    place.clock.advance(minutes=LEASE)
    place.settle()
    everybody = (*desk, "kadiv-layanan", "kepala-pustikom")
    story.now(issue, step3.now(LATE), [(each, late) for each in everybody])

    # Friday 27: on to the technical team. Three working days: Monday 30, Tuesday 31, Wednesday 1
    place.at(wib(3, 27, 9, 0, 30))
    way = ("terverifikasi", "dijadwalkan", "disepakati", "ditugaskan", "dianalisis", "ditugaskan")
    story.move(issue, *way)
    team = "Tim Teknis UNJ"
    step9 = Seen("Pelaksanaan teknis", team, "2026-04-01", "Rabu, 1 April 2026 pukul 16.00 WIB")
    print(story.seen(issue), story.told())

    # done on the same day; one working day for the coordinator: Monday 30
    place.at(wib(3, 27, 13, 30, 30))
    story.move(issue, "dikerjakan", "dilaporkan")
    print(story.seen(issue), story.told())

    # who sends it back to the requester: 119 and a half minutes are left today, 420 on Monday; counted whole, 540
    place.at(wib(3, 27, 14, 0, 30))
    story.move(issue, "dikembalikan")
    print(story.seen(issue), story.told())
    place.at(wib(3, 28, 10))
    print(story.seen(issue), story.told())
    place.at(wib(3, 30, 16, 1))
    print(story.seen(issue), story.told())

    # answered on Tuesday: 329 and a half minutes that day, 210 and a half on Wednesday
    place.at(wib(3, 31, 9, 30, 30))
    story.answer(link)
    print(story.seen(issue), story.told())

    # the work is to be done again: a new budget of three working days, Friday 3 April is a holiday
    place.at(wib(3, 31, 10, 30, 30))
    story.move(issue, "dikerjakan-ulang")
    print(story.seen(issue), story.told())
    place.at(wib(3, 31, 11, 0, 30))
    story.move(issue, "dikerjakan")
    print(story.seen(issue), story.told())
    place.at(wib(3, 31, 11, 5))
    _, number2, issue2 = story.ask("kedua@contoh.id")
    _, number3, issue3 = story.ask("ketiga@contoh.id")
    story.take(issue2, "helpdesk")
    print(story.seen(issue2), story.seen(issue3), story.told())
    with place.outage():
        place.clock.set(wib(4, 2, 11, 5))
    place.settle()
    place.clock.advance(minutes=1)
    place.settle()
    print(story.seen(issue), story.seen(issue2), story.seen(issue3), story.told())
    place.at(wib(4, 2, 15, 59))
    print(story.seen(issue), story.told())
    place.at(wib(4, 2, 16, 0, 1))
    place.clock.advance(minutes=1)
    place.settle()
    print(story.seen(issue), story.told())
    place.at(wib(4, 3, 10))
    print(story.seen(issue), story.told())
    assert place.dead() == []
