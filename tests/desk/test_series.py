"""The desk's pages of a series, the public one, and moving a person to another date."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.db import db
from app.registration.models import Registration
from app.registration.tickets import manage_token
from tests.support.events import make_event, sign_up
from tests.support.pages import Client, Page


@pytest.fixture
def event(app: APIFlask) -> str:
    """The public id of a published event with two seats."""
    with app.app_context():
        return make_event(capacity_in_person=2).public_id


def dates(app: APIFlask) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(db.select(Event).order_by(Event.starts_at)))


def test_a_series_is_made_limited_and_shown(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("bob")
    address = f"/desk/events/{event}/series"
    assert "More dates" not in client.page(address).words
    client.send(address, {"times": "2", "weeks": "4", "publish": "y"})
    assert [one.status for one in dates(app)] == ["published"] * 3
    page = client.page(address)
    assert "There are 2 more dates." in page.words
    client.send(f"{address}/limit", {"per_person": "1"})
    with app.app_context():
        series = dates(app)[0].series_id
        assert series is not None
    public = client.page(f"/e/{dates(app)[0].slug}")
    link = next(one for one in public.links() if one.startswith("/series/"))
    words = client.page(link).words
    assert "3 events" in words
    assert "One person can sign up for 1 date." in words
    assert "Одному человеку" in client.page(link, lang="ru").words
    again = Page(client.post(address, data={"times": "2", "weeks": "4"}))
    assert again.status == 409
    assert "already" in again.words


def test_wrong_numbers_are_refused_beside_the_field(client: Client, event: str) -> None:
    client.sign_in("bob")
    address = f"/desk/events/{event}/series"
    for times in ("", "0", "-1", "1000", "two"):
        assert client.post(address, data={"times": times, "weeks": "1"}).status_code == 422
    assert client.post(f"{address}/limit", data={"per_person": "0"}).status_code == 422


def test_a_series_of_drafts_has_no_public_page(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    with app.app_context():
        draft = make_event(publish=False).public_id
    client.send(f"/desk/events/{draft}/series", {"times": "1", "weeks": "1"})
    assert [one.status for one in dates(app)] == ["draft"] * 2
    assert client.get("/series/how-to-ask-for-money").status_code == 404


def test_a_person_is_moved(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("bob")
    client.send(f"/desk/events/{event}/series", {"times": "1", "weeks": "1", "publish": "y"})
    with app.app_context():
        first, second = db.session.scalars(db.select(Event).order_by(Event.starts_at)).all()
        signed_up = sign_up(first, "Pat")
        pat, own, other = signed_up.public_id, f"/r/{manage_token(signed_up)}", second.public_id
    person = f"/desk/people/{pat}"
    assert f"{person}/move" in client.page(person).links()
    assert "2 seats left" in client.page(f"{person}/move").words
    assert client.post(f"{person}/move", data={}).status_code == 422
    there = client.send(f"{person}/move", {"date": other, "tell": "y"}).headers["Location"]
    assert "Moved here from another date" in client.page(there).words
    assert "Moved to another date" in client.page(person).words
    page = client.page(own)
    assert page.h1 == "You have another date now"
    assert "/find" in page.links()
    assert "Sign up again" not in page.words
    with app.app_context():
        states = {one.event_id: one.status for one in db.session.scalars(db.select(Registration))}
        assert states == {first.id: "cancelled", second.id: "confirmed"}
