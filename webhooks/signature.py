"""The signature of a webhook: HMAC-SHA256 of the raw body, in `X-Redmine-Signature-256: sha256=<hex>` (Redmine 7.0)."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Redmine-Signature-256"
SCHEME = "sha256="
BEARER = "bearer "


def sign(secret: bytes, body: bytes) -> str:
    """The header's value for a body."""
    return SCHEME + hmac.new(secret, body, hashlib.sha256).hexdigest()


def verify(secret: bytes, body: bytes, header: str | None) -> bool:
    """Whether the header is the body's; in constant time. Without a secret nothing is."""
    if not secret or header is None:
        return False
    return hmac.compare_digest(sign(secret, body).encode(), header.strip().encode("utf-8", "surrogateescape"))


def bears(secret: bytes, authorization: str | None) -> bool:
    """Whether an `Authorization` header is `Bearer SECRET`; in constant time. Without a secret none is."""
    if not secret or authorization is None or not authorization.lower().startswith(BEARER):
        return False
    given = authorization[len(BEARER) :].strip()
    return hmac.compare_digest(secret, given.encode("utf-8", "surrogateescape"))
