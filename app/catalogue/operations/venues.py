"""What one can do with places."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import select

from app.accounts.permissions import Deed, Person
from app.catalogue import derive, queries, slugs, version
from app.catalogue.entries import store_calendar_entries
from app.catalogue.models import Event, Room, Session, Venue
from app.catalogue.operations.guards import need, venue_to_edit
from app.catalogue.operations.writing import later_than
from app.catalogue.queries import KEPT
from app.catalogue.values import VenueValues
from app.core import audit
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.security.links import new_public_id

_NAMES = tuple(field.name for field in fields(VenueValues))


def create_venue(*, actor: Person, organization_id: int, values: VenueValues) -> int:
    """Make a place and return its id."""
    need(actor, Deed.EDIT_VENUES, organization_id)
    _check(values)
    with transaction() as database:
        venue = Venue(organization_id=organization_id, slug=slugs.free_venue_slug(values.name))
        _fill(venue, values)
        database.add(venue)
        database.flush()
        audit.record(actor.actor, "create_venue", organization_id=organization_id, subject=("venue", venue.id))
        version.raise_version()
        return venue.id


def edit_venue(*, actor: Person, venue_id: int, values: VenueValues) -> bool:
    """Change a place; the calendar entries follow of whatever is, or lately was, held there and stands in feeds.

    Returns whether it has another name or address: for calendars that is a new place, so those entries become new
    revisions.
    """
    _check(values)
    with transaction() as database:
        venue = venue_to_edit(actor, venue_id)
        shown = (venue.name, venue.address)
        point = (venue.latitude, venue.longitude)
        _fill(venue, values)
        database.flush()
        audit.record(actor.actor, "edit_venue", organization_id=venue.organization_id, subject=("venue", venue.id))
        is_new_place = shown != (values.name, values.address)
        if is_new_place:
            _renew_entries(venue_id, is_new_place=True)
        elif point != (values.latitude, values.longitude):
            _renew_entries(venue_id, is_new_place=False)
        version.raise_version()
    return is_new_place


def create_room(*, actor: Person, venue_id: int, name: dict[str, str], capacity: int | None) -> int:
    """Add a room to a place and return its id."""
    with transaction() as database:
        venue = venue_to_edit(actor, venue_id)
        room = Room(venue_id=venue.id, code=new_public_id(), name=name, capacity=capacity)
        database.add(room)
        database.flush()
        audit.record(actor.actor, "create_room", organization_id=venue.organization_id, subject=("room", room.id))
        return room.id


def _check(values: VenueValues) -> None:
    if not any(values.name.values()):
        raise Refused(_("Give the place a name."))


def _fill(venue: Venue, values: VenueValues) -> None:
    for name in _NAMES:
        setattr(venue, name, getattr(values, name))


def _renew_entries(venue_id: int, *, is_new_place: bool) -> None:
    """Render again what feeds show at the place: pages and the other feeds tell of it as it is now, too."""
    shown = select(Session).where(Session.venue_id == venue_id, Session.ends_at > now() - KEPT)
    event_ids = set()
    for session in db.session.scalars(shown.order_by(Session.id)):
        session.changed_at = later_than(session.changed_at)
        session.sequence += is_new_place and session.is_in_person
        event_ids.add(session.event_id)
    for event_id in sorted(event_ids):
        event = db.session.get_one(Event, event_id)
        event.changed_at = later_than(event.changed_at)
        derive.derive_event(event, queries.sessions_of(event_id))
        store_calendar_entries(event_id)
