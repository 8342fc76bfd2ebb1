"""Standing duties: what comes round while a ticket is in a step, when it was due, and when it was done. Pure.

Each duty has its own row of periods in a stay, counted from the stay's beginning: «1 minggu» is due on the same weekday
at closing time, where that is a day off on the next working day; a period that no working time is left of is not asked
for. While the ticket waits for its requester nothing is due; then the period goes on with what was left.

A report is one journal of somebody who has the duty, after which all that the duty asks for is there, and what is to be
given anew (`renew`) was written since the last report's period. It settles the period that is over and has none yet,
late; else the one that runs; one too many settles nothing. A period is missed for good when the next one is over too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.engine.calendar import WorkCalendar
from connector.engine.progress import Rules
from connector.engine.snapshot import Actor, Journal, Snapshot
from connector.engine.state import Period, Stay, TicketState
from connector.sop.model import FieldDef, Limit, OutputKind, Procedure, Step
from connector.sop.table import duties

Course = tuple[Period, ...]


def followed(
    rules: Rules, snapshot: Snapshot, base: TicketState | None, state: TicketState, now: dt.datetime
) -> TicketState:
    """The state with its duties' periods as they are at `now`. Stays that had ended in `base` keep what they have."""
    first = state.position - len(state.stays) + 1
    before = base.stays if base else ()
    found = state.duties
    for nth, stay in enumerate(state.stays):
        known = nth < len(before)
        if known and before[nth].left is not None:
            continue
        # a duty that a stay did not have when it began counts from when it was first heard of
        since = max(stay.entered, now) if known else stay.entered
        place = _Place(rules, snapshot, stay, first + nth, since)
        found = tuple(each for each in found if each.stay != place.position) + tuple(
            place.followed(found, now)
        )
    return state if found == state.duties else state.model_copy(update={"duties": found})


def courses(state: TicketState) -> dict[str, Course]:
    """The periods of each duty in the open stay, by the duty's step."""
    found: dict[str, Course] = {}
    if state.stay is not None:
        for each in state.duties:
            if each.stay == state.position:
                found[each.step] = (*found.get(each.step, ()), each)
    return found


def owed(state: TicketState) -> tuple[Period, ...]:
    """The periods for which a report is wanted now: those that run, and those that have just been over without one.

    None while the ticket waits for its requester.
    """
    if state.stay is None or state.stay.paused:
        return ()
    last_two = (each for course in courses(state).values() for each in course[-2:])
    return tuple(each for each in last_two if each.reported is None and each.due is not None)


def missed(state: TicketState, now: dt.datetime) -> tuple[Period, ...]:
    """The periods of the whole ticket that were over at `now` without a report."""
    every = (*(each for former in state.former for each in former.duties), *state.duties)
    running = tuple(course[-1] for course in courses(state).values())
    return tuple(
        each
        for each in every
        if each.reported is None and (each not in running or (each.due is not None and each.due < now))
    )


def turns(rules: Rules, state: TicketState) -> tuple[dt.datetime, ...]:
    """When periods that run now are over: then time alone changes something.

    The last period of a duty that the mapping no longer has is over for good: nothing follows it.
    """
    step = rules.procedure.step(state.stay.step) if state.stay else None
    named = {duty.id for duty in (duties(rules.procedure, step) if step else ())}
    last = (course[-1] for name, course in courses(state).items() if name in named)
    return tuple(period.due for period in last if period.due is not None)


def drifted(rules: Rules, state: TicketState) -> bool:
    """Whether a period that runs would be due at another instant by today's calendar; the next look sets it right."""
    stay = state.stay
    if stay is None or state.stopped or rules.procedure.step(stay.step) is None:
        return False
    return any(
        _projected(rules.calendar, stay, course[:-1], course[-1]).due != course[-1].due
        for course in courses(state).values()
    )


def upcoming(rules: Rules, state: TicketState, duty: Step) -> dt.datetime | None:
    """Until when the next report is due; None while nothing is."""
    stay, course = state.stay, courses(state).get(duty.id, ())
    if stay is None or not course:
        return None
    last = course[-1]
    if last.reported is not None and last.due is not None:
        last = _successor(rules.calendar, stay, course, duty.every or last.every)
    return last.due


def asked(procedure: Procedure, duty: Step) -> tuple[FieldDef, ...]:
    """The fields that a duty leaves; of one that leaves none a note is the report."""
    names = [output.id for output in duty.outputs if output.kind is not OutputKind.DOCUMENT]
    return tuple(field for field in procedure.fields if field.id in names)


def stale(rules: Rules, snapshot: Snapshot, state: TicketState) -> tuple[FieldDef, ...]:
    """What must be given anew and still shows the last report, whose period is over."""
    step = rules.procedure.step(state.stay.step) if state.stay else None
    found: list[FieldDef] = []
    for duty in duties(rules.procedure, step) if step else ():
        course = courses(state).get(duty.id, ())
        last = _last_report(course)
        if last is None or last == course[-1]:
            continue
        since = _Mark.after(last)
        found += [
            field
            for field in asked(rules.procedure, duty)
            if field.renew and snapshot.value(field) and not since.covers(_touched(snapshot, field))
        ]
    return tuple(found)


# one stay -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """One stay, and what was written during it."""

    rules: Rules
    snapshot: Snapshot
    stay: Stay
    position: int
    since: dt.datetime

    def followed(self, before: Course, now: dt.datetime) -> Iterator[Period]:
        """The periods of every duty of this stay."""
        procedure = self.rules.procedure
        step = procedure.step(self.stay.step)
        named = {duty.id: duty for duty in (duties(procedure, step) if step else ())}
        mine = [each for each in before if each.stay == self.position]
        for name in dict.fromkeys([*(each.step for each in mine), *named]):
            known = tuple(each for each in mine if each.step == name)
            yield from self._course(known, named.get(name), now)

    def _course(self, known: Course, duty: Step | None, now: dt.datetime) -> Course:
        """One duty's. Without `duty` the mapping has none any more."""
        every = duty.every if duty else None
        if not known and (every is None or duty is None or self.since > (self.stay.left or now)):
            return ()
        course = known or self._begun(duty, every)
        course = (*course[:-1], _projected(self.rules.calendar, self.stay, course[:-1], course[-1]))
        for journal in self.snapshot.new_journals():
            if duty is not None and self._during(journal):
                course = self._rolled(course, every, journal.at)
                if self._is_report(duty, course, journal):
                    course = _settled(course, journal)
        course = self._rolled(course, every, self.stay.left or now)
        over = duty is None or self.stay.left is not None
        return course[:-1] if over and course[-1].reported is None else course

    def _begun(self, duty: Step | None, every: Limit | None) -> Course:
        if duty is None or every is None:
            raise ValueError("a duty that is unknown does not begin")
        return (Period(step=duty.id, stay=self.position, no=1, every=every, since=self.since),)

    def _rolled(self, course: Course, every: Limit | None, until: dt.datetime) -> Course:
        """With the periods that began before `until`."""
        while course[-1].due is not None and course[-1].due < until:
            successor = _successor(self.rules.calendar, self.stay, course, every or course[-1].every)
            course = (*course, successor)
        return course

    def _during(self, journal: Journal) -> bool:
        left = self.stay.left
        return journal.id > self.stay.journal and (left is None or journal.at <= left)

    def _is_report(self, duty: Step, course: Course, journal: Journal) -> bool:
        if not _may(self.rules, duty, journal.by):
            return False
        fields = asked(self.rules.procedure, duty)
        if not fields:
            return bool(journal.notes.strip())
        wrote = {change.what for change in journal.changes if change.new}
        if not any(field.key in wrote for field in fields):
            return False
        seen = [each for each in self.snapshot.journals if each.id <= journal.id]
        then = self.snapshot.as_of(journal.id).model_copy(update={"journals": tuple(seen)})
        last = _last_report(course)
        since = _Mark.after(last) if last else _Mark(self.stay.journal - 1, None)
        return all(_there(then, field, since) for field in fields if field.required)


def _there(then: Snapshot, field: FieldDef, since: _Mark) -> bool:
    """Whether a field was filled; one that is to be given anew, since the last report's period."""
    return bool(then.value(field).strip()) and (not field.renew or since.covers(_touched(then, field)))


def _may(rules: Rules, duty: Step, by: Actor) -> bool:
    """Roles are those of today, as with moves; a report is always a person's."""
    allowed = rules.override_roles | set(duty.roles)
    return not by.connector and (by.admin or not by.roles or bool(by.roles & allowed))


@dataclass(frozen=True)
class _Mark:
    """From where on what is written belongs to the next report: after a journal, and after an instant."""

    journal: int
    at: dt.datetime | None

    @classmethod
    def after(cls, report: Period) -> _Mark:
        """Of a report in time the rest of its period is for corrections of it."""
        return cls(report.journal or 0, None if report.late else report.due)

    def covers(self, journal: Journal | None) -> bool:
        """Whether something was written afterwards."""
        return journal is not None and journal.id > self.journal and (self.at is None or journal.at > self.at)


def _touched(snapshot: Snapshot, field: FieldDef) -> Journal | None:
    """Who changed a field last."""
    changed = (
        journal
        for journal in reversed(snapshot.journals)
        if any(change.what == field.key for change in journal.changes)
    )
    return next(changed, None)


# periods ------------------------------------------------------------------------------------------------------


def _last_report(course: Course) -> Period | None:
    return next((each for each in reversed(course) if each.reported is not None), None)


def _settled(course: Course, journal: Journal) -> Course:
    """With a report, for the period that it settles; as it was if none is owed."""
    places = [len(course) - 2, len(course) - 1]
    place = next((each for each in places if each >= 0 and course[each].reported is None), None)
    if place is None:
        return course
    made = {"reported": journal.at, "journal": journal.id, "by": journal.by.id}
    return (*course[:place], course[place].model_copy(update=made), *course[place + 1 :])


def _successor(calendar: WorkCalendar, stay: Stay, course: Course, every: Limit) -> Period:
    last = course[-1]
    following = Period(
        step=last.step, stay=last.stay, no=last.no + 1, every=every, since=last.due or last.since
    )
    return _projected(calendar, stay, course, following)


def _projected(calendar: WorkCalendar, stay: Stay, earlier: Sequence[Period], period: Period) -> Period:
    """A period with its limit, as the calendar and the pauses now have it."""
    due: dt.datetime | None = _on_the_grid(calendar, earlier, period)
    moved = False
    for pause in stay.pauses:
        if due is None or pause.since >= due or (pause.until is not None and pause.until <= period.since):
            continue
        moved = True
        left = calendar.between(max(pause.since, period.since), due)
        due = calendar.add(pause.until, left) if pause.until is not None else None
    if due is not None and period.reported is not None:
        due = max(due, period.reported)  # what was in time stays so, whatever the calendar says later
    return period.model_copy(update={"due": due, "moved": moved})


def _on_the_grid(calendar: WorkCalendar, earlier: Sequence[Period], period: Period) -> dt.datetime:
    """The limit without pauses: so many times `every` after the beginning, or after what a pause put off."""
    anchor, times = earlier[0].since if earlier else period.since, 1
    for each in earlier:
        if (each.moved or each.every != period.every) and each.due is not None:
            anchor, times = each.due, 1
        else:
            times += 1
    while True:
        amount = period.every.amount * times
        due = calendar.due(anchor, period.every.model_copy(update={"amount": amount}))
        if due > period.since:
            return due
        times += 1
