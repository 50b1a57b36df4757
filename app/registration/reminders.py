"""Which reminders are due, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.catalogue.models import Event, EventStatus, SeatPool, Session, SessionStatus, SignUp
from app.core.clock import now
from app.core.db import db
from app.registration.models import (
    Contact,
    Registration,
    RegistrationStatus,
    ReminderRound,
    SeatClaim,
    WaitingEntry,
)
from app.registration.rules import REST, decide_reminder, is_worth_a_reminder

CLOCKS = timedelta(hours=2)
"""How much longer a day may be when clocks are changed, and then some."""


@dataclass(frozen=True)
class DueReminder:
    """A round of reminders whose time has come."""

    event_id: int
    organization_id: int
    session_id: int
    starts_at: datetime
    zone: str
    hours: int


@dataclass(frozen=True)
class Reminded:
    """A person with a seat, as a reminder needs it."""

    id: int
    public_id: str
    language: str
    email: str | None
    party_id: int | None
    contact_id: int | None
    phone: str | None
    wants_call: bool


def due_reminders() -> list[DueReminder]:
    """The rounds that are due and not done, by their start. Meetings that nobody can have forgotten have none."""
    at = now()
    longest = db.session.scalar(
        select(func.max(Event.reminder_hours)).where(Event.status == EventStatus.PUBLISHED, Event.ends_at > at)
    )
    late = db.session.scalar(
        select(func.max(Event.late_reminder_hours)).where(Event.status == EventStatus.PUBLISHED, Event.ends_at > at)
    )
    until = at + timedelta(hours=max(longest or 0, late or 0)) + CLOCKS
    rows = db.session.execute(
        select(Session, Event.organization_id, Event.reminder_hours, Event.late_reminder_hours)
        .join(Event, Event.id == Session.event_id)
        .where(
            Event.status == EventStatus.PUBLISHED,
            Event.sign_up == SignUp.HERE,
            Session.status == SessionStatus.SCHEDULED,
            Session.starts_at > at,
            Session.starts_at <= until,
        )
        .order_by(Session.starts_at, Session.id)
    ).all()
    found = []
    for session, organization_id, *leads in rows:
        hours = decide_reminder(session.starts_at, session.zone, leads, at)
        if hours is not None:
            due = (session.event_id, organization_id, session.id, session.starts_at, session.zone, hours)
            found.append(DueReminder(*due))
    return [due for due in _not_done(found) if _is_needed(due)]


def _not_done(found: Sequence[DueReminder]) -> list[DueReminder]:
    rows = db.session.execute(
        select(ReminderRound.session_id, ReminderRound.starts_at, ReminderRound.hours).where(
            ReminderRound.session_id.in_([due.session_id for due in found]), ReminderRound.done_at.is_not(None)
        )
    )
    done = {tuple(row) for row in rows}
    return [due for due in found if (due.session_id, due.starts_at, due.hours) not in done]


def _is_needed(due: DueReminder) -> bool:
    """Where people choose, it is another thing for each: `people_to_remind` looks at what each comes to."""
    query = select(Session).where(Session.event_id == due.event_id, Session.status == SessionStatus.SCHEDULED)
    sessions = {session.id: session for session in db.session.scalars(query.order_by(Session.id))}
    if due.session_id not in sessions:
        return False
    if db.session.scalar(select(_TO_CHOOSE.where(SeatPool.event_id == due.event_id).exists())):
        return True
    return is_worth_a_reminder(sessions[due.session_id], sessions.values())


def people_to_remind(due: DueReminder, *, since: datetime, after: int, limit: int) -> list[Reminded]:
    """The next of those who come to the session and have had a seat since then, by their number.

    Nobody is reminded of a session shortly before which there is another one that the person comes to.
    """
    this, other = aliased(Session), aliased(Session)
    is_earlier = or_(other.starts_at < this.starts_at, and_(other.starts_at == this.starts_at, other.id < this.id))
    before = (
        select(other.id)
        .join(this, this.id == due.session_id)
        .where(
            other.event_id == due.event_id,
            other.status == SessionStatus.SCHEDULED,
            other.ends_at > due.starts_at - REST,
            is_earlier,
            _comes_to(other.id),
        )
    )
    rows = db.session.execute(
        select(
            *(Registration.id, Registration.public_id, Registration.language),
            *(Contact.email, Registration.party_id, Registration.contact_id),
            *(Registration.phone, Registration.wants_call),
        )
        .outerjoin(Contact, Contact.id == Registration.contact_id)
        .where(
            Registration.event_id == due.event_id,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.confirmed_at <= since,
            Registration.id > after,
            _comes_to(literal(due.session_id)),
            ~before.exists(),
        )
        .order_by(Registration.id)
        .limit(limit)
    )
    return [Reminded(*row) for row in rows]


_TO_CHOOSE = select(SeatPool.id).where(SeatPool.session_id.is_not(None))


def _comes_to(session_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether the person comes to this session: it is for everybody, or there is a seat, and not only an offer."""
    pools = _TO_CHOOSE.where(SeatPool.session_id == session_id).correlate_except(SeatPool)
    seat = (
        select(SeatClaim.id)
        .join(SeatPool, SeatPool.id == SeatClaim.pool_id)
        .outerjoin(
            WaitingEntry,
            and_(WaitingEntry.pool_id == SeatClaim.pool_id, WaitingEntry.registration_id == SeatClaim.registration_id),
        )
        .where(
            SeatPool.session_id == session_id,
            SeatClaim.registration_id == Registration.id,
            WaitingEntry.id.is_(None),
        )
        .correlate_except(SeatClaim, SeatPool, WaitingEntry)
    )
    return or_(~pools.exists(), seat.exists())
