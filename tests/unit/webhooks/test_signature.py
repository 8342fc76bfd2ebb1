"""The signature: right for one secret and one body, and for nothing else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from webhooks.signature import sign, verify

SECRETS = st.binary(min_size=1, max_size=64)


def test_a_known_signature() -> None:
    # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"Jefe", b"what do ya want for nothing?") == f"sha256={expected}"
    assert verify(b"Jefe", b"what do ya want for nothing?", f"sha256={expected}")


@given(SECRETS, st.binary())
def test_what_was_signed_is_verified(secret: bytes, body: bytes) -> None:
    assert verify(secret, body, sign(secret, body))


@given(SECRETS, st.binary(), st.binary())
def test_another_body_is_refused(secret: bytes, body: bytes, other: bytes) -> None:
    assume(body != other)
    assert not verify(secret, other, sign(secret, body))


@given(SECRETS, SECRETS, st.binary())
def test_another_secret_is_refused(secret: bytes, other: bytes, body: bytes) -> None:
    # HMAC pads short keys with zeros
    assume(secret.rstrip(b"\0") != other.rstrip(b"\0"))
    assert not verify(other, body, sign(secret, body))


@given(st.binary(), st.text(max_size=80))
def test_no_other_header_is_right(body: bytes, header: str) -> None:
    assume(header.strip() != sign(b"rahasia", body))
    assert not verify(b"rahasia", body, header)


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256", "\udcff", "é"])
def test_a_missing_or_broken_header_is_refused(header: str | None) -> None:
    assert not verify(b"rahasia", b"isi", header)


def test_other_schemes_are_refused() -> None:
    plain = hmac.new(b"rahasia", b"isi", hashlib.sha256).hexdigest()
    weak = hmac.new(b"rahasia", b"isi", hashlib.sha1).hexdigest()
    assert not verify(b"rahasia", b"isi", plain)
    assert not verify(b"rahasia", b"isi", f"sha1={weak}")


def test_without_a_secret_nothing_is_verified() -> None:
    assert not verify(b"", b"isi", sign(b"", b"isi"))
