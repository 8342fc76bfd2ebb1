"""Commands that bring Redmine to the mappings: plan, apply."""

from __future__ import annotations

from pathlib import Path

import click

from connector.commands.common import FINDING, catalogue, examples, mappings_option, settings
from connector.redmine.provision import Outcome, Provisioner, render
from connector.settings import PROVISION
from connector.sop.blueprint import blueprint

adopt_option = click.option(
    "--adopt",
    multiple=True,
    metavar="KUNCI",
    help="Ambil alih objek Redmine bernama sama, misalnya status:selesai. Boleh berulang.",
)


@click.command(epilog=examples("connector plan", "connector plan --exit-code || echo 'Redmine menyimpang'"))
@mappings_option
@adopt_option
@click.option("--exit-code", is_flag=True, help="Berakhir dengan 1 bila ada yang perlu diubah.")
@click.pass_context
def plan(ctx: click.Context, mappings: Path | None, adopt: tuple[str, ...], exit_code: bool) -> None:
    """Tampilkan apa yang akan diubah di Redmine; tidak mengubah apa pun.

    Perlu SOP_REDMINE_URL dan SOP_REDMINE_ADMIN_KEY (atau SOP_REDMINE_ADMIN_KEY_FILE).
    """
    outcome = _call(mappings, adopt, apply=False)
    if outcome.refused or (exit_code and outcome.changes):
        ctx.exit(FINDING)


@click.command(epilog=examples("connector apply", "connector apply --adopt status:selesai"))
@mappings_option
@adopt_option
@click.pass_context
def apply(ctx: click.Context, mappings: Path | None, adopt: tuple[str, ...]) -> None:
    """Ubah Redmine menurut pemetaan, semuanya atau tidak sama sekali.

    Perlu SOP_REDMINE_URL dan SOP_REDMINE_ADMIN_KEY (atau SOP_REDMINE_ADMIN_KEY_FILE).
    """
    if _call(mappings, adopt, apply=True).refused:
        ctx.exit(FINDING)


def _call(mappings: Path | None, adopt: tuple[str, ...], *, apply: bool) -> Outcome:
    given = settings(*PROVISION)
    wanted = blueprint(catalogue(mappings))
    provisioner = Provisioner(given.redmine_url, given.redmine_admin_key.get_secret_value())
    outcome = provisioner.apply(wanted, adopt) if apply else provisioner.plan(wanted, adopt)
    click.echo(render(outcome))
    return outcome
