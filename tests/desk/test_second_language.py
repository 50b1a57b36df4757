"""What is written in two languages: no reader of the second one is left with old words unnoticed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event
from app.core.db import db
from tests.support.cast import person
from tests.support.desk_forms import form_at
from tests.support.events import event_values, make_event, sign_up
from tests.support.meetings import one_more
from tests.support.pages import Client, Page
from tests.support.parties import again

pytestmark = pytest.mark.usefixtures("context")

BOTH: dict[str, Any] = {
    "title": {"en": "Pots", "ru": "Горшки"},
    "place_note": {"en": "Room 2", "ru": "Комната 2"},
    "description": {"en": "Bring an apron.", "ru": "Возьмите фартук."},
    "price": {"en": "500 roubles", "ru": "500 рублей"},
}
LEFT = "In the second language this is as it was: Room or meeting point. Does it still fit?"


def now_of(event: Event) -> Event:
    again()
    return db.session.get_one(Event, event.id)


def location(event: Event, language: str) -> str:
    again()
    (entry, *_more) = queries.entries_of(event.id, language)
    lines = entry.vevent.decode().replace("\r\n ", "")
    return lines.partition("LOCATION:")[2].partition("\r\n")[0]


def test_the_forms_ask_for_each_text_in_the_second_language(client: Client) -> None:
    event = make_event(event_values(**BOTH))
    client.sign_in("bob")
    address = f"/desk/events/{event.public_id}/edit"
    other = {"place_note_other": "Комната 9", "description_other": "Возьмите два фартука.", "price_other": "600 рублей"}
    client.send(address, form_at(client, address, place_note="Room 9", price="600 roubles", **other))
    saved = now_of(event)
    assert saved.description == {"en": "Bring an apron.", "ru": "Возьмите два фартука."}
    assert saved.price == {"en": "600 roubles", "ru": "600 рублей"}
    assert location(event, "en").startswith("Lighthouse Resource Centre\\, main hall")
    assert "Room 9" in location(event, "en")
    assert "Комната 9" in location(event, "ru")
    session = queries.sessions_of(event.id)[0]
    address = f"/desk/events/{event.public_id}/sessions/{session.id}"
    client.send(address, form_at(client, address, place_note="Room 5", place_note_other="Комната 5"))
    again()
    assert queries.sessions_of(event.id)[0].place_note == {"en": "Room 5", "ru": "Комната 5"}


def test_old_words_in_the_second_language_are_pointed_out(client: Client) -> None:
    event = make_event(event_values(**BOTH))
    client.sign_in("bob")
    address = f"/desk/events/{event.public_id}/edit"
    client.send(address, form_at(client, address, place_note="Room 9"))
    assert LEFT in client.page(f"/desk/events/{event.public_id}").words
    sign_up(event)
    asked = Page(client.send(address, form_at(client, address, place_note="Room 3"), status=200)).words
    assert LEFT in asked
    both = form_at(client, address, place_note="Room 3", place_note_other="Комната 3")
    assert "as it was" not in Page(client.send(address, both, status=200)).words


def test_a_change_for_readers_of_the_second_language_alone_is_shown(client: Client) -> None:
    event = make_event(event_values(**BOTH))
    one_more(event, title={"en": "Glazing", "ru": "Глазурь"})
    sign_up(event, language="ru")
    client.sign_in("bob")
    session = next(one for one in queries.sessions_of(event.id) if one.title)
    address = f"/desk/events/{event.public_id}/sessions/{session.id}"
    asked = Page(client.send(address, form_at(client, address, title_other="Глазурь и обжиг"), status=200)).words
    assert "Title (Русский)" in asked
    assert "Глазурь и обжиг" in asked


def test_the_same_form_sent_twice_is_saved_already(client: Client) -> None:
    event = make_event(event_values(**BOTH))
    client.sign_in("bob")
    address = f"/desk/events/{event.public_id}/edit"
    form = form_at(client, address, summary="Other words")
    client.send(address, form)
    client.send(address, form)
    assert "This is saved already." in client.page(f"/desk/events/{event.public_id}").words
    assert client.post(address, data={**form, "summary": "Still other words"}).status_code == 409
    session = queries.sessions_of(event.id)[0]
    address = f"/desk/events/{event.public_id}/sessions/{session.id}"
    form = form_at(client, address, title="Glazing")
    client.send(address, form)
    client.send(address, form)
    assert "This is saved already." in client.page(f"/desk/events/{event.public_id}/sessions").words


def test_a_draft_that_nobody_has_seen_has_no_revisions() -> None:
    event = make_event(event_values(**BOTH), publish=False)
    for title, sequence in (("Cups", 0), ("Bowls", 0)):
        known = now_of(event)
        values = replace(
            queries.event_values(known, queries.sessions_of(event.id), queries.pools_of(event.id)), title={"en": title}
        )
        catalogue.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known))
        again()
        assert queries.sessions_of(event.id)[0].sequence == sequence
    catalogue.publish_event(actor=person("bob"), event_id=event.id)
    known = now_of(event)
    values = replace(
        queries.event_values(known, queries.sessions_of(event.id), queries.pools_of(event.id)), title={"en": "Jugs"}
    )
    catalogue.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(known))
    again()
    assert queries.sessions_of(event.id)[0].sequence == 1
