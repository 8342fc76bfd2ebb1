"""What a digest says, and that it can be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.policy import SMTP
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.notify.smtp import compose
from connector.sop.model import DigestReader
from connector.supervision.digest import Kind, Scope
from connector.supervision.letter import LEAST, MOST, SUBJECT_LENGTH, Links, shortened, unsent
from connector.supervision.links import links_of
from tests.unit.supervision.sample import (
    ALL,
    COMPLAINT,
    IDS,
    RATNA,
    SERVICE,
    Tickets,
    at,
    few,
    hostile,
    letter,
    mail,
    many,
    office,
    owing,
    reader,
)

HEAD = reader("kepala-pustikom")


def test_nothing_to_say() -> None:
    assert letter(Tickets(), HEAD).empty
    fresh = Tickets()
    fresh.open(SERVICE, "verifikasi-identitas", at(25, 8, 55))
    assert letter(fresh, HEAD).empty
    assert not letter(fresh, HEAD, weekly=True, now=at(30, 8)).empty
    assert letter(Tickets(), HEAD, weekly=True).empty
    # what was not sent is told by the next one, but does not make one
    assert letter(fresh, HEAD, missed=[(at(23, 8), "server surat menunda (451)")]).empty


def test_the_text_of_a_quiet_day() -> None:
    made = mail(few(), HEAD, before={"late": 3, "near": 1, "paused": 1, "duty": 0})
    assert made.subject == "[Pustikom UNJ] Rekap Rabu, 25 November 2026: 1 terlambat, 1 tertunda terlalu lama"
    assert (
        made.text
        == """\
1 terlambat (sebelumnya 3)
  http://redmine.contoh.id/projects/unj-layanan-tik/issues?query_id=11
0 mendekati batas (sebelumnya 1)
1 tertunda terlalu lama (sebelumnya 1)
  http://redmine.contoh.id/projects/unj-layanan-tik/issues?query_id=12
5 tiket berjalan seluruhnya
  http://redmine.contoh.id/projects/unj-layanan-tik/issues?set_filter=1&status_id=o&sort=due_date
«Sebelumnya»: rekap Selasa, 24 November 2026.


PERMOHONAN PELAYANAN TEKNIS IT

Helpdesk Pustikom: 1 terlambat, 1 tertunda terlalu lama

- Terlambat 1 hari kerja 5 jam: UNJ-2026-000101 Jaringan dan Wi-Fi: Sari Melati, Prodi PTI
  Langkah 3, Verifikasi identitas
  Dipegang Ratna Wulandari. Batas Senin 23 Nov pukul 10.30 WIB
  http://redmine.contoh.id/issues/101

- Tertunda 10 hari kerja 6 jam: UNJ-2026-000104 Jaringan dan Wi-Fi: Sari Melati, Prodi PTI
  Langkah 3, Verifikasi identitas
  Menunggu pemohon. Sejak Selasa 10 Nov pukul 09.10 WIB
  http://redmine.contoh.id/issues/104

--
Anda menerima rekap ini sebagai Kepala Pustikom. Waktu dihitung menurut jam kerja. Keadaan saat surat ini dikirim; \
bila tidak ada yang perlu disampaikan, tidak ada surat.
"""
    )


def test_a_week_and_what_was_not_sent() -> None:
    reasons = "server surat menunda (451)"
    made = mail(many(), HEAD, weekly=True, missed=[(at(23, 8), reasons), (at(24, 8), reasons)])
    assert made.subject.startswith("[Pustikom UNJ] Rekap sepekan Rabu, 25 November 2026: 54 terlambat")
    for text in (made.text, plain(made.html)):
        words = " ".join(text.split())
        days = "Senin, 23 November 2026 dan Selasa, 24 November 2026"
        assert f"Rekap {days} tidak terkirim karena server surat menunda (451)." in words
        assert "40,5 jam" in words
        assert "senin, 16 november 2026 sampai minggu, 22 november 2026" in words.lower()


def test_only_figures() -> None:
    made = Tickets()
    made.ended(SERVICE, "verifikasi-identitas", at(16, 8), at(16, 8, 20))
    sent = mail(made, HEAD, weekly=True)
    assert sent.subject == "[Pustikom UNJ] Rekap sepekan Rabu, 25 November 2026: 1 masuk, 1 selesai"


def test_long_lists_are_cut_with_a_count_and_a_link() -> None:
    made = many()
    whole = letter(made, HEAD)
    sent = mail(made, HEAD)
    shown = re.findall(r"UNJ-2026-\d{6}", sent.text)
    assert len(shown) == len(set(shown)) == 13 + 13 + 12
    assert (
        "dan 20 lainnya: http://redmine.contoh.id/projects/unj-layanan-tik/issues?set_filter=1&status_id=o&tracker_id=3"
        in sent.text
    )
    assert whole.data()["rest"] == 0
    assert len(sent.html.encode()) < 60_000


def test_of_very_many_units_the_last_are_only_counted() -> None:
    made = Tickets()
    steps = [step.id for step in letter(made, HEAD).rulebook[COMPLAINT].procedure.active_steps]
    for step in steps * 12:
        made.open(COMPLAINT, step, at(2, 9))
    data = letter(made, HEAD).data()
    units = [unit for procedure in data["procedures"] for unit in procedure["units"]]
    lines = sum(len(unit["lines"]) for unit in units)
    assert lines == MOST
    assert all(len(unit["lines"]) == LEAST for unit in units)
    assert lines + sum(unit["more"] for unit in units) + data["rest"] == len(
        letter(made, HEAD).digest.findings
    )
    assert f"Masih ada {data['rest']} hal lain" in mail(made, HEAD).text


class Reads(HTMLParser):
    """What a mail program sees: the tags, and where they point."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "background")]
        assert not any(name.startswith("on") or "url(" in (value or "") for name, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reads:
    parser = Reads()
    parser.feed(html)
    return parser


def plain(html: str) -> str:
    return " ".join(read(html).text)


@pytest.mark.parametrize("made", [few, many, hostile])
def test_nothing_is_fetched_and_nothing_runs(made: Callable[[], Tickets]) -> None:
    found = read(mail(made(), HEAD, weekly=True).html)
    assert not {"img", "script", "link", "iframe", "object", "form", "input"} & set(found.tags)
    assert {each.partition("//")[2].partition("/")[0] for each in found.addresses} == {"redmine.contoh.id"}
    assert found.tags.count("style") == 0


def test_what_people_typed_stays_text_on_its_line() -> None:
    sent = mail(hostile(), HEAD)
    found = read(sent.html)
    assert '<img src=x onerror=alert(1)><script>alert("x")</script></table></td>' in "".join(found.text)
    assert "{{ 7 * 7 }} %s {0} Bcc: semua@contoh.id" in sent.text
    assert "49" not in sent.text
    assert "\u202e" not in sent.text + sent.html
    assert f"{'W' * (SUBJECT_LENGTH - 1)}…" in sent.text
    assert "W" * SUBJECT_LENGTH not in sent.text
    assert "BELUM DAPAT DINILAI" in sent.text
    assert "Berubah barusan" in sent.text
    raw = compose(sent, "Layanan <layanan@contoh.id>").as_bytes(policy=SMTP).decode()
    head = raw.partition("\r\n\r\n")[0]
    assert "Bcc" not in head
    assert "Auto-Submitted: auto-generated" in head


@given(st.text())
def test_a_subject_is_one_short_line(text: str) -> None:
    made = shortened(text)
    assert len(made) <= SUBJECT_LENGTH
    assert made == " ".join(made.split())


def test_words_of_each_kind() -> None:
    made = Tickets()
    made.open(SERVICE, "verifikasi-identitas", at(25, 8, 30))
    made.open(SERVICE, "verifikasi-identitas", at(25, 8, 20))
    made.open(SERVICE, "verifikasi-identitas", at(25, 8, 35))
    made.open(SERVICE, "penerimaan-survei", at(19, 9))
    text = mail(made, HEAD).text
    for words in (
        "Terlambat 10 menit",
        "Tinggal kurang dari 1 menit",
        "Tinggal 5 menit",
        "Giliran Pemohon (mahasiswa",
    ):
        assert words in text
    assert text.count("Belum diambil petugas") == 3
    assert "2 laporan belum ada, yang pertama terlambat 5 hari kerja 1 jam" in mail(owing(), HEAD).text
    assert "1 laporan berkala belum ada" in mail(owing(), HEAD).text
    overnight = Tickets()
    overnight.open(SERVICE, "verifikasi-identitas", at(24, 15, 30))
    assert "Baru lewat batas" in mail(overnight, HEAD, now=at(25, 8)).text


def test_a_wait_that_ends_by_itself_says_when() -> None:
    made = Tickets("jabar")
    made.paused("jabar/service-desk", "verifikasi-kelengkapan", at(2, 9), at(2, 10))
    text = mail(made, reader("kepala-seksi", profile="jabar"), now=at(13, 9)).text
    assert "Sejak Senin 2 Nov pukul 10.00 WIB; ditutup sendiri Rabu 2 Des pukul 16.00 WIB" in text


def test_an_incomplete_ticket_is_told_with_who_has_it_and_since_when() -> None:
    made = Tickets()
    made.incomplete(SERVICE, at(18, 9), assignee=RATNA)
    made.incomplete(SERVICE, at(19, 9))
    sent = mail(made, HEAD)
    assert sent.subject.endswith(": 2 belum lengkap terlalu lama")
    assert (
        """\
2 belum lengkap terlalu lama
  http://redmine.contoh.id/projects/unj-layanan-tik/issues?set_filter=1&status_id=42&sort=due_date
"""
        in sent.text
    )
    assert (
        """\
- Belum lengkap 5 hari kerja: UNJ-2026-000101 Jaringan dan Wi-Fi: Sari Melati, Prodi PTI
  Permohonan Masuk
  Dipegang Ratna Wulandari. Masuk Rabu 18 Nov pukul 09.00 WIB
  http://redmine.contoh.id/issues/101
"""
        in sent.text
    )
    words = " ".join(plain(sent.html).split())
    assert "Permohonan Masuk Belum diambil petugas Masuk Kamis 19 Nov pukul 09.00 WIB" in words


def test_what_was_not_sent_is_joined_by_its_reason() -> None:
    days = [at(day, 8) for day in (19, 20, 23)]
    found = unsent([(days[2], "a"), (days[0], "a"), (days[1], "b")])
    assert [(each.slots, each.reason) for each in found] == [
        ((days[0],), "a"),
        ((days[1],), "b"),
        ((days[2],), "a"),
    ]


def test_a_comparison_is_only_made_of_what_is_known() -> None:
    assert "sebelumnya" not in mail(few(), HEAD).text
    assert "(sebelumnya 0)" in mail(few(), HEAD, before={}).text


# links --------------------------------------------------------------------------------------------------------------

ISSUES = "http://redmine.contoh.id/projects/unj-layanan-tik/issues?"


def links(scope: Scope) -> Links:
    place = office()
    return links_of(place.organization, place.rulebook, scope, "http://redmine.contoh.id", IDS.get)


def test_who_sees_all_gets_the_shared_lists() -> None:
    found = links(ALL)
    assert found.queries[Kind.LATE] == f"{ISSUES}query_id=11"
    assert found.queries[Kind.PAUSED] == f"{ISSUES}query_id=12"
    # what is not in Redmine yet is found by the field itself
    assert found.queries[Kind.NEAR] == f"{ISSUES}set_filter=1&status_id=o&cf_31=Mendekati+batas&sort=due_date"
    assert found.procedure(SERVICE) == f"{ISSUES}set_filter=1&status_id=o&tracker_id=3&sort=due_date"
    assert found.procedure("unj/lain") == found.running == f"{ISSUES}set_filter=1&status_id=o&sort=due_date"


def test_who_sees_a_part_gets_lists_of_it() -> None:
    found = links(reader("koordinator-programmer").scope)
    own = "set_filter=1&status_id={}&member_of_group=21|22{}&sort=due_date"
    assert found.running == ISSUES + own.format("o", "")
    assert found.queries[Kind.LATE] == ISSUES + own.format("o", "&cf_31=Terlambat")
    assert found.queries[Kind.PAUSED] == ISSUES + own.format("41", "")
    assert found.procedure(COMPLAINT) == ISSUES + own.format("o", "&tracker_id=4")
    some = Scope((DigestReader(roles=("kadiv-layanan",), procedures=("pengaduan-masalah-si",)),))
    assert links(some).running == f"{ISSUES}set_filter=1&status_id=o&tracker_id=4&sort=due_date"
