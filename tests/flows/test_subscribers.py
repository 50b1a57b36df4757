"""khal and vdirsyncer subscribe to the hard times over HTTP, and again after one change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from apiflask import APIFlask

from app.catalogue import operations, queries
from app.catalogue.models import Event
from app.core.audit import COMMAND
from app.core.db import db
from app.exchange.operations import load_data
from tests.readers.subscribers import Subscriber
from tests.support.cast import person
from tests.support.servers import serving

HARD_TIMES = Path(__file__).parents[1] / "catalogue" / "hard_times.json"


@pytest.fixture
def subscriber(app: APIFlask, database: str, tmp_path: Path) -> Subscriber:
    """Somebody who is about to subscribe; the server runs as long as the test."""
    with app.app_context():
        load_data(actor=COMMAND, content=HARD_TIMES.read_bytes())
    return Subscriber(tmp_path)


def test_two_subscribers_read_the_feed_and_notice_one_change(
    app: APIFlask, database: str, subscriber: Subscriber
) -> None:
    with serving(database) as web:
        reader = Subscriber.of(f"{web.url}/events.ics", subscriber.folder / "reader")
        first = reader.sync()
        assert len(first) == 18
        written = reader.changed_at()
        assert reader.sync() == first
        assert reader.changed_at() == written

        lines = reader.shown("2027-03-27", 6)
        assert "2027-03-28 01:30|2027-03-28 04:00|Hard times: spring-night" in lines
        assert "2027-04-01 18:00|2027-04-01 19:30|Hard times: weekly" in lines
        assert "2027-03-14 07:30|2027-03-14 08:30|Hard times: new-york" in reader.shown("2027-03-14", 1)

        with app.app_context():
            event = db.session.scalars(db.select(Event).where(Event.slug == "moscow")).one()
            values = queries.event_values(event, queries.sessions_of(event.id), queries.pools_of(event.id))
            moved = replace(values, title={"en": "Hard times: renamed"})
            operations.edit_event(actor=person("erin"), event_id=event.id, values=moved, seen=queries.seen_of(event))
        after = reader.sync()
        # vdirsyncer takes the digest of an item of a feed for its UID and name, so a changed one has others.
        (gone,), (come,) = first.keys() - after.keys(), after.keys() - first.keys()
        assert b"renamed" in after[come]
        assert start_of(after[come]) == start_of(first[gone])
        kept = {name: at for name, at in reader.changed_at().items() if name != come}
        assert kept == {name: at for name, at in written.items() if name != gone}


def start_of(item: bytes) -> bytes:
    return next(line for line in item.splitlines() if line.startswith(b"DTSTART;TZID=Europe/Moscow"))
