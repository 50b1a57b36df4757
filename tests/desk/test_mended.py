"""What careful readers of the desk stumbled over."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine
from apiflask import APIFlask

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event
from app.catalogue.operations.events import PeopleSignedUp
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, Missing, NotAllowed, Refused
from app.messaging.models import OutboxMessage
from app.registration.operations import rehearse_change, resend_ticket
from tests.support.cast import person
from tests.support.desk_forms import form_of_page
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page

HUGE = "99999999999999999999"


@pytest.mark.parametrize(
    "address", [f"/desk/mail/{HUGE}", f"/desk/venues/{HUGE}", f"/desk/team/{HUGE}", f"/letters/{HUGE}"]
)
def test_a_number_too_large_for_the_database_is_nowhere_to_be_found(client: Client, address: str) -> None:
    client.sign_in("alice")
    client.page(address, status=404)
    assert client.post(address).status_code in (404, 405)


@pytest.mark.usefixtures("context")
def test_sign_up_can_not_be_switched_off_under_people_who_have_a_place() -> None:
    event = make_event()
    sign_up(event)
    values = replace(_values(event), sign_up="just_come")
    with pytest.raises(PeopleSignedUp):
        catalogue.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))


@pytest.mark.usefixtures("context")
def test_the_room_can_be_changed_but_not_taken_from_people_who_have_a_place_in_it() -> None:
    event = make_event(hybrid())
    sign_up(event, mode="online")
    seen = queries.seen_of(event)
    with pytest.raises(Refused):
        catalogue.edit_event(
            actor=person("bob"), event_id=event.id, values=replace(_values(event), room_url=None), seen=seen
        )
    other = replace(_values(event), room_url="https://rooms.example/another")
    catalogue.edit_event(actor=person("bob"), event_id=event.id, values=other, seen=seen)


@pytest.mark.usefixtures("context")
def test_a_rehearsal_says_what_would_change_and_changes_nothing() -> None:
    event = make_event()
    before, seen = _values(event), queries.seen_of(event)
    later = replace(before, starts_local=local(days=9), ends_local=local(days=9, hours=1))
    change = rehearse_change(actor=person("bob"), event_id=event.id, values=later, seen=seen)
    assert change.moved
    db.session.rollback()
    db.session.expire_all()
    assert _values(event) == before
    assert queries.seen_of(db.session.get_one(Event, event.id)) == seen


def test_what_can_not_be_saved_is_said_before_anybody_is_asked_about_mails(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1))
        sign_up(event, "Hal")
        sign_up(event, "Olga", mode="online")
        address = f"/desk/events/{event.public_id}/edit"
    client.sign_in("bob")
    form = client.page(address).fields()
    form["modes"] = "in_person"
    page = Page(client.send(address, form, status=422))
    assert "2 people have a seat" in page.words


@pytest.mark.usefixtures("context")
def test_a_draft_can_be_deleted_by_its_own_people_only_and_leaves_nothing() -> None:
    event = make_event(publish=False)
    for who, refusal in (("olga", Missing), ("dan", NotAllowed)):
        with pytest.raises(refusal):
            catalogue.delete_draft(actor=person(who), event_id=event.id)
    catalogue.delete_draft(actor=person("bob"), event_id=event.id)
    assert db.session.scalar(db.select(Event.id).where(Event.id == event.id)) is None


@pytest.mark.usefixtures("context")
def test_what_was_public_once_can_not_be_deleted() -> None:
    event = make_event()
    catalogue.unpublish_event(actor=person("bob"), event_id=event.id)
    with pytest.raises(PeopleSignedUp):
        catalogue.delete_draft(actor=person("bob"), event_id=event.id)


def test_a_draft_is_deleted_from_its_page(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = make_event(publish=False).public_id
    client.sign_in("bob")
    assert "Delete the draft" in client.page(f"/desk/events/{public_id}").words
    client.send(f"/desk/events/{public_id}/delete")
    client.page(f"/desk/events/{public_id}", status=404)


@pytest.mark.usefixtures("context")
def test_mailing_the_ticket_twice_in_a_minute_sends_it_once() -> None:
    registration = sign_up(make_event())
    with time_machine.travel(now(), tick=False):
        resend_ticket(actor=person("bob"), registration_id=registration.id)
        with pytest.raises(Conflict, match="on its way already"):
            resend_ticket(actor=person("bob"), registration_id=registration.id)
    assert len(db.session.scalars(db.select(OutboxMessage)).all()) == 2


def test_publishing_the_past_or_an_event_without_a_room_is_warned_about(client: Client, app: APIFlask) -> None:
    with app.app_context():
        past = make_event(hybrid(starts_local=local(days=-2), room_url=None), publish=False).public_id
    client.sign_in("bob")
    words = client.page(f"/desk/events/{past}/publish").words
    assert "over already" in words
    assert "no link to the online room" in words


def _values(event: Event):  # type: ignore[no-untyped-def]
    return queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))


def test_a_link_that_nobody_would_be_shown_is_refused(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid())
        public_id, slug = event.public_id, event.slug
    client.sign_in("bob")
    address = f"/desk/events/{public_id}/edit"
    values = form_of_page(client.page(address), sign_up="just_come")
    refused = Page(client.send(address, values, status=422))
    assert "Without sign-up nobody is shown this link." in refused.words
    client.send(address, {**values, "room_url": "", "modes": ["online"]})
    page = client.page(f"/e/{slug}")
    assert "You need not sign up." in page.words
    assert "seat" not in page.words.split("You need not sign up.")[1][:40]
