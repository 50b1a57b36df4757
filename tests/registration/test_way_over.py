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
from app.registration import operations, seats, waiting
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations.sign_up import ModeNotOffered
from app.registration.operations.ways import WayNotOpen
from app.registration.own_calendar import feed_of, personal_calendar
from app.registration.queries import find_by_public_id
from app.registration.rules import Way, Why
from app.registration.tickets import mailed_token
from app.registration.way_hints import has_ways
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.letters import letter
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


def test_the_form_says_beforehand_what_a_way_covers(client: Client) -> None:
    event = course()
    words = client.page(f"/e/{event.slug}/sign-up").words
    assert "Meetings in the hall: 1 of 2. The others are online." in words
    assert "Meetings online" not in words
    with time_machine.travel(FIRST_OVER, tick=True):
        assert "Meetings in the hall" not in client.page(f"/e/{event.slug}/sign-up").words


def test_a_letter_says_how_to_come_to_all_that_is_to_come(client: Client) -> None:
    event = course()
    hall, online = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    entrance, room = "Show this square code at the entrance", "The online room is on your own page"

    def said(registration: Registration) -> tuple[bool, bool]:
        words = client.page(f"/r/{mailed_token(found(registration))}/letter").words
        return entrance in words, room in words

    assert (said(hall), said(online)) == ((True, True), (False, True))
    with time_machine.travel(FIRST_OVER, tick=True):
        assert (said(hall), said(online)) == ((False, True), (False, True))


def test_once_it_is_over_the_own_page_asks_for_nothing(client: Client) -> None:
    event = course(capacity_online=1)
    hall, online = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    waits = sign_up(event, "Wanda", mode="online", may_wait=True)
    with time_machine.travel(ALL_OVER, tick=True):
        for one in (hall, online, waits):
            words = client.page(f"/r/{mailed_token(found(one))}").words
            assert "This event is over." in words
            assert "What happens next" not in words
            assert "You are the first on the list" not in words


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


def test_the_desk_adds_people_to_what_is_still_to_come(client: Client) -> None:
    event = course()
    with time_machine.travel(FIRST_OVER, tick=True):
        client.sign_in("bob")
        words = client.page(f"/desk/events/{event.public_id}/people/add").words
        assert "In the hall" not in words


def everybody() -> tuple[Event, dict[str, Registration]]:
    """Two have seats in the hall, two online; others wait for either, also beside a seat, or have no mail."""
    event = course()
    people = {name: sign_up(event, name) for name in ("Hal", "Hugo")}
    people |= {name: sign_up(event, name, mode="online") for name in ("Olga", "Oleg")}
    operations.switch_mode(registration_id=people["Oleg"].id, way=Way(seat="online", queue="in_person"))
    operations.switch_mode(registration_id=people["Hugo"].id, way=Way(seat="in_person", queue="online"))
    people["Walt"] = sign_up(event, "Walt", may_wait=True)
    people["Wera"] = sign_up(event, "Wera", mode="online", may_wait=True)
    return event, people


def test_people_of_a_way_that_is_over_come_the_other_way() -> None:
    event, people = everybody()
    with time_machine.travel(FIRST_OVER, tick=True):
        files = {name: (file_of(one), feed_with(one)) for name, one in people.items()}
        before = len(list(db.session.scalars(select(OutboxMessage.id))))
        assert operations.end_ways() == 1
        assert operations.end_ways() == 0
        assert seats.drifts() == []
        again()
        pools = {pool.mode: (pool.capacity, pool.taken, pool.waiting) for pool in queries.pools_of(event.id)}
        assert pools == {"in_person": (2, 0, 0), "online": (2, 4, 2)}
        states = {name: (row(one).mode, row(one).status) for name, one in people.items()}
        seated = dict.fromkeys(("Hal", "Hugo", "Olga", "Oleg"), ("online", "confirmed"))
        assert states == seated | dict.fromkeys(("Walt", "Wera"), ("online", "waitlisted"))
        assert [one.name for one in waiting.waiting_at(event.id)] == ["Wera", "Walt"]
        after = {name: (file_of(one), feed_with(one)) for name, one in people.items()}
        assert after == files, "not a byte of any calendar"
        mailed = list(db.session.scalars(select(OutboxMessage.to_address).order_by(OutboxMessage.id)))[before:]
        assert mailed == ["walt@example.net"]
        told = letter("waitlisted", people["Walt"])
        assert told is not None
        assert "All seats are taken: online. You are number 2 on the list." in told.text
        operations.cancel_registration(registration_id=people["Hal"].id)
        operations.tend_queues()
        assert row(people["Wera"]).status == "waitlisted", "three of two"
        for name in ("Hugo", "Olga"):
            operations.cancel_registration(registration_id=people[name].id)
        assert row(people["Wera"]).status == "confirmed"


def test_who_only_waited_gets_what_is_free() -> None:
    event = course(capacity_in_person=1, capacity_online=5)
    sign_up(event, "Hal")
    walt = sign_up(event, "Walt", may_wait=True)
    with time_machine.travel(FIRST_OVER, tick=True):
        operations.end_ways()
        assert (row(walt).mode, row(walt).status) == ("online", "confirmed")
        told = letter("promoted", walt)
        assert told is not None
        assert "A seat came free, and it was your turn: online." in told.text


def test_no_way_ends_before_its_last_meeting_nor_with_the_event() -> None:
    event, people = everybody()
    assert operations.end_ways() == 0
    with time_machine.travel(ALL_OVER, tick=True):
        assert operations.end_ways() == 0
    assert row(people["Hal"]).mode == "in_person"
    with time_machine.travel(FIRST_OVER, tick=True):
        operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
        assert operations.end_ways() == 0


def test_what_was_stays_in_the_own_calendar_when_somebody_comes_another_way() -> None:
    event = make_event(hybrid(starts_local=FIRST, ends_local=FIRST + HOUR))
    one_more(event, starts_local=SECOND, ends_local=SECOND + HOUR)
    hall, online = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    with time_machine.travel(FIRST_OVER, tick=True):
        for who, there, other in ((hall, "main hall", "online"), (online, "Online", "in_person")):
            was = where(who)
            assert there in was[0]
            operations.switch_mode(registration_id=who.id, way=Way(seat=other))
            becomes = where(who)
            assert becomes[0] == was[0], "the first evening is over"
            assert becomes[1] != was[1]
            operations.switch_mode(registration_id=who.id, way=Way(seat=row_mode(there)))
            assert where(who) == was


def row_mode(place: str) -> str:
    return "online" if place == "Online" else "in_person"


def where(registration: Registration) -> list[str]:
    """The places of the own calendar's entries, in the order of time."""
    lines = file_of(registration).decode().replace("\r\n ", "").split("\r\n")
    return [line for line in lines if line.startswith("LOCATION")]


def feed_with(registration: Registration) -> bytes:
    """The private calendar of the person's mailbox, what is only waited for included."""
    assert registration.contact_id is not None
    return feed_of(registration.contact_id, "en", "none", now().date())


def file_of(registration: Registration) -> bytes:
    """The person's own calendar, as mails bring it."""
    return personal_calendar(found(registration), "en", by_mail=True)


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
