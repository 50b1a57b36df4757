"""Loading what somebody wants to change, or refusing."""

from __future__ import annotations

from app.accounts.permissions import Deed, Person
from app.catalogue.models import Event, Session, Venue
from app.core.db import db
from app.core.errors import Missing, NotAllowed
from app.core.i18n import gettext as _


def need(actor: Person, deed: Deed, organization_id: int) -> None:
    """Raise `Missing` outside the actor's organizations, `NotAllowed` where the role is too small."""
    if not actor.belongs_to(organization_id):
        raise Missing
    if not actor.may(deed, organization_id):
        raise NotAllowed(_("Your role does not allow this. Ask the owner of your organization."))


def event_to_edit(actor: Person, event_id: int) -> Event:
    """The event as it is now. Raises `Missing` and `NotAllowed`."""
    event = db.session.get(Event, event_id)
    if event is None:
        raise Missing
    need(actor, Deed.EDIT_EVENTS, event.organization_id)
    return event


def session_to_edit(actor: Person, session_id: int) -> tuple[Event, Session]:
    """The session as it is now, and its event. Raises `Missing` and `NotAllowed`."""
    session = db.session.get(Session, session_id)
    if session is None:
        raise Missing
    return event_to_edit(actor, session.event_id), session


def venue_to_edit(actor: Person, venue_id: int) -> Venue:
    """The venue as it is now. Raises `Missing` and `NotAllowed`."""
    venue = db.session.get(Venue, venue_id)
    if venue is None:
        raise Missing
    need(actor, Deed.EDIT_VENUES, venue.organization_id)
    return venue
