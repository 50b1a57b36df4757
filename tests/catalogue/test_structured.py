"""What search engines and chats read of an event: structured data, meta, microformats, pictures, the sitemap."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from apiflask import APIFlask
from PIL import Image

from app.catalogue import operations, queries
from app.catalogue.models import Event
from app.catalogue.operations import add_session
from app.catalogue.views import sitemap
from app.core.clock import now
from app.core.db import db
from app.registration.operations import cancel_event
from tests.support.cast import person
from tests.support.changes import change as tell
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.meetings import one_more
from tests.support.pages import Client, Page

HOSTILE = 'A </script><script>alert(1)</script> & "night" <b> #let x = $1 🔭'
EVENING = local(days=9).replace(hour=19, minute=0)
NEXT = EVENING + timedelta(days=7)


def change(app: APIFlask, slug: str, days: int = 0, **changes: Any) -> None:
    """Move the event and change its values."""
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == slug)).one()
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        by = timedelta(days=days)
        values = replace(values, starts_local=values.starts_local + by, ends_local=values.ends_local + by, **changes)
        operations.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))


def facts_of(page: Page) -> dict[str, Any]:
    scripts = [one for one in page.all("script") if one.get("type") == "application/ld+json"]
    facts: dict[str, Any] = json.loads(scripts[0].text or "")
    return facts


def marked(page: Page, name: str) -> list[Any]:
    """What the microformat calls by this name."""
    return [one for one in page.tree.iter() if name in (one.get("class") or "").split()]


def meta_of(page: Page) -> dict[str, str]:
    return {
        str(one.get("property") or one.get("name")): str(one.get("content"))
        for one in page.all("meta")
        if one.get("content")
    }


@pytest.fixture
def slug(app: APIFlask) -> str:
    with app.app_context():
        return make_event(hybrid()).slug


def test_a_scheduled_event_is_told_in_full(client: Client, slug: str) -> None:
    facts = facts_of(client.page(f"/e/{slug}"))
    assert facts["eventStatus"] == "https://schema.org/EventScheduled"
    assert facts["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    hall, online = facts["location"]
    assert (hall["@type"], hall["address"]["@type"], online["@type"]) == ("Place", "PostalAddress", "VirtualLocation")
    assert online["url"].endswith(f"/e/{slug}")
    assert facts["organizer"]["url"].endswith("/o/lighthouse")
    assert facts["offers"]["availability"] == "https://schema.org/InStock"
    assert facts["offers"]["price"] == 0
    assert facts["image"][0].endswith(".png")
    assert facts["startDate"].endswith("+03:00")
    assert "previousStartDate" not in facts


def test_a_moved_event_tells_every_start_before_and_the_page_says_so(app: APIFlask, client: Client, slug: str) -> None:
    first = facts_of(client.page(f"/e/{slug}"))["startDate"]
    change(app, slug, days=2)
    facts = facts_of(client.page(f"/e/{slug}"))
    assert facts["eventStatus"] == "https://schema.org/EventRescheduled"
    assert facts["previousStartDate"] == first
    second = facts["startDate"]
    change(app, slug, days=2)
    page = client.page(f"/e/{slug}")
    assert facts_of(page)["previousStartDate"] == [first, second]
    assert "The date has changed" in page.words


def course(app: APIFlask) -> tuple[str, list[int]]:
    """The address of an event that was moved by a quarter of an hour, and had another meeting added; all meetings."""
    with app.app_context():
        event = make_event(starts_local=EVENING, ends_local=EVENING + timedelta(hours=1))
        moved = EVENING + timedelta(minutes=15)
        tell(event, starts_local=moved, ends_local=moved + timedelta(hours=1))
        one_more(event, starts_local=NEXT, ends_local=NEXT + timedelta(hours=1))
        return event.slug, [session.id for session in queries.sessions_of(event.id)]


def test_a_moved_meeting_that_is_cancelled_moves_no_other(app: APIFlask, client: Client) -> None:
    address, (first_id, _other_id) = course(app)
    with app.app_context():
        operations.mark_session_cancelled(actor=person("bob"), session_id=first_id)
    page = client.page(f"/e/{address}")
    assert "It was to be on" not in page.words
    facts = facts_of(page)
    assert facts["eventStatus"] == "https://schema.org/EventScheduled"
    assert "previousStartDate" not in facts


def test_each_meeting_tells_its_own_former_starts(app: APIFlask, client: Client) -> None:
    address, (_first_id, other_id) = course(app)
    page = client.page(f"/e/{address}")
    assert f"It was to be on {EVENING.day} {EVENING:%B %Y}, 19:00." in page.words
    facts = facts_of(page)
    assert [(one["eventStatus"], one.get("previousStartDate")) for one in facts["subEvent"]] == [
        ("https://schema.org/EventRescheduled", f"{EVENING:%Y-%m-%dT%H:%M:%S}+03:00"),
        ("https://schema.org/EventScheduled", None),
    ]
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == address)).one()
        values = queries.session_values(queries.sessions_of(event.id)[1], [])
        values = replace(values, starts_local=NEXT + timedelta(minutes=30))
        operations.edit_session(actor=person("bob"), session_id=other_id, values=values, seen=queries.seen_of(event))
    page = client.page(f"/e/{address}")
    assert f"It was to be on {NEXT.day} {NEXT:%B %Y}, {NEXT:%H:%M}." in page.words, "the programme tells it, too"
    facts = facts_of(page)
    assert facts["subEvent"][1]["previousStartDate"] == f"{NEXT:%Y-%m-%dT%H:%M:%S}+03:00"
    assert facts["previousStartDate"] == f"{EVENING:%Y-%m-%dT%H:%M:%S}+03:00"


def test_other_clocks_reschedule_each_meeting(app: APIFlask, client: Client) -> None:
    address, _ids = course(app)
    change(app, address, zone="Europe/Samara")
    meetings = facts_of(client.page(f"/e/{address}"))["subEvent"]
    assert {one["eventStatus"] for one in meetings} == {"https://schema.org/EventRescheduled"}
    assert meetings[1]["previousStartDate"] == f"{NEXT:%Y-%m-%dT%H:%M:%S}+03:00"


def test_one_meeting_that_went_online_says_so_until_it_is_in_the_hall_again(app: APIFlask, client: Client) -> None:
    address, (_first_id, other_id) = course(app)

    def hold(**changes: Any) -> list[Any]:
        with app.app_context():
            event = db.session.scalars(db.select(Event).where(Event.slug == address)).one()
            values = replace(queries.session_values(queries.sessions_of(event.id)[1], []), **changes)
            seen = queries.seen_of(event)
            operations.edit_session(actor=person("bob"), session_id=other_id, values=values, seen=seen)
        return [one["eventStatus"] for one in facts_of(client.page(f"/e/{address}"))["subEvent"]]

    moved, online = "https://schema.org/EventRescheduled", "https://schema.org/EventMovedOnline"
    assert hold(is_in_person=False, is_online=True) == [moved, online]
    later = {"starts_local": NEXT + timedelta(minutes=30), "ends_local": NEXT + timedelta(hours=1, minutes=30)}
    assert hold(**later) == [moved, [moved, online]]
    assert hold(is_in_person=True, is_online=False) == [moved, moved]


def test_moved_online_and_rescheduled_hold_at_once_and_cancelled_alone(
    app: APIFlask, client: Client, slug: str
) -> None:
    change(app, slug, is_in_person=False)
    facts = facts_of(client.page(f"/e/{slug}"))
    assert facts["eventStatus"] == "https://schema.org/EventMovedOnline"
    assert facts["location"]["@type"] == "VirtualLocation"
    assert "Online only now It was to be in a hall. Please do not come there." in client.page(f"/e/{slug}").words
    change(app, slug, days=1)
    assert facts_of(client.page(f"/e/{slug}"))["eventStatus"] == [
        "https://schema.org/EventRescheduled",
        "https://schema.org/EventMovedOnline",
    ]
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == slug)).one()
        operations.mark_cancelled(actor=person("bob"), event_id=event.id, reason="")
    facts = facts_of(client.page(f"/e/{slug}"))
    assert facts["eventStatus"] == "https://schema.org/EventCancelled"
    assert "offers" not in facts


@pytest.mark.parametrize(
    ("zone", "currency"), [("Europe/Moscow", "RUB"), ("US/Eastern", "USD"), ("Africa/Casablanca", "MAD"), ("UTC", None)]
)
def test_a_free_event_costs_nothing_in_the_money_of_its_place(
    app: APIFlask, client: Client, zone: str, currency: str | None
) -> None:
    with app.app_context():
        address = make_event(zone=zone).slug
    offer = facts_of(client.page(f"/e/{address}"))["offers"]
    assert (offer["price"], offer.get("priceCurrency")) == (0, currency)


def test_a_full_event_is_sold_out_and_one_that_opens_later_says_when(app: APIFlask, client: Client) -> None:
    opens = now() + timedelta(days=1)
    with app.app_context():
        later = make_event(event_values(sign_up_opens_at=opens)).slug
        full = make_event(capacity_in_person=1).slug
        db.session.execute(db.text("UPDATE seat_pool SET taken = 1 WHERE capacity = 1"))
        db.session.commit()
    assert facts_of(client.page(f"/e/{full}"))["offers"]["availability"] == "https://schema.org/SoldOut"
    assert "validFrom" in facts_of(client.page(f"/e/{later}"))["offers"]


def test_a_course_tells_its_meetings(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event()
        (session,) = queries.sessions_of(event.id)
        values = queries.session_values(session, queries.pools_of(event.id))
        week = timedelta(days=7)
        more = replace(values, starts_local=values.starts_local + week, ends_local=values.ends_local + week)
        add_session(actor=person("bob"), event_id=event.id, values=more)
        slug = event.slug
    meetings = facts_of(client.page(f"/e/{slug}"))["subEvent"]
    assert len(meetings) == 2
    assert meetings[0]["startDate"] < meetings[1]["startDate"]
    assert {one["eventStatus"] for one in meetings} == {"https://schema.org/EventScheduled"}


def test_chats_are_told_of_all_meetings_of_a_course(app: APIFlask, client: Client) -> None:
    evening = local(days=9).replace(hour=18, minute=0)
    last = evening + timedelta(days=14)
    with app.app_context():
        event = make_event(starts_local=evening, ends_local=evening + timedelta(hours=1))
        one_more(event, starts_local=last, ends_local=last + timedelta(hours=1))
        slug = event.slug
    meta = meta_of(client.page(f"/e/{slug}"))
    for name in ("description", "og:description"):
        assert f"18:00–19:00, Moscow time (UTC+3); 2 meetings, until {last.day} {last:%B %Y}. " in meta[name]


def test_a_hostile_title_leaves_neither_script_nor_drawing(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = make_event(event_values(title={"en": HOSTILE})).slug
    page = client.page(f"/e/{slug}")
    assert "</script><script>alert(1)" not in page.text
    assert facts_of(page)["name"] == HOSTILE
    assert client.get(meta_of(page)["og:image"].removeprefix("http://127.0.0.1:5000")).status_code == 200


def picture_path(client: Client, address: str, language: str = "en") -> str:
    return meta_of(client.page(address, lang=language))["og:image"].partition("5000")[2]


def test_the_picture_is_kept_for_ever_and_its_address_changes_with_the_date(
    app: APIFlask, client: Client, slug: str
) -> None:
    before = picture_path(client, f"/e/{slug}")
    answer = client.get(before)
    assert answer.headers["Cache-Control"].endswith("immutable")
    image = Image.open(io.BytesIO(answer.data))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(answer.data) < 300_000
    change(app, slug, days=2)
    after = picture_path(client, f"/e/{slug}")
    assert after != before
    moved = client.get(before)
    assert moved.status_code == 302
    assert moved.headers["Location"].endswith(after)
    assert client.get(after).data != answer.data


def test_each_language_has_its_picture_and_no_other_address_has_one(client: Client, slug: str) -> None:
    english, russian = picture_path(client, f"/e/{slug}"), picture_path(client, f"/e/{slug}", "ru")
    assert client.get(english).data != client.get(russian).data
    assert client.get(russian.replace("picture-ru", "picture-xx")).status_code == 404
    assert client.get("/e/no-such-event/picture-en-0.png").status_code == 404


def test_made_up_addresses_draw_nothing(client: Client, slug: str) -> None:
    path = picture_path(client, f"/e/{slug}")
    head, _, _version = path.rpartition("-")
    for number in range(20):
        assert client.get(f"{head}-{number:016x}.png").status_code == 302
        assert client.get(f"{head}-{number:016x}.png?x={number}").status_code == 302
    shelves = client.application.extensions["lectern.shelves"]
    assert "pictures" not in shelves


@pytest.mark.parametrize("address", ["/", "/events", "/o/lighthouse", "/venues/lighthouse-hall", "/venues"])
def test_lists_have_the_sites_picture(client: Client, slug: str, address: str) -> None:
    meta = meta_of(client.page(address))
    assert meta["twitter:card"] == "summary_large_image"
    assert client.get(meta["og:image"].partition("5000")[2]).mimetype == "image/png"


def test_the_events_microformat_has_its_parts(client: Client, slug: str) -> None:
    text = client.page(f"/e/{slug}").text
    for name in ("h-event", "p-name", "dt-start", "dt-end", "p-location", "p-organizer h-card", "u-url"):
        assert name in text, name


@pytest.mark.parametrize("address", ["/e/{}", "/events"])
def test_the_microformats_name_says_that_an_event_is_cancelled(app: APIFlask, client: Client, address: str) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Stars"}))
        cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
        place = address.format(event.slug)
    (name,) = marked(client.page(place), "p-name")
    assert name.get("value") == "Cancelled: Stars"


NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def test_the_sitemap_lists_public_pages_with_their_last_change(app: APIFlask, client: Client, slug: str) -> None:
    with app.app_context():
        draft = make_event(publish=False).slug
    assert "Sitemap: " in client.get("/robots.txt").text
    answer = client.get("/sitemap.xml")
    root = ElementTree.fromstring(answer.data)
    found = {one.findtext("s:loc", "", NAMES): one for one in root.findall("s:url", NAMES)}
    mine = next(one for address, one in found.items() if address.endswith(f"/e/{slug}"))
    assert len(mine.findall("x:link", NAMES)) == 3
    with app.app_context():
        changed_at = db.session.scalars(db.select(Event.changed_at).where(Event.slug == slug)).one()
    assert mine.findtext("s:lastmod", "", NAMES) == changed_at.isoformat(timespec="seconds")
    assert any(address.endswith("/o/lighthouse") for address in found)
    assert draft not in answer.text
    for address in found:
        assert client.get(address.partition("5000")[2] or "/").status_code == 200
    etag = answer.headers["ETag"]
    assert client.get("/sitemap.xml", headers={"If-None-Match": etag}).status_code == 304
    change(app, slug, days=1)
    assert client.get("/sitemap.xml", headers={"If-None-Match": etag}).status_code == 200


def test_many_pages_come_in_parts(app: APIFlask, client: Client, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        make_event()
        make_event()
    monkeypatch.setattr(sitemap, "PER_PART", 2)
    index = ElementTree.fromstring(client.get("/sitemap.xml").data)
    places = [one.text or "" for one in index.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(places) == 2
    events = [client.get(place.partition("5000")[2]).text.count("/e/") // 4 for place in places]
    assert events == [2, 1]
    assert client.get("/sitemap-3.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_hosts_and_places_are_told_on_their_pages(client: Client, slug: str) -> None:
    host = facts_of(client.page("/o/lighthouse"))
    assert host["@type"] == "Organization"
    assert host["name"] == "Lighthouse Resource Centre"
    assert host["sameAs"] == "https://lighthouse.example"
    assert host["telephone"] == "+7 495 000-00-01"
    assert facts_of(client.page("/o/lighthouse", lang="ru"))["name"] == "Ресурсный центр «Маяк»"
    event = facts_of(client.page(f"/e/{slug}"))
    place = next(one for one in event["location"] if one["@type"] == "Place")
    assert facts_of(client.page(urlsplit(place["url"]).path)) == {"@context": "https://schema.org", **place}


def test_a_renamed_event_is_found_at_its_old_addresses_by_calendars_and_chats(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Old words"}))
        old, public = event.slug, event.public_id
        picture = next(
            one.get("content") for one in client.page(f"/e/{old}").all("meta") if one.get("property") == "og:image"
        )
        path = "/e/" + str(picture).partition("/e/")[2]
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        values = replace(values, title={"en": "New words"})
        operations.edit_event(actor=person("bob"), event_id=event.id, values=values, seen=queries.seen_of(event))
        new = db.session.scalars(db.select(Event.slug).where(Event.public_id == public)).one()
    assert new != old
    answer = client.get(f"/e/{old}.ics?lang=ru")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/e/{new}.ics?lang=ru")
    moved = client.get(path)
    assert moved.status_code in (301, 302, 303)
    assert f"/e/{new}/picture-" in moved.headers["Location"]
    assert client.get(f"/e/never-was-{old}.ics").status_code == 404


def test_the_title_that_chats_show_says_that_an_event_is_cancelled(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Stars"}))
        cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
        slug = event.slug
    told = meta_of(client.page(f"/e/{slug}"))
    assert told["og:title"] == "Cancelled: Stars"
    assert str(told["og:description"]).startswith("Cancelled: ")
