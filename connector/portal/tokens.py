"""The secrets in links. A ticket's is derived from its number, a draft's from its form, so every mail can hold it."""

from __future__ import annotations

import base64
import hashlib
import hmac

BYTES = 18


def token_for(key: bytes, number: str) -> str:
    """The secret of a ticket's link."""
    return _derived(key, f"lacak:{number}")


def head_token(key: bytes, number: str, address: str) -> str:
    """The secret of the link of a unit's head: another for each ticket and each address."""
    return _derived(key, f"pimpinan:{number}:{address.casefold()}")


def draft_token(key: bytes, nonce: str) -> str:
    """The secret of a draft's link: the same however often it is saved, so that every mail's link stays good."""
    return _derived(key, f"draf:{nonce}")


def code_hash(key: bytes, nonce: str, address: str, code: str) -> str:
    """What is stored of a code, which proves this address; without the key its few digits could be found by trying."""
    return hmac.new(key, f"kode:{nonce}:{address}:{code}".encode(), hashlib.sha256).hexdigest()


def _derived(key: bytes, what: str) -> str:
    digest = hmac.new(key, what.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:BYTES]).decode("ascii")


def hash_token(token: str) -> str:
    """What is stored of it with the ticket."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def verify(key: bytes, number: str, token: str, stored_hash: str | None) -> bool:
    """Whether a link's secret is right: today's, or the one the ticket was given before the key changed."""
    given = hash_token(token)
    known = [hash_token(token_for(key, number)), *([stored_hash] if stored_hash else [])]
    return sum(hmac.compare_digest(given, each) for each in known) > 0
