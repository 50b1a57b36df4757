"""Parties of a partner's guests: kept seats for all of them, or everybody's seats for all of them."""

from __future__ import annotations

import pytest

from app.registration import operations
from tests.support.events import local, make_event, sign_up
from tests.support.parties import bring, states
from tests.support.partners import add_partner, edit_partner, guest, pools_now

pytestmark = pytest.mark.usefixtures("context")

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


def test_a_raised_block_lets_a_waiting_party_of_guests_in_near_the_start_by_an_offer() -> None:
    event = make_event(capacity_in_person=4, largest_party=4, starts_local=local(hours=20))
    partner = add_partner(event, seats_in_person=1, release_days=0)
    people = bring(event, *THREE, may_wait=True, via=partner.code)
    assert states(people) == ["confirmed"] * 3
    others = bring(event, "Dan", "Eva", may_wait=True, via=partner.code)
    assert states(others) == ["waitlisted"] * 2
    operations.cancel_registration(registration_id=people[0].id)
    assert states(others) == ["waitlisted"] * 2
    operations.split_party(registration_id=others[0].id)
    assert states(others) == ["offered"] * 2
    assert operations.accept_offer(registration_id=others[0].id) is True
    assert states(others) == ["confirmed", "offered"]


def test_who_comes_instead_of_a_guest_has_the_kept_seat() -> None:
    event = make_event(capacity_in_person=3)
    partner = add_partner(event, seats_in_person=1)
    old = guest(event, partner)
    values = operations.SignUpValues("New Guest", None, "in_person", "en")
    operations.replace_person(registration_id=old.id, values=values)
    assert pools_now(event)["in_person", partner.id] == (1, 1, 0)
    edit_partner(partner, seats_in_person=2)
    assert pools_now(event) == {("in_person", None): (1, 0, 0), ("in_person", partner.id): (2, 1, 0)}
