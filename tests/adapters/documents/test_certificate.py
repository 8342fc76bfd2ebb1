"""Signed documents: valid for a reader of PDF, broken by any change, and still what they were before."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from connector.documents.certificate import Certificate, load
from connector.errors import DocumentError, SettingsError
from tests.adapters.documents.printing import attached, order, printed, reader, text_of
from tests.certificates import PASSPHRASE, SUBJECT, made, packed, sound

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
ROOT = made(NOW - DAY, NOW + 365 * DAY)


def kept(folder: Path, content: bytes) -> Path:
    path = folder / "segel.p12"
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return load(kept(tmp_path_factory.mktemp("p12"), packed(ROOT)), PASSPHRASE)


@pytest.fixture(scope="module")
def plain() -> bytes:
    return printed(order("jabar/service-desk", "dokumen_ba"))


@pytest.fixture(scope="module")
def signed(certificate: Certificate, plain: bytes) -> bytes:
    return certificate.sign(plain, now=NOW)


def test_a_reader_finds_the_signature_sound_and_over_all_of_the_file(signed: bytes) -> None:
    assert sound(signed, ROOT)
    another = made(NOW - DAY, NOW + DAY, "Orang lain")
    assert not sound(signed, another)


def test_any_changed_byte_breaks_the_signature(signed: bytes, plain: bytes) -> None:
    for place in (plain.index(b"stream") + 20, len(plain) // 2, plain.index(b"/Title")):
        changed = bytearray(signed)
        changed[place] ^= 1
        assert not sound(bytes(changed), ROOT)


def test_the_document_itself_stays_as_it_was(signed: bytes, plain: bytes) -> None:
    assert signed.startswith(plain)
    assert attached(signed) == attached(plain)
    assert text_of(signed) == text_of(plain)
    metadata = reader(signed).trailer["/Root"]["/Metadata"].get_object().get_data()
    assert metadata == reader(plain).trailer["/Root"]["/Metadata"].get_object().get_data()
    for said in (b"<pdfaid:part>3<", b"<pdfaid:conformance>A<", b"<pdfuaid:part>1<"):
        assert said in metadata


def test_the_signature_takes_no_place_on_the_page(signed: bytes) -> None:
    pages = reader(signed).pages
    [field] = [
        each.get_object()
        for page in pages
        for each in page.get("/Annots", [])
        if each.get_object()["/Subtype"] == "/Widget"
    ]
    # PDF/A: printable and not hidden; PDF/UA: outside of the page, with a name
    assert field["/F"] & 4
    assert not field["/F"] & 0b100011
    assert max(float(side) for side in field["/Rect"]) < 0
    assert field["/TU"] == "Tanda tangan elektronik"
    assert all(page["/Tabs"] == "/S" for page in pages)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (NOW - 2 * DAY, NOW - DAY, "habis pada"),
        (NOW + DAY, NOW + 300 * DAY, "baru berlaku mulai"),
        (NOW - DAY, NOW + 29 * DAY, "hanya sampai"),
        (NOW - DAY, NOW + 31 * DAY, ""),
    ],
)
def test_a_certificate_signs_on_its_days_only(
    tmp_path: Path, plain: bytes, since: dt.datetime, until: dt.datetime, said: str
) -> None:
    found = load(kept(tmp_path, packed(made(since, until))), PASSPHRASE)
    assert said in found.validity(NOW)
    assert bool(said) == bool(found.validity(NOW))
    if since <= NOW <= until:
        assert found.sign(plain, now=NOW).startswith(plain)
    else:
        with pytest.raises(DocumentError, match=f"{SUBJECT}.*SOP_SIGN_PKCS12_FILE"):
            found.sign(plain, now=NOW)


def test_what_cannot_be_signed_is_an_error_of_the_document(certificate: Certificate) -> None:
    with pytest.raises(DocumentError, match="tidak dapat ditandatangani"):
        certificate.sign(b"bukan PDF", now=NOW)


@pytest.mark.parametrize(
    ("content", "passphrase", "said"),
    [
        (None, PASSPHRASE, "tidak dapat dibaca"),
        (b"bukan PKCS#12", PASSPHRASE, "bukan PKCS#12"),
        (packed(ROOT), "salah", "Kata sandinya salah (SOP_SIGN_PASSPHRASE atau SOP_SIGN_PASSPHRASE_FILE)"),
        (packed(ROOT), "", "Kata sandinya salah"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_of_the_settings(
    tmp_path: Path, content: bytes | None, passphrase: str, said: str
) -> None:
    path = kept(tmp_path, content) if content is not None else tmp_path / "tidak-ada.p12"
    with pytest.raises(SettingsError) as raised:
        load(path, passphrase)
    assert str(raised.value).startswith("SOP_SIGN_PKCS12_FILE: ")
    assert str(path) in str(raised.value)
    assert said in str(raised.value)
    assert PASSPHRASE not in str(raised.value)


def test_it_signs_in_a_thread_that_has_a_loop_already(certificate: Certificate, plain: bytes) -> None:
    async def inside() -> bytes:
        return certificate.sign(plain, now=NOW)

    assert sound(asyncio.run(inside()), ROOT)
