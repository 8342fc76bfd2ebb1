"""`/lacak`: the secret link, what a requester sees, and what he may do."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.ports import IssueChange
from devtools.walk import PDF
from tests.world import JAKARTA, World, csrf, nonce

ADDRESS = "sari.melati@kampus.contoh.id"
UNSUR = (
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "pengaduan",
    "sarana",
)
SURVEY = {f"u{position}_{name}": "4 Sangat baik" for position, name in enumerate(UNSUR, 1)}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


@pytest.fixture
def number(world: World, client: FlaskClient) -> str:
    """A ticket in Redmine, its link opened."""
    made = world.submit(email_pemohon=ADDRESS)
    world.work()
    assert client.get(f"/lacak/{made}?t={world.token(made)}").status_code == 303
    return made


def page(client: FlaskClient, number: str) -> str:
    answer = client.get(f"/lacak/{number}")
    assert answer.status_code == 200
    return answer.text


def part(text: str, deed: str) -> str:
    """The form of one deed."""
    for form in text.split("<form")[1:]:
        if f'name="tindakan" value="{deed}"' in form:
            return form.split("</form>")[0]
    raise AssertionError(f"no form for {deed}")


def act(client: FlaskClient, number: str, deed: str, form: str | None = None, **given: Any) -> TestResponse:
    form = form or part(page(client, number), deed)
    data = {"csrf_token": csrf(form), "nonce": nonce(form), "tindakan": deed, **given}
    return client.post(f"/lacak/{number}/tindakan", data=data)


# the link -----------------------------------------------------------------------------------------------------


def test_the_secret_becomes_a_cookie_and_leaves_the_address(client: FlaskClient, world: World) -> None:
    made = world.submit()
    answer = client.get(f"/lacak/{made}?t={world.token(made)}&baru=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lacak/{made}?baru=1")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert f"Path=/lacak/{made}" in cookie
    assert world.token(made) not in cookie
    assert client.get(answer.headers["Location"]).status_code == 200


def test_behind_https_the_cookie_is_for_https_only() -> None:
    world = World(public_url="https://layanan.contoh.id")
    made = world.submit()
    answer = world.app().test_client().get(f"/lacak/{made}?t={world.token(made)}")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_wrong_secret_and_an_unknown_number_are_answered_alike(client: FlaskClient, world: World) -> None:
    made = world.submit()
    world.work()
    wrong = client.get(f"/lacak/{made}?t=salah")
    unknown = client.get("/lacak/UNJ-2026-999999?t=salah")
    without = client.get(f"/lacak/{made}")
    other = client.get(f"/lacak/{made}?t={world.token('UNJ-2026-000777')}")
    assert {each.status_code for each in (wrong, unknown, without, other)} == {403}
    assert wrong.text == unknown.text == without.text == other.text
    assert "Set-Cookie" not in wrong.headers


def test_a_cookie_opens_its_own_ticket_only(client: FlaskClient, world: World, number: str) -> None:
    other = world.submit("dua")
    world.work()
    mine = client.get_cookie("lacak", path=f"/lacak/{number}")
    assert mine is not None
    stranger = world.app().test_client()
    stranger.set_cookie("lacak", mine.value, path=f"/lacak/{other}")
    assert stranger.get(f"/lacak/{other}").status_code == 403


def test_a_cookie_of_somebody_else_is_no_cookie(world: World, number: str) -> None:
    stranger = world.app().test_client()
    stranger.set_cookie("lacak", "IlVOSi0yMDI2LTAwMDAwMSI.aaaa.bbbb", path=f"/lacak/{number}")
    assert stranger.get(f"/lacak/{number}").status_code == 403


# number and code ----------------------------------------------------------------------------------------------


def ask_code(client: FlaskClient, number: str, address: str = ADDRESS) -> TestResponse:
    form = client.get("/lacak").text
    return client.post("/lacak", data={"csrf_token": csrf(form), "nomor": number, "email": address})


def code_in(world: World) -> str:
    """The code of the last mail."""
    world.work()
    found = re.search(r"^\d{6}$", world.sent[-1].text, re.MULTILINE)
    assert found is not None
    return found[0]


def prove(client: FlaskClient, number: str, code: str, address: str = ADDRESS) -> TestResponse:
    token = csrf(client.get("/lacak").text)
    data = {"csrf_token": token, "nomor": number, "email": address, "kode": code}
    return client.post("/lacak/kode", data=data)


def test_a_code_goes_to_the_address_of_the_form_only(client: FlaskClient, world: World, number: str) -> None:
    world.sent.clear()
    right = ask_code(client, number.lower())
    wrong = ask_code(client, number, "x@y.id")
    none = ask_code(client, "UNJ-2026-000999")
    world.work()
    assert [mail.to for mail in world.sent] == [ADDRESS]
    assert world.token(number) in world.sent[0].text
    assert right.status_code == wrong.status_code == none.status_code == 200
    # but for what he typed himself nothing tells them apart
    assert right.text == wrong.text.replace("x@y.id", ADDRESS)
    assert right.text == none.text.replace("UNJ-2026-000999", number)


def test_the_code_opens_the_ticket_until_the_browser_is_closed(world: World, number: str) -> None:
    visitor = world.app().test_client()
    ask_code(visitor, number)
    code = code_in(world)
    answer = prove(visitor, number, f"{code[:3]} {code[3:]}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lacak/{number}")
    assert "Max-Age" not in answer.headers["Set-Cookie"]
    assert "Sedang diproses" in page(visitor, number)
    assert prove(world.app().test_client(), number, code).status_code == 422, "a code is good once"


def test_wrong_codes_are_answered_alike_and_only_a_few_are_heard(world: World, number: str) -> None:
    visitor = world.app().test_client()
    ask_code(visitor, number)
    code = code_in(world)
    other = "000000" if code != "000000" else "000001"
    wrong = prove(visitor, number, other)
    none = prove(visitor, "UNJ-2026-000999", other)
    assert wrong.status_code == none.status_code == 422
    assert wrong.text == none.text.replace("UNJ-2026-000999", number)
    for _ in range(4):
        prove(visitor, number, other)
    assert prove(visitor, number, code).status_code == 422, "after five tries no code is right"


def test_a_code_grows_old(world: World, number: str) -> None:
    visitor = world.app().test_client()
    ask_code(visitor, number)
    code = code_in(world)
    world.clock.forward(minutes=21)
    assert prove(visitor, number, code).status_code == 422


def test_not_more_than_five_codes_are_sent_in_an_hour(client: FlaskClient, world: World, number: str) -> None:
    world.sent.clear()
    for _ in range(7):
        ask_code(client, number)
    world.work()
    assert len(world.sent) == 5
    world.clock.forward(minutes=61)
    ask_code(client, number)
    world.work()
    assert len(world.sent) == 6


def test_what_is_no_number_or_address_is_said(client: FlaskClient) -> None:
    form = client.get("/lacak").text
    answer = client.post("/lacak", data={"csrf_token": csrf(form), "nomor": "123", "email": "x"})
    assert answer.status_code == 422
    assert "UNJ-2026-000123" in answer.text


# what is seen -------------------------------------------------------------------------------------------------


def test_the_page_of_a_ticket_under_way(client: FlaskClient, number: str) -> None:
    text = page(client, number)
    assert "Sedang diproses" in text
    assert "Helpdesk Pustikom" in text
    assert "Senin, 23 November 2026 pukul 09.30 WIB" in text
    assert 'aria-current="step"' in text


def test_a_late_step_is_admitted(client: FlaskClient, world: World, number: str) -> None:
    world.clock.forward(hours=3)
    assert "melewati batas waktunya" in page(client, number)


def test_no_page_of_a_ticket_is_kept_by_a_cache_or_found_by_a_search_engine(
    client: FlaskClient, number: str
) -> None:
    answer = client.get(f"/lacak/{number}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in answer.text


def test_what_staff_wrote_is_never_markup(client: FlaskClient, world: World, number: str) -> None:
    world.move(number, "dikembalikan", permintaan_perbaikan="Foto <img src=x onerror=alert(1)>")
    text = page(client, number)
    assert "<img" not in text
    assert "&lt;img" in text


def test_documents_are_the_requesters_once_they_are_handed_over(
    client: FlaskClient, world: World, number: str
) -> None:
    paper = f"/lacak/{number}/berkas/berita_acara"
    receipt = f"/lacak/{number}/berkas/bukti_pendaftaran"
    assert client.get(receipt).status_code == 200, "what his request left is his at once"
    world.walk(number, "penyerahan-hasil")
    assert client.get(paper).status_code == 404
    assert client.get(f"/lacak/{number}/berkas/surat_jadwal").status_code == 200
    assert client.get(f"/lacak/{number}/berkas/nota_penugasan").status_code == 404, "a note within the office"
    world.walk(number, "penerimaan-survei")
    answer = client.get(paper)
    assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
    made = world.store.register.entries()
    assert [hashlib.sha256(answer.data).hexdigest()] == [
        each.sha256 for each in made if each.field == "berita_acara" and each.status == "berlaku"
    ]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/lacak/{number}/berkas/laporan_akhir").status_code == 404
    assert world.app().test_client().get(paper).status_code == 403


def test_redmine_away(client: FlaskClient, world: World, number: str) -> None:
    world.redmine.down = True
    text = page(client, number)
    assert "Permohonan Anda tersimpan" in text
    assert "<form" not in text


# what is done -------------------------------------------------------------------------------------------------


def test_the_requester_corrects_and_the_ticket_goes_on(
    client: FlaskClient, world: World, number: str
) -> None:
    world.move(number, "dikembalikan", permintaan_perbaikan="Foto belum terbaca.")
    assert "Foto belum terbaca." in page(client, number)
    evidence = (io.BytesIO(PDF + b"baru"), "baru.pdf")
    answer = act(
        client,
        number,
        "correction",
        **{**_as_shown(world, number), "uraian": "Uraian baru", "bukti_pendukung": evidence},
    )
    assert answer.status_code == 303
    assert "sedang dicatat" in page(client, number)
    world.work()
    assert "Sedang diproses" in page(client, number)
    field = world.procedure.field("uraian")
    assert field is not None
    assert world.snapshot(number).fields[field.key] == "Uraian baru"


def test_a_correction_that_changes_nothing_is_asked_again(
    client: FlaskClient, world: World, number: str
) -> None:
    world.move(number, "dikembalikan", permintaan_perbaikan="Foto belum terbaca.")
    answer = act(client, number, "correction", **_as_shown(world, number))
    assert answer.status_code == 422
    assert "Belum ada yang berubah" in answer.text


def _as_shown(world: World, number: str) -> dict[str, Any]:
    """What the form holds before anything is changed."""
    snapshot, form = world.snapshot(number), world.procedure.form
    assert form is not None
    known = {each.id: each for each in world.procedure.fields}
    return {name: snapshot.fields.get(known[name].key, "") for name in form.fields}


def test_the_requester_receives_rates_and_the_ticket_is_done(
    client: FlaskClient, world: World, number: str
) -> None:
    world.walk(number, "penerimaan-survei")
    unrated = act(client, number, "diterima")
    assert unrated.status_code == 422
    assert "Pilih salah satu." in unrated.text
    assert act(client, number, "diterima", **SURVEY).status_code == 303
    world.work()
    world.walk(number, "selesai")
    assert "Layanan selesai" in page(client, number)


def test_a_document_holds_the_answers_that_it_is_made_with(
    client: FlaskClient, world: World, number: str
) -> None:
    world.walk(number, "penerimaan-survei")
    act(client, number, "diterima", **SURVEY, saran="Cepat dan rapi.")
    world.work()
    field = world.procedure.field("hasil_survei")
    assert field is not None
    printed = world.redmine.download(world.snapshot(number).files[field.key].id).decode()
    assert "Indeks kepuasan" in printed
    assert "Cepat dan rapi." in printed


def test_an_objection_needs_words_and_goes_back(client: FlaskClient, world: World, number: str) -> None:
    world.walk(number, "penerimaan-survei")
    assert act(client, number, "keberatan").status_code == 422
    assert act(client, number, "keberatan", pesan_pemohon="Masih putus di lantai 3.").status_code == 303
    world.work()
    state = world.snapshot(number).state
    assert state is not None
    assert state.stay is not None
    assert state.stay.step == "pengecekan-hasil"
    assert "Masih putus di lantai 3." in "\n".join(
        note.notes for note in world.snapshot(number).journals if note.notes
    )


def test_a_request_can_be_withdrawn_only_by_who_says_so_twice(
    client: FlaskClient, world: World, number: str
) -> None:
    unsure = act(client, number, "withdraw", pesan_pemohon="Sudah tidak perlu")
    assert unsure.status_code == 422
    assert "Centang kotak ini" in unsure.text
    assert act(client, number, "withdraw", yakin_ditarik="1").status_code == 303
    world.work()
    assert "Ditutup" in page(client, number)
    assert "<form" not in page(client, number)


def test_a_request_can_be_withdrawn_before_redmine_has_it(client: FlaskClient, world: World) -> None:
    made = world.submit("lain")
    client.get(f"/lacak/{made}?t={world.token(made)}")
    assert act(client, made, "withdraw", yakin_ditarik="1").status_code == 303
    world.work()
    assert "Ditutup" in page(client, made)


def test_the_same_answer_sent_twice_is_one(client: FlaskClient, world: World, number: str) -> None:
    form = part(page(client, number), "withdraw")
    assert act(client, number, "withdraw", form, yakin_ditarik="1").status_code == 303
    assert act(client, number, "withdraw", form, yakin_ditarik="1").status_code == 303
    assert len(world.store.submissions.pending_actions(number)) == 1
    world.work()
    assert act(client, number, "withdraw", form, yakin_ditarik="1").status_code == 303
    assert world.store.submissions.pending_actions(number) == ()


def test_what_is_no_longer_possible_is_said_and_changes_nothing(
    client: FlaskClient, world: World, number: str
) -> None:
    form = part(page(client, number), "withdraw")
    world.walk(number, "pelaksanaan")
    answer = act(client, number, "diterima", form, **SURVEY, pesan_pemohon="Cepat & <b>rapi</b>.")
    assert answer.status_code == 409
    assert "tidak berlaku lagi" in answer.text
    assert "Cepat &amp; &lt;b&gt;rapi&lt;/b&gt;." in answer.text, "his words are still his to copy"
    assert world.store.submissions.pending_actions(number) == ()


def test_without_the_cookie_nothing_is_done(client: FlaskClient, world: World, number: str) -> None:
    stranger = world.app().test_client()
    form = stranger.get("/lacak").text
    answer = stranger.post(
        f"/lacak/{number}/tindakan",
        data={"csrf_token": csrf(form), "nonce": "n", "tindakan": "withdraw", "yakin_ditarik": "1"},
    )
    assert answer.status_code == 403
    assert world.store.submissions.pending_actions(number) == ()


@pytest.mark.parametrize("path", ["/lacak/{}", "/lacak/{}?t=x", "/lacak/{}/berkas/x"])
@pytest.mark.parametrize("odd", ["..", "UNJ-2026", "unj-2026-000001", "UNJ-2026-٠٠٠٠٠١", "%00", "'--"])
def test_odd_numbers_are_strangers(client: FlaskClient, path: str, odd: str) -> None:
    assert client.get(path.format(odd), follow_redirects=True).status_code in (403, 404)


def test_nothing_personal_is_logged(
    client: FlaskClient, world: World, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world.move(number, "dikembalikan", permintaan_perbaikan="Foto belum terbaca.")
    act(client, number, "correction", **{**_as_shown(world, number), "uraian": "Uraian rahasia"})
    client.get(f"/lacak/{number}?t={world.token(number)}")
    assert number in caplog.text
    for secret in ("rahasia", ADDRESS, "1301619001", world.token(number)):
        assert secret not in caplog.text


def test_who_is_asked_for_papers_is_not_asked_for_a_judgement() -> None:
    """West Java's requester signs two papers; the words of the survey are not for him."""
    world = World(profile="jabar", key="jabar/service-desk")
    client, made = world.app().test_client(), world.submit()
    world.work()
    world.walk(made, "balasan-sla-ba")
    client.get(f"/lacak/{made}?t={world.token(made)}")
    text = page(client, made)
    assert "Balasan SLA dan BA" in text
    assert "Kirim jawaban" in text
    for survey in ("nilai layanan", "Penilaian Anda", "Saya terima hasilnya"):
        assert survey not in text
    signed: dict[str, Any] = {
        name: (io.BytesIO(PDF), f"{name}.pdf") for name in ("balasan_sla", "balasan_ba")
    }
    assert act(client, made, "dibalas", **signed).status_code == 303
    world.work()
    assert "Sedang diproses" in page(client, made)


def test_who_is_asked_for_a_judgement_is_told_what_it_is_for(
    client: FlaskClient, world: World, number: str
) -> None:
    world.walk(number, "penerimaan-survei")
    text = page(client, number)
    for survey in ("Terima hasil dan nilai layanan kami", "Penilaian Anda", "Saya terima hasilnya"):
        assert survey in text


# questions and answers ----------------------------------------------------------------------------------------


def note(world: World, number: str, text: str, *, private: bool = False) -> None:
    """Somebody of the helpdesk writes a note."""
    issue = world.snapshot(number).issue
    world.clock.forward(minutes=5)
    world.redmine.staff(issue, "helpdesk", IssueChange(notes=text, private_notes=private))
    world.store.queue.put(f"issue:{issue}", now=world.clock())
    world.work()


def test_a_question_and_its_answer(client: FlaskClient, world: World, number: str) -> None:
    world.sent.clear()
    question = "Kapan teknisinya datang?\n<b>Ruang 301</b>"
    assert act(client, number, "message", pesan_pemohon=question).status_code == 303
    world.work()
    notes = world.snapshot(number).journals[-1].notes
    assert "**Pesan pemohon** lewat portal:" in notes
    assert "> Kapan teknisinya datang?" in notes
    note(world, number, "Kepada pemohon: Besok pukul 09.00.\nMohon ruangnya dibuka.")
    text = page(client, number)
    assert "Kapan teknisinya datang?" in text
    assert "Besok pukul 09.00." in text
    assert "<b>Ruang" not in text
    assert [mail.to for mail in world.sent] == [ADDRESS]
    assert "Besok pukul 09.00.\nMohon ruangnya dibuka." in world.sent[0].text


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("Teknisi Budi sakit, cari pengganti.", False),
        ("Kepada pemohon: rahasia", True),
        ("Jawaban kepada kadiv: rahasia", False),
        ("Kata Budi: Kepada pemohon: rahasia", False),
    ],
)
def test_every_other_note_stays_inside(
    client: FlaskClient, world: World, number: str, text: str, private: bool
) -> None:
    world.sent.clear()
    note(world, number, text, private=private)
    seen = page(client, number)
    assert "rahasia" not in seen
    assert "Budi" not in seen
    assert world.sent == []


def test_an_empty_question_is_not_sent(client: FlaskClient, number: str) -> None:
    answer = act(client, number, "message", pesan_pemohon=" ")
    assert answer.status_code == 422
    assert "Tulis pertanyaan atau pesan Anda." in answer.text


# what no longer fits ------------------------------------------------------------------------------------------


def test_what_no_longer_fits_is_not_dropped_without_a_word(
    client: FlaskClient, world: World, number: str
) -> None:
    """He withdraws while staff close the ticket: what is read second is told to him, and kept."""
    form = part(page(client, number), "withdraw")
    world.sent.clear()
    act(client, number, "withdraw", form, yakin_ditarik="1", pesan_pemohon="Sudah beres sendiri.")
    issue = world.snapshot(number).issue
    fields = {world.procedure.field("alasan").key: "Di luar lingkup."}  # type: ignore[union-attr]
    closed = IssueChange(status="status:permohonan-ditolak", fields=fields)
    world.redmine.staff(issue, "helpdesk", closed)
    world.work()
    assert world.snapshot(number).status == "status:permohonan-ditolak"
    seen = page(client, number)
    assert "tidak dijalankan: permohonan sudah ditutup" in seen
    told = [mail for mail in world.sent if "tidak dijalankan" in mail.subject]
    assert [mail.to for mail in told] == [ADDRESS]
    assert "Sudah beres sendiri." in told[0].text
    assert any("Sudah beres sendiri." in each.notes for each in world.snapshot(number).journals)


# the survey ---------------------------------------------------------------------------------------------------


@pytest.fixture
def ended() -> tuple[World, FlaskClient, str]:
    """A ticket of a POS without a survey of its own, ended well."""
    world = World(key="unj/permintaan-data-insidental")
    client = world.app().test_client()
    number = world.submit(email_pemohon=ADDRESS)
    world.work()
    world.walk(number, "selesai")
    world.sent.clear()
    client.get(f"/lacak/{number}?t={world.token(number)}")
    return world, client, number


def test_the_service_is_rated_once(ended: tuple[World, FlaskClient, str]) -> None:
    world, client, number = ended
    form = part(page(client, number), "survey")
    assert "Kesopanan dan keramahan petugas" in form
    missing = act(client, number, "survey", form, saran="Bagus")
    assert missing.status_code == 422
    act(client, number, "survey", form, **SURVEY | {"u3_waktu": "2 Kurang baik"}, saran="Lebih cepat, ya.")
    world.work()
    found = world.snapshot(number).state
    assert found is not None
    assert found.survey is not None
    assert (found.survey.marks["u3_waktu"], found.survey.marks["u1_persyaratan"]) == (2, 4)
    assert found.survey.remark == "Lebih cepat, ya."
    text = page(client, number)
    assert "Terima kasih atas penilaian Anda." in text
    assert 'value="survey"' not in text
    assert "94,44 dari 100" in world.snapshot(number).journals[-1].notes
    world.until(world.clock() + dt.timedelta(days=6))
    assert world.sent == [], "who has answered is not reminded"


def test_who_does_not_rate_is_reminded_once(ended: tuple[World, FlaskClient, str]) -> None:
    world, client, number = ended
    at = world.snapshot(number).state
    assert at is not None
    assert at.ended_at is not None
    world.clock.forward(days=1)
    world.poller.ring()
    world.work()
    assert world.sent == []
    for _ in range(6):
        world.clock.forward(days=1)
        world.poller.ring()
        world.work()
    assert [(mail.to, "Mohon nilai layanan kami" in mail.subject) for mail in world.sent] == [(ADDRESS, True)]
    assert 'value="survey"' in page(client, number)
    world.clock.forward(days=30)
    assert 'value="survey"' not in page(client, number), "not for ever"


def test_who_was_told_until_when_has_that_long(client: FlaskClient, world: World, number: str) -> None:
    """The instant that the reminder names is kept; a day that the office closes meanwhile is his too."""
    world.walk(number, "penerimaan-survei")
    stay = world.snapshot(number).state.stay  # type: ignore[union-attr]
    assert stay is not None
    assert stay.due is not None
    world.sent.clear()
    world.until(stay.due - dt.timedelta(hours=20))
    reminded = world.snapshot(number).state.stay  # type: ignore[union-attr]
    assert reminded is not None
    assert reminded.lapses == stay.due
    assert any("Mohon dijawab sebelum" in mail.subject for mail in world.sent)
    world.close(stay.due.astimezone(JAKARTA).date(), "Dies Natalis UNJ")
    world.until(stay.due + dt.timedelta(minutes=5))
    assert world.snapshot(number).state.stay.step == "penerimaan-survei"  # type: ignore[union-attr]


def test_silence_at_the_receipt_is_taken_as_the_procedure_says(
    client: FlaskClient, world: World, number: str
) -> None:
    world.walk(number, "penerimaan-survei")
    world.sent.clear()
    assert "hasil layanan dianggap diterima" in page(client, number)
    for _ in range(10):
        world.clock.forward(hours=12)
        world.poller.ring()
        world.work()
    state = world.snapshot(number).state
    assert state is not None
    assert state.stay is not None
    assert state.stay.step == "penutupan"
    subjects = [mail.subject for mail in world.mail_to(ADDRESS)]
    assert [("Mohon dijawab sebelum" in each) for each in subjects] == [True, False]
    assert "hasil layanan dianggap diterima" in page(client, number)
    # the survey is asked once the ticket has ended
    world.walk(number, "selesai")
    assert 'value="survey"' in page(client, number)
