"""A way of coming is taken away: everybody who used it comes the other way, is told once, and is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.catalogue.operations import TooFewSeats
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.calls import open_calls, words_to_say
from app.registration.facts import event_facts
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from tests.support.cast import organization_id, person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.letters import letter

pytestmark = pytest.mark.usefixtures("context")


def change(event: Event, *, notify: bool = True, **changes: Any) -> None:
    db.session.expunge_all()
    db.session.rollback()
    event = db.session.get_one(Event, event.id)
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    operations.change_event(
        actor=person("bob"),
        event_id=event.id,
        values=replace(values, **changes),
        seen=queries.seen_of(event),
        notify=notify,
    )


def row(registration: Registration) -> Registration:
    db.session.expunge_all()
    db.session.rollback()
    return db.session.get_one(Registration, registration.id)


def pools(event: Event) -> dict[str, tuple[int, int]]:
    db.session.expunge_all()
    db.session.rollback()
    assert seats.drifts() == []
    rows = db.session.scalars(select(SeatPool).where(SeatPool.event_id == event.id))
    return {pool.mode: (pool.taken, pool.waiting) for pool in rows}


def mails(name: str) -> list[str]:
    query = select(OutboxMessage.to_address).where(OutboxMessage.name == name).order_by(OutboxMessage.to_address)
    return list(db.session.scalars(query))


def test_online_goes_and_those_who_came_online_have_seats_in_the_hall() -> None:
    event = make_event(hybrid(capacity_in_person=5, capacity_online=5))
    hall, online = sign_up(event, "Hal"), sign_up(event, "Olga", mode="online")
    number = online.reference
    change(event, is_online=False, room_url=None)
    assert pools(event) == {"in_person": (2, 0)}
    moved = row(online)
    assert (moved.mode, moved.status, moved.reference) == ("in_person", "confirmed", number)
    assert (moved.changes, row(hall).changes) == (1, 0)
    assert moved.owes_answer
    assert mails("event_moved") == ["hal@example.net", "olga@example.net"]
    message = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.name == "event_moved", OutboxMessage.to_address == "olga@example.net")
    ).one()
    letter = MESSAGES["event_moved"](message.facts)
    assert letter is not None
    assert "It takes place in the hall only now." in letter.text
    assert "You have a seat now: in the hall. Please look at the new facts." in letter.text
    assert "Please say whether you still come." in letter.text


def test_the_whole_event_goes_online() -> None:
    event = make_event(capacity_in_person=2)
    people = [sign_up(event, name) for name in ("Ann", "Ben")]
    third = sign_up(event, "Cas", may_wait=True)
    change(event, is_in_person=False, is_online=True, venue_id=None, room_url="https://rooms.example/x",
           capacity_online=2)  # fmt: skip
    assert pools(event) == {"online": (2, 1)}
    assert [row(one).mode for one in [*people, third]] == ["online"] * 3
    assert [row(one).status for one in [*people, third]] == ["confirmed", "confirmed", "waitlisted"]


def test_who_waited_gets_a_seat_where_there_is_one_and_one_message() -> None:
    event = make_event(hybrid(capacity_in_person=5, capacity_online=1))
    sign_up(event, "Olga", mode="online")
    waits = sign_up(event, "Wim", mode="online", may_wait=True)
    change(event, is_online=False, room_url=None)
    assert pools(event) == {"in_person": (2, 0)}
    assert (row(waits).status, row(waits).mode) == ("confirmed", "in_person")
    assert mails("promoted") == []
    assert "wim@example.net" in mails("event_moved")


def test_a_second_change_that_overtakes_the_first_is_told_by_what_weighs_most() -> None:
    event = make_event(hybrid(capacity_in_person=5, capacity_online=5))
    pia = sign_up(event, "Pia", mode="online")
    change(event, is_online=False, room_url=None)
    change(event, is_in_person=False, is_online=True, venue_id=None, room_url="https://rooms.example/x")
    message = db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.name == "event_moved", OutboxMessage.facts["registration"].as_string() == pia.public_id)
        .order_by(OutboxMessage.id.desc())
    ).first()
    assert message is not None
    letter = MESSAGES["event_moved"](message.facts)
    assert letter is not None
    assert letter.subject.startswith("Online only now: "), "its hour is the one that it had"
    assert "It takes place online only now." in letter.text


def test_too_few_seats_are_refused_unless_the_organizer_agrees() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=5))
    sign_up(event, "Hal")
    online = sign_up(event, "Olga", mode="online")
    with pytest.raises(TooFewSeats, match="2 people have a seat"):
        change(event, is_online=False, room_url=None)
    assert pools(event) == {"in_person": (1, 0), "online": (1, 0)}
    assert mails("event_moved") == []
    change(event, is_online=False, room_url=None, confirm_over_limit=True)
    assert pools(event) == {"in_person": (2, 0)}
    assert row(online).mode == "in_person"


def test_seats_meanwhile_and_offers_become_one_seat() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=5, starts_local=local(hours=20)))
    early = sign_up(event, "Early")
    meanwhile = sign_up(event, "Mina", mode="online", also_wait_for="in_person")
    offered = sign_up(event, "Otto", mode="online", also_wait_for="in_person")
    operations.cancel_registration(registration_id=early.id)
    assert pools(event) == {"in_person": (1, 1), "online": (2, 0)}
    change(event, is_online=False, room_url=None, confirm_over_limit=True)
    assert pools(event) == {"in_person": (2, 0)}
    assert [(row(one).status, row(one).mode) for one in (meanwhile, offered)] == [("confirmed", "in_person")] * 2


def test_an_offer_in_the_lost_mode_is_a_place_in_the_other_queue() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=1, starts_local=local(hours=20)))
    sign_up(event, "Hal")
    early = sign_up(event, "Early", mode="online")
    otto = sign_up(event, "Otto", mode="online", may_wait=True)
    operations.cancel_registration(registration_id=early.id)
    assert row(otto).status == "offered"
    change(event, is_online=False, room_url=None)
    assert pools(event) == {"in_person": (1, 1)}
    assert (row(otto).status, row(otto).mode) == ("waitlisted", "in_person")


def test_by_a_tick_nobody_is_told() -> None:
    event = make_event(hybrid())
    online = sign_up(event, "Olga", mode="online")
    change(event, notify=False, is_online=False, room_url=None)
    assert row(online).mode == "in_person"
    assert mails("event_moved") == []


def test_who_only_waits_gets_no_seat_beyond_the_new_limit() -> None:
    event = make_event(hybrid(capacity_in_person=2, capacity_online=None))
    for name in ("Hal", "Hana"):
        sign_up(event, name)
    waits = [sign_up(event, name, may_wait=True) for name in ("Walt", "Wanda")]
    change(event, is_in_person=False, capacity_online=2)
    assert pools(event) == {"online": (2, 2)}
    assert [row(one).status for one in waits] == ["waitlisted", "waitlisted"]


def test_a_mail_and_a_call_say_nothing_of_ways_that_is_true_no_longer() -> None:
    event = make_event(hybrid(capacity_in_person=5, capacity_online=5))
    hall = sign_up(event, "Hal")
    by_phone = operations.SignUpValues("Zoya", None, "in_person", "en", phone="+7 912 345-67-89")
    operations.add_person(actor=person("bob"), event_id=event.id, values=by_phone)
    change(event, is_online=False, room_url=None)
    change(event, notify=False, is_online=True, room_url="https://rooms.example/5", capacity_online=5)
    assert letter("event_moved", hall) is None, "it is as it was"
    [call] = open_calls(organization_id())
    said = " ".join(words_to_say(call, event_facts(call.event, "", sessions=queries.sessions_of(event.id))))
    assert "only now" not in said


def test_who_was_online_anyway_is_told_of_no_place() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=5))
    sign_up(event, "Hal")
    online = sign_up(event, "Olga", mode="online")
    waits = sign_up(event, "Ben", mode="online", also_wait_for="in_person", may_wait=True)
    change(event, is_in_person=False)
    for person_told in (online, waits):
        told = letter("event_moved", person_told)
        assert told is not None
        assert "It takes place online only now." in told.text
        assert "The place was" not in told.text
