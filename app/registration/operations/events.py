"""Changing and cancelling an event that people have signed up for: they are told, each once."""

from __future__ import annotations

from typing import Any

from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.catalogue import queries as catalogue_queries
from app.catalogue.models import Event, Session
from app.catalogue.rules import EventChange
from app.catalogue.values import EventValues
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.registration import queries, seats
from app.registration.earlier import frozen
from app.registration.ledger import raise_change_number
from app.registration.operations.asking import forget_question, mark_asked
from app.registration.operations.meetings import is_alone, shorten_offers, tell_moved, whom_it_concerns
from app.registration.operations.mode_lost import Moved, leave_mode
from app.registration.operations.reminding import count_as_reminded
from app.registration.operations.telling import tell_all
from app.registration.operations.waiting import fill_seats
from app.registration.queries import Whom


def change_event(
    *,
    actor: Person,
    event_id: int,
    values: EventValues,
    seen: str,
    session_id: int | None = None,
    notify: bool = True,
) -> EventChange:
    """Save an edited event; when time, place or mode moved, everybody who counts on it gets one `event_moved`.

    `session_id` is the session whose time and place the form showed. Where it is one of several and moves alone, who
    comes to it gets `session_moved` instead. Raises what `catalogue.operations.edit_event` raises.
    """
    with transaction():
        seats.hold(event_id)  # before the event and its ledger, as every deed that may move a seat
        session = _shown(event_id, session_id)
        before, is_known, zone = _as_known(event_id), session.ends_at > now(), session.zone
        old = _values_of(event_id, session)
        moved = _leave_mode(actor, event_id, values, seen)
        change = catalogue.edit_event(actor=actor, event_id=event_id, values=values, seen=seen, session_id=session.id)
        whom = whom_it_concerns(old, values, change)
        event = db.session.get_one(Event, event_id)
        if moved.touched:
            raise_change_number(event_id, *moved.touched)
        if EventChange.TIME in change:
            shorten_offers(event_id)
            if event.reconfirm_days and not notify:
                forget_question(event_id)
        if change.moved and notify and event.is_published:
            for_all = concerns_all(event, change, is_zone_new=zone != session.zone)
            if not for_all and (is_known or session.ends_at > now()):
                tell_moved(event, session, change, before[session.uid], whom)
            elif for_all and event.ends_at > now():
                _tell_all_moved(event, change, before, moved, whom)
    if EventChange.SEATS in change or moved.touched:
        fill_seats(event_id)  # those who wait get the new seats, each in a transaction of its own
    return change


def _shown(event_id: int, session_id: int | None) -> Session:
    """The session that the form showed; without a number, the first one. Raises `Missing`."""
    sessions = catalogue_queries.sessions_of(event_id)
    found = next((session for session in sessions if session_id in (None, session.id)), None)
    if found is None:
        raise Missing
    return found


def _values_of(event_id: int, session: Session) -> EventValues:
    event = db.session.get_one(Event, event_id)
    return catalogue_queries.event_values(event, [session], catalogue_queries.pools_of(event_id))


def _as_known(event_id: int) -> dict[str, Any]:
    """How people know each session, by its UID."""
    event = db.session.get_one(Event, event_id)
    return {session.uid: frozen(event, session) for session in catalogue_queries.sessions_of(event_id)}


def concerns_all(event: Event, change: EventChange, *, is_zone_new: bool) -> bool:
    """Whether it is of the event as a whole: ways of coming reach all its sessions, and so do title and time zone."""
    return EventChange.MODES in change or ((change.renamed or is_zone_new) and not is_alone(event.id))


def _leave_mode(actor: Person, event_id: int, values: EventValues, seen: str) -> Moved:
    """Where a way of coming goes, whoever used it comes the other way. Only for a form that may be saved at all."""
    event = catalogue.event_to_edit(actor, event_id)
    if event.is_cancelled or catalogue_queries.seen_of(event) != seen:
        return Moved()  # the refusal is the catalogue's
    return leave_mode(event, values)


def _tell_all_moved(event: Event, change: EventChange, before: dict[str, Any], moved: Moved, whom: Whom) -> None:
    """Everybody hears of what is of the event as a whole. Whose own way stays is asked nothing by that."""
    if change & (EventChange.TIME | EventChange.VENUE):
        mark_asked(event.id)
    else:
        mark_asked(event.id, registration_ids=moved.seated)
    if EventChange.TIME in change:
        count_as_reminded(event.id)
    only = catalogue_queries.ways_left(event.id) if EventChange.MODES in change else ""
    key = f"{event.changed_at:%Y%m%dT%H%M%S%f}"
    tell_all(event, "event_moved", key=key, whom=whom, seated=moved.seated, sessions_before=before, only=only)


def rehearse_change(
    *, actor: Person, event_id: int, values: EventValues, seen: str, session_id: int | None = None
) -> EventChange:
    """What saving would change; raises what saving would raise, and changes nothing."""
    with transaction() as session:
        seats.hold(event_id)
        _leave_mode(actor, event_id, values, seen)
        change = catalogue.edit_event(actor=actor, event_id=event_id, values=values, seen=seen, session_id=session_id)
        session.rollback()
    return change


def cancel_event(*, actor: Person, event_id: int, reason: str) -> int:
    """Cancel the event; everybody who counts on it gets one `event_cancelled`. Returns how many are mailed.

    Registrations stay as they are and nobody is promoted; calendar entries say CANCELLED.
    """
    with transaction():
        seats.hold(event_id)  # who is being promoted just now is promoted before, and hears of this, too
        catalogue.mark_cancelled(actor=actor, event_id=event_id, reason=reason)
        event = db.session.get_one(Event, event_id)
        mailed = tell_all(event, "event_cancelled", key="cancelled", reason=reason)
        raise_change_number(event_id)
    return mailed


def unpublish_event(*, actor: Person, event_id: int) -> None:
    """Make the event a draft again. Raises `PeopleSignedUp` once somebody counts on it, also without a seat."""
    with transaction():
        seats.hold(event_id)
        if queries.has_people(event_id):
            raise catalogue.PeopleSignedUp(_("People have signed up. Cancel the event instead: they will be told."))
        catalogue.unpublish_event(actor=actor, event_id=event_id)
