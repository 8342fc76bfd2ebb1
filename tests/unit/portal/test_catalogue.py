"""The list of services: found by words however they are spelled, grouped, with what to know beforehand."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.progress import Rules
from connector.portal import catalogue
from connector.portal.catalogue import Duration, Service, distance, duration, words_of
from connector.sop.model import Limit, Unit
from tests.small import PROCEDURE, RULES
from tests.world import World, rules_of_all
from tests.world import catalogue as mappings

FRIDAY = dt.date(2026, 11, 20)
ALL = catalogue.services(mappings(""), rules_of_all(""), FRIDAY)
LETTERS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=40)


def found(query: str) -> list[str]:
    return [each.procedure.key for each in catalogue.search(ALL, query)]


# search ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("password", "bunghatta/ganti-password"),
        ("PASWORD", "bunghatta/ganti-password"),
        ("lupa pasword", "bunghatta/ganti-password"),
        ("saya lupa kata sandi", "bunghatta/ganti-password"),
        ("wifi lambat", "bunghatta/gangguan-koneksi"),
        ("wi-fi lambat", "bunghatta/gangguan-koneksi"),
        ("webiste", "bunghatta/gangguan-web"),
        ("siakad eror", "unj/pengaduan-masalah-si"),
        ("akreditasi", "unj/permintaan-data-insidental"),
        ("Bagaimana cara minta data untuk akreditasi?", "unj/permintaan-data-insidental"),
        ("subdomain", "jabar/service-desk"),
        ("new network connection", "bunghatta/pemasangan-jaringan"),
        ("printer", "unj/permohonan-layanan-teknis"),
    ],
)
def test_a_question_finds_its_service(query: str, first: str) -> None:
    assert found(query)[0] == first


def test_what_no_service_has_is_not_found() -> None:
    assert found("xyzzy") == []


def test_a_question_without_words_finds_all() -> None:
    assert len(found("")) == len(found(" ?! ")) == 10


def test_services_that_fit_all_words_leave_out_those_that_fit_some() -> None:
    assert set(found("jaringan")) > set(found("jaringan baru kabel"))


@given(LETTERS)
def test_any_question_is_answered(query: str) -> None:
    keys = found(query)
    assert len(set(keys)) == len(keys) <= len(ALL)


@given(st.sampled_from(ALL), st.data())
def test_one_wrong_letter_in_a_long_word_does_no_harm(service: Service, data: st.DataObject) -> None:
    words = [word for word in words_of(service.procedure.title) if len(word) >= 6]
    word = data.draw(st.sampled_from(words))
    at = data.draw(st.integers(1, len(word) - 1))
    assert service.procedure.key in found(word[:at] + "x" + word[at + 1 :])
    assert service.procedure.key in found(word[:at] + word[at + 1 :])


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_counts_changes(one: str, other: str) -> None:
    assert (distance(one, other, 9) == 0) is (one == other)
    assert distance(one, other, 9) == distance(other, one, 9) <= max(len(one), len(other))


def test_neighbours_that_changed_places_are_one_mistake() -> None:
    assert distance("emial", "email", 2) == 1


# how long -------------------------------------------------------------------------------------------------------


def test_the_limits_are_added_through_the_work_calendar() -> None:
    # as the tables of the sources add up: 100r has 30 minutes, 13 times 1 and once 3 working days
    assert duration(rules_of_all("unj")["unj/permohonan-layanan-teknis"], FRIDAY) == Duration(
        16, stated=False
    )


def test_weeks_and_free_days_count_as_the_calendar_has_them() -> None:
    two_weeks = _first_step(limit=Limit(amount=2, unit=Unit.WEEK), limit_by=None)
    assert duration(two_weeks, FRIDAY) == Duration(10, stated=True)
    # 24 and 25 December 2026 and 1 January 2027 are free
    assert duration(two_weeks, dt.date(2026, 12, 18)) == Duration(7, stated=True)


def test_minutes_alone_are_one_day() -> None:
    half_an_hour = _first_step(limit=Limit(amount=30, unit=Unit.MINUTE), limit_by=None)
    assert duration(half_an_hour, FRIDAY) == Duration(1, stated=True)


def test_without_a_limit_nothing_is_promised() -> None:
    assert duration(_first_step(limit=None, limit_by=None), FRIDAY) is None


def _first_step(**changes: object) -> Rules:
    """Rules whose only step of the office is the first one, with these limits; the requester ends it."""
    first = PROCEDURE.first_step
    end = next(end.id for end in PROCEDURE.ends if end.success)
    step = first.model_copy(update={**changes, "outcomes": {"selesai": _outcome(end)}})
    steps = tuple(step if each.id == first.id else each for each in PROCEDURE.steps)
    calendar = rules_of_all("unj")["unj/permohonan-layanan-teknis"].calendar
    return Rules(PROCEDURE.model_copy(update={"steps": steps}), RULES.organization, calendar)


def _outcome(to: str) -> object:
    return next(iter(PROCEDURE.first_step.outcomes.values())).model_copy(update={"to": to})


# pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def client() -> FlaskClient:
    return World(profile="").app().test_client()


def test_all_services_under_their_organizations(client: FlaskClient) -> None:
    page = client.get("/layanan").text
    for each in ALL:
        assert f'href="/layanan/{each.procedure.key}"' in page
    for organization in ("Universitas Bung Hatta", "Provinsi Jawa Barat", "Universitas Negeri Jakarta"):
        assert organization in page
    assert "Paling lama sekitar 16 hari kerja; perkiraan" in page
    assert "Mahasiswa, dosen, dan tenaga kependidikan UNJ" in page
    assert "Bukti pendukung: PDF, JPG, JPEG, PNG" in page
    assert "Formulir pendaftaran dan dokumen persyaratan (bila ada)" in page


def test_one_organization_is_grouped_by_need(client: FlaskClient) -> None:
    page = client.get("/layanan?organisasi=bunghatta").text
    assert page.index("Gangguan dan pengaduan</h2>") < page.index("Akun dan email</h2>")
    assert "/layanan/unj/" not in page


def test_a_need_over_all_organizations(client: FlaskClient) -> None:
    page = client.get("/layanan?kebutuhan=gangguan").text
    assert "/layanan/unj/pengaduan-masalah-si" in page
    assert "/layanan/bunghatta/gangguan-web" in page
    assert "ganti-password" not in page


def test_a_search_says_what_it_found(client: FlaskClient) -> None:
    page = client.get("/layanan?cari=lupa+pasword").text
    assert "layanan untuk «lupa pasword»" in page
    assert 'value="lupa pasword"' in page
    nothing = client.get("/layanan?cari=xyzzy").text
    assert "Tidak ada layanan untuk «xyzzy»" in nothing
    assert "Coba kata lain" in nothing


def test_a_search_is_never_markup(client: FlaskClient) -> None:
    page = client.get("/layanan", query_string={"cari": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_a_very_long_search_is_cut(client: FlaskClient) -> None:
    assert client.get("/layanan", query_string={"cari": "a" * 5000}).status_code == 200
