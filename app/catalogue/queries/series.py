"""Series and their dates."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.catalogue.models import Event, EventStatus, SeatPool, Series
from app.catalogue.queries.pools import pools_ahead
from app.catalogue.rules import free_seats
from app.core.clock import now
from app.core.db import db


@dataclass(frozen=True)
class SeriesDate:
    """One event of a series, with its free seats by mode; None means no limit."""

    event: Event
    free: dict[str, int | None]


def find_series(slug: str) -> Series | None:
    """The series at this address, once the public may see one of its events."""
    public = select(Event.id).where(Event.series_id == Series.id, Event.status != EventStatus.DRAFT)
    return db.session.scalar(select(Series).where(Series.slug == slug, public.exists()))


def series_of(event: Event) -> Series | None:
    """The series that the event is part of."""
    return db.session.get(Series, event.series_id) if event.series_id is not None else None


def dates_of(series_id: int) -> list[Event]:
    """All events of the series, drafts and past ones too, by time."""
    return list(
        db.session.scalars(select(Event).where(Event.series_id == series_id).order_by(Event.starts_at, Event.id))
    )


def other_dates(event: Event) -> list[SeriesDate]:
    """The other published events of its series that are still to come."""
    if event.series_id is None:
        return []
    at = now()
    found = [
        one
        for one in dates_of(event.series_id)
        if one.id != event.id and one.status == EventStatus.PUBLISHED and one.ends_at > at
    ]
    pools = db.session.scalars(select(SeatPool).where(SeatPool.event_id.in_([one.id for one in found]))).all()
    own = {one.id: [pool for pool in pools if pool.event_id == one.id] for one in found}
    return [SeriesDate(one, free_seats(pools_ahead(one, own[one.id], at))) for one in found]
