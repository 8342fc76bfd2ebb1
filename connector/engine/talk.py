"""Questions and answers between a requester (or a unit's head) and staff. Pure.

They live in Redmine as public notes and nowhere else. What he asks is a note of the connector's; what staff write for
him is a public note that begins with «Kepada pemohon:» (or «Kepada pimpinan unit:»). Every other note stays inside, so
that nothing is told to anybody by mistake.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from connector.engine.arrival import HEAD_TEMPLATE, requester_address
from connector.engine.effects import Effect, SendMail
from connector.engine.progress import Rules
from connector.engine.snapshot import Journal, Snapshot
from connector.engine.state import TicketState
from connector.sop.units import concerned, heads_of


class Side(StrEnum):
    """With whom staff speak."""

    REQUESTER = "pemohon"
    HEAD = "pimpinan unit"


#: How the note of a question begins (templates/notes/pesan.j2).
QUESTIONS = {
    Side.REQUESTER: "**Pesan pemohon** lewat portal:",
    Side.HEAD: "**Pesan pimpinan unit** lewat portal:",
}
ANSWER = re.compile(
    r"\A[\s*_]*(?:jawaban\s+)?(?:kepada|untuk)\s+(pemohon|pimpinan(?:\s+unit)?)[\s*_]*:[\s*_]*(?P<text>\S.*)\Z",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Said:
    """One message; `mine` if it is of the side that reads it."""

    at: dt.datetime
    mine: bool
    text: str


def conversation(snapshot: Snapshot, side: Side) -> tuple[Said, ...]:
    """What was said, in order, as it stands in Redmine today."""
    return tuple(_said(snapshot, side))


def answers(
    rules: Rules, snapshot: Snapshot, state: TicketState, given: dict[str, str]
) -> tuple[Effect, ...]:
    """The messages for what staff wrote since the last look."""
    found: list[Effect] = []
    for journal in snapshot.new_journals():
        for side in Side:
            text = answer_in(journal, side)
            if text:
                found += _mails(rules, state, given, side, journal, text)
    return tuple(found)


def answer_in(journal: Journal, side: Side) -> str:
    """What a note says to this side; empty if it says nothing to it."""
    if journal.private or journal.by.connector or not (journal.by.roles or journal.by.admin):
        return ""
    match = ANSWER.match(journal.notes)
    if match is None or match[1].lower().startswith("pimpinan") != (side is Side.HEAD):
        return ""
    return match["text"].strip()


# inside -------------------------------------------------------------------------------------------------------


def _said(snapshot: Snapshot, side: Side) -> Iterator[Said]:
    for journal in snapshot.journals:
        asked = _question_in(journal, side)
        answer = answer_in(journal, side)
        if asked or answer:
            yield Said(journal.at, bool(asked), asked or answer)


def _question_in(journal: Journal, side: Side) -> str:
    if journal.private or not journal.by.connector:
        return ""
    # notes of one commit are one text: what follows the quotation is another note
    _, found, rest = journal.notes.partition(QUESTIONS[side])
    lines: list[str] = []
    for line in rest.strip().splitlines() if found else ():
        if not line.startswith(">"):
            break
        lines.append(line.removeprefix(">").strip())
    return "\n".join(lines)


def _mails(
    rules: Rules, state: TicketState, given: dict[str, str], side: Side, journal: Journal, text: str
) -> Iterator[Effect]:
    data = {"number": state.number, "service": rules.procedure.title, "text": text}
    key = f"{state.number}:jawaban:j{journal.id}"
    if side is Side.REQUESTER:
        address = requester_address(rules.procedure, given)
        if address:
            yield SendMail(key=key, to=address, template="jawaban", data=data)
        return
    heads = dict.fromkeys(
        each
        for role in concerned(rules.procedure, rules.organization)
        for each in heads_of(rules.organization, role, given)
    )
    for nth, address in enumerate(heads):
        yield SendMail(
            key=f"{key}:{nth}",
            to=address,
            template=f"jawaban-{HEAD_TEMPLATE}",
            data=data,
            for_head=True,
        )
