"""Makes the documents that a plan orders: data, code, PDF, and the entry for the ticket's state."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from connector.documents.builders import document_data
from connector.documents.codes import verification_code
from connector.documents.order import Order
from connector.engine.effects import MakeDocument
from connector.engine.snapshot import Snapshot
from connector.engine.state import Issued, TicketState
from connector.sop.model import Organization, Procedure

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

    def __init__(self, renderer: Renderer, public_url: str, secret: bytes) -> None:
        if not secret:
            raise ValueError("kunci rahasia kosong")
        self._renderer = renderer
        self._public_url = public_url
        self._secret = secret

    def make(
        self,
        effect: MakeDocument,
        procedure: Procedure,
        organization: Organization,
        snapshot: Snapshot,
        state: TicketState,
        now: dt.datetime,
    ) -> MadeDocument:
        """The document of an effect. Made again of the same ticket at the same instant it is the same.

        Raises:
            DocumentError: the mapping no longer has it, what it prints cannot be read, or it cannot be rendered.
        """
        order = self.order(effect, procedure, organization, snapshot, state, now)
        return self.made(order, self.data(order))

    def order(
        self,
        effect: MakeDocument,
        procedure: Procedure,
        organization: Organization,
        snapshot: Snapshot,
        state: TicketState,
        now: dt.datetime,
    ) -> Order:
        """The effect with everything that its document is made from."""
        code = verification_code(self._secret, state.number, effect.template, effect.number)
        return Order(
            procedure=procedure,
            organization=organization,
            snapshot=snapshot,
            state=state,
            template=effect.template,
            field=effect.field_id,
            number=effect.number,
            code=code,
            verify_url=f"{self._public_url.rstrip('/')}/verifikasi/{code}",
            at=now,
        )

    def data(self, order: Order) -> dict[str, Any]:
        """What the document says, as JSON that can be kept.

        Raises:
            DocumentError: the mapping no longer has it, or what it prints cannot be read.
        """
        return document_data(order)

    def made(self, order: Order, data: Mapping[str, object]) -> MadeDocument:
        """The document with this data, kept or new: bytes come from the template, the data and the instant alone.

        Raises:
            DocumentError: it cannot be rendered.
        """
        return self.holding(order, self._renderer.render(order.template, data, now=order.at))

    def holding(self, order: Order, content: bytes) -> MadeDocument:
        """The document of an order that consists of these bytes."""
        digest = hashlib.sha256(content).hexdigest()
        return MadeDocument(_filename(order.number), CONTENT_TYPE, content, digest, _issued(order, digest))


def _issued(order: Order, digest: str) -> Issued:
    """The entry for the state; the attachment's id is known only when Redmine has the file."""
    return Issued(
        template=order.template,
        field=order.field,
        number=order.number,
        code=order.code,
        sha256=digest,
        attachment=None,
        at=order.at,
    )


def _filename(number: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", number).strip("-")[:100] + ".pdf"
