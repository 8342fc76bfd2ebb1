"""Reading a form: what is taken, what is refused, and how it is said."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.portal import forms
from connector.sop.model import FieldDef, FieldType
from devtools.walk import PDF

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13)


class Sent:
    def __init__(self, filename: str | None, content: bytes = b"") -> None:
        self.filename = filename
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


def field(kind: FieldType, **given: Any) -> FieldDef:
    return FieldDef(**{"id": "isian", "name": "Isian", "label": "Isian", "type": kind, **given})


def text(kind: FieldType, value: str, **given: Any) -> forms.Answers:
    return forms.read([field(kind, **given)], {"isian": value}, {})


def upload(filename: str, content: bytes, *accept: str) -> forms.Answers:
    asked = field(FieldType.FILE, accept=accept)
    return forms.read([asked], {}, {"isian": Sent(filename, content)})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldType.TEXT, "  Sari \t  Melati ", "Sari Melati"),
        (FieldType.PARAGRAPH, "satu\r\ndua\rtiga\x07", "satu\ndua\ntiga"),
        (FieldType.NUMBER, "007", "7"),
        (FieldType.NUMBER, "-3", "-3"),
        (FieldType.DATE, "2026-02-28", "2026-02-28"),
        (FieldType.EMAIL, "Sari.Melati+tik@kampus.ac.id", "Sari.Melati+tik@kampus.ac.id"),
        (FieldType.PHONE, "+62 812-3456-789", "+62 812-3456-789"),
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
        (FieldType.IDENTITY, "x y", "nomor identitas"),
        (FieldType.TEXT, "a" * (forms.MAX_TEXT + 1), "Terlalu panjang"),
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
    assert forms.read([field(kind)], {}, {}, optional=frozenset({"isian"})).errors == {}


def test_a_field_may_be_shorter_than_others() -> None:
    assert "paling banyak 5" in text(FieldType.TEXT, "enamnya", max_length=5).errors["isian"]


def test_a_file_is_taken_with_its_type() -> None:
    answers = upload("Bukti Foto.PNG", PNG, ".png", ".pdf")
    assert answers.errors == {}
    assert (answers.uploads[0].filename, answers.uploads[0].content_type) == ("Bukti Foto.PNG", "image/png")
    assert answers.uploads[0].content == PNG


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("virus.exe", b"MZ", "tidak diterima. Yang diterima: PDF, PNG."),
        ("tanpa-akhiran", PDF, "tidak diterima"),
        ("gambar.png", PDF, "tidak sesuai dengan jenisnya"),
        ("naskah.pdf", b"<script>", "tidak sesuai dengan jenisnya"),
        ("kosong.pdf", b"", "kosong"),
        ("besar.pdf", PDF + bytes(forms.MAX_FILE), "paling besar"),
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
    assert answers.errors or answers.uploads[0].content == content
