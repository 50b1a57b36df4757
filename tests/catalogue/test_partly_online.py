"""A course of which some meetings are in the hall alone and some online alone: none is said to be what it isn't."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue import operations, queries
from app.catalogue.views.pictures import event_facts
from app.core.i18n import in_language
from tests.support.cast import person
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.meetings import one_more
from tests.support.pages import Client

EVENING = local(days=9).replace(hour=19, minute=0)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
HALL: dict[str, Any] = {"is_in_person": True, "is_online": False, "room_url": None}
ONLINE: dict[str, Any] = {"is_in_person": False, "is_online": True, "venue_id": None}
PLACE = "Lighthouse Resource Centre, main hall"


def course(*meetings: dict[str, Any]) -> str:
    """A hybrid course, announced as such, with these meetings a week apart; its address."""
    event = make_event(hybrid(starts_local=EVENING, ends_local=EVENING + HOUR))
    for number, modes in enumerate(meetings, start=1):
        at = EVENING + number * WEEK
        one_more(event, starts_local=at, ends_local=at + HOUR, **modes)
    operations.mark_session_cancelled(actor=person("bob"), session_id=queries.sessions_of(event.id)[0].id)
    return event.slug


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (HALL, ONLINE, f"{PLACE}, partly online"),
        (ONLINE, HALL, "Online, partly in the hall"),
        (HALL, HALL, PLACE),
        ({}, ONLINE, f"{PLACE}, or online"),
    ],
)
def test_a_list_and_a_picture_say_of_the_next_meeting_how_one_takes_part_in_it(
    app: APIFlask, client: Client, first: dict[str, Any], second: dict[str, Any], words: str
) -> None:
    with app.app_context():
        slug = course(first, second)
        found = queries.find_shown_event(slug)
        assert found is not None
        with in_language("en"):
            drawn = event_facts(*found).place
    (card,) = [one for one in client.page("/events").all("p") if "card-line" in (one.get("class") or "")][1:2]
    assert " ".join("".join(card.itertext()).split()) == words
    assert drawn.endswith(words.removeprefix(PLACE))
    assert ("online" in drawn.lower()) is ("online" in words.lower())


def test_the_page_names_the_hall_of_the_next_meeting_that_is_in_one(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = course(ONLINE, HALL)
        alone = make_event(event_values(title={"en": "Alone"})).slug
    page = client.page(f"/e/{slug}")
    assert "The place will be named later." not in page.words
    assert PLACE in page.words
    assert PLACE in client.page(f"/e/{alone}").words


def test_the_programme_says_of_each_meeting_how_it_is_held(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = course(HALL, ONLINE, {})
    lines = [" ".join("".join(one.itertext()).split()) for one in client.page(f"/e/{slug}").all("li")]
    held = [line for line in lines if "19:00–20:00" in line][1:]
    assert [line.endswith(", or online") for line in held] == [False, False, True]
    assert held[1].endswith("Online")
