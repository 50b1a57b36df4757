"""What one can ask about questions and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db, execute, table_of
from app.registration.models import Registration, RegistrationStatus
from app.registration.questions.asked import AskedQuestion, options_from
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.kind import Summary
from app.registration.questions.models import EventQuestion, Question, QuestionAnswer
from app.registration.questions.rules import is_kept, keep_until

FEWEST_TO_SUGGEST = 3
"""A name is suggested once so many people have given it, each by an address of their own."""

MOST_SUGGESTIONS = 50

_question, _asked, _answer = table_of(Question), table_of(EventQuestion), table_of(QuestionAnswer)
_registration = table_of(Registration)
_QUESTION = tuple(
    _question.c[name] for name in ("id", "key", "kind", "label", "help", "options", "lowest", "highest", "keep_days")
)
_OF_EVENT = (
    select(*_QUESTION, _asked.c.is_required, _asked.c.only_if_id, _asked.c.only_if_codes)
    .join_from(_asked, _question, _question.c.id == _asked.c.question_id)
    .where(_asked.c.event_id == bindparam("event_id"))
    .order_by(_asked.c.position, _asked.c.id)
)
_ANSWERS = select(_answer.c.question_id, _answer.c.value).where(
    _answer.c.registration_id == bindparam("registration_id")
)
_people = func.count(_registration.c.contact_id.distinct())
_SUGGESTED = (
    select(func.min(_answer.c.id))
    .join_from(_answer, _registration, _registration.c.id == _answer.c.registration_id)
    .where(
        _answer.c.question_id == bindparam("question_id"),
        _answer.c.folded.is_not(None),
        _registration.c.status == RegistrationStatus.CONFIRMED,
    )
    .group_by(_answer.c.folded)
    .having(_people >= FEWEST_TO_SUGGEST)
    .order_by(_people.desc(), _answer.c.folded)
    .limit(MOST_SUGGESTIONS)
)


def questions_of(event_id: int) -> tuple[AskedQuestion, ...]:
    """What the event asks, in order."""
    return tuple(
        AskedQuestion(
            row.id,
            row.key,
            row.kind,
            row.label,
            row.help,
            options=options_from(row.options),
            lowest=row.lowest,
            highest=row.highest,
            keep_days=row.keep_days,
            is_required=row.is_required,
            only_if_id=row.only_if_id,
            only_if_codes=tuple(row.only_if_codes),
        )
        for row in execute(_OF_EVENT, {"event_id": event_id})
    )


def questions_to_ask(event: Event) -> tuple[AskedQuestion, ...]:
    """What the event asks, without those whose answers would have been deleted by now."""
    if not event.asks_questions:
        return ()
    return tuple(one for one in questions_of(event.id) if is_kept(one, event.ends_at, event.zone, now()))


def asked_as(row: Question) -> AskedQuestion:
    """A question of the library, as nobody asks it yet."""
    return AskedQuestion(
        row.id,
        row.key,
        row.kind,
        row.label,
        row.help,
        options=options_from(row.options),
        lowest=row.lowest,
        highest=row.highest,
        keep_days=row.keep_days,
    )


def answers_of(registration_id: int) -> dict[int, Any]:
    """What one person answered, by question."""
    rows = execute(_ANSWERS, {"registration_id": registration_id})
    return {row.question_id: row.value for row in rows}


def suggested_names(asked: Iterable[AskedQuestion]) -> dict[int, list[str]]:
    """What the form suggests, by question: names that at least three people gave, so that it tells nobody's own words.

    People are counted by address, or one could make three of oneself with three names. One indexed query for each
    question that suggests anything; none where there is no such question. Sensitive answers are never suggested.
    """
    return {one.id: _suggested(one.id) for one in asked if KINDS[one.kind].suggests and not one.is_sensitive}


def _suggested(question_id: int) -> list[str]:
    first = [row[0] for row in execute(_SUGGESTED, {"question_id": question_id})]
    if not first:
        return []
    names = dict(execute(select(_answer.c.id, _answer.c.value).where(_answer.c.id.in_(first))).all())
    return [str(names[one]) for one in first]


@dataclass(frozen=True)
class OwnAnswer:
    """What one person answered, in words; a sensitive answer is deleted at `until`."""

    question: AskedQuestion
    words: str
    until: datetime | None


def own_answers(registration: Registration) -> list[OwnAnswer]:
    """What the person answered, in the event's order, also what the event no longer asks; nothing past its time."""
    event = registration.event
    order = {one.id: place for place, one in enumerate(questions_of(event.id))}
    rows = db.session.execute(
        select(Question, QuestionAnswer.value)
        .join(QuestionAnswer, QuestionAnswer.question_id == Question.id)
        .where(QuestionAnswer.registration_id == registration.id)
        .order_by(Question.id)
    ).all()
    found = []
    for row, value in sorted(rows, key=lambda pair: order.get(pair[0].id, len(order))):
        question = asked_as(row)
        if is_kept(question, event.ends_at, event.zone, now()):
            until = None if row.keep_days is None else keep_until(event.ends_at, event.zone, row.keep_days)
            found.append(OwnAnswer(question, KINDS[row.kind].words(value, question), until))
    return found


@dataclass(frozen=True)
class PersonsText:
    """One person's answer in the list of texts."""

    public_id: str
    name: str
    text: str


@dataclass(frozen=True)
class QuestionSummary:
    """What the people with a seat answered to one question; `number` of them did."""

    question: AskedQuestion
    number: int
    summary: Summary
    texts: list[PersonsText]


def summaries_of(event: Event) -> tuple[int, list[QuestionSummary]]:
    """How many people have a seat, and what they answered to each question that the event asks."""
    seated = Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED
    people = db.session.scalar(select(func.count()).select_from(Registration).where(*seated)) or 0
    rows = db.session.execute(
        select(QuestionAnswer.question_id, QuestionAnswer.value, Registration.public_id, Registration.name)
        .join(Registration, Registration.id == QuestionAnswer.registration_id)
        .where(*seated)
        .order_by(Registration.name_folded, Registration.id)
    )
    given: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        given[row.question_id].append(row)
    return people, [_summary(question, given[question.id]) for question in questions_to_ask(event)]


def _summary(question: AskedQuestion, rows: Sequence[Any]) -> QuestionSummary:
    kind = KINDS[question.kind]
    summary = kind.summarize([row.value for row in rows], question)
    texts = [PersonsText(row.public_id, row.name, kind.words(row.value, question)) for row in rows]
    return QuestionSummary(question, len(rows), summary, texts if summary.has_texts else [])


def library_of(organization_id: int) -> list[Question]:
    """The questions of an organization: those in use first, each in the order in which they were made."""
    query = select(Question).where(Question.organization_id == organization_id)
    return list(db.session.scalars(query.order_by(Question.is_archived, Question.id)))


def find_question(organization_id: int, question_id: int) -> Question | None:
    """The question, if it is this organization's."""
    query = select(Question).where(Question.id == question_id, Question.organization_id == organization_id)
    return db.session.scalar(query)


def events_that_ask(question_ids: Iterable[int]) -> dict[int, list[Event]]:
    """The events that ask each of these questions, the latest first."""
    found: defaultdict[int, list[Event]] = defaultdict(list)
    rows = db.session.execute(
        select(EventQuestion.question_id, Event)
        .join(Event, Event.id == EventQuestion.event_id)
        .where(EventQuestion.question_id.in_(list(question_ids)))
        .order_by(Event.starts_at.desc(), Event.id)
    )
    for question_id, event in rows:
        found[question_id].append(event)
    return found


def chosen_codes(question_id: int) -> set[str]:
    """The options of a question that somebody has chosen, or that a condition names."""
    row = db.session.get_one(Question, question_id)
    kind = KINDS[row.kind]
    values = db.session.scalars(select(QuestionAnswer.value).where(QuestionAnswer.question_id == question_id))
    chosen = {code for value in values for code in kind.codes(value)}
    named = db.session.scalars(select(EventQuestion.only_if_codes).where(EventQuestion.only_if_id == question_id))
    return chosen.union(*named)


def is_answered(question_id: int) -> bool:
    """Whether somebody has answered, or a condition is about it."""
    answer = select(QuestionAnswer.id).where(QuestionAnswer.question_id == question_id).limit(1)
    condition = select(EventQuestion.id).where(EventQuestion.only_if_id == question_id).limit(1)
    return db.session.scalar(answer) is not None or db.session.scalar(condition) is not None
