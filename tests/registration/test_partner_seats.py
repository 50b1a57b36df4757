"""Seats kept for a partner's guests: who gets them, how they come and go, and the day on which they are everybody's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import inspect, select, update

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, EventPartner, SeatPool
from app.catalogue.operations import TooFewSeats
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Missing, NotAllowed
from app.messaging.models import OutboxMessage
from app.registration import answers, operations, seats, waiting
from app.registration.models import Registration
from app.registration.operations import SignUpValues
from app.registration.operations.partners import CantKeep, NoSuchPartner, TooLateToKeep
from app.registration.operations.sign_up import EventFull
from app.registration.operations.waiting import end_overdue_offers_at
from app.registration.rules import Way, Why
from app.registration.waiting_words import queue_facts
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.parties import bring
from tests.support.partners import (
    BAKERY,
    add_partner,
    edit_partner,
    guest,
    partner_values,
    pools_now,
    seats_are_sound,
)

pytestmark = pytest.mark.usefixtures("context")

HALL, ONLINE = "in_person", "online"


def status_of(registration: Registration) -> str:
    (number,) = inspect(registration).identity  # the object may be older than the session
    db.session.rollback()
    return db.session.scalars(select(Registration.status).where(Registration.id == number)).one()


def told() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(OutboxMessage.name)))


def release_day(event: Event, days: int = 3) -> timedelta:
    """From now to an hour into the day on which the seats are everybody's."""
    midnight = local().replace(hour=0, minute=0)
    starts = local(days=7).replace(hour=0, minute=0)
    assert event.starts_at > now()
    return (starts - timedelta(days=days, hours=-1)) - midnight - (local() - midnight)


# Keeping seats


def test_kept_seats_come_out_of_everybodys_and_the_hall_stays_as_large() -> None:
    event = make_event(capacity_in_person=10)
    bakery = add_partner(event, seats_in_person=4)
    assert pools_now(event) == {(HALL, None): (6, 0, 0), (HALL, bakery.id): (4, 0, 0)}
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    assert values.capacity_in_person == 10
    edit_partner(bakery, seats_in_person=7)
    assert pools_now(event) == {(HALL, None): (3, 0, 0), (HALL, bakery.id): (7, 0, 0)}
    edit_partner(bakery, seats_in_person=1)
    assert pools_now(event) == {(HALL, None): (9, 0, 0), (HALL, bakery.id): (1, 0, 0)}


def test_no_more_is_kept_than_is_free_and_nothing_while_somebody_waits() -> None:
    event = make_event(capacity_in_person=3)
    sign_up(event, "Ann")
    with pytest.raises(CantKeep, match="Only 2 seats more"):
        add_partner(event, seats_in_person=3)
    assert pools_now(event) == {(HALL, None): (3, 1, 0)}
    assert queries.desk_partners(event.id) == []
    sign_up(event, "Ben")
    cem = sign_up(event, "Cem")
    sign_up(event, "Dee", may_wait=True)
    with pytest.raises(CantKeep, match="People wait"):
        add_partner(event, seats_in_person=1)
    assert status_of(cem) == "confirmed"


def test_a_mode_without_a_limit_or_that_is_not_offered_keeps_none() -> None:
    event = make_event(capacity_in_person=None)
    with pytest.raises(CantKeep, match="Without a limit"):
        add_partner(event)
    with pytest.raises(CantKeep, match="Nobody can come that way"):
        add_partner(event, seats_in_person=0, seats_online=1)


def test_seats_can_only_be_kept_until_a_day_that_is_still_to_come() -> None:
    event = make_event(starts_local=local(days=2))
    with pytest.raises(TooLateToKeep):
        add_partner(event, release_days=3)
    add_partner(event, release_days=3, seats_in_person=0)
    add_partner(event, release_days=1)


def test_a_partner_has_a_name_or_is_an_organization_here() -> None:
    event = make_event()
    with pytest.raises(NoSuchPartner):
        add_partner(event, name={})
    with pytest.raises(NoSuchPartner):
        add_partner(event, name={}, organization_id=4711)


def test_partners_are_the_organizers_business() -> None:
    event = make_event()
    bakery = add_partner(event)
    for who, refusal in (("carol", NotAllowed), ("olga", Missing)):
        with pytest.raises(refusal):
            operations.add_partner(actor=person(who), event_id=event.id, values=partner_values())
        with pytest.raises(refusal):
            operations.edit_partner(actor=person(who), partner_id=bakery.id, values=partner_values())
        for deed in (operations.remove_partner, operations.renew_partner_link, operations.renew_partner_page):
            with pytest.raises(refusal):
                deed(actor=person(who), partner_id=bakery.id)


# Guests


def test_a_guest_takes_a_kept_seat_then_one_of_everybodys_then_a_place_in_the_queue() -> None:
    event = make_event(capacity_in_person=4)
    bakery = add_partner(event, seats_in_person=2)
    guests = [guest(event, bakery, f"Guest {number}") for number in range(4)]
    assert {one.partner_id for one in guests} == {bakery.id}
    assert {one.via for one in guests} == {bakery.code}
    assert pools_now(event) == {(HALL, None): (2, 2, 0), (HALL, bakery.id): (2, 2, 0)}
    with pytest.raises(EventFull):
        guest(event, bakery, "Too late")
    assert guest(event, bakery, "Patient", may_wait=True).status == "waitlisted"
    assert pools_now(event)[HALL, None] == (2, 2, 1)
    seats_are_sound(event.id)


def test_a_kept_seat_is_nobody_elses_and_a_guests_though_others_wait() -> None:
    event = make_event(capacity_in_person=3)
    bakery = add_partner(event, seats_in_person=2)
    sign_up(event, "Ann")
    with pytest.raises(EventFull):
        sign_up(event, "Ben")
    ben = sign_up(event, "Ben", may_wait=True)
    assert guest(event, bakery).status == "confirmed"
    assert status_of(ben) == "waitlisted"
    seats_are_sound(event.id)


def test_who_waits_beside_kept_seats_reads_that_they_are_kept() -> None:
    event = make_event(capacity_in_person=3, largest_party=3)
    bakery = add_partner(event, seats_in_person=1)
    for name in ("Ann", "Cleo"):
        sign_up(event, name)
    ben = sign_up(event, "Ben", may_wait=True)
    pair = bring(event, "Gus", "Gerda", via=bakery.code, may_wait=True)
    whys = {one.registration_id: one.why for one in waiting.waiting_at(event.id)}
    assert whys == {ben.id: Why.KEPT, **{one.id: Why.PARTY for one in pair}}
    queue = queue_facts(db.session.get_one(Registration, ben.id))
    assert queue is not None
    assert "kept for guests of partners" in queue.why
    assert seats.drifts() == []


def test_an_unknown_or_renewed_code_is_remembered_and_gives_no_kept_seat() -> None:
    event = make_event(capacity_in_person=3)
    bakery = add_partner(event, seats_in_person=2)
    old = bakery.code
    other = add_partner(make_event(), seats_in_person=1)
    operations.renew_partner_link(actor=person("bob"), partner_id=bakery.id)
    db.session.rollback()
    bakery = db.session.get_one(EventPartner, bakery.id)
    assert bakery.code != old
    for number, code in enumerate((old, "poster", other.code)):
        registration = sign_up(event, f"Person {number}", via=code, may_wait=True)
        assert (registration.via, registration.partner_id) == (code, None)
    assert pools_now(event) == {(HALL, None): (1, 1, 2), (HALL, bakery.id): (2, 0, 0)}
    assert guest(event, bakery).status == "confirmed"


def test_the_seat_that_a_guest_gives_back_goes_to_the_next_guest_who_waits_not_to_the_first_in_the_queue() -> None:
    event = make_event(capacity_in_person=3)
    bakery = add_partner(event, seats_in_person=2)
    sign_up(event, "Ann")
    first, _second = guest(event, bakery, "First"), guest(event, bakery, "Second")
    ben = sign_up(event, "Ben", may_wait=True)
    third, fourth = (guest(event, bakery, name, may_wait=True) for name in ("Third", "Fourth"))
    operations.cancel_registration(registration_id=first.id)
    assert [status_of(one) for one in (ben, third, fourth)] == ["waitlisted", "confirmed", "waitlisted"]
    assert told()["promoted"] == 1
    assert [(one.name, one.place) for one in waiting.waiting_at(event.id)] == [("Ben", 1), ("Fourth", 2)]
    seats_are_sound(event.id)


def test_a_kept_seat_that_comes_free_stays_free_while_no_guest_waits() -> None:
    event = make_event(capacity_in_person=2)
    bakery = add_partner(event, seats_in_person=1)
    sign_up(event, "Ann")
    gus = guest(event, bakery)
    ben = sign_up(event, "Ben", may_wait=True)
    operations.cancel_registration(registration_id=gus.id)
    assert status_of(ben) == "waitlisted"
    assert pools_now(event)[HALL, bakery.id] == (1, 0, 0)
    assert guest(event, bakery, "Another").status == "confirmed"


def test_shortly_before_the_start_a_kept_seat_is_offered_and_an_answer_that_is_missing_passes_it_on() -> None:
    event = make_event(capacity_in_person=2, starts_local=local(hours=50), offer_lead_hours=60)
    bakery = add_partner(event, seats_in_person=1, release_days=0)
    sign_up(event, "Ann")
    gus = guest(event, bakery)
    ben = sign_up(event, "Ben", may_wait=True)
    first, second = (guest(event, bakery, name, may_wait=True) for name in ("First", "Second"))
    operations.cancel_registration(registration_id=gus.id)
    assert [status_of(one) for one in (ben, first, second)] == ["waitlisted", "offered", "waitlisted"]
    assert pools_now(event)[HALL, bakery.id] == (1, 1, 0)
    operations.decline_offer(registration_id=first.id)
    assert [status_of(one) for one in (ben, first, second)] == ["waitlisted", "expired", "offered"]
    operations.accept_offer(registration_id=second.id)
    assert status_of(second) == "confirmed"
    seats_are_sound(event.id)


def test_after_the_mails_button_the_kept_seat_is_held_and_counts() -> None:
    event = make_event(capacity_in_person=2, sign_up_way="after_mail")
    bakery = add_partner(event, seats_in_person=1)
    gus, other = guest(event, bakery), guest(event, bakery, "Other")
    assert pools_now(event) == {(HALL, None): (1, 1, 0), (HALL, bakery.id): (1, 1, 0)}
    assert operations.confirm_address(registration_id=gus.id) is True
    assert status_of(gus) == "confirmed"
    with time_machine.travel(now() + timedelta(hours=2)):
        operations.expire_unconfirmed()
    assert status_of(other) == "expired"
    assert pools_now(event) == {(HALL, None): (1, 0, 0), (HALL, bakery.id): (1, 1, 0)}


def test_whom_the_organizer_takes_gets_a_kept_seat_of_the_partner() -> None:
    event = make_event(capacity_in_person=2, sign_up_way="i_decide")
    bakery = add_partner(event, seats_in_person=1)
    gus, ann = guest(event, bakery), sign_up(event, "Ann")
    operations.decide_people(actor=person("bob"), registration_ids=[gus.id, ann.id], accept=True)
    assert pools_now(event) == {(HALL, None): (1, 1, 0), (HALL, bakery.id): (1, 1, 0)}
    ben = sign_up(event, "Ben")
    late = guest(event, bakery, "Late")
    operations.decide_people(actor=person("bob"), registration_ids=[ben.id, late.id], accept=True)
    operations.cancel_registration(registration_id=gus.id)
    assert [status_of(one) for one in (ben, late)] == ["waitlisted", "confirmed"]
    seats_are_sound(event.id)


def test_a_person_whom_the_organizer_adds_as_a_guest_has_a_kept_seat() -> None:
    event = make_event(capacity_in_person=2)
    bakery = add_partner(event, seats_in_person=1)
    values = SignUpValues("Gus", "gus@example.net", HALL, "en")
    operations.add_person(actor=person("bob"), event_id=event.id, values=replace(values, partner_id=bakery.id))
    assert pools_now(event) == {(HALL, None): (1, 0, 0), (HALL, bakery.id): (1, 1, 0)}
    for number in range(2):
        more = replace(values, name=f"More {number}", email=f"m{number}@example.net")
        operations.add_person(actor=person("bob"), event_id=event.id, values=more, over_limit=True)
    assert pools_now(event) == {(HALL, None): (1, 2, 0), (HALL, bakery.id): (1, 1, 0)}


def test_a_guest_changes_between_kept_seats_of_hall_and_online_and_frees_the_one_left() -> None:
    event = make_event(hybrid(capacity_in_person=2, capacity_online=2))
    bakery = add_partner(event, seats_in_person=1, seats_online=1)
    sign_up(event, "Ann", mode=ONLINE)
    gus = guest(event, bakery)
    waits = guest(event, bakery, "Waits", mode=ONLINE, also_wait_for=HALL)  # everybody's hall seat is free: that one
    assert pools_now(event)[HALL, None] == (1, 1, 0)
    third = guest(event, bakery, "Third", may_wait=True)
    assert Way(seat=ONLINE) in waiting.ways_of(event.id, gus.id).open
    operations.switch_mode(registration_id=gus.id, way=Way(seat=ONLINE))
    assert [status_of(one) for one in (gus, waits, third)] == ["confirmed"] * 3
    assert pools_now(event) == {
        (HALL, None): (1, 1, 0),
        (ONLINE, None): (1, 1, 0),
        (HALL, bakery.id): (1, 1, 0),
        (ONLINE, bakery.id): (1, 1, 0),
    }
    seats_are_sound(event.id)


def test_who_has_a_kept_seat_online_and_waits_for_the_hall_frees_it_for_the_next_guest() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=2))
    bakery = add_partner(event, seats_in_person=0, seats_online=1)
    ann = sign_up(event, "Ann")
    sign_up(event, "Ben", mode=ONLINE)
    gus = guest(event, bakery, mode=ONLINE, also_wait_for=HALL)
    late = guest(event, bakery, "Late", mode=ONLINE, may_wait=True)
    operations.cancel_registration(registration_id=ann.id)
    assert waiting.ways_of(event.id, gus.id).now == Way(seat=HALL)
    assert status_of(late) == "confirmed"
    seats_are_sound(event.id)


def test_moved_to_another_date_a_guest_is_one_of_the_same_partner_there() -> None:
    event = make_event(capacity_in_person=3)
    add_partner(event, seats_in_person=1)
    catalogue.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)
    other = db.session.scalars(select(Event).where(Event.id != event.id)).one()
    bakery, there = (queries.desk_partners(one.id)[0].row for one in (event, other))
    gus = guest(event, bakery)
    operations.move_person(
        actor=person("bob"), registration_id=gus.id, to_event_id=other.id, may_wait=False, notify=True
    )
    assert pools_now(event)[HALL, bakery.id] == (1, 0, 0)
    assert pools_now(other)[HALL, there.id] == (1, 1, 0)


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


# Copies, drafts


def test_a_copy_keeps_as_many_again_with_links_of_its_own() -> None:
    event = make_event(capacity_in_person=10)
    bakery = add_partner(event, seats_in_person=4)
    guest(event, bakery)
    with time_machine.travel(now() + release_day(event)):
        operations.release_kept_seats()
        copy_id = catalogue.copy_event(actor=person("bob"), event_id=event.id)
    copy = db.session.get_one(Event, copy_id)
    (partner,) = queries.desk_partners(copy_id)
    assert partner.name == BAKERY
    assert partner.row.code != bakery.code
    assert (partner.row.page_hash, partner.row.released_at) == (None, None)
    assert pools_now(copy) == {(HALL, None): (6, 0, 0), (HALL, partner.row.id): (4, 0, 0)}
    assert db.session.scalars(select(SeatPool.kept_until).where(SeatPool.partner_id == partner.row.id)).one()


def test_a_draft_with_partners_is_thrown_away() -> None:
    draft = make_event(publish=False)
    add_partner(draft)
    catalogue.delete_draft(actor=person("bob"), event_id=draft.id)
    assert db.session.scalars(select(EventPartner)).all() == []
