"""A course that loses meetings one by one and then as a whole: what is told of it is what was lost with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.catalogue import event_times, operations, queries
from app.catalogue.models import Event
from app.catalogue.views.pictures import event_facts
from app.core.clock import now
from app.core.db import db
from app.core.i18n import in_language
from tests.catalogue.test_months import cells
from tests.catalogue.test_structured import facts_of, marked, meta_of
from tests.support.calendars import entries
from tests.support.cast import person
from tests.support.changes import change
from tests.support.events import daytime, local, make_event
from tests.support.meetings import one_more
from tests.support.pages import Client

FIRST = local(days=9).replace(hour=19, minute=0)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
MOVED_FROM = FIRST + timedelta(days=3)
SECOND, THIRD, FOURTH = FIRST + WEEK, FIRST + 2 * WEEK, FIRST + 3 * WEEK


def statuses(client: Client, address: str) -> list[str]:
    """Of the calendar's entries, by time."""
    found = entries(client.get(address).data).values()
    return [str(one["STATUS"]) for one in sorted(found, key=lambda one: one["DTSTART"].dt)]


@pytest.fixture
def course(app: APIFlask) -> str:
    """Cancelled with three meetings, of which the first was moved; one before them had been called off alone."""
    with app.app_context():
        event = make_event(starts_local=MOVED_FROM, ends_local=MOVED_FROM + HOUR)
        change(event, starts_local=SECOND, ends_local=SECOND + HOUR)
        known = [one_more(event, starts_local=at, ends_local=at + HOUR) for at in (FOURTH, FIRST, THIRD)]
        operations.mark_session_cancelled(actor=person("bob"), session_id=known[1])
        operations.mark_cancelled(actor=person("bob"), event_id=event.id, reason="")
        return event.slug


def test_the_page_and_what_machines_read_of_it_tell_what_was_lost(course: str, client: Client) -> None:
    page = client.page(f"/e/{course}")
    until = f"3 meetings, until {FOURTH.day} {FOURTH:%B %Y}"
    assert until in page.words
    facts = facts_of(page)
    assert facts["startDate"].startswith(SECOND.isoformat())
    assert facts["endDate"].startswith((FOURTH + HOUR).isoformat())
    assert facts["previousStartDate"].startswith(MOVED_FROM.isoformat())
    assert facts["eventStatus"] == "https://schema.org/EventCancelled"
    (start,) = marked(page, "dt-start")
    assert start.get("datetime").startswith(SECOND.isoformat(timespec="minutes"))
    assert not marked(page, "dt-end"), "the end of one meeting is not that of the course"
    told = f"{SECOND:%A} {SECOND.day} {SECOND:%B %Y}, 19:00–20:00, Moscow time (UTC+3); {until}. "
    assert told in meta_of(page)["og:description"]


def test_the_picture_the_desk_and_the_lists_tell_what_was_lost(course: str, client: Client, app: APIFlask) -> None:
    with app.app_context(), in_language("en"):
        event = db.session.scalars(db.select(Event).where(Event.slug == course)).one()
        found = queries.find_shown_event(course)
        assert found is not None
        begins = f"{SECOND:%A} {SECOND.day} {SECOND:%B %Y}, 19:00 · 3 meetings"
        assert event_facts(*found).when == begins
        assert f"{SECOND.day} {SECOND:%b}" in event_times.when_of(event.id)
        assert queries.next_session(queries.sessions_of(event.id), now()).starts_local == SECOND
    (start,) = marked(client.page("/events"), "dt-start")
    assert start.get("datetime").startswith(SECOND.isoformat(timespec="minutes"))
    days = [f"/events?from={at:%Y-%m-%d}&to={at:%Y-%m-%d}" for at in (FIRST, SECOND, FOURTH)]
    assert [len(marked(client.page(day), "h-event")) for day in days] == [0, 1, 1]


def test_its_meetings_stand_in_order_of_time_each_as_cancelled(course: str, client: Client) -> None:
    meetings = facts_of(client.page(f"/e/{course}"))["subEvent"]
    in_time = [at.isoformat() for at in (FIRST, SECOND, THIRD, FOURTH)]
    assert [one["startDate"][: len(in_time[0])] for one in meetings] == in_time
    assert {one["eventStatus"] for one in meetings} == {"https://schema.org/EventCancelled"}
    (item,) = client.get("/events.json").get_json()["items"]
    assert [one["starts"][: len(in_time[0])] for one in item["_event"]["sessions"]] == in_time


def test_what_was_held_before_the_event_was_cancelled_stays_held(app: APIFlask, client: Client) -> None:
    last_week, next_week = daytime(local(days=-7)), daytime(local(days=7))
    with app.app_context():
        event = make_event(starts_local=last_week, ends_local=last_week + HOUR)
        one_more(event, starts_local=next_week, ends_local=next_week + HOUR)
        operations.mark_cancelled(actor=person("bob"), event_id=event.id, reason="")
        held, lost = queries.sessions_of(event.id)
        assert (held.sequence, lost.sequence) == (0, 1)
        slug = event.slug
    for address in (f"/e/{slug}.ics", "/events.ics"):
        assert statuses(client, address) == ["CONFIRMED", "CANCELLED"]
    facts = facts_of(client.page(f"/e/{slug}"))
    words = [f"https://schema.org/{word}" for word in ("EventScheduled", "EventCancelled")]
    assert [one["eventStatus"] for one in facts["subEvent"]] == words
    assert facts["eventStatus"] == "https://schema.org/EventCancelled"
    assert facts["startDate"].startswith(next_week.isoformat()), "what was lost is what is told of"
    assert f"{next_week:%A} {next_week.day} {next_week:%B %Y}" in client.page(f"/e/{slug}").words
    assert "1 meeting" in client.page(f"/e/{slug}").words
    for at, is_struck in ((last_week, False), (next_week, True)):
        assert ("Cancelled" in cells(client.page(f"/events/{at:%Y-%m}"))[f"{at:%Y-%m-%d}"]) is is_struck


def test_an_event_that_is_cancelled_afterwards_was_not_held(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(starts_local=daytime(local(days=-3)))
        operations.mark_cancelled(actor=person("bob"), event_id=event.id, reason="")
        slug = event.slug
    assert statuses(client, f"/e/{slug}.ics") == ["CANCELLED"]
