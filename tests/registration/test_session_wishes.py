"""Sessions chosen by people who have no seat at the event yet: what is wished, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue import queries
from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db
from app.registration import operations, seats
from app.registration.models import Registration, SessionWish
from app.registration.operations.choosing import TooLateToChoose
from app.registration.session_seats import NothingChosen, SessionClash, SessionFull
from tests.support.cast import person
from tests.support.conference import (
    FAIR,
    KITCHEN,
    YARD,
    cancel_session,
    change_session,
    chooses,
    comes,
    counters_at,
    mails_to,
    make_conference,
    nobody_is_wronged,
    only_chosen,
    queue_at,
    seats_of,
    status_of,
    waits_of,
    wished_by,
)

pytestmark = pytest.mark.usefixtures("context")


def full(**changes: Any) -> tuple[Event, Registration]:
    """A conference with one seat, which Early Bird has, without any session."""
    event = make_conference(capacity_in_person=1, **changes)
    return event, comes(event, "Early Bird")


def waits(event: Event, name: str, *titles: str, told: tuple[str, ...] = ()) -> Registration:
    return comes(event, name, *titles, told=told, may_wait=True)


def accept(*people: Registration) -> operations.Decisions:
    ids = [one.id for one in people]
    return operations.decide_people(actor=person("bob"), registration_ids=ids, accept=True)


def test_who_waits_for_the_event_holds_no_session_and_gets_them_with_the_seat() -> None:
    event, early = full()
    mina = waits(event, "Mina", YARD, FAIR)
    assert (status_of(mina), seats_of(mina), wished_by(mina)) == ("waitlisted", set(), {YARD, FAIR})
    assert (counters_at(event, YARD), counters_at(event, FAIR)) == ((0, 0), (0, 0))
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), seats_of(mina), wished_by(mina)) == ("confirmed", {YARD, FAIR}, set())
    assert mails_to(mina) == ["waitlisted", "promoted"]
    nobody_is_wronged(event)


def test_wishes_are_changed_without_a_mail_and_checked_like_choices() -> None:
    event, early = full()
    mina = waits(event, "Mina", YARD)
    assert chooses(mina, YARD) is False
    assert chooses(mina, FAIR) is True
    with pytest.raises(SessionClash):
        chooses(mina, YARD, KITCHEN)
    assert (wished_by(mina), mails_to(mina)) == ({FAIR}, ["waitlisted"])
    operations.cancel_registration(registration_id=early.id)
    assert seats_of(mina) == {FAIR}


def test_where_one_must_choose_a_wish_is_needed_too() -> None:
    event = only_chosen(make_conference(capacity_in_person=1))
    comes(event, "Early Bird", FAIR)
    with pytest.raises(NothingChosen):
        waits(event, "Mina")
    mina = waits(event, "Mina", YARD)
    with pytest.raises(NothingChosen):
        chooses(mina)
    assert wished_by(mina) == {YARD}


def test_what_has_filled_up_until_then_is_waited_for() -> None:
    event = make_conference(capacity_in_person=2, kitchen=1)
    early, other = comes(event, "Early Bird"), comes(event, "Other Bird")
    mina = waits(event, "Mina", KITCHEN, FAIR)
    chooses(other, KITCHEN)
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", {FAIR}, {KITCHEN})
    operations.cancel_registration(registration_id=other.id)
    assert seats_of(mina) == {FAIR, KITCHEN}
    nobody_is_wronged(event)


def test_who_must_choose_and_only_waits_then_stays_on_the_list() -> None:
    event = only_chosen(make_conference(capacity_in_person=2, kitchen=1))
    early, other = comes(event, "Early Bird", FAIR), comes(event, "Other Bird", FAIR)
    mina = waits(event, "Mina", KITCHEN)
    chooses(other, KITCHEN)
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), waits_of(mina), mails_to(mina)) == ("waitlisted", {KITCHEN}, ["waitlisted", "waitlisted"])
    operations.cancel_registration(registration_id=other.id)
    assert (status_of(mina), seats_of(mina)) == ("confirmed", {KITCHEN})
    assert mails_to(mina)[-1] == "promoted"
    nobody_is_wronged(event)


def test_of_two_at_one_time_that_are_both_full_then_the_one_that_is_rather_wanted_is_waited_for() -> None:
    event = make_conference(capacity_in_person=3, yard=1, kitchen=1)
    early = comes(event, "Early Bird", KITCHEN)
    other, third = comes(event, "Other Bird"), comes(event, "Third")
    mina = waits(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    chooses(other, YARD)
    operations.cancel_registration(registration_id=third.id)
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", set(), {KITCHEN})
    assert counters_at(event, YARD) == (1, 0)
    nobody_is_wronged(event)
    assert chooses(mina, KITCHEN, FAIR) is True
    operations.cancel_registration(registration_id=early.id)
    assert seats_of(mina) == {KITCHEN, FAIR}


def test_what_can_no_longer_be_had_is_forgotten() -> None:
    event, early = full()
    mina = waits(event, "Mina", YARD)
    cancel_session(event, YARD)
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), seats_of(mina), waits_of(mina), wished_by(mina)) == ("confirmed", set(), set(), set())
    assert db.session.scalars(select(SessionWish)).all() == []


def test_a_session_that_becomes_one_for_everybody_is_wished_by_nobody() -> None:
    event, early = full()
    mina = waits(event, "Mina", YARD)
    change_session(event, YARD, is_chosen=False)
    assert wished_by(mina) == set()
    operations.cancel_registration(registration_id=early.id)
    assert status_of(mina) == "confirmed"


def test_near_the_start_the_sessions_follow_the_accepted_offer() -> None:
    event, early = full(days=0.9)
    mina = waits(event, "Mina", YARD, FAIR)
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), seats_of(mina), wished_by(mina)) == ("offered", set(), {YARD, FAIR})
    assert chooses(mina, FAIR) is True
    assert operations.accept_offer(registration_id=mina.id) is True
    assert (status_of(mina), seats_of(mina), wished_by(mina)) == ("confirmed", {FAIR}, set())
    assert mails_to(mina) == ["waitlisted", "seat_offered", "registration_confirmed"]
    nobody_is_wronged(event)


def test_a_list_that_was_closed_meanwhile_keeps_nobody_from_leaving() -> None:
    """Who was on it still moves up, with the sessions that have a seat; nobody begins to wait any more."""
    event = make_conference(capacity_in_person=2, kitchen=1)
    early, other = comes(event, "Early Bird"), comes(event, "Other Bird")
    mina = waits(event, "Mina", KITCHEN, FAIR)
    chooses(other, KITCHEN)
    event = db.session.get_one(Event, event.id)
    values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
    values = replace(values, has_waiting_list=False)
    operations.change_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))
    assert operations.cancel_registration(registration_id=early.id) is True
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", {FAIR}, set())
    nobody_is_wronged(event)


def test_who_asks_the_organizer_holds_nothing_and_gets_it_all_when_taken() -> None:
    event = make_conference(kitchen=1, sign_up_way="i_decide")
    mina, nils = comes(event, "Mina", KITCHEN, FAIR), comes(event, "Nils", KITCHEN)
    assert (status_of(mina), counters_at(event, KITCHEN), wished_by(mina)) == ("pending", (0, 0), {KITCHEN, FAIR})
    assert chooses(mina, KITCHEN) is True
    assert accept(mina, nils) == operations.Decisions(confirmed=2)
    assert (seats_of(mina), seats_of(nils), queue_at(event, KITCHEN)) == ({KITCHEN}, set(), ["Nils"])
    assert mails_to(mina) == ["registration_pending", "registration_confirmed"]
    nobody_is_wronged(event)


def test_who_is_taken_and_must_choose_waits_where_only_full_sessions_were_wished() -> None:
    event = only_chosen(make_conference(kitchen=1, sign_up_way="i_decide"))
    mina, nils = comes(event, "Mina", KITCHEN), comes(event, "Nils", KITCHEN)
    assert accept(mina, nils) == operations.Decisions(confirmed=1, waitlisted=1)
    assert (status_of(nils), mails_to(nils)) == ("waitlisted", ["registration_pending", "waitlisted"])
    operations.cancel_registration(registration_id=mina.id)
    assert (status_of(nils), seats_of(nils)) == ("confirmed", {KITCHEN})


def test_who_is_declined_gets_nothing() -> None:
    event = make_conference(sign_up_way="i_decide")
    mina = comes(event, "Mina", KITCHEN)
    operations.decide_people(actor=person("bob"), registration_ids=[mina.id], accept=False)
    assert (status_of(mina), counters_at(event, KITCHEN)) == ("declined", (0, 0))
    with pytest.raises(TooLateToChoose):
        chooses(mina, FAIR)


def test_until_the_button_is_pressed_seats_are_held_and_nobody_waits() -> None:
    event = make_conference(kitchen=1, sign_up_way="after_mail")
    first = comes(event, "First", KITCHEN)
    assert (status_of(first), seats_of(first), counters_at(event, KITCHEN)) == ("unconfirmed", {KITCHEN}, (1, 0))
    with pytest.raises(SessionFull):
        comes(event, "Unaware", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    assert (seats_of(mina), wished_by(mina), counters_at(event, KITCHEN)) == ({YARD}, {KITCHEN}, (1, 0))
    with pytest.raises(TooLateToChoose):
        chooses(mina, FAIR)
    assert operations.confirm_address(registration_id=mina.id) is True
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", {YARD}, {KITCHEN})
    assert mails_to(mina) == ["confirm_address", "registration_confirmed"]
    nobody_is_wronged(event)


@pytest.mark.parametrize("ended_by", ["worker", "newcomer"])
def test_a_hold_that_ran_out_gives_the_session_to_the_next_one(ended_by: str) -> None:
    event = make_conference(kitchen=1, sign_up_way="after_mail", confirm_minutes=30)
    first = comes(event, "First", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    operations.confirm_address(registration_id=mina.id)
    assert waits_of(mina) == {KITCHEN}
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        if ended_by == "worker":
            assert operations.expire_unconfirmed() == 1
        else:
            comes(event, "Newcomer", FAIR)
        assert (status_of(first), seats_of(mina)) == ("expired", {KITCHEN})
    assert mails_to(first) == ["confirm_address"]
    assert mails_to(mina) == ["confirm_address", "registration_confirmed", "promoted"]
    nobody_is_wronged(event)


def test_a_wish_that_is_free_when_the_button_is_pressed_is_taken() -> None:
    event = make_conference(kitchen=1, sign_up_way="after_mail")
    first = comes(event, "First", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    operations.cancel_registration(registration_id=first.id)
    operations.confirm_address(registration_id=mina.id)
    assert (seats_of(mina), waits_of(mina), counters_at(event, YARD)) == ({KITCHEN}, set(), (0, 0))


def test_who_must_choose_and_only_wishes_full_ones_waits_with_the_button() -> None:
    event = only_chosen(make_conference(kitchen=1, sign_up_way="after_mail"))
    comes(event, "First", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    assert (status_of(mina), counters_at(event, KITCHEN)) == ("unconfirmed", (1, 0))
    operations.confirm_address(registration_id=mina.id)
    assert (status_of(mina), waits_of(mina), mails_to(mina)[-1]) == ("waitlisted", {KITCHEN}, "waitlisted")
    assert seats.drifts() == []
