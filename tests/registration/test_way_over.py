"""The evenings in the hall, or online, are over and the course goes on: nobody new is offered a way that is over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import queries
from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, waiting
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations.sign_up import ModeNotOffered
from app.registration.operations.ways import WayNotOpen
from app.registration.queries import find_by_public_id
from app.registration.rules import Way, Why
from app.registration.tickets import mailed_token
from app.registration.way_hints import has_ways
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.meetings import one_more
from tests.support.pages import Client, Page
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")

FIRST, SECOND = [local(days=days).replace(hour=19, minute=0) for days in (9, 23)]
HOUR = timedelta(hours=1)
FIRST_OVER, ALL_OVER = now() + timedelta(days=12), now() + timedelta(days=40)
ROOM = "https://rooms.example/2"


def course(**changes: Any) -> Event:
    """An evening in the hall and online, and one two weeks later online alone."""
    limits = {"capacity_in_person": 2, "capacity_online": 2, **changes}
    event = make_event(hybrid(starts_local=FIRST, ends_local=FIRST + HOUR, **limits))
    one_more(
        event,
        starts_local=SECOND,
        ends_local=SECOND + HOUR,
        is_in_person=False,
        is_online=True,
        venue_id=None,
        room_url=ROOM,
    )
    return event


def row(registration: Registration) -> Registration:
    again()
    return db.session.get_one(Registration, registration.id)


def found(registration: Registration) -> Registration:
    """The same with its event, as a page has it."""
    again()
    with_event = find_by_public_id(registration.public_id)
    assert with_event is not None
    return with_event


def offer_of(page: Page) -> str:
    """What the page tells search engines of its seats."""
    whole = next(json.loads(one.text) for one in page.all("script") if one.get("type") == "application/ld+json")
    return str(whole["offers"]["availability"]).rpartition("/")[2]


def test_page_list_and_form_offer_what_is_to_come(client: Client) -> None:
    event = course()
    before = client.page(f"/e/{event.slug}/sign-up").words
    assert "In the hall" in before
    assert f"/e/{event.slug}" in client.page("/events", mode="in_person").links()
    with time_machine.travel(FIRST_OVER, tick=True):
        page = client.page(f"/e/{event.slug}")
        assert "2 free seats" in page.words or "Only 2 seats left" in page.words
        assert "In the hall:" not in page.words
        assert "In the hall" not in client.page(f"/e/{event.slug}/sign-up").words
        assert "partly in the hall" not in client.page("/events").words
        assert f"/e/{event.slug}" not in client.page("/events", mode="in_person").links()
        assert f"/e/{event.slug}" not in client.page("/events", mode="hybrid").links()
        assert f"/e/{event.slug}" in client.page("/events", mode="online").links()
        assert event.slug in client.get("/events.atom?mode=in_person").get_data(as_text=True), "a feed has what was"


def test_free_chairs_of_evenings_that_are_over_are_no_seats(client: Client) -> None:
    event = course()
    sign_up(event, "Olga", mode="online")
    sign_up(event, "Oleg", mode="online")
    assert offer_of(client.page(f"/e/{event.slug}")) == "LimitedAvailability"
    with time_machine.travel(FIRST_OVER, tick=True):
        page = client.page(f"/e/{event.slug}")
        assert offer_of(page) == "SoldOut"
        assert "All seats are taken, there is a waiting list" in page.words
        late = sign_up(event, "Lea", mode="online", may_wait=True)
        assert row(late).status == "waitlisted"


def test_a_form_that_was_open_too_long_loses_nothing(client: Client) -> None:
    event = course()
    form = client.page(f"/e/{event.slug}/sign-up").fields() | {"name": "Late Lea", "email": "lea@people.example"}
    form["mode"] = "in_person"
    with time_machine.travel(FIRST_OVER, tick=True):
        answer = Page(client.send(f"/e/{event.slug}/sign-up", form, status=422))
        assert "Late Lea" in answer.text
        with pytest.raises(ModeNotOffered):
            sign_up(event, "Hal")
        with pytest.raises(ModeNotOffered):
            sign_up(event, "Ben", mode="online", also_wait_for="in_person", may_wait=True)
        assert row(sign_up(event, "Lea", mode="online")).has_seat


def test_a_chair_of_an_evening_that_is_over_is_handed_on_to_nobody() -> None:
    event = course(capacity_in_person=1)
    hall = sign_up(event, "Hal")
    waits = sign_up(event, "Wanda", may_wait=True)
    both = sign_up(event, "Ben", mode="online", also_wait_for="in_person", may_wait=True)
    with time_machine.travel(FIRST_OVER, tick=True):
        operations.cancel_registration(registration_id=hall.id)
        operations.tend_queues()
        assert row(waits).status == "waitlisted"
        assert "promoted" not in list(db.session.scalars(select(OutboxMessage.name)))
        assert event.id not in waiting.events_that_can_promote()
        assert {one.why for one in waiting.waiting_at(event.id)} == {Why.BEGUN}
        assert waiting.ways_of(event.id, waits.id).open == [Way(seat="online")]
        assert waiting.ways_of(event.id, both.id).open == [Way(seat="online")], "gives up the waiting"
        assert waiting.count_moving_up(event.id, {"in_person": 5, "online": 5}) == 0
        operations.switch_mode(registration_id=waits.id, way=Way(seat="online"))
        operations.switch_mode(registration_id=both.id, way=Way(seat="online"))
        assert (row(waits).mode, row(waits).status) == ("online", "confirmed")
        assert waiting.waiting_at(event.id) == []


def test_before_it_is_over_the_chair_goes_to_who_waits() -> None:
    event = course(capacity_in_person=1)
    hall = sign_up(event, "Hal")
    waits = sign_up(event, "Wanda", may_wait=True)
    operations.cancel_registration(registration_id=hall.id)
    assert (row(waits).mode, row(waits).status) == ("in_person", "confirmed")


def test_who_has_a_seat_keeps_it_and_takes_part_in_the_rest(client: Client) -> None:
    event = course()
    hall, online = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    assert has_ways(found(online))
    with time_machine.travel(FIRST_OVER, tick=True):
        assert (row(hall).mode, row(hall).status) == ("in_person", "confirmed")
        assert not has_ways(found(online))
        assert not has_ways(found(hall)), "the seat is good for all meetings"
        page = client.page(f"/r/{mailed_token(found(hall))}").words
        assert "Seat kept: online" in page
        assert "Come another way" not in page
        with pytest.raises(WayNotOpen):
            operations.switch_mode(registration_id=online.id, way=Way(seat="in_person"))
        operations.switch_mode(registration_id=hall.id, way=Way(seat="online"))
        assert row(hall).mode == "online"
        assert waiting.ways_of(event.id, hall.id).open == []


def test_a_reminder_says_how_one_takes_part_in_that_meeting() -> None:
    event = make_event(hybrid(starts_local=FIRST, ends_local=FIRST + HOUR))
    online = {"is_in_person": False, "is_online": True, "venue_id": None, "room_url": ROOM}
    one_more(event, starts_local=SECOND - 24 * HOUR, ends_local=SECOND - 23 * HOUR, **online)
    one_more(event, starts_local=SECOND, ends_local=SECOND + HOUR, is_online=False, room_url=None)
    hall = sign_up(event, "Hal")
    for number, words in ((0, "in the hall"), (1, "online"), (2, "in the hall")):
        session = queries.sessions_of(event.id)[number]
        with time_machine.travel(session.starts_at - 2 * HOUR, tick=True):
            again()
            starts_at = session.starts_at.isoformat()
            told = MESSAGES["reminder"]({"registration": hall.public_id, "starts_at": starts_at})
            assert told is not None
            assert f"Your seat is kept: {words}." in told.text
            assert f"Your seat is kept: {words}." in told.html


def test_the_desk_may_note_who_was_in_the_hall(client: Client) -> None:
    event = course()
    with time_machine.travel(FIRST_OVER, tick=True):
        client.sign_in("bob")
        assert "In the hall" in client.page(f"/desk/events/{event.public_id}/people/add").words
        came = operations.SignUpValues("Walk In", None, "in_person", "en", phone="+7 912 345-67-89")
        operations.add_person(actor=person("bob"), event_id=event.id, values=came)
        again()
        assert [one.taken for one in queries.pools_of(event.id) if one.mode == "in_person"] == [1]


def test_once_all_is_over_the_page_is_as_it_was(client: Client) -> None:
    event = course()
    with time_machine.travel(ALL_OVER, tick=True):
        assert "This event is over" in client.page(f"/e/{event.slug}").words


def test_another_evening_in_the_hall_opens_its_seats_again() -> None:
    event = course()
    with time_machine.travel(FIRST_OVER, tick=True):
        again()
        last = queries.sessions_of(event.id)[1]
        values = replace(queries.session_values(last, []), is_in_person=True, place_note={"en": "Yard"})
        seen = queries.seen_of(db.session.get_one(Event, event.id))
        operations.change_session(actor=person("bob"), session_id=last.id, values=values, seen=seen)
        assert row(sign_up(event, "Hal")).mode == "in_person"
        known = db.session.get_one(Event, event.id)
        assert (known.in_person_until, known.online_until) == (None, None)


def test_an_event_knows_when_each_way_of_coming_to_it_ends() -> None:
    event = course()
    first, last = queries.sessions_of(event.id)
    again()
    known = db.session.get_one(Event, event.id)
    assert (known.in_person_until, known.online_until) == (first.ends_at, None)
    operations.cancel_session(actor=person("bob"), session_id=last.id, reason="")
    again()
    known = db.session.get_one(Event, event.id)
    assert (known.in_person_until, known.online_until, known.ends_at) == (None, None, first.ends_at)
