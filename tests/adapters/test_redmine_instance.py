"""The parts of devtools.redmine that need no Redmine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from devtools import redmine, redmine_files
from devtools.redmine import PortTakenError, RedmineError, RedmineInstance


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """As much of Debian's Redmine as is read before anything is started."""
    folder = tmp_path / "redmine"
    (folder / "lib/redmine").mkdir(parents=True)
    version = "  module VERSION\n    MAJOR = 5\n    MINOR = 0\n    TINY  = 4\n\n    BRANCH = 'stable'\n"
    (folder / "lib/redmine/version.rb").write_text(version)
    return folder


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "redmine_sop"
    (folder / "db/migrate").mkdir(parents=True)
    (folder / "db/migrate/001_tables.rb").write_text("create")
    return folder


def test_version_is_read_from_redmine_itself(source: Path) -> None:
    assert redmine.redmine_version(source) == "5.0.4"


def test_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} .* is taken"):
            redmine.require_free_port(port)
    redmine.require_free_port(port)


def test_create_looks_at_the_port_before_it_works(source: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTakenError):
            RedmineInstance.create(tmp_path / "r", port=taken.getsockname()[1], plugin=None, source=source)
    assert not (tmp_path / "r").exists()


def test_create_overwrites_nothing(source: Path, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r/precious").write_text("x")
    with pytest.raises(RedmineError, match="not empty"):
        RedmineInstance.create(tmp_path / "r", port=_free_port(), plugin=None, source=source)


def test_without_debian_packages_the_error_names_them(tmp_path: Path) -> None:
    with pytest.raises(RedmineError, match="no Redmine in"):
        RedmineInstance.create(tmp_path / "r", port=_free_port(), plugin=None, source=tmp_path)


def test_missing_packages() -> None:
    assert redmine.missing_packages(("no-such-package-at-all",)) == ["no-such-package-at-all"]
    assert redmine.missing_packages(()) == []


def test_template_is_another_one_for_another_migration(plugin: Path) -> None:
    def key(version: str = "5.0.4", *, data: bool = True, language: str = "id") -> str:
        return redmine.template_key(version, plugin, default_data=data, language=language)

    first = key()
    assert first == key()
    assert first.startswith("5.0.4-")
    others = {key("6.1.5"), key(data=False), key(language="en")}
    (plugin / "db/migrate/001_tables.rb").write_text("create more")
    others.add(key())
    (plugin / "db/migrate/002_more.rb").write_text("")
    others.add(key())
    assert first not in others
    assert len(others) == 5


def test_code_outside_migrations_keeps_the_template(plugin: Path) -> None:
    before = redmine.template_key("5.0.4", plugin, default_data=True, language="id")
    (plugin / "init.rb").write_text("changed")
    assert redmine.template_key("5.0.4", plugin, default_data=True, language="id") == before


def test_the_copy_stands_alone(source: Path, plugin: Path, tmp_path: Path) -> None:
    (tmp_path / "javascript").mkdir()
    (tmp_path / "javascript/jquery.js").write_text("jquery")
    (source / "public").mkdir()
    (source / "public/jquery.js").symlink_to("../../javascript/jquery.js")  # as Debian does
    (source / "public/gone.js").symlink_to("../../nowhere.js")
    (source / "instances").symlink_to("/var/lib/redmine")
    (source / "Gemfile.lock").symlink_to("/var/lib/redmine/Gemfile.lock")
    (source / "config/initializers").mkdir(parents=True)
    (source / "Gemfile").write_text("Dir['/usr/share/redmine/{config,instances/*/config}/database.yml']")
    redmine_files.lay_out(tmp_path / "deep/er/r", source, plugin)
    app = tmp_path / "deep/er/r/app"
    assert (app / "public/jquery.js").read_text() == "jquery"
    assert (app / "plugins/redmine_sop/db/migrate/001_tables.rb").is_file()
    assert f"{app}/{{config" in (app / "Gemfile").read_text()
    assert not (app / "public/gone.js").exists()
    links = [path for path in app.rglob("*") if path.is_symlink()]
    assert [link for link in links if not link.resolve().is_relative_to(app)] == []


def test_mail_goes_to_the_catcher_without_tls() -> None:
    config = redmine_files.configuration(("127.0.0.1", 2525))
    for part in ("delivery_method: :smtp", "address: 127.0.0.1", "port: 2525", "enable_starttls_auto: false"):
        assert part in config
    assert "smtp" not in redmine_files.configuration(None)


def test_the_callers_ruby_does_not_get_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUBYOPT", "GEM_HOME", "BUNDLE_GEMFILE", "X_DEBIAN_SITEID", "RAILS_ENV"):
        monkeypatch.setenv(name, "mine")
    environment = redmine_files.environment({"LD_PRELOAD": "libfaketime.so.1"})
    assert environment["RAILS_ENV"] == "production"
    assert environment["LD_PRELOAD"] == "libfaketime.so.1"
    assert environment["PATH"].startswith("/usr/sbin:/usr/bin")
    assert "mine" not in environment.values()


def test_an_instance_can_be_opened_again(tmp_path: Path) -> None:
    (tmp_path / "instance.json").write_text(
        '{"port": 3101, "smtp": ["127.0.0.1", 2525], "webhook_url": null, "language": "id", "admin_key": "k"}'
    )
    instance = RedmineInstance.open(tmp_path)
    assert instance.url == "http://127.0.0.1:3101"
    assert instance.options.smtp == ("127.0.0.1", 2525)
    assert instance.admin["api_key"] == "k"
    instance.stop()  # not running: harmless


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
