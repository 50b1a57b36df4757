"""Any questions, any post: what is stored is exactly what was shown and answered, each in its kind's canonical form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.core.db import db
from app.core.i18n import in_language
from app.registration import operations
from app.registration.operations.sign_up import register
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.forms import AnswersForm
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.kind import WrongAnswer
from app.registration.questions.queries import answers_of, questions_of
from app.registration.values import SignUpValues
from tests.support.asking import OPTIONS, make_question, sample
from tests.support.cast import person
from tests.support.events import make_event

CODES = (*OPTIONS, "yes", "no")
TYPED = st.one_of(st.sampled_from([*CODES, "", " ", "7", "-3", "3.12.2026", "purple", "many"]), st.text(max_size=20))


@st.composite
def sets_of_questions(draw: Any) -> list[tuple[str, bool, tuple[int, list[str]] | None]]:
    """Kinds, each needed or not, some only if an earlier one with choices has one of some answers."""
    asked: list[tuple[str, bool, tuple[int, list[str]] | None]] = []
    for place in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(sorted(KINDS)))
        able = [number for number in range(place) if KINDS[asked[number][0]].is_condition]
        condition = None
        if able and draw(st.booleans()):
            earlier = draw(st.sampled_from(able))
            known = ["yes", "no"] if asked[earlier][0] == "yes_no" else list(OPTIONS)
            condition = earlier, draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        asked.append((kind, draw(st.booleans()), condition))
    return asked


def codes_of(value: Any) -> list[str]:
    """The codes of an answer to a question with choices."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [value] if isinstance(value, str) else value or []


def expected(asked: tuple[AskedQuestion, ...], posted: dict[int, list[str]]) -> tuple[dict[int, Any], bool]:
    """By the simplest means: what should be stored, and whether the form should be taken at all."""
    stored: dict[int, Any] = {}
    is_fine = True
    for question in asked:
        known = set(codes_of(stored.get(question.only_if_id or 0)))
        if question.only_if_id is not None and not known & set(question.only_if_codes):
            continue
        try:
            value = KINDS[question.kind].read(posted[question.id], question)
        except WrongAnswer:
            is_fine = False
            continue
        if value is not None:
            stored[question.id] = value
        elif question.is_required:
            is_fine = False
    return stored, is_fine


@pytest.fixture
def english(app: APIFlask) -> Iterator[None]:
    with app.app_context(), in_language("en"):
        yield


@pytest.mark.usefixtures("english")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_stored_answers_are_those_of_the_questions_shown(data: Any) -> None:
    plan = data.draw(sets_of_questions())
    event = make_event(capacity_in_person=None)
    ids: list[int] = []
    for number, (kind, is_required, condition) in enumerate(plan):
        ids.append(make_question(kind, f"Question {number}"))
        operations.add_event_question(actor=person("bob"), event_id=event.id, question_id=ids[-1])
        only_if = (ids[condition[0]], condition[1]) if condition else None
        operations.set_event_question(
            actor=person("bob"), event_id=event.id, question_id=ids[-1], is_required=is_required, only_if=only_if
        )
    asked = questions_of(event.id)
    posted = {one.id: data.draw(st.one_of(st.just(sample(one.kind)), st.lists(TYPED, max_size=3))) for one in asked}
    post = MultiDict([(f"p-q{one}", value) for one, values in posted.items() for value in values])
    form = AnswersForm(post, asked, prefix="p")
    stored, is_fine = expected(asked, posted)
    assert form.validate() == is_fine
    if not is_fine:
        assert form.errors
        return
    values = SignUpValues(name="Pat", email="pat@example.net", mode="in_person", language="en", answers=form.answers)
    result = register(event_id=event.id, values=values)
    found = answers_of(result.registration_id)
    assert found == stored
    assert {one: type(value) for one, value in found.items()} == {one: type(value) for one, value in stored.items()}
    again = AnswersForm(None, asked, answers=found)
    shown = MultiDict(
        [
            (field.name, value)
            for field in again.questions
            for value in (field.data if isinstance(field.data, list) else [field.data or ""])
        ]
    )
    same = AnswersForm(shown, asked)
    assert same.validate()
    assert same.answers == stored
    db.session.rollback()
