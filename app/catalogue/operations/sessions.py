"""What one can do with the sessions of an event: add, repeat, change, call off, take out.

Telling people is registration's part. Each deed moves the event's span and modes, its seats and calendar entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.accounts.permissions import Person
from app.catalogue import derive, queries
from app.catalogue.models import Event, EventStatus, PreviousStart, SeatPool, Session, SessionCalendar, SessionStatus
from app.catalogue.operations.copies import like
from app.catalogue.operations.events import (
    PeopleSignedUp,
    keep_link,
    lock_unless_stale,
    new_session,
    refuse_cancelled,
    stamp_session,
)
from app.catalogue.operations.guards import event_to_edit, session_to_edit
from app.catalogue.operations.moves import Told, keep_move, told_of
from app.catalogue.operations.seats import follow_sessions, seats_taken, set_session_pools
from app.catalogue.operations.tracks import track_for
from app.catalogue.operations.writing import (
    WrongPlace,
    check_modes,
    check_place,
    fill_modes,
    fill_session,
    finish,
    later_than,
)
from app.catalogue.rules import EventChange, decide_session_change
from app.catalogue.values import SessionValues
from app.core import audit
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Refused
from app.core.i18n import gettext as _

WEEK = timedelta(days=7)


class SessionCancelled(Conflict):
    """The session has been called off."""

    code = "session_cancelled"


class OnlySession(Conflict):
    """The event would have no session left."""

    code = "only_session"


class NothingToRepeat(Conflict):
    """All that would be made is there already."""

    code = "nothing_to_repeat"


def add_session(*, actor: Person, event_id: int, values: SessionValues) -> int:
    """Add a session to the event and return its id; calendars and the public page show it. Nobody is mailed.

    Raises `AlreadyCancelled`, `WrongTime`, `WrongPlace` and `Refused` for values that can't be.
    """
    check_modes(values)
    with transaction() as database:
        event = event_to_edit(actor, event_id)
        _lock(event)
        before = queries.modes_ahead(event.id)
        session = new_session(_next_position(event_id))
        session.event_id = event_id
        _fill(event, session, values)
        database.add(session)
        database.flush()
        set_session_pools(session, values)
        _settle(event, before)
        _audit(actor, "add_session", event, session)
        return session.id


def repeat_session(*, actor: Person, session_id: int, times: int, weeks: int) -> int:
    """Add sessions like this one, each so many weeks after the one before; returns how many were added.

    One that is there already isn't made again, so that a second click does no harm. Raises `NothingToRepeat` when all
    are, `AlreadyCancelled` and `WrongTime`.
    """
    with transaction() as database:
        event, source = session_to_edit(actor, session_id)
        _lock(event)
        before = queries.modes_ahead(event.id)
        known = {_sameness(session) for session in queries.sessions_of(event.id) if not _is_off(session)}
        pools = queries.own_pools(source.id, queries.pools_of(event.id))
        place = _next_position(event.id)
        made: list[Session] = []
        for number in range(1, times + 1):
            session = like(source, place + len(made), number * weeks * WEEK)
            session.event_id, session.track_id = event.id, source.track_id
            if _sameness(session) not in known:
                database.add(session)
                made.append(session)
        if not made:
            raise NothingToRepeat(_("These meetings are on the list already."))
        database.flush()
        for session in made:
            _add_pools(session, pools)
        _settle(event, before)
        _audit(actor, "repeat_session", event, source, number=len(made))
        return len(made)


def edit_session(*, actor: Person, session_id: int, values: SessionValues, seen: str) -> EventChange:
    """Change a session and say what changed. Calendars show it; mailing people is the caller's part.

    `seen` is `queries.seen_of` of the event that the form was made from. The seats of a mode that the event has lost by
    it stay as in `mark_session_cancelled`. Raises `StaleForm`, `AlreadyCancelled`,
    `SessionCancelled`, `TooFewSeats`, `ModeInUse`, `WrongTime` and `WrongPlace`.
    """
    check_modes(values)
    with transaction():
        event, session = session_to_edit(actor, session_id)
        lock_unless_stale(event, seen)
        _refuse_off(event, session)
        old = queries.session_values(session, queries.pools_of(event.id))
        change = decide_session_change(old, values)
        if not change:
            return change
        before, told = queries.modes_ahead(event.id), told_of(event, [session])
        set_session_pools(session, values)
        keep_link(event, old, values)
        _fill(event, session, values)
        stamp_session(event, session, change)
        _settle(event, before, keeps_lost=True, told=told)
        _audit(actor, "edit_session", event, session, changed=[str(flag.name).lower() for flag in change])
        return change


def mark_session_cancelled(*, actor: Person, session_id: int) -> None:
    """Call one session off: calendars show it as cancelled. Registration's `cancel_session` tells people.

    Seats and queues stay as they are, also in a mode that the event has lost by it: whoever is there must first come
    another way, and `close_modes` is for then. Raises `SessionCancelled`, `AlreadyCancelled`, and `OnlySession` for the
    last one that would be held, or one of a draft that nobody has seen.
    """
    with transaction():
        event, session = session_to_edit(actor, session_id)
        _lock(event)
        _refuse_off(event, session)
        if event.published_at is None:
            raise OnlySession(_("Nobody has seen this draft. Take the meeting out instead."))
        if all(other is session or _is_off(other) for other in queries.sessions_of(event.id)):
            raise OnlySession(_("No other meeting is left. Cancel the event as a whole instead."))
        before = queries.modes_ahead(event.id)
        session.status, session.called_off_alone = SessionStatus.CANCELLED, True
        session.sequence += 1
        session.changed_at = later_than(session.changed_at)
        _settle(event, before, keeps_lost=True)
        _audit(actor, "cancel_session", event, session)


def remove_session(*, actor: Person, session_id: int) -> None:
    """Take a session out of a draft for good.

    Raises `PeopleSignedUp` once the public has seen the event, and `OnlySession` for the last one.
    """
    with transaction() as database:
        event, session = session_to_edit(actor, session_id)
        _lock(event)
        is_draft = event.status == EventStatus.DRAFT and event.published_at is None
        if not is_draft or any(seats_taken(event.id).values()):
            raise PeopleSignedUp(_("People may know of this meeting, so it can be cancelled but not taken out."))
        if len(queries.sessions_of(event.id)) == 1:
            raise OnlySession(_("An event needs at least one meeting."))
        before = queries.modes_ahead(event.id)
        _audit(actor, "remove_session", event, session)
        for table in (SessionCalendar, SeatPool, PreviousStart):
            execute(delete(table).where(table.session_id == session_id))
        database.delete(session)
        database.flush()
        _settle(event, before)


def _lock(event: Event) -> None:
    """Keep the event's row for this transaction, so that two deeds on its sessions come one after the other."""
    kept = update(Event).where(Event.id == event.id).values(status=Event.status)
    execute(kept.execution_options(synchronize_session=False))
    db.session.refresh(event)
    refuse_cancelled(event)


def _refuse_off(event: Event, session: Session) -> None:
    refuse_cancelled(event)
    if _is_off(session):
        raise SessionCancelled(_("This meeting is cancelled already."))


def _is_off(session: Session) -> bool:
    return session.status == SessionStatus.CANCELLED


def _fill(event: Event, session: Session, values: SessionValues) -> None:
    """Give the session all that the values say. Raises `WrongTime` and `WrongPlace`."""
    check_place(values)
    has_place = values.venue_id is not None or any(values.place_note.values())
    if event.is_published and values.is_in_person and not has_place:
        raise WrongPlace(_("Say where people come to: choose a place or describe it."))
    if values.room_url and not values.is_online:
        raise Refused(_("Only a meeting that is held online has a link."))
    session.title, session.format = values.title, values.format
    session.track_id = track_for(event, values.track_id, values.new_track)
    fill_session(session, values)
    fill_modes(session, values)


def _settle(event: Event, before: set[str], *, keeps_lost: bool = False, told: Told | None = None) -> None:
    """The end of every deed on sessions: what the event says of them, its seats, entries and change number."""
    db.session.flush()
    sessions = queries.sessions_of(event.id)
    event.changed_at = later_than(event.changed_at)
    derive.derive_event(event, sessions)
    keep_move(event, told)
    follow_sessions(event, before, keeps_lost=keeps_lost)
    finish(event)


def _next_position(event_id: int) -> int:
    """After all others: a data file knows its sessions by their places, which they keep."""
    positions = db.session.scalars(select(Session.position).where(Session.event_id == event_id))
    return max(positions, default=-1) + 1


def _sameness(session: Session) -> tuple[object, ...]:
    """What makes two sessions one and the same to people."""
    title = tuple(sorted((session.title or {}).items()))
    return session.starts_at, session.ends_at, title, session.track_id, session.venue_id, session.room_id


def _add_pools(session: Session, pools: Iterable[SeatPool]) -> None:
    """Give a session as many seats as another one has."""
    for pool in pools:
        db.session.add(
            SeatPool(event_id=session.event_id, session_id=session.id, mode=pool.mode, capacity=pool.capacity)
        )


def _audit(actor: Person, action: str, event: Event, session: Session, **details: object) -> None:
    audit.record(
        actor.actor,
        action,
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("session", session.id),
        **details,
    )
