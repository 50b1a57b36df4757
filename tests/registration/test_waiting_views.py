"""The waiting list over HTTP: joining it, the own place, and an offer's two answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from apiflask import APIFlask
from sqlalchemy import update

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.registration.models import Registration, WaitingEntry
from app.registration.operations import cancel_event, cancel_registration
from app.registration.tickets import manage_token
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up


@pytest.fixture
def full(app: APIFlask) -> str:
    """The address of an event whose one seat is taken, and which begins tomorrow at this hour, less a little."""
    with app.app_context():
        event = make_event(capacity_in_person=1, starts_local=local(hours=23))
        sign_up(event, "Early Bird")
        return event.slug


def give_back(app: APIFlask) -> None:
    """The one who has the seat gives it back."""
    with app.app_context():
        holder = db.session.scalars(db.select(Registration).where(Registration.status == "confirmed")).one()
        cancel_registration(registration_id=holder.id)


def statuses(app: APIFlask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.select(Registration.status).order_by(Registration.id)))


def test_the_page_of_a_full_event_leads_to_the_list_and_the_own_page_says_the_place(
    client: Client, full: str, app: APIFlask
) -> None:
    assert "Join the waiting list" in client.page(f"/e/{full}").words
    assert "Join the waiting list" in client.page(f"/e/{full}/sign-up").words
    send_sign_up(client, full, name="Ada", email="ada@example.net")
    assert "1 person is on the list already" in client.page(f"/e/{full}/sign-up").words
    own = client.page(send_sign_up(client, full, name="Ben", email="ben@example.net"))
    assert "You are on the waiting list" in own.words
    assert "You are number 2 on the list" in own.words
    assert "All seats are taken" in own.words
    assert "Ada" not in own.words
    assert statuses(app) == ["confirmed", "waitlisted", "waitlisted"]


def test_who_waits_has_no_ticket_no_calendar_file_and_no_room(client: Client, full: str) -> None:
    address = send_sign_up(client, full)
    assert "square code" not in client.page(address).words
    assert client.get(f"{address}/ticket").status_code == 303
    for part in ("ticket.png", "ticket.svg", "event.ics"):
        assert client.get(f"{address}/{part}").status_code == 404


def test_a_form_opened_before_the_hall_filled_offers_the_list_and_keeps_everything(
    client: Client, slug: str, app: APIFlask
) -> None:
    late = form_of(client, slug, name="Late Comer", email="late@example.net")
    for number in range(2):
        send_sign_up(client, slug, name=f"Guest {number}", email=f"g{number}@example.net")
    page = Page(client.send(f"/e/{slug}/sign-up", late, status=409))
    assert (page.fields()["name"], page.fields()["email"]) == ("Late Comer", "late@example.net")
    assert "Send the form once more to join the waiting list" in page.words
    assert page.fields()["queued"] == "in_person"
    location = client.send(f"/e/{slug}/sign-up", {**late, "queued": page.fields()["queued"]}).headers["Location"]
    assert "You are the first on the list" in client.page(location).words


def test_only_the_full_way_of_coming_has_a_list(client: Client, slug: str, app: APIFlask) -> None:
    for number in range(2):
        send_sign_up(client, slug, name=f"Guest {number}", email=f"g{number}@example.net")
    assert "All taken: you join the waiting list" in client.page(f"/e/{slug}/sign-up").words
    assert "You are in" in client.page(send_sign_up(client, slug, mode="online")).words


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_offer_is_answered_by_a_button_and_by_nothing_else(
    client: Client, full: str, app: APIFlask, answer: str
) -> None:
    address = send_sign_up(client, full)
    assert client.get(f"{address}/offer").status_code == 303
    give_back(app)
    for page in (client.page(address), client.page(f"{address}/offer")):
        assert "A seat is free for you" in page.words
    client.send(f"{address}/offer", {"answer": "perhaps"})
    client.send(f"{address}/offer", {})
    assert statuses(app)[-1] == "offered"
    for _twice in range(2):
        location = client.send(f"{address}/offer", {"answer": answer}).headers["Location"]
    assert statuses(app)[-1] == {"yes": "confirmed", "no": "expired"}[answer]
    words = client.page(location).words
    assert {"yes": "You are in", "no": "You left the waiting list"}[answer] in words


def test_a_no_after_a_yes_takes_nothing_away_and_says_so(client: Client, full: str, app: APIFlask) -> None:
    address = send_sign_up(client, full)
    give_back(app)
    client.send(f"{address}/offer", {"answer": "yes"})
    location = client.send(f"{address}/offer", {"answer": "no"}).headers["Location"]
    assert "You took the seat before" in client.page(location).words
    assert statuses(app)[-1] == "confirmed"


def test_an_answer_that_comes_too_late_is_told_so(client: Client, full: str, app: APIFlask) -> None:
    address = send_sign_up(client, full)
    give_back(app)
    with app.app_context():
        entry = db.session.scalars(db.select(WaitingEntry)).one()
        until = entry.offer_until
    assert until is not None
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        page = Page(client.send(f"{address}/offer", {"answer": "yes"}, status=409))
        assert "The time to answer is over" in page.words
        assert now() > until
    assert statuses(app)[-1] == "offered"  # the worker has not come by yet


def test_leaving_the_list_asks_in_its_own_words(client: Client, full: str, app: APIFlask) -> None:
    address = send_sign_up(client, full)
    assert "Leave the waiting list?" in client.page(f"{address}/cancel").words
    client.send(f"{address}/cancel")
    assert "You left the waiting list" in client.page(address).words
    assert statuses(app) == ["confirmed", "cancelled"]


def test_an_address_can_be_corrected_while_one_waits(client: Client, full: str, app: APIFlask) -> None:
    address = send_sign_up(client, full)
    client.send(f"{address}/address", {"email": "right@example.net"})
    with app.app_context():
        waits = db.session.scalars(db.select(Registration).where(Registration.status == "waitlisted")).one()
        assert "You are the first on the list" in client.page(f"/r/{manage_token(waits)}").words


def test_a_hybrid_event_that_is_full_twice_has_two_queues(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1, capacity_online=1))
        sign_up(event, "Hall")
        sign_up(event, "Online", mode="online")
        slug = event.slug
    for mode in ("in_person", "online"):
        own = client.page(send_sign_up(client, slug, name=f"Wants {mode}", email=f"{mode}@example.net", mode=mode))
        assert "You are the first on the list" in own.words


def test_the_offer_of_a_cancelled_event_is_neither_shown_nor_answered(client: Client, full: str, app: APIFlask) -> None:
    address = send_sign_up(client, full)
    give_back(app)
    with app.app_context():
        event = db.session.scalars(db.select(Event)).one()
        cancel_event(actor=person("bob"), event_id=event.id, reason="")
    for part in ("offer", "cancel"):
        assert client.get(f"{address}/{part}").status_code == 303
        client.send(f"{address}/{part}", {"answer": "no"})
    assert statuses(app)[-1] == "offered"
    assert "This event will not take place" in client.page(address).words


def test_an_overdue_offer_is_not_held_out_any_more(client: Client, full: str, app: APIFlask) -> None:
    address = send_sign_up(client, full)
    give_back(app)
    with app.app_context(), transaction():
        execute(update(WaitingEntry).values(offer_until=now() - timedelta(seconds=1)))
    page = client.page(address)
    assert "The time to answer is over" in page.words
    assert "Yes, I take the seat" not in page.words


def test_a_late_form_is_answered_in_the_readers_language(client: Client, slug: str) -> None:
    late = form_of(client, slug)
    for number in range(2):
        send_sign_up(client, slug, name=f"Guest {number}", email=f"g{number}@example.net")
    page = Page(client.send(f"/e/{slug}/sign-up?lang=ru", late, status=409))
    assert "Чтобы встать в лист ожидания, отправьте форму ещё раз" in page.words
