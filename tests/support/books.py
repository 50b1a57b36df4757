"""What must hold of an event's seats, people and queues at every moment, whatever came before. For random lives."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import func, select

from app.catalogue.models import EventLedger, SeatPool
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import seats, waiting
from app.registration.models import ACTIVE, Registration, SeatClaim, WaitingEntry

NOTHING = {(0, 0, 0)}
HOLDINGS = {
    "unconfirmed": {(1, 0, 0), (0, 0, 0)},  # without a seat it asks for a place in the queue
    "pending": NOTHING,
    "waitlisted": {(0, 1, 0)},
    "offered": {(1, 0, 1)},
    "confirmed": {(1, 0, 0), (1, 1, 0), (2, 0, 1)},
    "cancelled": NOTHING,
    "expired": NOTHING,
    "declined": NOTHING,
}
"""Seats, offered ones included, places in queues, and offers that somebody may have, by how the registration stands."""


def people_of(event_id: int) -> list[Registration]:
    """Everybody who ever signed up, the first one first."""
    query = select(Registration).where(Registration.event_id == event_id).order_by(Registration.id)
    return list(db.session.scalars(query))


def check_counts(event_id: int) -> None:
    """Each counter says what the rows say."""
    assert [drift for drift in seats.drifts() if drift.event_id == event_id] == []


def people_too_many(event_id: int) -> dict[tuple[str, int | None], int]:
    """How many more people than seats each pool has, those included that have none too many."""
    pools = db.session.scalars(select(SeatPool).where(SeatPool.event_id == event_id, SeatPool.capacity.is_not(None)))
    return {(pool.mode, pool.partner_id): max(pool.taken - (pool.capacity or 0), 0) for pool in pools}


def check_holdings(event_id: int) -> None:
    """Everybody has what the own state says, and nothing else."""
    here = select(SeatPool.id).where(SeatPool.event_id == event_id)
    claims = Counter(db.session.scalars(select(SeatClaim.registration_id).where(SeatClaim.pool_id.in_(here))))
    entries = db.session.execute(
        select(WaitingEntry.registration_id, WaitingEntry.offer_until.is_not(None)).where(
            WaitingEntry.pool_id.in_(here)
        )
    ).all()
    places = Counter(one for one, is_offer in entries if not is_offer)
    offers = Counter(one for one, is_offer in entries if is_offer)
    for row in people_of(event_id):
        found = (claims[row.id], places[row.id], offers[row.id])
        assert found in HOLDINGS[row.status], (row.name, row.status, found)
        assert row.erased_at is None or row.status not in ACTIVE, "somebody who is forgotten is still expected"


def check_nobody_is_there_twice(event_id: int) -> None:
    """One place for a name at an address, unless it is known as a second one."""
    people = [row for row in people_of(event_id) if row.status in ACTIVE and row.contact_id and not row.is_double]
    twice = Counter((row.contact_id, row.name_folded) for row in people)
    assert max(twice.values(), default=0) <= 1, twice


def check_nobody_waits_beside_a_seat(event_id: int) -> None:
    """A group that fits into what is left of everybody's seats, and of its partner's, has moved up."""
    pools = db.session.scalars(select(SeatPool).where(SeatPool.event_id == event_id)).all()
    left = {(pool.mode, pool.partner_id): max((pool.capacity or 0) - pool.taken, 0) for pool in pools}
    groups: defaultdict[object, list[waiting.Waiting]] = defaultdict(list)
    for entry in waiting.waiting_at(event_id):
        if entry.offer_until is None:
            groups[(entry.mode, entry.party_id) if entry.party_id else entry.id].append(entry)
    for group in groups.values():
        first = group[0]
        kept = left.get((first.mode, first.partner_id), 0) if first.partner_id else 0
        assert len(group) > left[first.mode, None] + kept, (first.name, len(group), left)


def standing(event_id: int) -> tuple[object, ...]:
    """All that a deed could change: who stands how, every counter, the event's change number and the mails."""
    pools = db.session.execute(
        select(SeatPool.id, SeatPool.capacity, SeatPool.taken, SeatPool.waiting, SeatPool.fewest)
        .where(SeatPool.event_id == event_id)
        .order_by(SeatPool.id)
    )
    people = [(row.id, row.status, row.mode, row.contact_id) for row in people_of(event_id)]
    changes = db.session.scalar(select(EventLedger.change_number).where(EventLedger.event_id == event_id))
    return (*people, *map(tuple, pools), changes, last_mail())


def last_mail() -> int:
    """The number of the newest message."""
    return db.session.scalar(select(func.max(OutboxMessage.id))) or 0
