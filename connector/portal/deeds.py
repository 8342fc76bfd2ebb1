"""What a requester may do about his ticket, each a form of its own: receive, object, correct, withdraw. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.engine import survey
from connector.engine.state import TicketState
from connector.portal.forms import Conditions
from connector.portal.language import gettext as _
from connector.portal.language import said
from connector.sop.model import FieldDef, FieldType, OutputKind, Procedure, Step
from connector.sop.table import MoveKind, is_on_portal, is_return, moves, status_of

OUTCOME, CORRECTION, WITHDRAW = "outcome", "correction", "withdraw"
MESSAGE, SURVEY = "message", "survey"
REMARK = "pesan_pemohon"
SURE = "yakin_ditarik"
LONGEST_REMARK = 4000


def _remark(label: str, *, required: bool = False, help_text: str = "") -> FieldDef:
    return FieldDef(
        id=REMARK,
        name="Pesan pemohon",
        label=label,
        type=FieldType.PARAGRAPH,
        required=required,
        help=help_text,
        max_length=LONGEST_REMARK,
    )


@dataclass(frozen=True)
class Deed:
    """One thing he may do. `main` is the one that brings the service to its end; `values` are those of the ticket."""

    kind: str
    fields: tuple[FieldDef, ...]
    outcome: str | None = None
    label: str = ""
    main: bool = False
    optional: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    when: Conditions = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells it from the others on the page."""
        return self.outcome or self.kind

    @property
    def known(self) -> Mapping[str, FieldDef]:
        """Its fields by id."""
        return {each.id: each for each in self.fields}

    @property
    def rated(self) -> bool:
        """Whether it asks for a judgement of the service."""
        return any(rating(choice)[0] for each in self.fields for choice in each.choices)

    @property
    def own(self) -> frozenset[str]:
        """The fields that belong to the ticket, not to the deed."""
        return frozenset(each.id for each in self.fields) - {REMARK, SURE}


def rating(choice: str) -> tuple[str, str]:
    """`4 Sangat baik` as mark and word; other choices have no mark."""
    mark, _, word = choice.partition(" ")
    return (mark, word) if mark.isdigit() and word else ("", choice)


def deeds_of(
    procedure: Procedure, status: str, state: TicketState, given: Mapping[str, str], *, rates: bool = False
) -> tuple[Deed, ...]:
    """What the requester of a ticket may do now; `rates`: its survey is open."""
    if state.ended is not None:
        return (Deed(SURVEY, survey.questions(procedure), main=True),) if rates else ()
    stay = state.stay
    step = procedure.step(stay.step) if stay else None
    found: tuple[Deed, ...] = ()
    if stay is not None and stay.paused:
        found = (_correction(procedure, given),)
    elif step is not None and is_on_portal(procedure, step):
        found = outcomes(procedure, step)
    return (*found, message_deed(), *(_withdrawal() if _may_withdraw(procedure, status) else ()))


def deeds_before(procedure: Procedure) -> tuple[Deed, ...]:
    """What he may do while his request is not yet a ticket in Redmine."""
    return _withdrawal() if procedure.withdrawn is not None else ()


def message_deed() -> Deed:
    """Ask or tell something; the ticket stays where it is."""
    return Deed(MESSAGE, (_remark(_("Pertanyaan atau pesan Anda"), required=True),))


def outcomes(procedure: Procedure, step: Step) -> tuple[Deed, ...]:
    """The ways out of somebody's own step: the first with what the step leaves behind, the others with a reason."""
    known = {each.id: each for each in procedure.fields}
    own = (output.id for output in step.outputs if output.kind is not OutputKind.DOCUMENT)
    fields = tuple(known[name] for name in own if name in known)
    named = [name for name, outcome in step.outcomes.items() if not is_return(procedure, outcome.to)]
    reason = _remark(_("Apa yang belum sesuai?"), required=True)
    return tuple(
        Deed(
            OUTCOME,
            fields if name == named[0] else (reason,),
            outcome=name,
            label=said(step.outcomes[name], "label") or name,
            main=name == named[0],
        )
        for name in named
    )


def _correction(procedure: Procedure, given: Mapping[str, str]) -> Deed:
    """The form once more, filled in; files that are there need not be sent again."""
    asked = procedure.form.fields if procedure.form else ()
    known = {each.id: each for each in procedure.fields}
    fields = tuple(known[name] for name in asked if known[name].type is not FieldType.CONSENT)
    return Deed(
        CORRECTION,
        (*fields, _remark(_("Pesan untuk petugas"))),
        optional=frozenset(each.id for each in fields if each.type is FieldType.FILE),
        values={each.id: given.get(each.id, "") for each in fields if each.type is not FieldType.FILE},
        when=procedure.form.when if procedure.form else {},
    )


def _withdrawal() -> tuple[Deed, ...]:
    sure = FieldDef(
        id=SURE,
        name="Yakin ditarik",
        label=_("Ya, saya tidak memerlukan layanan ini lagi."),
        type=FieldType.CONSENT,
    )
    return (Deed(WITHDRAW, (sure, _remark(_("Alasan")))),)


def _may_withdraw(procedure: Procedure, status: str) -> bool:
    if procedure.withdrawn is None:
        return False
    target = status_of(procedure, procedure.withdrawn)
    return any(
        move.kind is MoveKind.WITHDRAW and (move.origin, move.target) == (status, target)
        for move in moves(procedure)
    )
