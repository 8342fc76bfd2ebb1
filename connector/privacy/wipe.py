"""What is overwritten of one ticket, and with what. Pure; the shapes are those of docs/plugin-api.md.

Number, steps and times stay, so that reports stay right. So do the documents that were issued, unless the mapping
says otherwise, and archives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connector.engine.state import MAIL, TicketState
from connector.privacy.words import MARK, NAME_MARK, Words
from connector.sop.keys import SYSTEM_FIELDS
from connector.sop.model import Catalogue, FieldType, Procedure

#: Types whose values are words by which a person can be found in other texts.
TELLING = (FieldType.TEXT, FieldType.EMAIL, FieldType.EMAILS, FieldType.PHONE, FieldType.IDENTITY)
#: Types that hold what people write.
WRITTEN = (FieldType.TEXT, FieldType.PARAGRAPH)
ATTACHMENT, FIELD = "attachment", "cf"
TEXTS = ("subject", "description")
#: What people wrote in the state of a ticket, and who somebody is there.
SAID = ("reason", "remark")
WHO = ("name", "address")


@dataclass(frozen=True)
class Private:
    """The fields by Redmine's ids: the personal ones with their types; of the others which hold what nobody writes
    himself (`fixed`), and which are long texts. `labels`: those of personal files.

    A field of ours that no mapping knows any more may be anybody's, and is personal.
    """

    types: Mapping[int, FieldType | None]
    fixed: frozenset[int] = frozenset()
    long: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()

    @classmethod
    def of(cls, catalogue: Catalogue, ids: Mapping[str, int]) -> Private:
        """From the mappings and the plugin's table of keys."""
        every = {each.key: each for procedure in catalogue.procedures for each in procedure.fields}
        written = SYSTEM_FIELDS.values()
        ours = {key: ref for key, ref in ids.items() if key.startswith("field:") and key not in written}
        return cls(
            types={
                ref: every[key].type if key in every else None
                for key, ref in ours.items()
                if key not in every or every[key].personal
            },
            fixed=frozenset(
                ref
                for key, ref in ids.items()
                if key in written or (key in every and every[key].type not in WRITTEN)
            ),
            long=frozenset(
                ref for key, ref in ours.items() if key in every and every[key].type is FieldType.PARAGRAPH
            ),
            labels=frozenset(
                each.label for each in every.values() if each.personal and each.type is FieldType.FILE
            ),
        )

    def is_file(self, ref: int) -> bool:
        """Whether what it holds may be the number of an attachment."""
        return ref in self.types and self.types[ref] in (FieldType.FILE, None)

    def tells(self, ref: int) -> bool:
        """Whether its value is to be looked for in other texts."""
        return ref in self.types and self.types[ref] in TELLING


@dataclass(frozen=True)
class Wipe:
    """What is overwritten: the parts of the plugin's request."""

    texts: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str | None] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    delete_files: tuple[int, ...] = ()
    forget_sender: bool = False

    @property
    def counts(self) -> Mapping[str, int]:
        """How much of each: fields, files, notes and other entries of the history, texts."""
        return {
            "fields": len(self.fields),
            "files": len(self.delete_files),
            "history": len(self.notes) + len(self.details),
            "texts": len(self.texts) + len(self.files) + int(self.forget_sender),
        }

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to overwrite."""
        return not any(self.counts.values())

    def request(
        self, body: Mapping[str, Any], note: str, state: Mapping[str, Any], now: dt.datetime
    ) -> dict[str, Any]:
        """The body of the plugin's call, for the issue as it was read."""
        return {
            "expected_journal": body["last_journal"],
            "expected_version": body["state"]["version"],
            "texts": self.texts,
            "fields": self.fields,
            "notes": self.notes,
            "details": self.details,
            "files": self.files,
            "delete_files": list(self.delete_files),
            "forget_sender": self.forget_sender,
            "note": note,
            "state": {**state, "anonymized": now.astimezone(dt.UTC).isoformat()},
        }


@dataclass(frozen=True)
class Ticket:
    """One issue as the plugin gives it, seen for what it says of persons."""

    body: Mapping[str, Any]
    private: Private
    kept: frozenset[str] = frozenset()
    """SHA-256 of the files that stay whatever they hold."""

    @cached_property
    def _files(self) -> list[Mapping[str, Any]]:
        return [*self.body["attachments"], *self.body["files"]]

    @cached_property
    def _staying(self) -> frozenset[int]:
        return frozenset(each["id"] for each in self._files if each["digest"] in self.kept)

    @cached_property
    def _details(self) -> list[Mapping[str, Any]]:
        return [detail for journal in self.body["journals"] for detail in journal["details"]]

    @cached_property
    def _values(self) -> Mapping[int, list[str]]:
        """The values of every field, by its id."""
        return {each["id"]: _texts(each["value"]) for each in self.body["issue"]["custom_fields"]}

    @cached_property
    def words(self) -> Words:
        """The words of its persons: of the fields as they are and were, and of a mail's sender."""
        return Words(self._told())

    def _told(self) -> Iterator[str]:
        for ref, texts in self._values.items():
            if self.private.tells(ref):
                yield from self._split(ref, texts)
        for detail in self._details:
            changed = _field(detail)
            if changed is not None and self.private.tells(changed):
                yield from self._split(changed, filter(None, (detail["old_value"], detail["value"])))
        sender = self.body.get("sender") or {}
        yield from filter(None, (sender.get("mail"), sender.get("name")))

    def _split(self, ref: int, texts: Iterable[str]) -> Iterator[str]:
        several = self.private.types[ref] is FieldType.EMAILS
        for text in texts:
            yield from text.split(",") if several else (text,)

    @cached_property
    def _gone(self) -> frozenset[int]:
        """The attachments that hold personal data: what stands or stood in such a field, and what came with it."""
        named = {
            int(text)
            for detail in self._details
            if self.private.is_file(_field(detail) or 0)
            for text in (detail["old_value"], detail["value"])
            if text and text.isdecimal()
        }
        kept = {each["id"] for each in self.body["attachments"]}
        held = {each["id"] for each in self.body["files"] if each["field_id"] in self.private.types}
        along = {
            each["id"] for each in self.body["attachments"] if each["description"] in self.private.labels
        }
        return frozenset(held | along | (named & kept)) - self._staying

    def wipe(self) -> Wipe:
        """What is to be overwritten."""
        return Wipe(
            texts=self._rewritten_texts(),
            fields=self._rewritten_fields(),
            notes={
                str(journal["id"]): text
                for journal in self.body["journals"]
                if (text := self.words.out_of(journal["notes"], free=True)) != journal["notes"]
            },
            details=dict(self._rewritten_details()),
            files=dict(self._renamed()),
            delete_files=tuple(sorted(self._gone)),
            forget_sender=bool(self.body.get("sender")),
        )

    def _rewritten_texts(self) -> dict[str, str]:
        issue = self.body["issue"]
        found = {name: self.words.out_of(issue[name], free=name == "description") for name in TEXTS}
        if self.body["state"]["data"].get("origin") == MAIL and issue["description"]:
            found["description"] = MARK  # a letter, with whatever stands below it
        return {name: text for name, text in found.items() if text != issue[name]}

    def _rewritten_fields(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for ref, texts in self._values.items():
            if ref in self.private.types:
                if texts and not self._names_staying(ref, *texts):
                    found[str(ref)] = None
            elif ref not in self.private.fixed and len(texts) == 1:
                text = self.words.out_of(texts[0], free=ref in self.private.long)
                if text != texts[0]:
                    found[str(ref)] = text
        return found

    def _names_staying(self, ref: int, *texts: str) -> bool:
        """Whether these values of a field are the numbers of files that stay."""
        return self.private.is_file(ref) and all(_number(each) in self._staying for each in texts)

    def _rewritten_details(self) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
        for detail in self._details:
            both = detail["old_value"], detail["value"]
            old, new = (text and self._detail(detail, text) for text in both)
            if (old, new) != both:
                yield str(detail["id"]), (old, new)

    def _detail(self, detail: Mapping[str, Any], text: str) -> str:
        """What an old or new value in the history becomes."""
        ref = _field(detail)
        name = detail["property"] == ATTACHMENT
        if ref is not None and ref in self.private.types:
            return text if self._names_staying(ref, text) else MARK
        if name and _number(detail["prop_key"]) in self._gone:
            return MARK
        if ref in self.private.fixed:
            return text
        free = ref in self.private.long or detail["prop_key"] == "description"
        return self.words.out_of(text, free=free, mark=NAME_MARK if name else MARK)

    def _renamed(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The files that stay, where their name or description names a person."""
        for each in self._files:
            if each["id"] in self._gone | self._staying:
                continue
            told = {
                "filename": self.words.out_of(each["filename"], mark=NAME_MARK),
                "description": self.words.out_of(each["description"], free=True),
            }
            changed = {name: text for name, text in told.items() if text != each[name]}
            if changed:
                yield str(each["id"]), changed

    @property
    def others(self) -> int:
        """How many files stay that are no issued documents: what they hold only people can say."""
        return len({each["id"] for each in self._files} - self._gone - self._staying)

    def state(self) -> Mapping[str, Any]:
        """The state with the reasons that people wrote cleaned."""
        cleaned: Mapping[str, Any] = _reasons(self.body["state"]["data"], self.words)
        return cleaned


def staying(state: TicketState, procedure: Procedure) -> frozenset[str]:
    """SHA-256 of the ticket's issued documents, but for those that go by the mapping."""
    going = {each.id for each in procedure.documents if each.erase}
    return frozenset(each.sha256 for each in state.documents if each.sha256 and each.field not in going)


def _reasons(value: Any, words: Words) -> Any:
    if isinstance(value, list):
        return [_reasons(each, words) for each in value]
    if not isinstance(value, Mapping):
        return value
    who = set(WHO) <= set(value)
    return {key: MARK if who and key in WHO else _cleaned(key, each, words) for key, each in value.items()}


def _cleaned(key: str, value: Any, words: Words) -> Any:
    if isinstance(value, str):
        return words.out_of(value, free=True) if key in SAID else value
    return _reasons(value, words)


def _texts(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each]


def _field(detail: Mapping[str, Any]) -> int | None:
    return _number(detail["prop_key"]) if detail["property"] == FIELD else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
