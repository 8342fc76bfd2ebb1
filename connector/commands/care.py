"""Commands for whoever looks after the service: doctor, rebuild, dead."""

from __future__ import annotations

import json

import click

from connector.bootstrap import Application
from connector.commands.common import FINDING, examples, format_option, settings
from connector.doctor.local import LOCAL
from connector.doctor.remote import REMOTE
from connector.doctor.report import as_json, as_text, examine, findings
from connector.doctor.subject import Subject
from connector.settings import REDMINE, SERVICE

CHECKS = (*LOCAL, *REMOTE)


@click.command(epilog=examples("connector doctor", "connector doctor --format json"))
@format_option
def doctor(form: str) -> None:
    """Coba semua yang diperlukan konektor, dan katakan apa yang kurang dan apa yang harus dilakukan.

    Jalankan selagi layanan hidup. Tidak mengubah apa pun dan tidak mengirim surat. Dengan SOP_REDMINE_ADMIN_KEY isi
    Redmine juga dibandingkan dengan pemetaan.
    """
    results = examine(CHECKS, Subject(Application(settings(*SERVICE))))
    click.echo(
        json.dumps(as_json(results), ensure_ascii=False, indent=2) if form == "json" else as_text(results)
    )
    if findings(results):
        raise SystemExit(FINDING)


@click.command(epilog=examples("connector rebuild"))
def rebuild() -> None:
    """Bangun kembali basis data dari Redmine: nomor tiket, register dokumen, dan tiket yang perlu dilihat."""
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
