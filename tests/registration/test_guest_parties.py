"""Parties of a partner's guests: kept seats for all of them, or everybody's seats for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from app.core.clock import now
from app.registration import operations, seats
from app.registration.operations.sign_up import EventFull
from tests.support.events import local, make_event, sign_up
from tests.support.parties import bring, states, the_mail
from tests.support.partners import add_partner, edit_partner, guest, pools_now

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Whenever the tests run, what begins in twenty hours begins tomorrow."""
    with time_machine.travel(now().replace(hour=12)):
        yield


THREE = ("Anna", "Boris", "Vera")


def test_kept_seats_are_for_a_whole_party_or_everybodys_are() -> None:
    event = make_event(capacity_in_person=6, largest_party=4)
    partner = add_partner(event, seats_in_person=3)
    guest(event, partner)
    people = bring(event, *THREE, via=partner.code)
    assert {one.partner_id for one in people} == {partner.id}
    assert pools_now(event) == {("in_person", None): (3, 3, 0), ("in_person", partner.id): (3, 1, 0)}
    assert states(bring(event, "Dan", "Eva", via=partner.code)) == ["confirmed"] * 2
    assert pools_now(event)["in_person", partner.id] == (3, 3, 0)


def test_a_party_of_guests_may_have_its_seats_partly_among_the_kept_ones() -> None:
    event = make_event(capacity_in_person=4, largest_party=4)
    partner = add_partner(event, seats_in_person=2)
    guest(event, partner)
    with pytest.raises(EventFull, match="Only 3 seats in the hall are left"):
        bring(event, *THREE, "Gleb", via=partner.code)
    assert states(bring(event, *THREE, via=partner.code)) == ["confirmed"] * 3
    assert pools_now(event) == {("in_person", None): (2, 2, 0), ("in_person", partner.id): (2, 2, 0)}


def test_guests_who_wait_together_move_up_when_kept_and_other_seats_make_enough() -> None:
    event = make_event(capacity_in_person=4, largest_party=4)
    partner = add_partner(event, seats_in_person=2)
    early = [guest(event, partner, f"Gus {number}") for number in range(2)]
    other = [sign_up(event, f"Other {number}") for number in range(2)]
    people = bring(event, *THREE, via=partner.code, may_wait=True)
    operations.cancel_registration(registration_id=early[0].id)
    operations.cancel_registration(registration_id=other[0].id)
    assert states(people) == ["waitlisted"] * 3
    operations.cancel_registration(registration_id=early[1].id)
    assert states(people) == ["confirmed"] * 3
    assert pools_now(event) == {("in_person", None): (2, 2, 0), ("in_person", partner.id): (2, 2, 0)}
    assert seats.drifts() == []


@pytest.mark.usefixtures("at_noon")
def test_an_offer_of_kept_and_other_seats_is_answered_for_all_at_once() -> None:
    event = make_event(capacity_in_person=3, largest_party=4, starts_local=local(hours=20))
    partner = add_partner(event, seats_in_person=1, release_days=0)
    early = [guest(event, partner), sign_up(event, "One"), sign_up(event, "Two")]
    people = bring(event, *THREE, via=partner.code, may_wait=True)
    for one in early:
        operations.cancel_registration(registration_id=one.id)
    assert states(people) == ["offered"] * 3
    assert "3 seats are free" in the_mail("seat_offered", people[0]).subject
    assert operations.accept_offer(registration_id=people[0].id) is True
    assert states(people) == ["confirmed"] * 3
    assert seats.drifts() == []


def test_guests_who_stay_together_come_over_when_there_is_a_kept_seat_for_each() -> None:
    event = make_event(capacity_in_person=5, largest_party=4)
    partner = add_partner(event, seats_in_person=3)
    early = [guest(event, partner, f"Gus {number}") for number in range(3)]
    for number in range(2):
        sign_up(event, f"Other {number}")
    people = bring(event, *THREE, via=partner.code, may_wait=True)
    single = guest(event, partner, "Single Guest", may_wait=True)
    operations.cancel_registration(registration_id=early[0].id)
    assert states([*people, single]) == ["waitlisted"] * 3 + ["confirmed"]
    operations.cancel_registration(registration_id=early[1].id)
    operations.cancel_registration(registration_id=early[2].id)
    assert states(people) == ["waitlisted"] * 3
    operations.cancel_registration(registration_id=single.id)
    assert states(people) == ["confirmed"] * 3
    assert pools_now(event) == {("in_person", None): (2, 2, 0), ("in_person", partner.id): (3, 3, 0)}


@pytest.mark.usefixtures("at_noon")
def test_a_raised_block_lets_a_waiting_party_of_guests_in_near_the_start_by_an_offer() -> None:
    event = make_event(capacity_in_person=4, largest_party=4, starts_local=local(hours=20))
    partner = add_partner(event, seats_in_person=1, release_days=0)
    people = bring(event, *THREE, may_wait=True, via=partner.code)
    assert states(people) == ["confirmed"] * 3
    others = bring(event, "Dan", "Eva", "Fay", may_wait=True, via=partner.code)
    operations.cancel_registration(registration_id=people[0].id)
    assert states(others) == ["waitlisted"] * 3
    operations.split_party(registration_id=others[0].id)
    assert states(others) == ["offered", "offered", "waitlisted"]
    assert operations.accept_offer(registration_id=others[0].id) is True
    assert states(others) == ["confirmed", "offered", "waitlisted"]


def test_who_comes_instead_of_a_guest_has_the_kept_seat() -> None:
    event = make_event(capacity_in_person=3)
    partner = add_partner(event, seats_in_person=1)
    old = guest(event, partner)
    values = operations.SignUpValues("New Guest", None, "in_person", "en")
    operations.replace_person(registration_id=old.id, values=values)
    assert pools_now(event)["in_person", partner.id] == (1, 1, 0)
    edit_partner(partner, seats_in_person=2)
    assert pools_now(event) == {("in_person", None): (1, 0, 0), ("in_person", partner.id): (2, 1, 0)}
