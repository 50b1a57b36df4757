"""Who was asked "do you come?", who has not answered, and whose seats are needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.catalogue.models import Event, EventStatus, SeatPool, SignUp
from app.core.clock import now
from app.core.db import db
from app.registration.models import Registration, RegistrationStatus, SeatClaim
from app.registration.partner_seats import guest_waits
from app.registration.rules import SETTLED, by_day, decide_release, last_by_day, latest_to_remind, remind_at
from app.registration.waiting import group_sizes

TIME_TO_ANSWER = timedelta(hours=12)
"""Nobody loses a seat sooner after the question, and the time never ends at night."""


@dataclass(frozen=True)
class Silent:
    """Somebody who has not answered; `is_needed`: the seat goes to the queue next, if there is still no answer."""

    id: int
    public_id: str
    name: str
    phone: str | None
    mode: str
    asked_at: datetime
    is_needed: bool


def events_to_ask() -> list[int]:
    """Events with people who are to be asked now."""
    at = now()
    rows = db.session.scalars(
        select(Event).where(
            Event.status == EventStatus.PUBLISHED,
            Event.sign_up == SignUp.HERE,
            Event.reconfirm_days > 0,
            Event.starts_at > at,
            Event.starts_at <= at + timedelta(days=31),
        )
    ).all()
    return [event.id for event in rows if question_at(event) <= at and people_to_ask(event, 1)]


def question_at(event: Event) -> datetime:
    """When the people of an event are asked whether they come."""
    return remind_at(event.starts_at, event.zone, 24 * event.reconfirm_days)


def release_at(event: Event) -> datetime:
    """From when on seats of silent people go to those who wait: by day, as far as that is before the start."""
    planned = event.starts_at - timedelta(hours=event.release_hours)
    return min(by_day(planned, event.zone), event.starts_at)


def needed_by(event: Event, asked_at: datetime) -> datetime:
    """From when on the seat of somebody who was asked then may go to others, if there is no answer."""
    return max(release_at(event), by_day(asked_at + TIME_TO_ANSWER, event.zone))


def answer_needed_by(registration: Registration) -> datetime | None:
    """From when on a silent person's seat may go to somebody who waits; None where it never does.

    `registration.event` must be loaded.
    """
    event = registration.event
    if not registration.owes_answer or registration.asked_at is None or not event.reconfirm_days:
        return None
    return needed_by(event, registration.asked_at)


def people_to_ask(event: Event, limit: int) -> list[Registration]:
    """Those who have had a seat for a while and were not asked since it was time to."""
    return list(db.session.scalars(_to_ask(event, event.reconfirm_days).order_by(Registration.id).limit(limit)))


def count_to_ask_at_once(event: Event, reconfirm_days: int) -> int:
    """How many people would be asked within a minute if the event asked so many days before."""
    at = now()
    is_due = remind_at(event.starts_at, event.zone, 24 * reconfirm_days) <= at < event.starts_at
    if not (reconfirm_days and is_due and event.status == EventStatus.PUBLISHED and event.sign_up == SignUp.HERE):
        return 0
    return db.session.scalar(_to_ask(event, reconfirm_days).with_only_columns(func.count())) or 0


def _to_ask(event: Event, reconfirm_days: int) -> Select[Registration]:
    hours = 24 * reconfirm_days
    asked = remind_at(event.starts_at, event.zone, hours)
    return select(Registration).where(
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.confirmed_at <= latest_to_remind(event.starts_at, event.zone, hours),
        or_(Registration.asked_at.is_(None), Registration.asked_at < asked),
        or_(Registration.replied_at.is_(None), Registration.replied_at < asked - SETTLED),
    )


def events_to_release() -> list[int]:
    """Events where somebody waits and the time to answer is over."""
    at = now()
    rows = db.session.scalars(
        select(Event)
        .where(
            Event.status == EventStatus.PUBLISHED,
            Event.reconfirm_days > 0,
            Event.starts_at > at,
            Event.id.in_(select(SeatPool.event_id).where(SeatPool.waiting > 0)),
        )
        .order_by(Event.id)
    ).all()
    return [event.id for event in rows if release_at(event) <= at and next_to_release(event.id)]


def next_to_release(event_id: int) -> list[int]:
    """Whose seats are needed now, for those to move up whose turn it is next. The event's pools must be held."""
    zone = db.session.get_one(Event, event_id).zone
    asked_long_ago = _silent(event_id).where(
        or_(SeatPool.waiting > 0, guest_waits()), Registration.asked_at <= last_by_day(now(), zone) - TIME_TO_ANSWER
    )
    silent: dict[int, list[int]] = {}
    for row in db.session.execute(asked_long_ago.with_only_columns(Registration.id, SeatPool.id.label("pool_id"))):
        silent.setdefault(row.pool_id, []).append(row.id)
    for pool_id, people in silent.items():
        steps = _steps(event_id, pool_id, len(people))
        if steps:
            return people[: steps[0]]
    return []


def _steps(event_id: int, pool_id: int, silent: int) -> list[int]:
    pool = db.session.get_one(SeatPool, pool_id, populate_existing=True)
    if pool.capacity is None:
        return []
    return decide_release(group_sizes(event_id, pool.mode, pool.partner_id), pool.capacity - pool.taken, silent)


def silent_people(event_id: int) -> list[Silent]:
    """Everybody who was asked and has not answered, in the order in which seats would be given away."""
    rows = db.session.execute(
        _silent(event_id).with_only_columns(SeatPool.id, func.count()).group_by(SeatPool.id).order_by(None)
    )
    needed = {pool_id: sum(_steps(event_id, pool_id, number)) for pool_id, number in rows}
    names = ("id", "public_id", "name", "phone", "mode", "asked_at")
    columns = [getattr(Registration, name) for name in names]
    found = []
    for row in db.session.execute(_silent(event_id).with_only_columns(*columns, SeatPool.id.label("pool_id"))):
        facts = {name: getattr(row, name) for name in names}
        found.append(Silent(**facts, is_needed=needed[row.pool_id] > 0))
        needed[row.pool_id] -= 1
    return found


def count_answers(event_id: int) -> tuple[int, int]:
    """How many were asked and still have a seat, and how many of them have answered."""
    asked, silent = db.session.execute(
        select(func.count(), func.count().filter(_OWES))
        .select_from(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.asked_at.is_not(None),
        )
    ).one()
    return asked, asked - silent


_OWES = or_(Registration.replied_at.is_(None), Registration.replied_at < Registration.asked_at)


_MATE = aliased(Registration)
_HAS_MATE = exists().where(
    _MATE.party_id == Registration.party_id,
    _MATE.id != Registration.id,
    _MATE.status == RegistrationStatus.CONFIRMED,
)


def _silent(event_id: int) -> Select[Any]:
    """Who can only be phoned comes last, and before them who comes with others; else who signed up last goes first."""
    only_phone = Registration.contact_id.is_(None) | Registration.wants_call
    return (
        select(Registration)
        .join(SeatClaim, SeatClaim.registration_id == Registration.id)
        .join(SeatPool, SeatPool.id == SeatClaim.pool_id)
        .where(
            Registration.event_id == event_id,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.asked_at.is_not(None),
            _OWES,
            SeatPool.session_id.is_(None),
            SeatPool.mode == Registration.mode,
        )
        .order_by(only_phone, _HAS_MATE, Registration.confirmed_at.desc(), Registration.id.desc())
    )
