"""A whole service on this machine: Redmine with the plugin, the connector as a process, caught mail, people."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from connector.redmine.provision import Outcome, Provisioner
from connector.sop.blueprint import blueprint
from connector.sop.loader import load
from connector.sop.model import Catalogue
from devtools.mail import MailCatcher
from devtools.people import Api, Person, hire, keys_of
from devtools.redmine import RedmineInstance, require_free_port

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "webhooks" / "redmine_sop"
MAPPINGS = ROOT / "sop_mappings"
START_SECONDS = 60


class ConnectorError(RuntimeError):
    """The connector did not come up."""


@dataclass
class Program:
    """A command of the connector as a process that can be started, stopped and killed."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, **more: str) -> None:
        """Start it; `more` is added to its environment."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "connector.cli", *self.words],
                cwd=ROOT,
                env={**os.environ, **self.environment, **more},
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a warning, as a power cut would."""
        self._end(signal.SIGKILL)

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process is not None else None

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Running while the block lasts."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Connector(Program):
    """The connector with its pages: `run`, or `web` where the workers are programs of their own."""

    def __init__(
        self, port: int, environment: Mapping[str, str], log: Path, command: Literal["run", "web"] = "run"
    ) -> None:
        super().__init__((command, "--port", str(port)), environment, log)
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **more: str) -> None:
        """Start it, and wait until it is ready for requests; `web` is that only once a worker has run."""
        require_free_port(self.port)
        super().start(**more)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.alive:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        tail = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        self.stop()
        raise ConnectorError("the connector did not get ready:\n" + "\n".join(tail))


@dataclass
class Stack:
    """Everything together. Made by `Stack.create`, gone after `destroy`."""

    folder: Path
    redmine: RedmineInstance
    connector: Connector
    mail: MailCatcher
    catalogue: Catalogue
    webhook_secret: str
    people: dict[str, dict[str, list[Person]]] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        redmine_port: int,
        connector_port: int,
        smtp_port: int,
        webhooks: bool = True,
        command: Literal["run", "web"] = "run",
        mappings: Path = MAPPINGS,
        mail_folder: Path | None = None,
        **settings: str,
    ) -> Stack:
        """Make a Redmine and everything around it; nothing runs yet. `command="web"`: workers come from elsewhere."""
        hook = f"http://127.0.0.1:{connector_port}/webhooks/redmine"
        redmine = RedmineInstance.create(
            folder / "redmine",
            port=redmine_port,
            plugin=PLUGIN,
            smtp=("127.0.0.1", smtp_port),
            webhook_url=hook if webhooks else None,
        )
        made = redmine.setup()
        environment = {
            "SOP_REDMINE_URL": redmine.url,
            "SOP_REDMINE_API_KEY": made["api_key"],
            "SOP_WEBHOOK_SECRET": made["webhook_secret"],
            "SOP_DATABASE_URL": f"sqlite:///{folder.resolve()}/connector.db",
            "SOP_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "SOP_MAIL_FROM": "Layanan TIK <layanan@contoh.id>",
            "SOP_PUBLIC_URL": f"http://127.0.0.1:{connector_port}",
            "SOP_SECRET_KEY": secrets.token_hex(32),
            "SOP_MAPPINGS_DIR": str(mappings),
            **{f"SOP_{name.upper()}": value for name, value in settings.items()},
        }
        return cls(
            folder=folder,
            redmine=redmine,
            connector=Connector(connector_port, environment, folder / "connector.log", command),
            mail=MailCatcher(mail_folder or folder / "mail", smtp_port),
            catalogue=load(mappings),
            webhook_secret=made["webhook_secret"],
        )

    @property
    def admin(self) -> Api:
        """Redmine as its administrator."""
        return Api(self.redmine.url, self.redmine.admin["api_key"])

    def provision(self) -> Outcome:
        """Apply the mappings."""
        provisioner = Provisioner(self.redmine.url, self.redmine.admin["api_key"])
        outcome = provisioner.apply(blueprint(self.catalogue))
        self.keys = keys_of(self.admin)
        return outcome

    def populate(self) -> None:
        """Give every role its people."""
        self.people = {org.id: hire(self.admin, org, self.keys) for org in self.catalogue.organizations}

    @contextmanager
    def running(self) -> Iterator[Stack]:
        """Mail, Redmine and connector run while the block lasts; mappings applied, people there."""
        with self.mail, self.redmine.running():
            self.provision()
            if not self.people:
                self.populate()
            with self.connector.running():
                yield self

    def destroy(self) -> None:
        """Remove what `create` made."""
        self.connector.stop()
        self.redmine.destroy()
