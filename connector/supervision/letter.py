"""A digest as its templates need it (`templates/mail/rekap.*`): words, links, and what is cut. Pure."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.engine.progress import Rules
from connector.engine.words import date_words, work_words
from connector.sop.model import Organization
from connector.supervision.digest import Digest, Finding, Group, Kind
from connector.supervision.week import Figures, Week
from connector.supervision.words import days_words, hours_words, moment_words

#: So many findings are shown; of each unit in a procedure its share, but so many at least. Mail programs cut what is
#: very long, and nobody reads it.
MOST, LEAST = 40, 5
SUBJECT_LENGTH = 100

NAMES: Mapping[Kind, str] = {
    Kind.LATE: "terlambat",
    Kind.NEAR: "mendekati batas",
    Kind.PAUSED: "tertunda terlalu lama",
    Kind.INCOMPLETE: "belum lengkap terlalu lama",
    Kind.DUTY: "laporan berkala belum ada",
}
#: The order of the summary.
SUMMARY = (Kind.LATE, Kind.NEAR, Kind.PAUSED, Kind.INCOMPLETE, Kind.DUTY)


@dataclass(frozen=True)
class Before:
    """The last digest of the same person and scope, to compare with."""

    slot: dt.datetime
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Unsent:
    """Digests that did not go out, and why."""

    slots: tuple[dt.datetime, ...]
    reason: str


@dataclass(frozen=True)
class Links:
    """Addresses in Redmine. `queries` are lists by kind; `procedure` gives the list of a procedure's open tickets."""

    issue: Callable[[int], str]
    procedure: Callable[[str], str]
    running: str
    queries: Mapping[Kind, str]


@dataclass(frozen=True)
class Letter:
    """Everything that one digest says to one person. `titles` are the roles for which he gets it."""

    organization: Organization
    rulebook: Mapping[str, Rules]
    titles: tuple[str, ...]
    units: tuple[str, ...]
    digest: Digest
    week: Week | None
    before: Before | None
    unsent: tuple[Unsent, ...]
    links: Links

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self.digest.findings and not self.digest.unsure and (self.week is None or self.week.empty)

    def data(self) -> dict[str, Any]:
        """What the templates are given."""
        procedures, shown = self._procedures()
        zone = self._rules.calendar.zone
        return {
            "organization": self.organization,
            "weekly": self.week is not None,
            "date": date_words(self.digest.now.astimezone(zone).date()),
            "titles": self.titles,
            "units": [self._role(unit) for unit in self.units],
            "headline": ", ".join(self._headline()),
            "unsent": [self._unsent(each) for each in self.unsent],
            "summary": list(self._summary()),
            "before": date_words(self.before.slot.astimezone(zone).date()) if self.before else "",
            "procedures": procedures,
            "rest": len(self.digest.findings) - shown,
            "unsure": [
                {
                    "number": each.number,
                    "subject": shortened(each.subject),
                    "url": self.links.issue(each.issue),
                }
                for each in self.digest.unsure[:LEAST]
            ],
            "unsure_count": len(self.digest.unsure),
            "running": {"count": self.digest.running, "url": self.links.running},
            "week": self._week(self.week) if self.week and not self.week.empty else None,
        }

    @property
    def _rules(self) -> Rules:
        """Any of the organization's: they share its calendar."""
        return next(iter(self.rulebook.values()))

    # the beginning ------------------------------------------------------------------------------------------

    def _headline(self) -> Iterator[str]:
        counts = self.digest.counts
        found = [f"{counts[kind]} {NAMES[kind]}" for kind in SUMMARY if counts[kind]]
        if not found and self.week is not None and not self.week.empty:
            received, finished, _ = self.week.total
            yield f"{received} masuk"
            yield f"{finished} selesai"
        yield from found
        if self.digest.unsure:
            yield f"{len(self.digest.unsure)} belum dapat dinilai"

    def _summary(self) -> Iterator[dict[str, Any]]:
        counts = self.digest.counts
        for kind in SUMMARY:
            earlier = self.before.counts.get(kind.value, 0) if self.before else None
            if counts[kind] or earlier:
                url = self.links.queries.get(kind, "") if counts[kind] else ""
                yield {
                    "kind": kind.value,
                    "count": counts[kind],
                    "name": NAMES[kind],
                    "url": url,
                    "before": earlier,
                }

    def _unsent(self, unsent: Unsent) -> str:
        days = [slot.astimezone(self._rules.calendar.zone).date() for slot in unsent.slots]
        return f"Rekap {days_words(days)} tidak terkirim karena {unsent.reason}."

    # findings -----------------------------------------------------------------------------------------------

    def _procedures(self) -> tuple[list[dict[str, Any]], int]:
        """The procedures with their units and findings, and how many findings are shown or counted there."""
        found: dict[str, dict[str, Any]] = {}
        room, told = MOST, 0
        share = max(LEAST, MOST // max(len(self.digest.groups), 1))
        for group in self.digest.groups:
            if not room:
                break
            lines = group.findings[: min(room, share)]
            room -= len(lines)
            told += len(group.findings)
            procedure = found.setdefault(
                group.procedure, {"title": self.rulebook[group.procedure].procedure.title, "units": []}
            )
            procedure["units"].append(
                {
                    "title": self._role(group.unit),
                    "counts": self._counts(group),
                    "lines": [self._line(each) for each in lines],
                    "more": len(group.findings) - len(lines),
                    "url": self.links.procedure(group.procedure),
                }
            )
        return list(found.values()), told

    def _counts(self, group: Group) -> str:
        kinds = [each.kind for each in group.findings]
        return ", ".join(f"{kinds.count(kind)} {NAMES[kind]}" for kind in SUMMARY if kind in kinds)

    def _line(self, finding: Finding) -> dict[str, Any]:
        place = finding.place
        step = f"Langkah {place.step}, {place.title}" if place.step else place.title
        return {
            "kind": finding.kind.value,
            "label": self._label(finding),
            "number": finding.number,
            "url": self.links.issue(finding.issue),
            "subject": shortened(finding.subject),
            "step": step,
            "who": self._who(finding),
            "when": self._when(finding),
        }

    def _label(self, finding: Finding) -> str:
        calendar = self.rulebook[finding.procedure].calendar
        first, last = sorted((finding.since, self.digest.now))
        work = work_words(calendar, first, last)
        match finding.kind:
            case Kind.LATE:
                return f"Terlambat {work}" if work else "Baru lewat batas"
            case Kind.NEAR:
                return f"Tinggal {work}" if work else "Tinggal kurang dari 1 menit"
            case Kind.PAUSED:
                return f"Tertunda {work}"
            case Kind.INCOMPLETE:
                return f"Belum lengkap {work}"
            case Kind.DUTY if finding.count > 1:
                return f"{finding.count} laporan belum ada, yang pertama terlambat {work}"
            case Kind.DUTY:
                return f"Laporan terlambat {work}" if work else "Laporan baru lewat batas"

    def _when(self, finding: Finding) -> str:
        zone = self.rulebook[finding.procedure].calendar.zone
        moment = moment_words(finding.since, zone, self.digest.now)
        if finding.kind is Kind.INCOMPLETE:
            return f"Masuk {moment}"
        if finding.kind is not Kind.PAUSED:
            return f"Batas {moment}"
        until = (
            f"; ditutup sendiri {moment_words(finding.until, zone, self.digest.now)}" if finding.until else ""
        )
        return f"Sejak {moment}{until}"

    def _who(self, finding: Finding) -> str:
        place = finding.place
        if finding.kind is Kind.PAUSED:
            return "Menunggu pemohon"
        if place.who != place.unit:
            return f"Giliran {self._role(place.who)}"
        return f"Dipegang {shortened(place.person)}" if place.person else "Belum diambil petugas"

    def _role(self, role_id: str) -> str:
        role = self.organization.role(role_id)
        return role.title if role else role_id or "Tanpa unit"

    # the week -----------------------------------------------------------------------------------------------

    def _week(self, week: Week) -> dict[str, Any]:
        received, finished, late = week.total
        return {
            "first": date_words(week.first),
            "last": date_words(week.last),
            "steps": week.steps,
            "rows": [self._figures(each) for each in week.figures],
            "total": {"received": received, "finished": finished, "late": late},
        }

    def _figures(self, figures: Figures) -> dict[str, Any]:
        return {
            "title": self.rulebook[figures.procedure].procedure.title,
            "received": figures.received,
            "finished": figures.finished,
            "late": figures.late,
            "typical": hours_words(figures.typical) if figures.typical is not None else "",
        }


def shortened(text: str) -> str:
    """What a person typed, on one line, not too long, and without what turns the direction of writing."""
    plain = "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Cc") or each.isspace())
    line = " ".join(plain.split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1].rstrip()}…"


def unsent(slots: Sequence[tuple[dt.datetime, str]]) -> tuple[Unsent, ...]:
    """Slots that did not go out, with their reasons: neighbours with the same reason are said together."""
    found: list[Unsent] = []
    for slot, reason in sorted(slots):
        if found and found[-1].reason == reason:
            found[-1] = Unsent((*found[-1].slots, slot), reason)
        else:
            found.append(Unsent((slot,), reason))
    return tuple(found)
