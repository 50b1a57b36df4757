"""The rest of a course is held otherwise from the event's form: what was, and what was called off, stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import queries
from app.catalogue.models import Event, Session
from app.catalogue.rules import EventChange
from app.catalogue.values import EventValues
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.models import Registration
from app.registration.operations.mode_lost import lost_mode
from tests.support.cast import person
from tests.support.desk_forms import form_at
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.letters import letter
from tests.support.meetings import one_more
from tests.support.pages import Client, Page
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")

EVENINGS = [local(days=days).replace(hour=19, minute=0) for days in (9, 16, 23)]
HOUR = timedelta(hours=1)
FIRST_OVER, ALL_OVER = now() + timedelta(days=12), now() + timedelta(days=40)
ONLINE: dict[str, Any] = {
    "is_in_person": False,
    "is_online": True,
    "venue_id": None,
    "room_url": "https://rooms.example/2",
}
BOTH: dict[str, Any] = {"is_in_person": True, "is_online": True}


def course(second: dict[str, Any], third: dict[str, Any], **limits: Any) -> Event:
    """A hybrid evening, and two more a week apart."""
    event = make_event(hybrid(starts_local=EVENINGS[0], ends_local=EVENINGS[0] + HOUR, **limits))
    for at, ways in zip(EVENINGS[1:], (second, third), strict=True):
        venue = {} if ways["is_in_person"] is False else {"venue_id": queries.sessions_of(event.id)[0].venue_id}
        one_more(event, **({"starts_local": at, "ends_local": at + HOUR, **venue, **ways}))
    return event


def values_of(event: Event) -> EventValues:
    again()
    known, sessions = db.session.get_one(Event, event.id), queries.sessions_of(event.id)
    return queries.event_values(known, [queries.next_session(sessions, now())], queries.pools_of(event.id))


def change(event: Event, *, notify: bool = True, **changes: Any) -> EventChange:
    values = replace(values_of(event), **changes)
    known, sessions = db.session.get_one(Event, event.id), queries.sessions_of(event.id)
    shown = queries.next_session(sessions, now()).id
    facts: dict[str, Any] = {"values": values, "seen": queries.seen_of(known), "session_id": shown}
    return operations.change_event(actor=person("bob"), event_id=event.id, notify=notify, **facts)


def ways(event: Event) -> list[str]:
    again()
    return [session.mode for session in queries.sessions_of(event.id)]


def revisions(event: Event) -> list[tuple[int, Any]]:
    again()
    return [(session.sequence, session.changed_at) for session in queries.sessions_of(event.id)]


def bytes_of(event: Event) -> list[bytes]:
    again()
    return [entry.vevent for entry in queries.entries_of(event.id, "en")]


def pools(event: Event) -> dict[str, tuple[int | None, int]]:
    again()
    assert seats.drifts() == []
    return {pool.mode: (pool.capacity, pool.taken) for pool in queries.pools_of(event.id)}


def row(registration: Registration) -> Registration:
    again()
    return db.session.get_one(Registration, registration.id)


def test_what_was_in_the_hall_is_not_said_to_have_been_online() -> None:
    event = course(BOTH, BOTH, capacity_in_person=5, capacity_online=5)
    hall = sign_up(event, "Hal")
    with time_machine.travel(FIRST_OVER, tick=True):
        before, entries = revisions(event), bytes_of(event)
        assert EventChange.MODES in change(event, is_in_person=False)
        assert ways(event) == ["hybrid", "online", "online"]
        after, now_is = revisions(event), bytes_of(event)
        assert (after[0], now_is[0]) == (before[0], entries[0]), "not a byte of what was"
        assert [one[0] for one in after[1:]] == [one[0] + 1 for one in before[1:]]
        assert b"LOCATION:Online" in now_is[1]
        assert pools(event) == {"online": (5, 1)}
        assert row(hall).mode == "online"
        told = letter("event_moved", hall)
        assert told is not None
        assert "It takes place online only now." in told.text
        assert "You have a seat now: online." in told.text
        assert "Please say whether you still come." in told.text


def test_saving_it_again_changes_nothing() -> None:
    event = course(BOTH, BOTH)
    sign_up(event, "Hal")
    with time_machine.travel(FIRST_OVER, tick=True):
        change(event, is_in_person=False)
        moved = db.session.get_one(Event, event.id).moved_online_at
        assert moved is not None
        again()
        mailed = len(list(db.session.scalars(select(OutboxMessage.id))))
        assert values_of(event).is_in_person is False
        assert change(event) == EventChange.NOTHING
        assert change(event, summary={"en": "Other words"}) == EventChange.TEXT
        again()
        assert db.session.get_one(Event, event.id).moved_online_at == moved
        assert len(list(db.session.scalars(select(OutboxMessage.id)))) == mailed
        assert change(event, is_in_person=True) & EventChange.MODES
        assert ways(event) == ["hybrid", "hybrid", "hybrid"]
        assert db.session.get_one(Event, event.id).moved_online_at is None


def test_a_meeting_that_is_held_so_already_is_no_new_revision() -> None:
    event = course(ONLINE, BOTH)
    before = revisions(event)
    change(event, is_in_person=False)
    assert ways(event) == ["online", "online", "online"]
    assert [new[0] - old[0] for old, new in zip(before, revisions(event), strict=True)] == [1, 0, 1]
    assert revisions(event)[1] == before[1]


def test_what_was_called_off_keeps_its_place() -> None:
    event = course(BOTH, BOTH)
    operations.cancel_session(actor=person("bob"), session_id=queries.sessions_of(event.id)[1].id, reason="")
    entry = bytes_of(event)[1]
    change(event, is_in_person=False)
    assert ways(event) == ["online", "hybrid", "online"]
    assert bytes_of(event)[1] == entry


def test_seats_of_evenings_that_are_over_stay_with_those_who_had_them(client: Client) -> None:
    event = course(ONLINE, ONLINE, capacity_in_person=5, capacity_online=5)
    hall = sign_up(event, "Hal")
    with time_machine.travel(FIRST_OVER, tick=True):
        values = values_of(event)
        assert (values.is_in_person, values.is_online, values.capacity_in_person) == (False, True, 5)
        known = db.session.get_one(Event, event.id)
        assert lost_mode(known, values) is None
        assert lost_mode(known, replace(values, is_in_person=True, is_online=False)) == "online"
        assert change(event, summary={"en": "Other words"}, capacity_online=7) == EventChange.TEXT | EventChange.SEATS
        assert pools(event) == {"in_person": (5, 1), "online": (7, 0)}
        assert row(hall).mode == "in_person"
        client.sign_in("bob")
        form = client.page(f"/desk/events/{event.public_id}/edit")
        ticked = [
            one.get("value") for one in form.all("input") if one.get("name") == "modes" and "checked" in one.attrib
        ]
        assert ticked == ["online"]
        assert "This holds for all meetings still to come." in form.words


def test_the_hall_opens_again_with_the_seats_that_it_had() -> None:
    event = course(ONLINE, ONLINE, capacity_in_person=5, capacity_online=5)
    sign_up(event, "Hal")
    with time_machine.travel(FIRST_OVER, tick=True):
        venue = queries.sessions_of(event.id)[0].venue_id
        change(event, is_in_person=True, venue_id=venue)
        assert ways(event) == ["hybrid", "hybrid", "hybrid"]
        assert pools(event) == {"in_person": (5, 1), "online": (5, 0)}
        assert row(sign_up(event, "Late")).mode == "in_person"


def test_of_a_course_that_is_over_the_form_says_how_it_was() -> None:
    event = course(BOTH, BOTH)
    with time_machine.travel(ALL_OVER, tick=True):
        change(event, is_in_person=False)
        assert ways(event) == ["online", "online", "online"]
        again()
        assert db.session.get_one(Event, event.id).moved_online_at is None, "it was not moved, it was said wrongly"
        assert list(db.session.scalars(select(OutboxMessage.id))) == []


def test_page_and_question_say_what_is_changed(client: Client) -> None:
    event = course(BOTH, BOTH)
    sign_up(event, "Hal")
    with time_machine.travel(FIRST_OVER, tick=True):
        client.sign_in("bob")
        address = f"/desk/events/{event.public_id}/edit"
        values = form_at(client, address, modes=["online"], room_url="https://rooms.example/3")
        asked = Page(client.send(address, values, status=200)).words
        assert "Online" in asked
        assert "1 person who signed up for the hall" in asked
        change(event, is_in_person=False)
        page = client.page(f"/e/{event.slug}").words
        assert "Online only now" in page


def test_another_meeting_only_is_moved_online_where_nothing_else_is_in_a_hall() -> None:
    event = course(BOTH, BOTH)
    with time_machine.travel(FIRST_OVER, tick=True):
        for number, flagged in ((1, False), (2, True)):
            again()
            session: Session = queries.sessions_of(event.id)[number]
            values = replace(queries.session_values(session, []), is_in_person=False)
            seen = queries.seen_of(db.session.get_one(Event, event.id))
            operations.change_session(actor=person("bob"), session_id=session.id, values=values, seen=seen)
            again()
            assert (db.session.get_one(Event, event.id).moved_online_at is not None) is flagged
