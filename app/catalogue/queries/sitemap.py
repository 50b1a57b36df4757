"""Which pages the public can find, each with the instant of its last change."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from app.accounts.models import Organization
from app.catalogue.models import IN_A_HALL, Event, EventStatus, Programme, Series, Session, Venue
from app.core.db import execute


class PublicPage(NamedTuple):
    """The path of a page, and when it last said something new."""

    path: str
    changed_at: datetime


_PUBLIC = Event.status != EventStatus.DRAFT
_LATEST = func.max(Event.changed_at)


def count_public_events() -> int:
    """How many events have a public page."""
    return execute(select(func.count()).select_from(Event).where(_PUBLIC)).scalar() or 0


def public_events(first: int, number: int) -> list[PublicPage]:
    """The pages of so many events, in the order in which they were made."""
    query = select(Event.slug, Event.changed_at).where(_PUBLIC).order_by(Event.id).offset(first).limit(number)
    return [PublicPage(f"/e/{slug}", changed_at) for slug, changed_at in execute(query)]


def public_collections() -> list[PublicPage]:
    """The pages of organizations, programmes, series and venues at which the public can see an event."""
    held = select(Venue.slug, _LATEST).join(Session, Session.venue_id == Venue.id)
    held = held.join(Event, Event.id == Session.event_id).where(_PUBLIC, IN_A_HALL)
    held = held.group_by(Venue.slug).order_by(Venue.slug)
    pages = []
    for path, query in (
        ("/o", _of(Organization, Event.organization_id)),
        ("/p", _of(Programme, Event.programme_id)),
        ("/series", _of(Series, Event.series_id)),
        ("/venues", held),
    ):
        pages += [PublicPage(f"{path}/{slug}", at) for slug, at in execute(query)]
    return pages


def _of(whole: Any, column: Any) -> Select[Any]:
    held = select(whole.slug, _LATEST).join(Event, column == whole.id).where(_PUBLIC)
    return held.group_by(whole.slug).order_by(whole.slug)
