"""The seat ledger. Only this package writes `taken` and `waiting`.

A counter moves by one conditional UPDATE, so that two people can't have the last seat, on either database. Whoever
moves a seat has the event's first pool before any other, and before the registrations that hold or want seats.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Result, and_, bindparam, case, delete, exists, func, insert, or_, select, update

from app.catalogue.models import SeatPool, Session, SessionStatus
from app.core.db import execute, table_of
from app.registration.models import Registration, SeatClaim, WaitingEntry
from app.registration.seats.drift import Drift as Drift
from app.registration.seats.drift import drifts as drifts
from app.registration.seats.groups import MOVES_TOGETHER
from app.registration.seats.groups import recount as recount
from app.registration.seats.session_pools import empty as empty
from app.registration.seats.session_pools import seat_all as seat_all
from app.registration.seats.values import Entry as Entry
from app.registration.seats.values import SessionSeat


def claim(registration_id: int, pool_ids: Sequence[int]) -> bool:
    """Take one seat in each pool for the registration; False, with nothing taken, when one has no seat for a newcomer.

    Needs a running transaction. A newcomer never overtakes: while somebody waits for the pool, it is full.
    """
    taken: list[int] = []
    for pool_id in sorted(pool_ids):
        if not _take(pool_id):
            for earlier in taken:
                _give_back(earlier)
            return False
        taken.append(pool_id)
    execute(_CLAIM, [{"registration_id": registration_id, "pool_id": pool_id} for pool_id in taken])
    return True


def claim_together(registration_ids: Sequence[int], pool_id: int) -> bool:
    """Take a seat for each of these; False, with nothing taken, when there are not so many. The pool must be held.

    Newcomers overtake nobody, but what no party in the queue can use, because it needs more, is theirs.
    """
    if next_in(pool_id) is not None:
        return False
    if execute(_TAKE_SEVERAL, {"pool_id": pool_id, "number": len(registration_ids)}).first() is None:
        return False
    execute(_CLAIM, [{"registration_id": one, "pool_id": pool_id} for one in registration_ids])
    return True


def claim_over_limit(registration_id: int, pool_id: int) -> None:
    """Take a seat that there isn't, for a guest whom the organizer adds all the same. Needs a running transaction."""
    execute(_TAKE_ANYWAY, {"pool_id": pool_id})
    execute(_CLAIM, [{"registration_id": registration_id, "pool_id": pool_id}])


def hold(event_id: int) -> None:
    """Keep the event's seats for this transaction: from now on nobody else moves one."""
    while execute(_HOLD, {"of_event": event_id}).first() is None and pools_at(event_id):
        pass  # the first pool was taken away while we waited for it, so another one is the first now


def pools_at(event_id: int) -> list[int]:
    """The event's pools, in their order."""
    return list(execute(_POOLS, {"event_id": event_id}).scalars())


def left_in(pool_id: int) -> int:
    """How many seats nobody has, of which those who wait may need some; of a pool without a limit none is counted."""
    left: int | None = execute(_LEFT, {"pool_id": pool_id}).scalar()
    return max(left or 0, 0)


def wait(registration_id: int, pool_id: int, at: datetime) -> bool:
    """Queue up for a full pool; False, with nothing done, when it has a seat for a newcomer after all.

    The condition is the very opposite of the claim's, so nobody is left waiting beside a free seat.
    """
    if execute(_QUEUE_UP, {"pool_id": pool_id}).first() is None:
        return False
    execute(_ENTER, {"registration_id": registration_id, "pool_id": pool_id, "created_at": at})
    recount(pool_id)
    return True


def wait_together(registration_ids: Sequence[int], pool_id: int, at: datetime) -> None:
    """Queue up for a pool in which `claim_together` found too few seats, one behind the other. It must be held."""
    execute(_QUEUE_SEVERAL, {"pool_id": pool_id, "number": len(registration_ids)})
    execute(_ENTER, [{"registration_id": one, "pool_id": pool_id, "created_at": at} for one in registration_ids])
    recount(pool_id)


def next_in(pool_id: int) -> Entry | None:
    """Whose turn it is, if the pool has a free seat, or one for each of a party. The pool must be held."""
    row = execute(_NEXT, {"pool_id": pool_id}).first()
    return Entry(*row) if row else None


def together_with(entry: Entry) -> list[Entry]:
    """The entry and those that it moves up with, or shares its offer with, in the order of the queue."""
    if entry.party_id is None:
        return [entry]
    key = {"pool_id": entry.pool_id, "party": entry.party_id}
    found = [Entry(*row) for row in execute(_TOGETHER, key)]
    return [one for one in found if (one.offer_until is None) == (entry.offer_until is None)]


def entries_of(registration_id: int, session_id: int | None = None) -> list[Entry]:
    """The registration's places in the queues for the event as a whole, or for one session."""
    key = {"registration_id": registration_id, "of_session": session_id}
    return [Entry(*row) for row in execute(_ENTRIES_OF, key)]


def session_entries_of(registration_id: int) -> list[Entry]:
    """The registration's places in the queues for sessions."""
    return [Entry(*row) for row in execute(_SESSION_ENTRIES_OF, {"registration_id": registration_id})]


def find_entry(entry_id: int) -> Entry | None:
    """This place in a queue, unless it is gone."""
    row = execute(_ENTRY, {"entry_id": entry_id}).first()
    return Entry(*row) if row else None


def held_by(registration_id: int) -> dict[int, str]:
    """The pools of the event as a whole in which the registration has a seat, or is offered one, with their modes."""
    return {row.id: row.mode for row in execute(_HELD, {"registration_id": registration_id})}


def session_seats_of(registration_id: int) -> list[SessionSeat]:
    """The registration's seats at sessions, those included that it is only offered."""
    return [SessionSeat(*row) for row in execute(_SESSION_SEATS, {"registration_id": registration_id})]


def give(entry: Entry, *, at: datetime, offer_until: datetime | None = None) -> list[int]:
    """Hand the free seat to the one whose turn it is: for good, or as an offer that is kept until `offer_until`.

    Returns the pools that have a seat more, for whoever gets a seat for good leaves the one held meanwhile.
    """
    execute(_HAND_OVER, {"pool_id": entry.pool_id})
    execute(_CLAIM, [{"registration_id": entry.registration_id, "pool_id": entry.pool_id}])
    if offer_until is not None:
        execute(_OFFER, {"entry_id": entry.id, "at": at, "until": offer_until})
        recount(entry.pool_id)
        return []
    execute(_LEAVE, {"entry_id": entry.id})
    recount(entry.pool_id)
    return _leave_other_seat(entry)


def settle(entry: Entry) -> list[int]:
    """Turn an offer into a seat for good; returns the pools that have a seat more. The pools must be held."""
    execute(_LEAVE, {"entry_id": entry.id})
    return _leave_other_seat(entry)


def leave(entry: Entry) -> list[int]:
    """Give up a place in a queue, or the seat that is offered; returns the pools in which somebody may move up now.

    That is where there is a seat more, or a party that waits for fewer.
    """
    execute(_LEAVE, {"entry_id": entry.id})
    if entry.offer_until is None:
        _stop_waiting(entry.pool_id)
        return [entry.pool_id] if entry.party_id else []
    return give_back(entry.registration_id, entry.pool_id)


def give_back(registration_id: int, pool_id: int) -> list[int]:
    """Give back the one seat; returns the pools that have a seat more."""
    return _gone(execute(_UNCLAIM_ONE, {"registration_id": registration_id, "pool_id": pool_id}))


def release(registration_id: int) -> list[int]:
    """Give back every seat that the registration holds, and its places in queues.

    Returns the pools in which somebody may move up now. A second release gives back nothing.
    """
    left = execute(_LEAVE_ALL, {"registration_id": registration_id}).all()
    queues = [pool_id for pool_id, offer_until in left if offer_until is None]
    for pool_id in queues:
        _stop_waiting(pool_id)
    return _gone(execute(_UNCLAIM, {"registration_id": registration_id})) + queues


def hand_over(old_id: int, new_id: int) -> None:
    """All seats and places in queues of the one registration are the other's, who has none. The pools must be held."""
    for table in (_claim, _entry):
        execute(update(table).where(table.c.registration_id == old_id).values(registration_id=new_id))


def shift(pool_id: int, *, taken: int = 0, waiting: int = 0) -> None:
    """Count so many more seats and places in the queue here: their rows came from another pool. It must be held."""
    execute(_SHIFT, {"pool_id": pool_id, "seats": taken, "places": waiting})
    recount(pool_id)


_pool, _session = table_of(SeatPool), table_of(Session)
_CLAIM = insert(table_of(SeatClaim))
_TAKE = (
    update(_pool)
    .where(
        _pool.c.id == bindparam("pool_id"),
        _pool.c.waiting == 0,
        or_(_pool.c.capacity.is_(None), _pool.c.taken < _pool.c.capacity),
    )
    .values(taken=_pool.c.taken + 1)
    .returning(_pool.c.taken)
)
_NUMBER = bindparam("number", type_=Integer)
_TAKE_SEVERAL = (
    update(_pool)
    .where(
        _pool.c.id == bindparam("pool_id"),
        or_(_pool.c.capacity.is_(None), _pool.c.taken + _NUMBER <= _pool.c.capacity),
    )
    .values(taken=_pool.c.taken + _NUMBER)
    .returning(_pool.c.taken)
)
_TAKE_ANYWAY = update(_pool).where(_pool.c.id == bindparam("pool_id")).values(taken=_pool.c.taken + 1)
_POOLS = select(_pool.c.id).where(_pool.c.event_id == bindparam("event_id")).order_by(_pool.c.id)
# Whoever moves a seat of any pool has the first one, so that one stands for all of them.
_HOLD = (
    update(_pool)
    .where(
        _pool.c.id == select(func.min(_pool.c.id)).where(_pool.c.event_id == bindparam("of_event")).scalar_subquery()
    )
    .values(taken=_pool.c.taken)
    .returning(_pool.c.id)
)
_QUEUE_UP = (
    update(_pool)
    .where(_pool.c.id == bindparam("pool_id"), or_(_pool.c.waiting > 0, _pool.c.taken >= _pool.c.capacity))
    .values(waiting=_pool.c.waiting + 1)
    .returning(_pool.c.waiting)
)
_LEFT = select(_pool.c.capacity - _pool.c.taken).where(_pool.c.id == bindparam("pool_id"))
_QUEUE_SEVERAL = update(_pool).where(_pool.c.id == bindparam("pool_id")).values(waiting=_pool.c.waiting + _NUMBER)
_HAND_OVER = (
    update(_pool).where(_pool.c.id == bindparam("pool_id")).values(taken=_pool.c.taken + 1, waiting=_pool.c.waiting - 1)
)
_SHIFT = (
    update(_pool)
    .where(_pool.c.id == bindparam("pool_id"))
    .values(taken=_pool.c.taken + bindparam("seats"), waiting=_pool.c.waiting + bindparam("places"))
)
_STOP_WAITING = update(_pool).where(_pool.c.id == bindparam("pool_id")).values(waiting=_pool.c.waiting - 1)
_GIVE_BACK = update(_pool).where(_pool.c.id == bindparam("pool_id")).values(taken=_pool.c.taken - 1)

_entry, _claim, _other = table_of(WaitingEntry), table_of(SeatClaim), table_of(SeatPool).alias("other")
_UNCLAIM = delete(_claim).where(_claim.c.registration_id == bindparam("registration_id")).returning(_claim.c.pool_id)
_UNCLAIM_ONE = _UNCLAIM.where(_claim.c.pool_id == bindparam("pool_id"))
# A person has one seat in an event as a whole, whatever its mode, and one at a time in its sessions. What is only
# offered stays kept until the answer: its claim belongs to the entry.
_IS_OFFERED = exists().where(_entry.c.pool_id == _claim.c.pool_id, _entry.c.registration_id == _claim.c.registration_id)
_this, _that = table_of(Session).alias("this"), table_of(Session).alias("that")
_UNCLAIM_OTHER = _UNCLAIM.where(
    ~_IS_OFFERED,
    _claim.c.pool_id.in_(
        select(_other.c.id)
        .select_from(
            _pool.join(_other, _other.c.event_id == _pool.c.event_id)
            .outerjoin(_this, _this.c.id == _pool.c.session_id)
            .outerjoin(_that, _that.c.id == _other.c.session_id)
        )
        .where(
            _pool.c.id == bindparam("pool_id"),
            _other.c.id != _pool.c.id,
            or_(
                and_(_pool.c.session_id.is_(None), _other.c.session_id.is_(None)),
                and_(_this.c.starts_at < _that.c.ends_at, _that.c.starts_at < _this.c.ends_at),
            ),
        )
    ),
)
_CLAIMS = _claim.join(_pool, _pool.c.id == _claim.c.pool_id)
_HELD = (
    select(_pool.c.id, _pool.c.mode)
    .select_from(_CLAIMS)
    .where(_claim.c.registration_id == bindparam("registration_id"), _pool.c.session_id.is_(None))
)
_SAME_PLACE = and_(_entry.c.pool_id == _claim.c.pool_id, _entry.c.registration_id == _claim.c.registration_id)
_SESSION_SEATS = (
    select(_pool.c.id, _pool.c.session_id, _pool.c.mode, _entry.c.id.is_not(None))
    .select_from(_CLAIMS.outerjoin(_entry, _SAME_PLACE))
    .where(_claim.c.registration_id == bindparam("registration_id"), _pool.c.session_id.is_not(None))
    .order_by(_pool.c.id)
)
_ENTER = insert(_entry)
_registration = table_of(Registration)
_ENTRIES = select(
    *(_entry.c.id, _entry.c.registration_id, _entry.c.pool_id),
    *(_pool.c.session_id, _pool.c.mode, _pool.c.capacity.is_not(None)),
    *(_entry.c.offered_at, _entry.c.offer_until),
    case((MOVES_TOGETHER, _registration.c.party_id)),
).select_from(
    _entry.join(_pool, _pool.c.id == _entry.c.pool_id).join(
        _registration, _registration.c.id == _entry.c.registration_id
    )
)
_fellow, _companion = table_of(WaitingEntry).alias("fellow"), table_of(Registration).alias("companion")
_PARTY_SIZE = (
    select(func.count())
    .select_from(_fellow.join(_companion, _companion.c.id == _fellow.c.registration_id))
    .where(
        _fellow.c.pool_id == _entry.c.pool_id,
        _fellow.c.offer_until.is_(None),
        _companion.c.party_id == _registration.c.party_id,
        _companion.c.stays_together,
    )
    .scalar_subquery()
)
_here = table_of(SeatPool).alias("here")
# A partner's guests may have their seats partly in its own pool.
_TOGETHER = (
    _ENTRIES.join(_here, _here.c.id == bindparam("pool_id"))
    .where(
        _pool.c.event_id == _here.c.event_id,
        _pool.c.mode == _here.c.mode,
        _pool.c.session_id.is_(None),
        _registration.c.party_id == bindparam("party", type_=Integer),
        _registration.c.stays_together,
    )
    .order_by(_entry.c.id)
)
_OF_ONE = _ENTRIES.where(_entry.c.registration_id == bindparam("registration_id")).order_by(_entry.c.id)
_ENTRIES_OF = _OF_ONE.where(_pool.c.session_id.is_not_distinct_from(bindparam("of_session", type_=Integer)))
_SESSION_ENTRIES_OF = _OF_ONE.where(_pool.c.session_id.is_not(None))
_ENTRY = _ENTRIES.where(_entry.c.id == bindparam("entry_id"))
# Nobody is promoted into a session that was called off.
_TAKES_PLACE = or_(
    _pool.c.session_id.is_(None),
    exists().where(_session.c.id == _pool.c.session_id, _session.c.status == SessionStatus.SCHEDULED),
)
_NEXT = (
    _ENTRIES.where(
        _TAKES_PLACE,
        _entry.c.pool_id == bindparam("pool_id"),
        _entry.c.offer_until.is_(None),
        or_(
            _pool.c.capacity.is_(None),
            and_(
                _pool.c.taken < _pool.c.capacity,
                _pool.c.taken + case((MOVES_TOGETHER, _PARTY_SIZE), else_=1) <= _pool.c.capacity,
            ),
        ),
    )
    .order_by(_entry.c.id)
    .limit(1)
)
_LEAVE = delete(_entry).where(_entry.c.id == bindparam("entry_id"))
_LEAVE_ALL = (
    delete(_entry)
    .where(_entry.c.registration_id == bindparam("registration_id"))
    .returning(_entry.c.pool_id, _entry.c.offer_until)
)
_OFFER = (
    update(_entry)
    .where(_entry.c.id == bindparam("entry_id"))
    .values(offered_at=bindparam("at"), offer_until=bindparam("until"))
)


def _take(pool_id: int) -> bool:
    return execute(_TAKE, {"pool_id": pool_id}).first() is not None


def _stop_waiting(pool_id: int) -> None:
    execute(_STOP_WAITING, {"pool_id": pool_id})
    recount(pool_id)


def _give_back(pool_id: int) -> None:
    execute(_GIVE_BACK, {"pool_id": pool_id})


def _gone(pool_ids: Result[Any]) -> list[int]:
    freed = sorted(pool_ids.scalars())
    for pool_id in freed:
        _give_back(pool_id)
    return freed


def _leave_other_seat(entry: Entry) -> list[int]:
    return _gone(execute(_UNCLAIM_OTHER, {"registration_id": entry.registration_id, "pool_id": entry.pool_id}))
