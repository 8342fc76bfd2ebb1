"""Lines of costs as people write them, and rupiah as letters print them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connector.documents.indonesian import LARGEST, spelled
from connector.errors import DocumentError

FORM = "uraian; jumlah; satuan; harga satuan"


@dataclass(frozen=True)
class Cost:
    """One line: how much of what, and what one costs (rupiah)."""

    what: str
    quantity: Decimal
    unit: str
    price: int

    @property
    def total(self) -> int:
        """What all of it costs, in whole rupiah."""
        return int((self.quantity * self.price).quantize(Decimal(1), ROUND_HALF_UP))


def costs(text: str, field: str) -> list[Cost]:
    """The lines of a field, named by its label.

    Raises:
        DocumentError: a line is none, so that no sum is ever short of it.
    """
    return list(_costs(text, field))


def _costs(text: str, field: str) -> Iterator[Cost]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split(";")]
        try:
            what, quantity, unit, price = parts
            cost = Cost(what, _quantity(quantity), unit, _rupiah(price))
        except ValueError:
            raise DocumentError(
                f"isian «{field}» baris {number} tidak dapat dibaca; tulis satu barang satu baris: {FORM}, "
                "misalnya «Kabel UTP Cat6; 100; meter; 8.500»"
            ) from None
        if cost.total > LARGEST:
            raise DocumentError(f"isian «{field}» baris {number}: jumlahnya terlalu besar")
        yield cost


def _quantity(text: str) -> Decimal:
    """`1.250` and `2,5`: points part thousands, a comma parts decimals."""
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,3})?|\d{1,9}(,\d{1,3})?", text) is None:
        raise ValueError(text)
    return Decimal(text.replace(".", "").replace(",", "."))


def _rupiah(text: str) -> int:
    """`8.500`, `Rp8.500`, `Rp 8.500,00`."""
    found = re.fullmatch(r"(?:Rp\.?\s*)?(\d{1,3}(?:\.\d{3})+|\d{1,12})(?:,(?:00|-))?", text, re.IGNORECASE)
    if found is None:
        raise ValueError(text)
    return int(found[1].replace(".", ""))


def rupiah(amount: int) -> str:
    """`Rp1.250.000`."""
    return f"Rp{grouped(amount)}"


def grouped(amount: int) -> str:
    """`1.250.000`."""
    return f"{amount:,}".replace(",", ".")


def quantity_words(quantity: Decimal) -> str:
    """`100`, `2,5`."""
    whole, _, rest = f"{quantity.normalize():f}".partition(".")
    return f"{grouped(int(whole))},{rest}" if rest else grouped(int(whole))


def rupiah_spelled(amount: int) -> str:
    """`satu juta dua ratus lima puluh ribu rupiah`."""
    return f"{spelled(amount)} rupiah"
