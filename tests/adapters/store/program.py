"""Runs in processes of its own, some of which are to die: `program.py drain|hold|submit|tell|ring|allot URL`.

The last four do one thing in one child after the other; each is killed one moment later, until one outlives it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from sqlalchemy import event

from connector.ports import OutgoingMail, Registered, Slot, Ticket
from connector.store import SqlStore
from tests.holding import hold as hold_files
from tests.holding import upload

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
LEASE = dt.timedelta(seconds=60)


def drain(store: SqlStore) -> None:
    """Do all due jobs, and say which."""
    print("siap", flush=True)
    sys.stdin.readline()
    while (job := store.queue.claim(str(os.getpid()), now=NOW, lease=LEASE)) is not None:
        print(job.key, store.numbers.next("UNJ", 2026), flush=True)
        store.queue.finish(job)


def hold(store: SqlStore) -> None:
    """Claim a job and never finish it."""
    job = store.queue.claim(str(os.getpid()), now=NOW, lease=LEASE)
    print(job.key if job else "tidak ada", flush=True)
    time.sleep(60)


def die(task: Callable[[SqlStore, int], object], url: str) -> None:
    """Say how many children there were, and how the last one ended."""
    moment = 0
    while True:
        child = os.fork()
        if child == 0:
            _until(moment, task, url)
        _, status = os.waitpid(child, 0)
        moment += 1
        if not os.WIFSIGNALED(status):
            print(moment, os.waitstatus_to_exitcode(status), flush=True)
            return


def _until(moment: int, task: Callable[[SqlStore, int], object], url: str) -> NoReturn:
    store = SqlStore.open(url)
    passed = iter(range(moment))

    def tick(*_: Any, **__: Any) -> None:
        if next(passed, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("begin", "before_cursor_execute", "commit"):
        event.listen(store._db.engine, name, tick)
    task(store, moment)
    os._exit(0)


def submit(store: SqlStore, moment: int) -> None:
    """A request with files."""
    store.submissions.submit(
        nonce=f"saat-{moment}",
        procedure="unj/layanan",
        prefix="UNJ",
        received=NOW,
        year=2026,
        fields={"nama": "Sari"},
        files=hold_files(
            store,
            f"saat-{moment}",
            [upload("f", name, "text/plain", name.encode() * 700_000) for name in ("a", "b")],
        ),
        ticket=lambda number: Ticket("h", OutgoingMail(number, "sari@contoh.id", "Halo", "isi", "isi")),
    )


def tell(store: SqlStore, _: int) -> None:
    """Done with all of a person's warnings, and their mail."""
    mail = OutgoingMail("warn:7", "sari@contoh.id", "Halo", "isi", "isi")
    store.warnings.tell(store.warnings.ready(7), mail, now=NOW)


def ring(store: SqlStore, _: int) -> None:
    """Wake what is due."""
    store.clocks.ring(store.clocks.due(now=NOW), now=NOW)


LETTERS = "unj/surat-tugas"


def letter(name: str, series: str = LETTERS, year: int = 2026) -> tuple[Slot, Callable[[int], Registered]]:
    """A letter: its place, and how it is written."""
    slot = Slot(f"pengajuan-{name}", f"UNJ-2026-{name}:surat_tugas:3", series, year)
    mark = "ST" if series == LETTERS else series.rpartition("/")[2].upper()

    def write(sequence: int) -> Registered:
        number = f"{sequence}/{mark}/{year}"
        code = hashlib.sha256(f"{slot.owner}{number}".encode()).hexdigest()[:14]
        return Registered(
            slot=slot,
            sequence=sequence,
            organization="unj",
            ticket=f"UNJ-2026-{name}",
            template="surat",
            field="surat_tugas",
            kind="surat-tugas",
            number=number,
            code=code,
            at=NOW,
            data={"nama": "Sari \x00 \ud83d \u2028 é", "n": sequence},
        )

    return slot, write


def allot(store: SqlStore, _: int) -> None:
    """A letter gets its number."""
    store.register.allot(*letter("mati"))


DYING = {"submit": submit, "tell": tell, "ring": ring, "allot": allot}

if __name__ == "__main__":
    task, address = sys.argv[1:]
    if task in DYING:
        die(DYING[task], address)
    else:
        {"drain": drain, "hold": hold}[task](SqlStore.open(address))
