"""Choosing sessions: while signing up, later, and by the organizer; where one must, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue.models import Event
from app.core.audit import AuditLine
from app.core.db import db
from app.core.errors import Missing, NotAllowed
from app.registration import operations
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations import SignUpValues
from app.registration.operations.choosing import TooLateToChoose
from app.registration.session_seats import NothingChosen, SessionClash, SessionFull, SessionNotOpen
from tests.support.cast import person
from tests.support.conference import (
    FAIR,
    KITCHEN,
    YARD,
    add_session,
    cancel_session,
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
    only_chosen,
    queue_at,
    seats_of,
    session_called,
    status_of,
    waits_of,
)
from tests.support.events import sign_up

pytestmark = pytest.mark.usefixtures("context")

WALK = "The walk"


def changes_of(registration: Registration) -> int:
    return db.session.scalars(select(Registration.changes).where(Registration.id == registration.id)).one()


def people(event: Event) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Registration.name).where(Registration.event_id == event.id)))


def test_who_signs_up_gets_what_was_chosen_and_one_mail() -> None:
    event = make_conference()
    mina = comes(event, "Mina", YARD, FAIR)
    assert (seats_of(mina), waits_of(mina), status_of(mina)) == ({YARD, FAIR}, set(), "confirmed")
    assert (counters_at(event, YARD), counters_at(event, FAIR), counters_at(event, KITCHEN)) == ((1, 0), (1, 0), (0, 0))
    assert mails_to(mina) == ["registration_confirmed"]
    assert deeds_on(mina) == ["sign_up"]
    nobody_is_wronged(event)


def test_where_something_is_for_everybody_one_may_choose_nothing() -> None:
    event = make_conference()
    mina = comes(event, "Mina")
    assert (seats_of(mina), status_of(mina)) == (set(), "confirmed")


@pytest.mark.parametrize(("chosen", "told"), [((YARD, KITCHEN), ()), ((YARD, KITCHEN), (YARD, KITCHEN))])
def test_two_at_a_time_are_refused_and_nothing_is_left_behind(chosen: tuple[str, ...], told: tuple[str, ...]) -> None:
    event = make_conference()
    with pytest.raises(SessionClash) as clash:
        comes(event, "Mina", *chosen, told=told)
    assert clash.value.details["codes"] == [code(event, YARD), code(event, KITCHEN)]
    assert people(event) == []
    assert counters_at(event, YARD) == (0, 0)


def test_days_as_a_whole_clash() -> None:
    event = make_conference()
    add_session(event, WALK, hours=4, seats=5, is_all_day=True)
    add_session(event, "The sail", hours=4, seats=5, is_all_day=True)
    with pytest.raises(SessionClash):
        comes(event, "Mina", WALK, "The sail")


def test_what_filled_up_meanwhile_is_refused_and_what_one_has_stays() -> None:
    event = make_conference(kitchen=1)
    mina = comes(event, "Mina", YARD)
    comes(event, "Early Bird", KITCHEN)
    for refused in (lambda: comes(event, "Late", KITCHEN, FAIR), lambda: chooses(mina, KITCHEN, FAIR)):
        with pytest.raises(SessionFull) as full:
            refused()
        assert full.value.details["codes"] == [code(event, KITCHEN)]
    assert (seats_of(mina), waits_of(mina)) == ({YARD}, set())
    assert (counters_at(event, YARD), counters_at(event, FAIR)) == ((1, 0), (0, 0))
    assert mails_to(mina) == ["registration_confirmed"]
    assert deeds_on(mina) == ["sign_up"]
    assert "Late" not in people(event)
    nobody_is_wronged(event)


def test_what_was_known_to_be_full_is_waited_for_beside_what_is_at_the_same_time() -> None:
    event = make_conference(kitchen=1)
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    assert (seats_of(mina), waits_of(mina), status_of(mina)) == ({YARD}, {KITCHEN}, "confirmed")
    assert queue_at(event, KITCHEN) == ["Mina"]
    assert mails_to(mina) == ["registration_confirmed"]


def test_without_a_list_nobody_waits() -> None:
    event = make_conference(kitchen=1, has_waiting_list=False)
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD)
    for told in ((), (KITCHEN,)):
        with pytest.raises(SessionFull):
            chooses(mina, FAIR, KITCHEN, told=told)
    assert seats_of(mina) == {YARD}
    assert counters_at(event, KITCHEN) == (1, 0)


def test_what_was_told_full_and_is_free_after_all_is_taken_and_what_is_at_the_same_time_is_left() -> None:
    event = make_conference(kitchen=1)
    newcomer = comes(event, "Newcomer", YARD, FAIR, KITCHEN, told=(KITCHEN,))
    assert (seats_of(newcomer), waits_of(newcomer)) == ({KITCHEN, FAIR}, set())
    operations.cancel_registration(registration_id=newcomer.id)
    mina = comes(event, "Mina", YARD)
    nils = comes(event, "Nils", YARD)
    waits = comes(event, "Waits", YARD, told=(YARD,))
    assert chooses(mina, YARD, KITCHEN, told=(KITCHEN,)) is True
    assert (seats_of(mina), waits_of(mina)) == ({KITCHEN}, set())
    assert (seats_of(waits), seats_of(nils)) == ({YARD}, {YARD})
    assert mails_to(mina) == ["registration_confirmed", "registration_changed"]
    assert mails_to(waits) == ["registration_confirmed", "promoted"]
    nobody_is_wronged(event)


def test_who_takes_the_free_one_needs_no_seat_at_what_was_chosen_for_meanwhile() -> None:
    event = make_conference(yard=1)
    comes(event, "Early Bird", YARD)
    mina = comes(event, "Mina", YARD, KITCHEN, told=(KITCHEN,))
    assert (seats_of(mina), waits_of(mina)) == ({KITCHEN}, set())


def test_choosing_again_moves_the_calendar_the_audit_and_one_mail() -> None:
    event = make_conference()
    mina = comes(event, "Mina", YARD)
    before = event.starts_at
    assert chooses(mina, KITCHEN, FAIR) is True
    assert seats_of(mina) == {KITCHEN, FAIR}
    assert (counters_at(event, YARD), counters_at(event, KITCHEN)) == ((0, 0), (1, 0))
    assert changes_of(mina) == 1
    assert mails_to(mina) == ["registration_confirmed", "registration_changed"]
    assert deeds_on(mina) == ["sign_up", "choose_sessions"]
    assert chooses(mina, FAIR, KITCHEN) is False
    assert (changes_of(mina), len(mails_to(mina)), len(deeds_on(mina))) == (1, 2, 2)
    assert event.starts_at == before


def test_the_mail_says_what_was_given_up_and_is_to_be_deleted_in_a_calendar() -> None:
    mina = comes(make_conference(), "Mina", YARD)
    chooses(mina, KITCHEN)
    letter = MESSAGES["registration_changed"]({"registration": mina.public_id, **last_facts(mina)})
    assert letter is not None
    words = " ".join(letter.text.split())
    assert f"You have given up: “{YARD}”." in words
    assert "please delete it there" in words
    chooses(mina, KITCHEN, FAIR)
    letter = MESSAGES["registration_changed"]({"registration": mina.public_id, **last_facts(mina)})
    assert letter is not None
    assert "please delete it there" not in letter.text


def test_a_place_in_a_queue_alone_is_no_new_calendar_entry_and_is_left_without_losing_a_seat() -> None:
    event = make_conference(kitchen=1)
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD)
    assert chooses(mina, YARD, KITCHEN, told=(KITCHEN,)) is True
    assert (seats_of(mina), waits_of(mina), changes_of(mina)) == ({YARD}, {KITCHEN}, 0)
    assert chooses(mina, YARD, KITCHEN, FAIR) is True, "one who waits need not be told again that it is full"
    assert (seats_of(mina), queue_at(event, KITCHEN), changes_of(mina)) == ({YARD, FAIR}, ["Mina"], 1)
    assert chooses(mina, YARD, FAIR) is True
    assert (waits_of(mina), counters_at(event, KITCHEN), changes_of(mina)) == (set(), (1, 0), 1)
    nobody_is_wronged(event)


def test_what_is_unknown_cancelled_or_begun_cannot_be_chosen() -> None:
    event = make_conference(days=3)
    mina = comes(event, "Mina", FAIR)
    with pytest.raises(SessionNotOpen):
        operations.choose_sessions(registration_id=mina.id, sessions=["nonsense"])
    cancel_session(event, KITCHEN)
    with pytest.raises(SessionNotOpen, match="cancelled"):
        chooses(mina, KITCHEN)
    with time_machine.travel(session_called(event, YARD).starts_at, tick=False), pytest.raises(SessionNotOpen):
        chooses(mina, FAIR, YARD)
    assert seats_of(mina) == {FAIR}


def test_what_has_begun_stays_as_it_is_whatever_the_form_says() -> None:
    event = make_conference(days=3)
    mina = comes(event, "Mina", YARD)
    with time_machine.travel(session_called(event, YARD).starts_at + timedelta(minutes=5), tick=False):
        assert chooses(mina, FAIR) is True
        assert seats_of(mina) == {YARD, FAIR}
        assert chooses(mina) is True
        assert seats_of(mina) == {YARD}
    nobody_is_wronged(event)


def test_people_choose_until_the_deadline_and_organizers_until_the_end() -> None:
    event = make_conference(days=3, change_lead_hours=24)
    mina = comes(event, "Mina", YARD)
    fair = code(event, FAIR)
    with time_machine.travel(event.starts_at - timedelta(hours=24), tick=False):
        with pytest.raises(TooLateToChoose):
            chooses(mina, FAIR)
        bob = person("bob")
        assert operations.choose_for_person(actor=bob, registration_id=mina.id, sessions=[fair], notify=False)
    assert seats_of(mina) == {FAIR}
    assert mails_to(mina) == ["registration_confirmed"]
    with time_machine.travel(event.ends_at + timedelta(hours=9), tick=False), pytest.raises(TooLateToChoose):
        operations.choose_for_person(actor=person("bob"), registration_id=mina.id, sessions=[], notify=False)


def test_the_organizer_chooses_for_a_person_and_mails_where_asked() -> None:
    event = make_conference(yard=1)
    mina = comes(event, "Mina", YARD)
    waits = comes(event, "Waits", YARD, told=(YARD,))
    bob, kitchen = person("bob"), code(event, KITCHEN)
    assert operations.choose_for_person(actor=bob, registration_id=mina.id, sessions=[kitchen], notify=True)
    assert (seats_of(mina), seats_of(waits)) == ({KITCHEN}, {YARD})
    assert mails_to(mina) == ["registration_confirmed", "registration_changed"]
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "choose_sessions")).one()
    assert (line.actor_kind, line.actor_id, line.subject_id) == ("user", bob.actor.id, mina.id)
    for who, error in (("carol", NotAllowed), ("olga", Missing)):
        with pytest.raises(error):
            operations.choose_for_person(actor=person(who), registration_id=mina.id, sessions=[], notify=True)


def test_who_gave_the_place_back_or_whose_event_is_cancelled_chooses_nothing() -> None:
    event = make_conference()
    gone, mina = comes(event, "Gone", YARD), comes(event, "Mina", YARD)
    operations.cancel_registration(registration_id=gone.id)
    with pytest.raises(TooLateToChoose):
        chooses(gone, FAIR)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    with pytest.raises(TooLateToChoose):
        chooses(mina, FAIR)
    with pytest.raises(TooLateToChoose):
        operations.choose_for_person(actor=person("bob"), registration_id=mina.id, sessions=[], notify=True)
    assert seats_of(mina) == {YARD}


def test_where_one_must_choose_nothing_is_refused() -> None:
    event = only_chosen(make_conference())
    with pytest.raises(NothingChosen):
        comes(event, "Mina")
    mina = comes(event, "Mina", YARD)
    with pytest.raises(NothingChosen):
        chooses(mina)
    assert (seats_of(mina), people(event)) == ({YARD}, ["Mina"])
    assert counters_at(event, YARD) == (1, 0)


def test_where_one_must_choose_nobody_gives_the_last_seat_for_a_place_in_a_queue() -> None:
    event = only_chosen(make_conference(kitchen=1))
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", YARD)
    with pytest.raises(NothingChosen):
        chooses(mina, KITCHEN, told=(KITCHEN,))
    assert (seats_of(mina), waits_of(mina), counters_at(event, KITCHEN)) == ({YARD}, set(), (1, 0))


def test_who_has_only_sessions_to_wait_for_is_on_the_list_until_the_first_seat() -> None:
    event = only_chosen(make_conference(kitchen=1))
    early = comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    assert (status_of(mina), mails_to(mina), deeds_on(mina)) == ("waitlisted", ["waitlisted"], ["join_waiting_list"])
    with pytest.raises(NothingChosen):
        chooses(mina)
    operations.cancel_registration(registration_id=early.id)
    assert (status_of(mina), seats_of(mina)) == ("confirmed", {KITCHEN})
    assert mails_to(mina) == ["waitlisted", "promoted"]
    assert last_facts(mina) == {"session": code(event, KITCHEN), "left_sessions": []}
    nobody_is_wronged(event)


def test_who_waits_for_a_session_and_takes_a_free_one_is_in() -> None:
    event = only_chosen(make_conference(kitchen=1))
    comes(event, "Early Bird", KITCHEN)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    assert chooses(mina, KITCHEN, YARD) is True
    assert (status_of(mina), seats_of(mina), waits_of(mina)) == ("confirmed", {YARD}, {KITCHEN})
    assert mails_to(mina) == ["waitlisted", "registration_changed"]


def test_who_waits_for_one_session_waits_for_another_instead() -> None:
    event = only_chosen(make_conference(yard=1, kitchen=1))
    comes(event, "Early Bird", KITCHEN)
    comes(event, "Other Bird", YARD)
    mina = comes(event, "Mina", KITCHEN, told=(KITCHEN,))
    assert chooses(mina, YARD, told=(YARD,)) is True
    assert (status_of(mina), waits_of(mina), queue_at(event, KITCHEN)) == ("waitlisted", {YARD}, [])
    assert mails_to(mina) == ["waitlisted", "waitlisted"]


def test_the_organizers_guest_gets_sessions_too_and_waits_like_everybody() -> None:
    event = only_chosen(make_conference(kitchen=1))
    comes(event, "Early Bird", KITCHEN)
    kitchen = code(event, KITCHEN)
    values = SignUpValues("Guest", "guest@example.net", "in_person", "en", sessions=(kitchen,), told_full=(kitchen,))
    for name, over in (("Guest", False), ("Friend", True)):
        public_id = operations.add_person(
            actor=person("bob"),
            event_id=event.id,
            values=SignUpValues(**{**vars(values), "name": name}),
            over_limit=over,
        )
        guest = db.session.scalars(select(Registration).where(Registration.public_id == public_id)).one()
        assert (status_of(guest), waits_of(guest), mails_to(guest)) == ("waitlisted", {KITCHEN}, ["waitlisted"])
    nobody_is_wronged(event)


@pytest.mark.parametrize("way", ["at_once", "after_mail"])
def test_an_offer_of_a_session_that_ran_out_makes_nobody_full(way: str) -> None:
    """The scheduler may be dead: whoever signs up or chooses ends the overdue offer."""
    event = make_conference(days=0.9, kitchen=1, offer_hours=1, sign_up_way=way)
    early = comes(event, "Early Bird", KITCHEN)
    operations.confirm_address(registration_id=early.id)
    first = comes(event, "First", KITCHEN, told=(KITCHEN,))
    operations.confirm_address(registration_id=first.id)
    operations.cancel_registration(registration_id=early.id)
    with time_machine.travel(offer_ends(first), tick=False):
        newcomer = comes(event, "Newcomer", KITCHEN)
        assert seats_of(newcomer) == {KITCHEN}
        assert (status_of(first), waits_of(first)) == ("confirmed", set())
    assert mails_to(first)[-2:] == ["seat_offered", "offer_over"]
    nobody_is_wronged(event)


def test_the_same_form_twice_is_one_deed() -> None:
    event = make_conference()
    key = "k" * 32
    first = sign_up(event, "Mina", sessions=(code(event, YARD),), submission_key=key)
    again = sign_up(event, "Mina", sessions=(code(event, YARD),), submission_key=key)
    assert first.id == again.id
    assert counters_at(event, YARD) == (1, 0)
