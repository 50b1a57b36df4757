"""Where people stand with the sessions of an event, as their calendars show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from app.catalogue.models import Session
from app.catalogue.queries import sessions_of
from app.registration import seats
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_sessions import OwnSessions, own_sessions, way_at
from app.registration.seats import Entry


class Standing(IntEnum):
    """What somebody has at a session; of several people in one entry the strongest counts."""

    ASKED = 1
    WAITS = 2
    OFFERED = 3
    COMES = 4


@dataclass(frozen=True)
class Place:
    """One person's place at one session; an offer stands `until` then."""

    person: Registration
    session: Session
    mode: str
    standing: Standing
    until: datetime | None = None


_STANDINGS = {
    RegistrationStatus.PENDING: Standing.ASKED,
    RegistrationStatus.WAITLISTED: Standing.WAITS,
    RegistrationStatus.OFFERED: Standing.OFFERED,
    RegistrationStatus.CONFIRMED: Standing.COMES,
}


def places_of(person: Registration) -> list[Place]:
    """The sessions that belong into the person's calendar, in the order of the programme.

    Where one chooses, these are the chosen ones. Who hasn't pressed the mail's button has none: a stranger may have
    given the address. Who has a seat but chose nothing where one must is shown all, as on the own page.
    """
    status = RegistrationStatus(person.status)
    if status not in _STANDINGS:
        return []
    own = own_sessions(person)
    whole = _whole(person, _STANDINGS[status])
    if not own.choices.to_choose:
        return [Place(person, one, own.modes[one.id], *whole) for one in own.coming]
    queues = {entry.session_id: entry for entry in seats.session_entries_of(person.id)}
    found = [_chosen(person, one, own, whole, queues) for one in sessions_of(person.event_id)]
    places = [place for place in found if place is not None]
    if not places and status is RegistrationStatus.CONFIRMED:
        return [Place(person, one, own.modes[one.id], *whole) for one in own.coming]
    return places


def _whole(person: Registration, standing: Standing) -> tuple[Standing, datetime | None]:
    """Where the person stands with the event as a whole; who is only offered a session waits there."""
    if standing is not Standing.OFFERED:
        return standing, None
    until = [entry.offer_until for entry in seats.entries_of(person.id) if entry.offer_until is not None]
    return (Standing.OFFERED, max(until)) if until else (Standing.WAITS, None)


def _chosen(
    person: Registration,
    session: Session,
    own: OwnSessions,
    whole: tuple[Standing, datetime | None],
    queues: dict[int | None, Entry],
) -> Place | None:
    """The person's place at a session of an event where one chooses; None at one that isn't the person's."""
    is_common = own.choices.by_code(session.code) is None
    if is_common or session.id in own.held.seats:
        return Place(person, session, own.modes[session.id], *whole)
    entry = queues.get(session.id)
    if entry is not None:
        standing = Standing.OFFERED if entry.offer_until else Standing.WAITS
        return Place(person, session, entry.mode, standing, entry.offer_until)
    if session.id in own.wished:
        return Place(person, session, way_at(session, person.mode), min(whole[0], Standing.WAITS))
    return None
