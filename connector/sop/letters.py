"""Letter numbers as an organization writes them: `{urut:03}/UN39.17/ST/{bulan_romawi}/{tahun}`. Pure.

A register counts from 1 in each year of the organization's calendar; kinds of letters may share one.
"""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Iterator, Mapping

from connector.sop.document import Where, meant

#: What a pattern may hold; those with a width may be padded with zeros, as in `{urut:03}`.
WIDE = ("urut", "bulan", "hari")
PLAIN = ("bulan_romawi", "tahun")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
WIDTH = re.compile(r"0[2-9]")
#: What each placeholder may become.
SHAPES = {
    "urut": r"\d+",
    "bulan": r"\d+",
    "hari": r"\d+",
    "bulan_romawi": "[IVX]+",
    "tahun": r"\d{4}",
}

Finding = tuple[Where, str]


def letter_number(pattern: str, sequence: int, day: dt.date) -> str:
    """The number of the letter that is the register's `sequence`-th of its year, written on `day`."""
    return pattern.format(
        urut=sequence,
        hari=day.day,
        bulan=day.month,
        bulan_romawi=ROMAN[day.month - 1],
        tahun=day.year,
    )


def pattern_faults(pattern: str) -> Iterator[str]:
    """All that is wrong with a pattern."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError:
        yield f"kurung kurawal pada «{pattern}» tidak berpasangan"
        return
    names = []
    for _, name, width, conversion in parts:
        if name is None:
            continue
        names.append(name)
        if name not in (*WIDE, *PLAIN):
            yield (f"keterangan «{{{name}}}» tidak ada{meant(name, [*WIDE, *PLAIN])}; yang ada: {_listed()}")
        elif conversion or (width and (name not in WIDE or WIDTH.fullmatch(width) is None)):
            yield f"«{{{name}:{width}}}» tidak dapat dipakai; lebar ditulis seperti «{{urut:03}}»"
    if names.count("urut") != 1:
        yield f"pola «{pattern}» memerlukan {{urut}}, tepat satu kali"
    if "tahun" not in names:
        yield f"pola «{pattern}» memerlukan {{tahun}}: nomor urut dimulai lagi dari 1 setiap tahun"


def _listed() -> str:
    return ", ".join(f"{{{name}}}" for name in (*WIDE, *PLAIN))


def check_letters(patterns: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """What is wrong with an organization's patterns, each by kind with its register.

    Two registers that write the same numbers would make doubles.
    """
    good: dict[str, tuple[str, str]] = {}
    for kind, (pattern, register) in patterns.items():
        faults = list(pattern_faults(pattern))
        yield from ((("letters", kind, "pattern"), fault) for fault in faults)
        if faults:
            continue
        for other, (known, counted) in good.items():
            if counted != register and _may_meet(pattern, known):
                message = (
                    f"nomor surat «{kind}» dapat sama dengan nomor «{other}»; bedakan polanya, atau tulis"
                )
                yield ("letters", kind, "pattern"), f"{message} register yang sama pada keduanya"
        good[kind] = pattern, register


SAMPLES = ((1, dt.date(2026, 1, 1)), (12, dt.date(2026, 12, 12)), (345, dt.date(2026, 5, 28)))


def _may_meet(one: str, other: str) -> bool:
    """Whether a number of one pattern can be one of the other."""
    return any(
        _shape(two).fullmatch(letter_number(each, *sample)) is not None
        for each, two in ((one, other), (other, one))
        for sample in SAMPLES
    )


def _shape(pattern: str) -> re.Pattern[str]:
    parts = string.Formatter().parse(pattern)
    return re.compile("".join(re.escape(text) + (SHAPES[name] if name else "") for text, name, _, _ in parts))
