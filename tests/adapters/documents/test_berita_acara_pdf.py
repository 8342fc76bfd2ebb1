"""The document as a reader of PDF sees it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from connector.documents import DocumentService, MadeDocument, TypstRenderer
from connector.documents.printable import ZERO_WIDTH_SPACE, coverage
from connector.engine.effects import MakeDocument
from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.errors import DocumentError
from tests.unit.documents import sample

TEMPLATES = sample.ROOT / "templates" / "documents"
RENDERER = TypstRenderer(TEMPLATES, TEMPLATES / "fonts")


def make(
    snapshot: Snapshot | None = None,
    state: TicketState | None = None,
    *,
    order: MakeDocument | None = None,
    now: dt.datetime = sample.NOW,
) -> MadeDocument:
    return DocumentService(RENDERER, sample.PUBLIC_URL, sample.SECRET).make(
        order or sample.order(),
        sample.procedure(),
        sample.organization(),
        snapshot or sample.snapshot(),
        state or sample.state(),
        now,
    )


def reader(made: MadeDocument) -> Any:
    """Any: pypdf does not say of what type an entry is."""
    return PdfReader(io.BytesIO(made.content))


def squeezed(text: str) -> str:
    """Without white space: lines break where the page is full."""
    return "".join(text.replace(ZERO_WIDTH_SPACE, "").split())


def text_of(made: MadeDocument) -> str:
    return squeezed("\n".join(page.extract_text() for page in reader(made).pages))


@pytest.fixture(scope="module")
def made() -> MadeDocument:
    return make()


@pytest.mark.parametrize(
    "text",
    [
        "KEMENTERIAN PENDIDIKAN TINGGI, SAINS, DAN TEKNOLOGI",
        "PUSAT TEKNOLOGI INFORMASI DAN KOMUNIKASI",
        "BERITA ACARA PENYELESAIAN DAN SERAH TERIMA LAYANAN",
        "Nomor: BA-UNJ-2026-000123",
        "Sabtu, tanggal dua puluh satu bulan November tahun dua ribu dua puluh enam (21-11-2026)",
        "Nama : Sari Contoh",
        "Nomor identitas : 198001012006041001",
        "Jabatan : Kepala Pustikom",
        "Koordinator : Koordinator Infrastruktur Jaringan",
        "Hasil uji : Lulus uji coba. Hasil sesuai dengan permohonan.",
        "Pelaksanaan layanan teknis",
        "Kepala Divisi Layanan dan Pangkalan Data",
        "disahkan secara elektronik melalui perpindahan langkah 16 (Penyerahan hasil) di Redmine",
        "Tiket UNJ-2026-000123",
        "Halaman 1 dari 2",
        "Halaman 2 dari 2",
    ],
)
def test_the_page_says(made: MadeDocument, text: str) -> None:
    assert squeezed(text) in text_of(made)


def test_the_code_is_on_the_page_in_the_link_and_in_the_state(made: MadeDocument) -> None:
    code = made.issued.code
    address = f"{sample.PUBLIC_URL}/verifikasi/{code}"
    assert squeezed(f"Kode verifikasi: {code}") in text_of(made)
    # As it can be copied from the page: without the invisible places to break that long words have.
    assert address in reader(made).pages[-1].extract_text()
    links = [
        annotation.get_object()["/A"]["/URI"]
        for page in reader(made).pages
        for annotation in page.get("/Annots", [])
    ]
    assert address in links


def test_what_is_kept_of_it(made: MadeDocument) -> None:
    assert made.filename == "BA-UNJ-2026-000123.pdf"
    assert made.content_type == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    assert made.sha256 == made.issued.sha256 == hashlib.sha256(made.content).hexdigest()
    assert (made.issued.template, made.issued.field) == ("berita-acara", "berita_acara")
    assert (made.issued.number, made.issued.at) == ("BA-UNJ-2026-000123", sample.NOW)


def test_it_is_an_archive_document_that_everybody_can_read(made: MadeDocument) -> None:
    document = reader(made)
    metadata = document.trailer["/Root"]["/Metadata"].get_data().decode()
    for marker in (
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert marker in metadata
    assert document.metadata is not None
    assert document.metadata.title == (
        "Berita Acara Penyelesaian dan Serah Terima Layanan BA-UNJ-2026-000123"
    )
    assert document.metadata.author == (
        "Pusat Teknologi Informasi dan Komunikasi, Universitas Negeri Jakarta"
    )
    assert document.metadata.creation_date == sample.NOW
    assert document.trailer["/Root"]["/Lang"] == "id"
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_all_fonts_are_embedded_and_of_one_family(made: MadeDocument) -> None:
    found: dict[str, bool] = {}
    for page in reader(made).pages:
        for entry in page["/Resources"]["/Font"].values():
            font = entry.get_object()
            for part in font.get("/DescendantFonts", [font]):
                described = part.get_object()["/FontDescriptor"].get_object()
                embedded = isinstance(described, DictionaryObject) and "/FontFile2" in described
                found[str(described["/FontName"])] = embedded
    assert found
    assert all(found.values())
    assert all("LiberationSans" in name for name in found), found


def test_the_same_data_and_instant_are_the_same_bytes(made: MadeDocument) -> None:
    again = TypstRenderer(TEMPLATES, TEMPLATES / "fonts")
    service = DocumentService(again, sample.PUBLIC_URL, sample.SECRET)
    other = service.make(
        sample.order(),
        sample.procedure(),
        sample.organization(),
        sample.snapshot(),
        sample.state(),
        sample.NOW,
    )
    assert other.content == made.content
    later = make(now=sample.NOW + dt.timedelta(days=1))
    assert later.content != made.content
    assert later.issued.code == made.issued.code


def test_many_rows_go_over_pages_and_each_page_has_the_head() -> None:
    state = sample.state(6)
    assert len(state.stays) > 35
    made = make(state=state)
    pages = [squeezed(page.extract_text()) for page in reader(made).pages]
    with_rows = [page for page in pages if "Helpdesk" in page]
    assert len(with_rows) >= 3
    assert all("Tepatwaktu" in page for page in with_rows)
    assert sum(page.count("Pelaksanaanlayananteknis") for page in pages) == 6
    # Those who sign stand under what they sign for, on one page.
    assert "Demikianberitaacara" in pages[-1]
    assert "Kodeverifikasi" in pages[-1]


ODD = (
    '#panic(1) #set page(width: 1cm) #include "/letterhead.typ" #read("/parts.typ")',
    "$x^2$ \\ \\u{1F600} @rujukan <label> *tebal* _miring_ `kode` = Judul // komentar /* */",
    "[[[((({{{ tidak seimbang \"'`",
    "]]])))}}}#]",
    '"}, "second": [["Nama", "Palsu"]], "x": {"',
    "senang 😀👍🏽 漢字 \ud800 \x00\x07 \u202eterbalik",
    "Sangat" * 200,
    "https://contoh.ac.id/" + "a/" * 300,
    "baris\n" * 60,
    "- daftar\n+ angka\n/ istilah: arti\n= judul\n#",
)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_a_text_is_printed_and_never_obeyed(text: str) -> None:
    plain = text_of(make(sample.snapshot(uraian="kosong", nama_pemohon="kosong", hasil_akhir="kosong")))
    made = text_of(make(sample.snapshot(uraian=text, nama_pemohon=text, hasil_akhir=text)))
    for closing in ("PIHAKKEDUA.", "Demikianberitaacara", "Kodeverifikasi"):
        assert made.count(closing) == plain.count(closing)
    if text.isascii() and text.isprintable():
        # Each line of the page is in the text in its order; the foot of a page may come in between.
        assert squeezed(text)[:60] in made


def test_a_template_cannot_be_changed_by_a_name() -> None:
    made = text_of(make(sample.snapshot(nama_pemohon='#text(size: 40pt)[Ketua] "+"')))
    assert squeezed('Nama : #text(size: 40pt)[Ketua] "+"') in made


@settings(max_examples=10, deadline=None)
@given(uraian=st.text(max_size=400), nama=st.text(max_size=80), hasil=st.text(max_size=200))
@example(uraian="\ufffd\ufeff\ufffe\uffff", nama="\u0600\u200f", hasil="e\u0301\u0323\u0300\u0302")
def test_whatever_is_typed_there_is_a_document(uraian: str, nama: str, hasil: str) -> None:
    made = make(sample.snapshot(uraian=uraian, nama_pemohon=nama, hasil_akhir=hasil))
    assert squeezed("Nomor: BA-UNJ-2026-000123") in text_of(made)


def test_every_sign_that_is_let_through_can_be_printed() -> None:
    covered = frozenset.intersection(
        *(coverage(path.read_bytes()) for path in (TEMPLATES / "fonts").glob("*.ttf"))
    )
    signs = [chr(code) for code in sorted(covered)]
    made = make(
        sample.snapshot(uraian=" ".join(signs), nama_pemohon="".join(signs), hasil_akhir="x".join(signs))
    )
    assert squeezed("Nomor: BA-UNJ-2026-000123") in text_of(made)


def test_an_order_that_nobody_knows_is_an_error() -> None:
    order = sample.order().model_copy(update={"template": "sertifikat"})
    with pytest.raises(DocumentError, match="«sertifikat» tidak dikenal; yang ada: berita-acara"):
        make(order=order)


def test_a_logo_that_is_there_is_printed(tmp_path: Path) -> None:
    for path in TEMPLATES.glob("*.typ"):
        shutil.copy(path, tmp_path)
    (tmp_path / "logos").mkdir()
    svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>"
    (tmp_path / "logos" / "unj.svg").write_text(svg, encoding="utf-8")
    service = DocumentService(TypstRenderer(tmp_path, TEMPLATES / "fonts"), sample.PUBLIC_URL, sample.SECRET)
    made = service.make(
        sample.order(),
        sample.procedure(),
        sample.organization(),
        sample.snapshot(),
        sample.state(),
        sample.NOW,
    )
    assert made.content != make().content
