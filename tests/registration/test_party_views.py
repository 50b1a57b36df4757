"""Parties on the pages: the form with more people, the page of who brings them, and somebody else instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.db import db
from app.core.i18n import in_language
from app.messaging.models import OutboxMessage
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.questions.queries import answers_of
from app.registration.tickets import manage_token
from app.registration.waiting_words import queue_facts
from tests.support.asking import ask, make_question
from tests.support.events import hybrid, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.parties import bring
from tests.support.sign_up_form import form_of


@pytest.fixture
def slug(app: APIFlask) -> str:
    """The address of an event that three people can be brought to."""
    with app.app_context():
        return make_event(hybrid(capacity_in_person=3, largest_party=4)).slug


def with_people(client: Client, slug: str, *people: dict[str, str], **changes: Any) -> dict[str, Any]:
    """The form with a line for each of these."""
    lines = {f"other_{number}_{part}": value for number, one in enumerate(people, 1) for part, value in one.items()}
    numbers = " ".join(str(number) for number in range(1, len(people) + 1))
    return form_of(client, slug, others=numbers, others_agree="y", **lines, **changes)


BORIS, VERA = {"name": "Борис Ёлкин"}, {"name": "Вера", "email": "vera@example.net"}


def own_page(client: Client, slug: str, *people: dict[str, str], **changes: Any) -> str:
    answer = client.send(f"/e/{slug}/sign-up", with_people(client, slug, *people, **changes))
    return str(answer.headers["Location"])


def statuses(app: APIFlask) -> dict[str, str]:
    with app.app_context():
        rows = db.session.execute(db.select(Registration.name, Registration.status).order_by(Registration.id))
        return {row.name: row.status for row in rows}


def test_lines_for_more_people_come_and_go_with_everything_typed_kept(client: Client, slug: str) -> None:
    address = f"/e/{slug}/sign-up"
    assert "You can sign up 3 more people." in client.page(address).words
    form = form_of(client, slug, name="Анна", email="half@")
    page = Page(client.post(address, data={**form, "add": "1"}))
    assert page.status == 200
    assert (page.fields()["others"], page.fields()["name"], page.fields()["email"]) == ("1", "Анна", "half@")
    form = {**page.fields(), "other_1_name": "Борис", "add": "1"}
    page = Page(client.post(address, data=form))
    assert page.fields()["others"] == "1 2"
    page = Page(client.post(address, data={**page.fields(), "other_2_name": "Вера", "remove": "1"}))
    assert (page.fields()["others"], page.fields()["other_2_name"]) == ("2", "Вера")
    assert "other_1_name" not in page.fields()
    page = Page(client.post(address, data={**page.fields(), "add": "1"}))
    page = Page(client.post(address, data={**page.fields(), "add": "1"}))
    assert "Add one more person" not in page.words
    page = Page(client.post(address, data={**page.fields(), "lang": "ru"}))
    assert page.fields()["other_2_name"] == "Вера"


def test_an_event_for_single_people_asks_for_nobody_else(client: Client, app: APIFlask) -> None:
    with app.app_context():
        alone = make_event().slug
    assert "Who comes with you?" not in client.page(f"/e/{alone}/sign-up").words
    client.send(f"/e/{alone}/sign-up", with_people(client, alone, BORIS), status=422)
    assert statuses(app) == {}


def test_who_brings_others_sees_their_numbers_and_opens_their_pages(client: Client, slug: str, app: APIFlask) -> None:
    page = client.page(own_page(client, slug, BORIS, VERA))
    assert statuses(app) == {"Анна Петрова": "confirmed", "Борис Ёлкин": "confirmed", "Вера": "confirmed"}
    with app.app_context():
        numbers = db.session.scalars(db.select(Registration.reference)).all()
    for number in numbers:
        assert f"{number[:3]} {number[3:]}" in page.words
    assert "Mails go to another address." in page.words
    assert "vera@example.net" not in page.words
    [link] = [link for link in page.links() if link.startswith("http://127.0.0.1:5000/r/") and "/" not in link[29:]]
    boris = client.page(link)
    assert boris.h1 == "You are in"
    assert "Signed up by Анна Петрова." in boris.words
    assert "Вера" not in boris.words
    assert "Борис Ёлкин" in client.page(f"{link}/ticket").words
    tickets = client.page(f"{page.response.request.path}/tickets")
    assert tickets.text.count("<figure") == 2
    assert "Not here, for the ticket went to the person’s own address: Вера." in tickets.words


def test_the_mail_tells_of_those_without_an_own_address(client: Client, slug: str, app: APIFlask) -> None:
    own_page(client, slug, BORIS, VERA)
    with app.app_context():
        messages = db.session.scalars(db.select(OutboxMessage).order_by(OutboxMessage.id)).all()
        with in_language("en"):
            letters = {message.to_address: MESSAGES[message.name](message.facts) for message in messages}
        [boris] = db.session.scalars(db.select(Registration).filter_by(name="Борис Ёлкин"))
        number = f"{boris.reference[:3]} {boris.reference[3:]}"
    assert sorted(letters) == ["anna@example.net", "vera@example.net"]
    text = letters["anna@example.net"].filled(letters["anna@example.net"].text)
    assert "Борис Ёлкин: Seat kept" in text
    assert number in text
    assert len(re.findall(r"http://\S+/r/[\w-]{20,}\s", text)) == 2
    assert "Вера" not in text
    assert "Борис" not in letters["vera@example.net"].text
    assert "Signed up by Анна Петрова." in letters["vera@example.net"].text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"other_1_name": ""}, "Please write this person’s name, or take the person out."),
        ({"other_1_email": "vera@@"}, "Please check the address."),
        ({"others_agree": None}, "Please tick this: we keep nobody’s name without it."),
        ({"other_1_name": "Анна Петрова", "other_1_email": ""}, "Анна Петрова stands in the form twice."),
        ({"other_1_name": "www.example.org"}, "Please write the name without a web address."),
    ],
)
def test_what_is_wrong_with_a_line_is_said_beside_it_and_nothing_is_lost(
    client: Client, slug: str, app: APIFlask, change: dict[str, Any], words: str
) -> None:
    form = {**with_people(client, slug, VERA, BORIS), **change}
    page = Page(
        client.post(f"/e/{slug}/sign-up", data={name: value for name, value in form.items() if value is not None})
    )
    assert page.status == 422
    assert words in page.words
    assert page.fields()["other_2_name"] == "Борис Ёлкин"
    assert page.fields()["name"] == "Анна Петрова"
    assert statuses(app) == {}


def test_nobody_is_lost_when_fewer_are_allowed_meanwhile(client: Client, slug: str, app: APIFlask) -> None:
    form = with_people(client, slug, BORIS)
    with app.app_context():
        db.session.query(Event).update({"largest_party": 1})
        db.session.commit()
    page = Page(client.post(f"/e/{slug}/sign-up", data=form))
    assert page.status == 422
    assert page.fields()["other_1_name"] == "Борис Ёлкин"
    assert statuses(app) == {}


def test_who_comes_instead_from_elsewhere_reads_nothing_of_the_others(client: Client, slug: str, app: APIFlask) -> None:
    own = own_page(client, slug, BORIS)
    client.send(f"{own}/replace", {"name": "Ева", "email": "eva@example.net", "agrees": "y"})
    with app.app_context():
        token = manage_token(db.session.query(Registration).filter_by(name="Ева").one())
    words = client.page(f"/r/{token}").words
    assert "Signed up by Анна Петрова." in words
    assert "Борис Ёлкин" not in words
    assert "anna@example.net" not in words
    assert "Борис Ёлкин" in client.page(own).words  # who signed him up has his page still


def test_lines_left_empty_are_nobody(client: Client, slug: str, app: APIFlask) -> None:
    form = with_people(client, slug, {"name": ""}, {"name": ""}) | {"others_agree": ""}
    client.send(f"/e/{slug}/sign-up", form)
    assert statuses(app) == {"Анна Петрова": "confirmed"}


def test_too_few_seats_are_said_and_the_list_is_offered_to_all_or_to_each(
    client: Client, slug: str, app: APIFlask
) -> None:
    early(app, slug)
    address = f"/e/{slug}/sign-up"
    page = Page(client.post(address, data=with_people(client, slug, BORIS, VERA)))
    assert page.status == 409
    assert "Only 2 seats in the hall are left. Nobody is signed up yet" in page.words
    assert statuses(app) == {"Early Bird": "confirmed"}
    own = client.send(address, page.fields()).headers["Location"]
    assert list(statuses(app).values()) == ["confirmed", "waitlisted", "waitlisted", "waitlisted"]
    page = client.page(own)
    assert "Too few seats are free for the 3 people who wait together." in page.words
    assert client.page(f"{own}/split").h1 == "Move up one by one?"
    changed = client.send(f"{own}/split").headers["Location"]
    assert "You move up one by one from now on." in client.page(changed).words
    assert list(statuses(app).values()) == ["confirmed", "confirmed", "confirmed", "waitlisted"]


def test_more_people_than_seats_are_told_so_and_may_be_split(client: Client, slug: str, app: APIFlask) -> None:
    people = [BORIS, VERA, {"name": "Глеб"}]
    page = Page(client.post(f"/e/{slug}/sign-up", data=with_people(client, slug, *people)))
    assert page.status == 409
    assert "There are only 3 seats in all, so you can’t all come together." in page.words
    client.send(f"/e/{slug}/sign-up", page.fields() | {"may_be_split": "y"})
    assert list(statuses(app).values()) == ["confirmed", "confirmed", "confirmed", "waitlisted"]


def early(app: APIFlask, slug: str) -> None:
    with app.app_context():
        sign_up(db.session.scalars(db.select(Event).filter_by(slug=slug)).one(), "Early Bird")


def test_one_guardian_signs_for_all_children_of_the_form(client: Client, app: APIFlask) -> None:
    with app.app_context():
        school = make_event(largest_party=4, asks_guardian=True).slug
    children = [{"name": "Petya", "minor": "y"}, {"name": "Teacher"}]
    page = Page(client.post(f"/e/{school}/sign-up", data=with_people(client, school, *children)))
    assert "Please write the name of the parent or guardian." in page.words
    form = with_people(client, school, *children, guardian="Mother", guardian_agrees="y")
    client.send(f"/e/{school}/sign-up", form)
    with app.app_context():
        rows = db.session.execute(db.select(Registration.name, Registration.guardian_name)).all()
        assert dict(map(tuple, rows)) == {"Анна Петрова": None, "Petya": "Mother", "Teacher": None}


def test_who_brings_others_can_give_all_their_seats_back_by_one_tick(client: Client, slug: str, app: APIFlask) -> None:
    own = own_page(client, slug, BORIS, VERA)
    assert "Also for those whom I signed up: Борис Ёлкин" in client.page(f"{own}/cancel").words
    client.send(f"{own}/cancel", {"everybody": "y"})
    assert statuses(app) == {"Анна Петрова": "cancelled", "Борис Ёлкин": "cancelled", "Вера": "confirmed"}
    with app.app_context(), in_language("en"):
        rows = db.session.scalars(db.select(OutboxMessage).filter_by(name="registration_cancelled")).all()
        [letter] = [MESSAGES[row.name](row.facts) for row in rows]
        assert letter is not None
        assert "Борис Ёлкин: Given back" in letter.text
        assert [row.to_address for row in rows] == ["anna@example.net"]


def test_somebody_else_comes_instead_at_a_full_event(client: Client, slug: str, app: APIFlask) -> None:
    own = own_page(client, slug, BORIS, VERA)
    page = client.page(f"{own}/replace")
    assert "anna@example.net" in page.words
    refused = Page(client.post(f"{own}/replace", data={"name": "", "email": "x"}))
    assert refused.status == 422
    fresh = client.send(f"{own}/replace", {"name": "Дарья", "email": "", "agrees": "y"}).headers["Location"]
    assert client.page(fresh).h1 == "You are in"
    assert client.page(own).h1 == "Somebody else comes instead of you"
    assert statuses(app)["Анна Петрова"] == "cancelled"
    assert "Борис Ёлкин" in client.page(fresh).words  # the party has a new head
    away = client.send(f"{fresh}/replace", {"name": "Ева", "email": "eva@example.net", "agrees": "y"})
    assert away.headers["Location"] == fresh
    assert statuses(app) == {
        "Анна Петрова": "cancelled",
        "Борис Ёлкин": "confirmed",
        "Вера": "confirmed",
        "Дарья": "cancelled",
        "Ева": "confirmed",
    }


@pytest.mark.parametrize("page", ["tickets", "split", "replace"])
def test_pages_that_make_no_sense_lead_back(client: Client, slug: str, page: str) -> None:
    own = client.send(f"/e/{slug}/sign-up", form_of(client, slug)).headers["Location"]
    client.send(f"{own}/cancel", {})
    answer = client.get(f"{own}/{page}")
    assert (answer.status_code, answer.headers["Location"]) == (303, own)


def test_each_person_has_own_answers_and_what_is_missing_is_said_at_the_right_line(
    client: Client, app: APIFlask
) -> None:
    with app.app_context():
        event = make_event(largest_party=4)
        eats = ask(event, make_question("yes_no", "Will you eat with us?"), required=True)
        what = ask(event, make_question("one_choice", "What will you eat?"), required=True, only_if=(eats, ["yes"]))
        dinner = event.slug
    people = [BORIS, VERA, {"name": ""}]
    form = with_people(client, dinner, *people) | {f"q{eats}": "no", f"other_1-q{eats}": "yes"}
    page = Page(client.post(f"/e/{dinner}/sign-up", data=form))
    assert page.status == 422
    lines = [link for link in page.links() if link.startswith("#other_")]
    assert lines == [f"#other_1-q{what}-0", f"#other_2-q{eats}-0"]
    assert page.fields()[f"other_1-q{eats}"] == "yes"
    client.send(
        f"/e/{dinner}/sign-up",
        page.fields() | {f"other_1-q{what}": "green", f"other_2-q{eats}": "no"} | {"name": "Анна"},
    )
    with app.app_context():
        people_now = db.session.scalars(db.select(Registration).order_by(Registration.id)).all()
        given = {one.name: answers_of(one.id) for one in people_now}
    assert given == {"Анна": {eats: False}, "Борис Ёлкин": {eats: True, what: "green"}, "Вера": {eats: False}}


@pytest.mark.usefixtures("context")
def test_a_party_that_waits_is_promised_no_single_seat() -> None:
    event = make_event(capacity_in_person=2, largest_party=4)
    sign_up(event, "Early")
    sign_up(event, "Second")
    anna, _boris = bring(event, "Anna", "Boris", may_wait=True)
    queue = queue_facts(anna)
    assert queue is not None
    assert "The 2 people move up together when so many are free" in queue.why
    assert "gets it" not in queue.why
