"""What every command shares: settings from the environment, and errors that a person can read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from connector.errors import MappingError, SettingsError, SopError
from connector.settings import Settings

FINDING = 1
WRONG_USE = 2

P = ParamSpec("P")
R = TypeVar("R")


def settings(need: Sequence[str] = ()) -> Settings:
    """The settings of this process."""
    return Settings.load(os.environ, need)


def readable(command: Callable[P, R]) -> Callable[P, R]:
    """Errors of ours become a message and an exit code, without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            click.echo(f"Pengaturan belum benar:\n{error}", err=True)
            raise SystemExit(WRONG_USE) from None
        except MappingError as error:
            click.echo("\n".join(error.findings), err=True)
            click.echo(f"{len(error.findings)} temuan dalam pemetaan.", err=True)
            raise SystemExit(FINDING) from None
        except SopError as error:
            click.echo(f"Gagal: {error}", err=True)
            raise SystemExit(FINDING) from None

    return run
