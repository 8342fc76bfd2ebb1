"""An organization's one colour as the few that a page needs, each readable on what it stands on. Pure."""

from __future__ import annotations

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
#: What panels stand on in the dark.
NIGHT: Colour = (27, 33, 40)
#: WCAG 2.2, 1.4.3
READABLE = 4.5
STEPS = 20


def shades(colour: str) -> dict[str, str]:
    """Values of the custom properties that `portal.css` uses."""
    brand = _parsed(colour)
    soft = _mixed(_towards(brand, BLACK, WHITE), WHITE, 0.91)
    # the palest ground that the text stands on is its own tint
    text = _towards(brand, BLACK, soft)
    return {
        "--brand": _written(brand),
        "--on-brand": _written(_on(brand)),
        "--brand-text": _written(text),
        "--on-brand-text": _written(WHITE),
        "--brand-strong": _written(_mixed(text, BLACK, 0.25)),
        "--brand-soft": _written(soft),
        "--brand-line": _written(_mixed(text, WHITE, 0.6)),
    }


def dark_shades(colour: str) -> dict[str, str]:
    """The same for people who like it dark: the colour lightened until it can be read on dark ground."""
    brand = _parsed(colour)
    bar = _mixed(brand, BLACK, 0.25)
    soft = _mixed(brand, NIGHT, 0.75)
    text = _towards(brand, WHITE, soft, NIGHT)
    return {
        "--brand": _written(bar),
        "--on-brand": _written(_on(bar)),
        "--brand-text": _written(text),
        "--on-brand-text": _written(_on(text)),
        "--brand-strong": _written(_mixed(text, WHITE, 0.3)),
        "--brand-soft": _written(soft),
        "--brand-line": _written(_mixed(text, NIGHT, 0.5)),
    }


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _on(ground: Colour) -> Colour:
    """White or black: one of them is readable on every colour."""
    return WHITE if contrast(ground, WHITE) >= contrast(ground, BLACK) else BLACK


def _towards(colour: Colour, end: Colour, *grounds: Colour) -> Colour:
    """The colour, mixed with `end` until it is readable on every ground."""
    for _ in range(STEPS):
        if all(contrast(colour, ground) >= READABLE for ground in grounds):
            break
        colour = _mixed(colour, end, 0.1)
    return colour


def _luminance(colour: Colour) -> float:
    parts = [value / 255 for value in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _parsed(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(colour: Colour) -> str:
    return "#" + "".join(f"{value:02x}" for value in colour)
