"""What the requester reads of why his limit is what it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from connector.engine import sla
from connector.engine.state import Stay
from connector.portal.language import prepare
from connector.portal.reckoning import reckoning
from connector.sop.model import Limit
from tests.unit.engine.test_projection import RAMADAN, at, calendar, closed
from tests.world import World


def begun(limit: str, day: int, hour: str = "09:00", /, **free: Any) -> tuple[str, ...]:
    days = calendar(**free)
    text = Limit.model_validate(limit)
    entered = at(day, hour)
    stay = Stay(step="x", entered=entered, journal=1, version="v", limit=text, due=days.due(entered, text))
    return tuple(map(str, reckoning(days, stay)))


def test_days_leave_out_the_first_the_weekend_and_what_is_free() -> None:
    assert begun("3 hari kerja", 26, **closed("2026-11-30", "2026-12-01")) == (
        "Langkah ini boleh memakai waktu paling lama 3 hari kerja.",
        (
            "Hari mulainya, Kamis, 26 November 2026, tidak dihitung; hari kerja ke-3 sesudahnya adalah Kamis, "
            "3 Desember 2026, dan waktunya habis ketika kantor tutup, pukul 16.00."
        ),
        "Tidak dihitung: akhir pekan, Dies natalis (30 November 2026, 1 Desember 2026).",
    )
    assert begun("1 hari kerja", 23)[1:] == (
        (
            "Hari mulainya, Senin, 23 November 2026, tidak dihitung; hari kerja sesudahnya adalah Selasa, "
            "24 November 2026, dan waktunya habis ketika kantor tutup, pukul 16.00."
        ),
    )


def test_minutes_and_hours_are_counted_from_the_next_opening() -> None:
    assert begun("30 menit", 23) == (
        "Langkah ini boleh memakai waktu paling lama 30 menit pada jam kerja.",
        "Dihitung sejak Senin, 23 November 2026 pukul 09.00 WIB.",
    )
    assert begun("1 jam", 27, "15:59")[1:] == (
        "Dihitung sejak Jumat, 27 November 2026 pukul 15.59 WIB.",
        "Akhir pekan tidak dihitung.",
    )
    assert begun("1 jam", 28, "10:00")[1:] == (
        (
            "Langkah ini dimulai di luar jam kerja, jadi dihitung sejak kantor buka: Senin, 30 November 2026 pukul "
            "08.00 WIB."
        ),
        "Akhir pekan tidak dihitung.",
    )


def test_weeks_go_by_the_almanac() -> None:
    assert begun("1 minggu", 23, **closed("2026-11-30")) == (
        "Langkah ini boleh memakai waktu paling lama 1 minggu.",
        (
            "Dihitung menurut penanggalan sejak Senin, 23 November 2026, dan bila jatuh pada hari libur sampai hari "
            "kerja berikutnya: Selasa, 1 Desember 2026, ketika kantor tutup, pukul 16.00."
        ),
    )


def test_other_hours_are_named() -> None:
    assert begun("2 hari kerja", 24, **RAMADAN)[-1] == (
        "Dari 24 November 2026 sampai 20 Desember 2026 kantor mempunyai jam kerja lain (Ramadan)."
    )


def test_what_waited_for_him_is_said_and_free_days_of_that_time_are_not() -> None:
    days = calendar()
    limit = Limit.model_validate("2 hari kerja")
    begun = sla.projected(Stay(step="x", entered=at(23), journal=1, version="v", limit=limit), days)
    waiting = sla.pause(begun, at(24, "12:00"), days)
    assert reckoning(days, waiting) == ()
    assert reckoning(days, sla.resume(waiting, at(30, "08:00"), days))[2:] == (
        (
            "Selama menunggu Anda waktunya tidak berjalan; sesudah itu sisanya dihitung lagi, sehingga batasnya "
            "menjadi Selasa, 1 Desember 2026 pukul 11.00 WIB."
        ),
    )


def test_a_rest_is_told_as_what_is_left() -> None:
    stay = Stay(
        step="x",
        entered=at(23),
        journal=1,
        version="v",
        limit=Limit.model_validate("1 hari kerja"),
        budget=390,
        due=calendar().add(at(23), dt.timedelta(minutes=390)),
    )
    assert reckoning(calendar(), stay)[0] == (
        "Langkah ini sudah pernah dijalani: dari waktunya, paling lama 1 hari kerja, tersisa 6 jam 30 menit."
    )


def test_in_english_only_the_names_of_days_off_stay_indonesian() -> None:
    app = Flask(__name__)
    prepare(app, secure=False)
    with app.test_request_context("/?lang=en"):
        found = begun("2 hari kerja", 27, **closed("2026-11-30"))
    assert found == (
        "This step may take at most 2 working days.",
        (
            "The day on which it began, Friday, 27 November 2026, is not counted; working day 2 after it is Wednesday, "
            "2 December 2026, and the time is up when the office closes, at 16:00."
        ),
        'Not counted: weekends, <span lang="id">Dies natalis</span> (30 November 2026).',
    )


@pytest.mark.parametrize("language", ["id", "en"])
def test_it_is_folded_away_on_the_page_and_names_nobody(language: str) -> None:
    world = World()
    number = world.submit()
    world.work()
    world.walk(number, "pelaksanaan")
    client = world.app().test_client()
    client.get(f"/lacak/{number}?t={world.token(number)}")
    page = client.get(f"/lacak/{number}?lang={language}").text
    [part] = page.split('<details class="why">')[1:]
    part = part.split("</details>")[0]
    assert ("Mengapa batasnya saat itu?" in part) == (language == "id")
    assert part.count("<li>") >= 2
    assert "Petugas" not in part
