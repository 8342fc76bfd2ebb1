"""Messages and notes as they are written: people's words stay words, every template holds together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.notify.notes import quoted
from connector.notify.render import MailRenderer
from connector.settings import ROOT
from tests.world import World

MARKUP = '<img src=x onerror=alert(1)> & "kutipan" !http://contoh.id/x.png! {{ 7 * 7 }}'


@pytest.fixture(scope="module")
def told() -> World:
    """A ticket that was returned, corrected, walked to its end, and another that was refused."""
    world = World()
    first = world.submit(nama_pemohon=MARKUP, uraian=MARKUP)
    world.work()
    world.move(first, "dikembalikan", permintaan_perbaikan=MARKUP)
    second = world.submit("dua")
    world.work()
    world.move(second, "ditolak", alasan=MARKUP)
    third = world.submit("tiga")
    world.work()
    world.walk(third, "selesai")
    return world


def test_every_message_has_both_forms_and_one_line_of_subject(told: World) -> None:
    assert len(told.sent) >= 8
    for mail in told.sent:
        number = mail.key.split(":")[0]
        assert mail.subject.startswith(f"[{number}] ")
        assert "\n" not in mail.subject
        assert told.link(number) in mail.text
        assert told.link(number).replace("&", "&amp;") in mail.html
        assert "Pustikom UNJ" in mail.text


def test_markup_is_words_in_html_and_itself_in_text(told: World) -> None:
    quoting = [mail for mail in told.sent if "onerror" in mail.html]
    assert len(quoting) == 2
    for mail in quoting:
        assert "<img" not in mail.html
        assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in mail.html
        assert MARKUP in mail.text


def test_no_message_loads_anything_from_elsewhere(told: World) -> None:
    for mail in told.sent:
        assert "<img" not in mail.html
        assert "src=" not in mail.html.replace("src=x onerror", "")
        assert "url(" not in mail.html


def test_only_a_refusal_quotes_its_reason_and_a_finished_service_nothing(told: World) -> None:
    finished = next(mail for mail in told.sent if "sudah selesai" in mail.text)
    assert "Kelengkapan berkas" not in finished.text
    refused = next(mail for mail in told.sent if "tidak dapat kami layani" in mail.text)
    assert "Alasan" in refused.text


def test_a_message_that_asks_says_so(told: World) -> None:
    asking = [mail for mail in told.sent if "Jawablah di sini" in mail.text]
    assert len(asking) == 2
    assert any("Mohon dijawab sebelum" in mail.text for mail in asking)
    assert all("Jawab sekarang" in mail.html for mail in asking)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates/mail").glob("[a-z]*.txt.j2")), ids=lambda p: p.name
)
def test_every_text_has_its_html(path: object) -> None:
    name = str(path).rsplit("/", 1)[1].removesuffix(".txt.j2")
    assert (ROOT / f"templates/mail/{name}.html.j2").is_file()


def test_what_a_template_lacks_is_an_error_and_no_empty_place() -> None:
    renderer = MailRenderer(ROOT / "templates/mail")
    with pytest.raises(Exception, match="undefined"):
        renderer.render(key="k", to="a@b.id", template="diterima", data={}, issue=None)


@given(st.text(max_size=200))
def test_a_quotation_holds_no_markup_of_redmine(text: str) -> None:
    made = quoted(text)
    assert "<" not in made
    assert all(line.startswith("> ") for line in made.splitlines())


@pytest.mark.parametrize("text", ["!http://contoh.id/x.png!", "a !pemantau.png! b"])
def test_a_quotation_loads_no_picture(text: str) -> None:
    assert "!h" not in quoted(text)
    assert "!p" not in quoted(text)
