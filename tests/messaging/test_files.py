"""Plain calendar files by mail: nothing takes them in by itself, so each says what is to be done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.operations import set_invitations
from app.catalogue.queries import sessions_of
from app.core.clock import now
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations import Repetition
from tests.support.calendars import entries
from tests.support.cast import organization_id, person
from tests.support.changes import change
from tests.support.conference import FAIR, YARD, chooses, comes, make_conference, session_called
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.scheduling import PAT, calendar_parts, mails_to, plain_words
from tests.support.smtp_sink import Sink

TO_OPEN = "Open the attached file, and the entry there is brought up to date."


@pytest.fixture
def filing(inviting: Sink) -> Sink:
    """The same mail server, and an organization that sends files."""
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=False)
    return inviting


def last_file(sink: Sink, address: str = PAT) -> dict[str, Any]:
    """The entries of the file that came with the last mail, by UID."""
    [part] = calendar_parts(mails_to(sink, address)[-1])
    return entries(part.get_payload(decode=True))  # type: ignore[arg-type]


def give_back(registration: Registration) -> None:
    operations.cancel_registration(registration_id=registration.id)


def test_each_file_says_that_it_is_to_be_opened(filing: Sink) -> None:
    event = make_event()
    sign_up(event)
    assert "To put it into your calendar, open the attached file." in plain_words(mails_to(filing)[-1])
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=2))
    moved = mails_to(filing)[-1]
    assert TO_OPEN in plain_words(moved)
    body = moved.get_body(("html",))
    assert body is not None
    assert TO_OPEN in " ".join(str(body.get_content()).split())
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Flood")
    off = plain_words(mails_to(filing)[-1])
    assert TO_OPEN in off
    assert "You need not do anything" not in off


def test_the_file_of_a_new_meeting_is_to_be_opened_for_it(filing: Sink) -> None:
    event = make_event()
    sign_up(event)
    assert len(mails_to(filing)) == 1
    more = Repetition(sessions_of(event.id)[0].id, times=1, weeks=1)
    operations.add_meetings(actor=person("bob"), event_id=event.id, new=more)
    assert "To put it into your calendar, open the attached file." in plain_words(mails_to(filing)[-1])
    assert set(last_file(filing)) == {session.uid for session in sessions_of(event.id)}


def test_an_invitation_needs_no_hand(inviting: Sink) -> None:
    event = make_event()
    sign_up(event)
    assert len(mails_to(inviting)) == 1
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Flood")
    for mail in mails_to(inviting):
        assert "attached file" not in plain_words(mail)
    assert "You need not do anything" in plain_words(mails_to(inviting)[-1])


def test_whoever_stays_gets_the_entry_without_the_one_who_left(filing: Sink) -> None:
    event = make_event()
    anna = sign_up(event, "Anna", email=PAT)
    ben = sign_up(event, "Ben", email=PAT)
    [before] = last_file(filing).values()
    give_back(ben)
    told = plain_words(mails_to(filing)[-1])
    [after] = last_file(filing).values()
    assert (str(after["UID"]), int(after["SEQUENCE"])) == (str(before["UID"]), int(before["SEQUENCE"]) + 1)
    assert "Ben" in str(before["DESCRIPTION"])
    assert "Ben" not in str(after["DESCRIPTION"])
    assert TO_OPEN in told
    assert "delete" not in told
    give_back(anna)
    last = mails_to(filing)[-1]
    assert calendar_parts(last) == []
    assert "please delete it there" in plain_words(last)


def test_who_stays_without_a_seat_needs_no_entry(filing: Sink) -> None:
    event = make_event(hybrid(capacity_in_person=1))
    sign_up(event, "Anna", email="anna@example.net")
    ben = sign_up(event, "Ben", email=PAT, mode="online")
    sign_up(event, "Wanda", email=PAT, may_wait=True)
    give_back(ben)
    last = mails_to(filing)[-1]
    assert "Nothing changes for: Wanda" in plain_words(last)
    assert "please delete it there" in plain_words(last)
    assert calendar_parts(last) == []


def test_of_a_conference_it_names_what_was_given_back_and_what_nobody_comes_to_any_more(filing: Sink) -> None:
    event = make_conference()
    comes(event, "Anna", FAIR, email=PAT)
    ben = comes(event, "Ben", YARD, email=PAT)
    give_back(ben)
    told = plain_words(mails_to(filing)[-1])
    listed = told.partition("You had signed up for:")[2].partition("Nobody")[0]
    assert ("The yard" in listed, "The fair" in listed, "The kitchen" in listed) == (True, False, False)
    assert "Nobody of this address comes to these now: “The yard”." in told
    assert "please delete it there" in told
    opening = sessions_of(event.id)[0]
    assert set(last_file(filing)) == {opening.uid, session_called(event, FAIR).uid}


def test_who_moves_to_another_date_adds_it_and_deletes_the_old_one_once_nobody_comes_then(filing: Sink) -> None:
    event = make_event()
    [other] = operations.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)
    old, new = sessions_of(event.id)[0].uid, sessions_of(other)[0].uid
    people = [sign_up(event, name, email=PAT) for name in ("Ida", "Jan")]
    words = []
    for one in people:
        operations.move_person(
            actor=person("bob"), registration_id=one.id, to_event_id=other, may_wait=False, notify=True
        )
        words.append(plain_words(mails_to(filing)[-1]))
        if one is people[0]:
            told = last_file(filing)
            assert set(told) == {old, new}
            assert "Ida" not in str(told[old]["DESCRIPTION"])
    assert set(last_file(filing)) == {new}
    delete = "If you have put the old date into your calendar by our file, please delete it there."
    assert [delete in text for text in words] == [False, True]
    assert all("To put it into your calendar, open the attached file." in text for text in words)


def test_other_sessions_name_only_what_nobody_of_the_mailbox_comes_to(filing: Sink) -> None:
    event = make_conference()
    comes(event, "Leo", YARD, email=PAT)
    kay = comes(event, "Kay", YARD, FAIR, email=PAT)
    chooses(kay)
    told = plain_words(mails_to(filing)[-1])
    assert "You have given up: “The yard”, “The fair”." in told
    assert "Nobody of this address comes to these now: “The fair”. If you have put it" in told
    alone = comes(event, "Alone", FAIR, email="alone@example.net")
    chooses(alone)
    told = plain_words(mails_to(filing, "alone@example.net")[-1])
    assert "You have given up: “The fair”. If you have put it into your calendar by our file, please delete" in told


def test_what_was_called_off_before_is_in_no_file(filing: Sink) -> None:
    event = make_conference()
    early = sign_up(event, "Early", email="early@example.net")
    opening, yard = sessions_of(event.id)[0], session_called(event, YARD)
    operations.cancel_session(actor=person("bob"), session_id=opening.id, reason="Flood")
    with time_machine.travel(now() + timedelta(minutes=1)):
        comes(event, "Pat", YARD, email=PAT)
        assert set(last_file(filing)) == {yard.uid}
    [off] = last_file(filing, "early@example.net").values()
    assert (str(off["UID"]), str(off["STATUS"]), early.name) == (opening.uid, "CANCELLED", "Early")


def test_an_end_that_comes_beside_an_invitation_says_what_to_do_where_it_is_not_taken_in(inviting: Sink) -> None:
    event = make_event()
    [other] = operations.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)
    pat = sign_up(event)
    assert len(mails_to(inviting)) == 1
    operations.move_person(actor=person("bob"), registration_id=pat.id, to_event_id=other, may_wait=False, notify=True)
    first, moved = mails_to(inviting)
    assert [part.get_param("method") for part in calendar_parts(moved)] == ["REQUEST", "CANCEL"]
    words = "Another attached file takes the old date out of your calendar. If it stays there, open that file."
    assert words in plain_words(moved)
    assert words not in plain_words(first)
