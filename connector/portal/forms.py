"""Read a form that the mapping describes: every answer checked, every error beside its question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.engine.snapshot import SubmittedFile
from connector.portal.checks import WrongError, checked, clean, missing
from connector.portal.language import gettext as _
from connector.portal.papers import SentFile, chosen, judged, name_of, too_many
from connector.ports import Upload
from connector.sop.model import FieldDef, FieldType, Form

Conditions = Mapping[str, Mapping[str, Sequence[str]]]
Held = Mapping[str, Sequence[SubmittedFile]]


@dataclass(frozen=True)
class Asked:
    """What a form asks, and on what terms.

    `optional` may be empty although the mapping requires them; `when` are the conditions under which a field is
    asked; `domains` those of the requester's address; `largest` the server's limit for a file in MB.
    """

    fields: tuple[FieldDef, ...]
    optional: frozenset[str] = frozenset()
    when: Conditions = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    largest: int = 5

    @classmethod
    def of(cls, fields: Iterable[FieldDef], form: Form | None, largest: int) -> Asked:
        """What a procedure's own form asks."""
        when = form.when if form else {}
        return cls(tuple(fields), when=when, domains=form.email_domains if form else (), largest=largest)


@dataclass(frozen=True)
class Answers:
    """What was sent, and what is wrong with it, by field id. `held` are the files that came before."""

    values: Mapping[str, str] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    held: Held = field(default_factory=dict)

    def files(self, field_id: str) -> Sequence[SubmittedFile]:
        """The files of a field that came before."""
        return self.held.get(field_id, ())


NOTHING = Answers()


def read(
    asked: Asked,
    texts: Mapping[str, str],
    files: Mapping[str, Sequence[SentFile]],
    held: Held | None = None,
) -> Answers:
    """Read the answers. One to a question that its condition does not ask is left out."""
    known = held or {}
    values: dict[str, str] = {}
    uploads: list[Upload] = []
    errors: dict[str, str] = {}
    for each in asked.fields:
        if not applies(asked.when, each.id, values):
            continue
        required = each.required and each.id not in asked.optional
        if each.type is FieldType.FILE:
            new, wrong = _files(each, chosen(files.get(each.id, ())), known.get(each.id, ()), asked.largest)
            uploads += new
            if wrong or (required and not new and not known.get(each.id)):
                errors[each.id] = wrong or missing(each.type)
            continue
        values[each.id], wrong = _answer(each, clean(texts.get(each.id, "")), required=required)
        if wrong:
            errors[each.id] = wrong
    errors |= _foreign_address(asked, values, errors)
    return Answers(values, tuple(uploads), errors, known)


def raw(asked: Asked, texts: Mapping[str, str], held: Held | None = None) -> Answers:
    """The answers as they are, right or wrong: for a form that is not finished."""
    named = (each.id for each in asked.fields if each.type is not FieldType.FILE)
    return Answers({name: clean(texts.get(name, "")) for name in named}, held=held or {})


def applies(when: Conditions, name: str, values: Mapping[str, str]) -> bool:
    """Whether a question is asked, given the answers to those before it."""
    return all(values.get(other, "") in wanted for other, wanted in when.get(name, {}).items())


def _answer(each: FieldDef, value: str, *, required: bool) -> tuple[str, str]:
    """An answer as it is kept, and what is wrong with it."""
    if not value:
        return value, missing(each.type) if required else ""
    try:
        return checked(each, value), ""
    except WrongError as wrong:
        return value, str(wrong)


def _files(
    each: FieldDef, sent: Sequence[SentFile], known: Sequence[SubmittedFile], largest: int
) -> tuple[list[Upload], str]:
    """The good ones among the files of a field, and what is wrong with the others."""
    good: list[Upload] = []
    bad: list[str] = []
    for file in sent:
        try:
            good.append(judged(each, file, largest))
        except WrongError as wrong:
            bad.append(f"{name_of(file)}: {wrong}" if each.max_files > 1 else str(wrong))
    # where one is asked for, a new one takes the place of the old
    room = each.max_files - (len(known) if each.max_files > 1 else 0)
    if len(good) > room:
        bad.append(too_many(each))
    return good[: max(room, 0)], " ".join(bad)


def _foreign_address(asked: Asked, values: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, str]:
    """The requester's address, where only some domains may ask."""
    own = next((each.id for each in asked.fields if each.type is FieldType.EMAIL), "")
    domain = values.get(own, "").rpartition("@")[2].lower()
    if not asked.domains or not domain or own in errors:
        return {}
    if any(domain == each or domain.endswith(f".{each}") for each in asked.domains):
        return {}
    names = ", ".join(f"@{each}" for each in asked.domains)
    return {own: _("Pakai alamat email dari %(domains)s.", domains=names)}
