"""Stored calendar entries, ready to be joined."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select

from app.catalogue.models import Event, EventStatus, Session, SessionCalendar, SessionStatus
from app.catalogue.queries.filters import Filters
from app.core.clock import midnight
from app.core.db import execute

KEPT = timedelta(days=90)
CANCELLED_KEPT = timedelta(days=7)
MOST = 1000


class FeedEntry(NamedTuple):
    """A session's VEVENT, and the zone that its calendar must describe."""

    session_id: int
    zone: str
    vevent: bytes


class PreviewEntry(NamedTuple):
    """A session as a calendar will show it."""

    slug: str
    event_title: dict[str, str]
    title: dict[str, str]
    status: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    is_all_day: bool


class FeedPreview(NamedTuple):
    """What somebody who subscribes will get: how many entries, how many of them are over, and those that come next.

    `until` is when time alone makes it another preview.
    """

    total: int
    over: int
    coming: list[PreviewEntry]
    until: datetime | None


_ENTRIES = select(Session.id, Session.zone, SessionCalendar.vevent).join(
    SessionCalendar, SessionCalendar.session_id == Session.id
)


def feed_entries(filters: Filters, language: str, today: date) -> list[FeedEntry]:
    """The whole future and the last 90 days, in order of time; of more than 1,000 the future goes first.

    Cancelled sessions stay until a week after their planned end. The only clock is the UTC date.
    """
    begin = midnight(today)
    public = (
        _ENTRIES.join(Event, Event.id == Session.event_id)
        .where(SessionCalendar.language == language, *in_feed(today), *filters.on_sessions())
        .limit(MOST)
    )
    coming = public.where(Session.ends_at >= begin).order_by(Session.starts_at, Session.id)
    entries = _read(coming)
    if len(entries) < MOST:
        past = public.where(Session.ends_at < begin)
        latest = _read(past.order_by(Session.starts_at.desc(), Session.id.desc()).limit(MOST - len(entries)))
        entries = latest[::-1] + entries
    return entries


def in_feed(today: date) -> list[ColumnElement[bool]]:
    """What makes a session of a public event one that feeds have, but for the filters and the greatest number."""
    begin = midnight(today)
    return [
        Event.status.in_((EventStatus.PUBLISHED, EventStatus.CANCELLED)),
        Session.ends_at >= begin - KEPT,
        or_(Session.status == SessionStatus.SCHEDULED, Session.ends_at >= begin - CANCELLED_KEPT),
    ]


def feed_preview(filters: Filters, now: datetime, most: int) -> FeedPreview:
    """How many entries the calendar has, and the first `most` that aren't over."""
    conditions = [*in_feed(now.astimezone(UTC).date()), *filters.on_sessions()]
    ahead = case((Session.ends_at > now, Session.ends_at))
    counts = select(func.count(), func.count(ahead), func.min(ahead)).select_from(Session)
    total, coming, until = execute(counts.join(Event, Event.id == Session.event_id).where(*conditions)).one()
    rows = execute(
        select(
            Event.slug,
            Event.title.label("event_title"),
            Session.title,
            Session.status,
            Session.starts_at,
            Session.ends_at,
            Session.zone,
            Session.is_all_day,
        )
        .join(Event, Event.id == Session.event_id)
        .where(*conditions, Session.ends_at > now)
        .order_by(Session.starts_at, Session.id)
        .limit(most)
    )
    shown = min(total, MOST)
    return FeedPreview(shown, max(0, shown - coming), [PreviewEntry(*row) for row in rows], until)


def entries_of(event_id: int, language: str) -> list[FeedEntry]:
    """The entries of one event's sessions, in their order."""
    return _read(
        _ENTRIES.where(Session.event_id == event_id, SessionCalendar.language == language).order_by(
            Session.position, Session.id
        )
    )


def entry_bytes(session_id: int, language: str) -> bytes | None:
    """The VEVENT of one session."""
    vevent: bytes | None = execute(
        select(SessionCalendar.vevent).where(
            SessionCalendar.session_id == session_id, SessionCalendar.language == language
        )
    ).scalar()
    return vevent


def _read(query: Any) -> list[FeedEntry]:
    return [FeedEntry(*row) for row in execute(query)]
