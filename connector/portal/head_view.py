"""What the head of a unit sees of a ticket: what is asked of him, what it rests on, and what was done. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from connector.engine.progress import Rules, values
from connector.engine.snapshot import Snapshot
from connector.engine.talk import Side
from connector.portal.deeds import Deed, message_deed, outcomes
from connector.portal.language import date_long, said
from connector.portal.talking import Spoken, spoken, unfit_words
from connector.portal.tickets import Found
from connector.portal.timeline import Way
from connector.portal.view import Paper, Words
from connector.sop.model import FieldDef, FieldType, Step


@dataclass(frozen=True)
class HeadView:
    """The page of a unit's head."""

    number: str
    service: str
    role: str
    unit: str
    received: str
    words: Words
    way: Way
    asked: bool
    """Whether the ticket waits for him."""
    about: tuple[tuple[str, str], ...] = ()
    """What was asked for, as the form has it."""
    facts: tuple[tuple[str, str], ...] = ()
    papers: tuple[Paper, ...] = ()
    deeds: tuple[Deed, ...] = ()
    talk: tuple[Spoken, ...] = ()
    pending: bool = False
    unfit: str = ""


def head_view(found: Found, snapshot: Snapshot, role: str) -> HeadView:
    """The page of who has this role for the ticket's unit. Personal data of the requester are not shown."""
    rules, view, state = found.rules, found.view, snapshot.state
    procedure, organization = rules.procedure, rules.organization
    definition = organization.role(role)
    given = values(procedure, snapshot)
    stay = state.stay if state is not None else None
    step = procedure.step(stay.step) if stay is not None and not stay.paused else None
    asked = step is not None and role in step.roles
    mine = step if asked else None
    open_still = state is not None and state.ended is None
    deeds = (*(outcomes(procedure, mine) if mine else ()), *((message_deed(),) if open_still else ()))
    return HeadView(
        number=view.number,
        service=view.service,
        role=said(definition, "title") if definition else role,
        unit=given.get(definition.unit or "", "") if definition else "",
        received=view.received,
        words=view.words,
        way=view.way,
        asked=asked,
        about=_said(rules, set(procedure.form.fields) if procedure.form else set(), given),
        facts=_said(rules, {need.field for need in mine.needs} if mine else set(), given),
        papers=_papers(rules, mine, snapshot),
        deeds=() if view.pending else deeds,
        talk=spoken(rules, snapshot, Side.HEAD),
        pending=view.pending,
        unfit=unfit_words(rules, state, role) if state is not None else "",
    )


def _said(rules: Rules, named: set[str], given: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """What these fields hold, in words; nobody's personal data."""
    return tuple(
        (said(field, "label"), _written(field, given[field.id]))
        for field in rules.procedure.fields
        if field.id in named
        and field.type not in (FieldType.FILE, FieldType.CONSENT)
        and not field.personal
        and given.get(field.id)
    )


def _written(field: FieldDef, value: str) -> str:
    """A value as people read it."""
    if field.type is not FieldType.DATE:
        return value
    try:
        return date_long(dt.date.fromisoformat(value))
    except ValueError:
        return value


def _papers(rules: Rules, step: Step | None, snapshot: Snapshot) -> tuple[Paper, ...]:
    """The files that the step needs."""
    named = {need.field for need in step.needs} if step else set()
    files = ((each, snapshot.files.get(each.key)) for each in rules.procedure.fields if each.id in named)
    return tuple(
        Paper(each.id, said(each, "label"), file.name, file.size) for each, file in files if file is not None
    )
