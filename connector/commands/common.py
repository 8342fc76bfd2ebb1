"""What the commands share: settings, the catalogue, and errors as one line instead of a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from connector.errors import SettingsError, SopError
from connector.settings import Settings
from connector.sop.loader import load
from connector.sop.model import Catalogue, Organization

FINDING = 1
WRONG_USE = 2


class Commands(click.Group):
    """A group whose commands end with 1 for a finding and 2 for wrong use; known errors get no traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(str(error), err=True)
            ctx.exit(WRONG_USE)
        except SopError as error:
            click.echo(str(error), err=True)
            ctx.exit(FINDING)


def mappings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--mappings FOLDER`, for commands that read the mappings."""
    return click.option(
        "--mappings",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        help="Folder pemetaan; tanpa ini SOP_MAPPINGS_DIR.",
    )(command)


def profile_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--profile ORGANIZATION`, for commands that can keep to one."""
    return click.option(
        "--profile", metavar="ORGANISASI", help="Hanya organisasi ini; tanpa ini SOP_PROFILES."
    )(command)


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--format text|json`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Bentuk keluaran.",
    )(command)


def settings(*need: str) -> Settings:
    """The settings of this process's environment; `need` names those that must be there."""
    return Settings.load(os.environ, need)


def catalogue(mappings: Path | None, profile: str | None = None) -> Catalogue:
    """The mappings that the options and the settings name.

    Raises:
        MappingError: when something is wrong with them.
    """
    given = settings()
    templates = {path.stem for path in (given.templates_dir / "documents").glob("*.typ")}
    return load(mappings or given.mappings_dir, (profile,) if profile else given.profiles, templates)


def one_organization(found: Catalogue) -> Organization:
    """The only organization; with several the user must say which."""
    if len(found.organizations) != 1:
        names = ", ".join(organization.id for organization in found.organizations)
        raise click.UsageError(f"ada beberapa organisasi ({names}); pilih satu dengan --profile")
    return found.organizations[0]


def examples(*lines: str) -> str:
    """The examples at the end of a command's help, each on its own line."""
    return "\b\nContoh:\n" + "\n".join(f"  {line}" for line in lines)
