"""The command `connector`."""

from __future__ import annotations

import click

from connector.commands import care, mapping, service


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redmine-sop-connector", prog_name="connector")
def main() -> None:
    """Menjalankan POS di atas Redmine. Pengaturan dari lingkungan: SOP_REDMINE_URL, SOP_DATABASE_URL, ...

    \b
    Contoh:
      connector lint
      connector plan
      connector run

    Kode keluar: 0 baik, 1 ada temuan atau kegagalan, 2 salah pakai.
    """


for command in (
    service.run,
    service.web,
    service.worker,
    mapping.lint,
    mapping.procedures,
    mapping.plan,
    mapping.apply_,
    mapping.due,
    care.doctor,
    care.explain,
    care.rebuild,
    care.dead,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
