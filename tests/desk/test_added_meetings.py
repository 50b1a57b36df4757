"""Adding meetings to an event that people count on: the desk asks whether to tell them, and does what was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.registration.operations import SignUpValues, add_person
from tests.support.cast import person
from tests.support.conference import FAIR, YARD, comes, make_conference, session_called
from tests.support.desk_forms import form_of_page, mails
from tests.support.events import sign_up
from tests.support.meetings import event_of, make, meetings, typed
from tests.support.pages import Client, Page

MESSAGE = "meetings_added"


@pytest.fixture
def public_id(client: Client, app: APIFlask) -> str:
    """A published event that two people count on, and its organizer at the desk."""
    client.sign_in("bob")
    public_id = make(app)
    with app.app_context():
        sign_up(event_of(public_id), "Pat")
        sign_up(event_of(public_id), "Quinn")
    return public_id


def address_of(app: APIFlask, public_id: str, how: str) -> str:
    here = f"/desk/events/{public_id}/sessions"
    return f"{here}/new" if how == "new" else f"{here}/{meetings(app, public_id)[0].id}/{how}"


WAYS: dict[str, dict[str, Any]] = {"new": typed(), "copy": {}, "repeat": {"times": "2", "weeks": "1"}}
ADDED = {
    "new": "The meeting is added.",
    "copy": "There is one more meeting, a week later.",
    "repeat": "2 meetings are added.",
}
NUMBER = {"new": 1, "copy": 1, "repeat": 2}


def answer(page: Page, deed: str) -> dict[str, Any]:
    """The question that is shown, sent back with this answer."""
    return {**form_of_page(page), "deed": deed}


@pytest.mark.parametrize("how", WAYS)
def test_the_desk_asks_before_it_adds_and_tells_once(client: Client, app: APIFlask, public_id: str, how: str) -> None:
    address = address_of(app, public_id, how)
    page = Page(client.send(address, WAYS[how], status=200))
    assert page.h1 == "2 people count on this event"
    words = "You add 2 meetings." if how == "repeat" else "You add 1 meeting."
    assert f"{words} Nothing is saved yet." in page.words
    assert "2 people will be told by mail" in page.words
    assert len(meetings(app, public_id)) == 1
    assert mails(app, MESSAGE) == []
    client.send(address, {**WAYS[how], "deed": "save_and_tell"})
    assert len(meetings(app, public_id)) == 1 + NUMBER[how]
    assert mails(app, MESSAGE) == ["pat@example.net", "quinn@example.net"]
    shown = client.page(f"/desk/events/{public_id}/sessions").words
    assert f"{ADDED[how]} 2 people are told by mail." in shown


@pytest.mark.parametrize("how", WAYS)
def test_quietly_it_adds_and_tells_nobody(client: Client, app: APIFlask, public_id: str, how: str) -> None:
    address = address_of(app, public_id, how)
    client.send(address, {**WAYS[how], "deed": "save_quietly"})
    assert len(meetings(app, public_id)) == 1 + NUMBER[how]
    assert mails(app, MESSAGE) == []
    shown = client.page(f"/desk/events/{public_id}/sessions").words
    assert f"{ADDED[how]} Those who signed up get no mail about it." in shown


def test_the_question_names_day_and_place_and_keeps_what_was_typed(
    client: Client, app: APIFlask, public_id: str
) -> None:
    address = address_of(app, public_id, "new")
    page = Page(client.send(address, typed(), status=200))
    (line,) = [one for one in page.all("li") if "At the fountain" in "".join(one.itertext())]
    assert "18:30–20:00" in "".join(line.itertext())
    assert "Telling stories" in "".join(line.itertext())
    back = Page(client.send(address, answer(page, "back") | {"modes": ["in_person"]}, status=200))
    assert back.fields()["title"] == "Telling stories"
    assert len(meetings(app, public_id)) == 1
    client.send(address, answer(page, "save_and_tell") | {"modes": ["in_person"]})
    assert [one.title.get("en") for one in meetings(app, public_id)][-1] == "Telling stories"


def test_the_question_says_what_there_is_at_the_same_hours(client: Client, app: APIFlask, public_id: str) -> None:
    words = "At the same hours the event has already:"
    assert words not in Page(client.send(address_of(app, public_id, "copy"), status=200)).words
    (first,) = meetings(app, public_id)
    begin, end = first.starts_local + timedelta(minutes=30), first.ends_local + timedelta(minutes=30)
    meant = typed(on=f"{begin:%d.%m.%Y}", starts=f"{begin:%H:%M}", ends=f"{end:%H:%M}")
    page = Page(client.send(address_of(app, public_id, "new"), meant, status=200))
    old, new = (f"{at:%H:%M}–{until:%H:%M}" for at, until in ((first.starts_local, first.ends_local), (begin, end)))
    assert page.words.index(new) < page.words.index(words) < page.words.index(old)
    assert "Without the mail, only subscribed calendars get what is new." in page.words


def test_one_goes_back_to_the_number_of_repetitions_and_from_one_click_to_the_list(
    client: Client, app: APIFlask, public_id: str
) -> None:
    address = address_of(app, public_id, "repeat")
    back = Page(client.send(address, {**WAYS["repeat"], "deed": "back"}, status=200))
    assert back.fields()["times"] == "2"
    page = Page(client.send(address_of(app, public_id, "copy"), status=200))
    assert f"/desk/events/{public_id}/sessions" in page.links()
    assert "Do not add" in page.words
    assert "Back to the form" not in page.words
    address = address_of(app, public_id, "copy")
    again = client.page(f"{address}?lang=ru")
    assert again.h1 == "На это событие рассчитывают 2 человека"
    assert len(meetings(app, public_id)) == 1


def test_nobody_is_asked_about_where_nobody_would_hear(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    empty = make(app)
    client.send(address_of(app, empty, "copy"))
    assert "There is one more meeting, a week later." in client.page(f"/desk/events/{empty}/sessions").words
    with app.app_context():
        event = make_conference()
        comes(event, "Pat", FAIR)
        conference, yard = event.public_id, session_called(event, YARD).id
    client.send(f"/desk/events/{conference}/sessions/{yard}/copy")
    shown = client.page(f"/desk/events/{conference}/sessions").words
    assert "There is one more meeting, a week later. Those who signed up get no mail about it." in shown
    client.send(address_of(app, conference, "new"), typed(days=40, who="chosen", capacity_in_person="5"))
    assert mails(app, MESSAGE) == []


def test_what_cannot_be_added_is_refused_before_anybody_is_asked_about(
    client: Client, app: APIFlask, public_id: str
) -> None:
    address = address_of(app, public_id, "repeat")
    client.send(address, {**WAYS["repeat"], "deed": "save_quietly"})
    page = Page(client.send(address, WAYS["repeat"], status=409))
    assert "These meetings are on the list already." in page.words
    Page(client.send(address_of(app, public_id, "new"), typed(place_note=""), status=422))


def test_whom_to_phone_is_said_and_stands_on_the_call_list(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    with app.app_context():
        _add_by_phone(event_of(public_id).id)
    address = address_of(app, public_id, "copy")
    page = Page(client.send(address, status=200))
    assert "1 person must be phoned, and is put on the call list." in page.words
    client.send(address, {"deed": "save_and_tell"})
    assert "1 person is on the call list now." in client.page(f"/desk/events/{public_id}/sessions").words
    assert "A new meeting: " in client.page("/desk/calls").words


def _add_by_phone(event_id: int) -> None:
    values = SignUpValues(name="Zoya", email=None, phone="+79123456789", mode="in_person", language="en")
    add_person(actor=person("bob"), event_id=event_id, values=values, wants_call=False)
