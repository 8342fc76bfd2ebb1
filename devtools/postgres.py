"""A throw-away PostgreSQL server from Debian's package, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self


class PostgresMissingError(RuntimeError):
    """PostgreSQL is not installed: `devtools/setup.sh test` installs it."""


class Postgres:
    """Runs while it is open (`with Postgres() as server`); root is not allowed to run it, so `postgres` does."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise PostgresMissingError("apt-get install postgresql")
        self._bin = found[-1]
        self._folder = Path(tempfile.mkdtemp(prefix="sop-pg-"))

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        data = self._folder / "data"
        self._run("initdb", "--auth=trust", "--username=sop", "--encoding=UTF8", "--no-sync", "-D", str(data))
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(self._folder / "log"), "start")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, name: str) -> str:
        """A new database; its URL for SQLAlchemy."""
        self._run("createdb", "-h", str(self._folder), "-U", "sop", name)
        return f"postgresql+psycopg://sop@/{name}?host={self._folder}"

    def _run(self, program: str, *args: str) -> None:
        command = [str(self._bin / program), *args]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")
