"""A course of which some meetings are in the hall alone and some online alone: none is said to be what it isn't."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask
from sqlalchemy import update

from app.catalogue import operations, queries
from app.catalogue.models import Venue
from app.catalogue.views.pictures import event_facts
from app.core.db import execute, transaction
from app.core.i18n import in_language
from tests.support.cast import person
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.meetings import one_more
from tests.support.pages import Client, Page

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


def facts(page: Page) -> dict[str, str]:
    """What stands beside each word of the page's facts."""
    return dict(zip(map(squeezed, page.all("dt")), map(squeezed, page.all("dd")), strict=True))


def squeezed(part: Any) -> str:
    return " ".join(" ".join(part.itertext()).split())


def test_each_place_stands_beside_the_date_that_it_is_for(app: APIFlask, client: Client) -> None:
    with app.app_context():
        online_first, hall_first = course(ONLINE, HALL), course(HALL, ONLINE)
    page = client.page(f"/e/{online_first}")
    second = EVENING + 2 * WEEK
    date = f"{second:%a} {second.day} {second:%B}, 19:00"
    assert facts(page)["Where"].startswith(f"Online In the hall on {date}: {PLACE}")
    (place,) = [one for one in page.all("span") if "p-location" in (one.get("class") or "")]
    assert squeezed(place) == "Online"
    assert facts(page)["Online"].startswith("Your own link comes by mail.")
    page = client.page(f"/e/{hall_first}")
    assert facts(page)["Where"].startswith(PLACE)
    assert facts(page)["Online"].startswith(f"Next on {date}. Your own link comes by mail.")


def test_once_the_hall_is_over_the_page_leads_nobody_there(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = course(HALL, ONLINE)
    between = (EVENING + WEEK + timedelta(days=1)).replace(tzinfo=UTC)
    with time_machine.travel(between, tick=True):
        page = client.page(f"/e/{slug}")
        assert "Where" not in facts(page)
        assert [one.get("value") for one in page.all("data") if one.get("class") == "p-location"] == ["Online"]
        assert facts(page)["When"].endswith("1 meeting")
        assert "One sign-up is for all meetings." not in page.words


def test_the_desk_names_place_and_room_by_date(app: APIFlask, client: Client) -> None:
    with app.app_context():
        found = [queries.find_public_event(slug) for slug in (course(ONLINE, HALL), course(HALL, ONLINE))]
        online_first, hall_first = (one.public_id for one in found if one is not None)
    client.sign_in("bob")
    second = EVENING + 2 * WEEK
    date = f"On {second:%a} {second.day} {second:%B}, 19:00: "
    for address in (f"/desk/events/{online_first}", f"/desk/events/{online_first}/cancel"):
        words = client.page(address).words
        assert f"{date}{PLACE}" in words
        assert f"{date}The link is set" not in words
    words = client.page(f"/desk/events/{hall_first}").words
    assert f"{date}The link is set" in words
    assert f"{date}{PLACE}" not in words


def dates(body: bytes) -> list[str]:
    """The days of a calendar's entries."""
    return sorted(re.findall(r"DTSTART;[^:]*:(\d{8})", body.decode()))


@pytest.mark.parametrize("path", ["/events.ics?venue=lighthouse-hall", "/events.ics?district=Harbour"])
def test_what_went_online_is_no_longer_at_the_venue_that_it_keeps(app: APIFlask, client: Client, path: str) -> None:
    with app.app_context():
        both = make_event(hybrid(starts_local=EVENING, ends_local=EVENING + HOUR))
        one_more(both, starts_local=EVENING + WEEK, ends_local=EVENING + WEEK + HOUR, is_in_person=False)
        gone = make_event(hybrid(title={"en": "Gone"}, starts_local=EVENING, ends_local=EVENING + HOUR))
        values = queries.event_values(gone, queries.sessions_of(gone.id), queries.pools_of(gone.id))
        online = replace(values, is_in_person=False, capacity_in_person=None)
        operations.edit_event(actor=person("bob"), event_id=gone.id, values=online, seen=queries.seen_of(gone))
        assert queries.sessions_of(gone.id)[0].venue_id is not None
        with transaction():
            execute(update(Venue).values(district="Harbour"))
    assert dates(client.get(path).data) == [f"{EVENING:%Y%m%d}"]
    found = json.loads(client.get(path.replace(".ics", ".json")).data)["items"]
    assert [one["title"] for one in found] == ["How to ask for money"]
    everything = json.loads(client.get("/events.json").data)["items"]
    venues = {one["title"]: [part["venue"] for part in one["_event"]["sessions"]] for one in everything}
    assert venues["Gone"] == [None]
    assert [place is None for place in venues["How to ask for money"]] == [False, True]
    if "venue" in path:
        page = client.page("/venues/lighthouse-hall").words
        assert "How to ask for money" in page
        assert "Gone" not in page


def test_the_last_hall_meeting_that_was_called_off_stays_cancelled_in_a_feed_of_the_hall(
    app: APIFlask, client: Client
) -> None:
    with app.app_context():
        event = make_event(hybrid(starts_local=EVENING, ends_local=EVENING + HOUR))
        one_more(event, starts_local=EVENING + WEEK, ends_local=EVENING + WEEK + HOUR, **ONLINE)
        first = queries.sessions_of(event.id)[0].id
        operations.mark_session_cancelled(actor=person("bob"), session_id=first)
    body = client.get("/events.ics?mode=in_person").data
    assert dates(body) == [f"{EVENING:%Y%m%d}"]
    assert body.count(b"STATUS:CANCELLED") == 1
    assert b"CONFERENCE" not in body
    assert dates(client.get("/events.ics?mode=online").data) == [f"{at:%Y%m%d}" for at in (EVENING, EVENING + WEEK)]
    month = client.page(f"/events/{EVENING:%Y-%m}?mode=in_person")
    assert len(month.all("s")) == 1


def test_the_programme_says_of_each_meeting_how_it_is_held(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = course(HALL, ONLINE, {})
    lines = [" ".join("".join(one.itertext()).split()) for one in client.page(f"/e/{slug}").all("li")]
    held = [line for line in lines if "19:00–20:00" in line][1:]
    assert [line.endswith(", or online") for line in held] == [False, False, True]
    assert held[1].endswith("Online")
