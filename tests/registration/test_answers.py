"""The question "do you come?": before the day or after a change. Silence costs a seat only if somebody waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask
from sqlalchemy import select, update

from app.catalogue import queries
from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.i18n import in_language
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.answers import count_answers, silent_people
from app.registration.calls import open_calls
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations import SignUpValues
from app.registration.operations.asking import NoSeat
from app.registration.queries import find_by_public_id
from app.registration.rules import Way
from app.registration.tickets import manage_token
from app.registration.waiting_words import answer_by
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.parties import again, bring, the_mail
from tests.support.together import in_threads

ASKED = {"reconfirm_days": 3, "release_hours": 24, "offer_lead_hours": 0}


@contextmanager
def hours_before(event: Event, hours: float) -> Iterator[None]:
    """As if it were so many hours before the start."""
    starts_at = db.session.get_one(Event, event.id).starts_at
    with time_machine.travel(starts_at - timedelta(hours=hours), tick=False):
        yield


def names_with(status: str, event: Event) -> list[str]:
    db.session.rollback()
    query = select(Registration.name).where(Registration.event_id == event.id, Registration.status == status)
    return list(db.session.scalars(query.order_by(Registration.id)))


def mails(name: str) -> int:
    return len(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.name == name)).all())


def mails_to(registration: Registration) -> list[str]:
    rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts).order_by(OutboxMessage.id))
    return [row.name for row in rows if row.facts.get("registration") == registration.public_id]


def words_of(name: str, language: str = "en") -> str:
    facts = db.session.scalars(
        select(OutboxMessage.facts).where(OutboxMessage.name == name).order_by(OutboxMessage.id.desc())
    ).first()
    assert facts is not None
    with in_language(language):
        letter = MESSAGES[name](facts)
    return letter.text if letter else ""


def full(capacity: int = 3, **changes: Any) -> tuple[Event, list[Registration]]:
    event = make_event(capacity_in_person=capacity, **{**ASKED, **changes})
    return event, [sign_up(event, f"Early {number}") for number in range(capacity)]


def call_only(event: Event, name: str) -> Registration:
    values = SignUpValues(name=name, email=None, phone="+79123456789", mode="in_person", language="en")
    added = operations.add_person(actor=person("bob"), event_id=event.id, values=values)
    return db.session.scalars(select(Registration).where(Registration.public_id == added)).one()


@pytest.mark.usefixtures("context")
def test_everybody_is_asked_once_when_it_is_time() -> None:
    event, early = full()
    with hours_before(event, 73):
        operations.tend_answers()
        assert mails("please_reconfirm") == 0
    with hours_before(event, 72):
        operations.tend_answers()
        operations.tend_answers()
    assert mails("please_reconfirm") == 3
    assert count_answers(event.id) == (3, 0)
    assert "/reconfirm" in words_of("please_reconfirm")
    assert "Вы придёте?" in words_of("please_reconfirm", "ru")
    with hours_before(event, 60):
        assert operations.confirm_coming(registration_id=early[0].id) is True
        assert operations.confirm_coming(registration_id=early[0].id) is False
        operations.tend_answers()
    assert count_answers(event.id) == (3, 1)
    assert mails("please_reconfirm") == 3
    assert mails_to(early[0]) == ["registration_confirmed", "please_reconfirm"]


@pytest.mark.usefixtures("context")
def test_where_it_is_not_switched_on_nobody_is_asked_and_nobody_who_has_just_come() -> None:
    quiet, _early = full(reconfirm_days=0)
    event = make_event(**ASKED)
    with hours_before(event, 73):
        sign_up(event, "Fresh")
    for hours in (72, 30):
        with hours_before(event, hours):
            operations.tend_answers()
    assert mails("please_reconfirm") == 0
    assert count_answers(quiet.id) == (0, 0)


@pytest.mark.usefixtures("context")
def test_only_as_many_silent_seats_are_released_as_the_queue_can_use() -> None:
    event, early = full(4)
    for name in ("Wanda", "Will"):
        sign_up(event, name, may_wait=True)
    with hours_before(event, 72):
        operations.tend_answers()
        operations.confirm_coming(registration_id=early[3].id)
    with hours_before(event, 25):
        operations.tend_answers()
        assert [(one.name, one.is_needed) for one in silent_people(event.id)] == [
            ("Early 2", True),
            ("Early 1", True),
            ("Early 0", False),
        ]
        assert mails("seat_released") == 0
    with hours_before(event, 24):
        operations.tend_answers()
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Early 0", "Early 3", "Wanda", "Will"]
    assert names_with("cancelled", event) == ["Early 1", "Early 2"]
    assert mails("seat_released") == 2
    assert mails_to(early[2]) == ["registration_confirmed", "please_reconfirm", "seat_released"]
    assert "had no answer in time" in words_of("seat_released")
    with hours_before(event, 20):
        sign_up(event, "Late Wish", may_wait=True)
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Early 3", "Wanda", "Will", "Late Wish"]
    assert seats.drifts() == []


@pytest.mark.usefixtures("context")
def test_who_can_only_be_phoned_loses_the_seat_last_and_answers_by_telephone() -> None:
    event = make_event(capacity_in_person=2, **ASKED)
    sign_up(event, "Mail")
    zoya = call_only(event, "Zoya")
    sign_up(event, "Wanda", may_wait=True)
    with hours_before(event, 72):
        operations.tend_answers()
        (call,) = open_calls(event.organization_id)
        assert list(call.messages) == ["please_reconfirm"]
        assert [one.name for one in silent_people(event.id)] == ["Mail", "Zoya"]
    with hours_before(event, 50):
        operations.answer_call(actor=person("bob"), call_id=call.id, answer=operations.Answer.COMES)
    assert count_answers(event.id) == (2, 1)
    with hours_before(event, 24):
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Zoya", "Wanda"]
    assert db.session.get_one(Registration, zoya.id).replied_at is not None


@pytest.mark.usefixtures("context")
def test_nobody_loses_a_seat_within_hours_of_the_question_or_after_the_start() -> None:
    event, _early = full(1, release_hours=100)
    sign_up(event, "Wanda", may_wait=True)
    with hours_before(event, 72):
        operations.tend_answers()
        operations.tend_answers()
        assert names_with("confirmed", event) == ["Early 0"]
    with hours_before(event, 61):
        operations.tend_answers()
        assert names_with("confirmed", event) == ["Early 0"]
    with hours_before(event, -0.1):
        operations.tend_answers()
        assert names_with("confirmed", event) == ["Early 0"]
    with hours_before(event, 48):  # twelve hours after the question it may be night
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Wanda"]


@pytest.mark.usefixtures("context")
def test_people_who_come_together_lose_their_seats_after_those_who_come_alone() -> None:
    event = make_event(capacity_in_person=3, largest_party=5, **ASKED)
    sign_up(event, "Alone")
    bring(event, "Gil", "Gia")
    sign_up(event, "Wanda", may_wait=True)
    with hours_before(event, 72):
        operations.tend_answers()
        assert [one.name for one in silent_people(event.id)] == ["Alone", "Gia", "Gil"]
    with hours_before(event, 24):
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Gil", "Gia", "Wanda"]


@pytest.mark.usefixtures("context")
def test_the_time_to_answer_never_ends_at_night() -> None:
    start = local(days=7).replace(hour=20, minute=30)
    event, early = full(1, release_hours=70, starts_local=start, ends_local=start + timedelta(hours=1))
    sign_up(event, "Wanda", may_wait=True)
    with hours_before(event, 72):  # 20:30, so that twelve hours later it is 8:30
        operations.tend_answers()
    with hours_before(event, 59.9):
        operations.tend_answers()
        assert names_with("confirmed", event) == ["Early 0"]
        found = find_by_public_id(early[0].public_id)
        assert found is not None
        assert ", 09:00" in answer_by(found)
    with hours_before(event, 59.5):
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Wanda"]


@pytest.mark.usefixtures("context")
def test_a_switch_is_an_answer_and_only_the_full_mode_releases() -> None:
    event = make_event(hybrid(capacity_in_person=2, capacity_online=5, **ASKED))
    ada, _ben = sign_up(event, "Ada"), sign_up(event, "Ben")
    sign_up(event, "Otto", mode="online")
    for name in ("Wanda", "Will"):
        sign_up(event, name, may_wait=True)
    with hours_before(event, 72):
        operations.tend_answers()
    with hours_before(event, 50):
        operations.switch_mode(registration_id=ada.id, way=Way(seat="online"))
    assert count_answers(event.id) == (3, 1)
    with hours_before(event, 24):
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Ada", "Otto", "Wanda", "Will"]


def moved(event: Event, *, notify: bool = True) -> None:
    known = db.session.get_one(Event, event.id)
    values = queries.event_values(known, queries.sessions_of(known.id), queries.pools_of(known.id))
    start = local(days=12)
    values = replace(values, starts_local=start, ends_local=start + timedelta(hours=2))
    operations.change_event(
        actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known), notify=notify
    )


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_another_place_is_told_to_those_in_the_hall_and_another_house_is_asked_about(is_elsewhere: bool) -> None:
    event = make_event(hybrid(capacity_in_person=1))
    here, online = sign_up(event, "Here"), sign_up(event, "Online", mode="online")
    both = sign_up(event, "Both", mode="online", also_wait_for="in_person")
    known = db.session.get_one(Event, event.id)
    values = queries.event_values(known, queries.sessions_of(known.id), queries.pools_of(known.id))
    values = replace(values, place_note={"en": "By the side door", "ru": "Через двор"})
    if is_elsewhere:
        values = replace(values, venue_id=None)
    operations.change_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known))
    assert [("event_moved" in mails_to(one)) for one in (here, online, both)] == [True, False, True]
    assert count_answers(event.id) == ((2, 0) if is_elsewhere else (0, 0))
    assert words_of("event_moved")
    db.session.expire_all()
    assert db.session.get_one(Registration, online.id).asked_at is None


@pytest.mark.usefixtures("context")
def test_a_moved_event_asks_and_whoever_is_silent_is_listed_and_keeps_the_seat() -> None:
    event, early = full(2, reconfirm_days=0)
    sign_up(event, "Wanda", may_wait=True)
    moved(event)
    assert mails_to(early[0]) == ["registration_confirmed", "event_moved"]
    assert "/reconfirm" in words_of("event_moved") or "waiting list" in words_of("event_moved")
    assert count_answers(event.id) == (2, 0)
    operations.confirm_coming(registration_id=early[0].id)
    assert [(one.name, one.is_needed) for one in silent_people(event.id)] == [("Early 1", True)]
    with hours_before(event, 2):
        operations.tend_answers()
    assert names_with("confirmed", event) == ["Early 0", "Early 1"]
    quiet, _early = full(1)
    moved(quiet, notify=False)
    assert count_answers(quiet.id) == (0, 0)


@pytest.mark.usefixtures("context")
def test_a_question_that_was_answered_is_not_sent_late() -> None:
    event, early = full(1)
    with hours_before(event, 72):
        operations.tend_answers()
        operations.confirm_coming(registration_id=early[0].id)
        assert words_of("please_reconfirm") == ""
    operations.cancel_registration(registration_id=early[0].id)
    with pytest.raises(NoSeat):
        operations.confirm_coming(registration_id=early[0].id)


@pytest.mark.usefixtures("context")
def test_an_answer_and_the_release_at_the_same_moment(app: APIFlask) -> None:
    """Whoever was first counts: the seat is kept, or it went to the queue; never both, never neither."""
    for number in range(5):
        event = make_event(capacity_in_person=1, starts_local=local(hours=20), **ASKED)
        early = sign_up(event, f"Early {number}")
        waits = sign_up(event, f"Waits {number}", may_wait=True)
        with transaction():
            execute(
                update(Registration).where(Registration.id == early.id).values(asked_at=now() - timedelta(hours=13))
            )
        results = in_threads(
            app,
            partial(operations.confirm_coming, registration_id=early.id),
            operations.release_silent_seats,
            operations.release_silent_seats,
            partial(operations.confirm_coming, registration_id=early.id),
        )
        db.session.rollback()
        found = {one.id: one.status for one in db.session.scalars(select(Registration).filter_by(event_id=event.id))}
        answered = True in (results[0], results[3])
        expected = ("confirmed", "waitlisted") if answered else ("cancelled", "confirmed")
        assert (found[early.id], found[waits.id]) == expected
        assert seats.drifts() == []


@pytest.fixture
def asked(app: APIFlask) -> str:
    """The own page of somebody who was asked."""
    with app.app_context():
        event = make_event(hybrid(**ASKED))
        early = sign_up(event, "Early")
        with transaction():
            execute(update(Registration).values(asked_at=now()))
        return f"/r/{manage_token(early)}"


def test_the_own_page_asks_and_a_button_answers(client: Client, asked: str, app: APIFlask) -> None:
    page = client.page(asked)
    for words in ("Do you come?", "Yes, I come", "I can’t come", "Come another way: hall or online"):
        assert words in page.words
    assert "Yes, I come" in client.page(f"{asked}/reconfirm").words
    with app.app_context():
        assert db.session.scalars(select(Registration)).one().owes_answer, "a link in a mail answers nothing"
    answer = client.send(f"{asked}/reconfirm")
    assert "Thank you! We count on you." in client.page(answer.headers["Location"]).words
    assert "Do you come?" not in client.page(asked).words
    assert client.get(f"{asked}/reconfirm").status_code == 303


def test_an_answer_to_another_time_is_asked_again(client: Client, asked: str, app: APIFlask) -> None:
    old = client.page(f"{asked}/reconfirm").fields()
    with app.app_context():
        event = db.session.scalars(select(Event)).one()
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        later = replace(
            values,
            starts_local=values.starts_local + timedelta(days=1),
            ends_local=values.ends_local + timedelta(days=1),
        )
        operations.change_event(actor=person("bob"), event_id=event.id, values=later, seen=queries.seen_of(event))
    page = Page(client.send(f"{asked}/reconfirm", old, status=409))
    assert "It has another time since you opened the page." in page.words
    with app.app_context():
        assert db.session.scalars(select(Registration)).one().owes_answer
    client.send(f"{asked}/reconfirm", page.fields())
    with app.app_context():
        assert not db.session.scalars(select(Registration)).one().owes_answer


def test_page_and_mail_say_until_when_to_answer(client: Client, asked: str, app: APIFlask) -> None:
    assert "seats of people who have not answered go to those on the waiting list" in client.page(asked).words
    with app.app_context():
        event = db.session.scalars(select(Event)).one()
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        later = replace(values, ends_local=values.ends_local + timedelta(minutes=15))
        operations.change_event(actor=person("bob"), event_id=event.id, values=later, seen=queries.seen_of(event))
        letter = the_mail("event_moved", db.session.scalars(select(Registration)).one())
    assert "seats of people who have not answered go to those on the waiting list" in " ".join(letter.text.split())


def test_who_was_asked_about_another_time_and_is_silent_is_asked_anew(
    client: Client, asked: str, app: APIFlask
) -> None:
    """Nobody loses a seat at an hour that she was never told."""
    with app.app_context():
        event = db.session.scalars(select(Event)).one()
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        earlier = replace(values, starts_local=values.starts_local - timedelta(hours=2))
        seen = queries.seen_of(event)
        operations.change_event(actor=person("bob"), event_id=event.id, values=earlier, seen=seen, notify=False)
        again()
        assert db.session.scalars(select(Registration)).one().asked_at is None


def test_an_answer_without_a_seat_is_told_so(client: Client, asked: str, app: APIFlask) -> None:
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        operations.cancel_registration(registration_id=row.id)
    page = Page(client.send(f"{asked}/reconfirm", status=409))
    assert "There is no seat for you any more." in page.words


def test_the_desk_says_who_is_silent(client: Client, asked: str, app: APIFlask) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event)).one().public_id
    client.sign_in("bob")
    assert "Who comes? 0 of 1 have answered" in client.page(f"/desk/events/{event}").words
    page = client.page(f"/desk/events/{event}/answers")
    for words in ("Early", "Have not answered", "silent people lose their seats to those who wait"):
        assert words in page.words
    client.send(f"{asked}/reconfirm")
    assert "Everybody has answered." in client.page(f"/desk/events/{event}/answers").words


def test_switching_the_question_on_when_it_is_due_is_asked_about_first(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(starts_local=local(days=3))
        sign_up(event, "Early")
        with transaction():
            execute(update(Registration).values(confirmed_at=now() - timedelta(days=20)))
        path = f"/desk/events/{event.public_id}/edit"
    client.sign_in("bob")
    page = Page(client.send(path, {**client.page(path).fields(), "reconfirm_days": "7"}, status=200))
    assert page.h1 == "1 person is asked “Do you come?”"
    assert "Save and ask 1 person" in page.words
    with app.app_context():
        assert db.session.scalars(select(Event.reconfirm_days)).one() == 0
    client.send(path, {**page.fields(), "deed": "save_and_tell"})
    with app.app_context():
        again()
        assert db.session.scalars(select(Event.reconfirm_days)).one() == 7
