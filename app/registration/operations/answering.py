"""Changing answers afterwards, by the person or the organizer, and deleting those whose time is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, select, update

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.core import audit
from app.core.audit import PARTICIPANT, SYSTEM, Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.i18n import gettext as _
from app.registration.models import Registration
from app.registration.operations.people import load_person
from app.registration.operations.storing_answers import refuse_missing, replace_answers, store_first_answers
from app.registration.operations.waiting import load_with_event
from app.registration.operations.ways import TooLateToChange
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.models import Question, QuestionAnswer
from app.registration.questions.queries import answers_of, questions_to_ask
from app.registration.questions.rules import keep_until
from app.registration.rules import may_change
from app.registration.waiting import terms_of

AT_A_TIME = 200


def change_own_answers(*, registration_id: int, answers: Mapping[int, Any], kept: Collection[int] = ()) -> bool:
    """The person answers otherwise from now on; False when nothing changes. Answers to `kept` stay as they are.

    No mail: nothing that the mails say has changed. Raises `TooLateToChange`, `AnswersNeeded`, `Missing`.
    """
    with transaction():
        registration, event = load_with_event(registration_id)
        if not registration.is_active or not may_change(terms_of(event.id), now()):
            raise TooLateToChange(_("This can no longer be changed here. Please ask the organizer."))
        asked = questions_to_ask(event)
        _hold(registration_id)
        before = answers_of(registration_id)
        wanted = dict(answers) | {one: before[one] for one in kept if one in before}
        refuse_missing(asked, wanted, besides=kept)
        return _change(PARTICIPANT, registration, event, asked, wanted)


def correct_answers(*, actor: Person, registration_id: int, answers: Mapping[int, Any]) -> bool:
    """The organizer writes somebody's answers right, at any time; nothing is required. False when nothing changes.

    No mail. Raises `NotAllowed`, `Missing`.
    """
    with transaction():
        registration, event = load_person(actor, registration_id)
        _hold(registration_id)
        return _change(actor.actor, registration, event, questions_to_ask(event), answers)


def _hold(registration_id: int) -> None:
    """Let nobody else change this person's answers meanwhile."""
    execute(update(Registration).where(Registration.id == registration_id).values(changed_at=now()))


def _change(
    actor: Actor,
    registration: Registration,
    event: Event,
    asked: tuple[AskedQuestion, ...],
    answers: Mapping[int, Any],
) -> bool:
    changed = replace_answers(registration.id, asked, answers)
    if changed:
        audit.record(
            actor,
            "change_answers",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration.id),
            questions=[one.key for one in changed],
        )
    return bool(changed)


def take_answers_along(registration_id: int, moved_id: int, event_id: int) -> None:
    """Copy what a person who is moved has answered, where the other event asks the same. In a running transaction."""
    store_first_answers(event_id, moved_id, answers_of(registration_id), is_needed=False)


def delete_old_answers() -> int:
    """Delete the sensitive answers whose time is over, event by event; returns how many. Done by the worker."""
    deleted = 0
    for event_id in _past_events():
        batch = AT_A_TIME
        while batch == AT_A_TIME:
            with transaction():
                batch = _delete_next(event_id)
            deleted += batch
    return deleted


def _past_events() -> list[int]:
    """The past events that have sensitive answers."""
    query = (
        select(Event.id)
        .join(Registration, Registration.event_id == Event.id)
        .join(QuestionAnswer, QuestionAnswer.registration_id == Registration.id)
        .join(Question, Question.id == QuestionAnswer.question_id)
        .where(Question.keep_days.is_not(None), Event.ends_at <= now())
        .distinct()
        .order_by(Event.id)
    )
    return list(db.session.scalars(query))


def _delete_next(event_id: int) -> int:
    """Some of the event's answers whose time is over, as the event stands now: it may just have been postponed."""
    event = db.session.get_one(Event, event_id)
    answers = (
        select(QuestionAnswer.id)
        .join(Registration, Registration.id == QuestionAnswer.registration_id)
        .where(Registration.event_id == event_id, QuestionAnswer.question_id.in_(_overdue_questions(event)))
        .limit(AT_A_TIME)
    )
    ids = db.session.scalars(answers).all()
    if ids:
        execute(delete(QuestionAnswer).where(QuestionAnswer.id.in_(ids)))
        audit.record(
            SYSTEM, "delete_answers", organization_id=event.organization_id, event_id=event_id, number=len(ids)
        )
    return len(ids)


def _overdue_questions(event: Event) -> list[int]:
    """The sensitive questions of the organization whose answers were kept until now at most."""
    sensitive = select(Question.id, Question.keep_days).where(
        Question.organization_id == event.organization_id, Question.keep_days.is_not(None)
    )
    rows = db.session.execute(sensitive).all()
    return [one for one, days in rows if days is not None and keep_until(event.ends_at, event.zone, days) <= now()]
