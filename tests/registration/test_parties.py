"""People who are signed up by one form: all of them get a place, or nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from app.catalogue.queries import pools_of
from app.catalogue.rules import free_seats
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.registration import operations, queries, waiting
from app.registration.models import Consent, Registration, WaitingEntry
from app.registration.operations import Companion, SignUpValues
from app.registration.operations.addresses import TooManyPerAddress
from app.registration.operations.parties import NamedTwice, NotWaitingTogether, PartyTooLarge
from app.registration.operations.sign_up import EventFull
from app.registration.party_lines import party_facts
from app.registration.rules import Why, decide_release
from app.registration.session_seats import SessionFull, held_at_sessions
from app.registration.tickets import spaced
from tests.support.cast import person
from tests.support.conference import YARD, code, make_conference
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.parties import address, again, bring, counters, mails, party, states, the_mail
from tests.support.partners import add_partner

pytestmark = pytest.mark.usefixtures("context")

FOUR = ("Anna", "Boris", "Vera", "Gleb")


def found(registration: Registration) -> Registration:
    """As a page has it."""
    there = queries.find_by_public_id(registration.public_id)
    assert there is not None
    return there


def test_each_has_an_own_place_number_and_ticket_and_one_mail_tells_of_all() -> None:
    event = make_event(capacity_in_person=10, largest_party=5)
    people = bring(event, *FOUR, own=["Vera"])
    assert [one.name for one in people] == list(FOUR)
    assert states(people) == ["confirmed"] * 4
    assert len({one.reference for one in people}) == len({one.ticket_hash for one in people}) == 4
    assert {one.party_id for one in people} == {people[0].id}
    assert counters(event) == (4, 0)
    assert mails(event) == {
        ("registration_confirmed", address("Anna")): 1,
        ("registration_confirmed", address("Vera")): 1,
    }


def test_all_or_nobody_is_signed_up() -> None:
    event = make_event(capacity_in_person=4, largest_party=5)
    early = sign_up(event, "Early")
    with pytest.raises(EventFull) as full:
        bring(event, *FOUR)
    assert "Only 3 seats in the hall are left" in full.value.message
    assert counters(event) == (1, 0)
    assert mails(event) == {("registration_confirmed", address("Early")): 1}
    again()
    assert [one.id for one in db.session.query(Registration).filter_by(event_id=event.id)] == [early.id]


def test_who_agreed_waits_together_and_moves_up_together() -> None:
    event = make_event(capacity_in_person=4, largest_party=5)
    early = [sign_up(event, f"Early {number}") for number in range(2)]
    people = bring(event, *FOUR, may_wait=True)
    assert states(people) == ["waitlisted"] * 4
    assert counters(event) == (2, 4)
    assert [(entry.why, entry.size) for entry in waiting.waiting_at(event.id)] == [(Why.PARTY, 4)] * 4
    operations.cancel_registration(registration_id=early[0].id)
    assert states(people) == ["waitlisted"] * 4
    operations.cancel_registration(registration_id=early[1].id)
    assert states(people) == ["confirmed"] * 4
    assert counters(event) == (4, 0)
    assert mails(event)["waitlisted", address("Anna")] == mails(event)["promoted", address("Anna")] == 1


def test_behind_a_party_that_needs_more_a_single_person_takes_the_free_seat() -> None:
    event = make_event(capacity_in_person=4, largest_party=5)
    for number in range(2):
        sign_up(event, f"Early {number}")
    people = bring(event, *FOUR, may_wait=True)
    single = sign_up(event, "Single Person")
    assert states([single]) == ["confirmed"]
    assert counters(event) == (3, 4)
    assert states(bring(event, "Late", "Later", may_wait=True)) == ["waitlisted"] * 2
    assert states(people) == ["waitlisted"] * 4


def test_the_first_entry_that_fits_gets_what_comes_free() -> None:
    event = make_event(capacity_in_person=2, largest_party=5)
    early = [sign_up(event, f"Early {number}") for number in range(2)]
    large, single = bring(event, "Anna", "Boris", may_wait=True), sign_up(event, "Single", may_wait=True)
    operations.cancel_registration(registration_id=early[0].id)
    assert states([*large, single]) == ["waitlisted", "waitlisted", "confirmed"]
    operations.cancel_registration(registration_id=early[1].id)
    assert states(large) == ["waitlisted"] * 2
    operations.cancel_registration(registration_id=single.id)
    assert states(large) == ["confirmed"] * 2


def test_who_leaves_a_waiting_party_lets_the_others_fit() -> None:
    event = make_event(capacity_in_person=4, largest_party=5)
    sign_up(event, "Early")
    people = bring(event, *FOUR, may_wait=True)
    operations.cancel_registration(registration_id=people[3].id)
    assert states(people) == ["confirmed"] * 3 + ["cancelled"]
    assert counters(event) == (4, 0)


def test_a_party_that_may_be_split_takes_what_there_is() -> None:
    event = make_event(capacity_in_person=3, largest_party=5)
    people = bring(event, *FOUR, may_wait=True, split=True)
    assert states(people) == ["confirmed"] * 3 + ["waitlisted"]
    assert mails(event) == {("registration_confirmed", address("Anna")): 1}
    assert "Gleb: On the waiting list" in the_mail("registration_confirmed", people[0]).text
    operations.cancel_registration(registration_id=people[0].id)
    assert states(people) == ["cancelled"] + ["confirmed"] * 3


def test_a_party_can_be_split_later_by_who_signed_it_up() -> None:
    event = make_event(capacity_in_person=4, largest_party=5)
    sign_up(event, "Early")
    people = bring(event, *FOUR, may_wait=True)
    with pytest.raises(NotWaitingTogether):
        operations.split_party(registration_id=people[1].id)
    assert operations.split_party(registration_id=people[0].id) is True
    assert states(people) == ["confirmed"] * 3 + ["waitlisted"]
    assert operations.split_party(registration_id=people[0].id) is False
    assert counters(event) == (4, 1)


def test_near_the_start_the_party_is_asked_and_who_signed_it_up_answers_for_all() -> None:
    event = make_event(capacity_in_person=2, largest_party=5, starts_local=local(hours=20))
    early = [sign_up(event, f"Early {number}") for number in range(2)]
    people = bring(event, "Anna", "Boris", may_wait=True, own=["Boris"])
    for one in early:
        operations.cancel_registration(registration_id=one.id)
    assert states(people) == ["offered"] * 2
    assert operations.accept_offer(registration_id=people[0].id) is True
    assert states(people) == ["confirmed"] * 2
    assert counters(event) == (2, 0)
    for who in ("Anna", "Boris"):
        assert [mails(event)[name, address(who)] for name in ("seat_offered", "registration_confirmed")] == [1, 1]


def test_a_member_answers_for_oneself() -> None:
    event = make_event(capacity_in_person=2, largest_party=5, starts_local=local(hours=20))
    early = [sign_up(event, f"Early {number}") for number in range(2)]
    people = bring(event, "Anna", "Boris", may_wait=True)
    for one in early:
        operations.cancel_registration(registration_id=one.id)
    assert operations.decline_offer(registration_id=people[1].id) is True
    assert states(people) == ["offered", "expired"]
    assert operations.decline_offer(registration_id=people[0].id) is True
    assert counters(event) == (0, 0)


def test_no_from_who_signed_them_up_leaves_all_the_seats() -> None:
    event = make_event(capacity_in_person=2, largest_party=5, starts_local=local(hours=20))
    early = [sign_up(event, f"Early {number}") for number in range(2)]
    people = bring(event, "Anna", "Boris", may_wait=True)
    for one in early:
        operations.cancel_registration(registration_id=one.id)
    assert operations.decline_offer(registration_id=people[0].id) is True
    assert states(people) == ["expired"] * 2
    assert mails(event)["registration_cancelled", address("Anna")] == 1


def test_an_offer_that_runs_out_ends_for_all_of_them_with_one_mail() -> None:
    event = make_event(capacity_in_person=2, largest_party=5, starts_local=local(hours=20))
    early = [sign_up(event, f"Early {number}") for number in range(2)]
    people = bring(event, "Anna", "Boris", may_wait=True)
    for one in early:
        operations.cancel_registration(registration_id=one.id)
    with transaction():
        execute(update(WaitingEntry).values(offer_until=now() - timedelta(seconds=1)))
    assert states([sign_up(event, "Newcomer")]) == ["confirmed"]
    assert states(people) == ["expired"] * 2
    assert mails(event)["offer_over", address("Anna")] == 1


def test_a_seat_online_meanwhile_is_for_all_of_them() -> None:
    event = make_event(hybrid(capacity_in_person=3, largest_party=5))
    guest = sign_up(event, "Early")
    people = bring(event, "Anna", "Boris", "Vera", mode="online", also_wait_for="in_person")
    assert states(people) == ["confirmed"] * 3
    assert (counters(event), counters(event, "online")) == ((1, 3), (3, 0))
    operations.cancel_registration(registration_id=guest.id)
    assert [one.mode for one in party(people[0].id)] == ["in_person"] * 3
    assert (counters(event), counters(event, "online")) == ((3, 0), (0, 0))


def test_the_button_in_the_mail_counts_for_all_and_its_end_frees_all_seats() -> None:
    event = make_event(capacity_in_person=4, largest_party=5, sign_up_way="after_mail")
    people = bring(event, *FOUR, own=["Vera"])
    assert states(people) == ["unconfirmed"] * 4
    assert mails(event) == {("confirm_address", address("Anna")): 1}
    assert operations.confirm_address(registration_id=people[0].id) is True
    assert states(people) == ["confirmed"] * 4
    assert [mails(event)["registration_confirmed", address(who)] for who in ("Anna", "Vera")] == [1, 1]
    late = make_event(capacity_in_person=4, largest_party=5, sign_up_way="after_mail")
    people = bring(late, *FOUR)
    with time_machine.travel(now() + timedelta(minutes=61), tick=False):
        assert operations.expire_unconfirmed() == 4
    assert states(people) == ["expired"] * 4
    assert counters(late) == (0, 0)


def test_one_answer_says_for_all_at_one_address_that_they_come() -> None:
    event = make_event(capacity_in_person=4, largest_party=5, reconfirm_days=2, starts_local=local(days=5))
    people = bring(event, *FOUR, own=["Vera"])
    with time_machine.travel(now() + timedelta(days=3, hours=13), tick=False):
        assert operations.tend_answers() is None
        assert mails(event)["please_reconfirm", address("Anna")] == 1
        assert mails(event)["please_reconfirm", address("Vera")] == 1
        assert operations.confirm_coming(registration_id=people[1].id) is True
    assert [one.owes_answer for one in party(people[0].id)] == [False, False, True, False]


def test_the_organizer_takes_a_party_in_together_or_puts_it_on_the_list_together() -> None:
    event = make_event(capacity_in_person=4, largest_party=5, sign_up_way="i_decide")
    early = sign_up(event, "Early")
    operations.decide_people(actor=person("bob"), registration_ids=[early.id], accept=True)
    people = bring(event, *FOUR)
    decided = operations.decide_people(
        actor=person("bob"), registration_ids=[one.id for one in people], accept=True, notify=True
    )
    assert (decided.confirmed, decided.waitlisted) == (0, 4)
    assert counters(event) == (1, 4)
    assert mails(event)["waitlisted", address("Anna")] == 1
    few = bring(make_event(capacity_in_person=4, largest_party=5, sign_up_way="i_decide"), *FOUR)
    decided = operations.decide_people(
        actor=person("bob"), registration_ids=[one.id for one in few[:3]], accept=True, notify=False
    )
    assert decided.confirmed == 3
    assert states(few) == ["confirmed"] * 3 + ["pending"]


def test_a_party_is_as_large_as_the_organizer_says() -> None:
    event = make_event(capacity_in_person=10, largest_party=3)
    with pytest.raises(PartyTooLarge):
        bring(event, *FOUR)
    with pytest.raises(PartyTooLarge):
        bring(make_event(), "Anna", "Boris")


def test_nobody_stands_in_the_form_twice() -> None:
    with pytest.raises(NamedTwice) as twice:
        bring(make_event(largest_party=5), "Anna Lee", "anna lee")
    assert twice.value.message == "anna lee stands in the form twice."


def test_the_same_form_sent_twice_is_one_party() -> None:
    event = make_event(largest_party=5)
    first = bring(event, *FOUR, submission_key="k" * 24)
    again_ = bring(event, *FOUR, submission_key="k" * 24)
    assert [one.id for one in first] == [one.id for one in again_]
    assert counters(event) == (4, 0)


def test_who_has_a_place_at_the_persons_address_is_left_out_and_the_others_are_signed_up() -> None:
    event = make_event(largest_party=5)
    sign_up(event, "Anna")
    sign_up(event, "Boris", address("Anna"))
    people = bring(event, *FOUR, own=["Gleb"])
    assert [one.name for one in people] == ["Vera", "Gleb"]
    assert counters(event) == (4, 0)
    letter = the_mail("registration_confirmed", people[0])
    assert "On the list already, so nothing has changed for: Anna (" in letter.text
    assert "Boris" in letter.text
    assert "On the list already" not in the_mail("registration_confirmed", people[1]).text
    assert mails(event)["your_links", address("Anna")] == 0


def test_where_all_have_a_place_they_are_told_by_mail_only() -> None:
    event = make_event(largest_party=5)
    sign_up(event, "Anna")
    sign_up(event, "Boris", address("Anna"))
    assert bring(event, "Anna", "Boris") == []
    assert counters(event) == (2, 0)
    assert mails(event)["your_links", address("Anna")] == 1


def test_the_page_of_who_was_there_before_is_not_opened_by_a_form() -> None:
    event = make_event(largest_party=5)
    sign_up(event, "Anna")
    values = SignUpValues("Anna", address("Anna"), "in_person", "en")
    result = operations.register_party(event_id=event.id, values=values, companions=[Companion("Boris")])
    assert (result.is_new, result.token) == (True, None)


def test_nobody_can_find_out_by_a_party_who_comes() -> None:
    """A companion's own address is known: page and form are as always, and she alone is told."""
    event = make_event(largest_party=5)
    first = sign_up(event, "Boris")
    people = bring(event, "Anna", "Boris", own=["Boris"])
    assert states(people) == ["confirmed"] * 2
    assert counters(event) == (3, 0)
    facts = party_facts(found(people[0]))
    assert facts is not None
    assert [(line.name, line.url) for line in facts.lines] == [("Boris", "")]
    letter = the_mail("registration_confirmed", people[1])
    assert f"You have another place at this event, number {spaced(first.reference)}." in letter.text
    assert mails(event)["registration_confirmed", address("Boris")] == 2


def test_who_waits_and_gets_a_seat_by_others_waits_no_more() -> None:
    """A partner's guest brings somebody who waits: there is a kept seat for both."""
    event = make_event(capacity_in_person=3, largest_party=5)
    partner = add_partner(event, seats_in_person=2)
    sign_up(event, "One")
    waits, behind = (sign_up(event, name, may_wait=True) for name in ("Boris", "Vera"))
    people = bring(event, "Anna", "Boris", own=["Boris"], via=partner.code)
    assert states([*people, waits, behind]) == ["confirmed", "confirmed", "cancelled", "waitlisted"]
    assert "You have another place" not in the_mail("registration_confirmed", people[1]).text


def test_a_party_that_could_never_fit_is_refused_unless_it_may_be_split() -> None:
    event = make_event(capacity_in_person=3, largest_party=5)
    for wait in (False, True):
        with pytest.raises(EventFull, match="There are only 3 seats in all"):
            bring(event, *FOUR, may_wait=wait)
    assert counters(event) == (0, 0)
    assert states(bring(event, *FOUR, split=True, may_wait=True)) == ["confirmed"] * 3 + ["waitlisted"]


def test_beside_a_party_that_needs_more_the_page_shows_the_seat_that_a_newcomer_gets() -> None:
    event = make_event(capacity_in_person=4, largest_party=5)
    one, *_others = (sign_up(event, name) for name in ("One", "Two", "Three"))
    people = bring(event, "Anna", "Boris", "Vera", may_wait=True)
    again()
    assert free_seats(pools_of(event.id)) == {"in_person": 1}
    operations.cancel_registration(registration_id=one.id)
    assert free_seats(pools_of(event.id)) == {"in_person": 2}
    assert states([sign_up(event, "Four")]) == ["confirmed"]
    sign_up(event, "Five")
    last = sign_up(event, "Six", may_wait=True)
    assert states([last]) == ["waitlisted"]
    again()
    assert free_seats(pools_of(event.id)) == {"in_person": 0}
    assert counters(event) == (4, 4)
    assert states(people) == ["waitlisted"] * 3


def test_a_party_counts_as_one_of_the_four_of_an_address() -> None:
    event = make_event(capacity_in_person=20, largest_party=5)
    bring(event, *FOUR)
    for name in ("One", "Two", "Three"):
        sign_up(event, name, address("Anna"))
    with pytest.raises(TooManyPerAddress):
        sign_up(event, "Four", address("Anna"))


def test_what_companions_agreed_to_is_kept_with_them() -> None:
    event = make_event(largest_party=5)
    [text_id] = [one.id for one in queries.current_consents(event.organization_id, event.id) if one.is_required]
    values = operations.SignUpValues("Anna", address("Anna"), "in_person", "en", consent_text_ids=(text_id,))
    result = operations.register_party(
        event_id=event.id, values=values, companions=[Companion("Boris", consent_text_ids=(text_id,))]
    )
    for one in party(result.registration_id):
        assert db.session.query(Consent).filter_by(registration_id=one.id).count() == 1


@pytest.mark.parametrize(
    ("groups", "free", "silent", "steps"),
    [
        ([1, 1], 0, 3, [1, 1]),
        ([4], 0, 3, []),
        ([4, 1], 0, 4, [4]),
        ([4, 1], 1, 3, [3]),
        ([4, 1], 1, 2, []),
        ([2], -1, 2, []),
        ([2], -1, 3, [3]),
        ([], 0, 5, []),
    ],
)
def test_only_as_many_silent_seats_are_given_away_as_let_somebody_move_up(
    groups: list[int], free: int, silent: int, steps: list[int]
) -> None:
    assert decide_release(groups, free, silent) == steps


def test_at_a_conference_all_get_the_chosen_session_or_nobody_is_signed_up() -> None:
    event = make_conference(yard=2, largest_party=5)
    yard = code(event, YARD)
    with pytest.raises(SessionFull):
        bring(event, "Anna", "Boris", "Vera", sessions=(yard,))
    assert counters(event) == (0, 0)
    people = bring(event, "Anna", "Boris", "Vera", sessions=(yard,), told_full=(yard,))
    assert states(people) == ["confirmed"] * 3
    held = [len(held_at_sessions(one.id).seats) for one in people]
    assert held == [1, 1, 0]
    operations.cancel_registration(registration_id=people[0].id)
    assert [len(held_at_sessions(one.id).seats) for one in people] == [0, 1, 1]
