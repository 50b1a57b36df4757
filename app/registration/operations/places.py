"""Changing a place where people are expected: they are told, each once for an event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.catalogue.models import Event, Session, SessionStatus
from app.catalogue.queries import sessions_of
from app.catalogue.rules import EventChange
from app.catalogue.values import VenueValues
from app.core.clock import now
from app.core.db import db, transaction
from app.registration import queries, seats
from app.registration.earlier import frozen
from app.registration.operations.asking import mark_asked
from app.registration.operations.meetings import tell_moved
from app.registration.operations.telling import tell_all
from app.registration.queries import NOBODY, Told, Whom

HALL = Whom(in_the_hall=True)


def change_venue(*, actor: Person, venue_id: int, values: VenueValues, notify: bool = True) -> Told:
    """Save an edited venue; with another name or address, everybody expected there is told. Returns who would be.

    One mail for each event: `event_moved`, or `session_moved` where only one of its meetings is held there. Those who
    take part online hear nothing. Raises what `catalogue.operations.edit_venue` raises.
    """
    with transaction():
        coming = _hold_coming(venue_id)
        before = {one.uid: frozen(event, one) for event, sessions in coming.items() for one in sessions}
        if not catalogue.edit_venue(actor=actor, venue_id=venue_id, values=values):
            return NOBODY
        told = _expected(coming)
        if notify:
            for event, sessions in coming.items():
                _tell(event, sessions, before)
    return told


def rehearse_venue_change(*, actor: Person, venue_id: int, values: VenueValues) -> Told:
    """Who would be told; raises what saving would raise, and changes nothing."""
    with transaction() as database:
        coming = _hold_coming(venue_id)
        is_new_place = catalogue.edit_venue(actor=actor, venue_id=venue_id, values=values)
        told = _expected(coming) if is_new_place else NOBODY
        database.rollback()
    return told


def _hold_coming(venue_id: int) -> dict[Event, list[Session]]:
    """What people may count on to be held there, by event, while nobody else can move a seat of these events."""
    at = now()
    ids = select(Session.event_id).where(Session.venue_id == venue_id, Session.ends_at > at).distinct()
    event_ids = sorted(db.session.scalars(ids))
    for event_id in event_ids:
        seats.hold(event_id)  # before the venue and the ledgers, as every deed that may move a seat
    coming: dict[Event, list[Session]] = {}
    for event_id in event_ids:
        event = db.session.get_one(Event, event_id)
        held = [one for one in sessions_of(event_id) if one.venue_id == venue_id and one.is_in_person]
        held = [one for one in held if one.status == SessionStatus.SCHEDULED and one.ends_at > at]
        if event.is_published and held:
            coming[event] = held
    return coming


def _expected(coming: dict[Event, list[Session]]) -> Told:
    """How many people are told about all these events; who comes to several is told about each."""
    each = [
        queries.told_of(event.id, *(session.id for session in sessions), whom=HALL)
        for event, sessions in coming.items()
    ]
    return Told(sum(one.mails for one in each), sum(one.calls for one in each), sum(one.all for one in each))


def _tell(event: Event, sessions: list[Session], before: dict[str, Any]) -> None:
    if len(sessions) == 1:
        tell_moved(event, sessions[0], EventChange.PLACE | EventChange.VENUE, before[sessions[0].uid], HALL)
        return
    mark_asked(event.id, whom=HALL)
    tell_all(
        event,
        "event_moved",
        key=f"{event.changed_at:%Y%m%dT%H%M%S%f}",
        session_ids=[session.id for session in sessions],
        whom=HALL,
        sessions_before={session.uid: before[session.uid] for session in sessions},
    )
