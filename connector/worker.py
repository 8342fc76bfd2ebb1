"""The work loop and the clock. Each job is claimed, done, and finished; a failure says by its type what follows."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from connector.errors import PermanentError, SopError, TransientError
from connector.ports import Job, Store

log = logging.getLogger(__name__)

#: A lease outlasts the longest honest job: some calls to a slow Redmine, each with its timeout.
LEASE = dt.timedelta(minutes=3)
#: A job that fails for now is tried again after 2, 4, 8 … seconds, at most ten minutes; then given up after a day.
LONGEST_WAIT = dt.timedelta(minutes=10)
MAX_ATTEMPTS = 150
#: What is no error of ours is a bug: it may be a rare state of affairs, but will hardly mend itself.
MAX_BUG_ATTEMPTS = 5
IDLE_SECONDS = 0.5
#: How soon it is seen that the wall clock was set back, and by how much more than a duty's interval it must be.
WATCH_SECONDS = 5.0
SLACK = dt.timedelta(seconds=1)

Handler = Callable[[str], None]


@dataclass(frozen=True)
class Duty:
    """Something done each `seconds`, once among all replicas."""

    name: str
    seconds: int
    run: Callable[[], object]


@dataclass(frozen=True)
class Worker:
    """Does jobs by their kind until told to stop."""

    name: str
    store: Store
    handlers: Mapping[str, Handler]
    clock: Callable[[], dt.datetime]
    lease: dt.timedelta = LEASE

    def run_once(self, key: str | None = None) -> bool:
        """Do one job if one is due, with `key` only that one; whether there was one."""
        job = self.store.queue.claim(self.name, now=self.clock(), lease=self.lease, key=key)
        if job is None:
            return False
        if job.attempts > MAX_ATTEMPTS:  # whoever tried last did not live to say how it went
            self._bury(job, PermanentError("pekerjaan ini berkali-kali menghentikan pekerjanya"))
            return True
        try:
            self.handlers[job.kind](job.ref)
        except TransientError as error:
            self._again(job, error, MAX_ATTEMPTS)
        except PermanentError as error:
            self._bury(job, error)
        except Exception as error:
            log.exception("job failed: %s", job.key, exc_info=_without_data(error))
            self._again(job, error, MAX_BUG_ATTEMPTS)
        else:
            self.store.queue.finish(job)
        return True

    def run(self, stop: threading.Event) -> None:
        """Do jobs until `stop` is set."""
        while not stop.is_set():
            try:
                busy = self.run_once()
            except SopError as error:
                log.warning("store unavailable: %s", error)
                busy = False
            except Exception as error:
                # a loop that ended would leave a service that looks alive and does nothing
                log.exception("work loop failed", exc_info=_without_data(error))
                busy = False
            if not busy:
                stop.wait(IDLE_SECONDS)

    def _again(self, job: Job, error: Exception, most: int) -> None:
        if job.attempts >= most:
            self._bury(job, error)
            return
        wait = min(dt.timedelta(seconds=2 ** min(job.attempts, 12)), LONGEST_WAIT)
        log.warning("job waits: %s attempt=%d error=%s", job.key, job.attempts, type(error).__name__)
        self.store.queue.retry(job, at=self.clock() + wait, error=_words(error))

    def _bury(self, job: Job, error: Exception) -> None:
        log.error("job given up: %s attempts=%d error=%s", job.key, job.attempts, type(error).__name__)
        self.store.queue.bury(job, now=self.clock(), error=_words(error))


class Every(BaseTrigger):  # type: ignore[misc]
    """So many seconds after the last time, whatever the wall clock did in between: nothing missed is made up for."""

    def __init__(self, seconds: int) -> None:
        self.interval = dt.timedelta(seconds=seconds)

    def get_next_fire_time(self, _: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """APScheduler's question."""
        return now + self.interval


class Clock:
    """Runs duties on time. Each slot of a duty is claimed in the database, so that one replica does it.

    APScheduler waits for an hour on the wall clock. Each `watch` seconds somebody looks whether that was set back.
    """

    def __init__(
        self,
        store: Store,
        duties: tuple[Duty, ...],
        now: Callable[[], dt.datetime],
        watch: float = WATCH_SECONDS,
    ) -> None:
        self._store = store
        self._now = now
        self._watch = watch
        self._stopped = threading.Event()
        self._watcher = threading.Thread(target=self._keep_watch, name="clock-watch", daemon=True)
        # a thread for each: one that waits for a Redmine that hangs holds up no other
        threads = ThreadPoolExecutor(max_workers=len(duties))
        self._scheduler = BackgroundScheduler(timezone=dt.UTC, executors={"default": threads})
        for duty in duties:
            self._scheduler.add_job(
                self._tick,
                Every(duty.seconds),
                args=(duty,),
                next_run_time=now(),
                max_instances=1,
                misfire_grace_time=None,
                id=duty.name,
            )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()
        self._watcher.start()

    def stop(self) -> None:
        """End, after the duties that run now."""
        self._stopped.set()
        self._watcher.join()
        self._scheduler.shutdown(wait=True)

    def _keep_watch(self) -> None:
        while not self._stopped.wait(self._watch):
            now = self._now()
            for job in self._scheduler.get_jobs():
                if job.next_run_time > now + job.trigger.interval + SLACK:
                    log.warning("the clock was set back; duty goes on: %s", job.id)
                    job.modify(next_run_time=now)

    def _tick(self, duty: Duty) -> None:
        now = self._now()
        seconds = int(now.timestamp())
        slot = dt.datetime.fromtimestamp(seconds - seconds % duty.seconds, dt.UTC)
        try:
            every = dt.timedelta(seconds=duty.seconds)
            if self._store.books.claim_tick(duty.name, slot, every=every):
                duty.run()
        except SopError as error:
            log.warning("duty failed: %s error=%s %s", duty.name, type(error).__name__, error)
        except Exception as error:
            log.exception("duty failed: %s", duty.name, exc_info=_without_data(error))


def _words(error: Exception) -> str:
    """What an administrator sees of a failure. Errors of ours are written for him; others may quote data."""
    return str(error) if isinstance(error, SopError) else type(error).__name__


class BugError(Exception):
    """Stands for an error that is not ours, by the name of its class alone."""


def _without_data(error: Exception) -> BugError:
    """The error with its traceback and without its text, which may quote a person's data."""
    return BugError(type(error).__name__).with_traceback(error.__traceback__)
