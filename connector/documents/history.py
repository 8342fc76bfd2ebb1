"""The steps a ticket passed, as rows of a table. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from connector.documents.indonesian import date_short
from connector.documents.signers import role_words
from connector.documents.values import Values
from connector.engine.snapshot import Snapshot
from connector.engine.state import Stay
from connector.sop.model import Procedure, Step, StepKind

NOTHING = "–"
YES, NO = "Ya", "Tidak"


def history(values: Values) -> list[dict[str, str]]:
    """Every finished stay in order, after the steps that were done before the ticket was there."""
    procedure, state = values.order.procedure, values.order.state
    before = procedure.steps[: procedure.steps.index(procedure.first_step)]
    received = _instant(state.received, values.zone)
    rows = [_row(values, step, step.roles, ended=received) for step in before if step.kind is StepKind.STEP]
    return rows + [_stay_row(values, stay) for stay in state.stays if stay.left is not None]


def _stay_row(values: Values, stay: Stay) -> dict[str, str]:
    procedure, zone = values.order.procedure, values.zone
    # A later version of the mapping may no longer have the step.
    step = procedure.step(stay.step) or Step(no=NOTHING, id=stay.step, title=stay.step)
    return _row(
        values,
        step,
        roles_of(step, procedure, values.order.snapshot, stay),
        begun=_instant(stay.entered, zone),
        ended=_instant(stay.left, zone),
        limit=str(stay.limit) if stay.limit else NOTHING,
        due=_instant(stay.projected, zone),
        on_time=on_time(stay),
    )


def on_time(stay: Stay) -> str:
    """Whether a finished stay kept its limit."""
    return NOTHING if stay.late is None else NO if stay.late else YES


def roles_of(step: Step, procedure: Procedure, snapshot: Snapshot, stay: Stay) -> tuple[str, ...]:
    """Who did a step: the role of who moved the ticket on, or that which a field chose, or all that may."""
    if stay.by is not None:
        actor = next((each.by for each in reversed(snapshot.journals) if each.by.id == stay.by), None)
        acted = tuple(role for role in step.roles if actor and role in actor.roles)
        if len(acted) == 1:
            return acted
    if step.assignee_by is not None:
        field = procedure.field(step.assignee_by.field)
        chosen = step.assignee_by.roles.get(snapshot.value(field)) if field else None
        if chosen:
            return (chosen,)
    return step.roles


def _row(
    values: Values,
    step: Step,
    roles: tuple[str, ...],
    *,
    ended: str,
    begun: str = NOTHING,
    limit: str = NOTHING,
    due: str = NOTHING,
    on_time: str = NOTHING,
) -> dict[str, str]:
    return {
        "no": step.no,
        "title": step.title,
        "role": " / ".join(role_words(values.order.organization, role) for role in roles) or NOTHING,
        "begun": begun,
        "ended": ended,
        "limit": limit,
        "due": due,
        "on_time": on_time,
    }


def _instant(instant: dt.datetime | None, zone: ZoneInfo) -> str:
    """`21-11-2026 16.00`; the table's head names the zone."""
    if instant is None:
        return NOTHING
    local = instant.astimezone(zone)
    return f"{date_short(local.date())} {local:%H.%M}"
