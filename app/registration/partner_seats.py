"""Seats kept for a partner's guests, as part of the seat ledger: out of everybody's seats, and back.

What everybody may have and what is kept are together as many as there were before. Whoever calls this holds the event's
seats. A partner's pool has no queue for newcomers: its guests wait in everybody's, and the first of them moves over
when a kept seat comes free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Exists, and_, bindparam, case, delete, exists, func, or_, select, update

from app.catalogue.models import Event, EventPartner, EventStatus, SeatPool
from app.core.clock import now
from app.core.db import db, execute, table_of
from app.registration import seats
from app.registration.models import Registration, SeatClaim, WaitingEntry
from app.registration.seats import Entry


class HasPool(Protocol):
    """What one must know of a pool to choose it."""

    @property
    def id(self) -> int: ...
    @property
    def mode(self) -> str: ...
    @property
    def session_id(self) -> int | None: ...
    @property
    def partner_id(self) -> int | None: ...


@dataclass(frozen=True)
class Released:
    """Seats that joined everybody's: how many of them nobody had taken, and the pool that has them now."""

    partner_id: int
    mode: str
    unused: int
    pool_id: int


def pools_for(pools: Iterable[HasPool], mode: str, partner_id: int | None) -> list[int]:
    """The pools from which somebody may have a seat of this mode: the partner's first, then everybody's."""
    own = [pool for pool in pools if pool.session_id is None and pool.mode == mode]
    kept = [pool.id for pool in own if partner_id is not None and pool.partner_id == partner_id]
    return kept + [pool.id for pool in own if pool.partner_id is None]


def kept_for(partner_id: int, mode: str) -> SeatPool | None:
    """The seats kept for the guests of this partner, as they are now."""
    query = select(SeatPool).where(SeatPool.partner_id == partner_id, SeatPool.mode == mode)
    return db.session.scalar(query, execution_options={"populate_existing": True})


def claim_first(registration_ids: Sequence[int], pool_ids: Sequence[int]) -> bool:
    """Take a seat for each in the first of these pools that has so many, or else in all of them together.

    False, with nothing taken, when there are not so many.
    """
    if any(seats.claim_together(registration_ids, pool_id) for pool_id in pool_ids):
        return True
    left = {pool_id: seats.left_in(pool_id) for pool_id in pool_ids if seats.next_in(pool_id) is None}
    if sum(left.values()) < len(registration_ids):
        return False
    rest = list(registration_ids)
    for pool_id, number in left.items():
        these, rest = rest[:number], rest[number:]
        if these:
            seats.claim_together(these, pool_id)
    return True


def left_for(pool_ids: Iterable[int]) -> int:
    """How many seats nobody has in these pools, of which those who wait may need some."""
    return sum(seats.left_in(pool_id) for pool_id in pool_ids)


def next_guest(pool_id: int) -> Entry | None:
    """The first of a partner's guests who waits for everybody's seats and can have a kept one.

    `pool_id` is the partner's pool or everybody's. Guests who stay together need a seat for each of them, kept or not.
    """
    rows = execute(_GUESTS, {"pool_id": pool_id}).all()
    sizes = Counter(row.party_id for row in rows)
    fitting = (row for row in rows if row.party_id is None or sizes[row.party_id] <= row.kept + max(row.everybodys, 0))
    row = next(fitting, None)
    return Entry(*row[:-2]) if row else None


def pool_with_seat(entry: Entry, pool_id: int) -> int:
    """The pool where there is a seat for the guest: this one, or the other of the partner's own and everybody's."""
    found: int | None = execute(_WITH_SEAT, {"pool_id": pool_id, "guest": entry.registration_id}).scalar()
    return pool_id if found is None else found


def come_over(entry: Entry, pool_id: int) -> Entry:
    """The same place in a queue, now that of the partner's pool."""
    if entry.pool_id == pool_id:
        return entry
    execute(_MOVE_ENTRY, {"entry_id": entry.id, "to": pool_id})
    seats.shift(entry.pool_id, waiting=-1)
    seats.shift(pool_id, waiting=1)
    return replace(entry, pool_id=pool_id)


def keep(open_id: int, pool_id: int, number: int) -> bool:
    """Keep so many more seats; False, with nothing done, where not so many are free, or somebody waits for them."""
    if execute(_TAKE_OUT, {"pool_id": open_id, "number": number}).first() is None:
        return False
    execute(_ADD, {"pool_id": pool_id, "number": number})
    return True


def return_unused(pool_id: int, open_id: int, number: int) -> bool:
    """Give so many kept seats back to everybody; False, with nothing done, where not so many are unused."""
    if execute(_TAKE_UNUSED, {"pool_id": pool_id, "number": number}).first() is None:
        return False
    execute(_ADD, {"pool_id": open_id, "number": number})
    return True


def end_keeping(pool_id: int, open_id: int) -> int:
    """Let the partner's pool join everybody's, seats, guests, offers and all; returns how many seats were unused.

    Whoever has one keeps it. From then on a seat that is given back is everybody's, without another rule.
    """
    both = {"pool_id": pool_id, "to": open_id}
    execute(_MOVE_CLAIMS, both)
    execute(_MOVE_ENTRIES, both)
    gone = execute(_REMOVE, {"pool_id": pool_id}).one()
    seats.shift(open_id, taken=gone.taken, waiting=gone.waiting)
    execute(_ADD, {"pool_id": open_id, "number": gone.capacity})
    return int(gone.capacity - gone.taken)


def release_due(event_id: int) -> list[Released]:
    """Let the kept seats of the event whose day has come join everybody's. A cancelled event stays as it is."""
    return _release(execute(_DUE, {"event_id": event_id, "at": now()}).all())


def release_mode(event_id: int, mode: str) -> list[Released]:
    """The same for all kept seats of one mode, whatever the day: it won't be offered any more."""
    return _release(execute(_OF_MODE, {"event_id": event_id, "mode": mode}).all())


def _release(rows: Iterable[tuple[int, int, str, int]]) -> list[Released]:
    done = [Released(partner_id, mode, end_keeping(pool_id, to), to) for pool_id, partner_id, mode, to in rows]
    for partner_id in {one.partner_id for one in done}:
        execute(_RELEASED, {"partner": partner_id, "at": now()})
    return done


def events_to_release(at: datetime) -> list[int]:
    """Events with kept seats whose day has come."""
    return list(execute(_EVENTS_DUE, {"at": at}).scalars())


def guest_waits() -> Exists:
    """For a query of pools: somebody whom the pool's partner has sent waits for everybody's seats."""
    return _A_GUEST_WAITS


def guests_waiting(pool_id: int) -> int:
    """How many of the partner's guests wait for everybody's seats of this mode."""
    number: int = execute(_COUNT_GUESTS, {"pool_id": pool_id}).scalar_one()
    return number


_pool, _open = table_of(SeatPool), table_of(SeatPool).alias("everybodys")
_entry, _claim, _registration = table_of(WaitingEntry), table_of(SeatClaim), table_of(Registration)
_partner, _event = table_of(EventPartner), table_of(Event)
_IS_EVERYBODYS = and_(
    _open.c.event_id == _pool.c.event_id,
    _open.c.mode == _pool.c.mode,
    _open.c.session_id.is_(None),
    _open.c.partner_id.is_(None),
)
_WAITS = and_(
    _entry.c.pool_id == _open.c.id,
    _entry.c.offer_until.is_(None),
    _registration.c.id == _entry.c.registration_id,
    _registration.c.partner_id == _pool.c.partner_id,
)
_A_GUEST_WAITS = select(_entry.c.id).where(_WAITS, _IS_EVERYBODYS).correlate(_pool).exists()
_GUESTS = (
    select(
        *(_entry.c.id, _entry.c.registration_id, _entry.c.pool_id),
        *(_pool.c.session_id, _pool.c.mode, _pool.c.capacity.is_not(None)),
        *(_entry.c.offered_at, _entry.c.offer_until),
        case((_registration.c.stays_together, _registration.c.party_id)).label("party_id"),
        (_pool.c.capacity - _pool.c.taken).label("kept"),
        (_open.c.capacity - _open.c.taken).label("everybodys"),
    )
    .where(
        bindparam("pool_id", type_=_pool.c.id.type).in_((_pool.c.id, _open.c.id)),
        _pool.c.partner_id.is_not(None),
        _pool.c.taken < _pool.c.capacity,
        _IS_EVERYBODYS,
        _WAITS,
    )
    .order_by(_entry.c.id)
)
_this = table_of(SeatPool).alias("this")
_WITH_SEAT = (
    select(_pool.c.id)
    .where(
        _this.c.id == bindparam("pool_id"),
        _pool.c.event_id == _this.c.event_id,
        _pool.c.mode == _this.c.mode,
        _pool.c.session_id.is_(None),
        or_(_pool.c.capacity.is_(None), _pool.c.taken < _pool.c.capacity),
        _registration.c.id == bindparam("guest"),
        or_(_pool.c.partner_id.is_(None), _pool.c.partner_id == _registration.c.partner_id),
    )
    .order_by((_pool.c.id == _this.c.id).desc(), _pool.c.id)
    .limit(1)
)
_COUNT_GUESTS = select(func.count(_entry.c.id)).where(_pool.c.id == bindparam("pool_id"), _IS_EVERYBODYS, _WAITS)
_MOVE_ENTRY = update(_entry).where(_entry.c.id == bindparam("entry_id")).values(pool_id=bindparam("to"))
_MOVE_ENTRIES = update(_entry).where(_entry.c.pool_id == bindparam("pool_id")).values(pool_id=bindparam("to"))
_MOVE_CLAIMS = update(_claim).where(_claim.c.pool_id == bindparam("pool_id")).values(pool_id=bindparam("to"))
_THIS = _pool.c.id == bindparam("pool_id")
_NUMBER = bindparam("number", type_=_pool.c.taken.type)
_TAKE_OUT = (
    update(_pool)
    .where(_THIS, _pool.c.waiting == 0, _pool.c.taken + _NUMBER <= _pool.c.capacity)
    .values(capacity=_pool.c.capacity - _NUMBER)
    .returning(_pool.c.id)
)
_TAKE_UNUSED = (
    update(_pool)
    .where(_THIS, _pool.c.taken + _NUMBER <= _pool.c.capacity)
    .values(capacity=_pool.c.capacity - _NUMBER)
    .returning(_pool.c.id)
)
_ADD = update(_pool).where(_THIS).values(capacity=_pool.c.capacity + _NUMBER)
_REMOVE = delete(_pool).where(_THIS).returning(_pool.c.capacity, _pool.c.taken, _pool.c.waiting)
_KEPT = select(_pool.c.id, _pool.c.partner_id, _pool.c.mode, _open.c.id.label("to")).where(
    _pool.c.event_id == bindparam("event_id"), _pool.c.partner_id.is_not(None), _IS_EVERYBODYS
)
_IS_DUE = and_(
    _pool.c.kept_until <= bindparam("at", type_=_pool.c.kept_until.type),
    _event.c.id == _pool.c.event_id,
    _event.c.status != EventStatus.CANCELLED,
)
_DUE = _KEPT.where(_IS_DUE).order_by(_pool.c.id)
_OF_MODE = _KEPT.where(_pool.c.mode == bindparam("mode")).order_by(_pool.c.id)
_EVENTS_DUE = (
    select(_pool.c.event_id).where(_pool.c.partner_id.is_not(None), _IS_DUE).distinct().order_by(_pool.c.event_id)
)
_RELEASED = (
    update(_partner)
    .where(_partner.c.id == bindparam("partner"), ~exists().where(_pool.c.partner_id == _partner.c.id))
    .values(released_at=bindparam("at", type_=_partner.c.released_at.type))
)
