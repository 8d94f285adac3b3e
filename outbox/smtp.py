"""One attempt to send an e-mail: a conversation with the mail server, and what came of it."""

import asyncio
import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from outbox.mail import Attachment
from web.trust import authorities

SECONDS = 20.0
KEPT = 500
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is given in. A password never goes over a connection that is not encrypted."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of an attempt. `status`: the server's code; None where it gave none."""

    status: int | None
    ms: int
    answer: str = ""

    @property
    def delivered(self) -> bool:
        return self.status == 250

    @property
    def hopeless(self) -> bool:
        """The server will never take it: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1."""
        return self.status is not None and 500 <= self.status < 600


class SmtpPost:
    """Gives mail in at one server. Python's own client runs in a thread: a unit's mail is no flood."""

    def __init__(self, server: MailServer, seconds: float = SECONDS) -> None:
        self._server = server
        self._seconds = seconds

    async def send(
        self, to: str, subject: str, body: str, message_id: str, attachments: Sequence[Attachment] = ()
    ) -> Sent:
        """Never raises for what another machine does."""
        began = time.monotonic()
        try:
            await asyncio.to_thread(self._send, self._message(to, subject, body, message_id, attachments))
        except smtplib.SMTPRecipientsRefused as error:
            return _sent(began, *next(iter(error.recipients.values())))
        except smtplib.SMTPAuthenticationError as error:
            return _sent(began, None, error.smtp_error)  # our own mistake: worth another try when it is mended
        except smtplib.SMTPResponseException as error:
            return _sent(began, error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return _sent(began, None, f"No connection: {type(error).__name__} {error}")
        return _sent(began, 250, "taken")

    def _message(
        self, to: str, subject: str, body: str, message_id: str, attachments: Sequence[Attachment]
    ) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, to, subject
        message["Message-ID"] = f"<{message_id}@{self._server.sender.rpartition('@')[2].strip('> ') or 'alo185'}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
        for each in attachments:
            main, _, sub = each.kind.partition("/")
            message.add_attachment(each.data, maintype=main, subtype=sub, filename=each.name)
        return message

    def _send(self, message: EmailMessage) -> None:
        server, trusted = self._server, authorities()
        opened: smtplib.SMTP = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=self._seconds, context=trusted)
            if server.security == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        )
        with opened as line:
            if server.security == "starttls":
                line.starttls(context=trusted)
            if server.user and server.password and server.security != "none":
                line.login(server.user, server.password)
            line.send_message(message)


def _sent(began: float, status: int | None, answer: bytes | str) -> Sent:
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    plain = "".join(c for c in said if c.isprintable() or c == "\n")[:KEPT]
    return Sent(status, round((time.monotonic() - began) * 1000), plain)
