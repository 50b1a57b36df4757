"""The public pages and feeds, as a browser and a calendar program get them."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from apiflask import APIFlask
from sqlalchemy import select, update
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from app.accounts.models import Organization
from app.catalogue import operations
from app.catalogue.models import Event, EventPartner, SeatPool
from app.core.clock import now
from app.core.db import db, execute
from app.core.i18n import said
from tests.support.cast import person
from tests.support.changes import change
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.pages import Client, Page

HOSTILE = ["x" * 10_000, "%00", "%F0%9F%8E%89", "%ff%fe", "<script>", "%0d%0aSet-Cookie:a=b", "..%2f..%2fetc"]
NAMES = ["q", "format", "mode", "topic", "org", "venue", "programme", "track", "from", "to", "page", "lang", "language"]
NAMES += ["q", "format", "district", "series", "project", "audience"]
PAGES = ["/", "/events", "/venues", "/venues/lighthouse-hall", "/o/lighthouse", "/subscribe", "/view", "/help"]
PAGES += ["/accessibility", "/privacy", "/e/{slug}", "/events/2026-12"]


@pytest.fixture
def slug(app: APIFlask) -> str:
    """The address of a hybrid event."""
    with app.app_context():
        return make_event(hybrid()).slug


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", PAGES)
def test_every_public_page_is_whole_in_both_languages(client: Client, slug: str, path: str, language: str) -> None:
    page = client.page(path.format(slug=slug), lang=language)
    assert page.all("html")[0].get("lang") == language
    assert page.response.headers["Content-Language"] == language
    assert not page.response.headers.getlist("Set-Cookie")


def test_the_event_page_answers_the_first_questions(client: Client, slug: str) -> None:
    page = client.page(f"/e/{slug}")
    assert page.h1 == "How to ask for money"
    for words in ("Moscow time (UTC+3)", "main hall", "In the hall: 10 free seats", "Online: 100 free seats"):
        assert words in page.words
    assert "Free of charge" in page.words
    assert f"/e/{slug}/sign-up" in page.links()
    assert "secret-room" not in page.text
    facts = json.loads(page.all("script")[-2].text)
    assert facts["eventAttendanceMode"].endswith("MixedEventAttendanceMode")
    assert facts["offers"]["availability"].endswith("InStock")


def test_seats_on_a_kept_page_are_never_old(app: APIFlask, client: Client, slug: str) -> None:
    assert "Only 2 seats left" not in client.page(f"/e/{slug}").words
    with app.app_context():
        execute(update(SeatPool).where(SeatPool.mode == "in_person").values(taken=10))
        execute(update(SeatPool).where(SeatPool.mode == "online").values(taken=98))
        db.session.commit()
    assert "The hall is full, online is open" in client.page(f"/e/{slug}").words
    assert "The hall is full, online is open" in client.page("/events").words
    with app.app_context():
        execute(update(SeatPool).values(taken=100))
        db.session.commit()
    page = client.page(f"/e/{slug}")
    assert "All seats are taken" in page.words
    assert "Join the waiting list" in page.words


def test_a_full_event_without_a_waiting_list_leads_nowhere(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = make_event(has_waiting_list=False).slug
        execute(update(SeatPool).values(taken=10))
        db.session.commit()
    page = client.page(f"/e/{slug}")
    assert "All seats are taken" in page.words
    assert f"/e/{slug}/sign-up" not in page.links()


def test_a_kept_page_notices_that_time_has_passed(client: Client, slug: str) -> None:
    assert "This event is over" not in client.page(f"/e/{slug}").words
    with time_machine.travel(now() + timedelta(days=30), tick=True):
        assert "This event is over" in client.page(f"/e/{slug}").words
        assert slug not in client.page("/events").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sign_up": "just_come"}, "You need not sign up."),
        ({"sign_up": "elsewhere", "sign_up_url": "https://other.example/x"}, "Sign up at other.example"),
        ({"sign_up_opens_at": now() + timedelta(days=1)}, "Sign-up opens on"),
        ({"sign_up_closes_at": now() - timedelta(days=1)}, "Sign-up has closed"),
    ],
)
def test_each_way_of_coming_says_what_to_do(
    app: APIFlask, client: Client, changes: dict[str, object], words: str
) -> None:
    with app.app_context():
        slug = make_event(event_values(**changes)).slug
    page = client.page(f"/e/{slug}")
    assert words in page.words
    assert f"/e/{slug}/sign-up" not in page.links()


def test_a_cancelled_event_says_so_and_why(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event()
        slug = event.slug
        operations.mark_cancelled(actor=person("bob"), event_id=event.id, reason="<b>The hall</b> is flooded.")
    page = client.page(f"/e/{slug}")
    assert "This event is cancelled" in page.words
    assert "<b>The hall</b> is flooded." in page.words
    assert "Cancelled" in client.page("/events").words


def test_what_an_address_asks_in_vain_is_said(client: Client, slug: str) -> None:
    page = client.page("/events?format=nonsense&mode=online&from=yesterday&q=%3Cb%3E")
    assert "We left this out: format=nonsense, from=yesterday." in page.words
    assert "We left this out" not in client.page("/events?format=lecture&from=1.12.2026&q=x").words
    assert client.get("/events.ics?format=nonsense").status_code == 200


def test_drafts_and_unknown_addresses_are_a_kind_404(app: APIFlask, client: Client) -> None:
    with app.app_context():
        slug = make_event(publish=False).slug
    for path in (
        f"/e/{slug}",
        f"/e/{slug}.ics",
        "/e/nothing",
        "/o/nobody",
        "/p/none",
        "/venues/none",
        "/e/" + "x" * 5000,
    ):
        assert client.get(path).status_code == 404
    assert "How to ask" not in client.get("/events.ics").text


def test_an_old_address_leads_to_the_present_one(app: APIFlask, client: Client) -> None:
    from tests.catalogue.test_operations import edit

    with app.app_context():
        event = make_event()
        slug, event_id = event.slug, event.id
        edit(event_id, title={"en": "Asking politely"})
    response = client.get(f"/e/{slug}?lang=ru&via=oak")
    assert response.status_code == 301
    assert response.headers["Location"] == "/e/asking-politely?lang=ru&via=oak"


def test_a_browser_that_was_sent_on_comes_back_when_the_title_does(app: APIFlask, client: Client) -> None:
    """One that kept the way on for good would be sent around in a ring."""
    from tests.catalogue.test_operations import edit

    with app.app_context():
        event = make_event()
        slug, event_id, title = event.slug, event.id, event.title
        edit(event_id, title={"en": "Asking politely"})
    for path in (f"/e/{slug}", f"/e/{slug}.ics", f"/e/{slug}/sign-up"):
        response = client.get(path)
        assert response.status_code == 301
        assert response.headers["Cache-Control"] == "no-cache"
    with app.app_context():
        edit(event_id, title=title)
    assert client.get(f"/e/{slug}").status_code == 200
    assert client.get("/e/asking-politely").headers["Location"] == f"/e/{slug}"


def test_the_list_filters_without_scripts_and_each_filter_can_be_taken_away(client: Client, slug: str) -> None:
    page = client.page("/events", q="money", format="lecture")
    assert "1 event fits" in page.words
    assert "/events?format=lecture" in page.links()
    assert "/events?q=money" in page.links()
    assert page.fields()["q"] == "money"
    assert page.fields()["format"] == "lecture"
    assert "Nothing fits" in client.page("/events", q="zebra").words


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_queries_never_break_a_page_or_feed(client: Client, slug: str, value: str) -> None:
    query = "&".join(f"{name}={value}" for name in NAMES)
    for path in ("/", "/events", "/events/2026-12", "/subscribe", "/view", f"/e/{slug}"):
        Page(client.get(f"{path}?{query}&next={value}"))
    for path in ("/events.ics", "/events.atom", "/events.json", f"/e/{slug}.ics"):
        assert client.get(f"{path}?{query}").status_code == 200
    for path in ("/e", "/o", "/p", "/venues", "/events"):
        assert client.get(f"{path}/{value}").status_code in (400, 404)


def test_a_feed_is_a_calendar_without_cookies_that_is_sent_once(client: Client, slug: str) -> None:
    response = client.get("/events.ics?format=lecture")
    assert response.content_type == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=3600"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert not response.headers.getlist("Set-Cookie")
    assert b"SOURCE;VALUE=URI:http://127.0.0.1:5000/events.ics?format=lecture" in response.data.replace(b"\r\n ", b"")
    again = client.get("/events.ics?format=lecture", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == response.headers["ETag"]
    other = client.get("/events.ics?format=workshop", headers={"If-None-Match": response.headers["ETag"]})
    assert other.status_code == 200
    assert b"VEVENT" not in other.data


def test_a_feed_changes_with_its_events_and_only_then(app: APIFlask, client: Client, slug: str) -> None:
    before = client.get("/events.ics")
    with app.app_context():
        execute(update(SeatPool).values(taken=3))
        db.session.commit()
    assert client.get("/events.ics").headers["ETag"] == before.headers["ETag"]
    with app.app_context():
        make_event(event_values(title={"en": "News"}))
    after = client.get("/events.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"News" in after.data


def test_who_knows_a_feed_by_its_date_alone_hears_of_changes_and_of_a_new_day(
    app: APIFlask, client: Client, slug: str
) -> None:
    with time_machine.travel(now() + timedelta(seconds=1)):
        known = {"If-Modified-Since": client.get("/events.ics").headers["Last-Modified"]}
        assert client.get("/events.ics", headers=known).status_code == 304
        assert client.get("/events.ics", headers={**known, "If-None-Match": 'W/"other"'}).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=1), tick=True):
        with app.app_context():
            make_event()
        assert client.get("/events.ics", headers=known).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        changed = client.get("/events.ics")
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        later = {"If-Modified-Since": changed.headers["Last-Modified"]}
        assert client.get("/events.ics", headers=later).status_code == 200


@pytest.mark.parametrize("path", ["/events.ics", "/events.atom", "/events.json", "/e/{slug}.ics", "/sitemap.xml"])
def test_two_changes_in_one_second_are_told_apart_by_their_date(
    app: APIFlask, client: Client, slug: str, path: str
) -> None:
    path = path.format(slug=slug)
    second = (now() + timedelta(hours=1)).replace(microsecond=0)

    def after(words: str, microsecond: int) -> TestResponse:
        with time_machine.travel(second.replace(microsecond=microsecond), tick=False):
            with app.app_context():
                event = db.session.scalars(select(Event).where(Event.slug == slug)).one()
                change(event, summary={"en": words})
            return client.get(path)

    first, later = after("Once.", 100_000), after("Twice.", 200_000)
    with time_machine.travel(second + timedelta(seconds=1), tick=False):
        for known in (first.headers.get("Last-Modified", ""), http_date(second)):  # its own date, or the answer's
            assert client.get(path, headers={"If-Modified-Since": known}).data == later.data
        settled = client.get(path)
        assert settled.headers["Last-Modified"]
        same = client.get(path, headers={"If-Modified-Since": settled.headers["Last-Modified"]})
        assert (same.status_code, same.data) == (304, b"")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_calendar_that_is_offered_speaks_the_readers_language(client: Client, slug: str, language: str) -> None:
    page = client.page("/subscribe", format="lecture", lang=language)
    feeds = [unquote(link) for link in page.links() if "events.ics" in unquote(link)]
    assert len(feeds) == 3
    assert all(f"lang={language}&format=lecture" in feed for feed in feeds)
    assert f"events.ics?lang={language}&format=lecture" in page.words
    assert (
        f"events.ics?lang={language}&amp;format=lecture" in client.page("/events", format="lecture", lang=language).text
    )


def test_a_feed_is_gzipped_for_whoever_takes_it_and_answers_head(client: Client, slug: str) -> None:
    plain = client.get("/events.ics")
    packed = client.get("/events.ics", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    head = client.head("/events.ics")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == plain.headers["ETag"]


def test_one_events_file_has_no_name_and_speaks_the_asked_language(client: Client, slug: str) -> None:
    data = client.get(f"/e/{slug}.ics?lang=ru")
    assert b"X-WR-CALNAME" not in data.data
    assert b"REFRESH-INTERVAL" not in data.data
    assert "SUMMARY;LANGUAGE=ru:" in data.text
    assert data.headers["Content-Disposition"] == f'attachment; filename="{slug}.ics"'


def test_the_view_is_remembered_by_a_post_and_forgotten_by_another(client: Client) -> None:
    response = client.send("/view", {"size": "175", "colours": "blue", "spacing": "x", "next": "/events?q=a"})
    assert response.headers["Location"] == "/view?next=/events?q%3Da"
    assert "view=175.blue.normal.on" in response.headers["Set-Cookie"]
    assert client.page("/events").all("html")[0].get("data-size") == "175"
    client.send("/view", {"reset": "1"})
    assert client.page("/events").all("html")[0].get("data-size") == "100"


def test_the_language_is_remembered_by_a_post_and_chosen_by_the_address(client: Client) -> None:
    assert client.page("/help", lang="ru").all("html")[0].get("lang") == "ru"
    assert client.page("/help").all("html")[0].get("lang") == "en"
    response = client.send("/language", {"lang": "ru", "next": "/help"})
    assert response.headers["Location"] == "/help"
    assert client.page("/help").all("html")[0].get("lang") == "ru"
    assert not client.send("/language", {"lang": "xx"}).headers.getlist("Set-Cookie")


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nX: y", "\x00", ""]
)
def test_nobody_is_sent_to_another_site(client: Client, path: str) -> None:
    assert client.send("/language", {"lang": "en", "next": path}).headers["Location"] == "/"


def test_robots_may_read_feeds_but_not_personal_pages(client: Client) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /r/" in text
    assert "ics" not in text
    assert client.get("/favicon.ico").status_code == 302


def test_a_long_list_has_pages(app: APIFlask, client: Client) -> None:
    with app.app_context():
        for number in range(21):
            make_event(event_values(title={"en": f"Talk {number}"}, starts_local=local(days=number + 1)))
    first = client.page("/events", topic="fundraising")
    assert "/events?topic=fundraising&page=2" in first.links()
    assert "Page 2 of 2" in client.page("/events", page="2").words


def test_a_co_organizer_that_is_at_home_here_goes_by_its_own_name(app: APIFlask, client: Client, slug: str) -> None:
    with app.app_context():
        event = db.session.scalars(db.select(Event)).one()
        other = db.session.scalars(db.select(Organization).where(Organization.id != event.organization_id)).first()
        assert other is not None
        partner = EventPartner(event_id=event.id, kind="co_organizer", organization_id=other.id, name={})
        db.session.add(partner)
        db.session.commit()
        name = said(other.name, "en")
    assert f"Organized together with {name}" in client.page(f"/e/{slug}").words
