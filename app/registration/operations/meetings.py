"""Changing and calling off one session of an event that people have signed up for.

Every deed first holds the event's seats. Who comes to the session is told, each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, literal, select, update

from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.catalogue import queries as catalogue_queries
from app.catalogue.models import Event, SeatPool, Session, SessionStatus
from app.catalogue.rules import EventChange, readers_of
from app.catalogue.values import EventValues, SessionValues
from app.core.clock import now
from app.core.db import db, execute, table_of, transaction
from app.core.errors import Missing
from app.core.i18n import ngettext
from app.registration import queries, seats, waiting
from app.registration.earlier import frozen
from app.registration.ledger import raise_change_number
from app.registration.models import Registration, RegistrationStatus, SessionWish, WaitingEntry
from app.registration.operations.asking import forget_question, mark_asked
from app.registration.operations.mode_lost import Users, leave_with_session, lost_with, users_of
from app.registration.operations.reminding import count_as_reminded
from app.registration.operations.telling import mail_person, stamp, tell_all
from app.registration.operations.waiting import come_by, fill_seats
from app.registration.queries import NOBODY, Told


class Rehearsal(NamedTuple):
    """What saving would change, who would hear of it, and as in `Cancelling` who would come the other way."""

    change: EventChange
    told: Told
    lost: str | None
    users: Users


class Cancelling(NamedTuple):
    """What becomes of people by the calling off of a session.

    `lost` is the way of coming that the event offers no more, and `users` those who come the other way then. Those who
    count on these `session_ids` are `told`, or on the event as a whole where there are none.
    """

    lost: str | None
    users: Users
    session_ids: tuple[int, ...]
    told: Told


def change_session(
    *, actor: Person, session_id: int, values: SessionValues, seen: str, notify: bool = True
) -> EventChange:
    """Save an edited session; when time, place or mode moved, everybody who comes to it gets one mail.

    A session that was for everybody and is chosen from now on is kept by everybody who has a seat; the other way round
    its seats and its queue go, for everybody may come. Where it was the last one in the hall, or the last one online,
    it is as in `cancel_session`. Raises what `catalogue.operations.edit_session` raises.
    """
    with transaction():
        event, session = _hold(session_id)
        old = catalogue_queries.session_values(session, catalogue_queries.pools_of(event.id))
        before, is_known, lost = frozen(event, session), _is_known(event, session), lost_with(session, values)
        change = _change(actor, event, session, values, seen)
        moved = leave_with_session(event, lost)
        if EventChange.TIME in change:
            shorten_offers(event.id)
            if event.reconfirm_days and not notify and is_alone(event.id):
                forget_question(event.id)
        if change.moved and notify and (is_known or _is_known(event, session)):
            whom = whom_it_concerns(old, values, change)
            tell_moved(event, session, change, before, whom, is_for_all=bool(lost), seated=moved.seated)
            mark_asked(event.id, registration_ids=moved.seated)
        if moved.touched:
            raise_change_number(event.id, *moved.touched)
    if EventChange.SEATS in change or moved.touched:
        fill_seats(event.id)  # those who wait get the new seats, each in a transaction of its own
    return change


def rehearse_session_change(*, actor: Person, session_id: int, values: SessionValues, seen: str) -> Rehearsal:
    """What saving would change and who would hear of it; raises what saving would raise, and changes nothing."""
    with transaction() as database:
        event, session = _hold(session_id)
        old = catalogue_queries.session_values(session, catalogue_queries.pools_of(event.id))
        is_known, lost = _is_known(event, session), lost_with(session, values)
        users = users_of(event.id, lost)
        change = _change(actor, event, session, values, seen)
        is_told = change.moved and (is_known or _is_known(event, session))
        whom, session_ids = whom_it_concerns(old, values, change), () if lost else (session_id,)
        told = queries.told_of(event.id, *session_ids, whom=whom) if is_told else NOBODY
        database.rollback()
    return Rehearsal(change, told, lost, users)


def cancel_session(*, actor: Person, session_id: int, reason: str) -> int:
    """Call one session off; everybody who comes to it gets one `session_cancelled`. Returns how many are mailed.

    The event goes on. Seats and queues stay as they are, and nobody is promoted into the session any more. Where it was
    the last one in the hall, or the last one online, those who came that way come the other way; all hear of that.
    """
    with transaction():
        event, session = _hold(session_id)
        cancelling = cancelling_of(event, session)
        catalogue.mark_session_cancelled(actor=actor, session_id=session_id)
        moved = leave_with_session(event, cancelling.lost)
        mark_asked(event.id, registration_ids=moved.seated)
        mailed = 0
        if cancelling.told.all:
            only = catalogue_queries.modes_ahead(event.id) if cancelling.lost else ()
            facts: dict[str, Any] = {"session": session.uid, "reason": reason, "only": next(iter(only), "")}
            whose, key = cancelling.session_ids, session.uid
            mailed = tell_all(event, "session_cancelled", key=key, session_ids=whose, seated=moved.seated, **facts)
        raise_change_number(event.id, *moved.touched)
    if moved.touched:
        fill_seats(event.id)
    return mailed


def cancelling_of(event: Event, session: Session) -> Cancelling:
    """What becomes of people if this session of several is called off now."""
    lost = lost_with(session)
    session_ids = () if lost else (session.id,)
    return Cancelling(
        lost=lost,
        users=users_of(event.id, lost),
        session_ids=session_ids,
        told=queries.told_of(event.id, *session_ids) if _is_known(event, session) else NOBODY,
    )


def whom_it_concerns(
    old: EventValues | SessionValues, new: EventValues | SessionValues, change: EventChange
) -> queries.Whom:
    """Of the place those in the hall; of words alone those who read them."""
    return queries.Whom(in_the_hall=change.is_place_only, languages=readers_of(old, new, change))


def tell_moved(
    event: Event,
    session: Session,
    change: EventChange,
    before: dict[str, Any],
    whom: queries.Whom,
    *,
    is_for_all: bool = False,
    seated: Sequence[int] = (),
) -> None:
    """Tell those who come to the session, and whom it concerns, that it moved; in a running transaction.

    It `is_for_all` who count on the event where that can't be come to the same ways any more. Where the event has no
    other session, the event itself has moved, and people are asked whether they still come; not because of another room
    in the same house.
    """
    if EventChange.TIME in change:
        count_as_reminded(event.id, session.id)
    key = f"{event.changed_at:%Y%m%dT%H%M%S%f}"
    if is_alone(event.id):
        if change & (EventChange.TIME | EventChange.VENUE) or session.venue_id is None:
            mark_asked(event.id, whom=whom)
        message = "event_moved"
        facts: dict[str, Any] = {"sessions_before": {session.uid: before}}
    else:
        message, facts, key = "session_moved", {"session": session.uid, "before": before}, f"{key}:{session.uid}"
    if EventChange.MODES in change:
        facts["only"] = session.mode
    session_ids = [] if is_for_all else [session.id]
    tell_all(event, message, key=key, session_ids=session_ids, whom=whom, seated=seated, **facts)


def is_alone(event_id: int) -> bool:
    """Whether the event has one session that takes place."""
    held = [one for one in catalogue_queries.sessions_of(event_id) if one.status == SessionStatus.SCHEDULED]
    return len(held) == 1


def _hold(session_id: int) -> tuple[Event, Session]:
    """Session and event as they are once nobody else can move a seat of the event. Raises `Missing`."""
    event_id = execute(select(Session.event_id).where(Session.id == session_id)).scalar()
    if event_id is None:
        raise Missing
    seats.hold(event_id)
    sessions = catalogue_queries.sessions_of(event_id)
    return db.session.get_one(Event, event_id), next(one for one in sessions if one.id == session_id)


def _is_known(event: Event, session: Session) -> bool:
    """Whether people count on the session: it is public and not over."""
    return event.is_published and session.ends_at > now()


def _change(actor: Person, event: Event, session: Session, values: SessionValues, seen: str) -> EventChange:
    """Save, and move the seats of a session that becomes one to choose, or one for everybody."""
    pools = _pools_of(session.id)
    if pools and not values.is_chosen:
        for pool_id in pools:
            seats.empty(pool_id)
        execute(delete(SessionWish).where(SessionWish.session_id == session.id))
    change = catalogue.edit_session(actor=actor, session_id=session.id, values=values, seen=seen)
    if values.is_chosen and not pools:
        _keep_places(event, session, values)
    if pools and not values.is_chosen:
        _let_in(event, session)
    return change


def _let_in(event: Event, session: Session) -> None:
    """Whoever has a seat at the event, but only waited for sessions, has something to come to now, and is told."""
    if catalogue_queries.choices_of(event.id).must_choose:
        return
    waiting = (RegistrationStatus.WAITLISTED, RegistrationStatus.OFFERED)
    query = select(Registration).where(Registration.event_id == event.id, Registration.status.in_(waiting))
    for registration in db.session.scalars(query.order_by(Registration.id)).all():
        offered = {entry.pool_id for entry in seats.entries_of(registration.id) if entry.offer_until is not None}
        if set(seats.held_by(registration.id)) - offered:
            at = now()
            come_by(registration, registration.mode, at=at)
            mail_person(registration, event, "promoted", dedupe=stamp(registration.id, at), session=session.code)
            raise_change_number(event.id, registration.id)


def _pools_of(session_id: int) -> dict[int, tuple[str, int | None]]:
    """Mode and limit of each pool of the session, in the pools' order."""
    query = select(SeatPool.id, SeatPool.mode, SeatPool.capacity).where(SeatPool.session_id == session_id)
    return {row.id: (row.mode, row.capacity) for row in execute(query.order_by(SeatPool.id))}


def _keep_places(event: Event, session: Session, values: SessionValues) -> None:
    """Let everybody keep a session that was for all, those who wait for a seat too. Raises `TooFewSeats`."""
    for pool_id, (mode, capacity) in _pools_of(session.id).items():
        seated = seats.seat_all(pool_id)
        if capacity is not None and seated > capacity and not values.confirm_over_limit:
            raise catalogue.TooFewSeats(
                ngettext(
                    "%(num)d person has signed up and keeps this meeting. Give at least as many seats, or tick the "
                    "box to go over the limit.",
                    "%(num)d people have signed up and keep this meeting. Give at least as many seats, or tick the "
                    "box to go over the limit.",
                    seated,
                ),
                mode=mode,
                taken=seated,
                capacity=capacity,
            )
    waiting = (RegistrationStatus.WAITLISTED, RegistrationStatus.PENDING)
    wishes = select(Registration.id, literal(session.id)).where(
        Registration.event_id == event.id, Registration.status.in_(waiting)
    )
    execute(insert(table_of(SessionWish)).from_select(["registration_id", "session_id"], wishes))


def shorten_offers(event_id: int) -> None:
    """Let no offer outlast the start of an event that was moved to earlier. The pools must be held."""
    for pool in catalogue_queries.pools_of(event_id):
        start = waiting.terms_of(event_id, pool.session_id, pool.mode).next_start
        if start is not None:
            late = update(WaitingEntry).where(WaitingEntry.pool_id == pool.id, WaitingEntry.offer_until > start)
            execute(late.values(offer_until=start))
