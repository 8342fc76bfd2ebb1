"""Certificates made for a test, and what a reader of PDF finds of signatures."""

from __future__ import annotations

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

PASSPHRASE = "rahasia kunci"
SUBJECT = "Segel Elektronik Pustikom"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def made(since: dt.datetime, until: dt.datetime, subject: str = SUBJECT) -> x509.Certificate:
    """A certificate that signs itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(usage, critical=True)
        .sign(_key(), hashes.SHA256())
    )


def packed(certificate: x509.Certificate, passphrase: str = PASSPHRASE) -> bytes:
    """A PKCS#12 file of a certificate and its key."""
    lock = BestAvailableEncryption(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(b"kunci", _key(), certificate, None, lock)


def sound(pdf: bytes, root: x509.Certificate, at: dt.datetime | None = None) -> bool:
    """Whether the PDF has one signature of this certificate, over all of it, that pyHanko finds intact and trusted."""
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    trusted = [asn1.Certificate.load(root.public_bytes(Encoding.DER))]
    context = ValidationContext(trust_roots=trusted, moment=at)
    with ThreadPoolExecutor(
        1
    ) as apart:  # pyHanko runs a loop of its own, and the browser's is in this thread
        status = apart.submit(validate_pdf_signature, signature, context).result()
    return bool(status.bottom_line) and signature.evaluate_signature_coverage().name == "ENTIRE_FILE"
