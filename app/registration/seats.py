"""The seat ledger. Only this module writes `taken` and `waiting`.

A counter moves by one conditional UPDATE, so that two people can't have the last seat, on either database. Pools are
always taken in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from app.catalogue.models import SeatPool
from app.core.db import execute, table_of
from app.registration.models import SeatClaim


@dataclass(frozen=True)
class Drift:
    """A pool whose counter differs from the claims that it counts. There should never be one."""

    pool_id: int
    event_id: int
    taken: int
    claims: int


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


def release(registration_id: int) -> list[int]:
    """Give back every seat that the registration holds; returns the pools. A second release gives back nothing."""
    rows = execute(
        delete(SeatClaim).where(SeatClaim.registration_id == registration_id).returning(SeatClaim.pool_id)
    ).scalars()
    pool_ids = sorted(rows)
    for pool_id in pool_ids:
        _give_back(pool_id)
    return pool_ids


_pool = table_of(SeatPool)
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
_GIVE_BACK = update(_pool).where(_pool.c.id == bindparam("pool_id")).values(taken=_pool.c.taken - 1)


def _take(pool_id: int) -> bool:
    return execute(_TAKE, {"pool_id": pool_id}).first() is not None


def _give_back(pool_id: int) -> None:
    execute(_GIVE_BACK, {"pool_id": pool_id})


def drifts() -> list[Drift]:
    """Pools whose counter isn't the number of claims, for `flask doctor` and monitoring."""
    claims = select(SeatClaim.pool_id, func.count().label("claims")).group_by(SeatClaim.pool_id).subquery()
    counted = func.coalesce(claims.c.claims, 0)
    rows = execute(
        select(SeatPool.id, SeatPool.event_id, SeatPool.taken, counted)
        .outerjoin(claims, claims.c.pool_id == SeatPool.id)
        .where(SeatPool.taken != counted)
    )
    return [Drift(*row) for row in rows]
