"""Widths agree with the font, and nothing is wider than it may be."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.diagram.text import BOLD, REGULAR, Font
from connector.settings import ROOT

FONTS = ROOT / "templates" / "documents" / "fonts"


def advances(name: str) -> dict[str, float]:
    """The width of every letter in a TrueType font, in em: tables head, hhea, hmtx and the first cmap of format 4."""
    data = (FONTS / name).read_bytes()

    def short(offset: int) -> int:
        found: int = struct.unpack_from(">H", data, offset)[0]
        return found

    tables = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(12, 12 + 16 * short(4), 16)
    }
    unit, last = short(tables[b"head"] + 18), short(tables[b"hhea"] + 34) - 1
    cmap = tables[b"cmap"]
    subtables = [cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * i)[0] for i in range(short(cmap + 2))]
    table = next(each for each in subtables if short(each) == 4)
    count = short(table + 6)
    found = {}
    for at in range(table + 14, table + 14 + count, 2):
        end, start, delta, offset = (
            short(at + skip) for skip in (0, count + 2, 2 * count + 2, 3 * count + 2)
        )
        for code in range(start, min(end, 0xFFFE) + 1):
            here = at + 3 * count + 2 + offset + 2 * (code - start)
            glyph = (code + delta) % 65536 if offset == 0 else short(here) and (short(here) + delta) % 65536
            found[chr(code)] = short(tables[b"hmtx"] + 4 * min(glyph, last)) / unit
    return found


@pytest.mark.parametrize(
    ("table", "name"), [(REGULAR, "LiberationSans-Regular.ttf"), (BOLD, "LiberationSans-Bold.ttf")]
)
def test_the_widths_are_those_of_the_font(table: dict[str, float], name: str) -> None:
    font = advances(name)
    assert set(map(chr, range(32, 127))) <= set(table)
    assert {letter: round(font[letter], 3) for letter in table} == table


@given(text=st.text(max_size=80), width=st.floats(10, 200), bold=st.booleans())
@example(
    text="/00", width=10.0, bold=False
)  # what is left after the slash does not hold one letter more either
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: float, bold: bool) -> None:
    font = Font(9, bold=bold)
    lines = font.wrap(text, width)
    assert all(font.width(line) <= width or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_words_break_at_spaces_then_hyphens_then_anywhere() -> None:
    font = Font(10)
    assert font.wrap("satu dua tiga", 40) == ("satu dua", "tiga")
    assert font.wrap("jadwal-pelaksanaan", 60) == ("jadwal-", "pelaksanaan")
    assert font.wrap("xxxxxxxxxxxx", 30) == ("xxxxxx", "xxxxxx")
    assert font.wrap("satu\ndua", 100) == ("satu", "dua")
    assert font.wrap("", 100) == ()


def test_an_accent_does_not_widen_a_letter() -> None:
    assert Font(10).width("é") == Font(10).width("e")
