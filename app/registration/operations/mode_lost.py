"""A way of coming is taken away while people use it: all of them come the other way instead, and are asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from app.catalogue.models import Event, Mode, SeatPool, Session, SessionStatus
from app.catalogue.operations import TooFewSeats
from app.catalogue.operations.seats import close_modes, modes_of
from app.catalogue.queries import choices_of, kept_capacity, modes_ahead, pools_of, sessions_of
from app.catalogue.values import EventValues, SessionValues
from app.core.clock import now
from app.core.db import db
from app.core.i18n import ngettext
from app.registration import partner_seats, seats
from app.registration.models import ACTIVE, Registration, RegistrationStatus, SeatClaim, WaitingEntry
from app.registration.operations.waiting import come_by, set_status
from app.registration.own_sessions import SEATED
from app.registration.session_seats import arrange


def lost_mode(event: Event, values: EventValues) -> str | None:
    """The mode that something to come of the event is held in, and won't be any more."""
    return next(iter(modes_ahead(event.id) - modes_of(values)), None)


def lost_with(session: Session, values: SessionValues | None = None) -> str | None:
    """The mode that nothing to come is held in once this session is as in `values`, or called off without any.

    None where the session is over, or nothing else is to come: what was, stays as it was.
    """
    ahead = [one for one in sessions_of(session.event_id) if one.status == SessionStatus.SCHEDULED]
    ahead = [one for one in ahead if one.ends_at > now()]
    stay = [modes_of(one) for one in ahead if one.id != session.id] + ([modes_of(values)] if values else [])
    if session not in ahead or not stay:
        return None
    return next(iter(modes_of(session).difference(*stay)), None)


class Users(NamedTuple):
    """How many people use a mode: with a seat, and without one, who wait or have asked for it."""

    seated: int
    others: int


def users_of(event_id: int, mode: str | None) -> Users:
    """Who uses this mode of the event; nobody uses none."""
    query = select(Registration.status).where(
        Registration.event_id == event_id, Registration.mode == mode, Registration.status.in_(ACTIVE)
    )
    states = list(db.session.scalars(query)) if mode else []
    seated = sum(one in SEATED for one in states)
    return Users(seated, len(states) - seated)


class Moved(NamedTuple):
    """Registrations that came another way because theirs was lost; `seated` are those who have a seat by that."""

    touched: Sequence[int] = ()
    seated: Sequence[int] = ()


def leave_mode(event: Event, values: EventValues) -> Moved:
    """Let everybody who uses the mode that is lost use the one that stays, in a running transaction.

    The event's seats are held, and it still offers both. Seats stay seats, whatever the limit; who waits goes to the
    end of the other queue. Nobody is mailed here: the message about the change is the one. Raises `TooFewSeats` where
    the limit is too low and the organizer hasn't agreed to go over it.
    """
    lost = lost_mode(event, values)
    if lost is None:
        return Moved()
    partner_seats.release_mode(event.id, lost)
    if not is_used(event.id, lost):
        return Moved()
    (kept,) = modes_of(values)
    capacity = values.capacity_online if kept == Mode.ONLINE else values.capacity_in_person
    _open_pools(event.id, lost, kept, capacity)
    moved = come_other_way(event, lost, kept)
    _check_limit(_pool_id(event.id, kept), kept, capacity, anyway=values.confirm_over_limit)
    return moved


def leave_with_session(event: Event, lost: str | None) -> Moved:
    """The same after the last session held in this mode was called off or changed; the seats of the mode go for good.

    Nobody can keep what isn't held, so there is no limit for those who come the other way now.
    """
    if lost is None:
        return Moved()
    partner_seats.release_mode(event.id, lost)
    kept = Mode.IN_PERSON if lost == Mode.ONLINE else Mode.ONLINE
    moved = come_other_way(event, lost, kept) if is_used(event.id, lost) else Moved()
    close_modes(event, [lost])
    return moved


def come_other_way(event: Event, lost: str, kept: str) -> Moved:
    """Whoever has a seat of the mode that is lost, waits for one or asked for one now does so in the one that stays."""
    using = select(Registration.id).where(
        Registration.event_id == event.id, Registration.mode == lost, Registration.status.in_(ACTIVE)
    )
    users = list(db.session.scalars(using.order_by(Registration.id)))
    old, new = _pool_id(event.id, lost), _pool_id(event.id, kept)
    touched = _move_seats(old, new, kept) + _empty_queue(old, new, kept)
    for registration_id in users:
        registration = db.session.get_one(Registration, registration_id)
        set_status(registration, RegistrationStatus(registration.status), mode=kept)
    for registration_id in touched:
        arrange(db.session.get_one(Registration, registration_id), has_list=event.has_waiting_list, at=now())
    return Moved(touched, [one for one in users if db.session.get_one(Registration, one).has_seat])


def is_used(event_id: int, mode: str) -> bool:
    """Whether somebody has a seat of this mode, waits for one or has asked for it."""
    pools = select(SeatPool.id).where(SeatPool.event_id == event_id, SeatPool.mode == mode)
    used = pools.where(SeatPool.taken + SeatPool.waiting > 0)
    return db.session.scalar(used.limit(1)) is not None or any(users_of(event_id, mode))


def _pool_id(event_id: int, mode: str) -> int:
    whole = select(SeatPool.id).where(SeatPool.event_id == event_id, SeatPool.mode == mode)
    return db.session.scalars(whole.where(SeatPool.session_id.is_(None), SeatPool.partner_id.is_(None))).one()


def _open_pools(event_id: int, lost: str, kept: str, capacity: int | None) -> None:
    """Make the pools of the mode that stays where there are none yet, those of chosen sessions as large as the old.

    The pool of the event as a whole gets its new limit, so that nobody who only waits gets a seat that there isn't.
    """
    for choice in choices_of(event_id).to_choose:
        if kept not in choice.pools and lost in choice.pools:
            seats_there = choice.pools[lost].capacity
            db.session.add(SeatPool(event_id=event_id, session_id=choice.session.id, mode=kept, capacity=seats_there))
    whole = select(SeatPool.id).where(
        SeatPool.event_id == event_id,
        SeatPool.mode == kept,
        SeatPool.session_id.is_(None),
        SeatPool.partner_id.is_(None),
    )
    pool_id = db.session.scalar(whole)
    if pool_id is None:
        db.session.add(SeatPool(event_id=event_id, mode=kept, capacity=capacity))
        db.session.flush()
        return
    everybodys = None if capacity is None else max(capacity - kept_capacity(pools_of(event_id))[kept], 0)
    db.session.execute(update(SeatPool).where(SeatPool.id == pool_id).values(capacity=everybodys))


def _empty_queue(old: int, new: int, kept: str) -> list[int]:
    """Who waited for the lost mode without a seat waits for the other; who has a seat there only stops waiting."""
    at, touched = now(), []
    entries = select(WaitingEntry.id).where(WaitingEntry.pool_id == old).order_by(WaitingEntry.id)
    for entry_id in list(db.session.scalars(entries)):
        entry = seats.find_entry(entry_id)
        if entry is None:
            continue  # moved together with somebody of the same party
        together = seats.together_with(entry)
        for one in together:
            seats.leave(one)
        people = [db.session.get_one(Registration, one.registration_id) for one in together]
        touched += [registration.id for registration in people]
        homeless = [one for one in people if not (seats.held_by(one.id) or seats.entries_of(one.id))]
        _find_place(homeless, new, kept, at=at)
    return touched


def _find_place(people: list[Registration], new: int, kept: str, *, at: datetime) -> None:
    """A seat of the mode that stays for each of these, or a place in its queue for each."""
    if not people:
        return
    if seats.claim_together([one.id for one in people], new):
        for one in people:
            come_by(one, kept, at=at)
        return
    seats.wait_together([one.id for one in people], new, at)
    for one in people:
        set_status(one, RegistrationStatus.WAITLISTED, mode=kept)


def _move_seats(old: int, new: int, kept: str) -> list[int]:
    """Who has a seat has one of the other mode now; an offer or a place in that queue turns into it."""
    offered = select(WaitingEntry.registration_id).where(WaitingEntry.pool_id == old)
    held = select(SeatClaim.registration_id).where(SeatClaim.pool_id == old, SeatClaim.registration_id.not_in(offered))
    touched = list(db.session.scalars(held.order_by(SeatClaim.id)))
    for registration_id in touched:
        registration = db.session.get_one(Registration, registration_id)
        for entry in seats.entries_of(registration_id):
            seats.leave(entry)
        if new not in seats.held_by(registration_id):
            seats.claim_over_limit(registration_id, new)
        seats.give_back(registration_id, old)
        if registration.has_seat:
            come_by(registration, kept, at=now())
    return touched


def _check_limit(pool_id: int, mode: str, capacity: int | None, *, anyway: bool) -> None:
    pool = db.session.execute(select(SeatPool.taken, SeatPool.event_id).where(SeatPool.id == pool_id)).one()
    taken = pool.taken + kept_capacity(pools_of(pool.event_id))[mode]
    if capacity is None or taken <= capacity or anyway:
        return
    raise TooFewSeats(
        ngettext(
            "With those who came the other way %(num)d person has a seat. Give as many seats, or tick the box to go "
            "over the limit.",
            "With those who came the other way %(num)d people have a seat. Give as many seats, or tick the box to go "
            "over the limit.",
            taken,
        ),
        mode=mode,
        taken=taken,
        capacity=capacity,
    )
