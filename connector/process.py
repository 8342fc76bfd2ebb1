"""One piece of work: fetch a ticket, plan, perform. (hint → fetch → plan → perform)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.documents.issuing import allotted, owner_of
from connector.engine.clocks import wake
from connector.engine.plan import Fresh, plan, plan_submission
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot, Submission
from connector.errors import ConflictError, NumberTakenError, PermanentError
from connector.perform import Performer
from connector.ports import Redmine, Store, Ticket

#: How often a plan is made anew at once when staff were quicker; after that the job waits its turn.
CONFLICTS = 3
#: How long until a document that could not be made is tried again: somebody may have mended its template.
RETRY = dt.timedelta(minutes=10)
GONE = "tiket tidak ada lagi di Redmine, atau bukan lagi milik POS yang dilayani"


@dataclass(frozen=True)
class Tickets:
    """Brings tickets to where they belong.

    `rulebook` holds the rules of each procedure by its key; `token_hash` gives the hash of a number's secret link;
    `receipt` makes what a requester gets with a number.
    """

    redmine: Redmine
    store: Store
    performer: Performer
    rulebook: Mapping[str, Rules]
    token_hash: Callable[[str], str]
    receipt: Callable[[Rules, Mapping[str, str]], Callable[[str], Ticket]]
    clock: Callable[[], dt.datetime]

    def look(self, issue: int) -> None:
        """Look at an issue and do what follows. Nothing follows: nothing is done."""
        fresh: Fresh | None = None
        for _ in range(CONFLICTS):
            snapshot = self.redmine.read(issue)
            if snapshot is None:
                self.store.register.abandon(issue, GONE)
                return
            rules = self._rules(snapshot.procedure)
            former = self._former(snapshot)
            if snapshot.state is None and fresh is None:
                fresh = self._fresh(rules, snapshot)
            self.performer.settle(snapshot, self.clock())
            snapshot = self._with_allotted(self._with_actions(self._with_addresses(rules, snapshot)))
            now = self.clock()
            try:
                planned = plan(rules, snapshot, now, fresh, former)
                # a ticket whose tracker is put back is its old procedure's
                acting = self._rules(planned.state.procedure) if planned.state else rules
                written = self.performer.update(acting, snapshot, planned, now)
            except ConflictError:
                continue
            self._remember(written, now)
            return
        raise ConflictError(f"tiket {issue} berubah terus selama dibaca")

    def forward(self, submission_id: str) -> None:
        """Make the issue of a submission, once; then see to what its requester did in the meantime."""
        submission = self.store.submissions.submission(submission_id)
        if submission is None:
            return
        if submission.issue is None:
            submission = self._made(submission)
        if self.store.submissions.pending_actions(submission.number):
            self.store.queue.put(f"issue:{submission.issue}", now=self.clock())

    # inside -------------------------------------------------------------------------------------------------

    def _made(self, submission: Submission) -> Submission:
        rules = self._rules(submission.procedure)
        while True:
            try:
                made = self.performer.create(
                    rules, submission, plan_submission(rules, submission), self.clock()
                )
            except NumberTakenError:
                submission = self.store.submissions.renumber(
                    submission.id,
                    prefix=rules.organization.ticket_prefix,
                    year=self._year(rules, submission.received),
                    ticket=self.receipt(rules, submission.fields),
                )
                continue
            self._remember(made, self.clock())
            self.store.submissions.forwarded(submission.id, made.issue)
            return submission.model_copy(update={"issue": made.issue})

    def _rules(self, procedure: str) -> Rules:
        if procedure not in self.rulebook:
            raise PermanentError(f"POS {procedure} tidak ada dalam pemetaan")
        return self.rulebook[procedure]

    def _former(self, snapshot: Snapshot) -> Rules | None:
        """The rules that the ticket's state was made by: others than today's if somebody changed its tracker."""
        key = snapshot.state.procedure if snapshot.state else None
        if key is not None and key not in self.rulebook:
            raise PermanentError(
                f"tiket {snapshot.issue} berasal dari POS {key}, yang tidak ada dalam pemetaan; trackernya sekarang "
                f"milik {snapshot.procedure}"
            )
        return self.rulebook[key] if key else None

    def _fresh(self, rules: Rules, snapshot: Snapshot) -> Fresh:
        prefix = rules.organization.ticket_prefix
        number = self.store.numbers.next(prefix, self._year(rules, snapshot.created))
        return Fresh(number=number, token_hash=self.token_hash(number))

    def _with_actions(self, snapshot: Snapshot) -> Snapshot:
        if snapshot.state is None:
            return snapshot
        pending = self.store.submissions.pending_actions(snapshot.state.number)
        return snapshot.model_copy(update={"actions": tuple(pending)}) if pending else snapshot

    def _with_addresses(self, rules: Rules, snapshot: Snapshot) -> Snapshot:
        """The addresses of those who moved the ticket and may do so for their unit only."""
        profile = rules.procedure.profile
        bound = {each.id for each in rules.organization.roles if each.unit is not None}
        acted = {role for each in snapshot.new_journals() if each.changes for role in each.by.roles & bound}
        mails = {each.id: each.mail for role in sorted(acted) for each in self.redmine.members(profile, role)}
        if not mails:
            return snapshot
        journals = tuple(
            each.model_copy(
                update={"by": each.by.model_copy(update={"mail": mails.get(each.by.id, "")})},
            )
            for each in snapshot.journals
        )
        return snapshot.model_copy(update={"journals": journals})

    def _with_allotted(self, snapshot: Snapshot) -> Snapshot:
        owner = owner_of(snapshot.state, snapshot.issue) if snapshot.state else f"issue:{snapshot.issue}"
        rows = self.store.register.allotted(owner)
        return snapshot.model_copy(update={"allotted": tuple(map(allotted, rows))}) if rows else snapshot

    def _remember(self, snapshot: Snapshot, now: dt.datetime) -> None:
        """See to it that the ticket is looked at when time alone will change it; `Poller.sweep` finds what is lost."""
        state = snapshot.state
        rules = self.rulebook.get(state.procedure) if state else None
        at = wake(rules, state, now) if rules and state else None
        if state is not None and state.unmade:
            at = min(at or now + RETRY, now + RETRY)
        self.store.clocks.set(snapshot.issue, at)

    @staticmethod
    def _year(rules: Rules, at: dt.datetime) -> int:
        return at.astimezone(ZoneInfo(rules.organization.calendar.timezone)).year
