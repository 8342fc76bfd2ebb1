"""Issues documents: each has one row in the register, and is made from that row, however often it is tried.

The row comes first, with number, instant and all that is printed; so a retry gives the same bytes. The ticket's state
in Redmine says what became of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from connector.documents.order import Order
from connector.documents.service import DocumentService, MadeDocument
from connector.engine.effects import MakeDocument
from connector.engine.snapshot import Allotted, Snapshot
from connector.engine.state import Issued, TicketState
from connector.errors import DocumentError
from connector.ports import PaperStatus, Register, Registered, Signed, Slot
from connector.sop.letters import letter_number
from connector.sop.model import Organization, Procedure


class Signer(Protocol):
    """Signs PDF."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def about(self) -> dict[str, str]: ...

    def sign(self, content: bytes, *, now: dt.datetime) -> bytes:
        """The same document with a signature."""


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Issuing:
    """Makes the documents that plans order; with a `signer` they are signed, drafts excepted."""

    service: DocumentService
    register: Register
    signer: Signer | None = None
    clock: Callable[[], dt.datetime] = _utc_now

    def make(
        self,
        effect: MakeDocument,
        procedure: Procedure,
        organization: Organization,
        snapshot: Snapshot,
        state: TicketState,
        now: dt.datetime,
    ) -> MadeDocument:
        """The document of an effect, with the number that it has or gets now.

        Raises:
            DocumentError: nobody knows what it prints, and no number is given out; or it cannot be rendered, and it
                keeps its number for the next attempt.
        """
        at = now.astimezone(dt.UTC)
        slot = slot_of(effect, organization, owner_of(state, snapshot.issue), at)

        def write(sequence: int) -> Registered:
            number = _number(effect, organization, sequence, at)
            named = effect.model_copy(update={"number": number})
            order = self.service.order(named, procedure, organization, snapshot, state, at)
            return Registered(
                slot=slot,
                sequence=sequence,
                organization=organization.id,
                ticket=state.number,
                template=effect.template,
                field=effect.field_id,
                kind=effect.kind,
                number=number,
                code=order.code,
                at=at,
                data=self._data(order),
                issue=snapshot.issue or None,
            )

        row = self.register.allot(slot, write)
        named = effect.model_copy(update={"number": row.number})
        order = self.service.order(named, procedure, organization, snapshot, state, row.at)
        # the code that was given out counts, also if the key of the codes has changed since
        order = replace(order, code=row.code, template=row.template)
        data = row.data if row.data is not None else self.service.data(order)
        made, certificate = (
            self._signed(order, data) if SEAL in data else (self.service.made(order, data), "")
        )
        return replace(made, issued=_issued(made.issued, row, certificate))

    def _data(self, order: Order) -> dict[str, Any]:
        """What is printed; that it is signed too, so that a document never says so in vain."""
        data = self.service.data(order)
        return data | {SEAL: self.signer.about} if self.signer is not None and not data["draft"] else data

    def _signed(self, order: Order, data: Mapping[str, Any]) -> tuple[MadeDocument, str]:
        """The document as it was signed once, or is now, with the certificate."""
        kept = self.register.signed(order.code)
        if kept is None:
            if self.signer is None:
                raise DocumentError("dokumen ini harus ditandatangani, tetapi SOP_SIGN_PKCS12_FILE kosong")
            content = self.signer.sign(self.service.made(order, data).content, now=self.clock())
            kept = self.register.keep_signed(order.code, Signed(content, self.signer.fingerprint))
        return self.service.holding(order, kept.content), kept.certificate


#: Where the data of a document that is to be signed name the certificate.
SEAL = "seal"


def owner_of(state: TicketState, issue: int) -> str:
    """Whose a document is: a submission's, also before it has an issue, else an issue's."""
    return state.submission or f"issue:{issue}"


def slot_of(effect: MakeDocument, organization: Organization, owner: str, at: dt.datetime) -> Slot:
    """Where a document gets its number: in its letters' register of the year, else among those of its ticket."""
    letter = organization.letters.get(effect.kind)
    if letter is None:
        return Slot(owner, effect.key, effect.number, 0)
    day = at.astimezone(ZoneInfo(organization.calendar.timezone)).date()
    return Slot(owner, effect.key, f"{organization.id}/{letter.shared or effect.kind}", day.year)


def _number(effect: MakeDocument, organization: Organization, sequence: int, at: dt.datetime) -> str:
    letter = organization.letters.get(effect.kind)
    if letter is not None:
        day = at.astimezone(ZoneInfo(organization.calendar.timezone)).date()
        return letter_number(letter.pattern, sequence, day)
    return f"{effect.number}-{sequence}" if sequence > 1 else effect.number


def _issued(issued: Issued, row: Registered, certificate: str) -> Issued:
    place = {"kind": row.kind, "key": row.slot.key, "series": row.slot.series, "year": row.slot.year}
    said = {"code": row.code, "sequence": row.sequence, "certificate": certificate}
    return issued.model_copy(update={**place, **said})


# between the register and the ticket --------------------------------------------------------------------------


def allotted(row: Registered) -> Allotted:
    """A row as a plan sees it."""
    return Allotted(
        key=row.slot.key,
        template=row.template,
        field=row.field,
        kind=row.kind,
        number=row.number,
        code=row.code,
        at=row.at,
        series=row.slot.series,
        year=row.slot.year,
        sequence=row.sequence,
    )


def registered(state: TicketState, issue: int, attachments: dict[str, int]) -> tuple[Registered, ...]:
    """What a ticket knows of its documents, as rows; `attachments`: Redmine's ids by SHA-256."""
    owner = owner_of(state, issue)
    return tuple(
        Registered(
            slot=Slot(owner, each.key or each.code, each.series, each.year),
            sequence=each.sequence,
            organization=state.procedure.partition("/")[0],
            ticket=state.number,
            template=each.template,
            field=each.field,
            kind=each.kind or each.template,
            number=each.number,
            code=each.code,
            at=each.at,
            status=_status(each),
            reason=each.void,
            replaced_by=each.replaced_by,
            sha256=each.sha256,
            issue=issue or None,
            attachment=attachments.get(each.sha256),
            certificate=each.certificate,
        )
        for each in state.documents
    )


def files_of(snapshot: Snapshot) -> dict[str, int]:
    """Redmine's ids of the files of an issue, by SHA-256."""
    return {file.digest: file.id for file in (*snapshot.attachments, *snapshot.files.values())}


def _status(document: Issued) -> PaperStatus:
    if document.void:
        return PaperStatus.VOID
    return PaperStatus.REPLACED if document.replaced_by else PaperStatus.VALID
