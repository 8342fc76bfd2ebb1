"""All that a document is made from, as one value."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.sop.model import Organization, Procedure


@dataclass(frozen=True)
class Order:
    """One document of one ticket. The same order gives the same data, and the same data the same bytes.

    `field` is the id of the file field that keeps it. `number` is printed as it is; `verify_url` leads to the page that
    verifies `code`. `at` is when the document is made (aware), the date that it carries.
    """

    procedure: Procedure
    organization: Organization
    snapshot: Snapshot
    state: TicketState
    template: str
    field: str
    number: str
    code: str
    verify_url: str
    at: dt.datetime
