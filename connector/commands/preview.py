"""The command for those who edit documents: preview."""

from __future__ import annotations

from pathlib import Path

import click

from connector.bootstrap import Application, utc_now
from connector.calendars import work_calendar
from connector.commands.common import FINDING, catalogue, examples, mappings_option, settings
from connector.documents import TypstRenderer
from connector.documents.builders import document_data
from connector.documents.samples import example_order, sample_order
from connector.engine.snapshot import Snapshot
from connector.settings import REDMINE
from connector.sop.document import unknown
from connector.sop.model import Catalogue, Procedure
from connector.sop.papers import DocumentDef

PPI = 110


@click.command(
    epilog=examples(
        "connector preview berita_acara",
        "connector preview surat_tugas --procedure unj/pengaduan-masalah-si --png",
        "connector preview berita_acara --issue 42 --out ba-42.pdf",
    )
)
@click.argument("document", metavar="DOKUMEN")
@click.option("--procedure", "key", metavar="ORGANISASI/POS", help="POS pemilik dokumen, bila ada beberapa.")
@click.option(
    "--issue", type=int, metavar="TIKET", help="Isi dari tiket ini di Redmine; tanpa ini isi contoh."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="BERKAS",
    help="Tulis ke berkas ini; tanpa ini DOKUMEN.pdf.",
)
@click.option("--png", is_flag=True, help="Juga sebagai gambar, satu berkas satu halaman.")
@mappings_option
def preview(
    document: str, key: str | None, issue: int | None, out: Path | None, png: bool, mappings: Path | None
) -> None:
    """Tunjukkan sebuah dokumen seperti yang akan dibuat konektor, dengan isi contoh atau isi sebuah tiket.

    DOKUMEN adalah id dokumen pada pemetaan, misalnya berita_acara. Tidak ada yang diterbitkan: kode verifikasinya tidak
    berlaku. Kesalahan templat disebut dengan berkas, baris, dan kolomnya.
    """
    found = catalogue(mappings)
    now = utc_now()
    snapshot = _read(issue) if issue is not None else None
    procedure, wanted = _asked(found, document, snapshot.procedure if snapshot else key)
    organization = found.organization(procedure.profile)
    if organization is None:
        raise LookupError(procedure.profile)
    url = settings().public_url
    if snapshot is not None and snapshot.state is not None:
        order = example_order(procedure, organization, wanted, now, snapshot, snapshot.state, url)
    else:
        calendar = work_calendar(organization.calendar)
        order = sample_order(procedure, organization, calendar, wanted, now, url)
    folder = settings().templates_dir / "documents"
    logo = (mappings or settings().mappings_dir) / organization.id / (organization.logo or "")
    renderer = TypstRenderer(folder, folder / "fonts", {organization.id: logo} if organization.logo else {})
    data = document_data(order)
    target = out or Path(f"{document}.pdf")
    _write(target, renderer.render(wanted.template, data, now=now))
    for number, page in enumerate(renderer.pages(wanted.template, data, now=now, ppi=PPI) if png else (), 1):
        _write(target.with_name(f"{target.stem}-{number}.png"), page)


def _read(issue: int) -> Snapshot:
    snapshot = Application(settings(*REDMINE)).redmine.read(issue)
    if snapshot is None or snapshot.state is None:
        click.echo(f"Tiket {issue} tidak ada, atau belum dikenal konektor.", err=True)
        raise SystemExit(FINDING)
    return snapshot


def _asked(found: Catalogue, document: str, key: str | None) -> tuple[Procedure, DocumentDef]:
    """The document that was asked for, with its procedure."""
    if key is not None and found.by_key(key) is None:
        words = unknown("POS", key, [each.key for each in found.procedures])
        raise click.BadParameter(words, param_hint="--procedure")
    procedures = [each for each in found.procedures if key in (None, each.key)]
    having = [(each, said) for each in procedures if (said := each.document(document)) is not None]
    if not having:
        known = dict.fromkeys(each.id for procedure in procedures for each in procedure.documents)
        words = f"{unknown('dokumen', document, known)}; yang ada: {', '.join(known)}"
        raise click.BadParameter(words, param_hint="DOKUMEN")
    if len(having) > 1:
        names = ", ".join(procedure.key for procedure, _ in having)
        click.echo(f"Dokumen «{document}» ada pada {names}; yang ditunjukkan {having[0][0].key}.", err=True)
    return having[0]


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{path} tidak dapat ditulis: {error.strerror}") from None
    click.echo(path)
