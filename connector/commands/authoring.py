"""Commands for those who write mappings: new, diagram."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from connector.commands.common import catalogue, examples, mappings_option, settings
from connector.commands.starting import StartError, mapping_text
from connector.errors import MappingError
from connector.sop.document import unknown
from connector.sop.loader import ORGANIZATION_FILE, load, shared_fields
from connector.sop.model import Catalogue, Identifier, Organization, Procedure


@click.command(
    epilog=examples(
        "connector new unj pengajuan-subdomain", "connector new unj pengajuan-subdomain --mappings ./pemetaan"
    )
)
@click.argument("profile", metavar="ORGANISASI")
@click.argument("name", metavar="ID")
@mappings_option
def new(profile: str, name: str, mappings: Path | None) -> None:
    """Tulis berkas awal sebuah POS baru: ORGANISASI/ID.yaml di folder pemetaan, dengan penjelasan di dalamnya.

    Berkas itu lulus `connector lint` apa adanya. Berkas yang sudah ada tidak ditimpa.
    """
    given = settings()
    root = mappings or given.mappings_dir
    _require_id(name)
    found = load(root)
    organization = found.organization(profile)
    if organization is None:
        words = unknown("organisasi", profile, [each.id for each in found.organizations])
        raise click.BadParameter(words, param_hint="ORGANISASI")
    path = root / profile / f"{name}.yaml"
    if path.exists():
        raise click.ClickException(f"{path} sudah ada dan tidak ditimpa; pilih id lain")
    text = mapping_text(given.templates_dir, found, organization, shared_fields(root), name)
    _try_out(root, path, text)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise click.ClickException(f"{path} tidak dapat ditulis: {error.strerror}") from None
    click.echo(path)
    click.echo(f"Sunting berkas itu, lalu: connector lint; connector diagram {profile}/{name}", err=True)


def _require_id(name: str) -> None:
    try:
        TypeAdapter(Identifier).validate_python(name)
    except ValidationError:
        raise click.BadParameter(
            f"«{name}» tidak dapat dipakai: paling banyak 60 huruf kecil dan angka, diawali huruf, dipisah - atau _, "
            "misalnya «pengajuan-subdomain»",
            param_hint="ID",
        ) from None
    if f"{name}.yaml" == ORGANIZATION_FILE:
        raise click.BadParameter(f"«{name}» sudah menjadi nama berkas organisasi", param_hint="ID")


def _try_out(root: Path, path: Path, text: str) -> None:
    """Read the new file among the others before it is written.

    Raises:
        StartError: when it does not go with them.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "pemetaan"
        shutil.copytree(root, copy, ignore=lambda _, names: [each for each in names if each.startswith(".")])
        (copy / path.relative_to(root)).write_text(text, encoding="utf-8")
        try:
            load(copy)
        except MappingError as error:
            raise StartError("berkas awal tidak cocok dengan pemetaan yang ada:\n" + str(error)) from None


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
