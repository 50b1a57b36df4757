"""How many seats an event has. Who holds them is registration's matter."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update

from app.catalogue.models import Event, Mode, SeatPool
from app.catalogue.values import EventValues
from app.core.db import db, execute
from app.core.errors import Refused
from app.core.i18n import ngettext


class TooFewSeats(Refused):
    """More seats are taken than the new number of seats."""

    code = "too_few_seats"


class ModeInUse(Refused):
    """People have signed up for the way of coming that is to be taken away."""

    code = "mode_in_use"


def set_pools(event: Event, values: EventValues) -> None:
    """Give each offered mode its pool of seats, in the pools' order. Raises `TooFewSeats` and `ModeInUse`."""
    wanted: dict[str, int | None] = {}
    if values.is_in_person:
        wanted[Mode.IN_PERSON] = values.capacity_in_person
    if values.is_online:
        wanted[Mode.ONLINE] = values.capacity_online
    for pool in _pools(event.id):
        if pool.mode in wanted:
            _set_capacity(pool, wanted.pop(pool.mode), anyway=values.confirm_over_limit)
        else:
            _take_away(pool)
    for mode, capacity in wanted.items():
        db.session.add(SeatPool(event_id=event.id, mode=mode, capacity=capacity))
    db.session.flush()


def _pools(event_id: int) -> list[SeatPool]:
    return list(
        db.session.scalars(
            select(SeatPool)
            .where(SeatPool.event_id == event_id, SeatPool.session_id.is_(None), SeatPool.partner_id.is_(None))
            .order_by(SeatPool.id)
        )
    )


def _set_capacity(pool: SeatPool, capacity: int | None, *, anyway: bool) -> None:
    """By one conditional statement, for somebody may be signing up at this moment; what stays as it is needs none."""
    if pool.capacity == capacity:
        return
    change = update(SeatPool).where(SeatPool.id == pool.id)
    if capacity is not None and not anyway:
        change = change.where(SeatPool.taken <= capacity)
    if execute(change.values(capacity=capacity).execution_options(synchronize_session=False)).rowcount:
        return
    taken = _taken(pool)
    raise TooFewSeats(
        ngettext(
            "%(num)d seat is taken already. Keep at least as many, or tick the box to go over the limit.",
            "%(num)d seats are taken already. Keep at least as many, or tick the box to go over the limit.",
            taken,
        ),
        mode=pool.mode,
        taken=taken,
        capacity=capacity,
    )


def _take_away(pool: SeatPool) -> None:
    empty = delete(SeatPool).where(SeatPool.id == pool.id, SeatPool.taken == 0, SeatPool.waiting == 0)
    if execute(empty.execution_options(synchronize_session=False)).rowcount:
        db.session.expunge(pool)
        return
    taken = _in_use(pool)
    if pool.mode == Mode.ONLINE:
        words = ngettext(
            "%(num)d person has signed up for online. Keep it, or take that person off the list first.",
            "%(num)d people have signed up for online. Keep it, or take them off the list first.",
            taken,
        )
    else:
        words = ngettext(
            "%(num)d person has signed up for the hall. Keep it, or take that person off the list first.",
            "%(num)d people have signed up for the hall. Keep it, or take them off the list first.",
            taken,
        )
    raise ModeInUse(words, mode=pool.mode, taken=taken)


def seats_taken(event_id: int) -> dict[str, int]:
    """Seats held or waited for in each mode, all pools together."""
    held = func.sum(SeatPool.taken + SeatPool.waiting)
    query = select(SeatPool.mode, held).where(SeatPool.event_id == event_id).group_by(SeatPool.mode)
    return {mode: count or 0 for mode, count in execute(query)}


def _taken(pool: SeatPool) -> int:
    return execute(select(SeatPool.taken).where(SeatPool.id == pool.id)).scalar_one()  # type: ignore[no-any-return]


def _in_use(pool: SeatPool) -> int:
    """Seats held, and people who wait for one."""
    return execute(select(SeatPool.taken + SeatPool.waiting).where(SeatPool.id == pool.id)).scalar_one()  # type: ignore[no-any-return]
