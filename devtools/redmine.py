"""A private, disposable Redmine made from Debian's packages.

Everything lives in one folder: a copy of Debian's 15 MB of Redmine and one instance: database, logs, uploads.
The system's own Redmine (/var/lib/redmine, /etc/redmine) is neither used nor changed.

    redmine = RedmineInstance.create(Path("var/r1"), port=3101, plugin=Path("webhooks/redmine_sop"))
    with redmine.running():
        connector_key = redmine.setup()["api_key"]

A migrated database is kept as a template, so the second instance takes seconds. The server is one puma
process in a process group of its own; it ends with `stop()`, and by itself when its starter is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devtools.redmine_files import (
    app_folder,
    configuration,
    environment,
    instance_folder,
    lay_out,
    puma_config,
)

DEBIAN_PACKAGES = ("redmine", "redmine-sqlite", "ruby-sqlite3", "puma")
DEBIAN_REDMINE = Path("/usr/share/redmine")
#: A folder with another Debian in it, whose Redmine is used instead. What is made here must be seen in it at the same
#: path (`mount --bind`).
CHROOT = "REDMINE_CHROOT"
RUBY = "/usr/bin/ruby"  # Debian's own: Redmine's gems are Debian packages
DEFAULT_TEMPLATES = Path(__file__).resolve().parents[1] / "var" / "redmine-template"
TEMPLATE_FORMAT = "4"  # raise when what `_build_template` writes changes
ADMIN_LOGIN = "admin"
ADMIN_PASSWORD = "admin-sop-lokal"  # noqa: S105 - a disposable server on the loopback address


class RedmineError(RuntimeError):
    """The private Redmine could not be made, started or told something."""


class PortTakenError(RedmineError):
    """The port asked for is in use."""


def debian_redmine() -> Path:
    """Where Debian's Redmine is: this machine's, or that of the chroot."""
    root = os.environ.get(CHROOT)
    return Path(root) / DEBIAN_REDMINE.relative_to("/") if root else DEBIAN_REDMINE


def ruby_command(folder: Path, *words: str) -> list[str]:
    """Debian's Ruby in `folder`, in the chroot if there is one."""
    root = os.environ.get(CHROOT)
    inside = ["chroot", root, "/usr/bin/env", "-C", str(folder)] if root else []
    return [*inside, RUBY, *words]


def missing_packages(packages: tuple[str, ...] = DEBIAN_PACKAGES) -> list[str]:
    """Those of `packages` that Debian does not report as installed."""
    missing = []
    for package in packages:
        command = ["dpkg-query", "-W", "-f", "${Status}", package]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return list(packages)  # not a Debian machine
        if not answer.stdout.endswith(" installed"):
            missing.append(package)
    return missing


def require_free_port(port: int, host: str = "127.0.0.1") -> None:
    """Raise `PortTakenError` when something already listens on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} on {host} is taken ({error.strerror}); choose another"
            ) from error


def redmine_version(source: Path) -> str:
    """`5.0.4` and the like, read from Redmine's own version.rb."""
    numbers: dict[str, str] = {}
    for line in (source / "lib/redmine/version.rb").read_text(encoding="utf-8").splitlines():
        name, _, value = line.strip().partition("=")
        if name.strip() in ("MAJOR", "MINOR", "TINY"):
            numbers[name.strip()] = value.strip()
    return ".".join(numbers[part] for part in ("MAJOR", "MINOR", "TINY"))


def template_key(version: str, plugin: Path | None, *, default_data: bool, language: str) -> str:
    """The name of the template that fits: another Redmine, another migration, another template."""
    digest = hashlib.sha256(f"{TEMPLATE_FORMAT} {default_data} {language}".encode())
    migrations = sorted((plugin / "db/migrate").glob("*.rb")) if plugin else []
    for migration in migrations:
        digest.update(migration.name.encode() + b"\0" + migration.read_bytes())
    return f"{version}-{digest.hexdigest()[:12]}"


@dataclass(frozen=True)
class Options:
    """What an instance was made with; kept in its folder as instance.json."""

    port: int
    smtp: tuple[str, int] | None
    webhook_url: str | None
    language: str
    admin_key: str


class RedmineInstance:
    """One private Redmine in one folder."""

    def __init__(self, directory: Path, options: Options) -> None:
        self.directory = directory.resolve()
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None

    # making ----------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        root: Path,
        *,
        port: int,
        plugin: Path | None,
        template: Path | None = None,
        smtp: tuple[str, int] | None = None,
        webhook_url: str | None = None,
        default_data: bool = True,
        language: str = "id",
        source: Path | None = None,
    ) -> RedmineInstance:
        """Make a new instance in `root`, new or empty. `template` is the folder of templates."""
        source = source or debian_redmine()
        if not (source / "lib/redmine/version.rb").is_file():
            raise RedmineError(
                f"no Redmine in {source}; Debian packages missing: {' '.join(missing_packages())}"
            )
        require_free_port(port)
        if root.exists() and any(root.iterdir()):
            raise RedmineError(f"{root} is not empty")
        templates = template or DEFAULT_TEMPLATES
        key = template_key(redmine_version(source), plugin, default_data=default_data, language=language)
        database, admin_key = _template(templates / key, source, plugin, default_data, language)
        options = Options(port, smtp, webhook_url, language, admin_key)
        instance = cls(root, options)
        lay_out(instance.directory, source, plugin)
        shutil.copyfile(database, instance.database)
        instance._configure()
        return instance

    @classmethod
    def open(cls, root: Path) -> RedmineInstance:
        """An instance made before, to be started again."""
        data: dict[str, Any] = json.loads((root / "instance.json").read_text(encoding="utf-8"))
        smtp = data.pop("smtp")
        return cls(root, Options(smtp=(smtp[0], smtp[1]) if smtp else None, **data))

    def _configure(self) -> None:
        (self.directory / "instance.json").write_text(
            json.dumps(asdict(self.options), indent=1), encoding="utf-8"
        )
        config = configuration(self.options.smtp)
        (instance_folder(self.directory) / "config/configuration.yml").write_text(config, encoding="utf-8")
        (self.directory / "puma.rb").write_text(puma_config(), encoding="utf-8")
        self._write_settings({"host_name": f"127.0.0.1:{self.options.port}", "protocol": "http"})

    def _write_settings(self, settings: Mapping[str, str]) -> None:
        # Plain SQL, for starting Rails only to write two rows would cost four seconds.
        with contextlib.closing(sqlite3.connect(self.database)) as connection, connection:
            for name, value in settings.items():
                connection.execute("DELETE FROM settings WHERE name = ?", (name,))
                statement = "INSERT INTO settings (name, value, updated_on) VALUES (?, ?, datetime('now'))"
                connection.execute(statement, (name, value))

    def destroy(self) -> None:
        """Stop and remove the whole folder."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # what it is ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.options.port}"

    @property
    def database(self) -> Path:
        return instance_folder(self.directory) / "redmine.sqlite3"

    @property
    def log(self) -> Path:
        return instance_folder(self.directory) / "log/production.log"

    @property
    def files(self) -> Path:
        return instance_folder(self.directory) / "files"

    @property
    def admin(self) -> dict[str, str]:
        return {"login": ADMIN_LOGIN, "password": ADMIN_PASSWORD, "api_key": self.options.admin_key}

    # running ---------------------------------------------------------------------------------

    def start(self, *, env: Mapping[str, str] | None = None, wait: float = 90.0) -> None:
        """Start puma and wait until Redmine answers. `env` is added to its environment (libfaketime)."""
        if self._process is not None and self._process.poll() is None:
            return
        require_free_port(self.options.port)
        bind = f"tcp://127.0.0.1:{self.options.port}"
        puma = ["/usr/bin/puma", "-e", "production", "-b", bind, "-t", "1:5", "-C", "../puma.rb", "config.ru"]
        puma_environment = environment({"SOP_PARENT_PID": str(os.getpid()), **(env or {})})
        with self._server_log.open("ab") as output:
            self._process = subprocess.Popen(
                ruby_command(app_folder(self.directory), *puma), cwd=app_folder(self.directory),
                env=puma_environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            self._wait_until_it_answers(wait)
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_answers(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RedmineError(f"Redmine ended while starting:\n{_tail(self._server_log)}")
            try:
                with urllib.request.urlopen(f"{self.url}/robots.txt", timeout=10):
                    return
            except urllib.error.HTTPError as error:
                raise RedmineError(f"Redmine answers {error.code}:\n{_tail(self.log)}") from error
            except OSError:
                time.sleep(0.2)
        raise RedmineError(f"Redmine did not answer within {seconds:.0f} s:\n{_tail(self._server_log)}")

    def stop(self) -> None:
        """End the server and whatever it started; harmless when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        for sign, patience in ((signal.SIGTERM, 8.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    @contextlib.contextmanager
    def running(self, *, env: Mapping[str, str] | None = None) -> Iterator[RedmineInstance]:
        """`with instance.running(): …`"""
        self.start(env=env)
        try:
            yield self
        finally:
            self.stop()

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """The server takes requests and answers none while the block lasts; afterwards it goes on with them."""
        if self._process is None:
            raise RedmineError("Redmine does not run")
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    @property
    def _server_log(self) -> Path:
        return instance_folder(self.directory) / "log/puma.log"

    # telling it something --------------------------------------------------------------------

    def rake(self, *args: str, env: Mapping[str, str] | None = None) -> str:
        """Run a rake task in this instance and return what it printed."""
        return _ruby(self.directory, ["bin/rake", *args], env)

    def runner(self, ruby_code: str, env: Mapping[str, str] | None = None) -> str:
        """Run Ruby inside this Redmine (`rails runner`) and return what it printed."""
        with tempfile.NamedTemporaryFile("w", suffix=".rb", dir=self.directory, encoding="utf-8") as script:
            script.write(ruby_code)
            script.flush()
            return _ruby(self.directory, ["bin/rails", "runner", script.name], env)

    def setup(self, *, webhook_url: str | None = None) -> dict[str, str]:
        """`rake redmine:sop:setup`: the connector's role and user; its key and the webhook's secret."""
        url = webhook_url or self.options.webhook_url
        printed = self.rake("redmine:sop:setup", env={"SOP_WEBHOOK_URL": url} if url else None)
        lines = [line for line in printed.splitlines() if line.startswith("{")]
        if not lines:
            raise RedmineError(f"redmine:sop:setup printed no JSON:\n{printed}")
        answer: dict[str, str] = json.loads(lines[-1])
        return answer

    # tests -----------------------------------------------------------------------------------

    def test_plugin(self, *files: str) -> str:
        """Run the plugin's Ruby tests (all, or these under its test folder) against a separate database."""
        shutil.copyfile(self.database, instance_folder(self.directory) / "test.sqlite3")
        plugin = next((app_folder(self.directory) / "plugins").iterdir())
        chosen = [plugin / "test" / file for file in files] or sorted((plugin / "test").rglob("*_test.rb"))
        load = "ARGV.each { |file| require file }"
        return _ruby(self.directory, ["-e", load, "--", *map(str, chosen)], {"RAILS_ENV": "test"})


# the parts of create() -------------------------------------------------------------------


def _ruby(directory: Path, command: list[str], env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        ruby_command(app_folder(directory), *command), cwd=app_folder(directory), env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RedmineError(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout


def _template(
    folder: Path, source: Path, plugin: Path | None, default_data: bool, language: str
) -> tuple[Path, str]:
    """A migrated database and its admin's API key, made once; a lock lets two test runs start together."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "redmine.sqlite3").is_file():
            with tempfile.TemporaryDirectory(dir=folder.parent) as work:
                _build_template(Path(work), source, plugin, default_data, language)
                (Path(work) / "ready").rename(folder)
    key = (folder / "admin_key").read_text(encoding="utf-8")
    return folder / "redmine.sqlite3", key


def _build_template(work: Path, source: Path, plugin: Path | None, default_data: bool, language: str) -> None:
    lay_out(work / "redmine", source, plugin)
    instance = RedmineInstance(work / "redmine", Options(0, None, None, language, ""))
    (instance_folder(instance.directory) / "config/configuration.yml").write_text(
        configuration(None), encoding="utf-8"
    )
    # One process each: what starts before the tables exist does not see them.
    instance.rake("db:migrate")
    if default_data:
        printed = instance.rake("redmine:load_default_data", env={"REDMINE_LANG": language})
        if "data loaded" not in printed:  # the task reports its failure and ends with 0
            raise RedmineError(f"redmine:load_default_data: {printed}")
    instance.rake("redmine:plugins:migrate")
    key = instance.runner(_ADMIN_SCRIPT, env={"SOP_PASSWORD": ADMIN_PASSWORD, "SOP_LANGUAGE": language})
    (work / "ready").mkdir()
    shutil.copyfile(instance.database, work / "ready/redmine.sqlite3")
    (work / "ready/admin_key").write_text(key.split()[-1], encoding="utf-8")


_ADMIN_SCRIPT = """
admin = User.find_by!(login: "admin")
admin.password = admin.password_confirmation = ENV.fetch("SOP_PASSWORD")
admin.must_change_passwd = false
admin.language = ENV.fetch("SOP_LANGUAGE")
admin.save!
Setting.rest_api_enabled = "1"
Setting.default_language = ENV.fetch("SOP_LANGUAGE")
Setting.mail_from = "redmine@example.net"
puts admin.api_key
"""


def _tail(path: Path, lines: int = 40) -> str:
    if not path.is_file():
        return "(no log)"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
