"""Alerts of the monitoring become tickets: one for an alert until it has ended, told when the alert is resolved."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.engine.progress import Rules
from connector.engine.requests import ALERT, FIRING, RESOLVED
from connector.engine.snapshot import RequesterAction, Submission
from connector.engine.state import MONITORING
from connector.errors import PermanentError
from connector.ports import Redmine, Report, Store, Watch
from connector.services import Receipt
from connector.sop.alerts import filled, procedure_for
from webhooks.alert import Alert


@dataclass(frozen=True)
class Monitoring:
    """Stores what is reported (web), and sees to what follows from it (worker)."""

    redmine: Redmine
    store: Store
    rulebook: Mapping[str, Rules]
    receipt: Receipt
    clock: Callable[[], dt.datetime]

    def receive(self, alerts: Sequence[Alert]) -> int:
        """Store reports; how many are for one of our procedures. A new alert gets its ticket number at once.

        Each step may be done twice: who is not answered sends all of them again.
        """
        procedures = [rules.procedure for rules in self.rulebook.values()]
        taken = 0
        for alert in alerts:
            procedure = procedure_for(procedures, alert.labels)
            if procedure is None:
                continue
            taken += 1
            fields = filled(procedure, alert.labels, alert.annotations) if alert.firing else {}
            report = Report(alert.key, procedure.key, alert.firing, self.clock(), fields)
            if not self.store.alerts.report(report) and alert.firing:
                self._open(report)
        return taken

    def settle(self, key: str) -> None:
        """See to it that the last report of an alert is known to its ticket, or opens the next one."""
        watch = self.store.alerts.watch(key)
        if watch is None:
            return
        submission = self.store.submissions.submission(watch.submission)
        if submission is None or self._over(submission):
            if watch.report.firing:
                self._open(watch.report, after=watch.submission)
        elif watch.report.firing != watch.told:
            self._tell(watch, submission)
        self.store.alerts.told(watch)

    # inside -------------------------------------------------------------------------------------------------

    def _open(self, report: Report, after: str = "") -> None:
        """A new ticket, once for each one before it."""
        rules = self.rulebook.get(report.procedure)
        if rules is None:
            raise PermanentError(f"POS {report.procedure} tidak ada dalam pemetaan")
        zone = ZoneInfo(rules.organization.calendar.timezone)
        made = self.store.submissions.submit(
            nonce=f"alert:{report.key}:{after}",
            procedure=report.procedure,
            prefix=rules.organization.ticket_prefix,
            received=report.at,
            year=report.at.astimezone(zone).year,
            fields=report.fields,
            files=(),
            ticket=self.receipt(rules, report.fields),
            origin=MONITORING,
        )
        self.store.alerts.opened(report, made.id)

    def _over(self, submission: Submission) -> bool:
        """Whether a ticket has ended, or is gone."""
        if submission.issue is None:
            return False
        snapshot = self.redmine.read(submission.issue)
        return snapshot is None or (snapshot.state is not None and snapshot.state.ended is not None)

    def _tell(self, watch: Watch, submission: Submission) -> None:
        report = watch.report
        outcome = FIRING if report.firing else RESOLVED
        mark = uuid.uuid5(uuid.NAMESPACE_OID, f"{report.key} {outcome} {report.at.isoformat()}")
        action = RequesterAction(
            key=str(mark), kind=ALERT, number=submission.number, at=report.at, outcome=outcome
        )
        self.store.submissions.add_action(action, (), issue=submission.issue, now=self.clock())
