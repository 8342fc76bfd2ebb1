"""The command `explain`: where a ticket's time went, and what comes."""

from __future__ import annotations

import json

import click

from connector.bootstrap import Application
from connector.commands.common import FINDING, examples, format_option, settings
from connector.engine.plan import Fresh
from connector.engine.plan import plan as plan_issue
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
    rules = application.rules[snapshot.procedure]
    former = application.rules.get(snapshot.state.procedure) if snapshot.state else None
    fresh = Fresh(number="(nomor baru)", token_hash="")
    planned = plan_issue(rules, snapshot, now, fresh, former)
    account = account_of(application.rules, snapshot, now, planned)
    if form == "json":
        click.echo(json.dumps(as_json(account), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(account))
