"""The lint of calendar bytes finds each planted fault, and nothing in what we write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from apiflask import APIFlask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import operations, queries
from app.catalogue.entries import store_calendar_entries
from app.catalogue.ics import calendar, render_vevent
from app.catalogue.ics.lint import ONLINE, lint_calendar, lint_vevent
from app.catalogue.models import Event, Venue
from app.core.audit import COMMAND
from app.core.db import db, transaction
from app.core.i18n import gettext, in_language
from app.exchange.demo import DATA
from app.exchange.operations import load_data
from config import LANGUAGES
from tests.catalogue.ics_cases import PAGE, session_facts
from tests.support.cast import person
from tests.support.events import event_values, hybrid, make_event
from tests.support.pages import Client

GOOD = render_vevent(
    session_facts(
        title="Ночное небо; звёзды, планеты 🔭 " * 6,
        description="Строка\nвторая " * 30,
        location="Дом, улица",
        geo=(59.9, -30.25),
        categories=("lecture", "sky"),
        organizer_name='The "Orbit": club',
        organizer_email="a@orbit.example",
        conference_url=PAGE,
    )
)
FEED = calendar([GOOD], zones=["Europe/Berlin"], name="All, events", source=PAGE, url=PAGE)

ENTRY_FAULTS: list[tuple[str, bytes, bytes]] = [
    ("line-end", b"\r\nSTATUS", b"\nSTATUS"),
    ("control", b"SUMMARY;LANGUAGE=en:", b"SUMMARY;LANGUAGE=en:\x00"),
    ("long-line", b"URL:", b"URL:" + PAGE.encode() * 2),
    ("frame", b"BEGIN:VEVENT\r\n", b""),
    ("missing", b"STATUS:CONFIRMED\r\n", b""),
    ("twice", b"STATUS:CONFIRMED\r\n", b"STATUS:CONFIRMED\r\n" * 2),
    ("empty", b"STATUS:CONFIRMED", b"COMMENT:\r\nSTATUS:CONFIRMED"),
    ("stamps-differ", b"LAST-MODIFIED:2026", b"LAST-MODIFIED:2027"),
    ("stamp-not-utc", b"CREATED:20260501T080000Z", b"CREATED:20260501T080000"),
    ("sequence", b"SEQUENCE:2", b"SEQUENCE:-2"),
    ("floating", b"DTSTART;TZID=Europe/Berlin:", b"DTSTART:"),
    ("end-not-later", b"DTEND;TZID=Europe/Berlin:20260701T193000", b"DTEND;TZID=Europe/Berlin:20260701T173000"),
    ("half-day", b"DTEND;TZID=Europe/Berlin:20260701T193000", b"DTEND;VALUE=DATE:20260702"),
    ("status", b"STATUS:CONFIRMED", b"STATUS:MAYBE"),
    ("cancelled-busy", b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
    ("link", b"URL:https:", b"URL:javascript:"),
    ("organizer", b"mailto:a@", b"a@"),
    ("conference", b"CONFERENCE;VALUE=URI;", b"CONFERENCE;"),
    ("geo", b"GEO:59.900000;", b"GEO:59.900000,"),
    ("no-link-in-words", b"night-sky\r\nEND", b"night\r\nEND"),
    ("unescaped", b"LOCATION:\xd0\x94\xd0\xbe\xd0\xbc\\,", b"LOCATION:\xd0\x94\xd0\xbe\xd0\xbc,"),
    ("comma-in-category", b"CATEGORIES:lecture,", b"CATEGORIES:lecture\\,"),
    ("geo-online", "LOCATION:Дом\\, улица".encode(), "LOCATION:Онлайн".encode()),
    ("cancelled-room", b"STATUS:CONFIRMED\r\nTRANSP:OPAQUE", b"STATUS:CANCELLED\r\nTRANSP:TRANSPARENT"),
    ("two-line-place", b"LOCATION:", b"LOCATION:A\\n"),
    ("repeats", b"STATUS:CONFIRMED", b"RRULE:FREQ=DAILY\r\nSTATUS:CONFIRMED"),
    ("personal", b"STATUS:CONFIRMED", b"ATTENDEE:mailto:b@c.example\r\nSTATUS:CONFIRMED"),
]
FEED_FAULTS: list[tuple[str, bytes, bytes]] = [
    ("calendar-head", b"VERSION:2.0\r\n", b""),
    ("calendar-uid", b"VERSION:2.0", b"UID:1\r\nVERSION:2.0"),
    ("method", b"VERSION:2.0", b"METHOD:PUBLISH\r\nVERSION:2.0"),
    ("refresh", b"REFRESH-INTERVAL;VALUE=DURATION:", b"REFRESH-INTERVAL:"),
    ("name", b"X-WR-CALNAME:All", b"X-WR-CALNAME:Some"),
    ("zone-missing", b"TZID:Europe/Berlin", b"TZID:Europe/Paris"),
    ("zone-twice", b"TZID:Europe/Berlin", b"TZID:Europe/Berlin\r\nTZID:Europe/Berlin"),
    ("zone-rdate", b"TZID:Europe/Berlin", b"RDATE:20260101T000000\r\nTZID:Europe/Berlin"),
    ("uid-twice", GOOD, GOOD * 2),
    ("too-many", GOOD, GOOD * 1001),
]


def test_the_words_for_no_place_are_those_that_entries_have(app: APIFlask) -> None:
    with app.app_context():
        words = []
        for language in LANGUAGES:
            with in_language(language):
                words.append(gettext("Online"))
    assert sorted(words) == sorted(ONLINE)


def test_an_entry_of_a_meeting_that_went_online_is_nowhere_on_the_map(app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid())
        venue = event_venue(event)
        assert venue.latitude is not None
        (hall,) = queries.entries_of(event.id, "en")
        assert b"\r\nGEO:" in hall.vevent
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        change = replace(values, is_in_person=False, capacity_in_person=None)
        operations.edit_event(actor=person("bob"), event_id=event.id, values=change, seen=queries.seen_of(event))
        for language in LANGUAGES:
            (online,) = queries.entries_of(event.id, language)
            assert b"\r\nGEO:" not in online.vevent
            assert lint_vevent(online.vevent) == []


def event_venue(event: Event) -> Venue:
    """The venue of the event's one session, put on the map."""
    with transaction():
        (session,) = queries.sessions_of(event.id)
        venue = db.session.get_one(Venue, session.venue_id)
        venue.latitude, venue.longitude = 59.9, 30.25
        store_calendar_entries(event.id)
    return venue


def test_what_we_write_has_no_fault() -> None:
    assert lint_vevent(GOOD) == []
    assert lint_calendar(FEED) == []
    assert lint_calendar(calendar([GOOD], zones=["Europe/Berlin"], refresh=False), is_feed=False) == []


@pytest.mark.parametrize(("rule", "sound", "faulty"), ENTRY_FAULTS, ids=[one[0] for one in ENTRY_FAULTS])
def test_each_fault_of_an_entry_is_found(rule: str, sound: bytes, faulty: bytes) -> None:
    assert sound in GOOD
    assert rule in {found.rule for found in lint_vevent(GOOD.replace(sound, faulty, 1))}


@pytest.mark.parametrize(("rule", "sound", "faulty"), FEED_FAULTS, ids=[one[0] for one in FEED_FAULTS])
def test_each_fault_of_a_feed_is_found(rule: str, sound: bytes, faulty: bytes) -> None:
    assert sound in FEED
    assert rule in {found.rule for found in lint_calendar(FEED.replace(sound, faulty, 1))}


@pytest.mark.parametrize(
    ("rule", "folded"),
    [
        ("cut-letter", "SUMMARY:é".encode()[:-1] + b"\r\n " + "é".encode()[1:] + b"\r\n"),
        ("cut-escape", b"SUMMARY:a\\\r\n n\r\n"),
    ],
)
def test_a_fold_in_a_wrong_place_is_found(rule: str, folded: bytes) -> None:
    broken = GOOD.replace(b"STATUS:CONFIRMED\r\n", b"STATUS:CONFIRMED\r\n" + folded)
    assert rule in {found.rule for found in lint_vevent(broken)}


def test_a_named_download_is_found() -> None:
    named = calendar([GOOD], zones=["Europe/Berlin"], name="x", refresh=False)
    assert [found.rule for found in lint_calendar(named, is_feed=False)] == ["named-download"]


@settings(max_examples=300)
@given(st.text(min_size=1).filter(str.strip), st.text(), st.text(), st.booleans(), st.booleans())
def test_no_words_lead_to_a_fault(title: str, text: str, place: str, all_day: bool, is_cancelled: bool) -> None:
    facts = session_facts(
        title="T " + title,
        description=text,
        location=place,
        all_day=all_day,
        organizer_name=title,
        organizer_email="a@b.example",
        categories=(title, place),
        status="cancelled" if is_cancelled else "scheduled",
    )
    assert lint_vevent(render_vevent(facts)) == []


def feeds(client: Client, slugs: list[str]) -> Iterator[tuple[str, bool]]:
    for language in ("en", "ru"):
        yield f"/events.ics?lang={language}", True
        yield f"/events.ics?mode=online&lang={language}", True
        for slug in slugs:
            yield f"/e/{slug}.ics?lang={language}", False


def test_no_feed_or_download_has_a_fault(app: APIFlask, client: Client) -> None:
    with app.app_context():
        odd = make_event(event_values(title={"en": 'A;b,c\\n "x" 🔭' * 9, "ru": "Ё" * 150}))
        cancelled = make_event(hybrid())
        operations.mark_cancelled(actor=person("bob"), event_id=cancelled.id, reason="x")
        slugs = [odd.slug, cancelled.slug]
    for path, is_feed in feeds(client, slugs):
        assert lint_calendar(client.get(path).data, is_feed=is_feed) == [], path


def test_the_demo_has_no_fault(app: APIFlask, client: Client) -> None:
    with app.app_context():
        load_data(actor=COMMAND, content=DATA.read_bytes())
    data = client.get("/events.ics").data
    assert data.count(b"BEGIN:VEVENT") > 5
    assert lint_calendar(data) == []
