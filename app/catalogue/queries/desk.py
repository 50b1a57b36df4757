"""An organization's events as its desk lists them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.catalogue.models import Event, EventStatus, SeatPool
from app.catalogue.queries.pools import WholeSeats, whole_seats
from app.core.db import db, execute

UPCOMING, DRAFTS, PAST, ALL = "upcoming", "drafts", "past", "all"


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """One line of the desk's list. `capacity` None means that at least one way of attending has no limit."""

    id: int
    public_id: str
    slug: str
    title: dict[str, str]
    status: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    format: str
    is_in_person: bool
    is_online: bool
    sign_up: str
    taken: int
    capacity: int | None


def events_of_organization(
    organization_id: int, *, now: datetime, which: str = UPCOMING, limit: int = 200
) -> list[DeskEvent]:
    """The organization's events: coming ones by time, past ones latest first, drafts as they were made."""
    seats = (
        select(
            SeatPool.event_id,
            func.sum(SeatPool.taken).label("taken"),
            case(
                (func.count() == func.count(SeatPool.capacity), func.sum(SeatPool.capacity)),
            ).label("capacity"),
        )
        .where(SeatPool.session_id.is_(None))
        .group_by(SeatPool.event_id)
        .subquery()
    )
    order: Any = Event.starts_at.desc() if which == PAST else Event.starts_at
    rows = execute(
        select(
            *(getattr(Event, name) for name in _COLUMNS),
            func.coalesce(seats.c.taken, 0).label("taken"),
            seats.c.capacity,
        )
        .outerjoin(seats, seats.c.event_id == Event.id)
        .where(Event.organization_id == organization_id, *_condition(which, now))
        .order_by(order, Event.id)
        .limit(limit)
    )
    return [DeskEvent(*row) for row in rows]


_COLUMNS = (
    "id",
    "public_id",
    "slug",
    "title",
    "status",
    "starts_at",
    "ends_at",
    "zone",
    "format",
    "is_in_person",
    "is_online",
    "sign_up",
)


def seats_by_event(event_ids: Collection[int]) -> dict[int, list[WholeSeats]]:
    """The seats of each way of coming, by event, for lists."""
    query = select(SeatPool).where(SeatPool.event_id.in_(event_ids), SeatPool.session_id.is_(None))
    seats: dict[int, list[SeatPool]] = {}
    for pool in db.session.scalars(query.order_by(SeatPool.mode, SeatPool.id)):
        seats.setdefault(pool.event_id, []).append(pool)
    return {event_id: whole_seats(pools) for event_id, pools in seats.items()}


def titles_of(event_ids: Collection[int]) -> dict[int, tuple[str, dict[str, str]]]:
    """Public id and title of each event, by number, for lists of deeds."""
    rows = execute(select(Event.id, Event.public_id, Event.title).where(Event.id.in_(event_ids)))
    return {event_id: (public_id, title) for event_id, public_id, title in rows}


def count_events_of(organization_id: int, now: datetime) -> dict[str, int]:
    """How many events each list of the desk has."""
    counted = [func.count().filter(*_condition(which, now)).label(which) for which in (UPCOMING, DRAFTS, PAST)]
    row = execute(select(*counted).select_from(Event).where(Event.organization_id == organization_id)).one()
    return {which: getattr(row, which) for which in (UPCOMING, DRAFTS, PAST)}


def _condition(which: str, now: datetime) -> list[ColumnElement[bool]]:
    if which == DRAFTS:
        return [Event.status == EventStatus.DRAFT]
    if which == UPCOMING:
        return [Event.status != EventStatus.DRAFT, Event.ends_at > now]
    if which == PAST:
        return [Event.status != EventStatus.DRAFT, Event.ends_at <= now]
    return []
