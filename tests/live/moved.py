"""A whole service whose clock a test moves: Redmine, the pages and the workers, each a process of its own."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from connector.bootstrap import Application
from connector.settings import SERVICE, Settings
from connector.store.connection import Connections
from connector.store.tables import jobs, ticks
from devtools.moved_clock import MovedClock
from devtools.people import wait_until
from devtools.stack import Program, Stack
from tests.live.conftest import free_port

WIB = ZoneInfo("Asia/Jakarta")
#: The duty that comes round each second. After a jump all are due at once, so when this one has come twice all have.
QUICK = "poll"


def wib(month: int, day: int, hour: int = 8, minute: int = 0, second: int = 0) -> dt.datetime:
    """An instant of 2026 in Jakarta."""
    return dt.datetime(2026, month, day, hour, minute, second, tzinfo=WIB)


@dataclass
class Town:
    """The service, its clock and what was mailed since the test last asked."""

    stack: Stack
    clock: MovedClock
    workers: list[Program]
    database: Connections = field(init=False)
    _read: int = 0

    def __post_init__(self) -> None:
        self.database = Connections.open(self.stack.connector.environment["SOP_DATABASE_URL"])

    # time ---------------------------------------------------------------------------------------------------

    def at(self, instant: dt.datetime, *, settled: bool = True) -> None:
        """It is `instant` now, and the service has done what there was to do then."""
        self.clock.set(instant)
        if settled:
            self.settle()

    def settle(self) -> None:
        """Wait until every duty has come round since now, and no work is left that is due."""
        since = self.clock.now()
        wait_until("the duties have come round", lambda: self._came_round(since), seconds=30)
        quiet = 0

        def idle() -> bool:
            nonlocal quiet
            quiet = 0 if self.busy() else quiet + 1
            return quiet > 3

        wait_until("the work is done", idle, seconds=60)

    def _came_round(self, since: dt.datetime) -> bool:
        query = select(ticks.c.slot).where(ticks.c.name == QUICK)
        with self.database.read() as connection:
            slot: dt.datetime | None = connection.execute(query).scalar_one_or_none()
        return slot is not None and slot >= since + dt.timedelta(seconds=1)

    def busy(self) -> list[str]:
        """The jobs that are due or being worked on."""
        now = self.clock.now()
        with self.database.read() as connection:
            found = connection.execute(select(jobs).where(jobs.c.dead_since.is_(None))).all()
        return [row.key for row in found if row.lease is not None or row.run_at <= now]

    def waits(self, kind: str) -> bool:
        """Whether a job of this kind waits for its time."""
        query = select(jobs.c.key).where(jobs.c.kind == kind, jobs.c.dead_since.is_(None))
        with self.database.read() as connection:
            return connection.execute(query).first() is not None

    def claimed(self, key: str) -> int:
        """The process id of the worker that has this job, once one has it."""
        query = select(jobs.c.worker).where(jobs.c.key == key, jobs.c.lease.is_not(None))
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with self.database.read() as connection:
                worker: str | None = connection.execute(query).scalar_one_or_none()
            if worker is not None:
                return int(worker.split(":")[1])
            time.sleep(0.05)
        raise TimeoutError(f"nobody took {key}")

    def dead(self) -> list[str]:
        """The jobs that were given up."""
        with self.database.read() as connection:
            return list(
                connection.execute(select(jobs.c.key).where(jobs.c.dead_since.is_not(None))).scalars()
            )

    # processes ----------------------------------------------------------------------------------------------

    def kill(self, pid: int) -> None:
        """A process is gone, as by `kill -9`. The only one there is is started again, as systemd would."""
        next(each for each in self.programs if each.pid == pid).kill()
        if not self.workers:
            self.stack.connector.start()

    @property
    def programs(self) -> list[Program]:
        """Every process of the connector; the pages are ready once a worker has looked at Redmine."""
        return [*self.workers, self.stack.connector]

    @contextmanager
    def outage(self) -> Iterator[None]:
        """No process of the connector runs while the block lasts; then all of them do."""
        for each in self.programs:
            each.stop()
        yield
        for each in self.programs:
            each.start()

    # what is seen -------------------------------------------------------------------------------------------

    def mails(self) -> list[tuple[str, str]]:
        """Recipient and subject of each message since the last call, sorted; Redmine's own are among them."""
        messages = self.stack.mail.messages()
        fresh, self._read = messages[self._read :], len(messages)
        return sorted((str(each["To"]), str(each["Subject"]).strip()) for each in fresh)

    def application(self) -> Application:
        """The connector built in this process, on the same database and clock."""
        return Application(Settings.load(self.stack.connector.environment, SERVICE), clock=self.clock.now)


@contextmanager
def town(folder: Path, start: dt.datetime, database_url: str, *, workers: int = 2) -> Iterator[Town]:
    """Everything runs while the block lasts. Without workers the pages' process does their work: on SQLite."""
    clock = MovedClock(folder, start)
    stack = Stack.create(
        folder / "layanan",
        redmine_port=free_port(),
        connector_port=free_port(),
        smtp_port=free_port(),
        command="web" if workers else "run",
        poll_seconds="1",
        sweep_seconds="10",
        database_url=database_url,
    )
    environment = {**stack.connector.environment, **clock.environment}
    stack.connector.environment = environment
    programs = [
        Program(("worker",), environment, folder / f"worker-{number}.log") for number in range(1, workers + 1)
    ]
    with ExitStack() as running:
        running.callback(stack.destroy)
        running.enter_context(stack.mail)
        running.enter_context(stack.redmine.running(env=clock.environment))
        stack.provision()
        stack.populate()
        made = Town(stack, clock, programs)
        running.callback(made.database.engine.dispose)
        for each in made.programs:
            running.enter_context(each.running())
        made.settle()
        yield made
