"""Pure decisions about questions and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.times import local_time
from app.core.times import zone as rules_of
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS


def visible_questions(asked: Iterable[AskedQuestion], answers: Mapping[int, Any]) -> list[AskedQuestion]:
    """What somebody with these answers is asked, in order.

    A question whose condition isn't met is hidden, and so is what depends on it in turn, whatever was sent for it.
    """
    shown: list[AskedQuestion] = []
    codes: dict[int, set[str]] = {}
    for question in asked:
        if question.only_if_id is not None:
            given = codes.get(question.only_if_id, set())
            if not given & set(question.only_if_codes):
                continue
        shown.append(question)
        value = answers.get(question.id)
        codes[question.id] = set(KINDS[question.kind].codes(value)) if value is not None else set()
    return shown


def answers_to_keep(asked: Iterable[AskedQuestion], answers: Mapping[int, Any]) -> dict[int, Any]:
    """Of these answers those that are stored: to questions that were shown, and not empty."""
    shown = visible_questions(asked, answers)
    return {one.id: answers[one.id] for one in shown if answers.get(one.id) is not None}


def missing_answers(asked: Iterable[AskedQuestion], answers: Mapping[int, Any]) -> list[AskedQuestion]:
    """The required questions that were shown and not answered."""
    shown = visible_questions(asked, answers)
    return [one for one in shown if one.is_required and answers.get(one.id) is None]


def keep_until(ends_at: datetime, zone: str, keep_days: int) -> datetime:
    """When answers to a sensitive question are deleted: so many days after the end, by the clocks on the wall."""
    wall = local_time(ends_at, zone).replace(tzinfo=None) + timedelta(days=keep_days)
    return wall.replace(tzinfo=rules_of(zone), fold=0).astimezone(UTC)


def is_kept(question: AskedQuestion, ends_at: datetime, zone: str, now: datetime) -> bool:
    """Whether answers to the question may still be there."""
    return question.keep_days is None or now < keep_until(ends_at, zone, question.keep_days)


def breaks_promise(before: int | None, after: int | None) -> bool:
    """Whether answers would be kept longer than people were told when they answered."""
    return before is not None and (after is None or after > before)


def is_in_order(asked: Sequence[AskedQuestion]) -> bool:
    """Whether each condition is about an earlier question."""
    seen: set[int] = set()
    for question in asked:
        if question.only_if_id is not None and question.only_if_id not in seen:
            return False
        seen.add(question.id)
    return True
