"""What a POS flowchart shows: lanes, rows and arrows of one procedure, taken from the table that the engine runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from connector.diagram.words import (
    heading,
    limit_of,
    named,
    needs_of,
    notes_of,
    outputs_of,
    remarks_of,
    titled,
)
from connector.sop.model import End, Organization, Procedure, Step, StepKind
from connector.sop.table import Move, MoveKind, moves


class Shape(StrEnum):
    """The symbols of Permenpan RB 35/2012, and a duty that comes round beside the way."""

    TERMINATOR = "terminator"
    ACTIVITY = "activity"
    DECISION = "decision"
    DUTY = "duty"


@dataclass(frozen=True)
class Row:
    """One line of the table. Without a shape only its words stand there."""

    id: str
    no: str
    title: str
    shape: Shape | None
    lanes: tuple[int, ...]
    mark: str = ""
    words: str = ""
    needs: str = ""
    limit: str = ""
    outputs: str = ""
    remarks: str = ""


@dataclass(frozen=True)
class Arrow:
    """One legal move. An arrow `aside` goes to an end that is drawn beside the row, with `capsule` in it."""

    source: str
    target: str
    kind: MoveKind | None
    outcome: str = ""
    label: str = ""
    words: str = ""
    capsule: str = ""

    @property
    def aside(self) -> bool:
        """Whether its end is drawn beside the row it leaves."""
        return bool(self.capsule)


@dataclass(frozen=True)
class Chart:
    """The whole flowchart, before anything has a place."""

    title: str
    heading: tuple[str, ...]
    lanes: tuple[str, ...]
    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]
    notes: tuple[str, ...]

    def index(self, row_id: str) -> int:
        """Where a row stands."""
        return next(i for i, row in enumerate(self.rows) if row.id == row_id)


#: The row before the first step where nothing happens before the ticket.
BEGIN = "(mulai)"


def chart_of(procedure: Procedure, organization: Organization) -> Chart:
    """The flowchart of a procedure."""
    return _Maker(procedure, organization).chart()


class _Maker:
    def __init__(self, procedure: Procedure, organization: Organization) -> None:
        self._procedure = procedure
        self._organization = organization
        first = procedure.steps.index(procedure.first_step)
        self._before = [step for step in procedure.steps[:first] if step.kind is not StepKind.DUTY]
        self._moves = [move for move in moves(procedure) if move.kind in (MoveKind.OUTCOME, MoveKind.RETURN)]
        self._finish = self._finishing()
        self._mark = self._closing_mark()
        self._lanes = self._acting()

    def chart(self) -> Chart:
        """Rows in the order of the procedure, with the begin and the good end."""
        procedure = self._procedure
        rows = [self._step_row(step) for step in procedure.steps]
        if not self._before:
            rows.insert(0, self._begin_row())
        if self._finish is not None and self._mark is None:
            rows.append(self._end_row(self._finish))
        return Chart(
            title=procedure.title,
            heading=heading(procedure, self._organization),
            lanes=tuple(titled(self._organization, role) for role in self._lanes),
            rows=tuple(rows),
            arrows=(*self._beginning(), *self._outcomes()),
            notes=notes_of(procedure, self._organization),
        )

    # which rows there are -----------------------------------------------------------------------------------

    def _finishing(self) -> Move | None:
        """The last move to a good end: its end stands in the last row."""
        good = {end.id for end in self._procedure.ends if end.success}
        order = [step.id for step in self._procedure.steps]
        leading = [move for move in self._moves if move.to in good and move.step]
        return max(leading, key=lambda move: order.index(move.step or ""), default=None)

    def _closing_mark(self) -> Step | None:
        """A milestone that closes the procedure («Selesai»): the row of the good end."""
        last = self._procedure.steps[-1]
        closing = last.kind is StepKind.MILESTONE and last.status is None and last not in self._before
        return last if closing else None

    def _acting(self) -> list[str]:
        """Roles with a lane, in the order in which they come up."""
        roles = [role for step in self._procedure.steps for role in step.roles]
        return list(dict.fromkeys(roles or ["-"]))

    # rows ---------------------------------------------------------------------------------------------------

    def _step_row(self, step: Step) -> Row:
        procedure = self._procedure
        shape = self._shape(step)
        return Row(
            id=step.id,
            no=step.no,
            title=step.title,
            shape=shape,
            lanes=self._lanes_of(step) if shape else (),
            mark=step.no,
            words=step.description,
            needs=needs_of(procedure, step),
            limit=limit_of(procedure, step),
            outputs=outputs_of(procedure, step),
            remarks=remarks_of(procedure, self._organization, step),
        )

    def _shape(self, step: Step) -> Shape | None:
        if step.status is not None:
            decision = sum(move.step == step.id for move in self._moves) > 1
            return Shape.DECISION if decision else Shape.ACTIVITY
        if step in self._before:
            return Shape.TERMINATOR if step is self._before[0] else Shape.ACTIVITY
        if step is self._mark and self._finish is not None:
            return Shape.TERMINATOR
        targeted = any(move.to == step.id for move in self._moves)
        return Shape.DUTY if step.roles or targeted else None

    def _lanes_of(self, step: Step) -> tuple[int, ...]:
        """The lanes of its roles; of a milestone the lane of what comes next, at the end of what came last."""
        if step.roles:
            return self._places(step.roles)
        if step is self._mark and self._finish is not None:
            return self._first_place(self._finish.step)
        steps = self._procedure.steps
        following = [each for each in steps[steps.index(step) :] if each.roles]
        return self._places(following[0].roles[:1]) if following else (0,)

    def _places(self, roles: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(sorted({self._lanes.index(role) for role in roles}))

    def _first_place(self, step_id: str | None) -> tuple[int, ...]:
        step = self._procedure.step(step_id or "")
        return self._places(step.roles[:1]) if step and step.roles else (0,)

    def _begin_row(self) -> Row:
        procedure = self._procedure
        roles = tuple(role for role in procedure.registrars if role in self._lanes)
        lanes = self._places(roles[:1]) if roles else self._first_place(procedure.first_step.id)
        return Row(BEGIN, "", procedure.intake, Shape.TERMINATOR, lanes, mark="Mulai")

    def _end_row(self, move: Move) -> Row:
        end = _end_of(self._procedure, move)
        fields = ", ".join(named(self._procedure, need) for need in end.needs)
        return Row(
            end.id,
            "",
            end.title,
            Shape.TERMINATOR,
            self._first_place(move.step),
            mark="Selesai",
            needs=fields,
            remarks=f"Tiket ditutup dengan status «{end.status}».",
        )

    # arrows -------------------------------------------------------------------------------------------------

    def _beginning(self) -> Iterator[Arrow]:
        """The way to the first step: what happens before the ticket, in order. Its last arrow is the registration."""
        way = [step.id for step in self._before] or [BEGIN]
        for source, target in zip(way, [*way[1:], self._procedure.first_step.id], strict=True):
            last = target == self._procedure.first_step.id
            yield Arrow(source, target, MoveKind.REGISTER if last else None)

    def _outcomes(self) -> Iterator[Arrow]:
        for move in self._moves:
            step = self._procedure.step(move.step or "")
            if step is None or move.outcome is None or move.to is None:
                continue
            alone = sum(each.step == step.id for each in self._moves) == 1
            end = self._procedure.end(move.to)
            target = self._mark.id if move is self._finish and self._mark else move.to
            yield Arrow(
                source=step.id,
                target=target,
                kind=move.kind,
                outcome=move.outcome,
                label="" if alone else move.outcome.replace("-", " ").replace("_", " "),
                words=step.outcomes[move.outcome].label,
                capsule=end.status if end and move is not self._finish else "",
            )


def _end_of(procedure: Procedure, move: Move) -> End:
    end = procedure.end(move.to or "")
    if end is None:
        raise KeyError(move.to)
    return end
