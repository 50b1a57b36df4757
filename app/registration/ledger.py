"""The event's change number: raised last in every transaction that changes who comes."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from app.catalogue.models import EventLedger
from app.core.clock import now
from app.core.db import execute, table_of
from app.registration.models import Registration


def raise_change_number(event_id: int, *registration_ids: int) -> int:
    """Raise the number and stamp it on the registrations that changed, so that doors can ask what is new."""
    number: int = execute(_RAISE, {"of_event": event_id}).scalar_one()
    if registration_ids:
        at = now()
        execute(_STAMP, [{"stamped": each, "number": number, "at": at} for each in registration_ids])
    return number


_ledger, _registration = table_of(EventLedger), table_of(Registration)
_RAISE = (
    update(_ledger)
    .where(_ledger.c.event_id == bindparam("of_event"))
    .values(change_number=_ledger.c.change_number + 1)
    .returning(_ledger.c.change_number)
)
_STAMP = (
    update(_registration)
    .where(_registration.c.id == bindparam("stamped"))
    .values(change_number=bindparam("number"), changed_at=bindparam("at"))
)
