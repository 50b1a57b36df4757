"""The call list: what others get by mail, for people without e-mail and those who asked to be phoned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask

from app.catalogue import queries
from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db
from app.core.errors import Missing, NotAllowed
from app.registration import operations, seats
from app.registration.calls import open_calls
from app.registration.models import Registration
from app.registration.operations import Answer, SignUpValues, answer_call
from tests.support.cast import person
from tests.support.events import local, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.together import in_threads

ZOYA = SignUpValues(name="Zoya", email=None, phone="+79123456789", mode="in_person", language="en", may_wait=True)


def add(event: Event, name: str, *, email: str | None = None, wants_call: bool = False, **more: Any) -> Registration:
    values = replace(ZOYA, name=name, email=email, **more)
    added = operations.add_person(actor=person("bob"), event_id=event.id, values=values, wants_call=wants_call)
    return db.session.scalars(db.select(Registration).where(Registration.public_id == added)).one()


def calls(event: Event) -> list[tuple[str, str]]:
    db.session.expunge_all()
    db.session.rollback()
    return [(one.registration.name, " ".join(sorted(one.messages))) for one in open_calls(event.organization_id)]


def only_call(event: Event) -> int:
    (one,) = open_calls(event.organization_id)
    return one.id


def status(registration: Registration) -> str:
    found = db.session.scalar(db.select(Registration.status).where(Registration.id == registration.id))
    return str(found)


def full(**changes: Any) -> tuple[Event, Registration]:
    event = make_event(capacity_in_person=1, **changes)
    return event, sign_up(event, "Early")


@pytest.mark.usefixtures("context")
def test_who_moved_up_is_phoned_if_there_is_no_address_or_by_wish() -> None:
    event, early = full()
    add(event, "No Mail")
    add(event, "Reads None", email="none@example.net", wants_call=True)
    add(event, "Mail Only", email="mail@example.net")
    operations.cancel_registration(registration_id=early.id)
    assert calls(event) == [("No Mail", "promoted")]
    operations.answer_call(actor=person("bob"), call_id=only_call(event), answer=Answer.CANNOT)
    assert calls(event) == [("Reads None", "promoted")]
    operations.answer_call(actor=person("bob"), call_id=only_call(event), answer=Answer.CANNOT)
    assert calls(event) == [], "the last one has mail and reads it"
    assert seats.drifts() == []


@pytest.mark.usefixtures("context")
def test_an_offer_is_taken_by_telephone() -> None:
    event, early = full(starts_local=local(hours=20))
    zoya = add(event, "Zoya")
    operations.cancel_registration(registration_id=early.id)
    assert calls(event) == [("Zoya", "seat_offered")]
    call_id = only_call(event)
    assert answer_call(actor=person("bob"), call_id=call_id, answer=Answer.NO_ANSWER) is True
    assert calls(event) == [("Zoya", "seat_offered")]
    assert open_calls(event.organization_id)[0].tries == 1
    assert answer_call(actor=person("bob"), call_id=call_id, answer=Answer.COMES) is True
    assert answer_call(actor=person("bob"), call_id=call_id, answer=Answer.CANNOT) is False
    assert status(zoya) == "confirmed"
    assert calls(event) == []


@pytest.mark.usefixtures("context")
def test_a_no_by_telephone_moves_the_queue_at_once() -> None:
    event, early = full(starts_local=local(hours=20))
    zoya, next_one = add(event, "Zoya"), add(event, "Next")
    operations.cancel_registration(registration_id=early.id)
    answer_call(actor=person("bob"), call_id=only_call(event), answer=Answer.CANNOT)
    assert (status(zoya), status(next_one)) == ("expired", "offered")
    assert calls(event) == [("Next", "seat_offered")]


@pytest.mark.usefixtures("context")
def test_an_offer_that_is_over_is_no_longer_on_the_list() -> None:
    event, early = full(starts_local=local(hours=20))
    zoya = add(event, "Zoya")
    operations.cancel_registration(registration_id=early.id)
    with time_machine.travel(now() + timedelta(hours=19)):
        assert calls(event) == []
    operations.cancel_person(actor=person("bob"), registration_id=zoya.id, notify=False)
    assert calls(event) == []


@pytest.mark.usefixtures("context")
def test_a_moved_event_is_said_once_and_a_cancelled_one_overtakes_everything() -> None:
    event = make_event()
    add(event, "Zoya")
    bob = person("bob")
    for days in (8, 9):
        known = db.session.get_one(Event, event.id)
        values = queries.event_values(known, queries.sessions_of(known.id), queries.pools_of(known.id))
        start = local(days=days)
        values = replace(values, starts_local=start, ends_local=start + timedelta(hours=2))
        operations.change_event(actor=bob, event_id=event.id, values=values, seen=queries.seen_of(known))
    assert calls(event) == [("Zoya", "event_moved")]
    operations.cancel_event(actor=bob, event_id=event.id, reason="Flu")
    assert calls(event) == [("Zoya", "event_cancelled")]
    answer_call(actor=bob, call_id=only_call(event), answer=Answer.TOLD)
    assert calls(event) == []


@pytest.mark.usefixtures("context")
def test_only_those_who_see_people_answer_calls() -> None:
    event, early = full()
    add(event, "Zoya")
    operations.cancel_registration(registration_id=early.id)
    call_id = only_call(event)
    with pytest.raises(NotAllowed):
        answer_call(actor=person("dora"), call_id=call_id, answer=Answer.CANNOT)
    with pytest.raises(Missing):
        answer_call(actor=person("bob"), call_id=10**9, answer=Answer.CANNOT)


@pytest.mark.usefixtures("context")
def test_two_helpers_phone_the_same_person_while_the_seat_goes_on(app: APIFlask) -> None:
    for number in range(5):
        event, early = full(starts_local=local(hours=20))
        add(event, f"Zoya {number}")
        add(event, f"Next {number}")
        operations.cancel_registration(registration_id=early.id)
        bob = person("bob")
        call_id = open_calls(event.organization_id, event.id)[0].id
        results = in_threads(
            app,
            partial(answer_call, actor=bob, call_id=call_id, answer=Answer.CANNOT),
            partial(answer_call, actor=bob, call_id=call_id, answer=Answer.COMES),
            operations.tend_queues,
            partial(answer_call, actor=bob, call_id=call_id, answer=Answer.NO_ANSWER),
        )
        assert sum(result is True for result in results[:2]) == 1
        assert seats.drifts() == []


def test_the_list_says_whom_to_phone_and_what_to_say(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event, early = full(starts_local=local(hours=20))
        add(event, "Zoya")
        operations.cancel_registration(registration_id=early.id)
    client.sign_in("bob")
    page = client.page("/desk/calls")
    for words in ("1 person to phone", "Zoya", "A seat is free: in the hall. It is kept until", "Takes the seat"):
        assert words in page.words
    assert "tel:+79123456789" in page.links()
    with app.app_context():
        call_id = only_call(db.session.scalars(db.select(Event)).one())
    assert "Please choose an answer." in Page(client.send(f"/desk/calls/{call_id}", {}, status=422)).words
    client.send(f"/desk/calls/{call_id}", {"answer": "no_answer"})
    assert "The call stays on the list." in client.page("/desk/calls").words
    client.send(f"/desk/calls/{call_id}", {"answer": "comes"})
    page = client.page("/desk/calls")
    assert "Thank you, it is written down." in page.words
    assert "Nobody to phone" in page.words
    client.send(f"/desk/calls/{call_id}", {"answer": "comes"})
    assert "This call has been made already." in client.page("/desk/calls").words
    assert client.page("/desk/calls", lang="ru").h1 == "Список звонков"


def test_an_answer_to_what_is_no_longer_asked_is_not_written_down(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event, early = full(starts_local=local(hours=20))
        zoya = add(event, "Zoya", email="zoya@example.net", wants_call=True)
        operations.cancel_registration(registration_id=early.id)
        call_id = only_call(event)
    client.sign_in("bob")
    old = client.page("/desk/calls").fields()
    with app.app_context():
        operations.accept_offer(registration_id=zoya.id)
    page = Page(client.send(f"/desk/calls/{call_id}", {**old, "answer": "cannot"}, status=409))
    assert "Something has changed since you opened this page" in page.words
    with app.app_context():
        assert status(zoya) == "confirmed"
    client.send(f"/desk/calls/{10**9}", {"answer": "comes"})
    assert "There is something newer to say to this person." in client.page("/desk/calls").words


@pytest.mark.usefixtures("context")
def test_one_call_says_everything_and_a_yes_takes_the_seat() -> None:
    event, early = full(starts_local=local(hours=20))
    zoya = add(event, "Zoya")
    operations.cancel_registration(registration_id=early.id)
    known = db.session.get_one(Event, event.id)
    values = queries.event_values(known, queries.sessions_of(known.id), queries.pools_of(known.id))
    start = local(hours=19)
    values = replace(values, starts_local=start, ends_local=start + timedelta(hours=2))
    operations.change_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known))
    assert calls(event) == [("Zoya", "event_moved seat_offered")]
    operations.answer_call(actor=person("bob"), call_id=only_call(event), answer=Answer.COMES)
    assert status(zoya) == "confirmed"
    assert calls(event) == []


def test_a_person_on_the_waiting_list_is_not_promised_a_seat(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event, _early = full()
        add(event, "Zoya")
        public_id = event.public_id
    client.sign_in("bob")
    form = client.page(f"/desk/events/{public_id}/edit").fields()
    question = Page(
        client.send(
            f"/desk/events/{public_id}/edit",
            {**form, "modes": ["in_person"], "starts": "10:00", "ends": "12:00", "deed": "save"},
            status=200,
        )
    )
    assert "1 person will be told by mail" in question.words
    assert "1 person must be phoned" in question.words
    assert "Save and tell 2 people" in question.words
    client.send(
        f"/desk/events/{public_id}/edit", {**question.fields(), "modes": ["in_person"], "deed": "save_and_tell"}
    )
    assert "1 person is on the call list now." in client.page(f"/desk/events/{public_id}").words
    page = client.page("/desk/calls")
    for words in ("Time or place has changed.", "It was planned for:", "has no seat yet", "Waits on"):
        assert words in page.words


def test_cancelling_an_event_counts_those_who_must_be_phoned(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        add(event, "Zoya")
        public_id = event.public_id
    client.sign_in("bob")
    page = client.page(f"/desk/events/{public_id}/cancel")
    assert "1 person must be phoned" in page.words
    assert "Nobody has signed up" not in page.words
    client.send(f"/desk/events/{public_id}/cancel", {"reason": "The speaker is ill."})
    assert "The event is cancelled. 1 person is on the call list now." in client.page(f"/desk/events/{public_id}").words
    page = client.page("/desk/calls")
    for words in ("The event will not take place.", "The speaker is ill.", "Was told"):
        assert words in page.words
    assert "Comes" not in page.words


def test_a_wrong_number_is_corrected(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = add(make_event(), "Zoya").public_id
    client.sign_in("bob")
    page = client.page(f"/desk/people/{public_id}")
    assert page.fields()["phone"] == "+79123456789"
    refused = Page(client.send(f"/desk/people/{public_id}/name", {"name": "Zoya", "phone": ""}, status=422))
    assert "Please write the number to phone." in refused.words
    client.send(f"/desk/people/{public_id}/name", {"name": "Zoya Z", "phone": "+7 900 000-00-00", "wants_call": "y"})
    page = client.page(f"/desk/people/{public_id}")
    for words in ("Zoya Z", "+7 900 000-00-00", "please phone", "Corrected a telephone number"):
        assert words in page.words
