"""Send a message through an SMTP server. The only place that imports smtplib."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from connector.errors import PermanentError, TransientError
from connector.ports import OutgoingMail

SECONDS = 30
#: The number of the ticket that a message is about, at the beginning of its key, and the key of the first message.
TICKET = re.compile(r"(?:kode-[a-z]+:)?([A-Z]{2,8}-\d{4}-\d{6,}):?")
FIRST = "diterima"
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class SmtpSender:
    """Sends over one server.

    Args:
        url: `smtp://HOST:PORT`, `smtps://…` (TLS from the start) or `smtp+starttls://…`; with `USER:PASSWORD@`.
        mail_from: the sender, `Name <address>` or an address.
    """

    def __init__(self, url: str, mail_from: str) -> None:
        self._url = urlsplit(url)
        self._from = mail_from

    def send(self, mail: OutgoingMail) -> None:
        """Send one message. The same key has the same Message-ID, so that a doubled one can be told.

        Raises:
            PermanentError: the server will never take this message for this address.
            TransientError: everything else; a wrong password or sender is mended by an administrator, the mail waits.
        """
        message = compose(mail, self._from)
        self._talk(lambda server: server.send_message(message))

    def try_out(self) -> None:
        """Greet the server, with TLS and password as for a message; nothing is sent. Errors as for `send`."""
        self._talk(lambda server: server.noop())

    def _talk(self, what: Callable[[smtplib.SMTP], object]) -> None:
        try:
            server = self._connected()
            try:
                what(server)
            finally:
                _leave(server)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(max(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code) from None
        except smtplib.SMTPResponseException as error:
            raise TransientError(f"server surat menolak konektor ({error.smtp_code})") from None
        except (smtplib.SMTPException, OSError) as error:
            raise TransientError(f"server surat tidak dapat dihubungi ({type(error).__name__})") from None

    def _connected(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port or PORTS[self._url.scheme]
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if self._url.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye. The message is accepted or not by now; what goes wrong here must not have it sent twice."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def compose(mail: OutgoingMail, mail_from: str) -> EmailMessage:
    """The message: text with an HTML alternative."""
    address = parseaddr(mail_from)[1] or mail_from
    message = EmailMessage(policy=POLICY)
    message["From"] = mail_from
    message["To"] = _recipient(mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = formatdate(localtime=False)
    domain = address.rpartition("@")[2]
    message["Message-ID"] = _message_id(mail.key, domain)
    ticket = TICKET.match(mail.key)
    if ticket is not None and mail.key != f"{ticket[1]}:{FIRST}":
        # the receipt begins the thread of its ticket; who never got it still has the others together
        message["In-Reply-To"] = message["References"] = _message_id(f"{ticket[1]}:{FIRST}", domain)
    # an absence notice must not answer us: RFC 3834, what came before it, and Exchange
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _message_id(key: str, domain: str) -> str:
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _recipient(to: str) -> Address:
    """One address and nothing else: what a person typed must not name a second one, or another header."""
    try:
        address = Address(addr_spec=to.strip())
    except (ValueError, IndexError, HeaderParseError):
        raise PermanentError("alamat penerima tidak dapat dipakai") from None
    if not address.addr_spec.isascii():
        raise PermanentError("alamat penerima tidak dapat dipakai")
    return address


def _one_line(text: str) -> str:
    """A header has one line, whatever people typed."""
    return " ".join(text.split())


def _refusal(code: int) -> Exception:
    if 400 <= code < 500:
        return TransientError(f"server surat menunda ({code})")
    return PermanentError(f"server surat menolak ({code})")
