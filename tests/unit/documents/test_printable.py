from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.documents.printable import LONGEST_WORD, ZERO_WIDTH_SPACE, coverage, printable
from tests.unit.documents.sample import ROOT

FONTS = sorted((ROOT / "templates/documents/fonts").glob("*.ttf"))
COVERED = frozenset.intersection(*(coverage(path.read_bytes()) for path in FONTS))


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_the_fonts_have_what_indonesian_offices_write(path: object) -> None:
    wanted = "ABCXYZabcxyz0189.,;:!?()[]{}<>#$%&*+-/=@\\^_`|~'\"–—…•°²³½×÷€§éÉèçñöüŞšžđłαβΩЖя□“”‘’«»"
    assert {sign for sign in wanted if ord(sign) not in COVERED} == set()


def test_what_a_font_has_not_is_not_covered() -> None:
    assert not {ord(sign) for sign in "😀漢あกع\u0000\ue000\uffff"} & COVERED


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("biasa", "biasa"),
        ("#set $x$ \\ @a *b* _c_ [({<", "#set $x$ \\ @a *b* _c_ [({<"),
        ("senang 😀!", "senang □!"),
        ("jempol 👍🏽", "jempol □"),
        ("❤\ufe0f", "□"),
        ("漢字", "□□"),
        ("e\u0301", "é"),
        ("Z" + "\u0300" * 30, "Z\u0300\u0300"),
        ("a\u202ebc\u2066d\u200e", "abcd"),
        ("pri\u00advat\u200b\ufeff", "privat"),
        ("a\x00b\x07c\x1b", "abc"),
        ("a\tb\r\nc\rd\u2028e\n\n", "a b\nc\nd\ne"),
        ("a\u3000b\u00a0c", "a b\u00a0c"),
        ("\ue000", "□"),
        ("\ud800", "□"),
    ],
)
def test_a_text_is_made_fit(given: str, expected: str) -> None:
    assert printable(given, COVERED) == expected


def test_everything_in_the_data_is_made_fit_and_numbers_stay() -> None:
    data = {"a": [{"b": ("😀", 1, True, None)}], "c": 1.5}
    assert printable(data, COVERED) == {"a": [{"b": ["□", 1, True, None]}], "c": 1.5}


def test_without_a_substitute_in_the_font_it_goes() -> None:
    assert printable("a😀b", frozenset({ord("a"), ord("b")})) == "ab"


def test_a_long_word_may_be_broken_and_keeps_its_letters() -> None:
    word = "Katapanjang" * 20
    made = printable(f"awal {word} akhir", COVERED)
    assert made.replace(ZERO_WIDTH_SPACE, "") == f"awal {word} akhir"
    assert max(map(len, made.replace(ZERO_WIDTH_SPACE, " ").split())) <= LONGEST_WORD


@given(st.text())
def test_whatever_comes_only_covered_signs_are_left_and_twice_is_as_once(text: str) -> None:
    made = printable(text, COVERED)
    assert {ord(sign) for sign in made} <= COVERED | {ord("\n"), ord(ZERO_WIDTH_SPACE)}
    assert printable(made, COVERED) == made
