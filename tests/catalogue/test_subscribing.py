"""Where pages offer their feeds, and the page on which one is put together by ticking."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from apiflask import APIFlask
from sqlalchemy import update

from app.accounts.models import Organization
from app.catalogue.models import Event, Programme, Series, Track
from app.core.clock import now
from app.core.db import db, execute
from tests.support.events import event_values, local, make_event
from tests.support.feeds import ask
from tests.support.pages import Client


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


def test_the_page_of_an_event_leads_to_a_calendar_that_follows(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_event().slug
    address = next(link for link in client.page(f"/e/{slug}").links() if link.endswith("#subscribe"))
    page = client.page(address.partition("#")[0])
    assert [one.tag.rpartition("}")[2] for one in page.tree.iter() if one.get("id") == "subscribe"] == ["details"]
