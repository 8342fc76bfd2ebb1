"""Commands that run the service: run, web, worker."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from connector.bootstrap import Application
from connector.commands.common import examples, settings
from connector.errors import TransientError
from connector.settings import SERVICE

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
PORT = 8000
WEB_THREADS = 8
MIGRATION_SECONDS = 120


@click.command(epilog=examples("connector run", "connector run --host 0.0.0.0 --port 8000"))
@click.option("--host", default=HOST, show_default=True)
@click.option("--port", default=PORT, show_default=True, type=int)
@click.option(
    "--threads", default=2, show_default=True, type=click.IntRange(1, 16), help="Banyaknya pekerja."
)
def run(host: str, port: int, threads: int) -> None:
    """Web dan pekerja dalam satu proses, dengan SQLite: cara yang biasa."""
    application = _application()
    application.store.migrate()
    with _working(application, threads):
        _serve(application, host, port)


@click.command(epilog=examples("connector web --host 0.0.0.0 --port 8000"))
@click.option("--host", default=HOST, show_default=True)
@click.option("--port", default=PORT, show_default=True, type=int)
def web(host: str, port: int) -> None:
    """Hanya web: webhook dan portal. Basis data dimutakhirkan lebih dahulu."""
    application = _application()
    application.store.migrate()
    _serve(application, host, port)


@click.command(epilog=examples("connector worker --threads 4"))
@click.option(
    "--threads", default=2, show_default=True, type=click.IntRange(1, 16), help="Banyaknya pekerja."
)
def worker(threads: int) -> None:
    """Hanya pekerja: antrean, pengamatan Redmine, dan surat. Menunggu sampai basis datanya siap."""
    application = _application()
    _await_tables(application)
    with _working(application, threads), _until_told():
        while True:
            time.sleep(3600)


def _application() -> Application:
    from connector.logs import configure

    configure()
    application = Application(settings(*SERVICE))
    if application.certificate is not None:
        log.info("documents are signed: certificate=%s", application.certificate.fingerprint)
    log.info("mappings read: %d procedures", len(application.catalogue.procedures))
    return application


def _await_tables(application: Application) -> None:
    for _ in range(MIGRATION_SECONDS):
        try:
            if application.store.migrated():
                return
        except TransientError:
            log.info("database not ready yet")
        time.sleep(1)
    raise TransientError("basis data belum siap; jalankan «connector web» atau «connector run» lebih dahulu")


@contextmanager
def _working(application: Application, threads: int) -> Iterator[None]:
    """Work loops and the clock, until the block is left."""
    stop = threading.Event()
    loops = [
        threading.Thread(target=application.worker(number).run, args=(stop,), name=f"worker-{number}")
        for number in range(1, threads + 1)
    ]
    clock = application.duties()
    for loop in loops:
        loop.start()
    clock.start()
    try:
        yield
    finally:
        stop.set()
        clock.stop()
        for loop in loops:
            loop.join()
        application.store.close()


@contextmanager
def _until_told() -> Iterator[None]:
    """Leave the block without an error when the process is told to end."""

    def told(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, told)
    try:
        yield
    except KeyboardInterrupt:
        log.info("stopping")


def _serve(application: Application, host: str, port: int) -> None:
    from waitress.server import create_server

    from connector.app import create_app

    app = create_app(application.web)
    try:
        server = create_server(app, host=host, port=port, threads=WEB_THREADS, ident=None)
    except OSError as error:
        raise TransientError(f"porta {port} di {host} tidak dapat dipakai: {error.strerror}") from None
    log.info("listening on http://%s:%d", host, port)
    with _until_told():
        server.run()
    server.close()
