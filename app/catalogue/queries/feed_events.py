"""The events that news feeds and other sites show, read by lean statements: there may be a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.accounts.models import Organization
from app.catalogue.models import Event, Room, Session, Venue
from app.catalogue.queries.feeds import MOST, in_feed
from app.catalogue.queries.filters import Filters
from app.core.clock import midnight
from app.core.db import execute, table_of


@dataclass(frozen=True, slots=True)
class FeedVenue:
    """As `Venue`."""

    slug: str
    name: dict[str, str]
    address: dict[str, str]
    district: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class FeedRoom:
    """As `Room`."""

    name: dict[str, str]


@dataclass(frozen=True, slots=True)
class _SessionFields:
    event_id: int
    uid: str
    status: str
    title: dict[str, str]
    zone: str
    is_all_day: bool
    starts_local: datetime
    ends_local: datetime
    starts_at: datetime
    ends_at: datetime
    is_in_person: bool
    is_online: bool
    place_note: dict[str, str]


@dataclass(frozen=True, slots=True)
class FeedSession(_SessionFields):
    """As `Session`. The address of its online room is secret and isn't even read."""

    venue: FeedVenue | None
    room: FeedRoom | None


@dataclass(frozen=True, slots=True)
class _EventFields:
    id: int
    public_id: str
    slug: str
    status: str
    format: str
    audience: str
    topic: str
    language: str
    title: dict[str, str]
    summary: dict[str, str]
    description: dict[str, str]
    is_in_person: bool
    is_online: bool
    sign_up: str
    sign_up_url: str | None
    sign_up_opens_at: datetime | None
    sign_up_closes_at: datetime | None
    price: dict[str, str]
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedEvent(_EventFields):
    """As `Event`, with all its sessions in order of time."""

    organization_slug: str
    organization_name: dict[str, str]
    sessions: tuple[FeedSession, ...]


def feed_events(filters: Filters, today: date) -> list[FeedEvent]:
    """The events whose sessions the calendar of the same filters has, in order of time.

    Of more than 1,000 those that aren't over go first. The only clock is the UTC date.
    """
    begin = midnight(today)
    with_sessions = select(Session.event_id).join(Event, Event.id == Session.event_id).where(*in_feed(today))
    public = _EVENTS.where(Event.id.in_(with_sessions), *filters.conditions())
    rows = execute(public.where(Event.ends_at >= begin).order_by(Event.starts_at, Event.id).limit(MOST)).all()
    if len(rows) < MOST:
        past = public.where(Event.ends_at < begin).order_by(Event.starts_at.desc(), Event.id.desc())
        rows = [*execute(past.limit(MOST - len(rows))).all()[::-1], *rows]
    sessions = _sessions_of([row[0] for row in rows])
    return [FeedEvent(*[*row, tuple(sessions.get(row[0], ()))]) for row in rows]


def _sessions_of(event_ids: list[int]) -> dict[int, list[FeedSession]]:
    found: dict[int, list[FeedSession]] = {}
    if not event_ids:
        return found
    for row in execute(_SESSIONS, {"event_ids": event_ids}):
        rest = iter(row)
        own = [next(rest) for _field in fields(_SessionFields)]
        session = FeedSession(*[*own, _part(rest, FeedVenue), _part(rest, FeedRoom)])
        found.setdefault(session.event_id, []).append(session)
    return found


def _part(rest: Iterator[Any], kind: Any) -> Any:
    """None for what isn't there: the first column of each part is never empty."""
    values = [next(rest) for _field in fields(kind)]
    return None if values[0] is None else kind(*values)


def _columns(model: Any, kind: Any) -> list[Any]:
    return [table_of(model).c[field.name].label(None) for field in fields(kind)]


_EVENTS = select(*_columns(Event, _EventFields), Organization.slug.label(None), Organization.name.label(None)).join(
    Organization, Organization.id == Event.organization_id
)
_SESSIONS = (
    select(*_columns(Session, _SessionFields), *_columns(Venue, FeedVenue), *_columns(Room, FeedRoom))
    .select_from(Session)
    .outerjoin(Venue, Venue.id == Session.venue_id)
    .outerjoin(Room, Room.id == Session.room_id)
    .where(Session.event_id.in_(bindparam("event_ids", expanding=True)))
    .order_by(Session.event_id, Session.starts_at, Session.position, Session.id)
)
