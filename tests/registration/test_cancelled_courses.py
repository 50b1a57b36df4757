"""What people hear when an event of several meetings is cancelled, also one that had lost a meeting before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Session
from app.core.clock import now
from app.core.db import db, execute
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.calls import open_calls, words_to_say
from app.registration.facts import event_facts, short_when_of, when_of
from app.registration.tickets import manage_token
from tests.registration.test_meetings import course
from tests.support.cast import organization_id, person
from tests.support.events import sign_up
from tests.support.letters import letter
from tests.support.pages import Client
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")


def test_a_cancelled_event_names_what_is_lost_now_and_no_way_to_it() -> None:
    event, (first, second) = course(5, 12)
    pat = sign_up(event, "Pat")
    operations.cancel_session(actor=person("bob"), session_id=first, reason="")
    execute(update(OutboxMessage).where(OutboxMessage.name == "session_cancelled").values(status="sent"))
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
        told = letter("event_cancelled", pat)
    assert told is not None
    again()
    assert short_when_of(db.session.get_one(Session, second)) in told.subject
    assert "all meetings" not in told.subject
    assert "How to find it" not in told.text
    assert "All meetings" not in told.text
    lost = told.text[told.text.index("None of these meetings takes place:") :]
    assert all(when_of(db.session.get_one(Session, one)) in lost for one in (first, second))


def test_a_meeting_whose_cancelling_was_not_told_yet_is_told_with_the_event() -> None:
    event, (first, second) = course(5, 12)
    pat = sign_up(event, "Pat")
    by_phone = operations.SignUpValues("Zoya", None, "in_person", "en", phone="+7 912 345-67-89")
    operations.add_person(actor=person("bob"), event_id=event.id, values=by_phone)
    operations.cancel_session(actor=person("bob"), session_id=first, reason="")
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    assert statuses("session_cancelled") == ["not_needed"], "it would say that the event goes on"
    told = letter("event_cancelled", pat)
    assert told is not None
    again()
    early, late = (short_when_of(db.session.get_one(Session, one)) for one in (first, second))
    assert f"all meetings from {early} on" in told.subject
    lost = told.text[told.text.index("None of these meetings takes place:") :]
    assert "Day 12" in lost
    assert when_of(db.session.get_one(Session, first)) in lost
    [call] = open_calls(organization_id())
    said = " ".join(words_to_say(call, event_facts(call.event, "", sessions=queries.sessions_of(event.id))))
    assert f"A meeting is cancelled: {when_of(db.session.get_one(Session, first))}." in said
    assert late.split(",")[0].split(" ", 1)[1] not in said.partition("A meeting is cancelled")[2]


def statuses(name: str) -> list[str]:
    """What became of the mails of this name."""
    again()
    return list(db.session.scalars(select(OutboxMessage.status).where(OutboxMessage.name == name)))


def test_a_cancelled_course_names_all_that_is_lost(client: Client) -> None:
    event, _meetings = course(5, 12, 19)
    pat = sign_up(event, "Pat")
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    told = letter("event_cancelled", pat)
    assert told is not None
    assert "all meetings from" in told.subject
    page = client.page(f"/r/{manage_token(pat)}")
    for words in (told.text, page.words):
        assert "None of these meetings takes place:" in words
        assert "Day 12" in words
        assert "Day 19" in words
