"""Another title: who signed up is told what it was called, and nobody is told of words that read the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.catalogue.models import Event
from app.catalogue.queries import event_values as values_of
from app.catalogue.queries import pools_of, sessions_of
from app.catalogue.rules import decide_change
from app.catalogue.values import EventValues
from app.core.clock import now
from app.core.db import db, execute
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration.facts import when_of
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations.meetings import whom_it_concerns
from app.registration.queries import told_of
from tests.support.changes import change
from tests.support.conference import FAIR, comes, make_conference
from tests.support.events import event_values, hybrid, local, make_event, sign_up
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")


def moved_mails(language: str = "en") -> list[Letter | None]:
    """The mails of changes as they would go out now, in this language."""
    again()
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.name == "event_moved"))
    with in_language(language):
        return [MESSAGES[row.name](row.facts) for row in rows]


def asked() -> list[bool]:
    again()
    return [one is not None for one in db.session.scalars(select(Registration.asked_at))]


def test_another_title_alone_is_told_in_the_hall_and_online_and_nobody_is_asked() -> None:
    event = make_event(hybrid(title={"en": "Old words"}))
    sign_up(event, "Hall Guest")
    sign_up(event, "Online Guest", mode="online")
    change(event, title={"en": "New words"})
    told = moved_mails()
    assert len(told) == 2
    for mail in told:
        assert mail is not None
        assert mail.subject.startswith("New title: New words, ")
        assert "It has another title now" in mail.text
        assert "It was called: Old words" in mail.text
        assert "still come" not in mail.text
    assert asked() == [False, False]


def test_with_another_time_both_are_told() -> None:
    event = make_event(title={"en": "Old words"})
    sign_up(event)
    change(event, title={"en": "New words"}, starts_local=local(days=9), ends_local=local(days=9, hours=1))
    [mail] = moved_mails()
    assert mail is not None
    assert mail.subject.startswith("Changed: New words is now ")
    assert "It was called: Old words" in mail.text
    assert "It was planned for: " in mail.text


def test_the_title_of_an_event_with_several_meetings_is_told_to_all_by_one_mail() -> None:
    event = make_conference()
    comes(event, "Pat Participant", FAIR)
    comes(event, "Quinn Participant")
    change(event, title={"en": "Another conference"})
    told = moved_mails()
    assert len(told) == 2
    for mail in told:
        assert mail is not None
        assert mail.subject.startswith("New title: Another conference")
        assert "It was planned for" not in mail.text


def test_a_title_in_one_language_is_news_to_its_readers_alone() -> None:
    event = make_event(title={"en": "Same words", "ru": "Старые слова"})
    sign_up(event, "Reader of English")
    sign_up(event, "Читатель", language="ru")
    again()
    before = event_values_of(event)
    after = replace(before, title={"en": "Same words", "ru": "Новые слова"})
    whom = whom_it_concerns(before, after, decide_change(before, after))
    assert told_of(event.id, whom=whom).all == 1
    change(event, title=after.title)
    [mail] = moved_mails("ru")
    assert mail is not None
    assert "Старые слова" in mail.text


@pytest.mark.parametrize("field", ["title", "place_note"])
def test_words_that_were_under_the_wrong_language_change_nothing_for_calendars(field: str) -> None:
    event = make_event(event_values(venue_id=None, **{field: {"en": "Те же слова"}}))
    sign_up(event)
    change(event, **{field: {"ru": "Те же слова"}})
    assert moved_mails() == []
    assert sessions_of(event.id)[0].sequence == 0
    assert asked() == [False]
    again()
    if field == "title":
        assert db.session.get_one(Event, event.id).title == {"ru": "Те же слова"}


def test_several_changes_that_a_mail_waited_through_are_told_by_one_as_against_what_was_known() -> None:
    event = make_event(title={"en": "Old words"})
    sign_up(event)
    first = sessions_of(event.id)[0].starts_local
    known = when_of(sessions_of(event.id)[0])
    change(event, title={"en": "Words in between"})
    for hours in (1, 2, 3):
        change(event, starts_local=first - timedelta(hours=hours))
    change(event, title={"en": "New words"})
    *overtaken, last = states()
    assert (set(overtaken), last) == ({"not_needed"}, "queued")
    mail = moved_mails()[-1]
    assert mail is not None
    assert "It was called: Old words" in mail.text
    assert f"It was planned for: {known}" in mail.text
    assert "in between" not in mail.text


def test_a_mail_that_a_worker_has_taken_goes_out_and_the_next_one_too() -> None:
    event = make_event(title={"en": "Old words"})
    sign_up(event)
    change(event, title={"en": "Words in between"})
    execute(
        update(OutboxMessage)
        .where(OutboxMessage.name == "event_moved")
        .values(lease_until=now() + timedelta(minutes=2))
    )
    db.session.commit()
    change(event, title={"en": "New words"})
    assert states() == ["queued", "queued"]


def test_changes_that_were_taken_back_before_anybody_was_told_are_no_news() -> None:
    event = make_event(title={"en": "Old words"})
    sign_up(event)
    change(event, title={"en": "New words"})
    change(event, title={"en": "Old words"})
    assert moved_mails()[-1] is None
    assert states() == ["not_needed", "queued"], "it is looked at once more when its turn comes"


def event_values_of(event: Event) -> EventValues:
    known = db.session.get_one(Event, event.id)
    return values_of(known, sessions_of(event.id), pools_of(event.id))


def states() -> list[str]:
    """Where the mails of changes stand, in turn."""
    again()
    query = select(OutboxMessage.status).where(OutboxMessage.name == "event_moved").order_by(OutboxMessage.id)
    return [str(status) for status in db.session.scalars(query)]
