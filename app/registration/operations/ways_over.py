"""A way of coming has ended with its last meeting: who used it takes part in the rest as that is held."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, bindparam, exists, or_, select

from app.catalogue.models import Event, EventStatus, Mode, SeatPool
from app.catalogue.rules import ways_ahead
from app.core import audit
from app.core.audit import SYSTEM
from app.core.clock import now
from app.core.db import db, transaction
from app.registration import partner_seats, seats
from app.registration.ledger import raise_change_number
from app.registration.models import ACTIVE, Registration, RegistrationStatus
from app.registration.operations.mode_lost import come_other_way, is_used
from app.registration.operations.telling import mail_person, one_of_each_address, stamp, whose
from app.registration.operations.waiting import promote


def end_ways() -> int:
    """Bring people over from ways of coming that are over, event by event; returns of how many events.

    Seats stay seats, whatever the limit. Who has only waited gets a seat of the other way, or a place at the end of its
    queue, and one mail says which; nobody else is told, for nothing changes for them. Changes: seats and queues, modes,
    audit, the event's change number. Needs no calendar entry made anew: what is to come is held one way.
    """
    ended = 0
    for event_id in list(db.session.scalars(_OVER, {"at": now()})):
        with transaction():
            seats.hold(event_id)
            ended += _end_way(event_id)
    return ended


def _end_way(event_id: int) -> bool:
    event, at = db.session.get_one(Event, event_id, populate_existing=True), now()
    ahead = ways_ahead(event, at).codes
    if event.is_cancelled or event.ends_at <= at or len(ahead) != 1:
        return False
    (kept,) = ahead
    lost = Mode.IN_PERSON if kept == Mode.ONLINE else Mode.ONLINE
    if not is_used(event_id, lost):
        return False
    partner_seats.release_mode(event_id, lost)
    waited = list(db.session.scalars(_WAITED, {"of_event": event_id, "in_mode": lost}))
    moved = come_other_way(event, lost, kept)
    audit.record(SYSTEM, "end_way", organization_id=event.organization_id, event_id=event_id, way=lost)
    promoted = promote(event_id, seats.pools_at(event_id))
    untold = [one for one in waited if one.id in moved.touched and one.id not in promoted]
    for one in one_of_each_address(untold):
        mail_person(one, event, "promoted" if one.has_seat else "waitlisted", dedupe=stamp(whose(one), at))
    raise_change_number(event_id, *{*moved.touched, *promoted})
    return True


_AT = bindparam("at", type_=Event.ends_at.type)


def _is_over(mode: Mode, until: SQLColumnExpression[datetime | None]) -> ColumnElement[bool]:
    """Whether somebody still counts on this mode of an event, of which it is over."""
    counts = exists().where(
        Registration.event_id == Event.id, Registration.mode == mode, Registration.status.in_(ACTIVE)
    )
    waits = exists().where(SeatPool.event_id == Event.id, SeatPool.mode == mode, SeatPool.waiting > 0)
    return and_(until <= _AT, or_(counts, waits))


_OVER = (
    select(Event.id)
    .where(
        Event.status == EventStatus.PUBLISHED,
        Event.ends_at > _AT,
        or_(_is_over(Mode.IN_PERSON, Event.in_person_until), _is_over(Mode.ONLINE, Event.online_until)),
    )
    .order_by(Event.id)
)
_WAITED = (
    select(Registration)
    .where(
        Registration.event_id == bindparam("of_event"),
        Registration.mode == bindparam("in_mode"),
        Registration.status.in_((RegistrationStatus.WAITLISTED, RegistrationStatus.OFFERED)),
    )
    .order_by(Registration.id)
)
