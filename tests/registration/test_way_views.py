"""Coming another way over HTTP: the sign-up form's third choice, the own page, and the page that changes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db
from app.registration.models import Registration
from app.registration.operations import cancel_event, cancel_registration
from app.registration.tickets import manage_token
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up


@pytest.fixture
def full(app: APIFlask) -> str:
    """The address of a hybrid event with one seat in the hall, taken, and five online."""
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1, capacity_online=5))
        sign_up(event, "Early Bird")
        return event.slug


def own_address(app: APIFlask, name: str) -> str:
    with app.app_context():
        row = db.session.scalars(db.select(Registration).where(Registration.name == name)).one()
        return f"/r/{manage_token(row)}"


def state(app: APIFlask, name: str) -> tuple[str, str]:
    with app.app_context():
        row = db.session.scalars(db.select(Registration).where(Registration.name == name)).one()
        return row.status, row.mode


def choices(page: Page) -> list[str]:
    return [radio.get("value") for radio in page.all("input") if radio.get("type") == "radio"]


def chosen(page: Page) -> list[str]:
    radios = [one for one in page.all("input") if one.get("type") == "radio"]
    return [one.get("value") for one in radios if one.get("checked") is not None]


def leave(app: APIFlask, name: str = "Early Bird") -> None:
    with app.app_context():
        row = db.session.scalars(db.select(Registration).where(Registration.name == name)).one()
        cancel_registration(registration_id=row.id)


def test_the_form_of_a_full_hall_offers_a_seat_meanwhile(client: Client, full: str, app: APIFlask) -> None:
    form = client.page(f"/e/{full}/sign-up")
    assert choices(form) == ["in_person", "online", "online+in_person"]
    own = client.page(send_sign_up(client, full, name="Mina", email="mina@example.net", mode="online+in_person"))
    for words in ("You are in", "Seat kept: online", "You are also on the waiting list: in the hall.", "the first on"):
        assert words in own.words
    assert state(app, "Mina") == ("confirmed", "online")
    assert "where 1 person is already" in client.page(f"/e/{full}/sign-up").words


def test_a_hall_with_seats_offers_no_list(client: Client, slug: str) -> None:
    assert choices(client.page(f"/e/{slug}/sign-up")) == ["in_person", "online"]


def test_a_form_opened_while_the_hall_was_full_takes_the_seat_that_came_free(
    client: Client, full: str, app: APIFlask
) -> None:
    form = form_of(client, full)
    leave(app)
    client.send(f"/e/{full}/sign-up", {**form, "name": "Mina", "email": "mina@example.net", "mode": "online+in_person"})
    assert state(app, "Mina") == ("confirmed", "in_person")


def test_a_slip_keeps_the_third_choice(client: Client, full: str) -> None:
    form = form_of(client, full)
    page = Page(client.send(f"/e/{full}/sign-up", {**form, "name": "", "mode": "online+in_person"}, status=422))
    assert chosen(page) == ["online+in_person"]


def test_online_that_filled_up_meanwhile_is_said_and_the_hall_stays_chosen(
    client: Client, full: str, app: APIFlask
) -> None:
    form = form_of(client, full)
    with app.app_context():
        event = db.session.scalars(db.select(Event)).one()
        for number in range(5):
            sign_up(event, f"Online {number}", mode="online")
    values = {**form, "name": "Mina", "email": "mina@example.net", "mode": "online+in_person"}
    page = Page(client.send(f"/e/{full}/sign-up", values, status=409))
    assert "All online seats are taken now. What you entered is still here." in page.words
    assert chosen(page) == ["in_person"]
    assert page.fields()["name"] == "Mina"


def test_one_switches_by_a_button_and_a_get_changes_nothing(client: Client, full: str, app: APIFlask) -> None:
    own = own_address(app, "Early Bird")
    assert f"{own}/edit" in client.page(own).links()
    page = client.page(f"{own}/edit")
    assert choices(page) == ["online"]
    assert chosen(page) == [], "what gives something up is never chosen for one"
    assert "The seat in the hall is given up." in page.words
    assert "You can change this until" in page.words
    client.get(f"{own}/edit?way=online")
    assert state(app, "Early Bird") == ("confirmed", "in_person")
    answer = client.send(f"{own}/edit", {"way": "online"})
    assert "Your change is saved." in client.page(answer.location).words
    assert state(app, "Early Bird") == ("confirmed", "online")
    assert client.get(f"{own}/ticket").status_code == 303, "the hall's ticket"
    client.send(f"{own}/edit", {"way": "online"})
    assert choices(client.page(f"{own}/edit")) == ["in_person"]


def test_no_answer_is_asked_for_again_and_what_filled_up_is_said(client: Client, full: str, app: APIFlask) -> None:
    with app.app_context():
        sign_up(db.session.scalars(db.select(Event)).one(), "Otto", mode="online")
    own = own_address(app, "Otto")
    assert chosen(client.page(f"{own}/edit")) == ["online+in_person"], "it gives nothing up"
    assert "Please choose how you will take part." in Page(client.send(f"{own}/edit", {}, status=422)).words
    page = Page(client.send(f"{own}/edit", {"way": "in_person"}, status=409))
    assert "All seats in the hall are taken by now. Please choose again." in page.words
    assert choices(page) == ["online+in_person"]
    assert "<script>" not in Page(client.send(f"{own}/edit", {"way": "<script>+x"}, status=409)).words
    assert state(app, "Otto") == ("confirmed", "online")


def test_after_the_deadline_the_page_says_whom_to_ask(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(starts_local=local(hours=5), change_lead_hours=6))
        sign_up(event, "Late")
    own = own_address(app, "Late")
    page = client.page(f"{own}/edit")
    assert "This could be changed until" in page.words
    assert "Please ask the organizer." in page.words
    assert "@" in page.words
    refused = Page(client.send(f"{own}/edit", {"way": "online"}, status=409))
    assert "Please ask the organizer." in refused.words
    assert state(app, "Late") == ("confirmed", "in_person")


@pytest.mark.parametrize("hybrid_too", [False, True])
def test_there_is_nothing_to_change_at_one_way_events_and_cancelled_ones(
    client: Client, app: APIFlask, hybrid_too: bool
) -> None:
    with app.app_context():
        event = make_event(hybrid()) if hybrid_too else make_event()
        sign_up(event, "Solo")
        if hybrid_too:
            cancel_event(actor=person("bob"), event_id=event.id, reason="")
    own = own_address(app, "Solo")
    assert "/edit" not in " ".join(client.page(own).links())
    assert client.get(f"{own}/edit").status_code == 303


def test_an_offer_beside_a_seat_is_answered_on_the_own_page(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1, starts_local=local(hours=20)))
        early = sign_up(event, "Early Bird")
        sign_up(event, "Mina", mode="online", also_wait_for="in_person")
        cancel_registration(registration_id=early.id)
        where = event.slug
    own = own_address(app, "Mina")
    page = client.page(own)
    for words in (
        "A seat is free for you: in the hall",
        "No, I stay online",
        "you keep the seat that you have (online)",
    ):
        assert words in page.words
    offer = client.page(f"{own}/offer")
    assert "Online, through your own page" not in offer.words, "the place is the hall's"
    client.send(f"{own}/offer", {"answer": "yes", "mode": "in_person"})
    assert state(app, "Mina") == ("confirmed", "in_person")
    client.send(f"{own}/offer", {"answer": "no"})
    assert state(app, "Mina") == ("confirmed", "in_person")
    with time_machine.travel(now() + timedelta(minutes=1)):
        assert "Seat kept: in the hall" in client.page(own).words
    assert client.page(f"/e/{where}").words


def test_a_no_beside_a_seat_keeps_it(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1, starts_local=local(hours=20)))
        early = sign_up(event, "Early Bird")
        sign_up(event, "Mina", mode="online", also_wait_for="in_person")
        cancel_registration(registration_id=early.id)
    own = own_address(app, "Mina")
    client.send(f"{own}/offer", {"answer": "no"})
    assert state(app, "Mina") == ("confirmed", "online")
    assert "waiting list" not in client.page(own).words


def test_the_pages_speak_russian(client: Client, full: str, app: APIFlask) -> None:
    own = own_address(app, "Early Bird")
    page = client.page(f"{own}/edit", lang="ru")
    assert page.h1 == "Как я участвую"
    assert "Место в зале освобождается." in page.words
    form = client.page(f"/e/{full}/sign-up", lang="ru")
    assert "Пока онлайн, и в листе ожидания на место в зале" in form.words
