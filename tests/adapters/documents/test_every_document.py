"""Every shipped document as a reader of PDF sees it: with real data, with none, and with whatever people type."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf.generic import DictionaryObject

from connector.documents import DocumentService, TypstRenderer
from connector.documents.builders import document_data
from connector.documents.printable import ZERO_WIDTH_SPACE, coverage
from connector.errors import DocumentError
from connector.settings import ROOT
from tests.adapters.documents.printing import (
    CODE,
    NOW,
    RENDERER,
    SHIPPED,
    TEMPLATES,
    attached,
    filled,
    font_files,
    order,
    printed,
    reader,
    squeezed,
    text_of,
    words_in,
)
from tests.unit.documents import sample

EVERY = pytest.mark.parametrize(("key", "document"), SHIPPED, ids=[f"{key}:{name}" for key, name in SHIPPED])
#: One of each layout, two of those that are most.
SOME = [
    ("unj/permohonan-layanan-teknis", "surat_jadwal"),
    ("unj/permohonan-layanan-teknis", "nota_penugasan"),
    ("unj/permohonan-layanan-teknis", "berita_acara"),
    ("unj/pengaduan-masalah-si", "surat_tugas"),
    ("unj/pengaduan-masalah-si", "formulir_terisi"),
    ("bunghatta/pemasangan-jaringan", "dokumen_rab"),
]
SAMPLES = pytest.mark.parametrize(("key", "document"), SOME, ids=[name for _, name in SOME])
#: How a text is set, not what it says; `id` names the file of the logo.
FORM = frozenset({"kind", "align", "widths", "bold", "draft", "id"})


# every document -------------------------------------------------------------------------------------------------


@EVERY
def test_every_fact_is_on_the_page(key: str, document: str) -> None:
    data = document_data(order(key, document))
    text = text_of(printed(order(key, document), data)).casefold()
    # a choice that was not taken is there with its empty box; `value` is one of them
    missing = [each for each in words_in(data, leaving=FORM) if squeezed(each).casefold() not in text]
    assert missing == []
    assert "halaman1dari" in text


@EVERY
def test_it_is_an_archive_document_that_everybody_can_read(key: str, document: str) -> None:
    data = document_data(order(key, document))
    pdf = reader(printed(order(key, document), data))
    metadata = pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    for marker in (
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert marker in metadata
    assert pdf.metadata.title == f"{data['title']} {data['number']}".replace("\n", " ")
    assert pdf.metadata.author == f"{data['organization']['office']}, {data['organization']['name']}"
    assert pdf.metadata.creation_date == NOW
    assert pdf.trailer["/Root"]["/Lang"] == "id"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages} == {(595, 842)}


@EVERY
def test_what_is_printed_is_attached_and_nothing_more(key: str, document: str) -> None:
    data = document_data(order(key, document))
    pdf = printed(order(key, document), data)
    assert attached(pdf) == {"isi-dokumen.json": data}
    (relation,) = [each.get_object()["/AFRelationship"] for each in reader(pdf).trailer["/Root"]["/AF"]]
    assert relation == "/Data"


@EVERY
def test_no_password_is_in_any_document(key: str, document: str) -> None:
    """Fields about access name people and rights only; no shipped field asks for a secret."""
    procedure = order(key, document).procedure
    secret = ("kata sandi", "password", "kunci akses", "kredensial")
    asked = [field for field in procedure.fields if any(word in field.name.casefold() for word in secret)]
    assert [field.id for field in asked if field.type.value in ("text", "paragraph")] == []


@EVERY
def test_with_nothing_known_there_is_room_to_write_and_no_error(key: str, document: str) -> None:
    text = text_of(printed(filled(order(key, document), None)))
    assert squeezed(f"Kode verifikasi {CODE}") in text


ODD = {
    "typst": '#panic(1) #set page(width: 1cm) #include "/bagian/lembar.typ" #read("/surat.typ") $x^2$ @a <b> `c`',
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;&lt;!-- -->",
    "json": '"}, "signers": [], "x": {"',
    "brackets": "]]])))}}}#] [[[((({{{ {tiket} {nomor} *tebal*",
    "hebrew": "שלום \u202eterbalik\u202c مرحبا עולם",
    "emoji": "senang 😀👍🏽 漢字 \ud800 \x00\x07 e\u0301\u0323\u0300\u0302",
    "lines": "- daftar\n+ angka\n/ istilah: arti\n= judul\n#\n" * 5,
    "word": "Panjangsekali" * 60,
    "address": "https://contoh.ac.id/" + "jalan/" * 80,
}


@EVERY
def test_whatever_is_typed_is_printed_and_never_obeyed(key: str, document: str) -> None:
    odd = "\n".join(ODD.values())
    given_order = filled(order(key, document), odd)
    text = text_of(printed(given_order))
    assert squeezed(f"Kode verifikasi {CODE}") in text
    if any(squeezed(odd)[:40] in squeezed(each) for each in words_in(document_data(given_order))):
        assert squeezed(ODD["typst"]) in text
        assert squeezed(ODD["html"]) in text


@EVERY
def test_ten_thousand_characters_in_every_field_are_all_printed(key: str, document: str) -> None:
    long = " ".join(f"panjang{number:04d}" for number in range(900))[:10_000]
    given_order = filled(order(key, document), long)
    data = document_data(given_order)
    said = {word for each in words_in(data) for word in each.split() if word.startswith("panjang")}
    text = text_of(printed(given_order, data))
    assert [word for word in said if word.strip(";.") not in text] == []


# the same data ----------------------------------------------------------------------------------------------------


@SAMPLES
def test_the_same_data_and_instant_are_the_same_bytes_in_another_process_too(
    key: str, document: str, tmp_path: Path
) -> None:
    given_order = order(key, document)
    data = document_data(given_order)
    made = printed(given_order, data)
    kept = tmp_path / "isi.json"
    kept.write_text(json.dumps(data), encoding="utf-8")
    again = TypstRenderer(TEMPLATES, TEMPLATES / "fonts").render(given_order.template, data, now=NOW)
    elsewhere = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, given_order.template, kept, NOW.isoformat()],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert again == made
    assert elsewhere.stdout.strip() == hashlib.sha256(made).hexdigest()
    assert printed(given_order, data) != RENDERER.render(
        given_order.template, data, now=NOW + dt.timedelta(seconds=1)
    )


ELSEWHERE = """
import datetime, hashlib, json, pathlib, sys
from connector.documents import TypstRenderer
from connector.settings import ROOT
folder = ROOT / "templates" / "documents"
data = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
now = datetime.datetime.fromisoformat(sys.argv[3])
print(hashlib.sha256(TypstRenderer(folder, folder / "fonts").render(sys.argv[1], data, now=now)).hexdigest())
"""


@SAMPLES
@settings(max_examples=6, deadline=None)
@given(text=st.text(max_size=300))
@example(text="\ufffd\ufeff\ufffe\uffff\u0600\u200f")
@example(text="e\u0301\u0323\u0300\u0302")
def test_any_text_at_all_can_be_printed(key: str, document: str, text: str) -> None:
    assert squeezed(f"Kode verifikasi {CODE}") in text_of(printed(filled(order(key, document), text)))


def test_every_sign_that_is_let_through_can_be_printed() -> None:
    covered = frozenset.intersection(*(coverage(path.read_bytes()) for path in font_files()))
    signs = [chr(code) for code in sorted(covered)]
    for text in (" ".join(signs), "".join(signs), "x".join(signs)):
        made = printed(filled(order("unj/permohonan-layanan-teknis", "berita_acara"), text))
        assert squeezed(f"Kode verifikasi {CODE}") in text_of(made)


# the pages --------------------------------------------------------------------------------------------------------


def test_a_table_goes_over_pages_and_each_has_the_head() -> None:
    state = sample.state(6)
    assert len(state.stays) > 35
    pdf = reader(printed(sample.order(state=state)))
    pages = [squeezed(page.extract_text()) for page in pdf.pages]
    with_rows = [page for page in pages if "Helpdesk" in page]
    assert len(with_rows) >= 3
    assert all("Tepatwaktu" in page for page in with_rows)
    assert sum(page.count("Pelaksanaanlayananteknis") for page in pages) == 6
    assert [squeezed(f"Halaman {n} dari {len(pages)}") in page for n, page in enumerate(pages, 1)] == [
        True
    ] * len(pages)
    assert all(squeezed(f"Kode verifikasi {sample.CODE}") in page for page in pages)
    # Those who sign stand under what they sign for, on one page.
    assert "Demikianberitaacara" in pages[-1]
    assert "PIHAKPERTAMAKepala" in pages[-1]


def test_the_address_of_the_verification_is_a_link() -> None:
    pdf = reader(printed(sample.order()))
    links = [each.get_object()["/A"]["/URI"] for page in pdf.pages for each in page.get("/Annots", [])]
    assert links == [f"{sample.PUBLIC_URL}/verifikasi/{sample.CODE}"]
    # As it can be copied from the page: without the invisible places to break that long words have.
    text = "".join(page.extract_text() for page in pdf.pages)
    assert text.count(links[0]) >= 2
    assert ZERO_WIDTH_SPACE not in text


def test_all_fonts_are_embedded_and_of_one_family() -> None:
    found: dict[str, bool] = {}
    for page in reader(printed(sample.order())).pages:
        for entry in page["/Resources"]["/Font"].values():
            font = entry.get_object()
            for part in font.get("/DescendantFonts", [font]):
                described = part.get_object()["/FontDescriptor"].get_object()
                embedded = isinstance(described, DictionaryObject) and "/FontFile2" in described
                found[str(described["/FontName"])] = embedded
    assert found
    assert all(found.values())
    assert all("LiberationSans" in name for name in found), found


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize(("name", "content"), [("logo.svg", SVG), ("logo.png", PNG)])
def test_the_logo_of_an_organization_is_on_its_letters_only(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    data = document_data(sample.order())
    for organization, there in (("unj", True), ("jabar", False)):
        renderer = TypstRenderer(TEMPLATES, TEMPLATES / "fonts", {organization: path})
        made = renderer.render("naskah", data, now=sample.NOW)
        assert (made != printed(sample.order(), data)) is there


def test_the_pages_are_pictures_too() -> None:
    pages = RENDERER.pages("naskah", document_data(sample.order()), now=sample.NOW, ppi=30)
    assert len(pages) == 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


# the service ------------------------------------------------------------------------------------------------------


def test_what_is_kept_of_a_document() -> None:
    service = DocumentService(RENDERER, sample.PUBLIC_URL, sample.SECRET)
    made = service.make(
        sample.effect(),
        sample.procedure(),
        sample.organization(),
        sample.snapshot(),
        sample.state(),
        sample.NOW,
    )
    assert made.filename == "BA-UNJ-2026-000123.pdf"
    assert made.content_type == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    assert made.sha256 == made.issued.sha256 == hashlib.sha256(made.content).hexdigest()
    assert (made.issued.template, made.issued.field) == ("naskah", "berita_acara")
    assert (made.issued.number, made.issued.at) == ("BA-UNJ-2026-000123", sample.NOW)
    assert squeezed(f"Kode verifikasi {made.issued.code}") in text_of(made.content)


def test_a_row_kept_elsewhere_makes_the_same_document() -> None:
    service = DocumentService(RENDERER, sample.PUBLIC_URL + "/", sample.SECRET)
    given_order = sample.order()
    kept = json.loads(json.dumps(service.data(given_order)))
    assert service.made(given_order, kept).content == printed(given_order)


def test_a_template_that_is_gone_is_an_error() -> None:
    with pytest.raises(DocumentError, match="templat dokumen «sertifikat» tidak ada"):
        printed(sample.order(template="sertifikat"))
