"""The command `explain`: where a ticket's time went, and what comes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import click

from connector.bootstrap import Application
from connector.commands.common import FINDING, examples, format_option, settings
from connector.engine.effects import Plan
from connector.engine.plan import Fresh
from connector.engine.plan import plan as plan_issue
from connector.engine.progress import Rules
from connector.engine.snapshot import Snapshot
from connector.errors import PermanentError
from connector.explain.account import account_of, as_json
from connector.explain.text import as_text
from connector.settings import REDMINE


@click.command(epilog=examples("connector explain 42", "connector explain 42 --format json"))
@click.argument("issue", type=int)
@format_option
def explain(issue: int, form: str) -> None:
    """Jelaskan sebuah tiket: buku waktunya, mengapa batas waktunya begitu, dan apa yang akan datang.

    Hanya membaca Redmine; tidak mengubah apa pun.
    """
    application = Application(settings(*REDMINE))
    snapshot = application.redmine.read(issue)
    if snapshot is None:
        click.echo(f"Tiket {issue} tidak ada, atau bukan milik POS yang dilayani.", err=True)
        raise SystemExit(FINDING)
    now = application.clock()
    planned, trouble = _planned(application.rules, snapshot, now)
    account = account_of(application.rules, snapshot, now, planned)
    if form == "json":
        click.echo(json.dumps(as_json(account), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(account))
    if trouble:
        click.echo(f"\nKonektor tidak dapat mengolah tiket ini: {trouble}", err=True)
        raise SystemExit(FINDING)


def _planned(rulebook: Mapping[str, Rules], snapshot: Snapshot, now: dt.datetime) -> tuple[Plan, str]:
    """What the connector would do, or why it can do nothing: who asks about a ticket wants its ledger all the same."""
    key = snapshot.state.procedure if snapshot.state else snapshot.procedure
    if key not in rulebook:
        return Plan(), f"ia berasal dari POS {key}, yang tidak ada dalam pemetaan"
    fresh = Fresh(number="(nomor baru)", token_hash="")
    try:
        return plan_issue(rulebook[snapshot.procedure], snapshot, now, fresh, rulebook[key]), ""
    except PermanentError as error:
        return Plan(), str(error)
