"""The register of documents, for whoever answers for it."""

from __future__ import annotations

import json
from typing import Any

import click

from connector.bootstrap import Application
from connector.commands.common import examples, format_option, settings
from connector.ports import PaperStatus, Registered


@click.command(
    epilog=examples(
        "connector documents",
        "connector documents --year 2026",
        "connector documents --issue 42 --format json",
    )
)
@click.option("--issue", type=int, metavar="NOMOR", help="Hanya dokumen tiket Redmine ini.")
@click.option("--year", type=int, metavar="TAHUN", help="Hanya dokumen tahun ini.")
@format_option
def documents(issue: int | None, year: int | None, form: str) -> None:
    """Tampilkan register dokumen: setiap nomor yang pernah diberikan, dan apa jadinya."""
    found = Application(settings()).store.register.entries(issue=issue, year=year)
    if form == "json":
        click.echo(json.dumps([_described(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        click.echo(_line(each))
    click.echo(f"{len(found)} dokumen." if found else "Tidak ada dokumen.")


def _line(entry: Registered) -> str:
    issue = f"#{entry.issue}" if entry.issue else "-"
    return f"{entry.at:%Y-%m-%d}  {entry.number}  {entry.kind}  {issue}  {entry.code}  {_standing(entry)}"


def _standing(entry: Registered) -> str:
    match entry.status:
        case PaperStatus.REPLACED:
            return f"diganti oleh {entry.replaced_by}"
        case PaperStatus.VOID:
            return f"batal: {entry.reason}"
        case _:
            return entry.status.value


def _described(entry: Registered) -> dict[str, Any]:
    """What it says is not told: it may be about a person."""
    return {
        "organization": entry.organization,
        "series": entry.slot.series,
        "year": entry.slot.year or None,
        "sequence": entry.sequence,
        "number": entry.number,
        "kind": entry.kind,
        "ticket": entry.ticket,
        "issue": entry.issue,
        "field": entry.field,
        "template": entry.template,
        "code": entry.code,
        "at": entry.at.isoformat(),
        "status": entry.status.value,
        "reason": entry.reason,
        "replaced_by": entry.replaced_by or None,
        "sha256": entry.sha256 or None,
        "attachment": entry.attachment,
        "certificate": entry.certificate or None,
    }
