"""What one can do with an event: put it up, change it, show it, take it back, call it off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update

from app.accounts.permissions import Deed, Person
from app.catalogue import derive, queries, slugs
from app.catalogue.models import (
    Event,
    EventHelper,
    EventLedger,
    EventPartner,
    EventSlug,
    EventStatus,
    Mode,
    PreviousStart,
    SeatPool,
    Session,
    SessionCalendar,
    SessionStatus,
    SignUp,
    Track,
)
from app.catalogue.operations.guards import event_to_edit, need
from app.catalogue.operations.moves import keep_move, told_of
from app.catalogue.operations.seats import ModeInUse, TooFewSeats, follow_modes, modes_of, seats_taken, set_pools
from app.catalogue.operations.writing import (
    WrongTime,
    check_belongings,
    check_modes,
    derive_times,
    fill_event,
    fill_modes,
    fill_session,
    finish,
    later_than,
)
from app.catalogue.rules import EventChange, decide_change
from app.catalogue.times_text import date_words
from app.catalogue.values import EventValues, SessionValues
from app.core import audit
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.security.links import new_public_id
from app.core.text import clean

__all__ = [
    "ModeInUse",
    "NotReady",
    "StaleForm",
    "TooFewSeats",
    "create_event",
    "delete_draft",
    "edit_event",
    "mark_cancelled",
    "publish_event",
    "unpublish_event",
]

REASON_LENGTH = 1000


class StaleForm(Conflict):
    """Somebody else has changed the event since the form was made."""

    code = "stale_form"


class NotReady(Refused):
    """The event lacks something that visitors need."""

    code = "not_ready"


class AlreadyCancelled(Conflict):
    """The event has been cancelled."""

    code = "already_cancelled"


class PeopleSignedUp(Conflict):
    """The event can't be hidden from those who have signed up."""

    code = "people_signed_up"


def create_event(*, actor: Person, organization_id: int, values: EventValues) -> int:
    """Make a draft with one session and return its id; the public sees nothing of it yet.

    Raises `WrongTime`, `WrongPlace` and `Refused` for values that can't be.
    """
    need(actor, Deed.EDIT_EVENTS, organization_id)
    check_modes(values)
    with transaction() as database:
        check_belongings(values, organization_id)
        event = new_event(organization_id, values.title)
        fill_event(event, values)
        session = new_session(position=0)
        fill_session(session, values)
        fill_modes(session, values)
        event.starts_at, event.ends_at = session.starts_at, session.ends_at
        event.is_in_person, event.is_online = session.is_in_person, session.is_online
        database.add(event)
        database.flush()
        session.event_id = event.id
        database.add(session)
        database.add(EventLedger(event_id=event.id, change_number=0))
        derive.derive_event(event, [session])
        set_pools(event, values)
        audit.record(actor.actor, "create_event", organization_id=organization_id, event_id=event.id)
        finish(event)
        return event.id


def new_event(organization_id: int, title: dict[str, str]) -> Event:
    """A draft without content, with an address made of its title."""
    made_at = now()
    return Event(
        public_id=new_public_id(),
        organization_id=organization_id,
        slug=slugs.free_event_slug(title),
        status=EventStatus.DRAFT,
        created_at=made_at,
        changed_at=made_at,
    )


def new_session(position: int) -> Session:
    """A session without content, with the UID it keeps for ever."""
    made_at = now()
    return Session(
        uid=derive.new_uid(new_public_id()),
        position=position,
        status=SessionStatus.SCHEDULED,
        called_off_alone=False,
        title={},
        sequence=0,
        created_at=made_at,
        changed_at=made_at,
    )


def edit_event(
    *, actor: Person, event_id: int, values: EventValues, seen: str, session_id: int | None = None
) -> EventChange:
    """Change the event and say what changed. Calendars show it; mailing people is the caller's part.

    Time, place and room go to one session: the one that the form showed, else the first; words reach all of them, the
    ways of coming those to come, and so does another time zone, by whose clocks these keep their hours. `seen` is
    `queries.seen_of` of the event that the form was made from. Raises `StaleForm`, `TooFewSeats`, `ModeInUse`,
    `WrongTime`, `WrongPlace`, `AlreadyCancelled`, and `Missing` for a session of another event.
    """
    check_modes(values)
    with transaction():
        event = event_to_edit(actor, event_id)
        lock_unless_stale(event, seen)
        refuse_cancelled(event)
        check_belongings(values, event.organization_id)
        sessions = queries.sessions_of(event_id)
        shown = _shown(sessions, session_id)
        old = queries.event_values(event, [shown], queries.pools_of(event_id))
        change = decide_change(old, values)
        if not change:
            return change
        told = told_of(event, sessions)
        set_pools(event, values)
        _keep_promises(event, old, values)
        fill_event(event, values)
        if change.renamed:
            _rename(event)
        fill_session(shown, values)
        other_ways = _hold_by_ways(sessions, values) if EventChange.MODES in change else []
        by_other_clocks = _follow_zone(sessions, shown, old.zone) if old.zone != values.zone else []
        _stamp(event, sessions, shown, by_other_clocks, other_ways, change)
        if by_other_clocks:
            change |= EventChange.TIME
        derive.derive_event(event, sessions)
        keep_move(event, told)
        audit.record(
            actor.actor,
            "edit_event",
            organization_id=event.organization_id,
            event_id=event.id,
            changed=[str(flag.name).lower() for flag in change],
        )
        finish(event)
        return change


def _shown(sessions: list[Session], session_id: int | None) -> Session:
    """The session whose time and place the form showed."""
    if session_id is None:
        return sessions[0]
    found = next((session for session in sessions if session.id == session_id), None)
    if found is None:
        raise Missing
    return found


def refuse_cancelled(event: Event) -> None:
    """Raise `AlreadyCancelled` for an event that people were told not to come to."""
    if event.is_cancelled:
        raise AlreadyCancelled(_("This event is cancelled. Copy it to hold it after all."))


def lock_unless_stale(event: Event, seen: str) -> None:
    """Keep the event's row for this transaction, if it is still as the form showed it."""
    kept = update(Event).where(Event.id == event.id, Event.changed_at == _instant(seen))
    if not execute(kept.values(status=Event.status).execution_options(synchronize_session=False)).rowcount:
        raise StaleForm(_("Somebody changed this event meanwhile. Nothing of yours is saved yet."))


def _keep_promises(event: Event, old: EventValues, new: EventValues) -> None:
    """Refuse what would leave people with a place that means nothing. The pools' rows are held by now."""
    taken = seats_taken(event.id)
    if old.sign_up == SignUp.HERE != new.sign_up and any(taken.values()):
        raise PeopleSignedUp(_("People have signed up here. Keep the sign-up, or cancel the event: they will be told."))
    keep_link(event, old, new)


def keep_link(event: Event, old: EventValues | SessionValues, new: EventValues | SessionValues) -> None:
    """Refuse to take the link away from people who have signed up for online."""
    if old.room_url and new.is_online and not new.room_url and seats_taken(event.id).get(Mode.ONLINE):
        raise Refused(_("People have signed up for online. Give them another link instead of none."))


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _rename(event: Event) -> None:
    """Give the event an address of its new title; the old one will lead there once the public has seen it."""
    slug = slugs.free_event_slug(event.title, event_id=event.id)
    if slug == event.slug:
        return
    former = event.slug
    if event.published_at is not None:
        db.session.merge(EventSlug(slug=former, event_id=event.id))
    event.slug = slug


def _hold_by_ways(sessions: list[Session], values: EventValues) -> list[Session]:
    """Hold all that is to come by these ways; returns what was to be held otherwise."""
    others = [one for one in queries.ahead_of(sessions, now()) if modes_of(one) != modes_of(values)]
    for session in others:
        fill_modes(session, values)
        follow_modes(session)
    return others


def _follow_zone(sessions: list[Session], shown: Session, old_zone: str) -> list[Session]:
    """Hold what is to come by the shown session's clocks, too, where it was by the same before. Raises `WrongTime`.

    Returns those at another instant by that; whole days are the same ones everywhere.
    """
    following = [
        one
        for one in sessions
        if one is not shown and one.zone == old_zone and one.status == SessionStatus.SCHEDULED and one.ends_at > now()
    ]
    for session in following:
        session.zone = shown.zone
        try:
            derive_times(session)
        except WrongTime as wrong:
            day = date_words(session.starts_local.date(), language())
            raise WrongTime(_("The meeting on %(day)s: %(why)s", day=day, why=wrong.message)) from None
    return [session for session in following if not session.is_all_day]


def _stamp(
    event: Event,
    sessions: list[Session],
    shown: Session,
    by_other_clocks: list[Session],
    other_ways: list[Session],
    change: EventChange,
) -> None:
    """Move the stamps of whatever reads differently now, and the revision where calendars must notice."""
    event.changed_at = later_than(event.changed_at)
    for session in sessions:
        own = change if session is shown else change & ~(EventChange.TIME | EventChange.PLACE)
        if session in by_other_clocks:
            own |= EventChange.TIME
        if session not in other_ways:
            own &= ~EventChange.MODES
        stamp_session(event, session, own)


def stamp_session(event: Event, session: Session, change: EventChange) -> None:
    """Move the stamp of a session whose calendar entry reads differently, and its revision where it must be noticed.

    A draft that nobody has seen has no revisions.
    """
    if change.moves_entry:
        session.changed_at = later_than(session.changed_at)
        session.sequence += change.moved and event.published_at is not None


def publish_event(*, actor: Person, event_id: int) -> None:
    """Show the event to everybody. Raises `NotReady` saying what is missing."""
    with transaction():
        event = event_to_edit(actor, event_id)
        refuse_cancelled(event)
        if event.is_published:
            return
        missing = what_is_missing(event, queries.sessions_of(event_id))
        if missing:
            raise NotReady(" ".join(missing))
        publish(event)
        audit.record(actor.actor, "publish_event", organization_id=event.organization_id, event_id=event.id)
        finish(event)


def publish(event: Event) -> None:
    """Show a draft that lacks nothing; `finish` is left to the caller."""
    event.status = EventStatus.PUBLISHED
    event.published_at = event.published_at or now()
    event.changed_at = later_than(event.changed_at)


def what_is_missing(event: Event, sessions: list[Session]) -> list[str]:
    """What visitors would ask in vain, as sentences for the organizer; empty when the event can be shown."""
    missing = []
    if not any(event.title.values()):
        missing.append(_("Give the event a title."))
    if any(session.is_in_person and session.venue_id is None and not session.place_note for session in sessions):
        missing.append(_("Say where people come to: choose a place or describe it."))
    if event.sign_up == SignUp.ELSEWHERE and not event.sign_up_url:
        missing.append(_("Give the address of the page where people sign up."))
    return missing


def unpublish_event(*, actor: Person, event_id: int) -> None:
    """Make the event a draft again. Raises `PeopleSignedUp` once somebody holds a seat or waits for one."""
    with transaction():
        event = event_to_edit(actor, event_id)
        refuse_cancelled(event)
        held = select(SeatPool.id).where(SeatPool.event_id == event_id, SeatPool.taken + SeatPool.waiting > 0)
        if db.session.scalar(held.limit(1)) is not None:
            raise PeopleSignedUp(_("People have signed up. Cancel the event instead: they will be told."))
        event.status = EventStatus.DRAFT
        event.changed_at = later_than(event.changed_at)
        audit.record(actor.actor, "unpublish_event", organization_id=event.organization_id, event_id=event.id)
        finish(event)


def delete_draft(*, actor: Person, event_id: int) -> None:
    """Throw a draft away for good. Raises `PeopleSignedUp` once the public has seen the event."""
    with transaction() as database:
        event = event_to_edit(actor, event_id)
        if event.published_at is not None or any(seats_taken(event_id).values()):
            raise PeopleSignedUp(_("This event was public once, so it can be cancelled but not deleted."))
        sessions = select(Session.id).where(Session.event_id == event_id)
        for of_session in (SessionCalendar, PreviousStart):
            execute(delete(of_session).where(of_session.session_id.in_(sessions)))
        for table in (SeatPool, Session, Track, EventPartner, EventHelper, EventLedger, EventSlug):
            execute(delete(table).where(table.event_id == event_id))
        audit.record(actor.actor, "delete_draft", organization_id=event.organization_id, title=dict(event.title))
        database.expunge_all()
        execute(delete(Event).where(Event.id == event_id))


def mark_cancelled(*, actor: Person, event_id: int, reason: str) -> None:
    """Call the event off: calendars show as cancelled what was to come. Registration's `cancel_event` tells people.

    A meeting that is over was held, unless all are: then nothing else can be meant than that they were not.
    Raises `AlreadyCancelled`, and `NotReady` for a draft, which nobody knows of.
    """
    with transaction():
        event = event_to_edit(actor, event_id)
        if event.is_cancelled:
            raise AlreadyCancelled(_("This event is cancelled already."))
        if not event.is_published:
            raise NotReady(_("This is a draft: nobody has seen it, so there is nothing to cancel."))
        event.status = EventStatus.CANCELLED
        event.cancelled_at = now()
        event.cancellation_reason = clean(reason)[:REASON_LENGTH] or None
        event.changed_at = later_than(event.changed_at)
        held = [one for one in queries.sessions_of(event_id) if one.status == SessionStatus.SCHEDULED]
        for session in [one for one in held if one.ends_at > event.cancelled_at] or held:
            session.status = SessionStatus.CANCELLED
            session.sequence += 1
            session.changed_at = later_than(session.changed_at)
        derive.derive_event(event, queries.sessions_of(event_id))
        audit.record(actor.actor, "cancel_event", organization_id=event.organization_id, event_id=event.id)
        finish(event)
