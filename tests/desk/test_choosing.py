"""The desk's side of choosing sessions: one person's sessions, who comes to which, the queue, adding somebody."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration.models import Registration
from app.registration.operations import cancel_registration
from app.registration.own_sessions import own_sessions
from tests.support.conference import FAIR, KITCHEN, YARD, code, make_conference
from tests.support.events import sign_up
from tests.support.pages import Client, Page


@pytest.fixture
def forum(app: APIFlask) -> dict[str, str]:
    """A conference: Early Bird has the kitchen's only seat, Mina the yard and waits for the kitchen."""
    with app.app_context():
        event = make_conference(kitchen=1)
        kitchen, yard, fair = code(event, KITCHEN), code(event, YARD), code(event, FAIR)
        early = sign_up(event, "Early Bird", sessions=(kitchen,))
        mina = sign_up(event, "Mina", sessions=(yard, kitchen), told_full=(kitchen,))
        found = {"event": event.public_id, "early": early.public_id, "mina": mina.public_id}
        return {**found, "kitchen": kitchen, "yard": yard, "fair": fair}


@pytest.fixture
def bob(client: Client) -> Client:
    """The organizer's browser."""
    client.sign_in("bob")
    return client


def titles_of(app: APIFlask, public_id: str) -> tuple[set[str], set[str]]:
    with app.app_context():
        own = own_sessions(db.session.scalars(db.select(Registration).filter_by(public_id=public_id)).one())
        titles = {choice.session.id: choice.session.title["en"] for choice in own.choices.to_choose}
        return {titles[one] for one in own.held.seats}, {titles[one] for one in own.held.waits}


def mails(app: APIFlask, name: str) -> int:
    with app.app_context():
        return len(db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.name == name)).all())


def test_a_persons_page_says_what_was_chosen(bob: Client, forum: dict[str, str]) -> None:
    words = bob.page(f"/desk/people/{forum['mina']}").words
    for part in ("Sessions", YARD, "Seat kept", KITCHEN, "On the waiting list, number 1."):
        assert part in words


def test_the_organizer_chooses_for_a_person_with_and_without_mail(
    bob: Client, app: APIFlask, forum: dict[str, str]
) -> None:
    address = f"/desk/people/{forum['early']}/sessions"
    page = bob.page(address)
    bob.send(address, {"sessions": [forum["fair"]], "full": page.fields()["full"], "tell": "y"})
    assert titles_of(app, forum["early"]) == ({FAIR}, set())
    assert titles_of(app, forum["mina"]) == ({KITCHEN}, set())
    assert (mails(app, "registration_changed"), mails(app, "promoted")) == (1, 1)
    bob.send(address, {"sessions": [forum["fair"], forum["yard"]], "full": ""})
    assert titles_of(app, forum["early"]) == ({FAIR, YARD}, set())
    assert mails(app, "registration_changed") == 1
    assert "Chose other sessions" in bob.page(f"/desk/people/{forum['early']}").words


def test_a_clash_is_shown_beside_what_was_ticked(bob: Client, app: APIFlask, forum: dict[str, str]) -> None:
    address = f"/desk/people/{forum['early']}/sessions"
    response = bob.post(address, data={"sessions": [forum["kitchen"], forum["yard"]]})
    assert response.status_code == 422
    assert "are at the same time" in Page(response).words
    assert titles_of(app, forum["early"]) == ({KITCHEN}, set())


def test_the_list_and_the_printed_list_of_one_session(bob: Client, forum: dict[str, str]) -> None:
    people = f"/desk/events/{forum['event']}/people"
    words = bob.page(people, session=forum["kitchen"]).words
    assert "Early Bird" in words
    assert "Mina" not in words
    assert "1 person" in words
    printed = bob.page(f"{people}/print", session=forum["yard"]).words
    assert "Mina" in printed
    assert "Early Bird" not in printed
    assert YARD in printed


def test_the_waiting_list_names_the_session_and_says_why(bob: Client, forum: dict[str, str]) -> None:
    words = bob.page(f"/desk/events/{forum['event']}/waiting").words
    assert f"“{KITCHEN}”" in words
    assert "When one is given back, the first on the list gets it." in words


def test_somebody_is_added_with_sessions(bob: Client, app: APIFlask, forum: dict[str, str]) -> None:
    address = f"/desk/events/{forum['event']}/people/add"
    form = {**bob.page(address).fields(), "name": "Aunt May", "phone": "+7 900 000-11-22", "agreed": "y"}
    refused = bob.post(address, data={**form, "full": "", "sessions": [forum["kitchen"]]})
    assert refused.status_code == 409
    assert f"No seat is left now: “{KITCHEN}”" in Page(refused).words
    bob.send(address, {**form, "sessions": [forum["kitchen"], forum["fair"]]})
    with app.app_context():
        event = db.session.scalars(db.select(Event).filter_by(public_id=forum["event"])).one()
        added = db.session.scalars(db.select(Registration).filter_by(event_id=event.id, name="Aunt May")).one()
        public_id = added.public_id
    assert titles_of(app, public_id) == ({FAIR}, {KITCHEN})


def test_an_offered_seat_is_on_no_list_of_those_who_come(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(days=0.9, kitchen=1)
        early = sign_up(event, "Early Bird", sessions=(code(event, KITCHEN),)).id
        kitchen = code(event, KITCHEN)
        sign_up(event, "Mina", sessions=(kitchen,), told_full=(kitchen,))
        cancel_registration(registration_id=early)
        public_id = event.public_id
    client.sign_in("bob")
    people = f"/desk/events/{public_id}/people"
    assert "Mina" not in client.page(people, session=kitchen).words
    assert "Mina" not in client.page(f"{people}/print", session=kitchen).words
