"""Signs documents (PAdES B-B) with the certificate of a PKCS#12 file: what was rendered stays as it is, and the
signature comes after it."""

from __future__ import annotations

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from connector.errors import DocumentError, SettingsError

FILE, PASSPHRASE = "SOP_SIGN_PKCS12_FILE", "SOP_SIGN_PASSPHRASE"
FIELD = "TandaTanganElektronik"
#: So long before its end a new certificate ought to be asked for.
SOON = dt.timedelta(days=30)


class _Writer(IncrementalPdfFileWriter):
    """Leaves the metadata alone: they name PDF/A-3a and PDF/UA-1, and agree with the document's own data."""

    def _update_meta(self) -> None:
        pass


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key. `fingerprint`: SHA-256 in hexadecimal."""

    subject: str
    issuer: str
    since: dt.datetime
    until: dt.datetime
    fingerprint: str
    _signer: SimpleSigner

    @property
    def about(self) -> dict[str, str]:
        """What a document prints of it."""
        return {"subject": self.subject, "issuer": self.issuer}

    def sign(self, content: bytes, *, now: dt.datetime) -> bytes:
        """A PDF with an invisible signature; everything before it is `content`, byte for byte.

        Raises:
            DocumentError: the certificate is not valid now, or this cannot be signed.
        """
        if not self.since <= now <= self.until:
            raise DocumentError(f"tidak dapat ditandatangani: {self.validity(now)}; perbarui {FILE}")
        about = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=self.subject
        )
        # PDF/A wants it printable, PDF/UA outside of the page
        place = SigFieldSpec(
            FIELD,
            invis_sig_settings=InvisSigSettings(box_out_of_bounds=True),
            readable_field_name="Tanda tangan elektronik",
        )
        signer = PdfSigner(about, self._signer, new_field_spec=place)
        try:
            # it runs a loop of its own, which a thread that has one already does not let it
            with ThreadPoolExecutor(1) as apart:
                signed = apart.submit(signer.sign_pdf, _Writer(io.BytesIO(content))).result()
        except Exception as error:
            # of many kinds, from three libraries; the document waits for an administrator, all else goes on
            raise DocumentError(f"tidak dapat ditandatangani ({type(error).__name__}: {error})") from error
        signed.seek(0)
        return bytes(signed.read())

    def validity(self, now: dt.datetime) -> str:
        """What is wrong with its days, or soon will be; empty: nothing."""
        if now < self.since:
            return f"sertifikat «{self.subject}» baru berlaku mulai {_day(self.since)}"
        if now > self.until:
            return f"masa berlaku sertifikat «{self.subject}» habis pada {_day(self.until)}"
        if self.until - now < SOON:
            return f"sertifikat «{self.subject}» berlaku hanya sampai {_day(self.until)}"
        return ""


def load(path: Path, passphrase: str) -> Certificate:
    """The certificate of a PKCS#12 file.

    Raises:
        SettingsError: it cannot be read, the passphrase is wrong, or certificate or key are not in it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"{FILE}: berkas {path} tidak dapat dibaca ({reason})") from None
    try:
        store = pkcs12.load_pkcs12(content, passphrase.encode() or None)
    except (ValueError, TypeError):
        raise SettingsError(
            f"{FILE}: {path} tidak dapat dibuka. Kata sandinya salah ({PASSPHRASE} atau {PASSPHRASE}_FILE), "
            "atau berkasnya bukan PKCS#12 (.p12, .pfx)"
        ) from None
    if store.key is None or store.cert is None:
        what = "kunci pribadi" if store.key is None else "sertifikat"
        raise SettingsError(f"{FILE}: {path} tidak memuat {what}; ekspor sertifikat beserta kunci pribadinya")
    own = store.cert.certificate
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([_asn1(own), *(_asn1(each.certificate) for each in store.additional_certs)])
    key = store.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Certificate(
        subject=_named(own.subject),
        issuer=_named(own.issuer),
        since=own.not_valid_before_utc,
        until=own.not_valid_after_utc,
        fingerprint=own.fingerprint(hashes.SHA256()).hex(),
        _signer=SimpleSigner(_asn1(own), keys.PrivateKeyInfo.load(key), registry),
    )


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _named(name: x509.Name) -> str:
    """What it is called: the common name, else all of it."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _day(at: dt.datetime) -> str:
    return f"{at:%d-%m-%Y}"
