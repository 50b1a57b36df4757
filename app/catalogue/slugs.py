"""Addresses made of titles."""

from __future__ import annotations

from collections.abc import Callable

from slugify import slugify
from sqlalchemy import select

from app.catalogue.models import Event, EventSlug, Series, Venue
from app.core.db import db
from app.core.security.links import new_public_id

LENGTH = 70
TRIES = 20


def free_event_slug(title: dict[str, str], *, event_id: int | None = None) -> str:
    """An address for the event that no other event has or ever had."""
    return _first_free(title, "event", lambda slug: _is_event_slug(slug, event_id))


def free_venue_slug(name: dict[str, str], *, venue_id: int | None = None) -> str:
    """An address for the venue that no other venue has."""

    def is_taken(slug: str) -> bool:
        owner = db.session.scalar(select(Venue.id).where(Venue.slug == slug))
        return owner is not None and owner != venue_id

    return _first_free(name, "venue", is_taken)


def free_series_slug(title: dict[str, str]) -> str:
    """An address for the series that no other series has."""
    return _first_free(
        title, "series", lambda slug: db.session.scalar(select(Series.id).where(Series.slug == slug)) is not None
    )


def _first_free(texts: dict[str, str], fallback: str, is_taken: Callable[[str], bool]) -> str:
    text = texts.get("en") or next((text for text in texts.values() if text), "")
    stem = slugify(text, max_length=LENGTH, word_boundary=True) or fallback
    for number in range(1, TRIES):
        slug = stem if number == 1 else f"{stem}-{number}"
        if not is_taken(slug):
            return slug
    return f"{stem}-{new_public_id()[:8]}"


def _is_event_slug(slug: str, event_id: int | None) -> bool:
    present = db.session.scalar(select(Event.id).where(Event.slug == slug))
    if present is not None:
        return present != event_id
    former = db.session.scalar(select(EventSlug.event_id).where(EventSlug.slug == slug))
    return former is not None and former != event_id
