"""Commands about the mappings: lint, procedures, plan, apply, due."""

from __future__ import annotations

import datetime as dt
import json

import click

from connector.commands.common import FINDING, readable, settings
from connector.settings import PROVISION
from connector.sop.loader import load
from connector.sop.model import Catalogue, Limit


def _catalogue(profile: str | None = None) -> Catalogue:
    given = settings()
    return load(given.mappings_dir, (profile,) if profile else given.profiles)


@click.command()
@readable
def lint() -> None:
    """Periksa berkas pemetaan.

    Setiap temuan ditulis BERKAS:BARIS:KOLOM: PESAN.

    \b
    Contoh:
      connector lint
      SOP_MAPPINGS_DIR=/srv/sop connector lint
    """
    catalogue = _catalogue()
    steps = sum(len(procedure.steps) for procedure in catalogue.procedures)
    click.echo(
        f"Tidak ada temuan: {len(catalogue.organizations)} organisasi, "
        f"{len(catalogue.procedures)} POS, {steps} langkah."
    )


@click.command()
@click.option("--profile", help="Hanya organisasi ini, misalnya unj.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@readable
def procedures(profile: str | None, form: str) -> None:
    """Tampilkan POS yang dipetakan.

    \b
    Contoh:
      connector procedures
      connector procedures --profile unj --format json
    """
    from connector.sop.listing import listing

    found = _catalogue(profile).procedures
    if form == "json":
        click.echo(json.dumps([listing(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        click.echo(f"{each.key}  {each.code}  {each.title}")
        for step in each.steps:
            who = ", ".join(step.roles) or "-"
            sure = {step.basis.role.value, step.basis.limit.value, step.basis.outcomes.value} == {"stated"}
            mark = " " if sure else "~"
            click.echo(f"  {step.no:>4} {mark} {step.title:<42} {who:<48} {step.limit or '-'}")
    click.echo("~ = peran, waktu, atau hasilnya tidak tertulis dalam POS; pastikan dengan pemilik POS.")


@click.command()
@click.option(
    "--adopt",
    multiple=True,
    metavar="KUNCI",
    help="Ambil alih objek yang sudah ada, misalnya status:selesai.",
)
@readable
def plan(adopt: tuple[str, ...]) -> None:
    """Tampilkan apa yang akan berubah di Redmine. Tidak mengubah apa pun.

    \b
    Contoh:
      SOP_REDMINE_ADMIN_KEY=... connector plan
    """
    _provision(adopt, apply=False)


@click.command(name="apply")
@click.option(
    "--adopt",
    multiple=True,
    metavar="KUNCI",
    help="Ambil alih objek yang sudah ada, misalnya status:selesai.",
)
@readable
def apply_(adopt: tuple[str, ...]) -> None:
    """Sesuaikan Redmine dengan pemetaan, dalam satu transaksi.

    \b
    Contoh:
      SOP_REDMINE_ADMIN_KEY=... connector apply
      SOP_REDMINE_ADMIN_KEY=... connector apply --adopt status:selesai
    """
    _provision(adopt, apply=True)


def _provision(adopt: tuple[str, ...], *, apply: bool) -> None:
    from connector.redmine.provision import Provisioner, render
    from connector.sop.blueprint import blueprint

    given = settings(PROVISION)
    wanted = blueprint(load(given.mappings_dir, given.profiles))
    provisioner = Provisioner(given.redmine_url, given.redmine_admin_key.get_secret_value())
    outcome = (provisioner.apply if apply else provisioner.plan)(wanted, adopt)
    click.echo(render(outcome))
    if outcome.refused:
        raise SystemExit(FINDING)


@click.command()
@click.argument("start", metavar="FROM")
@click.argument("limit", metavar="LIMIT")
@click.option("--profile", help="Organisasi yang kalendernya dipakai; bawaan: yang pertama.")
@readable
def due(start: str, limit: str, profile: str | None) -> None:
    """Hitung kapan batas waktu LIMIT berakhir bila mulai pada FROM.

    LIMIT: angka dan satuan (menit, jam, hari, hari kerja, minggu, bulan).

    \b
    Contoh:
      connector due 2026-11-20T15:59+07:00 "1 hari kerja" --profile unj
    """
    from connector.calendars import work_calendar

    catalogue = _catalogue(profile)
    try:
        instant = dt.datetime.fromisoformat(start)
        wanted = Limit.model_validate(limit)
    except ValueError as error:
        reason = str(error.errors()[0]["ctx"]["error"]) if hasattr(error, "errors") else str(error)
        raise click.UsageError(reason) from None
    calendar = work_calendar(catalogue.organizations[0].calendar)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=calendar.zone)
    click.echo(calendar.due(instant, wanted).isoformat())
