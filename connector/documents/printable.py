"""Text made fit for print: only characters that the bundled fonts have, and no word wider than a column.

PDF/A and PDF/UA forbid a character without a glyph, so one emoji in a description would fail the whole document.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Mapping
from typing import Any

#: Stands for what cannot be printed; the first that the fonts have.
SUBSTITUTES = "□?"
ZERO_WIDTH_SPACE = "\u200b"
LONGEST_WORD = 24
PIECE = 12
MOST_MARKS = 2
JOINT = re.compile(r"(?<=[/@_&?=])(?=[^/@_&?=])")
# Invisible. Among them are signs that reverse the order of letters: a text could be made to read as another.
INVISIBLE = frozenset({"Cf", "Cc"})
# Marks on the sign before; it can do without.
MODIFYING = frozenset({"Mn", "Me"})


def printable(value: Any, covered: frozenset[int]) -> Any:
    """Data with every text in it fit for print; keys and everything else as they are."""
    if isinstance(value, str):
        return _text(value, covered)
    if isinstance(value, Mapping):
        return {key: printable(each, covered) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable(each, covered) for each in value]
    return value


def _text(value: str, covered: frozenset[int]) -> str:
    lines = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", value).replace("\t", " ")
    substitute = next((each for each in SUBSTITUTES if ord(each) in covered), "")
    cleaned = "".join(_character(each, covered, substitute) for each in unicodedata.normalize("NFC", lines))
    cleaned = re.sub(rf"([{_MARKS}]{{{MOST_MARKS}}})[{_MARKS}]+", r"\1", cleaned)
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", _in_pieces, cleaned).strip("\n")


_MARKS = "\u0300-\u036f\u0591-\u05c7"


def _character(sign: str, covered: frozenset[int], substitute: str) -> str:
    kind = unicodedata.category(sign)
    if sign == "\n":
        return sign
    if kind in INVISIBLE:
        return ""
    if ord(sign) in covered and kind not in {"Co", "Cn"}:
        return sign
    if kind == "Zs":
        return " "
    skin_tone = kind == "Sk" and ord(sign) > 0xFFFF
    return "" if kind in MODIFYING or skin_tone else substitute


def _in_pieces(word: re.Match[str]) -> str:
    """A word that may be broken: the typesetter has no other way to break one without spaces.

    First where an address or a number has its joints, elsewhere only in what is still too long.
    """
    return ZERO_WIDTH_SPACE.join(piece for part in JOINT.split(word[0]) if part for piece in _pieces(part))


def _pieces(signs: str) -> list[str]:
    if len(signs) <= LONGEST_WORD:
        return [signs]
    pieces: list[str] = []
    for sign in signs:
        # A mark stays with its letter.
        if pieces and (len(pieces[-1]) < PIECE or unicodedata.combining(sign)):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


# what a font has --------------------------------------------------------------------------------------------


def coverage(font: bytes) -> frozenset[int]:
    """The characters a TrueType or OpenType font has a glyph for.

    https://learn.microsoft.com/en-us/typography/opentype/spec/cmap
    """
    cmap = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", cmap, 2)
    found: set[int] = set()
    for index in range(count):
        _, _, offset = struct.unpack_from(">HHL", cmap, 4 + 8 * index)
        (kind,) = struct.unpack_from(">H", cmap, offset)
        reader = {4: _segments, 12: _groups}.get(kind)
        if reader is not None:
            found |= reader(cmap[offset:])
    return frozenset(found)


def _table(font: bytes, name: bytes) -> bytes:
    (count,) = struct.unpack_from(">H", font, 4)
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", font, 12 + 16 * index)
        if tag == name:
            return font[offset : offset + length]
    raise ValueError(f"fon tanpa tabel {name.decode()}")


def _segments(table: bytes) -> set[int]:
    """Format 4: segments of the basic plane."""
    double = struct.unpack_from(">H", table, 6)[0]
    count = double // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", table, 14 + block * double + (2 if block else 0))
        for block in range(4)
    )
    found = set()
    for index in range(count):
        place = 16 + 3 * double + 2 * index
        for code in range(starts[index], ends[index] + 1):
            glyph = code
            if offsets[index]:
                at = place + offsets[index] + 2 * (code - starts[index])
                glyph = struct.unpack_from(">H", table, at)[0] if at + 2 <= len(table) else 0
            missing = offsets[index] and not glyph
            if not missing and (glyph + deltas[index]) % 0x10000:
                found.add(code)
    return found - {0xFFFF}


def _groups(table: bytes) -> set[int]:
    """Format 12: groups of all planes."""
    (count,) = struct.unpack_from(">L", table, 12)
    found: set[int] = set()
    for index in range(count):
        first, last, glyph = struct.unpack_from(">LLL", table, 16 + 12 * index)
        found |= set(range(first if glyph else first + 1, last + 1))
    return found
