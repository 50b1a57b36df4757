"""Changing meetings on the desk: what is refused, what asks first, who is told, and what goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from app.catalogue.queries import entries_of
from app.core.db import db
from app.registration.models import Registration
from tests.support.desk_forms import form_at, form_of_page, mails
from tests.support.events import hybrid, local, sign_up
from tests.support.meetings import event_of, limits, make, meetings, typed
from tests.support.pages import Client, Page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on": ""}, "Please choose the day."),
        ({"starts": "20:00", "ends": "18:30"}, "The end must be later than the start."),
        ({"modes": []}, "Please say how people can come."),
        ({"who": ""}, "Please say who comes."),
        ({"capacity_in_person": "0"}, "Please write a number from 1"),
        ({"capacity_in_person": "20"}, "Choose that, or empty the seats."),
        ({"room_url": "https://rooms.example/9"}, "Only a meeting that is held online has a link."),
        ({"track": "9999"}, "Please choose one of the answers on the list."),
        ({"place_note": ""}, "Say where people come to"),
        ({"on": "3.12.9999"}, "Please give a year from 1900 to 2200."),
        ({"ends_on": "1.1.2026"}, "The last day must not be before the first."),
    ],
)
def test_what_cannot_be_is_refused_kindly_and_kept(
    client: Client, app: APIFlask, changes: dict[str, Any], words: str
) -> None:
    client.sign_in("bob")
    public_id = make(app)
    page = Page(client.send(f"/desk/events/{public_id}/sessions/new", typed(**changes), status=422))
    assert words in page.words
    assert page.fields()["title"] == "Telling stories"
    assert len(meetings(app, public_id)) == 1


def test_an_hour_that_the_clocks_skip_is_refused_and_a_doubled_one_asked_about(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    night = datetime(2027, 3, 1, 18)  # noqa: DTZ001 - by the clocks on the wall
    public_id = make(app, zone="Europe/Berlin", starts_local=night, ends_local=night + timedelta(hours=2))
    address = f"/desk/events/{public_id}/sessions/new"
    page = Page(client.send(address, typed(on="28.03.2027", starts="02:30", ends="05:00"), status=422))
    assert "Choose 01:30 or 03:30." in page.words
    doubled = {"on": "31.10.2027", "starts": "02:30", "ends": "05:00"}
    assert "#starts_pass-0" in Page(client.send(address, typed(**doubled), status=422)).links()
    client.send(address, typed(**doubled, starts_pass="1"))
    assert meetings(app, public_id)[-1].starts_at.hour == 1
    last = meetings(app, public_id)[-1]
    fields = client.page(f"/desk/events/{public_id}/sessions/{last.id}").fields()
    assert fields["starts_pass"] == "1"


def test_a_form_that_somebody_overtook_is_refused_with_what_was_typed(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (only,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions/{only.id}"
    mine = form_at(client, address, title="Mine")
    client.send(address, form_at(client, address, title="Theirs"))
    page = Page(client.send(address, mine, status=409))
    assert "Title of the meeting Theirs" in page.words
    assert page.fields()["title"] == "Mine"
    client.send(address, form_of_page(page))
    assert meetings(app, public_id)[0].title["en"] == "Mine"


def test_an_edit_asks_before_it_mails_and_mails_once(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (first,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions"
    client.send(f"{address}/{first.id}/repeat", {"times": "2", "weeks": "1"})
    with app.app_context():
        sign_up(event_of(public_id), "Pat Participant")
        sign_up(event_of(public_id), "Quinn Participant")
    second = meetings(app, public_id)[1]
    values = form_at(client, f"{address}/{second.id}", starts="10:00", ends="11:00")
    page = Page(client.send(f"{address}/{second.id}", values, status=200))
    assert page.h1 == "2 people count on this meeting"
    assert "10:00–11:00" in page.words
    assert mails(app, "session_moved") == []
    back = Page(client.send(f"{address}/{second.id}", {**values, "deed": "back"}, status=200))
    assert back.fields()["starts"] == "10:00"
    client.send(f"{address}/{second.id}", {**values, "deed": "save_and_tell"})
    assert mails(app, "session_moved") == ["pat.participant@example.net", "quinn.participant@example.net"]
    assert "2 people are told by mail." in client.page(address).words
    client.send(f"{address}/{second.id}/repeat", {"times": "3", "weeks": "4", "deed": "save_quietly"})
    assert "3 meetings are added. Those who signed up get no mail about it." in client.page(address).words
    moved = next(one for one in meetings(app, public_id) if one.id == second.id)
    assert moved.sequence == 1
    assert [one.sequence for one in meetings(app, public_id)].count(0) == 5
    values = form_at(client, f"{address}/{second.id}", starts="12:00", ends="13:00", deed="save_quietly")
    client.send(f"{address}/{second.id}", values)
    assert len(mails(app, "session_moved")) == 2


def test_a_title_asks_whom_to_tell(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    with app.app_context():
        sign_up(event_of(public_id))
    (only,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions/{only.id}"
    values = form_at(client, address, title="The first evening", title_other="Первый вечер")
    page = Page(client.send(address, values, status=200))
    assert "The first evening" in page.words
    client.send(address, {**values, "deed": "save_quietly"})
    (only,) = meetings(app, public_id)
    assert only.title == {"en": "The first evening", "ru": "Первый вечер"}
    assert only.sequence == 1
    assert mails(app, "event_moved") == []


def test_cancelling_one_meeting_says_who_is_told_and_tells_them(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (first,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions"
    client.send(f"{address}/{first.id}/repeat", {"times": "1", "weeks": "1"})
    with app.app_context():
        sign_up(event_of(public_id))
    assert f"{address}/{first.id}/cancel" in client.page(address).links()
    page = client.page(f"{address}/{first.id}/cancel")
    assert "1 person is told by mail that the meeting is cancelled." in page.words
    client.send(f"{address}/{first.id}/cancel", {"reason": "x" * 2000}, status=422)
    client.send(f"{address}/{first.id}/cancel", {"reason": "The speaker is ill."})
    assert len(mails(app, "session_cancelled")) == 1
    page = client.page(address)
    assert "The meeting is cancelled. 1 person is told by mail." in page.words
    assert f"{address}/{first.id}/cancel" not in page.links()
    with app.app_context():
        entries = [entry.vevent.decode() for entry in entries_of(event_of(public_id).id, "en")]
    assert [("STATUS:CANCELLED" in entry) for entry in entries] == [True, False]
    Page(client.send(f"{address}/{first.id}/cancel", {"reason": ""}, status=409))
    last = meetings(app, public_id)[-1]
    page = Page(client.send(f"{address}/{last.id}/cancel", {"reason": ""}, status=409))
    assert "Cancel the event as a whole instead." in page.words
    assert "Cancel the event as a whole instead." in client.page(f"{address}/{last.id}/cancel", status=409).words
    for page_of_it in (f"{address}/{first.id}", f"{address}/{first.id}/cancel"):
        assert client.get(page_of_it).status_code == 303


def test_a_meeting_is_taken_out_of_a_draft_alone_and_never_the_last(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    draft, public = make(app, publish=False), make(app)
    for public_id, status in ((draft, 303), (public, 409)):
        (first,) = meetings(app, public_id)
        address = f"/desk/events/{public_id}/sessions"
        client.send(f"{address}/{first.id}/repeat", {"times": "1", "weeks": "1"})
        client.send(f"{address}/{first.id}/remove", status=status)
    (left,) = meetings(app, draft)
    page = Page(client.send(f"/desk/events/{draft}/sessions/{left.id}/remove", status=409))
    assert "An event needs at least one meeting." in page.words


def test_an_event_is_held_as_its_meetings_are(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    address = f"/desk/events/{public_id}/sessions"
    online = typed(title="From home", modes=["online"], room_url="https://rooms.example/1", place_note="")
    client.send(f"{address}/new", online)
    assert limits(app, public_id) == {("", "in_person"): 10, ("", "online"): None}
    last = meetings(app, public_id)[-1]
    with app.app_context():
        assert event_of(public_id).mode == "hybrid"
        sign_up(event_of(public_id), mode="online")
    values = form_at(client, f"{address}/{last.id}", modes=["in_person"], room_url="", place_note="Hall")
    question = Page(client.send(f"{address}/{last.id}", values, status=200))
    assert "1 person who signed up for online gets a seat in the hall instead." in question.words
    assert limits(app, public_id) == {("", "in_person"): 10, ("", "online"): None}
    client.send(f"{address}/{last.id}", {**values, "deed": "save_and_tell"})
    assert limits(app, public_id) == {("", "in_person"): 10}
    with app.app_context():
        assert event_of(public_id).mode == "in_person"
        assert db.session.scalars(select(Registration.mode)).all() == ["in_person"]


def test_a_way_in_which_a_meeting_was_chosen_stays(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, hybrid())
    address = f"/desk/events/{public_id}/sessions/{meetings(app, public_id)[0].id}"
    with app.app_context():
        sign_up(event_of(public_id), mode="online")
    client.send(address, form_at(client, address, who="chosen"))
    page = Page(client.send(address, form_at(client, address, modes=["in_person"], room_url=""), status=422))
    assert "1 person has chosen this meeting that way." in page.words
    assert "#modes-0" in page.links()


def test_a_link_that_was_there_goes_with_the_online_room(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, hybrid())
    address = f"/desk/events/{public_id}/sessions/new"
    offered = form_at(client, address, on=f"{local(days=9):%d.%m.%Y}", modes=["in_person"])
    assert offered["room_url"]
    client.send(address, offered)
    last = meetings(app, public_id)[-1]
    assert (last.is_online, last.room_url) == (False, None)


def test_a_limit_below_those_who_keep_the_meeting_needs_the_tick(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (only,) = meetings(app, public_id)
    with app.app_context():
        for name in ("Pat One", "Pat Two", "Pat Three"):
            sign_up(event_of(public_id), name)
    address = f"/desk/events/{public_id}/sessions/{only.id}"
    values = form_at(client, address, who="chosen", capacity_in_person="2")
    page = Page(client.send(address, values, status=422))
    assert "3 people have signed up and keep this meeting." in page.words
    client.send(address, {**form_of_page(page), "over_limit": "y"})
    assert "In the hall: 3 of 2 taken" in client.page(f"/desk/events/{public_id}/sessions").words
    assert "Changed a meeting: seats" in client.page("/desk/audit").words


def test_a_cancelled_event_offers_a_copy_instead_of_forms(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (only,) = meetings(app, public_id)
    client.send(f"/desk/events/{public_id}/cancel", {"reason": ""})
    address = f"/desk/events/{public_id}/sessions"
    assert "Add a meeting" not in client.page(address).words
    of_one = [f"{address}/{only.id}{deed}" for deed in ("", "/repeat", "/cancel")]
    for page in (f"{address}/new", *of_one):
        assert client.page(page, status=409).h1 == "This event is cancelled"
    client.send(f"{address}/new", typed(), status=409)
    client.send(f"{address}/{only.id}/copy", status=409)


def test_the_form_of_the_event_changes_the_meeting_that_it_shows(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    past = local(days=-6)
    public_id = make(app, starts_local=past, ends_local=past + timedelta(hours=2))
    (first,) = meetings(app, public_id)
    client.send(f"/desk/events/{public_id}/sessions/{first.id}/repeat", {"times": "2", "weeks": "1"})
    before = [one.starts_at for one in meetings(app, public_id)]
    page = client.page(f"/desk/events/{public_id}/edit")
    assert "This event has several meetings." in page.words
    assert f"/desk/events/{public_id}/sessions" in page.links()
    client.send(f"/desk/events/{public_id}/edit", {**form_of_page(page), "starts": "07:15", "ends": "08:00"})
    after = meetings(app, public_id)
    assert [one.starts_at for one in after] != before
    assert (after[0].starts_at, after[2].starts_at) == (before[0], before[2])
    assert f"{after[1].starts_local:%H:%M}" == "07:15"
    assert [one.sequence for one in after] == [0, 1, 0]


def test_a_meeting_of_another_event_is_missing(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    mine, other = make(app), make(app)
    (foreign,) = meetings(app, other)
    for deed in ("", "/repeat", "/cancel"):
        assert client.get(f"/desk/events/{mine}/sessions/{foreign.id}{deed}").status_code == 404
    client.send(f"/desk/events/{mine}/sessions/{foreign.id}", typed(), status=404)


def test_pages_of_meetings_speak_russian(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (only,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions"
    for page in (address, f"{address}/new", f"{address}/{only.id}", f"{address}/{only.id}/repeat"):
        words = client.page(page, lang="ru").words
        for english in ("Meeting", "meeting", "Add", "Repeat", "Section"):
            assert english not in words, page
