"""What each template prints. A further document is a template and an entry here. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.documents.berita_acara import berita_acara_data
from connector.documents.order import Builder, Order
from connector.errors import DocumentError

BUILDERS: Mapping[str, Builder] = {"berita-acara": berita_acara_data}


def document_data(order: Order, builders: Mapping[str, Builder] = BUILDERS) -> dict[str, Any]:
    """What the document of an order says, in JSON's own types: kept and read back it is the same.

    Raises:
        DocumentError: nobody knows what its template prints.
    """
    builder = builders.get(order.template)
    if builder is None:
        known = ", ".join(sorted(builders))
        raise DocumentError(f"dokumen «{order.template}» tidak dikenal; yang ada: {known}")
    plain: dict[str, Any] = json.loads(json.dumps(builder(order), ensure_ascii=False, allow_nan=False))
    return plain
