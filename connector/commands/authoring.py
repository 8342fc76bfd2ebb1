"""Commands for those who write mappings: diagram."""

from __future__ import annotations

from pathlib import Path

import click

from connector.commands.common import catalogue, examples, mappings_option
from connector.sop.checks import unknown
from connector.sop.model import Catalogue, Organization, Procedure


@click.command(
    epilog=examples(
        "connector diagram unj/permohonan-layanan-teknis --output pos-100r.svg",
        "connector diagram unj/permohonan-layanan-teknis > pos-100r.svg",
    )
)
@click.argument("key", metavar="ORGANISASI/POS")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="BERKAS",
    help="Tulis ke berkas ini; tanpa ini ke keluaran biasa.",
)
@mappings_option
def diagram(key: str, output: Path | None, mappings: Path | None) -> None:
    """Gambar diagram alir sebuah POS (SVG): lajur pelaksana, mutu baku, dan semua jalan antarlangkah.

    Gambarnya dari tabel yang sama dengan yang dijalankan konektor. Muat dicetak pada satu halaman A3 atau A4 mendatar.
    """
    from connector.diagram.chart import chart_of
    from connector.diagram.layout import drawing_of
    from connector.diagram.svg import svg_of

    procedure, organization = _asked(catalogue(mappings, key.partition("/")[0]), key)
    svg = svg_of(drawing_of(chart_of(procedure, organization)))
    if output is None:
        click.echo(svg, nl=False)
        return
    try:
        output.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} tidak dapat ditulis: {error.strerror}") from None
    click.echo(f"{output}: {procedure.title}", err=True)


def _asked(found: Catalogue, key: str) -> tuple[Procedure, Organization]:
    """The procedure that was asked for, and its organization."""
    procedure = found.by_key(key)
    if procedure is None:
        words = unknown("POS", key, [each.key for each in found.procedures])
        raise click.BadParameter(
            f"{words}; tulis misalnya unj/permohonan-layanan-teknis", param_hint="ORGANISASI/POS"
        )
    organization = found.organization(procedure.profile)
    if organization is None:
        raise LookupError(procedure.profile)
    return procedure, organization
