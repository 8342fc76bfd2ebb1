"""What the texts of a document may name: the ticket's fields, and the facts of `papers.FACTS`. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from zoneinfo import ZoneInfo

from connector.documents.indonesian import date_short, date_spelled
from connector.documents.order import Order
from connector.engine.words import DAYS, date_long, instant_words, zone_name
from connector.sop.model import FieldDef, FieldType, Step
from connector.sop.papers import FACTS, PLACEHOLDER, placeholders

#: Stands in a sentence for what is not known: room to write it.
BLANK = "…………………………"


class Values:
    """The words of one order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.zone = ZoneInfo(order.organization.calendar.timezone)
        self._fields = {field.id: field for field in order.procedure.fields}

    @property
    def day(self) -> dt.date:
        """The date that the document carries."""
        return self.order.at.astimezone(self.zone).date()

    def field(self, field_id: str) -> FieldDef | None:
        """The field with this id, if the procedure has it."""
        return self._fields.get(field_id)

    def first(self, names: Iterable[str]) -> FieldDef | None:
        """The first of these fields that is filled."""
        found = (self._fields[name] for name in names if name in self._fields)
        return next((field for field in found if self.raw(field)), None)

    def raw(self, field: FieldDef) -> str:
        """A field's value as Redmine keeps it."""
        return self.order.snapshot.value(field).strip()

    def shown(self, field: FieldDef) -> str:
        """A field's value for a reader: dates in words, files by name."""
        file = self.order.snapshot.files.get(field.key)
        if file is not None:
            return f"Berkas {file.name}"
        value = self.raw(field)
        if field.type is FieldType.DATE:
            return self._date(value)
        if field.type is FieldType.CONSENT:
            return "Ya" if value == "1" else ""
        return value

    def named(self, name: str) -> str:
        """What stands for a name in curly brackets; empty if it is not known."""
        if name in FACTS:
            return self.facts[name]
        field = self.field(name)
        return self.shown(field) if field else ""

    def filled(self, text: str) -> str:
        """A text with its names filled in; empty if it names something and nothing of it is known."""
        names = list(placeholders(text))
        if names and not any(self.named(name) for name in names):
            return ""
        return PLACEHOLDER.sub(lambda found: self.named(found[1].strip()) or BLANK, text)

    def runs(self, text: str) -> list[dict[str, object]]:
        """A filled text in pieces, bold or not; what was filled in is never taken for a sign of bold."""
        if not self.filled(text):
            return []
        pieces = text.split("*")
        return [
            {"text": self.filled(piece) or BLANK, "bold": index % 2 == 1}
            for index, piece in enumerate(pieces)
            if piece
        ]

    def instant(self, at: dt.datetime | None) -> str:
        """An instant in words; empty if there is none."""
        return instant_words(at, self.zone) if at else ""

    @cached_property
    def facts(self) -> dict[str, str]:
        """Every fact of `papers.FACTS`."""
        order = self.order
        organization, procedure, state = order.organization, order.procedure, order.state
        today = order.at.astimezone(self.zone).date()
        left = [stay.left for stay in state.stays if stay.left is not None]
        due = state.stay.due if state.stay else None
        return {
            "nomor": order.number,
            "tiket": state.number,
            "judul": procedure.title,
            "kode": procedure.code,
            "formulir": procedure.form.title if procedure.form else procedure.title,
            "hari": DAYS[today.weekday()],
            "tanggal": date_long(today),
            "tanggal_angka": date_short(today),
            "tanggal_terbilang": date_spelled(today),
            "kota": organization.city,
            "kantor": organization.office,
            "organisasi": organization.name,
            "kontak": organization.contact or organization.letterhead.contact,
            "diterima": self.instant(state.received),
            "selesai": self.instant(left[-1] if left else None),
            "langkah": _step_words(self.here),
            "batas": self.instant(due),
            "zona": zone_name(order.at, self.zone),
        }

    @property
    def here(self) -> Step | None:
        """The step in which the ticket stands."""
        stay = self.order.state.stay
        return self.order.procedure.step(stay.step) if stay else None

    def _date(self, value: str) -> str:
        """A date as Redmine keeps it, in words; what is none stays as it is."""
        try:
            return date_long(dt.date.fromisoformat(value))
        except ValueError:
            return value


def _step_words(step: Step | None) -> str:
    return f"{step.no}. {step.title}" if step else ""
