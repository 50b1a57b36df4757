"""What an event asks: add from the library, order, require, ask only if."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.catalogue.operations.guards import event_to_edit
from app.core import audit
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing, Refused
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS
from app.registration.questions.models import EventQuestion, Question
from app.registration.questions.queries import questions_of
from app.registration.questions.ready_made import READY_MADE, belonging_to
from app.registration.questions.rules import is_in_order

MOST_QUESTIONS = 30


class WrongCondition(Refused):
    """A question can depend on an earlier one with choices only."""

    code = "wrong_condition"


class OthersDepend(Conflict):
    """Other questions are asked only if this one is answered."""

    code = "others_depend"


def add_event_question(*, actor: Person, event_id: int, question_id: int) -> bool:
    """Ask this question of the library, too, after the others; False when it is asked already.

    What belongs to a ready-made question comes along with its condition. Raises `Refused`, `NotAllowed`, `Missing`.
    """
    with transaction():
        event = _hold(actor, event_id)
        question = db.session.get(Question, question_id)
        if question is None or question.organization_id != event.organization_id or question.is_archived:
            raise Missing
        rows = _rows(event_id)
        known = {row.question_id for row in rows}
        new = [one for one in [question, *_belonging(question)] if one.id not in known]
        if question.id in known:
            return False
        if len(rows) + len(new) > MOST_QUESTIONS:
            raise Refused(_("An event asks at most %(num)s questions.", num=MOST_QUESTIONS))
        for place, one in enumerate(new, start=len(rows)):
            _ask(event_id, one, place)
        event.asks_questions = True
        _record(actor, "add_event_question", event, question.id)
        return True


def _belonging(question: Question) -> list[Question]:
    """The questions of the library that belong to this ready-made one."""
    keys = [one.key for one in belonging_to(question.key)]
    query = select(Question).where(
        Question.organization_id == question.organization_id, Question.key.in_(keys), Question.is_archived.is_(False)
    )
    return list(db.session.scalars(query.order_by(Question.id))) if keys else []


def _ask(event_id: int, question: Question, position: int) -> None:
    only_if_id, codes = _ready_condition(event_id, question)
    db.session.add(
        EventQuestion(
            event_id=event_id,
            question_id=question.id,
            position=position,
            is_required=False,
            only_if_id=only_if_id,
            only_if_codes=codes,
        )
    )
    db.session.flush()


def _ready_condition(event_id: int, question: Question) -> tuple[int | None, list[str]]:
    """The condition that a ready-made question comes with, where the event asks what it is about."""
    ready = READY_MADE.get(question.key)
    if ready is None or ready.only_if is None:
        return None, []
    key, codes = ready.only_if
    earlier = next((one for one in questions_of(event_id) if one.key == key), None)
    known = [code for code, _words in KINDS[earlier.kind].choices(earlier)] if earlier else []
    kept = [code for code in codes if code in known]
    return (earlier.id, kept) if earlier and kept else (None, [])


def set_event_question(
    *, actor: Person, event_id: int, question_id: int, is_required: bool, only_if: tuple[int, Sequence[str]] | None
) -> bool:
    """Whether an answer is needed, and to which earlier question somebody must have answered what; None: always asked.

    False when nothing changes. Raises `WrongCondition`, `NotAllowed`, `Missing`.
    """
    with transaction():
        event = _hold(actor, event_id)
        row = _row(event_id, question_id)
        earlier_id, codes = only_if or (None, ())
        if earlier_id is not None:
            _check_condition(questions_of(event_id), question_id, earlier_id, codes)
        wanted = (is_required, earlier_id, list(codes))
        if (row.is_required, row.only_if_id, row.only_if_codes) == wanted:
            return False
        row.is_required, row.only_if_id, row.only_if_codes = wanted
        _record(actor, "set_event_question", event, question_id)
        return True


def _check_condition(asked: Sequence[AskedQuestion], question_id: int, earlier_id: int, codes: Sequence[str]) -> None:
    ids = [one.id for one in asked]
    earlier = {one.id: one for one in asked[: ids.index(question_id)]}.get(earlier_id)
    if earlier is None:
        raise WrongCondition(_("A question can depend on an earlier one only."))
    known = [code for code, _words in KINDS[earlier.kind].choices(earlier)]
    if not codes or not set(codes) <= set(known):
        raise WrongCondition(_("Please choose one of the answers on the list."))


def move_event_question(*, actor: Person, event_id: int, question_id: int, by: int) -> None:
    """Move a question up or down among the others: `by` -1 or 1.

    Raises `WrongCondition` where it would come before the question it depends on, `NotAllowed`, `Missing`.
    """
    with transaction():
        event = _hold(actor, event_id)
        _row(event_id, question_id)
        asked = list(questions_of(event_id))
        place = [one.id for one in asked].index(question_id)
        other = max(0, min(len(asked) - 1, place + by))
        asked[place], asked[other] = asked[other], asked[place]
        if not is_in_order(asked):
            raise WrongCondition(_order_words(asked))
        for position, one in enumerate(asked):
            _row(event_id, one.id).position = position
        _record(actor, "move_event_question", event, question_id)


def _order_words(asked: Sequence[AskedQuestion]) -> str:
    """Which question would stand before the one that it depends on."""
    by_id = {one.id: one for one in asked}
    places = {one.id: place for place, one in enumerate(asked)}
    wrong = next(one for one in asked if one.only_if_id and places.get(one.only_if_id, -1) > places[one.id])
    assert wrong.only_if_id is not None
    return _(
        "“%(question)s” is asked only after “%(earlier)s” is answered, so it stays below it.",
        question=said(wrong.label),
        earlier=said(by_id[wrong.only_if_id].label),
    )


def remove_event_question(*, actor: Person, event_id: int, question_id: int) -> None:
    """Ask this no longer. What people have answered stays with them. Raises `OthersDepend`, `NotAllowed`, `Missing`."""
    with transaction():
        event = _hold(actor, event_id)
        row = _row(event_id, question_id)
        rest = [one for one in questions_of(event_id) if one.id != question_id]
        dependent = [one for one in rest if one.only_if_id == question_id]
        if dependent:
            name = said(dependent[0].label)
            raise OthersDepend(_("“%(question)s” depends on the answer. Change or remove that first.", question=name))
        db.session.expunge(row)
        execute(delete(EventQuestion).where(EventQuestion.id == row.id))
        event.asks_questions = bool(rest)
        _record(actor, "remove_event_question", event, question_id)


def copy_questions(source_id: int, copy_id: int) -> None:
    """Let a copy ask what its source asks, with the same conditions. In a running transaction."""
    rows = _rows(source_id)
    for row in rows:
        db.session.add(
            EventQuestion(
                event_id=copy_id,
                question_id=row.question_id,
                position=row.position,
                is_required=row.is_required,
                only_if_id=row.only_if_id,
                only_if_codes=list(row.only_if_codes),
            )
        )
    if rows:
        execute(update(Event).where(Event.id == copy_id).values(asks_questions=True))


def _hold(actor: Person, event_id: int) -> Event:
    """The event, while nobody else changes what it asks. Raises `NotAllowed`, `Missing`."""
    event_to_edit(actor, event_id)
    execute(update(Event).where(Event.id == event_id).values(asks_questions=Event.asks_questions))
    event = db.session.get_one(Event, event_id)
    db.session.refresh(event)
    return event


def _rows(event_id: int) -> list[EventQuestion]:
    query = select(EventQuestion).where(EventQuestion.event_id == event_id)
    return list(db.session.scalars(query.order_by(EventQuestion.position, EventQuestion.id)))


def _row(event_id: int, question_id: int) -> EventQuestion:
    query = select(EventQuestion).where(EventQuestion.event_id == event_id, EventQuestion.question_id == question_id)
    row = db.session.scalar(query)
    if row is None:
        raise Missing
    return row


def _record(actor: Person, action: str, event: Event, question_id: int) -> None:
    audit.record(
        actor.actor,
        action,
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("question", question_id),
    )
