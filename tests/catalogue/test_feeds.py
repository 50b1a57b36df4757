"""Any search as a calendar, as Atom and as JSON: what the address means, what the answer says, how it is sent."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from apiflask import APIFlask
from jsonschema import Draft202012Validator
from sqlalchemy import update

from app.accounts.models import Organization
from app.catalogue import operations, queries
from app.catalogue.kept import LARGE_BYTES, Body
from app.catalogue.models import Event, Programme, Project, SeatPool, Series, Track, Venue
from app.core.clock import now
from app.core.db import db, execute
from app.registration.operations import cancel_event
from config import ROOT
from tests.support.cast import person
from tests.support.conference import add_session, make_conference
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.pages import Client

KINDS = {
    "ics": "text/calendar; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
UTC_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SCHEMA = json.loads((ROOT / "docs" / "how-to" / "read-feeds.schema.json").read_text("utf-8"))
ROOM = b"secret-room-4711"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each form of a feed in turn."""
    return str(request.param)


@pytest.fixture
def three(app: APIFlask) -> None:
    """A lecture in a district, a hybrid workshop, and a webinar of another organization."""
    with app.app_context():
        execute(update(Venue).where(Venue.slug == "lighthouse-hall").values(district="North"))
        execute(update(Venue).where(Venue.slug != "lighthouse-hall").values(district="South"))
        make_event(event_values(title={"en": "Stars"}, summary={"en": "Look **up**."}))
        make_event(hybrid(title={"en": "Clay"}, format="workshop", audience="families", starts_local=local(days=8)))
        online = hybrid(title={"en": "Webs"}, format="webinar", is_in_person=False, starts_local=local(days=9))
        make_event(online, by="olga")


def unfolded(data: bytes) -> str:
    return data.replace(b"\r\n ", b"").decode()


def titles(kind: str, data: bytes) -> set[str]:
    """The titles of a feed's events."""
    if kind == "ics":
        return set(re.findall(r"^SUMMARY[^:]*:([^\r]*)", unfolded(data), re.MULTILINE))
    if kind == "atom":
        return {entry.findtext(f"{ATOM}title") or "" for entry in ElementTree.fromstring(data).iter(f"{ATOM}entry")}
    return {item["title"] for item in json.loads(data)["items"]}


def name_of(kind: str, data: bytes) -> str:
    """What the feed calls itself."""
    if kind == "ics":
        (name,) = re.findall(r"^NAME:([^\r]*)", unfolded(data), re.MULTILINE)
        return str(name).replace("\\", "")
    if kind == "atom":
        return ElementTree.fromstring(data).findtext(f"{ATOM}title") or ""
    return str(json.loads(data)["title"])


def own_address(kind: str, data: bytes) -> str:
    """The address that the feed gives as its own."""
    if kind == "ics":
        (address,) = re.findall(r"^SOURCE;VALUE=URI:([^\r]*)", unfolded(data), re.MULTILINE)
        return str(address)
    if kind == "atom":
        link = ElementTree.fromstring(data).find(f"{ATOM}link[@rel='self']")
        assert link is not None
        return str(link.get("href"))
    return str(json.loads(data)["feed_url"])


def ask(client: Client, kind: str, query: str = "") -> bytes:
    response = client.get(f"/events.{kind}?{query}")
    assert response.status_code == 200
    return response.data


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("", {"Stars", "Clay", "Webs"}),
        ("format=lecture", {"Stars"}),
        ("format=lecture&format=workshop", {"Stars", "Clay"}),
        ("format=lecture&format=workshop&audience=families", {"Clay"}),
        ("mode=online", {"Clay", "Webs"}),
        ("mode=online&mode=in_person", {"Stars", "Clay", "Webs"}),
        ("mode=hybrid", {"Clay"}),
        ("org=oak", {"Webs"}),
        ("org=oak&org=lighthouse&format=lecture&format=webinar", {"Stars", "Webs"}),
        ("district=North&district=South", {"Stars", "Clay"}),
        ("venue=lighthouse-hall", {"Stars", "Clay"}),
        ("q=clay", {"Clay"}),
        ("language=en&language=ru", {"Stars", "Clay", "Webs"}),
        ("org=nobody&org=oak", {"Webs"}),
        ("topic=law&topic=health", set()),
    ],
)
def test_list_and_feeds_find_the_same(client: Client, three: None, query: str, fits: set[str]) -> None:
    for kind in KINDS:
        assert titles(kind, ask(client, kind, query)) == fits, kind
    page = client.page(f"/events?{query}")
    assert {title for title in ("Stars", "Clay", "Webs") if f">{title}</a>" in page.text} == fits


def test_a_calendar_has_the_sessions_that_fit_and_no_others_of_their_event(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_conference(is_online=True, capacity_online=50, room_url="https://rooms.example/1")
        add_session(event, "Grants", hours=4, seats=5, new_track={"en": "Funding"}, is_online=False, room_url="")
        (track,) = queries.tracks_of(event.id)
        number = track.id
        day = queries.sessions_of(event.id)[0].starts_local.date() + timedelta(days=1)
    whole = titles("ics", ask(client, "ics"))
    assert len(whole) == 5
    grants = {one for one in whole if "Grants" in one}
    assert titles("ics", ask(client, "ics", f"track={number}")) == grants
    assert titles("ics", ask(client, "ics", "mode=online")) == whole - grants
    assert titles("ics", ask(client, "ics", "mode=hybrid")) == whole
    assert titles("ics", ask(client, "ics", "mode=in_person")) == whole
    assert titles("ics", ask(client, "ics", f"from={day}")) == set()
    assert "1 entry in all" in client.page(f"/subscribe?track={number}").words
    for kind in ("atom", "json"):  # they are of events, each with all its sessions
        assert len(titles(kind, ask(client, kind, f"track={number}"))) == 1


def test_one_wish_is_one_feed_however_it_is_written(client: Client, three: None, kind: str) -> None:
    ways = [
        "format=lecture&format=workshop&mode=online&mode=in_person",
        "mode=in_person&format=workshop&mode=online&format=lecture",
        "format=workshop&format=lecture&format=workshop&format=&mode=online&mode=in_person&page=7",
        "format=lecture&format=workshop&format=nonsense&mode=in_person&mode=online&lang=en&utm_source=x",
    ]
    answers = [client.get(f"/events.{kind}?{way}") for way in ways]
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert len({answer.data for answer in answers}) == 1
    own = own_address(kind, answers[0].data)
    assert client.get(own.removeprefix("http://127.0.0.1:5000")).data == answers[0].data
    assert client.get(f"/events.{kind}?{ways[0]}&lang=ru").headers["ETag"] != answers[0].headers["ETag"]
    links = [client.page(f"/events?{way}").all("link") for way in ways[:3]]
    canonical = [{link.get("href") for link in found if link.get("rel") == "canonical"} for found in links]
    assert len({frozenset(found) for found in canonical[:2]}) == 1


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "All events · Lectern"),
        ("format=lecture&district=North", "Lectures in the North district · Lectern"),
        ("format=workshop&format=lecture&mode=online", "Lectures, workshops, Online · Lectern"),
        ("district=North&district=South", "Events in the districts North, South · Lectern"),
        ("org=oak&q=a+b", "Events, “a b”, Oak Library · Lectern"),
        ("venue=lighthouse-hall&lang=ru", "События, Ресурсный центр «Маяк», большой зал · Lectern"),
        ("from=1.12.2026&to=2026-12-31", "Events, from 1 December 2026, until 31 December 2026 · Lectern"),
        ("from=2026-12-01&lang=ru", "События, с 1 декабря 2026 · Lectern"),
    ],
)
def test_the_name_says_what_is_in_it(client: Client, three: None, kind: str, query: str, name: str) -> None:
    found = name_of(kind, ask(client, kind, query))
    assert found == name


NOWHERE = ["format=nonsense", "from=yesterday", "mode=online&topic=x&topic=y", "to=31.02.2026"]
NOWHERE += ["org=nobody", "venue=nowhere", "district=none", "programme=none", "project=none", "track=abc"]
NOWHERE += ["series=none&series=nothing", "track=7&track=x"]
NOWHERE += ["mode=online&track=12&track=x", "organization=nobody"]


@pytest.mark.parametrize("query", NOWHERE)
def test_a_filter_that_makes_no_sense_never_becomes_the_feed_of_everything(
    client: Client, three: None, kind: str, query: str
) -> None:
    data = ask(client, kind, query)
    assert titles(kind, data) == set()
    assert name_of(kind, data) == "Address not understood · Lectern"
    text = unfolded(data)
    asked = query
    query = query.replace("%00", "").replace("%E2%80%8B", "")
    part = query.removeprefix("mode=online&").replace("&", "\\, " if kind == "ics" else ", ")
    assert f"We could not read this part of the address: {part}." in text
    assert "We left this out" in client.page(f"/subscribe?{asked}").words
    # Some programs go on with the address that a feed gives as its own.
    own = own_address(kind, data)
    assert own.startswith(f"http://127.0.0.1:5000/events.{kind}?")
    assert titles(kind, client.get(own.removeprefix("http://127.0.0.1:5000")).data) == set()


def test_what_is_understood_of_a_filter_counts(client: Client, three: None, kind: str) -> None:
    assert ask(client, kind, "format=lecture&format=bygone") == ask(client, kind, "format=lecture")
    assert ask(client, kind, "org=oak&org=nobody") == ask(client, kind, "org=oak")


def test_who_holds_nothing_yet_is_known(app: APIFlask, client: Client, kind: str) -> None:
    with app.app_context():
        make_event()
    data = ask(client, kind, "org=oak")
    assert titles(kind, data) == set()
    assert name_of(kind, data) == "Events, Oak Library · Lectern"
    page = client.page("/subscribe?org=oak")
    assert "Nothing yet." in page.words
    assert "We left this out" not in page.words
    assert "Nothing yet." not in client.page("/subscribe?org=nobody").words


def test_a_draft_makes_no_series_or_project_known(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event_id = make_event(publish=False).id
        organization = db.session.get_one(Event, event_id).organization_id
        project = Project(organization_id=organization, slug="secret", title={"en": "Secret"})
        db.session.add(project)
        db.session.flush()
        execute(update(Event).values(project_id=project.id))
        db.session.commit()
    assert "We left this out: project=secret." in client.page("/events?project=secret").words
    with app.app_context():
        operations.publish_event(actor=person("bob"), event_id=event_id)
    assert "We left this out" not in client.page("/events?project=secret").words


@pytest.mark.parametrize(
    ("guessed", "own"),
    [
        ("organization=oak", "org=oak"),
        ("organiser=oak&organisation=lighthouse", "org=oak&org=lighthouse"),
        ("text=stars", "q=stars"),
        ("kind=lecture&type=workshop", "format=lecture&format=workshop"),
        ("place=lighthouse-hall", "venue=lighthouse-hall"),
        ("since=2026-01-01&until=2026-12-31", "from=2026-01-01&to=2026-12-31"),
        ("q=stars&search=clay", "q=stars"),
    ],
)
def test_guessed_names_are_understood_and_never_written(
    client: Client, three: None, kind: str, guessed: str, own: str
) -> None:
    assert ask(client, kind, guessed) == ask(client, kind, own)
    pages = [client.page(f"/events?{query}") for query in (guessed, own)]
    links = [[link.get("href") for link in page.all("link") if link.get("rel") == "canonical"] for page in pages]
    assert links[0] == links[1]
    assert "We left this out" not in pages[0].words


def test_a_guessed_name_is_reported_as_it_was_spelt(client: Client) -> None:
    assert "We left this out: organizer=nobody." in client.page("/events?organizer=nobody&flavour=sweet").words


def test_a_feed_is_sent_so_that_everybody_can_keep_and_read_it(client: Client, three: None, kind: str) -> None:
    path = f"/events.{kind}?format=lecture"
    answer = client.get(path, headers={"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"})
    head = client.head(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    unchanged = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert answer.content_type == KINDS[kind]
    assert answer.headers["ETag"].startswith('W/"')
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert gzip.decompress(packed.data) == answer.data
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    since = client.get(path, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert since.status_code == 304
    for response in (answer, head, packed, unchanged, since):
        assert response.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=3600"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert not response.headers.getlist("Set-Cookie")
        assert response.headers["ETag"] == answer.headers["ETag"]


def test_seats_move_no_byte_and_changes_do(app: APIFlask, client: Client, three: None, kind: str) -> None:
    before = ask(client, kind)
    with app.app_context():
        execute(update(SeatPool).values(taken=SeatPool.capacity))
        db.session.commit()
        app.extensions["lectern.shelves"].clear()
    assert ask(client, kind) == before
    with app.app_context():
        make_event(event_values(title={"en": "News"}))
    assert "News" in titles(kind, ask(client, kind))


def test_the_only_clock_of_a_feed_is_the_date(client: Client, three: None, app: APIFlask, kind: str) -> None:
    noon = now().replace(hour=12, minute=0)
    with time_machine.travel(noon, tick=False):
        before = ask(client, kind)
    with app.app_context():
        app.extensions["lectern.shelves"].clear()
    with time_machine.travel(noon.replace(hour=22), tick=False):
        assert ask(client, kind) == before


def test_the_address_of_an_online_room_is_in_no_feed(client: Client, three: None) -> None:
    for kind in KINDS:
        for query in ("", "mode=online", "lang=ru", "q=clay", "format=workshop&format=webinar"):
            assert ROOM not in ask(client, kind, query)
    for path in ("/subscribe", "/events", f"/events/{local(days=8):%Y-%m}"):
        assert ROOM.decode() not in client.page(path).text


def test_a_cancelled_event_says_so_until_a_week_after_it(app: APIFlask, client: Client, three: None, kind: str) -> None:
    with app.app_context():
        stars = db.session.scalars(db.select(Event).where(Event.format == "lecture")).one()
        operations.mark_cancelled(actor=person("bob"), event_id=stars.id, reason="")
    assert "Cancelled: Stars" in titles(kind, ask(client, kind))
    with time_machine.travel(now() + timedelta(days=13), tick=True):
        assert "Cancelled: Stars" in titles(kind, ask(client, kind))
    with time_machine.travel(now() + timedelta(days=16), tick=True):
        assert "Cancelled: Stars" not in titles(kind, ask(client, kind))


def test_all_three_have_the_past_for_ninety_days(app: APIFlask, client: Client, kind: str) -> None:
    with app.app_context():
        for title, days in (("Past", 80), ("Old", 95)):
            make_event(event_values(title={"en": title}, starts_local=local(days=-days)))
        make_event(event_values(title={"en": "Draft"}), publish=False)
        make_event(event_values(title={"en": "Coming"}))
    assert titles(kind, ask(client, kind)) == {"Past", "Coming"}


def test_a_course_that_began_yesterday_is_still_coming(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Long way"}, format="course", starts_local=local(days=-1)))
        slug = event.slug
        add_session(event, "The last part", hours=30 * 24, seats=None)
    assert slug in client.page("/events").text
    for kind in KINDS:
        assert any("Long way" in one for one in titles(kind, ask(client, kind)))
    (item,) = json.loads(ask(client, "json"))["items"]
    assert len(item["_event"]["sessions"]) == 2
    for days in (-1, 29):
        assert slug in client.page(f"/events/{local(days=days):%Y-%m}").text


def test_atom_keeps_the_rules_of_its_rfc(app: APIFlask, client: Client, three: None) -> None:
    data = ask(client, "atom", "lang=ru&q=a")
    feed = ElementTree.fromstring(data)
    assert (feed.tag, feed.get(LANG)) == (f"{ATOM}feed", "ru")
    check_atom_parts(feed, {"id": 1, "title": 1, "updated": 1, "author": 1})
    links = {(link.get("rel"), link.get("type")): link.get("href") for link in feed.findall(f"{ATOM}link")}
    base = "http://127.0.0.1:5000"
    assert links["self", "application/atom+xml"] == f"{base}/events.atom?lang=ru&q=a"
    assert links["alternate", "text/html"] == f"{base}/events?lang=ru&q=a"
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for entry in entries:
        check_atom_parts(entry, {"id": 1, "title": 1, "updated": 1, "published": 1, "author": 1, "content": 1})
        kinds = [(link.get("rel"), link.get("type")) for link in entry.findall(f"{ATOM}link")]
        assert kinds == [("alternate", "text/html"), ("alternate", "text/calendar")]
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    moments = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == moments[0]


def check_atom_parts(element: Any, wanted: dict[str, int]) -> None:
    """What RFC 4287 asks of a feed and an entry alike."""
    for name, number in wanted.items():
        assert len(element.findall(f"{ATOM}{name}")) == number, name
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id"))
    for name in ("updated", "published"):
        for moment in element.findall(f"{ATOM}{name}"):
            assert UTC_TEXT.fullmatch(moment.text)
    for link in element.findall(f"{ATOM}link"):
        assert link.get("href").startswith("http")
    assert element.findtext(f"{ATOM}author/{ATOM}name")


def test_ids_outlive_language_title_and_change_while_updated_moves(app: APIFlask, client: Client, three: None) -> None:
    def facts(query: str) -> dict[str, str]:
        feed = ElementTree.fromstring(ask(client, "atom", query))
        return {
            str(entry.findtext(f"{ATOM}id")): str(entry.findtext(f"{ATOM}updated"))
            for entry in feed.iter(f"{ATOM}entry")
        }

    from tests.catalogue.test_operations import edit

    before = facts("format=lecture")
    assert facts("format=lecture&lang=ru") == before
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        with app.app_context():
            edit(db.session.scalars(db.select(Event.id).where(Event.format == "lecture")).one(), title={"en": "Moons"})
        after = facts("format=lecture")
    assert set(after) == set(before)
    assert max(after.values()) > max(before.values())
    json_ids = {item["id"] for item in json.loads(ask(client, "json", "format=lecture"))["items"]}
    assert json_ids == set(before)


def test_json_says_what_other_sites_need_and_keeps_its_schema(client: Client, three: None) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for query in ("", "lang=ru", "format=nonsense", "q=nothing"):
        Draft202012Validator(SCHEMA).validate(json.loads(ask(client, "json", query)))
    (item,) = json.loads(ask(client, "json", "q=clay"))["items"]
    event = item["_event"]
    assert (event["status"], event["modes"], event["format"]) == ("scheduled", ["in_person", "online"], "workshop")
    assert event["sign_up"] == {
        "kind": "here",
        "url": f"{item['url']}/sign-up",
        "opens_at": None,
        "closes_at": None,
    }
    (session,) = event["sessions"]
    assert session["zone"] == "Europe/Moscow"
    assert session["starts"].endswith("+03:00")
    assert session["starts_utc"].endswith("Z")
    assert session["venue"]["district"] == "North"
    assert "free" not in json.dumps(event)


def test_pages_name_their_feeds_and_offer_five_ways_and_when_it_changes(
    app: APIFlask, client: Client, three: None
) -> None:
    with app.app_context():
        db.session.add(Programme(slug="forum", title={"en": "Forum"}, summary={}))
        db.session.commit()
    for path, query in {
        "/events?format=lecture": "format=lecture",
        "/o/lighthouse": "org=lighthouse",
        "/venues/lighthouse-hall": "venue=lighthouse-hall",
        "/p/forum": "programme=forum",
        f"/events/{local(days=8):%Y-%m}?mode=online": "mode=online",
        "/subscribe?audience=families": "audience=families",
    }.items():
        page = client.page(path)
        feeds = {link.get("type"): link.get("href") for link in page.all("link") if link.get("rel") == "alternate"}
        ics = f"http://127.0.0.1:5000/events.ics?lang=en&{query}"
        assert feeds["text/calendar"] == ics
        assert feeds["application/atom+xml"] == ics.replace(".ics", ".atom")
        links = page.links()
        assert ics.replace("http://", "webcal://") in links
        assert any(link.startswith("https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F") for link in links)
        assert any(link.startswith("https://outlook.live.com/calendar/0/addfromweb?url=") for link in links)
        assert ics.replace(".ics", ".atom") in links
        assert ics in page.words
        assert [one for one in page.all("button") if one.get("data-copy") == "#feed-address"]
        assert "Google looks every 8 to 24 hours" in page.words
        assert "An imported file stays as it is for ever." in page.words
        assert "On Android phones this button usually opens nothing." in page.words
        assert "Both tell of whole events" in page.words
        assert client.get(f"/events.ics?lang=en&{query}").status_code == 200


def test_the_composer_shows_address_and_preview_and_keeps_what_it_has_no_box_for(
    app: APIFlask, client: Client, three: None
) -> None:
    with app.app_context():
        for number in range(12):
            make_event(event_values(title={"en": f"Talk {number}"}, starts_local=local(days=number + 10)))
    page = client.page("/subscribe?format=lecture&format=workshop&venue=lighthouse-hall&to=2199-01-01")
    assert "14 entries in all" in page.words
    assert "The next 10 are:" in page.words
    assert len(page.all("ol")[0]) == 10
    ticked = [one.get("value") for one in page.all("input") if one.get("checked") is not None]
    assert ticked == ["lecture", "workshop", "lighthouse-hall"]
    assert (page.fields()["venue"], page.fields()["to"]) == ("lighthouse-hall", "2199-01-01")
    assert "/subscribe?format=workshop&venue=lighthouse-hall&to=2199-01-01" in page.links()
    assert "/subscribe?format=lecture&format=workshop&to=2199-01-01" in page.links()
    assert "Nothing yet." in client.page("/subscribe?topic=law").words
    for days in ("from=2020-01-01&to=2020-02-01", "from=2199-02-01&to=2199-01-01"):
        assert "Nothing will appear here" in client.page(f"/subscribe?{days}").words


def test_the_preview_counts_what_the_calendar_has(app: APIFlask, client: Client, three: None) -> None:
    with app.app_context():
        make_event(event_values(title={"en": "Past"}, topic="law", starts_local=local(days=-20)))
        make_event(event_values(title={"en": "Old"}, topic="law", starts_local=local(days=-95)))
    page = client.page("/subscribe?topic=law")
    assert "1 entry in all, which is over" in page.words
    assert ask(client, "ics", "topic=law").count(b"BEGIN:VEVENT") == 1
    assert "4 entries in all, 1 of them is over" in client.page("/subscribe").words
    assert ask(client, "ics").count(b"BEGIN:VEVENT") == 4


def test_the_preview_has_only_what_has_not_ended_at_this_moment(app: APIFlask, client: Client) -> None:
    noon = now().replace(hour=12, minute=0)
    with time_machine.travel(noon, tick=False):
        with app.app_context():
            make_event(event_values(title={"en": "Short"}, starts_local=local(hours=1)))
            make_event(event_values(title={"en": "Long"}, starts_local=local(hours=1), ends_local=local(hours=9)))
        before = client.page("/subscribe").words
        assert "2 entries in all The next 2 are:" in before
    with time_machine.travel(noon + timedelta(hours=3), tick=False):
        after = client.page("/subscribe").words
    assert "2 entries in all, 1 of them is over This comes next:" in after
    assert ("Short" in after, "Long" in after) == (False, True)


def test_each_value_can_be_taken_away_alone(client: Client, three: None) -> None:
    page = client.page("/events?format=lecture&format=workshop&org=lighthouse")
    for rest in ("format=workshop&org=lighthouse", "format=lecture&org=lighthouse", "format=lecture&format=workshop"):
        assert f"/events?{rest}" in page.links()
    ticked = [one.get("value") for one in page.all("input") if one.get("checked") is not None]
    assert ticked == ["lecture", "workshop", "lighthouse"]


def test_a_large_feed_is_kept_packed_and_sent_as_one_wants_it() -> None:
    for size in (10, LARGE_BYTES, LARGE_BYTES + 1):
        plain = b"abcdefghij" * (size // 10) + b"x" * (size % 10)
        body = Body.packed(plain)
        assert body.whole() == plain == gzip.decompress(body.gzipped or b"")
        assert (body.size > size) == (size <= LARGE_BYTES)


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
    told = {one.get("property") or one.get("name"): one.get("content") for one in client.page(f"/e/{slug}").all("meta")}
    assert told["og:title"] == "Cancelled: Stars"
    assert str(told["og:description"]).startswith("Cancelled: ")


def something_bygone() -> str:
    """Two organizations with nothing to come, a series each, and the number of a track of what is over."""
    for slug, series in (("nobody", "a"), ("nowhere", "b")):
        here = db.session.scalars(db.select(Organization)).first()
        assert here is not None
        values = {name: getattr(here, name) for name in ("about", "email", "zone", "language", "created_at")}
        db.session.add(Organization(slug=slug, name={"en": slug.title()}, **values))
        event = make_event(event_values(title={"en": "Bygone"}, starts_local=local(days=-5)))
        row = Series(organization_id=event.organization_id, slug=series, title={"en": "A series"})
        track = Track(event_id=event.id, title={"en": "A track"})
        db.session.add_all([row, track])
        db.session.flush()
        execute(update(Event).where(Event.id == event.id).values(series_id=row.id))
        db.session.commit()
    return str(track.id)


def test_values_that_the_form_doesnt_offer_travel_along_hidden(app: APIFlask, client: Client, three: None) -> None:
    with app.app_context():
        track = something_bygone()
    for path in ("/events", "/subscribe", f"/events/{local(days=8):%Y-%m}"):
        page = client.page(f"{path}?org=oak&org=nobody&org=nowhere&district=South&series=a&series=b&track={track}")
        hidden = [(one.get("name"), one.get("value")) for one in page.all("input") if one.get("type") == "hidden"]
        expected = [
            ("district", "South"),
            ("org", "nobody"),
            ("org", "nowhere"),
            ("series", "a"),
            ("series", "b"),
            ("track", track),
        ]
        assert sorted(one for one in hidden if one[0] != "next") == expected
        assert [one.get("value") for one in page.all("input") if one.get("checked") is not None] == ["oak"]
