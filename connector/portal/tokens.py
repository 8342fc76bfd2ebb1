"""The secret in a requester's link. It is derived from the ticket's number, so every mail can hold the link."""

from __future__ import annotations

import base64
import hashlib
import hmac

BYTES = 18


def token_for(key: bytes, number: str) -> str:
    """The secret of a ticket's link."""
    digest = hmac.new(key, f"lacak:{number}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:BYTES]).decode("ascii")


def hash_token(token: str) -> str:
    """What is stored of it with the ticket."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def verify(key: bytes, number: str, token: str, stored_hash: str | None) -> bool:
    """Whether a link's secret is right: today's, or the one the ticket was given before the key changed."""
    given = hash_token(token)
    known = [hash_token(token_for(key, number)), *([stored_hash] if stored_hash else [])]
    return sum(hmac.compare_digest(given, each) for each in known) > 0
