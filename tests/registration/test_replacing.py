"""Somebody else comes instead: the seat changes hands, whatever the limit and the queue."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.db import db
from app.privacy.operations import erase_person
from app.registration import operations, seats
from app.registration.companions import brought_by, other_places_of
from app.registration.models import Registration
from app.registration.operations import SignUpValues
from app.registration.operations.parties import NotWaitingTogether
from app.registration.operations.replacing import NobodyToReplace, SamePerson
from app.registration.session_seats import held_at_sessions
from tests.support.asking import ask, make_question
from tests.support.cast import person
from tests.support.conference import FAIR, YARD, code, make_conference
from tests.support.events import local, make_event, sign_up
from tests.support.parties import address, again, bring, counters, mails, party, states, the_mail

pytestmark = pytest.mark.usefixtures("context")


def replace(registration: Registration, name: str, email: str | None = None, **changes: Any) -> Registration:
    values = SignUpValues(name, email, registration.mode, "en")
    public_id = operations.replace_for_person(
        actor=person("bob"), registration_id=registration.id, values=values, notify=changes.get("notify", True)
    )
    again()
    return db.session.query(Registration).filter_by(public_id=public_id).one()


def test_at_a_full_event_nobody_comes_between() -> None:
    event = make_event(capacity_in_person=1)
    old, waits = sign_up(event, "Old"), sign_up(event, "Waits", may_wait=True)
    fresh = replace(old, "New", "new@example.net")
    assert states([old, waits, fresh]) == ["cancelled", "waitlisted", "confirmed"]
    assert counters(event) == (1, 1)
    assert fresh.reference != old.reference
    assert fresh.ticket_hash != old.ticket_hash
    assert mails(event)["registration_confirmed", "new@example.net"] == 1
    assert mails(event)["registration_cancelled", address("Old")] == 1


def test_a_place_in_the_queue_and_an_offer_change_hands() -> None:
    event = make_event(capacity_in_person=1, starts_local=local(hours=20))
    holder, first = sign_up(event, "Holder"), sign_up(event, "First", may_wait=True)
    sign_up(event, "Second", may_wait=True)
    fresh = replace(first, "New")
    assert states([first, fresh]) == ["cancelled", "waitlisted"]
    operations.cancel_registration(registration_id=holder.id)
    assert states([fresh]) == ["offered"]
    newer = replace(fresh, "Newer")
    assert operations.accept_offer(registration_id=newer.id) is True
    assert states([newer]) == ["confirmed"]
    assert counters(event) == (1, 1)


def test_at_one_address_there_is_one_mail() -> None:
    event = make_event()
    old = sign_up(event, "Old")
    replace(old, "New")
    assert mails(event) == {("registration_confirmed", address("Old")): 2}


def test_by_a_tick_nobody_is_mailed() -> None:
    event = make_event()
    old = sign_up(event, "Old")
    replace(old, "New", "new@example.net", notify=False)
    assert mails(event) == {("registration_confirmed", address("Old")): 1}


def test_chosen_sessions_go_along() -> None:
    event = make_conference(yard=1)
    old = sign_up(event, "Old", sessions=(code(event, YARD), code(event, FAIR)))
    before = held_at_sessions(old.id)
    fresh = replace(old, "New")
    assert held_at_sessions(fresh.id) == before
    assert held_at_sessions(old.id).seats == frozenset()
    assert seats.drifts() == []


def test_the_head_of_a_party_hands_it_over() -> None:
    event = make_event(capacity_in_person=3, largest_party=5)
    sign_up(event, "Early")
    people = bring(event, "Anna", "Boris", "Vera", may_wait=True)
    fresh = replace(people[0], "Darya")
    assert states(people) == ["cancelled", "waitlisted", "waitlisted"]
    assert {one.name for one in party(fresh.id)} == {"Anna", "Darya", "Boris", "Vera"}
    assert fresh.leads_party
    assert brought_by(db.session.get_one(Registration, people[1].id)) == "Anna"
    assert operations.split_party(registration_id=fresh.id) is True
    assert counters(event) == (3, 1)


def test_who_comes_instead_from_elsewhere_is_not_who_signed_the_others_up() -> None:
    event = make_event(capacity_in_person=3, largest_party=5)
    sign_up(event, "Early")
    people = bring(event, "Anna", "Boris", "Vera", may_wait=True)
    fresh = replace(people[0], "Darya", "darya@example.net")
    assert not fresh.leads_party
    assert brought_by(fresh) == "Anna"
    assert brought_by(db.session.get_one(Registration, people[1].id)) == "Anna"
    assert {one.name for one in party(people[0].id)} == {"Anna", "Boris", "Vera", "Darya"}
    with pytest.raises(NotWaitingTogether):
        operations.split_party(registration_id=fresh.id)
    assert operations.split_party(registration_id=people[0].id) is True
    assert counters(event) == (3, 1)


def test_nobody_is_named_who_was_erased() -> None:
    event = make_event(largest_party=5)
    people = bring(event, "Anna", "Boris")
    erase_person(actor=person("bob"), registration_id=people[0].id)
    again()
    assert brought_by(db.session.get_one(Registration, people[1].id)) == ""


def test_the_same_person_and_one_who_is_there_are_refused() -> None:
    event = make_event()
    old = sign_up(event, "Old")
    sign_up(event, "Wife", address("Old"))
    for name in ("OLD", "Wife"):
        with pytest.raises(SamePerson):
            replace(old, name)
    assert counters(event) == (2, 0)


def test_nobody_can_find_out_by_it_who_comes() -> None:
    """Who has a place gets a second one and is told of both, at the own address alone."""
    event = make_event()
    old = sign_up(event, "Old")
    known = sign_up(event, "Known")
    fresh = replace(old, "Known", address("Known"))
    assert fresh.contact_id == known.contact_id
    assert counters(event) == (2, 0)
    assert mails(event)["registration_confirmed", address("Known")] == 2
    assert [one.id for one in other_places_of(fresh)] == [known.id]


def test_a_place_that_was_waited_for_becomes_the_seat() -> None:
    event = make_event(capacity_in_person=1)
    old = sign_up(event, "Old")
    waits, behind = (sign_up(event, name, may_wait=True) for name in ("Known", "Behind"))
    fresh = replace(old, "Known", address("Known"))
    assert states([fresh, waits, behind]) == ["confirmed", "cancelled", "waitlisted"]
    assert counters(event) == (1, 1)
    assert other_places_of(fresh) == []


def test_what_is_over_or_undecided_is_nobodys_to_hand_over() -> None:
    gone = sign_up(make_event(), "Gone")
    operations.cancel_registration(registration_id=gone.id)
    pending = sign_up(make_event(sign_up_way="i_decide"), "Pending")
    for one in (gone, pending):
        again()
        with pytest.raises(NobodyToReplace):
            replace(one, "New")


def test_who_comes_instead_is_asked_the_questions_by_mail_and_page() -> None:
    event = make_event()
    question = make_question(label="Where do you work?")
    old = sign_up(event, "Old")
    ask(event, question, required=True)
    fresh = replace(old, "New", address("New"))
    assert "The organizer has questions for you." in the_mail("registration_confirmed", fresh).text
    operations.change_own_answers(registration_id=fresh.id, answers={question: "Here"})
    assert "questions for you" not in the_mail("registration_confirmed", fresh).text
