"""When an event is, in the words of every page, list and mail: whole days, and clocks of another place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.clock import now
from app.registration.tickets import manage_token
from tests.support.changes import change
from tests.support.door import json_scan, open_door, open_event
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.meetings import one_more
from tests.support.pages import Client, Page
from tests.support.parties import the_mail

FAIR = local(days=9).replace(hour=0, minute=0)
NEW_YORK = "America/New_York"
EVENING = FAIR.replace(hour=18)
LISTS = ["/", "/events", "/subscribe", "/o/lighthouse", "/desk/", "/desk/calendar", "/desk/door"]


def fair(days: int = 1, **changes: Any) -> Event:
    """An event of so many whole days, in the hall and online."""
    return make_event(hybrid(is_all_day=True, starts_local=FAIR, ends_local=FAIR + timedelta(days=days), **changes))


def webinar(**changes: Any) -> Event:
    """An evening in New York, when it is after midnight on the site's clocks."""
    return make_event(
        hybrid(zone=NEW_YORK, starts_local=EVENING, ends_local=EVENING + timedelta(minutes=90), **changes)
    )


def short(day: datetime) -> str:
    return f"{day:%a} {day.day} {day:%B}"


def long(day: datetime) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


@pytest.fixture(autouse=True)
def organizer(client: Client) -> None:
    """Bob, who sees the desk, too."""
    client.sign_in("bob")


@pytest.mark.parametrize("address", LISTS)
def test_lists_say_the_days_without_an_hour(app: APIFlask, client: Client, address: str) -> None:
    with app.app_context():
        fair(3)
    words = client.page(address).words
    assert f"{short(FAIR)} – {short(FAIR + timedelta(days=2))}" in words
    assert "00:00" not in words


@pytest.mark.parametrize("address", LISTS)
def test_lists_name_clocks_that_are_not_the_sites(app: APIFlask, client: Client, address: str) -> None:
    with app.app_context():
        webinar()
    assert f"{short(EVENING)}, 18:00, New York time" in client.page(address).words


@pytest.mark.parametrize("address", LISTS)
def test_lists_say_nothing_of_the_sites_own_clocks(app: APIFlask, client: Client, address: str) -> None:
    with app.app_context():
        make_event(starts_local=EVENING, ends_local=EVENING + timedelta(hours=2))
    words = client.page(address).words
    assert f"{short(EVENING)}, 18:00" in words
    assert "18:00," not in words


def test_a_month_names_other_clocks(app: APIFlask, client: Client) -> None:
    with app.app_context():
        webinar()
    assert "18:00, New York time How to ask for money" in client.page(f"/events/{EVENING:%Y-%m}").words


@pytest.mark.parametrize("days", [1, 3])
def test_an_events_page_says_all_day(app: APIFlask, client: Client, days: int) -> None:
    with app.app_context():
        slug = fair(days).slug
    last = FAIR + timedelta(days=days - 1)
    whole = long(FAIR) if days == 1 else f"{long(FAIR)} – {long(last)}"
    page = client.page(f"/e/{slug}")
    assert f"{whole}, all day" in page.words
    assert "It opens on the day itself." in page.words
    assert "15 minutes" not in page.words
    assert described(page)[0].startswith(f"{whole}, all day. ")
    assert not [one for one in page.all("time") if one.get("data-reader-time")], (
        "an hour where the reader is means nothing"
    )


def test_the_own_page_the_room_and_the_mail_of_a_whole_day(app: APIFlask, client: Client) -> None:
    with app.app_context():
        registration = sign_up(fair(), "Pat", mode="online")
        token, letter = manage_token(registration), the_mail("registration_confirmed", registration)
    for page in (client.page(f"/r/{token}"), client.page(f"/r/{token}/room")):
        assert f"{long(FAIR)}, all day" in page.words
        for wrong in ("00:00", "23:45", "15 minutes"):
            assert wrong not in page.words
    assert "The room opens on the day itself." in client.page(f"/r/{token}").words
    assert f"It opens on {FAIR.day} {FAIR:%B %Y} and stays open until the end." in client.page(f"/r/{token}/room").words
    assert letter.subject.endswith(f", {short(FAIR)}")
    assert f"{long(FAIR)}, all day" in letter.text
    for body in (letter.text, letter.html):
        assert "The room opens on the day itself." in body
        assert "15 minutes" not in body


def test_a_mails_subject_names_other_clocks(app: APIFlask) -> None:
    with app.app_context():
        registration = sign_up(webinar(), "Pat", mode="online")
        assert the_mail("registration_confirmed", registration).subject.endswith(
            f"{short(EVENING)}, 18:00, New York time"
        )


def test_a_day_that_was_moved_is_told_without_an_hour(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = fair()
        later = FAIR + timedelta(days=7)
        change(event, starts_local=later, ends_local=later + timedelta(days=1))
        slug = event.slug
    words = client.page(f"/e/{slug}").words
    assert f"It was to be on {FAIR.day} {FAIR:%B %Y}." in words


def words_after_change(app: APIFlask, client: Client, make: Callable[[], Event], **changes: Any) -> str:
    """The page of an event that was made and then changed."""
    with app.app_context():
        event = make()
        change(event, **changes)
        slug = event.slug
    return client.page(f"/e/{slug}").words


def evening() -> Event:
    return make_event(starts_local=EVENING, ends_local=EVENING + timedelta(hours=2))


def test_hours_that_became_a_whole_day_are_told(app: APIFlask, client: Client) -> None:
    day = {"is_all_day": True, "starts_local": FAIR, "ends_local": FAIR + timedelta(days=1)}
    words = words_after_change(app, client, evening, **day)
    assert f"The time has changed It was to be on {FAIR.day} {FAIR:%B %Y}, 18:00." in words


def test_whole_days_that_became_hours_are_told(app: APIFlask, client: Client) -> None:
    hours = {"is_all_day": False, "starts_local": EVENING, "ends_local": EVENING + timedelta(hours=2)}
    words = words_after_change(app, client, lambda: fair(3), **hours)
    assert f"The time has changed It was to be on {FAIR.day} {FAIR:%B %Y}, all day." in words


def test_a_whole_day_by_other_clocks_is_the_same_day(app: APIFlask, client: Client) -> None:
    assert "It was to be on" not in words_after_change(app, client, fair, zone=NEW_YORK)


def test_the_programme_names_each_meeting_in_other_clocks_than_its_heading(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = webinar()
        later = EVENING + timedelta(days=7)
        one_more(event, zone="Europe/Moscow", starts_local=later, ends_local=later + timedelta(minutes=90))
        slug = event.slug
    lines = ["".join(one.itertext()) for one in client.page(f"/e/{slug}").all("time")]
    assert lines[1:] == [f"{short(EVENING)}, 18:00–19:30, New York time", f"{short(later)}, 18:00–19:30, Moscow time"]


def described(page: Page) -> list[str]:
    """What chats and search engines show of the page."""
    names = ("description", "og:description")
    return [str(one.get("content")) for one in page.all("meta") if (one.get("name") or one.get("property")) in names]


def test_the_last_of_whole_days_is_the_last_day_of_all_meetings(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = fair()
        last = FAIR + timedelta(days=7)
        one_more(event, starts_local=last, ends_local=last + timedelta(days=1))
        slug = event.slug
    assert f"2 meetings, until {last.day} {last:%B %Y}" in client.page(f"/e/{slug}").words


def test_a_list_of_names_on_paper_says_the_days(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = fair(2)
        sign_up(event, "Pat")
        address = f"/desk/events/{event.public_id}/people/print"
    assert f"{long(FAIR)} – {long(FAIR + timedelta(days=1))}, all day" in client.page(address).words


def test_of_days_and_hours_together_paper_says_the_days_alone(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = fair()
        next_day = FAIR + timedelta(days=1, hours=10)
        one_more(event, is_all_day=False, starts_local=next_day, ends_local=next_day + timedelta(hours=2))
        sign_up(event, "Pat")
        address = f"/desk/events/{event.public_id}/people/print"
    words = client.page(address).words
    assert f"{long(FAIR)} – {long(next_day)}" in words
    assert "all day" not in words


def test_the_phone_at_the_door_says_the_day_of_another_event(app: APIFlask, client: Client) -> None:
    with app.app_context():
        here, other = open_event(), fair(title={"en": "Fair"})
        door = open_door(here, other)
        scan = json_scan(here, sign_up(other))
    client.set_cookie("door", door.credential, domain="127.0.0.1")
    events = client.get("/api/v1/door/session").get_json()["events"]
    assert events[1]["when_text"] == short(FAIR)
    body = {"sent_at": now().isoformat(), "scans": [scan]}
    answer = client.post("/api/v1/door/sync", json=body).get_json()
    assert answer["results"][scan["id"]]["detail"] == f"For “Fair”, {short(FAIR)}"
