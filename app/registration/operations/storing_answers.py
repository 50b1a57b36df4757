"""Answers written down, in the transaction of a deed that brings them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert

from app.core.clock import now
from app.core.db import execute, table_of
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS
from app.registration.questions.models import QuestionAnswer
from app.registration.questions.queries import answers_of, questions_of
from app.registration.questions.rules import answers_to_keep, missing_answers

FOLDED_LIMIT = 200

_answer = table_of(QuestionAnswer)
_INSERT = insert(_answer)
_DELETE = delete(_answer).where(
    _answer.c.registration_id == bindparam("of"), _answer.c.question_id == bindparam("question")
)


class AnswersNeeded(Refused):
    """Required questions are not answered; the message names them."""

    code = "answers_needed"


def store_first_answers(event_id: int, registration_id: int, answers: Mapping[int, Any], *, is_needed: bool) -> None:
    """Keep what somebody answers who signs up: to the questions that this event asks and these answers show.

    Raises `AnswersNeeded` when `is_needed`.
    """
    asked = questions_of(event_id)
    if is_needed:
        refuse_missing(asked, answers)
    _insert(registration_id, asked, answers_to_keep(asked, answers))


def refuse_missing(asked: Sequence[AskedQuestion], answers: Mapping[int, Any], besides: Collection[int] = ()) -> None:
    """Raise `AnswersNeeded` where a required question, not one of `besides`, was shown and not answered."""
    missing = [one for one in missing_answers(asked, answers) if one.id not in besides]
    if missing:
        names = ", ".join(_("“%(text)s”", text=said(one.label)) for one in missing)
        raise AnswersNeeded(_("Please answer this, too: %(questions)s.", questions=names))


def replace_answers(
    registration_id: int, asked: Sequence[AskedQuestion], answers: Mapping[int, Any]
) -> list[AskedQuestion]:
    """Bring the answers to these questions to what is given, and return the questions whose answer is another now.

    What was answered to other questions stays. The registration's row must be held.
    """
    before = answers_of(registration_id)
    after = answers_to_keep(asked, answers)
    changed = [one for one in asked if not _is_same(before.get(one.id), after.get(one.id))]
    for one in changed:
        if one.id in before:
            execute(_DELETE, {"of": registration_id, "question": one.id})
    _insert(registration_id, changed, {one.id: after[one.id] for one in changed if one.id in after})
    return changed


def _is_same(before: Any, after: Any) -> bool:
    """Whether it is the same answer; for Python false is 0, for us they are two."""
    return type(before) is type(after) and bool(before == after)


def _insert(registration_id: int, asked: Sequence[AskedQuestion], kept: Mapping[int, Any]) -> None:
    at = now()
    rows = [
        {
            "registration_id": registration_id,
            "question_id": one.id,
            "value": kept[one.id],
            "folded": (KINDS[one.kind].folded(kept[one.id]) or "")[:FOLDED_LIMIT] or None,
            "given_at": at,
        }
        for one in asked
        if one.id in kept
    ]
    if rows:
        execute(_INSERT, rows)
