"""A real SMTP server that keeps what it gets, and that can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = str | None
AFTER_MESSAGE = "250 2.0.0 kept"


@dataclass(frozen=True)
class Arrival:
    """One message that the sink answered 250 to."""

    message: EmailMessage
    to: str
    at: float
    is_encrypted: bool = False
    login: str | None = None

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"])


@dataclass
class Sink:
    """What arrived, and how to answer: each hook may act first, or return an SMTP answer of its own.

    `on_recipient(address)` runs at RCPT TO, `on_data(message, address)` before the message is kept and answered 250,
    `on_kept(message, address)` once that 250 has been written to the connection.
    """

    port: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    on_recipient: Callable[[str], Answer] | None = None
    on_data: Callable[[EmailMessage, str], Answer] | None = None
    on_kept: Callable[[EmailMessage, str], None] | None = None
    logins: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """For `MAIL_URL`."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[Arrival]:
        """What arrived for this address, in order."""
        with self.lock:
            return [arrival for arrival in self.arrivals if arrival.to == address]

    def ids(self) -> list[str]:
        """The Message-IDs of everything that arrived, in order."""
        with self.lock:
            return [arrival.message_id for arrival in self.arrivals]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, unless told otherwise."""
        answer = self.on_recipient(address) if self.on_recipient else None
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 known here"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message, unless told otherwise."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        [address] = envelope.rcpt_tos
        answer = self.on_data(message, address) if self.on_data else None
        if answer is not None:
            return answer
        login = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else None
        with self.lock:
            self.arrivals.append(Arrival(message, address, time.time(), _is_encrypted(server), login))
        return AFTER_MESSAGE

    def is_login_right(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Check name and password against `logins`."""
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given in self.logins.items(), handled=False, auth_data=data)


class _Server(SMTP):
    """Tells the sink when its answer to a message has been written."""

    async def push(self, status: Any) -> None:
        await super().push(status)
        sink = self.event_handler
        if status == AFTER_MESSAGE and sink.on_kept:
            with sink.lock:
                last = sink.arrivals[-1]
            sink.on_kept(last.message, last.to)


class _Controller(Controller):
    """A controller whose server tells when it has answered."""

    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def smtp_sink(*, port: int | None = None, tls: ssl.SSLContext | None = None, **more: Any) -> Iterator[Sink]:
    """A sink on a free port (or on `port`); with `tls` it speaks TLS from the first byte; `more` goes to aiosmtpd."""
    sink = Sink(port or free_port())
    controller = _Controller(
        sink,
        hostname="127.0.0.1",
        port=sink.port,
        loop=asyncio.new_event_loop(),
        ssl_context=tls,
        authenticator=sink.is_login_right,
        **{"enable_SMTPUTF8": True, **more},
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def _is_encrypted(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
