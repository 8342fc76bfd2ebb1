"""The command `digest`: show the supervisors' mail, or send what is due."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from functools import partial

import click

from connector.bootstrap import Application
from connector.commands.common import FINDING, examples, profile_option, settings
from connector.engine.words import instant_words
from connector.ports import Delivery, DeliveryState
from connector.settings import REDMINE
from connector.supervision.offices import Office, Reader
from connector.supervision.past import Past
from connector.worker import Worker

SENDING = (*REDMINE, "smtp_url", "mail_from")


@click.command(
    epilog=examples(
        "connector digest --dry-run",
        "connector digest --dry-run --weekly --profile unj --to kepala-pustikom",
        "connector digest",
    )
)
@profile_option
@click.option("--dry-run", is_flag=True, help="Tampilkan surat setiap penerima; tidak ada yang dikirim.")
@click.option("--weekly", is_flag=True, help="Dengan angka sepekan, walaupun bukan harinya.")
@click.option("--to", "role", metavar="PERAN", help="Hanya untuk pemegang peran ini.")
def digest(profile: str | None, dry_run: bool, weekly: bool, role: str | None) -> None:
    """Kirim rekap pengawas yang sudah jatuh tempo dan belum terkirim, atau tampilkan saja.

    Layanan yang hidup mengirimnya sendiri pada waktunya. Perintah ini berguna sesudah sebuah gangguan diperbaiki; ia
    tidak pernah mengirim rekap yang sama dua kali.
    """
    application = Application(settings(*(REDMINE if dry_run else SENDING)))
    offices = _chosen(application, profile, role)
    if dry_run:
        for office in offices:
            _show(application, office, role, weekly=weekly)
        return
    left = [office for office in offices if not _send(application, office, role, weekly=weekly)]
    if left:
        raise SystemExit(FINDING)


def _chosen(application: Application, profile: str | None, role: str | None) -> list[Office]:
    """The organizations that are meant, each with readers of the role."""
    known = application.offices
    if profile is not None and application.catalogue.organization(profile) is None:
        served = ", ".join(each.id for each in application.catalogue.organizations)
        raise click.UsageError(f"organisasi «{profile}» tidak ada; yang ada: {served}")
    found = [office for office in known.values() if profile in (None, office.profile)]
    if not found:
        raise click.UsageError("tidak ada rekap: organization.yaml tidak mempunyai digests")
    if role is None:
        return found
    names = sorted({each for office in found for entry in office.digests.readers for each in entry.roles})
    if role not in names:
        raise click.UsageError(f"peran «{role}» tidak menerima rekap; penerimanya: {', '.join(names)}")
    return [office for office in found if any(role in entry.roles for entry in office.digests.readers)]


def _readers(application: Application, office: Office, role: str | None) -> list[Reader]:
    everybody = office.readers(application.redmine.members)
    return [reader for reader in everybody if role in (None, *reader.roles)]


# showing ----------------------------------------------------------------------------------------------------------


def _show(application: Application, office: Office, role: str | None, *, weekly: bool) -> None:
    supervision, now = application.supervision, application.clock()
    known = application.store.migrated()
    readers = _readers(application, office, role)
    if not readers:
        click.echo(f"{office.organization.short_name}: tidak ada orang pada peran penerima rekap.")
    slot = office.timetable.latest(now)
    for reader in readers:
        titles = ", ".join(office.title(each) for each in reader.roles)
        if not reader.member.mail:
            click.echo(
                f"{reader.member.name}, {titles}: tanpa alamat email di Redmine, jadi tidak ada rekap.\n"
            )
            continue
        click.echo(f"Kepada: {reader.member.name} <{reader.member.mail}>, {titles}")
        past = supervision.past(office, reader, slot) if known else Past()
        with_week = weekly or past.owes_week(office.timetable, slot)
        letter = supervision.letter(office, reader, past, now, weekly=with_week)
        if letter.empty:
            click.echo("Tidak ada yang perlu disampaikan, jadi tidak ada surat.\n")
            continue
        mail = supervision.render(letter, reader, "percobaan")
        click.echo(f"Perihal: {mail.subject}\n\n{mail.text}\n")


# sending ----------------------------------------------------------------------------------------------------------


def _send(application: Application, office: Office, role: str | None, *, weekly: bool) -> bool:
    """Send what is due; whether nothing is left."""
    now, name = application.clock(), office.organization.short_name
    application.store.migrate()
    application.supervision.open(office, now, asked=True)
    slot = office.timetable.latest(now)
    due = list(_due(application, office, slot, role))
    if not due:
        following = instant_words(office.timetable.following(slot), office.timetable.calendar.zone)
        click.echo(f"{name}: tidak ada rekap yang jatuh tempo; yang berikutnya {following}.")
        return True
    handlers = {"digest": partial(application.supervision.send, weekly=weekly)}
    worker = Worker(f"digest:{os.getpid()}", application.store, handlers, application.clock)
    for each in due:
        application.store.queue.put(f"digest:{each.key}", now=now)
        worker.run_once(f"digest:{each.key}")
    return _tell(name, [application.store.digests.delivery(each.key) for each in due])


def _due(application: Application, office: Office, slot: dt.datetime, role: str | None) -> Iterator[Delivery]:
    chosen = {reader.member.id for reader in _readers(application, office, role)} if role else None
    today = office.timetable.midnight(office.timetable.day(slot))
    for each in application.store.digests.deliveries(office.profile, today):
        if each.state is DeliveryState.WAITING and (chosen is None or each.person in chosen):
            yield each


def _tell(name: str, after: Sequence[Delivery | None]) -> bool:
    found = [each for each in after if each is not None]
    states = [each.state for each in found]
    sent, empty = states.count(DeliveryState.SENT), states.count(DeliveryState.EMPTY)
    click.echo(f"{name}: {sent} rekap terkirim, {empty} tanpa isi.")
    waiting = [each for each in found if each.state is DeliveryState.WAITING]
    for each in waiting:
        reason = each.reason or "sedang dikerjakan pekerja lain"
        click.echo(f"{name}: rekap pengguna Redmine {each.person} belum terkirim: {reason}.", err=True)
    if waiting:
        click.echo("Dicoba lagi oleh connector run atau connector worker sampai hari ini berakhir.", err=True)
    return not waiting
