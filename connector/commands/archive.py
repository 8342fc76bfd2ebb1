"""The commands about archives: make, verify, index."""

from __future__ import annotations

import hashlib
import json
from itertools import groupby
from pathlib import Path

import click

from connector.archive.bundle import UnreadableError, check, manifest
from connector.archive.contents import Scope
from connector.archive.index import entries, pdf
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
    epilog=examples(
        "connector archive index --year 2026",
        "connector archive index --year 2026 --out daftar-arsip-2026.pdf",
        "connector archive index --format json",
    )
)
@click.option("--year", type=int, metavar="TAHUN", help="Hanya tiket yang berakhir pada tahun ini.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="BERKAS",
    help="Tulis sebagai PDF/A-3 ke berkas ini.",
)
@format_option
def index(year: int | None, out: Path | None, form: str) -> None:
    """Daftar arsip menurut tahun, POS, dan klasifikasi, dibaca dari tiket di Redmine."""
    application = Application(settings(*REDMINE))
    found = entries(application.redmine, application.rules, year)
    if out is not None:
        title = str(year) if year is not None else "semua tahun"
        content = pdf(found, title, application.settings.templates_dir, application.clock().astimezone())
        try:
            out.write_bytes(content)
        except OSError as error:
            raise click.ClickException(f"{out} tidak dapat ditulis: {error.strerror}") from None
        click.echo(out)
        return
    if form == "json":
        click.echo(json.dumps([each.as_json() for each in found], ensure_ascii=False, indent=2))
        return
    for (at, procedure, classification, retention), rows in groupby(found, key=lambda each: each.group):
        head = f"{at}  {procedure}  {classification or '(tanpa klasifikasi)'}"
        click.echo(head + (f"  retensi: {retention}" if retention else ""))
        for each in rows:
            click.echo(f"  {each.ticket}  #{each.issue}  {each.where}")
    click.echo(f"{len(found)} tiket." if found else "Tidak ada tiket yang berakhir.")
