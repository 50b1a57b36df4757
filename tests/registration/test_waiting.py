"""The waiting list: who gets a freed seat, when, and what the others are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, SeatPool
from app.core.clock import now
from app.core.db import db, execute
from app.messaging.models import OutboxMessage
from app.registration import operations, seats, waiting
from app.registration.models import Registration, WaitingEntry
from app.registration.operations.offers import OfferOver
from app.registration.operations.sign_up import EventFull
from app.registration.rules import Why
from tests.support.cast import person
from tests.support.events import local, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")


def full_event(capacity: int = 1, **changes: Any) -> tuple[Event, list[Registration]]:
    event = make_event(capacity_in_person=capacity, **changes)
    return event, [sign_up(event, f"Early {number}") for number in range(capacity)]


def queue_up(event: Event, name: str, **changes: Any) -> Registration:
    return sign_up(event, name, may_wait=True, **changes)


def status(registration: Registration) -> str:
    return str(execute(select(Registration.status).where(Registration.id == registration.id)).scalar_one())


def counters(event: Event) -> tuple[int, int]:
    pool = execute(select(SeatPool.taken, SeatPool.waiting).where(SeatPool.event_id == event.id)).one()
    return pool.taken, pool.waiting


def set_capacity(event: Event, capacity: int, *, edit: Any = operations.change_event) -> None:
    """As the organizer's form does it."""
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    values = replace(values, capacity_in_person=capacity, confirm_over_limit=True)
    edit(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))


def mails_to(registration: Registration) -> list[str]:
    rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts).order_by(OutboxMessage.id))
    return [row.name for row in rows if row.facts.get("registration") == registration.public_id]


def test_whoever_agreed_waits_in_turn_and_the_others_are_told() -> None:
    event, _early = full_event()
    with pytest.raises(EventFull) as full:
        sign_up(event, "Never Told")
    assert "waiting list" in full.value.message
    first, second = queue_up(event, "First"), queue_up(event, "Second")
    assert [status(one) for one in (first, second)] == ["waitlisted", "waitlisted"]
    assert counters(event) == (1, 2)
    assert [(entry.name, entry.place, entry.why) for entry in waiting.waiting_at(event.id)] == [
        ("First", 1, Why.FULL),
        ("Second", 2, Why.FULL),
    ]
    assert mails_to(first) == ["waitlisted"]
    assert seats.drifts() == []


def test_a_free_seat_is_taken_even_by_one_who_agreed_to_wait() -> None:
    event, _early = full_event(capacity=2)
    operations.cancel_registration(registration_id=_early[0].id)
    assert status(queue_up(event, "Lucky")) == "confirmed"
    assert counters(event) == (2, 0)


def test_a_queue_that_was_empty_again_writes_to_the_next_one_all_the_same() -> None:
    """SQLite gives the number of a row that was deleted to the next one, so no such number may tell mails apart."""
    event, (holder,) = full_event()
    for number in range(3):
        waits = queue_up(event, f"Waits {number}")
        operations.cancel_registration(registration_id=holder.id)
        assert mails_to(waits) == ["waitlisted", "promoted"]
        holder = waits


def test_links_are_sent_again_after_the_old_ones_were_swept_away() -> None:
    event = make_event()
    sign_up(event, "Pat", "pat@example.net")
    operations.request_links(email="pat@example.net", language="en")
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        operations.request_links(email="pat@example.net", language="en")
    assert list(db.session.scalars(select(OutboxMessage.name))).count("your_links") == 2


def test_an_event_without_a_list_takes_nobody() -> None:
    event, _early = full_event(has_waiting_list=False)
    with pytest.raises(EventFull) as full:
        queue_up(event, "Hopeful")
    assert "waiting list" not in full.value.message
    assert counters(event) == (1, 0)


def test_a_cancelled_seat_goes_to_the_first_at_once_and_newcomers_do_not_overtake() -> None:
    event, (early,) = full_event()
    first, second = queue_up(event, "First"), queue_up(event, "Second")
    operations.cancel_registration(registration_id=early.id)
    assert [status(one) for one in (first, second)] == ["confirmed", "waitlisted"]
    assert counters(event) == (1, 1)
    assert mails_to(first) == ["waitlisted", "promoted"]
    assert mails_to(second) == ["waitlisted"]
    with pytest.raises(EventFull):
        sign_up(event, "Newcomer")
    operations.cancel_registration(registration_id=first.id)
    assert status(second) == "confirmed"
    assert seats.drifts() == []


def test_the_organizers_cancel_moves_the_queue_too() -> None:
    event, (early,) = full_event()
    first = queue_up(event, "First")
    operations.cancel_person(actor=person("bob"), registration_id=early.id, notify=False)
    assert status(first) == "confirmed"


def test_leaving_the_queue_frees_no_seat_and_moves_the_others_up() -> None:
    event, _early = full_event()
    first, second = queue_up(event, "First"), queue_up(event, "Second")
    assert operations.cancel_registration(registration_id=first.id) is True
    assert operations.cancel_registration(registration_id=first.id) is False
    assert counters(event) == (1, 1)
    assert [(entry.name, entry.place) for entry in waiting.waiting_at(event.id)] == [("Second", 1)]
    assert status(second) == "waitlisted"
    assert mails_to(first) == ["waitlisted", "registration_cancelled"]


def test_more_seats_are_handed_on_one_by_one_until_nobody_waits() -> None:
    event, _early = full_event()
    people = [queue_up(event, f"Waiting {number}") for number in range(5)]
    set_capacity(event, 4)
    assert [status(one) for one in people] == ["confirmed"] * 3 + ["waitlisted"] * 2
    assert counters(event) == (4, 2)
    assert operations.fill_seats(event.id) == 0


def test_what_was_interrupted_goes_on_by_itself() -> None:
    event, _early = full_event()
    first = queue_up(event, "First")
    set_capacity(event, 2, edit=catalogue.edit_event)
    with pytest.raises(EventFull):
        sign_up(event, "Newcomer")  # the free seat is the first one's, though nobody has handed it on yet
    assert [entry.why for entry in waiting.waiting_at(event.id)] == [Why.SOON]
    operations.tend_queues()
    assert status(first) == "confirmed"


def test_fewer_seats_than_people_hand_nothing_on_until_enough_are_back() -> None:
    event, early = full_event(capacity=3)
    first = queue_up(event, "First")
    set_capacity(event, 1)
    assert [entry.why for entry in waiting.waiting_at(event.id)] == [Why.OVER_LIMIT]
    operations.cancel_registration(registration_id=early[0].id)
    operations.cancel_registration(registration_id=early[1].id)
    assert (status(first), counters(event)) == ("waitlisted", (1, 1))
    operations.cancel_registration(registration_id=early[2].id)
    assert (status(first), counters(event)) == ("confirmed", (1, 0))


def test_shortly_before_the_start_the_next_one_is_asked() -> None:
    event, (early,) = full_event(starts_local=local(hours=20))
    first, second = queue_up(event, "First"), queue_up(event, "Second")
    operations.cancel_registration(registration_id=early.id)
    assert (status(first), counters(event)) == ("offered", (1, 1))
    assert mails_to(first) == ["waitlisted", "seat_offered"]
    assert operations.accept_offer(registration_id=first.id) is True
    assert operations.accept_offer(registration_id=first.id) is False
    assert (status(first), status(second), counters(event)) == ("confirmed", "waitlisted", (1, 1))
    assert mails_to(first) == ["waitlisted", "seat_offered", "registration_confirmed"]
    assert seats.drifts() == []


def test_a_declined_offer_goes_to_the_next_one() -> None:
    event, (early,) = full_event(starts_local=local(hours=20))
    first, second = queue_up(event, "First"), queue_up(event, "Second")
    operations.cancel_registration(registration_id=early.id)
    assert operations.decline_offer(registration_id=first.id) is True
    assert operations.decline_offer(registration_id=first.id) is False
    assert [status(one) for one in (first, second)] == ["expired", "offered"]
    assert mails_to(first) == ["waitlisted", "seat_offered", "registration_cancelled"]
    with pytest.raises(OfferOver):
        operations.accept_offer(registration_id=first.id)
    assert seats.drifts() == []


def test_an_offer_that_nobody_answers_ends_and_the_next_one_is_asked() -> None:
    event, (early,) = full_event(starts_local=local(days=1, hours=-1))
    first, second = queue_up(event, "First"), queue_up(event, "Second")
    operations.cancel_registration(registration_id=early.id)
    until = waiting.waiting_at(event.id)[0].offer_until
    assert until is not None
    assert until <= event.starts_at
    with time_machine.travel(until - timedelta(minutes=30), tick=False):
        operations.tend_queues()
        operations.tend_queues()
        assert mails_to(first).count("offer_ending") == 1
        assert status(first) == "offered"
    with time_machine.travel(until, tick=False):
        with pytest.raises(OfferOver):
            operations.accept_offer(registration_id=first.id)
        operations.tend_queues()
        assert status(first) == "expired"
        assert mails_to(first)[-1] == "offer_over"
    assert seats.drifts() == []
    assert status(second) in ("offered", "waitlisted")


def test_a_kept_seat_whose_time_is_over_makes_nobody_full() -> None:
    """The scheduler may be dead: whoever signs up ends the overdue offer."""
    event, (early,) = full_event(starts_local=local(hours=20), offer_hours=1)
    first = queue_up(event, "First")
    operations.cancel_registration(registration_id=early.id)
    until = waiting.waiting_at(event.id)[0].offer_until
    assert until is not None
    if until >= event.starts_at:  # at night an offer lasts until the event begins, and nobody can sign up after
        until = event.starts_at
    with time_machine.travel(until, tick=False):
        assert status(sign_up(event, "Newcomer")) == "confirmed"
        assert status(first) == "expired"
    assert counters(event) == (1, 0)


def test_a_cancelled_event_promotes_nobody_and_offers_stand_still() -> None:
    event, (early,) = full_event()
    first = queue_up(event, "First")
    assert operations.cancel_event(actor=person("bob"), event_id=event.id, reason="") == 2
    operations.cancel_registration(registration_id=early.id)
    operations.tend_queues()
    assert status(first) == "waitlisted"
    assert [entry.why for entry in waiting.waiting_at(event.id)] == [Why.CANCELLED]


def test_an_offer_of_a_cancelled_event_can_be_neither_taken_nor_left() -> None:
    event, (early,) = full_event(starts_local=local(hours=20))
    first = queue_up(event, "First")
    operations.cancel_registration(registration_id=early.id)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    for answer in (operations.accept_offer, operations.decline_offer):
        with pytest.raises(OfferOver):
            answer(registration_id=first.id)
    assert mails_to(first) == ["waitlisted", "seat_offered", "event_cancelled"]


def test_an_event_that_is_moved_to_earlier_takes_its_offers_along() -> None:
    event, (early,) = full_event(starts_local=local(hours=22))
    first = queue_up(event, "First")
    operations.cancel_registration(registration_id=early.id)
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    values = replace(values, starts_local=local(minutes=30), ends_local=local(minutes=90))
    operations.change_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))
    start = queries.sessions_of(event.id)[0].starts_at
    [entry] = waiting.waiting_at(event.id)
    assert entry.offer_until is not None
    assert entry.offer_until <= start
    assert status(first) == "offered"


def test_behind_an_offer_one_waits_for_its_answer() -> None:
    event, (early,) = full_event(starts_local=local(hours=20))
    queue_up(event, "First")
    queue_up(event, "Second")
    operations.cancel_registration(registration_id=early.id)
    assert [(entry.name, entry.why) for entry in waiting.waiting_at(event.id)] == [
        ("First", Why.ASKED),
        ("Second", Why.OTHERS_ASKED),
    ]


def test_too_few_seats_are_refused_with_the_number_that_is_taken() -> None:
    event, _early = full_event(capacity=2)
    queue_up(event, "First")
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    with pytest.raises(catalogue.TooFewSeats, match="2 seats are taken already"):
        catalogue.edit_event(
            actor=person("bob"),
            event_id=event.id,
            values=replace(values, capacity_in_person=1),
            seen=queries.seen_of(event),
        )


def test_once_the_event_has_begun_nobody_is_called_any_more() -> None:
    event, (early,) = full_event(starts_local=local(hours=30))
    first = queue_up(event, "First")
    with time_machine.travel(event.starts_at + timedelta(minutes=5), tick=False):
        operations.cancel_registration(registration_id=early.id)
        assert status(first) == "waitlisted"
        assert [entry.why for entry in waiting.waiting_at(event.id)] == [Why.BEGUN]
        with pytest.raises(EventFull):
            queue_up(event, "Late")


def test_entries_vanish_with_what_they_waited_for() -> None:
    event, (early,) = full_event()
    queue_up(event, "First")
    operations.cancel_registration(registration_id=early.id)
    assert db.session.scalars(select(WaitingEntry)).all() == []
    assert now() < event.starts_at
