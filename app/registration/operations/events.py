"""Changing and cancelling an event that people have signed up for: they are told, each once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.catalogue import queries as catalogue_queries
from app.catalogue.models import Event
from app.catalogue.rules import EventChange
from app.catalogue.values import EventValues
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.i18n import gettext as _
from app.messaging import outbox
from app.registration import queries, seats
from app.registration.ledger import raise_change_number
from app.registration.models import ACTIVE, Registration
from app.registration.operations.asking import mark_asked
from app.registration.operations.reminding import count_as_reminded
from app.registration.operations.telling import call_person
from app.registration.operations.waiting import fill_seats, shorten_offers


def change_event(*, actor: Person, event_id: int, values: EventValues, seen: str, notify: bool = True) -> EventChange:
    """Save an edited event; when time, place or mode moved, everybody who counts on it gets one `event_moved`.

    Raises what `catalogue.operations.edit_event` raises.
    """
    with transaction():
        seats.hold(event_id)  # before the event and its ledger, as every deed that may move a seat
        before = _when_and_where(event_id)
        change = catalogue.edit_event(actor=actor, event_id=event_id, values=values, seen=seen)
        event = db.session.get_one(Event, event_id)
        if EventChange.TIME in change:
            shorten_offers(event_id)
        if change.moved and notify and event.is_published and event.ends_at > now():
            mark_asked(event_id)
            if EventChange.TIME in change:
                count_as_reminded(event_id)
            _mail_all(event, "event_moved", key=f"{event.changed_at:%Y%m%dT%H%M%S%f}", before=before)
    if EventChange.SEATS in change:
        fill_seats(event_id)  # those who wait get the new seats, each in a transaction of its own
    return change


def rehearse_change(*, actor: Person, event_id: int, values: EventValues, seen: str) -> EventChange:
    """What saving would change; raises what saving would raise, and changes nothing."""
    with transaction() as session:
        change = catalogue.edit_event(actor=actor, event_id=event_id, values=values, seen=seen)
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
        execute(
            update(Registration)
            .where(Registration.event_id == event_id, Registration.status.in_(ACTIVE))
            .values(changes=Registration.changes + 1)
        )
        mailed = _mail_all(event, "event_cancelled", key="cancelled", reason=reason)
        raise_change_number(event_id)
    return mailed


def unpublish_event(*, actor: Person, event_id: int) -> None:
    """Make the event a draft again. Raises `PeopleSignedUp` once somebody counts on it, also without a seat."""
    with transaction():
        seats.hold(event_id)
        if queries.has_people(event_id):
            raise catalogue.PeopleSignedUp(_("People have signed up. Cancel the event instead: they will be told."))
        catalogue.unpublish_event(actor=actor, event_id=event_id)


def _when_and_where(event_id: int) -> dict[str, Any]:
    """What people knew until now, frozen for the message."""
    session = catalogue_queries.next_session(catalogue_queries.sessions_of(event_id), now())
    return {
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "zone": session.zone,
        "is_all_day": session.is_all_day,
    }


def _mail_all(event: Event, message: str, *, key: str, **facts: object) -> int:
    for registration_id in queries.people_to_call(event.id):
        call_person(registration_id, message, **facts)
    people = queries.people_to_mail(event.id)
    for person in people:
        outbox.put(
            message,
            to=person.email,
            language=person.language,
            facts={"registration": person.public_id, **facts},
            organization_id=event.organization_id,
            dedupe_key=f"{message}:{person.id}:{key}",
            priority=outbox.BULK,
        )
    return len(people)
