"""Reminders before the start, by mail or on the call list."""

from __future__ import annotations

from sqlalchemy import select

from app.catalogue.models import Event
from app.catalogue.queries import sessions_of
from app.core.clock import now
from app.core.db import db, execute, insert_unless_there, transaction
from app.messaging import outbox
from app.registration.models import ReminderRound
from app.registration.operations.telling import call_person, whose
from app.registration.reminders import DueReminder, Reminded, due_reminders, people_to_remind
from app.registration.rules import latest_to_remind, needs_call

AT_A_TIME = 200


def send_reminders() -> int:
    """Remind everybody whose reminder is due, each once; returns how many were looked at.

    Batch by batch, each in a transaction of its own: nobody else waits long, and what is broken off goes on.
    """
    reminded = 0
    for due in due_reminders():
        while True:
            with transaction():
                batch = _remind_next(due)
            reminded += batch
            if batch < AT_A_TIME:
                break
    return reminded


def count_as_reminded(event_id: int, session_id: int | None = None) -> None:
    """After a message about a new time: no reminder follows that would only say the same again. In a transaction.

    `session_id`: the message was about this session alone.
    """
    event = db.session.get_one(Event, event_id)
    for session in sessions_of(event_id):
        if session_id not in (None, session.id):
            continue
        for hours in (event.reminder_hours, event.late_reminder_hours):
            if hours and latest_to_remind(session.starts_at, session.zone, hours) <= now():
                done = {"session_id": session.id, "starts_at": session.starts_at, "hours": hours, "up_to": 0}
                execute(insert_unless_there(ReminderRound, returning=("id",)), {**done, "done_at": now()})


def _remind_next(due: DueReminder) -> int:
    key = {"session_id": due.session_id, "starts_at": due.starts_at, "hours": due.hours}
    execute(insert_unless_there(ReminderRound, returning=("id",)), {**key, "up_to": 0, "done_at": None})
    this = db.session.scalars(select(ReminderRound).filter_by(**key)).one()
    since = latest_to_remind(due.starts_at, due.zone, due.hours)
    people = people_to_remind(due, since=since, after=this.up_to, limit=AT_A_TIME)
    for person in people:
        _remind(person, due)
    if people:
        this.up_to = people[-1].id
    if len(people) < AT_A_TIME:
        this.done_at = now()
    return len(people)


def _remind(person: Reminded, due: DueReminder) -> None:
    starts_at = due.starts_at.isoformat()
    if due.hours >= 24 and needs_call(person.contact_id, person.phone, wants=person.wants_call):
        call_person(person.id, "reminder", starts_at=starts_at)
    if person.email is not None:
        outbox.put(
            "reminder",
            to=person.email,
            language=person.language,
            facts={"registration": person.public_id, "starts_at": starts_at},
            organization_id=due.organization_id,
            dedupe_key=f"reminder:{whose(person)}:{due.starts_at:%Y%m%dT%H%M}:{due.hours}",
            priority=outbox.BULK,
        )
