"""The waiting list: a freed seat goes to whose turn it is, at once or as an offer.

Every deed here holds the event's pools first, then touches registrations, then the event's ledger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import select

from app.catalogue.models import Event, Session
from app.catalogue.queries import ahead_of, sessions_of
from app.core import audit
from app.core.audit import SYSTEM, Actor
from app.core.clock import now
from app.core.db import db, execute, give_way, transaction
from app.core.errors import Missing
from app.registration import partner_seats, seats, waiting
from app.registration.ledger import entry_changes, raise_change_number
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.telling import mail_person, stamp, whose
from app.registration.own_sessions import keep_way
from app.registration.rules import QueueTerms, Turn, decide_turn
from app.registration.seats import Entry
from app.registration.session_rules import overlap
from app.registration.session_seats import arrange

AT_A_TIME = 50


def promote(event_id: int, pool_ids: Iterable[int], most: int | None = None) -> list[int]:
    """Hand the free seats of these pools to those whose turn it is; returns the registrations that were touched.

    Who leaves another seat for the new one frees that, and so on. People who stay together move in one go, or not at
    all. Needs a running transaction that holds the event's pools, and that raises the change number at its end with
    what is returned. Outside: one mail `promoted` to each, whatever came free, and a `seat_offered` for each seat that
    needs an answer; of a party each address gets one. `most`: after how many to stop.
    """
    at = now()
    touched: list[int] = []
    news: dict[int, list[dict[str, Any]]] = {}
    terms: dict[tuple[int | None, str], QueueTerms] = {}
    pools = deque(pool_ids)
    while pools and (most is None or len(touched) < most):
        here = seats.next_in(pools[0])
        entry = here or partner_seats.next_guest(pools[0])
        if entry is None:
            pools.popleft()
            continue
        of = entry.session_id, entry.mode
        if of not in terms:
            terms[of] = waiting.terms_of(event_id, *of)
        turn, until = decide_turn(terms[of], at, has_limit=entry.has_limit)
        if turn is Turn.NOBODY:
            pools.popleft()
            continue
        for one in seats.together_with(entry):
            to = pools[0] if here else partner_seats.pool_with_seat(one, pools[0])
            pools.extend(_hand_on(partner_seats.come_over(one, to), until, news, at=at))
            touched.append(one.registration_id)
    for registration_id, gained in news.items():
        _tell_promoted(registration_id, gained, at=at)
    return touched


def _hand_on(entry: Entry, until: datetime | None, news: dict[int, list[dict[str, Any]]], *, at: datetime) -> list[int]:
    """Give or offer the seat; returns the pools that have a seat more, for the person may have had another one.

    `news`: what each has gained, to be told at the end of the deed.
    """
    registration, event = load_with_event(entry.registration_id)
    session = _code_of(entry.session_id)
    details = {"way": entry.mode, **({"session": session} if session else {})}
    left = _left_for(entry, registration) if until is None else {}
    freed = seats.give(entry, at=at, offer_until=until)
    if until is None:
        freed += take_seat(entry, registration, event, at=at)
        record(SYSTEM, "promote", registration, event, **details)
        news.setdefault(registration.id, []).append({"session": session, **left})
        return freed
    if registration.status == RegistrationStatus.WAITLISTED:
        set_status(registration, RegistrationStatus.OFFERED)
    if entry.session_id is not None:
        entry_changes(registration.id)
    record(SYSTEM, "offer_seat", registration, event, **details)
    whom = whose(registration) if session is None else f"{registration.id}-{session}"  # one deed may offer two sessions
    mail_person(registration, event, "seat_offered", dedupe=stamp(whom, at), session=session)
    return freed


def _tell_promoted(registration_id: int, gained: list[dict[str, Any]], *, at: datetime) -> None:
    """One mail about all that the person has gained by one deed: a seat at the event goes before those at sessions."""
    registration, event = load_with_event(registration_id)
    facts = next((one for one in gained if one["session"] is None), gained[0])
    if len(gained) > 1 and facts["session"] is not None:
        left = [code for one in gained for code in one["left_sessions"]]
        facts = {**facts, "sessions": [one["session"] for one in gained], "left_sessions": left}
    whom = whose(registration) if facts["session"] is None else registration.id
    mail_person(registration, event, state_after_promotion(registration), dedupe=stamp(whom, at), **facts)


def state_after_promotion(registration: Registration) -> str:
    """The message: who has a seat at the event, but has to wait for every session, is told just that."""
    return "promoted" if registration.has_seat else "waitlisted"


def take_seat(entry: Entry, registration: Registration, event: Event, *, at: datetime) -> list[int]:
    """The seat of this entry is the person's for good; the sessions follow. Returns the pools that have a seat more."""
    if entry.session_id is not None:
        come_by(registration, registration.mode, at=at)
        entry_changes(registration.id)
        return []
    come_by(registration, entry.mode, at=at)
    return arrange(registration, has_list=event.has_waiting_list, at=at).freed


def _left_for(entry: Entry, registration: Registration) -> dict[str, Any]:
    """What somebody with a seat leaves for this one: the other mode, or sessions at the same time."""
    if entry.session_id is None:
        return {"left": registration.mode if registration.has_seat else None}
    this = db.session.get_one(Session, entry.session_id)
    held = (one for one in seats.session_seats_of(registration.id) if one.session_id != this.id)
    others = [db.session.get_one(Session, one.session_id) for one in held if not one.is_offered]
    return {"left_sessions": [other.code for other in others if overlap(this, other)]}


def _code_of(session_id: int | None) -> str | None:
    return db.session.get_one(Session, session_id).code if session_id is not None else None


def expire_offers() -> int:
    """End the offers whose time is over, each in a transaction of its own, and ask the next ones."""
    ended = 0
    for event_id, entry_id in waiting.overdue_offers():
        with transaction():
            seats.hold(event_id)
            # The person may have taken it, or somebody else may have ended it, since we asked.
            if (event_id, entry_id) in waiting.overdue_offers(event_id):
                _expire(entry_id)
                ended += 1
    return ended


def end_overdue_offers_at(event_id: int) -> None:
    """The same for one event, in a running transaction: nobody is sent away from seats that only seem to be kept."""
    seats.hold(event_id)
    release_due(event_id)
    for _event_id, entry_id in waiting.overdue_offers(event_id):
        _expire(entry_id)
    for _event_id, registration_id in overdue_unconfirmed(event_id):
        registration = db.session.get_one(Registration, registration_id)
        if registration.status == RegistrationStatus.UNCONFIRMED:  # else ended with somebody of the same party
            end_unconfirmed(registration)


def release_due(event_id: int) -> None:
    """Let kept seats whose day has come join everybody's, in a running transaction that holds the event's seats."""
    released = partner_seats.release_due(event_id)
    if not released:
        return
    event = db.session.get_one(Event, event_id)
    for one in released:
        audit.record(
            SYSTEM,
            "release_kept_seats",
            organization_id=event.organization_id,
            event_id=event_id,
            subject=("partner", one.partner_id),
            way=one.mode,
            seats=one.unused,
        )
    raise_change_number(event_id, *promote(event_id, {one.pool_id: None for one in released}, most=AT_A_TIME))


def overdue_unconfirmed(event_id: int | None = None) -> list[tuple[int, int]]:
    """Event and registration of each sign-up whose mail's button was not pressed in time."""
    late = select(Registration.event_id, Registration.id).where(
        Registration.hold_until <= now(), Registration.status == RegistrationStatus.UNCONFIRMED
    )
    if event_id is not None:
        late = late.where(Registration.event_id == event_id)
    return [(row.event_id, row.id) for row in execute(late.order_by(Registration.id))]


def end_unconfirmed(registration: Registration) -> int:
    """Give the held seats of the person and of her party to the next ones, in a transaction that holds the pools.

    Returns how many people it were.
    """
    event, freed = db.session.get_one(Event, registration.event_id), list[int]()
    together = with_party(registration, RegistrationStatus.UNCONFIRMED)
    for one in together:
        set_status(one, RegistrationStatus.EXPIRED, ended_at=now(), ended_by="no_button", hold_until=None)
        freed += seats.release(one.id)
        record(SYSTEM, "expire_sign_up", one, event)
    promoted = promote(event.id, freed)
    raise_change_number(event.id, *(one.id for one in together), *promoted)
    return len(together)


def with_party(registration: Registration, *statuses: RegistrationStatus) -> list[Registration]:
    """The person with those of her party who are in one of these states, who signed up first first."""
    if registration.party_id is None:
        return [registration]
    of_party = select(Registration).where(
        Registration.party_id == registration.party_id, Registration.status.in_(statuses)
    )
    return list(db.session.scalars(of_party.order_by(Registration.id)))


def _expire(entry_id: int) -> None:
    """End this offer, and those of the same party with it, for they were made together."""
    entry, at = seats.find_entry(entry_id), now()
    if entry is None:
        return  # ended with that of somebody of the same party
    session = _code_of(entry.session_id)
    for one in seats.together_with(entry):
        registration, event = load_with_event(one.registration_id)
        end_offer(one, registration, event, actor=SYSTEM, action="expire_offer", by="time")
        whom = whose(registration) if session is None else registration.id
        mail_person(registration, event, "offer_over", dedupe=stamp(whom, at), session=session)


def end_offer(entry: Entry, registration: Registration, event: Event, *, actor: Actor, action: str, by: str) -> None:
    """Give the offered seat to the next one; a registration that had nothing else is over."""
    freed = seats.leave(entry)
    if entry.session_id is not None:
        entry_changes(registration.id)
    if registration.status == RegistrationStatus.OFFERED:
        others = seats.session_entries_of(registration.id)
        if others:  # sessions that are still waited for, or offered
            is_asked = any(other.offer_until for other in others)
            set_status(registration, RegistrationStatus.OFFERED if is_asked else RegistrationStatus.WAITLISTED)
        else:
            set_status(registration, RegistrationStatus.EXPIRED, ended_at=now(), ended_by=by)
            freed += seats.release(registration.id)
    promoted = promote(event.id, freed)
    record(actor, action, registration, event)
    raise_change_number(event.id, registration.id, *promoted)


def remind_of_offers() -> int:
    """Tell those whose offer ends soon, each once."""
    reminded = 0
    for entry_id in waiting.offers_to_remind_of():
        with transaction():
            entry = seats.find_entry(entry_id)
            if entry is None or entry.offered_at is None:
                continue
            registration, event = load_with_event(entry.registration_id)
            session = _code_of(entry.session_id)
            dedupe = stamp(whose(registration) if session is None else registration.id, entry.offered_at)
            reminded += mail_person(registration, event, "offer_ending", dedupe=dedupe, session=session)
    return reminded


def fill_seats(event_id: int, most: int = AT_A_TIME) -> int:
    """Hand on the seats that became free by themselves, as when more were added: one person per transaction.

    So nobody holds the pools for long, newcomers come in between, and whoever is interrupted goes on with the next one.
    Returns how many moved.
    """
    moved = 0
    while moved < most:
        begun = monotonic()
        with transaction():
            seats.hold(event_id)
            touched = promote(event_id, seats.pools_at(event_id), most=1)
            if touched:
                raise_change_number(event_id, *touched)
        if not touched:
            break
        moved += 1
        give_way(monotonic() - begun)
    return moved


def tend_queues() -> None:
    """What the worker does every minute, whatever happened to those who should have done it."""
    expire_offers()
    remind_of_offers()
    for event_id in waiting.events_that_can_promote():
        fill_seats(event_id, most=10 * AT_A_TIME)


def come_by(registration: Registration, mode: str, *, at: datetime) -> None:
    """The registration has a seat of this mode now."""
    confirmed_at = registration.confirmed_at or at
    set_status(registration, RegistrationStatus.CONFIRMED, mode=mode, confirmed_at=confirmed_at)


def set_status(registration: Registration, status: RegistrationStatus, **more: object) -> None:
    """Write the status and more columns; the object hears of it.

    With another status the person's calendar entry is a new revision, and with another mode where that matters to what
    is to come. What was stays as it was.
    """
    is_other_way = more.get("mode", registration.mode) != registration.mode
    if status != registration.status or (is_other_way and _is_held_both_ways(registration.event_id)):
        entry_changes(registration.id)
    if is_other_way:
        keep_way(registration, now())
    registration.status = status
    for name, value in more.items():
        setattr(registration, name, value)


def _is_held_both_ways(event_id: int) -> bool:
    """Whether something to come is held in a hall and online, so that it is for each to say how to come."""
    return any(one.is_in_person and one.is_online for one in ahead_of(sessions_of(event_id), now()))


def record(actor: Actor, action: str, registration: Registration, event: Event, **details: str) -> None:
    audit.record(
        actor,
        action,
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
        **details,
    )


def hold_with_event(registration_id: int) -> tuple[Registration, Event]:
    """Registration and event as they are once nobody else can move a seat of the event. Raises `Missing`."""
    registration, event = load_with_event(registration_id)
    seats.hold(event.id)
    db.session.refresh(registration)
    db.session.refresh(event)
    return registration, event


def load_with_event(registration_id: int) -> tuple[Registration, Event]:
    """The registration and its event. Raises `Missing`."""
    registration = db.session.get(Registration, registration_id)
    if registration is None:
        raise Missing
    return registration, db.session.get_one(Event, registration.event_id)
