"""A mail server that keeps what it is given, one `.eml` file a message, in the order of arrival."""

from __future__ import annotations

import email
import email.policy
import itertools
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller


class _Keep:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1 + sum(1 for _ in folder.glob("*.eml")))

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002 - aiosmtpd's
        path = self._folder / f"{next(self._numbers):04d}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.rename(path)
        return "250 OK"


class MailCatcher:
    """Listens on 127.0.0.1 while it is open (`with MailCatcher(folder, port)`)."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        folder.mkdir(parents=True, exist_ok=True)
        self._controller = Controller(_Keep(folder), hostname="127.0.0.1", port=port)
        self._read: dict[Path, tuple[str, EmailMessage]] = {}

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def messages(self) -> list[EmailMessage]:
        """Every message so far."""
        return [message for _, message in self._kept()]

    def to(self, address: str) -> list[EmailMessage]:
        """Every message so far to an address."""
        return [message for to, message in self._kept() if address in to]

    def _kept(self) -> list[tuple[str, EmailMessage]]:
        """Recipient and message of each file; every one is read once."""
        paths = sorted(self.folder.glob("*.eml"))
        for path in paths:
            if path not in self._read:
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                self._read[path] = str(message["To"]), message
        return [self._read[path] for path in paths]

    def wait_for(
        self, address: str, wanted: Callable[[EmailMessage], bool] = lambda _: True, *, seconds: float = 20
    ) -> EmailMessage:
        """The first message to an address that is wanted."""
        end = time.monotonic() + seconds
        while True:
            found = next((each for each in self.to(address) if wanted(each)), None)
            if found is not None:
                return found
            if time.monotonic() > end:
                subjects = [str(each["Subject"]) for each in self.to(address)]
                raise TimeoutError(f"no such mail to {address} within {seconds} s; there are {subjects}")
            time.sleep(0.05)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """The text (or `html`) part of a message."""
    part = message.get_body((kind,))
    return part.get_content() if part is not None else ""
