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
REQUESTER, SECOND, THIRD = EXAMPLES["email_pemohon"], "kedua@contoh.id", "ketiga@contoh.id"
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
        """Who got what since the last look; of a message of Redmine's own only the issue.

        Minutes beside hours are left out: they depend on how fast this machine is.
        """
        names = {
            each.mail: f"{role} {number}" if len(people) > 1 else role
            for role, people in self.stack.people["unj"].items()
            for number, each in enumerate(people, 1)
        }
        native, minutes = re.compile(r"\[.* #(\d+)\] .*"), re.compile(r"(?<=jam) \d+ menit")
        return sorted(
            (names.get(to, to), native.sub(r"Redmine #\1", minutes.sub("", subject)))
            for to, subject in self.town.mails()
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


def each(people: Iterable[str], subject: str) -> list[Told]:
    return [(one, subject) for one in people]


def test_three_weeks(place: Town) -> None:
    story = Story(place)
    redmine = place.stack.redmine

    # Friday 15.59: one minute of the 30 today, 29 on Monday
    place.at(wib(3, 13, 15, 59))
    link, number, issue = story.ask(REQUESTER)
    helpdesk, supervisor, head = ("helpdesk 1", "helpdesk 2"), "kadiv-layanan", "kepala-pustikom"
    own = f"Redmine #{issue}"
    checked = Seen(
        "Verifikasi identitas", "Helpdesk UNJ", "2026-03-16", "Senin, 16 Maret 2026 pukul 08.29 WIB"
    )
    story.now(issue, checked, [(REQUESTER, f"[{number}] Permohonan Anda kami terima"), *each(helpdesk, own)])

    # the weekend; 75 % are used on Monday at 08.21.30, the limit is at 08.29
    def late(by: str, step: str = "Verifikasi identitas", number: str = number) -> str:
        return f"[{number}] Terlambat {by}: {step}"

    near = f"[{number}] Sisa 5 menit: Verifikasi identitas"
    story.at(wib(3, 16, 8, 21), issue, checked)
    story.at(wib(3, 16, 8, 22, 30), issue, checked.now(NEAR), each(helpdesk, near))
    story.at(wib(3, 16, 8, 28, 30), issue, checked.now(NEAR))
    story.at(wib(3, 16, 8, 30, 30), issue, checked.now(LATE), each(helpdesk, late("2 menit")))

    # one working day after Monday: Tuesday at closing time. Then Nyepi and Idul Fitri
    story.at(wib(3, 17, 15, 59), issue, checked.now(LATE))
    story.at(
        wib(3, 17, 16, 0, 1),
        issue,
        checked.now(LATE),
        each((*helpdesk, supervisor), late("1 hari kerja 6 jam")),
    )
    story.at(wib(3, 21, 16, 1), issue, checked.now(LATE))
    story.at(wib(3, 24, 16, 1), issue, checked.now(LATE))

    # three working days: Tuesday 17, Wednesday 25, Thursday 26; whoever works on it then is killed
    story.at(wib(3, 26, 15, 59), issue, checked.now(LATE))
    with redmine.hanging():
        place.at(wib(3, 26, 16, 0, 1), settled=False)
        place.kill(place.claimed(f"issue:{issue}"))
    place.clock.advance(minutes=LEASE)
    place.settle()
    story.now(issue, checked.now(LATE), each((*helpdesk, supervisor, head), late("3 hari kerja 6 jam")))

    # Friday 27: on to the technical team. Three working days: Monday 30, Tuesday 31, Wednesday 1.
    # Redmine tells whoever gets a ticket and whoever had it, but not who has done it
    place.at(wib(3, 27, 9, 0, 30))
    way = ("terverifikasi", "dijadwalkan", "disepakati", "ditugaskan", "dianalisis", "ditugaskan")
    story.move(issue, *way)
    coordinator, team = "koordinator-infrastruktur", "tim-teknis"
    worked = Seen("Pelaksanaan teknis", "Tim Teknis UNJ", "2026-04-01", "Rabu, 1 April 2026 pukul 16.00 WIB")
    got_and_had = [("helpdesk 1", 1), ("helpdesk 2", 3), (supervisor, 2), (coordinator, 2), (team, 1)]
    story.now(
        issue,
        worked,
        [
            *((who, own) for who, times in got_and_had for _ in range(times)),
            (REQUESTER, f"[{number}] Penjadwalan"),
            (REQUESTER, f"[{number}] Koordinasi dengan koordinator TIK"),
            (supervisor, f"[{number}] Penugasan tim teknis"),
        ],
    )

    # done and reported on the same day; one working day for the coordinator: Monday 30
    place.at(wib(3, 27, 13, 30, 30))
    story.move(issue, "dikerjakan", "dilaporkan")
    verified = Seen(
        "Verifikasi koordinator",
        "Koord. Infrastruktur UNJ",
        "2026-03-30",
        "Senin, 30 Maret 2026 pukul 16.00 WIB",
    )
    story.now(issue, verified, each((coordinator, team), own))

    # who asks the requester: 119 and a half minutes are left on Friday, 420 on Monday; in whole ones 540
    place.at(wib(3, 27, 14, 0, 30))
    story.move(issue, "dikembalikan")
    waiting = Seen("Menunggu Pemohon", "Koord. Infrastruktur UNJ", None, "", PAUSED)
    story.now(issue, waiting, [(REQUESTER, f"[{number}] Menunggu Pemohon")])
    story.at(wib(3, 28, 10), issue, waiting)
    story.at(wib(3, 30, 16, 1), issue, waiting)  # when it would have been due

    # he answers on Tuesday at 09.30.30: 329 and a half minutes that day, 210 and a half on Wednesday
    place.at(wib(3, 31, 9, 30, 30))
    story.answer(link)
    verified = replace(verified, date="2026-04-01", limit="Rabu, 1 April 2026 pukul 11.30 WIB")
    story.now(issue, verified, [(coordinator, own)])

    # the work is to be done again, with three new working days: Wednesday, Thursday, Monday; Friday is free
    place.at(wib(3, 31, 10, 30, 30))
    story.move(issue, "dikerjakan-ulang")
    again = replace(worked, date="2026-04-06", limit="Senin, 6 April 2026 pukul 16.00 WIB")
    story.now(issue, again, each((coordinator, team), own))
    place.at(wib(3, 31, 11, 0, 30))
    story.move(issue, "dikerjakan")
    reported = replace(worked, status="Pelaporan pekerjaan")  # one working day: Wednesday 1
    story.now(issue, reported, [])

    # two more tickets on Tuesday 11.05; one of them somebody has taken himself
    place.at(wib(3, 31, 11, 5))
    (_, number2, issue2), (_, number3, issue3) = story.ask(SECOND), story.ask(THIRD)
    story.take(issue2, "helpdesk")
    fresh = replace(checked, date="2026-03-31", limit="Selasa, 31 Maret 2026 pukul 11.35 WIB")
    taken = replace(fresh, holder=story.stack.people["unj"]["helpdesk"][0].name)
    both = (f"Redmine #{issue2}", f"Redmine #{issue3}")
    story.now(
        issue2,
        taken,
        [
            (SECOND, f"[{number2}] Permohonan Anda kami terima"),
            (THIRD, f"[{number3}] Permohonan Anda kami terima"),
            *(told for one in both for told in each(helpdesk, one)),
            ("helpdesk 2", both[0]),
        ],
    )

    # the service is away for two days. The first ticket's limit passed on Wednesday at closing time; of the others
    # 75 %, the limit and one working day more: only the highest counts, and a person gets one mail
    with place.outage():
        place.clock.set(wib(4, 2, 11, 5))
    place.settle()
    reporting = "Pelaporan pekerjaan"
    story.now(
        issue,
        reported.now(LATE),
        [
            (team, late("3 jam", reporting)),
            ("helpdesk 1", "[Pustikom UNJ] 2 tiket terlambat"),
            ("helpdesk 2", late("1 hari kerja 6 jam", number=number3)),
            (supervisor, "[Pustikom UNJ] 2 tiket terlambat"),
        ],
    )
    assert (story.seen(issue2), story.seen(issue3)) == (taken.now(LATE), fresh.now(LATE))

    # one working day after Wednesday; and Friday, three weeks after it all began, is free
    story.at(wib(4, 2, 15, 59), issue, reported.now(LATE))
    story.at(
        wib(4, 2, 16, 0, 1),
        issue,
        reported.now(LATE),
        each((team, supervisor), late("1 hari kerja", reporting)),
    )
    story.at(wib(4, 3, 16, 1), issue, reported.now(LATE))
    assert place.dead() == []
