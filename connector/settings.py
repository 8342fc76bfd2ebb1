"""Settings, from the environment; a secret also from a file named by `SOP_NAME_FILE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from connector.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "SOP_"
SHORTEST_SECRET = 32

REDMINE = ("redmine_url", "redmine_api_key")
SERVICE = (*REDMINE, "webhook_secret", "smtp_url", "mail_from", "public_url", "secret_key")
PROVISION = ("redmine_url", "redmine_admin_key")


def _url(value: Any) -> Any:
    if isinstance(value, str) and value and not value.startswith(("http://", "https://")):
        raise ValueError("harus diawali http:// atau https://")
    return value.rstrip("/") if isinstance(value, str) else value


def _smtp(value: Any) -> Any:
    if isinstance(value, str) and value and not value.startswith(("smtp://", "smtps://", "smtp+starttls://")):
        raise ValueError("harus diawali smtp://, smtps:// atau smtp+starttls://")
    return value


def _list(value: Any) -> Any:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


Url = Annotated[str, BeforeValidator(_url)]


class Settings(BaseModel):
    """Every setting of the connector. Which of them a command needs it says itself (`load(need=…)`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    redmine_url: Url = ""
    redmine_public_url: Url = ""
    redmine_api_key: SecretStr = SecretStr("")
    redmine_admin_key: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")
    database_url: str = f"sqlite:///{ROOT}/var/connector.db"
    smtp_url: Annotated[str, BeforeValidator(_smtp)] = ""
    mail_from: str = ""
    public_url: Url = ""
    secret_key: SecretStr = SecretStr("")
    profiles: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
    mappings_dir: Path = ROOT / "sop_mappings"
    templates_dir: Path = ROOT / "templates"
    poll_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    sweep_seconds: Annotated[int, Field(ge=10, le=86400)] = 3600
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0

    @classmethod
    def load(cls, environ: Mapping[str, str], need: Sequence[str] = ()) -> Settings:
        """Read the settings; `need` names those that must not be missing.

        Raises:
            SettingsError: with everything that is wrong, each with the name of its variable.
        """
        problems: list[str] = []
        given: dict[str, str] = {}
        for name in cls.model_fields:
            value = _given(environ, PREFIX + name.upper(), problems)
            if value is not None:
                given[name] = value
        try:
            settings = cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            problems += [_words(each) for each in error.errors(include_url=False)]
            raise SettingsError("\n".join(problems)) from None
        problems += [_missing(name) for name in need if not _plain(getattr(settings, name))]
        key = settings.secret_key.get_secret_value()
        if "secret_key" in need and 0 < len(key) < SHORTEST_SECRET:
            problems.append(f"SOP_SECRET_KEY terlalu pendek: paling sedikit {SHORTEST_SECRET} huruf acak")
        if problems:
            raise SettingsError("\n".join(problems))
        return settings

    @property
    def issues_url(self) -> str:
        """Redmine as people reach it."""
        return self.redmine_public_url or self.redmine_url


def _given(environ: Mapping[str, str], variable: str, problems: list[str]) -> str | None:
    """The value of a variable, or what is in the file that `VARIABLE_FILE` names."""
    if environ.get(variable):
        return environ[variable]
    path = environ.get(f"{variable}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{variable}_FILE: berkas {path} tidak dapat dibaca ({type(error).__name__})")
        return None


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _missing(name: str) -> str:
    variable = PREFIX + name.upper()
    return f"{variable} belum diisi; isi di lingkungan (environment), atau tunjuk berkasnya dengan {variable}_FILE"


def _words(error: Any) -> str:
    variable = PREFIX + str(error["loc"][0]).upper()
    reason = error.get("ctx", {}).get("error", error["msg"])
    return f"{variable}: {reason}"
