"""Calendars as people get them: the personal feed, and what stands in it."""

from __future__ import annotations

import re
from typing import Any

import icalendar

from app.catalogue.ics.lint import lint_vevent
from app.catalogue.queries import sessions_of
from app.core.db import db
from app.core.security.links import link_token
from app.registration.mailboxes import feed_address, feed_of_contact
from app.registration.models import Contact, FindLink
from app.registration.operations import request_links
from tests.support.pages import Client

OF_MESSAGES = ("stamps-differ",)
"""What only files break that a mail has sent: there DTSTAMP is the time of sending (RFC 5546)."""


def begin_feed(email: str, language: str = "en") -> str:
    """Ask for the links of this address, as its owner does; returns the path of the page that the mail leads to."""
    request_links(email=email, language=language)
    link = db.session.scalars(db.select(FindLink).order_by(FindLink.id.desc())).first()
    assert link is not None
    return f"/me/{link_token('find', link.public_id)}"


def feed_path(email: str) -> str:
    """Where the personal feed of this address is now."""
    db.session.rollback()
    contact = db.session.scalars(db.select(Contact).where(Contact.email == email)).one()
    return feed_address(contact, feed_of_contact(contact.id))


def entries(calendar: bytes) -> dict[str, Any]:
    """The events of a calendar by UID; each UID may stand there once."""
    found = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    by_uid = {str(event["UID"]): event for event in found}
    assert len(by_uid) == len(found), "a UID stands in the calendar twice"
    for one in re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", calendar, re.DOTALL):
        findings = lint_vevent(one, is_public=False)
        assert [found for found in findings if found.rule not in OF_MESSAGES] == []
    return by_uid


def feed(client: Client, email: str) -> dict[str, Any]:
    """The entries of this address's personal feed by UID."""
    answer = client.get(feed_path(email))
    assert answer.status_code == 200
    return entries(answer.data)


def uid_of(event_id: int) -> str:
    """The UID of the event's first session."""
    return sessions_of(event_id)[0].uid
