"""Questions and answers from a file: known by report key, checked like everybody's, and a second loading is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue.models import Event
from app.core.db import db
from app.privacy.operations import erase_person
from app.registration.models import Registration
from app.registration.questions.models import Question
from app.registration.questions.queries import answers_of, questions_of
from tests.exchange.files import everything, load, problems_of, small_file
from tests.support.cast import person

pytestmark = pytest.mark.usefixtures("context")

MEAL = {
    "key": "meal",
    "kind": "one_choice",
    "label": {"en": "What will you eat?", "ru": "Что будете есть?"},
    "options": [{"code": "soup", "label": {"en": "Soup"}}, {"code": "pie", "label": {"en": "Pie"}}],
}
EATS = {"key": "eats", "kind": "yes_no", "label": {"en": "Will you eat?"}}
AGE = {"key": "age", "kind": "number", "label": {"en": "How old?"}, "lowest": 1, "highest": 99}
ASKED: list[dict[str, Any]] = [
    {"question": "eats", "required": True},
    {"question": "meal", "only_if": {"question": "eats", "answers": ["yes"]}},
    {"question": "age"},
    {"question": "access_needs"},
]


def asking(answers: dict[str, Any] | None = None, **organization: Any) -> dict[str, Any]:
    document = small_file(questions=[dict(one) for one in ASKED])
    document["organizations"][0] |= {"questions": [MEAL, EATS, AGE], "ready_made_questions": ["access_needs"]}
    document["organizations"][0] |= organization
    document["registrations"][0]["answers"] = answers or {}
    return document


def answers_by_key() -> dict[str, Any]:
    row = db.session.scalars(select(Registration).where(Registration.source_key == "r1")).one()
    keys = {row.id: row.key for row in db.session.scalars(select(Question))}
    return {keys[one]: value for one, value in answers_of(row.id).items()}


def test_library_event_and_answers_come_from_a_file_and_twice_is_once() -> None:
    document = asking({"eats": True, "meal": "pie", "age": 40, "access_needs": ["large_print", "step_free"]})
    loaded = load(document)
    assert (loaded.added["questions"], loaded.added["event_questions"]) == (5, 4)
    before = everything()
    assert load(document).is_nothing
    assert everything() == before
    event = db.session.scalars(select(Event).where(Event.slug == "knots")).one()
    assert event.asks_questions
    asked = questions_of(event.id)
    assert [one.key for one in asked] == ["eats", "meal", "age", "access_needs"]
    assert (asked[1].only_if_id, asked[1].only_if_codes, asked[0].is_required) == (asked[0].id, ("yes",), True)
    assert answers_by_key() == {"eats": True, "meal": "pie", "age": 40, "access_needs": ["step_free", "large_print"]}


def test_a_changed_file_changes_what_differs_and_hidden_answers_are_not_stored() -> None:
    load(asking({"eats": True, "meal": "pie", "age": 40}))
    document = asking({"eats": False, "meal": "soup", "age": None})
    document["organizations"][0]["questions"] = [MEAL | {"options": MEAL["options"][:1], "label": {"en": "Meal?"}}]
    document["organizations"][0]["questions"][0]["options"] = [
        {"code": "tea", "label": {"en": "Tea"}},
        *MEAL["options"][:1],
    ]
    document["events"][0]["questions"] = [ASKED[2], ASKED[0]]
    load(document)
    assert answers_by_key() == {"eats": False}
    meal = db.session.scalars(select(Question).where(Question.key == "meal")).one()
    assert [one["code"] for one in meal.options] == ["tea", "soup", "pie"]
    event = db.session.scalars(select(Event).where(Event.slug == "knots")).one()
    assert [one.key for one in questions_of(event.id)] == ["age", "eats", "meal", "access_needs"]


def test_everything_that_is_wrong_is_named_with_its_place() -> None:
    document = asking({"eats": "perhaps", "age": 100, "shoe": 43}, ready_made_questions=["shoe_size"])
    document["organizations"][0]["questions"] += [MEAL, {**AGE, "key": "odd", "kind": "odd"}]
    document["organizations"][0]["questions"] += [{**MEAL, "key": "short", "options": MEAL["options"][:1]}]
    document["events"][0]["questions"] = [
        {"question": "meal", "only_if": {"question": "eats", "answers": ["yes"]}},
        {"question": "eats"},
        {"question": "eats"},
        {"question": "age", "only_if": {"question": "meal", "answers": ["stew"]}},
        {"question": "nothing"},
    ]
    problems = problems_of(document)
    assert set(problems) == {
        "organizations[0].ready_made_questions[0]",
        "organizations[0].questions[3].key",
        "organizations[0].questions[4].kind",
        "organizations[0].questions[5].options",
        "events[0].questions",
        "events[0].questions[2].question",
        "events[0].questions[3].only_if.answers",
        "events[0].questions[4].question",
        "registrations[0].answers.eats",
        "registrations[0].answers.age",
        "registrations[0].answers.shoe",
    }
    assert problems["registrations[0].answers.age"] == "Please write a number from 1 to 99."
    assert problems["registrations[0].answers.shoe"] == "The event doesn’t ask this."


def test_the_kind_of_an_answered_question_stays() -> None:
    load(asking({"eats": True}))
    document = asking({"eats": True}, questions=[{**EATS, "kind": "number"}])
    assert list(problems_of(document)) == ["organizations[0].questions[0].kind"]


def test_a_file_brings_nothing_back_that_was_erased() -> None:
    document = asking({"age": 40})
    load(document)
    [row] = db.session.scalars(select(Registration)).all()
    name = row.name
    erase_person(actor=person("pat"), registration_id=row.id)
    load(document)
    db.session.expire_all()
    assert name not in str(everything())
    assert answers_of(row.id) == {}
