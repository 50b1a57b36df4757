"""Scheduling messages as they arrive by mail: what calendar programs would take in."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import icalendar

from app.messaging import delivery
from tests.support.smtp_sink import Sink

PAT = "pat.participant@example.net"


def mails_to(sink: Sink, address: str = PAT) -> list[EmailMessage]:
    """Everything that has been sent to this address by now, in the order of sending."""
    delivery.drain()
    return [arrival.message for arrival in sink.to(address)]


def calendar_parts(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]  # type: ignore[misc]


def message_in(mail: EmailMessage) -> tuple[str, Any]:
    """METHOD and the one event of the scheduling message in a mail; MIME and calendar must say the same."""
    [part] = calendar_parts(mail)
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    method = str(calendar["METHOD"])
    assert part.get_param("method") == method, "Outlook refuses a message that says two things"
    [event] = calendar.walk("VEVENT")
    return method, event


def methods(sink: Sink, address: str = PAT) -> list[tuple[str, int]]:
    """Method and SEQUENCE of each mail to this address that has a calendar part."""
    found = [message_in(mail) for mail in mails_to(sink, address) if calendar_parts(mail)]
    return [(method, int(event["SEQUENCE"])) for method, event in found]


def plain_words(mail: EmailMessage) -> str:
    """The text of a mail in one line."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())
