"""The list of services: by organization and by need, found by words that need not be spelled right. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from connector.engine.calendar import WorkCalendar
from connector.engine.progress import Rules
from connector.engine.sla import limit_of
from connector.sop.model import (
    Basis,
    Catalogue,
    Category,
    FieldDef,
    FieldType,
    Organization,
    Procedure,
    RoleDef,
    Step,
)
from connector.sop.table import ahead, is_requesters

#: Words that tell no service from another.
FILLERS = frozenset(
    {
        *(
            "ada",
            "agar",
            "akan",
            "anda",
            "apa",
            "atau",
            "bagaimana",
            "bagi",
            "bisa",
            "cara",
            "dan",
            "dari",
            "dengan",
        ),
        *(
            "di",
            "dapat",
            "ingin",
            "ini",
            "itu",
            "ke",
            "kami",
            "karena",
            "mau",
            "minta",
            "mohon",
            "pada",
            "perlu",
        ),
        *("permohonan", "saya", "tidak", "tentang", "untuk", "yang"),
        *(
            "a",
            "an",
            "and",
            "at",
            "can",
            "cannot",
            "do",
            "for",
            "from",
            "get",
            "have",
            "how",
            "i",
            "in",
            "is",
            "it",
        ),
        *("my", "need", "not", "of", "on", "or", "please", "the", "to", "want", "with", "you"),
    }
)
#: How much a word counts by where it was found.
TITLE, KEYWORD, SUMMARY, FORM = 8, 6, 4, 2
#: A word of so many letters may have one wrong; of so many two, if it begins right.
ONE_WRONG, TWO_WRONG = 4, 6
#: A word may be cut short if this much of it was typed.
BEGINNING = 3
PARTLY = 0.6


@dataclass(frozen=True)
class Duration:
    """How long a service takes if everything goes well: working days, and whether all of it stands in the POS."""

    days: int
    stated: bool


@dataclass(frozen=True)
class Service:
    """One service of the list."""

    organization: Organization
    procedure: Procedure
    category: Category | None
    duration: Duration | None

    @property
    def fields(self) -> tuple[FieldDef, ...]:
        """What its form asks."""
        known = {field.id: field for field in self.procedure.fields}
        return tuple(known[name] for name in (self.procedure.form.fields if self.procedure.form else ()))

    @property
    def titles(self) -> Mapping[str, RoleDef]:
        """The organization's roles by id."""
        return {role.id: role for role in self.organization.roles}

    @property
    def papers(self) -> tuple[FieldDef, ...]:
        """The files to have ready."""
        return tuple(field for field in self.fields if field.type is FieldType.FILE)

    @property
    def details(self) -> tuple[FieldDef, ...]:
        """What else to have at hand; not what everybody knows by heart, and not what is told in one's own words."""
        return tuple(field for field in self.fields if field.type is FieldType.IDENTITY)

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The words by which it is found, in both languages, each with how much it counts."""
        procedure, found = self.procedure, dict[str, int]()
        english = procedure.en
        for text, weight in (
            *((text, TITLE) for text in (procedure.title, english.title if english else "")),
            *((text, KEYWORD) for text in (*procedure.keywords, *(english.keywords if english else ()))),
            *((text, SUMMARY) for text in (procedure.summary, english.summary if english else "")),
            *((text, SUMMARY) for text in _category_words(self.category)),
            *((text, FORM) for field in self.fields for text in _field_words(field)),
        ):
            for word in words_of(text):
                found[word] = max(weight, found.get(word, 0))
        return found


@dataclass(frozen=True)
class Section:
    """Services under one heading: an organization or a category; neither: those of no category."""

    services: tuple[Service, ...]
    organization: Organization | None = None
    category: Category | None = None


def services(catalogue: Catalogue, rulebook: Mapping[str, Rules], today: dt.date) -> tuple[Service, ...]:
    """Every service that the public may ask for."""
    return tuple(
        service(catalogue, rules, today)
        for organization in catalogue.organizations
        for rules in (rulebook[p.key] for p in catalogue.procedures if p.profile == organization.id)
        if rules.procedure.form is not None
    )


def service(catalogue: Catalogue, rules: Rules, today: dt.date) -> Service:
    """One service."""
    wanted = rules.procedure.category
    category = next((each for each in catalogue.categories if each.id == wanted), None)
    return Service(rules.organization, rules.procedure, category, duration(rules, today))


def sections(catalogue: Catalogue, found: Sequence[Service]) -> tuple[Section, ...]:
    """Under the organizations where there are several, else under the needs."""
    present = [each for each in catalogue.organizations if any(s.organization == each for s in found)]
    if len(present) > 1:
        return tuple(
            Section(tuple(s for s in found if s.organization == each), organization=each) for each in present
        )
    grouped = [
        Section(tuple(s for s in found if s.category == each), category=each)
        for each in (*catalogue.categories, None)
    ]
    return tuple(section for section in grouped if section.services)


def search(found: Sequence[Service], query: str) -> tuple[Service, ...]:
    """The services that a question means, the likeliest first; those that all of its words fit, if there are any."""
    asked = [word for word in words_of(query) if word not in FILLERS] or list(words_of(query))
    if not asked:
        return tuple(found)
    scored = [(sum(scores), all(scores), each) for each in found for scores in [_scores(each.words, asked)]]
    complete = [entry for entry in scored if entry[1]]
    good = complete or [entry for entry in scored if entry[0]]
    return tuple(each for _, _, each in sorted(good, key=lambda entry: -entry[0]))


def duration(rules: Rules, today: dt.date) -> Duration | None:
    """The limits of the office's own steps one after the other, in working days; None if a step has none.

    Where an answer decides on a limit it is the longest. The steps are those of a request for which all goes well.
    """
    first = rules.procedure.first_step
    own = [
        step
        for step in (first, *ahead(rules.procedure, first.id))
        if not is_requesters(rules.procedure, step)
    ]
    if not own or any(step.limit is None and step.limit_by is None for step in own):
        return None
    calendar = rules.calendar
    begin = _opening(calendar, today + dt.timedelta(1))
    at = begin
    for step in own:
        at = _longest(calendar, step, at)
    return Duration(
        _working_days(calendar, begin.date(), at.date()),
        all(step.basis.limit is Basis.STATED for step in own),
    )


# inside ---------------------------------------------------------------------------------------------------------


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text: small letters, no accents, `wi-fi` as `wifi`."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode("ascii")
    return tuple(dict.fromkeys(re.findall(r"[a-z0-9]+", re.sub(r"(?<=\w)-(?=\w)", "", plain))))


def distance(one: str, other: str, most: int) -> int:
    """How many letters must be added, left out, changed, or swapped with their neighbour; `most` + 1: too many."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    rows: list[list[int]] = [list(range(len(other) + 1))]
    for i, mine in enumerate(one, 1):
        row = [i]
        for j, theirs in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == other[j - 2] and theirs == one[i - 2]:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return min(rows[-1][-1], most + 1)


def _scores(words: Mapping[str, int], asked: Sequence[str]) -> list[float]:
    return [max((weight * _fit(each, word) for word, weight in words.items()), default=0.0) for each in asked]


def _fit(asked: str, word: str) -> float:
    """How well a word of the question fits one of a service, from 0 to 1."""
    if asked == word:
        return 1.0
    if len(asked) >= BEGINNING and word.startswith(asked):
        return 0.8
    # «perbaikan» and «baik», «jaringannya» and «jaringan»: Indonesian words grow at both ends
    if len(word) > ONE_WRONG and word in asked:
        return 0.7
    most = 2 if len(asked) >= TWO_WRONG and asked[0] == word[0] else 1 if len(asked) >= ONE_WRONG else 0
    wrong = distance(asked, word, most) if most else 1
    return PARTLY / wrong if wrong <= most else 0.0


def _category_words(category: Category | None) -> Iterable[str]:
    if category is None:
        return ()
    return (category.title, category.en.title if category.en else "")


def _field_words(field: FieldDef) -> Iterable[str]:
    """A form's own words, where they say what the service is about: its choices."""
    return (*field.choices, *(field.en.choices if field.en else ())) if not field.personal else ()


def _opening(calendar: WorkCalendar, day: dt.date) -> dt.datetime:
    """When the office opens on this day, or on the next one that is worked."""
    closing = calendar.closing(day)
    return closing.replace(hour=0, minute=0, second=0)


def _longest(calendar: WorkCalendar, step: Step, at: dt.datetime) -> dt.datetime:
    choices = step.limit_by.limits if step.limit_by else {}
    limits = [limit_of(step, {step.limit_by.field: each} if step.limit_by else {}) for each in (*choices, "")]
    return max(calendar.due(at, limit) for limit in limits if limit is not None)


def _working_days(calendar: WorkCalendar, first: dt.date, last: dt.date) -> int:
    """Working days from the first to the last, the day of receipt not counted; at least one."""
    days = (first + dt.timedelta(i) for i in range(1, (last - first).days + 1))
    return max(1, sum(1 for day in days if calendar.hours(day)))
