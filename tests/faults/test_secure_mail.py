"""Mail over TLS with a login. The server's certificate is always checked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.messaging import delivery
from tests.support import databases
from tests.support.outgoing import application, message_to, put
from tests.support.smtp_sink import Sink, smtp_sink
from tools.certificate import Certificate, certificate_for

LOGIN = {"desk": "nine quiet lamps/@:"}
LOGIN_IN_ADDRESS = "desk:nine%20quiet%20lamps%2F%40%3A"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A throwaway certificate for this machine, made by nobody that anybody trusts."""
    return certificate_for(["127.0.0.1"], tmp_path)


@pytest.fixture
def database() -> Iterator[str]:
    """SQLite alone: how mail is carried has nothing to do with where it is kept."""
    with databases.fresh("sqlite") as url:
        yield url


@contextmanager
def secure_sink(certificate: Certificate, way: str) -> Iterator[tuple[Sink, str]]:
    """A sink that speaks TLS in this way, and the end of its address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    if way == "starttls":
        with smtp_sink(tls_context=context, require_starttls=True, auth_required=True) as sink:
            yield sink, f"127.0.0.1:{sink.port}?tls=starttls"
    else:
        with smtp_sink(tls=context, auth_require_tls=False) as sink:
            yield sink, f"127.0.0.1:{sink.port}?tls=implicit"


@pytest.mark.parametrize("way", ["starttls", "implicit"])
def test_mail_goes_encrypted_after_a_login(
    database: str, certificate: Certificate, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with secure_sink(certificate, way) as (sink, place):
        sink.logins = LOGIN
        with application(database, MAIL_URL=f"smtp://{LOGIN_IN_ADDRESS}@{place}"):
            put("pat@example.net")
            assert delivery.drain() == 1, message_to("pat@example.net").last_error
    [arrival] = sink.arrivals
    assert arrival.is_encrypted
    assert arrival.login == "desk"


@pytest.mark.parametrize("way", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(database: str, certificate: Certificate, way: str) -> None:
    with secure_sink(certificate, way) as (sink, place):
        sink.logins = LOGIN
        with application(database, MAIL_URL=f"smtp://{LOGIN_IN_ADDRESS}@{place}"):
            put("pat@example.net")
            assert delivery.drain() == 0
            waiting = message_to("pat@example.net")
    assert waiting.status == "queued"
    assert "certificate verify failed" in (waiting.last_error or "")
    assert sink.arrivals == []


def test_a_wrong_password_keeps_the_mail_and_is_told_without_repeating_it(
    database: str, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with secure_sink(certificate, "starttls") as (sink, place):
        sink.logins = LOGIN
        with application(database, MAIL_URL=f"smtp://desk:guessed-wrong@{place}"):
            put("pat@example.net")
            assert delivery.drain() == 0
            waiting = message_to("pat@example.net")
    assert waiting.status == "queued"
    assert "535" in (waiting.last_error or "")
    assert "guessed" not in (waiting.last_error or "")
