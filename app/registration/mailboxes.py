"""What one can ask about a mailbox: who comes where, how often that changed, and its calendar's secret address."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.catalogue.models import Event, Session
from app.core.clock import now
from app.core.db import db, execute, table_of
from app.core.security.links import link_token, token_hash
from app.registration.entries import Revision
from app.registration.models import ACTIVE, Contact, OwnEntry, PersonalFeed, Registration

MOST = 500


class FeedState(NamedTuple):
    """A personal feed that was asked for, and all that its content depends on but the catalogue and the day."""

    contact_id: int
    language: str
    alarms: str
    feed_changed_at: datetime
    generation: int
    registrations: int
    change_numbers: int
    registrations_changed_at: datetime | None
    entries: int
    entry_changes: int

    @property
    def changed_at(self) -> datetime:
        """When it was last changed by the person, or by what happened to the registrations."""
        return max(self.feed_changed_at, self.registrations_changed_at or self.feed_changed_at)


_feed, _own, _registration = table_of(PersonalFeed), table_of(OwnEntry), table_of(Registration)
_MINE = _registration.c.contact_id == _feed.c.contact_id
_OWN = _own.c.contact_id == _feed.c.contact_id
_FEED = select(
    _feed.c.contact_id,
    _feed.c.language,
    _feed.c.alarms,
    _feed.c.changed_at,
    _feed.c.generation,
    select(func.count()).select_from(_registration).where(_MINE).scalar_subquery(),
    select(func.coalesce(func.sum(_registration.c.change_number), 0)).where(_MINE).scalar_subquery(),
    select(func.max(_registration.c.changed_at)).where(_MINE).scalar_subquery(),
    select(func.count()).select_from(_own).where(_OWN).scalar_subquery(),
    select(func.coalesce(func.sum(_own.c.changes), 0)).where(_OWN).scalar_subquery(),
).where(_feed.c.token_hash == bindparam("token_hash"))


def find_feed(token: str) -> FeedState | None:
    """The personal feed with this secret, as it stands at this moment."""
    row = execute(_FEED, {"token_hash": token_hash(token)}).first()
    return FeedState(*row) if row else None


def registrations_of_contact(contact_id: int) -> list[Registration]:
    """What one address has signed up for: what lies ahead first, by its next meeting, then the past, latest first."""
    to_come = (Session.event_id == Event.id, Session.ends_at > now(), ~Session.called_off_alone)
    next_start = select(func.min(Session.starts_at)).where(*to_come).scalar_subquery()
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(Registration.contact_id == contact_id)
        .options(joinedload(Registration.event).joinedload(Event.organization))
        .order_by(func.coalesce(next_start, Event.starts_at), Registration.id)
    ).all()
    ahead = [row for row in rows if row.event.ends_at > now()]
    past = [row for row in rows if row.event.ends_at <= now()]
    return ahead + past[::-1]


def feed_address(contact: Contact, feed: PersonalFeed | None) -> str:
    """The path of a contact's personal feed; empty while it is switched off."""
    if feed is None or feed.token_hash is None:
        return ""
    return f"/cal/{feed_token(contact.public_id, feed.generation, feed.key_number)}.ics"


def feed_token(public_id: str, generation: int, key_number: int) -> str:
    """The secret part of `/cal/<token>.ics`."""
    return link_token("calendar", public_id, generation, key_number)


def feed_of_contact(contact_id: int) -> PersonalFeed | None:
    """The contact's feed, switched on or off."""
    return db.session.get(PersonalFeed, contact_id, populate_existing=True)


def people_at(contact_id: int, event_id: int) -> list[Registration]:
    """Everybody of this mailbox who counts at the event, in the order of signing up."""
    query = select(Registration).where(
        Registration.contact_id == contact_id, Registration.event_id == event_id, Registration.status.in_(ACTIVE)
    )
    return _as_they_are(query.order_by(Registration.id))


def people_since(contact_id: int, since: datetime) -> list[Registration]:
    """Everybody of this mailbox who counts at events that ended later than that, event by event, the latest events."""
    query = (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.contact_id == contact_id, Registration.status.in_(ACTIVE), Event.ends_at >= since)
        .order_by(Event.starts_at.desc(), Event.id, Registration.id)
        .limit(MOST)
    )
    return _as_they_are(query)


def _as_they_are(query: Select[Any]) -> list[Registration]:
    """The rows at this moment, also where some have been read before; with all that was read with them then."""
    loaded = query.options(
        joinedload(Registration.event).joinedload(Event.organization), joinedload(Registration.contact)
    )
    return list(db.session.scalars(loaded.execution_options(populate_existing=True)))


def revision_of(registration: Registration, contact_id: int | None = None) -> Revision:
    """How often the entries of the event have changed by what people did, in this mailbox or the registration's own."""
    query = select(OwnEntry.changes, OwnEntry.changed_at).where(
        OwnEntry.contact_id == (contact_id or registration.contact_id), OwnEntry.event_id == registration.event_id
    )
    row = execute(query).first()
    return Revision(*row) if row else Revision(registration.changes, registration.changed_at)


def invited_session(contact_id: int | None, event_id: int) -> int | None:
    """The session of this event whose invitation the mailbox has."""
    query = select(OwnEntry.invited_session_id).where(OwnEntry.contact_id == contact_id, OwnEntry.event_id == event_id)
    found: int | None = execute(query).scalar()
    return found


def other_dates_to_tell(contact_id: int | None, event: Event) -> list[Registration]:
    """Somebody of this mailbox for each other date of the series whose invitation there is not what holds now.

    They were moved to another date, say, and the mail that was to tell it has been overtaken, or nobody was to be told.
    """
    if contact_id is None or event.series_id is None:
        return []
    query = (
        select(func.max(Registration.id))
        .join(OwnEntry, (OwnEntry.contact_id == Registration.contact_id) & (OwnEntry.event_id == Registration.event_id))
        .join(Event, Event.id == Registration.event_id)
        .join(Session, Session.id == OwnEntry.invited_session_id)
        .where(
            Registration.contact_id == contact_id,
            Registration.event_id != event.id,
            Event.series_id == event.series_id,
            Session.ends_at > now(),
            OwnEntry.invited_sequence < Session.sequence + OwnEntry.changes,
        )
        .group_by(Registration.event_id)
    )
    ids = list(db.session.scalars(query))
    return _as_they_are(select(Registration).where(Registration.id.in_(ids)).order_by(Registration.id)) if ids else []


_SEQUENCES = select(func.sum(Session.sequence)).where(Session.event_id == Registration.event_id).scalar_subquery()
_STATE = (
    select(
        Registration.contact_id,
        Registration.change_number,
        Registration.status,
        Event.changed_at,
        OwnEntry.changes,
        _SEQUENCES,
    )
    .join(Event, Event.id == Registration.event_id)
    .outerjoin(
        OwnEntry, (OwnEntry.event_id == Registration.event_id) & (OwnEntry.contact_id == Registration.contact_id)
    )
    .where(Registration.public_id == bindparam("public_id"))
)


def entry_state(public_id: str) -> tuple[object, ...] | None:
    """All that the calendar part of a mail to this registration's mailbox depends on, as it stands at this moment."""
    row = execute(_STATE, {"public_id": public_id}).first()
    return tuple(row) if row else None
