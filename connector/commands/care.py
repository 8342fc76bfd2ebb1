"""Commands for whoever looks after the service: doctor, explain, rebuild, dead."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import click

from connector.bootstrap import Application
from connector.commands.common import FINDING, examples, settings
from connector.engine.plan import Fresh
from connector.engine.plan import plan as plan_issue
from connector.errors import SopError
from connector.portal.forms import MAX_FILE
from connector.settings import REDMINE, SERVICE
from connector.sop.blueprint import blueprint
from connector.sop.table import moves

WANTED = (
    "view_issues",
    "add_issues",
    "edit_issues",
    "add_issue_notes",
    "set_notes_private",
    "view_private_notes",
)


@click.command(epilog=examples("connector doctor"))
def doctor() -> None:
    """Coba semua yang diperlukan konektor, dan katakan apa yang kurang."""
    application = Application(settings(*SERVICE))
    bad = 0
    for name, check in CHECKS.items():
        try:
            findings = list(check(application))
        except (SopError, OSError) as error:
            findings = [str(error)]
        click.echo(f"{'baik ' if not findings else 'GAGAL'}  {name}")
        for finding in findings:
            click.echo(f"         {finding}")
        bad += len(findings)
    if bad:
        raise SystemExit(FINDING)


def _database(application: Application) -> Iterator[str]:
    application.store.ping()
    if not application.store.migrated():
        yield "tabelnya belum dibuat; «connector run» atau «connector web» membuatnya"


def _redmine(application: Application) -> Iterator[str]:
    info = application.redmine.info()
    wanted = blueprint(application.catalogue)
    missing = sorted(
        entry["key"]
        for section in ("statuses", "roles", "groups", "fields", "trackers", "projects")
        for entry in wanted[section]
        if entry["key"] not in info["keys"]
    )
    if missing:
        named = ", ".join(missing[:8]) + (" …" if len(missing) > 8 else "")
        yield f"belum ada di Redmine: {named}; jalankan connector apply"
    if info["attachment_max_size"] < MAX_FILE:
        yield (
            f"Redmine menerima berkas sampai {info['attachment_max_size'] // 1024} KB, formulir sampai "
            f"{MAX_FILE // 1024} KB; naikkan «Ukuran maksimal lampiran» (Administration, Settings, Files)"
        )
    for organization in application.catalogue.organizations:
        held = info["permissions"].get(organization.project_key, [])
        lacking = [each for each in WANTED if each not in held]
        if lacking:
            yield f"proyek {organization.project.identifier}: konektor tidak punya izin {', '.join(lacking)}"


def _feed(application: Application) -> Iterator[str]:
    application.redmine.changes(0, 0)
    yield from ()


def _mail(application: Application) -> Iterator[str]:
    address = urlsplit(application.settings.smtp_url)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    with kind(address.hostname or "localhost", address.port or 25, timeout=10) as server:
        code, _ = server.noop()
    if code != 250:
        yield f"server surat menjawab {code}"


CHECKS: dict[str, Callable[[Application], Iterator[str]]] = {
    "basis data": _database,
    "Redmine: isi dan izin": _redmine,
    "Redmine: catatan perubahan": _feed,
    "server surat": _mail,
}


@click.command(epilog=examples("connector explain 42", "connector explain 42 --format json"))
@click.argument("issue", type=int)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(issue: int, form: str) -> None:
    """Jelaskan keadaan sebuah tiket, dan apa yang akan dilakukan konektor sekarang."""
    application = Application(settings(*REDMINE))
    snapshot = application.redmine.read(issue)
    if snapshot is None:
        click.echo(f"Tiket {issue} tidak ada, atau bukan milik POS yang dilayani.", err=True)
        raise SystemExit(FINDING)
    rules = application.rules[snapshot.procedure]
    former = application.rules.get(snapshot.state.procedure) if snapshot.state else None
    fresh = Fresh(number="(nomor baru)", token_hash="")
    planned = plan_issue(rules, snapshot, application.clock(), fresh, former)
    legal = [move for move in moves(rules.procedure) if move.origin == snapshot.status]
    told = {
        "issue": issue,
        "procedure": snapshot.procedure,
        "status": snapshot.status,
        "state": snapshot.state.model_dump(mode="json") if snapshot.state else None,
        "moves": [{"to": move.target, "roles": list(move.roles), "outcome": move.outcome} for move in legal],
        "unseen_journals": [journal.id for journal in snapshot.new_journals()],
        "effects": [
            {"effect": type(effect).__name__, **effect.model_dump(mode="json")} for effect in planned.effects
        ],
    }
    if form == "json":
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"Tiket {issue}, {rules.procedure.title}: {snapshot.status}")
    for stay in snapshot.state.stays if snapshot.state else ():
        until = f" sampai {stay.left:%Y-%m-%d %H.%M}" if stay.left else " (sekarang)"
        click.echo(f"  {stay.step}: {stay.entered:%Y-%m-%d %H.%M}{until} {stay.outcome or ''}")
    for move in legal:
        click.echo(f"  boleh ke {move.target} oleh {', '.join(move.roles)}")
    names = ", ".join(type(effect).__name__ for effect in planned.effects)
    click.echo(f"Yang akan dilakukan konektor sekarang: {names or 'tidak ada'}.")


@click.command(epilog=examples("connector rebuild"))
def rebuild() -> None:
    """Bangun kembali basis data dari Redmine: nomor tiket, dan tiket yang perlu dilihat."""
    application = Application(settings(*REDMINE))
    application.store.migrate()
    application.poller.seed()
    behind = application.poller.sweep()
    click.echo(f"Selesai. {behind} tiket terbuka masuk antrean.")


@click.group(
    epilog=examples(
        "connector dead list",
        "connector dead retry issue:42",
        "connector dead drop mail:UNJ-2026-000001:diterima",
    )
)
def dead() -> None:
    """Pekerjaan yang sudah berhenti dicoba."""


@dead.command(name="list")
def dead_list() -> None:
    """Tampilkan semuanya."""
    found = Application(settings()).store.queue.dead()
    for job in found:
        click.echo(f"{job.since:%Y-%m-%d %H:%M}Z  {job.key}  {job.attempts}x  {job.error}")
    click.echo(f"{len(found)} pekerjaan mati." if found else "Tidak ada pekerjaan mati.")
    if found:
        raise SystemExit(FINDING)


@dead.command(name="retry")
@click.argument("key")
def dead_retry(key: str) -> None:
    """Coba lagi."""
    application = Application(settings())
    _done(application.store.queue.revive(key, now=application.clock()), key, "dicoba lagi")


@dead.command(name="drop")
@click.argument("key")
def dead_drop(key: str) -> None:
    """Lupakan."""
    _done(Application(settings()).store.queue.drop(key), key, "dilupakan")


def _done(found: bool, key: str, what: str) -> None:
    if not found:
        click.echo(f"Tidak ada pekerjaan mati dengan kunci «{key}».", err=True)
        raise SystemExit(FINDING)
    click.echo(f"{key} {what}.")
