"""Settings: everything that is wrong is said at once, and no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.settings import PROVISION, ROOT, SERVICE, Settings

KEY = "k" * 40
ENOUGH = {
    "SOP_REDMINE_URL": "http://redmine:3000/",
    "SOP_REDMINE_API_KEY": "kunci-api",
    "SOP_WEBHOOK_SECRET": "rahasia-webhook",
    "SOP_SMTP_URL": "smtp://pengguna:sandi-surat@mail:1025",
    "SOP_MAIL_FROM": "Layanan TIK <layanan@contoh.ac.id>",
    "SOP_PUBLIC_URL": "https://layanan.contoh.ac.id/",
    "SOP_SECRET_KEY": KEY,
}


def problems(environ: dict[str, str], need: tuple[str, ...] = SERVICE) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ, need)
    return str(caught.value).splitlines()


def test_enough_for_the_service() -> None:
    settings = Settings.load(ENOUGH, SERVICE)
    assert settings.redmine_url == "http://redmine:3000"
    assert settings.public_url == "https://layanan.contoh.ac.id"
    assert settings.issues_url == "http://redmine:3000"
    assert settings.secret_key.get_secret_value() == KEY
    assert settings.profiles == ()
    assert (settings.mappings_dir, settings.templates_dir) == (ROOT / "sop_mappings", ROOT / "templates")
    assert (settings.poll_seconds, settings.sweep_seconds) == (30, 3600)


def test_a_command_that_needs_nothing_starts_without_anything() -> None:
    assert Settings.load({}).redmine_url == ""


def test_everything_that_is_missing_is_said_at_once_with_how_to_mend_it() -> None:
    found = problems({})
    assert len(found) == len(SERVICE)
    hint = "isi di lingkungan (environment), atau tunjuk berkasnya dengan SOP_REDMINE_URL_FILE"
    assert f"SOP_REDMINE_URL belum diisi; {hint}" in found
    assert [line.split()[0] for line in problems({}, PROVISION)] == [
        "SOP_REDMINE_URL",
        "SOP_REDMINE_ADMIN_KEY",
    ]


def test_missing_and_bad_ones_are_said_together() -> None:
    environ = {"SOP_REDMINE_URL": "redmine:3000", "SOP_POLL_SECONDS": "sering", "SOP_SECRET_KEY": "pendek"}
    found = problems(environ, ("redmine_url", "secret_key", "mail_from"))
    assert sorted(found) == [
        "SOP_MAIL_FROM belum diisi; isi di lingkungan (environment), atau tunjuk berkasnya dengan SOP_MAIL_FROM_FILE",
        "SOP_POLL_SECONDS: harus bilangan bulat",
        "SOP_REDMINE_URL: harus diawali http:// atau https://",
        "SOP_SECRET_KEY terlalu pendek: paling sedikit 32 huruf acak",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("SOP_PUBLIC_URL", "https://", "alamatnya tanpa nama host"),
        (
            "SOP_PUBLIC_URL",
            "http://contoh:porta",
            "alamatnya tidak dapat dibaca; periksa nama host dan portanya",
        ),
        ("SOP_SMTP_URL", "mail:25", "harus diawali smtp://, smtps:// atau smtp+starttls://"),
        ("SOP_MAIL_FROM", "layanan", "bukan alamat email; tulis misalnya Layanan TIK <layanan@contoh.ac.id>"),
        ("SOP_DATABASE_URL", "mysql://db/x", "harus diawali sqlite:/// atau postgresql+psycopg://"),
        ("SOP_POLL_SECONDS", "0", "paling sedikit 1"),
        ("SOP_SWEEP_SECONDS", "100000", "paling banyak 86400"),
    ],
)
def test_a_bad_value_is_named_with_the_reason(variable: str, value: str, reason: str) -> None:
    assert problems(ENOUGH | {variable: value}) == [f"{variable}: {reason}"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "kunci").write_text("dari-berkas\n", encoding="utf-8")
    environ = {name: value for name, value in ENOUGH.items() if name != "SOP_REDMINE_API_KEY"}
    settings = Settings.load(environ | {"SOP_REDMINE_API_KEY_FILE": str(tmp_path / "kunci")}, SERVICE)
    assert settings.redmine_api_key.get_secret_value() == "dari-berkas"


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    found = problems({"SOP_SECRET_KEY_FILE": str(tmp_path / "tidak-ada")}, ())
    assert found == [
        f"SOP_SECRET_KEY_FILE: berkas {tmp_path}/tidak-ada tidak dapat dibaca (FileNotFoundError)"
    ]


def test_the_variable_itself_goes_before_the_file(tmp_path: Path) -> None:
    settings = Settings.load(ENOUGH | {"SOP_SECRET_KEY_FILE": str(tmp_path / "tidak-ada")}, SERVICE)
    assert settings.secret_key.get_secret_value() == KEY


@pytest.mark.parametrize("variable", sorted(ENOUGH))
def test_an_empty_value_is_a_missing_one(variable: str) -> None:
    found = problems(ENOUGH | {variable: "  "})
    assert [line.split()[0] for line in found] == [variable]


def test_profiles_are_a_list() -> None:
    assert Settings.load({"SOP_PROFILES": " unj, jabar,, "}).profiles == ("unj", "jabar")


def test_no_secret_is_shown() -> None:
    settings = Settings.load(ENOUGH | {"SOP_DATABASE_URL": "postgresql+psycopg://u:sandi-db@db/x"}, SERVICE)
    shown = f"{settings!r} {settings}"
    for secret in (KEY, "kunci-api", "rahasia-webhook", "sandi-surat", "sandi-db"):
        assert secret not in shown


def test_a_bad_secret_is_not_repeated_in_the_message() -> None:
    assert "sandi-surat" not in "".join(problems(ENOUGH | {"SOP_SMTP_URL": "http://u:sandi-surat@mail"}))


def test_the_token_of_alerts_may_be_missing_but_not_short(tmp_path: Path) -> None:
    assert Settings.load(ENOUGH, SERVICE).alert_token.get_secret_value() == ""
    secret = tmp_path / "token"
    secret.write_text("t" * 32 + "\n", encoding="utf-8")
    given = Settings.load({**ENOUGH, "SOP_ALERT_TOKEN_FILE": str(secret)}, SERVICE)
    assert given.alert_token.get_secret_value() == "t" * 32
    assert problems({**ENOUGH, "SOP_ALERT_TOKEN": "pendek"}) == [
        "SOP_ALERT_TOKEN terlalu pendek: paling sedikit 32 huruf acak"
    ]
