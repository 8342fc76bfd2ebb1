"""General rules, on random legal walks of the small procedure and of POS 100r as it is shipped."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.effects import AddNote, Effect, NotifyStaff, Plan, SendMail
from connector.engine.plan import plan
from connector.engine.progress import Rules, applies, place
from connector.engine.snapshot import RequesterAction
from connector.engine.state import Stay, TicketState
from connector.sop.keys import status_key
from connector.sop.model import FieldType, OutputKind, Procedure
from connector.sop.table import Move, MoveKind, is_requesters, moves
from devtools.walk import example
from tests.small import FRESH, MONDAY, RULES, FakeTicket, person
from tests.world import PROCEDURE, rules_of_all

#: A draw decides which way is taken, how long it takes, and whether the connector looks afterwards.
Draw = tuple[int, int, bool]
#: Below the first the straight way is taken, from the second on the request is withdrawn: so walks come far.
STRAIGHT, WITHDRAWN = 60, 97
DRAWS = st.lists(st.tuples(st.integers(0, 99), st.integers(1, 3000), st.booleans()), min_size=1, max_size=40)
BOTH = pytest.mark.parametrize("rules", [RULES, rules_of_all()[PROCEDURE]], ids=["small", "100r"])


@dataclass
class Walk:
    """A ticket that people move as the table allows. The connector looks when it is told to, and when it must."""

    rules: Rules
    each: bool
    """Look after every move, whatever the draw says."""
    clock: dt.datetime = MONDAY
    keys: int = 0
    mails: list[SendMail] = field(default_factory=list)

    def __post_init__(self) -> None:
        procedure = self.rules.procedure
        asked = procedure.form.fields if procedure.form else ()
        self.ticket = FakeTicket.new(
            self.rules,
            **{each.id: self._value(each.id) for each in procedure.fields if each.id in asked},
        )
        self.look()

    def _value(self, field_id: str) -> str:
        found = self.rules.procedure.field(field_id)
        assert found is not None
        return "77" if found.type is FieldType.FILE else example(found, MONDAY.date())

    @property
    def state(self) -> TicketState:
        assert self.ticket.snapshot.state is not None
        return self.ticket.snapshot.state

    def look(self) -> list[Effect]:
        done = self.ticket.settle()
        self.mails += [effect for effect in done if isinstance(effect, SendMail)]
        return done

    def go(self, draws: list[Draw]) -> None:
        for way, minutes, look in draws:
            ways = self._ways()
            if not ways:
                break
            self.clock += dt.timedelta(minutes=minutes)
            move = self._chosen(ways, way)
            if self._by_requester(move, way):
                self._act(move)
            else:
                self._move(move)
            # «Dilanjutkan» has no way out but the connector's; a requester sees what the connector has done
            if self.each or look or move.kind is MoveKind.RESUME:
                self.look()
        self.look()

    @staticmethod
    def _chosen(ways: list[Move], way: int) -> Move:
        stay = [move for move in ways if move.kind is not MoveKind.WITHDRAW] or ways
        if way >= WITHDRAWN:
            return ways[-1]
        return stay[0] if way < STRAIGHT else stay[way % len(stay)]

    def _ways(self) -> list[Move]:
        procedure = self.rules.procedure
        return [
            m for m in moves(procedure) if m.origin == self.ticket.status and m.kind is not MoveKind.REGISTER
        ]

    def _by_requester(self, move: Move, way: int) -> bool:
        step = self.rules.procedure.step(move.step or "")
        theirs = step is not None and is_requesters(self.rules.procedure, step)
        return way % 2 == 0 and (theirs or move.kind in (MoveKind.RESUME, MoveKind.WITHDRAW))

    def _act(self, move: Move) -> None:
        kinds = {MoveKind.RESUME: "correction", MoveKind.WITHDRAW: "withdraw"}
        self.look()
        self.keys += 1
        procedure = self.rules.procedure
        step = procedure.step(move.step or "")
        outputs = [output.id for output in step.outputs] if step else []
        self.ticket.act(
            RequesterAction(
                key=f"k{self.keys}",
                kind=kinds.get(move.kind, "outcome"),
                number=FRESH.number,
                at=self.clock,
                step=move.step,
                outcome=move.outcome,
                fields={name: self._value(name) for name in outputs},
            )
        )
        self.look()

    def _move(self, move: Move) -> None:
        procedure = self.rules.procedure
        place = procedure.step(move.to or "") or procedure.end(move.to or "")
        snapshot = self.ticket.snapshot
        has = {each.id: snapshot.value(each) for each in procedure.fields}
        wanted = [need.field for need in place.needs if applies(need, has)] if place else []
        if move.kind is MoveKind.RETURN:
            wanted = [procedure.waiting.reason]
        documents = {
            output.id
            for step in procedure.steps
            for output in step.outputs
            if output.kind is OutputKind.DOCUMENT
        }
        if any(not has[name] for name in wanted if name in documents):
            self.look()  # Redmine refuses the move until the connector has made the document
        given = {name: self._value(name) for name in wanted if not has[name] and name not in documents}
        self.ticket.now = self.clock - dt.timedelta(minutes=1)
        name = next(n for n in self._names() if status_key(n) == move.target)
        self.ticket.move(person(move.roles[0]), name, **given)

    def _names(self) -> list[str]:
        procedure = self.rules.procedure
        steps = [step.status or "" for step in procedure.active_steps]
        return [
            *steps,
            *(end.status for end in procedure.ends),
            procedure.waiting.status,
            procedure.waiting.resumed,
        ]


def ledger(state: TicketState) -> list[dict[str, object]]:
    """What is known of the stays, without the ids of journals."""
    return [stay.model_dump(exclude={"journal"}) for stay in state.stays]


def told(mails: list[SendMail]) -> Counter[tuple[str, str, str]]:
    return Counter((mail.template, mail.to, str(mail.data.get("text"))) for mail in mails)


@BOTH
@settings(max_examples=60, deadline=None)
@given(draws=DRAWS)
def test_looking_seldom_comes_to_the_same_as_looking_each_time(rules: Rules, draws: list[Draw]) -> None:
    seldom, often = Walk(rules, each=False), Walk(rules, each=True)
    seldom.go(draws)
    often.go(draws)
    assert ledger(seldom.state) == ledger(often.state)
    for name in ("ended", "ended_at", "repairs", "stopped", "actions", "overrides"):
        assert getattr(seldom.state, name) == getattr(often.state, name)
    for name in ("status", "fields", "due_date", "done_ratio"):
        assert getattr(seldom.ticket.snapshot, name) == getattr(often.ticket.snapshot, name), name
    assert {each.field for each in seldom.state.documents} == {each.field for each in often.state.documents}
    assert told(seldom.mails) == told(often.mails)
    if seldom.state.ended is None:
        assert seldom.ticket.snapshot.assignee == often.ticket.snapshot.assignee


@BOTH
@settings(max_examples=60, deadline=None)
@given(draws=DRAWS)
def test_a_legal_walk_leaves_a_ledger_without_gaps_faults_or_doubles(rules: Rules, draws: list[Draw]) -> None:
    walk = Walk(rules, each=False)
    walk.go(draws)
    state = walk.state
    assert (state.repairs, state.stopped, state.overrides) == (0, False, ())
    assert walk.ticket.status == place(rules.procedure, state)
    assert (state.stay is None) == (state.ended is not None)
    for stay in state.stays:
        assert (stay.left is None) == (stay.outcome is None)
        assert stay.entered <= (stay.left or stay.entered)
        instants = [
            stay.entered,
            *(each for p in stay.pauses for each in (p.since, p.until) if each is not None),
        ]
        assert instants == sorted(instants)
        assert all(p.until is not None for p in stay.pauses[: None if stay.left else -1])
        assert stay.paused == (stay is state.stay and stay.due is None)
    for earlier, later in zip(state.stays, state.stays[1:], strict=False):
        assert follows(rules.procedure, earlier, later)
    keys = [mail.key for mail in walk.mails]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(state.notices)
    assert len(state.notices) == len(set(state.notices))


@BOTH
@settings(max_examples=40, deadline=None)
@given(draws=DRAWS)
def test_looking_again_changes_nothing_and_an_ended_ticket_has_no_effects(
    rules: Rules, draws: list[Draw]
) -> None:
    walk = Walk(rules, each=False)
    walk.go(draws)
    assert plan(rules, walk.ticket.snapshot, walk.clock) == Plan()
    walk.ticket.note(person(rules.procedure.registrars[0]), "catatan")
    assert walk.look() == []
    if walk.state.ended is None:
        return
    first = rules.procedure.fields[0]
    walk.ticket.edit(rules.procedure.registrars[0], **{first.id: "lain"})
    assert walk.look() == []
    late = ("withdraw", "correction", "outcome")
    before = walk.state
    for kind in late:
        walk.ticket.act(RequesterAction(key=kind, kind=kind, number=FRESH.number, at=walk.clock))
    # who comes too late is told, and nothing else follows
    assert {type(each) for each in walk.look()} <= {AddNote, NotifyStaff, SendMail}
    changed = {"unfit": walk.state.unfit, "actions": walk.state.actions, "notices": walk.state.notices}
    assert walk.state == before.model_copy(update=changed)
    assert [each.kind for each in walk.state.unfit[-3:]] == list(late)
    assert walk.ticket.snapshot.actions == ()
    assert walk.look() == []


def follows(procedure: Procedure, earlier: Stay, later: Stay) -> bool:
    """A stay begins when the one before it ends; after an end that was taken back, some time later."""
    if earlier.left is None:
        return False
    step = procedure.step(earlier.step)
    outcome = step.outcomes.get(earlier.outcome or "") if step else None
    ended = outcome is not None and procedure.end(outcome.to) is not None
    return earlier.left <= later.entered if ended else earlier.left == later.entered


@BOTH
@settings(max_examples=40, deadline=None)
@given(draws=DRAWS, ahead=st.integers(-600, 600))
def test_two_clocks_that_differ_never_turn_the_ledger_back(
    rules: Rules, draws: list[Draw], ahead: int
) -> None:
    """What requesters do carries the portal's time, what staff do Redmine's."""

    class Skewed(Walk):
        def _act(self, move: Move) -> None:
            true, self.clock = self.clock, self.clock + dt.timedelta(minutes=ahead)
            super()._act(move)
            self.clock = true

    walk = Skewed(rules, each=False)
    walk.go(draws)
    for stay in walk.state.stays:
        instants = [
            stay.entered,
            *(each for p in stay.pauses for each in (p.since, p.until) if each is not None),
        ]
        instants += [stay.left] if stay.left else []
        assert instants == sorted(instants)
    for earlier, later in zip(walk.state.stays, walk.state.stays[1:], strict=False):
        assert follows(rules.procedure, earlier, later)
