"""The library of questions, what an event asks, and what came of it, over the desk's pages."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask

from app.core.audit import AuditLine
from app.core.db import db
from app.core.errors import Missing, NotAllowed, Refused
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations.event_questions import OthersDepend, WrongCondition
from app.registration.operations.library import QuestionInUse, WrongKey
from app.registration.questions.kinds import KINDS
from app.registration.questions.models import Question
from app.registration.questions.queries import answers_of, questions_of
from tests.support.asking import ask, make_question, take_ready, values
from tests.support.cast import organization_id, person
from tests.support.events import make_event, sign_up
from tests.support.pages import Client, Page


def deeds(action: str) -> list[dict[str, Any]]:
    return list(db.session.scalars(db.select(AuditLine.details).where(AuditLine.action == action)))


def order_of(event_id: int) -> list[int]:
    return [one.id for one in questions_of(event_id)]


def test_a_question_is_written_changed_and_archived_in_both_languages(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    assert set(KINDS) == {
        link.rpartition("=")[2] for link in client.page("/desk/questions/new").links() if "kind=" in link
    }
    form = client.page("/desk/questions/new?kind=one_choice").fields()
    filled = {"label": "Your colour?", "label_other": "Ваш цвет?", "options-0-label": "Red", "options-1-label": "Blue"}
    client.send("/desk/questions/new?kind=one_choice", {**form, **filled})
    with app.app_context():
        row = db.session.scalars(db.select(Question)).one()
        assert (row.key, row.label) == ("your_colour", {"en": "Your colour?", "ru": "Ваш цвет?"})
        assert [option["code"] for option in row.options] == ["red", "blue"]
        address = f"/desk/questions/{row.id}"
        event = make_event()
        ask(event, row.id)
    page = client.page("/desk/questions")
    assert "Asked by 1 event" in page.words
    form = client.page(address).fields()
    client.send(address, {**form, "options-0-label": "Crimson", "options-2-label": "Green"})
    with app.app_context():
        row = db.session.scalars(db.select(Question)).one()
        assert [(one["code"], one["label"]["en"]) for one in row.options] == [
            ("red", "Crimson"),
            ("blue", "Blue"),
            ("green", "Green"),
        ]
    client.send(address, {"deed": "archive"})
    assert "Archived" in client.page("/desk/questions").words
    with app.app_context():
        assert order_of(event.id) != []
        assert deeds("archive_question") == [{"question": "your_colour"}]
    client.send(address, {"deed": "restore"})
    assert "Archived" not in client.page("/desk/questions").words


def test_answers_to_choose_from_are_added_and_moved_without_being_saved(client: Client, app: APIFlask) -> None:
    with app.app_context():
        question = make_question("several_choices")
    client.sign_in("bob")
    address = f"/desk/questions/{question}"
    form = client.page(address).fields()
    more = Page(client.post(address, data={**form, "options-3-label": "Fourth", "more": "y"}))
    assert more.fields()["options-3-label"] == "Fourth"
    assert "options-8-label" in more.fields()
    moved = Page(client.post(address, data={**form, "up": "1"})).fields()
    assert [moved[f"options-{place}-code"] for place in range(3)] == ["green", "red", "blue"]
    with app.app_context():
        options = db.session.get_one(Question, question).options
        assert [option["code"] for option in options] == ["red", "green", "blue"]
    client.send(address, moved)
    with app.app_context():
        options = db.session.get_one(Question, question).options
        assert [option["code"] for option in options] == ["green", "red", "blue"]


@pytest.mark.parametrize(
    ("kind", "changed", "words"),
    [
        ("short_text", {"label": ""}, "Please write the question."),
        ("one_choice", {"options-0-label": "Red"}, "Please write at least two answers to choose from."),
        ("number", {"lowest": "5", "highest": "4"}, "The lowest number is above the highest one."),
        ("short_text", {"keep_days": "soon"}, "Please write a whole number, such as 50."),
        ("short_text", {"key": "Age Band"}, "Use small Latin letters, digits and _"),
        ("short_text", {"key": "taken"}, "Another question has this report key."),
    ],
)
def test_what_nobody_could_answer_is_refused_and_kept(
    client: Client, app: APIFlask, kind: str, changed: dict[str, str], words: str
) -> None:
    with app.app_context():
        make_question(key="taken")
    client.sign_in("bob")
    address = f"/desk/questions/new?kind={kind}"
    sent = {**client.page(address).fields(), "label": "What?", **changed}
    response = client.post(address, data=sent)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert {name: page.fields()[name] for name in changed} == changed
    with app.app_context():
        assert len(db.session.scalars(db.select(Question)).all()) == 1


def test_ready_made_questions_come_by_one_button_in_both_languages(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    for key in ("affiliation", "age_band", "access_needs", "access_needs"):
        client.send("/desk/questions/ready-made", {"key": key})
    assert client.post("/desk/questions/ready-made", data={"key": "shoe_size"}).status_code == 404
    with app.app_context():
        rows = db.session.scalars(db.select(Question).order_by(Question.id)).all()
        assert [row.key for row in rows] == ["affiliation", "age_band", "access_needs", "access_other"]
        assert all(set(row.label) == {"en", "ru"} for row in rows)
        assert [row.keep_days for row in rows] == [None, None, 30, 30]
    assert "Ready-made questions" not in client.page("/desk/questions").words
    assert "65 и старше" in client.page("/desk/questions", lang="ru").words


@pytest.mark.usefixtures("context")
def test_what_was_answered_keeps_its_kind_and_the_options_that_were_chosen() -> None:
    event = make_event()
    colour = ask(event, make_question("one_choice"))
    sign_up(event, answers={colour: "green"})
    bob = person("bob")
    with pytest.raises(QuestionInUse):
        operations.edit_question(actor=bob, question_id=colour, values=values("yes_no"))
    known = values("one_choice")
    named = [type(one)(code, one.label) for code, one in zip(("red", "green", "blue"), known.options, strict=True)]
    changed = type(known)(kind="one_choice", label=known.label, options=(named[0], named[2]))
    with pytest.raises(QuestionInUse, match="Green"):
        operations.edit_question(actor=bob, question_id=colour, values=changed)
    archived = type(named[1])("green", named[1].label, True)
    changed = type(known)(kind="one_choice", label=known.label, options=(named[0], archived, named[2]))
    assert operations.edit_question(actor=bob, question_id=colour, values=changed)
    assert not operations.edit_question(actor=bob, question_id=colour, values=changed)
    with pytest.raises(WrongKey):
        operations.create_question(actor=bob, organization_id=organization_id(), values=values(key="what_else"))


@pytest.mark.usefixtures("context")
def test_answers_are_not_kept_longer_than_people_were_told() -> None:
    event, bob = make_event(), person("bob")
    needs = ask(event, make_question(keep_days=30))
    assert operations.edit_question(actor=bob, question_id=needs, values=values(keep_days=40))
    sign_up(event, answers={needs: "A ramp"})
    for longer in (41, None):
        with pytest.raises(QuestionInUse, match="kept longer"):
            operations.edit_question(actor=bob, question_id=needs, values=values(keep_days=longer))
    assert operations.edit_question(actor=bob, question_id=needs, values=values(keep_days=7))


def test_an_archived_option_is_offered_to_those_only_who_have_chosen_it(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        colour = ask(event, make_question("one_choice"))
        public_id = sign_up(event, answers={colour: "green"}).public_id
        row = db.session.get_one(Question, colour)
        row.options = [{**one, "is_archived": one["code"] == "green"} for one in row.options]
        db.session.commit()
        slug = event.slug
    assert "Green" not in client.page(f"/e/{slug}/sign-up").words
    client.sign_in("bob")
    assert "Green" in client.page(f"/desk/people/{public_id}/answers").words


def test_an_event_asks_from_the_library_in_an_order_of_its_own(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        first, second = make_question("yes_no", "First?"), make_question("number", "Second?")
        public_id, event_id = event.public_id, event.id
    client.sign_in("bob")
    address = f"/desk/events/{public_id}/questions"
    assert "This event asks nothing yet" in client.page(address).words
    for question in (first, second, first):
        client.send(address, {"question": str(question)})
    assert client.post(address, data={"question": "99999"}).status_code == 404
    client.send(f"{address}/{second}", {"deed": "up"})
    client.send(f"{address}/{second}", {"deed": "up"})
    with app.app_context():
        assert order_of(event_id) == [second, first]
    client.send(f"{address}/{second}", {"deed": "down"})
    form = client.page(f"{address}/{second}").fields()
    client.send(f"{address}/{second}", {**form, "is_required": "y", f"only_if_{first}": "yes"})
    page = client.page(address)
    assert "Only if you answered “Yes” to “First?”." in page.words
    assert "An answer is needed" in page.words
    assert f"preview-q{second}" in [one.get("name") for one in page.all("input")]
    refused = client.post(f"{address}/{second}", data={"deed": "up"})
    assert refused.status_code == 422
    assert "“Second?” is asked only after “First?” is answered, so it stays below it." in Page(refused).words
    refused = client.post(f"{address}/{first}", data={"deed": "remove"})
    assert refused.status_code == 409
    assert "“Second?” depends on the answer." in Page(refused).words
    client.send(f"{address}/{second}", {"deed": "remove"})
    client.send(f"{address}/{first}", {"deed": "remove"})
    with app.app_context():
        assert order_of(event_id) == []
        assert len(deeds("remove_event_question")) == 2


def test_a_question_depends_on_one_earlier_question_with_choices(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        ids = [ask(event, make_question(kind, f"The {kind}")) for kind in ("yes_no", "one_choice", "number", "date")]
        public_id, event_id, bob = event.public_id, event.id, person("bob")
        for earlier, codes in ((ids[3], ["yes"]), (ids[2], ["1"]), (ids[0], ["perhaps"]), (ids[0], [])):
            with pytest.raises(WrongCondition):
                operations.set_event_question(
                    actor=bob, event_id=event.id, question_id=ids[2], is_required=False, only_if=(earlier, codes)
                )
    client.sign_in("bob")
    address = f"/desk/events/{public_id}/questions/{ids[3]}"
    page = client.page(address)
    assert "Only if “The number” is" not in page.words
    sent = {f"only_if_{ids[0]}": "yes", f"only_if_{ids[1]}": ["red", "blue"]}
    response = client.post(address, data=sent)
    assert response.status_code == 422
    assert "Please tick answers to one question only." in Page(response).words
    client.send(address, {f"only_if_{ids[1]}": ["red", "blue"]})
    with app.app_context():
        last = questions_of(event_id)[-1]
        assert (last.only_if_id, last.only_if_codes) == (ids[1], ("red", "blue"))


@pytest.mark.usefixtures("context")
def test_roles_and_other_organizations_change_nothing() -> None:
    event = make_event()
    question = make_question("yes_no")
    for who in ("carol", "dan"):
        with pytest.raises(NotAllowed):
            operations.create_question(actor=person(who), organization_id=organization_id(), values=values())
        with pytest.raises(NotAllowed):
            operations.add_event_question(actor=person(who), event_id=event.id, question_id=question)
    other = make_event(by="olga")
    with pytest.raises(Missing):
        operations.add_event_question(actor=person("olga"), event_id=other.id, question_id=question)
    with pytest.raises(Missing):
        operations.edit_question(actor=person("olga"), question_id=question, values=values("yes_no"))


@pytest.mark.usefixtures("context")
def test_an_event_asks_thirty_questions_at_most() -> None:
    event = make_event()
    for place in range(30):
        ask(event, make_question(label=f"Question {place}"))
    with pytest.raises(Refused):
        ask(event, make_question(label="One more"))


def test_answers_are_counted_and_listed_for_those_with_a_seat(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=3)
        colour = ask(event, make_question("several_choices", "Which colours?"))
        age = ask(event, make_question("number", "How old?"))
        wish = ask(event, make_question("long_text", "What do you wish?"))
        home = take_ready(event, "affiliation")
        for name, answers in {
            "Anna": {colour: ["red", "blue"], age: 20, wish: "More tea", home: "АНО «Маяк»"},
            "Boris": {colour: ["red"], age: 40, home: "маяк"},
            "Clara": {home: "Школа № 5"},
            "Waiting": {colour: ["green"], age: 90, wish: "A seat", home: "Nowhere"},
        }.items():
            sign_up(event, name, answers=answers, may_wait=True)
        public_id = event.public_id
    client.sign_in("bob")
    page = client.page(f"/desk/events/{public_id}/questions/answers")
    table = {tuple(" ".join("".join(cell.itertext()).split()) for cell in row) for row in page.all("tr")}
    assert {("Red", "2"), ("Green", "0"), ("Blue", "1"), ("Anna", "More tea")} <= table
    assert {("АНО «Маяк»", "2"), ("Школа № 5", "1")} <= table
    words = page.words
    for part in ("3 people with a seat.", "Organizations reached 2", "Lowest 20", "Mean 30", "Highest 40"):
        assert part in words
    assert "A seat" not in words
    assert "Nowhere" not in words
    assert f"/desk/events/{public_id}/questions/answers" in client.page(f"/desk/events/{public_id}").links()


def test_staff_see_and_correct_answers_and_nothing_is_required_of_them(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        colour = ask(event, make_question("one_choice", "Which colour?"), required=True)
        needs = take_ready(event, "access_needs")
        row = sign_up(event, answers={colour: "red", needs: ["hearing"]})
        public_id, event_id, row_id = row.public_id, event.public_id, row.id
    client.sign_in("bob")
    words = client.page(f"/desk/people/{public_id}").words
    assert "Which colour? Red" in words
    assert "Hearing loop or speech as text" in words
    assert "will be deleted:" in words
    address = f"/desk/people/{public_id}/answers"
    form = {"sent": "y", f"q{colour}": "", f"q{needs}": ["hearing", "companion"]}
    client.send(address, form)
    client.send(address, form)
    assert client.post(address, data={f"q{colour}": "purple"}).status_code == 422
    with app.app_context():
        assert answers_of(row_id) == {needs: ["hearing", "companion"]}
        assert [sorted(one["questions"]) for one in deeds("change_answers")] == [["access_needs", "which_colour"]]
        assert "hearing" not in str(deeds("change_answers"))
    add = f"/desk/events/{event_id}/people/add"
    page = client.page(add)
    assert "What the sign-up form asks" in page.words
    filled = {"name": "Phone Caller", "phone": "+7 912 345-67-89", "agreed": "y", "mode": "in_person"}
    client.send(add, {**filled, f"q{needs}": "near_exit"})
    with app.app_context():
        added = db.session.scalars(db.select(Registration).where(Registration.name == "Phone Caller")).one()
        assert answers_of(added.id) == {needs: ["near_exit"]}


def test_adding_somebody_with_a_wrong_answer_keeps_what_was_typed(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        age = ask(event, make_question("number", "How old?"), required=True)
        public_id = event.public_id
    client.sign_in("bob")
    filled = {"name": "Phone Caller", "phone": "+7 912 345-67-89", "agreed": "y", "mode": "in_person"}
    response = client.post(f"/desk/events/{public_id}/people/add", data={**filled, f"q{age}": "old"})
    assert response.status_code == 422
    page = Page(response)
    assert page.words.count("Please write a whole number, such as 50.") == 2
    assert page.fields()[f"q{age}"] == "old"


def test_the_audit_says_it_in_words(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        question = ask(event, make_question("yes_no"), required=True)
        other = ask(event, make_question("number", "Other?"), only_if=(question, ["yes"]))
        with pytest.raises(OthersDepend):
            operations.remove_event_question(actor=person("bob"), event_id=event.id, question_id=question)
        operations.remove_event_question(actor=person("bob"), event_id=event.id, question_id=other)
        operations.archive_question(actor=person("bob"), question_id=question, is_archived=True)
    client.sign_in("alice")
    words = client.page("/desk/audit").words
    for part in (
        "Added a question to the library",
        "Lets the sign-up form ask one more question",
        "Changed how a question is asked",
        "Took a question off the sign-up form",
        "Archived a question",
    ):
        assert part in words
