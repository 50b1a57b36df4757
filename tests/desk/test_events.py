"""Putting an event up, changing it and calling it off, as an organizer does on the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event, Venue
from app.catalogue.queries import events_of_organization, find_event_for, pools_of, sessions_of
from app.core.clock import now
from app.core.db import db
from tests.support.cast import organization_id, person
from tests.support.desk_forms import form_of_page, mails
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page

HOSTILE = ["<script>alert(1)</script>", "a\r\nX: y", "nul\x00byte", "🦉" * 200, "x" * 10_000, "\u202egnp.exe", "ᴾ' --"]


def typed(**changes: Any) -> dict[str, Any]:
    """What an organizer types for a lecture next week."""
    day = local(days=7)
    values = {
        "title": "How to ask for money",
        "language": "en",
        "format": "lecture",
        "on": f"{day:%d.%m.%Y}",
        "starts": "18.30",
        "ends": "2000",
        "zone": "Europe/Moscow",
        "modes": ["in_person"],
        "venue": "",
        "place_note": "At the fountain",
        "capacity_in_person": "40",
        "audience": "anyone",
        "topic": "fundraising",
        "summary": "An **honest** talk.",
        "sign_up": "here",
    }
    return {**values, **changes}


def latest(app: APIFlask) -> Event:
    with app.app_context():
        return db.session.scalars(db.select(Event).order_by(Event.id.desc())).first()  # type: ignore[return-value]


def make(app: APIFlask, *people: str, values: Any = None, **changes: Any) -> str:
    with app.app_context():
        event = make_event(values, **changes)
        for name in people:
            sign_up(event, name)
        return event.public_id


def form_of(client: Client, public_id: str, **changes: Any) -> dict[str, Any]:
    """The edit form as it is, sent back with changes."""
    return form_of_page(client.page(f"/desk/events/{public_id}/edit"), **changes)


def test_an_event_goes_from_the_form_to_the_public(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    client.page("/desk/events/new")
    location = client.send("/desk/events/new", typed()).location
    event = latest(app)
    assert location == f"/desk/events/{event.public_id}"
    assert client.get(f"/e/{event.slug}").status_code == 404
    assert "Preview" in client.page(f"{location}/preview").words
    client.page(f"{location}/publish")
    client.send(f"{location}/publish")
    assert client.page(f"/e/{event.slug}").h1 == "How to ask for money"
    with app.app_context():
        (session,) = sessions_of(event.id)
        assert f"{session.starts_local:%H:%M}–{session.ends_local:%H:%M}" == "18:30–20:00"
        assert [(pool.mode, pool.capacity) for pool in pools_of(event.id)] == [("in_person", 40)]


def test_an_empty_form_names_each_field_that_it_needs(client: Client) -> None:
    client.sign_in("bob")
    page = Page(client.send("/desk/events/new", {}, status=422))
    assert page.all("title")[0].text.startswith("Error:")
    for name in ("title", "on", "starts", "ends", "topic"):
        assert f"#{name}" in page.links(), name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts": "20:00", "ends": "18:30"}, "The end must be later than the start."),
        ({"on": "29.03.2026", "starts": "02:30", "zone": "Europe/Berlin"}, "Choose 01:30 or 03:30."),
        ({"on": "31.02.2027"}, "Please write the date like 3.12.2026."),
        ({"starts": "25:61"}, "Please write the time like 18:30."),
        ({"modes": []}, "Please say how people can come."),
        ({"room_url": "javascript:alert(1)"}, "begins with https://"),
        ({"capacity_in_person": "many"}, "Please write a whole number"),
        ({"capacity_in_person": "-3"}, "Please write a number from 1"),
        ({"capacity_in_person": "99999999999"}, "Please write a number from 1"),
        ({"on": "3.12.9999"}, "Please give a year from 1900 to 2200."),
        ({"capacity_in_person": "0"}, "Please write a number from 1"),
        ({"venue": "9999"}, "Please choose one of the answers on the list."),
        ({"zone": "Mars/Base"}, "Please choose one of the answers on the list."),
        ({"sign_up": "elsewhere"}, "Please give the address of the page where people sign up."),
        ({"opens_at": "10:00"}, "Please choose the day too."),
        ({"opens_on": "3.12.2026", "closes_on": "2.12.2026"}, "Sign-up must close later than it opens."),
        ({"ends_on": "1.1.2026"}, "The last day must not be before the first."),
    ],
)
def test_what_cannot_be_is_refused_kindly_and_kept(
    client: Client, app: APIFlask, changes: dict[str, Any], words: str
) -> None:
    client.sign_in("bob")
    values = typed(**changes)
    page = Page(client.send("/desk/events/new", values, status=422))
    assert words in page.words
    assert page.fields()["title"] == values["title"]
    assert page.fields()["summary"] == values["summary"]
    assert latest(app) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_into_an_event_breaks_the_desk(client: Client, app: APIFlask, text: str) -> None:
    client.sign_in("bob")
    for name in typed():
        response = client.post("/desk/events/new", data=typed(**{name: text}))
        assert response.status_code in (303, 422), name
    for one in ("/desk/", "/desk/?show=drafts", "/desk/audit"):
        assert "<script>alert" not in client.page(one).text


def test_saving_an_edit_that_moves_nothing_asks_nothing(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, "Pat Participant")
    client.send(f"/desk/events/{public_id}/edit", form_of(client, public_id, summary="Shorter."))
    assert mails(app, "event_moved") == []


def test_moving_an_event_asks_first_and_loses_nothing(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, "Pat Participant", "Quinn Participant")
    address = f"/desk/events/{public_id}/edit"
    values = form_of(client, public_id, starts="09:15", ends="10:45", summary="Earlier & <b>shorter</b>")
    question = Page(client.send(address, values, status=200))
    assert question.h1 == "2 people count on this event"
    assert mails(app, "event_moved") == []
    carried = question.fields()
    assert carried["summary"] == "Earlier & <b>shorter</b>"
    back = Page(client.send(address, {**carried, "deed": "back"}, status=200))
    assert back.fields()["starts"] == "09:15"
    client.send(address, {**carried, "deed": "save_and_tell"})
    assert mails(app, "event_moved") == ["pat.participant@example.net", "quinn.participant@example.net"]
    assert "2 people are told by mail." in client.page(f"/desk/events/{public_id}").words


def test_an_event_can_be_moved_without_a_mail(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, "Pat Participant")
    values = form_of(client, public_id, starts="09:15", ends="10:45")
    client.send(f"/desk/events/{public_id}/edit", {**values, "deed": "save_quietly"})
    assert mails(app, "event_moved") == []


def test_fewer_seats_than_people_need_a_tick(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, "Pat Participant", "Quinn Participant")
    address = f"/desk/events/{public_id}/edit"
    values = form_of(client, public_id, capacity_in_person="1")
    page = Page(client.send(address, values, status=422))
    assert "2 seats are taken already." in page.words
    assert "Keep more people than seats" in page.words
    client.send(address, {**values, "over_limit": "y"})


def test_a_form_that_somebody_overtook_is_refused_with_what_was_typed(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    mine = form_of(client, public_id, summary="Mine")
    client.send(f"/desk/events/{public_id}/edit", form_of(client, public_id, summary="Theirs"))
    page = Page(client.send(f"/desk/events/{public_id}/edit", mine, status=409))
    assert "Somebody changed this event meanwhile." in page.words
    assert "What is it about? Theirs" in page.words
    assert "Starts at" not in page.words[: page.words.index("Your text is still in the form below.")]
    assert page.fields()["summary"] == "Mine"
    assert f"/desk/events/{public_id}/edit" in page.links()
    client.send(f"/desk/events/{public_id}/edit", form_of_page(page))
    assert client.page(f"/desk/events/{public_id}/edit").fields()["summary"] == "Mine"


def test_what_somebody_else_moved_is_shown_in_words(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    mine = form_of(client, public_id)
    client.send(f"/desk/events/{public_id}/edit", form_of(client, public_id, place_note="Room 7", format="workshop"))
    page = Page(client.send(f"/desk/events/{public_id}/edit", mine, status=409))
    for words in ("Format Workshop", "Room or meeting point Room 7"):
        assert words in page.words


def test_a_cancelled_event_offers_a_copy_instead_of_a_form(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    client.send(f"/desk/events/{public_id}/cancel", {"reason": ""})
    page = client.page(f"/desk/events/{public_id}/edit", status=409)
    assert page.h1 == "This event is cancelled"
    assert "Make a copy" in page.words


def test_an_hour_that_the_clocks_show_twice_is_asked_about(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    hours = {"on": "31.10.2027", "starts": "02.30", "ends": "04.00", "zone": "Europe/Berlin"}
    page = Page(client.send("/desk/events/new", typed(**hours), status=422))
    assert re.search(r"02:30 before the clocks go back: [^(]+\(UTC\+2\)", page.words)
    assert re.search(r"02:30 after the clocks have gone back: [^(]+\(UTC\+1\)", page.words)
    assert "#starts_pass-0" in page.links()
    for chosen, hour in (("0", 0), ("1", 1)):
        client.send("/desk/events/new", typed(**hours, starts_pass=chosen, title=f"Night {chosen}"))
        with app.app_context():
            event = db.session.scalars(db.select(Event).order_by(Event.id.desc())).first()
            assert event is not None
            assert (event.starts_at.hour, event.starts_at.minute) == (hour, 30)
            public_id = event.public_id
        again = client.page(f"/desk/events/{public_id}/edit")
        (ticked,) = [one for one in again.all("input") if one.get("name") == "starts_pass" and "checked" in one.attrib]
        assert ticked.get("value") == chosen


def test_usual_hours_ask_nothing(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    assert "starts_pass" not in form_of(client, make(app))


def test_cancelling_says_how_many_are_told_and_tells_them(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, "Pat Participant", "Quinn Participant")
    page = client.page(f"/desk/events/{public_id}/cancel")
    assert "2 people are told by mail that the event is cancelled." in page.words
    assert "Cancel and tell 2 people" in page.words
    client.send(f"/desk/events/{public_id}/cancel", {"reason": "x" * 2000}, status=422)
    client.send(f"/desk/events/{public_id}/cancel", {"reason": "The speaker is ill."})
    assert len(mails(app, "event_cancelled")) == 2
    page = client.page(f"/desk/events/{public_id}")
    assert "The speaker is ill." in page.words
    assert "2 people are told by mail." in page.words
    Page(client.send(f"/desk/events/{public_id}/cancel", {"reason": ""}, status=409))


def test_a_copy_is_a_draft_that_opens_for_editing(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    location = client.send(f"/desk/events/{public_id}/copy").location
    assert location.endswith("/edit")
    client.page(location)
    with app.app_context():
        copies = events_of_organization(organization_id(), now=now(), which="drafts")
        assert [copy.title["en"] for copy in copies] == ["How to ask for money"]


def test_an_event_without_a_place_cannot_be_published(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    client.send("/desk/events/new", typed(place_note=""))
    public_id = latest(app).public_id
    page = Page(client.send(f"/desk/events/{public_id}/publish", status=422))
    assert "Say where people come to" in page.words


def test_a_published_event_with_people_does_not_become_a_draft(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    empty, full = make(app), make(app, "Pat Participant")
    client.send(f"/desk/events/{empty}/unpublish")
    page = Page(client.send(f"/desk/events/{full}/unpublish", status=409))
    assert "Cancel the event instead" in page.words


def test_the_lists_part_what_comes_from_drafts_and_the_past(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    make(app, values=hybrid(title={"en": "Soon"}))
    make(app, publish=False, title={"en": "Unfinished"})
    make(app, title={"en": "Long ago"}, starts_local=local(days=-3), ends_local=local(days=-3) + timedelta(hours=1))
    for show, title in (("upcoming", "Soon"), ("drafts", "Unfinished"), ("past", "Long ago"), ("nonsense", "Soon")):
        page = client.page("/desk/", show=show)
        assert [" ".join(h2.itertext()) for h2 in page.all("h2")] == [title]
    assert "In the hall: 0 of 10" in client.page("/desk/").words


def test_times_and_texts_survive_a_form_that_is_saved_unchanged(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    with app.app_context():
        venue = db.session.scalars(db.select(Venue)).first()
        assert venue is not None
        values = hybrid(
            venue_id=venue.id,
            place_note={"en": "Room 2", "ru": "Аудитория 2"},
            price={"ru": "100 ₽"},
            sign_up_closes_at=now() + timedelta(days=3),
        )
        public_id = make_event(values).public_id
    with app.app_context():
        before = find_event_for(person("bob"), public_id)
        assert before is not None
        changed_at = before.changed_at
    values_again = form_of(client, public_id)
    closes = values_again["closes_at"]
    client.send(f"/desk/events/{public_id}/edit", {**values_again, "deed": "save_quietly"})
    with app.app_context():
        after = find_event_for(person("bob"), public_id)
        assert after is not None
        assert after.title == {"en": "How to ask for money", "ru": "Как просить деньги"}
        assert sessions_of(after.id)[0].place_note == {"en": "Room 2", "ru": "Аудитория 2"}
        assert after.price == {"ru": "100 ₽"}
        assert after.changed_at >= changed_at
    assert form_of(client, public_id)["closes_at"] == closes


def test_all_slips_of_a_form_are_told_at_once(client: Client) -> None:
    client.sign_in("bob")
    slips = {"title": "", "starts": "19:00", "ends": "18:00", "closes_at": "12:00", "sign_up": "elsewhere"}
    words = Page(client.send("/desk/events/new", typed(**slips), status=422)).words
    for slip in ("Please write the title", "The end must be later", "choose the day too", "where people sign up"):
        assert slip in words


def test_the_text_is_taken_to_be_in_the_language_of_the_desk(client: Client) -> None:
    client.sign_in("bob")
    for language in ("en", "ru"):
        page = client.page("/desk/events/new", lang=language)
        chosen = [option.get("value") for option in page.all("option") if option.get("selected") is not None]
        assert language in chosen
        assert not {"en", "ru"} - {language} <= set(chosen)


def test_the_preview_of_a_draft_is_the_page_to_come(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = make_event(capacity_in_person=7, publish=False).public_id
    client.sign_in("bob")
    page = client.page(f"/desk/events/{public_id}/preview")
    assert "7 free seats" in page.words
    assert "Sign up" in page.words
    assert not [link for link in page.links() if link.endswith("/sign-up")]


def test_what_is_missing_is_said_before_the_button(client: Client) -> None:
    client.sign_in("bob")
    address = client.send("/desk/events/new", typed(place_note="")).headers["Location"]
    page = client.page(f"{address}/publish")
    assert "Say where people come to" in page.words
    assert "Publish" not in [" ".join("".join(button.itertext()).split()) for button in page.all("button")]


def test_an_event_with_people_offers_no_way_back_to_a_draft(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        public_id = event.public_id
    client.sign_in("bob")
    assert "Make it a draft" in client.page(f"/desk/events/{public_id}").words
    with app.app_context():
        sign_up(event)
    assert "Make it a draft" not in client.page(f"/desk/events/{public_id}").words


def test_the_online_rooms_address_is_on_no_page_of_the_desk_but_the_form(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = make_event(hybrid()).public_id
    client.sign_in("alice")
    for page in ("", "/publish", "/cancel", "/preview", "/people"):
        assert "secret-room-4711" not in client.page(f"/desk/events/{public_id}{page}").text
    assert "secret-room-4711" in client.page(f"/desk/events/{public_id}/edit").text
