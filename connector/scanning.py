"""Files looked through for viruses by clamd, with the few words of its protocol that are needed (`INSTREAM`).

https://docs.clamav.net/manual/Usage/Scanning.html#clamd
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol
from urllib.parse import urlsplit

from connector.errors import TransientError

#: So much is sent at once.
PART = 64 * 1024
SECONDS = 60
LONGEST_ANSWER = 4096
FOUND = re.compile(r"stream: (?P<name>.+) FOUND")


class Readable(Protocol):
    """What can be read from where it stands."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes."""


class Clamd:
    """Implements `connector.ports.Scanner`.

    Args:
        url: `tcp://HOST:PORT`, or `unix:///PATH`.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def scan(self, content: Readable) -> str | None:
        """The name of what was found in it; None: nothing.

        Raises:
            TransientError: nobody can tell now.
        """
        with self._connected() as connection:
            connection.sendall(b"zINSTREAM\0")
            # it stops listening when a file is larger than it takes, and says so
            with suppress(BrokenPipeError, ConnectionResetError):
                while part := content.read(PART):
                    connection.sendall(struct.pack("!I", len(part)) + part)
                connection.sendall(struct.pack("!I", 0))
            answer = _answer(connection)
        if answer == "stream: OK":
            return None
        found = FOUND.fullmatch(answer)
        if found is None:  # too large for its settings, or out of order
            raise TransientError(f"pemeriksa virus menjawab: {answer or 'tidak ada'}")
        return found["name"]

    def try_out(self) -> None:
        """Raise `TransientError` if it does not answer."""
        with self._connected() as connection:
            connection.sendall(b"zPING\0")
            if _answer(connection) != "PONG":
                raise TransientError("pemeriksa virus tidak menjawab PING")

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        try:
            with self._open() as connection:
                connection.settimeout(SECONDS)
                yield connection
        except OSError as error:
            raise TransientError(
                f"pemeriksa virus (SOP_CLAMD_URL) tidak dapat dihubungi: {type(error).__name__}"
            ) from None

    def _open(self) -> socket.socket:
        if self._parts.scheme == "tcp":
            return socket.create_connection((self._parts.hostname or "", self._parts.port or 3310), SECONDS)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        try:
            connection.connect(self._parts.path)
        except OSError:
            connection.close()
            raise
        return connection


def scanner(url: str) -> Clamd | None:
    """The scanner at an address; None without one."""
    return Clamd(url) if url else None


def _answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        part = connection.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
