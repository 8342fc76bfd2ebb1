"""Indonesian and English: nothing lacks a translation, nothing is left over, the choice is remembered."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from jinja2 import nodes

from connector.portal import language
from connector.settings import ROOT
from connector.sop.model import Limit, Unit
from devtools import messages
from tests.unit.portal.test_services import FORM, send
from tests.world import World

TEMPLATES = sorted((ROOT / "templates/portal").glob("*.j2"))
#: Words that no English text has and hardly any Indonesian one does without.
INDONESIAN = {
    *(
        "yang",
        "dan",
        "dengan",
        "untuk",
        "pada",
        "anda",
        "kami",
        "tidak",
        "atau",
        "bila",
        "sudah",
        "belum",
        "akan",
    ),
    *(
        "dari",
        "ini",
        "itu",
        "lagi",
        "dapat",
        "permohonan",
        "layanan",
        "langkah",
        "berkas",
        "isian",
        "kirim",
        "tulis",
    ),
    *("pilih", "nomor", "alamat", "paling", "lama", "lewat", "harus", "adalah", "oleh", "karena", "sampai"),
}
ZONE = ZoneInfo("Asia/Jakarta")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


# the catalogue --------------------------------------------------------------------------------------------------


def test_every_text_of_the_sources_has_its_english() -> None:
    known, found = messages.known(), messages.found()
    missing = [each.id for each in found if each.id and not _translated(known.get(each.id))]
    assert missing == [], "run python -m devtools.messages, then translate"
    wanted = {each.id for each in found if each.id}
    assert [each.id for each in known if each.id and each.id not in wanted] == [], "no longer used"


def _translated(message: object) -> bool:
    said = getattr(message, "string", "")
    return all(said) if isinstance(said, tuple | list) else bool(said)


def test_translations_name_the_same_values() -> None:
    for message in messages.known():
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        said = [message.string] if isinstance(message.string, str) else list(message.string or ())
        for text in said:
            # the singular may leave its number out
            assert _values(text) <= _values(sources[-1]), message.id
            assert _values(sources[0]) <= _values(text), message.id


def _values(text: object) -> set[str]:
    return set(re.findall(r"%\((\w+)\)|\{(\w+)\}", str(text)).__iter__()) if text else set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(path: Path) -> None:
    """What people read goes through the catalogue, or comes from the mapping."""
    tree = World().app().jinja_env.parse(path.read_text(encoding="utf-8"))
    written = "".join(node.data for node in tree.find_all(nodes.TemplateData))
    assert _seen(written) == []
    outside = [each for each in _constants(tree) if re.search(r"[A-Z][a-z]+ |[a-z] [a-z]+ [a-z]", each)]
    assert [each for each in outside if 'type="' not in each and "autocomplete" not in each] == []


def _seen(html: str) -> list[str]:
    """Words between tags, and in attributes that are read aloud."""
    attributes = re.findall(r'(?:aria-label|title|placeholder|alt|content)="([^"]*)"', html)
    text = re.sub(r"<[^>]*>?", " ", html)
    text = re.sub(r'[\w-]+="[^"]*"?|[\w-]+=', " ", text)
    found = [*re.findall(r"[A-Za-z]{3,}", text), *attributes]
    return [each for each in found if each not in KNOWN and re.search(r"[A-Za-z]{3}", each)]


#: Parts of tags that stand apart because something is put between them.
KNOWN = {
    *(
        "width=device-width, initial-scale=1",
        "light dark",
        "required",
        "checked",
        "selected",
        "multiple",
        "open",
    ),
    *(
        "disabled",
        "autofocus",
        "noindex",
        "index",
        "class",
        "lang",
        "aria",
        "data",
        "formnovalidate",
        "novalidate",
    ),
}


def _constants(tree: nodes.Node) -> Iterator[str]:
    calls = [call for call in tree.find_all(nodes.Call) if _name(call) in ("_", "gettext", "ngettext")]
    inside = {id(each) for call in calls for each in call.find_all(nodes.Const)}
    yield from (
        each.value
        for each in tree.find_all(nodes.Const)
        if isinstance(each.value, str) and id(each) not in inside
    )


def _name(call: nodes.Call) -> str:
    return call.node.name if isinstance(call.node, nodes.Name) else ""


# pages ----------------------------------------------------------------------------------------------------------


class Words(HTMLParser):
    """What is read on a page, without what is marked as Indonesian."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = given.get("lang") == "id" or (bool(self._open) and self._open[-1][1])
        if not foreign:
            self.words += [
                str(given[name]) for name in ("aria-label", "placeholder", "title") if given.get(name)
            ]
            self.words += [
                str(value) for name, value in attrs if name.startswith("data-") and name != "data-when"
            ]
        if tag not in ("meta", "link", "input", "img", "br", "hr"):
            self._open.append((tag, foreign or tag in ("script", "style")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            self.words.append(data)


def indonesian(page: str) -> list[str]:
    parser = Words()
    parser.feed(page)
    texts = [" ".join(text.split()) for text in parser.words]
    return [
        text
        for text in texts
        if INDONESIAN & {word.strip(string.punctuation).lower() for word in text.split()}
    ]


def test_the_search_for_indonesian_finds_it() -> None:
    assert indonesian("<p>Permohonan Anda</p>") == ["Permohonan Anda"]
    assert indonesian('<p><span lang="id">Permohonan Anda</span> was sent</p>') == []
    assert indonesian('<nav aria-label="Pilih nomor"></nav>') == ["Pilih nomor"]


@pytest.mark.parametrize(
    "path",
    [
        "/layanan",
        "/layanan?cari=wifi",
        "/layanan?cari=xyzzy",
        "/layanan?organisasi=lain",
        FORM,
        "/lacak",
        "/tidak-ada",
    ],
)
def test_no_indonesian_is_left_on_the_english_pages(client: FlaskClient, path: str) -> None:
    client.set_cookie("bahasa", "en")
    page = client.get(path)
    assert '<html lang="en">' in page.text
    assert page.headers["Content-Language"] == "en"
    assert indonesian(page.text) == []


@pytest.mark.parametrize("key", sorted(each.key for each in World(profile="").services.catalogue.procedures))
def test_no_indonesian_is_left_on_any_form(key: str) -> None:
    client = World(profile="").app().test_client()
    page = client.get(f"/layanan/{key}?lang=en").text
    assert indonesian(page) == []
    # of the shipped mappings only names stay Indonesian: the postal address, and what the source is called
    form = re.search(r"<form.*</form>", page, re.DOTALL)
    assert form is not None
    assert 'lang="id"' not in form[0]


def test_errors_are_said_in_english(client: FlaskClient) -> None:
    client.set_cookie("bahasa", "en")
    answer = send(client, email_pemohon="sari@", identitas="12", persetujuan_data=None, telepon_pemohon="x")
    assert "There are 4 problems" in answer.text
    assert "Write a correct email address" in answer.text
    assert "NIM (10 digits), NIP (18 digits), or NIK (16 digits)" in answer.text
    assert indonesian(re.sub(r"<textarea.*?</textarea>", "", answer.text, flags=re.DOTALL)) == []


def test_the_tracking_page_in_every_mood(world: World) -> None:
    client = world.app().test_client()
    number = world.submit()
    client.get(f"/lacak/{number}?t={world.token(number)}&lang=en")

    def look() -> str:
        page = client.get(f"/lacak/{number}").text
        assert indonesian(page) == []
        return page

    assert "We have received your request" in look()
    world.work()
    assert "In progress" in look()
    world.move(number, "dikembalikan", permintaan_perbaikan="Foto belum terbaca.")
    page = look()
    assert "We need a correction from you" in page
    assert '<blockquote lang="id">Foto belum terbaca.' in page
    world.redmine.down = True
    assert "Its details cannot be shown" in look()
    world.redmine.down = False


# the choice -----------------------------------------------------------------------------------------------------


def test_indonesian_is_the_default_whatever_the_browser_prefers(client: FlaskClient) -> None:
    page = client.get("/layanan", headers={"Accept-Language": "en-US,en"})
    assert '<html lang="id">' in page.text
    assert "Set-Cookie" not in page.headers


def test_the_choice_is_remembered(client: FlaskClient) -> None:
    answer = client.get("/layanan?lang=en")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("bahasa=en;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert '<html lang="en">' in client.get("/lacak").text
    client.get("/lacak?lang=id")
    assert '<html lang="id">' in client.get("/layanan").text


def test_an_unknown_language_is_no_language(client: FlaskClient) -> None:
    assert '<html lang="id">' in client.get("/layanan?lang=de").text
    client.set_cookie("bahasa", "<script>")
    assert '<html lang="id">' in client.get("/layanan").text


def test_the_switch_keeps_the_question_and_never_the_secret(client: FlaskClient, world: World) -> None:
    assert 'href="?cari=wifi&amp;lang=en"' in client.get("/layanan?cari=wifi").text
    answer = client.get("/lacak/UNJ-2026-000001?t=rahasia")
    assert "rahasia" not in answer.text


def test_switching_on_a_form_keeps_what_was_typed(client: FlaskClient) -> None:
    page = client.get(FORM).text
    assert f'formaction="{FORM}?lang=en"' in page
    answer = client.post(
        f"{FORM}?lang=en",
        data={**_hidden(page), "aksi": "bahasa", "nama_pemohon": "Sari Melati", "email_pemohon": "sari@"},
    )
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text
    assert 'value="Sari Melati"' in answer.text
    assert 'value="sari@"' in answer.text
    assert 'class="summary"' not in answer.text


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_what_is_stored_is_the_mappings_own_word_in_any_language(client: FlaskClient, world: World) -> None:
    page = client.get(f"{FORM}?lang=en").text
    assert '<option value="Jaringan dan Wi-Fi">Network and Wi-Fi</option>' in page
    send(client)
    stored = world.store.submissions.by_number("UNJ-2026-000001")
    assert stored is not None
    assert stored.fields["jenis_layanan"] == "Jaringan dan Wi-Fi"


def test_the_receipt_is_in_the_language_of_the_page(client: FlaskClient, world: World) -> None:
    client.set_cookie("bahasa", "en")
    send(client)
    world.work()
    (mail,) = [each for each in world.sent if "000001" in each.subject and "received" in each.subject]
    assert mail.subject == "[UNJ-2026-000001] We have received your request"
    assert '<html lang="en">' in mail.html
    assert "Your number: UNJ-2026-000001 (IT technical service request)" in mail.text


# words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "id",
            ("Senin, 23 November 2026 pukul 16.00 WIB", "23 November 2026", "1 hari 3 jam", "2 hari kerja"),
        ),
        (
            "en",
            ("Monday, 23 November 2026 at 16:00 WIB", "23 November 2026", "1 day 3 hours", "2 working days"),
        ),
    ],
)
def test_instants_and_limits(world: World, code: str, expected: tuple[str, ...]) -> None:
    instant = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    with world.app().test_request_context(f"/layanan?lang={code}"):
        assert (
            language.instant_words(instant, ZONE),
            language.date_long(instant.date()),
            language.elapsed_words(dt.timedelta(hours=27, minutes=5)),
            language.limit_words(Limit(amount=2, unit=Unit.WORKING_DAY)),
        ) == expected


def test_outside_of_pages_all_is_indonesian() -> None:
    assert language.language() == "id"
    assert language.gettext("Selesai") == "Selesai"
