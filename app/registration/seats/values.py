"""What the seat ledger says of places in queues and of seats at sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """A place in the queue of a pool; one with `offer_until` holds a seat there until then.

    `party_id`: moves up only together with the other entries of this party in the queue.
    """

    id: int
    registration_id: int
    pool_id: int
    session_id: int | None
    mode: str
    has_limit: bool
    offered_at: datetime | None
    offer_until: datetime | None
    party_id: int | None


@dataclass(frozen=True)
class SessionSeat:
    """A seat at one session; one that `is_offered` belongs to an entry and isn't taken yet."""

    pool_id: int
    session_id: int
    mode: str
    is_offered: bool
