"""Choosing sessions over HTTP: while signing up, later, and what every page says of it."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app.catalogue.models import Event
from app.core.db import db
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.own_sessions import own_sessions
from app.registration.tickets import manage_token
from tests.support.cast import person
from tests.support.conference import FAIR, KITCHEN, YARD, change_session, code, make_conference, session_called
from tests.support.events import sign_up
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up


@pytest.fixture
def forum(app: APIFlask) -> str:
    """The address of a conference whose kitchen has one seat, taken by Early Bird."""
    with app.app_context():
        event = make_conference(kitchen=1)
        sign_up(event, "Early Bird", sessions=(code(event, KITCHEN),))
        return event.slug


def codes(app: APIFlask, slug: str, *titles: str) -> list[str]:
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == slug)).one()
        return [code(event, title) for title in titles]


def person_called(name: str) -> Registration:
    return db.session.scalars(db.select(Registration).where(Registration.name == name)).one()


def own_address(app: APIFlask, name: str) -> str:
    with app.app_context():
        return f"/r/{manage_token(person_called(name))}"


def letter_of(app: APIFlask, message: str) -> Letter:
    """The latest letter of this kind, as it is sent."""
    with app.app_context():
        query = db.select(OutboxMessage).where(OutboxMessage.name == message).order_by(OutboxMessage.id.desc())
        letter = MESSAGES[message](db.session.scalars(query).first().facts)
        assert letter is not None
        return letter


def sessions(app: APIFlask, name: str) -> tuple[set[str], set[str]]:
    """The titles of what the person has a seat at, and of what the person waits for."""
    with app.app_context():
        own = own_sessions(person_called(name))
        titles = {choice.session.id: choice.session.title["en"] for choice in own.choices.to_choose}
        return {titles[one] for one in own.held.seats}, {titles[one] for one in own.held.waits}


def post(client: Client, slug: str, **changes: Any) -> TestResponse:
    return client.post(f"/e/{slug}/sign-up", data=form_of(client, slug, **changes))


def ticked(page: Page) -> list[str]:
    boxes = [one for one in page.all("input") if one.get("name") == "sessions" and one.get("type") == "checkbox"]
    return [one.get("value") for one in boxes if one.get("checked") is not None]


def test_the_form_lists_sessions_by_their_hours_with_their_seats(client: Client, forum: str) -> None:
    words = client.page(f"/e/{forum}/sign-up").words
    assert "For everybody, no need to choose it." in words
    assert f"{YARD} " in words
    assert "2 seats left" in words
    assert "All taken: wait for this and keep the others" in words
    assert "No limit of seats" in words


def test_what_was_chosen_is_kept_and_what_is_full_is_waited_for(client: Client, app: APIFlask, forum: str) -> None:
    chosen = codes(app, forum, YARD, KITCHEN, FAIR)
    own = client.page(send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=chosen))
    assert sessions(app, "Mina") == ({YARD, FAIR}, {KITCHEN})
    for words in (
        "You are in",
        "Your sessions",
        "Seat kept",
        "On the waiting list, number 1.",
        f"it replaces “{YARD}”",
    ):
        assert words in own.words


def test_two_at_the_same_time_are_refused_in_a_clear_sentence(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_conference().slug
    chosen = codes(app, slug, YARD, KITCHEN)
    response = post(client, slug, name="Mina", email="mina@example.net", sessions=chosen)
    assert response.status_code == 422
    page = Page(response)
    assert f"“{YARD}” and “{KITCHEN}” are at the same time" in page.words
    assert "Please choose one of them." in page.words
    assert page.fields()["name"] == "Mina"
    assert ticked(page) == chosen
    assert [link for link in page.links() if link == "#sessions-0"]


def test_touching_sessions_go_together(client: Client, app: APIFlask, forum: str) -> None:
    send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=codes(app, forum, YARD, FAIR))
    assert sessions(app, "Mina") == ({YARD, FAIR}, set())


def test_a_form_older_than_the_last_seat_asks_once_more_and_keeps_everything(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(yard=1)
        slug = event.slug
        form = form_of(client, slug, name="Mina", email="mina@example.net", sessions=[code(event, YARD)])
        sign_up(event, "Early Bird", sessions=(code(event, YARD),))
    response = client.post(f"/e/{slug}/sign-up", data=form)
    assert response.status_code == 409
    page = Page(response)
    assert f"No seat is left now: “{YARD}”" in page.words
    assert ticked(page) == form["sessions"]
    with app.app_context():
        assert db.session.scalars(db.select(Registration).where(Registration.name == "Mina")).first() is None
    client.send(f"/e/{slug}/sign-up", {**form, "full": page.fields()["full"]})
    assert sessions(app, "Mina") == (set(), {YARD})


def test_choosing_again_later(client: Client, app: APIFlask, forum: str) -> None:
    yard, kitchen, fair = codes(app, forum, YARD, KITCHEN, FAIR)
    own = send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=[yard])
    page = client.page(f"{own}/sessions")
    assert ticked(page) == [yard]
    client.send(f"{own}/sessions", {"sessions": [yard, fair, kitchen], "full": page.fields()["full"]})
    assert sessions(app, "Mina") == ({YARD, FAIR}, {KITCHEN})
    assert "Your change is saved." in client.page(own, note="changed").words
    with app.app_context():
        operations.cancel_registration(registration_id=person_called("Early Bird").id)
    assert sessions(app, "Mina") == ({KITCHEN, FAIR}, set())
    assert KITCHEN in client.page(own).words
    page = client.page(f"{own}/sessions")
    client.send(f"{own}/sessions", {"sessions": [], "full": page.fields()["full"]})
    assert sessions(app, "Mina") == (set(), set())


def test_a_refused_change_is_told_and_changes_nothing(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_conference().slug
    yard, kitchen = codes(app, slug, YARD, KITCHEN)
    own = send_sign_up(client, slug, name="Mina", email="mina@example.net", sessions=[yard])
    response = client.post(f"{own}/sessions", data={"sessions": [yard, kitchen]})
    assert response.status_code == 422
    assert "are at the same time" in Page(response).words
    assert ticked(Page(response)) == [yard, kitchen]
    assert sessions(app, "Mina") == ({YARD}, set())
    assert client.post(f"{own}/sessions", data={"sessions": ["nonsense"]}).status_code == 422


def test_after_the_deadline_the_page_says_whom_to_ask(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(days=3, change_lead_hours=24)
        slug, starts = event.slug, event.starts_at
    own = send_sign_up(client, slug, name="Mina", email="mina@example.net", sessions=codes(app, slug, YARD))
    with time_machine.travel(starts.replace(hour=0), tick=False):
        assert "Please ask the organizer." in client.page(f"{own}/sessions").words
        assert client.post(f"{own}/sessions", data={"sessions": []}).status_code == 409
    assert sessions(app, "Mina") == ({YARD}, set())


def test_an_offered_session_is_taken_or_left_by_the_own_page(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(days=0.9, kitchen=1)
        slug = event.slug
        early = sign_up(event, "Early Bird", sessions=(code(event, KITCHEN),)).id
        kitchen = code(event, KITCHEN)
        for name in ("Mina", "Nils"):
            sign_up(event, name, sessions=(kitchen, code(event, FAIR)), told_full=(kitchen,))
        operations.cancel_registration(registration_id=early)
    own = own_address(app, "Mina")
    page = client.page(own)
    assert f"A seat is free for you: “{KITCHEN}”" in page.words
    assert f"A seat is free for you: “{KITCHEN}”" in client.page(f"{own}/offer").words
    client.send(f"{own}/offer", {"answer": "no", "session": kitchen})
    assert sessions(app, "Mina") == ({FAIR}, set())
    theirs = own_address(app, "Nils")
    client.send(f"{theirs}/offer", {"answer": "yes", "session": kitchen})
    assert sessions(app, "Nils") == ({FAIR, KITCHEN}, set())
    assert client.post(f"{own}/offer", data={"answer": "yes", "session": kitchen}).status_code == 409
    assert slug in client.page(f"/e/{slug}").response.request.path


def test_the_calendar_file_has_what_was_chosen_and_what_is_for_everybody(
    client: Client, app: APIFlask, forum: str
) -> None:
    own = send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=codes(app, forum, YARD))
    text = client.get(f"{own}/event.ics").get_data(as_text=True)
    assert text.count("BEGIN:VEVENT") == 2
    assert YARD in text
    assert KITCHEN not in text


def test_the_programme_says_how_many_seats_are_left(client: Client, forum: str) -> None:
    words = client.page(f"/e/{forum}").words
    assert "you choose the sessions that you come to" in words
    for part in ("2 free seats", "full, there is a waiting list", "for everybody", "Seats are free"):
        assert part in words


def test_pages_of_choosing_speak_russian(client: Client, app: APIFlask, forum: str) -> None:
    own = send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=codes(app, forum, YARD, KITCHEN))
    assert "Выберите встречи" in client.page(f"/e/{forum}/sign-up", lang="ru").words
    assert "Ваши встречи" in client.page(own, lang="ru").words
    assert "Мои встречи" in client.page(f"{own}/sessions", lang="ru").words


def test_a_cancelled_session_is_marked_and_no_longer_offered(client: Client, app: APIFlask, forum: str) -> None:
    own = send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=codes(app, forum, YARD))
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == forum)).one()
        operations.cancel_session(actor=person("bob"), session_id=session_called(event, YARD).id, reason="")
    assert "Cancelled" in client.page(own).words
    assert YARD not in client.page(f"/e/{forum}/sign-up").words


def test_coming_another_way_names_what_becomes_of_each_session_first(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(is_online=True, capacity_online=50, room_url="https://rooms.example/1")
        slug = event.slug
        for title, changes in ((YARD, {"is_online": False, "room_url": None}), (KITCHEN, {"capacity_online": 1})):
            change_session(event, title, **changes)
        sign_up(event, "Olga", mode="online", sessions=(code(event, KITCHEN),))
        sign_up(event, "Mina", sessions=(code(event, YARD),))
        sign_up(event, "Nils", sessions=(code(event, KITCHEN),))
    mina, nils = own_address(app, "Mina"), own_address(app, "Nils")
    page = client.page(f"{mina}/edit")
    assert f"“{YARD}” is in the hall only: you give it up." in page.words
    assert not [one for one in page.all("input") if one.get("type") == "radio" and one.get("checked") is not None]
    assert f"“{KITCHEN}” is full online" in client.page(f"{nils}/edit").words
    client.send(f"{mina}/edit", {"way": "online"})
    assert sessions(app, "Mina") == (set(), set())
    letter = letter_of(app, "registration_changed")
    assert f"You have given up: “{YARD}”." in letter.text
    assert slug


def test_a_second_tab_undoes_nothing_unseen(client: Client, app: APIFlask, forum: str) -> None:
    yard, fair = codes(app, forum, YARD, FAIR)
    own = send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=[yard])
    before = client.page(f"{own}/sessions").fields()["before"]
    client.send(f"{own}/sessions", {"sessions": [yard, fair], "before": before})
    stale = client.post(f"{own}/sessions", data={"sessions": [], "before": before})
    assert stale.status_code == 409
    assert "were changed meanwhile" in Page(stale).words
    assert sessions(app, "Mina") == ({YARD, FAIR}, set())
    client.send(f"{own}/sessions", {"sessions": [fair], "before": Page(stale).fields()["before"]})
    assert sessions(app, "Mina") == ({FAIR}, set())


def test_an_offer_says_when_and_what_is_left_for_it(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(days=0.9, kitchen=1)
        early = sign_up(event, "Early Bird", sessions=(code(event, KITCHEN),)).id
        kitchen = code(event, KITCHEN)
        sign_up(event, "Mina", sessions=(kitchen, code(event, YARD)), told_full=(kitchen,))
        operations.cancel_registration(registration_id=early)
        starts = session_called(event, KITCHEN).starts_local
    letter = letter_of(app, "seat_offered")
    assert f"{starts:%H:%M}" in letter.subject
    assert KITCHEN in letter.subject
    for words in (f"If you take it, you leave “{YARD}”", f"A seat is free for you: “{KITCHEN}”"):
        assert words in letter.text
        assert words in client.page(f"{own_address(app, 'Mina')}/offer").words


def test_sessions_that_were_moved_onto_each_other_are_pointed_out(client: Client, app: APIFlask, forum: str) -> None:
    own = send_sign_up(client, forum, name="Mina", email="mina@example.net", sessions=codes(app, forum, YARD, FAIR))
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == forum)).one()
        yard = session_called(event, YARD)
        change_session(event, FAIR, starts_local=yard.starts_local, ends_local=yard.ends_local)
    assert "are at the same time" in client.page(own).words
    assert "are at the same time" in letter_of(app, "session_moved").text


def test_what_is_over_is_not_offered(client: Client, app: APIFlask, forum: str) -> None:
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == forum)).one()
        after = session_called(event, YARD).ends_at
    with time_machine.travel(after, tick=False):
        words = client.page(f"/e/{forum}/sign-up").words
    assert FAIR in words
    assert YARD not in words
