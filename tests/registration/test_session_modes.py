"""From the hall to online and back: the chosen sessions come along as far as they can."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.catalogue import queries
from app.catalogue.models import Event
from app.core.db import db
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations.ways import WayNotOpen
from app.registration.rules import Way
from tests.support.cast import person
from tests.support.conference import (
    FAIR,
    KITCHEN,
    YARD,
    add_session,
    change_session,
    comes,
    counters_at,
    mails_to,
    make_conference,
    modes_of,
    nobody_is_wronged,
    only_chosen,
    queue_at,
    seats_of,
    session_called,
    status_of,
    waits_of,
    wished_by,
)

pytestmark = pytest.mark.usefixtures("context")

HALL, ONLINE = "in_person", "online"
WALK = "The walk"


def hybrid_conference(*, walk: int | None = 5, **changes: Any) -> Event:
    """Both ways, without limits online; the walk is in the hall only."""
    changes = {"is_online": True, "capacity_online": 50, "room_url": "https://rooms.example/1", **changes}
    event = make_conference(**changes)
    add_session(event, WALK, hours=4, seats=walk, is_online=False, room_url=None)
    return db.session.get_one(Event, event.id)


def switch(registration: Registration, way: str) -> bool:
    return operations.switch_mode(registration_id=registration.id, way=Way.of_code(way))


def test_who_is_in_the_hall_can_look_at_what_is_online_only_but_not_the_other_way() -> None:
    event = hybrid_conference()
    with pytest.raises(Exception, match="hall only"):
        comes(event, "Nils", WALK, mode=ONLINE)
    change_session(event, FAIR, is_in_person=False, venue_id=None, room_id=None)
    mina = comes(event, "Mina", FAIR, WALK)
    assert modes_of(mina) == {FAIR: ONLINE, WALK: HALL}


def test_going_online_takes_all_along_but_what_is_in_the_hall_only() -> None:
    event = hybrid_conference(yard=1, walk=1)
    mina = comes(event, "Mina", YARD, WALK)
    other = comes(event, "Other", YARD, WALK, told=(YARD, WALK))
    assert switch(mina, ONLINE) is True
    assert modes_of(mina) == {YARD: ONLINE}
    assert modes_of(other) == {YARD: HALL, WALK: HALL}
    assert (counters_at(event, YARD), counters_at(event, YARD, ONLINE)) == ((1, 0), (1, 0))
    assert mails_to(mina) == ["registration_confirmed", "registration_changed"]
    nobody_is_wronged(event)


def test_coming_to_the_hall_keeps_the_seat_online_until_there_is_one() -> None:
    event = hybrid_conference(yard=1)
    early = comes(event, "Early Bird", YARD)
    mina = comes(event, "Mina", YARD, FAIR, mode=ONLINE)
    assert switch(mina, HALL) is True
    assert (modes_of(mina), queue_at(event, YARD)) == ({YARD: ONLINE, FAIR: HALL}, ["Mina"])
    operations.cancel_registration(registration_id=early.id)
    assert (modes_of(mina), waits_of(mina)) == ({YARD: HALL, FAIR: HALL}, set())
    assert counters_at(event, YARD, ONLINE) == (0, 0)
    nobody_is_wronged(event)


def test_who_waits_in_the_hall_with_a_seat_online_goes_back_online() -> None:
    event = hybrid_conference(yard=1)
    comes(event, "Early Bird", YARD)
    mina = comes(event, "Mina", YARD, mode=ONLINE)
    switch(mina, HALL)
    assert switch(mina, ONLINE) is True
    assert (modes_of(mina), waits_of(mina), counters_at(event, YARD)) == ({YARD: ONLINE}, set(), (1, 0))


def test_who_watches_and_waits_for_the_hall_may_change_the_way_of_coming_again() -> None:
    event = hybrid_conference(yard=1, capacity_online=2)
    comes(event, "Early Bird", YARD)
    mina = comes(event, "Mina", YARD, mode=ONLINE)
    switch(mina, HALL)
    for number in range(2):
        comes(event, f"Online {number}", mode=ONLINE)
    assert switch(mina, f"{HALL}+{ONLINE}") is True
    assert (modes_of(mina), queue_at(event, YARD)) == ({YARD: ONLINE}, ["Mina"])
    nobody_is_wronged(event)


def test_what_was_waited_for_and_is_free_the_other_way_replaces_what_is_at_the_same_time() -> None:
    event = hybrid_conference(kitchen=1)
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, FAIR, told=(KITCHEN,))
    assert switch(mina, ONLINE) is True
    assert (modes_of(mina), waits_of(mina)) == ({KITCHEN: ONLINE, FAIR: ONLINE}, set())
    assert (counters_at(event, YARD), counters_at(event, YARD, ONLINE)) == ((0, 0), (0, 0))
    nobody_is_wronged(event)


def test_what_is_full_the_other_way_is_waited_for_unless_something_else_is_at_that_time() -> None:
    event = hybrid_conference(kitchen=1, capacity_in_person=9)
    for title in (YARD, KITCHEN):
        change_session(event, title, capacity_online=1)
        comes(event, f"Online {title}", title, mode=ONLINE)
    comes(event, "Early Bird", KITCHEN)
    nils = comes(event, "Nils", YARD)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    for one in (mina, nils):
        assert switch(one, ONLINE) is True
    assert (seats_of(nils), waits_of(nils)) == (set(), {YARD})
    assert (seats_of(mina), waits_of(mina)) == (set(), {KITCHEN}), "the one that she would rather have"
    nobody_is_wronged(event)


def test_who_would_rather_have_another_session_watches_and_does_not_wait_for_the_hall_there() -> None:
    event = hybrid_conference(yard=1, kitchen=1)
    change_session(event, KITCHEN, capacity_online=1)
    comes(event, "Online", KITCHEN, mode=ONLINE)
    early = comes(event, "Early Bird", KITCHEN)
    comes(event, "Yard Bird", YARD)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,), mode=ONLINE)
    assert switch(mina, HALL) is True
    assert (modes_of(mina), waits_of(mina)) == ({YARD: ONLINE}, {KITCHEN})
    nobody_is_wronged(event)
    operations.cancel_registration(registration_id=early.id)
    assert modes_of(mina) == {KITCHEN: HALL}


def test_nobody_changes_to_a_way_in_which_nothing_is_left() -> None:
    event = only_chosen(hybrid_conference())
    mina = comes(event, "Mina", WALK)
    with pytest.raises(WayNotOpen, match="None of the chosen sessions"):
        switch(mina, ONLINE)
    assert (modes_of(mina), mails_to(mina)) == ({WALK: HALL}, ["registration_confirmed"])
    nobody_is_wronged(event)


def test_who_only_waits_for_a_session_waits_the_other_way_too() -> None:
    event = only_chosen(hybrid_conference(kitchen=1))
    change_session(event, KITCHEN, capacity_online=1)
    comes(event, "Early Bird", KITCHEN)
    online = comes(event, "Online", KITCHEN, mode=ONLINE)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    assert switch(mina, ONLINE) is True
    assert (status_of(mina), waits_of(mina), counters_at(event, KITCHEN)) == ("waitlisted", {KITCHEN}, (1, 0))
    assert mails_to(mina) == ["waitlisted", "waitlisted"]
    operations.cancel_registration(registration_id=online.id)
    assert (status_of(mina), modes_of(mina)) == ("confirmed", {KITCHEN: ONLINE})
    nobody_is_wronged(event)


def test_who_only_waits_and_finds_a_seat_the_other_way_is_in() -> None:
    event = only_chosen(hybrid_conference(kitchen=1))
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    assert switch(mina, ONLINE) is True
    assert (status_of(mina), modes_of(mina)) == ("confirmed", {KITCHEN: ONLINE})
    assert mails_to(mina) == ["waitlisted", "registration_changed"]


def test_a_seat_in_the_hall_that_comes_free_takes_the_sessions_along() -> None:
    event = hybrid_conference(capacity_in_person=1)
    early = comes(event, "Early Bird")
    mina = comes(event, "Mina", YARD, mode=ONLINE, also_wait_for=HALL)
    assert modes_of(mina) == {YARD: ONLINE}
    operations.cancel_registration(registration_id=early.id)
    assert modes_of(mina) == {YARD: HALL}
    assert mails_to(mina) == ["registration_confirmed", "promoted"]
    nobody_is_wronged(event)


def lose(event: Event, mode: str, **changes: Any) -> None:
    """The organizer takes a way of coming away."""
    event = db.session.get_one(Event, event.id)
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    values = replace(values, **{f"is_{mode}": False}, confirm_over_limit=True, **changes)
    operations.change_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))


def test_who_still_waits_for_the_event_gets_no_session_when_a_way_is_taken_away() -> None:
    event = make_conference(
        is_online=True, room_url="https://rooms.example/1", capacity_in_person=1, capacity_online=1, yard=5
    )
    comes(event, "Hall")
    comes(event, "Online", mode=ONLINE)
    mina = comes(event, "Mina", YARD, mode=ONLINE, may_wait=True)
    lose(event, ONLINE, room_url=None)
    assert (status_of(mina), seats_of(mina), wished_by(mina)) == ("waitlisted", set(), {YARD})
    assert counters_at(event, YARD) == (0, 0)
    nobody_is_wronged(event)


def test_who_only_waits_for_a_session_is_in_when_the_way_that_stays_has_a_seat() -> None:
    event = only_chosen(make_conference(is_online=True, room_url="https://rooms.example/1", yard=5))
    change_session(event, YARD, capacity_online=1)
    comes(event, "Online", YARD, mode=ONLINE)
    mina = comes(event, "Mina", YARD, mode=ONLINE, told=(YARD,))
    assert status_of(mina) == "waitlisted"
    lose(event, ONLINE, room_url=None)
    assert (status_of(mina), modes_of(mina)) == ("confirmed", {YARD: HALL})
    nobody_is_wronged(event)


def test_a_session_for_everybody_that_becomes_one_to_choose_is_kept_by_all_who_saw_it() -> None:
    """What is online only is kept by those in the hall, too, for they may look at it."""
    event = hybrid_conference()
    change_session(event, FAIR, is_chosen=False)
    change_session(event, FAIR, is_in_person=False, venue_id=None, room_id=None)
    mina, nils = comes(event, "Mina"), comes(event, "Nils", mode=ONLINE)
    change_session(event, FAIR, is_chosen=True)
    assert (modes_of(mina), modes_of(nils)) == ({FAIR: ONLINE}, {FAIR: ONLINE})
    nobody_is_wronged(event)


def test_who_waited_only_for_a_session_that_is_for_everybody_now_is_in() -> None:
    event = only_chosen(make_conference(kitchen=1))
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    change_session(event, KITCHEN, is_chosen=False)
    assert session_called(event, KITCHEN).status == "scheduled"
    assert (status_of(mina), waits_of(mina), mails_to(mina)) == ("confirmed", set(), ["waitlisted", "promoted"])
    nobody_is_wronged(event)
