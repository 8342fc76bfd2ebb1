"""Three weeks of one ticket under a moved clock, with Idul Fitri in between: what time alone does, each once.

POS 100r of UNJ: 30 minutes to check who asks, 3 working days for the work, 1 working day for most of the rest.
Whoever has the step is warned when 75 % of its time is used and when its limit has passed; one working day after it the
head of the service division too, three after it the head of Pustikom too. Digests go out on working days from 08.00 on,
with the week's figures on the first one of the week (`sop_mappings/unj/organization.yaml`).
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
from collections.abc import Iterable, Iterator, Mapping
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


@pytest.fixture(params=["postgresql", pytest.param("sqlite", marks=pytest.mark.long)])
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
    """What people do, and what time does, to the tickets of one procedure; the first of them is the story's own."""

    town: Town
    link: str = ""
    number: str = ""
    issue: int = 0

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

    def move(self, *outcomes: str) -> None:
        """The step's own role takes a way out, and so on."""
        for outcome in outcomes:
            walker = self._walker(self.issue)
            status = self.seen(self.issue).status
            step = next(each for each in self.procedure.active_steps if each.status == status)
            walker.leave(step, outcome)
            walker.wait_for(walker.target(step, outcome))
        self.town.settle()

    def take(self, issue: int, role: str) -> None:
        """The first person with this role makes the ticket his."""
        walker = self._walker(issue)
        walker.desk(role).edit(issue, assigned_to_id=walker.people[role][0].id)
        self.town.settle()

    def answer(self) -> None:
        """The requester sends what was asked for, on his page."""
        wait_until(
            "the form is there again", lambda: "Kirim perbaikan" in self.requester.open(self.link).text
        )
        page, form = self.requester.open(self.link), self.procedure.form
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

    def at(self, instant: dt.datetime, seen: Seen, told: Iterable[Told] = ()) -> None:
        """Time alone brings us to `instant`; this is what there is to see, and these are all the messages."""
        self.town.at(instant)
        self.now(seen, told)

    def now(self, seen: Seen, told: Iterable[Told]) -> None:
        """As `at`, after something was done."""
        if self.town.waits("warn"):
            self.town.clock.advance(minutes=GATHERED)
            self.town.settle()
        assert (self.seen(self.issue), self.told()) == (seen, sorted(told))

    # messages -----------------------------------------------------------------------------------------------

    @property
    def own(self) -> str:
        """What Redmine itself sends about the ticket."""
        return f"Redmine #{self.issue}"

    def late(self, by: str, step: str = "Verifikasi identitas", number: str = "") -> str:
        """The subject of a warning."""
        return f"[{number or self.number}] Terlambat {by}: {step}"


def each(people: Iterable[str], subject: str) -> list[Told]:
    return [(one, subject) for one in people]


def digest(day: str, headlines: Mapping[str, str]) -> list[Told]:
    """The digests of a day, by role."""
    return [(role, f"[Pustikom UNJ] Rekap {day}: {headline}") for role, headline in headlines.items()]


# who there is, and what is seen -------------------------------------------------------------------------------

HELPDESK = ("helpdesk 1", "helpdesk 2")
SUPERVISOR, HEAD = "kadiv-layanan", "kepala-pustikom"
COORDINATOR, TEAM = "koordinator-infrastruktur", "tim-teknis"
CHECKED = Seen("Verifikasi identitas", "Helpdesk UNJ", "2026-03-16", "Senin, 16 Maret 2026 pukul 08.29 WIB")
LATE_CHECK = CHECKED.now(LATE)
WORKED = Seen("Pelaksanaan teknis", "Tim Teknis UNJ", "2026-04-01", "Rabu, 1 April 2026 pukul 16.00 WIB")
#: Begun on Tuesday 31 March, one working day.
REPORTED = replace(WORKED, status="Pelaporan pekerjaan")
REPORTING = "Pelaporan pekerjaan"
VERIFIED = Seen(
    "Verifikasi koordinator",
    "Koord. Infrastruktur UNJ",
    "2026-03-30",
    "Senin, 30 Maret 2026 pukul 16.00 WIB",
)
WAITING = Seen("Menunggu Pemohon", "Koord. Infrastruktur UNJ", None, "", PAUSED)
NEW = "1 masuk, 0 selesai"
ONE_LATE = {HEAD: "1 terlambat", SUPERVISOR: "1 terlambat"}
ALL_LATE = {
    HEAD: "3 terlambat",
    SUPERVISOR: "2 terlambat",
    COORDINATOR: "1 terlambat",
    "kadiv-infrastruktur": "1 terlambat",
}


# the story ----------------------------------------------------------------------------------------------------


def test_three_weeks(place: Town) -> None:
    story = Story(place)
    received(story)
    warned(story)
    worker_killed(story)
    moved_on(story)
    paused(story)
    reworked(story)
    away(story)
    assert place.dead() == []


def received(story: Story) -> None:
    """On Friday at 15.59: one minute of the 30 today, 29 on Monday."""
    story.town.at(wib(3, 13, 15, 59))
    story.link, story.number, story.issue = story.ask(REQUESTER)
    receipt = (REQUESTER, f"[{story.number}] Permohonan Anda kami terima")
    story.now(CHECKED, [receipt, *each(HELPDESK, story.own)])


def warned(story: Story) -> None:
    """75 % are used on Monday at 08.21.30, the limit is at 08.29, a working day later is Tuesday at closing time."""
    story.at(
        wib(3, 16, 8, 20, 30), CHECKED, digest("sepekan Senin, 16 Maret 2026", {HEAD: NEW, SUPERVISOR: NEW})
    )
    near = f"[{story.number}] Sisa 5 menit: Verifikasi identitas"
    story.at(wib(3, 16, 8, 22, 30), CHECKED.now(NEAR), each(HELPDESK, near))
    story.at(wib(3, 16, 8, 27, 30), CHECKED.now(NEAR))
    story.at(wib(3, 16, 8, 30, 30), LATE_CHECK, each(HELPDESK, story.late("2 menit")))
    story.at(wib(3, 17, 15, 59), LATE_CHECK, digest("Selasa, 17 Maret 2026", ONE_LATE))
    story.at(
        wib(3, 17, 16, 0, 1), LATE_CHECK, each((*HELPDESK, SUPERVISOR), story.late("1 hari kerja 6 jam"))
    )
    # Nyepi and Idul Fitri
    story.at(wib(3, 21, 16, 1), LATE_CHECK)
    story.at(wib(3, 24, 16, 1), LATE_CHECK)


def worker_killed(story: Story) -> None:
    """Three working days after Monday: Tuesday 17, Wednesday 25, Thursday 26. Who works on it then is killed."""
    story.at(wib(3, 25, 8, 1), LATE_CHECK, digest("sepekan Rabu, 25 Maret 2026", ONE_LATE))
    story.at(wib(3, 26, 15, 59), LATE_CHECK, digest("Kamis, 26 Maret 2026", ONE_LATE))
    with story.stack.redmine.hanging():
        story.town.at(wib(3, 26, 16, 0, 1), settled=False)
        story.town.kill(story.town.claimed(f"issue:{story.issue}"))
    story.town.clock.advance(minutes=LEASE)
    story.town.settle()
    story.now(LATE_CHECK, each((*HELPDESK, SUPERVISOR, HEAD), story.late("3 hari kerja 6 jam")))


def moved_on(story: Story) -> None:
    """On Friday 27 to the technical team, whose three working days are Monday 30, Tuesday 31 and Wednesday 1.

    Redmine tells whoever gets a ticket and whoever had it, but not who has done it.
    """
    story.at(wib(3, 27, 9, 0, 30), LATE_CHECK, digest("Jumat, 27 Maret 2026", ONE_LATE))
    way = ("terverifikasi", "dijadwalkan", "disepakati", "ditugaskan", "dianalisis", "ditugaskan")
    story.move(*way)
    got_or_had = [("helpdesk 1", 1), ("helpdesk 2", 3), (SUPERVISOR, 2), (COORDINATOR, 2), (TEAM, 1)]
    told = [
        *((who, story.own) for who, times in got_or_had for _ in range(times)),
        (REQUESTER, f"[{story.number}] Penjadwalan"),
        (REQUESTER, f"[{story.number}] Koordinasi dengan koordinator TIK"),
        (SUPERVISOR, f"[{story.number}] Penugasan tim teknis"),
    ]
    story.now(WORKED, told)
    # done and reported on the same day; one working day for the coordinator: Monday 30
    story.town.at(wib(3, 27, 13, 30, 30))
    story.move("dikerjakan", "dilaporkan")
    story.now(VERIFIED, each((COORDINATOR, TEAM), story.own))


def paused(story: Story) -> None:
    """The coordinator asks the requester: 119 and a half minutes are left on Friday, 420 on Monday; in whole ones 540.

    The week's digests count the steps of last week by unit: what came in, what was done. Steps 7, 8 and 11 may be
    either coordinator's and count for both; the ticket as a whole neither came in nor ended.
    """
    story.town.at(wib(3, 27, 14, 0, 30))
    story.move("dikembalikan")
    story.now(WAITING, [(REQUESTER, f"[{story.number}] Menunggu Pemohon")])
    story.at(wib(3, 28, 10), WAITING)
    week = {
        SUPERVISOR: "3 masuk, 4 selesai",  # 4, 5 and 6; and 3
        "kadiv-infrastruktur": "5 masuk, 4 selesai",  # 7, 8, 9, 10 and 11, which is not done
        COORDINATOR: "5 masuk, 4 selesai",
        "kadiv-pengembangan": "3 masuk, 2 selesai",
        "koordinator-programmer": "3 masuk, 2 selesai",
    }
    # when it would have been due
    story.at(wib(3, 30, 16, 1), WAITING, digest("sepekan Senin, 30 Maret 2026", week))
    # answered on Tuesday at 09.30.30: 329 and a half minutes that day, 210 and a half on Wednesday
    story.town.at(wib(3, 31, 9, 30, 30))
    story.answer()
    resumed = replace(VERIFIED, date="2026-04-01", limit="Rabu, 1 April 2026 pukul 11.30 WIB")
    story.now(resumed, [(COORDINATOR, story.own)])


def reworked(story: Story) -> None:
    """The work is to be done again, with three new working days: Wednesday, Thursday, Monday; Friday is free."""
    story.town.at(wib(3, 31, 10, 30, 30))
    story.move("dikerjakan-ulang")
    again = replace(WORKED, date="2026-04-06", limit="Senin, 6 April 2026 pukul 16.00 WIB")
    story.now(again, each((COORDINATOR, TEAM), story.own))
    story.town.at(wib(3, 31, 11, 0, 30))
    story.move("dikerjakan")
    story.now(REPORTED, [])


def away(story: Story) -> None:
    """Two more tickets on Tuesday at 11.05, one of them taken by a person; then the service is away for two days.

    The first ticket's limit passed on Wednesday at closing time; of the others 75 %, the limit (Tuesday 11.35) and one
    working day more: only the highest counts, and a person gets one mail.
    """
    story.town.at(wib(3, 31, 11, 5))
    (_, number2, issue2), (_, number3, issue3) = story.ask(SECOND), story.ask(THIRD)
    story.take(issue2, "helpdesk")
    fresh = replace(CHECKED, date="2026-03-31", limit="Selasa, 31 Maret 2026 pukul 11.35 WIB")
    taken = replace(fresh, holder=story.stack.people["unj"]["helpdesk"][0].name)
    told = [
        (SECOND, f"[{number2}] Permohonan Anda kami terima"),
        (THIRD, f"[{number3}] Permohonan Anda kami terima"),
        *each((*HELPDESK, "helpdesk 2"), f"Redmine #{issue2}"),
        *each(HELPDESK, f"Redmine #{issue3}"),
    ]
    story.now(REPORTED, told)
    with story.town.outage():
        story.town.clock.set(wib(4, 2, 11, 5))
    story.town.settle()
    told = [
        (TEAM, story.late("3 jam", REPORTING)),
        ("helpdesk 1", "[Pustikom UNJ] 2 tiket terlambat"),
        ("helpdesk 2", story.late("1 hari kerja 6 jam", number=number3)),
        (SUPERVISOR, "[Pustikom UNJ] 2 tiket terlambat"),
        *digest("Kamis, 2 April 2026", ALL_LATE),
    ]
    story.now(REPORTED.now(LATE), told)
    assert (story.seen(issue2), story.seen(issue3)) == (taken.now(LATE), fresh.now(LATE))
    # one working day after Wednesday; and Friday, three weeks after it all began, is free
    story.at(wib(4, 2, 15, 59), REPORTED.now(LATE))
    story.at(
        wib(4, 2, 16, 0, 1),
        REPORTED.now(LATE),
        each((TEAM, SUPERVISOR), story.late("1 hari kerja", REPORTING)),
    )
    story.at(wib(4, 3, 16, 1), REPORTED.now(LATE))
