"""Which reminders are due, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.catalogue.models import Event, EventStatus, Session, SessionStatus, SignUp
from app.core.clock import now
from app.core.db import db
from app.registration.models import Contact, Registration, RegistrationStatus, ReminderRound
from app.registration.rules import decide_reminder, is_worth_a_reminder

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
    query = select(Session).where(Session.event_id == due.event_id, Session.status == SessionStatus.SCHEDULED)
    sessions = {session.id: session for session in db.session.scalars(query)}
    return due.session_id in sessions and is_worth_a_reminder(sessions[due.session_id], sessions.values())


def people_to_remind(event_id: int, *, since: datetime, after: int, limit: int) -> list[Reminded]:
    """The next of those who have had a seat since then, by their number."""
    rows = db.session.execute(
        select(
            *(Registration.id, Registration.public_id, Registration.language),
            *(Contact.email, Registration.contact_id, Registration.phone, Registration.wants_call),
        )
        .outerjoin(Contact, Contact.id == Registration.contact_id)
        .where(
            Registration.event_id == event_id,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.confirmed_at <= since,
            Registration.id > after,
        )
        .order_by(Registration.id)
        .limit(limit)
    )
    return [Reminded(*row) for row in rows]  # type: ignore[arg-type]
