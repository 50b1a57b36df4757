"""What an event asks: shown, required, only if; stored in the same transaction, and nothing that was hidden."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.db import db
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations.sign_up import FormSentBefore, register
from app.registration.operations.storing_answers import AnswersNeeded
from app.registration.questions.models import QuestionAnswer
from app.registration.questions.queries import answers_of, library_of, suggested_names
from app.registration.questions.queries import questions_of as asked_by
from app.registration.values import SignUpValues
from tests.support.asking import ask, make_question, question_of_key, take_ready
from tests.support.cast import organization_id, person
from tests.support.events import make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up


def only() -> Registration:
    return db.session.scalars(db.select(Registration)).one()


def answers() -> dict[int, Any]:
    """Of the only registration."""
    return answers_of(only().id)


@pytest.fixture
def dinner(app: APIFlask) -> dict[str, Any]:
    """An event that asks whether one eats, then, needed, what; and what one brings."""
    with app.app_context():
        event = make_event()
        eats = ask(event, make_question("yes_no", "Will you eat with us?"))
        what = ask(event, make_question("one_choice", "What will you eat?"), required=True, only_if=(eats, ["yes"]))
        brings = ask(event, make_question("number", "How many cakes will you bring?", lowest=0, highest=3))
        return {"slug": event.slug, "eats": f"q{eats}", "what": f"q{what}", "brings": f"q{brings}"}


def number(name: str) -> int:
    return int(name.removeprefix("q"))


def test_questions_stand_in_order_after_the_consents_with_their_conditions_in_words(
    client: Client, dinner: dict[str, Any]
) -> None:
    page = client.page(f"/e/{dinner['slug']}/sign-up")
    words = page.words
    places = [
        words.index(part)
        for part in ("uses my data", "Questions from the organizer", "Will you eat", "Only if you answered “Yes”")
    ]
    assert places == sorted(places)
    assert "Only if you answered “Yes” to “Will you eat with us?”." in words
    assert "From 0 to 3." in words
    assert "Will you eat with us? (ru)" in client.page(f"/e/{dinner['slug']}/sign-up", lang="ru").words


def test_a_hidden_required_question_does_not_block_and_is_not_stored(
    client: Client, app: APIFlask, dinner: dict[str, Any]
) -> None:
    send_sign_up(client, dinner["slug"], **{dinner["eats"]: "no", dinner["what"]: "red", dinner["brings"]: "2"})
    with app.app_context():
        assert answers() == {number(dinner["eats"]): False, number(dinner["brings"]): 2}


def test_even_nonsense_in_a_hidden_question_does_not_block(
    client: Client, app: APIFlask, dinner: dict[str, Any]
) -> None:
    send_sign_up(client, dinner["slug"], **{dinner["what"]: "purple"})
    with app.app_context():
        assert answers() == {}


def test_a_shown_required_question_is_asked_for_and_everything_typed_is_kept(
    client: Client, app: APIFlask, dinner: dict[str, Any]
) -> None:
    sent = form_of(client, dinner["slug"], **{dinner["eats"]: "yes", dinner["brings"]: "seven", "email": ""})
    response = client.post(f"/e/{dinner['slug']}/sign-up", data=sent)
    assert response.status_code == 422
    page = Page(response)
    assert page.words.count("Please answer this question.") == 2
    assert page.words.count("Please write a whole number, such as 50.") == 2
    assert page.words.count("Please write your e-mail address.") == 2
    assert f"#{dinner['what']}-0" in page.links()
    assert f"#{dinner['brings']}" in page.links()
    kept = page.fields()
    assert (kept[dinner["eats"]], kept[dinner["brings"]], kept["name"]) == ("yes", "seven", sent["name"])
    assert "".join(page.all("title")[0].itertext()).startswith("Error:")
    with app.app_context():
        assert db.session.scalars(db.select(Registration)).all() == []


def test_another_language_keeps_what_was_answered(client: Client, dinner: dict[str, Any]) -> None:
    sent = form_of(client, dinner["slug"], **{dinner["eats"]: "yes", dinner["what"]: "blue", "lang": "ru"})
    response = client.post(f"/e/{dinner['slug']}/sign-up", data=sent)
    assert response.status_code == 200
    kept = Page(response).fields()
    assert (kept[dinner["eats"]], kept[dinner["what"]]) == ("yes", "blue")


def test_the_operation_itself_refuses_what_is_missing_and_keeps_nothing_hidden(
    app: APIFlask, dinner: dict[str, Any]
) -> None:
    with app.app_context():
        event = db.session.scalars(db.select(Event)).one()
        eats, what = number(dinner["eats"]), number(dinner["what"])
        values = {"name": "Pat", "email": "pat@example.net", "mode": "in_person", "language": "en"}
        with pytest.raises(AnswersNeeded, match="What will you eat"):
            register(event_id=event.id, values=SignUpValues(**values, answers={eats: True}))
        assert db.session.scalars(db.select(Registration)).all() == []
        register(event_id=event.id, values=SignUpValues(**values, answers={what: "red", 99999: "x"}))
        assert answers() == {}


def test_a_double_click_stores_answers_once_and_another_person_none_by_mistake(app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        question = ask(event, make_question())
        values = SignUpValues(
            name="Pat",
            email="pat@example.net",
            mode="in_person",
            language="en",
            submission_key="k" * 20,
            answers={question: "mine"},
        )
        for _time in range(2):
            register(event_id=event.id, values=values)
        assert answers() == {question: "mine"}
        with pytest.raises(FormSentBefore):
            register(event_id=event.id, values=SignUpValues(**{**vars(values), "name": "Kim"}))
        assert len(db.session.scalars(db.select(QuestionAnswer)).all()) == 1


def test_the_same_person_again_changes_no_answer(app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        question = ask(event, make_question())
        sign_up(event, answers={question: "first"})
        sign_up(event, answers={question: "somebody who knows my name and address"})
        assert answers() == {question: "first"}


def test_the_ready_made_access_needs_bring_their_second_question_along(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        needs = take_ready(event, "access_needs")
        other = question_of_key("access_other")
        assert [(one.id, one.only_if_id, one.only_if_codes) for one in asked_by(event.id)] == [
            (needs, None, ()),
            (other, needs, ("other",)),
        ]
        slug = event.slug
    words = client.page(f"/e/{slug}/sign-up").words
    assert words.count("We delete this answer 30 days after the event.") == 2
    send_sign_up(client, slug, **{f"q{needs}": ["other", "step_free"], f"q{other}": "A glass of water"})
    with app.app_context():
        assert answers() == {needs: ["step_free", "other"], other: "A glass of water"}


def test_a_name_is_suggested_once_three_addresses_gave_it_and_never_a_private_word(
    client: Client, app: APIFlask
) -> None:
    with app.app_context():
        event = make_event()
        question = take_ready(event, "affiliation")
        for name, email in [
            ("АНО «Маяк»", "anna"),
            ("Маяк", "boris"),
            ("Secret shelter", "one"),
            ("Secret shelter", "one"),
            ("Secret shelter", "one"),
            ("Rare", "carl"),
            ("Rare", "dina"),
        ]:
            person_number = len(db.session.scalars(db.select(Registration.id)).all())
            sign_up(event, f"Person {person_number}", f"{email}@example.net", answers={question: name})
        asked = asked_by(event.id)
        assert suggested_names(asked) == {question: []}
        gone = sign_up(event, "Gone", answers={question: "Rare"})
        sign_up(event, "Third", answers={question: "маяк"})
        assert set(suggested_names(asked)[question]) == {"АНО «Маяк»", "Rare"}
        operations.cancel_registration(registration_id=gone.id)
        assert suggested_names(asked) == {question: ["АНО «Маяк»"]}
        slug = event.slug
    page = client.page(f"/e/{slug}/sign-up")
    field = next(one for one in page.all("input") if one.get("name") == f"q{question}")
    assert field.get("autocomplete") == "organization"
    (names,) = [one for one in page.all("datalist") if one.get("id") == field.get("list")]
    assert [option.get("value") for option in names if option.get("value")] == ["АНО «Маяк»"]


def test_sensitive_names_are_never_suggested(app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        question = ask(event, make_question("affiliation", keep_days=30))
        for place in range(3):
            sign_up(event, f"Person {place}", answers={question: "Shelter"})
        assert suggested_names(asked_by(event.id)) == {}


def test_names_of_another_organization_are_never_suggested(app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        question = take_ready(event, "affiliation")
        for place in range(3):
            sign_up(event, f"Person {place}", answers={question: "Маяк"})
        olga, oak = person("olga"), organization_id("oak")
        other = make_event(by="olga")
        operations.add_ready_made(actor=olga, organization_id=oak, key="affiliation")
        theirs = library_of(oak)[0].id
        operations.add_event_question(actor=olga, event_id=other.id, question_id=theirs)
        assert suggested_names(asked_by(other.id)) == {theirs: []}


def test_an_event_without_questions_asks_the_database_nothing_more(client: Client, app: APIFlask) -> None:
    """Neither form nor sign-up sends a statement about questions where there are none."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    with app.app_context():
        slug = make_event().slug
        sqlalchemy.event.listen(db.engine, "before_cursor_execute", note)
    own = send_sign_up(client, slug)
    client.page(own)
    assert any("INSERT INTO registration" in one for one in statements)
    tables = ("question", "event_question", "question_answer")
    assert [one for one in statements if re.search(rf"(FROM|INTO|JOIN) ({'|'.join(tables)})\b", one)] == []
