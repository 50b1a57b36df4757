"""Blocks of kept seats that shrink or end, and the day on which unused ones are everybody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event, EventPartner, SeatPool
from app.catalogue.operations import TooFewSeats
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.registration import answers, operations, waiting
from app.registration.models import Registration
from app.registration.operations.partners import CantKeep
from app.registration.operations.sign_up import EventFull
from app.registration.operations.waiting import end_overdue_offers_at
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.partners import (
    add_partner,
    edit_partner,
    guest,
    pools_now,
    release_day,
    seats_are_sound,
    status_of,
    told,
)

pytestmark = pytest.mark.usefixtures("context")

HALL, ONLINE = "in_person", "online"


# Fewer seats, none, and another size of the hall


def test_a_block_that_shrinks_gives_back_its_unused_seats_and_no_other() -> None:
    """Phantom seats: of a block of four with two guests no more than two can come free."""
    event = make_event(capacity_in_person=5)
    bakery = add_partner(event, seats_in_person=4)
    sign_up(event, "Ann")
    guests = [guest(event, bakery, f"Guest {number}") for number in range(2)]
    queue = [sign_up(event, f"Waits {number}", may_wait=True) for number in range(4)]
    with pytest.raises(CantKeep, match="2 of these seats are taken"):
        edit_partner(bakery, seats_in_person=1)
    assert [status_of(one) for one in queue] == ["waitlisted"] * 4
    edit_partner(bakery, seats_in_person=2)
    assert [status_of(one) for one in queue] == ["confirmed"] * 2 + ["waitlisted"] * 2
    assert [status_of(one) for one in guests] == ["confirmed"] * 2
    assert pools_now(event) == {(HALL, None): (3, 3, 2), (HALL, bakery.id): (2, 2, 0)}
    assert told()["promoted"] == 2
    seats_are_sound(event.id)


def test_a_block_that_ends_leaves_its_guests_their_seats_and_the_rest_to_the_queue() -> None:
    event = make_event(capacity_in_person=4)
    bakery = add_partner(event, seats_in_person=3)
    sign_up(event, "Ann")
    gus = guest(event, bakery)
    queue = [sign_up(event, f"Waits {number}", may_wait=True) for number in range(3)]
    edit_partner(bakery, seats_in_person=0)
    assert [status_of(one) for one in (gus, *queue)] == ["confirmed"] * 3 + ["waitlisted"]
    assert pools_now(event) == {(HALL, None): (4, 4, 1)}
    operations.cancel_registration(registration_id=gus.id)
    assert status_of(queue[2]) == "confirmed"


def test_a_partner_that_is_removed_leaves_guests_seats_and_history() -> None:
    event = make_event(capacity_in_person=4)
    bakery = add_partner(event, seats_in_person=3)
    gus = guest(event, bakery)
    code = bakery.code
    operations.remove_partner(actor=person("bob"), partner_id=bakery.id)
    db.session.rollback()
    row = db.session.execute(
        select(Registration.status, Registration.via, Registration.partner_id).where(Registration.id == gus.id)
    ).one()
    assert tuple(row) == ("confirmed", code, None)
    assert pools_now(event) == {(HALL, None): (4, 1, 0)}
    assert queries.partners_of(event.id) == []


def change_seats(event: Event, **changes: object) -> None:
    db.session.rollback()
    now_is = db.session.get_one(Event, event.id)
    values = queries.event_values(now_is, queries.sessions_of(event.id), queries.pools_of(event.id))
    operations.change_event(
        actor=person("bob"), event_id=event.id, values=replace(values, **changes), seen=queries.seen_of(now_is)
    )


def test_the_seats_in_the_form_of_the_event_are_all_of_the_hall() -> None:
    event = make_event(capacity_in_person=6)
    number = add_partner(event, seats_in_person=4).id
    change_seats(event, capacity_in_person=9)
    assert pools_now(event) == {(HALL, None): (5, 0, 0), (HALL, number): (4, 0, 0)}
    sign_up(event, "Ann")
    with pytest.raises(TooFewSeats, match="5 seats are taken, or kept"):
        change_seats(event, capacity_in_person=4)
    change_seats(event, capacity_in_person=4, confirm_over_limit=True)
    assert pools_now(event)[HALL, None] == (0, 1, 0)
    with pytest.raises(TooFewSeats, match="4 seats are kept"):
        change_seats(event, capacity_in_person=3, confirm_over_limit=True)
    with pytest.raises(TooFewSeats, match="must have a limit"):
        change_seats(event, capacity_in_person=None)


def test_how_many_move_up_is_told_without_the_kept_seats() -> None:
    event = make_event(capacity_in_person=3)
    add_partner(event, seats_in_person=2)
    sign_up(event, "Ann")
    for number in range(3):
        sign_up(event, f"Waits {number}", may_wait=True)
    assert waiting.count_moving_up(event.id, {HALL: 3}) == 0
    assert waiting.count_moving_up(event.id, {HALL: 5}) == 2


def test_with_the_hall_its_kept_seats_go_and_the_guests_come_online() -> None:
    event = make_event(hybrid(capacity_in_person=3, capacity_online=5))
    bakery = add_partner(event, seats_in_person=2, seats_online=2)
    gus, ann = guest(event, bakery), sign_up(event, "Ann")
    waits = guest(event, bakery, "Waits", mode=ONLINE)
    change_seats(event, is_in_person=False, capacity_in_person=None, venue_id=None)
    assert [status_of(one) for one in (gus, ann, waits)] == ["confirmed"] * 3
    number = bakery.id
    assert pools_now(event) == {(ONLINE, None): (3, 2, 0), (ONLINE, number): (2, 1, 0)}
    assert db.session.get_one(EventPartner, number).released_at is None  # it still keeps seats online
    seats_are_sound(event.id)


def test_an_empty_hall_goes_with_the_seats_kept_of_it() -> None:
    event = make_event(hybrid(capacity_in_person=3, capacity_online=5))
    add_partner(event, seats_in_person=2)
    change_seats(event, is_in_person=False, capacity_in_person=None, venue_id=None)
    assert pools_now(event) == {(ONLINE, None): (5, 0, 0)}


# The day on which they are everybody's


def test_on_the_day_unused_seats_go_to_the_queue_and_everybody_is_told_once() -> None:
    event = make_event(capacity_in_person=4)
    bakery = add_partner(event, seats_in_person=3)
    sign_up(event, "Ann")
    gus = guest(event, bakery)
    queue = [sign_up(event, f"Waits {number}", may_wait=True) for number in range(3)]
    assert operations.release_kept_seats() == 0
    with time_machine.travel(now() + release_day(event)):
        assert operations.release_kept_seats() == 1
        assert operations.release_kept_seats() == 0
        operations.tend_queues()
        db.session.rollback()
        assert db.session.get_one(EventPartner, bakery.id).released_at
    assert [status_of(one) for one in queue] == ["confirmed"] * 2 + ["waitlisted"]
    assert pools_now(event) == {(HALL, None): (4, 4, 1)}
    assert told()["promoted"] == 2
    lines = db.session.scalars(select(AuditLine).where(AuditLine.action == "release_kept_seats")).all()
    assert [(line.actor_kind, line.details["seats"]) for line in lines] == [("system", 2)]
    operations.cancel_registration(registration_id=gus.id)
    assert status_of(queue[2]) == "confirmed"


def test_while_the_scheduler_is_dead_whoever_signs_up_frees_them() -> None:
    """Full though free: nobody is sent away from seats that only seem to be kept, list or not."""
    event = make_event(capacity_in_person=3, has_waiting_list=False)
    bakery = add_partner(event, seats_in_person=2)
    sign_up(event, "Ann")
    with pytest.raises(EventFull):
        sign_up(event, "Ben")
    with time_machine.travel(now() + release_day(event)):
        assert sign_up(event, "Ben").status == "confirmed"
    assert pools_now(event) == {(HALL, None): (3, 2, 0)}
    assert db.session.get_one(EventPartner, bakery.id).released_at is not None


def test_the_mails_button_frees_them_too_where_there_is_no_list() -> None:
    event = make_event(capacity_in_person=2, sign_up_way="after_mail", confirm_minutes=10_000)
    add_partner(event, seats_in_person=1)
    sign_up(event, "Ann")
    ben = sign_up(event, "Ben", may_wait=True)  # no seat is held for him: the button is to put him on the list
    with transaction():
        execute(update(Event).values(has_waiting_list=False))
    with time_machine.travel(now() + release_day(event)):
        assert operations.confirm_address(registration_id=ben.id) is True
    assert status_of(ben) == "confirmed"


def test_released_by_a_newcomer_the_seats_go_to_those_who_waited_first() -> None:
    event = make_event(capacity_in_person=2)
    add_partner(event, seats_in_person=1)
    sign_up(event, "Ann")
    ben = sign_up(event, "Ben", may_wait=True)
    with time_machine.travel(now() + release_day(event)):
        late = sign_up(event, "Late", may_wait=True)
    assert [status_of(ben), late.status] == ["confirmed", "waitlisted"]


def test_what_was_offered_stays_offered_when_the_seats_are_everybodys() -> None:
    event = make_event(capacity_in_person=2, starts_local=local(hours=40), offer_lead_hours=48, offer_hours=40)
    bakery = add_partner(event, seats_in_person=1, release_days=0)
    sign_up(event, "Ann")
    gus = guest(event, bakery)
    first = guest(event, bakery, "First", may_wait=True)
    operations.cancel_registration(registration_id=gus.id)
    assert status_of(first) == "offered"
    edit_partner(bakery, seats_in_person=0, release_days=0)
    assert pools_now(event) == {(HALL, None): (2, 2, 0)}
    operations.accept_offer(registration_id=first.id)
    assert status_of(first) == "confirmed"
    seats_are_sound(event.id)


def test_the_day_moves_along_with_the_event() -> None:
    event = make_event(capacity_in_person=4)
    bakery = add_partner(event, seats_in_person=1)
    pool = select(SeatPool.kept_until).where(SeatPool.partner_id == bakery.id)
    before = db.session.scalars(pool).one()
    assert before is not None
    change_seats(event, starts_local=local(days=9), ends_local=local(days=9, hours=2))
    db.session.rollback()
    assert db.session.scalars(pool).one() == before + timedelta(days=2)


def test_a_cancelled_event_stays_as_it_is() -> None:
    event = make_event(capacity_in_person=2)
    bakery = add_partner(event, seats_in_person=1)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    with time_machine.travel(now() + release_day(event)):
        assert operations.release_kept_seats() == 0
        end_overdue_offers_at(event.id)
        db.session.commit()
    assert pools_now(event) == {(HALL, None): (1, 0, 0), (HALL, bakery.id): (1, 0, 0)}


def test_a_raise_that_was_broken_off_is_gone_on_with_for_guests_too() -> None:
    """A guest moves from online to the hall; the kept seat online that this frees may be left to the worker."""
    event = make_event(hybrid(capacity_in_person=1, capacity_online=2))
    bakery = add_partner(event, seats_in_person=0, seats_online=1)
    sign_up(event, "Ann")
    sign_up(event, "Ben", mode=ONLINE)
    guest(event, bakery, mode=ONLINE, also_wait_for=HALL)
    late = guest(event, bakery, "Late", mode=ONLINE, may_wait=True)
    change_seats(event, capacity_in_person=2)
    operations.tend_queues()
    assert status_of(late) == "confirmed"
    seats_are_sound(event.id)


def test_a_silent_guests_seat_is_given_away_only_where_another_guest_waits_for_it() -> None:
    event = make_event(
        capacity_in_person=2, starts_local=local(hours=50), reconfirm_days=3, release_hours=90, offer_lead_hours=1
    )
    bakery = add_partner(event, seats_in_person=1, release_days=0)
    sign_up(event, "Ann")
    gus = guest(event, bakery)
    ben = sign_up(event, "Ben", may_wait=True)
    with transaction():
        asked = {"asked_at": now() - timedelta(hours=36), "replied_at": None}
        execute(update(Registration).where(Registration.id == gus.id).values(**asked))
    assert [one.is_needed for one in answers.silent_people(event.id)] == [False]
    assert operations.release_silent_seats() == 0
    late = guest(event, bakery, "Late", may_wait=True)
    assert [one.is_needed for one in answers.silent_people(event.id)] == [True]
    assert operations.release_silent_seats() == 1
    assert [status_of(one) for one in (gus, ben, late)] == ["cancelled", "waitlisted", "confirmed"]
    seats_are_sound(event.id)
