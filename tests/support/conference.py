"""A conference for tests: an opening for everybody, two sessions at once, one after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, SeatPool, Session
from app.core.audit import AuditLine
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Contact, Registration
from app.registration.own_sessions import own_sessions
from app.registration.session_rules import first_clash
from app.registration.session_seats import held_at_sessions
from tests.support.cast import person
from tests.support.events import daytime, event_values, local, make_event, sign_up

YARD, KITCHEN, FAIR = "The yard", "The kitchen", "The fair"


def make_conference(*, days: float = 20, yard: int | None = 2, kitchen: int | None = 2, **changes: Any) -> Event:
    """A published conference; `yard` and `kitchen` are the seats of what is at the same time, the fair has no limit.

    One that is a week away or more is on one day, whenever the tests run.
    """
    opens = local(days=days) if days < 7 else daytime(local(days=days))
    changes = {"capacity_in_person": 50, "format": "conference", **changes}
    event = make_event(event_values(starts_local=opens, ends_local=opens + timedelta(hours=1), **changes))
    for title, hours, limit in ((YARD, 1, yard), (KITCHEN, 1, kitchen), (FAIR, 2, None)):
        add_session(event, title, hours=hours, seats=limit)
    db.session.expunge_all()
    db.session.rollback()
    return db.session.get_one(Event, event.id)


def add_session(event: Event, title: str, *, hours: float, seats: int | None, **changes: Any) -> None:
    """One more session to choose, that begins so many hours after the opening and lasts an hour."""
    first = queries.sessions_of(event.id)[0]
    starts = first.starts_local + timedelta(hours=hours)
    values = replace(
        queries.session_values(first, []),
        title={"en": title, "ru": title},
        starts_local=starts,
        ends_local=starts + timedelta(hours=1),
        is_chosen=True,
        capacity_in_person=seats,
        **changes,
    )
    catalogue.add_session(actor=person("bob"), event_id=event.id, values=values)


def session_called(event: Event, title: str) -> Session:
    """The session with this title."""
    return next(one for one in queries.sessions_of(event.id) if one.title.get("en") == title)


def code(event: Event, title: str) -> str:
    """What forms call the session."""
    return session_called(event, title).code


def only_chosen(event: Event) -> Event:
    """The conference without its opening: who chooses nothing has nothing to come to."""
    operations.cancel_session(actor=person("bob"), session_id=queries.sessions_of(event.id)[0].id, reason="")
    return event


def change_session(event: Event, title: str, **changes: Any) -> None:
    """Change a session as its form does it."""
    db.session.expunge_all()
    db.session.rollback()
    session = session_called(event, title)
    values = queries.session_values(session, queries.pools_of(event.id))
    seen = queries.seen_of(db.session.get_one(Event, event.id))
    values = replace(values, confirm_over_limit=True, **changes)
    operations.change_session(actor=person("bob"), session_id=session.id, values=values, seen=seen)


def cancel_session(event: Event, title: str) -> None:
    """Call a session off."""
    operations.cancel_session(actor=person("bob"), session_id=session_called(event, title).id, reason="")


def chooses(registration: Registration, *titles: str, told: tuple[str, ...] = ()) -> bool:
    """The person comes to these sessions from now on; `told` are those that were full on the form."""
    event = db.session.get_one(Event, registration.event_id)
    return operations.choose_sessions(
        registration_id=registration.id,
        sessions=[code(event, title) for title in titles],
        told_full=[code(event, title) for title in told],
    )


def comes(event: Event, name: str, *titles: str, told: tuple[str, ...] = (), **changes: Any) -> Registration:
    """Somebody signs up with these sessions; `told` are those that were full on the form."""
    chosen = tuple(code(event, title) for title in titles)
    return sign_up(event, name, sessions=chosen, told_full=tuple(code(event, title) for title in told), **changes)


def seats_of(registration: Registration) -> set[str]:
    """The titles of the sessions at which the person has a seat for good."""
    return _titles(registration, own_sessions(_fresh(registration)).held.seats)


def waits_of(registration: Registration) -> set[str]:
    """The titles of the sessions that the person waits for or is offered."""
    return _titles(registration, own_sessions(_fresh(registration)).held.waits)


def wished_by(registration: Registration) -> set[str]:
    """The titles of the sessions that the person gets once there is a seat at the event."""
    return _titles(registration, own_sessions(_fresh(registration)).wished)


def modes_of(registration: Registration) -> dict[str, str]:
    """How the person takes part in each session with a seat."""
    own = own_sessions(_fresh(registration))
    return {one.title["en"]: own.modes[one.id] for one in own.chosen}


def offer_ends(registration: Registration) -> datetime:
    """When the offer of a session to the person ends."""
    entries = seats.session_entries_of(_fresh(registration).id)
    return next(one.offer_until for one in entries if one.offer_until is not None)


def status_of(registration: Registration) -> str:
    """The registration's status as it is now."""
    return str(_fresh(registration).status)


def offered_to(registration: Registration) -> list[str]:
    """The titles of the sessions of which a seat is offered to the person."""
    entries = [one for one in seats.session_entries_of(_fresh(registration).id) if one.offer_until is not None]
    return sorted(_titles(registration, [one.session_id for one in entries if one.session_id is not None]))


def queue_at(event: Event, title: str) -> list[str]:
    """The names of those who wait for the session without an offer, in turn."""
    _forget()
    session_id = session_called(event, title).id
    found = waiting.waiting_at(event.id)
    return [one.name for one in found if one.session_id == session_id and one.offer_until is None]


def counters_at(event: Event, title: str, mode: str = "in_person") -> tuple[int, int]:
    """How many seats of the session are taken, and how many people wait."""
    _forget()
    pool = session_pool(event, title, mode)
    return pool.taken, pool.waiting


def session_pool(event: Event, title: str, mode: str = "in_person") -> SeatPool:
    """The session's seats in this mode."""
    pools = [one for one in queries.pools_of(event.id) if one.session_id == session_called(event, title).id]
    return next(one for one in pools if one.mode == mode)


def mails_to(registration: Registration) -> list[str]:
    """The names of the mails to the person, in turn; all go to the person's own address."""
    _forget()
    rows = db.session.execute(
        select(OutboxMessage.name, OutboxMessage.facts, OutboxMessage.to_address).order_by(OutboxMessage.id)
    ).all()
    own = [row for row in rows if row.facts.get("registration") == registration.public_id]
    address = db.session.scalar(select(Contact.email).where(Contact.id == registration.contact_id))
    assert {row.to_address for row in own} <= {address}
    return [row.name for row in own]


def last_facts(registration: Registration) -> dict[str, Any]:
    """What was frozen in the last mail to the person, without who it is."""
    _forget()
    query = select(OutboxMessage.facts).order_by(OutboxMessage.id.desc())
    facts = next(one for one in db.session.scalars(query) if one.get("registration") == registration.public_id)
    return {name: value for name, value in facts.items() if name != "registration"}


def deeds_on(registration: Registration) -> list[str]:
    """What the audit says was done with the registration, in turn."""
    lines = select(AuditLine.action).where(
        AuditLine.subject_kind == "registration", AuditLine.subject_id == registration.id
    )
    return list(db.session.scalars(lines.order_by(AuditLine.id)))


def nobody_is_wronged(event: Event) -> None:
    """No drift, no free seat beside somebody who waits, nobody with two seats or in two queues at one time."""
    _forget()
    assert seats.drifts() == []
    sessions = {one.id: one for one in queries.sessions_of(event.id)}
    for pool in queries.pools_of(event.id):
        is_on = pool.session_id is None or sessions[pool.session_id].status == "scheduled"
        is_free = pool.capacity is None or pool.taken < pool.capacity
        assert not (is_on and is_free and pool.waiting), f"a free seat beside somebody who waits: {vars(pool)}"
    for registration in db.session.scalars(select(Registration).where(Registration.event_id == event.id)):
        held = held_at_sessions(registration.id)
        assert first_clash(sessions, held.seats) is None
        assert first_clash(sessions, held.waits) is None


def _forget() -> None:
    db.session.expunge_all()
    db.session.rollback()


def _fresh(registration: Registration) -> Registration:
    _forget()
    return db.session.get_one(Registration, registration.id)


def _titles(registration: Registration, session_ids: Iterable[int]) -> set[str]:
    titles = {one.id: one.title.get("en", "") for one in queries.sessions_of(registration.event_id)}
    return {titles[one] for one in session_ids}
