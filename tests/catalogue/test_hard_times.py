"""A set of hard times, loaded from a file: calendar programs agree with the database on each instant of the feed.

For a look by eye: `flask load tests/catalogue/hard_times.json` where the organization "lighthouse" is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from apiflask import APIFlask

from app.catalogue import operations, queries
from app.catalogue.ics.lint import lint_calendar
from app.catalogue.models import Event, Session
from app.core.audit import COMMAND
from app.core.db import db
from app.core.times import local_time
from app.exchange.operations import load_data
from tests.catalogue.ics_cases import utc
from tests.readers.calendars import Reader
from tests.support.cast import person
from tests.support.pages import Client

FILE = Path(__file__).with_name("hard_times.json")
BEFORE = datetime(2027, 1, 1, 12, tzinfo=UTC)

# Written down by hand, from the clocks of each place: the database is compared with these, the readers with it.
INSTANTS = {
    "winter": [("2027-01-15T17:00", "2027-01-15T18:30")],
    "summer": [("2027-07-15T16:00", "2027-07-15T17:30")],
    "spring-night": [("2027-03-28T00:30", "2027-03-28T02:00")],
    "autumn-night": [("2027-10-30T23:30", "2027-10-31T03:00")],
    "doubled-hour": [("2027-10-31T00:15", "2027-10-31T00:45")],
    "moscow": [("2027-07-15T15:00", "2027-07-15T16:30")],
    "new-york": [("2027-03-14T06:30", "2027-03-14T07:30")],
    "casablanca-ramadan": [("2027-02-20T18:00", "2027-02-20T19:00")],
    "casablanca-summer": [("2027-07-20T18:00", "2027-07-20T19:00")],  # Morocco has kept UTC since September 2026
    "lord-howe": [("2027-04-03T11:00", "2027-04-03T17:30")],
    "all-day": [("2027-10-30T22:00", "2027-10-31T23:00")],
    "over-midnight": [("2027-06-30T19:00", "2027-06-30T23:00")],
    "conference": [
        ("2027-11-05T13:00", "2027-11-07T22:00"),
        ("2027-11-06T14:00", "2027-11-06T15:00"),
        ("2027-11-07T15:00", "2027-11-07T16:00"),
    ],
    "weekly": [
        ("2027-03-18T17:00", "2027-03-18T18:30"),
        ("2027-03-25T17:00", "2027-03-25T18:30"),
        ("2027-04-01T16:00", "2027-04-01T17:30"),
    ],
}


@pytest.fixture
def hard_times(app: APIFlask) -> Iterator[None]:
    """The set, loaded in January before all of it."""
    with time_machine.travel(BEFORE, tick=True):
        with app.app_context():
            load_data(actor=COMMAND, content=FILE.read_bytes())
        yield


def sessions_by_slug() -> dict[str, list[Session]]:
    events = db.session.scalars(db.select(Event)).all()
    return {event.slug: queries.sessions_of(event.id) for event in events}


@pytest.mark.usefixtures("hard_times")
def test_the_database_has_each_instant_that_the_clocks_of_the_place_show(app: APIFlask) -> None:
    with app.app_context():
        found = {
            slug: [(one.starts_at, one.ends_at) for one in sorted(sessions, key=lambda one: one.position)]
            for slug, sessions in sessions_by_slug().items()
        }
    assert found == {slug: [(utc(a), utc(b)) for a, b in spans] for slug, spans in INSTANTS.items()}


@pytest.mark.usefixtures("hard_times")
def test_each_reader_agrees_with_the_database_on_every_instant_of_the_feed(
    app: APIFlask, client: Client, reader: Reader
) -> None:
    feed = client.get("/events.ics").data
    assert lint_calendar(feed) == []
    read = {entry.uid: (entry.starts, entry.ends) for entry in reader(feed)}
    with app.app_context():
        stored = {
            one.uid: (_written(one, one.starts_at), _written(one, one.ends_at))
            for sessions in sessions_by_slug().values()
            for one in sessions
        }
    assert read == stored


def _written(session: Session, at: datetime) -> str:
    return f"{local_time(at, session.zone):%Y%m%d}" if session.is_all_day else f"{at:%Y%m%dT%H%M%SZ}"


@pytest.mark.usefixtures("hard_times")
def test_repeating_over_a_clock_change_keeps_the_hour_on_the_wall(app: APIFlask) -> None:
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == "winter")).one()
        (session,) = queries.sessions_of(event.id)
        operations.repeat_session(actor=person("erin"), session_id=session.id, times=12, weeks=1)
        repeated = queries.sessions_of(event.id)
        assert {f"{one.starts_local:%H:%M}" for one in repeated} == {"18:00"}
        assert {f"{one.starts_at:%H:%M}" for one in repeated} == {"17:00", "16:00"}


@pytest.mark.usefixtures("hard_times")
def test_a_copy_four_weeks_later_keeps_the_hour_on_the_wall(app: APIFlask) -> None:
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == "weekly")).one()
        copy_id = operations.copy_event(actor=person("erin"), event_id=event.id)
        assert {f"{one.starts_local:%H:%M}" for one in queries.sessions_of(copy_id)} == {"18:00"}
        assert {f"{one.starts_at:%H:%M}" for one in queries.sessions_of(copy_id)} == {"16:00"}


@pytest.mark.usefixtures("hard_times")
@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Australia/Lord_Howe", "America/New_York"])
def test_an_event_that_changes_its_zone_keeps_its_wall_time(app: APIFlask, zone: str) -> None:
    with app.app_context():
        event = db.session.scalars(db.select(Event).where(Event.slug == "summer")).one()
        values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
        moved = replace(values, zone=zone)
        operations.edit_event(actor=person("erin"), event_id=event.id, values=moved, seen=queries.seen_of(event))
        (session,) = queries.sessions_of(event.id)
        assert f"{session.starts_local:%H:%M}" == "18:00"
        assert f"{local_time(session.starts_at, zone):%H:%M}" == "18:00"
        assert session.ends_at - session.starts_at == timedelta(minutes=90)
