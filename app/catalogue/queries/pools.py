"""Seat pools for lists and sign-up: no objects that the database session would have to watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from app.catalogue.models.session import free_of
from app.catalogue.rules import EndsByWays, is_ahead


@dataclass(frozen=True, slots=True)
class Seats:
    """A seat pool as it was at the moment of asking."""

    id: int
    event_id: int
    mode: str
    session_id: int | None
    partner_id: int | None
    capacity: int | None
    taken: int
    waiting: int
    fewest: int
    kept_until: datetime | None = None

    @property
    def free(self) -> int | None:
        """As in `SeatPool`."""
        return free_of(self.capacity, self.taken, self.fewest)


Pool = TypeVar("Pool", bound="HasCapacity")


def pools_ahead(event: EndsByWays, pools: Iterable[Pool], at: datetime) -> list[Pool]:
    """Without those of the event as a whole in a mode of which nothing is to come any more."""
    return [pool for pool in pools if pool.session_id is not None or is_ahead(event, pool.mode, at)]


def open_pools(event: EndsByWays, pools: Iterable[Seats], at: datetime) -> list[Seats]:
    """The pools that somebody new finds: those ahead, once the seats whose day has come have joined everybody's.

    For pages: whoever signs up joins them for good, should nobody have done so.
    """
    pools = pools_ahead(event, pools, at)
    due = [pool for pool in pools if pool.partner_id is not None and pool.kept_until and pool.kept_until <= at]
    if not due:
        return pools
    return [_with_all(pool, due) for pool in pools if pool not in due]


def _with_all(pool: Seats, released: Iterable[Seats]) -> Seats:
    if pool.session_id is not None or pool.partner_id is not None or pool.capacity is None:
        return pool
    joined = [one for one in released if one.mode == pool.mode]
    return replace(
        pool,
        capacity=pool.capacity + sum(one.capacity or 0 for one in joined),
        taken=pool.taken + sum(one.taken for one in joined),
    )


class HasCapacity(Protocol):
    """A pool, as it counts for the size of the hall."""

    @property
    def mode(self) -> str: ...
    @property
    def session_id(self) -> int | None: ...
    @property
    def partner_id(self) -> int | None: ...
    @property
    def capacity(self) -> int | None: ...


def kept_capacity(pools: Iterable[HasCapacity]) -> Counter[str]:
    """How many seats are kept for partners, taken or not, by mode."""
    kept: Counter[str] = Counter()
    for pool in pools:
        if pool.partner_id is not None:
            kept[pool.mode] += pool.capacity or 0
    return kept


def whole_capacity(pools: Iterable[HasCapacity]) -> dict[str, int | None]:
    """How many seats the event as a whole has in each mode, those kept for partners included."""
    pools = list(pools)
    kept = kept_capacity(pools)
    everybodys = [pool for pool in pools if pool.session_id is None and pool.partner_id is None]
    return {pool.mode: None if pool.capacity is None else pool.capacity + kept[pool.mode] for pool in everybodys}


@dataclass(frozen=True, slots=True)
class WholeSeats:
    """All seats of one mode of an event, those that are kept for partners included; of them `kept` are free."""

    mode: str
    capacity: int | None
    taken: int
    waiting: int
    kept: int


class HasCounts(HasCapacity, Protocol):
    """A pool, with who is in it."""

    @property
    def taken(self) -> int: ...
    @property
    def waiting(self) -> int: ...


def whole_seats(pools: Iterable[HasCounts]) -> list[WholeSeats]:
    """The seats of each mode of one event as a whole."""
    pools = [pool for pool in pools if pool.session_id is None]
    return [
        WholeSeats(
            mode=mode,
            capacity=capacity,
            taken=sum(pool.taken for pool in pools if pool.mode == mode),
            waiting=sum(pool.waiting for pool in pools if pool.mode == mode),
            kept=sum((pool.capacity or 0) - pool.taken for pool in pools if pool.mode == mode and pool.partner_id),
        )
        for mode, capacity in whole_capacity(pools).items()
    ]
