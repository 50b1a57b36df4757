"""The event's change number: raised last in every transaction that changes who comes."""

from __future__ import annotations

from sqlalchemy import update

from app.catalogue.models import EventLedger
from app.core.clock import now
from app.core.db import execute
from app.registration.models import Registration


def raise_change_number(event_id: int, *registration_ids: int) -> int:
    """Raise the number and stamp it on the registrations that changed, so that doors can ask what is new."""
    number: int = execute(
        update(EventLedger)
        .where(EventLedger.event_id == event_id)
        .values(change_number=EventLedger.change_number + 1)
        .returning(EventLedger.change_number)
    ).scalar_one()
    if registration_ids:
        execute(
            update(Registration)
            .where(Registration.id.in_(registration_ids))
            .values(change_number=number, changed_at=now())
        )
    return number
