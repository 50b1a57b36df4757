"""Mails that had to wait: what was overtaken meanwhile is told by the later mail alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.catalogue.models import Event
from app.core.db import db
from app.core.i18n import in_language
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.messages import MESSAGES
from app.registration.operations import SignUpValues
from tests.support.cast import person
from tests.support.changes import change
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.parties import again, bring

pytestmark = pytest.mark.usefixtures("context")


def told(address: str = "pat@example.net") -> list[tuple[str, str]]:
    """The mails to this address that still have something to say, by name and subject."""
    again()
    query = select(OutboxMessage).where(OutboxMessage.to_address == address).order_by(OutboxMessage.id)
    rows = db.session.scalars(query)
    with in_language("en"):
        letters = [(row.name, MESSAGES[row.name](row.facts)) for row in rows]
    return [(name, letter.subject.partition(":")[0]) for name, letter in letters if letter is not None]


def words(name: str, address: str = "pat@example.net") -> str:
    again()
    query = select(OutboxMessage).where(OutboxMessage.to_address == address, OutboxMessage.name == name)
    with in_language("en"):
        letter = MESSAGES[name](db.session.scalars(query).one().facts)
    assert letter is not None
    return " ".join(letter.text.split())


def move(event: Event) -> None:
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=1))


def test_who_gave_the_seat_back_meanwhile_reads_that_alone() -> None:
    event = make_event()
    pat = sign_up(event, "Pat")
    move(event)
    operations.cancel_registration(registration_id=pat.id)
    assert told() == [("registration_cancelled", "Given back")]
    assert "Thank you for telling us." in words("registration_cancelled")


def test_who_handed_the_place_over_meanwhile_reads_that_alone() -> None:
    event = make_event()
    pat = sign_up(event, "Pat")
    move(event)
    operations.replace_person(
        registration_id=pat.id, values=SignUpValues("Quinn", "quinn@example.net", "in_person", "en")
    )
    assert told() == [("registration_cancelled", "Handed over")]
    assert "Quinn comes instead of Pat. The old ticket no longer works." in words(
        "registration_confirmed", "quinn@example.net"
    )


def test_of_a_cancelled_event_nobody_is_told_that_a_seat_is_kept() -> None:
    event = make_event()
    sign_up(event, "Pat")
    gone = sign_up(event, "Gone")
    operations.cancel_registration(registration_id=gone.id)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
    assert told() == [("event_cancelled", "Cancelled")]
    assert told("gone@example.net") == [("registration_cancelled", "Given back")]
    assert "Your seat was given back" in words("registration_cancelled", "gone@example.net")
    assert "Sign up again" not in words("registration_cancelled", "gone@example.net")


def test_a_party_hears_of_a_move_though_the_one_it_names_has_left() -> None:
    event = make_event(largest_party=5)
    people = bring(event, "Pat", "Boris")
    move(event)
    operations.cancel_registration(registration_id=people[0].id)
    assert [name for name, _subject in told()] == ["registration_confirmed", "event_moved", "registration_cancelled"]
    assert "Name: Boris" in words("event_moved")


def test_who_was_taken_off_is_not_said_to_have_given_back() -> None:
    event = make_event()
    pat = sign_up(event, "Pat")
    operations.cancel_person(actor=person("bob"), registration_id=pat.id, notify=True)
    assert told() == [("registration_cancelled", "Taken off the list")]


def test_whose_way_stays_is_told_of_the_lost_one_and_asked_nothing() -> None:
    event = make_event(hybrid())
    sign_up(event, "Pat")
    online = sign_up(event, "Olga", mode="online")
    change(event, is_online=False, room_url=None)
    assert told()[-1] == ("event_moved", "In the hall only now")
    assert "It takes place in the hall only now." in words("event_moved")
    assert "Please say whether you still come." not in words("event_moved")
    assert "Please say whether you still come." in words("event_moved", "olga@example.net")
    assert online.id


def test_an_offer_beside_a_seat_is_named_when_the_event_moves() -> None:
    event = make_event(hybrid(capacity_in_person=1, starts_local=local(hours=20), ends_local=local(hours=22)))
    holder = sign_up(event, "Holder")
    sign_up(event, "Pat", mode="online", also_wait_for="in_person")
    operations.cancel_registration(registration_id=holder.id)
    move(event)
    assert "A seat is also offered to you: in the hall. We keep it until" in words("event_moved")


def test_the_last_offer_before_the_start_promises_nobody_else() -> None:
    start = local(minutes=20)
    event = make_event(capacity_in_person=1, starts_local=start, ends_local=start + timedelta(hours=1))
    holder = sign_up(event, "Holder")
    sign_up(event, "Pat", may_wait=True)
    operations.cancel_registration(registration_id=holder.id)
    assert "It begins then, so please answer soon." in words("seat_offered")
    assert "the next person" not in words("seat_offered")
