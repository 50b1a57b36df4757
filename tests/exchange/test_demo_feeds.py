"""The demo's feeds, every one that its pages offer, as calendar programs and news readers take them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from apiflask import APIFlask
from flask_migrate import upgrade
from jsonschema import Draft202012Validator
from sqlalchemy import create_engine, insert, select

from app import create_app
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.models import Programme, Project, Series, Track, Venue
from app.catalogue.topics import TOPICS
from app.core.db import Base, db
from app.exchange.demo import prepare_demo
from config import ROOT
from tests.readers.calendars import READERS, NotInstalled, opened
from tests.support.databases import empty_postgresql, settings_for
from tests.support.pages import Client

ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = json.loads((ROOT / "docs" / "how-to" / "read-feeds.schema.json").read_text("utf-8"))
SEARCHES = ("", "lang=ru", "format=lecture&format=workshop&mode=online&lang=ru", "audience=over_55", "q=город&lang=ru")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo in it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    app = create_app(settings_for(url, DEMO_MODE="1"))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        assert prepare_demo().created
        db.engine.dispose()
    return url


@pytest.fixture(scope="module")
def demo(address: str) -> Iterator[APIFlask]:
    """The demo, served from it."""
    app = create_app(settings_for(address, DEMO_MODE="1"))
    yield app
    with app.app_context():
        db.engine.dispose()


def searches(demo: APIFlask) -> list[str]:
    """A search by each value of each filter, in both languages."""
    with demo.app_context():
        slugs = {
            name: [str(value) for value in db.session.scalars(column).all() if value]
            for name, column in {
                "venue": select(Venue.slug),
                "district": select(Venue.district).distinct(),
                "programme": select(Programme.slug),
                "project": select(Project.slug),
                "series": select(Series.slug),
                "track": select(Track.id),
            }.items()
        }
    slugs |= {"format": list(FORMATS), "topic": list(TOPICS), "audience": list(AUDIENCES)}
    slugs |= {"mode": ["in_person", "online", "hybrid"], "org": ["ryabina", "lamp-library"], "language": ["en", "ru"]}
    single = [{name: value} for name, values in slugs.items() for value in values]
    return ["", *(urlencode({**one, "lang": lang}) for one in single for lang in ("en", "ru"))]


def body(demo: APIFlask, kind: str, query: str) -> bytes:
    answer = demo.test_client().get(f"/events.{kind}?{query}", base_url="http://127.0.0.1:5000")
    assert answer.status_code == 200
    return answer.data


def digests(app: APIFlask) -> list[str]:
    """What this process makes of some searches."""
    return [
        hashlib.sha256(body(app, kind, query)).hexdigest() for kind in ("ics", "atom", "json") for query in SEARCHES
    ]


def test_three_calendar_programs_read_every_feed_alike(demo: APIFlask) -> None:
    feeds = [body(demo, "ics", query) for query in searches(demo)]
    found = {}
    for name in READERS:
        try:
            with opened(name) as reader:
                found[name] = [
                    [(e.uid, e.sequence, e.starts, e.ends, e.summary) for e in reader(feed)] for feed in feeds
                ]
        except NotInstalled:
            continue
    assert "icalendar" in found
    assert all(entries == found["icalendar"] for entries in found.values())
    assert sum(len(entries) for entries in found["icalendar"]) > 200


def test_every_feed_has_the_same_events_in_all_three_forms(demo: APIFlask) -> None:
    validator = Draft202012Validator(SCHEMA)
    found = 0
    for query in searches(demo):
        ics = body(demo, "ics", query).replace(b"\r\n ", b"").decode()
        feed = json.loads(body(demo, "json", query))
        validator.validate(feed)
        atom = ElementTree.fromstring(body(demo, "atom", query))
        in_json = {item["id"]: item["url"] for item in feed["items"]}
        in_atom = {
            entry.findtext(f"{ATOM}id"): entry.find(f"{ATOM}link[@type='text/html']").get("href")  # type: ignore[union-attr]
            for entry in atom.findall(f"{ATOM}entry")
        }
        assert in_json == in_atom
        assert set(in_json.values()) == set(re.findall(r"^URL:(http\S+/e/\S+)", ics, re.MULTILINE))
        assert atom.findtext(f"{ATOM}title") == feed["title"]
        assert f"NAME:{feed['title']}".replace(",", "\\,").replace(";", "\\;") in ics
        found += len(in_json)
    assert found > 150


def test_no_feed_tells_the_address_of_a_room(demo: APIFlask) -> None:
    data = json.loads((ROOT / "app" / "exchange" / "demo.json").read_text("utf-8"))
    rooms = set(re.findall(r'"room_url": "([^"]+)"', json.dumps(data)))
    assert rooms
    for query in searches(demo):
        for kind in ("ics", "atom", "json"):
            text = body(demo, kind, query).replace(b"\r\n ", b"").decode()
            assert not [room for room in rooms if room in text]


def test_another_process_writes_the_same_bytes(address: str, demo: APIFlask) -> None:
    program = (
        "from app import create_app; from tests.support.databases import settings_for;"
        "from tests.exchange.test_demo_feeds import digests; import sys;"
        "print(digests(create_app(settings_for(sys.argv[1], DEMO_MODE='1'))))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program, address],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"},
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout.strip() == str(digests(demo))


@pytest.mark.postgres
def test_both_databases_give_the_same_bytes(address: str, demo: APIFlask) -> None:
    for url in empty_postgresql():
        app = create_app(settings_for(url, DEMO_MODE="1"))
        with app.app_context():
            upgrade(str(ROOT / "migrations"))
            move_all(Path(address.removeprefix("sqlite:///")))
        assert digests(app) == digests(demo)
        with app.app_context():
            db.engine.dispose()


def move_all(source: Path) -> None:
    """The rows of all tables, as they are, from the SQLite file into the database at work."""
    engine = create_engine(f"sqlite:///{source}")
    with engine.connect() as old, db.engine.begin() as new:
        for table in Base.metadata.sorted_tables:
            new.execute(table.delete())
        for table in Base.metadata.sorted_tables:
            rows = [dict(row) for row in old.execute(select(table)).mappings()]
            if rows:
                new.execute(insert(table), rows)
    engine.dispose()


def test_a_calendar_is_put_together_of_places_programmes_projects_and_sections_too(
    demo: APIFlask,
) -> None:
    client = Client(demo)
    page = client.page("/subscribe?lang=en")
    offered = {str(one.get("name")) for one in page.all("input") if one.get("type") == "checkbox"}
    assert {"format", "mode", "topic", "audience", "org", "district", "language"} <= offered
    assert {"venue", "programme", "project", "track"} <= offered
    for name in ("venue", "programme", "track"):
        [value, *_others] = [str(one.get("value")) for one in page.all("input") if one.get("name") == name]
        chosen = client.page(f"/subscribe?lang=en&{urlencode({name: value})}")
        ticked = [one for one in chosen.all("input") if one.get("name") == name and one.get("checked") is not None]
        assert [str(one.get("value")) for one in ticked] == [value]
        assert f"{name}=" in chosen.text.partition('id="feed-address"')[2][:200]
