"""The last meeting in the hall, or online, is called off or held otherwise: nobody is offered a way that isn't held."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.calls import open_calls, words_to_say
from app.registration.facts import event_facts, when_of
from app.registration.models import Registration
from app.registration.own_calendar import personal_calendar
from app.registration.own_sessions import own_sessions
from app.registration.queries import find_by_public_id
from tests.support.cast import organization_id, person
from tests.support.desk_forms import form_at
from tests.support.events import event_values, hybrid, local, make_event, sign_up
from tests.support.letters import letter
from tests.support.meetings import one_more
from tests.support.pages import Client, Page
from tests.support.parties import again
from tests.support.partners import add_partner, guest

pytestmark = pytest.mark.usefixtures("context")

EVENINGS = FIRST, SECOND, THIRD = [local(days=days).replace(hour=19, minute=0) for days in (9, 16, 23)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST_OVER = now() + timedelta(days=10)
HALL: dict[str, Any] = {"is_in_person": True, "is_online": False, "room_url": None}
ROOM = "https://rooms.example/2"
ONLINE: dict[str, Any] = {"is_in_person": False, "is_online": True, "venue_id": None, "room_url": ROOM}


def course(only: dict[str, Any] = ONLINE, **changes: Any) -> Event:
    """A hybrid meeting, and two that are held one way only."""
    event = make_event(hybrid(starts_local=FIRST, ends_local=FIRST + HOUR, **changes))
    for at in (SECOND, THIRD):
        one_more(event, starts_local=at, ends_local=at + HOUR, **only)
    return event


def call_off(event: Event, number: int = 0, reason: str = "") -> None:
    again()
    session = queries.sessions_of(event.id)[number]
    operations.cancel_session(actor=person("bob"), session_id=session.id, reason=reason)


def pools(event: Event) -> dict[str, tuple[int | None, int, int]]:
    """Capacity, taken and waiting by mode; the ledger is sound."""
    again()
    assert seats.drifts() == []
    rows = db.session.scalars(select(SeatPool).where(SeatPool.event_id == event.id, SeatPool.session_id.is_(None)))
    return {pool.mode: (pool.capacity, pool.taken, pool.waiting) for pool in rows}


def mails(name: str) -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.name == name)))


def row(registration: Registration) -> Registration:
    again()
    return db.session.get_one(Registration, registration.id)


def test_who_came_to_the_hall_takes_part_online_and_is_asked() -> None:
    event = course(capacity_in_person=5, capacity_online=5)
    hall, online = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    call_off(event, reason="The speaker is ill.")
    assert pools(event) == {"online": (5, 2, 0)}
    moved = row(hall)
    assert (moved.mode, moved.status, moved.reference) == ("online", "confirmed", hall.reference)
    assert moved.owes_answer
    assert (row(online).mode, row(online).owes_answer) == ("online", False)
    told = letter("session_cancelled", hall)
    assert told is not None
    for words in (
        "The speaker is ill.",
        "The other meetings take place. One can only take part online from now on.",
        "Please say whether you still come.",
        "/reconfirm",
    ):
        assert words in told.text
        assert words in told.html
    other = letter("session_cancelled", online)
    assert other is not None
    assert "One can only take part online from now on." in other.text
    assert "Please say whether you still come." not in other.text


def test_who_took_part_online_has_a_seat_in_the_hall() -> None:
    event = course(HALL, capacity_in_person=1, capacity_online=5)
    sign_up(event, "Hal")
    online = sign_up(event, "Olga", mode="online")
    call_off(event)
    assert pools(event) == {"in_person": (1, 2, 0)}, "over the limit, for nobody loses a seat"
    assert row(online).mode == "in_person"
    told = letter("session_cancelled", online)
    assert told is not None
    assert "One can only come to the hall from now on." in told.text


def test_who_waited_for_the_hall_waits_no_longer() -> None:
    event = course(capacity_in_person=1, capacity_online=5)
    sign_up(event, "Hal")
    waits = sign_up(event, "Wanda", may_wait=True)
    both = sign_up(event, "Ben", mode="online", also_wait_for="in_person", may_wait=True)
    call_off(event)
    assert pools(event) == {"online": (5, 3, 0)}
    assert (row(waits).mode, row(waits).status) == ("online", "confirmed")
    assert (row(both).mode, row(both).status, row(both).owes_answer) == ("online", "confirmed", False)
    told, kept = letter("session_cancelled", waits), letter("session_cancelled", both)
    assert told is not None
    assert kept is not None
    for found, has_new in ((told, True), (kept, False)):
        assert ("You have a seat now: online." in found.text) is has_new
        assert ("You have a seat now: online." in found.html) is has_new


def test_what_was_called_off_keeps_the_place_where_it_was_to_be() -> None:
    event = course(capacity_in_person=5, capacity_online=5)
    hall = sign_up(event, "Hal")
    call_off(event)
    told = letter("session_cancelled", hall)
    assert told is not None
    assert "Where: Lighthouse Resource Centre, main hall, 1 Harbour Street, or online" in told.text
    (public, *_others) = queries.entries_of(event.id, "en")
    place = next(line for line in public.vevent.split(b"\r\n") if line.startswith(b"LOCATION"))
    assert b"STATUS:CANCELLED" in public.vevent
    assert place in file_of(hall)
    assert file_of(hall).count(b"LOCATION:Online") == 2


def test_who_has_asked_for_the_hall_has_asked_for_the_other_way() -> None:
    event = course(sign_up_way="i_decide", capacity_online=None)
    asks = sign_up(event, "Ask")
    assert row(asks).status == "pending"
    call_off(event)
    assert pools(event) == {"online": (None, 0, 0)}
    assert (row(asks).mode, row(asks).status) == ("online", "pending")


def test_seats_kept_for_a_partner_go_and_its_guests_stay() -> None:
    event = course(capacity_in_person=5, capacity_online=5)
    bakery = add_partner(event, seats_in_person=3)
    gus = guest(event, bakery)
    call_off(event)
    assert pools(event) == {"online": (5, 1, 0)}
    assert row(gus).mode == "online"


def test_another_meeting_in_the_hall_keeps_its_seats() -> None:
    event = course()
    again()
    third = queries.sessions_of(event.id)[2]
    values = replace(queries.session_values(third, []), is_in_person=True, place_note={"en": "Yard"})
    seen = queries.seen_of(db.session.get_one(Event, event.id))
    operations.change_session(actor=person("bob"), session_id=third.id, values=values, seen=seen)
    hall = sign_up(event, "Hal")
    call_off(event)
    assert set(pools(event)) == {"in_person", "online"}
    assert (row(hall).mode, row(hall).owes_answer) == ("in_person", False)
    told = letter("session_cancelled", hall)
    assert told is not None
    assert "from now on" not in told.text


def test_a_chosen_session_that_was_called_off_stays_on_the_own_list() -> None:
    event = course(capacity_in_person=5, capacity_online=5)
    again()
    last = queries.sessions_of(event.id)[2]
    walked = {"starts_local": THIRD + HOUR, "ends_local": THIRD + 2 * HOUR, "title": {"en": "Walk"}}
    one_more(event, is_chosen=True, **walked, **HALL)
    again()
    walk = queries.sessions_of(event.id)[3]
    hall = sign_up(event, "Hal", sessions=(walk.code,))
    call_off(event)
    assert row(hall).mode == "in_person"
    call_off(event, 3)
    assert set(pools(event)) == {"online"}
    own = own_sessions(row(hall))
    assert {last.id, walk.id} <= {one.id for one in own.coming}
    assert own.modes[last.id] == "online"


def test_the_last_meeting_in_the_hall_goes_online_and_takes_people_along() -> None:
    event = course(capacity_in_person=5, capacity_online=1)
    hall, waits = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    again()
    first = queries.sessions_of(event.id)[0]
    values = replace(queries.session_values(first, []), is_in_person=False)
    facts = {"session_id": first.id, "values": values, "seen": queries.seen_of(db.session.get_one(Event, event.id))}
    rehearsal = operations.rehearse_session_change(actor=person("bob"), **facts)
    assert (rehearsal.lost, rehearsal.users, rehearsal.told.mails) == ("in_person", (1, 0), 2)
    assert set(pools(event)) == {"in_person", "online"}
    operations.change_session(actor=person("bob"), **facts)
    assert pools(event) == {"online": (1, 2, 0)}
    assert (row(hall).mode, row(hall).owes_answer) == ("online", True)
    assert not row(waits).owes_answer
    told = letter("session_moved", hall)
    assert told is not None
    assert "This meeting takes place online only now. You have a seat now: online." in told.text
    assert "Please say whether you still come." in told.text
    assert "Please say whether you still come." in told.html


def test_sign_up_and_page_offer_what_is_held(client: Client) -> None:
    event = course(capacity_in_person=5, capacity_online=5)
    sign_up(event, "Hal")
    call_off(event)
    page = client.page(f"/e/{event.slug}")
    assert "5 seats" not in page.words
    assert "4 seats" in page.words
    assert "Online only now" not in page.words, "nothing was moved online"
    form = client.page(f"/e/{event.slug}/sign-up")
    assert "In the hall" not in form.words


def test_who_must_be_phoned_is_told_of_the_way_too() -> None:
    event = course()
    by_phone = operations.SignUpValues("Zoya", None, "in_person", "en", phone="+7 912 345-67-89")
    operations.add_person(actor=person("bob"), event_id=event.id, values=by_phone)
    call_off(event)
    again()
    [call] = open_calls(organization_id())
    said = " ".join(words_to_say(call, event_facts(call.event, "", sessions=queries.sessions_of(event.id))))
    assert "A meeting is cancelled:" in said
    assert "One can only take part online from now on. There is a seat for this person now: online." in said
    one_more(event, starts_local=THIRD + HOUR, ends_local=THIRD + 2 * HOUR, **HALL)
    again()
    [call] = open_calls(organization_id())
    said = " ".join(words_to_say(call, event_facts(call.event, "", sessions=queries.sessions_of(event.id))))
    assert "One can only take part online" not in said, "it is true no longer"


def test_of_a_course_under_way_only_what_is_to_come_counts(client: Client) -> None:
    event = make_event(hybrid(starts_local=FIRST, ends_local=FIRST + HOUR, capacity_in_person=1, capacity_online=5))
    one_more(event, starts_local=SECOND, ends_local=SECOND + HOUR, **HALL)
    one_more(event, starts_local=THIRD, ends_local=THIRD + HOUR, **ONLINE)
    hall, waits = sign_up(event, "Hal"), sign_up(event, "Wanda", may_wait=True)
    with time_machine.travel(FIRST_OVER, tick=True):
        call_off(event, 0)
        assert set(pools(event)) == {"in_person", "online"}, "what is over takes nobody's way"
        assert mails("session_cancelled") == []
        call_off(event, 1)
        assert pools(event) == {"online": (5, 2, 0)}
        assert (row(hall).mode, row(waits).mode, row(waits).status) == ("online", "online", "confirmed")
        page = client.page(f"/e/{event.slug}")
        assert "In the hall" not in page.words
        assert "3 seats" in page.words
        whole = next(json.loads(one.text) for one in page.all("script") if one.get("type") == "application/ld+json")
        assert whole["eventAttendanceMode"].endswith("/OnlineEventAttendanceMode")
        assert whole["location"]["@type"] == "VirtualLocation"
        assert "waiting list" not in client.page(f"/e/{event.slug}/sign-up").words
        again()
        known = db.session.get_one(Event, event.id)
        values = queries.event_values(known, queries.sessions_of(event.id)[2:], queries.pools_of(event.id))
        changed = replace(values, summary={"en": "Other words"})
        seen = queries.seen_of(known)
        operations.change_event(actor=person("bob"), event_id=event.id, values=changed, seen=seen)
        assert pools(event) == {"online": (5, 2, 0)}, "saving other words opens no seats"
        one_more(event, starts_local=THIRD + 7 * DAY, ends_local=THIRD + 7 * DAY + HOUR, **HALL)
        assert set(pools(event)) == {"in_person", "online"}


def test_when_all_is_over_nobody_is_moved() -> None:
    event = course()
    hall = sign_up(event, "Hal")
    with time_machine.travel(now() + timedelta(days=40), tick=True):
        call_off(event)
        assert set(pools(event)) == {"in_person", "online"}
        assert row(hall).mode == "in_person"
        assert mails("session_cancelled") == []


def test_the_desk_says_before_what_becomes_of_people(client: Client) -> None:
    event = course(HALL, capacity_in_person=1, capacity_online=5)
    sign_up(event, "Hal")
    sign_up(event, "Olga", mode="online")
    first = queries.sessions_of(event.id)[0].id
    address = f"/desk/events/{event.public_id}/sessions/{first}/cancel"
    client.sign_in("bob")
    asked = client.page(address).words
    assert "2 people are told by mail that the meeting is cancelled." in asked
    assert "No other meeting is held online, so one can only come to the hall from then on." in asked
    assert "1 person who signed up for online gets a seat in the hall instead. The mail asks" in asked
    assert "That makes 2 people, though the limit is 1. Nobody loses a seat." in asked
    assert "The other meetings take place." in asked
    values = form_at(client, address.removesuffix("/cancel"), modes=["in_person"], room_url="")
    question = Page(client.send(address.removesuffix("/cancel"), values, status=200)).words
    assert "No other meeting is held online, so one can only come to the hall from then on." in question
    assert "1 person who signed up for online gets a seat in the hall instead. The mail asks" in question
    assert "That makes 2 people, though the limit is 1. Nobody loses a seat." in question
    second = queries.sessions_of(event.id)[1].id
    assert "No other meeting is held" not in client.page(address.replace(f"/{first}/", f"/{second}/")).words


def test_the_mail_lists_what_is_still_to_come_and_a_late_file_has_no_more() -> None:
    event = course()
    pat = sign_up(event, "Pat")
    first, second, third = (when_of(one) for one in queries.sessions_of(event.id))
    told = letter("registration_confirmed", pat)
    assert told is not None
    listed = told.text.partition("All meetings:")[2]
    assert listed.count(first) == listed.count(second) == listed.count(third) == 1
    with time_machine.travel(FIRST_OVER, tick=True):
        call_off(event, 1)
        late = sign_up(event, "Lea", mode="online")
        told, welcome = letter("session_cancelled", pat), letter("registration_confirmed", late)
        assert told is not None
        assert welcome is not None
        for found in (told, welcome):
            listed = found.text.partition("Still to come:")[2]
            assert (listed.count(first), listed.count(third)) == (0, 1)
        starts = [f"{at:%Y%m%dT%H%M%S}".encode() for at in EVENINGS]
        assert [one in file_of(late) for one in starts] == [False, False, True]
        assert [one in file_of(pat) for one in starts] == [True, True, True]


def file_of(registration: Registration) -> bytes:
    """The calendar file of the person's own page."""
    again()
    found = find_by_public_id(registration.public_id)
    assert found is not None
    return personal_calendar(found, "en")


def test_the_last_of_ones_meetings_and_the_one_other_are_told_as_such() -> None:
    event = make_event(event_values(starts_local=FIRST, ends_local=FIRST + HOUR))
    one_more(event, starts_local=SECOND, ends_local=SECOND + HOUR)
    pat = sign_up(event, "Pat")
    call_off(event, 1)
    told = letter("session_cancelled", pat)
    assert told is not None
    assert "The other meeting takes place." in told.text
    with time_machine.travel(FIRST_OVER, tick=True):
        late = letter("session_cancelled", pat)
    assert late is not None
    assert "It was your last meeting." in late.text
