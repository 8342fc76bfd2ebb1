"""Standing duties and the requester's silence on a real Redmine, under a clock that is moved.

POS 100b, step 19: a progress report each week from step 18 until 20. The ticket comes to step 18 on Monday 5 October
2026, so its reports are due on Mondays at 16.00: the 12th, 19th, 26th, and 2 November.

SOP Service Desk, step 3: returned on Monday 2 November, one month; the requester is reminded on Wednesday 25 November
and on Tuesday 1 December, and loses his ticket on Wednesday 2 December at 16.00.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from connector.sop.model import FieldType, Procedure
from devtools.demo import issue_of, submit
from devtools.mail import text_of
from devtools.people import procedure_of
from devtools.requester import Requester
from devtools.walk import PDF, Walker, example, main_way
from tests.live.moved import Town, town, wib

pytestmark = pytest.mark.live

REPORTS, DESK = "unj/pengaduan-masalah-si", "jabar/service-desk"
#: Minutes after which gathered warnings are in the mail.
GATHERED = 1
FIELDS = ("progres_persen", "progres_tahapan", "progres_kendala")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("laporan")
    with town(folder, wib(10, 5, 8), f"sqlite:///{folder}/konektor.db", workers=0) as made:
        yield made


@dataclass
class Story:
    """What people do with one ticket, and what is seen of it."""

    town: Town
    key: str
    issue: int
    number: str
    link: str
    address: str

    @classmethod
    def begin(cls, place: Town, key: str, address: str, **answers: str) -> Story:
        procedure = procedure_of(place.stack.catalogue, key)
        today = place.clock.now().date()
        answers |= {"email_pemohon": address}
        link, number = submit(place.stack, procedure, Requester(), today=today, **answers)
        issue = issue_of(place.stack, number)
        place.settle()
        return cls(place, key, issue, number, link, address)

    @property
    def procedure(self) -> Procedure:
        return procedure_of(self.town.stack.catalogue, self.key)

    @property
    def walker(self) -> Walker:
        stack = self.town.stack
        people = stack.people[self.procedure.profile]
        today = self.town.clock.now().date()
        return Walker(self.procedure, self.issue, stack.redmine.url, people, stack.keys, today)

    def leave(self, step_id: str, outcome: str) -> None:
        step = self.procedure.step(step_id)
        assert step is not None
        self.walker.leave(step, outcome)
        self.walker.wait_for(self.walker.target(step, outcome))
        self.town.settle()

    def advance(self, to: str) -> None:
        """To a step by the usual way."""
        for step, outcome in main_way(self.procedure):
            if step.id == to:
                return
            self.leave(step.id, outcome)

    # what is seen -------------------------------------------------------------------------------------------

    @property
    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = self.town.stack.admin.issue(self.issue)
        return found

    @property
    def status(self) -> str:
        name: str = self.read["status"]["name"]
        return name

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.town.stack.admin.get(f"/sop/issues/{self.issue}.json")
        data: dict[str, Any] = found["state"]["data"]
        return data

    def notes(self, words: str) -> list[str]:
        return [each["notes"] for each in self.read["journals"] if words in each["notes"]]

    def mails(self, address: str, words: str) -> list[EmailMessage]:
        """Messages of the connector's to an address whose subject says this."""
        return [
            mail
            for mail in self.town.stack.mail.to(address)
            if self.number in text_of(mail) and words in str(mail["Subject"])
        ]

    def warned(self, role: str) -> int:
        """How often the first person with a role was warned of a report."""
        person = self.town.stack.people[self.procedure.profile][role][0]
        found = (mail for mail in self.town.stack.mail.to(person.mail) if "Rekap" not in str(mail["Subject"]))
        texts = [text_of(mail) for mail in found]
        return sum(self.number in text and "Pelaporan progres ke-" in text for text in texts)


def gathered(place: Town, instant: dt.datetime) -> None:
    """It is `instant`, and what was gathered for people is in the mail."""
    place.at(instant)
    if place.waits("warn"):
        place.clock.advance(minutes=GATHERED)
        place.settle()


# the weekly report --------------------------------------------------------------------------------------------


def report(story: Story, percent: str, evidence: str) -> None:
    """The team fills in all four fields and saves."""
    fields = {
        "progres_persen": percent,
        "progres_tahapan": f"Tahap sampai {percent} persen selesai.",
        "progres_kendala": "Tidak ada.",
    }
    desk = story.walker.desk("tim-programmer")
    desk.edit(story.issue, fields=fields, files={"progres_bukti": (evidence, PDF)})
    story.town.settle()


def progress(story: Story) -> list[str]:
    given = story.walker.given()
    return [given[name] for name in FIELDS]


def files(story: Story) -> tuple[list[str], list[str]]:
    """The files in fields of the duty, and the ordinary attachments."""
    found = story.town.stack.admin.get(f"/sop/issues/{story.issue}.json")
    ref = story.town.stack.keys["field:unj/pengaduan-masalah-si:progres_bukti"]
    return (
        [each["filename"] for each in found["files"] if each["field_id"] == ref],
        sorted(each["filename"] for each in found["attachments"] if each["filename"].startswith("minggu")),
    )


@pytest.mark.long
def test_a_report_in_time_one_that_is_missing_and_one_that_is_late(place: Town) -> None:
    story = Story.begin(place, REPORTS, "pimpinan@contoh.id", identitas="198001012005011001")
    story.advance("penanganan-lokal")
    assert (story.status, place.clock.now() < wib(10, 5, 16)) == ("Penanganan lokal", True)
    [first] = story.state["duties"]
    assert (first["step"], first["due"]) == ("pelaporan-progres", "2026-10-12T16:00:00+07:00")

    # the first week: in time, so nobody is asked for it; the fields are emptied when the week is over
    place.at(wib(10, 7, 10))
    report(story, "20", "minggu-1.pdf")
    [note] = story.notes("Pelaporan progres ke-1")
    assert "tepat waktu" in note
    assert "Persentase progres: 20" in note
    assert "minggu-1.pdf" in note
    assert "Laporan berikutnya paling lambat Senin, 19 Oktober 2026 pukul 16.00 WIB" in note
    gathered(place, wib(10, 12, 15, 50))
    assert progress(story)[0] == "20"
    assert files(story) == (["minggu-1.pdf"], [])
    place.mails()
    gathered(place, wib(10, 12, 16, 0, 30))
    assert progress(story) == ["", "", ""]
    assert files(story) == ([], ["minggu-1.pdf"])
    assert [each for each in place.mails() if f"#{story.issue}]" in each[1]] == []  # Redmine keeps silent
    assert (story.warned("tim-programmer"), story.warned("koordinator-programmer")) == (0, 0)

    # the second: a reminder on Friday, the breach on Monday to team and coordinator
    gathered(place, wib(10, 16, 16, 0, 30))
    assert (story.warned("tim-programmer"), story.warned("koordinator-programmer")) == (1, 0)
    gathered(place, wib(10, 19, 16, 0, 30))
    assert (story.warned("tim-programmer"), story.warned("koordinator-programmer")) == (2, 1)
    [note] = story.notes("Pelaporan progres ke-2")
    assert "belum ada" in note

    # the third: nobody reports before its limit either, so the second is missing for good; this one comes late. The
    # clock jumps over the reminder: only the breach is told
    gathered(place, wib(10, 26, 16, 0, 30))
    assert (story.warned("tim-programmer"), story.warned("koordinator-programmer")) == (3, 2)
    place.at(wib(10, 27, 10))
    report(story, "80", "minggu-4.pdf")
    assert "terlambat" in story.notes("Pelaporan progres ke-3")[-1]
    assert progress(story) == ["", "", ""]
    assert files(story) == ([], ["minggu-1.pdf", "minggu-4.pdf"])

    # step 20 begins: the fourth is not asked for, the record stays
    place.at(wib(10, 28, 10))
    story.leave("penanganan-lokal", "ditangani")
    assert story.status == "Verifikasi koordinator"
    gathered(place, wib(11, 2, 17))
    record = [(each["no"], each.get("reported", "")[:10]) for each in story.state["duties"]]
    assert record == [(1, "2026-10-07"), (2, ""), (3, "2026-10-27")]
    assert (story.warned("tim-programmer"), story.warned("koordinator-programmer")) == (3, 2)
    assert len(story.notes("Pelaporan progres ke-")) == 4
    assert place.dead() == []


# the requester's silence ----------------------------------------------------------------------------------------


def asked(place: Town, address: str) -> Story:
    """A ticket whose requester was asked for papers on Monday 2 November."""
    story = Story.begin(place, DESK, address)
    story.leave("verifikasi-kelengkapan", "belum-lengkap")
    assert story.status == "Menunggu Pemohon"
    return story


def correct(story: Story) -> None:
    """The requester sends what was asked for, on his page."""
    requester = Requester()
    form = story.procedure.form
    assert form is not None
    asked = [field for field in story.procedure.fields if field.id in form.fields]
    values = {
        field.id: example(field, story.town.clock.now().date())
        for field in asked
        if field.type not in (FieldType.FILE, FieldType.CONSENT)
    } | {"email_pemohon": story.address, "uraian_permintaan": "Dokumen lengkap terlampir."}
    files = {"dokumen_persyaratan": ("dokumen.pdf", PDF, "application/pdf")}
    requester.send(requester.open(story.link), values, files).raise_for_status()
    story.town.settle()


def test_a_requester_is_reminded_twice_then_closed_then_taken_back(place: Town) -> None:
    place.at(wib(11, 2, 17, 30))
    silent, answering = asked(place, "diam@contoh.id"), asked(place, "menjawab@contoh.id")
    until = "Rabu, 2 Desember 2026 pukul 16.00 WIB"
    subject = f"Mohon dijawab sebelum {until}"
    place.at(wib(11, 25, 15, 59))
    assert silent.mails(silent.address, subject) == []
    place.at(wib(11, 25, 16, 0, 30))
    [first] = silent.mails(silent.address, subject)
    assert silent.link in text_of(first)
    assert "Mohon unggah foto kartu identitas yang terbaca." in text_of(first)
    assert len(silent.notes("Pemohon diingatkan")) == 1
    place.at(wib(11, 26, 9))
    correct(answering)
    assert answering.status == "Verifikasi kelengkapan"
    place.at(wib(12, 1, 16, 0, 30))
    assert len(silent.mails(silent.address, subject)) == 2
    assert len(answering.mails(answering.address, subject)) == 1
    place.at(wib(12, 2, 15, 59))
    assert silent.status == "Menunggu Pemohon"
    place.at(wib(12, 2, 16, 0, 30))
    assert silent.status == "Ditutup Tidak Lengkap"
    [closed] = silent.mails(silent.address, "Ditutup karena persyaratan tidak dilengkapi")
    assert f"{place.stack.connector.url}/layanan/{DESK}" in text_of(closed)
    # 14 working days from the 2nd, without Christmas and the day before it
    assert "Sampai Selasa, 22 Desember 2026 pukul 16.00 WIB" in text_of(closed)

    # taken back, asked again: another month, reminders of its own
    place.at(wib(12, 3, 9))
    silent.walker.desk("helpdesk").edit(silent.issue, status="Verifikasi kelengkapan")
    place.settle()
    assert silent.status == "Verifikasi kelengkapan"
    silent.leave("verifikasi-kelengkapan", "belum-lengkap")
    assert silent.state["stays"][-1]["pauses"][-1]["expires"] == "2027-01-04T16:00:00+07:00"
    place.at(wib(12, 28, 16, 0, 30))
    assert len(silent.mails(silent.address, "Mohon dijawab sebelum Senin, 4 Januari 2027")) == 1
    assert place.dead() == []


def test_nobody_is_closed_without_the_last_reminder_after_an_outage(place: Town) -> None:
    """The service is away from before the last reminder until after the end."""
    place.at(wib(12, 28, 17))
    story = asked(place, "lama@contoh.id")
    end = dt.datetime.fromisoformat(story.state["stays"][-1]["pauses"][-1]["expires"])
    place.at(end - dt.timedelta(days=6))
    assert len(story.mails(story.address, "Mohon dijawab sebelum")) == 1
    with place.outage():
        place.clock.set(end + dt.timedelta(hours=18))
    place.settle()
    assert story.status == "Menunggu Pemohon"
    last = story.mails(story.address, "Mohon dijawab sebelum")[-1]
    assert "batasnya kami undur" in text_of(last)
    assert len(story.mails(story.address, "Mohon dijawab sebelum")) == 2
    later = dt.datetime.fromisoformat(story.state["stays"][-1]["pauses"][-1]["expires"])
    assert later > place.clock.now()
    place.at(later + dt.timedelta(seconds=30))
    assert story.status == "Ditutup Tidak Lengkap"
    assert len(story.mails(story.address, "Mohon dijawab sebelum")) == 2
