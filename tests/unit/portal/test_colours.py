"""Any colour of an organization makes a page that can be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector.portal.colours import READABLE, WHITE, Colour, contrast, shades

COLOUR = st.tuples(*[st.integers(0, 255)] * 3)


def parsed(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), WHITE) == 21
    assert contrast(WHITE, WHITE) == 1
    # the examples of WebAIM's contrast checker
    assert round(contrast((0x77, 0x77, 0x77), WHITE), 2) == 4.48
    assert round(contrast((0, 0, 255), WHITE), 2) == 8.59


@given(COLOUR)
def test_text_on_white_and_on_the_bar_can_be_read(colour: Colour) -> None:
    made = shades("#" + "".join(f"{part:02x}" for part in colour))
    assert contrast(parsed(made["--brand-text"]), WHITE) >= READABLE
    assert contrast(parsed(made["--brand-strong"]), WHITE) >= READABLE
    # black or white, whichever is better, is never worse than this on any colour
    assert contrast(parsed(made["--on-brand"]), parsed(made["--brand"])) >= 3
    # text in its own soft tone, as the mood of a ticket is written
    assert contrast(parsed(made["--brand-text"]), parsed(made["--brand-soft"])) >= 3.7


def test_a_dark_colour_stays_as_it_is() -> None:
    assert shades("#00553f")["--brand-text"] == "#00553f"
