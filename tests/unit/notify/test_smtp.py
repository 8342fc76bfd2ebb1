"""Sending, to a real SMTP server in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from connector.errors import PermanentError, TransientError
from connector.notify import smtp
from connector.notify.smtp import SmtpSender, compose
from connector.ports import OutgoingMail

FROM = "Layanan TIK – Universitas Contoh <layanan@contoh.ac.id>"
MAIL = OutgoingMail(
    "UNJ-2026-000001:diterima",
    "sari@contoh.id",
    "[UNJ-2026-000001] Permohonan Anda kami terima",
    "Terima kasih – kami catat.\n",
    "<p>Terima kasih – kami catat.</p>",
)


@dataclass
class Inbox:
    """What the server says to each recipient and message, and what it got."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    quit: str = "221 Bye"
    got: list[EmailMessage] = field(default_factory=list)
    password: str = "sandi"

    async def handle_RCPT(self, _s: Any, _x: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _s: Any, _x: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        return self.data

    async def handle_QUIT(self, _s: Any, _x: Any, _e: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        return self.quit

    def login(self, _s: Any, _x: Any, _e: Any, _m: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == self.password.encode()
        return AuthResult(success=good, handled=good)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=number,
        authenticator=inbox.login,
        auth_require_tls=False,
    )
    controller.start()
    yield number
    controller.stop()


def sender(port: int, login: str = "") -> SmtpSender:
    return SmtpSender(f"smtp://{login}127.0.0.1:{port}", FROM)


def test_a_message_arrives_as_it_was_written(port: int, inbox: Inbox) -> None:
    sender(port).send(MAIL)
    (message,) = inbox.got
    assert message["To"] == "sari@contoh.id"
    assert message["From"] == FROM
    assert message["Subject"] == MAIL.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Date"] is not None
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().strip() == MAIL.text.strip()
    assert html.get_content().strip() == MAIL.html


def test_the_same_key_has_the_same_message_id(port: int, inbox: Inbox) -> None:
    sender(port).send(MAIL)
    sender(port).send(MAIL)
    one, two = (message["Message-ID"] for message in inbox.got)
    assert one == two
    assert one.endswith("@contoh.ac.id>")
    assert "UNJ" not in one
    assert compose(OutgoingMail("lain", "a@b.id", "s", "t", "h"), FROM)["Message-ID"] != one


def test_the_mails_of_a_ticket_are_one_thread() -> None:
    first = compose(MAIL, FROM)
    later, code = (
        compose(OutgoingMail(key, "sari@contoh.id", "s", "t", "h"), FROM)
        for key in ("UNJ-2026-000001:j9:0:pemohon", "kode-lacak:UNJ-2026-000001:20261123:ab")
    )
    other = compose(OutgoingMail("UNJ-2026-000002:j9:0:pemohon", "sari@contoh.id", "s", "t", "h"), FROM)
    assert first["In-Reply-To"] is None
    assert later["In-Reply-To"] == later["References"] == code["References"] == first["Message-ID"]
    assert other["References"] != first["Message-ID"]
    assert compose(OutgoingMail("rekap:1", "a@b.id", "s", "t", "h"), FROM)["References"] is None
    assert first["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("code", ["450 nanti", "421 sibuk"])
def test_a_recipient_put_off_is_transient(port: int, inbox: Inbox, code: str) -> None:
    inbox.rcpt = code
    with pytest.raises(TransientError):
        sender(port).send(MAIL)


def test_a_recipient_refused_is_permanent(port: int, inbox: Inbox) -> None:
    inbox.rcpt = "550 tidak dikenal"
    with pytest.raises(PermanentError) as caught:
        sender(port).send(MAIL)
    assert "sari" not in str(caught.value)


def test_a_message_refused_is_permanent_and_one_put_off_is_not(port: int, inbox: Inbox) -> None:
    inbox.data = "554 ditolak"
    with pytest.raises(PermanentError):
        sender(port).send(MAIL)
    inbox.data = "451 nanti"
    with pytest.raises(TransientError):
        sender(port).send(MAIL)


def test_a_bad_goodbye_does_not_have_it_sent_twice(port: int, inbox: Inbox) -> None:
    inbox.quit = "421 sibuk"
    sender(port).send(MAIL)
    assert len(inbox.got) == 1


def test_login(port: int, inbox: Inbox) -> None:
    sender(port, "pengguna:sandi@").send(MAIL)
    assert len(inbox.got) == 1


def test_a_wrong_password_keeps_the_mail(port: int, inbox: Inbox) -> None:
    with pytest.raises(TransientError) as caught:
        sender(port, "pengguna:salah@").send(MAIL)
    assert "salah" not in str(caught.value)


def test_a_server_without_tls_is_not_trusted_with_the_mail(port: int, inbox: Inbox) -> None:
    with pytest.raises(TransientError):
        SmtpSender(f"smtp+starttls://127.0.0.1:{port}", FROM).send(MAIL)
    assert inbox.got == []


def test_nobody_there_is_transient() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TransientError):
            sender(taken.getsockname()[1]).send(MAIL)


def test_a_server_that_never_answers_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = threading.Event()
        with pytest.raises(TransientError):
            sender(silent.getsockname()[1]).send(MAIL)
        done.set()


@pytest.mark.parametrize(
    "to",
    [
        "sari@contoh.id\nBcc: x@y.id",
        "sari@contoh.id, lain@contoh.id",
        "sari",
        "",
        "<sari@contoh.id>",
        "@contoh.id",
        "sari@",
        "särí@contoh.id",
    ],
)
def test_an_address_that_is_none_is_permanent(to: str) -> None:
    with pytest.raises(PermanentError):
        compose(OutgoingMail("k", to, "s", "t", "h"), FROM)


def test_a_subject_has_one_line() -> None:
    made = compose(OutgoingMail("k", "a@b.id", "Halo\r\nBcc: x@y.id", "t", "h"), FROM)
    assert made["Subject"] == "Halo Bcc: x@y.id"
    assert made["Bcc"] is None


def test_it_can_be_tried_without_a_message(port: int, inbox: Inbox) -> None:
    sender(port, "pengguna:sandi@").try_out()
    assert inbox.got == []
    with pytest.raises(TransientError, match="535"):
        sender(port, "pengguna:salah@").try_out()
    with pytest.raises(TransientError):
        SmtpSender(f"smtp+starttls://127.0.0.1:{port}", FROM).try_out()
    with pytest.raises(TransientError, match="tidak dapat dihubungi"):
        sender(1).try_out()
