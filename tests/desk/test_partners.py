"""The desk's pages of partners: who they are, what is kept, their links, and their guests among the people."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from app.catalogue.models import Event, EventPartner
from app.core.db import db
from app.registration.models import Registration
from tests.support.desk_forms import mails
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.partners import add_partner, guest, pools_now

NEW = {"name": "Harbour Bakery", "kind": "partner", "shows": "counts", "seats_in_person": "4"}


@pytest.fixture
def event(app: APIFlask) -> str:
    """The public id of a published event with ten seats, in a month."""
    with app.app_context():
        return make_event(starts_local=local(days=30)).public_id


def event_here() -> Event:
    return db.session.scalars(select(Event)).one()


def address_of_first(client: Client, event: str) -> str:
    links = client.page(f"/desk/events/{event}/partners").links()
    return next(link for link in links if re.fullmatch(rf"/desk/events/{event}/partners/\d+", link))


def test_a_partner_is_added_with_seats_and_gets_two_links(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("bob")
    assert f"/desk/events/{event}/partners" in client.page(f"/desk/events/{event}").links()
    assert "No partners yet" in client.page(f"/desk/events/{event}/partners").words
    form = client.page(f"/desk/events/{event}/partners/new")
    assert form.fields()["release_on"] == (local(days=23)).date().isoformat()
    assert "10 more seats are free for everybody." in form.words
    added = client.send(f"/desk/events/{event}/partners/new", {**form.fields(), **NEW}).headers["Location"]
    page = client.page(added)
    with app.app_context():
        partner = db.session.scalars(select(EventPartner)).one()
        here = event_here()
        assert partner.release_days == 7
        assert pools_now(here)["in_person", None] == (6, 0, 0)
        slug, code = here.slug, partner.code
    assert re.fullmatch(r"[a-z2-9]{10}", code)
    links = page.links()
    assert any(link.endswith(f"/e/{slug}?via={code}") for link in links)
    own = next(link for link in links if "/partner/" in link)
    assert client.page("/" + own.partition("//")[2].partition("/")[2]).h1 == "Guests of Harbour Bakery"
    listed = client.page(f"/desk/events/{event}/partners").words
    assert "4 seats, of which 0 taken" in listed
    assert "Of the free seats 4 are kept for guests of partners." in client.page(f"/desk/events/{event}").words
    assert "0 In the hall" not in listed
    assert "of 10 seats" in client.page(f"/desk/events/{event}").words
    assert "Harbour Bakery" in client.page(f"/e/{slug}").words


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": "", "name_other": ""}, "name", "Please write the partner’s name"),
        ({"seats_in_person": "11"}, "seats_in_person", "Only 10 seats more can be kept"),
        ({"seats_in_person": "many"}, "seats_in_person", "whole number"),
        ({"website": "bakery"}, "website", ""),
        ({"release_on": local(days=40).date().isoformat()}, "release_on", "a day before the event"),
        ({"release_on": local(days=0).date().isoformat()}, "release_on", "later than today"),
        ({"kind": "friend"}, "kind", "one of the answers"),
        ({"organization": "4711"}, "organization", "one of the answers"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
    client: Client, app: APIFlask, event: str, wrong: dict[str, str], field: str, words: str
) -> None:
    client.sign_in("bob")
    address = f"/desk/events/{event}/partners/new"
    typed = {**NEW, "name_other": "Пекарня", **wrong}
    answer = client.post(address, data=typed)
    page = Page(answer)
    assert answer.status_code == 422
    assert words in page.words
    assert any(link.startswith(f"#{field}") for link in page.links())
    assert page.fields()["name_other"] == typed["name_other"]
    with app.app_context():
        assert db.session.scalars(select(EventPartner)).all() == []
        assert pools_now(event_here()) == {("in_person", None): (10, 0, 0)}


def test_an_organization_of_this_site_needs_no_other_name(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("bob")
    page = client.page(f"/desk/events/{event}/partners/new")
    oak = next(one.get("value") for one in page.all("option") if "Oak Library" in "".join(one.itertext()))
    client.send(f"/desk/events/{event}/partners/new", {**NEW, "name": "", "organization": oak, "kind": "co_organizer"})
    assert "Oak Library" in client.page(f"/desk/events/{event}/partners").words
    with app.app_context():
        slug = event_here().slug
    assert "Organized together with Oak Library" in client.page(f"/e/{slug}").words


def test_fewer_seats_ask_before_those_who_wait_are_told(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=3)
        public_id = event.public_id
        add_partner(event, seats_in_person=2)
        for name in ("Ann", "Ben", "Cem"):
            sign_up(event, name, may_wait=True)
    client.sign_in("bob")
    address = address_of_first(client, public_id)
    fields = client.page(address).fields()
    page = Page(client.post(address, data={**fields, "seats_in_person": "1"}))
    assert page.status == 200
    assert "Nothing is saved yet" in page.words
    assert "1 person who waits gets a seat" in page.words
    assert mails(app, "promoted") == []
    client.send(address, page.fields())
    assert mails(app, "promoted") == ["ben@example.net"]
    assert "1 person moves up and is told." in client.page(address).words
    page = client.page(f"{address}/remove")
    assert "1 kept seat that nobody took goes to everybody." in page.words
    assert "1 person who waits gets a seat" in page.words
    client.send(f"{address}/remove")
    assert mails(app, "promoted") == ["ben@example.net", "cem@example.net"]
    assert client.get(address).status_code == 404
    with app.app_context():
        assert pools_now(event_here()) == {("in_person", None): (3, 3, 0)}


def test_seats_that_were_taken_meanwhile_are_not_taken_away(client: Client, app: APIFlask, event: str) -> None:
    with app.app_context():
        here = event_here()
        bakery = add_partner(here, seats_in_person=4)
        for number in range(3):
            guest(here, bakery, f"Guest {number}")
    client.sign_in("bob")
    address = address_of_first(client, event)
    answer = Page(client.post(address, data={**client.page(address).fields(), "seats_in_person": "2"}))
    assert answer.status == 422
    assert "3 of these seats are taken." in answer.words


def test_new_links_end_the_old_ones(client: Client, app: APIFlask, event: str) -> None:
    with app.app_context():
        here = event_here()
        add_partner(here, seats_in_person=1)
        slug = here.slug
    client.sign_in("bob")
    address = address_of_first(client, event)

    def links() -> tuple[str, str]:
        found = client.page(address).links()
        guests = next(link for link in found if "?via=" in link)
        own = next(link for link in found if "/partner/" in link)
        return guests[guests.index("/e/") :], own[own.index("/partner/") :]

    old_link, old_page = links()
    assert "1 seat is kept for guests of Harbour Bakery." in client.page(old_link).words
    client.send(f"{address}/link", {"deed": "page"})
    client.send(f"{address}/link", {"deed": "link"})
    new_link, new_page = links()
    assert {old_link, old_page}.isdisjoint({new_link, new_page})
    assert client.get(old_page).status_code == 404
    assert client.page(new_page).h1 == "Guests of Harbour Bakery"
    assert "kept for guests" not in client.page(old_link).words
    assert "1 seat is kept for guests of Harbour Bakery." in client.page(new_link).words
    assert slug in old_link


def test_guests_are_marked_and_found_among_the_people(client: Client, app: APIFlask, event: str) -> None:
    with app.app_context():
        here = event_here()
        bakery = add_partner(here, seats_in_person=4)
        gus = guest(here, bakery, "Gus").public_id
        sign_up(here, "Ann")
        number = bakery.id
    client.sign_in("bob")
    listed = client.page(f"/desk/events/{event}/people", partner=str(number))
    assert "Gus" in listed.words
    assert "Ann" not in listed.words
    assert "1 person" in listed.words
    assert any("partner=" in link and "status=confirmed" in link for link in listed.links())
    assert "Ann" in client.page(f"/desk/events/{event}/people", partner="4711").words
    assert "Guest of Harbour Bakery" in client.page(f"/desk/people/{gus}").words
    partners = client.page(f"/desk/events/{event}/partners")
    assert f"/desk/events/{event}/people?partner={number}" in partners.links()
    assert "4 seats, of which 1 taken" in partners.words


def test_a_mode_without_a_limit_says_that_it_keeps_none(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=5, capacity_online=None)).public_id
    client.sign_in("bob")
    address = f"/desk/events/{event}/partners/new"
    assert "There is no limit of seats, so none can be kept." in client.page(address).words
    page = Page(client.post(address, data={**NEW, "seats_in_person": "", "seats_online": "3"}))
    assert page.status == 422
    assert "Without a limit of seats nothing can be kept." in page.words


def test_the_form_of_the_event_shows_the_whole_hall_and_says_why_it_cannot_be_smaller(
    client: Client, app: APIFlask, event: str
) -> None:
    with app.app_context():
        add_partner(event_here(), seats_in_person=4)
    client.sign_in("bob")
    address = f"/desk/events/{event}/edit"
    page = client.page(address)
    assert page.fields()["capacity_in_person"] == "10"
    assert "Of these 4 are kept for partners’ guests." in page.words
    values = {**page.fields(), "modes": ["in_person"], "capacity_in_person": "3"}
    values.pop("over_limit", None)
    answer = Page(client.post(address, data=values))
    assert answer.status == 422
    assert "4 seats are kept for partners." in answer.words


def test_what_was_done_stands_in_the_audit(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("bob")
    client.send(f"/desk/events/{event}/partners/new", NEW)
    address = address_of_first(client, event)
    client.send(address, {**NEW, "seats_in_person": "3"})
    client.send(f"{address}/link", {"deed": "link"})
    client.send(f"{address}/remove")
    words = client.page("/desk/audit").words
    for deed in (
        "Added a partner",
        "Changed a partner",
        "Made a new link for a partner’s guests",
        "Removed a partner",
    ):
        assert deed in words
    assert client.page("/desk/audit", lang="ru").words.count("Added a partner") == 0


def test_a_cancelled_event_keeps_its_partners_as_they_are(client: Client, app: APIFlask, event: str) -> None:
    with app.app_context():
        add_partner(event_here())
    client.sign_in("bob")
    address = address_of_first(client, event)
    client.send(f"/desk/events/{event}/cancel", {"reason": "Snow"})
    assert "nothing changes here any more" in client.page(address).words
    assert client.post(address, data=NEW).status_code == 409
    with app.app_context():
        assert db.session.scalars(select(EventPartner.name)).one()["en"] == "Harbour Bakery"
        assert db.session.scalars(select(Registration)).all() == []


def test_a_person_is_added_as_a_guest(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("bob")
    address = f"/desk/events/{event}/people/add"
    assert "Guest of" not in client.page(address).words
    with app.app_context():
        here = event_here()
        number = add_partner(here, seats_in_person=4).id
    assert "Guest of" in client.page(address).words
    values = {"name": "Gus", "phone": "+7 900 000-00-07", "mode": "in_person", "agreed": "y"}
    assert client.post(address, data={**values, "partner": "4711"}).status_code == 422
    added = client.send(address, {**values, "partner": str(number)}).headers["Location"]
    assert "Guest of Harbour Bakery" in client.page(added).words
    with app.app_context():
        assert pools_now(event_here())["in_person", number] == (4, 1, 0)
