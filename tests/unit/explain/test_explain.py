"""The account of a ticket: as data for programs, and in words that are understood at once."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

from connector.engine.clocks import ClockKind
from connector.engine.plan import plan
from connector.explain.account import Account, account_of, as_json
from connector.explain.text import as_text
from tests.small import FRESH, PROCEDURE, RULES, FakeTicket
from tests.unit.engine.test_duties import FIRST, report, until
from tests.unit.engine.test_duties import ticket as reporting_ticket
from tests.unit.engine.test_ledger import FILLED, WORKING
from tests.unit.engine.test_projection import at, closed, rules
from tests.unit.engine.test_waiting import PATIENT
from tests.world import World


def of(ticket: FakeTicket, now: dt.datetime) -> Account:
    planned = plan(ticket.rules, ticket.snapshot, now, FRESH)
    return account_of({PROCEDURE.key: ticket.rules}, ticket.snapshot, now, planned)


def moved() -> FakeTicket:
    """Returned once, then at work when the office is closed for a day."""
    ticket = FakeTicket.new(**{**FILLED, "regu": "A"})
    ticket.settle()
    ticket.now = at(23, "09:09")
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    for day, clock, status in ((24, "08:59", "Dilanjutkan"), (24, "09:04", "Pengerjaan")):
        ticket.now = at(day, clock)
        ticket.move("meja", status)
        ticket.settle()
    ticket.rules = rules(**closed("2026-11-25"))
    ticket.now = at(24, "10:00")
    ticket.settle()
    return ticket


def test_an_administrator_reads_where_the_time_went() -> None:
    assert as_text(of(moved(), at(26, "10:30"))) == (
        """\
Tiket #42 · UJI-2026-000001 · Layanan uji
Diterima:    Senin, 23 November 2026 pukul 09.00 WIB
Sekarang:    langkah 3 dari 5, Pengerjaan · Tim A
Batas waktu: Jumat, 27 November 2026 pukul 16.00 WIB, sisa 11 jam 30 menit waktu kerja
Status SLA:  Tepat waktu
Sejauh ini:  1 langkah tepat waktu, 0 lewat batas

Mengapa batasnya begitu
  - 2 hari kerja: hari masuk (Selasa, 24 November 2026) tidak dihitung; hari kerja ke-1 Kamis, 26 November
    2026, ke-2 Jumat, 27 November 2026. Habis pada jam tutup hari terakhir, pukul 16.00. Tidak dihitung: Dies
    natalis (Rabu, 25 November 2026).
  - Bergeser dari Kamis, 26 November 2026 pukul 16.00 WIB ke Jumat, 27 November 2026 pukul 16.00 WIB, karena
    libur Dies natalis pada Rabu, 25 November 2026 (dihitung ulang Selasa, 24 November 2026 pukul 10.00 WIB).

Waktu kerja                                     terpakai            batas
  Langkah ini                                   8 jam 25 menit      19 jam 55 menit
  Meja layanan                                  15 menit            30 menit
  Tim A                                         8 jam 25 menit      19 jam 55 menit
  Kepala                                        0 menit             7 jam
  Pemohon                                       0 menit             14 jam
  Seluruh tiket                                 8 jam 40 menit      41 jam 25 menit
  Menunggu pemohon, 1 kali (tersendiri)         6 jam 50 menit      –
  Batas unit dan tiket: jumlah batas langkah yang sudah dan yang masih akan dilalui.

Buku waktu (WIB)
  2. Pemeriksaan · Meja layanan · tepat waktu (lengkap)
      Sen, 23 Nov 2026 09.00 sampai Sel, 24 Nov 2026 09.05 · batas 30 menit, habis Sel, 24 Nov 2026 09.20 · \
terpakai 15 menit
        Sen, 23 Nov 2026                                 09.00–09.10                         10 menit
        Sen, 23 Nov 2026 09.10 – Sel, 24 Nov 2026 09.00  menunggu pemohon                    tidak dihitung
        Sel, 24 Nov 2026                                 09.00–09.05                         5 menit
  3. Pengerjaan · Tim A · berjalan
      Sel, 24 Nov 2026 09.05 sampai sekarang · batas 2 hari kerja, habis Jum, 27 Nov 2026 16.00 · \
terpakai 8 jam 25 menit
        Sel, 24 Nov 2026                                 09.05–12.00, 13.00–16.00            5 jam 55 menit
        Rab, 25 Nov 2026                                 Dies natalis                        tidak dihitung
        Kam, 26 Nov 2026                                 08.00–10.30                         2 jam 30 menit

Berikutnya karena waktu
  - Jum, 27 Nov 2026 10.01: 75% waktu langkah ini terpakai; diperingatkan: pemegang tiket
  - Jum, 27 Nov 2026 16.00: batas langkah ini; diperingatkan: pemegang tiket
  - Sen, 30 Nov 2026 16.00: 1 hari kerja sesudah batas langkah ini; diperingatkan: pemegang tiket
  - Rab, 2 Des 2026 16.00: 3 hari kerja sesudah batas langkah ini; diperingatkan: pemegang tiket

Langkah yang akan datang
  - 4. Pengesahan · Kepala · paling lama 1 hari kerja, selambatnya Sen, 30 Nov 2026 16.00
  - 5. Penerimaan · Pemohon · paling lama 2 hari kerja, selambatnya Rab, 2 Des 2026 16.00

Pilihan sekarang
  - «Pengesahan» oleh Tim A, Tim B
  - «Batal» oleh Meja layanan

Yang akan dilakukan konektor sekarang: tidak ada."""
    )


def test_a_calendar_that_was_edited_and_is_not_in_use_yet_is_told_of() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    ticket.rules = rules(**closed("2026-11-25"))
    found = of(ticket, at(24, "10:00"))
    assert "Batas waktu: Rabu, 25 November 2026 pukul 16.00 WIB" in as_text(found)
    assert found.why[-1] == (
        "Menurut kalender sekarang batasnya bergeser ke Kamis, 26 November 2026 pukul 16.00 WIB, karena libur Dies "
        "natalis pada Rabu, 25 November 2026; tiket ini mengikuti begitu konektor dimulai ulang."
    )
    ticket.settle()
    assert "begitu konektor" not in as_text(of(ticket, at(24, "10:00")))


def test_days_with_the_same_hours_are_one_row_and_a_weekend_is_named() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    text = as_text(of(ticket, at(30, "08:30")))
    assert (
        "        Sel, 24 Nov – Jum, 27 Nov 2026                   08.00–12.00, 13.00–16.00            28 jam"
        in text
    )
    assert (
        "        Sab, 28 Nov 2026 – Min, 29 Nov 2026              akhir pekan                         tidak"
        in text
    )
    assert "Batas waktu: Rabu, 25 November 2026 pukul 16.00 WIB, LEWAT 14 jam 30 menit waktu kerja" in text


def test_a_ticket_that_waits_says_what_is_left_and_until_when() -> None:
    ticket = FakeTicket.new(PATIENT, **FILLED)
    ticket.settle()
    ticket.now = at(23, "09:09")
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    text = as_text(of(ticket, at(24)))
    assert (
        "Batas waktu: berhenti, menunggu pemohon; sisa 20 menit waktu kerja; jawaban ditunggu sampai Rabu, 23 Desember"
    ) in text
    assert "selambatnya" not in text
    assert "Rab, 16 Des 2026 16.00: 1 minggu sebelum batas jawaban pemohon; diingatkan: Pemohon" in text
    assert (
        "Rab, 23 Des 2026 16.00: tiket ditutup («Ditutup karena tidak dilengkapi») bila pemohon tidak menjawab"
        in text
    )


def test_every_other_standing_has_its_words() -> None:
    unseen = FakeTicket.new(nama="Sari")
    assert "Belum pernah dilihat konektor." in as_text(of(unseen, at(23)))
    unseen.settle()
    assert "Sekarang:    Permohonan Masuk, belum lengkap; belum ada batas waktu" in as_text(
        of(unseen, at(24))
    )
    assert "sebelum lengkap, tanpa batas waktu" in as_text(of(unseen, at(24)))
    ended = FakeTicket.at(("meja", "Batal"))
    text = as_text(of(ended, at(24)))
    assert "Sekarang:    Ditarik pemohon, Senin, 23 November 2026" in text
    assert "(ditarik pemohon)" in text
    assert "Mengapa" not in text
    stopped = FakeTicket.at(WORKING, **FILLED)
    for _ in range(2):
        stopped.move("meja", "Rampung")
        stopped.settle()
    text = as_text(of(stopped, at(23, "11:00")))
    assert "Dihentikan:  dipindahkan di luar prosedur dua kali; menunggu pengelola SOP" in text
    assert "Di luar prosedur (waktunya tetap dihitung)\n  - «Rampung» sejak " in text
    assert "dan masih di sana, oleh Orang meja." in text


def test_what_the_connector_would_do_is_told_also_when_nobody_sees_it() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    ticket.rules = rules(**closed("2026-11-24"))
    assert as_text(of(ticket, at(23, "10:00"))).endswith("sekarang: SetField, SetDueDate.")
    ticket = FakeTicket.at()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.settle()
    ticket.rules = rules(**closed("2026-11-23"))
    assert as_text(of(ticket, at(23, "10:00"))).endswith("sekarang: mencatat keadaan baru.")


def test_programs_get_all_of_it() -> None:
    told = as_json(of(moved(), at(26, "10:30")))
    assert json.loads(json.dumps(told)) == told
    assert set(told) == {
        *("issue", "procedure", "status", "state", "moves", "unseen_journals", "effects"),
        *("why", "detours", "ledger", "expected", "clocks", "sla", "coming", "duties"),
    }
    first, second = told["ledger"]
    assert (first["step"], first["limit"], first["used"], first["norm"], first["late"]) == (
        "periksa",
        "30 menit",
        15,
        30,
        False,
    )
    assert first["pauses"] == [
        {
            "from": "2026-11-23T09:10:00+07:00",
            "to": "2026-11-24T09:00:00+07:00",
            "left": 20,
            "due": "2026-11-23T09:30:00+07:00",
            "answer_by": None,
        }
    ]
    assert second["moves"] == [
        {
            "at": "2026-11-24T10:00:00+07:00",
            "old": "2026-11-26T16:00:00+07:00",
            "new": "2026-11-27T16:00:00+07:00",
            "reason": "libur Dies natalis pada Rabu, 25 November 2026",
        }
    ]
    assert [span["reason"] for span in second["spans"] if not span["counted"]].count("Dies natalis") == 1
    assert second["current"] is True
    assert (told["sla"], told["coming"][1]) == (
        "Tepat waktu",
        {
            "at": "2026-11-27T16:00:00+07:00",
            "clock": "STEP",
            "step": "kerja",
            "rung": "batas",
            "to": ["pelaksana"],
        },
    )
    assert told["clocks"]["step"] == {"used": 505, "norm": 1195}
    assert told["clocks"]["units"]["meja"] == {"used": 15, "norm": 30}
    assert told["clocks"]["requester"]["minutes"] == 410
    assert [each["due"] for each in told["expected"]] == [
        "2026-11-30T16:00:00+07:00",
        "2026-12-02T16:00:00+07:00",
    ]


def test_a_ticket_that_nobody_has_seen_has_no_ledger_yet() -> None:
    told = as_json(of(FakeTicket.new(nama="Sari"), at(23)))
    assert (told["ledger"], told["clocks"], told["state"]) == ([], None, None)


def test_a_ticket_whose_tracker_was_just_changed_is_told_by_its_old_procedure() -> None:
    ticket = FakeTicket.at(WORKING, **FILLED)
    other = RULES.procedure.model_copy(update={"id": "lain", "title": "Lain"})
    book = {PROCEDURE.key: RULES, other.key: rules()}
    snapshot = ticket.snapshot.model_copy(update={"procedure": other.key})
    found = account_of(book, snapshot, at(24), plan(RULES, ticket.snapshot, at(24), FRESH))
    assert found.rules is RULES


def test_a_standing_duty_and_a_limit_that_nobody_is_warned_of_come_too() -> None:
    world = World(key="unj/pengaduan-masalah-si")
    number = world.submit()
    world.work()
    world.walk(number, "penanganan-lokal")
    snapshot = world.snapshot(number)
    quiet = {
        key: replace(each, procedure=each.procedure.model_copy(update={"escalation": ()}))
        for key, each in world.rules.items()
    }
    planned = plan(quiet[snapshot.procedure], snapshot, world.clock())
    found = account_of(quiet, snapshot, world.clock(), planned)
    assert {each.clock for each in found.coming} == {ClockKind.STEP, ClockKind.DUTY}
    text = as_text(found)
    assert "laporan «Pelaporan progres" in text
    assert "batas langkah ini\n" in text


def test_a_step_that_goes_on_without_its_requester_says_so() -> None:
    world = World()
    number = world.submit()
    world.work()
    world.walk(number, "penerimaan-survei")
    snapshot = world.snapshot(number)
    planned = plan(world.rules[snapshot.procedure], snapshot, world.clock())
    text = as_text(account_of(world.rules, snapshot, world.clock(), planned))
    assert "jawaban pemohon; diingatkan: " in text
    assert "hasil layanan dianggap diterima bila pemohon tidak menjawab" in text
    world.until(world.clock() + dt.timedelta(days=4))
    visits = world.snapshot(number).state.panel["steps"][16]["visits"]  # type: ignore[union-attr, index]
    assert [(each.get("outcome"), each.get("how")) for each in visits] == [
        ("hasil layanan dianggap diterima", None)
    ]


def test_what_came_of_weekly_reports_is_told() -> None:
    found = reporting_ticket()
    report(found, "11-25T10:00", **FIRST)
    until(found, "12-08T09:00")
    account = of(found, found.now)
    told = as_text(account)
    assert (
        "Laporan berkala\n  - Pelaporan ke-1, batas Sen, 30 Nov 2026 16.00: tepat waktu, Rab, 25 Nov 2026 10.00"
        in told
    )
    assert "  - Pelaporan ke-2, batas Sen, 7 Des 2026 16.00: belum ada, batasnya sudah lewat" in told
    assert as_json(account)["duties"][1] == {
        "step": "lapor",
        "no": 2,
        "due": "2026-12-07T16:00:00+07:00",
        "reported": None,
        "verdict": "belum ada, batasnya sudah lewat",
    }
