"""Whether the counters of the seats are the numbers of what they count."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.catalogue.models import SeatPool
from app.core.db import execute
from app.registration.models import SeatClaim, WaitingEntry


@dataclass(frozen=True)
class Drift:
    """A pool whose counters differ from the claims and waiting entries that they count. There should never be one."""

    pool_id: int
    event_id: int
    taken: int
    claims: int
    waiting: int
    entries: int


def drifts() -> list[Drift]:
    """Pools whose counters aren't the numbers of claims and of entries, for `flask doctor` and monitoring."""
    claims = select(SeatClaim.pool_id, func.count().label("number")).group_by(SeatClaim.pool_id).subquery()
    entries = (
        select(WaitingEntry.pool_id, func.count().label("number"))
        .where(WaitingEntry.offer_until.is_(None))
        .group_by(WaitingEntry.pool_id)
        .subquery()
    )
    held, queued = func.coalesce(claims.c.number, 0), func.coalesce(entries.c.number, 0)
    rows = execute(
        select(SeatPool.id, SeatPool.event_id, SeatPool.taken, held, SeatPool.waiting, queued)
        .outerjoin(claims, claims.c.pool_id == SeatPool.id)
        .outerjoin(entries, entries.c.pool_id == SeatPool.id)
        .where(or_(SeatPool.taken != held, SeatPool.waiting != queued))
    )
    return [Drift(*row) for row in rows]
