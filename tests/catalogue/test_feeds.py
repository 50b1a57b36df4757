"""Any search as a calendar, as Atom and as JSON: what the address means, what the answer says, how it is sent."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from apiflask import APIFlask
from jsonschema import Draft202012Validator
from sqlalchemy import update

from app.catalogue import operations, queries
from app.catalogue.kept import LARGE_BYTES, Body
from app.catalogue.models import Event, Project, SeatPool
from app.core.clock import now
from app.core.db import db, execute
from config import ROOT
from tests.support.cast import person
from tests.support.conference import add_session, make_conference
from tests.support.events import event_values, local, make_event
from tests.support.feeds import ATOM, KINDS, ask, name_of, own_address, titles, unfolded
from tests.support.pages import Client

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
UTC_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SCHEMA = json.loads((ROOT / "docs" / "how-to" / "read-feeds.schema.json").read_text("utf-8"))
ROOM = b"secret-room-4711"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each form of a feed in turn."""
    return str(request.param)


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
        day = max(one.ends_local for one in queries.sessions_of(event.id)).date() + timedelta(days=1)
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
    with time_machine.travel(now() + timedelta(seconds=1)):  # when the second in which it changed is over
        modified = client.get(path).headers["Last-Modified"]
        since = client.get(path, headers={"If-Modified-Since": modified})
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


def test_a_large_feed_is_kept_packed_and_sent_as_one_wants_it() -> None:
    for size in (10, LARGE_BYTES, LARGE_BYTES + 1):
        plain = b"abcdefghij" * (size // 10) + b"x" * (size % 10)
        body = Body.packed(plain)
        assert body.whole() == plain == gzip.decompress(body.gzipped or b"")
        assert (body.size > size) == (size <= LARGE_BYTES)
