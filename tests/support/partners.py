"""Partners of an event for tests, made by the real operations, and what must always be true of their seats."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, select

from app.catalogue.models import Event, EventPartner, SeatPool
from app.catalogue.values import PartnerValues
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.models import Registration, WaitingEntry
from tests.support.cast import person
from tests.support.events import local, sign_up

BAKERY = {"en": "Harbour Bakery", "ru": "Пекарня у гавани"}


def partner_values(**changes: Any) -> PartnerValues:
    """A bakery for which two seats in the hall are kept until three days before."""
    return PartnerValues(**{"name": BAKERY, "seats_in_person": 2, "release_days": 3, **changes})


def add_partner(event: Event, **changes: Any) -> EventPartner:
    """A partner of the event."""
    partner_id = operations.add_partner(actor=person("bob"), event_id=event.id, values=partner_values(**changes))
    return db.session.get_one(EventPartner, partner_id)


def edit_partner(partner: EventPartner, **changes: Any) -> None:
    """The same partner with other values."""
    operations.edit_partner(actor=person("bob"), partner_id=partner.id, values=partner_values(**changes))


def guest(event: Event, partner: EventPartner, name: str = "Gus Guest", **changes: Any) -> Registration:
    """Somebody who signed up by the partner's link."""
    return sign_up(event, name, via=partner.code, **changes)


def pools_now(event: Event) -> dict[tuple[str, int | None], tuple[int | None, int, int]]:
    """Capacity, seats taken and people waiting, by mode and partner."""
    db.session.rollback()
    columns = (SeatPool.mode, SeatPool.partner_id, SeatPool.capacity, SeatPool.taken, SeatPool.waiting)
    rows = db.session.execute(select(*columns).where(SeatPool.event_id == event.id, SeatPool.session_id.is_(None)))
    return {(mode, partner_id): (capacity, taken, waiting) for mode, partner_id, capacity, taken, waiting in rows}


def seats_are_sound(event_id: int, *, is_over_limit: bool = False) -> None:
    """Counters are right, nothing is overbooked, and nobody waits beside a seat that the person could have."""
    db.session.rollback()
    assert [drift for drift in seats.drifts() if drift.event_id == event_id] == []
    pools = db.session.scalars(select(SeatPool).where(SeatPool.event_id == event_id)).all()
    waits = (
        select(SeatPool.mode, Registration.partner_id)
        .join(WaitingEntry, WaitingEntry.pool_id == SeatPool.id)
        .join(Registration, Registration.id == WaitingEntry.registration_id)
        .where(SeatPool.event_id == event_id, WaitingEntry.offer_until.is_(None))
    )
    waiting = set(map(tuple, db.session.execute(waits)))
    for pool in pools:
        assert pool.capacity is not None
        if pool.partner_id is not None:
            assert pool.taken <= pool.capacity
            assert pool.waiting == 0
            assert pool.taken == pool.capacity or (pool.mode, pool.partner_id) not in waiting
        else:
            assert pool.taken <= pool.capacity or is_over_limit
            assert pool.waiting == 0 or pool.taken >= pool.capacity


def status_of(registration: Registration) -> str:
    """How the registration stands now."""
    (number,) = inspect(registration).identity  # the object may be older than the session
    db.session.rollback()
    return db.session.scalars(select(Registration.status).where(Registration.id == number)).one()


def told() -> Counter[str]:
    """The mails that were written so far, by name."""
    db.session.rollback()
    return Counter(db.session.scalars(select(OutboxMessage.name)))


def release_day(event: Event, days: int = 3) -> timedelta:
    """From now to an hour into the day on which the seats are everybody's."""
    midnight = local().replace(hour=0, minute=0)
    starts = local(days=7).replace(hour=0, minute=0)
    assert event.starts_at > now()
    return (starts - timedelta(days=days, hours=-1)) - midnight - (local() - midnight)
