"""What signing up looks at: who holds the event, whether it takes people, and its seats. One lean statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from app.catalogue.models import Event, Mode, SeatPool, Session, SessionStatus
from app.catalogue.queries.pools import Seats
from app.core.db import execute, table_of


@dataclass(frozen=True, slots=True)
class SignUpFrame:
    """An event, for the decision on signing up; its pools in the order in which they are locked."""

    id: int
    organization_id: int
    slug: str
    status: str
    sign_up: str
    sign_up_way: str
    confirm_minutes: int
    asks_guardian: bool
    largest_party: int
    asks_questions: bool
    has_waiting_list: bool
    starts_at: datetime
    ends_at: datetime
    is_in_person: bool
    is_online: bool
    in_person_until: datetime | None
    online_until: datetime | None
    sign_up_opens_at: datetime | None
    sign_up_closes_at: datetime | None
    series_id: int | None
    pools: tuple[Seats, ...]


def sign_up_frame(event_id: int) -> SignUpFrame | None:
    """The frame of this event, drafts included."""
    return _frame(execute(_BY_ID, {"event_id": event_id}).all())


def sign_up_frame_at(slug: str) -> SignUpFrame | None:
    """The frame of the event at this address, drafts included."""
    return _frame(execute(_BY_SLUG, {"slug": slug}).all())


@dataclass(frozen=True, slots=True)
class Meetings:
    """How many meetings are still to come of an event, and how many of them are held in each mode."""

    number: int
    held: dict[str, int]


def meetings_ahead(event_id: int, at: datetime) -> Meetings:
    """The meetings of an event that are still to come at this moment."""
    rows = execute(_MEETINGS, {"event_id": event_id, "at": at}).all()
    halls, online = (sum(row.number for row in rows if getattr(row, way)) for way in ("is_in_person", "is_online"))
    return Meetings(sum(row.number for row in rows), {Mode.IN_PERSON: halls, Mode.ONLINE: online})


# Tables instead of classes: every sign-up asks this twice, and needs no objects.
_event, _pool, _session = table_of(Event), table_of(SeatPool), table_of(Session)
_EVENT_COLUMNS = [_event.c[name] for name in SignUpFrame.__slots__ if name != "pools"]
_POOL_COLUMNS = [_pool.c[name] for name in Seats.__slots__]
_BOTH = (
    select(*_POOL_COLUMNS, *_EVENT_COLUMNS)
    .select_from(_event.outerjoin(_pool, _pool.c.event_id == _event.c.id))
    .order_by(_pool.c.id)
)
_BY_ID = _BOTH.where(_event.c.id == bindparam("event_id"))
_BY_SLUG = _BOTH.where(_event.c.slug == bindparam("slug"))


_MEETINGS = (
    select(_session.c.is_in_person, _session.c.is_online, func.count().label("number"))
    .where(
        _session.c.event_id == bindparam("event_id"),
        _session.c.status == SessionStatus.SCHEDULED,
        _session.c.ends_at > bindparam("at", type_=_session.c.ends_at.type),
    )
    .group_by(_session.c.is_in_person, _session.c.is_online)
)


def _frame(rows: list[Any]) -> SignUpFrame | None:
    if not rows:
        return None
    first_of_event = len(_POOL_COLUMNS)
    pools = tuple(Seats(*row[:first_of_event]) for row in rows if row[0] is not None)
    event: list[Any] = [*rows[0][first_of_event:], pools]
    return SignUpFrame(*event)
