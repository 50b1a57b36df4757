"""Seats kept for a partner's guests: who gets them, and how they come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, EventPartner, SeatPool
from app.core.clock import now
from app.core.db import db
from app.core.errors import Missing, NotAllowed
from app.registration import operations, seats, waiting
from app.registration.models import Registration
from app.registration.operations import SignUpValues
from app.registration.operations.partners import CantKeep, NoSuchPartner, TooLateToKeep
from app.registration.operations.sign_up import EventFull
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
    release_day,
    seats_are_sound,
    status_of,
    told,
)

pytestmark = pytest.mark.usefixtures("context")

HALL, ONLINE = "in_person", "online"


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
