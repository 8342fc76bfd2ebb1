"""The command `connector`."""

from __future__ import annotations

import click

from connector.commands import care, service
from connector.commands.anonymize import anonymize
from connector.commands.archive import archive
from connector.commands.authoring import diagram, new
from connector.commands.common import Commands, examples
from connector.commands.digest import digest
from connector.commands.documents import documents
from connector.commands.explaining import explain
from connector.commands.mappings import due, lint, procedures
from connector.commands.preview import preview
from connector.commands.provision import apply, plan


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "connector lint",
        "connector procedures --profile unj",
        'connector due 2026-11-20T15:59+07:00 "1 hari kerja" --profile unj',
        "connector plan",
    ),
)
@click.version_option(package_name="redmine-sop-connector", prog_name="connector")
def main() -> None:
    """Menjalankan POS layanan TIK di atas tiket Redmine.

    Pengaturan dibaca dari lingkungan (SOP_*). Berakhir dengan 0 bila baik, 1 bila ada temuan, 2 bila salah pakai.
    """


for command in (
    *(service.run, service.web, service.worker),
    *(new, lint, procedures, diagram, preview, due, plan, apply),
    *(care.doctor, explain, care.rebuild, care.dead, documents, digest),
    *(archive, anonymize),
):
    main.add_command(command)

if __name__ == "__main__":
    main()
