"""What people are told who can only be phoned, and what is said beforehand: nobody is left with an old word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.registration import operations
from app.registration.calls import OpenCall, open_calls, words_to_say
from app.registration.facts import event_facts
from app.registration.models import Registration, WaitingEntry
from app.registration.operations import SignUpValues
from app.registration.tickets import manage_token
from tests.support.cast import person
from tests.support.changes import change
from tests.support.events import event_values, hybrid, local, make_event, sign_up
from tests.support.pages import Client
from tests.support.parties import again, the_mail
from tests.support.sign_up_form import form_of


def add_by_phone(event: Event, name: str, **changes: object) -> None:
    values = SignUpValues(name, None, "in_person", "en", phone="+7 912 345-67-89")
    operations.add_person(actor=person("bob"), event_id=event.id, values=replace(values, **changes))  # type: ignore[arg-type]


def the_call(event: Event) -> tuple[OpenCall, str]:
    """The only open call, and its words."""
    again()
    (call,) = open_calls(db.session.get_one(Event, event.id).organization_id)
    return call, " ".join(words_to_say(call, event_facts(call.event, "https://desk.example", call.mode)))


@pytest.mark.usefixtures("context")
def test_whose_offer_lapsed_unheard_is_on_the_call_list_until_told() -> None:
    event = make_event(capacity_in_person=1, starts_local=local(hours=20), ends_local=local(hours=21))
    holder = sign_up(event, "Holder")
    add_by_phone(event, "Zoya", may_wait=True)
    operations.cancel_registration(registration_id=holder.id)
    with transaction():
        late = update(WaitingEntry).where(WaitingEntry.offer_until.is_not(None))
        execute(late.values(offer_until=now() - timedelta(seconds=1)))
    operations.expire_offers()
    call, said = the_call(event)
    assert call.is_news_only
    assert "A seat was offered, and there was no answer in time: it is no longer kept." in said
    assert operations.answer_call(actor=person("bob"), call_id=call.id, answer=operations.Answer.TOLD)
    again()
    assert open_calls(db.session.get_one(Event, event.id).organization_id) == []


@pytest.mark.usefixtures("context")
def test_two_moves_are_told_as_against_what_was_last_told() -> None:
    event = make_event(hybrid())
    add_by_phone(event, "Zoya")
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=1))
    change(event, is_online=False, room_url=None)
    _call, said = the_call(event)
    assert "It was planned for:" in said
    assert "It takes place in the hall only now." in said


@pytest.mark.usefixtures("context")
def test_the_question_is_announced_with_the_ticket() -> None:
    asks = make_event(reconfirm_days=2)
    assert "we ask you whether you come" in the_mail("registration_confirmed", sign_up(asks, "Pat")).text
    assert "we ask you" not in the_mail("registration_confirmed", sign_up(make_event(), "Quinn")).text


def test_a_form_that_was_open_while_the_event_was_renamed_still_signs_up(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Old name"}))
        slug, form = event.slug, form_of(client, event.slug)
        change(event, title={"en": "New name"})
        fresh = db.session.get_one(Event, event.id).slug
    assert fresh != slug
    answer = client.post(f"/e/{slug}/sign-up", data=form)
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith(f"/e/{fresh}/sign-up")
    client.send(f"/e/{fresh}/sign-up", form)
    with app.app_context():
        found = db.session.scalars(select(Registration)).one()
        assert client.page(f"/r/{manage_token(found)}").h1 == "You are in"


def test_whose_seat_was_passed_on_reads_why_and_that_alone(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        pat = sign_up(event, "Pat")
        with transaction():
            ended = {"status": "cancelled", "ended_by": "silence", "ended_at": now()}
            execute(update(Registration).where(Registration.id == pat.id).values(**ended))
        again()
        token = manage_token(db.session.get_one(Registration, pat.id))
    page = client.page(f"/r/{token}")
    assert page.h1 == "Your seat was passed on to the waiting list"
    assert "We asked whether you come and had no answer in time." in page.words
