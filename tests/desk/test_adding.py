"""An organizer puts somebody on the list: with or without e-mail, on the waiting list, or over the limit."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask

from app.core.audit import AuditLine
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration.models import Consent, Registration
from app.registration.operations import cancel_event, cancel_registration
from app.registration.seats import drifts
from app.registration.tickets import manage_token
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page

GUEST = {"name": "Зоя Гостева", "phone": "8 912 345-67-89", "agreed": "y", "mode": "in_person"}


@pytest.fixture
def event(app: APIFlask) -> str:
    """The public id of an event with one free seat, whose sign-up has closed."""
    with app.app_context():
        return make_event(capacity_in_person=1).public_id


def add(client: Client, event: str, *, status: int = 303, **changes: Any) -> Page | str:
    values = {name: value for name, value in {**GUEST, **changes}.items() if value is not None}
    response = client.send(f"/desk/events/{event}/people/add", values, status=status)
    return response.headers["Location"] if status == 303 else Page(response)


def rows(app: APIFlask) -> list[tuple[str, str, str | None, str]]:
    with app.app_context():
        found = db.session.scalars(db.select(Registration).order_by(Registration.id)).all()
        return [(one.name, one.status, one.phone, one.mode) for one in found]


def mails(app: APIFlask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.select(OutboxMessage.name).order_by(OutboxMessage.id)))


def test_a_name_and_a_number_are_enough(client: Client, event: str, app: APIFlask) -> None:
    client.sign_in("bob")
    assert f"/desk/events/{event}/people/add" in client.page(f"/desk/events/{event}/people").links()
    where = add(client, event)
    page = client.page(str(where))
    assert "Зоя Гостева is added. Tell the person the number below." in page.words
    assert rows(app) == [("Зоя Гостева", "confirmed", "8 912 345-67-89", "in_person")]
    assert mails(app) == []
    assert "Added a person" in page.words
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Consent)) == 1
        assert drifts() == []


def test_with_an_address_and_a_tick_the_ticket_goes_out(client: Client, event: str, app: APIFlask) -> None:
    client.sign_in("bob")
    add(client, event, email="Zoya@Example.net", phone=None, tell="y")
    assert mails(app) == ["registration_confirmed"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Please write the name."),
        ({"phone": ""}, "Please write a telephone number or an e-mail address."),
        ({"phone": "", "email": "z@example.net", "wants_call": "y"}, "Please write the number to phone."),
        ({"agreed": None}, "Please ask the person first, and tick this."),
        ({"phone": "12"}, "Error:"),
    ],
)
def test_what_is_missing_is_asked_for_and_the_rest_is_kept(
    client: Client, event: str, app: APIFlask, changes: dict[str, Any], words: str
) -> None:
    client.sign_in("bob")
    page = add(client, event, status=422, **changes)
    assert isinstance(page, Page)
    assert words in page.words
    assert page.fields()["name"] == ("" if "name" in changes else "Зоя Гостева")
    assert rows(app) == []


def test_a_full_event_asks_what_to_do_and_does_it(client: Client, event: str, app: APIFlask) -> None:
    client.sign_in("bob")
    add(client, event)
    page = add(client, event, name="Second", status=409)
    assert isinstance(page, Page)
    assert "All seats are taken. Choose what to do with this person." in page.words
    assert page.fields()["name"] == "Second"
    add(client, event, name="Second", when_full="wait")
    add(client, event, name="Third", when_full="over")
    assert [row[:2] for row in rows(app)] == [
        ("Зоя Гостева", "confirmed"),
        ("Second", "waitlisted"),
        ("Third", "confirmed"),
    ]
    with app.app_context():
        actions = db.session.scalars(db.select(AuditLine.action).where(AuditLine.subject_kind == "registration"))
        assert list(actions) == ["add_person", "add_person", "add_over_limit"]
        assert drifts() == []


def test_an_event_without_a_list_offers_only_the_seat_over_the_limit(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=1, has_waiting_list=False).public_id
    client.sign_in("bob")
    add(client, event)
    page = client.page(f"/desk/events/{event}/people/add")
    assert "over the limit" in page.words
    assert "Put the person on the waiting list" not in page.words


def test_nobody_is_added_twice(client: Client, app: APIFlask) -> None:
    with app.app_context():
        row = make_event(capacity_in_person=9)
        sign_up(row, "Pat", "pat@example.net")
        event = row.public_id
    client.sign_in("bob")
    for changes in ({"name": "pat", "email": "pat@example.net"}, {}):
        if not changes:
            add(client, event)
        page = add(client, event, status=422, **changes)
        assert isinstance(page, Page)
        assert "is on the list already." in page.words
    assert len(rows(app)) == 2
    page = add(client, event, phone="+7 (912) 3456789", status=422)
    add(client, event, phone="8 912 345-67-80")
    assert len(rows(app)) == 3, "a namesake with another number"


def test_a_closed_sign_up_is_no_barrier_and_a_cancelled_event_is(client: Client, app: APIFlask) -> None:
    with app.app_context():
        closed = make_event(sign_up_closes_at=make_event().created_at, starts_local=local(days=3)).public_id
        gone = make_event()
        cancel_event(actor=person("bob"), event_id=gone.id, reason="")
        gone_id = gone.public_id
    client.sign_in("bob")
    add(client, closed)
    page = add(client, gone_id, status=409)
    assert isinstance(page, Page)
    assert "Nobody can be added to this event" in page.words
    assert "Nobody can be added" in client.page(f"/desk/events/{gone_id}/people/add", status=409).words
    assert "/people/add" not in " ".join(client.page(f"/desk/events/{gone_id}/people").links())


def test_a_hybrid_event_asks_how_the_person_comes(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid()).public_id
    client.sign_in("bob")
    page = add(client, event, mode=None, status=422)
    assert isinstance(page, Page)
    assert "Please choose how the person takes part." in page.words
    add(client, event, mode="online")
    assert rows(app)[0][3] == "online"


def test_the_letter_has_everything_on_one_page_in_large_type(client: Client, event: str) -> None:
    client.sign_in("bob")
    page = client.page(str(add(client, event)))
    address = next(link for link in page.links() if "/letter" in link)
    letter = client.page(address)
    for words in ("Зоя Гостева", "How to ask for money", "Moscow time", "Show this square code", "say your number"):
        assert words in letter.words
    assert "<svg" in letter.text
    assert letter.h1 == "Зоя Гостева"


def test_the_letter_of_somebody_online_and_of_one_who_waits(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1)).public_id
    client.sign_in("bob")
    online = client.page(str(add(client, event, mode="online")))
    letter = client.page(next(link for link in online.links() if "/letter" in link))
    assert "/r/" in letter.words
    assert "This square code opens your own page." in letter.words
    add(client, event, name="Second")
    waits = client.page(str(add(client, event, name="Third", when_full="wait")))
    letter = client.page(next(link for link in waits.links() if "/letter" in link))
    assert "You are on the waiting list for:" in letter.words
    assert "We phone you when a seat is free." in letter.words
    assert "Show this square code" not in letter.words


def test_over_the_limit_is_recorded_only_where_it_is_so_and_binds_no_later_edit(
    client: Client, event: str, app: APIFlask
) -> None:
    client.sign_in("bob")
    add(client, event, when_full="over")
    add(client, event, name="Second", when_full="over")
    with app.app_context():
        actions = db.session.scalars(db.select(AuditLine.action).where(AuditLine.subject_kind == "registration"))
        assert list(actions) == ["add_person", "add_over_limit"]
    form = client.page(f"/desk/events/{event}/edit").fields()
    client.send(f"/desk/events/{event}/edit", {**form, "modes": ["in_person"], "price": "Free", "deed": "save"})


def test_the_letter_of_somebody_who_is_asked_says_until_when(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=1, starts_local=local(hours=20))
        early = sign_up(event, "Early")
        public_id = event.public_id
    client.sign_in("bob")
    page = client.page(str(add(client, public_id, when_full="wait")))
    with app.app_context():
        cancel_registration(registration_id=early.id)
    letter = client.page(next(link for link in page.links() if "/letter" in link))
    assert "A seat is kept for you until" in letter.words
    assert "number 0" not in letter.words


def test_the_organizer_corrects_an_address_and_the_wrong_one_loses_link_and_ticket(
    client: Client, event: str, app: APIFlask
) -> None:
    client.sign_in("bob")
    own = str(add(client, event, email="wrnog@example.net", phone=""))
    with app.app_context():
        row = db.session.scalars(db.select(Registration)).one()
        old, ticket = manage_token(row), row.ticket_hash
    client.send(f"{own}/address", {"email": "Right@example.net", "send": "y"})
    assert "right@example.net" in client.page(own).words
    assert client.get(f"/r/{old}").status_code == 404
    with app.app_context():
        row = db.session.scalars(db.select(Registration)).one()
        assert row.ticket_hash != ticket
        assert client.get(f"/r/{manage_token(row)}").status_code == 200
        sent = db.session.scalars(
            db.select(OutboxMessage.to_address).where(OutboxMessage.to_address == "right@example.net")
        ).all()
        assert len(sent) == 1
    assert client.post(f"{own}/address", data={"email": "no address"}).status_code == 422


def test_an_address_is_added_and_what_was_printed_stays_good(client: Client, event: str, app: APIFlask) -> None:
    client.sign_in("bob")
    own = str(add(client, event))
    with app.app_context():
        row = db.session.scalars(db.select(Registration)).one()
        old, ticket = manage_token(row), row.ticket_hash
    client.send(f"{own}/address", {"email": "may@example.net"})
    with app.app_context():
        row = db.session.scalars(db.select(Registration)).one()
        assert (manage_token(row), row.ticket_hash) == (old, ticket)
        assert db.session.scalars(db.select(OutboxMessage)).all() == []
    assert "may@example.net" in client.page(own).words


def test_another_language_after_an_error_comes_back_to_the_form(client: Client, app: APIFlask) -> None:
    with app.app_context():
        where = make_event().public_id
    client.sign_in("bob")
    path = f"/desk/events/{where}/people/add"
    page = Page(client.send(path, {"name": ""}, status=422))
    assert page.fields()["next"] == path
