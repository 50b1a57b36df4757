"""Pools of sessions that begin or cease to be chosen: everybody gets a seat, or all seats are taken back."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from app.catalogue.models import Mode, SeatPool
from app.core.db import execute, table_of
from app.registration.models import Registration, RegistrationStatus, SeatClaim, WaitingEntry

_pool, _other = table_of(SeatPool), table_of(SeatPool).alias("other")
_registration, _claim, _entry = table_of(Registration), table_of(SeatClaim), table_of(WaitingEntry)
_SEATED = (RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED, RegistrationStatus.UNCONFIRMED)
_in_the_hall = select(_other.c.id).where(_other.c.session_id == _pool.c.session_id, _other.c.mode == Mode.IN_PERSON)
_SEAT_ALL = insert(_claim).from_select(
    ["registration_id", "pool_id"],
    select(_registration.c.id, _pool.c.id)
    .select_from(_registration.join(_pool, _pool.c.event_id == _registration.c.event_id))
    .where(
        _pool.c.id == bindparam("pool_id"),
        _registration.c.status.in_(_SEATED),
        or_(
            _registration.c.mode == _pool.c.mode,
            and_(_registration.c.mode == Mode.IN_PERSON, _pool.c.mode == Mode.ONLINE, ~_in_the_hall.exists()),
        ),
    ),
)
_COUNT_CLAIMS = (
    update(_pool)
    .where(_pool.c.id == bindparam("pool_id"))
    .values(taken=select(func.count()).where(_claim.c.pool_id == bindparam("pool_id")).scalar_subquery())
    .returning(_pool.c.taken)
)
_EMPTY_QUEUE = delete(_entry).where(_entry.c.pool_id == bindparam("pool_id"))
_EMPTY_CLAIMS = delete(_claim).where(_claim.c.pool_id == bindparam("pool_id"))
_SET_EMPTY = update(_pool).where(_pool.c.id == bindparam("pool_id")).values(taken=0, waiting=0, fewest=0)


def seat_all(pool_id: int) -> int:
    """Give everybody who has a seat at the event one in this new pool of a session, too, if it is of the same mode.

    Who is in the hall keeps what is held online only. For a session that was for everybody and is chosen from now on;
    over its limit, too. The pools must be held. Returns how many have one now.
    """
    execute(_SEAT_ALL, {"pool_id": pool_id})
    seated: int = execute(_COUNT_CLAIMS, {"pool_id": pool_id}).scalar_one()
    return seated


def empty(pool_id: int) -> None:
    """Take back all seats and places in the queue of a session's pool: it is for everybody. The pools must be held."""
    execute(_EMPTY_QUEUE, {"pool_id": pool_id})
    execute(_EMPTY_CLAIMS, {"pool_id": pool_id})
    execute(_SET_EMPTY, {"pool_id": pool_id})
