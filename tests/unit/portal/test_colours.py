"""Any colour of an organization makes a page that can be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector.portal.colours import NIGHT, READABLE, WHITE, Colour, contrast, dark_shades, shades

COLOUR = st.tuples(*[st.integers(0, 255)] * 3)


def parsed(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), WHITE) == 21
    assert contrast(WHITE, WHITE) == 1
    # the examples of WebAIM's contrast checker
    assert round(contrast((0x77, 0x77, 0x77), WHITE), 2) == 4.48
    assert round(contrast((0, 0, 255), WHITE), 2) == 8.59


@given(COLOUR)
def test_text_on_white_and_on_the_bar_can_be_read(colour: Colour) -> None:
    made = shades(written(colour))
    assert contrast(parsed(made["--brand-text"]), WHITE) >= READABLE
    assert contrast(parsed(made["--brand-strong"]), WHITE) >= READABLE
    assert contrast(parsed(made["--on-brand"]), parsed(made["--brand"])) >= READABLE
    assert contrast(parsed(made["--on-brand-text"]), parsed(made["--brand-text"])) >= READABLE
    # text in its own soft tone, as the mood of a ticket is written
    assert contrast(parsed(made["--brand-text"]), parsed(made["--brand-soft"])) >= READABLE


@given(COLOUR)
def test_the_same_by_night(colour: Colour) -> None:
    made = {name: parsed(value) for name, value in dark_shades(written(colour)).items()}
    assert contrast(made["--brand-text"], NIGHT) >= READABLE
    assert contrast(made["--brand-text"], made["--brand-soft"]) >= READABLE
    assert contrast(made["--brand-strong"], NIGHT) >= READABLE
    assert contrast(made["--on-brand"], made["--brand"]) >= READABLE
    assert contrast(made["--on-brand-text"], made["--brand-text"]) >= READABLE


@given(COLOUR)
def test_night_has_every_colour_that_day_has(colour: Colour) -> None:
    assert shades(written(colour)).keys() == dark_shades(written(colour)).keys()


def test_a_dark_colour_stays_as_it_is() -> None:
    assert shades("#00553f")["--brand-text"] == "#00553f"
