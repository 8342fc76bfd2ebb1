"""Checks of who signs: acting officers have days in order that do not overlap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.sop.model import Signatory

#: A place in organization.yaml, and what is wrong there.
Finding = tuple[tuple[str | int, ...], str]


def check_signatories(signatories: Iterable[Signatory]) -> Iterator[Finding]:
    """The findings of all acting officers."""
    for i, signatory in enumerate(signatories):
        for j, acting in enumerate(signatory.acting):
            where = ("signatories", i, "acting", j)
            if acting.until < acting.since:
                yield (*where, "until"), f"until ({acting.until}) mendahului from ({acting.since})"
            for earlier in signatory.acting[:j]:
                if max(earlier.since, acting.since) <= min(earlier.until, acting.until):
                    both = f"{acting.title} {acting.name} bersamaan dengan {earlier.title} {earlier.name}"
                    yield (*where, "from"), f"{both}; pada satu hari hanya satu yang menandatangani"
