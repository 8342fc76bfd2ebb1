"""An organization's one colour as the few that a page needs, each readable on what it stands on. Pure."""

from __future__ import annotations

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
INK: Colour = (31, 41, 51)
#: WCAG 2.2, 1.4.3
READABLE = 4.5


def shades(colour: str) -> dict[str, str]:
    """Values of the custom properties that `portal.css` uses."""
    brand = _parsed(colour)
    text = brand
    for _ in range(20):
        if contrast(text, WHITE) >= READABLE:
            break
        text = _mixed(text, (0, 0, 0), 0.1)
    on_brand = WHITE if contrast(brand, WHITE) >= contrast(brand, INK) else INK
    return {
        "--brand": _written(brand),
        "--on-brand": _written(on_brand),
        "--brand-text": _written(text),
        "--brand-strong": _written(_mixed(text, (0, 0, 0), 0.25)),
        "--brand-soft": _written(_mixed(text, WHITE, 0.91)),
        "--brand-line": _written(_mixed(text, WHITE, 0.6)),
    }


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


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
