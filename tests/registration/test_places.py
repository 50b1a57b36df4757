"""A venue with another name or address: who is expected there hears of it, once for each event."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.accounts.operations import set_invitations
from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, Venue
from app.catalogue.queries import sessions_of
from app.catalogue.values import VenueValues
from app.registration import operations
from app.registration.calls import open_calls, words_to_say
from app.registration.facts import event_facts
from app.registration.operations import change_venue, rehearse_venue_change
from app.registration.queries import Told
from tests.conftest import Client
from tests.support.cast import organization_id, person
from tests.support.events import event_values, hybrid, local, make_event, sign_up
from tests.support.parties import again, mails, the_mail


def venue_of(event: Event) -> Venue:
    again()
    venue = sessions_of(event.id)[0].venue
    assert venue is not None
    return venue


def values_of(event: Event, **changes: object) -> VenueValues:
    venue = venue_of(event)
    known = {name: getattr(venue, name) for name in vars(VenueValues(name={}, address={}))}
    return VenueValues(**{**known, **changes})


def move(event: Event, *, notify: bool = True, **changes: object) -> Told:
    """The venue of this event has another address, or these other values."""
    values = values_of(event, **(changes or {"address": {"en": "9 Hill Road"}}))
    return change_venue(actor=person("bob"), venue_id=venue_of(event).id, values=values, notify=notify)


def add_meeting(event: Event, **changes: Any) -> None:
    """A second meeting, like the first one but for these values."""
    (first,) = sessions_of(event.id)
    starts = local(days=14)
    when = {"starts_local": starts, "ends_local": starts + timedelta(hours=2)}
    values = replace(queries.session_values(first, []), **{**when, **changes})
    catalogue.add_session(actor=person("bob"), event_id=event.id, values=values)


@pytest.mark.usefixtures("context")
def test_who_comes_to_the_hall_hears_of_another_address() -> None:
    event = make_event(hybrid())
    pat, _quinn = sign_up(event, "Pat"), sign_up(event, "Quinn", mode="online")
    before = mails(event)
    assert move(event) == Told(1, 0, 1)
    assert mails(event) - before == {("event_moved", "pat@example.net"): 1}
    letter = the_mail("event_moved", pat)
    assert letter.subject.startswith("New place:")
    assert "9 Hill Road" in letter.text
    assert "The place was: Lighthouse Resource Centre, main hall, 1 Harbour Street" in " ".join(letter.text.split())
    assert "It was planned for" not in letter.text
    assert letter.calendar is not None
    assert rb"9 Hill Road" in letter.calendar


@pytest.mark.usefixtures("context")
def test_the_mail_names_all_that_one_can_decide() -> None:
    """Still coming, not any more, and another way, where there is one."""
    event = make_event(hybrid(reconfirm_days=3, starts_local=local(days=2)))
    pat = sign_up(event, "Pat")
    move(event)
    letter = the_mail("event_moved", pat)
    for page in ("cancel", "edit"):
        assert re.search(rf"/r/\S+/{page}$", letter.text, re.MULTILINE)
        assert f'/{page}"' in letter.html
    assert "Come another way: hall or online" in letter.text
    lecture = make_event()
    quinn = sign_up(lecture, "Quinn")
    move(lecture, name={"en": "Elsewhere"})
    assert "another way" not in the_mail("event_moved", quinn).text


@pytest.mark.usefixtures("context")
def test_an_invitation_follows_to_the_new_address() -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
    event = make_event()
    pat = sign_up(event, "Pat")
    move(event)
    invitation = the_mail("event_moved", pat).invitation
    assert invitation is not None
    assert invitation.method == "REQUEST"
    assert b"9 Hill Road" in invitation.content
    assert b"SEQUENCE:1\r\n" in invitation.content


@pytest.mark.usefixtures("context")
def test_nobody_hears_of_what_does_not_move_them() -> None:
    event, draft = make_event(), make_event(publish=False)
    sign_up(event, "Pat")
    cancelled = make_event()
    sign_up(cancelled, "Quinn")
    operations.cancel_event(actor=person("bob"), event_id=cancelled.id, reason="")
    before = mails(event) + mails(cancelled)
    assert move(event, directions={"en": "Upstairs."}) == Told(0, 0, 0)
    move(event, notify=False)
    assert mails(event) + mails(cancelled) + mails(draft) == before
    assert move(event, address={"en": "3 Lime Alley"}) == Told(1, 0, 1)
    assert mails(cancelled) - before == {}


@pytest.mark.usefixtures("context")
def test_a_rehearsal_changes_nothing_and_counts_everybody_once() -> None:
    event, other = make_event(), make_event()
    for one in (event, other):
        sign_up(one, "Pat")
    values = values_of(event, address={"en": "9 Hill Road"})
    before, revision = mails(event), sessions_of(event.id)[0].sequence
    venue_id = venue_of(event).id
    assert rehearse_venue_change(actor=person("bob"), venue_id=venue_id, values=values) == Told(2, 0, 2)
    assert venue_of(event).address["en"] == "1 Harbour Street"
    assert (mails(event), sessions_of(event.id)[0].sequence) == (before, revision)


@pytest.mark.usefixtures("context")
def test_a_course_of_several_meetings_there_makes_one_mail() -> None:
    event = make_event()
    pat = sign_up(event, "Pat")
    add_meeting(event)
    before = mails(event)
    move(event)
    assert mails(event) - before == {("event_moved", "pat@example.net"): 1}
    assert "The place was:" in the_mail("event_moved", pat).text


@pytest.mark.usefixtures("context")
def test_of_a_course_that_meets_there_once_only_that_meeting_is_told() -> None:
    event = make_event()
    pat = sign_up(event, "Pat")
    add_meeting(event, venue_id=None, place_note={"en": "At the fountain"})
    before = mails(event)
    move(event)
    assert mails(event) - before == {("session_moved", "pat@example.net"): 1}
    assert "The place was:" in the_mail("session_moved", pat).text


@pytest.mark.usefixtures("context")
def test_who_must_be_phoned_is_told_the_old_place() -> None:
    event = make_event()
    values = operations.SignUpValues("Vera", None, "in_person", "en", phone="+7 495 000-00-01")
    operations.add_person(actor=person("bob"), event_id=event.id, values=values, notify=True)
    assert move(event) == Told(0, 1, 1)
    again()
    [call] = open_calls(organization_id(), event.id)
    words = words_to_say(call, event_facts(call.event, ""))
    assert "The place was: Lighthouse Resource Centre, main hall, 1 Harbour Street." in words


@pytest.mark.usefixtures("context")
def test_a_mail_about_another_end_says_the_end_in_its_subject() -> None:
    event = make_event()
    pat = sign_up(event, "Pat")
    values = queries.event_values(event, sessions_of(event.id), queries.pools_of(event.id))
    later = replace(values, ends_local=values.ends_local + timedelta(minutes=30))
    operations.change_event(actor=person("bob"), event_id=event.id, values=later, seen=queries.seen_of(event))
    letter = the_mail("event_moved", pat)
    assert f"{later.ends_local:%H:%M}" in letter.subject
    assert "The place was" not in letter.text


def test_the_desk_asks_before_it_tells(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(event_values())
        sign_up(event, "Pat")
        path = f"/desk/venues/{venue_of(event).id}"
    client.sign_in("bob")
    form = {**client.page(path).fields(), "address": "9 Hill Road"}
    page = client.send(path, form, status=200)
    assert "1 person is expected at this place" in page.text
    assert "Lighthouse Resource Centre, main hall, 9 Hill Road" in page.text
    other = client.send(path, {**client.page(path).fields(), "address_other": "Горная, 9"}, status=200)
    assert "большой зал, Горная, 9" in other.text, "what differs is shown, also in another language"
    back = client.send(path, {**form, "deed": "back"}, status=200)
    assert 'value="9 Hill Road"' in back.text
    with app.app_context():
        assert venue_of(event).address["en"] == "1 Harbour Street"
        before = mails(event)
    client.send(path, {**form, "deed": "save_quietly"})
    with app.app_context():
        assert venue_of(event).address["en"] == "9 Hill Road"
        assert mails(event) == before
    client.send(path, {**form, "address": "10 Hill Road", "deed": "save_and_tell"})
    with app.app_context():
        assert mails(event) - before == {("event_moved", "pat@example.net"): 1}
