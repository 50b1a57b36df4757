"""One message to one person about the own registration."""

from __future__ import annotations

from datetime import datetime

from app.catalogue.models import Event
from app.core.db import db
from app.messaging import outbox
from app.registration.models import Contact, Registration


def state_message(status: str) -> str:
    """The message that says once more how things stand."""
    return {"waitlisted": "waitlisted", "offered": "seat_offered"}.get(status, "registration_confirmed")


def stamp(registration_id: int, at: datetime) -> str:
    """A key for a mail about a deed that may happen to the same person again."""
    return f"{registration_id}:{at:%Y%m%dT%H%M%S%f}"


def mail_person(
    registration: Registration,
    event: Event,
    message: str,
    *,
    dedupe: str,
    priority: int = outbox.NORMAL,
    **facts: object,
) -> bool:
    """Write one message to the registered person; False when it has been said, or there is no address to write to."""
    if registration.contact_id is None:
        return False
    email = db.session.get_one(Contact, registration.contact_id).email
    return outbox.put(
        message,
        to=email,
        language=registration.language,
        facts={"registration": registration.public_id, **facts},
        organization_id=event.organization_id,
        dedupe_key=f"{message}:{dedupe}",
        priority=priority,
    )
