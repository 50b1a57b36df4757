"""Events of whole days, as everybody outside the desk reads them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from apiflask import APIFlask

from tests.support.changes import change
from tests.support.events import local, make_event
from tests.support.meetings import one_more
from tests.support.pages import Client, Page

FAIR = local(days=20).replace(hour=0, minute=0)


def fair(days: int = 1, **changes: Any) -> str:
    """The address of an event that lasts so many whole days."""
    return make_event(is_all_day=True, starts_local=FAIR, ends_local=FAIR + timedelta(days=days), **changes).slug


def told(page: Page) -> dict[str, Any]:
    """What search engines are told of the event."""
    scripts = [one for one in page.all("script") if one.get("type") == "application/ld+json"]
    facts: dict[str, Any] = json.loads(scripts[0].text or "")
    return facts


def day(after: int = 0) -> str:
    return f"{FAIR + timedelta(days=after):%Y-%m-%d}"


@pytest.mark.parametrize("days", [1, 3])
def test_search_engines_are_told_the_last_day_itself(app: APIFlask, client: Client, days: int) -> None:
    with app.app_context():
        slug = fair(days)
    facts = told(client.page(f"/e/{slug}"))
    assert (facts["startDate"], facts["endDate"]) == (day(), day(days - 1))


def test_each_meeting_has_its_own_first_and_last_day_or_hours(app: APIFlask, client: Client) -> None:
    """A fair of two days, with an evening before it."""
    evening = FAIR - timedelta(hours=5)
    with app.app_context():
        event = make_event(is_all_day=True, starts_local=FAIR, ends_local=FAIR + timedelta(days=2))
        one_more(event, is_all_day=False, starts_local=evening, ends_local=evening + timedelta(hours=2))
        slug = event.slug
    facts = told(client.page(f"/e/{slug}"))
    assert {(one["startDate"], one["endDate"]) for one in facts["subEvent"]} == {
        (day(), day(1)),
        (f"{evening:%Y-%m-%dT%H:%M:%S}+03:00", f"{evening + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}+03:00"),
    }
    assert (facts["startDate"], facts["endDate"]) == (f"{evening:%Y-%m-%dT%H:%M:%S}+03:00", day(1))


def test_a_day_that_becomes_hours_and_hours_that_become_a_day_are_told_as_they_were(
    app: APIFlask, client: Client
) -> None:
    evening = FAIR.replace(hour=18)
    as_day = {"is_all_day": True, "starts_local": FAIR, "ends_local": FAIR + timedelta(days=1)}
    as_hours = {"is_all_day": False, "starts_local": evening, "ends_local": evening + timedelta(hours=2)}
    with app.app_context():
        days, hours = make_event(**as_day), make_event(**as_hours)
        change(days, **as_hours)
        change(hours, **as_day)
        slugs = days.slug, hours.slug
    former = [told(client.page(f"/e/{slug}"))["previousStartDate"] for slug in slugs]
    assert former == [day(), f"{day()}T18:00:00+03:00"]


def test_a_midnight_that_becomes_a_whole_day_is_remembered_and_back_again_it_is_not(
    app: APIFlask, client: Client
) -> None:
    night = {"is_all_day": False, "starts_local": FAIR, "ends_local": FAIR + timedelta(hours=2)}
    with app.app_context():
        event = make_event(**night)
        slug = event.slug
        change(event, is_all_day=True, ends_local=FAIR + timedelta(days=1))
    assert told(client.page(f"/e/{slug}"))["previousStartDate"] == f"{day()}T00:00:00+03:00"
    with app.app_context():
        change(event, **night)
        change(event, starts_local=FAIR + timedelta(days=1), ends_local=FAIR + timedelta(days=1, hours=2))
    assert told(client.page(f"/e/{slug}"))["previousStartDate"] == f"{day()}T00:00:00+03:00"


def marked(page: Page, name: str) -> str | None:
    """What the microformat calls by this name."""
    (found,) = [one for one in page.tree.iter() if name in (one.get("class") or "").split()]
    return found.get("datetime") or found.get("value")


def test_the_microformat_has_the_first_and_the_last_day(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = fair(3)
    page = client.page(f"/e/{slug}")
    assert (marked(page, "dt-start"), marked(page, "dt-end")) == (day(), day(2))
    assert marked(client.page("/events"), "dt-start") == day()


def test_the_programme_has_hours_where_a_meeting_has_some(app: APIFlask, client: Client) -> None:
    evening = FAIR - timedelta(hours=5)
    with app.app_context():
        event = make_event(is_all_day=True, starts_local=FAIR, ends_local=FAIR + timedelta(days=2))
        one_more(event, is_all_day=False, starts_local=evening, ends_local=evening + timedelta(hours=2))
        slug = event.slug
    times = [one.get("datetime") for one in client.page(f"/e/{slug}").all("time")]
    assert times[1:] == [f"{evening:%Y-%m-%dT%H:%M:%S}+03:00", day()]


def google_dates(client: Client, slug: str) -> str:
    links = [str(link.get("href")) for link in client.page(f"/e/{slug}").all("a")]
    (address,) = [link for link in links if link.startswith("https://calendar.google.com/calendar/render?")]
    return parse_qs(urlsplit(address).query)["dates"][0]


def test_googles_template_gets_days_until_the_first_free_one(app: APIFlask, client: Client) -> None:
    with app.app_context():
        one, three = fair(1), fair(3, title={"en": "Three days"})
        evening = make_event(starts_local=FAIR.replace(hour=18), ends_local=FAIR.replace(hour=20)).slug
    first, free, later = (f"{FAIR + timedelta(days=after):%Y%m%d}" for after in (0, 1, 3))
    assert google_dates(client, one) == f"{first}/{free}"
    assert google_dates(client, three) == f"{first}/{later}"
    assert google_dates(client, evening) == f"{first}T150000Z/{first}T170000Z"
