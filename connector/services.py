"""What the web application is built from. Made by `connector.bootstrap`, or by a test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.engine.arrival import receipt_words, requester_address
from connector.engine.progress import Rules
from connector.perform import Links, Mails
from connector.portal.language import plain
from connector.ports import Redmine, Scanner, Store, Ticket
from connector.settings import Settings
from connector.sop.model import Catalogue

#: Given the rules and a request's fields: what is made of a number once it is known.
Receipt = Callable[[Rules, Mapping[str, str]], Callable[[str], Ticket]]


@dataclass(frozen=True)
class AppServices:
    """Ports and settings of the web application."""

    settings: Settings
    catalogue: Catalogue
    store: Store
    redmine: Redmine
    mails: Mails
    links: Links
    receipt: Receipt
    rulebook: dict[str, Rules]
    clock: Callable[[], dt.datetime]
    scanner: Scanner | None = None


def receipt_for(mails: Mails, links: Links, token_hash: Callable[[str], str]) -> Receipt:
    """What a requester gets with his number: the hash of his link's secret, and the receipt by mail."""

    def receipt(rules: Rules, fields: Mapping[str, str]) -> Callable[[str], Ticket]:
        address = requester_address(rules.procedure, dict(fields))

        def ticket(number: str) -> Ticket:
            if not address:
                return Ticket(token_hash(number), None)
            data = {
                "number": number,
                "service": plain(rules.procedure, "title"),
                "text": receipt_words(rules.procedure),
                "organization": rules.organization,
                "link": links.ticket(number),
            }
            mail = mails.render(
                key=f"{number}:diterima", to=address, template="diterima", data=data, issue=None
            )
            return Ticket(token_hash(number), mail)

        return ticket

    return receipt
