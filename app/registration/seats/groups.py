"""How many seats those need who wait together: what is left when each needs more is a newcomer's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, select, update

from app.catalogue.models import SeatPool
from app.core.db import execute, table_of
from app.registration.models import Registration, WaitingEntry

_pool, _entry, _registration = table_of(SeatPool), table_of(WaitingEntry), table_of(Registration)
# In the queues for sessions everybody moves alone: parties are all or none at the event.
MOVES_TOGETHER = and_(_registration.c.stays_together, _pool.c.session_id.is_(None))
_PARTY = case((MOVES_TOGETHER, _registration.c.party_id))
_PEOPLE = (
    select(_entry.c.pool_id, _PARTY.label("party"), func.count().label("size"))
    .select_from(
        _entry.join(_pool, _pool.c.id == _entry.c.pool_id).join(
            _registration, _registration.c.id == _entry.c.registration_id
        )
    )
    .where(_entry.c.offer_until.is_(None))
    .group_by(_entry.c.pool_id, _PARTY)
)


def _fewest(people: Select[Any]) -> Select[Any]:
    """Of each queue among these, how many seats those need who need fewest."""
    groups = people.subquery()
    needs = case((groups.c.party.is_(None), 1), else_=groups.c.size)
    return select(groups.c.pool_id, func.min(needs).label("fewest")).group_by(groups.c.pool_id)


FEWEST = _fewest(_PEOPLE).subquery()
_HERE = _fewest(_PEOPLE.where(_entry.c.pool_id == bindparam("pool_id"))).subquery()
_RECOUNT = (
    update(_pool)
    .where(_pool.c.id == bindparam("pool_id"))
    .values(fewest=func.coalesce(select(_HERE.c.fewest).scalar_subquery(), 0))
)


def recount(pool_id: int) -> None:
    """Write down how many seats those in this queue need who need fewest. The pool must be held.

    To be called whenever somebody has come or gone, or people who stayed together no longer do.
    """
    execute(_RECOUNT, {"pool_id": pool_id})
