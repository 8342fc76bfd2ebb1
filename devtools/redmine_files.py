"""What a private Redmine consists of on disk: the copied code, one instance, its configuration."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

INSTANCE_NAME = "sop"  # Debian's Redmine finds its folders through REDMINE_INSTANCE


# Redmine 5's Rails and sqlite3 gem wait for a lock while holding Ruby's global lock: the thread that has the
# database cannot go on, and the wait ends in "busy" after the whole timeout (120 writes by 8 callers:
# 45 s and 7 failures, with this 5 s and none). Newer Rails waits in Ruby and begins transactions as writers.
SQLITE_INITIALIZER = """
if Rails::VERSION::STRING < "7.1"
  require "active_record/connection_adapters/sqlite3_adapter"
  ActiveRecord::ConnectionAdapters::SQLite3Adapter.prepend(Module.new do
    def begin_db_transaction
      log("begin immediate transaction", "TRANSACTION") { @connection.transaction(:immediate) }
    end

    private

    def configure_connection
      super
      @connection.busy_handler { |count| count < 2000 && sleep(0.005) }
    end
  end)
end
"""


def app_folder(directory: Path) -> Path:
    return directory / "app"


def instance_folder(directory: Path) -> Path:
    return app_folder(directory) / "instances" / INSTANCE_NAME


def lay_out(directory: Path, source: Path, plugin: Path | None) -> None:
    """Copy Redmine and give it one empty instance of its own."""
    code, own = app_folder(directory), instance_folder(directory)
    directory.mkdir(parents=True, exist_ok=True)
    # Debian links jQuery and others by relative paths, which lead nowhere from here: copy files, not links.
    shutil.copytree(source, code, ignore=not_copied)
    for name in ("config", "files", "log", "tmp/cache", "tmp/pdf", "public/plugin_assets", "public/assets"):
        (own / name).mkdir(parents=True)
    (code / "plugins").mkdir(exist_ok=True)
    if plugin is not None:
        shutil.copytree(plugin, code / "plugins" / plugin.resolve().name)
    # Debian's Gemfile asks every instance under /usr/share/redmine for its database adapter; ours counts.
    gemfile = code / "Gemfile"
    gemfile.write_text(
        gemfile.read_text(encoding="utf-8").replace("/usr/share/redmine", str(code)), encoding="utf-8"
    )
    (own / "config/database.yml").write_text(database_config(own), encoding="utf-8")
    (own / "config/secret_key.txt").write_text(secrets.token_hex(64), encoding="utf-8")
    (code / "config/initializers/zz_sqlite.rb").write_text(SQLITE_INITIALIZER, encoding="utf-8")
    (code / "config/database.yml").symlink_to(own / "config/database.yml")
    (code / "public/plugin_assets").symlink_to(own / "public/plugin_assets")


def not_copied(folder: str, names: list[str]) -> set[str]:
    """What belongs to the system's own instance, and links to packages that are not installed."""
    systems_own = {"instances", "Gemfile.lock", "database.yml", "plugin_assets"}
    return {name for name in names if name in systems_own or not (Path(folder) / name).exists()}


def database_config(instance: Path) -> str:
    entries = {"production": "redmine.sqlite3", "test": "test.sqlite3"}
    lines = []
    for environment, file in entries.items():
        lines += [
            f"{environment}:",
            "  adapter: sqlite3",
            f"  database: {instance / file}",
            "  timeout: 10000",
            "  pool: 20",
        ]
    return "\n".join(lines) + "\n"


def configuration(smtp: tuple[str, int] | None) -> str:
    """Redmine's configuration.yml: plain SMTP to a local catcher, or no mail at all."""
    if smtp is None:
        return "default: {}\n"
    host, port = smtp
    return (
        "default:\n  email_delivery:\n    delivery_method: :smtp\n    smtp_settings:\n"
        f"      address: {host}\n      port: {port}\n      domain: localhost\n"
        "      enable_starttls_auto: false\n"
    )


def puma_config() -> str:
    """Puma watches the process that started it: not even `kill -9` of a test run leaves a server behind."""
    return (
        'parent = ENV.fetch("SOP_PARENT_PID").to_i\n'
        "Thread.new do\n"
        "  sleep 0.5 while Process.ppid == parent\n"
        '  Process.kill("TERM", Process.pid)\n'
        "end\n"
    )


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """A clean environment: no rbenv, pyenv, bundler or RUBYOPT of the caller's gets in."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TZ", "TMPDIR") if name in os.environ}
    own = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "RAILS_ENV": "production",
        "REDMINE_INSTANCE": INSTANCE_NAME,
    }
    return {**kept, **own, **(extra or {})}
