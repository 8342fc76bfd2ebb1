"""The words by which a person can be known, found again wherever they stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

MARK = "(dianonimkan)"
#: In the name of a file.
NAME_MARK = "dianonimkan"
#: What stands between the words of a name, in a text or in the name of a file.
GAP = r"[\s_.\-]+"
#: Shorter words are those of every text.
SHORTEST = 3
#: Longer ones are no name, but a text of their own.
LONGEST = 200
#: Before and after a word is no letter and no digit; a file's name has `_` there.
BEFORE, AFTER = r"(?<![^\W_])", r"(?![^\W_])"
PHONE = re.compile(r"\+(?P<number>\d{7,15})(?: ext (?P<extension>\d+))?")
COUNTRY = "62"
#: What is personal by its look, in texts that people write: an address, a NIK or NIP, a number of a mobile phone.
LOOKS = (
    r"[\w.%+\-]+@[\w\-]+(?:\.[\w\-]+)+",
    rf"{BEFORE}(?:\d[ .\-]?){{15}}(?:\d[ .\-]?\d[ .\-]?)?\d{AFTER}",
    rf"(?:\+?{COUNTRY}|{BEFORE}0)[ .\-]?8(?:[ .\-]?\d){{7,11}}{AFTER}",
)


class Words:
    """The values that were given for a person.

    Args:
        values: as they stand in fields; what is too short or too long to be looked for is passed over.
    """

    def __init__(self, values: Iterable[str]) -> None:
        known = {" ".join(value.split()) for value in values}
        fit = (each for each in known if len(re.sub(r"\W", "", each)) >= SHORTEST and len(each) <= LONGEST)
        # the longest first: a name is not to be taken for another that is part of it
        self._known = sorted((each for each in fit if each != MARK), key=lambda each: (-len(each), each))

    @cached_property
    def _given(self) -> re.Pattern[str] | None:
        return _any(_pattern(each) for each in self._known)

    @cached_property
    def _free(self) -> re.Pattern[str] | None:
        return _any((*(_pattern(each) for each in self._known), *LOOKS))

    def out_of(self, text: str, *, free: bool = False, mark: str = MARK) -> str:
        """The text without them; of a `free` text, as people write them, also what is personal by its look."""
        pattern = self._free if free else self._given
        return pattern.sub(mark, text) if pattern is not None else text


def _any(patterns: Iterable[str]) -> re.Pattern[str] | None:
    every = [f"(?:{each})" for each in patterns]
    return re.compile("|".join(every), re.IGNORECASE) if every else None


def _pattern(value: str) -> str:
    phone = PHONE.fullmatch(value)
    if phone is not None:
        return _phone(phone["number"])
    if re.fullmatch(r"\d{5,}", value):
        return BEFORE + r"[\s.\-/]?".join(value) + AFTER
    return BEFORE + GAP.join(re.escape(word) for word in value.split()) + AFTER


def _phone(number: str) -> str:
    """As it is kept, and as people write it: `+62 812…`, `62812…`, `0812…`."""
    between = r"[\s().\-]*"
    if not number.startswith(COUNTRY):
        return between.join((r"\+?", *number)) + AFTER
    national = between.join(number.removeprefix(COUNTRY))
    return rf"(?:\+?{COUNTRY}|{BEFORE}0){between}0?{between}{national}{AFTER}"
