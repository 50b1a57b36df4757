"""The language button of the desk loses nothing that was typed, neither on a form nor on the question before a deed."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from app.catalogue.queries import find_venue_for, venues_of
from tests.support.cast import organization_id, person
from tests.support.desk_forms import form_at, mails
from tests.support.events import hybrid, local, sign_up
from tests.support.meetings import event_of, make, meetings, one_more, typed
from tests.support.pages import Client, Page


@pytest.fixture
def public_id(client: Client, app: APIFlask) -> str:
    """A published course that somebody counts on, and its organizer at the desk."""
    client.sign_in("bob")
    public_id = make(app, hybrid())
    with app.app_context():
        one_more(event_of(public_id), starts_local=local(days=30), ends_local=local(days=30, hours=1))
        sign_up(event_of(public_id), "Pat")
    return public_id


def in_russian(client: Client, page: Page, **values: object) -> Page:
    """What comes of the language button: it sends its form, with what is hidden there."""
    assert [one.get("id") for one in page.all("form")].count("kept-form") == 1
    (button,) = [one for one in page.all("button") if one.get("name") == "lang"]
    assert (button.get("form"), button.get("value")) == ("kept-form", "ru")
    sent = {**page.fields(), **values, "lang": "ru"}
    response = client.send(page.response.request.path, sent, status=200)
    assert "lang=ru" in response.headers["Set-Cookie"]
    found = Page(response)
    assert found.all("html")[0].get("lang") == "ru"
    return found


FORMS = {
    "/desk/events/new": "title",
    "/desk/events/{event}/edit": "title",
    "/desk/events/{event}/sessions/new": "title",
    "/desk/events/{event}/sessions/{session}": "title",
    "/desk/events/{event}/sessions/{session}/repeat": "times",
    "/desk/events/{event}/sessions/{session}/cancel": "reason",
    "/desk/events/{event}/cancel": "reason",
    "/desk/venues/{venue}": "address",
}


@pytest.mark.parametrize("address", FORMS)
def test_a_form_keeps_what_was_typed_though_it_is_wrong(
    client: Client, app: APIFlask, public_id: str, address: str
) -> None:
    session = meetings(app, public_id)[0].id
    with app.app_context():
        venue = venues_of(organization_id())[0].id
    here = address.format(event=public_id, session=session, venue=venue)
    page = client.page(here)
    found = in_russian(client, page, **{FORMS[address]: "Half a wo"})
    assert found.fields()[FORMS[address]] == "Half a wo"
    assert "Half a wo" not in client.page(here).text


def test_the_question_before_a_change_is_asked_again(client: Client, app: APIFlask, public_id: str) -> None:
    address = f"/desk/events/{public_id}/edit"
    values = form_at(client, address, title="Another name")
    question = Page(client.send(address, values, status=200))
    again = in_russian(client, question, modes=["in_person", "online"])
    assert again.h1 == "На это событие рассчитывает 1 человек"
    with app.app_context():
        assert event_of(public_id).title["en"] != "Another name"
    client.send(address, {**again.fields(), "modes": ["in_person", "online"], "deed": "save_and_tell"})
    with app.app_context():
        assert event_of(public_id).title["en"] == "Another name"
    assert mails(app, "event_moved") == ["pat@example.net"]


@pytest.mark.parametrize("how", ["new", "copy", "repeat", ""])
def test_the_question_about_meetings_is_asked_again(client: Client, app: APIFlask, public_id: str, how: str) -> None:
    here = f"/desk/events/{public_id}/sessions"
    row = meetings(app, public_id)[0]
    address = f"{here}/new" if how == "new" else f"{here}/{row.id}/{how}".rstrip("/")
    values = {"new": typed(), "copy": {}, "repeat": {"times": "2", "weeks": "1"}}
    sent = values[how] if how else form_at(client, address, on=f"{local(days=12):%d.%m.%Y}")
    question = Page(client.send(address, sent, status=200))
    kept = {"modes": ["in_person", "online"]} if how != "repeat" else {}
    again = in_russian(client, question, **kept)
    assert "1 человек" in again.h1
    assert len(meetings(app, public_id)) == 2
    assert mails(app, "session_moved") == mails(app, "meetings_added") == []
    client.send(address, {**again.fields(), **kept, "deed": "save_and_tell"})
    assert mails(app, "meetings_added" if how else "session_moved") == ["pat@example.net"]


def test_the_question_about_a_place_is_asked_again(client: Client, app: APIFlask, public_id: str) -> None:
    with app.app_context():
        venue = venues_of(organization_id())[0].id
    address = f"/desk/venues/{venue}"
    question = Page(client.send(address, {**form_at(client, address), "address": "2 Pier Road"}, status=200))
    again = in_russian(client, question)
    assert "2 Pier Road" in again.words
    with app.app_context():
        row = find_venue_for(person("bob"), venue)
        assert row is not None
        assert row.address["en"] != "2 Pier Road"


def test_where_nobody_is_to_be_told_any_more_the_button_saves_nothing(
    client: Client, app: APIFlask, public_id: str
) -> None:
    address = f"/desk/events/{public_id}/edit"
    values = form_at(client, address, summary="Other words")
    found = Page(client.send(address, {**values, "deed": "ask", "lang": "ru"}, status=200))
    assert found.fields()["summary"] == "Other words"
    with app.app_context():
        assert event_of(public_id).summary["en"] != "Other words"
