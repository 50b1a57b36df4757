"""Hours that the clocks skip, typed into each form of the desk: both nearest are offered, and nothing else is lost."""

from __future__ import annotations

from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.db import db
from app.core.times import wall_time
from tests.catalogue.ics_cases import wall
from tests.support.desk_forms import form_at
from tests.support.events import event_values, hybrid
from tests.support.meetings import make, meetings, typed
from tests.support.pages import Client, Page

BERLIN = "Europe/Berlin"
GAP = {"on": "28.03.2027", "starts": "02.30", "ends": "05.00"}
BOTH = "Choose 01:30 or 03:30."
WEEK_BEFORE = {
    "zone": BERLIN,
    "starts_local": wall("2027-03-21T02:30"),
    "ends_local": wall("2027-03-21T05:00"),
}


@pytest.fixture(autouse=True)
def organizer(client: Client) -> None:
    """Bob, on the desk."""
    client.sign_in("bob")


def form_of(client: Client, public_id: str, **changes: Any) -> dict[str, Any]:
    return form_at(client, f"/desk/events/{public_id}/edit", **changes)


def test_an_event_keeps_all_that_was_typed_and_either_offer_is_taken(client: Client, app: APIFlask) -> None:
    public_id = make(app)
    address = f"/desk/events/{public_id}/edit"
    sent = form_of(client, public_id, zone=BERLIN, title="Typed before the gap", **GAP)
    page = Page(client.send(address, sent, status=422))
    assert BOTH in page.words
    assert "#starts" in page.links()
    fields = page.fields()
    assert (fields["title"], fields["on"], fields["zone"]) == ("Typed before the gap", "2027-03-28", BERLIN)
    again = Page(client.post(address, data={**sent, "starts": "03:30"}))
    assert again.status in (200, 303)
    assert BOTH not in again.words


@pytest.mark.parametrize(("day", "hour"), [("opens_on", "opens_at"), ("closes_on", "closes_at")])
def test_the_window_of_sign_up_offers_both_too(client: Client, app: APIFlask, day: str, hour: str) -> None:
    public_id = make(app, event_values(**WEEK_BEFORE))
    sent = form_of(client, public_id, **{day: "28.03.2027", hour: "02:30"})
    page = Page(client.send(f"/desk/events/{public_id}/edit", sent, status=422))
    assert BOTH in page.words
    assert f"#{hour}" in page.links()


def test_a_meeting_offers_both_too(client: Client, app: APIFlask) -> None:
    public_id = make(app, event_values(**WEEK_BEFORE))
    page = Page(client.send(f"/desk/events/{public_id}/sessions/new", typed(**GAP), status=422))
    assert BOTH in page.words
    assert page.fields()["title"] == "Telling stories"


def test_a_gap_of_half_an_hour_offers_what_is_nearest(client: Client, app: APIFlask) -> None:
    public_id = make(app, event_values(**{**WEEK_BEFORE, "zone": "Australia/Lord_Howe"}))
    page = Page(
        client.send(
            f"/desk/events/{public_id}/sessions/new", typed(on="03.10.2027", starts="02.15", ends="05.00"), status=422
        )
    )
    assert "Choose 01:45 or 02:45." in page.words


def test_repeating_into_a_gap_is_refused_with_the_date_and_nothing_is_made(client: Client, app: APIFlask) -> None:
    public_id = make(app, event_values(**WEEK_BEFORE))
    (first,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions/{first.id}/repeat"
    page = Page(client.post(address, data={"times": "3", "weeks": "1"}))
    assert page.status == 422
    for words in ("28 March 2027", "02:30", "01:30 or 03:30"):
        assert words in page.words
    assert page.fields()["times"] == "3"
    assert len(meetings(app, public_id)) == 1


def test_a_series_into_a_gap_is_refused_and_a_copy_moves_on(client: Client, app: APIFlask) -> None:
    public_id = make(app, hybrid(**WEEK_BEFORE))
    page = Page(client.post(f"/desk/events/{public_id}/series", data={"times": "2", "weeks": "1"}))
    assert page.status == 422
    assert "01:30 or 03:30" in page.words
    assert page.fields()["times"] == "2"
    with app.app_context():
        assert len(db.session.scalars(db.select(Event)).all()) == 1


@pytest.mark.parametrize(
    ("zone", "city"), [("Africa/Casablanca", "Casablanca"), ("Australia/Lord_Howe", "Lord Howe Island")]
)
def test_an_event_can_be_anywhere_in_the_world(client: Client, app: APIFlask, zone: str, city: str) -> None:
    public_id = make(app)
    address = f"/desk/events/{public_id}/edit"
    assert city in client.page(address).words
    client.send(address, form_of(client, public_id, zone=zone, on="10.12.2026", starts="18:30", ends="20:00"))
    (session,) = meetings(app, public_id)
    assert session.zone == zone
    assert session.starts_at == wall_time(wall("2026-12-10T18:30"), zone).at
    assert f"time of {city} (UTC" in client.page(f"/desk/events/{public_id}").words


@pytest.mark.parametrize("how", ["copy", "repeat", "series"])
def test_an_hour_that_comes_twice_is_named_where_a_repetition_meets_it(client: Client, app: APIFlask, how: str) -> None:
    week_before = {"starts_local": wall("2027-10-24T02:30"), "ends_local": wall("2027-10-24T05:00"), "zone": BERLIN}
    public_id = make(app, event_values(**week_before))
    [first] = meetings(app, public_id)
    address = f"/desk/events/{public_id}"
    if how == "series":
        client.send(f"{address}/series", {"times": "2", "weeks": "1"})
        words = client.page(f"{address}/series").words
    else:
        client.send(f"{address}/sessions/{first.id}/{how}", {"times": "2", "weeks": "1"})
        words = client.page(f"{address}/sessions").words
    assert words.count("On 31 October 2027 the clocks show the hour twice. The earlier one is meant") == 1
    assert "November 2027 the clocks" not in words
