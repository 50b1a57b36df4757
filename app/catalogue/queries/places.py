"""Venues, rooms, programmes and projects: what events are held in and belong to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organization
from app.accounts.permissions import Person
from app.catalogue.models import IN_A_HALL, Event, EventStatus, Programme, Project, Room, Series, Session, Track, Venue
from app.catalogue.queries.filters import track_number
from app.core.db import db, execute


def venues_of(organization_id: int) -> list[Venue]:
    """The organization's venues, in the order in which they were made."""
    return list(db.session.scalars(select(Venue).where(Venue.organization_id == organization_id).order_by(Venue.id)))


def rooms_of(venue_ids: Collection[int]) -> list[Room]:
    """The rooms of the venues."""
    return list(db.session.scalars(select(Room).where(Room.venue_id.in_(venue_ids)).order_by(Room.venue_id, Room.id)))


def find_venue(slug: str) -> Venue | None:
    """The venue at this address."""
    return db.session.scalar(select(Venue).where(Venue.slug == slug))


def find_venue_for(person: Person, venue_id: int) -> Venue | None:
    """The venue, unless it is nobody's business of this person."""
    venue = db.session.get(Venue, venue_id)
    return venue if venue is not None and person.belongs_to(venue.organization_id) else None


def public_venues() -> list[Venue]:
    """Venues at which the public has seen something happen."""
    used = (
        select(Session.venue_id)
        .join(Event, Event.id == Session.event_id)
        .where(Event.status != EventStatus.DRAFT, Session.venue_id.is_not(None), IN_A_HALL)
    )
    return list(db.session.scalars(select(Venue).where(Venue.id.in_(used)).order_by(Venue.district, Venue.id)))


def public_organizations(now: datetime) -> list[tuple[str, dict[str, str]]]:
    """Short name and name of each organization that has something coming up."""
    coming = select(Event.organization_id).where(Event.status != EventStatus.DRAFT, Event.ends_at > now)
    rows = execute(
        select(Organization.slug, Organization.name).where(Organization.id.in_(coming)).order_by(Organization.id)
    )
    return [(slug, name) for slug, name in rows]


def public_districts(now: datetime) -> list[str]:
    """The districts in which something comes up, in the order of their letters."""
    coming = (
        select(Venue.district)
        .join(Session, Session.venue_id == Venue.id)
        .join(Event, Event.id == Session.event_id)
        .where(Event.status != EventStatus.DRAFT, Event.ends_at > now, Venue.district.is_not(None), IN_A_HALL)
        .distinct()
    )
    return sorted(district for (district,) in execute(coming) if district)  # by us, for databases sort differently


def public_frames(now: datetime) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """By filter: the venues, programmes, projects, series and tracks in which something comes up, with their names."""
    coming = (Event.status != EventStatus.DRAFT, Event.ends_at > now)
    at_venue = select(Session.venue_id).join(Event, Event.id == Session.event_id).where(*coming, IN_A_HALL)
    found: dict[str, Any] = {"venue": select(Venue.slug, Venue.name).where(Venue.id.in_(at_venue)).order_by(Venue.id)}
    for name, model, column in (
        ("programme", Programme, Event.programme_id),
        ("project", Project, Event.project_id),
        ("series", Series, Event.series_id),
    ):
        used = select(column).where(*coming, column.is_not(None))
        found[name] = select(model.slug, model.title).where(model.id.in_(used)).order_by(model.id)
    tracks = select(Track.id, Track.title).join(Event, Event.id == Track.event_id).where(*coming)
    found["track"] = tracks.order_by(Event.starts_at, Track.position, Track.id)
    return {name: [(str(key), words) for key, words in execute(query)] for name, query in found.items()}


def find_public_project(slug: str) -> Project | None:
    """A project with this short name to which the public has seen an event belong."""
    public = select(Event.project_id).where(Event.status != EventStatus.DRAFT, Event.project_id.is_not(None))
    found = select(Project).where(Project.slug == slug, Project.id.in_(public)).order_by(Project.id).limit(1)
    return db.session.scalar(found)


def find_public_track(number: str) -> Track | None:
    """The track with this number, of an event that the public may see."""
    public = select(Event.id).where(Event.status != EventStatus.DRAFT)
    return db.session.scalar(select(Track).where(Track.id == track_number(number), Track.event_id.in_(public)))


def projects_of(organization_id: int) -> list[Project]:
    """The organization's projects."""
    query = select(Project).where(Project.organization_id == organization_id)
    return list(db.session.scalars(query.order_by(Project.id)))


def programmes() -> list[Programme]:
    """All programmes, for they span organizations."""
    return list(db.session.scalars(select(Programme).order_by(Programme.id)))


def find_programme(slug: str) -> Programme | None:
    """The programme at this address."""
    return db.session.scalar(select(Programme).where(Programme.slug == slug))
