"""The marks of a satisfaction survey (Permenpan RB 14/2017): each choice begins with one, from 1 to 4. Pure."""

from __future__ import annotations

BEST_MARK = 4


def mark_of(choice: str) -> int:
    """`4 Sangat baik` -> 4; 0 if a choice has no mark."""
    mark = choice.partition(" ")[0]
    return int(mark) if mark.isdecimal() and 1 <= int(mark) <= BEST_MARK else 0
