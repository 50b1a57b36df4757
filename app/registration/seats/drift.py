"""Whether the counters of the seats are the numbers of what they count."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.catalogue.models import SeatPool
from app.core.db import execute
from app.registration.models import SeatClaim, WaitingEntry
from app.registration.seats.groups import FEWEST


@dataclass(frozen=True)
class Drift:
    """A pool whose counters differ from the claims and waiting entries that they count. There should never be one."""

    pool_id: int
    event_id: int
    taken: int
    claims: int
    waiting: int
    entries: int
    fewest: int
    needed: int


def drifts() -> list[Drift]:
    """Pools whose counters aren't the numbers of claims and of entries, for `flask doctor` and monitoring.

    Nor is `fewest` what the smallest group in the queue needs.
    """
    claims = select(SeatClaim.pool_id, func.count().label("number")).group_by(SeatClaim.pool_id).subquery()
    entries = (
        select(WaitingEntry.pool_id, func.count().label("number"))
        .where(WaitingEntry.offer_until.is_(None))
        .group_by(WaitingEntry.pool_id)
        .subquery()
    )
    needed = func.coalesce(FEWEST.c.fewest, 0)
    held, queued = func.coalesce(claims.c.number, 0), func.coalesce(entries.c.number, 0)
    rows = execute(
        select(SeatPool.id, SeatPool.event_id, SeatPool.taken, held, SeatPool.waiting, queued, SeatPool.fewest, needed)
        .outerjoin(claims, claims.c.pool_id == SeatPool.id)
        .outerjoin(entries, entries.c.pool_id == SeatPool.id)
        .outerjoin(FEWEST, FEWEST.c.pool_id == SeatPool.id)
        .where(or_(SeatPool.taken != held, SeatPool.waiting != queued, SeatPool.fewest != needed))
    )
    return [Drift(*row) for row in rows]
