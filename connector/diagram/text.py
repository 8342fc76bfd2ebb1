"""How wide text is, and where it breaks. Widths are those of Liberation Sans, which Arial and Helvetica share."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

REGULAR = {
    **dict.fromkeys("ijl‘’", 0.222),
    **dict.fromkeys(" !,./:;I[\\]ft", 0.278),
    **dict.fromkeys("()-`r·“”", 0.333),
    **dict.fromkeys("Jcksvxyz", 0.5),
    **dict.fromkeys("#$0123456789?L_abdeghnopqu«»–§", 0.556),
    **dict.fromkeys("+<=>~×", 0.584),
    **dict.fromkeys("FTZ", 0.611),
    **dict.fromkeys("&ABEKPSVXY", 0.667),
    **dict.fromkeys("CDHNRUw", 0.722),
    **dict.fromkeys("GOQ", 0.778),
    **dict.fromkeys("Mm", 0.833),
    **dict.fromkeys("{}", 0.334),
    **dict(zip("'|\"*^%W@", (0.191, 0.26, 0.355, 0.389, 0.469, 0.889, 0.944, 1.015), strict=True)),
}
BOLD = {
    **dict.fromkeys(" ,./I\\ijl‘’", 0.278),
    **dict.fromkeys("!()-:;[]`ft·", 0.333),
    **dict.fromkeys("*r{}", 0.389),
    **dict.fromkeys("z“”", 0.5),
    **dict.fromkeys("#$0123456789J_aceksvxy«»–§", 0.556),
    **dict.fromkeys("+<=>^~×", 0.584),
    **dict.fromkeys("?FLTZbdghnopqu", 0.611),
    **dict.fromkeys("EPSVXY", 0.667),
    **dict.fromkeys("&ABCDHKNRU", 0.722),
    **dict.fromkeys("GOQw", 0.778),
    **dict.fromkeys("%m", 0.889),
    **dict(zip("'|\"MW@", (0.238, 0.28, 0.474, 0.833, 0.944, 0.975), strict=True)),
}
#: Of a character in neither table: the em square, which hardly any letter exceeds.
WIDEST = 1.0


@dataclass(frozen=True)
class Font:
    """A size and a weight."""

    size: float
    bold: bool = False

    @property
    def line(self) -> float:
        """From one baseline to the next."""
        return round(self.size * 1.2, 2)

    def width(self, text: str) -> float:
        """How far the text reaches."""
        table = BOLD if self.bold else REGULAR
        return sum(table.get(letter) or table.get(_plain(letter), WIDEST) for letter in text) * self.size

    def wrap(self, text: str, width: float) -> tuple[str, ...]:
        """The text in lines no wider than this; a word that is wider is broken."""
        lines: list[str] = []
        for paragraph in text.splitlines():
            line = ""
            for word in paragraph.split():
                joined = f"{line} {word}" if line else word
                if self.width(joined) <= width:
                    line = joined
                    continue
                lines += [line] if line else []
                *whole, line = self._pieces(word, width)
                lines += whole
            lines += [line] if line else []
        return tuple(lines)

    def _pieces(self, word: str, width: float) -> list[str]:
        """A word in pieces that fit, broken after a hyphen or slash where there is one."""
        pieces = [""]
        for letter in word:
            while pieces[-1] and self.width(pieces[-1] + letter) > width:
                cut = max(pieces[-1].rfind(mark) for mark in "-/") + 1 or len(pieces[-1])
                pieces[-1:] = [pieces[-1][:cut], pieces[-1][cut:]]
            pieces[-1] += letter
        return pieces


def _plain(letter: str) -> str:
    """A letter without its accents."""
    return unicodedata.normalize("NFKD", letter)[:1]
