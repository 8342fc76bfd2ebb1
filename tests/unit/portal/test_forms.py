"""Reading a form: what is taken, what is refused, and how it is said."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.snapshot import SubmittedFile
from connector.portal import forms
from connector.portal.checks import MAX_TEXT
from connector.portal.forms import Asked
from connector.portal.papers import MB
from connector.sop.model import NIK, NIP, FieldDef, FieldType, Identity
from devtools.walk import PDF

NIM = Identity(id="nim", name="NIM", pattern="[0-9]{10}", hint="10 angka")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13)


class Sent:
    def __init__(self, filename: str | None, content: bytes = b"") -> None:
        self.filename = filename
        self.stream = io.BytesIO(content)


def field(kind: FieldType, **given: Any) -> FieldDef:
    made = {
        "id": "isian",
        "name": "Isian",
        "label": "Isian",
        "type": kind,
        "accepted": (NIM, NIP, NIK),
        **given,
    }
    return FieldDef(**made)


def ask(*fields: FieldDef, **terms: Any) -> Asked:
    return Asked(fields, **terms)


def held(name: str = "lama.pdf", field_id: str = "isian") -> SubmittedFile:
    return SubmittedFile(field=field_id, ref=name, name=name, content_type="x", size=1, sha256=name)


def text(kind: FieldType, value: str, **given: Any) -> forms.Answers:
    return forms.read(ask(field(kind, **given)), {"isian": value}, {})


def upload(filename: str, content: bytes, *accept: str) -> forms.Answers:
    asked = field(FieldType.FILE, accept=accept)
    return forms.read(ask(asked), {}, {"isian": [Sent(filename, content)]})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldType.TEXT, "  Sari \t  Melati ", "Sari Melati"),
        (FieldType.PARAGRAPH, "satu\r\ndua\rtiga\x07", "satu\ndua\ntiga"),
        (FieldType.NUMBER, "007", "7"),
        (FieldType.NUMBER, "-3", "-3"),
        (FieldType.DATE, "2026-02-28", "2026-02-28"),
        (FieldType.EMAIL, "Sari.Melati+tik@kampus.ac.id", "Sari.Melati+tik@kampus.ac.id"),
        (FieldType.PHONE, "+62 812-3456-789", "+628123456789"),
        (FieldType.PHONE, "0812 3456 7890", "+6281234567890"),
        (FieldType.PHONE, "62812.3456.7890", "+6281234567890"),
        (FieldType.PHONE, "+62 (0)812 3456 7890", "+6281234567890"),
        (FieldType.PHONE, "(0751) 705-1678 pes. 12", "+627517051678 ext 12"),
        (FieldType.PHONE, "+60 12-345 6789", "+60123456789"),
        (FieldType.DATE, "1/2/2026", "2026-02-01"),
        (FieldType.IDENTITY, "19850101 201001 1 001", "198501012010011001"),
        (FieldType.IDENTITY, "1301619001", "1301619001"),
        (FieldType.CONSENT, "on", "1"),
    ],
)
def test_an_answer_is_kept_clean(kind: FieldType, given: str, kept: str) -> None:
    answers = text(kind, given)
    assert answers.errors == {}
    assert answers.values["isian"] == kept


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (FieldType.NUMBER, "tiga", "angka bulat"),
        (FieldType.NUMBER, "12345678901", "angka bulat"),
        (FieldType.DATE, "30/02/2026", "tanggal"),
        (FieldType.DATE, "2026-02-30", "tanggal"),
        (FieldType.EMAIL, "sari@", "alamat email"),
        (FieldType.EMAIL, "a@b.id, c@d.id", "alamat email"),
        (FieldType.EMAIL, "sari@kampus.id\nBcc: x@y.id", "alamat email"),
        (FieldType.EMAIL, '"sari"@kampus.id', "alamat email"),
        (FieldType.PHONE, "hubungi saya", "nomor telepon"),
        (FieldType.PHONE, "0812", "nomor telepon"),
        (FieldType.PHONE, "812 3456 7890", "nomor telepon"),
        (FieldType.PHONE, "0812 3456 7890 1234 5678", "nomor telepon"),
        (FieldType.IDENTITY, "x y", "NIM (10 angka), NIP (18 angka), atau NIK (16 angka)"),
        (FieldType.IDENTITY, "3171016512900000", "belum benar"),
        (FieldType.TEXT, "a" * (MAX_TEXT + 1), "Terlalu panjang"),
    ],
)
def test_a_bad_answer_is_refused_in_plain_words(kind: FieldType, given: str, said: str) -> None:
    answers = text(kind, given)
    assert said in answers.errors["isian"]
    # what was typed is shown again
    assert answers.values["isian"]


def test_only_choices_of_the_list_count() -> None:
    assert text(FieldType.CHOICE, "A", choices=("A", "B")).errors == {}
    assert "dari daftar" in text(FieldType.CHOICE, "C", choices=("A", "B")).errors["isian"]


@pytest.mark.parametrize("kind", list(FieldType))
def test_what_is_required_and_missing_is_said(kind: FieldType) -> None:
    assert text(kind, "").errors["isian"]
    assert text(kind, "", required=False).errors == {}
    assert forms.read(ask(field(kind), optional=frozenset({"isian"})), {}, {}).errors == {}


def test_a_field_may_be_shorter_than_others() -> None:
    assert "paling banyak 5" in text(FieldType.TEXT, "enamnya", max_length=5).errors["isian"]


def test_a_file_is_taken_with_its_type() -> None:
    answers = upload("Bukti Foto.PNG", PNG, ".png", ".pdf")
    assert answers.errors == {}
    assert (answers.uploads[0].filename, answers.uploads[0].content_type) == ("Bukti Foto.PNG", "image/png")
    assert answers.uploads[0].stream.read() == PNG


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("virus.exe", b"MZ", "tidak diterima. Yang diterima: PDF, PNG."),
        ("tanpa-akhiran", PDF, "tidak diterima"),
        ("gambar.png", PDF, "tidak sesuai dengan jenisnya"),
        ("naskah.pdf", b"<script>", "tidak sesuai dengan jenisnya"),
        ("kosong.pdf", b"", "kosong"),
        ("besar.pdf", PDF + bytes(5 * MB), "paling besar 5 MB"),
        ("surat.docx", b"PK\x03\x04 bukan surat", "tidak diterima"),
    ],
)
def test_a_bad_file_is_refused(name: str, content: bytes, said: str) -> None:
    answers = upload(name, content, ".pdf", ".png")
    assert said in answers.errors["isian"]
    assert answers.uploads == ()


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "C:\\surat\\passwd.pdf", "/tmp/passwd.pdf"])
def test_a_file_name_is_never_a_path(name: str) -> None:
    assert upload(name, PDF, ".pdf").uploads[0].filename == "passwd.pdf"


@given(st.sampled_from(list(FieldType)), st.text(max_size=700))
def test_anything_typed_is_kept_or_refused(kind: FieldType, typed: str) -> None:
    answers = text(kind, typed, choices=("A",))
    value = answers.values.get("isian", "")
    assert answers.errors or value or kind is FieldType.FILE
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in value)


@given(st.sampled_from([kind for kind in FieldType if kind is not FieldType.FILE]), st.text(max_size=100))
def test_what_was_kept_is_kept_the_same_again(kind: FieldType, typed: str) -> None:
    once = text(kind, typed, choices=("A",))
    if not once.errors:
        again = text(kind, once.values["isian"], choices=("A",))
        assert (again.values, again.errors) == (once.values, {})


@given(st.text(max_size=60), st.binary(max_size=300))
def test_any_file_is_taken_or_refused(name: str, content: bytes) -> None:
    answers = upload(name, content, ".pdf")
    assert answers.errors or answers.uploads[0].stream.read() == content


# several files --------------------------------------------------------------------------------------------------


def several(*sent: Sent, before: tuple[SubmittedFile, ...] = (), **given: Any) -> forms.Answers:
    asked = field(FieldType.FILE, accept=(".pdf", ".png"), max_files=3, **given)
    return forms.read(ask(asked), {}, {"isian": sent}, {"isian": before})


def test_several_files_are_taken_and_the_bad_one_is_named() -> None:
    answers = several(Sent("a.pdf", PDF), Sent("virus.exe", b"MZ"), Sent("b.png", PNG))
    assert [each.filename for each in answers.uploads] == ["a.pdf", "b.png"]
    assert answers.errors["isian"].startswith("virus.exe: Jenis berkas ini tidak diterima.")


def test_more_files_than_fit_are_refused_and_those_that_fit_are_kept() -> None:
    answers = several(Sent("a.pdf", PDF), Sent("b.pdf", PDF), before=(held("1"), held("2")))
    assert [each.filename for each in answers.uploads] == ["a.pdf"]
    assert "Paling banyak 3 berkas" in answers.errors["isian"]


def test_a_file_that_came_before_is_enough() -> None:
    assert several(before=(held(),)).errors == {}
    assert several(Sent("")).errors == {"isian": "Pilih berkasnya."}


def test_where_one_is_asked_for_a_new_one_replaces_it() -> None:
    asked = field(FieldType.FILE, accept=(".pdf",))
    answers = forms.read(ask(asked), {}, {"isian": [Sent("baru.pdf", PDF)]}, {"isian": [held()]})
    assert (answers.errors, [each.filename for each in answers.uploads]) == ({}, ["baru.pdf"])


def test_a_field_may_take_less_than_the_server_and_never_more() -> None:
    large = Sent("a.pdf", PDF + bytes(2 * MB))
    for mine, most, good in ((1, 5, False), (3, 5, True), (9, 1, False), (None, 1, False), (None, 3, True)):
        asked = field(FieldType.FILE, max_mb=mine)
        answers = forms.read(ask(asked, largest=most), {}, {"isian": [large]})
        assert (not answers.errors) is good, (mine, most)


@pytest.mark.parametrize(
    ("name", "part", "good"),
    [
        ("a.docx", "word/document.xml", True),
        ("a.docx", "isi.txt", False),
        ("a.odt", "content.xml", True),
        ("a.xlsx", "xl/workbook.xml", True),
        ("a.zip", "apa saja", True),
    ],
)
def test_an_archive_is_what_is_inside_it(name: str, part: str, *, good: bool) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(part, "isi")
    answers = upload(name, packed.getvalue())
    assert (not answers.errors) is good


def test_an_office_file_with_programs_in_it_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "isi")
        archive.writestr("word/vbaProject.bin", "isi")
    assert "tidak sesuai dengan jenisnya" in upload("a.docx", packed.getvalue()).errors["isian"]


# conditions -----------------------------------------------------------------------------------------------------

KIND = field(FieldType.CHOICE, id="jenis", choices=("Akun", "Perangkat"))
PLACE = field(FieldType.TEXT, id="tempat")
WHEN = {"tempat": {"jenis": ("Perangkat",)}}


def conditional(**texts: str) -> forms.Answers:
    return forms.read(ask(KIND, PLACE, when=WHEN), texts, {})


def test_a_question_is_asked_only_where_its_condition_holds() -> None:
    assert conditional(jenis="Perangkat").errors == {"tempat": "Isi kolom ini."}
    assert conditional(jenis="Perangkat", tempat="Ruang 3").values["tempat"] == "Ruang 3"
    assert conditional(jenis="Akun").errors == {}


def test_what_was_not_asked_is_not_kept() -> None:
    assert dict(conditional(jenis="Akun", tempat="Ruang 3").values) == {"jenis": "Akun"}


def test_a_condition_on_what_was_not_asked_does_not_hold() -> None:
    other = field(FieldType.TEXT, id="lantai")
    kind = field(FieldType.CHOICE, id="letak", choices=("Atas",))
    when = {"letak": {"jenis": ("Perangkat",)}, "lantai": {"letak": ("Atas",)}}
    texts = {"jenis": "Akun", "letak": "Atas", "lantai": "3"}
    assert dict(forms.read(ask(KIND, kind, other, when=when), texts, {}).values) == {"jenis": "Akun"}


# addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("sari@unj.ac.id", True),
        ("sari@mhs.UNJ.ac.id", True),
        ("sari@gmail.com", False),
        ("sari@bukanunj.ac.id", False),
        ("sari@unj.ac.id.contoh.com", False),
    ],
)
def test_only_some_domains_may_ask(address: str, *, good: bool) -> None:
    asked = ask(field(FieldType.EMAIL), domains=("unj.ac.id",))
    answers = forms.read(asked, {"isian": address}, {})
    assert answers.errors == ({} if good else {"isian": "Pakai alamat email dari @unj.ac.id."})


def test_an_unfinished_form_is_kept_as_it_is() -> None:
    asked = ask(field(FieldType.EMAIL), PLACE, field(FieldType.FILE, id="berkas"))
    answers = forms.raw(asked, {"isian": " sari@ ", "lain": "x"})
    assert (dict(answers.values), answers.errors) == ({"isian": "sari@", "tempat": ""}, {})
