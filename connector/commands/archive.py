"""The commands about archives: make, verify, index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from connector.archive.bundle import UnreadableError, check, manifest
from connector.archive.contents import Scope
from connector.archive.record import records
from connector.bootstrap import Application
from connector.commands.common import FINDING, WRONG_USE, examples, format_option, settings
from connector.settings import REDMINE


@click.group(
    epilog=examples(
        "connector archive verify arsip-UNJ-2026-000123-20261121T030000Z.zip",
        "connector archive make 42 --out /srv/arsip",
        "connector archive index --year 2026",
    )
)
def archive() -> None:
    """Arsip tiket yang sudah berakhir: ZIP, dan PDF/A-3 dengan semua berkas di dalamnya.

    Hanya untuk petugas: arsip dapat memuat data pribadi dan catatan pribadi.
    """


@archive.command(epilog=examples("connector archive verify arsip.zip", "connector archive verify arsip.pdf"))
@click.argument("file", metavar="BERKAS", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--sha256", metavar="HEX", help="SHA-256 yang disebut catatan arsip pada tiketnya.")
def verify(file: Path, sha256: str | None) -> None:
    """Periksa sebuah arsip: sebut setiap berkas yang berubah, hilang, atau tidak dikenal.

    Berakhir dengan 0 bila utuh, 1 bila ada temuan, 2 bila bukan arsip atau tidak dapat dibaca.
    """
    try:
        content = file.read_bytes()
        findings = check(content)
        said = manifest(content)
    except (UnreadableError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        click.echo(f"{file}: {reason}", err=True)
        raise SystemExit(WRONG_USE) from None
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and sha256.lower() != digest:
        findings.append(f"SHA-256 arsip ini {digest}, bukan {sha256.lower()}")
    for each in findings:
        click.echo(each)
    if findings:
        click.echo(f"{len(findings)} temuan.")
        raise SystemExit(FINDING)
    click.echo(f"Utuh: tiket {said['ticket']}, {len(said['files'])} berkas. SHA-256 arsip {digest}.")


@archive.command(epilog=examples("connector archive make 42", "connector archive make 42 --out /srv/arsip"))
@click.argument("issue", type=int, metavar="TIKET")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder tujuan."
)
def make(issue: int, out: Path) -> None:
    """Tulis arsip lengkap sebuah tiket ke folder. Tidak ada yang dicatat pada tiketnya."""
    application = Application(settings(*REDMINE))
    snapshot = application.redmine.read(issue)
    if snapshot is None:
        click.echo(f"Tiket {issue} tidak ada, atau belum dikenal konektor.", err=True)
        raise SystemExit(FINDING)
    bundle = application.archivist.bundle(snapshot, Scope(full=True))
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in bundle.files.items():
            (out / name).write_bytes(content)
            click.echo(out / name)
    except OSError as error:
        raise click.ClickException(f"{out} tidak dapat ditulis: {error.strerror}") from None


@archive.command(
    epilog=examples("connector archive index --year 2026", "connector archive index --format json")
)
@click.option("--year", type=int, metavar="TAHUN", help="Hanya tiket yang berakhir pada tahun ini.")
@format_option
def index(year: int | None, form: str) -> None:
    """Daftar arsip menurut tahun, POS, dan klasifikasi, dibaca dari tiket di Redmine."""
    found = sorted(
        _entries(Application(settings(*REDMINE)), year), key=lambda each: [str(v) for v in each.values()]
    )
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    head = None
    for each in found:
        group = f"{each['year']}  {each['procedure']}  {each['classification'] or '(tanpa klasifikasi)'}"
        if group != head:
            head = group
            click.echo(group + (f"  retensi: {each['retention']}" if each["retention"] else ""))
        click.echo(f"  {each['ticket']}  #{each['issue']}  {each['where']}")
    click.echo(f"{len(found)} tiket." if found else "Tidak ada tiket yang berakhir.")


def _entries(application: Application, year: int | None) -> Iterator[dict[str, object]]:
    """Every ticket that has ended; the year is that of its end by the organization's calendar."""
    for row in application.redmine.states(open_only=False):
        rules = application.rules.get(row.state.procedure)
        ended = row.state.ended_at if row.state.ended is not None else None
        if rules is None or ended is None:
            continue
        at = ended.astimezone(ZoneInfo(rules.organization.calendar.timezone))
        if year is not None and at.year != year:
            continue
        snapshot = application.redmine.read(row.issue)
        kept = [each for each in records(snapshot) if each.ended == ended] if snapshot else []
        said = rules.procedure.archive
        yield {
            "year": at.year,
            "procedure": rules.procedure.key,
            "classification": said.classification if said else "",
            "retention": said.retention if said else "",
            "ticket": row.number,
            "issue": row.issue,
            "where": ", ".join(each.where for each in kept[-1].files) if kept else "(belum diarsipkan)",
        }
