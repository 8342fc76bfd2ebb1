"""clamd's protocol, spoken with a server that speaks it: what is clean goes on, what is not stays, nothing is lost."""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connector.errors import TransientError
from connector.scanning import PART, Clamd, scanner

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Server:
    """Answers as clamd does; finds EICAR."""

    listening: socket.socket
    answer: bytes | None = None
    heard: list[bytes] = field(default_factory=list)

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                self._serve(connection, stream)

    def _serve(self, connection: socket.socket, stream: io.BufferedReader) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if command == b"zPING\0":
            connection.sendall(b"PONG\0" if self.answer is None else self.answer)
            return
        content = b""
        while size := struct.unpack("!I", stream.read(4))[0]:
            content += stream.read(size)
        self.heard.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        connection.sendall(found if self.answer is None else self.answer)


def started(listening: socket.socket) -> Server:
    server = Server(listening)
    threading.Thread(target=server.run, daemon=True).start()
    return server


@pytest.fixture(params=["tcp", "unix"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Server]]:
    if request.param == "tcp":
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    else:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(tmp_path / "clamd.ctl"))
        listening.listen()
        url = f"unix://{tmp_path}/clamd.ctl"
    with listening:
        yield url, started(listening)


def test_what_is_clean_and_what_is_not(place: tuple[str, Server]) -> None:
    url, server = place
    clamd = Clamd(url)
    clamd.try_out()
    large = b"x" * (2 * PART + 1)
    assert clamd.scan(io.BytesIO(large)) is None
    assert clamd.scan(io.BytesIO(large + EICAR)) == "Eicar-Test-Signature"
    assert clamd.scan(io.BytesIO(b"")) is None
    assert server.heard == [large, large + EICAR, b""]


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"UNKNOWN COMMAND\0"])
def test_whatever_else_it_says_is_no_leave_to_go_on(place: tuple[str, Server], answer: bytes) -> None:
    url, server = place
    server.answer = answer
    with pytest.raises(TransientError):
        Clamd(url).scan(io.BytesIO(b"x"))
    with pytest.raises(TransientError):
        Clamd(url).try_out()


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:9", "unix:///tidak/ada"])
def test_where_nobody_answers_nobody_can_tell(url: str) -> None:
    for asked in (lambda: Clamd(url).try_out(), lambda: Clamd(url).scan(io.BytesIO(b"x"))):
        ask: Callable[[], object] = asked
        with pytest.raises(TransientError, match="SOP_CLAMD_URL"):
            ask()


def test_without_an_address_nothing_is_looked_through() -> None:
    assert scanner("") is None
