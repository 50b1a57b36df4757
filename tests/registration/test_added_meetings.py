"""Meetings that are added to an event that people have signed up for, and who hears of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.catalogue.models import Event, Session
from app.catalogue.operations import NothingToRepeat
from app.catalogue.queries import pools_of, session_values, sessions_of
from app.catalogue.values import SessionValues
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Missing, NotAllowed
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.messaging.models import DeliveryStatus, OutboxMessage
from app.registration import operations
from app.registration.calls import open_calls, words_to_say
from app.registration.facts import event_facts, when_of
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations import Added, Repetition
from tests.support.calendars import entries
from tests.support.cast import organization_id, person
from tests.support.changes import change
from tests.support.conference import FAIR, YARD, comes, make_conference, session_called
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.parties import again, bring

pytestmark = pytest.mark.usefixtures("context")

WEEK = timedelta(days=7)
MESSAGE = "meetings_added"


def like_the_first(event: Event, by: timedelta = WEEK, **changes: Any) -> SessionValues:
    """A meeting like the event's first one, so much later."""
    again()
    values = session_values(sessions_of(event.id)[0], pools_of(event.id))
    return replace(values, starts_local=values.starts_local + by, ends_local=values.ends_local + by, **changes)


def add(event: Event, by: timedelta = WEEK, *, notify: bool = True, **changes: Any) -> Added:
    new = like_the_first(event, by, **changes)
    return operations.add_meetings(actor=person("bob"), event_id=event.id, new=new, notify=notify)


def repeat(event: Event, times: int, *, notify: bool = True) -> Added:
    new = Repetition(sessions_of(event.id)[0].id, times, 1)
    return operations.add_meetings(actor=person("bob"), event_id=event.id, new=new, notify=notify)


def waiting_mails() -> list[OutboxMessage]:
    again()
    query = select(OutboxMessage).where(OutboxMessage.name == MESSAGE, OutboxMessage.status == DeliveryStatus.QUEUED)
    return list(db.session.scalars(query.order_by(OutboxMessage.to_address)))


def addresses() -> list[str]:
    return [mail.to_address for mail in waiting_mails()]


def letter(address: str = "pat@example.net", language: str = "en") -> Letter | None:
    [facts] = [mail.facts for mail in waiting_mails() if mail.to_address == address]
    with in_language(language):
        return MESSAGES[MESSAGE](facts)


def told(address: str = "pat@example.net") -> Letter:
    found = letter(address)
    assert found is not None
    return found


def uids(event: Event) -> list[str]:
    return [session.uid for session in sessions_of(event.id)]


def hours(event: Event) -> list[str]:
    """When the meetings are, as mails say it."""
    again()
    with in_language("en"):
        return [when_of(session) for session in sessions_of(event.id)]


def test_everybody_who_signed_up_gets_one_mail_with_the_meeting_and_its_entry() -> None:
    event = make_event()
    sign_up(event, "Pat")
    sign_up(event, "Quinn")
    added = add(event, title={"en": "The second evening"}, place_note={"en": "Room 7"})
    assert (added.number, added.told.mails, added.told.all) == (1, 2, 2)
    assert addresses() == ["pat@example.net", "quinn@example.net"]
    mail, (first, second) = told(), hours(event)
    for words in (mail.text, mail.html):
        assert words.count(f"{second}: The second evening") == 2, "as news, and among all meetings"
        assert words.count(first) == 1
        assert "Room 7" in words
        assert "((" not in mail.filled(words)
    assert mail.subject.startswith("1 new meeting: How to ask for money, ")
    assert "All meetings:" in mail.text
    assert mail.qr
    assert mail.calendar is not None
    assert entries(mail.calendar).keys() == set(uids(event))
    assert mail.addressee == "pat@example.net"


def test_a_repetition_is_told_by_one_mail() -> None:
    event = make_event()
    sign_up(event, "Pat")
    assert repeat(event, 3).number == 3
    assert addresses() == ["pat@example.net"]
    mail = told()
    assert mail.subject.startswith("3 new meetings: ")
    for when in hours(event)[1:]:
        assert mail.text.count(when) == 2
    assert mail.calendar is not None
    assert entries(mail.calendar).keys() == set(uids(event))


def test_quietly_nobody_is_told() -> None:
    event = make_event()
    sign_up(event, "Pat", phone="+7 900 000-00-00")
    add(event, notify=False)
    assert repeat(event, 2, notify=False).number == 1, "the first of them is there already"
    assert addresses() == []
    assert open_calls(organization_id()) == []
    assert len(uids(event)) == 3


def test_a_rehearsal_names_what_would_be_added_and_changes_nothing() -> None:
    event = make_event()
    sign_up(event, "Pat")
    new = Repetition(sessions_of(event.id)[0].id, 2, 1)
    rehearsal = operations.rehearse_added_meetings(actor=person("bob"), event_id=event.id, new=new)
    assert (rehearsal.number, rehearsal.told.all, len(rehearsal.lines)) == (2, 1, 2)
    again()
    assert len(uids(event)) == 1
    assert addresses() == []
    repeat(event, 2)
    assert [line.partition(" · ")[0] for line in rehearsal.lines] == hours(event)[1:]
    with pytest.raises(NothingToRepeat):
        operations.rehearse_added_meetings(actor=person("bob"), event_id=event.id, new=new)


def test_what_people_choose_themselves_is_no_news_to_all() -> None:
    event = make_conference()
    comes(event, "Pat", FAIR)
    again()
    values = replace(like_the_first(event), is_chosen=True, capacity_in_person=5)
    assert operations.add_meetings(actor=person("bob"), event_id=event.id, new=values).told.all == 0
    new = Repetition(session_called(event, YARD).id, 1, 1)
    assert operations.add_meetings(actor=person("bob"), event_id=event.id, new=new).told.all == 0
    assert addresses() == []
    assert add(event).told.all == 1
    mail = told()
    assert "Your sessions:" in mail.text
    assert "The yard" not in mail.text


def test_neither_drafts_nor_what_is_over_is_told() -> None:
    event = make_event(starts_local=local(days=-6), ends_local=local(days=-6, hours=1))
    draft = make_event(publish=False)
    assert add(draft).told.all == 0
    add(event, timedelta(days=12))
    sign_up(event, "Pat")
    assert add(event, timedelta(days=3)).told.all == 0
    assert addresses() == []
    assert repeat(event, 1).told.all == 1


def test_a_family_with_one_mailbox_gets_one_mail_that_names_all() -> None:
    event = make_event(largest_party=5)
    people = bring(event, "Pat", "Boris", "Vera", own=["Vera"])
    assert add(event).told.mails == 3
    assert addresses() == ["pat@example.net", "vera@example.net"]
    assert "Boris: " in told().text
    operations.cancel_registration(registration_id=people[0].id)
    assert "Name: Boris" in told().text


def test_who_waits_is_told_and_keeps_the_place_on_the_list() -> None:
    event = make_event(capacity_in_person=1)
    sign_up(event, "Pat")
    sign_up(event, "Wanda", may_wait=True)
    add(event)
    mail = told("wanda@example.net")
    assert "You keep your place on the waiting list." in mail.text
    assert (mail.qr, mail.calendar) == (None, None)


def test_who_comes_online_is_told_no_place_in_the_hall() -> None:
    event = make_event(hybrid())
    sign_up(event, "Pat", mode="online")
    add(event, place_note={"en": "Room 7"})
    mail = told()
    assert "Room 7" not in mail.text
    assert f"{hours(event)[1]} · Online, through your own page" in mail.text


def test_what_a_waiting_mail_would_have_said_is_told_by_the_next_one() -> None:
    event = make_event()
    sign_up(event, "Pat")
    add(event)
    add(event, 2 * WEEK)
    mail = told()
    assert mail.subject.startswith("2 new meetings: ")
    for when in hours(event)[1:]:
        assert mail.text.count(when) == 2


def test_a_mail_that_waited_says_what_holds_now_or_nothing() -> None:
    event = make_event()
    pat, _quinn = sign_up(event, "Pat"), sign_up(event, "Quinn")
    repeat(event, 2)
    _first, second, third = sessions_of(event.id)
    lost = hours(event)[1]
    operations.cancel_session(actor=person("bob"), session_id=second.id, reason="")
    assert told().subject.startswith("1 new meeting: ")
    assert lost not in told().text
    operations.cancel_registration(registration_id=pat.id)
    assert letter() is None
    assert letter("quinn@example.net") is not None
    operations.cancel_session(actor=person("bob"), session_id=third.id, reason="")
    assert letter("quinn@example.net") is None


def test_nobody_hears_of_a_new_meeting_of_a_cancelled_event() -> None:
    event = make_event()
    sign_up(event, "Pat")
    add(event)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
    assert letter() is None


def test_a_meeting_that_moved_while_the_mail_waited_is_told_where_it_is_now() -> None:
    event = make_event()
    sign_up(event, "Pat")
    add(event)
    change(event, title={"en": "Another title"})
    assert "Another title" in told().subject


def test_who_must_be_phoned_is_told_each_new_meeting_by_one_call() -> None:
    event = make_event()
    pat = sign_up(event, "Pat", phone="+7 900 000-00-00")
    with transaction():
        db.session.get_one(Registration, pat.id).wants_call = True
    assert add(event).told.calls == 1
    add(event, 2 * WEEK, place_note={"en": "Room 7"})
    again()
    _first, second, third = hours(event)
    (call,) = open_calls(organization_id())
    assert list(call.messages) == [MESSAGE]
    words = words_to_say(call, event_facts(call.event, "https://example.org"))
    assert words[0].startswith(f"A new meeting: {second}")
    assert words[1].startswith(f"A new meeting: {third}")
    assert "Room 7" in words[1]
    off = sessions_of(event.id)[1]
    operations.cancel_session(actor=person("bob"), session_id=off.id, reason="")
    again()
    (call,) = open_calls(organization_id())
    words = words_to_say(call, event_facts(call.event, "https://example.org"))
    assert [line for line in words if line.startswith("A new meeting")] == [words[0]]
    assert third in words[0]


def test_no_reminder_says_at_once_what_the_mail_has_said() -> None:
    event = make_event(starts_local=local(days=9), ends_local=local(days=9, hours=1))
    with time_machine.travel(now() - timedelta(days=3)):
        sign_up(event, "Pat")
    soon = like_the_first(event)
    starts = local(hours=20)
    soon = replace(soon, starts_local=starts, ends_local=starts + timedelta(hours=1))
    operations.add_meetings(actor=person("bob"), event_id=event.id, new=soon)
    operations.send_reminders()
    again()
    assert list(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.name == "reminder"))) == []
    assert addresses() == ["pat@example.net"]


@pytest.mark.parametrize(("who", "error"), [("carol", NotAllowed), ("dan", NotAllowed), ("olga", Missing)])
def test_only_organizers_of_the_event_may(who: str, error: type[Exception]) -> None:
    event = make_event()
    sign_up(event, "Pat")
    (only,) = sessions_of(event.id)
    for new in (like_the_first(event), Repetition(only.id, 1, 1)):
        for deed in (operations.add_meetings, operations.rehearse_added_meetings):
            with pytest.raises(error):
                deed(actor=person(who), event_id=event.id, new=new)
    assert addresses() == []


def test_a_meeting_of_another_event_is_not_repeated_here() -> None:
    event, other = make_event(), make_event()
    foreign: Session = sessions_of(other.id)[0]
    with pytest.raises(Missing):
        operations.add_meetings(actor=person("bob"), event_id=event.id, new=Repetition(foreign.id, 1, 1))
    again()
    assert len(uids(other)) == 1
