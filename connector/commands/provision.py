"""Commands that bring Redmine to the mappings: plan, apply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from connector.bootstrap import rulebook
from connector.commands.common import FINDING, catalogue, examples, format_option, mappings_option, settings
from connector.limits import Running, running
from connector.limits import render as render_limits
from connector.redmine.gateway import RedmineGateway
from connector.redmine.provision import Outcome, Provisioner, render
from connector.settings import PROVISION
from connector.sop.blueprint import blueprint
from connector.standing import Touched, touched
from connector.standing import render as render_touched

adopt_option = click.option(
    "--adopt",
    multiple=True,
    metavar="KUNCI",
    help="Ambil alih objek Redmine bernama sama, misalnya status:selesai. Boleh berulang.",
)


@dataclass(frozen=True)
class Answer:
    """What Redmine says to the mappings, the open tickets that they touch, and what becomes of running clocks."""

    outcome: Outcome
    tickets: Sequence[Touched]
    limits: Running

    @property
    def blocked(self) -> bool:
        """Whether tickets would be left without a step."""
        return any(each.stranded for each in self.tickets)

    def show(self, form: str, *, applying: bool) -> None:
        """Print it."""
        if form == "json":
            told = {
                **self.outcome.as_json(),
                "blocked": self.blocked,
                "tickets": [each.as_json() for each in self.tickets],
                "limits": self.limits.as_json(),
            }
            click.echo(json.dumps(told, ensure_ascii=False, indent=2))
            return
        stopped = applying and self.blocked and not self.outcome.refused
        parts = [
            "Tidak ada yang diubah." if stopped else render(self.outcome),
            render_touched(self.tickets),
            render_limits(self.limits),
        ]
        click.echo("\n\n".join(part for part in parts if part))


@click.command(
    epilog=examples(
        "connector plan",
        "connector plan --exit-code || echo 'Redmine menyimpang'",
        "connector plan --format json",
    )
)
@mappings_option
@adopt_option
@format_option
@click.option("--exit-code", is_flag=True, help="Berakhir dengan 1 bila ada yang perlu diubah.")
@click.pass_context
def plan(
    ctx: click.Context, mappings: Path | None, adopt: tuple[str, ...], form: str, exit_code: bool
) -> None:
    """Tampilkan apa yang akan diubah di Redmine, tiket terbuka yang terkena, dan batas waktu yang akan bergeser.

    Tidak mengubah apa pun. Kalender kerja pada berkas berlaku setelah konektor dijalankan ulang.

    Perlu SOP_REDMINE_URL dan SOP_REDMINE_ADMIN_KEY (atau SOP_REDMINE_ADMIN_KEY_FILE).
    """
    answer = _ask(mappings, adopt, apply=False)
    answer.show(form, applying=False)
    if answer.outcome.refused or answer.blocked or (exit_code and answer.outcome.changes):
        ctx.exit(FINDING)


@click.command(
    epilog=examples(
        "connector apply", "connector apply --adopt status:selesai", "SOP_PROFILES=unj connector apply"
    )
)
@mappings_option
@adopt_option
@format_option
@click.pass_context
def apply(ctx: click.Context, mappings: Path | None, adopt: tuple[str, ...], form: str) -> None:
    """Ubah Redmine menurut pemetaan, semuanya atau tidak sama sekali.

    Perlu SOP_REDMINE_URL dan SOP_REDMINE_ADMIN_KEY (atau SOP_REDMINE_ADMIN_KEY_FILE).
    """
    answer = _ask(mappings, adopt, apply=True)
    answer.show(form, applying=True)
    if not answer.outcome.applied:
        ctx.exit(FINDING)


def _ask(mappings: Path | None, adopt: tuple[str, ...], *, apply: bool) -> Answer:
    given = settings(*PROVISION)
    found = catalogue(mappings)
    key = given.redmine_admin_key.get_secret_value()
    provisioner = Provisioner(given.redmine_url, key, given.profiles)
    wanted = blueprint(found)
    rows = tuple(RedmineGateway(given.redmine_url, key, found).states(open_only=True))
    answer = Answer(
        outcome=provisioner.plan(wanted, adopt),
        tickets=touched(found, given.profiles, rows),
        limits=running(rulebook(found), rows),
    )
    if not apply or answer.blocked or answer.outcome.refused:
        return answer
    return replace(answer, outcome=provisioner.apply(wanted, adopt))
