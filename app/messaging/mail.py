"""From a letter to bytes on the wire, and over SMTP to the mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import BytesIO

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from app.core.text import clean_line
from app.messaging.letters import Letter
from config import MailServer

SERVICE_CLOSING = 421


class MailServerTrouble(Exception):
    """The server can't be reached or takes nothing now; the message is not to blame."""


class MailPutOff(Exception):
    """The server takes this message later, for instance because it doesn't know us yet; others may go on."""


class MailRefused(Exception):
    """The server will never take this message, for instance because the address doesn't exist."""


def build_message(
    letter: Letter, *, sender: str, sender_name: str, to: str, message_id: str, date: datetime
) -> EmailMessage:
    """The MIME message: `mixed(alternative(plain, related(html, QR)), event.ics)` (RFC 2046), secrets filled in.

    An invitation is the last of the alternatives instead (RFC 6047 §2.4); one made for another address stays out.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(letter.from_name or sender_name, sender)
    message["To"] = to
    message["Subject"] = clean_line(letter.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message.set_content(letter.filled(letter.text), cte="quoted-printable")
    message.add_alternative(letter.filled(letter.html), subtype="html", cte="quoted-printable")
    if letter.qr:
        _add_qr(message, letter.qr)
    if letter.invitation and letter.invitation.attendee == to:
        params = {"method": letter.invitation.method, "charset": "UTF-8"}
        message.add_alternative(letter.invitation.content, maintype="text", subtype="calendar", params=params)
    if letter.calendar:
        _attach(message, letter.calendar, "event.ics", charset="utf-8")
    for other in letter.of_others:
        if other.attendee == to:
            name = "cancelled.ics" if other.method == "CANCEL" else "event.ics"
            _attach(message, other.content, name, method=other.method, charset="UTF-8")
    return message


def _attach(message: EmailMessage, content: bytes, name: str, **params: str) -> None:
    message.add_attachment(content, maintype="text", subtype="calendar", filename=name, params=params)


def _address(name: str, address: str) -> Address | str:
    user, _at, domain = address.rpartition("@")
    return Address(display_name=clean_line(name), username=user, domain=domain)


def _add_qr(message: EmailMessage, code: str) -> None:
    html = message.get_payload()[1]  # type: ignore[index]
    html.add_related(  # type: ignore[union-attr]
        qr_png(code), maintype="image", subtype="png", cid="<qr>", filename="ticket.png", disposition="inline"
    )


def qr_png(code: str, box: int = 8) -> bytes:
    """A PNG of the square code: error correction Q, quiet zone of 4 modules, black on white."""
    picture = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=box, border=4)
    picture.add_data(code, optimize=0)
    picture.make(fit=True)
    out = BytesIO()
    picture.make_image(fill_color="black", back_color="white").save(out, format="PNG")
    return out.getvalue()


class Postman:
    """One connection to the mail server, kept over several messages."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, *, sender: str, to: str) -> None:
        """Hand the message over. Raises `MailServerTrouble`, `MailPutOff` or `MailRefused`."""
        connection = self._open()
        try:
            connection.send_message(message, from_addr=sender, to_addrs=[to])
        except smtplib.SMTPNotSupportedError as error:
            # The address has letters that this server can't write (RFC 6531), today and tomorrow.
            raise MailRefused(str(error)) from error
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            code, words = next(iter(error.recipients.values()))
            raise _refusal(code, words, later=MailPutOff) from error
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            self._reset()
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise MailServerTrouble(str(error) or type(error).__name__) from error

    def _open(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                raise MailServerTrouble(str(error) or type(error).__name__) from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.tls == "implicit":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout, context=ssl.create_default_context()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.tls == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _reset(self) -> None:
        """After a refusal the server waits for the next message; if it doesn't, begin a new connection."""
        try:
            if self._connection is not None:
                self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def close(self) -> None:
        """Say good-bye, if anybody is still there."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()


@contextmanager
def postman(server: MailServer) -> Iterator[Postman]:
    """A postman whose connection is closed at the end."""
    man = Postman(server)
    try:
        yield man
    finally:
        man.close()


def _refusal(
    code: int, words: bytes | str, later: type[MailPutOff | MailServerTrouble] = MailServerTrouble
) -> Exception:
    """What an answer other than "yes" means; 421 is said by a server that is closing (RFC 5321 §3.8)."""
    text = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if 500 <= code < 600:
        return MailRefused(text)
    return MailServerTrouble(text) if code == SERVICE_CLOSING else later(text)
