"""Makes the documents that a plan orders: data, code, PDF, and the entry for the ticket's state."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from connector.documents.berita_acara import berita_acara_data
from connector.documents.codes import verification_code
from connector.engine.effects import MakeDocument
from connector.engine.snapshot import Snapshot
from connector.engine.state import Issued, TicketState
from connector.errors import DocumentError
from connector.sop.model import Organization, Procedure

Builder = Callable[
    [Procedure, Organization, Snapshot, TicketState, str, str, str, dt.datetime], Mapping[str, object]
]

#: What each template prints. A further document is a template and an entry here.
BUILDERS: Mapping[str, Builder] = {"berita-acara": berita_acara_data}

CONTENT_TYPE = "application/pdf"


class Renderer(Protocol):
    """Makes a PDF of a template and its data."""

    def render(self, template: str, data: Mapping[str, object], *, now: dt.datetime) -> bytes:
        """The same bytes for the same data and instant."""


@dataclass(frozen=True)
class MadeDocument:
    """A document, with what the ticket's state keeps of it."""

    filename: str
    content_type: str
    content: bytes
    sha256: str
    issued: Issued


class DocumentService:
    """Documents of tickets; their codes lead to `PUBLIC_URL/verifikasi/CODE`."""

    def __init__(
        self,
        renderer: Renderer,
        public_url: str,
        secret: bytes,
        builders: Mapping[str, Builder] = BUILDERS,
    ) -> None:
        if not secret:
            raise ValueError("kunci rahasia kosong")
        self._renderer = renderer
        self._public_url = public_url
        self._secret = secret
        self._builders = builders

    def make(
        self,
        order: MakeDocument,
        procedure: Procedure,
        organization: Organization,
        snapshot: Snapshot,
        state: TicketState,
        now: dt.datetime,
    ) -> MadeDocument:
        """The document of an order. Made again of the same ticket at the same instant it is the same.

        Raises:
            DocumentError: nobody knows what its template prints, or it cannot be rendered.
        """
        builder = self._builders.get(order.template)
        if builder is None:
            known = ", ".join(sorted(self._builders))
            raise DocumentError(f"dokumen «{order.template}» tidak dikenal; yang ada: {known}")
        code = verification_code(self._secret, state.number, order.template, order.number)
        data = builder(procedure, organization, snapshot, state, order.number, code, self._public_url, now)
        content = self._renderer.render(order.template, data, now=now)
        digest = hashlib.sha256(content).hexdigest()
        issued = _issued(order, code, digest, now)
        return MadeDocument(_filename(order.number), CONTENT_TYPE, content, digest, issued)


def _issued(order: MakeDocument, code: str, digest: str, now: dt.datetime) -> Issued:
    """The entry for the state; the attachment's id is known only when Redmine has the file."""
    return Issued(
        template=order.template,
        field=order.field_id,
        number=order.number,
        code=code,
        sha256=digest,
        attachment=None,
        at=now,
    )


def _filename(number: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", number).strip("-")[:100] + ".pdf"
