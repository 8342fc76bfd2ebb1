"""Settings, from the environment; a secret also from a file named by `SOP_NAME_FILE`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from connector.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "SOP_"
SHORTEST_SECRET = 32

REDMINE = ("redmine_url", "redmine_api_key")
SERVICE = (*REDMINE, "webhook_secret", "smtp_url", "mail_from", "public_url", "secret_key")
PROVISION = ("redmine_url", "redmine_admin_key")


def _address(value: Any, schemes: Sequence[str]) -> Any:
    """An address of one of these kinds that names a host."""
    if not isinstance(value, str) or not value:
        return value
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError("alamatnya tidak dapat dibaca; periksa nama host dan portanya") from None
    if parts.scheme not in schemes:
        *others, last = [f"{scheme}://" for scheme in schemes]
        raise ValueError(f"harus diawali {', '.join(others)} atau {last}")
    if not usable:
        raise ValueError("alamatnya tanpa nama host")
    return value.rstrip("/")


def _url(value: Any) -> Any:
    return _address(value, ("http", "https"))


def _smtp(value: Any) -> Any:
    return _address(value, ("smtp", "smtps", "smtp+starttls"))


def _database(value: Any) -> Any:
    if isinstance(value, str) and not value.startswith(("sqlite://", "postgresql", "postgres://")):
        raise ValueError("harus diawali sqlite:/// atau postgresql+psycopg://")
    return value


def _sender(value: Any) -> Any:
    if isinstance(value, str) and value and not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        raise ValueError("bukan alamat email; tulis misalnya Layanan TIK <layanan@contoh.ac.id>")
    return value


def _clamd(value: Any) -> Any:
    """`tcp://host:port`, or a socket in the file system by its whole path."""
    if isinstance(value, str) and value.startswith("unix:") and not value.startswith("unix:///"):
        raise ValueError("harus seperti unix:///run/clamav/clamd.ctl atau tcp://127.0.0.1:3310")
    return (
        value if isinstance(value, str) and value.startswith("unix:///") else _address(value, ("tcp", "unix"))
    )


def _archive(value: Any) -> Any:
    """`redmine`, or an address of fsspec; a folder by its whole path."""
    return value if value == "redmine" else _store(value, "redmine, ")


def _store(value: Any, other: str = "") -> Any:
    if not isinstance(value, str) or not value:
        return value
    if "://" not in value and not value.startswith("/"):
        raise ValueError(f"harus {other}folder dengan path lengkap, atau alamat seperti s3://wadah/folder")
    return value.rstrip("/")


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
    alert_token: SecretStr = SecretStr("")
    # these two may hold a password
    database_url: Annotated[str, BeforeValidator(_database), Field(repr=False)] = (
        f"sqlite:///{ROOT}/var/connector.db"
    )
    smtp_url: Annotated[str, BeforeValidator(_smtp), Field(repr=False)] = ""
    mail_from: Annotated[str, BeforeValidator(_sender)] = ""
    public_url: Url = ""
    secret_key: SecretStr = SecretStr("")
    profiles: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
    mappings_dir: Path = ROOT / "sop_mappings"
    templates_dir: Path = ROOT / "templates"
    poll_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    sweep_seconds: Annotated[int, Field(ge=10, le=86400)] = 3600
    #: The largest file that a form takes, in MB; Redmine takes 5 unless its administrator allows more.
    max_file_mb: Annotated[int, Field(ge=1, le=200)] = 5
    #: How long a draft waits for its requester.
    draft_days: Annotated[int, Field(ge=1, le=90)] = 14
    #: Where the archives of tickets go that have ended; empty: none are made.
    archive_url: Annotated[str, BeforeValidator(_archive), Field(repr=False)] = ""
    #: Where those go that Redmine does not take for their size, if archives are attached.
    archive_large_url: Annotated[str, BeforeValidator(_store), Field(repr=False)] = ""
    #: With what documents are signed; None: they are not.
    sign_pkcs12_file: Path | None = None
    sign_passphrase: SecretStr = SecretStr("")
    #: Where files are looked through for viruses before they are handed on; empty: nowhere.
    clamd_url: Annotated[str, BeforeValidator(_clamd)] = ""
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
        problems += [_missing(name) for name in need if name not in given and not cls._default(name)]
        chosen = ("alert_token", *(name for name in ("secret_key",) if name in need))
        for name in chosen:
            if 0 < len(given.get(name, "")) < SHORTEST_SECRET:
                variable = PREFIX + name.upper()
                problems.append(f"{variable} terlalu pendek: paling sedikit {SHORTEST_SECRET} huruf acak")
        try:
            settings = cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            problems += [_words(each) for each in error.errors(include_url=False)]
        if problems:
            raise SettingsError("\n".join(problems))
        return settings

    @classmethod
    def _default(cls, name: str) -> Any:
        default = cls.model_fields[name].default
        return default.get_secret_value() if isinstance(default, SecretStr) else default

    @property
    def issues_url(self) -> str:
        """Redmine as people reach it."""
        return self.redmine_public_url or self.redmine_url


def _given(environ: Mapping[str, str], variable: str, problems: list[str]) -> str | None:
    """The value of a variable, or what is in the file that `VARIABLE_FILE` names; None if there is nothing."""
    value = environ.get(variable, "").strip()
    path = environ.get(f"{variable}_FILE", "").strip()
    if value or not path:
        return value or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{variable}_FILE: berkas {path} tidak dapat dibaca ({type(error).__name__})")
        return None


def _missing(name: str) -> str:
    variable = PREFIX + name.upper()
    return f"{variable} belum diisi; isi di lingkungan (environment), atau tunjuk berkasnya dengan {variable}_FILE"


#: What pydantic finds, in the words of the person who has to mend it.
WORDS = {
    "int_parsing": "harus bilangan bulat",
    "greater_than_equal": "paling sedikit {ge}",
    "less_than_equal": "paling banyak {le}",
}


def _words(error: Any) -> str:
    """One finding; the value is not repeated, it may be a secret."""
    variable = PREFIX + str(error["loc"][0]).upper()
    context = error.get("ctx", {})
    words = WORDS.get(error["type"])
    return f"{variable}: {words.format(**context) if words else context.get('error', error['msg'])}"
