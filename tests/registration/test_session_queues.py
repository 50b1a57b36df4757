"""A freed seat at a session: who gets it, what is left for it, who is asked, and what stands still."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db
from app.core.i18n import in_language
from app.registration import operations, seats
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations.offers import OfferOver
from tests.support.cast import person
from tests.support.conference import (
    FAIR,
    KITCHEN,
    YARD,
    add_session,
    cancel_session,
    change_session,
    chooses,
    code,
    comes,
    counters_at,
    deeds_on,
    last_facts,
    mails_to,
    make_conference,
    nobody_is_wronged,
    offer_ends,
    offered_to,
    only_chosen,
    queue_at,
    seats_of,
    session_called,
    status_of,
    waits_of,
)

pytestmark = pytest.mark.usefixtures("context")

GARDEN = "The garden"


def near(event: Event) -> None:
    """The start is near, so that whoever's turn it is is asked first."""
    assert session_called(event, KITCHEN).starts_at < now() + timedelta(hours=24)


def accept(registration: Registration, title: str) -> bool:
    event = db.session.get_one(Event, registration.event_id)
    return operations.accept_offer(registration_id=registration.id, session=code(event, title))


def decline(registration: Registration, title: str) -> bool:
    event = db.session.get_one(Event, registration.event_id)
    return operations.decline_offer(registration_id=registration.id, session=code(event, title))


def asked(event: Event) -> tuple[Registration, Registration, Registration]:
    """Early Bird gave the kitchen's seat back; Mina, in the yard meanwhile, is asked, and Nils comes after her."""
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    nils = comes(event, "Nils", FAIR, KITCHEN, told=(KITCHEN,))
    near(event)
    operations.cancel_registration(registration_id=early.id)
    return early, mina, nils


@pytest.mark.parametrize("freed_by", ["cancel", "choice", "organizer", "limit", "erased list"])
def test_a_seat_goes_to_the_first_in_the_queue_whoever_freed_it(freed_by: str) -> None:
    event = make_conference(kitchen=1)
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    nils = comes(event, "Nils", KITCHEN, told=(KITCHEN,))
    if freed_by == "cancel":
        operations.cancel_registration(registration_id=early.id)
    elif freed_by == "choice":
        chooses(early, FAIR)
    elif freed_by == "organizer":
        operations.choose_for_person(actor=person("bob"), registration_id=early.id, sessions=[], notify=False)
    elif freed_by == "limit":
        change_session(event, KITCHEN, capacity_in_person=2)
    else:
        operations.cancel_person(actor=person("bob"), registration_id=early.id, notify=False)
    assert (seats_of(mina), waits_of(mina)) == ({KITCHEN}, set())
    assert (seats_of(nils), queue_at(event, KITCHEN)) == (set(), ["Nils"])
    assert mails_to(mina) == ["registration_confirmed", "promoted"]
    assert last_facts(mina) == {"session": code(event, KITCHEN), "left_sessions": [code(event, YARD)]}
    assert deeds_on(mina)[-1] == "promote"
    assert db.session.get_one(Registration, mina.id).changes == 1
    assert mails_to(nils) == ["registration_confirmed"]
    nobody_is_wronged(event)


def test_a_seat_that_is_left_goes_on_and_on_in_one_deed() -> None:
    """Mina leaves the yard for the kitchen, Nils the garden for the yard, and Olga gets the garden."""
    event = make_conference(yard=1, kitchen=1)
    add_session(event, GARDEN, hours=1, seats=1)
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    nils = comes(event, "Nils", GARDEN, YARD, told=(YARD,))
    olga = comes(event, "Olga", GARDEN, told=(GARDEN,))
    numbers = {one.id: one.change_number for one in db.session.scalars(select(Registration))}
    operations.cancel_registration(registration_id=early.id)
    assert [seats_of(one) for one in (mina, nils, olga)] == [{KITCHEN}, {YARD}, {GARDEN}]
    assert [waits_of(one) for one in (mina, nils, olga)] == [set(), set(), set()]
    for one in (mina, nils, olga):
        assert mails_to(one) == ["registration_confirmed", "promoted"]
        assert db.session.get_one(Registration, one.id).change_number > numbers[one.id]
    nobody_is_wronged(event)


def test_who_gets_several_sessions_by_one_deed_is_told_once() -> None:
    event = make_conference(kitchen=1)
    change_session(event, FAIR, capacity_in_person=1)
    early = comes(event, "Early Bird", KITCHEN, FAIR)
    mina = comes(event, "Mina", YARD, KITCHEN, FAIR, told=(KITCHEN, FAIR))
    operations.cancel_registration(registration_id=early.id)
    assert seats_of(mina) == {KITCHEN, FAIR}
    assert mails_to(mina) == ["registration_confirmed", "promoted"]
    assert sorted(last_facts(mina)["sessions"]) == sorted([code(event, KITCHEN), code(event, FAIR)])
    with in_language("en"):
        letter = MESSAGES["promoted"]({"registration": mina.public_id, **last_facts(mina)})
    assert letter is not None
    assert f"“{KITCHEN}”, “{FAIR}”" in letter.text
    assert f"until now: “{YARD}”" in letter.text


def test_two_who_wait_for_each_others_seats_keep_their_own_until_one_leaves_it() -> None:
    event = make_conference(yard=1, kitchen=1)
    mina, nils = comes(event, "Mina", YARD), comes(event, "Nils", KITCHEN)
    assert chooses(mina, YARD, KITCHEN, told=(KITCHEN,))
    assert chooses(nils, KITCHEN, YARD, told=(YARD,))
    assert (seats_of(mina), seats_of(nils)) == ({YARD}, {KITCHEN})
    assert chooses(nils, YARD), "leaves the kitchen, and waits for the yard alone"
    assert (seats_of(mina), seats_of(nils), waits_of(mina), waits_of(nils)) == ({KITCHEN}, {YARD}, set(), set())
    assert mails_to(nils) == ["registration_confirmed", "registration_changed", "promoted"], "one mail for one deed"
    assert mails_to(mina) == ["registration_confirmed", "registration_changed", "promoted"]
    nobody_is_wronged(event)


def test_who_leaves_the_queue_is_passed_over() -> None:
    event = make_conference(kitchen=1)
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    nils = comes(event, "Nils", KITCHEN, told=(KITCHEN,))
    operations.cancel_registration(registration_id=mina.id)
    operations.cancel_registration(registration_id=early.id)
    assert (seats_of(nils), status_of(mina)) == ({KITCHEN}, "cancelled")
    nobody_is_wronged(event)


def test_near_the_start_one_is_asked_and_keeps_the_other_seat_until_the_answer() -> None:
    event = make_conference(days=0.9, kitchen=1)
    _early, mina, nils = asked(event)
    assert (status_of(mina), seats_of(mina), offered_to(mina)) == ("confirmed", {YARD}, [KITCHEN])
    assert (counters_at(event, KITCHEN), queue_at(event, KITCHEN)) == ((1, 1), ["Nils"])
    assert mails_to(mina) == ["registration_confirmed", "seat_offered"]
    assert last_facts(mina) == {"session": code(event, KITCHEN)}
    assert accept(mina, KITCHEN) is True
    assert accept(mina, KITCHEN) is False
    assert (seats_of(mina), waits_of(mina), counters_at(event, YARD)) == ({KITCHEN}, set(), (0, 0))
    assert mails_to(mina) == ["registration_confirmed", "seat_offered", "registration_confirmed"]
    assert mails_to(nils) == ["registration_confirmed"]
    assert db.session.get_one(Registration, mina.id).changes == 2, "the entry told of the offer, and now of the seat"
    nobody_is_wronged(event)


def test_an_offer_that_is_declined_goes_on_and_costs_nothing_else() -> None:
    event = make_conference(days=0.9, kitchen=1)
    _early, mina, nils = asked(event)
    assert decline(mina, KITCHEN) is True
    assert decline(mina, KITCHEN) is False
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", {YARD}, set())
    assert offered_to(nils) == [KITCHEN]
    assert mails_to(mina) == ["registration_confirmed", "seat_offered"]
    with pytest.raises(OfferOver):
        accept(mina, KITCHEN)
    nobody_is_wronged(event)


def test_an_offer_that_ran_out_goes_on_by_the_worker() -> None:
    event = make_conference(days=0.9, kitchen=1, offer_hours=1)
    _early, mina, nils = asked(event)
    with time_machine.travel(offer_ends(mina), tick=False):
        with pytest.raises(OfferOver):
            accept(mina, KITCHEN)
        operations.tend_queues()
        assert (seats_of(mina), waits_of(mina), offered_to(nils)) == ({YARD}, set(), [KITCHEN])
    assert mails_to(mina)[-1] == "offer_over"
    assert last_facts(mina) == {"session": code(event, KITCHEN)}
    assert mails_to(nils)[-1] == "seat_offered"
    nobody_is_wronged(event)


def test_who_had_nothing_but_the_offer_is_out_with_it() -> None:
    event = only_chosen(make_conference(days=0.9, kitchen=1))
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    nils = comes(event, "Nils", KITCHEN, told=(KITCHEN,))
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), status_of(nils)) == ("offered", "waitlisted")
    assert decline(mina, KITCHEN) is True
    assert (status_of(mina), status_of(nils)) == ("expired", "offered")
    assert mails_to(mina) == ["waitlisted", "seat_offered", "registration_cancelled"]
    assert accept(nils, KITCHEN) is True
    assert (status_of(nils), seats_of(nils)) == ("confirmed", {KITCHEN})
    nobody_is_wronged(event)


def test_who_is_asked_about_one_and_waits_for_another_stays_on_the_list() -> None:
    event = only_chosen(make_conference(days=0.9, kitchen=1))
    change_session(event, FAIR, capacity_in_person=1)
    early, late = comes(event, "Early Bird", KITCHEN), comes(event, "Late Bird", FAIR)
    mina = comes(event, "Mina", KITCHEN, FAIR, told=(KITCHEN, FAIR))
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), offered_to(mina)) == ("offered", [KITCHEN])
    assert decline(mina, KITCHEN) is True
    assert (status_of(mina), waits_of(mina)) == ("waitlisted", {FAIR})
    operations.cancel_registration(registration_id=late.id)
    assert (status_of(mina), offered_to(mina)) == ("offered", [FAIR])


def test_who_leaves_the_offer_and_waits_for_another_session_is_no_longer_asked() -> None:
    event = only_chosen(make_conference(days=0.9, kitchen=1))
    change_session(event, FAIR, capacity_in_person=1)
    early = comes(event, "Early Bird", KITCHEN)
    comes(event, "Late Bird", FAIR)
    mina = comes(event, "Mina", KITCHEN, FAIR, told=(KITCHEN, FAIR))
    operations.cancel_registration(registration_id=early.id)
    assert chooses(mina, FAIR) is True
    assert (status_of(mina), waits_of(mina), counters_at(event, KITCHEN)) == ("waitlisted", {FAIR}, (0, 0))
    assert mails_to(mina) == ["waitlisted", "seat_offered", "waitlisted"]
    nobody_is_wronged(event)


def test_more_seats_are_handed_on_and_fewer_take_nothing_away() -> None:
    event = make_conference(kitchen=1)
    early = comes(event, "Early Bird", KITCHEN)
    people = [comes(event, f"Waits {number}", KITCHEN, told=(KITCHEN,)) for number in range(3)]
    change_session(event, KITCHEN, capacity_in_person=3)
    assert [seats_of(one) for one in people] == [{KITCHEN}, {KITCHEN}, set()]
    change_session(event, KITCHEN, capacity_in_person=1)
    operations.cancel_registration(registration_id=early.id)
    assert (counters_at(event, KITCHEN), queue_at(event, KITCHEN)) == ((2, 1), ["Waits 2"])
    operations.cancel_registration(registration_id=people[0].id)
    operations.cancel_registration(registration_id=people[1].id)
    assert (counters_at(event, KITCHEN), seats_of(people[2])) == ((1, 0), {KITCHEN})
    nobody_is_wronged(event)


def test_what_is_not_limited_is_given_without_asking() -> None:
    event = make_conference(days=0.9, kitchen=1)
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    change_session(event, KITCHEN, capacity_in_person=None)
    assert (seats_of(mina), mails_to(mina)[-1]) == ({KITCHEN}, "promoted")


def test_nobody_moves_into_a_session_that_was_called_off() -> None:
    event = make_conference(kitchen=1)
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    cancel_session(event, KITCHEN)
    operations.cancel_registration(registration_id=early.id)
    operations.tend_queues()
    assert (seats_of(mina), waits_of(mina)) == ({YARD}, {KITCHEN})
    assert mails_to(mina) == ["registration_confirmed", "session_cancelled"]
    nobody_is_wronged(event)


def test_an_offer_of_a_session_that_was_called_off_stands_still_and_costs_no_other_seat() -> None:
    event = make_conference(days=0.9, kitchen=1, offer_hours=1)
    _early, mina, nils = asked(event)
    until = offer_ends(mina)
    cancel_session(event, KITCHEN)
    with pytest.raises(OfferOver):
        accept(mina, KITCHEN)
    assert (seats_of(mina), offered_to(mina)) == ({YARD}, [KITCHEN])
    with time_machine.travel(until - timedelta(minutes=1), tick=False):
        operations.tend_queues()
    with time_machine.travel(until, tick=False):
        operations.tend_queues()
    assert mails_to(mina)[1:] == ["seat_offered", "session_cancelled"]
    assert mails_to(nils)[1:] == ["session_cancelled"]
    assert chooses(mina, YARD), "whoever wants to leave it does"
    nobody_is_wronged(event)


def test_nobody_moves_in_an_event_that_was_cancelled() -> None:
    event = make_conference(kitchen=1)
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    operations.cancel_registration(registration_id=early.id)
    operations.tend_queues()
    assert (seats_of(mina), waits_of(mina)) == ({YARD}, {KITCHEN})
    assert mails_to(mina) == ["registration_confirmed", "event_cancelled"]


def test_nobody_moves_into_a_session_that_has_begun_though_others_lie_ahead() -> None:
    event = make_conference(days=3, kitchen=1)
    change_session(event, FAIR, capacity_in_person=1)
    early = comes(event, "Early Bird", KITCHEN, FAIR)
    mina = comes(event, "Mina", KITCHEN, FAIR, told=(KITCHEN, FAIR))
    with time_machine.travel(session_called(event, KITCHEN).starts_at, tick=False):
        operations.cancel_registration(registration_id=early.id)
        operations.tend_queues()
        assert (seats_of(mina), offered_to(mina), waits_of(mina)) == (set(), [FAIR], {KITCHEN, FAIR})


def test_an_offer_does_not_outlast_the_start_of_a_session_that_was_moved_to_earlier() -> None:
    event = make_conference(days=0.9, kitchen=1)
    _early, mina, _nils = asked(event)
    session = session_called(event, KITCHEN)
    sooner = session.starts_local - timedelta(hours=22)
    change_session(event, KITCHEN, starts_local=sooner, ends_local=sooner + timedelta(hours=1))
    assert offer_ends(mina) <= session_called(event, KITCHEN).starts_at


def test_an_offered_seat_stays_kept_when_another_session_at_that_time_is_given_first() -> None:
    """Two that are waited for never overlap, but one of them can be moved onto the other."""
    event = make_conference(days=0.9, kitchen=1)
    change_session(event, FAIR, capacity_in_person=1)
    _early, mina, _nils = asked(event)
    operations.choose_sessions(
        registration_id=mina.id,
        sessions=[code(event, title) for title in (YARD, KITCHEN, FAIR)],
        told_full=[code(event, FAIR)],
    )
    kitchen = session_called(event, KITCHEN)
    change_session(event, FAIR, starts_local=kitchen.starts_local, ends_local=kitchen.ends_local)
    change_session(event, FAIR, capacity_in_person=None)
    assert (seats_of(mina), offered_to(mina)) == ({FAIR}, [KITCHEN])
    assert counters_at(event, KITCHEN)[0] == 1, "the offered seat is still kept"
    assert accept(mina, KITCHEN) is True
    assert (seats_of(mina), waits_of(mina)) == ({KITCHEN}, set())
    assert seats.drifts() == []


def test_who_is_asked_for_two_sessions_by_one_deed_gets_a_mail_about_each() -> None:
    event = make_conference(days=0.8, yard=1)
    add_session(event, GARDEN, hours=4, seats=1)
    early = comes(event, "Early Bird", YARD, GARDEN)
    mina = comes(event, "Mina", FAIR, YARD, GARDEN, told=(YARD, GARDEN))
    near(event)
    operations.cancel_registration(registration_id=early.id)
    assert offered_to(mina) == sorted([YARD, GARDEN])
    assert mails_to(mina).count("seat_offered") == 2
