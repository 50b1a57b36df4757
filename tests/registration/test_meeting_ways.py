"""A hybrid course of which one meeting is in the hall alone, or online alone: people hear how that one is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.catalogue import queries
from app.catalogue.models import Event, Session
from app.core.db import db
from app.messaging.letters import Letter
from app.registration import operations
from app.registration.facts import when_of
from app.registration.models import Registration
from app.registration.own_calendar import personal_calendar
from app.registration.tickets import manage_token
from tests.support.calendars import entries
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.letters import letter
from tests.support.meetings import one_more
from tests.support.pages import Client
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")

NEXT, LATER = local(days=9).replace(hour=19, minute=0), local(days=16).replace(hour=19, minute=0)
HOUR = timedelta(hours=1)
HALL = "Lighthouse Resource Centre"


@pytest.fixture
def course() -> Event:
    """Two hybrid meetings."""
    event = make_event(hybrid(starts_local=NEXT, ends_local=NEXT + HOUR))
    one_more(event, starts_local=LATER, ends_local=LATER + HOUR)
    return event


def meeting(event: Event, number: int) -> Session:
    again()
    return queries.sessions_of(event.id)[number]


def hold(event: Event, number: int, **changes: Any) -> None:
    """Save the meeting with these changes, and tell people."""
    session = meeting(event, number)
    values = replace(queries.session_values(session, []), **changes)
    seen = queries.seen_of(db.session.get_one(Event, event.id))
    operations.change_session(actor=person("bob"), session_id=session.id, values=values, seen=seen)


def told(registration: Registration) -> Letter:
    """The mail about the changed meeting."""
    found = letter("session_moved", registration)
    assert found is not None
    return found


def own_entry(registration: Registration, session: Session) -> Any:
    return entries(personal_calendar(db.session.get_one(Registration, registration.id), "en"))[session.uid]


def test_who_takes_part_online_hears_of_a_meeting_in_the_hall_alone_as_such(course: Event) -> None:
    olga = sign_up(course, "Olga", mode="online")
    hold(course, 1, is_online=False, room_url=None)
    mail = told(olga)
    where = next(line for line in mail.text.splitlines() if HALL in line)
    assert "Online" not in where
    assert "/room" not in mail.text
    assert "This meeting takes place in the hall only now." in mail.text
    assert mail.subject.startswith("A meeting has changed: How to ask for money, ")
    assert ", now " not in mail.subject, "its hour is the one that it had"
    hall, both = own_entry(olga, meeting(course, 1)), own_entry(olga, meeting(course, 0))
    assert HALL in str(hall["LOCATION"])
    assert "CONFERENCE" not in hall
    assert "/room" not in str(hall["DESCRIPTION"])
    assert str(both["LOCATION"]) == "Online"
    assert "CONFERENCE" in both


def test_who_comes_to_the_hall_hears_of_a_meeting_online_alone_as_such(course: Event, client: Client) -> None:
    harry = sign_up(course, "Harry")
    token = manage_token(harry)
    assert f"/r/{token}/room" not in client.page(f"/r/{token}").links()
    hold(course, 0, is_in_person=False, venue_id=None)
    mail = told(harry)
    assert "/room" in mail.text
    assert "At the entrance" not in mail.text
    assert "How to find it" not in mail.text
    page = client.page(f"/r/{token}")
    assert f"/r/{token}/room" in page.links()
    assert f"/r/{token}/ticket" in page.links(), "the next meeting is in the hall again"
    assert str(own_entry(harry, meeting(course, 0))["LOCATION"]) == "Online"
    assert HALL in str(own_entry(harry, meeting(course, 1))["LOCATION"])


def test_the_entry_of_a_cancelled_meeting_leads_to_no_room(course: Event) -> None:
    olga = sign_up(course, "Olga", mode="online")
    operations.cancel_session(actor=person("bob"), session_id=meeting(course, 1).id, reason="")
    off, held = own_entry(olga, meeting(course, 1)), own_entry(olga, meeting(course, 0))
    assert str(off["STATUS"]) == "CANCELLED"
    assert "CONFERENCE" not in off
    assert "CONFERENCE" in held


def test_each_meeting_stands_with_its_place_where_they_differ(client: Client, course: Event) -> None:
    hall = sign_up(course, "Hal")
    welcome = letter("registration_confirmed", hall)
    assert welcome is not None
    assert welcome.text.partition("All meetings:")[2].count(HALL) == 0, "one place is said once"
    hold(course, 0, is_in_person=False)
    welcome = letter("registration_confirmed", hall)
    assert welcome is not None
    first, second = (when_of(one) for one in queries.sessions_of(course.id))
    page, printed = (client.page(f"/r/{manage_token(hall)}{path}") for path in ("", "/letter"))
    for words in (welcome.text, page.words, printed.words):
        listed = words.partition("All meetings:")[2]
        assert f"{first} · Online, through your own page" in listed
        assert f"{second} · {HALL}" in listed


def test_the_printed_letter_strikes_what_is_cancelled(client: Client, course: Event) -> None:
    hall = sign_up(course, "Hal")
    second = meeting(course, 1)
    when = when_of(second)
    operations.cancel_session(actor=person("bob"), session_id=second.id, reason="")
    page = client.page(f"/r/{manage_token(hall)}/letter")
    assert ["".join(one.itertext()) for one in page.all("s")] == [when]
    assert page.words.count(when) == 1
