"""How long an organization keeps personal data of tickets that have ended."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from connector.sop.base import Frozen


class CalendarUnit(StrEnum):
    """Units of time by the calendar, holidays and all."""

    DAY = "hari"
    MONTH = "bulan"
    YEAR = "tahun"


class Age(Frozen):
    """A time by the calendar. Written `90 hari`, `6 bulan`, `2 tahun`."""

    amount: Annotated[int, Field(gt=0, le=1000)]
    unit: CalendarUnit

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"(\d+) +([a-z]+)", value.strip())
        if match is None or match[2] not in set(CalendarUnit):
            names = ", ".join(CalendarUnit)
            raise ValueError(f"«{value}» bukan umur; tulis angka dan satuan ({names}), misalnya «2 tahun»")
        return {"amount": int(match[1]), "unit": match[2]}

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"

    def after(self, instant: dt.datetime) -> dt.datetime:
        """The instant so much later; in a month that has no such day its last one."""
        if self.unit is CalendarUnit.DAY:
            return instant + dt.timedelta(days=self.amount)
        months = self.amount * (12 if self.unit is CalendarUnit.YEAR else 1)
        year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
        day = min(instant.day, calendar.monthrange(year, month + 1)[1])
        return instant.replace(year=year, month=month + 1, day=day)


class Privacy(Frozen):
    """Personal data of a ticket is overwritten so long `anonymize_after` its end."""

    anonymize_after: Age
