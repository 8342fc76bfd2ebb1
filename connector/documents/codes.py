"""Verification codes: they cannot be guessed, and the same document always has the same one. Pure."""

from __future__ import annotations

import hashlib
import hmac

import segno

#: Crockford's alphabet: no I, L, O, U, so that nothing read aloud or typed from paper is mistaken.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # 60 bits
GROUP = 4
# The key serves other purposes too; a code must never be a signature of something else.
PURPOSE = b"sop-connector/document-code/1"
READ_AS = str.maketrans("OIL", "011")


def verification_code(secret: bytes, ticket: str, template: str, number: str) -> str:
    """The code of a document, `XXXX-XXXX-XXXX`, of its ticket, template and number."""
    if not secret:
        raise ValueError("kunci rahasia kosong")
    parts = [PURPOSE, *(part.encode() for part in (ticket, template, number))]
    # Each part with its length: moving a character from one to the next is another document.
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    bits = int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest(), "big") >> (256 - 5 * LENGTH)
    letters = [ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH))]
    return _grouped("".join(letters))


def normalized_code(text: str) -> str | None:
    """A code as a person typed it, in the form it was given out; None if it cannot be one."""
    letters = "".join(text.upper().replace("-", " ").split()).translate(READ_AS)
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return _grouped(letters)


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def qr_matrix(text: str) -> list[list[int]]:
    """The modules of a QR code, row by row, 1 for dark; 15 percent of it may be damaged."""
    return [list(row) for row in segno.make_qr(text, error="m").matrix]
