"""Commands that only read the mappings: lint, procedures, due."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import click
from pydantic import ValidationError

from connector.commands.common import (
    FINDING,
    catalogue,
    examples,
    mappings_option,
    one_organization,
    profile_option,
)
from connector.commands.listing import described, table
from connector.errors import MappingError
from connector.sop.model import Limit


@click.command(epilog=examples("connector lint", "connector lint --mappings ./pemetaan --profile unj"))
@mappings_option
@profile_option
@click.pass_context
def lint(ctx: click.Context, mappings: Path | None, profile: str | None) -> None:
    """Periksa pemetaan: setiap kesalahan dengan berkas:baris:kolom."""
    try:
        found = catalogue(mappings, profile)
    except MappingError as error:
        for finding in error.findings:
            click.echo(finding)
        click.echo(f"{len(error.findings)} kesalahan", err=True)
        ctx.exit(FINDING)
    click.echo(
        f"{len(found.procedures)} POS dari {len(found.organizations)} organisasi: tidak ada kesalahan",
        err=True,
    )


@click.command(
    epilog=examples(
        "connector procedures", "connector procedures --profile unj --format json | jq '.[0].steps'"
    )
)
@mappings_option
@profile_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Bentuk keluaran."
)
def procedures(mappings: Path | None, profile: str | None, form: str) -> None:
    """Tampilkan semua POS: langkah, peran, batas waktu, kelengkapan, dan hasilnya."""
    found = catalogue(mappings, profile)
    if form == "json":
        rows = [described(each, found) for each in found.procedures]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(table(each) for each in found.procedures))


@click.command(
    epilog=examples(
        'connector due 2026-11-20T15:59+07:00 "1 hari kerja" --profile unj',
        'connector due "2026-11-20 15:59" "30 menit" --profile unj',
    )
)
@click.argument("start", metavar="DARI")
@click.argument("limit", metavar="BATAS")
@mappings_option
@profile_option
def due(start: str, limit: str, mappings: Path | None, profile: str | None) -> None:
    """Hitung kapan BATAS waktu yang mulai pada DARI berakhir, menurut jam kerja organisasi.

    DARI tanpa zona waktu dibaca sebagai waktu setempat di kantor itu.
    """
    from connector.calendars import work_calendar

    budget = _limit(limit)
    instant = _instant(start)
    calendar = work_calendar(one_organization(catalogue(mappings, profile)).calendar)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=calendar.zone)
    click.echo(calendar.due(instant, budget).isoformat(timespec="seconds"))


def _instant(text: str) -> dt.datetime:
    # «15.59» is how Indonesians write the time; Python would read 15:00 and a fraction of a second
    text = re.sub(r"^(.{10}[ T]\d\d)\.(\d\d)", r"\1:\2", text)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"«{text}» bukan waktu; tulis misalnya 2026-11-20T15:59+07:00", param_hint="DARI"
        ) from None


def _limit(text: str) -> Limit:
    try:
        return Limit.model_validate(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        words = str(first.get("ctx", {}).get("error", f"«{text}» bukan batas waktu"))
        raise click.BadParameter(words, param_hint="BATAS") from None
