"""What the pages say about a form and its questions, in the language of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from connector.portal.catalogue import Duration
from connector.portal.checks import identity_words
from connector.portal.forms import Conditions
from connector.portal.language import choice_words, marked, ngettext, phrase, plain, said
from connector.portal.language import gettext as _
from connector.portal.papers import hint, kinds_of, limit_of
from connector.sop.model import FieldDef, FieldType, Procedure

#: More than so many words of a choice are not read at a glance as buttons; they become a list.
FEW = 4


def choices(field: FieldDef) -> list[tuple[str, str, str]]:
    """What is sent for each choice, what is shown, and the language that it is in."""
    return [(choice, *choice_words(field, choice)) for choice in field.choices]


def question_help(field: FieldDef, largest: int) -> Markup:
    """The hint below a question: the mapping's own words, and what the type asks for."""
    parts: list[str | Markup] = [said(field, "help")]
    if field.type is FieldType.FILE:
        parts.append(hint(field, largest))
    if field.type is FieldType.IDENTITY and field.accepted:
        parts.append(_("Tulis %(kinds)s.", kinds=identity_words(field)))
    return Markup(" ").join(part for part in parts if part)


def condition_words(field: FieldDef, when: Conditions, known: Mapping[str, FieldDef]) -> Markup | str:
    """`Isi bila «Layanan yang diminta» adalah Perangkat keras atau Perangkat lunak.`"""
    parts: list[Markup] = []
    for other, values in when.get(field.id, {}).items():
        shown = [marked(*choice_words(known[other], value)) for value in values]
        listed = shown.pop()
        if shown:
            listed = phrase("%(several)s atau %(last)s", several=Markup(", ").join(shown), last=listed)
        parts.append(
            phrase("«%(question)s» adalah %(values)s", question=said(known[other], "label"), values=listed)
        )
    return phrase("Isi bila %(conditions)s.", conditions=Markup("; ").join(parts)) if parts else ""


def condition_data(field: FieldDef, when: Conditions) -> str:
    """The same for the script, which hides the question until then."""
    conditions = when.get(field.id, {})
    return json.dumps({name: list(values) for name, values in conditions.items()}) if conditions else ""


def duration_words(duration: Duration | None) -> str:
    """How long a service takes, and how sure that is."""
    if duration is None:
        return _("Lamanya belum ditetapkan.")
    days = ngettext("%(num)d hari kerja", "%(num)d hari kerja", duration.days)
    if duration.stated:
        return _("Paling lama sekitar %(days)s menurut POS.", days=days)
    return _(
        "Paling lama sekitar %(days)s; perkiraan, karena sebagian waktunya tidak tertulis dalam POS.",
        days=days,
    )


def audience(procedure: Procedure, titles: Mapping[str, Any]) -> Markup | str:
    """Who may ask: as the mapping says, else the roles of those who begin."""
    if procedure.audience:
        return said(procedure, "audience")
    begin = [role for step in procedure.steps if step.status is None for role in step.roles]
    named = dict.fromkeys(begin or procedure.requesters)
    return Markup(", ").join(said(titles[role], "title") for role in named if role in titles)


def error_count(count: int) -> str:
    """The headline of the summary of errors."""
    return ngettext("Ada satu isian yang perlu diperbaiki", "Ada %(num)d isian yang perlu diperbaiki", count)


HELPERS: Mapping[str, Any] = {
    "choices_of": choices,
    "question_help": question_help,
    "condition_words": condition_words,
    "condition_data": condition_data,
    "duration_words": duration_words,
    "audience": audience,
    "error_count": error_count,
    "plain": plain,
    "kinds_of": kinds_of,
    "limit_of": limit_of,
    "FEW": FEW,
}
