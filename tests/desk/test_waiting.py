"""The waiting list as an organizer sees and moves it."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask

from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration.models import Registration
from tests.support.events import hybrid, make_event, sign_up
from tests.support.pages import Client, Page


@pytest.fixture
def full(app: APIFlask) -> str:
    """An event with one seat, taken, and three who wait."""
    with app.app_context():
        event = make_event(capacity_in_person=1)
        sign_up(event, "Early Bird")
        for name in ("Ada", "Ben", "Cleo"):
            sign_up(event, name, may_wait=True)
        return event.public_id


def edited(client: Client, public_id: str, **changes: Any) -> dict[str, Any]:
    page = client.page(f"/desk/events/{public_id}/edit")
    return {**page.fields(), "modes": ["in_person"], **changes}


def facts(app: APIFlask) -> tuple[list[str], int]:
    with app.app_context():
        statuses = list(db.session.scalars(db.select(Registration.status).order_by(Registration.id)))
        return statuses, len(db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.name == "promoted")).all())


def test_the_queue_is_shown_in_turn_with_the_reason(client: Client, full: str) -> None:
    client.sign_in("bob")
    assert "Waiting list: 3 people" in client.page(f"/desk/events/{full}").words
    page = client.page(f"/desk/events/{full}/waiting")
    assert [page.words.index(name) for name in ("Ada", "Ben", "Cleo")] == sorted(
        page.words.index(name) for name in ("Ada", "Ben", "Cleo")
    )
    assert page.words.count("All seats are taken. When one is given back, the first on the list gets it.") == 3
    assert "we write to you" not in page.words


def test_more_seats_ask_before_anybody_is_mailed(client: Client, full: str, app: APIFlask) -> None:
    client.sign_in("bob")
    form = edited(client, full, capacity_in_person="3", deed="save")
    question = Page(client.send(f"/desk/events/{full}/edit", form, status=200))
    assert "2 people move up from the waiting list" in question.words
    assert "Save and tell 2 people" in question.words
    assert "tell nobody" not in question.words
    assert facts(app) == (["confirmed", *["waitlisted"] * 3], 0)
    client.send(f"/desk/events/{full}/edit", {**question.fields(), "deed": "save_and_tell"})
    assert "2 people move up and are told." in client.page(f"/desk/events/{full}").words
    assert facts(app) == ([*["confirmed"] * 3, "waitlisted"], 2)


def test_the_same_number_or_fewer_seats_move_nobody_and_ask_nothing(client: Client, full: str, app: APIFlask) -> None:
    client.sign_in("bob")
    client.send(f"/desk/events/{full}/edit", edited(client, full, offer_hours="6", deed="save"))
    assert facts(app) == (["confirmed", *["waitlisted"] * 3], 0)


def test_who_waits_is_taken_off_in_words_that_are_true(client: Client, full: str, app: APIFlask) -> None:
    client.sign_in("bob")
    with app.app_context():
        ada = db.session.scalars(db.select(Registration).where(Registration.name == "Ada")).one().public_id
    assert "Mail the ticket again" not in client.page(f"/desk/people/{ada}").words
    assert "loses the place on the waiting list" in client.page(f"/desk/people/{ada}/cancel").words
    client.send(f"/desk/people/{ada}/cancel")
    assert "The person is off the waiting list." in client.page(f"/desk/people/{ada}").words
    assert "Waiting list: 2 people" in client.page(f"/desk/events/{full}").words


@pytest.fixture
def mina(app: APIFlask) -> str:
    """Somebody online who waits for the hall of a hybrid event."""
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1))
        sign_up(event, "Early Bird")
        return sign_up(event, "Mina", mode="online", also_wait_for="in_person").public_id


def test_who_has_a_seat_meanwhile_is_in_the_queue_and_the_page_says_both(client: Client, mina: str) -> None:
    client.sign_in("bob")
    page = client.page(f"/desk/people/{mina}")
    for words in ("Has a seat", "On the waiting list: in the hall, number 1.", "All seats are taken."):
        assert words in page.words
    event = next(link for link in page.links() if link.endswith("/people")).removesuffix("/people")
    assert "In the hall (has a seat meanwhile)" in client.page(f"{event}/waiting").words


def test_an_organizer_lets_a_person_come_another_way_and_tells_nobody_by_a_tick(
    client: Client, mina: str, app: APIFlask
) -> None:
    client.sign_in("bob")
    address = f"/desk/people/{mina}/way"
    assert "Please choose how the person takes part." in Page(client.send(address, {}, status=422)).words
    assert "not possible now" in Page(client.send(address, {"way": "+online"}, status=422)).words
    client.send(address, {"way": "online"})
    page = client.page(f"/desk/people/{mina}")
    assert "The change is saved." in page.words
    assert "The person gets a mail." not in page.words
    assert "Changed hall or online" in page.words
    client.send(address, {"way": "online+in_person", "tell": "y"})
    assert "The person gets a mail." in client.page(f"/desk/people/{mina}").words
    with app.app_context():
        names = db.session.scalars(db.select(OutboxMessage.name).order_by(OutboxMessage.id)).all()
    assert list(names) == ["registration_confirmed", "registration_confirmed", "registration_changed"]
